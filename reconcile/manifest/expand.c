#include "manifest/decoder.h"

#include <ctype.h>
#include <string.h>

#include "base/suggest.h"
#include "base/unicode.h"
#include "manifest/encoding.h"

/* Over all values of a run: 100,000 values of 64 KiB each would be 6 GiB. */
#define MAX_REPLACED_BYTES ((size_t)256 << 20)

enum { MAX_NAME = 255 };

/* One `${...}` or `$${` in a text. */
struct reference {
    size_t start; /* of its first `$` */
    size_t end;   /* after it; of the text, when nothing closes it */
    size_t name;
    size_t name_len;
    size_t fallback; /* of the default */
    size_t fallback_len;
    bool has_fallback;
    bool is_literal; /* `$${` */
    const char *fault;
};

static size_t find_opening(const char *text, size_t from, size_t len)
{
    for (size_t i = from; i + 1 < len; i++) {
        const char *dollar = memchr(text + i, '$', len - i - 1);
        if (!dollar)
            return len;
        i = (size_t)(dollar - text);
        if (text[i + 1] == '{')
            return i;
    }
    return len;
}

bool rcn_has_variable(const struct rcn_yaml_node *scalar)
{
    return find_opening(scalar->text, 0, scalar->len) < scalar->len;
}

static size_t get_name_len(const char *text, size_t len)
{
    size_t used = 0;
    while (used < len && (isalpha((unsigned char)text[used]) || text[used] == '_' ||
                          (used && isdigit((unsigned char)text[used]))))
        used++;
    return used;
}

/* Reads the reference whose `${` is at opening. */
static struct reference read_reference(const char *text, size_t from, size_t opening, size_t len)
{
    struct reference is = {.start = opening, .end = opening + 2, .name = opening + 2};
    if (opening > from && text[opening - 1] == '$') {
        is.start = opening - 1;
        is.is_literal = true;
        return is;
    }
    const char *close = memchr(text + is.name, '}', len - is.name);
    if (!close) {
        is.fault = "'${' has no closing '}'";
        is.end = len;
        return is;
    }
    size_t inside = (size_t)(close - text) - is.name;
    is.end = is.name + inside + 1;
    is.name_len = get_name_len(text + is.name, inside);
    size_t rest = inside - is.name_len;
    is.fallback = is.name + is.name_len + 2;
    is.has_fallback = rest >= 2 && memcmp(text + is.fallback - 2, ":-", 2) == 0;
    is.fallback_len = is.has_fallback ? rest - 2 : 0;
    if (is.name_len > MAX_NAME)
        is.fault = "the name of this variable is too long";
    else if (!is.name_len || (rest && !is.has_fallback))
        is.fault =
            "a variable is '${NAME}' or '${NAME:-default}', its name letters, digits and '_'";
    else if (find_opening(text + is.fallback, 0, is.fallback_len) < is.fallback_len)
        is.fault = "a default cannot hold another variable";
    return is;
}

/* --- the place of a reference in the source --- */

/* Where a scalar's own characters begin: after the quote, or the line with `|`. */
static size_t get_content_start(const struct rcn_text *text, const struct rcn_yaml_node *scalar)
{
    size_t offset = scalar->offset;
    if (scalar->plain)
        return offset;
    if (!scalar->literal)
        return offset + 1;
    while (offset < text->len && text->bytes[offset] != '\n' && text->bytes[offset] != '\r')
        offset++;
    return offset;
}

/*
 * The n-th `${` of the source from the start of the scalar on is the n-th of its value: folding
 * lines adds and removes none. Only an escape can (`"\x24{"`); then the place is the scalar's own.
 * at is the place of the `${` in the value.
 */
