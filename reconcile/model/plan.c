#include "model/plan.h"

#include <stdlib.h>
#include <string.h>

const char *const rcn_status_names[] = {"in-sync",  "missing",   "drifted", "duplicate",
                                        "withheld", "unmanaged", NULL};
const char *const rcn_withheld_names[] = {NULL, "paused", "similar", "renamed", "gone", NULL};

const char *rcn_status_name(enum rcn_status status)
{
    return rcn_status_names[status];
}

int rcn_status_find(const char *name)
{
    for (int i = 0; i < RCN_STATUS_COUNT; i++)
        if (strcmp(name, rcn_status_names[i]) == 0)
            return i;
    return -1;
}

const char *rcn_withheld_name(enum rcn_withheld because)
{
    return rcn_withheld_names[because];
}

const char *rcn_health_name(enum rcn_health flag)
{
    switch (flag) {
    case RCN_HEALTH_ERROR:
        return "error";
    case RCN_HEALTH_DISCONNECTED:
        return "disconnected";
    case RCN_HEALTH_STALE:
        break;
    }
    return "stale";
}

const char *rcn_tristate_name(enum rcn_tristate value)
{
    if (value == RCN_ABSENT)
        return NULL;
    return value == RCN_TRUE ? "true" : "false";
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
