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
    STRING,
    INTEGER, /* -1 when absent */
    TRISTATE,
};

struct rcn_list_field {
    size_t offset; /* in the row */
    enum type type;
    bool is_required; /* else absent and null are one */
    bool is_shared;   /* values repeat from row to row: equal ones are kept once */
};

enum { SEGMENT_ID = 1 }; /* place in the fields of syncs */

/* Names are in the kind, in the API's order, which is the fastest to look up. */
#define AT(row, member) .offset = offsetof(struct row, member)

static const struct rcn_list_field sync_fields[] = {
    {AT(rcn_live_sync, sync.id), IDENTIFIER, .is_required = true},
    {AT(rcn_live_sync, sync.segment_id), IDENTIFIER, .is_shared = true},
    {AT(rcn_live_sync, segment_name), STRING, .is_shared = true},
    {AT(rcn_live_sync, sync.ad_account_id), IDENTIFIER, .is_required = true, .is_shared = true},
    {AT(rcn_live_sync, sync.audience_name), IDENTIFIER, .is_required = true},
    {AT(rcn_live_sync, sync.frequency), STRING, .is_shared = true},
    {AT(rcn_live_sync, sync.is_active), TRISTATE},
    {AT(rcn_live_sync, sync_status), STRING, .is_shared = true},
    {AT(rcn_live_sync, last_sync_at), STRING},
    {AT(rcn_live_sync, last_sync_error), STRING, .is_shared = true},
    {AT(rcn_live_sync, last_synced_count), INTEGER},
    {AT(rcn_live_sync, created_at), STRING},
};
static const struct rcn_list_field ad_account_fields[] = {
    {AT(rcn_ad_account, id), IDENTIFIER, .is_required = true},
    {AT(rcn_ad_account, name), STRING},
};
static const struct rcn_list_field segment_fields[] = {
    {AT(rcn_segment, id), IDENTIFIER, .is_required = true},
    {AT(rcn_segment, name), STRING},
    {AT(rcn_segment, subscriber_count), INTEGER},
    {AT(rcn_segment, active_subscriber_count), INTEGER},
};

const struct rcn_list_kind rcn_list_of_syncs = {
    .path = "/audience-syncs",
    .key = "audienceSyncs",
    .row_size = sizeof(struct rcn_live_sync),
    .is_strict = true,
    .names = {"id", "segmentId", "segmentName", "adAccountId", "audienceName", "frequency",
              "isActive", "syncStatus", "lastSyncAt", "lastSyncError", "lastSyncedCount",
              "createdAt"},
    .fields = sync_fields,
    .field_count = sizeof sync_fields / sizeof *sync_fields,
};
const struct rcn_list_kind rcn_list_of_ad_accounts = {
    .path = "/ad-accounts",
    .key = "adAccounts",
    .row_size = sizeof(struct rcn_ad_account),
    .names = {"id", "name"},
    .fields = ad_account_fields,
    .field_count = sizeof ad_account_fields / sizeof *ad_account_fields,
};
const struct rcn_list_kind rcn_list_of_segments = {
    .path = "/segments",
    .key = "segments",
    .row_size = sizeof(struct rcn_segment),
    .names = {"id", "name", "subscriberCount", "activeSubscriberCount"},
    .fields = segment_fields,
    .field_count = sizeof segment_fields / sizeof *segment_fields,
};

static const char *keep(struct rcn_list *list, const char *text, bool is_shared)
{
    size_t len = strlen(text);
    const char *copy = is_shared ? rcn_strmap_get(list->interned, text, len) : NULL;
    if (copy)
        return copy;
    char *fresh = rcn_arena_strndup(list->arena, text, len);
    if (is_shared)
        *rcn_strmap_put(list->interned, fresh, len) = fresh;
    return fresh;
}

static int set_wrong_type(const char *key, const struct rcn_json *value, const char *wanted,
                          struct rcn_error *err)
{
    if (!value)
        return rcn_error_set(err, RCN_ERROR_FAILED, "'%s' is absent", key);
    return rcn_error_set(err, RCN_ERROR_FAILED, "'%s' is %s, not %s", key,
                         rcn_json_type_name(rcn_json_get_type(value)), wanted);
}

static int take_field(struct rcn_list *list, const struct rcn_list_field *field, const char *name,
                      const struct rcn_json *value, void *place, struct rcn_error *err)
{
    enum rcn_json_type type = rcn_json_get_type(value);
    bool is_absent = type == RCN_JSON_ABSENT || type == RCN_JSON_NULL;
    const char *text = rcn_json_get_string(value);
    long long number = -1;
    switch (field->type) {
    case IDENTIFIER:
    case STRING:
        if (is_absent && !field->is_required)
            return 0;
        if (!text)
            return set_wrong_type(name, value, "a string", err);
        if (field->type == IDENTIFIER && list->is_marked && rcn_json_has_mark(text))
            return rcn_error_set(err, RCN_ERROR_FAILED, "'%s' holds an invalid character", name);
        *(const char **)place = keep(list, text, field->is_shared);
        return 0;
    case INTEGER:
        if (!is_absent && !rcn_json_get_integer(value, &number))
            return set_wrong_type(name, value, "an integer", err);
        *(int64_t *)place = number;
        return 0;
    case TRISTATE:
        if (!is_absent && type != RCN_JSON_BOOLEAN)
            return set_wrong_type(name, value, "a boolean", err);
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
    const struct rcn_list_kind *kind = list->kind;
    const struct rcn_json *values[RCN_LIST_MAX_FIELDS];
    void *row = (char *)list->rows + list->count * kind->row_size;
    memset(row, 0, kind->row_size);
    if (rcn_json_get_type(item) != RCN_JSON_OBJECT)
        return rcn_error_set(err, RCN_ERROR_FAILED, "it is %s, not an object",
                             rcn_json_type_name(rcn_json_get_type(item)));
    rcn_json_get_members(item, kind->names, kind->field_count, values);
    for (size_t i = 0; i < kind->field_count; i++)
        if (take_field(list, &kind->fields[i], kind->names[i], values[i],
                       (char *)row + kind->fields[i].offset, err))
            return -1;
    if (kind == &rcn_list_of_syncs)
        ((struct rcn_live_sync *)row)->segment_is_null =
            rcn_json_get_type(values[SEGMENT_ID]) == RCN_JSON_NULL;
    const char *id = *(const char *const *)row;
    if (!*id)
        return rcn_error_set(err, RCN_ERROR_FAILED, "'id' is empty");
    void **place = rcn_strmap_put(list->ids, id, strlen(id));
    list->has_repeat = *place && kind->is_strict;
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
