#include "live/reader.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "live/answer.h"

void rcn_reader_init(struct rcn_reader *reader, const struct rcn_list_kind *kind,
                     const char *company_id, struct rcn_arena *arena)
{
    *reader = (struct rcn_reader){.kind = kind, .company_id = company_id};
    snprintf(reader->path, sizeof reader->path, "%s", kind->path);
    rcn_list_init(&reader->list, kind, arena);
}

void rcn_reader_release(struct rcn_reader *reader)
{
    rcn_list_release(&reader->list);
}

static void fail(struct rcn_reader *reader, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
static void fail(struct rcn_reader *reader, const char *format, ...)
{
    char text[RCN_READER_PROBLEM_SIZE / 2];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    reader->status = RCN_READ_FAILED;
    snprintf(reader->problem, sizeof reader->problem, "GET %s%s%.100s%s: %s", reader->path,
             reader->company_id ? " (company '" : "", reader->company_id ? reader->company_id : "",
             reader->company_id ? "')" : "", text);
}

/* The list changed while its pages were read, or the server cannot count. */
static void start_again_or_fail(struct rcn_reader *reader, const char *what)
{
    if (reader->is_second_reading) {
        fail(reader, "the list is not whole: %s, twice", what);
        return;
    }
    struct rcn_arena *arena = reader->list.arena;
    rcn_list_release(&reader->list);
    rcn_list_init(&reader->list, reader->kind, arena);
    reader->is_second_reading = true;
    reader->pages = 0;
    snprintf(reader->path, sizeof reader->path, "%s", reader->kind->path);
}

/* header_total: how many there are as a header says, -1 when none does. */
static void judge_page(struct rcn_reader *reader, const struct rcn_page *page,
                       long long seen_before, long long header_total)
{
    bool is_first = reader->pages++ == 0;
    long long seen = (long long)reader->list.seen;
    long long total = page->is_paged ? page->total : seen;
    if (is_first)
        reader->total = total;
    if (header_total >= 0 && header_total != total)
        fail(reader, "the list is not whole: it has %lld, but a header says %lld", total,
             header_total);
    else if (!page->is_paged && !is_first)
        fail(reader, "the list came in pages, but this one has no pagination");
    else if (page->offset != seen_before)
        fail(reader, "the page begins at %lld where %lld was asked for", page->offset, seen_before);
    else if (page->has_more && seen == seen_before)
        fail(reader, "the page is empty and says that there are more");
    else if (total != reader->total)
        start_again_or_fail(reader, "its total changed between pages");
    else if (page->has_more != (seen < total) || seen > total)
        start_again_or_fail(reader, "its items are not as many as its total");
    else if (!page->has_more)
        reader->status = RCN_READ_OK;
    else if (reader->pages >= RCN_READER_MAX_PAGES)
        fail(reader, "the list has more than %d pages", RCN_READER_MAX_PAGES);
    else
        snprintf(reader->path, sizeof reader->path, "%s?limit=%lld&offset=%lld", reader->kind->path,
                 page->limit, seen);
}

static void judge_body(struct rcn_reader *reader, struct rcn_read *read)
{
    struct rcn_error err = RCN_ERROR_INIT;
    struct rcn_page page;
    bool is_repaired;
    long long seen_before = (long long)reader->list.seen;
    struct rcn_http_answer *answer = &read->answer;
    struct rcn_json *root =
        rcn_json_parse_repaired(answer->body, answer->body_len, &is_repaired, &err);
    if (!root) {
        rcn_answer_explain_unreadable(answer->body, &err);
        fail(reader, "%s", err.message);
        return;
    }
    rcn_http_answer_release(answer); /* before the rows are made: a long one is 34 MB */
    int result = rcn_list_add_page(&reader->list, root, is_repaired, &page, &err);
    rcn_json_free(root);
    if (result == 0) {
        judge_page(reader, &page, seen_before, answer->list_total);
    } else if (reader->list.has_repeat && reader->pages > 0) {
        start_again_or_fail(reader, "an id is on two pages");
    } else {
        fail(reader, "%s", err.message);
    }
}

static void judge_read(struct rcn_reader *reader, struct rcn_read *read)
{
    if (read->answer.age_ms > reader->age_ms)
        reader->age_ms = read->answer.age_ms;
    reader->ended_ms = read->answer.ended_ms;
    if (read->is_whole && !read->answer.more_header[0]) {
        judge_body(reader, read);
    } else if (read->is_whole) {
        fail(reader, "the list comes in pages of an unknown form (the header %s)",
             read->answer.more_header);
    } else {
        /* The server has the path, so a 404 means something else (api-contract 2.5). */
        bool is_404 = read->answer.transfer == RCN_HTTP_ANSWERED && read->answer.status == 404;
        bool needs_meta = reader->kind != &rcn_list_of_segments;
        reader->status = read->is_forbidden ? RCN_READ_FORBIDDEN : RCN_READ_FAILED;
        snprintf(reader->problem, sizeof reader->problem, "%s%s", read->problem,
                 is_404 && needs_meta ? " (is the Meta integration connected, and the company "
                                        "right?)"
                                      : "");
    }
}

int rcn_readers_run(struct rcn_reader *readers, size_t count, struct rcn_api *api,
                    struct rcn_read *account, struct rcn_error *err)
{
    struct rcn_reader **active = rcn_calloc(count, sizeof *active);
    struct rcn_read *reads = rcn_calloc(count + 1, sizeof *reads);
    int result = 0;
    for (;;) {
        /* One page of every list that has not ended. */
        size_t lists = 0;
        for (size_t i = 0; i < count; i++) {
            if (readers[i].status != RCN_READ_SKIPPED)
                continue;
            reads[lists] =
                (struct rcn_read){.path = readers[i].path, .company_id = readers[i].company_id};
            active[lists++] = &readers[i];
        }
        size_t in_round = lists;
        if (account)
            reads[in_round++] = *account;
        if (in_round == 0)
            break;
        result = rcn_api_read(api, reads, in_round, err);
        for (size_t i = 0; i < lists && result == 0; i++)
            judge_read(active[i], &reads[i]);
        if (account)
            *account = reads[lists];
        account = NULL;
        rcn_reads_release(reads, lists);
        if (result)
            break;
    }
    free(reads);
    free(active);
    return result;
}
