#include <ctype.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/memory.h"
#include "base/suggest.h"
#include "base/unicode.h"
#include "manifest/decoder.h"

extern char **environ;

#define ENVIRONMENT_PREFIX "AUDIENCECTL_VAR_"
#define NAME_HINT "a name is letters, digits and '_', no digit first"

enum { MAX_FILE_BYTES = 1 << 20, MAX_NAME = 255, MAX_CANDIDATES = 1000 };
#define MAX_ARENA_BYTES ((size_t)256 << 20)
/* Over all values of a run: 100,000 values of 64 KiB each would be 6 GiB. */
#define MAX_REPLACED_BYTES ((size_t)256 << 20)

size_t rcn_variable_get_name_len(const char *text)
{
    size_t len = 0;
    while (isalpha((unsigned char)text[len]) || text[len] == '_' ||
           (len && isdigit((unsigned char)text[len])))
        len++;
    return len;
}

/* A later definition of the same origin wins. */
static void define(struct rcn_variables *variables, enum rcn_variable_origin origin,
                   const char *name, size_t name_len, const char *value, struct rcn_span span)
{
    const struct rcn_variable *known = rcn_strmap_get(variables->map, name, name_len);
    if (known && known->origin > origin)
        return;
    struct rcn_variable *variable = rcn_arena_alloc(variables->arena, sizeof *variable);
    *variable =
        (struct rcn_variable){.before = variables->last,
                              .origin = origin,
                              .name = rcn_arena_strndup(variables->arena, name, name_len),
                              .value = value ? rcn_arena_strdup(variables->arena, value) : NULL,
                              .span = span};
    variables->last = variable;
    *rcn_strmap_put(variables->map, variable->name, name_len) = variable;
}

struct rcn_variables *rcn_variables_new(void)
{
    struct rcn_variables *variables = rcn_calloc(1, sizeof *variables);
    variables->arena = rcn_arena_new(MAX_ARENA_BYTES);
    variables->map = rcn_strmap_new(0);
    for (char **entry = environ; *entry; entry++) {
        const char *name = *entry + strlen(ENVIRONMENT_PREFIX);
        const char *sign = strchr(*entry, '=');
        if (strncmp(*entry, ENVIRONMENT_PREFIX, strlen(ENVIRONMENT_PREFIX)) == 0 && sign)
            define(variables, RCN_VARIABLE_ENVIRONMENT, name, (size_t)(sign - name), sign + 1,
                   (struct rcn_span){0});
    }
    return variables;
}

void rcn_variables_free(struct rcn_variables *variables)
{
    if (!variables)
        return;
    rcn_strmap_free(variables->map);
    rcn_arena_free(variables->arena);
    free(variables);
}

int rcn_variables_add_assignment(struct rcn_variables *variables, const char *assignment,
                                 struct rcn_error *err)
{
    const char *sign = strchr(assignment, '=');
    if (!sign) {
        rcn_error_set(err, RCN_ERROR_USAGE, "'%.100s' has no '='", assignment);
        return rcn_error_set_hint(err, "write --var NAME=VALUE");
    }
    size_t len = (size_t)(sign - assignment);
    if (!len || rcn_variable_get_name_len(assignment) != len) {
        rcn_error_set(err, RCN_ERROR_USAGE, "invalid variable name '%.*s'",
                      (int)(len < 100 ? len : 100), assignment);
        return rcn_error_set_hint(err, NAME_HINT);
    }
    define(variables, RCN_VARIABLE_ASSIGNED, assignment, len, sign + 1, (struct rcn_span){0});
    return 0;
}

/* --- files --- */

bool rcn_variable_check_name(struct rcn_decoder *decoder, struct rcn_yaml_node *key)
{
    char quoted[RCN_QUOTE_SIZE];
    if (key->kind == RCN_YAML_SCALAR && key->len &&
        rcn_variable_get_name_len(key->text) == key->len)
        return true;
    rcn_decoder_fault(decoder, &(struct rcn_slot){.value = key}, RCN_REPORTED_KEY, "bad-variable",
                      NAME_HINT, "invalid variable name '%s'",
                      rcn_quote(quoted, key->kind == RCN_YAML_SCALAR ? key->text : ""));
    return false;
}

/* Numbers and booleans are taken as they are written. NULL: it is no value of a variable, which was
 * reported. */
