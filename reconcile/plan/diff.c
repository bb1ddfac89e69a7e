#include "plan/diff.h"

#include <string.h>

#include "base/time.h"

enum { MAX_CHANGES = 3 };

void rcn_diff_fields(struct rcn_arena *arena, const struct rcn_audience_sync *desired,
                     const struct rcn_audience_sync *live, struct rcn_change **ret_changes,
                     size_t *ret_count)
{
    const struct rcn_change fields[MAX_CHANGES] = {
        {"segmentId", live->segment_id, desired->segment_id},
        {"frequency", live->frequency, desired->frequency},
        {"isActive", rcn_tristate_name(live->is_active), rcn_tristate_name(desired->is_active)},
    };
    *ret_changes = NULL;
    *ret_count = 0;
    for (size_t i = 0; i < MAX_CHANGES; i++) {
        bool is_known = fields[i].desired && fields[i].live;
        if (!is_known || strcmp(fields[i].desired, fields[i].live) == 0)
            continue;
        if (!*ret_changes)
            *ret_changes = rcn_arena_calloc(arena, MAX_CHANGES, sizeof **ret_changes);
        (*ret_changes)[(*ret_count)++] = fields[i];
    }
}

/* SPEC 4: active, and no run for over twice its frequency; createdAt stands in for no run at all.
 */
static bool is_stale(const struct rcn_live_sync *live, int64_t now_ms)
{
    int64_t period_ms = rcn_frequency_get_period_ms(live->sync.frequency);
    const char *last_run = live->last_sync_at ? live->last_sync_at : live->created_at;
    int64_t last_run_ms;
    if (live->sync.is_active != RCN_TRUE || period_ms == 0 || !last_run ||
        !rcn_time_parse(last_run, &last_run_ms))
        return false;
    return now_ms - last_run_ms > 2 * period_ms;
}

unsigned rcn_health_judge(const struct rcn_live_sync *live, int64_t now_ms)
{
    unsigned health = 0;
    if (rcn_text_is_same(live->sync_status, "error"))
        health |= RCN_HEALTH_ERROR;
    if (rcn_text_is_same(live->sync_status, "disconnected"))
        health |= RCN_HEALTH_DISCONNECTED;
    if (is_stale(live, now_ms))
        health |= RCN_HEALTH_STALE;
    return health;
}
