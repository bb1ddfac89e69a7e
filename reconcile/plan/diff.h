/*
 * diff.h: one desired sync against the live one that it means. Pure; nothing here looks at other
 * syncs.
 */
#ifndef RCN_PLAN_DIFF_H
#define RCN_PLAN_DIFF_H

#include "base/arena.h"
#include "model/plan.h"

/*
 * The fields that differ: frequency, isActive, segmentId. A field that the API left out is not
 * compared, and neither is a template: it cannot be proven from a live sync (api-contract 4.4).
 */
void rcn_diff_fields(struct rcn_arena *arena, const struct rcn_audience_sync *desired,
                     const struct rcn_audience_sync *live, struct rcn_change **ret_changes,
                     size_t *ret_count);

/* rcn_health flags of a live sync at the time now_ms (wall clock). */
unsigned rcn_health_judge(const struct rcn_live_sync *live, int64_t now_ms);

#endif
