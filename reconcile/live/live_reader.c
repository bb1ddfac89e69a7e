#include "live/live_reader.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int rcn_live_reader_init(struct rcn_live_reader *reader, const struct rcn_live_list_kind *kind,
                         const char *company_id, struct rcn_arena *arena, struct rcn_error *err)
{
    *reader = (struct rcn_live_reader){.kind = kind, .company_id = company_id};
    snprintf(reader->path, sizeof reader->path, "%s", kind->path);
    return rcn_live_list_init(&reader->list, kind, arena, err);
}

void rcn_live_reader_release(struct rcn_live_reader *reader)
{
    rcn_live_list_release(&reader->list);
}

static void fail(struct rcn_live_reader *reader, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
static void fail(struct rcn_live_reader *reader, const char *format, ...)
{
    char text[RCN_LIVE_PROBLEM_SIZE / 2];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    reader->status = RCN_READ_FAILED;
    snprintf(reader->problem, sizeof reader->problem, "GET %s%s%.100s%s: %s", reader->path,
             reader->company_id ? " (company '" : "", reader->company_id ? reader->company_id : "",
             reader->company_id ? "')" : "", text);
}

/* The server has the path, so it means something else (api-contract 2.5). */
static const char *explain_status(const struct rcn_live_reader *reader, long status)
{
    bool needs_meta = reader->kind != &rcn_live_list_segments;
    return status == 404 && needs_meta ? " (is the Meta integration connected, and the company "
                                         "right?)"
                                       : "";
}

static void take_failure(struct rcn_live_reader *reader, const struct rcn_read *read)
{
    bool is_answered = read->answer.transfer == RCN_HTTP_ANSWERED;
    long status = is_answered ? read->answer.status : 0;
    reader->status = status == 403 ? RCN_READ_FORBIDDEN : RCN_READ_FAILED;
    snprintf(reader->problem, sizeof reader->problem, "%s%s", read->problem,
             explain_status(reader, status));
}

static void start_again(struct rcn_live_reader *reader)
{
    struct rcn_error err = RCN_ERROR_INIT;
    struct rcn_arena *arena = reader->list.arena;
    rcn_live_list_release(&reader->list);
    reader->is_second_reading = true;
    reader->pages = 0;
    snprintf(reader->path, sizeof reader->path, "%s", reader->kind->path);
    if (rcn_live_list_init(&reader->list, reader->kind, arena, &err))
        fail(reader, "%s", err.message);
}

/* The list changed while its pages were read, or the server cannot count. */
static void start_again_or_fail(struct rcn_live_reader *reader, const char *what)
{
    if (reader->is_second_reading)
        fail(reader, "the list is not whole: %s, twice", what);
    else
        start_again(reader);
}

static void go_to_next_page(struct rcn_live_reader *reader)
{
    if (reader->pages >= RCN_LIVE_MAX_PAGES) {
        fail(reader, "the list has more than %d pages", RCN_LIVE_MAX_PAGES);
        return;
    }
    snprintf(reader->path, sizeof reader->path, "%s?limit=%lld&offset=%zu", reader->kind->path,
             reader->limit, reader->list.seen);
}

/* header_total: how many there are as a header says, -1 when none does. */
static void judge_page(struct rcn_live_reader *reader, const struct rcn_list_page *page,
                       size_t seen_before, int64_t header_total)
{
    bool is_first = reader->pages++ == 0;
    size_t seen = reader->list.seen;
    if (header_total >= 0 && header_total != (page->is_paged ? page->total : (long long)seen)) {
        fail(reader, "the list is not whole: it has %lld and a header says %lld",
             page->is_paged ? page->total : (long long)seen, (long long)header_total);
        return;
    }
    if (!page->is_paged) {
        if (is_first)
            reader->status = RCN_READ_OK;
        else
            fail(reader, "the list came in pages, and this one has no pagination");
        return;
    }
    if (page->offset != (long long)seen_before) {
        fail(reader, "the page begins at %lld where %zu was asked for", page->offset, seen_before);
        return;
    }
    if (page->has_more && seen == seen_before) {
        fail(reader, "the page is empty and says that there are more");
        return;
    }
    if (is_first)
        reader->total = page->total;
    if (page->total != reader->total)
        start_again_or_fail(reader, "its total changed between pages");
    else if (page->has_more != ((long long)seen < page->total) || (long long)seen > page->total)
        start_again_or_fail(reader, "its items are not as many as its total");
    else if (!page->has_more)
        reader->status = RCN_READ_OK;
    else {
        reader->limit = page->limit;
        go_to_next_page(reader);
    }
}

static void judge_body(struct rcn_live_reader *reader, struct rcn_read *read,
                       const struct rcn_api *api)
{
    struct rcn_error err = RCN_ERROR_INIT;
    struct rcn_list_page page;
    size_t seen_before = reader->list.seen;
    int64_t header_total = read->answer.list_total;
    struct rcn_json *root = rcn_json_parse(read->answer.body, read->answer.body_len, &err);
    if (!root) {
        char text[RCN_LIVE_PROBLEM_SIZE / 2];
        rcn_api_describe_unreadable(read->answer.body, read->answer.body_len, &err, text,
                                    sizeof text);
        rcn_api_redact(api, text);
        fail(reader, "%s", text);
        return;
    }
    rcn_http_answer_release(&read->answer);
    int result = rcn_live_list_add_page(&reader->list, root, &page, &err);
    rcn_json_free(root);
    if (result == 0) {
        judge_page(reader, &page, seen_before, header_total);
    } else if (reader->list.has_repeat && reader->pages > 0) {
        start_again_or_fail(reader, "an id is on two pages");
    } else {
        rcn_api_redact(api, err.message);
        fail(reader, "%s", err.message);
    }
}

static void judge_read(struct rcn_live_reader *reader, struct rcn_read *read,
                       const struct rcn_api *api)
{
    if (!read->is_whole)
        take_failure(reader, read);
    else if (read->answer.more_header[0])
        fail(reader, "the list comes in pages of a form that is not known (the header %s)",
             read->answer.more_header);
    else
        judge_body(reader, read, api);
}

/* One page of every list that has not ended. */
static int run_round(struct rcn_live_reader **active, struct rcn_read *reads, size_t count,
                     struct rcn_api *api, struct rcn_error *err)
{
    int result = rcn_api_read(api, reads, count, err);
    for (size_t i = 0; i < count && result == 0; i++)
        if (active[i])
            judge_read(active[i], &reads[i], api);
    return result;
}

static size_t collect_active(struct rcn_live_reader *readers, size_t count,
                             struct rcn_live_reader **ret_active, struct rcn_read *ret_reads)
{
    size_t active = 0;
    for (size_t i = 0; i < count; i++) {
        if (readers[i].status != RCN_READ_SKIPPED)
            continue;
        ret_reads[active] =
            (struct rcn_read){.path = readers[i].path, .company_id = readers[i].company_id};
        ret_active[active++] = &readers[i];
    }
    return active;
}

static int run_rounds(struct rcn_live_reader *readers, size_t count,
                      struct rcn_live_reader **active, struct rcn_read *reads, struct rcn_api *api,
                      struct rcn_read *account, struct rcn_error *err)
{
    for (;;) {
        size_t lists = collect_active(readers, count, active, reads);
        size_t in_round = lists;
        if (account) {
            reads[in_round] = *account;
            active[in_round++] = NULL;
        }
        if (in_round == 0)
            return 0;
        int result = run_round(active, reads, in_round, api, err);
        if (account)
            *account = reads[lists];
        account = NULL;
        rcn_reads_release(reads, lists);
        if (result)
            return result;
    }
}

int rcn_live_readers_run(struct rcn_live_reader *readers, size_t count, struct rcn_api *api,
                         struct rcn_read *account, struct rcn_error *err)
{
    struct rcn_live_reader **active = calloc(count + 1, sizeof *active);
    struct rcn_read *reads = calloc(count + 1, sizeof *reads);
    int result;
    if (active && reads)
        result = run_rounds(readers, count, active, reads, api, account, err);
    else
        result = rcn_error_no_memory(err);
    free(reads);
    free(active);
    return result;
}
