/*
 * ignores.h: the known differences of the manifests (`ignore:`).
 */
#ifndef RCN_PLAN_IGNORES_H
#define RCN_PLAN_IGNORES_H

#include "base/diag.h"
#include "model/desired_set.h"

struct rcn_ignores;

/* Borrows desired. now_ms (wall clock) decides which entries have ended. */
struct rcn_ignores *rcn_ignores_new(const struct rcn_desired_set *desired, int64_t now_ms);
void rcn_ignores_free(struct rcn_ignores *ignores);

/*
 * The first entry in force that covers the sync, or NULL. Then *ret_ended is an entry that covers
 * it but has ended, or NULL; rcn_ignores_warn counts such syncs.
 */
const struct rcn_ignore *rcn_ignores_find(struct rcn_ignores *ignores,
                                          const struct rcn_audience_sync *sync,
                                          const struct rcn_ignore **ret_ended);

/* Marks the entries that cover the sync as used. */
void rcn_ignores_use(struct rcn_ignores *ignores, const struct rcn_audience_sync *sync);

/* Warns of each entry that has ended and covers something (expired-ignore), at its place; with
 * warns_of_unused also of each that rcn_ignores_use never marked (unused-ignore). */
void rcn_ignores_warn(const struct rcn_ignores *ignores, bool warns_of_unused,
                      struct rcn_diags *diags);

#endif
