#include "live/api.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/memory.h"
#include "live/pace.h"

enum {
    LOOK_EVERY_MS = 250, /* how long a signal between a look and a wait can go unnoticed */
    LAST_MOMENT_MS = 50, /* libcurl's clock and ours may differ by so much */
    MAX_CREATE_BYTES = 1 << 20,
    PATH_SIZE = 512,
};

#define API_PREFIX "/api/v1"

/* A create whose answer the caller has not taken. */
struct finished {
    struct finished *next;
    struct rcn_create_answer answer;
};

struct rcn_api {
    struct rcn_api_options options;
    struct rcn_http *http; /* NULL: a snapshot is read */
    struct rcn_pace *pace;
    char url[512];
    struct rcn_request_counts counts;
    struct finished *finished; /* oldest first */
    size_t creates_in_flight;
    int64_t hold_until_ms;
    /* 429 in a row: a read that goes through does not say that a create would */
    unsigned read_holds;
    unsigned create_holds;
    int64_t hurry_until_ms; /* 0: no hurry */
    uint64_t random;
};

struct rcn_api *rcn_api_new(const struct rcn_api_options *options, struct rcn_error *err)
{
    struct rcn_api *api = rcn_calloc(1, sizeof *api);
    api->options = *options;
    api->random = options->seed ^ UINT64_C(0x9e3779b97f4a7c15);
    if (api->random == 0) /* where xorshift stays for ever */
        api->random = 1;
    api->pace = rcn_pace_new(options->rate ? options->rate : RCN_PACE_DEFAULT, err);
    if (!api->pace)
        goto failed;
    if (options->replay) {
        snprintf(api->url, sizeof api->url, "%s", options->replay->url);
        return api;
    }
    api->http = rcn_http_new(&options->http, err);
    if (api->http &&
        !rcn_http_normalise_origin(options->http.origin, api->url, sizeof api->url, err))
        return api;
failed:
    rcn_api_free(api);
    return NULL;
}

void rcn_api_free(struct rcn_api *api)
{
    struct rcn_create_answer answer;
    if (!api)
        return;
    while (rcn_api_next_create(api, &answer))
        rcn_create_answer_release(&answer);
    rcn_http_free(api->http);
    rcn_pace_free(api->pace);
    free(api);
}

const char *rcn_api_get_url(const struct rcn_api *api)
{
    return api->url;
}

struct rcn_request_counts rcn_api_get_counts(const struct rcn_api *api)
{
    return api->counts;
}

bool rcn_api_is_past_deadline(const struct rcn_api *api)
{
    return api->options.deadline_ms > 0 && rcn_clock_steady_ms() >= api->options.deadline_ms;
}

const struct rcn_snapshot *rcn_api_get_replay(const struct rcn_api *api)
{
    return api->options.replay;
}

bool rcn_api_has_personal_key(const struct rcn_api *api)
{
    static const char prefix[] = "seq_user_";
    const struct rcn_secret *key = api->options.http.key;
    return key && key->text && strncmp(key->text, prefix, sizeof prefix - 1) == 0;
}

/* --- the pace --- */

int64_t rcn_api_get_wait_ms(const struct rcn_api *api)
{
    return rcn_pace_get_wait_ms(api->pace, rcn_clock_steady_ms());
}

int64_t rcn_api_estimate_ms(const struct rcn_api *api, size_t count)
{
    return rcn_pace_estimate_ms(api->pace, count, rcn_clock_steady_ms());
}

/* The step of the count-th try or hold, doubled each time. */
static int64_t get_step_ms(int64_t first_ms, unsigned count)
{
    int64_t step_ms = first_ms;
    for (unsigned i = 1; i < count && step_ms < RCN_API_BACKOFF_MOST_MS; i++)
        step_ms *= 2;
    return step_ms < RCN_API_BACKOFF_MOST_MS ? step_ms : RCN_API_BACKOFF_MOST_MS;
}

