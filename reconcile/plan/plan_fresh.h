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
 * Is the key's own company still what it was? A company that was named is checked when it is read.
 * -1 and RCN_ERROR_REFUSED; before a plan of live is built.
 */
int rcn_plan_check_own_company(const struct rcn_plan *saved, const struct rcn_live_state *live,
                               struct rcn_error *err);

/*
 * May the saved plan still be executed? `now` is a plan built from its desired syncs and `live`
 * without a selection. -1 and RCN_ERROR_REFUSED, naming what changed, when the API or a company is
 * another, or when a sync that `saved` lists as missing is live in another form than planned,
 * duplicate or withheld, or means another segment or ad account by its names. Nothing else matters
 * (SPEC 4).
 *
 * Then `now` lists as missing what `saved` does, and nothing more; a row that is live as planned
 * has `was_missing`.
 */
int rcn_plan_check_fresh(const struct rcn_plan *saved, const struct rcn_live_state *live,
                         struct rcn_plan *now, struct rcn_error *err);

#endif
