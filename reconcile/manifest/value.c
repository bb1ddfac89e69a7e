#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/memory.h"
#include "base/suggest.h"
#include "base/time.h"
#include "base/unicode.h"
#include "manifest/decoder.h"

/* --- reporting --- */

bool rcn_node_is_reported(const struct rcn_yaml_node *node, unsigned bit)
{
    return node->reported >> bit & 1;
}

bool rcn_node_report(struct rcn_yaml_node *node, unsigned bit)
{
    bool first = !rcn_node_is_reported(node, bit);
    node->reported |= UINT32_C(1) << bit;
    return first;
}

struct rcn_span rcn_decoder_get_span(const struct rcn_decoder *self,
                                     const struct rcn_yaml_node *node)
{
    struct rcn_span span = rcn_place_get_span(&node->place, self->text);
    span.entry = self->entry ? &self->entry->shown : NULL;
    return span;
}

void rcn_decoder_note_use(struct rcn_decoder *self, struct rcn_diag *diag,
                          const struct rcn_yaml_node *use)
{
    if (use)
        rcn_diag_set_note(self->diags, diag, rcn_place_get_span(&use->place, self->text),
                          "used here");
}

struct rcn_diag *rcn_decoder_fault(struct rcn_decoder *self, const struct rcn_slot *slot,
                                   unsigned bit, const char *rule, const char *hint,
                                   const char *format, ...)
{
    bool is_entry = self->of == slot->value;
    struct rcn_yaml_node *node = is_entry ? self->blamed : slot->value;
    if (!rcn_node_report(node, bit))
        return NULL;
    char message[512];
    va_list args;
    va_start(args, format);
    vsnprintf(message, sizeof message, format, args);
    va_end(args);
    struct rcn_span span = rcn_place_get_span(&node->place, self->text);
    /* A constant is wrong whatever the entry; a text with variables may be wrong for this one. */
    if (!is_entry && node->kind == RCN_YAML_SCALAR && self->entry && strstr(node->text, "${"))
        span.entry = &self->entry->shown;
    struct rcn_diag *diag = bit < RCN_REPORTED_TEMPLATE
                                ? rcn_diags_error(self->diags, rule, span, "%s", message)
                                : rcn_diags_warning(self->diags, rule, span, "%s", message);
    rcn_decoder_note_use(self, diag, is_entry ? slot->value : slot->use);
    if (hint)
        rcn_diag_set_hint(self->diags, diag, "%s", hint);
    return diag;
}

const char *rcn_quote(char ret[RCN_QUOTE_SIZE], const char *text)
{
    size_t len = strlen(text);
    bool is_cut = len >= RCN_QUOTE_SIZE - 3;
    snprintf(ret, RCN_QUOTE_SIZE, is_cut ? "%.*s..." : "%.*s",
             (int)(is_cut ? rcn_utf8_cut(text, len, RCN_QUOTE_SIZE - 4) : len), text);
    return ret;
}

void *rcn_decoder_reserve(void *items, size_t count, size_t size)
{
    bool is_full = (count & (count - 1)) == 0; /* at 0 and every power of two */
    return is_full ? rcn_realloc(items, (2 * count + 1) * size) : items;
}

/* --- types --- */

static bool is_bare_type(enum rcn_yaml_type type)
{
    return type == RCN_YAML_IS_TRUE || type == RCN_YAML_IS_FALSE || type == RCN_YAML_IS_INTEGER ||
           type == RCN_YAML_IS_FLOAT;
}

