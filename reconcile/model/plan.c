#include "model/plan.h"

#include <stdlib.h>
#include <string.h>

const char *const rcn_status_names[] = {"in-sync",  "missing",   "drifted", "duplicate",
                                        "withheld", "unmanaged", NULL};
const char *const rcn_withheld_names[] = {NULL, "paused", "similar", "renamed", "gone", NULL};
const char *const rcn_health_names[] = {"error", "disconnected", "stale", NULL};
const char *const rcn_tristate_names[] = {NULL, "false", "true"};

const char *const rcn_fail_on_names[] = {"missing",   "drifted",   "duplicate", "withheld",
                                         "unmanaged", "unhealthy", "gone",      NULL};

bool rcn_fail_on_has(unsigned fail_on, enum rcn_status status)
{
    return status != RCN_STATUS_IN_SYNC && fail_on & 1U << (status - 1);
}

void rcn_plan_free(struct rcn_plan *plan)
{
    if (!plan)
        return;
    rcn_arena_free(plan->arena);
    free(plan);
}

size_t rcn_plan_count_gone(const struct rcn_plan *plan)
{
    size_t count = 0;
    for (size_t i = 0; i < plan->row_count; i++)
        count += plan->rows[i].status == RCN_STATUS_WITHHELD && !plan->rows[i].is_ignored &&
                 plan->rows[i].withheld_because == RCN_WITHHELD_GONE;
    return count;
}

#define FAIL_ON_DEFAULT "missing,drifted,duplicate,unhealthy,gone"

int rcn_fail_on_parse(const char *list, unsigned *ret, struct rcn_error *err)
{
    *ret = RCN_FAIL_ON_GIVEN;
    if (!list)
        list = FAIL_ON_DEFAULT;
    if (strcmp(list, "none") == 0)
        return 0;
    for (size_t len;; list += len + 1) {
        const char *const *names = rcn_fail_on_names;
        size_t bit = 0;
        len = strcspn(list, ",");
        while (names[bit] && (strlen(names[bit]) != len || memcmp(names[bit], list, len) != 0))
            bit++;
        if (!names[bit])
            return rcn_error_set(
                err, RCN_ERROR_USAGE, "unknown difference '%.*s': expected none, or some of %s",
                len < 40 ? (int)len : 40, list, FAIL_ON_DEFAULT ",withheld,unmanaged");
        *ret |= 1U << bit;
        if (!list[len])
            return 0;
    }
}

bool rcn_fail_on_matches(unsigned fail_on, const struct rcn_plan *plan)
{
    for (int status = 0; status < RCN_STATUS_COUNT; status++)
        if (rcn_fail_on_has(fail_on, (enum rcn_status)status) && plan->counts.by_status[status])
            return true;
    return (fail_on & RCN_FAIL_ON_UNHEALTHY && plan->counts.unhealthy) ||
           (fail_on & RCN_FAIL_ON_GONE && rcn_plan_count_gone(plan));
}

size_t rcn_changes_find(const struct rcn_audience_sync *desired,
                        const struct rcn_audience_sync *live,
                        struct rcn_change ret[RCN_CHANGES_MAX])
{
    const struct rcn_change fields[RCN_CHANGES_MAX] = {
        {"segmentId", live->segment_id, desired->segment_id},
        {"frequency", live->frequency, desired->frequency},
        {"isActive", rcn_tristate_names[live->is_active], rcn_tristate_names[desired->is_active]},
    };
    size_t count = 0;
    for (size_t i = 0; i < RCN_CHANGES_MAX; i++)
        if (fields[i].desired && fields[i].live && strcmp(fields[i].desired, fields[i].live) != 0)
            ret[count++] = fields[i];
    return count;
}
