#include "live/live_list.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "live/live_paging.h"

/* --- fields --- */

/* How often a value repeats: equal ones are kept once, or each is copied. */
enum storage { COPIED, SHARED };

static int keep(struct rcn_live_list *list, const char *text, enum storage storage,
                const char **ret, struct rcn_error *err)
{
    size_t len = strlen(text);
    const char *copy = storage == SHARED ? rcn_strmap_get(list->interned, text, len) : NULL;
    if (copy) {
        *ret = copy;
        return 0;
    }
    char *fresh = rcn_arena_strndup(list->arena, text, len);
    if (!fresh)
        return rcn_error_no_memory(err);
    if (storage == SHARED) {
        void **place = rcn_strmap_put(list->interned, fresh, len);
        if (!place)
            return rcn_error_no_memory(err);
        *place = fresh;
    }
    *ret = fresh;
    return 0;
}

static int set_wrong_type(const char *key, const struct rcn_json *value, const char *wanted,
                          struct rcn_error *err)
{
    if (!value)
        return rcn_error_set(err, RCN_ERROR_FAILED, "'%s' is absent", key);
    return rcn_error_set(err, RCN_ERROR_FAILED, "'%s' is %s, not %s", key,
                         rcn_json_type_name(rcn_json_get_type(value)), wanted);
}

static bool is_nothing(const struct rcn_json *value)
{
    return rcn_json_get_type(value) == RCN_JSON_ABSENT || rcn_json_get_type(value) == RCN_JSON_NULL;
}

static int take_string(struct rcn_live_list *list, const struct rcn_json *item, const char *key,
                       enum storage storage, const char **ret, struct rcn_error *err)
{
    const struct rcn_json *value = rcn_json_get(item, key);
    const char *text = rcn_json_get_string(value);
    if (!text)
        return set_wrong_type(key, value, "a string", err);
    return keep(list, text, storage, ret, err);
}

static int take_optional_string(struct rcn_live_list *list, const struct rcn_json *item,
                                const char *key, enum storage storage, const char **ret,
                                struct rcn_error *err)
{
    if (is_nothing(rcn_json_get(item, key)))
        return 0;
    return take_string(list, item, key, storage, ret, err);
}

static int take_id(struct rcn_live_list *list, const struct rcn_json *item, const char **ret,
                   struct rcn_error *err)
{
    if (take_string(list, item, "id", COPIED, ret, err))
        return -1;
    return **ret ? 0 : rcn_error_set(err, RCN_ERROR_FAILED, "'id' is empty");
}

static int take_optional_integer(const struct rcn_json *item, const char *key, int64_t *ret,
                                 struct rcn_error *err)
{
    const struct rcn_json *value = rcn_json_get(item, key);
    long long number;
    *ret = -1;
    if (is_nothing(value))
        return 0;
    if (!rcn_json_get_integer(value, &number))
        return set_wrong_type(key, value, "an integer", err);
    *ret = number;
    return 0;
}

static int take_optional_boolean(const struct rcn_json *item, const char *key,
                                 enum rcn_tristate *ret, struct rcn_error *err)
{
    const struct rcn_json *value = rcn_json_get(item, key);
    if (is_nothing(value))
        return 0;
    if (rcn_json_get_type(value) != RCN_JSON_BOOLEAN)
        return set_wrong_type(key, value, "a boolean", err);
    *ret = rcn_json_is_true(value) ? RCN_TRUE : RCN_FALSE;
    return 0;
}

/* --- rows --- */

static int decode_sync(struct rcn_live_list *list, const struct rcn_json *item, void *row,
                       struct rcn_error *err)
{
    struct rcn_live_sync *live = row;
    struct rcn_audience_sync *sync = &live->sync;
    live->segment_is_null = rcn_json_get_type(rcn_json_get(item, "segmentId")) == RCN_JSON_NULL;
    if (take_id(list, item, &sync->id, err) ||
        take_string(list, item, "adAccountId", SHARED, &sync->ad_account_id, err) ||
        take_string(list, item, "audienceName", COPIED, &sync->audience_name, err) ||
        take_optional_string(list, item, "segmentId", SHARED, &sync->segment_id, err) ||
        take_optional_string(list, item, "segmentName", SHARED, &live->segment_name, err) ||
        take_optional_string(list, item, "frequency", SHARED, &sync->frequency, err) ||
        take_optional_boolean(item, "isActive", &sync->is_active, err) ||
        take_optional_string(list, item, "syncStatus", SHARED, &live->sync_status, err) ||
        take_optional_string(list, item, "lastSyncAt", COPIED, &live->last_sync_at, err) ||
        take_optional_string(list, item, "lastSyncError", SHARED, &live->last_sync_error, err) ||
        take_optional_integer(item, "lastSyncedCount", &live->last_synced_count, err) ||
        take_optional_string(list, item, "createdAt", COPIED, &live->created_at, err))
        return -1;
    return 0;
}

