#include "live/api.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "live/api_private.h"

/* How long a signal that arrives between a look and a wait can go unnoticed. */
enum { LOOK_EVERY_MS = 250 };

#define API_PREFIX "/api/v1"

struct try_state {
    struct rcn_read *read;
    unsigned tries;
    bool is_in_flight;
    bool is_done;
    int64_t not_before_ms; /* steady clock */
    const char *why;       /* it waits: static text */
};

struct rcn_api *rcn_api_new(const struct rcn_api_options *options, struct rcn_error *err)
{
    struct rcn_api *api = calloc(1, sizeof *api);
    if (!api) {
        rcn_error_no_memory(err);
        return NULL;
    }
    api->options = *options;
    api->random = options->seed ^ UINT64_C(0x9e3779b97f4a7c15);
    if (api->random == 0) /* where xorshift stays for ever */
        api->random = 1;
    api->http = rcn_http_new(&options->http, err);
    api->pace =
        api->http ? rcn_pace_new(options->rate ? options->rate : RCN_PACE_DEFAULT, err) : NULL;
    if (!api->pace ||
        rcn_http_normalise_origin(options->http.origin, api->url, sizeof api->url, err)) {
        rcn_api_free(api);
        return NULL;
    }
    return api;
}

void rcn_api_free(struct rcn_api *api)
{
    if (!api)
        return;
    rcn_http_free(api->http);
    rcn_pace_free(api->pace);
    rcn_api_free_flights(api);
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

/* --- the pace --- */

int64_t rcn_api_get_wait_ms(const struct rcn_api *api)
{
    return rcn_pace_get_wait_ms(api->pace, rcn_clock_steady_ms());
}

int64_t rcn_api_estimate_ms(const struct rcn_api *api, size_t count)
{
    return rcn_pace_estimate_ms(api->pace, count, rcn_clock_steady_ms());
}

/* RCN_API_HOLD_MS, doubled for each hold since the last answer that was no 429. */
static int64_t get_growing_hold_ms(const struct rcn_api *api)
{
    int64_t hold_ms = RCN_API_HOLD_MS;
    for (unsigned i = 1; i < api->holds_in_a_row && hold_ms < RCN_API_BACKOFF_MOST_MS; i++)
        hold_ms *= 2;
    return hold_ms < RCN_API_BACKOFF_MOST_MS ? hold_ms : RCN_API_BACKOFF_MOST_MS;
}

void rcn_api_hold(struct rcn_api *api, int64_t retry_after_ms)
{
    int64_t now_ms = rcn_clock_steady_ms();
    /* Several answers to requests that were in flight together are one hold. */
    if (now_ms >= api->hold_until_ms) {
        api->holds_in_a_row++;
        rcn_pace_slow_down(api->pace);
    }
    bool is_told = retry_after_ms > 0 || (retry_after_ms == 0 && api->holds_in_a_row < 2);
    int64_t until_ms = now_ms + (is_told ? retry_after_ms : get_growing_hold_ms(api));
    if (until_ms > api->hold_until_ms)
        api->hold_until_ms = until_ms;
    rcn_pace_hold_until(api->pace, until_ms);
}

void rcn_api_pause(struct rcn_api *api, int64_t wait_ms)
{
    rcn_pace_hold_until(api->pace, rcn_clock_steady_ms() + wait_ms);
}

void rcn_api_note_finished(struct rcn_api *api, const struct rcn_http_answer *answer)
{
    rcn_pace_finish(api->pace, answer->ended_ms);
    if (answer->transfer == RCN_HTTP_ANSWERED && answer->status != 429)
        api->holds_in_a_row = 0;
}

/* --- reads --- */

static void describe_request(const struct rcn_read *read, char ret[RCN_API_PATH_SIZE])
{
    snprintf(ret, RCN_API_PATH_SIZE, "GET %.200s%s%.200s%s", read->path,
             read->company_id ? " (company '" : "", read->company_id ? read->company_id : "",
             read->company_id ? "')" : "");
}

static bool is_interrupted(const struct rcn_api *api)
{
    return api->options.interrupted && api->options.interrupted(api->options.context);
}

static bool is_worth_repeating(const struct rcn_http_answer *answer)
{
    if (answer->transfer != RCN_HTTP_ANSWERED)
        return !answer->is_permanent;
    return answer->status == 408 || answer->status == 429 || answer->status >= 500;
}

/* xorshift64: jitter needs no better. */
static uint64_t next_random(struct rcn_api *api)
{
    api->random ^= api->random << 13;
    api->random ^= api->random >> 7;
    api->random ^= api->random << 17;
    return api->random;
}

/* Full jitter: anything between nothing and the exponential step. */
static int64_t get_backoff_ms(struct rcn_api *api, unsigned tries)
{
    int64_t most_ms = RCN_API_BACKOFF_FIRST_MS;
    for (unsigned i = 1; i < tries && most_ms < RCN_API_BACKOFF_MOST_MS; i++)
        most_ms *= 2;
    if (most_ms > RCN_API_BACKOFF_MOST_MS)
        most_ms = RCN_API_BACKOFF_MOST_MS;
    return (int64_t)(next_random(api) % (uint64_t)(most_ms + 1));
}

static void add_to_problem(struct rcn_read *read, const char *text)
{
    size_t len = strlen(read->problem);
    snprintf(read->problem + len, sizeof read->problem - len, "%s", text);
}

static void give_up_at_deadline(struct try_state *state)
{
    struct rcn_read *read = state->read;
    state->is_done = true;
    if (read->problem[0] == '\0') {
        char request[RCN_API_PATH_SIZE];
        describe_request(read, request);
        snprintf(read->problem, sizeof read->problem,
                 "%.400s: not sent: its turn would come after the --deadline", request);
        return;
    }
    add_to_problem(read, " (the --deadline leaves no time for another try)");
}

/* libcurl's clock and ours may differ in the last moment. */
static bool was_cut_off(const struct rcn_api *api, const struct rcn_http_answer *answer)
{
    enum { LAST_MOMENT_MS = 50 };
    return answer->transfer != RCN_HTTP_ANSWERED && api->options.deadline_ms > 0 &&
           answer->ended_ms + LAST_MOMENT_MS >= api->options.deadline_ms;
}

/* Decides what follows from a failed try: another one later, or the end. */
static void plan_next_try(struct rcn_api *api, struct try_state *state)
{
    const struct rcn_http_answer *answer = &state->read->answer;
    if (answer->transfer == RCN_HTTP_ANSWERED && answer->status == 429)
        rcn_api_hold(api, answer->retry_after_ms);
    if (!is_worth_repeating(answer)) {
        state->is_done = true;
        return;
    }
    if (state->tries >= RCN_API_TRIES) {
        char text[32];
        snprintf(text, sizeof text, " (%d tries)", RCN_API_TRIES);
        add_to_problem(state->read, text);
        state->is_done = true;
        return;
    }
    int64_t wait_ms = get_backoff_ms(api, state->tries);
    if (answer->retry_after_ms > wait_ms)
        wait_ms = answer->retry_after_ms;
    state->not_before_ms = answer->ended_ms + wait_ms;
    state->why = answer->retry_after_ms > 0 ? "the API asked to wait" : "waiting to try again";
}

static void finish_read(struct rcn_api *api, struct try_state *state,
                        struct rcn_http_answer *answer)
{
    struct rcn_read *read = state->read;
    state->is_in_flight = false;
    rcn_http_answer_release(&read->answer);
    read->answer = *answer;
    read->answer.tag = NULL;
    bool is_answered = answer->transfer == RCN_HTTP_ANSWERED;
    if (is_answered && answer->status >= 200 && answer->status < 300 && answer->status != 206) {
        read->is_whole = true;
        read->problem[0] = '\0';
        state->is_done = true;
        return;
    }
    /* What the try before was told says more than that time ran out. */
    if (read->problem[0] && was_cut_off(api, answer)) {
        add_to_problem(read, " (the --deadline cut another try off)");
        state->is_done = true;
        return;
    }
    char request[RCN_API_PATH_SIZE];
    describe_request(read, request);
    rcn_api_describe_answer(api, request, answer, read->problem, sizeof read->problem);
    plan_next_try(api, state);
}

static void take_answers(struct rcn_api *api)
{
    struct rcn_http_answer answer;
    while (rcn_http_next_answer(api->http, &answer)) {
        rcn_api_note_finished(api, &answer);
        if (answer.is_create)
            rcn_api_finish_create(api, &answer);
        else
            finish_read(api, answer.tag, &answer);
    }
}

static int start_read(struct rcn_api *api, struct try_state *state, struct rcn_error *err)
{
    struct rcn_read *read = state->read;
    char path[RCN_API_PATH_SIZE];
    if ((size_t)snprintf(path, sizeof path, API_PREFIX "%s", read->path) >= sizeof path)
        return rcn_error_set(err, RCN_ERROR_FAILED, "the path '%.60s' is too long", read->path);
    int64_t left_ms =
        api->options.deadline_ms > 0 ? api->options.deadline_ms - rcn_clock_steady_ms() : 0;
    struct rcn_http_request request = {.path = path,
                                       .company_id = read->company_id,
                                       .max_body_bytes = RCN_API_MAX_LIST_BYTES,
                                       .timeout_ms = left_ms > 0 ? left_ms : 0,
                                       .tag = state};
    if (rcn_http_start(api->http, &request, err))
        return -1;
    rcn_pace_start(api->pace, rcn_clock_steady_ms());
    state->is_in_flight = true;
    state->tries++;
    api->counts.get++;
    if (state->tries > 1)
        api->counts.retries++;
    return 0;
}

/* What the tries as a whole are waiting for. */
struct outlook {
    size_t left;      /* not done */
    size_t in_flight; /* of ours */
    int64_t wait_ms;  /* until the next one may start; -1: none waits to start */
    const char *why;
};

static void note_wait(struct outlook *outlook, int64_t wait_ms, const char *why)
{
    if (outlook->wait_ms >= 0 && outlook->wait_ms <= wait_ms)
        return;
    outlook->wait_ms = wait_ms;
    outlook->why = why;
}

/* Starts what may start now, ends what the deadline ends, and says what is left. */
static int start_due(struct rcn_api *api, struct try_state *states, size_t count,
                     struct outlook *ret, struct rcn_error *err)
{
    *ret = (struct outlook){.wait_ms = -1};
    for (size_t i = 0; i < count; i++) {
        struct try_state *state = &states[i];
        if (!state->is_done && !state->is_in_flight) {
            int64_t now_ms = rcn_clock_steady_ms();
            int64_t pace_ms = rcn_pace_get_wait_ms(api->pace, now_ms);
            int64_t own_ms = state->not_before_ms - now_ms;
            int64_t wait_ms = own_ms > pace_ms ? own_ms : pace_ms;
            if (api->options.deadline_ms > 0 && now_ms + wait_ms >= api->options.deadline_ms)
                give_up_at_deadline(state);
            else if (wait_ms > 0)
                note_wait(ret, wait_ms, own_ms > pace_ms ? state->why : "rate limit");
            else if (start_read(api, state, err))
                return -1;
        }
        ret->left += !state->is_done;
        ret->in_flight += state->is_in_flight;
    }
    return 0;
}

/* Waits for an answer or for the time of the next start. */
static int wait_for_progress(struct rcn_api *api, const struct outlook *outlook,
                             struct rcn_error *err)
{
    bool is_idle = rcn_http_get_in_flight(api->http) == 0;
    int64_t before_ms = rcn_clock_steady_ms();
    int64_t wait_ms = LOOK_EVERY_MS;
    if (outlook->wait_ms >= 0 && outlook->wait_ms < wait_ms)
        wait_ms = outlook->wait_ms;
    if (outlook->wait_ms > 0 && outlook->in_flight == 0 && api->options.waiting)
        api->options.waiting(api->options.context, before_ms + outlook->wait_ms, outlook->why);
    if (rcn_http_poll(api->http, wait_ms, err))
        return -1;
    if (is_idle)
        api->counts.waited_ms += (uint64_t)(rcn_clock_steady_ms() - before_ms);
    return 0;
}

static int run_reads(struct rcn_api *api, struct try_state *states, size_t count,
                     struct rcn_error *err)
{
    for (;;) {
        struct outlook outlook;
        if (is_interrupted(api))
            return rcn_error_set(err, RCN_ERROR_INTERRUPTED, "interrupted");
        if (start_due(api, states, count, &outlook, err))
            return -1;
        if (outlook.left == 0)
            return 0;
        if (wait_for_progress(api, &outlook, err))
            return -1;
        take_answers(api);
    }
}

/* The aborted ones still count under the limit: the server may have seen them. */
static void abort_reads(struct rcn_api *api, const struct try_state *states, size_t count)
{
    rcn_http_cancel_reads(api->http);
    for (size_t i = 0; i < count; i++)
        if (states[i].is_in_flight)
            rcn_pace_finish(api->pace, rcn_clock_steady_ms());
}

int rcn_api_read(struct rcn_api *api, struct rcn_read *reads, size_t count, struct rcn_error *err)
{
    struct try_state *states = calloc(count ? count : 1, sizeof *states);
    if (!states)
        return rcn_error_no_memory(err);
    for (size_t i = 0; i < count; i++) {
        states[i].read = &reads[i];
        reads[i].answer = (struct rcn_http_answer){.transfer = RCN_HTTP_NOT_SENT};
        reads[i].is_whole = false;
        reads[i].problem[0] = '\0';
    }
    int result = run_reads(api, states, count, err);
    if (result)
        abort_reads(api, states, count);
    free(states);
    return result;
}

void rcn_reads_release(struct rcn_read *reads, size_t count)
{
    for (size_t i = 0; i < count; i++)
        rcn_http_answer_release(&reads[i].answer);
}
