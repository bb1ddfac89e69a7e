#include "manifest/decoder.h"

#include <ctype.h>
#include <string.h>

#include "base/suggest.h"
#include "base/unicode.h"

/* Over all values of a run: 100,000 values of 64 KiB each would be 6 GiB. */
#define MAX_REPLACED_BYTES ((size_t)256 << 20)

enum { MAX_NAME = 255, MAX_CANDIDATES = 1000 };

/* One `${...}` or `$${` in a text. */
struct reference {
    const char *start; /* its first `$` */
    const char *end;   /* after it; the end of the text, when nothing closes it */
    char name[MAX_NAME + 1];
    const char *fallback; /* the default; NULL: none */
    size_t fallback_len;
    bool is_literal;   /* `$${` */
    const char *fault; /* NULL: none */
};

/* Reads the reference whose `${` is at opening, after the text before it that is from. */
static struct reference read_reference(const char *from, const char *opening)
{
    const char *name = opening + 2;
    struct reference is = {.start = opening, .end = name};
    if (opening > from && opening[-1] == '$') {
        is.start = opening - 1;
        is.is_literal = true;
        return is;
    }
    const char *close = strchr(name, '}');
    if (!close) {
        is.fault = "'${' has no closing '}'";
        is.end = name + strlen(name);
        return is;
    }
    const char *rest = name + rcn_variable_get_name_len(name);
    is.end = close + 1;
    if (rest + 1 < close && strncmp(rest, ":-", 2) == 0) {
        is.fallback = rest + 2;
        is.fallback_len = (size_t)(close - is.fallback);
    }
    const char *inner = is.fallback ? strstr(is.fallback, "${") : NULL;
    if (rest - name > MAX_NAME)
        is.fault = "the name of this variable is too long";
    else if (rest == name || (rest < close && !is.fallback))
        is.fault =
            "a variable is '${NAME}' or '${NAME:-default}', its name letters, digits and '_'";
    else if (inner && inner + 1 < close)
        is.fault = "a default cannot hold another variable";
    if (rest - name <= MAX_NAME)
        memcpy(is.name, name, (size_t)(rest - name));
    return is;
}

/* --- the place of a reference in the source --- */

/*
 * The n-th `${` of the source from the start of the scalar on is the n-th of its value: folding
 * lines adds and removes none. Only an escape can (`"\x24{"`); then the place is the scalar's own.
 * at is the place of the `${` in the value.
 */
static struct rcn_span find_span(const struct rcn_decoder *decoder,
                                 const struct rcn_yaml_node *scalar, const char *at)
{
    const struct rcn_text *text = decoder->text;
    struct rcn_place place = scalar->place;
    size_t offset = text->len;
    /* The scalar's own characters begin after the quote, or the line with `|`. */
    size_t from = place.offset + (!scalar->is_plain && !scalar->is_block);
    while (scalar->is_block && from < text->len && !strchr("\r\n", text->bytes[from]))
        from++;
    /* Each look costs a walk over the scalar: not once nothing more can be shown. */
    const char *it = decoder->diags->count < RCN_DIAGS_MAX ? strstr(scalar->text, "${") : NULL;
    for (; it && it <= at; it = strstr(it + 1, "${")) {
        const char *found = memmem(text->bytes + from, text->len - from, "${", 2);
        offset = found ? (size_t)(found - text->bytes) : text->len;
        from = found ? offset + 1 : text->len;
    }
    if (offset < text->len)
        rcn_place_move(&place, text, SIZE_MAX, offset);
    return rcn_place_get_span(&place, text);
}

/* --- replacing --- */

/* The nearest of the names that are defined, or NULL. */
static const char *suggest(const struct rcn_decoder *decoder, const char *name)
{
    const char *names[MAX_CANDIDATES];
    size_t count = decoder->entry ? decoder->entry->shown.count : 0;
    const struct rcn_variable *it = decoder->variables ? decoder->variables->last : NULL;
    for (size_t i = 0; i < count; i++)
        names[i] = decoder->entry->shown.pairs[i].key;
    for (; it && count < MAX_CANDIDATES; it = it->before)
        names[count++] = it->name;
    return rcn_suggest(name, names, count);
}

