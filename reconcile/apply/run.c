#include "apply/run.h"

#include <string.h>

int64_t run_grow_pause_ms(int64_t pause_ms)
{
    return pause_ms * 2 > RUN_LAST_PAUSE_MS ? RUN_LAST_PAUSE_MS : pause_ms * 2;
}

int run_read_list(struct run *run, const struct rcn_live_company *only, struct rcn_error *err)
{
    if (look_read(&run->look, only, err))
        return -1;
    for (size_t i = 0; i < run->item_count; i++) {
        struct item *item = &run->items[i];
        const struct rcn_audience_sync *asked = &item->row->desired->sync;
        item->seen = look_find(&run->look, asked);
        if (item->seen)
            item->last_seen_ms = look_find_company(&run->look, asked->company_id)->ended_ms;
    }
    return 0;
}

size_t run_count_done(const struct run *run)
{
    size_t done = 0;
    for (size_t i = 0; i < run->item_count; i++)
        done += run->items[i].state == ITEM_DONE;
    return done;
}

struct item *run_find_item(const struct run *run, const struct rcn_audience_sync *identity)
{
    size_t len;
    const char *key = rcn_identity_get_key(run->look.keys, identity, &len);
    return rcn_strmap_get(run->by_identity, key, len);
}

bool run_is_managed(struct run *run, const struct rcn_live_sync *live)
{
    size_t len;
    const char *key = look_make_id_key(run->look.keys, live->sync.company_id, live->sync.id, &len);
    if (rcn_strmap_get(run->managed, key, len))
        return true;
    key = rcn_identity_get_key(run->look.keys, &live->sync, &len);
    return rcn_strmap_get(run->managed, key, len) || rcn_strmap_get(run->by_identity, key, len);
}

bool run_is_accounted(struct run *run, const struct rcn_live_sync *live)
{
    if (run_is_managed(run, live))
        return true;
    /* What an answer named, or an earlier run announced, is that one's. */
    for (size_t i = 0; i < rcn_intents_get_count(run->intents); i++) {
        const struct rcn_audience_sync *sync = &rcn_intents_get(run->intents, i)->sync;
        if (rcn_text_is_same(sync->id, live->sync.id) ||
            (strcmp(sync->audience_name, live->sync.audience_name) == 0 &&
             strcmp(sync->ad_account_id, live->sync.ad_account_id) == 0))
            return true;
    }
    return false;
}

bool run_could_be(const struct rcn_audience_sync *asked, const struct rcn_live_sync *live)
{
    if (strcmp(asked->ad_account_id, live->sync.ad_account_id) != 0)
        return false;
    return !asked->segment_id || !live->sync.segment_id ||
           strcmp(asked->segment_id, live->sync.segment_id) == 0;
}

bool run_is_replaced(const struct item *item, const struct rcn_live_sync *live)
{
    const struct rcn_desired_sync *desired = item ? item->row->desired : NULL;
    for (size_t i = 0; desired && i < desired->replaces_count; i++)
        if (strcmp(desired->replaces[i], live->sync.id) == 0)
            return true;
    return false;
}

const struct rcn_live_sync *run_find_stranger(struct run *run, const struct item *item)
{
    const struct rcn_audience_sync *asked = &item->row->desired->sync;
    for (size_t i = 0; i < run->look.fresh_count; i++) {
        const struct rcn_live_sync *live = run->look.fresh[i];
        if (rcn_text_is_same(asked->company_id, live->sync.company_id) &&
            run_could_be(asked, live) && !run_is_replaced(item, live) &&
            !run_is_accounted(run, live))
            return live;
    }
    return NULL;
}
