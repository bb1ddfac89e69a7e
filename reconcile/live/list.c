#include "live/list.h"

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "live/answer.h"
#include "model/live_state.h"

/* --- fields --- */

enum type {
    IDENTIFIER, /* a string, as it is: a repaired one is another one (base/json.h) */
    REQUIRED,   /* an IDENTIFIER that must be there; of the others absent and null are one */
    STRING,
    INTEGER, /* -1 when absent */
    TRISTATE,
};

struct rcn_list_field {
    const char *name; /* NULL: the end */
    enum type type;
    size_t offset; /* in the row */
};

#define FIELD(row, member, name, type)                                                             \
    {                                                                                              \
        name, type, offsetof(struct row, member)                                                   \
    }

static const struct rcn_list_field sync_fields[] = {
    FIELD(rcn_live_sync, sync.id, "id", REQUIRED),
    FIELD(rcn_live_sync, sync.segment_id, "segmentId", IDENTIFIER),
    FIELD(rcn_live_sync, segment_name, "segmentName", STRING),
    FIELD(rcn_live_sync, sync.ad_account_id, "adAccountId", REQUIRED),
    FIELD(rcn_live_sync, sync.audience_name, "audienceName", REQUIRED),
    FIELD(rcn_live_sync, sync.frequency, "frequency", STRING),
    FIELD(rcn_live_sync, sync.is_active, "isActive", TRISTATE),
    FIELD(rcn_live_sync, sync_status, "syncStatus", STRING),
    FIELD(rcn_live_sync, last_sync_at, "lastSyncAt", STRING),
    FIELD(rcn_live_sync, last_sync_error, "lastSyncError", STRING),
    FIELD(rcn_live_sync, last_synced_count, "lastSyncedCount", INTEGER),
    FIELD(rcn_live_sync, created_at, "createdAt", STRING),
    {0},
};
static const struct rcn_list_field ad_account_fields[] = {
    FIELD(rcn_ad_account, id, "id", REQUIRED),
    FIELD(rcn_ad_account, name, "name", STRING),
    {0},
};
static const struct rcn_list_field segment_fields[] = {
    FIELD(rcn_segment, id, "id", REQUIRED),
    FIELD(rcn_segment, name, "name", STRING),
    FIELD(rcn_segment, subscriber_count, "subscriberCount", INTEGER),
    FIELD(rcn_segment, active_subscriber_count, "activeSubscriberCount", INTEGER),
    {0},
};

const struct rcn_list_kind rcn_list_of_syncs = {"/audience-syncs", "audienceSyncs",
                                                sizeof(struct rcn_live_sync), true, sync_fields};
const struct rcn_list_kind rcn_list_of_ad_accounts = {
    "/ad-accounts", "adAccounts", sizeof(struct rcn_ad_account), false, ad_account_fields};
const struct rcn_list_kind rcn_list_of_segments = {
    "/segments", "segments", sizeof(struct rcn_segment), false, segment_fields};

static int set_wrong_type(const char *key, const struct rcn_json *value, const char *wanted,
                          struct rcn_error *err)
{
    if (!value)
        return rcn_error_set(err, RCN_ERROR_FAILED, "'%s' is absent", key);
    return rcn_error_set(err, RCN_ERROR_FAILED, "'%s' is %s, not %s", key,
                         rcn_json_type_name(rcn_json_get_type(value)), wanted);
}

static int take_field(const struct rcn_list *list, const struct rcn_list_field *field,
                      const struct rcn_json *value, void *place, struct rcn_error *err)
{
    bool is_absent = rcn_json_get_type(value) <= RCN_JSON_NULL;
    const char *text = rcn_json_get_string(value);
    long long number = -1;
    switch (field->type) {
    case IDENTIFIER:
    case REQUIRED:
    case STRING:
        if (is_absent && field->type != REQUIRED)
            return 0;
        if (!text)
            return set_wrong_type(field->name, value, "a string", err);
        if (field->type != STRING && list->is_marked && rcn_json_has_mark(text))
            return rcn_error_set(err, RCN_ERROR_FAILED, "'%s' holds an invalid character",
                                 field->name);
        *(const char **)place = rcn_arena_strdup(list->arena, text);
        return 0;
    case INTEGER:
        if (!is_absent && !rcn_json_get_integer(value, &number))
            return set_wrong_type(field->name, value, "an integer", err);
        *(int64_t *)place = number;
        return 0;
    case TRISTATE:
        if (!is_absent && rcn_json_get_type(value) != RCN_JSON_BOOLEAN)
            return set_wrong_type(field->name, value, "a boolean", err);
        if (!is_absent)
            *(enum rcn_tristate *)place = rcn_json_is_true(value) ? RCN_TRUE : RCN_FALSE;
        break;
    }
    return 0;
}

/* --- the list --- */

void rcn_list_init(struct rcn_list *list, const struct rcn_list_kind *kind, struct rcn_arena *arena)
{
    *list = (struct rcn_list){.kind = kind, .arena = arena};
    list->ids = rcn_strmap_new(0);
}

void rcn_list_release(struct rcn_list *list)
{
    rcn_strmap_free(list->ids);
    list->ids = NULL;
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
    const struct rcn_list_kind *kind = list->kind;
    void *row = (char *)list->rows + list->count * kind->row_size;
    memset(row, 0, kind->row_size);
    if (rcn_json_get_type(item) != RCN_JSON_OBJECT)
        return rcn_error_set(err, RCN_ERROR_FAILED, "it is %s, not an object",
                             rcn_json_type_name(rcn_json_get_type(item)));
    for (const struct rcn_list_field *field = kind->fields; field->name; field++)
        if (take_field(list, field, rcn_json_get(item, field->name), (char *)row + field->offset,
                       err))
            return -1;
    if (kind == &rcn_list_of_syncs)
        ((struct rcn_live_sync *)row)->segment_is_null =
            rcn_json_get_type(rcn_json_get(item, "segmentId")) == RCN_JSON_NULL;
    const char *id = *(const char *const *)row;
    if (!*id)
        return rcn_error_set(err, RCN_ERROR_FAILED, "'id' is empty");
    void **place = rcn_strmap_put(list->ids, id, strlen(id));
    list->has_repeat = *place && kind->is_strict;
    if (list->has_repeat)
        return rcn_error_set(err, RCN_ERROR_FAILED, "duplicate id '%.100s'", id);
    if (!*place) {
        *place = row;
        list->count++;
    }
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