/* Adds what the reference stands for. False when that is nothing, which was reported. */
static bool add_value(struct rcn_decoder *decoder, const struct rcn_slot *slot,
                      const struct reference *is)
{
    const struct rcn_entry *entry = decoder->entry;
    const struct rcn_variable *variable = rcn_variables_find(decoder->variables, is->name);
    const char *value = variable ? variable->value : NULL;
    bool is_reported = variable || (decoder->variables && decoder->variables->is_incomplete);
    for (size_t i = 0; entry && i < entry->shown.count; i++) {
        if (strcmp(entry->shown.pairs[i].key, is->name) != 0)
            continue;
        value = entry->shown.pairs[i].value;
        if (!value) { /* the entry's own fault, which was reported there */
            decoder->is_entry_bad = true;
            return false;
        }
        if (is->start == slot->value->text && !*is->end) {
            decoder->of = slot->value;
            decoder->blamed = entry->nodes[i];
        }
    }
    if (is->fallback && (!value || !*value)) {
        decoder->of = NULL;
        rcn_buf_add(&decoder->scratch, is->fallback, is->fallback_len);
        return true;
    }
    if (!value && !is_reported) {
        char quoted[RCN_QUOTE_SIZE];
        struct rcn_diag *diag = rcn_diags_error(
            decoder->diags, "undefined-variable", find_span(decoder, slot->value, is->start),
            "variable '%s' is not defined", rcn_quote(quoted, is->name));
        const char *near = diag ? suggest(decoder, is->name) : NULL;
        if (near)
            rcn_diag_set_hint(decoder->diags, diag, "did you mean '%s'?", near);
        else
            rcn_diag_set_hint(decoder->diags, diag,
                              "define it with --var, --var-file or AUDIENCECTL_VAR_%s, or write "
                              "'${%s:-default}'",
                              quoted, quoted);
        rcn_decoder_note_use(decoder, diag, slot->use);
    }
    size_t len = value ? strlen(value) : 0;
    if (value && rcn_utf8_check(value, len) < len) {
        rcn_diags_error(decoder->diags, "encoding", find_span(decoder, slot->value, is->start),
                        "the value of variable '%.60s' is not UTF-8", is->name);
        return false;
    }
    rcn_buf_add(&decoder->scratch, value ? value : "", len);
    return value != NULL;
}

bool rcn_expand(struct rcn_decoder *decoder, const struct rcn_slot *slot)
{
    struct rcn_buf *out = &decoder->scratch;
    const char *from = slot->value->text;
    bool good = true;
    rcn_buf_clear(out);
    decoder->of = NULL;
    decoder->is_entry_bad = false;
    if (rcn_node_is_reported(slot->value, RCN_REPORTED_VARIABLE) || decoder->is_full)
        return false;
    if (slot->value->len > RCN_VALUE_MAX) {
        rcn_decoder_fault(decoder, slot, RCN_REPORTED_VARIABLE, "limit", NULL,
                          "this value is longer than %d bytes", RCN_VALUE_MAX);
        return false;
    }
    /* Goes on after what is wrong, so that everything is reported. */
    for (const char *at; (at = strstr(from, "${"));) {
        struct reference is = read_reference(from, at);
        rcn_buf_add(out, from, (size_t)(is.start - from));
        from = is.end;
        if (is.fault) {
            struct rcn_diag *diag =
                rcn_diags_error(decoder->diags, "bad-variable",
                                find_span(decoder, slot->value, is.start), "%s", is.fault);
            rcn_diag_set_hint(decoder->diags, diag,
                              "write '$${' for the characters '${' themselves");
            rcn_decoder_note_use(decoder, diag, slot->use);
            good = false;
        } else if (is.is_literal) {
            rcn_buf_add_str(out, "${");
        } else {
            good &= add_value(decoder, slot, &is);
        }
        if (out->len > RCN_VALUE_MAX || out->failed) {
            rcn_decoder_fault(decoder, slot, RCN_REPORTED_VARIABLE, "limit", NULL,
                              "with its variables replaced this value is longer than %d bytes",
                              RCN_VALUE_MAX);
            return false;
        }
    }
    rcn_buf_add_str(out, from);
    if (!good && !decoder->is_entry_bad) /* another entry may be good */
        rcn_node_report(slot->value, RCN_REPORTED_VARIABLE);
    decoder->replaced_bytes += good ? out->len : 0;
    if (decoder->replaced_bytes > MAX_REPLACED_BYTES) {
        rcn_decoder_fault(decoder, slot, RCN_REPORTED_VARIABLE, "limit", NULL,
                          "variables make more than 256 MiB of text");
        decoder->is_full = true;
    }
    return good && !decoder->is_full;
}

/* --- what is used --- */

void rcn_mark_used(const struct rcn_yaml_node *node, const struct rcn_variables *variables,
                   const struct rcn_pair *names, bool *ret_used, size_t count)
{
    const char *at = node->kind == RCN_YAML_SCALAR ? strstr(node->text, "${") : NULL;
    for (; at; at = strstr(at + 2, "${")) {
        struct reference is = read_reference(node->text, at);
        struct rcn_variable *variable =
            is.is_literal ? NULL : rcn_variables_find(variables, is.name);
        for (size_t i = 0; i < count && !is.is_literal; i++)
            ret_used[i] |= strcmp(names[i].key, is.name) == 0;
        if (variable)
            variable->is_used = true;
    }
    if (node->kind != RCN_YAML_MAPPING && node->kind != RCN_YAML_SEQUENCE)
        return;
    /* Not through aliases: their target is a node of the same document. */
    for (const struct rcn_yaml_node *child = node->first; child; child = child->next)
        rcn_mark_used(child, variables, names, ret_used, count);
}
