#include "plan/plan_fresh.h"

#include <string.h>

#include "base/time.h"
#include "plan/diff.h"

int rcn_plan_check_usable(const struct rcn_report *saved, int64_t ttl_ms, int64_t now_ms,
                          struct rcn_error *err)
{
    static const int64_t clock_skew_ms = 60000;
    int64_t age_ms = now_ms - saved->created_at_ms;
    char age[RCN_TIME_SIZE];
    char ttl[RCN_TIME_SIZE];
    if (strcmp(saved->command, "plan") != 0)
        return rcn_error_set(err, RCN_ERROR_REFUSED, "it is the report of '%s', not of 'plan'",
                             saved->command);
    if (strcmp(saved->outcome, "in-sync") != 0 && strcmp(saved->outcome, "differences") != 0)
        return rcn_error_set(err, RCN_ERROR_REFUSED, "the plan ended as '%s': it has errors",
                             saved->outcome);
    if (age_ms < -clock_skew_ms)
        return rcn_error_set(err, RCN_ERROR_REFUSED,
                             "the plan is from the future: check the clock");
    if (age_ms <= ttl_ms)
        return 0;
    rcn_duration_format(age_ms, age);
    rcn_duration_format(ttl_ms, ttl);
    rcn_error_set(err, RCN_ERROR_REFUSED, "the plan is %s old, and --plan-ttl allows %s", age, ttl);
    return rcn_error_set_hint(err, "plan again");
}

static int check_origin(const struct rcn_plan *saved, const struct rcn_plan *now,
                        struct rcn_error *err)
{
    if (!rcn_text_is_same(saved->live.api_url, now->live.api_url))
        return rcn_error_set(err, RCN_ERROR_REFUSED, "the plan was made for %s, this run is for %s",
                             saved->live.api_url, now->live.api_url);
    for (size_t i = 0; i < saved->live.company_count; i++) {
        const char *company_id = saved->live.companies[i].company_id;
        bool found = false;
        for (size_t j = 0; j < now->live.company_count; j++)
            found = found || rcn_text_is_same(company_id, now->live.companies[j].company_id);
        if (!found)
            return rcn_error_set(err, RCN_ERROR_REFUSED,
                                 "the plan was made for the company %s, this run is for %s",
                                 company_id ? company_id : "of its key",
                                 now->live.company_count && now->live.companies[0].company_id
                                     ? now->live.companies[0].company_id
                                     : "another");
    }
    return 0;
}

static bool is_same_live(const struct rcn_plan_row *saved, const struct rcn_plan_row *now)
{
    if (saved->live_count != now->live_count)
        return false;
    for (size_t i = 0; i < saved->live_count; i++)
        if (!rcn_live_is_same(saved->live[i], now->live[i]))
            return false;
    return true;
}

static int report_moved(const struct rcn_plan_row *saved, const struct rcn_plan_row *now,
                        size_t moved, struct rcn_error *err)
{
    const struct rcn_audience_sync *sync = &saved->desired->sync;
    if (saved->status == RCN_STATUS_MISSING && now->live_count > 0)
        rcn_error_set(err, RCN_ERROR_REFUSED,
                      "'%s' (%s) was missing and is there now, as %s: the plan was applied before, "
                      "or somebody else created it",
                      sync->audience_name, sync->ad_account_id, now->live[0]->sync.id);
    else if (saved->status == now->status)
        rcn_error_set(err, RCN_ERROR_REFUSED,
                      "'%s' (%s) has changed since the plan was made; it is still %s",
                      sync->audience_name, sync->ad_account_id, rcn_status_name(now->status));
    else
        rcn_error_set(err, RCN_ERROR_REFUSED,
                      "'%s' (%s) was %s when the plan was made and is %s now", sync->audience_name,
                      sync->ad_account_id, rcn_status_name(saved->status),
                      rcn_status_name(now->status));
    if (moved > 1)
        return rcn_error_set_hint(err, "%zu planned syncs have moved in all; plan again", moved);
    return rcn_error_set_hint(err, "plan again");
}

int rcn_plan_check_fresh(const struct rcn_plan *saved, const struct rcn_plan *now,
                         struct rcn_error *err)
{
    size_t moved = 0;
    size_t first = 0;
    if (check_origin(saved, now, err))
        return -1;
    /* `now` was built from the rows of `saved`, without a selection: the same rows in their order.
     */
    for (size_t i = 0; i < saved->row_count; i++) {
        if (saved->rows[i].status == now->rows[i].status &&
            is_same_live(&saved->rows[i], &now->rows[i]))
            continue;
        if (moved++ == 0)
            first = i;
    }
    if (moved == 0)
        return 0;
    return report_moved(&saved->rows[first], &now->rows[first], moved, err);
}