static struct rcn_span find_span(const struct rcn_decoder *decoder,
                                 const struct rcn_yaml_node *scalar, size_t at)
{
    const struct rcn_text *text = decoder->text;
    struct rcn_place place = {
        .offset = scalar->offset, .line = scalar->line, .column = scalar->column};
    size_t offset = find_opening(text->bytes, get_content_start(text, scalar), text->len);
    /* Each look costs a walk over the scalar: not once nothing more can be shown. */
    if (decoder->diags->count == RCN_DIAGS_MAX)
        return rcn_place_get_span(&place, text);
    for (size_t i = find_opening(scalar->text, 0, scalar->len); i < at && offset < text->len;
         i = find_opening(scalar->text, i + 1, scalar->len))
        offset = find_opening(text->bytes, offset + 1, text->len);
    if (offset < text->len)
        rcn_place_move_to_offset(&place, text, offset);
    return rcn_place_get_span(&place, text);
}

/* --- replacing --- */

static const char *suggest(const struct rcn_decoder *decoder, const char *name)
{
    const char *names[RCN_PAIRS_MAX];
    size_t count = decoder->entry ? decoder->entry->shown.count : 0;
    for (size_t i = 0; i < count; i++)
        names[i] = decoder->entry->shown.pairs[i].key;
    const char *near = rcn_suggest(name, names, count);
    return near ? near : rcn_variables_suggest(decoder->variables, name);
}

static void report_undefined(struct rcn_decoder *decoder, struct rcn_span span, const char *name,
                             const struct rcn_slot *slot)
{
    char quoted[RCN_QUOTE_SIZE];
    struct rcn_diag *diag =
        rcn_diags_error(decoder->diags, "undefined-variable", span, "variable '%s' is not defined",
                        rcn_quote(quoted, name));
    const char *near = diag ? suggest(decoder, name) : NULL;
    if (near)
        rcn_diag_set_hint(decoder->diags, diag, "did you mean '%s'?", near);
    else
        rcn_diag_set_hint(decoder->diags, diag,
                          "define it with --var, --var-file or AUDIENCECTL_VAR_%s, or write "
                          "'${%s:-default}'",
                          quoted, quoted);
    rcn_decoder_note_use(decoder, diag, slot->use);
}

static size_t find_in_entry(const struct rcn_entry *entry, const char *name)
{
    for (size_t i = 0; i < entry->shown.count; i++)
        if (strcmp(entry->shown.pairs[i].key, name) == 0)
            return i;
    return SIZE_MAX;
}

/* The value of the reference, or NULL when it has none and that was reported. */
static const char *find_value(struct rcn_decoder *decoder, const struct rcn_slot *slot,
                              const struct reference *is, size_t *ret_len)
{
    const char *text = slot->value->text;
    const struct rcn_entry *entry = decoder->entry;
    char name[MAX_NAME + 1] = "";
    memcpy(name, text + is->name, is->name_len);
    size_t index = entry ? find_in_entry(entry, name) : SIZE_MAX;
    const char *value = NULL;
    if (index != SIZE_MAX) {
        value = entry->shown.pairs[index].value;
        if (!value) { /* the entry's own fault, which was reported there */
            decoder->is_entry_bad = true;
            return NULL;
        }
        if (is->end - is->start == slot->value->len) {
            decoder->of = slot->value;
            decoder->blamed = entry->nodes[index];
        }
    } else if (decoder->variables) {
        value = rcn_variables_get(decoder->variables, name);
    }
    if (is->has_fallback && (!value || !*value)) {
        decoder->of = NULL;
        *ret_len = is->fallback_len;
        return text + is->fallback;
    }
    *ret_len = value ? strlen(value) : 0;
    if (value && rcn_utf8_check(value, *ret_len) == *ret_len)
        return value;
    if (!value && decoder->variables && rcn_variables_is_reported(decoder->variables, name))
        return NULL;
    struct rcn_span span = find_span(decoder, slot->value, is->name - 2);
    if (!value)
        report_undefined(decoder, span, name, slot);
    else
        rcn_diags_error(decoder->diags, "encoding", span,
                        "the value of variable '%.60s' is not UTF-8", name);
    return NULL;
}

static void report_fault(struct rcn_decoder *decoder, const struct rcn_slot *slot,
                         const struct reference *is)
{
    struct rcn_span span = find_span(decoder, slot->value, is->name - 2);
    struct rcn_diag *diag = rcn_diags_error(decoder->diags, "bad-variable", span, "%s", is->fault);
    rcn_diag_set_hint(decoder->diags, diag, "write '$${' for the characters '${' themselves");
    rcn_decoder_note_use(decoder, diag, slot->use);
}

