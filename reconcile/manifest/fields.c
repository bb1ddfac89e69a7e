#include "manifest/fields.h"

#include <stdio.h>
#include <string.h>

#include "base/characters.h"
#include "base/suggest.h"
#include "base/time.h"
#include "manifest/expand.h"
#include "manifest/scalar.h"

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
        return "bad-text";
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
        rcn_decoder_fault(decoder, slot, RCN_TOLD_SHAPE, "wrong-type",
                          "this value is not of the type that its tag names");
        return;
    }
    const char *tag = decoder->text->bytes + node->offset;
    size_t len = 0;
    while (node->offset + len < decoder->text->len && !strchr(" \t\r\n", tag[len]))
        len++;
    char quoted[RCN_QUOTE_SIZE];
    struct rcn_diag *diag = rcn_decoder_fault(decoder, slot, RCN_TOLD_SHAPE, "wrong-type",
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
                             wanted, strchr(name, ' ') + 1,
                             rcn_quote(quoted, slot->value->text, slot->value->len));
}

static void hint_null(struct rcn_decoder *decoder, struct rcn_diag *diag)
{
    rcn_diag_set_hint(decoder->diags, diag, "give it a value, or remove the key");
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
        report_type(decoder, slot, RCN_TOLD_SHAPE, what, rcn_yaml_type_name(type));
    if (is == RCN_YAML_IS_NULL && slot->key)
        hint_null(decoder, diag);
    else if (is == RCN_YAML_IS_MAPPING && type == RCN_YAML_IS_SEQUENCE)
        rcn_diag_set_hint(decoder->diags, diag, "items of a list begin with '-' and a space");
    return false;
}

static void report_no_string(struct rcn_decoder *decoder, const struct rcn_slot *slot,
                             enum rcn_field field)
{
    char what[32];
    enum rcn_yaml_type type = rcn_yaml_get_type(slot->value);
    if (type == RCN_YAML_IS_MISTAGGED) {
        report_tag(decoder, slot);
        return;
    }
    const char *wanted = field == RCN_FIELD_FREQUENCY ? "hourly, daily or weekly"
                         : field == RCN_FIELD_UNTIL   ? "a date like 2026-12-31"
                                                      : "a string";
    snprintf(what, sizeof what, "'%s'", rcn_field_names[field]);
    struct rcn_diag *diag = report_type(decoder, slot, field, what, wanted);
    char quoted[RCN_QUOTE_SIZE];
    rcn_quote(quoted, slot->value->kind == RCN_YAML_SCALAR ? slot->value->text : "",
              slot->value->kind == RCN_YAML_SCALAR ? slot->value->len : 0);
    if (type == RCN_YAML_IS_NULL)
        hint_null(decoder, diag);
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

static bool is_short_enough(struct rcn_decoder *decoder, const struct rcn_slot *slot,
                            enum rcn_field field, size_t len)
{
    if (len <= RCN_VALUE_MAX)
        return true;
    rcn_decoder_fault(decoder, slot, field, "limit", "'%s' is longer than %d bytes",
                      rcn_field_names[field], RCN_VALUE_MAX);
    return false;
}

/* False when the value is no string, or was told to be wrong. */
static bool read_view(struct rcn_decoder *decoder, const struct rcn_slot *slot,
                      enum rcn_field field, struct view *ret)
{
    struct rcn_yaml_node *node = slot->value;
    enum rcn_yaml_type type = rcn_yaml_get_type(node);
    if (type == RCN_YAML_IS_BAD || rcn_node_is_told(node, field))
        return false;
    if (type != RCN_YAML_IS_STRING) {
        report_no_string(decoder, slot, field);
        return false;
    }
    *ret = (struct view){.text = node->text, .len = node->len};
    if (rcn_has_variable(node)) {
        if (!rcn_expand(decoder, slot))
            return false;
        *ret =
            (struct view){.text = rcn_buf_get_str(&decoder->scratch), .len = decoder->scratch.len};
    }
    if (!is_short_enough(decoder, slot, field, ret->len))
        return false;
    if (!memchr(ret->text, '\0', ret->len))
        return true;
    rcn_decoder_fault(decoder, slot, field, get_rule(field), "'%s' holds a NUL character",
                      rcn_field_names[field]);
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

/* --- characters --- */

/* Tells of a value that is empty or padded, or holds what nobody sees. */
static bool check_characters(struct rcn_decoder *decoder, const struct rcn_slot *slot,
                             enum rcn_field field, struct view view, bool may_be_padded)
{
    const char *name = rcn_field_names[field];
    const char *rule = get_rule(field);
    struct rcn_diag *diag = NULL;
    if (!view.len) {
        rcn_decoder_fault(decoder, slot, field, rule, "'%s' is empty", name);
        return false;
    }
    if (!may_be_padded && (rcn_text_begins_with_space(view.text, view.len) ||
                           rcn_text_ends_with_space(view.text, view.len))) {
        bool first = rcn_text_begins_with_space(view.text, view.len);
        diag = rcn_decoder_fault(decoder, slot, field, rule, "'%s' %s with white space", name,
                                 first ? "begins" : "ends");
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

const char *rcn_field_read_name(struct rcn_decoder *decoder, const struct rcn_slot *slot)
{
    struct view view;
    if (!read_view(decoder, slot, RCN_FIELD_AUDIENCE_NAME, &view) ||
        !check_characters(decoder, slot, RCN_FIELD_AUDIENCE_NAME, view, false))
        return NULL;
    return rcn_decoder_keep(decoder, view.text, view.len);
}

const char *rcn_field_read_glob(struct rcn_decoder *decoder, const struct rcn_slot *slot)
{
    struct view view;
    if (!read_view(decoder, slot, RCN_FIELD_AUDIENCE_NAME, &view) ||
        !check_characters(decoder, slot, RCN_FIELD_AUDIENCE_NAME, view, true))
        return NULL;
    return rcn_decoder_keep(decoder, view.text, view.len);
}

const char *rcn_field_read_id(struct rcn_decoder *decoder, const struct rcn_slot *slot,
                              enum rcn_field field)
{
    struct view view;
    if (!read_view(decoder, slot, field, &view) ||
        !check_characters(decoder, slot, field, view, false))
        return NULL;
    /* Many syncs share a template or a company; segments and pins are mostly each their own. */
    if (field == RCN_FIELD_SEGMENT_ID || field == RCN_FIELD_ID)
        return rcn_decoder_keep(decoder, view.text, view.len);
    return rcn_decoder_intern(decoder, view.text, view.len);
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
                      "'companyId' may hold printable ASCII only, without spaces");
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
        hint_null(decoder, diag);
}

/* A plain `${ACTIVE}` is typed as if its value stood there; a quoted one is a string for ever. */
static enum rcn_tristate read_replaced_active(struct rcn_decoder *decoder,
                                              const struct rcn_slot *slot)
{
    if (!rcn_expand(decoder, slot))
        return RCN_ABSENT;
    struct view view = {.text = rcn_buf_get_str(&decoder->scratch), .len = decoder->scratch.len};
    enum rcn_scalar_type type = rcn_scalar_get_type(view.text, view.len);
    if (slot->value->plain && type == RCN_SCALAR_TRUE)
        return RCN_TRUE;
    if (slot->value->plain && type == RCN_SCALAR_FALSE)
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
    if (type == RCN_YAML_IS_BAD || rcn_node_is_told(node, RCN_FIELD_IS_ACTIVE))
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
