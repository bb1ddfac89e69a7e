#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "base/characters.h"
#include "base/suggest.h"
#include "base/time.h"
#include "manifest/decoder.h"

/* The rule that a bad value of the field breaks. */
static const char *get_rule(enum rcn_field field)
{
    switch (field) {
    case RCN_FIELD_AUDIENCE_NAME:
        return "bad-name";
    case RCN_FIELD_AD_ACCOUNT_ID:
        return "bad-ad-account";
    case RCN_FIELD_FREQUENCY:
        return "bad-frequency";
    case RCN_FIELD_API_VERSION:
        return "api-version";
    case RCN_FIELD_UNTIL:
        return "bad-date";
    case RCN_FIELD_REASON:
    case RCN_FIELD_FOR_EACH:
        return "bad-text";
    case RCN_FIELD_LABELS:
        return "bad-label";
    default:
        return "bad-id";
    }
}

/* --- types --- */

static bool is_scalar_type(enum rcn_yaml_type type)
{
    return type == RCN_YAML_IS_TRUE || type == RCN_YAML_IS_FALSE || type == RCN_YAML_IS_INTEGER ||
           type == RCN_YAML_IS_FLOAT;
}

static void report_tag(struct rcn_decoder *decoder, const struct rcn_slot *slot)
{
    const struct rcn_yaml_node *node = slot->value;
    if (node->tag != RCN_YAML_TAG_OTHER) {
        rcn_decoder_fault(decoder, slot, RCN_REPORTED_SHAPE, "wrong-type",
                          "this value is not of the type that its tag names");
        return;
    }
    const char *tag = decoder->text->bytes + node->offset;
    size_t len = 0;
    while (node->offset + len < decoder->text->len && !strchr(" \t\r\n", tag[len]))
        len++;
    char quoted[RCN_QUOTE_SIZE];
    struct rcn_diag *diag = rcn_decoder_fault(decoder, slot, RCN_REPORTED_SHAPE, "wrong-type",
                                              "unknown tag '%s'", rcn_quote(quoted, tag, len));
    rcn_diag_set_hint(decoder->diags, diag,
                      "remove the tag, or quote a value that begins with '!'");
}

/* `'adAccountId' must be a string, not the integer 2024`. */
static struct rcn_diag *report_type(struct rcn_decoder *decoder, const struct rcn_slot *slot,
                                    unsigned bit, const char *what, const char *wanted)
{
    enum rcn_yaml_type type = rcn_yaml_get_type(slot->value);
    const char *name = rcn_yaml_type_name(type);
    char quoted[RCN_QUOTE_SIZE];
    if (!is_scalar_type(type))
        return rcn_decoder_fault(decoder, slot, bit, "wrong-type", "%s must be %s, not %s", what,
                                 wanted, name);
    return rcn_decoder_fault(decoder, slot, bit, "wrong-type", "%s must be %s, not the %s %s", what,
                             wanted, strchr(name, ' ') + 1, rcn_quote_node(quoted, slot->value));
}

/* Advice that must not lead to the next error: a key that is needed cannot be removed. */
static void hint_null(struct rcn_decoder *decoder, struct rcn_diag *diag,
                      const struct rcn_slot *slot)
{
    static const enum rcn_field optional[] = {
        RCN_FIELD_COMPANY_ID, RCN_FIELD_DEFAULTS, RCN_FIELD_FREQUENCY, RCN_FIELD_IS_ACTIVE,
        RCN_FIELD_LABELS,     RCN_FIELD_ID,       RCN_FIELD_REPLACES,  RCN_FIELD_REASON,
        RCN_FIELD_UNTIL,      RCN_FIELD_FOR_EACH};
    const char *more = "";
    for (size_t i = 0; i < sizeof optional / sizeof *optional; i++)
        if (slot->key && rcn_yaml_equals(slot->key, rcn_field_names[optional[i]]))
            more = ", or remove the key";
    if (slot->key && rcn_yaml_equals(slot->key, rcn_field_names[RCN_FIELD_AUDIENCE_SYNCS]))
        rcn_diag_set_hint(decoder->diags, diag, "an empty list is 'audienceSyncs: []'");
    else
        rcn_diag_set_hint(decoder->diags, diag, "give it a value%s", more);
}

