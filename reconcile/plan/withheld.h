/*
 * withheld.h: why a desired sync that is not live must not be created all the same (SPEC 4).
 *
 * A create uploads people at once and cannot be undone, so a sync that would be a second audience,
 * or one that no one asked for, is withheld until the manifest says what is meant.
 */
#ifndef RCN_PLAN_WITHHELD_H
#define RCN_PLAN_WITHHELD_H

#include "model/plan.h"
#include "plan/live_index.h"

struct rcn_withholder;

/* All is borrowed; known may be NULL, arena is the plan's. The unmanaged entries of the index must
 * be listed, and those that an `ignore` entry covers marked. */
struct rcn_withholder *rcn_withholder_new(struct rcn_live_index *index,
                                          const struct rcn_known *known, struct rcn_arena *arena);
void rcn_withholder_free(struct rcn_withholder *self);

/* Sets the status of a row without a live sync: missing, or withheld with reason, ids and notes. */
void rcn_withholder_judge(struct rcn_withholder *self, struct rcn_plan_row *row);

#endif
