#include "plan/live_index.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/strmap.h"
#include "base/unicode.h"

/* Most plans need only the look-up by identity; the others are made on first use. */
struct rcn_live_index {
    struct rcn_arena *arena;
    struct rcn_live_entry *entries;
    size_t count;
    struct rcn_strmap *by_identity; /* struct rcn_live_entry */
    struct rcn_strmap *by_id;       /* struct rcn_live_entry */
    struct rcn_live_entry **unmanaged;
    size_t unmanaged_count;
    /* struct rcn_live_entry: of the unmanaged ones with that key the first by identity */
    struct rcn_strmap *by_folded_name;
    struct rcn_strmap *by_folded_name_and_segment;
    struct rcn_strmap *by_segment;
};

struct key {
    const char *bytes;
    size_t len;
};

static int make_key(struct rcn_live_index *index, const char *company_id, const char *ad_account_id,
                    const char *third, struct key *ret, struct rcn_error *err)
{
    const struct rcn_audience_sync parts = {
        .company_id = company_id, .ad_account_id = ad_account_id, .audience_name = third};
    ret->bytes = rcn_identity_get_key(index->arena, &parts, &ret->len);
    return ret->bytes ? 0 : rcn_error_no_memory(err);
}

static int make_identity_key(struct rcn_live_index *index, const struct rcn_audience_sync *sync,
                             struct key *ret, struct rcn_error *err)
{
    return make_key(index, sync->company_id, sync->ad_account_id, sync->audience_name, ret, err);
}

static int make_folded_key(struct rcn_live_index *index, const struct rcn_audience_sync *sync,
                           struct key *ret, struct rcn_error *err)
{
    const char *folded = rcn_unicode_fold(index->arena, sync->audience_name, true);
    if (!folded) {
        rcn_error_no_memory(err);
        return -1;
    }
    return make_key(index, sync->company_id, sync->ad_account_id, folded, ret, err);
}

/* No key without a segment ends like that. NULL: nothing is added. */
static int add_segment(struct rcn_live_index *index, const char *segment_id, struct key *key,
                       struct rcn_error *err)
{
    if (!segment_id)
        return 0;
    size_t len = strlen(segment_id) + 1;
    char *bytes = rcn_arena_alloc_text(index->arena, key->len + len);
    if (!bytes)
        return rcn_error_no_memory(err);
    memcpy(bytes, key->bytes, key->len);
    memcpy(bytes + key->len, segment_id, len);
    *key = (struct key){.bytes = bytes, .len = key->len + len};
    return 0;
}

static int make_folded_and_segment_key(struct rcn_live_index *index,
                                       const struct rcn_audience_sync *sync, struct key *ret,
                                       struct rcn_error *err)
{
    return make_folded_key(index, sync, ret, err) || add_segment(index, sync->segment_id, ret, err)
               ? -1
               : 0;
}

static int make_segment_key(struct rcn_live_index *index, const struct rcn_audience_sync *sync,
                            struct key *ret, struct rcn_error *err)
{
    return make_key(index, sync->company_id, sync->ad_account_id, sync->segment_id, ret, err);
}

static int index_identities(struct rcn_live_index *index, struct rcn_error *err)
{
    index->by_identity = rcn_strmap_new(index->count);
    if (!index->by_identity)
        return rcn_error_no_memory(err);
    for (size_t i = 0; i < index->count; i++) {
        struct rcn_live_entry *entry = &index->entries[i];
        struct key key;
        if (make_identity_key(index, &entry->live->sync, &key, err))
            return -1;
        void **place = rcn_strmap_put(index->by_identity, key.bytes, key.len);
        if (!place)
            return rcn_error_no_memory(err);
        entry->next = *place;
        *place = entry;
    }
    return 0;
}

static int take_entries(struct rcn_live_index *index, const struct rcn_live_state *state,
                        struct rcn_error *err)
{
    for (size_t i = 0; i < state->company_count; i++)
        index->count += state->companies[i].sync_count;
    index->entries = rcn_arena_calloc(index->arena, index->count, sizeof *index->entries);
    if (!index->entries)
        return rcn_error_no_memory(err);
    size_t at = 0;
    for (size_t i = 0; i < state->company_count; i++)
        for (size_t j = 0; j < state->companies[i].sync_count; j++)
            index->entries[at++].live = &state->companies[i].syncs[j];
    return 0;
}

struct rcn_live_index *rcn_live_index_new(const struct rcn_live_state *state, struct rcn_error *err)
{
    struct rcn_live_index *index = calloc(1, sizeof *index);
    if (!index) {
        rcn_error_no_memory(err);
        return NULL;
    }
    index->arena = rcn_arena_new(SIZE_MAX);
    if (!index->arena) {
        rcn_error_no_memory(err);
        rcn_live_index_free(index);
        return NULL;
    }
    if (take_entries(index, state, err) || index_identities(index, err)) {
        rcn_live_index_free(index);
        return NULL;
    }
    return index;
}

void rcn_live_index_free(struct rcn_live_index *index)
{
    if (!index)
        return;
    rcn_strmap_free(index->by_identity);
    rcn_strmap_free(index->by_id);
    rcn_strmap_free(index->by_folded_name);
    rcn_strmap_free(index->by_folded_name_and_segment);
    rcn_strmap_free(index->by_segment);
    rcn_arena_free(index->arena);
    free(index);
}

int rcn_live_index_find(struct rcn_live_index *index, const struct rcn_audience_sync *identity,
                        struct rcn_live_entry **ret, struct rcn_error *err)
{
    struct key key;
    if (make_identity_key(index, identity, &key, err))
        return -1;
    *ret = rcn_strmap_get(index->by_identity, key.bytes, key.len);
    return 0;
}