/* `{{ brand }}` without quotes is a mapping in a mapping. */
static void hint_braces(struct rcn_decoder *decoder, struct rcn_diag *diag,
                        const struct rcn_yaml_node *node)
{
    const struct rcn_yaml_node *inner = node->first ? rcn_yaml_resolve(node->first) : NULL;
    const struct rcn_yaml_node *name =
        inner && inner->kind == RCN_YAML_MAPPING && inner->first ? inner->first : NULL;
    char quoted[RCN_QUOTE_SIZE];
    if (!name || name->kind != RCN_YAML_SCALAR)
        return;
    rcn_quote_node(quoted, name);
    for (char *at = quoted; *at; at++)
        if (!isalnum((unsigned char)*at))
            *at = '_';
    rcn_diag_set_hint(decoder->diags, diag,
                      "did you mean '${%s}'? that is how variables are written", quoted);
}

bool rcn_slot_is(struct rcn_decoder *decoder, const struct rcn_slot *slot, enum rcn_yaml_type type,
                 const char *what)
{
    enum rcn_yaml_type is = rcn_yaml_get_type(slot->value);
    if (is == type)
        return true;
    if (is == RCN_YAML_IS_BAD)
        return false;
    if (is == RCN_YAML_IS_MISTAGGED) {
        report_tag(decoder, slot);
        return false;
    }
    struct rcn_diag *diag =
        report_type(decoder, slot, RCN_REPORTED_SHAPE, what, rcn_yaml_type_name(type));
    if (is == RCN_YAML_IS_NULL)
        hint_null(decoder, diag, slot);
    else if (is == RCN_YAML_IS_MAPPING && type == RCN_YAML_IS_SEQUENCE)
        rcn_diag_set_hint(decoder->diags, diag, "items of a list begin with '-' and a space");
    return false;
}

static void report_no_string(struct rcn_decoder *decoder, const struct rcn_slot *slot,
                             enum rcn_field field)
{
    char what[32];
    char quoted[RCN_QUOTE_SIZE];
    enum rcn_yaml_type type = rcn_yaml_get_type(slot->value);
    if (type == RCN_YAML_IS_MISTAGGED) {
        report_tag(decoder, slot);
        return;
    }
    const char *wanted = field == RCN_FIELD_FREQUENCY ? "hourly, daily or weekly"
                         : field == RCN_FIELD_UNTIL   ? "a date like 2026-12-31"
                                                      : "a string";
    snprintf(what, sizeof what, field == RCN_FIELD_LABELS ? "a label" : "'%s'",
             rcn_field_names[field]);
    struct rcn_diag *diag = report_type(decoder, slot, field, what, wanted);
    rcn_quote_node(quoted, slot->value);
    if (type == RCN_YAML_IS_NULL)
        hint_null(decoder, diag, slot);
    else if (type == RCN_YAML_IS_MAPPING)
        hint_braces(decoder, diag, slot->value);
    else if (field == RCN_FIELD_AD_ACCOUNT_ID && type == RCN_YAML_IS_INTEGER)
        rcn_diag_set_hint(decoder->diags, diag, "did you mean 'act_%s'?", quoted);
    else if (is_scalar_type(type) && slot->value->tag == RCN_YAML_TAG_NONE &&
             field != RCN_FIELD_FREQUENCY && field != RCN_FIELD_UNTIL)
        rcn_diag_set_hint(decoder->diags, diag, "quote it: \"%s\"", quoted);
}

/* --- strings --- */

/* A value with its variables replaced; not NUL-terminated. */
struct view {
    const char *text;
    size_t len;
};

/* The text with its variables replaced; false when that, or the text itself, is wrong. */
static bool replace(struct rcn_decoder *decoder, const struct rcn_slot *slot, enum rcn_field field,
                    struct view *ret)
{
    struct rcn_yaml_node *node = slot->value;
    const char *name = rcn_field_names[field];
    *ret = (struct view){.text = node->text, .len = node->len};
    decoder->of = NULL;
    if (rcn_has_variable(node)) {
        if (!rcn_expand(decoder, slot))
            return false;
        *ret =
            (struct view){.text = rcn_buf_get_str(&decoder->scratch), .len = decoder->scratch.len};
    }
    if (ret->len > RCN_VALUE_MAX)
        rcn_decoder_fault(decoder, slot, field, "limit", "'%s' is longer than %d bytes", name,
                          RCN_VALUE_MAX);
    else if (memchr(ret->text, '\0', ret->len))
        rcn_decoder_fault(decoder, slot, field, get_rule(field), "'%s' holds a NUL character",
                          name);
    else
        return true;
    return false;
}

