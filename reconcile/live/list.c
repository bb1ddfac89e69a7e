#include "live/list.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "live/answer.h"
#include "model/live_state.h"

/* --- fields --- */

/* How often a value repeats: equal ones are kept once, or each is copied. */
enum storage { COPIED, SHARED };

static const char *keep(struct rcn_list *list, const char *text, enum storage storage)
{
    size_t len = strlen(text);
    if (storage == COPIED)
        return rcn_arena_strndup(list->arena, text, len);
    const char *copy = rcn_strmap_get(list->interned, text, len);
    if (!copy) {
        char *fresh = rcn_arena_strndup(list->arena, text, len);
        *rcn_strmap_put(list->interned, fresh, len) = fresh;
        copy = fresh;
    }
    return copy;
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

static int take_string(struct rcn_list *list, const struct rcn_json *const *values, size_t field,
                       enum storage storage, const char **ret, struct rcn_error *err)
{
    const char *text = rcn_json_get_string(values[field]);
    if (!text)
        return set_wrong_type(list->kind->fields[field], values[field], "a string", err);
    *ret = keep(list, text, storage);
    return 0;
}

/* A text that identifies, as it is: a repaired one is another one. */
static int take_identifier(struct rcn_list *list, const struct rcn_json *const *values,
                           size_t field, enum storage storage, const char **ret,
                           struct rcn_error *err)
{
    if (take_string(list, values, field, storage, ret, err))
        return -1;
    if (list->is_marked && rcn_json_has_mark(*ret))
        return rcn_error_set(err, RCN_ERROR_FAILED, "'%s' holds an invalid character",
                             list->kind->fields[field]);
    return 0;
}

static int take_id(struct rcn_list *list, const struct rcn_json *const *values, const char **ret,
                   struct rcn_error *err)
{
    if (take_identifier(list, values, 0, COPIED, ret, err))
        return -1;
    return **ret ? 0 : rcn_error_set(err, RCN_ERROR_FAILED, "'id' is empty");
}

static int take_optional_string(struct rcn_list *list, const struct rcn_json *const *values,
                                size_t field, enum storage storage, const char **ret,
                                struct rcn_error *err)
{
    return is_nothing(values[field]) ? 0 : take_string(list, values, field, storage, ret, err);
}

static int take_optional_integer(const struct rcn_list *list, const struct rcn_json *const *values,
                                 size_t field, int64_t *ret, struct rcn_error *err)
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

static int take_optional_boolean(const struct rcn_list *list, const struct rcn_json *const *values,
                                 size_t field, enum rcn_tristate *ret, struct rcn_error *err)
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

static int decode_sync(struct rcn_list *list, const struct rcn_json *const *values, void *row,
                       struct rcn_error *err)
{
    struct rcn_live_sync *live = row;
    struct rcn_audience_sync *sync = &live->sync;
    live->segment_is_null = rcn_json_get_type(values[SYNC_SEGMENT_ID]) == RCN_JSON_NULL;
    if (take_id(list, values, &sync->id, err) ||
        take_identifier(list, values, SYNC_AD_ACCOUNT_ID, SHARED, &sync->ad_account_id, err) ||
        take_identifier(list, values, SYNC_AUDIENCE_NAME, COPIED, &sync->audience_name, err) ||
        (!is_nothing(values[SYNC_SEGMENT_ID]) &&
         take_identifier(list, values, SYNC_SEGMENT_ID, SHARED, &sync->segment_id, err)) ||
        take_optional_integer(list, values, SYNC_LAST_SYNCED_COUNT, &live->last_synced_count,
                              err) ||
        take_optional_boolean(list, values, SYNC_IS_ACTIVE, &sync->is_active, err))
        return -1;
    const struct {
        size_t field;
        enum storage storage;
        const char **ret;
    } texts[] = {
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

static int decode_ad_account(struct rcn_list *list, const struct rcn_json *const *values,
                             void *row, struct rcn_error *err)
{
    struct rcn_ad_account *account = row;
    if (take_id(list, values, &account->id, err) ||
        take_optional_string(list, values, ACCOUNT_NAME, COPIED, &account->name, err))
        return -1;
    return 0;
}

static int decode_segment(struct rcn_list *list, const struct rcn_json *const *values,
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

const struct rcn_list_kind rcn_list_of_syncs = {
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
const struct rcn_list_kind rcn_list_of_ad_accounts = {
    .path = "/ad-accounts",
    .key = "adAccounts",
    .row_size = sizeof(struct rcn_ad_account),
    .fields = {"id", [ACCOUNT_NAME] = "name"},
    .field_count = ACCOUNT_FIELDS,
    .decode = decode_ad_account,
};
const struct rcn_list_kind rcn_list_of_segments = {
    .path = "/segments",
    .key = "segments",
    .row_size = sizeof(struct rcn_segment),
    .fields = {"id", [SEGMENT_NAME] = "name", [SEGMENT_SUBSCRIBERS] = "subscriberCount",
               [SEGMENT_ACTIVE_SUBSCRIBERS] = "activeSubscriberCount"},
    .field_count = SEGMENT_FIELDS,
    .decode = decode_segment,
};

/* --- the list --- */

void rcn_list_init(struct rcn_list *list, const struct rcn_list_kind *kind, struct rcn_arena *arena)
{
    *list = (struct rcn_list){.kind = kind, .arena = arena};
    list->ids = rcn_strmap_new(0);
    list->interned = rcn_strmap_new(0);
}

void rcn_list_release(struct rcn_list *list)
{
    rcn_strmap_free(list->ids);
    rcn_strmap_free(list->interned);
    list->ids = NULL;
    list->interned = NULL;
}

/* Room for `more` rows: exact for a list that comes whole, doubled for one that comes in pages. */
static void reserve(struct rcn_list *list, size_t more)
{
    size_t need = list->count + more;
    if (need <= list->capacity)
        return;
    list->capacity = list->count == 0 ? need : need * 2;
    void *rows = rcn_arena_calloc(list->arena, list->capacity, list->kind->row_size);
    if (list->count > 0)
        memcpy(rows, list->rows, list->count * list->kind->row_size);
    list->rows = rows;
}

static int add_row(struct rcn_list *list, const struct rcn_json *item, struct rcn_error *err)
{
    const struct rcn_json *values[RCN_LIST_MAX_FIELDS];
    void *row = (char *)list->rows + list->count * list->kind->row_size;
    memset(row, 0, list->kind->row_size);
    if (rcn_json_get_type(item) != RCN_JSON_OBJECT)
        return rcn_error_set(err, RCN_ERROR_FAILED, "it is %s, not an object",
                             rcn_json_type_name(rcn_json_get_type(item)));
    rcn_json_get_members(item, list->kind->fields, list->kind->field_count, values);
    if (list->kind->decode(list, values, row, err))
        return -1;
    const char *id = *(const char *const *)row;
    void **place = rcn_strmap_put(list->ids, id, strlen(id));
    list->has_repeat = *place && list->kind->is_strict;
    if (list->has_repeat)
        return rcn_error_set(err, RCN_ERROR_FAILED, "duplicate id '%.100s'", id);
    list->count += *place == NULL;
    *place = *place ? *place : row;
    return 0;
}

int rcn_list_add_page(struct rcn_list *list, const struct rcn_json *root, bool is_repaired,
                      struct rcn_page *ret_page, struct rcn_error *err)
{
    const char *key = list->kind->key;
    if (rcn_answer_judge(root, err))
        return -1;
    const struct rcn_json *items = rcn_json_get(root, key);
    if (!items) {
        char flaw[64];
        snprintf(flaw, sizeof flaw, "'%s' is absent", key);
        return rcn_answer_set_flaw(root, flaw, err);
    }
    if (rcn_json_get_type(items) != RCN_JSON_ARRAY)
        return set_wrong_type(key, items, "an array", err);
    size_t count = rcn_json_get_count(items);
    if (rcn_paging_judge(root, key, count, ret_page, err))
        return -1;
    list->is_marked = is_repaired;
    reserve(list, count);
    for (size_t i = 0; i < count; i++)
        if (add_row(list, rcn_json_get_at(items, i), err))
            return rcn_error_wrap(err, "%s[%zu]", key, i);
    list->seen += count;
    return 0;
}