/* `'adAccountId' must be a string, not the integer 2024`. */
static struct rcn_diag *report_type(struct rcn_decoder *decoder, const struct rcn_slot *slot,
                                    unsigned bit, const char *what, const char *wanted)
{
    const struct rcn_yaml_node *node = slot->value;
    const char *name = rcn_yaml_type_name(node->type);
    if (node->type == RCN_YAML_IS_BAD)
        return NULL;
    if (node->type == RCN_YAML_IS_MISTAGGED) {
        rcn_decoder_fault(decoder, slot, RCN_REPORTED_SHAPE, "wrong-type", NULL,
                          "this value is not of the type that its tag names");
        return NULL;
    }
    if (node->type == RCN_YAML_IS_UNKNOWN) {
        const char *tag = decoder->text->bytes + node->place.offset;
        size_t len = 0;
        while (node->place.offset + len < decoder->text->len && len < RCN_QUOTE_SIZE &&
               !strchr(" \t\r\n", tag[len]))
            len++;
        rcn_decoder_fault(decoder, slot, RCN_REPORTED_SHAPE, "wrong-type",
                          "remove the tag, or quote a value that begins with '!'",
                          "unknown tag '%.*s'", (int)len, tag);
        return NULL;
    }
    if (is_bare_type(node->type)) {
        char quoted[RCN_QUOTE_SIZE];
        return rcn_decoder_fault(decoder, slot, bit, "wrong-type", NULL,
                                 "%s must be %s, not the %s %s", what, wanted,
                                 strchr(name, ' ') + 1, rcn_quote(quoted, node->text));
    }
    struct rcn_diag *diag = rcn_decoder_fault(decoder, slot, bit, "wrong-type", NULL,
                                              "%s must be %s, not %s", what, wanted, name);
    if (node->type != RCN_YAML_IS_NULL)
        return diag;
    /* Advice that must not lead to the next error: a key that is needed cannot be removed. */
    bool is_optional = false;
    for (size_t i = 0; slot->key && i < RCN_KEY_COUNT; i++)
        is_optional |= rcn_keys[i].is_optional && rcn_yaml_equals(slot->key, rcn_keys[i].name);
    rcn_diag_set_hint(decoder->diags, diag,
                      slot->key && rcn_yaml_equals(slot->key, rcn_keys[RCN_KEY_AUDIENCE_SYNCS].name)
                          ? "an empty list is 'audienceSyncs: []'"
                      : is_optional ? "give it a value, or remove the key"
                                    : "give it a value");
    return diag;
}

bool rcn_value_is(struct rcn_decoder *decoder, const struct rcn_slot *slot, enum rcn_yaml_type type,
                  const char *what)
{
    enum rcn_yaml_type is = slot->value->type;
    if (is == type)
        return true;
    struct rcn_diag *diag =
        report_type(decoder, slot, RCN_REPORTED_SHAPE, what, rcn_yaml_type_name(type));
    if (is == RCN_YAML_IS_MAPPING && type == RCN_YAML_IS_SEQUENCE)
        rcn_diag_set_hint(decoder->diags, diag, "items of a list begin with '-' and a space");
    return false;
}

/* For what people write for the two values of isActive, in YAML 1.1 and elsewhere. */
static void hint_active(struct rcn_decoder *decoder, struct rcn_diag *diag,
                        const struct rcn_yaml_node *node, const char *text)
{
    static const char *const words[] = {"true",  "yes", "on",  "y", "1",
                                        "false", "no",  "off", "n", "0"};
    for (size_t i = 0; i < 10; i++)
        if (strcasecmp(text, words[i]) == 0)
            rcn_diag_set_hint(decoder->diags, diag, "write %s%s", i < 5 ? "true" : "false",
                              node->is_plain ? "" : ", without quotes");
}

/* `{{ brand }}` without quotes is a mapping in a mapping. */
static void hint_braces(struct rcn_decoder *decoder, struct rcn_diag *diag,
                        const struct rcn_yaml_node *node)
{
    char quoted[RCN_QUOTE_SIZE];
    const struct rcn_yaml_node *inner = node->first ? rcn_yaml_resolve(node->first) : NULL;
    const struct rcn_yaml_node *name =
        inner && inner->kind == RCN_YAML_MAPPING ? inner->first : NULL;
    if (!name || name->kind != RCN_YAML_SCALAR)
        return;
    rcn_quote(quoted, name->text);
    for (char *at = quoted; *at; at++)
        if (!isalnum((unsigned char)*at))
            *at = '_';
    rcn_diag_set_hint(decoder->diags, diag,
                      "did you mean '${%s}'? that is how variables are written", quoted);
}

static void report_no_string(struct rcn_decoder *decoder, const struct rcn_slot *slot,
                             enum rcn_key key)
{
    char what[32];
    char quoted[RCN_QUOTE_SIZE];
    const struct rcn_yaml_node *node = slot->value;
    const char *wanted = key == RCN_KEY_FREQUENCY   ? "hourly, daily or weekly"
                         : key == RCN_KEY_UNTIL     ? "a date like 2026-12-31"
                         : key == RCN_KEY_IS_ACTIVE ? "true or false"
                                                    : "a string";
    snprintf(what, sizeof what,
             key == RCN_KEY_LABELS     ? "a label"
             : key == RCN_KEY_FOR_EACH ? "a value of '%s'"
                                       : "'%s'",
             rcn_keys[key].name);
    struct rcn_diag *diag = report_type(decoder, slot, key, what, wanted);
    if (node->type == RCN_YAML_IS_MAPPING) {
        hint_braces(decoder, diag, node);
    } else if (key == RCN_KEY_AD_ACCOUNT_ID && node->type == RCN_YAML_IS_INTEGER) {
        rcn_diag_set_hint(decoder->diags, diag, "did you mean 'act_%s'?",
                          rcn_quote(quoted, node->text));
    } else if (key == RCN_KEY_IS_ACTIVE) {
        hint_active(decoder, diag, node, node->kind == RCN_YAML_SCALAR ? node->text : "");
    } else if (is_bare_type(node->type) && !node->is_tagged && key != RCN_KEY_FREQUENCY &&
               key != RCN_KEY_UNTIL) {
        rcn_diag_set_hint(decoder->diags, diag, "quote it: \"%s\"", rcn_quote(quoted, node->text));
    }
}