static int index_ids(struct rcn_live_index *index, struct rcn_error *err)
{
    index->by_id = rcn_strmap_new(index->count);
    if (!index->by_id)
        return rcn_error_no_memory(err);
    for (size_t i = 0; i < index->count; i++) {
        const struct rcn_audience_sync *sync = &index->entries[i].live->sync;
        struct key key;
        if (make_key(index, sync->company_id, "", sync->id, &key, err))
            return -1;
        void **place = rcn_strmap_put(index->by_id, key.bytes, key.len);
        if (!place)
            return rcn_error_no_memory(err);
        *place = &index->entries[i];
    }
    return 0;
}

int rcn_live_index_find_id(struct rcn_live_index *index, const char *company_id, const char *id,
                           struct rcn_live_entry **ret, struct rcn_error *err)
{
    struct key key;
    if ((!index->by_id && index_ids(index, err)) || make_key(index, company_id, "", id, &key, err))
        return -1;
    *ret = rcn_strmap_get(index->by_id, key.bytes, key.len);
    return 0;
}

static int compare_entries(const void *left, const void *right)
{
    struct rcn_live_entry *const *a = left;
    struct rcn_live_entry *const *b = right;
    return rcn_live_sync_compare((*a)->live, (*b)->live);
}

int rcn_live_index_list_unmanaged(struct rcn_live_index *index, struct rcn_live_entry ***ret,
                                  size_t *ret_count, struct rcn_error *err)
{
    size_t count = 0;
    for (size_t i = 0; i < index->count; i++)
        count += !index->entries[i].is_managed;
    index->unmanaged = rcn_arena_calloc(index->arena, count, sizeof(struct rcn_live_entry *));
    if (!index->unmanaged)
        return rcn_error_no_memory(err);
    index->unmanaged_count = 0;
    for (size_t i = 0; i < index->count; i++)
        if (!index->entries[i].is_managed)
            index->unmanaged[index->unmanaged_count++] = &index->entries[i];
    qsort(index->unmanaged, count, sizeof *index->unmanaged, compare_entries);
    *ret = index->unmanaged;
    *ret_count = count;
    return 0;
}

typedef int make_key_function(struct rcn_live_index *index, const struct rcn_audience_sync *sync,
                              struct key *ret, struct rcn_error *err);

/* The first by identity is what stays, because the last is put in first. */
static int index_unmanaged(struct rcn_live_index *index, make_key_function *make,
                           struct rcn_strmap **map, struct rcn_error *err)
{
    *map = rcn_strmap_new(index->unmanaged_count);
    if (!*map)
        return rcn_error_no_memory(err);
    for (size_t i = index->unmanaged_count; i-- > 0;) {
        const struct rcn_audience_sync *sync = &index->unmanaged[i]->live->sync;
        struct key key;
        if (make == make_segment_key && !sync->segment_id)
            continue;
        if (make(index, sync, &key, err))
            return -1;
        void **place = rcn_strmap_put(*map, key.bytes, key.len);
        if (!place)
            return rcn_error_no_memory(err);
        *place = index->unmanaged[i];
    }
    return 0;
}

static const struct rcn_live_sync *get(const struct rcn_strmap *map, const struct key *key)
{
    const struct rcn_live_entry *entry = rcn_strmap_get(map, key->bytes, key->len);
    return entry ? entry->live : NULL;
}

/* The first unmanaged one with the sync's key, or NULL. The first call for a map fills it. */
static int find_first(struct rcn_live_index *index, struct rcn_strmap **map,
                      make_key_function *make, const struct rcn_audience_sync *sync,
                      const struct rcn_live_sync **ret, struct rcn_error *err)
{
    struct key key;
    if ((!*map && index_unmanaged(index, make, map, err)) || make(index, sync, &key, err))
        return -1;
    *ret = get(*map, &key);
    return 0;
}

/* With the sync's segment, or with none that is known: two look-ups, because going through all of
 * the same name would take squared time. */
static int find_similar_of_segment(struct rcn_live_index *index,
                                   const struct rcn_audience_sync *sync,
                                   const struct rcn_live_sync **ret, struct rcn_error *err)
{
    struct rcn_strmap **map = &index->by_folded_name_and_segment;
    struct key folded;
    if ((!*map && index_unmanaged(index, make_folded_and_segment_key, map, err)) ||
        make_folded_key(index, sync, &folded, err))
        return -1;
    struct key whole = folded;
    if (add_segment(index, sync->segment_id, &whole, err))
        return -1;
    const struct rcn_live_sync *same = get(*map, &whole);
    const struct rcn_live_sync *open = get(*map, &folded);
    bool is_open_first = open && (!same || rcn_live_sync_compare(open, same) < 0);
    *ret = is_open_first ? open : same;
    return 0;
}

int rcn_live_index_find_similar(struct rcn_live_index *index, const struct rcn_audience_sync *sync,
                                const struct rcn_live_sync **ret, struct rcn_error *err)
{
    *ret = NULL;
    if (index->unmanaged_count == 0)
        return 0;
    if (sync->segment_id)
        return find_similar_of_segment(index, sync, ret, err);
    return find_first(index, &index->by_folded_name, make_folded_key, sync, ret, err);
}

int rcn_live_index_find_segment(struct rcn_live_index *index, const struct rcn_audience_sync *sync,
                                const struct rcn_live_sync **ret, struct rcn_error *err)
{
    *ret = NULL;
    if (index->unmanaged_count == 0 || !sync->segment_id)
        return 0;
    return find_first(index, &index->by_segment, make_segment_key, sync, ret, err);
}