/* False when the value is no string, or is wrong, which was reported. */
static bool read_view(struct rcn_decoder *decoder, const struct rcn_slot *slot,
                      enum rcn_field field, struct view *ret)
{
    enum rcn_yaml_type type = rcn_yaml_get_type(slot->value);
    decoder->of = NULL;
    if (type == RCN_YAML_IS_BAD || rcn_node_is_reported(slot->value, field))
        return false;
    if (type == RCN_YAML_IS_STRING)
        return replace(decoder, slot, field, ret);
    report_no_string(decoder, slot, field);
    return false;
}

const char *rcn_field_read_text(struct rcn_decoder *decoder, const struct rcn_slot *slot,
                                enum rcn_field field)
{
    struct view view;
    if (!read_view(decoder, slot, field, &view))
        return NULL;
    return rcn_decoder_intern(decoder, view.text, view.len);
}

const char *rcn_field_read_scalar(struct rcn_decoder *decoder, const struct rcn_slot *slot)
{
    struct view view;
    enum rcn_yaml_type type = rcn_yaml_get_type(slot->value);
    bool is_scalar = slot->value->kind == RCN_YAML_SCALAR;
    if (!is_scalar || type == RCN_YAML_IS_NULL || type == RCN_YAML_IS_MISTAGGED) {
        if (type == RCN_YAML_IS_MISTAGGED)
            report_tag(decoder, slot);
        else if (type != RCN_YAML_IS_BAD)
            report_type(decoder, slot, RCN_FIELD_FOR_EACH, "a value of 'forEach'", "a string");
        return NULL;
    }
    if (!replace(decoder, slot, RCN_FIELD_FOR_EACH, &view))
        return NULL;
    return rcn_arena_strndup(decoder->set->arena, view.text, view.len);
}

/* --- characters --- */

/* Reports a value that is empty or padded, or holds what no one sees. */
static bool check_characters(struct rcn_decoder *decoder, const struct rcn_slot *slot,
                             enum rcn_field field, struct view view, bool may_be_padded)
{
    const char *name = rcn_field_names[field];
    const char *rule = get_rule(field);
    if (!view.len) {
        rcn_decoder_fault(decoder, slot, field, rule, "'%s' is empty", name);
        return false;
    }
    bool begins = rcn_text_begins_with_space(view.text, view.len);
    if (!may_be_padded && (begins || rcn_text_ends_with_space(view.text, view.len))) {
        struct rcn_diag *diag =
            rcn_decoder_fault(decoder, slot, field, rule, "'%s' %s with white space", name,
                              begins ? "begins" : "ends");
        if (slot->value->literal)
            rcn_diag_set_hint(decoder->diags, diag,
                              "'|' and '>' keep the last line break: write '|-' or '>-'");
        return false;
    }
    unsigned hidden = rcn_text_find_hidden(view.text, view.len);
    if (!hidden)
        return true;
    rcn_decoder_fault(decoder, slot, field, rule, "'%s' holds the %s character U+%04X", name,
                      hidden < 0x20 || (hidden >= 0x7f && hidden < 0xa0) ? "control" : "invisible",
                      hidden);
    return false;
}

/* --- placeholders of other tools --- */

/* The length of what looks like a placeholder at the start of the text, or 0; short ones only, so
 * that a long text costs one pass. */
static size_t get_placeholder_len(const char *text, size_t len)
{
    static const char *const pairs[][2] = {{"{{", "}}"}, {"<%", "%>"}, {"@@", "@@"}};
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++)
        for (size_t end = 5; end <= len && end <= RCN_QUOTE_SIZE; end++)
            if (memcmp(text, pairs[i][0], 2) == 0 && memcmp(text + end - 2, pairs[i][1], 2) == 0)
                return end;
    size_t used = 1;
    if (text[0] != '$')
        return 0;
    while (used < len && (isalpha((unsigned char)text[used]) || text[used] == '_' ||
                          (used > 1 && isdigit((unsigned char)text[used]))))
        used++;
    return used > 2 ? used : 0;
}