/* The text with its variables replaced, until the next is read; NULL when it is wrong. */
static const char *read_text(struct rcn_decoder *decoder, const struct rcn_slot *slot,
                             enum rcn_key key)
{
    const struct rcn_yaml_node *node = slot->value;
    decoder->of = NULL;
    if (node->type == RCN_YAML_IS_BAD || rcn_node_is_reported(node, key))
        return NULL;
    bool is_boolean = node->type == RCN_YAML_IS_TRUE || node->type == RCN_YAML_IS_FALSE;
    if (node->type != RCN_YAML_IS_STRING &&
        !(key == RCN_KEY_FOR_EACH && is_bare_type(node->type)) &&
        !(key == RCN_KEY_IS_ACTIVE && is_boolean)) {
        report_no_string(decoder, slot, key);
        return NULL;
    }
    const char *text = node->text;
    if (strlen(text) < node->len) {
        rcn_decoder_fault(decoder, slot, key, rcn_keys[key].rule, NULL,
                          "'%s' holds a NUL character", rcn_keys[key].name);
        return NULL;
    }
    if (strstr(node->text, "${")) {
        if (!rcn_expand(decoder, slot))
            return NULL;
        text = rcn_buf_get_str(&decoder->scratch);
    }
    if (strlen(text) <= RCN_VALUE_MAX)
        return text;
    rcn_decoder_fault(decoder, slot, key, "limit", NULL, "'%s' is longer than %d bytes",
                      rcn_keys[key].name, RCN_VALUE_MAX);
    return NULL;
}

/* --- names and ids --- */

/* The length of what looks like a placeholder at the start of the text, or 0; short ones only, so
 * that a long text costs one pass. */
static size_t get_placeholder_len(const char *text)
{
    static const char *const pairs[][2] = {{"{{", "}}"}, {"<%", "%>"}, {"@@", "@@"}};
    size_t len = strnlen(text, RCN_QUOTE_SIZE);
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++)
        for (size_t end = 5; end <= len && strncmp(text, pairs[i][0], 2) == 0; end++)
            if (memcmp(text + end - 2, pairs[i][1], 2) == 0)
                return end;
    len = text[0] == '$' ? rcn_variable_get_name_len(text + 1) : 0;
    return len > 1 ? len + 1 : 0;
}

/* Text that another tool should have replaced, or that is meant for us. */
static void warn_of_placeholder(struct rcn_decoder *decoder, const struct rcn_slot *slot,
                                enum rcn_key key, const char *text)
{
    static const char starts[] = "${<@";
    for (const char *at = text + strcspn(text, starts); *at; at += 1 + strcspn(at + 1, starts)) {
        bool is_inside = at > text && (isalnum((unsigned char)at[-1]) || at[-1] == '$'); /* A$AP */
        size_t len = is_inside ? 0 : get_placeholder_len(at);
        if (!len)
            continue;
        rcn_decoder_fault(decoder, slot, RCN_REPORTED_PLACEHOLDER, "placeholder",
                          "variables are written '${NAME}'",
                          "'%s' holds '%.*s', which looks like a placeholder", rcn_keys[key].name,
                          (int)(len < RCN_QUOTE_SIZE ? len : RCN_QUOTE_SIZE), at);
        return;
    }
}

