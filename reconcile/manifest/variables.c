#include "manifest/variables.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/file.h"
#include "base/memory.h"
#include "base/strmap.h"
#include "base/suggest.h"
#include "manifest/decoder.h"
#include "manifest/yaml_tree.h"

extern char **environ;

#define ENVIRONMENT_PREFIX "AUDIENCECTL_VAR_"

enum { MAX_FILE_BYTES = 1 << 20, MAX_ENVIRONMENT_NAME = 512, MAX_CANDIDATES = 1000 };
#define MAX_ARENA_BYTES ((size_t)256 << 20)

/* A defined variable. */
struct variable {
    struct variable *before; /* defined earlier */
    const char *name;
    const char *value;    /* NULL: the value is wrong, which was reported */
    struct rcn_span span; /* in a file; nowhere for --var */
    bool is_used;
};

struct rcn_variables {
    struct rcn_arena *arena; /* names, values, the bytes of files */
    struct rcn_strmap *map;  /* struct variable: the definition that holds */
    struct variable *last;
    bool is_incomplete; /* a file could not be read to its end */
};

struct rcn_variables *rcn_variables_new(void)
{
    struct rcn_variables *variables = rcn_calloc(1, sizeof *variables);
    variables->arena = rcn_arena_new(MAX_ARENA_BYTES);
    variables->map = rcn_strmap_new(0);
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

bool rcn_variable_name_is_valid(const char *text, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        bool good = isalpha((unsigned char)text[i]) || text[i] == '_' ||
                    (i && isdigit((unsigned char)text[i]));
        if (!good)
            return false;
    }
    return len > 0;
}

/* A later definition wins, but in a file not over one from the command line (at nowhere). */
static void define(struct rcn_variables *variables, const char *name, size_t name_len,
                   const char *value, struct rcn_span span)
{
    const struct variable *known = rcn_strmap_get(variables->map, name, name_len);
    if (known && !known->span.text && span.text)
        return;
    struct variable *variable = rcn_arena_alloc(variables->arena, sizeof *variable);
    *variable = (struct variable){.before = variables->last,
                                  .name = rcn_arena_strndup(variables->arena, name, name_len),
                                  .value = value ? rcn_arena_strdup(variables->arena, value) : NULL,
                                  .span = span};
    variables->last = variable;
    *rcn_strmap_put(variables->map, variable->name, name_len) = variable;
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
    if (!rcn_variable_name_is_valid(assignment, len)) {
        rcn_error_set(err, RCN_ERROR_USAGE, "invalid variable name '%.*s'",
                      (int)(len < 100 ? len : 100), assignment);
        return rcn_error_set_hint(err, "a name is letters, digits and '_', no digit first");
    }
    define(variables, assignment, len, sign + 1, (struct rcn_span){0});
    return 0;
}

/* --- files --- */

/* False when the value cannot be one of a variable, which was reported. */
static bool check_value(const struct rcn_decoder *decoder, const struct rcn_yaml_node *value)
{
    struct rcn_span span = rcn_yaml_get_span(value, decoder->text);
    enum rcn_yaml_type type = value->type;
    if (type == RCN_YAML_IS_BAD)
        return false;
    if (type == RCN_YAML_IS_MISTAGGED || type == RCN_YAML_IS_UNKNOWN)
        rcn_diags_error(decoder->diags, "wrong-type", span,
                        "this value is not of the type that its tag names");
    else if (value->kind != RCN_YAML_SCALAR || type == RCN_YAML_IS_NULL)
        rcn_diags_error(decoder->diags, "wrong-type", span, "a variable must be a string, not %s",
                        rcn_yaml_type_name(type));
    else if (strlen(value->text) < value->len)
        rcn_diags_error(decoder->diags, "bad-text", span, "the value holds a NUL character");
    else
        return true;
    return false;
}

/* Numbers and booleans are taken as they are written. */
static void read_document(struct rcn_variables *variables, struct rcn_decoder *decoder,
                          struct rcn_yaml_node *root)
{
    enum rcn_yaml_type type = root->type;
    if (type == RCN_YAML_IS_NULL)
        return;
    if (type != RCN_YAML_IS_MAPPING) {
        rcn_diags_error(decoder->diags, "wrong-type", rcn_yaml_get_span(root, decoder->text),
                        "a file of variables must be a mapping, not %s", rcn_yaml_type_name(type));
        return;
    }
    rcn_mapping_check_duplicates(decoder, root);
    for (struct rcn_yaml_node *key = root->first; key; key = key->next->next) {
        struct rcn_yaml_node *word = rcn_yaml_resolve(key);
        const struct rcn_yaml_node *value = rcn_yaml_resolve(key->next);
        if (word->kind == RCN_YAML_BAD || rcn_node_is_reported(key, RCN_REPORTED_KEY) ||
            !rcn_decoder_check_variable_name(decoder, word))
            continue;
        define(variables, word->text, word->len, check_value(decoder, value) ? value->text : NULL,
               rcn_yaml_get_span(word, decoder->text));
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

const char *rcn_variables_get(const struct rcn_variables *variables, const char *name)
{
    char environment_name[MAX_ENVIRONMENT_NAME];
    const struct variable *variable = rcn_strmap_get(variables->map, name, strlen(name));
    if (variable)
        return variable->value;
    snprintf(environment_name, sizeof environment_name, "%s%s", ENVIRONMENT_PREFIX, name);
    return getenv(environment_name);
}

bool rcn_variables_is_assigned(const struct rcn_variables *variables, const char *name)
{
    const struct variable *variable =
        variables ? rcn_strmap_get(variables->map, name, strlen(name)) : NULL;
    return variable && !variable->span.text;
}

bool rcn_variables_is_reported(const struct rcn_variables *variables, const char *name)
{
    const struct variable *variable = rcn_strmap_get(variables->map, name, strlen(name));
    return variables->is_incomplete || (variable && !variable->value);
}

void rcn_variables_mark_used(struct rcn_variables *variables, const char *name)
{
    struct variable *variable = rcn_strmap_get(variables->map, name, strlen(name));
    if (variable)
        variable->is_used = true;
}

void rcn_variables_report_unused(const struct rcn_variables *variables, struct rcn_diags *diags)
{
    for (const struct variable *it = variables->last; it; it = it->before) {
        if (it->is_used || rcn_strmap_get(variables->map, it->name, strlen(it->name)) != it)
            continue; /* used, or defined again */
        struct rcn_diag *diag =
            it->span.text ? rcn_diags_warning(diags, "unused-variable", it->span,
                                              "no manifest uses variable '%.60s'", it->name)
                          : rcn_diags_error(diags, "unused-variable", it->span,
                                            "no manifest uses --var '%.60s'", it->name);
        rcn_diag_set_hint(diags, diag, "check the spelling, or remove it");
    }
}

const char *rcn_variables_suggest(const struct rcn_variables *variables, const char *name)
{
    const char *candidates[MAX_CANDIDATES];
    size_t count = 0;
    size_t prefix_len = strlen(ENVIRONMENT_PREFIX);
    if (!variables)
        return NULL;
    for (const struct variable *it = variables->last; it && count < MAX_CANDIDATES; it = it->before)
        candidates[count++] = it->name;
    for (char **entry = environ; *entry && count < MAX_CANDIDATES; entry++)
        if (strncmp(*entry, ENVIRONMENT_PREFIX, prefix_len) == 0)
            candidates[count++] = rcn_arena_strndup(variables->arena, *entry + prefix_len,
                                                    strcspn(*entry + prefix_len, "="));
    return rcn_suggest(name, candidates, count);
}
