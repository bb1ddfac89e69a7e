#include "model/plan.h"

#include <stdlib.h>

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