static void hold(struct rcn_api *api, int64_t retry_after_ms, unsigned *holds)
{
    int64_t now_ms = rcn_clock_steady_ms();
    /* Several answers to requests that were in flight together are one hold. */
    if (now_ms >= api->hold_until_ms) {
        ++*holds;
        rcn_pace_slow_down(api->pace);
    }
    /* A server that says 0 again and again says nothing. */
    bool has_time = retry_after_ms > 0 || (retry_after_ms == 0 && *holds < 2);
    int64_t until_ms = now_ms + (has_time ? retry_after_ms : get_step_ms(RCN_API_HOLD_MS, *holds));
    if (until_ms > api->hold_until_ms)
        api->hold_until_ms = until_ms;
    rcn_pace_hold_until(api->pace, until_ms);
}

void rcn_api_hold(struct rcn_api *api, int64_t retry_after_ms)
{
    hold(api, retry_after_ms, &api->create_holds);
}

void rcn_api_pause(struct rcn_api *api, int64_t wait_ms)
{
    rcn_pace_hold_until(api->pace, rcn_clock_steady_ms() + wait_ms);
}

/* --- creates --- */

int rcn_api_start_create(struct rcn_api *api, const struct rcn_audience_sync *sync,
                         bool with_company, void *tag, struct rcn_error *err)
{
    assert(api->http);
    const char *const members[][2] = {{"segmentId", sync->segment_id},
                                      {"predefinedSegmentId", sync->predefined_segment_id},
                                      {"adAccountId", sync->ad_account_id},
                                      {"audienceName", sync->audience_name},
                                      {"frequency", sync->frequency}};
    struct rcn_buf body;
    struct rcn_json_writer writer;
    rcn_buf_init(&body, MAX_CREATE_BYTES);
    rcn_json_writer_init(&writer, &body);
    rcn_json_begin_object(&writer);
    for (size_t i = 0; i < sizeof members / sizeof *members; i++)
        if (members[i][1])
            rcn_json_key_string(&writer, members[i][0], members[i][1]);
    rcn_json_end_object(&writer);
    struct rcn_http_request request = {.path = API_PREFIX "/audience-syncs",
                                       .company_id = with_company ? sync->company_id : NULL,
                                       .body = body.data,
                                       .body_len = body.len,
                                       .max_body_bytes = RCN_API_MAX_CREATE_ANSWER_BYTES,
                                       .tag = tag};
    int result = body.failed ? rcn_error_set(err, RCN_ERROR_FAILED, "the request cannot be written")
                             : rcn_http_start(api->http, &request, err);
    rcn_buf_release(&body);
    if (result)
        return -1;
    rcn_pace_start(api->pace, rcn_clock_steady_ms());
    api->counts.post++;
    api->creates_in_flight++;
    return 0;
}

bool rcn_api_next_create(struct rcn_api *api, struct rcn_create_answer *ret)
{
    struct finished *finished = api->finished;
    if (!finished)
        return false;
    api->finished = finished->next;
    *ret = finished->answer;
    free(finished);
    return true;
}

void rcn_api_drop_creates(struct rcn_api *api)
{
    rcn_http_cancel(api->http, false);
    for (; api->creates_in_flight; api->creates_in_flight--)
        rcn_pace_finish(api->pace, rcn_clock_steady_ms());
}

size_t rcn_api_get_creates_in_flight(const struct rcn_api *api)
{
    return api->creates_in_flight;
}

/* The next finished read, false when none. Creates that have finished before it are kept for
 * rcn_api_next_create. */
static bool take_read(struct rcn_api *api, struct rcn_http_answer *ret)
{
    while (rcn_http_next_answer(api->http, ret)) {
        rcn_pace_finish(api->pace, ret->ended_ms);
        if (ret->transfer == RCN_HTTP_ANSWERED && ret->status != 429)
            *(ret->is_create ? &api->create_holds : &api->read_holds) = 0;
        if (!ret->is_create)
            return true;
        struct finished **last = &api->finished;
        while (*last)
            last = &(*last)->next;
        *last = rcn_calloc(1, sizeof **last);
        (*last)->answer.tag = ret->tag;
        rcn_create_judge(&(*last)->answer, ret);
        api->creates_in_flight--;
        rcn_http_answer_release(ret);
    }
    return false;
}

