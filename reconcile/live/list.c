#include "live/list.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "live/answer.h"

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

/* --- its pages --- */

static void fail(struct rcn_list *list, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
static void fail(struct rcn_list *list, const char *format, ...)
{
    const char *company = list->company_id;
    va_list args;
    va_start(args, format);
    const char *text = rcn_arena_vprintf(list->arena, format, args);
    va_end(args);
    list->status = RCN_READ_FAILED;
    list->problem = rcn_arena_printf(list->arena, "GET %s%s%.100s%s: %s", list->path,
                                     company ? " (company '" : "", company ? company : "",
                                     company ? "')" : "", text);
}

/* The list changed while its pages were read, or the server cannot count. */
static void start_again_or_fail(struct rcn_list *list, const char *what)
{
    if (list->is_second_reading) {
        fail(list, "the list is not whole: %s, twice", what);
        return;
    }
    rcn_list_release(list);
    rcn_list_init(list, list->kind, list->company_id, list->arena);
    list->is_second_reading = true;
}

/* header_total: how many there are as a header says, -1 when none does. */
static void judge_page(struct rcn_list *list, const struct rcn_page *page, long long seen_before,
                       long long header_total)
{
    bool is_first = list->pages++ == 0;
    long long seen = (long long)list->seen;
    long long total = page->is_paged ? page->total : seen;
    if (is_first)
        list->total = total;
    if (header_total >= 0 && header_total != total)
        fail(list, "the list is not whole: it has %lld, but a header says %lld", total,
             header_total);
    else if (!page->is_paged && !is_first)
        fail(list, "the list came in pages, but this one has no pagination");
    else if (page->offset != seen_before)
        fail(list, "the page begins at %lld where %lld was asked for", page->offset, seen_before);
    else if (page->has_more && seen == seen_before)
        fail(list, "the page is empty and says that there are more");
    else if (total != list->total)
        start_again_or_fail(list, "its total changed between pages");
    else if (page->has_more != (seen < total) || seen > total)
        start_again_or_fail(list, "its items are not as many as its total");
    else if (!page->has_more)
        list->status = RCN_READ_OK;
    else if (list->pages >= RCN_LIST_MAX_PAGES)
        fail(list, "the list has more than %d pages", RCN_LIST_MAX_PAGES);
    else
        snprintf(list->path, sizeof list->path, "%s?limit=%lld&offset=%lld", list->kind->path,
                 page->limit, seen);
}

static void judge_body(struct rcn_list *list, struct rcn_read *read)
{
    struct rcn_error err = RCN_ERROR_INIT;
    struct rcn_page page;
    bool is_repaired;
    long long seen_before = (long long)list->seen;
    struct rcn_http_answer *answer = &read->answer;
    struct rcn_json *root =
        rcn_json_parse_repaired(answer->body, answer->body_len, &is_repaired, &err);
    if (!root) {
        rcn_answer_explain_unreadable(answer->body, &err);
        fail(list, "%s", err.message);
        return;
    }
    rcn_http_answer_release(answer); /* before the rows are made: a long one is 34 MB */
    int result = rcn_list_add_page(list, root, is_repaired, &page, &err);
    rcn_json_free(root);
    if (result == 0) {
        judge_page(list, &page, seen_before, answer->list_total);
    } else if (list->has_repeat && list->pages > 0) {
        start_again_or_fail(list, "an id is on two pages");
    } else {
        fail(list, "%s", err.message);
    }
}

static void judge_read(struct rcn_list *list, struct rcn_read *read)
{
    if (read->answer.age_ms > list->age_ms)
        list->age_ms = read->answer.age_ms;
    list->ended_ms = read->answer.ended_ms;
    if (read->is_whole && !read->answer.more_header[0]) {
        judge_body(list, read);
    } else if (read->is_whole) {
        fail(list, "the list comes in pages of an unknown form (the header %s)",
             read->answer.more_header);
    } else {
        /* The server has the path, so a 404 means something else (api-contract 2.5). */
        bool is_404 = read->answer.transfer == RCN_HTTP_ANSWERED && read->answer.status == 404;
        bool needs_meta = list->kind != &rcn_list_of_segments;
        list->status = read->is_forbidden ? RCN_READ_FORBIDDEN : RCN_READ_FAILED;
        list->problem = rcn_arena_printf(
            list->arena, "%s%s", read->problem,
            is_404 && needs_meta ? " (is the Meta integration connected, and the company right?)"
                                 : "");
    }
}

int rcn_lists_read(struct rcn_list *lists, size_t count, struct rcn_api *api,
                   struct rcn_read *account, struct rcn_error *err)
{
    struct rcn_list **active = rcn_calloc(count, sizeof *active);
    struct rcn_read *reads = rcn_calloc(count + 1, sizeof *reads);
    int result = 0;
    do {
        /* One page of every list that has not ended. */
        size_t used = 0;
        for (size_t i = 0; i < count; i++) {
            if (lists[i].status != RCN_READ_SKIPPED)
                continue;
            reads[used] =
                (struct rcn_read){.path = lists[i].path, .company_id = lists[i].company_id};
            active[used++] = &lists[i];
        }
        if (account)
            reads[used] = *account;
        else if (used == 0)
            break;
        result = rcn_api_read(api, reads, used + (account != NULL), err);
        for (size_t i = 0; i < used && result == 0; i++)
            judge_read(active[i], &reads[i]);
        if (account)
            *account = reads[used];
        account = NULL;
        rcn_reads_release(reads, used);
    } while (result == 0);
    free(reads);
    free(active);
    return result;
}
