/*
 * manifest.h: texts become desired syncs, or diagnostics.
 *
 * A set (rcn_desired_set) is everything that all documents of all texts ask for. Loading is offline
 * and reports all problems in one run (SPEC 2): after a bad field it goes on with the next, after a
 * syntax error with the next text; what crosses documents (the same identity twice, similar names)
 * is checked over everything that decoded.
 *
 * When diags->errors is not 0 after loading, the set is for inspection only: nothing may be planned
 * from it.
 */
#ifndef RCN_MANIFEST_MANIFEST_H
#define RCN_MANIFEST_MANIFEST_H

#include "base/diag.h"
#include "base/error.h"
#include "base/span.h"
#include "model/audience_sync.h"

/*
 * The values of `${NAME}` in manifests (SPEC 2): of --var, then of --var-file (a later file wins
 * over an earlier one), then those that the environment had when this was made, as
 * AUDIENCECTL_VAR_NAME. A name is a letter or `_`, then letters, digits and `_`. They are replaced
 * in scalars after parsing: a value never changes the structure.
 */
struct rcn_variables;

struct rcn_variables *rcn_variables_new(void);
void rcn_variables_free(struct rcn_variables *variables);

/* `NAME=VALUE` from the command line. -1 and a usage error when it has no `=` or a bad name. */
int rcn_variables_add_assignment(struct rcn_variables *variables, const char *assignment,
                                 struct rcn_error *err);

/*
 * A YAML mapping of scalars. What is wrong in it goes to diags (with spans into it; its bytes are
 * kept until the variables are freed). -1 and err when it cannot be read at all.
 */
int rcn_variables_add_file(struct rcn_variables *variables, const char *path,
                           struct rcn_diags *diags, struct rcn_error *err);

/* Decodes every text. variables may be NULL (none are defined). */
struct rcn_desired_set *rcn_manifest_load(const struct rcn_texts *texts,
                                          struct rcn_variables *variables, struct rcn_diags *diags);

/*
 * Gives every sync and ignore without a company this one (borrowed; NULL leaves them without), then
 * checks again (rcn_manifest_check_new).
 */
void rcn_manifest_settle_company(struct rcn_desired_set *set, const char *company_id,
                                 struct rcn_diags *diags);

/*
 * No identity may appear twice unless each has its own pin (SPEC 4). Checks again once companies,
 * ad accounts or segments of syncs with `is_new` are known, and resets the flag. Not to be called
 * after an error.
 */
void rcn_manifest_check_new(struct rcn_desired_set *set, struct rcn_diags *diags);

/* An error (missing-label) for each sync that lacks a label of one of these keys. */
void rcn_manifest_require_labels(const struct rcn_desired_set *set, const char *const *keys,
                                 size_t count, struct rcn_diags *diags);

#endif
