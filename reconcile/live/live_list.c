#include "live/live_list.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "live/live_frame.h"
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
    enum rcn_json_type type = rcn_json_get_type(value);
    return type == RCN_JSON_ABSENT || type == RCN_JSON_NULL;
}

static int take_string(struct rcn_live_list *list, const struct rcn_json *const *values,
                       size_t field, enum storage storage, const char **ret, struct rcn_error *err)
{
    const char *text = rcn_json_get_string(values[field]);
    if (!text)
        return set_wrong_type(list->kind->fields[field], values[field], "a string", err);
    return keep(list, text, storage, ret, err);
}

static int take_optional_string(struct rcn_live_list *list, const struct rcn_json *const *values,
                                size_t field, enum storage storage, const char **ret,
                                struct rcn_error *err)
{
    return is_nothing(values[field]) ? 0 : take_string(list, values, field, storage, ret, err);
}

static int take_id(struct rcn_live_list *list, const struct rcn_json *const *values,
                   const char **ret, struct rcn_error *err)
{
    if (take_string(list, values, 0, COPIED, ret, err))
        return -1;
    return **ret ? 0 : rcn_error_set(err, RCN_ERROR_FAILED, "'id' is empty");
}

static int take_optional_integer(const struct rcn_live_list *list,
                                 const struct rcn_json *const *values, size_t field, int64_t *ret,
                                 struct rcn_error *err)
{
    long long number;
    *ret = -1;
    if (is_nothing(values[field]))
        return 0;
    if (!rcn_json_get_integer(values[field], &number))
        return set_wrong_type(list->kind->fields[field], values[field], "an integer", err);
    *ret = number;
    return 0;
}

static int take_optional_boolean(const struct rcn_live_list *list,
                                 const struct rcn_json *const *values, size_t field,
                                 enum rcn_tristate *ret, struct rcn_error *err)
{
    if (is_nothing(values[field]))
        return 0;
    if (rcn_json_get_type(values[field]) != RCN_JSON_BOOLEAN)
        return set_wrong_type(list->kind->fields[field], values[field], "a boolean", err);
    *ret = rcn_json_is_true(values[field]) ? RCN_TRUE : RCN_FALSE;
    return 0;
}

/* --- rows --- */

/* Places in the fields of a kind; the id is the first of each. */
enum {
    SYNC_SEGMENT_ID = 1,
    SYNC_SEGMENT_NAME,
    SYNC_AD_ACCOUNT_ID,
    SYNC_AUDIENCE_NAME,
    SYNC_FREQUENCY,
    SYNC_IS_ACTIVE,
    SYNC_STATUS,
    SYNC_LAST_SYNC_AT,
    SYNC_LAST_SYNC_ERROR,
    SYNC_LAST_SYNCED_COUNT,
    SYNC_CREATED_AT,
    SYNC_FIELDS
};
enum { ACCOUNT_NAME = 1, ACCOUNT_FIELDS };
enum { SEGMENT_NAME = 1, SEGMENT_SUBSCRIBERS, SEGMENT_ACTIVE_SUBSCRIBERS, SEGMENT_FIELDS };

static int decode_sync(struct rcn_live_list *list, const struct rcn_json *const *values, void *row,
                       struct rcn_error *err)
{
    struct rcn_live_sync *live = row;
    struct rcn_audience_sync *sync = &live->sync;
    live->segment_is_null = rcn_json_get_type(values[SYNC_SEGMENT_ID]) == RCN_JSON_NULL;
    if (take_id(list, values, &sync->id, err) ||
        take_string(list, values, SYNC_AD_ACCOUNT_ID, SHARED, &sync->ad_account_id, err) ||
        take_string(list, values, SYNC_AUDIENCE_NAME, COPIED, &sync->audience_name, err) ||
        take_optional_integer(list, values, SYNC_LAST_SYNCED_COUNT, &live->last_synced_count,
                              err) ||
        take_optional_boolean(list, values, SYNC_IS_ACTIVE, &sync->is_active, err))
        return -1;
    const struct {
        size_t field;
        enum storage storage;
        const char **ret;
    } texts[] = {
        {SYNC_SEGMENT_ID, SHARED, &sync->segment_id},
        {SYNC_SEGMENT_NAME, SHARED, &live->segment_name},
        {SYNC_FREQUENCY, SHARED, &sync->frequency},
        {SYNC_STATUS, SHARED, &live->sync_status},
        {SYNC_LAST_SYNC_AT, COPIED, &live->last_sync_at},
        {SYNC_LAST_SYNC_ERROR, SHARED, &live->last_sync_error},
        {SYNC_CREATED_AT, COPIED, &live->created_at},
    };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        if (take_optional_string(list, values, texts[i].field, texts[i].storage, texts[i].ret, err))
            return -1;
    return 0;
}

