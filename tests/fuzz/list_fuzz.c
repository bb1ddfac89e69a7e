/*
 * Any bytes as the body of each of the lists. What is taken is held against jansson's own reading
 * of the same bytes: as many items, the same fields. Half a list is never taken: neither a body
 * that is cut anywhere, nor one that says how many there are and has lost an item.
 */
#include <jansson.h>

#include "fuzz.h"
#include "live/list.h"
#include "model/live_state.h"

enum { CUTS = 8 };

struct judged {
    struct rcn_arena *arena;
    struct rcn_list list;
    struct rcn_page page;
    bool is_taken;
};

static struct judged judge(const struct rcn_list_kind *kind, const char *body, size_t len)
{
    struct judged judged = {.arena = rcn_arena_new((size_t)64 << 20)};
    struct rcn_error err = RCN_ERROR_INIT;
    rcn_list_init(&judged.list, kind, NULL, judged.arena);
    struct rcn_json *root = rcn_json_parse(body, len, &err);
    judged.is_taken = root && rcn_list_add_page(&judged.list, root, false, &judged.page, &err) == 0;
    rcn_json_free(root);
    FUZZ_CHECK(judged.is_taken || err.message[0]);
    return judged;
}

static void release(struct judged *judged)
{
    rcn_list_release(&judged->list);
    rcn_arena_free(judged->arena);
}

static bool is_taken(const struct rcn_list_kind *kind, const char *body, size_t len)
{
    struct judged judged = judge(kind, body, len);
    bool result = judged.is_taken;
    release(&judged);
    return result;
}

/* An absent or null member is NULL; any other one is this string. */
static void check_string(const json_t *item, const char *key, const char *text)
{
    const char *sent = json_string_value(json_object_get(item, key));
    FUZZ_CHECK(!sent == !text);
    FUZZ_CHECK(!sent || strcmp(sent, text) == 0);
}

static void check_sync(const json_t *item, const struct rcn_live_sync *live)
{
    const json_t *active = json_object_get(item, "isActive");
    FUZZ_CHECK(live->sync.id && *live->sync.id && live->sync.ad_account_id &&
               live->sync.audience_name);
    check_string(item, "id", live->sync.id);
    check_string(item, "adAccountId", live->sync.ad_account_id);
    check_string(item, "audienceName", live->sync.audience_name);
    check_string(item, "segmentId", live->sync.segment_id);
    check_string(item, "segmentName", live->segment_name);
    check_string(item, "frequency", live->sync.frequency);
    check_string(item, "syncStatus", live->sync_status);
    check_string(item, "lastSyncAt", live->last_sync_at);
    check_string(item, "lastSyncError", live->last_sync_error);
    check_string(item, "createdAt", live->created_at);
    FUZZ_CHECK(json_is_true(active) == (live->sync.is_active == RCN_TRUE));
    FUZZ_CHECK(json_is_false(active) == (live->sync.is_active == RCN_FALSE));
    FUZZ_CHECK(live->segment_is_null == json_is_null(json_object_get(item, "segmentId")));
}

/* The item that has the id of the row; of ad accounts and segments the first one stays. */
static const json_t *find_item(const json_t *items, const char *id)
{
    for (size_t i = 0; i < json_array_size(items); i++) {
        const json_t *item = json_array_get(items, i);
        if (strcmp(json_string_value(json_object_get(item, "id")), id) == 0)
            return item;
    }
    return NULL;
}

static void check_named(const json_t *items, const struct rcn_list *list)
{
    for (size_t i = 0; i < list->count; i++) {
        const struct rcn_ad_account *row =
            (const void *)((const char *)list->rows + i * list->kind->row.size);
        const json_t *item = find_item(items, row->id);
        FUZZ_CHECK(item);
        check_string(item, "name", row->name);
    }
}

static void check_rows(const json_t *items, const struct rcn_list *list)
{
    FUZZ_CHECK(json_is_array(items));
    FUZZ_CHECK(list->seen == json_array_size(items));
    if (!list->kind->is_strict) {
        check_named(items, list);
        return;
    }
    FUZZ_CHECK(list->count == list->seen);
    const struct rcn_live_sync *syncs = list->rows;
    for (size_t i = 0; i < list->count; i++) {
        check_sync(json_array_get(items, i), &syncs[i]);
        FUZZ_CHECK(find_item(items, syncs[i].sync.id) == json_array_get(items, i));
    }
}

static void check_page(const json_t *root, const struct rcn_page *page)
{
    FUZZ_CHECK(page->is_paged == json_is_object(json_object_get(root, "pagination")));
    FUZZ_CHECK(!page->is_paged || (page->limit >= 1 && page->offset >= 0 && page->total >= 0));
}

static void check_cuts(const struct rcn_list_kind *kind, const char *body, size_t len)
{
    while (len && strchr(" \t\r\n", body[len - 1]))
        len--;
    for (size_t i = 1; i <= CUTS; i++)
        FUZZ_CHECK(!is_taken(kind, body, len - 1 - (len - 1) / i));
    FUZZ_CHECK(!is_taken(kind, body, len - 1));
}

/* The body as jansson writes it, with its last item taken away when it says how many there are. */
static void check_rewritten(const struct rcn_list_kind *kind, json_t *root, size_t count)
{
    char *text = json_dumps(root, 0);
    FUZZ_CHECK(text);
    struct judged judged = judge(kind, text, strlen(text));
    FUZZ_CHECK(judged.is_taken && judged.list.count == count);
    release(&judged);
    free(text);
    json_t *items = json_object_get(root, kind->key);
    if (json_array_size(items) == 0 || !json_is_integer(json_object_get(root, "total")))
        return;
    if (json_is_object(json_object_get(root, "pagination")))
        return;
    json_array_remove(items, json_array_size(items) - 1);
    text = json_dumps(root, 0);
    FUZZ_CHECK(text && !is_taken(kind, text, strlen(text)));
    free(text);
}

static void check(const struct rcn_list_kind *kind, const char *body, size_t len)
{
    struct judged judged = judge(kind, body, len);
    if (judged.is_taken) {
        json_t *root = json_loadb(body, len, JSON_REJECT_DUPLICATES, NULL);
        FUZZ_CHECK(json_is_object(root));
        FUZZ_CHECK(!json_is_false(json_object_get(root, "success")));
        check_rows(json_object_get(root, kind->key), &judged.list);
        check_page(root, &judged.page);
        check_cuts(kind, body, len);
        check_rewritten(kind, root, judged.list.count);
        json_decref(root);
    }
    release(&judged);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *body = fuzz_copy(data, size);
    check(&rcn_list_of_syncs, body, size);
    check(&rcn_list_of_ad_accounts, body, size);
    check(&rcn_list_of_segments, body, size);
    free(body);
    return 0;
}
