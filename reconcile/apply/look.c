/* What the list shows of the items: the part of run.h that looks. */
#include <string.h>

#include "apply/run.h"
#include "base/clock.h"
#include "live/reading.h"

/* More ids than this of one identity say no more. */
enum { MAX_SEEN_IDS = 10 };

static void see(struct run *run, struct item *item, const struct rcn_live_sync *live)
{
    item->seen_count++;
    if (item->seen_count == 1) {
        item->seen = live;
        item->seen_ids = run_text(run, "%s", live->sync.id);
    } else if (item->seen_count <= MAX_SEEN_IDS) {
        item->seen_ids = run_text(run, "%s, %s", item->seen_ids, live->sync.id);
    }
}

static int look_up(struct run *run, struct rcn_arena *keys, const struct rcn_live_sync *live,
                   struct rcn_error *err)
{
    size_t len;
    const char *key = rcn_identity_get_key(keys, &live->sync, &len);
    if (!key)
        return rcn_error_no_memory(err);
    struct item *item = rcn_strmap_get(run->by_identity, key, len);
    if (item)
        see(run, item, live);
    return 0;
}

int run_look(struct run *run, struct rcn_error *err)
{
    struct rcn_arena *keys = rcn_arena_new(SIZE_MAX);
    int result = keys ? 0 : rcn_error_no_memory(err);
    for (size_t i = 0; i < run->item_count; i++) {
        run->items[i].seen = NULL;
        run->items[i].seen_count = 0;
        run->items[i].seen_ids = NULL;
    }
    for (size_t i = 0; !result && i < run->latest->company_count; i++) {
        const struct rcn_live_company *company = &run->latest->companies[i];
        for (size_t j = 0; !result && j < company->sync_count; j++)
            result = look_up(run, keys, &company->syncs[j], err);
    }
    rcn_arena_free(keys);
    return result;
}

int run_read_list(struct run *run, struct rcn_error *err)
{
    int64_t started_ms = rcn_clock_steady_ms();
    struct rcn_live_state *state = rcn_reading_again(run->api, run->latest, false, err);
    if (!state)
        return -1;
    rcn_live_state_free(run->latest);
    run->latest = state;
    run->read_started_ms = started_ms;
    return run_look(run, err);
}

static const char *make_id_key(struct rcn_arena *arena, const struct rcn_live_sync *live,
                               size_t *ret_len)
{
    const struct rcn_audience_sync parts = {
        .company_id = live->sync.company_id, .ad_account_id = "", .audience_name = live->sync.id};
    return rcn_identity_get_key(arena, &parts, ret_len);
}

int run_index_baseline(struct run *run, struct rcn_error *err)
{
    for (size_t i = 0; i < run->latest->company_count; i++) {
        const struct rcn_live_company *company = &run->latest->companies[i];
        for (size_t j = 0; j < company->sync_count; j++) {
            size_t len;
            const char *key = make_id_key(run->scratch, &company->syncs[j], &len);
            void **place = key ? rcn_strmap_put(run->baseline_ids, key, len) : NULL;
            if (!place)
                return rcn_error_no_memory(err);
            *place = run; /* any value: only being there counts */
        }
    }
    return 0;
}

bool run_was_there(struct run *run, const struct rcn_live_sync *live)
{
    size_t len;
    const char *key = make_id_key(run->scratch, live, &len);
    return !key || rcn_strmap_get(run->baseline_ids, key, len);
}

bool run_is_item(struct run *run, const struct rcn_live_sync *live)
{
    size_t len;
    const char *key = rcn_identity_get_key(run->scratch, &live->sync, &len);
    return key && rcn_strmap_get(run->by_identity, key, len);
}

/* New since the baseline, and of no item's identity. */
static bool is_stranger(struct run *run, const struct rcn_live_sync *live)
{
    if (run_was_there(run, live) || run_is_item(run, live))
        return false;
    for (size_t i = 0; i < run->item_count; i++)
        if (run->items[i].is_id_certain &&
            rcn_text_is_same(run->items[i].result->id, live->sync.id))
            return false;
    return true;
}

int run_list_strangers(struct run *run, struct rcn_error *err)
{
    size_t most = 0;
    for (size_t i = 0; i < run->latest->company_count; i++)
        most += run->latest->companies[i].sync_count;
    run->strangers = rcn_arena_calloc(run->scratch, most, sizeof(struct rcn_live_sync *));
    run->stranger_count = 0;
    if (!run->strangers)
        return rcn_error_no_memory(err);
    for (size_t i = 0; i < run->latest->company_count; i++) {
        const struct rcn_live_company *company = &run->latest->companies[i];
        for (size_t j = 0; j < company->sync_count; j++)
            if (is_stranger(run, &company->syncs[j]))
                run->strangers[run->stranger_count++] = &company->syncs[j];
    }
    return 0;
}

bool run_could_be(const struct item *item, const struct rcn_live_sync *live)
{
    const struct rcn_audience_sync *asked = &item->row->desired->sync;
    if (!rcn_text_is_same(asked->company_id, live->sync.company_id) ||
        strcmp(asked->ad_account_id, live->sync.ad_account_id) != 0)
        return false;
    return !asked->segment_id || !live->sync.segment_id ||
           strcmp(asked->segment_id, live->sync.segment_id) == 0;
}

const struct rcn_live_sync *run_find_suspect(struct run *run, const struct item *item)
{
    for (size_t i = 0; i < run->stranger_count; i++)
        if (run_could_be(item, run->strangers[i]))
            return run->strangers[i];
    return NULL;
}
