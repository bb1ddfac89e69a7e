#include "model/plan.h"

#include <stdlib.h>
#include <string.h>

const char *const rcn_status_names[] = {"in-sync",  "missing",   "drifted", "duplicate",
                                        "withheld", "unmanaged", NULL};
const char *const rcn_withheld_names[] = {NULL, "paused", "similar", "renamed", "gone", NULL};
const char *const rcn_health_names[] = {"error", "disconnected", "stale", NULL};
const char *const rcn_tristate_names[] = {NULL, "false", "true"};

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

int rcn_fail_on_parse(const char *list, struct rcn_fail_on *ret, struct rcn_error *err)
{
    *ret = (struct rcn_fail_on){.gone = false};
    if (!list)
        list = FAIL_ON_DEFAULT;
    if (strcmp(list, "none") == 0)
        return 0;
    for (size_t len;; list += len + 1) {
        char word[16] = "";
        len = strcspn(list, ",");
        if (len < sizeof word)
            memcpy(word, list, len);
        int status = RCN_STATUS_COUNT - 1;
        while (status > RCN_STATUS_IN_SYNC && strcmp(word, rcn_status_names[status]) != 0)
            status--;
        if (strcmp(word, "unhealthy") == 0)
            ret->unhealthy = true;
        else if (strcmp(word, "gone") == 0)
            ret->gone = true;
        else if (status > RCN_STATUS_IN_SYNC)
            ret->status[status] = true;
        else
            return rcn_error_set(
                err, RCN_ERROR_USAGE, "unknown difference '%.*s': expected none, or some of %s",
                len < 40 ? (int)len : 40, list, FAIL_ON_DEFAULT ",withheld,unmanaged");
        if (!list[len])
            return 0;
    }
}

bool rcn_fail_on_matches(const struct rcn_fail_on *self, const struct rcn_plan *plan)
{
    for (int status = 0; status < RCN_STATUS_COUNT; status++)
        if (self->status[status] && plan->counts.by_status[status])
            return true;
    return (self->unhealthy && plan->counts.unhealthy) || (self->gone && rcn_plan_count_gone(plan));
}