static int decode_ad_account(struct rcn_live_list *list, const struct rcn_json *item, void *row,
                             struct rcn_error *err)
{
    struct rcn_ad_account *account = row;
    if (take_id(list, item, &account->id, err) ||
        take_optional_string(list, item, "name", COPIED, &account->name, err))
        return -1;
    return 0;
}

static int decode_segment(struct rcn_live_list *list, const struct rcn_json *item, void *row,
                          struct rcn_error *err)
{
    struct rcn_segment *segment = row;
    if (take_id(list, item, &segment->id, err) ||
        take_optional_string(list, item, "name", COPIED, &segment->name, err) ||
        take_optional_integer(item, "subscriberCount", &segment->subscriber_count, err) ||
        take_optional_integer(item, "activeSubscriberCount", &segment->active_subscriber_count,
                              err))
        return -1;
    return 0;
}

const struct rcn_live_list_kind rcn_live_list_syncs = {
    .path = "/audience-syncs",
    .key = "audienceSyncs",
    .row_size = sizeof(struct rcn_live_sync),
    .is_strict = true,
    .decode = decode_sync,
};
const struct rcn_live_list_kind rcn_live_list_ad_accounts = {
    .path = "/ad-accounts",
    .key = "adAccounts",
    .row_size = sizeof(struct rcn_ad_account),
    .decode = decode_ad_account,
};
const struct rcn_live_list_kind rcn_live_list_segments = {
    .path = "/segments",
    .key = "segments",
    .row_size = sizeof(struct rcn_segment),
    .decode = decode_segment,
};

/* --- the list --- */

int rcn_live_list_init(struct rcn_live_list *list, const struct rcn_live_list_kind *kind,
                       struct rcn_arena *arena, struct rcn_error *err)
{
    *list = (struct rcn_live_list){.kind = kind, .arena = arena};
    list->ids = rcn_strmap_new(0);
    list->interned = rcn_strmap_new(0);
    if (list->ids && list->interned)
        return 0;
    rcn_live_list_release(list);
    return rcn_error_no_memory(err);
}

void rcn_live_list_release(struct rcn_live_list *list)
{
    rcn_strmap_free(list->ids);
    rcn_strmap_free(list->interned);
    list->ids = NULL;
    list->interned = NULL;
}

static char *row_at(const struct rcn_live_list *list, size_t index)
{
    return (char *)list->rows + index * list->kind->row_size;
}

/* Room for `more` rows: exact for a list that comes whole, doubled for one that comes in pages. */
static int reserve(struct rcn_live_list *list, size_t more, struct rcn_error *err)
{
    size_t need = list->count + more;
    if (need <= list->capacity)
        return 0;
    size_t capacity = list->count == 0 ? need : need * 2;
    void *rows = rcn_arena_calloc(list->arena, capacity, list->kind->row_size);
    if (!rows)
        return rcn_error_no_memory(err);
    if (list->count > 0)
        memcpy(rows, list->rows, list->count * list->kind->row_size);
    list->rows = rows;
    list->capacity = capacity;
    return 0;
}

/* Notes the id of the row; ret_is_new is false when another row has it. */
static int note_id(struct rcn_live_list *list, void *row, bool *ret_is_new, struct rcn_error *err)
{
    const char *id = *(const char *const *)row;
    void **place = rcn_strmap_put(list->ids, id, strlen(id));
    if (!place)
        return rcn_error_no_memory(err);
    *ret_is_new = *place == NULL;
    list->has_repeat = *place && list->kind->is_strict;
    if (list->has_repeat)
        return rcn_error_set(err, RCN_ERROR_FAILED, "the id '%.100s' comes twice", id);
    if (!*place)
        *place = row;
    return 0;
}