/* Text that another tool should have replaced, or that is meant for us. */
static void warn_of_placeholder(struct rcn_decoder *decoder, const struct rcn_slot *slot,
                                enum rcn_field field, struct view view)
{
    size_t at = 0;
    size_t found = 0;
    if (!memchr(view.text, '$', view.len) && !memchr(view.text, '{', view.len) &&
        !memchr(view.text, '<', view.len) && !memchr(view.text, '@', view.len))
        return;
    for (; at < view.len && !found; at += !found) {
        bool is_inside = at && (isalnum((unsigned char)view.text[at - 1]) ||
                                view.text[at - 1] == '$'); /* A$AP */
        found = is_inside ? 0 : get_placeholder_len(view.text + at, view.len - at);
    }
    struct rcn_yaml_node *node = decoder->of == slot->value ? decoder->blamed : slot->value;
    if (!found || !rcn_node_report(node, RCN_REPORTED_PLACEHOLDER))
        return;
    char quoted[RCN_QUOTE_SIZE];
    struct rcn_diag *diag =
        rcn_diags_warning(decoder->diags, "placeholder", rcn_decoder_get_value_span(decoder, slot),
                          "'%s' holds '%s', which looks like a placeholder", rcn_field_names[field],
                          rcn_quote(quoted, view.text + at, found));
    rcn_diag_set_hint(decoder->diags, diag, "variables are written '${NAME}'");
    rcn_decoder_note_use(decoder, diag, slot->use);
}

const char *rcn_field_read_id(struct rcn_decoder *decoder, const struct rcn_slot *slot,
                              enum rcn_field field)
{
    struct view view;
    if (!read_view(decoder, slot, field, &view) ||
        !check_characters(decoder, slot, field, view, false))
        return NULL;
    warn_of_placeholder(decoder, slot, field, view);
    /* Many syncs share a template, a company or an ad account; the others are mostly each their
     * own. */
    if (field == RCN_FIELD_AUDIENCE_NAME || field == RCN_FIELD_SEGMENT_ID || field == RCN_FIELD_ID)
        return rcn_arena_strndup(decoder->set->arena, view.text, view.len);
    return rcn_decoder_intern(decoder, view.text, view.len);
}

const char *rcn_field_read_pattern(struct rcn_decoder *decoder, const struct rcn_slot *slot)
{
    struct view view;
    if (!read_view(decoder, slot, RCN_FIELD_AUDIENCE_NAME, &view) ||
        !check_characters(decoder, slot, RCN_FIELD_AUDIENCE_NAME, view, true))
        return NULL;
    return rcn_arena_strndup(decoder->set->arena, view.text, view.len);
}

static bool is_header_text(const char *text)
{
    for (; *text; text++)
        if (*text <= 0x20 || *text > 0x7e)
            return false;
    return true;
}

const char *rcn_field_read_company(struct rcn_decoder *decoder, const struct rcn_slot *slot)
{
    const char *company = rcn_field_read_id(decoder, slot, RCN_FIELD_COMPANY_ID);
    if (!company || is_header_text(company))
        return company;
    rcn_decoder_fault(decoder, slot, RCN_FIELD_COMPANY_ID, "bad-id",
                      "'companyId' must be printable ASCII without spaces");
    return NULL;
}

/* --- fields with a form of their own --- */

const char *rcn_field_read_ad_account(struct rcn_decoder *decoder, const struct rcn_slot *slot)
{
    char quoted[RCN_QUOTE_SIZE];
    const char *account = rcn_field_read_text(decoder, slot, RCN_FIELD_AD_ACCOUNT_ID);
    if (!account || rcn_ad_account_id_is_valid(account))
        return account;
    size_t len = strlen(account);
    struct rcn_diag *diag = rcn_decoder_fault(
        decoder, slot, RCN_FIELD_AD_ACCOUNT_ID, "bad-ad-account",
        "'adAccountId' must be 'act_' and digits, not '%s'", rcn_quote(quoted, account, len));
    if (len && len < RCN_QUOTE_SIZE - 8 && strspn(account, "0123456789") == len)
        rcn_diag_set_hint(decoder->diags, diag, "did you mean 'act_%s'?", account);
    return NULL;
}

const char *rcn_field_read_frequency(struct rcn_decoder *decoder, const struct rcn_slot *slot)
{
    char quoted[RCN_QUOTE_SIZE];
    const char *text = rcn_field_read_text(decoder, slot, RCN_FIELD_FREQUENCY);
    const char *frequency = text ? rcn_frequency_find(text) : NULL;
    if (!text || frequency)
        return frequency;
    struct rcn_diag *diag = rcn_decoder_fault(decoder, slot, RCN_FIELD_FREQUENCY, "bad-frequency",
                                              "'frequency' must be hourly, daily or weekly, not "
                                              "'%s'",
                                              rcn_quote(quoted, text, strlen(text)));
    const char *near = diag ? rcn_suggest(quoted, rcn_frequencies, RCN_FREQUENCY_COUNT) : NULL;
    if (near)
        rcn_diag_set_hint(decoder->diags, diag, "did you mean '%s'?", near);
    return NULL;
}