static const char *read_value(const struct rcn_decoder *decoder, const struct rcn_yaml_node *value)
{
    struct rcn_span span = rcn_decoder_get_span(decoder, value);
    enum rcn_yaml_type type = value->type;
    if (type == RCN_YAML_IS_BAD)
        return NULL;
    if (type == RCN_YAML_IS_MISTAGGED || type == RCN_YAML_IS_UNKNOWN)
        rcn_diags_error(decoder->diags, "wrong-type", span,
                        "this value is not of the type that its tag names");
    else if (value->kind != RCN_YAML_SCALAR || type == RCN_YAML_IS_NULL)
        rcn_diags_error(decoder->diags, "wrong-type", span, "a variable must be a string, not %s",
                        rcn_yaml_type_name(type));
    else if (strlen(value->text) < value->len)
        rcn_diags_error(decoder->diags, "bad-text", span, "the value holds a NUL character");
    else
        return value->text;
    return NULL;
}

static void read_document(struct rcn_variables *variables, struct rcn_decoder *decoder,
                          struct rcn_yaml_node *root)
{
    if (root->type == RCN_YAML_IS_NULL)
        return;
    if (root->type != RCN_YAML_IS_MAPPING) {
        rcn_diags_error(decoder->diags, "wrong-type", rcn_decoder_get_span(decoder, root),
                        "a file of variables must be a mapping, not %s",
                        rcn_yaml_type_name(root->type));
        return;
    }
    rcn_mapping_check_duplicates(decoder, root);
    for (struct rcn_yaml_node *key = root->first; key; key = key->next->next) {
        struct rcn_yaml_node *word = rcn_yaml_resolve(key);
        if (word->kind != RCN_YAML_BAD && !rcn_node_is_reported(key, RCN_REPORTED_KEY) &&
            rcn_variable_check_name(decoder, word))
            define(variables, RCN_VARIABLE_FILE, word->text, word->len,
                   read_value(decoder, rcn_yaml_resolve(key->next)),
                   rcn_decoder_get_span(decoder, word));
    }
}

int rcn_variables_add_file(struct rcn_variables *variables, const char *path,
                           struct rcn_diags *diags, struct rcn_error *err)
{
    struct rcn_buf buf;
    rcn_buf_init(&buf, MAX_FILE_BYTES);
    if (rcn_file_read(path, &buf, err)) {
        rcn_buf_release(&buf);
        return -1;
    }
    struct rcn_text *text = rcn_arena_alloc(variables->arena, sizeof *text);
    text->path = rcn_arena_strdup(variables->arena, path);
    text->bytes = rcn_arena_strndup(variables->arena, rcn_buf_get_str(&buf), buf.len);
    text->len = buf.len;
    rcn_buf_release(&buf);
    struct rcn_decoder decoder = {.text = text, .diags = diags};
    struct rcn_arena *arena = rcn_arena_new(SIZE_MAX);
    struct rcn_yaml_node *root = rcn_yaml_read(text, arena, diags, &variables->is_incomplete);
    for (; root; root = root->next)
        read_document(variables, &decoder, root);
    rcn_arena_free(arena);
    return 0;
}

/* --- looking up --- */

struct rcn_variable *rcn_variables_find(const struct rcn_variables *variables, const char *name)
{
    return variables ? rcn_strmap_get(variables->map, name, strlen(name)) : NULL;
}

void rcn_variables_report_unused(const struct rcn_variables *variables, struct rcn_diags *diags)
{
    for (const struct rcn_variable *it = variables->last; it; it = it->before) {
        if (it->is_used || it->origin == RCN_VARIABLE_ENVIRONMENT ||
            rcn_variables_find(variables, it->name) != it)
            continue; /* used, or defined again */
        struct rcn_diag *diag =
            it->origin == RCN_VARIABLE_FILE
                ? rcn_diags_warning(diags, "unused-variable", it->span,
                                    "no manifest uses variable '%.60s'", it->name)
                : rcn_diags_error(diags, "unused-variable", it->span,
                                  "no manifest uses --var '%.60s'", it->name);
        rcn_diag_set_hint(diags, diag, "check the spelling, or remove it");
    }
}

/* --- references: `${NAME}`, `${NAME:-default}` and `$${` in a value --- */

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

/* Reads the reference whose `${` is at opening, in a text that begins at from. */
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
    /* This walks over the scalar: not worth it once no more diagnostics are kept. */
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

static void report_undefined(struct rcn_decoder *decoder, const struct rcn_slot *slot,
                             const struct reference *is)
{
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

/* Adds the value of the reference. False when it has none, which was reported. */
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
    if (!value && !is_reported)
        report_undefined(decoder, slot, is);
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
