#include <ctype.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/memory.h"
#include "manifest/decoder.h"

extern char **environ;

#define ENVIRONMENT_PREFIX "AUDIENCECTL_VAR_"
#define NAME_HINT "a name is letters, digits and '_', no digit first"

enum { MAX_FILE_BYTES = 1 << 20 };
#define MAX_ARENA_BYTES ((size_t)256 << 20)

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