/* Reports a text that is empty or padded, or holds hidden characters or a placeholder. */
static bool check_id(struct rcn_decoder *decoder, const struct rcn_slot *slot, enum rcn_key key,
                     const char *text)
{
    const char *name = rcn_keys[key].name;
    const char *rule = rcn_keys[key].rule;
    enum rcn_text_fault fault = rcn_text_find_fault(text, strlen(text));
    unsigned hidden = rcn_text_find_hidden(text, strlen(text));
    if (key == RCN_KEY_PATTERN && fault != RCN_TEXT_EMPTY)
        fault = hidden ? RCN_TEXT_HIDDEN : RCN_TEXT_GOOD;
    switch (fault) {
    case RCN_TEXT_GOOD:
        break;
    case RCN_TEXT_EMPTY:
        rcn_decoder_fault(decoder, slot, key, rule, NULL, "'%s' is empty", name);
        return false;
    case RCN_TEXT_HIDDEN:
        rcn_decoder_fault(
            decoder, slot, key, rule, NULL, "'%s' holds the %s character U+%04X", name,
            hidden < 0x20 || (hidden >= 0x7f && hidden < 0xa0) ? "control" : "invisible", hidden);
        return false;
    case RCN_TEXT_BEGINS_WITH_SPACE:
    case RCN_TEXT_ENDS_WITH_SPACE:
        rcn_decoder_fault(decoder, slot, key, rule,
                          slot->value->is_block
                              ? "'|' and '>' keep the last line break: write '|-' or '>-'"
                              : NULL,
                          "'%s' %s with white space", name,
                          fault == RCN_TEXT_BEGINS_WITH_SPACE ? "begins" : "ends");
        return false;
    }
    if (key != RCN_KEY_PATTERN)
        warn_of_placeholder(decoder, slot, key, text);
    for (const char *at = text; key == RCN_KEY_COMPANY_ID && *at; at++)
        if (*at <= 0x20 || *at > 0x7e) {
            rcn_decoder_fault(decoder, slot, key, rule, NULL,
                              "'companyId' must be printable ASCII without spaces");
            return false;
        }
    return true;
}

/* --- values with a form of their own --- */

static bool check(struct rcn_decoder *decoder, const struct rcn_slot *slot, enum rcn_key key,
                  const char *text)
{
    char quoted[RCN_QUOTE_SIZE];
    const char *near;
    struct rcn_diag *diag;
    int64_t ms;
    enum rcn_yaml_type type = slot->value->type;
    switch (key) {
    case RCN_KEY_API_VERSION:
    case RCN_KEY_FOR_EACH:
    case RCN_KEY_LABELS:
    case RCN_KEY_REASON:
        return true;
    case RCN_KEY_AD_ACCOUNT_ID:
        if (rcn_ad_account_id_is_valid(text))
            return true;
        diag = rcn_decoder_fault(decoder, slot, key, "bad-ad-account", NULL,
                                 "'adAccountId' must be 'act_' and digits, not '%s'",
                                 rcn_quote(quoted, text));
        if (*text && strlen(text) < RCN_QUOTE_SIZE - 8 && !text[strspn(text, "0123456789")])
            rcn_diag_set_hint(decoder->diags, diag, "did you mean 'act_%s'?", text);
        return false;
    case RCN_KEY_FREQUENCY:
        if (rcn_frequency_find(text))
            return true;
        diag = rcn_decoder_fault(decoder, slot, key, "bad-frequency", NULL,
                                 "'frequency' must be hourly, daily or weekly, not '%s'",
                                 rcn_quote(quoted, text));
        near = diag ? rcn_suggest(quoted, rcn_frequencies, RCN_FREQUENCY_COUNT) : NULL;
        if (near)
            rcn_diag_set_hint(decoder->diags, diag, "did you mean '%s'?", near);
        return false;
    case RCN_KEY_IS_ACTIVE:
        /* A plain `${ACTIVE}` has the type of its value; a quoted one is always a string. */
        if (slot->value->is_plain && strstr(slot->value->text, "${"))
            type = rcn_yaml_get_scalar_type(text, strlen(text));
        if (type == RCN_YAML_IS_TRUE || type == RCN_YAML_IS_FALSE)
            return true;
        diag = rcn_decoder_fault(decoder, slot, key, "wrong-type", NULL,
                                 "'isActive' must be true or false, not the string '%s'",
                                 rcn_quote(quoted, text));
        hint_active(decoder, diag, slot->value, text);
        return false;
    case RCN_KEY_UNTIL:
        if (rcn_date_parse(text, &ms))
            return true;
        rcn_decoder_fault(decoder, slot, key, "bad-date", "write year, month and day: 2026-12-31",
                          "'until' must be a date, not '%s'", rcn_quote(quoted, text));
        return false;
    default:
        return check_id(decoder, slot, key, text);
    }
}

const char *rcn_value_read(struct rcn_decoder *decoder, const struct rcn_slot *slot,
                           enum rcn_key key, struct rcn_span *ret_span)
{
    if (!slot->key)
        return NULL;
    const char *text = read_text(decoder, slot, key);
    if (ret_span)
        *ret_span = decoder->of == slot->value
                        ? rcn_place_get_span(&decoder->blamed->place, decoder->text)
                        : rcn_decoder_get_span(decoder, slot->value);
    if (!text || !check(decoder, slot, key, text))
        return NULL;
    return key == RCN_KEY_FREQUENCY ? rcn_frequency_find(text)
                                    : rcn_arena_strdup(decoder->set->arena, text);
}
