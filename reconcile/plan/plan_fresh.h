/*
 * plan_fresh.h: may a saved plan still be executed?
 */
#ifndef RCN_PLAN_PLAN_FRESH_H
#define RCN_PLAN_PLAN_FRESH_H

#include <stdint.h>

#include "base/error.h"
#include "model/report.h"

/*
 * May apply execute it at all? Refuses a report that is not of `plan`, that ended in an error, or
 * that is older than ttl_ms at now_ms (or from the future by more than a minute).
 */
int rcn_plan_check_usable(const struct rcn_report *saved, int64_t ttl_ms, int64_t now_ms,
                          struct rcn_error *err);

/*
 * Is the saved plan still true? `now` is a plan built from its desired syncs and the live state
 * read now. Compares the API and the companies, and for every planned identity its status and what
 * the plan depends on of its live syncs (id, segmentId, frequency, isActive; health does not
 * count). -1 and RCN_ERROR_REFUSED naming what moved.
 */
int rcn_plan_check_fresh(const struct rcn_plan *saved, const struct rcn_plan *now,
                         struct rcn_error *err);

#endif
