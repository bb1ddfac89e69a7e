#include "plan/live_index.h"

#include <stdint.h>
#include <stdlib.h>

#include "base/arena.h"
#include "base/memory.h"
#include "base/unicode.h"

struct rcn_live_index {
    struct rcn_arena *arena;
    const struct rcn_live_state *state;
    struct rcn_live_entry *entries;
    size_t count;
    struct rcn_live_entry **unmanaged;
    size_t unmanaged_count;
    /* struct rcn_live_entry; NULL until asked for */
    struct rcn_identity_map *maps[RCN_LIVE_KEY_COUNT];
};

struct rcn_live_index *rcn_live_index_new(const struct rcn_live_state *state)
{
    struct rcn_live_index *index = rcn_calloc(1, sizeof *index);
    index->arena = rcn_arena_new(SIZE_MAX);
    index->state = state;
    for (size_t i = 0; i < state->company_count; i++)
        index->count += state->companies[i].sync_count;
    index->entries = rcn_arena_calloc(index->arena, index->count, sizeof *index->entries);
    size_t at = 0;
    for (size_t i = 0; i < state->company_count; i++)
        for (size_t j = 0; j < state->companies[i].sync_count; j++)
            index->entries[at++].live = &state->companies[i].syncs[j];
    return index;
}

void rcn_live_index_free(struct rcn_live_index *index)
{
    for (size_t i = 0; i < RCN_LIVE_KEY_COUNT; i++)
        rcn_identity_map_free(index->maps[i]);
    rcn_arena_free(index->arena);
    free(index);
}

/* The key for the text in the map of that kind. */
static struct rcn_audience_sync make_key(struct rcn_live_index *index, enum rcn_live_key key,
                                         const struct rcn_audience_sync *of, const char *text)
{
    if (key == RCN_LIVE_ID)
        return rcn_identity_of_id(of->company_id, text);
    return (struct rcn_audience_sync){
        .company_id = of->company_id,
        .ad_account_id = of->ad_account_id,
        .audience_name =
            key == RCN_LIVE_FOLDED_NAME ? rcn_unicode_fold(index->arena, text, true) : text};
}

static const char *get_text(const struct rcn_live_index *index, enum rcn_live_key key,
                            const struct rcn_live_entry *entry)
{
    const struct rcn_live_sync *live = entry->live;
    switch (key) {
    case RCN_LIVE_NAME:
    case RCN_LIVE_FOLDED_NAME:
        return live->sync.audience_name;
    case RCN_LIVE_ID:
        return live->sync.id;
    case RCN_LIVE_SEGMENT:
        return live->sync.segment_id;
    case RCN_LIVE_TEMPLATE:
        return entry->template_id;
    case RCN_LIVE_SEGMENT_NAME:
        break;
    }
    /* From the list of segments, where the sync's own item does not say it. */
    if (live->segment_name || !live->sync.segment_id)
        return live->segment_name;
    const struct rcn_live_company *company =
        rcn_live_state_find_company(index->state, live->sync.company_id);
    const struct rcn_segment *segment =
        rcn_live_company_find_segment(company, live->sync.segment_id);
    return segment ? segment->name : NULL;
}

/* Each goes to the head of its chain, so the last is put in first. */
static void build_map(struct rcn_live_index *index, enum rcn_live_key key)
{
    const bool is_of_all = key <= RCN_LIVE_ID;
    size_t count = is_of_all ? index->count : index->unmanaged_count;
    index->maps[key] = rcn_identity_map_new(count);
    for (size_t i = count; i-- > 0;) {
        struct rcn_live_entry *entry = is_of_all ? &index->entries[i] : index->unmanaged[i];
        const char *text = get_text(index, key, entry);
        if (!text)
            continue;
        const struct rcn_audience_sync parts = make_key(index, key, &entry->live->sync, text);
        void **place = rcn_identity_map_put(index->maps[key], &parts);
        entry->next[key] = *place;
        *place = entry;
    }
}

struct rcn_live_entry *rcn_live_index_find(struct rcn_live_index *index, enum rcn_live_key key,
                                           const struct rcn_audience_sync *of, const char *text)
{
    if (!text || (key > RCN_LIVE_ID && index->unmanaged_count == 0))
        return NULL;
    if (!index->maps[key])
        build_map(index, key);
    const struct rcn_audience_sync parts = make_key(index, key, of, text);
    return rcn_identity_map_get(index->maps[key], &parts);
}

static int compare_entries(const void *left, const void *right)
{
    struct rcn_live_entry *const *a = left;
    struct rcn_live_entry *const *b = right;
    return rcn_live_sync_compare((*a)->live, (*b)->live);
}

struct rcn_live_entry **rcn_live_index_list_unmanaged(struct rcn_live_index *index,
                                                      size_t *ret_count)
{
    index->unmanaged = rcn_arena_calloc(index->arena, index->count, sizeof *index->unmanaged);
    for (size_t i = 0; i < index->count; i++)
        if (!index->entries[i].is_managed)
            index->unmanaged[index->unmanaged_count++] = &index->entries[i];
    qsort(index->unmanaged, index->unmanaged_count, sizeof *index->unmanaged, compare_entries);
    *ret_count = index->unmanaged_count;
    return index->unmanaged;
}
