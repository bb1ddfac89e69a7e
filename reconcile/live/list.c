#include "live/list.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "live/answer.h"

/* The required ones identify, and segmentId does: one that was repaired is another value. */
#define SYNC(member) offsetof(struct rcn_live_sync, member)
#define ACCOUNT(member) offsetof(struct rcn_ad_account, member)
#define SEGMENT(member) offsetof(struct rcn_segment, member)

const struct rcn_list_kind rcn_list_of_syncs = {
    .path = "/audience-syncs",
    .key = "audienceSyncs",
    .is_strict = true,
    .row = RCN_TABLE(rcn_live_sync, RCN_FIELD("id", TEXT, REQUIRED, SYNC(sync.id)),
                     RCN_FIELD("segmentId", TEXT, OPTIONAL, SYNC(sync.segment_id),
                               .count = SYNC(segment_is_null)),
                     RCN_FIELD("segmentName", TEXT, EITHER, SYNC(segment_name)),
                     RCN_FIELD("adAccountId", TEXT, REQUIRED, SYNC(sync.ad_account_id)),
                     RCN_FIELD("audienceName", TEXT, REQUIRED, SYNC(sync.audience_name)),
                     RCN_FIELD("frequency", TEXT, EITHER, SYNC(sync.frequency)),
                     RCN_FIELD("isActive", TRISTATE, EITHER, SYNC(sync.is_active)),
                     RCN_FIELD("syncStatus", TEXT, EITHER, SYNC(sync_status)),
                     RCN_FIELD("lastSyncAt", TEXT, EITHER, SYNC(last_sync_at)),
                     RCN_FIELD("lastSyncError", TEXT, EITHER, SYNC(last_sync_error)),
                     RCN_FIELD("lastSyncedCount", INTEGER, EITHER, SYNC(last_synced_count)),
                     RCN_FIELD("createdAt", TEXT, EITHER, SYNC(created_at))),
};
const struct rcn_list_kind rcn_list_of_ad_accounts = {
    .path = "/ad-accounts",
    .key = "adAccounts",
    .row = RCN_TABLE(rcn_ad_account, RCN_FIELD("id", TEXT, REQUIRED, ACCOUNT(id)),
                     RCN_FIELD("name", TEXT, EITHER, ACCOUNT(name))),
};
const struct rcn_list_kind rcn_list_of_segments = {
    .path = "/segments",
    .key = "segments",
    .row = RCN_TABLE(
        rcn_segment, RCN_FIELD("id", TEXT, REQUIRED, SEGMENT(id)),
        RCN_FIELD("name", TEXT, EITHER, SEGMENT(name)),
        RCN_FIELD("subscriberCount", INTEGER, EITHER, SEGMENT(subscriber_count)),
        RCN_FIELD("activeSubscriberCount", INTEGER, EITHER, SEGMENT(active_subscriber_count))),
};

static int set_wrong_type(const char *key, const struct rcn_json *value, const char *wanted,
                          struct rcn_error *err)
{
    if (!value)
        return rcn_error_set(err, RCN_ERROR_FAILED, "'%s' is absent", key);
    return rcn_error_set(err, RCN_ERROR_FAILED, "'%s' is %s, not %s", key,
                         rcn_json_type_name(rcn_json_get_type(value)), wanted);
}

/* Which field is wrong (NULL: none), or identifies and has a mark. */
static int judge_fields(const struct rcn_list *list, const struct rcn_json *item, const char *wrong,
                        struct rcn_error *err)
{
    for (const struct rcn_field *field = list->kind->row.fields; field->name; field++) {
        const struct rcn_json *value = rcn_json_get(item, field->name);
        const char *text = rcn_json_get_string(value);
        if (wrong && strcmp(wrong, field->name) == 0)
            return set_wrong_type(wrong, value,
                                  field->type == RCN_FIELD_TEXT      ? "a string"
                                  : field->type == RCN_FIELD_INTEGER ? "an integer"
                                                                     : "a boolean",
                                  err);
        if (list->is_marked && (field->need == RCN_FIELD_REQUIRED || field->count) && text &&
            rcn_json_has_mark(text))
            return rcn_error_set(err, RCN_ERROR_FAILED, "'%s' holds an invalid character",
                                 field->name);
    }
    return 0;
}

/* --- the list --- */

void rcn_list_init(struct rcn_list *list, const struct rcn_list_kind *kind, const char *company_id,
                   struct rcn_arena *arena)
{
    *list = (struct rcn_list){.kind = kind, .company_id = company_id, .arena = arena};
    snprintf(list->path, sizeof list->path, "%s", kind->path);
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
    void *rows = rcn_arena_calloc(list->arena, list->capacity, list->kind->row.size);
    if (list->count > 0)
        memcpy(rows, list->rows, list->count * list->kind->row.size);
    list->rows = rows;
}

