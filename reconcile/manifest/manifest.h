/*
 * manifest.h: texts become desired syncs, or diagnostics.
 *
 * A manifest set is everything that all documents of all texts ask for, in manifest order (texts in
 * the order of the source, documents and items in the order of the text). Loading is offline and
 * reports all problems in one run (SPEC 2): after a bad field it goes on with the next, after a
 * syntax error with the next text; what crosses documents (the same identity twice, similar names)
 * is checked over everything that decoded.
 *
 * When diags->errors is not 0 after loading, the set is for inspection only: nothing may be planned
 * from it.
 *
 * Ownership: the set owns its arena; spans point into the source's texts, which must live longer.
 */
#ifndef RCN_MANIFEST_MANIFEST_H
#define RCN_MANIFEST_MANIFEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/diag.h"
#include "base/error.h"
#include "model/desired_set.h"
#include "source/source.h"

struct rcn_variables; /* variables.h */

/* Each costs up to 4 requests; a personal key reaches a handful. */
enum { RCN_MANIFEST_MAX_COMPANIES = 100 };

/*
 * Decodes every text of the source. variables may be NULL (none are defined). NULL and err only
 * when out of memory.
 */
struct rcn_desired_set *rcn_manifest_load(const struct rcn_source *source,
                                          const struct rcn_variables *variables,
                                          struct rcn_diags *diags, struct rcn_error *err);
void rcn_desired_set_free(struct rcn_desired_set *set);

/*
 * Gives every sync and ignore without a company this one (borrowed; NULL leaves them without), then
 * checks again that no identity appears twice unless each has its own pin (SPEC 4). Problems go to
 * diags as `duplicate-sync`; pairs that were reported by loading are not reported again. -1 and err
 * only when out of memory.
 */
int rcn_desired_settle_company(struct rcn_desired_set *set, const char *company_id,
                               struct rcn_diags *diags, struct rcn_error *err);

#endif