/* What people write for the two values, in YAML 1.1 and elsewhere. */
static const char *guess_boolean(const char *text, size_t len)
{
    static const struct {
        const char *word;
        const char *meant;
    } words[] = {{"true", "true"}, {"yes", "true"},    {"on", "true"},  {"y", "true"},
                 {"1", "true"},    {"false", "false"}, {"no", "false"}, {"off", "false"},
                 {"n", "false"},   {"0", "false"}};
    char word[8] = "";
    if (len >= sizeof word)
        return NULL;
    for (size_t i = 0; i < len; i++)
        word[i] = (char)(text[i] >= 'A' && text[i] <= 'Z' ? text[i] - 'A' + 'a' : text[i]);
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (strcmp(word, words[i].word) == 0)
            return words[i].meant;
    return NULL;
}

static struct rcn_diag *report_string(struct rcn_decoder *decoder, const struct rcn_slot *slot,
                                      struct view view)
{
    char quoted[RCN_QUOTE_SIZE];
    return rcn_decoder_fault(decoder, slot, RCN_FIELD_IS_ACTIVE, "wrong-type",
                             "'isActive' must be true or false, not the string '%s'",
                             rcn_quote(quoted, view.text, view.len));
}

static void report_no_boolean(struct rcn_decoder *decoder, const struct rcn_slot *slot,
                              struct view view)
{
    enum rcn_yaml_type type = rcn_yaml_get_type(slot->value);
    struct rcn_diag *diag =
        type == RCN_YAML_IS_STRING
            ? report_string(decoder, slot, view)
            : report_type(decoder, slot, RCN_FIELD_IS_ACTIVE, "'isActive'", "true or false");
    const char *meant = guess_boolean(view.text, view.len);
    if (meant)
        rcn_diag_set_hint(decoder->diags, diag, "write %s%s", meant,
                          slot->value->plain ? "" : ", without quotes");
    else if (type == RCN_YAML_IS_NULL)
        hint_null(decoder, diag, slot);
}

/* A plain `${ACTIVE}` has the type of its value; a quoted one is a string for ever. */
static enum rcn_tristate read_replaced_active(struct rcn_decoder *decoder,
                                              const struct rcn_slot *slot)
{
    if (!rcn_expand(decoder, slot))
        return RCN_ABSENT;
    struct view view = {.text = rcn_buf_get_str(&decoder->scratch), .len = decoder->scratch.len};
    enum rcn_yaml_type type = rcn_yaml_get_scalar_type(view.text, view.len);
    if (slot->value->plain && type == RCN_YAML_IS_TRUE)
        return RCN_TRUE;
    if (slot->value->plain && type == RCN_YAML_IS_FALSE)
        return RCN_FALSE;
    report_no_boolean(decoder, slot, view);
    return RCN_ABSENT;
}

enum rcn_tristate rcn_field_read_active(struct rcn_decoder *decoder, const struct rcn_slot *slot)
{
    const struct rcn_yaml_node *node = slot->value;
    enum rcn_yaml_type type = rcn_yaml_get_type(node);
    if (type == RCN_YAML_IS_TRUE)
        return RCN_TRUE;
    if (type == RCN_YAML_IS_FALSE)
        return RCN_FALSE;
    if (type == RCN_YAML_IS_BAD || rcn_node_is_reported(node, RCN_FIELD_IS_ACTIVE))
        return RCN_ABSENT;
    if (type == RCN_YAML_IS_MISTAGGED) {
        report_tag(decoder, slot);
        return RCN_ABSENT;
    }
    if (type == RCN_YAML_IS_STRING && rcn_has_variable(node))
        return read_replaced_active(decoder, slot);
    bool is_scalar = node->kind == RCN_YAML_SCALAR;
    report_no_boolean(
        decoder, slot,
        (struct view){.text = is_scalar ? node->text : "", .len = is_scalar ? node->len : 0});
    return RCN_ABSENT;
}

const char *rcn_field_read_date(struct rcn_decoder *decoder, const struct rcn_slot *slot,
                                int64_t *ret_ms)
{
    char quoted[RCN_QUOTE_SIZE];
    const char *text = rcn_field_read_text(decoder, slot, RCN_FIELD_UNTIL);
    if (!text || rcn_date_parse(text, ret_ms))
        return text;
    struct rcn_diag *diag = rcn_decoder_fault(decoder, slot, RCN_FIELD_UNTIL, "bad-date",
                                              "'until' must be a date, not '%s'",
                                              rcn_quote(quoted, text, strlen(text)));
    rcn_diag_set_hint(decoder->diags, diag, "write year, month and day: 2026-12-31");
    return NULL;
}