static int add_row(struct rcn_list *list, const struct rcn_json *item, struct rcn_error *err)
{
    const struct rcn_list_kind *kind = list->kind;
    void *row = (char *)list->rows + list->count * kind->row.size;
    const char *wrong = NULL;
    memset(row, 0, kind->row.size);
    if (rcn_json_get_type(item) != RCN_JSON_OBJECT)
        return rcn_error_set(err, RCN_ERROR_FAILED, "it is %s, not an object",
                             rcn_json_type_name(rcn_json_get_type(item)));
    rcn_fields_read(item, &kind->row, row, list->arena, &wrong);
    if ((wrong || list->is_marked) && judge_fields(list, item, wrong, err))
        return -1;
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

/* --- its pages --- */

/* The list changed while its pages were read, or the server cannot count: it is read once more. */
enum { AGAIN = 1 };

static int set_not_whole(struct rcn_error *err, const char *flaw)
{
    rcn_error_set(err, RCN_ERROR_FAILED, "the list is not whole: %s, twice", flaw);
    return AGAIN;
}

/* header_total: how many there are as a header says, -1 when none does. */
static int judge_page(struct rcn_list *list, const struct rcn_page *page, long long seen_before,
                      long long header_total, struct rcn_error *err)
{
    const enum rcn_error_kind kind = RCN_ERROR_FAILED;
    bool is_first = list->pages++ == 0;
    long long seen = (long long)list->seen;
    long long total = page->is_paged ? page->total : seen;
    if (is_first)
        list->total = total;
    if (header_total >= 0 && header_total != total)
        return rcn_error_set(err, kind,
                             "the list is not whole: it has %lld, but a header says %lld", total,
                             header_total);
    if (!page->is_paged && !is_first)
        return rcn_error_set(err, kind, "the list came in pages, but this one has no pagination");
    if (page->offset != seen_before)
        return rcn_error_set(err, kind, "the page begins at %lld where %lld was asked for",
                             page->offset, seen_before);
    if (page->has_more && seen == seen_before)
        return rcn_error_set(err, kind, "the page is empty and says that there are more");
    if (total != list->total)
        return set_not_whole(err, "its total changed between pages");
    if (page->has_more != (seen < total) || seen > total)
        return set_not_whole(err, "its items are not as many as its total");
    if (page->has_more && list->pages >= RCN_LIST_MAX_PAGES)
        return rcn_error_set(err, kind, "the list has more than %d pages", RCN_LIST_MAX_PAGES);
    if (!page->has_more)
        list->status = RCN_READ_OK;
    snprintf(list->path, sizeof list->path, "%s?limit=%lld&offset=%lld", list->kind->path,
             page->limit, seen);
    return 0;
}

void rcn_list_judge(struct rcn_list *list, struct rcn_read *read)
{
    struct rcn_error err = RCN_ERROR_INIT;
    struct rcn_http_answer *answer = &read->answer;
    if (answer->age_ms > list->age_ms)
        list->age_ms = answer->age_ms;
    list->ended_ms = answer->ended_ms;
    if (!read->is_whole) {
        /* The server has the path, so a 404 means something else (api-contract 2.5). */
        bool is_404 = answer->transfer == RCN_HTTP_ANSWERED && answer->status == 404;
        bool needs_meta = list->kind != &rcn_list_of_segments;
        list->status = read->is_forbidden ? RCN_READ_FORBIDDEN : RCN_READ_FAILED;
        list->problem = rcn_arena_printf(
            list->arena, "%s%s", read->problem,
            is_404 && needs_meta ? " (is the Meta integration connected, and the company right?)"
                                 : "");
        return;
    }
    struct rcn_page page = {0};
    bool is_repaired = false;
    long long seen_before = (long long)list->seen;
    struct rcn_json *root =
        rcn_json_parse_repaired(answer->body, answer->body_len, &is_repaired, &err);
    if (!root)
        rcn_answer_explain_unreadable(answer->body, &err);
    rcn_http_answer_release(answer); /* before the rows are made: a long one is 34 MB */
    int result = root ? rcn_list_add_page(list, root, is_repaired, &page, &err) : -1;
    rcn_json_free(root);
    if (answer->more_header[0])
        result = rcn_error_set(&err, RCN_ERROR_FAILED,
                               "the list comes in pages of an unknown form (the header %s)",
                               answer->more_header);
    else if (result == 0)
        result = judge_page(list, &page, seen_before, answer->list_total, &err);
    else if (list->has_repeat && list->pages > 0)
        result = set_not_whole(&err, "an id is on two pages");
    if (result == AGAIN && !list->is_second_reading) {
        rcn_list_release(list);
        rcn_list_init(list, list->kind, list->company_id, list->arena);
        list->is_second_reading = true;
    } else if (result) {
        list->status = RCN_READ_FAILED;
        list->problem = rcn_arena_printf(list->arena, "%s: %s", read->request, err.message);
    }
}
