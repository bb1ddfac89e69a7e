/*
 * variables.h: the values of `${NAME}` in manifests (SPEC 2).
 *
 * Precedence: --var, then --var-file (a later file wins over an earlier one), then the environment
 * as AUDIENCECTL_VAR_NAME. A name is a letter or `_`, then letters, digits and `_`.
 * Replacement happens inside scalar values, after parsing: a value never changes the structure.
 */
#ifndef RCN_MANIFEST_VARIABLES_H
#define RCN_MANIFEST_VARIABLES_H

#include <stdbool.h>
#include <stddef.h>

#include "base/diag.h"
#include "base/error.h"

struct rcn_variables;

struct rcn_variables *rcn_variables_new(void);
void rcn_variables_free(struct rcn_variables *variables);

/* A letter or `_`, then letters, digits and `_`. */
bool rcn_variable_name_is_valid(const char *text, size_t len);

/* `NAME=VALUE` from the command line. -1 and a usage error when it has no `=` or a bad name. */
int rcn_variables_add_assignment(struct rcn_variables *variables, const char *assignment,
                                 struct rcn_error *err);

/*
 * A YAML mapping of scalars. What is wrong in it goes to diags (with spans into it; its bytes are
 * kept until the variables are freed). -1 and err when it cannot be read at all.
 */
int rcn_variables_add_file(struct rcn_variables *variables, const char *path,
                           struct rcn_diags *diags, struct rcn_error *err);

/* The value, or NULL when undefined. Looks at the environment last. */
const char *rcn_variables_get(const struct rcn_variables *variables, const char *name);

/* True when --var sets the name; variables may be NULL. */
bool rcn_variables_is_assigned(const struct rcn_variables *variables, const char *name);

/*
 * True when rcn_variables_get has no value because of a fault in a file of variables that was
 * reported already: this one's value is wrong, or the file could not be read to its end.
 */
bool rcn_variables_is_reported(const struct rcn_variables *variables, const char *name);

/* A manifest uses the name. */
void rcn_variables_mark_used(struct rcn_variables *variables, const char *name);

/* Reports what no manifest uses (unused-variable): a --var is an error, a name of a --var-file is a
 * warning. The environment is not judged. */
void rcn_variables_report_unused(const struct rcn_variables *variables, struct rcn_diags *diags);

/* The defined name (of any of the three kinds) nearest to name, or NULL. Borrowed. */
const char *rcn_variables_suggest(const struct rcn_variables *variables, const char *name);

#endif
