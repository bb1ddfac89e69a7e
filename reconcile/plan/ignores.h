/*
 * ignores.h: the known differences of the manifests (`ignore:`), told apart by what they name.
 *
 * An entry that names a sync or an ad account in full is found by it: ten thousand entries cost a
 * row no more than one. Only entries with a pattern are tried one after the other.
 */
#ifndef RCN_PLAN_IGNORES_H
#define RCN_PLAN_IGNORES_H

#include "base/arena.h"
#include "base/diag.h"
#include "model/desired_set.h"
#include "plan/plan.h"

struct rcn_ignores;

/* Borrows desired. now_ms (wall clock) tells which entries have ended. NULL and err when out of
 * memory. */
struct rcn_ignores *rcn_ignores_new(const struct rcn_desired_set *desired, int64_t now_ms,
                                    struct rcn_error *err);
void rcn_ignores_free(struct rcn_ignores *ignores);

/*
 * Marks the row as ignored when an entry in force fits the sync; the first one in the manifests
 * counts. A row that only entries fit that have ended gets a note (from arena) that says so. -1 and
 * err when out of memory.
 */
int rcn_ignores_judge(struct rcn_ignores *ignores, struct rcn_arena *arena,
                      struct rcn_plan_row *row, const struct rcn_audience_sync *sync,
                      struct rcn_error *err);

/* Warns of each entry that has ended and that a row was judged by, at its place: not every format
 * shows the rows. */
void rcn_ignores_warn_of_ended(const struct rcn_ignores *ignores, struct rcn_diags *diags);

#endif