static int decode_item(struct rcn_live_list *list, const struct rcn_json *item, void *row,
                       struct rcn_error *err)
{
    memset(row, 0, list->kind->row_size);
    if (rcn_json_get_type(item) != RCN_JSON_OBJECT)
        return rcn_error_set(err, RCN_ERROR_FAILED, "it is %s, not an object",
                             rcn_json_type_name(rcn_json_get_type(item)));
    return list->kind->decode(list, item, row, err);
}

/*
 * Last first: the tree's newest memory is given back while the rows grow, so the peak stays that of
 * the parser.
 */
static int decode_items(struct rcn_live_list *list, struct rcn_json *items, struct rcn_error *err)
{
    size_t count = rcn_json_get_count(items);
    for (size_t i = count; i-- > 0;) {
        if (decode_item(list, rcn_json_get_at(items, i), row_at(list, list->count + i), err))
            return rcn_error_wrap(err, "%s[%zu]", list->kind->key, i);
        rcn_json_drop_at(items, i);
    }
    return 0;
}

/* Takes the decoded rows in, in the order of the list. */
static int admit_rows(struct rcn_live_list *list, size_t count, struct rcn_error *err)
{
    size_t first = list->count;
    for (size_t i = 0; i < count; i++) {
        void *row = row_at(list, list->count);
        const void *decoded = row_at(list, first + i);
        if (row != decoded)
            memcpy(row, decoded, list->kind->row_size);
        bool is_new = false;
        if (note_id(list, row, &is_new, err))
            return rcn_error_wrap(err, "%s[%zu]", list->kind->key, i);
        list->count += is_new;
    }
    list->seen += count;
    return 0;
}

/* Everything in the body but the items. */
static int judge_frame(const struct rcn_live_list *list, const struct rcn_json *root,
                       struct rcn_list_page *ret_page, struct rcn_error *err)
{
    if (rcn_json_get_type(root) != RCN_JSON_OBJECT)
        return rcn_error_set(err, RCN_ERROR_FAILED, "the answer is %s, not an object",
                             rcn_json_type_name(rcn_json_get_type(root)));
    const struct rcn_json *success = rcn_json_get(root, "success");
    if (success && !rcn_json_is_true(success))
        return rcn_error_set(err, RCN_ERROR_FAILED, "the answer's 'success' is not true");
    const struct rcn_json *items = rcn_json_get(root, list->kind->key);
    if (rcn_json_get_type(items) != RCN_JSON_ARRAY)
        return set_wrong_type(list->kind->key, items, "an array", err);
    return rcn_live_paging_judge(root, list->kind->key, rcn_json_get_count(items), ret_page, err);
}

int rcn_live_list_add_page(struct rcn_live_list *list, struct rcn_json *root,
                           struct rcn_list_page *ret_page, struct rcn_error *err)
{
    int result = judge_frame(list, root, ret_page, err);
    if (result == 0) {
        struct rcn_json *items = rcn_json_get_owned(root, list->kind->key);
        size_t count = rcn_json_get_count(items);
        result = reserve(list, count, err) || decode_items(list, items, err) ? -1 : 0;
        rcn_json_free(root);
        root = NULL;
        if (result == 0)
            result = admit_rows(list, count, err);
    }
    rcn_json_free(root);
    return result;
}

int rcn_live_list_judge(struct rcn_arena *arena, const char *body, size_t len,
                        struct rcn_live_sync **ret_syncs, size_t *ret_count,
                        struct rcn_list_page *ret_page, struct rcn_error *err)
{
    struct rcn_live_list list;
    if (rcn_live_list_init(&list, &rcn_live_list_syncs, arena, err))
        return -1;
    int result = -1;
    bool is_new;
    list.rows = *ret_syncs;
    list.capacity = *ret_count;
    for (; list.count < *ret_count; list.count++)
        if (note_id(&list, row_at(&list, list.count), &is_new, err))
            goto out;
    struct rcn_json *root = rcn_json_parse(body, len, err);
    if (root)
        result = rcn_live_list_add_page(&list, root, ret_page, err);
    if (result == 0) {
        *ret_syncs = list.rows;
        *ret_count = list.count;
    }
out:
    rcn_live_list_release(&list);
    return result;
}
