#include "model/audience_sync.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/strmap.h"

const char *const rcn_frequencies[] = {"hourly", "daily", "weekly"};

const char *const rcn_template_ids[] = {"recent-buyers",      "zero-ltv",   "no-purchase-1y",
                                        "high-spenders-ecom", "non-buyers", "engaged"};

const char *rcn_frequency_find(const char *name)
{
    for (size_t i = 0; i < RCN_FREQUENCY_COUNT; i++)
        if (rcn_text_is_same(name, rcn_frequencies[i]))
            return rcn_frequencies[i];
    return NULL;
}

int64_t rcn_frequency_get_period_ms(const char *frequency)
{
    static const int64_t hours[RCN_FREQUENCY_COUNT] = {1, 24, 168};
    for (size_t i = 0; i < RCN_FREQUENCY_COUNT; i++)
        if (rcn_text_is_same(frequency, rcn_frequencies[i]))
            return hours[i] * 3600 * 1000;
    return 0;
}

bool rcn_template_is_known(const char *predefined_segment_id)
{
    for (size_t i = 0; i < RCN_TEMPLATE_COUNT; i++)
        if (strcmp(predefined_segment_id, rcn_template_ids[i]) == 0)
            return true;
    return false;
}

const char *rcn_template_get_display_name(const char *predefined_segment_id)
{
    /* api-contract 4.3: the only pairing that a vendor source shows. */
    return strcmp(predefined_segment_id, "recent-buyers") == 0 ? "Recent buyers" : NULL;
}

bool rcn_ad_account_id_is_valid(const char *ad_account_id)
{
    if (strncmp(ad_account_id, "act_", 4) != 0)
        return false;
    const char *digits = ad_account_id + 4;
    return *digits && digits[strspn(digits, "0123456789")] == '\0';
}

static const char *or_empty(const char *text)
{
    return text ? text : "";
}

bool rcn_text_is_same(const char *a, const char *b)
{
    return a == b || (a && b && strcmp(a, b) == 0);
}

/* Equal ids are often one copy. */
static int compare_text(const char *a, const char *b)
{
    return a == b ? 0 : strcmp(or_empty(a), or_empty(b));
}

int rcn_identity_compare(const struct rcn_audience_sync *a, const struct rcn_audience_sync *b)
{
    int order = compare_text(a->company_id, b->company_id);
    if (!order)
        order = compare_text(a->ad_account_id, b->ad_account_id);
    return order ? order : compare_text(a->audience_name, b->audience_name);
}

int rcn_live_sync_compare(const struct rcn_live_sync *a, const struct rcn_live_sync *b)
{
    int order = rcn_identity_compare(&a->sync, &b->sync);
    return order ? order : strcmp(a->sync.id, b->sync.id);
}

struct rcn_identity_map {
    struct rcn_arena *arena; /* of the keys */
    struct rcn_strmap *map;
};

struct rcn_identity_map *rcn_identity_map_new(size_t expected)
{
    struct rcn_identity_map *map = rcn_calloc(1, sizeof *map);
    map->arena = rcn_arena_new(SIZE_MAX);
    map->map = rcn_strmap_new(expected);
    return map;
}

void rcn_identity_map_free(struct rcn_identity_map *map)
{
    if (!map)
        return;
    rcn_strmap_free(map->map);
    rcn_arena_free(map->arena);
    free(map);
}

/* Writes the three parts, each ended by a NUL byte, to key (or NULL). Returns the length. */
static size_t write_key(const struct rcn_audience_sync *sync, char *key)
{
    const char *parts[] = {or_empty(sync->company_id), sync->ad_account_id, sync->audience_name};
    size_t len = 0;
    for (size_t i = 0; i < 3; i++) {
        const size_t size = strlen(parts[i]) + 1;
        if (key)
            memcpy(key + len, parts[i], size);
        len += size;
    }
    return len;
}

void **rcn_identity_map_put(struct rcn_identity_map *map, const struct rcn_audience_sync *sync)
{
    const size_t len = write_key(sync, NULL);
    char *key = rcn_arena_alloc(map->arena, len);
    return rcn_strmap_put(map->map, key, write_key(sync, key));
}

void *rcn_identity_map_get(const struct rcn_identity_map *map, const struct rcn_audience_sync *sync)
{
    char few[512];
    if (!map || rcn_strmap_get_count(map->map) == 0)
        return NULL;
    const size_t len = write_key(sync, NULL);
    char *key = len <= sizeof few ? few : rcn_malloc(len);
    void *value = rcn_strmap_get(map->map, key, write_key(sync, key));
    if (key != few)
        free(key);
    return value;
}

struct rcn_audience_sync rcn_identity_of_id(const char *company_id, const char *id)
{
    return (struct rcn_audience_sync){
        .company_id = company_id, .ad_account_id = "", .audience_name = id};
}

const char *rcn_desired_sync_get_label(const struct rcn_desired_sync *sync, const char *key)
{
    for (size_t i = 0; i < sync->label_count; i++)
        if (strcmp(sync->labels[i].key, key) == 0)
            return sync->labels[i].value;
    return NULL;
}

bool rcn_desired_sync_replaces(const struct rcn_desired_sync *sync, const char *id)
{
    for (size_t i = 0; i < sync->replaces_count; i++)
        if (strcmp(sync->replaces[i], id) == 0)
            return true;
    return false;
}

bool rcn_desired_set_names(const struct rcn_desired_set *set, const char *company_id)
{
    for (size_t i = 0; i < set->company_count; i++)
        if (strcmp(set->company_ids[i], company_id) == 0)
            return true;
    return false;
}

void rcn_desired_set_free(struct rcn_desired_set *set)
{
    if (!set)
        return;
    free(set->syncs);
    free(set->ignores);
    free(set->skipped);
    rcn_arena_free(set->arena);
    free(set);
}