static int decode_ad_account(struct rcn_live_list *list, const struct rcn_json *const *values,
                             void *row, struct rcn_error *err)
{
    struct rcn_ad_account *account = row;
    if (take_id(list, values, &account->id, err) ||
        take_optional_string(list, values, ACCOUNT_NAME, COPIED, &account->name, err))
        return -1;
    return 0;
}

static int decode_segment(struct rcn_live_list *list, const struct rcn_json *const *values,
                          void *row, struct rcn_error *err)
{
    struct rcn_segment *segment = row;
    if (take_id(list, values, &segment->id, err) ||
        take_optional_string(list, values, SEGMENT_NAME, COPIED, &segment->name, err) ||
        take_optional_integer(list, values, SEGMENT_SUBSCRIBERS, &segment->subscriber_count, err) ||
        take_optional_integer(list, values, SEGMENT_ACTIVE_SUBSCRIBERS,
                              &segment->active_subscriber_count, err))
        return -1;
    return 0;
}

const struct rcn_live_list_kind rcn_live_list_syncs = {
    .path = "/audience-syncs",
    .key = "audienceSyncs",
    .row_size = sizeof(struct rcn_live_sync),
    .is_strict = true,
    .fields = {"id", [SYNC_SEGMENT_ID] = "segmentId", [SYNC_SEGMENT_NAME] = "segmentName",
               [SYNC_AD_ACCOUNT_ID] = "adAccountId", [SYNC_AUDIENCE_NAME] = "audienceName",
               [SYNC_FREQUENCY] = "frequency", [SYNC_IS_ACTIVE] = "isActive",
               [SYNC_STATUS] = "syncStatus", [SYNC_LAST_SYNC_AT] = "lastSyncAt",
               [SYNC_LAST_SYNC_ERROR] = "lastSyncError",
               [SYNC_LAST_SYNCED_COUNT] = "lastSyncedCount", [SYNC_CREATED_AT] = "createdAt"},
    .field_count = SYNC_FIELDS,
    .decode = decode_sync,
};
const struct rcn_live_list_kind rcn_live_list_ad_accounts = {
    .path = "/ad-accounts",
    .key = "adAccounts",
    .row_size = sizeof(struct rcn_ad_account),
    .fields = {"id", [ACCOUNT_NAME] = "name"},
    .field_count = ACCOUNT_FIELDS,
    .decode = decode_ad_account,
};
const struct rcn_live_list_kind rcn_live_list_segments = {
    .path = "/segments",
    .key = "segments",
    .row_size = sizeof(struct rcn_segment),
    .fields = {"id", [SEGMENT_NAME] = "name", [SEGMENT_SUBSCRIBERS] = "subscriberCount",
               [SEGMENT_ACTIVE_SUBSCRIBERS] = "activeSubscriberCount"},
    .field_count = SEGMENT_FIELDS,
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
    const struct rcn_json *values[RCN_LIVE_LIST_MAX_FIELDS];
    rcn_json_get_members(item, list->kind->fields, list->kind->field_count, values);
    return list->kind->decode(list, values, row, err);
}

/* Adds a row for each item, in the order of the list. */
static int add_rows(struct rcn_live_list *list, const struct rcn_json *items, size_t count,
                    struct rcn_error *err)
{
    for (size_t i = 0; i < count; i++) {
        void *row = row_at(list, list->count);
        bool is_new = false;
        if (decode_item(list, rcn_json_get_at(items, i), row, err) ||
            note_id(list, row, &is_new, err))
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
    if (rcn_live_frame_judge(root, err))
        return -1;
    const struct rcn_json *items = rcn_json_get(root, list->kind->key);
    if (rcn_json_get_type(items) != RCN_JSON_ARRAY)
        return set_wrong_type(list->kind->key, items, "an array", err);
    return rcn_live_paging_judge(root, list->kind->key, rcn_json_get_count(items), ret_page, err);
}

int rcn_live_list_add_page(struct rcn_live_list *list, const struct rcn_json *root,
                           struct rcn_list_page *ret_page, struct rcn_error *err)
{
    if (judge_frame(list, root, ret_page, err))
        return -1;
    const struct rcn_json *items = rcn_json_get(root, list->kind->key);
    size_t count = rcn_json_get_count(items);
    return reserve(list, count, err) || add_rows(list, items, count, err) ? -1 : 0;
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
    rcn_json_free(root);
    if (result == 0) {
        *ret_syncs = list.rows;
        *ret_count = list.count;
    }
out:
    rcn_live_list_release(&list);
    return result;
}