int rcn_api_poll(struct rcn_api *api, int64_t wait_ms, struct rcn_error *err)
{
    bool is_idle = rcn_http_get_in_flight(api->http) == 0;
    int64_t paced_ms = is_idle ? rcn_api_get_wait_ms(api) : 0;
    int64_t before_ms = rcn_clock_steady_ms();
    struct rcn_http_answer answer;
    if (rcn_http_poll(api->http, wait_ms, err))
        return -1;
    int64_t waited_ms = rcn_clock_steady_ms() - before_ms;
    api->counts.waited_ms += (uint64_t)(waited_ms < paced_ms ? waited_ms : paced_ms);
    while (take_read(api, &answer)) /* none is in flight outside of rcn_api_read */
        rcn_http_answer_release(&answer);
    return 0;
}

/* --- reads --- */

/* Appends to why the read has not succeeded, which begins with the request. */
static void add_problem(struct rcn_read *read, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
static void add_problem(struct rcn_read *read, const char *format, ...)
{
    va_list args;
    if (!read->problem[0])
        snprintf(read->problem, sizeof read->problem, "%.400s: ", read->request);
    size_t len = strlen(read->problem);
    va_start(args, format);
    vsnprintf(read->problem + len, sizeof read->problem - len, format, args);
    va_end(args);
}

/* 0: none. A hurry begins here. */
static int64_t get_deadline_ms(struct rcn_api *api)
{
    int64_t deadline_ms = api->options.deadline_ms;
    if (!api->hurry_until_ms && api->options.is_hurried &&
        api->options.is_hurried(api->options.context))
        api->hurry_until_ms = rcn_clock_steady_ms() + RCN_API_HURRY_MS;
    if (api->hurry_until_ms && (!deadline_ms || api->hurry_until_ms < deadline_ms))
        return api->hurry_until_ms;
    return deadline_ms;
}

static const char *name_deadline(const struct rcn_api *api)
{
    return api->hurry_until_ms ? "interrupt" : "--deadline";
}

/* Decides what follows from a failed try: another one later, or the end. */
static void plan_next_try(struct rcn_api *api, struct rcn_read *read)
{
    const struct rcn_http_answer *answer = &read->answer;
    bool is_answered = answer->transfer == RCN_HTTP_ANSWERED;
    bool is_worth_it = is_answered
                           ? answer->status == 408 || answer->status == 429 || answer->status >= 500
                           : !answer->is_permanent;
    if (is_answered && answer->status == 429)
        hold(api, answer->retry_after_ms, &api->read_holds);
    read->is_done = !is_worth_it || read->tries >= RCN_API_TRIES;
    if (is_worth_it && read->is_done)
        add_problem(read, " (%d tries)", RCN_API_TRIES);
    if (read->is_done)
        return;
    /* Full jitter: anything between nothing and the exponential step; xorshift64 is enough. */
    api->random ^= api->random << 13;
    api->random ^= api->random >> 7;
    api->random ^= api->random << 17;
    int64_t step_ms = get_step_ms(RCN_API_BACKOFF_FIRST_MS, read->tries);
    int64_t wait_ms = (int64_t)(api->random % (uint64_t)(step_ms + 1));
    if (answer->retry_after_ms > wait_ms)
        wait_ms = answer->retry_after_ms;
    read->not_before_ms = answer->ended_ms + wait_ms;
    read->why = answer->retry_after_ms > 0 ? "the API asked to wait" : "waiting to try again";
}

static void finish_read(struct rcn_api *api, struct rcn_read *read,
                        const struct rcn_http_answer *answer)
{
    int64_t deadline_ms = get_deadline_ms(api);
    bool is_answered = answer->transfer == RCN_HTTP_ANSWERED;
    read->is_in_flight = false;
    rcn_http_answer_release(&read->answer);
    read->answer = *answer;
    if (is_answered && answer->status >= 200 && answer->status < 300 && answer->status != 206) {
        read->is_whole = true;
        read->problem[0] = '\0';
        read->is_done = true;
        return;
    }
    /* The answer to the try before says more than that time ran out. */
    if (read->problem[0] && !is_answered && deadline_ms > 0 &&
        answer->ended_ms + LAST_MOMENT_MS >= deadline_ms) {
        add_problem(read, " (the %s cut another try off)", name_deadline(api));
        read->is_done = true;
        return;
    }
    bool is_of_api = rcn_answer_explain(answer, read->request, read->problem, sizeof read->problem);
    read->is_forbidden = is_of_api && answer->status == 403;
    plan_next_try(api, read);
}

static int start_read(struct rcn_api *api, struct rcn_read *read, int64_t deadline_ms,
                      struct rcn_error *err)
{
    char path[PATH_SIZE];
    if ((size_t)snprintf(path, sizeof path, API_PREFIX "%s", read->path) >= sizeof path)
        return rcn_error_set(err, RCN_ERROR_FAILED, "the path '%.60s' is too long", read->path);
    int64_t left_ms = deadline_ms > 0 ? deadline_ms - rcn_clock_steady_ms() : 0;
    struct rcn_http_request request = {.path = path,
                                       .company_id = read->company_id,
                                       .max_body_bytes = RCN_API_MAX_LIST_BYTES,
                                       .timeout_ms = left_ms > 0 ? left_ms : 0,
                                       .tag = read};
    if (rcn_http_start(api->http, &request, err))
        return -1;
    rcn_pace_start(api->pace, rcn_clock_steady_ms());
    read->is_in_flight = true;
    read->tries++;
    api->counts.get++;
    api->counts.retries += read->tries > 1;
    return 0;
}

/* The aborted ones still count under the limit: the server may have seen them. */
static void abort_reads(struct rcn_api *api, struct rcn_read *reads, size_t count)
{
    rcn_http_cancel(api->http, true);
    for (size_t i = 0; i < count; i++) {
        if (!reads[i].is_in_flight)
            continue;
        rcn_pace_finish(api->pace, rcn_clock_steady_ms());
        reads[i].is_in_flight = false;
        reads[i].not_before_ms = INT64_MAX / 2; /* no time is left for another one */
        if (!reads[i].problem[0])
            add_problem(&reads[i], "no whole answer");
    }
}

struct outlook {
    size_t left;     /* not done */
    int64_t wait_ms; /* until the next one may start; -1: none waits to start */
    const char *why;
};

/* Starts what may start now, ends what the deadline ends, and says what is left. */
static int start_due(struct rcn_api *api, struct rcn_read *reads, size_t count, struct outlook *ret,
                     struct rcn_error *err)
{
    int64_t deadline_ms = get_deadline_ms(api);
    *ret = (struct outlook){.wait_ms = -1};
    for (size_t i = 0; i < count; i++) {
        struct rcn_read *read = &reads[i];
        int64_t now_ms = rcn_clock_steady_ms();
        int64_t pace_ms = rcn_pace_get_wait_ms(api->pace, now_ms);
        int64_t own_ms = read->not_before_ms - now_ms;
        int64_t wait_ms = own_ms > pace_ms ? own_ms : pace_ms;
        bool is_waiting = !read->is_done && !read->is_in_flight;
        if (is_waiting && deadline_ms > 0 && now_ms + wait_ms >= deadline_ms) {
            add_problem(read,
                        read->problem[0] ? " (the %s leaves no time for another try)"
                                         : "not sent: its turn would come after the %s",
                        name_deadline(api));
            read->is_done = true;
        } else if (is_waiting && wait_ms <= 0) {
            if (start_read(api, read, deadline_ms, err))
                return -1;
        } else if (is_waiting && (ret->wait_ms < 0 || wait_ms < ret->wait_ms)) {
            ret->wait_ms = wait_ms;
            ret->why = own_ms > pace_ms ? read->why : "rate limit";
        }
        ret->left += !read->is_done;
    }
    return 0;
}

static int run_reads(struct rcn_api *api, struct rcn_read *reads, size_t count,
                     struct rcn_error *err)
{
    const struct rcn_api_options *options = &api->options;
    for (;;) {
        struct rcn_http_answer answer;
        struct outlook next;
        if (options->interrupted && options->interrupted(options->context))
            return rcn_error_set(err, RCN_ERROR_INTERRUPTED, "interrupted");
        if (start_due(api, reads, count, &next, err))
            return -1;
        if (next.left == 0)
            return 0;
        size_t in_flight = rcn_http_get_in_flight(api->http);
        int64_t before_ms = rcn_clock_steady_ms();
        if (next.wait_ms > 0 && in_flight == api->creates_in_flight && options->waiting)
            options->waiting(options->context, before_ms + next.wait_ms, next.why);
        if (next.wait_ms < 0 || next.wait_ms > LOOK_EVERY_MS)
            next.wait_ms = LOOK_EVERY_MS;
        if (rcn_http_poll(api->http, next.wait_ms, err))
            return -1;
        if (in_flight == 0)
            api->counts.waited_ms += (uint64_t)(rcn_clock_steady_ms() - before_ms);
        while (take_read(api, &answer))
            finish_read(api, answer.tag, &answer);
        /* Their own time-outs are from before the hurry. */
        if (api->hurry_until_ms && rcn_clock_steady_ms() >= api->hurry_until_ms)
            abort_reads(api, reads, count);
    }
}

/* From the snapshot, as if it had arrived now. */
static void replay(const struct rcn_api *api, struct rcn_read *read)
{
    const struct rcn_snapshot_answer *found =
        rcn_snapshot_find(api->options.replay, read->path, read->company_id);
    if (!found) {
        add_problem(read, "not in the snapshot");
        return;
    }
    read->answer = (struct rcn_http_answer){.transfer = RCN_HTTP_ANSWERED,
                                            .status = (long)found->status,
                                            .body = rcn_strdup(found->body),
                                            .body_len = strlen(found->body),
                                            .retry_after_ms = -1,
                                            .list_total = -1};
    read->is_whole = found->status >= 200 && found->status < 300;
    read->is_forbidden = found->status == 403;
    if (!read->is_whole)
        rcn_answer_explain(&read->answer, read->request, read->problem, sizeof read->problem);
}

int rcn_api_read(struct rcn_api *api, struct rcn_read *reads, size_t count, struct rcn_error *err)
{
    for (size_t i = 0; i < count; i++) {
        struct rcn_read *read = &reads[i];
        const char *company = read->company_id;
        *read = (struct rcn_read){.path = read->path, .company_id = company};
        snprintf(read->request, sizeof read->request, "GET %.200s%s%.200s%s", read->path,
                 company ? " (company '" : "", company ? company : "", company ? "')" : "");
        read->answer.transfer = RCN_HTTP_NOT_SENT;
        if (!api->http)
            replay(api, read);
    }
    if (api->http && run_reads(api, reads, count, err)) {
        abort_reads(api, reads, count);
        return -1;
    }
    for (size_t i = 0; i < count && api->options.record; i++)
        if (reads[i].is_whole || reads[i].is_forbidden)
            rcn_snapshot_add(api->options.record, reads[i].path, reads[i].company_id,
                             reads[i].answer.status, reads[i].answer.body);
    return 0;
}

void rcn_reads_release(struct rcn_read *reads, size_t count)
{
    for (size_t i = 0; i < count; i++)
        rcn_http_answer_release(&reads[i].answer);
}