/* Goes on after what is wrong, so that everything is reported. */
static bool replace_all(struct rcn_decoder *decoder, const struct rcn_slot *slot)
{
    struct rcn_buf *out = &decoder->scratch;
    const char *text = slot->value->text;
    size_t len = slot->value->len;
    size_t from = 0;
    bool good = true;
    for (size_t at; (at = find_opening(text, from, len)) < len;) {
        struct reference is = read_reference(text, from, at, len);
        size_t value_len = 2;
        const char *value = "${";
        if (is.fault) {
            report_fault(decoder, slot, &is);
            good = false;
            from = is.end;
            continue;
        }
        if (!is.is_literal)
            value = find_value(decoder, slot, &is, &value_len);
        if (value && value_len + out->len > RCN_VALUE_MAX) {
            rcn_decoder_fault(decoder, slot, RCN_REPORTED_VARIABLE, "limit",
                              "with its variables replaced this value is longer than %d bytes",
                              RCN_VALUE_MAX);
            return false;
        }
        rcn_buf_add(out, text + from, is.start - from);
        rcn_buf_add(out, value ? value : "", value ? value_len : 0);
        good &= value != NULL;
        from = is.end;
    }
    rcn_buf_add(out, text + from, len - from);
    return good;
}

static bool check_total(struct rcn_decoder *decoder, const struct rcn_slot *slot)
{
    decoder->replaced_bytes += decoder->scratch.len;
    if (decoder->replaced_bytes <= MAX_REPLACED_BYTES)
        return true;
    if (!decoder->is_full)
        rcn_decoder_fault(decoder, slot, RCN_REPORTED_VARIABLE, "limit",
                          "variables make more than 256 MiB of text");
    decoder->is_full = true;
    return false;
}

bool rcn_expand(struct rcn_decoder *decoder, const struct rcn_slot *slot)
{
    rcn_buf_clear(&decoder->scratch);
    decoder->of = NULL;
    decoder->is_entry_bad = false;
    if (rcn_node_is_reported(slot->value, RCN_REPORTED_VARIABLE) || decoder->is_full)
        return false;
    if (slot->value->len > RCN_VALUE_MAX) {
        rcn_decoder_fault(decoder, slot, RCN_REPORTED_VARIABLE, "limit",
                          "this value is longer than %d bytes", RCN_VALUE_MAX);
        return false;
    }
    if (replace_all(decoder, slot))
        return check_total(decoder, slot);
    if (!decoder->is_entry_bad) /* another entry may be good */
        rcn_node_report(slot->value, RCN_REPORTED_VARIABLE);
    return false;
}

/* --- what is used --- */

static void mark_scalar(const struct rcn_yaml_node *scalar, struct rcn_variables *variables,
                        const char *const *names, bool *ret_used, size_t count)
{
    size_t from = 0;
    for (size_t at; (at = find_opening(scalar->text, from, scalar->len)) < scalar->len;) {
        struct reference is = read_reference(scalar->text, from, at, scalar->len);
        from = at + 2;
        if (is.is_literal || is.name_len > MAX_NAME)
            continue;
        char name[MAX_NAME + 1] = "";
        memcpy(name, scalar->text + is.name, is.name_len);
        for (size_t i = 0; i < count; i++)
            ret_used[i] = ret_used[i] || strcmp(names[i], name) == 0;
        if (variables)
            rcn_variables_mark_used(variables, name);
    }
}

void rcn_mark_used(const struct rcn_yaml_node *node, struct rcn_variables *variables,
                   const char *const *names, bool *ret_used, size_t count)
{
    if (node->kind == RCN_YAML_SCALAR)
        mark_scalar(node, variables, names, ret_used, count);
    if (node->kind != RCN_YAML_MAPPING && node->kind != RCN_YAML_SEQUENCE)
        return;
    /* Not through aliases: their target is a node of the same document. */
    for (const struct rcn_yaml_node *child = node->first; child; child = child->next)
        rcn_mark_used(child, variables, names, ret_used, count);
}
