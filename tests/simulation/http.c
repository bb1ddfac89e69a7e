/*
 * Stands in for live/http*.c: exchanges with the simulated server. What becomes of each is chosen
 * when it starts; everything in it happens by itself, whether its client lives or not.
 */
#include "live/http.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/json.h"
#include "base/memory.h"
#include "server.h"

enum { EXCHANGES_MAX = 64, EXCHANGES_IN_ALL_MAX = 20000 };

/* What the client gets. */
enum ending {
    ENDING_WELL,
    ENDING_LOST,     /* the connection breaks */
    ENDING_SILENT,   /* nothing comes until the client gives up */
    ENDING_STATUS,   /* an error status */
    ENDING_JUNK,     /* 2xx and no proof of anything */
    ENDING_NOT_SENT, /* no connection */
};

/* When the create takes effect. */
enum effect {
    EFFECT_NONE,
    EFFECT_NOW,  /* when it arrives */
    EFFECT_LATE, /* after the end of the request */
};

struct exchange {
    struct rcn_http *http; /* NULL: the client is gone */
    struct sim_process *process;
    int by;
    bool is_create;
    bool is_finished;
    bool has_arrived;
    char *path;
    char *body;
    int company; /* named, or the key's when it arrived */
    bool is_named;
    struct sim_asked asked; /* what the oracle has to know about the moment of sending */
    void *tag;
    int64_t started_ms;
    int64_t arrives_ms;
    int64_t ends_ms;
    enum ending ending;
    enum effect effect;
    long status;
    int64_t retry_after_ms;
    bool is_first_page; /* of a list */
    bool is_last_page;
    int64_t age_ms; /* a cache has kept the list so long, and says so */
    char *answer;
};

struct rcn_http {
    struct rcn_http_options options;
    struct sim_process *process;
    struct exchange *exchanges[EXCHANGES_MAX]; /* in flight, then finished ones until taken */
    size_t count;
};

/* All of the schedule: events may still speak of one whose client is gone. */
static struct exchange *all[EXCHANGES_IN_ALL_MAX];
static size_t all_count;

void sim_http_init(void)
{
    for (size_t i = 0; i < all_count; i++) {
        free(all[i]->path);
        free(all[i]->body);
        free(all[i]->answer);
        free(all[i]);
    }
    all_count = 0;
}

int rcn_http_normalise_origin(const char *url, char *ret, size_t size, struct rcn_error *err)
{
    (void)err;
    snprintf(ret, size, "%s", url);
    return 0;
}

struct rcn_http *rcn_http_new(const struct rcn_http_options *options, struct rcn_error *err)
{
    (void)err;
    struct rcn_http *http = rcn_calloc(1, sizeof *http);
    http->options = *options;
    http->process = sim.current;
    sim.current->http = http;
    return http;
}

/* --- what a create does --- */

static void read_member(const struct rcn_json *body, const char *key, char *ret, size_t size)
{
    const char *text = rcn_json_get_member_string(body, key);
    snprintf(ret, size, "%s", text ? text : "");
}

/* A server that makes something else of what it was asked for. */
static void bend(struct sim_sync *sync)
{
    switch (sim_choose(7)) {
    case 1:
        strncat(sync->name, " (1)", sizeof sync->name - strlen(sync->name) - 1);
        break;
    case 2:
        sync->name[strlen(sync->name) - 1] = '\0';
        break;
    case 3:
        for (char *c = sync->name; *c; c++)
            *c = (char)(*c >= 'a' && *c <= 'z' ? *c - 32 : *c);
        break;
    case 4:
        snprintf(sync->segment, sizeof sync->segment, "seg_other");
        break;
    case 5:
        snprintf(sync->frequency, sizeof sync->frequency, "weekly");
        break;
    case 6:
        sync->is_active = false;
        break;
    default:
        break;
    }
}

/* most_ms: until when, from now on, every list must show it. */
static struct sim_sync *commit(struct exchange *exchange, int64_t most_ms, bool is_second)
{
    struct rcn_error err = RCN_ERROR_INIT;
    struct rcn_json *body = rcn_json_parse(exchange->body, strlen(exchange->body), &err);
    char account[24];
    char name[64];
    char segment[24];
    read_member(body, "adAccountId", account, sizeof account);
    read_member(body, "audienceName", name, sizeof name);
    read_member(body, "segmentId", segment, sizeof segment);
    const char *template = rcn_json_get_member_string(body, "predefinedSegmentId");
    if (template)
        snprintf(segment, sizeof segment, "%s", sim_server_get_segment(template));
    struct sim_sync *sync = sim_server_add(exchange->company, account, name, segment, exchange->by);
    read_member(body, "frequency", sync->frequency, sizeof sync->frequency);
    rcn_json_free(body);
    sync->is_second = is_second;
    const int own_company = exchange->process->own_company;
    sync->place =
        own_company < 0 || own_company == exchange->company ? exchange->process->place : NULL;
    if (sim_server.is_renaming && sim_chance(400))
        bend(sync);
    sim_sync_lag(sync, most_ms);
    sim_tell("the server creates %s '%s' for apply %d%s%s", sync->id, sync->name, exchange->by,
             is_second ? ", a second time: a proxy repeats it" : "",
             sync->shown_ms > sim.now_ms ? sync->flickers ? ", flickering" : ", lists lag" : "");
    sim_oracle_commit(sync, exchange->process, &exchange->asked);
    return sync;
}

static void commit_late(void *context)
{
    struct exchange *exchange = context;
    /* most of the bound has passed: see end_request */
    commit(exchange, exchange->ends_ms + sim_server.bound_ms - sim.now_ms, false);
}

/* The client's end of it is over: answered, given up or dead. What is late counts from here. */
static void end_request(struct exchange *exchange)
{
    exchange->ends_ms = sim.now_ms;
    if (exchange->effect != EFFECT_LATE)
        return;
    exchange->effect = EFFECT_NONE;
    sim_at(sim.now_ms + 1 + sim_server.bound_ms * sim_choose(4) / 4, commit_late, exchange);
}

static void answer_junk(struct exchange *exchange, const char *good)
{
    static const char *const junk[] = {"<html>Please wait</html>", "",
                                       "{\"success\":false,\"error\":\"Something went wrong\"}",
                                       "{\"success\":true}"};
    unsigned which = sim_choose(5);
    exchange->answer = which < 4 ? rcn_strdup(junk[which]) : rcn_strndup(good, strlen(good) / 2);
}

static void arrive_create(struct exchange *exchange)
{
    struct rcn_buf out;
    rcn_buf_init(&out, 1 << 20);
    if (exchange->effect == EFFECT_NOW) {
        struct sim_sync *sync = commit(exchange, sim_server.bound_ms, false);
        if (sim_server.is_doubling && sim_chance(300))
            commit(exchange, sim_server.bound_ms, true);
        rcn_buf_add_str(&out, "{\"success\":true,\"audienceSync\":");
        sim_write_sync(&out, sync, sim.now_ms);
        rcn_buf_add_char(&out, '}');
    }
    if (exchange->ending == ENDING_JUNK)
        answer_junk(exchange, rcn_buf_get_str(&out));
    else
        exchange->answer = rcn_strdup(rcn_buf_get_str(&out));
    rcn_buf_release(&out);
}

static void answer_account(const struct exchange *exchange, struct rcn_buf *out)
{
    if (exchange->ending == ENDING_WELL) {
        exchange->process->account_ms = exchange->started_ms;
        exchange->process->account_company = sim_server.current_company;
    }
    sim_write_account(out);
}

static void arrive_read(struct exchange *exchange)
{
    struct rcn_buf out;
    rcn_buf_init(&out, 1 << 20);
    const char *offset = strstr(exchange->path, "offset=");
    exchange->is_first_page = !offset;
    if (exchange->ending != ENDING_WELL && exchange->ending != ENDING_JUNK)
        ;
    else if (strncmp(exchange->path, "/api/v1/account", 15) == 0)
        answer_account(exchange, &out);
    else
        exchange->is_last_page = sim_write_list(
            &out, exchange->company, exchange->is_first_page ? 0 : strtol(offset + 7, NULL, 10),
            sim.now_ms - exchange->age_ms);
    if (exchange->ending == ENDING_JUNK)
        answer_junk(exchange, rcn_buf_get_str(&out));
    else
        exchange->answer = rcn_strdup(rcn_buf_get_str(&out));
    rcn_buf_release(&out);
}

static void arrive(void *context)
{
    struct exchange *exchange = context;
    if (!exchange->http && !exchange->has_arrived)
        return; /* reset on its way; what may arrive all the same is an EFFECT_LATE */
    exchange->has_arrived = true;
    if (!exchange->is_named)
        exchange->company = sim_server.current_company;
    exchange->arrives_ms = sim.now_ms;
    if (exchange->is_create)
        arrive_create(exchange);
    else
        arrive_read(exchange);
}

/* --- what becomes of a request --- */

static int64_t choose_latency_ms(const struct rcn_http *http)
{
    int64_t most_ms = http->options.timeout_ms / 2 - 1;
    int64_t latency_ms = sim_server.fault_permille ? SIM_ONE_OF(20, 20, 20, 400, 5000) : 20;
    return latency_ms < most_ms ? latency_ms : most_ms;
}

static void choose_status(struct exchange *exchange)
{
    static const long statuses[] = {503, 429, 500, 400, 408, 409, 502, 504, 404, 302, 401, 403};
    /* Who may read the account is not a matter of chance. */
    exchange->status = statuses[sim_choose(strstr(exchange->path, "/account") ? 10 : 12)];
    if (exchange->status == 429 || exchange->status == 503)
        exchange->retry_after_ms = SIM_ONE_OF(-1, 0, 1000, 20000, 600000);
}

static void choose_fate(struct exchange *exchange, int64_t timeout_ms)
{
    exchange->status = 200;
    exchange->retry_after_ms = -1;
    exchange->effect = exchange->is_create ? EFFECT_NOW : EFFECT_NONE;
    if (sim_server.is_account_forbidden && strstr(exchange->path, "/account")) {
        exchange->ending = ENDING_STATUS;
        exchange->status = 403;
        exchange->ends_ms = exchange->arrives_ms + 20;
        return;
    }
    unsigned permille = sim_server.fault_permille / (exchange->is_create ? 1 : 4);
    exchange->ends_ms = exchange->arrives_ms + choose_latency_ms(exchange->http);
    if (!sim_chance(permille))
        return;
    if (!exchange->is_create && sim_server.is_flickering && sim_chance(150)) {
        exchange->age_ms = SIM_ONE_OF(1000, 5000, 60000);
        return;
    }
    exchange->ending = (enum ending)sim_choose(6);
    if (exchange->ending == ENDING_STATUS)
        choose_status(exchange);
    if (exchange->ending == ENDING_SILENT)
        exchange->ends_ms = exchange->started_ms + timeout_ms;
    if (exchange->ending == ENDING_NOT_SENT || !exchange->is_create)
        exchange->effect = EFFECT_NONE;
    else if (exchange->ending != ENDING_WELL)
        exchange->effect = (enum effect)sim_choose(3);
}

static const char *describe(const struct exchange *exchange)
{
    static char text[96];
    static const char *const endings[] = {"answered well", "connection lost", "no answer", "status",
                                          "junk",          "not sent"};
    static const char *const effects[] = {"", ", takes effect", ", takes effect later"};
    snprintf(text, sizeof text, "%s", endings[exchange->ending]);
    if (exchange->ending == ENDING_STATUS)
        snprintf(text, sizeof text, "status %ld, Retry-After %lld ms", exchange->status,
                 (long long)exchange->retry_after_ms);
    if (exchange->age_ms)
        snprintf(text, sizeof text, "answered by a cache, Age %lld ms",
                 (long long)exchange->age_ms);
    if (exchange->is_create)
        strncat(text, effects[exchange->effect], sizeof text - strlen(text) - 1);
    return text;
}

static void note_create(const struct exchange *exchange)
{
    struct rcn_error err = RCN_ERROR_INIT;
    struct rcn_json *body = rcn_json_parse(exchange->body, strlen(exchange->body), &err);
    const char *name = rcn_json_get_member_string(body, "audienceName");
    sim_count(SIM_CREATES);
    if (rcn_json_get_member_string(body, "predefinedSegmentId"))
        sim_count(SIM_TEMPLATES);
    exchange->process->sends++;
    sim_oracle_send(exchange->process, name, exchange->company, exchange->is_named);
    /* When it goes wrong it matters what people do. */
    if (exchange->ending != ENDING_WELL)
        sim_people_meet(name);
    rcn_json_free(body);
}

static int find_company(const char *company_id)
{
    for (int i = 0; company_id && i < SIM_COMPANIES; i++)
        if (strcmp(sim_company_id(i), company_id) == 0)
            return i;
    return -1;
}

int rcn_http_start(struct rcn_http *http, const struct rcn_http_request *request,
                   struct rcn_error *err)
{
    sim_touch(true);
    if (http->count == EXCHANGES_MAX)
        return rcn_error_set(err, RCN_ERROR_FAILED, "too many exchanges for the simulator");
    if (all_count == EXCHANGES_IN_ALL_MAX)
        sim_fail("a schedule makes more than %d requests", EXCHANGES_IN_ALL_MAX);
    struct exchange *exchange = all[all_count++] = rcn_calloc(1, sizeof *exchange);
    int64_t timeout_ms = http->options.timeout_ms;
    if (request->timeout_ms > 0 && request->timeout_ms < timeout_ms)
        timeout_ms = request->timeout_ms;
    exchange->http = http;
    exchange->process = http->process;
    exchange->by = (int)http->process->number;
    exchange->is_create = request->body != NULL;
    exchange->path = rcn_strdup(request->path);
    exchange->body = request->body ? rcn_strndup(request->body, request->body_len) : NULL;
    exchange->company = find_company(request->company_id);
    exchange->is_named = exchange->company >= 0;
    exchange->asked = (struct sim_asked){.at_ms = sim.now_ms,
                                         .account_ms = http->process->account_ms,
                                         .account_company = http->process->account_company};
    if (!exchange->is_named)
        exchange->company = sim_server.current_company;
    exchange->tag = request->tag;
    exchange->started_ms = sim.now_ms;
    exchange->arrives_ms = sim.now_ms + choose_latency_ms(http);
    choose_fate(exchange, timeout_ms);
    if (exchange->is_create)
        note_create(exchange);
    sim_tell("%s %s%s%s: %s", exchange->is_create ? "POST" : "GET", exchange->path + 7,
             exchange->body ? " " : "", exchange->body ? exchange->body : "", describe(exchange));
    sim_at(exchange->arrives_ms, arrive, exchange);
    http->exchanges[http->count++] = exchange;
    sim_touch(true);
    return 0;
}

/* --- the client's end --- */

static bool take_finished(struct rcn_http *http)
{
    bool has_finished = false;
    for (size_t i = 0; i < http->count; i++) {
        struct exchange *exchange = http->exchanges[i];
        if (!exchange->is_finished && exchange->ends_ms <= sim.now_ms) {
            exchange->is_finished = true;
            end_request(exchange);
        }
        has_finished |= exchange->is_finished;
    }
    return has_finished;
}

static int64_t get_next_ms(const struct rcn_http *http, int64_t until_ms)
{
    const struct sim_process *self = http->process;
    int64_t next_ms = until_ms;
    for (size_t i = 0; i < http->count; i++)
        if (http->exchanges[i]->ends_ms < next_ms)
            next_ms = http->exchanges[i]->ends_ms;
    if (self->signal_ms > sim.now_ms && self->signal_ms < next_ms)
        next_ms = self->signal_ms;
    if (self->urgent_ms > sim.now_ms && self->urgent_ms < next_ms)
        next_ms = self->urgent_ms;
    return next_ms;
}

int rcn_http_poll(struct rcn_http *http, int64_t wait_ms, struct rcn_error *err)
{
    (void)err;
    sim_touch(false);
    if (!take_finished(http) && wait_ms > 0) {
        sim_sleep_until(get_next_ms(http, sim.now_ms + wait_ms));
        sim_touch(true);
        take_finished(http);
    }
    return 0;
}

static void drop(struct rcn_http *http, size_t index)
{
    struct exchange *exchange = http->exchanges[index];
    memmove(&http->exchanges[index], &http->exchanges[index + 1],
            (--http->count - index) * sizeof *http->exchanges);
    if (!exchange->is_finished)
        end_request(exchange);
    exchange->http = NULL;
}

/* A list is as old as its oldest page, and counts once its last one has come. */
static void note_read(struct sim_process *process, const struct exchange *exchange)
{
    /* One from a cache obliges to nothing: it may be older than what is known already. */
    int64_t made_ms = exchange->age_ms ? 0 : exchange->arrives_ms;
    int64_t *page_ms = &process->page_ms[exchange->company];
    process->listed_ms[exchange->company] = sim.now_ms;
    process->listed_call[exchange->company] = process->calls;
    if (strstr(exchange->path, "/account"))
        return;
    if (exchange->is_first_page || made_ms < *page_ms)
        *page_ms = made_ms;
    if (exchange->is_last_page)
        process->seen_ms[exchange->company] = *page_ms;
}

bool rcn_http_next_answer(struct rcn_http *http, struct rcn_http_answer *ret)
{
    size_t i = 0;
    while (i < http->count && !http->exchanges[i]->is_finished)
        i++;
    if (i == http->count)
        return false;
    const struct exchange *exchange = http->exchanges[i];
    const int64_t steady_ms = rcn_clock_steady_ms();
    *ret = (struct rcn_http_answer){.retry_after_ms = -1,
                                    .list_total = -1,
                                    .age_ms = exchange->age_ms,
                                    .started_ms = exchange->started_ms - sim.now_ms + steady_ms,
                                    .ended_ms = steady_ms,
                                    .is_create = exchange->is_create,
                                    .tag = exchange->tag};
    if (exchange->ending == ENDING_LOST || exchange->ending == ENDING_SILENT) {
        ret->transfer = RCN_HTTP_LOST;
        snprintf(ret->error, sizeof ret->error, "%s",
                 exchange->ending == ENDING_LOST ? "the connection broke" : "timed out");
    } else if (exchange->ending == ENDING_NOT_SENT) {
        ret->transfer = RCN_HTTP_NOT_SENT;
        snprintf(ret->error, sizeof ret->error, "cannot connect");
    } else {
        ret->transfer = RCN_HTTP_ANSWERED;
        ret->status = exchange->status;
        ret->retry_after_ms = exchange->retry_after_ms;
    }
    static const char refusal[] = "{\"success\":false,\"error\":\"No\"}";
    const char *body = exchange->ending == ENDING_STATUS                        ? refusal
                       : ret->transfer == RCN_HTTP_ANSWERED && exchange->answer ? exchange->answer
                                                                                : "";
    ret->body = rcn_strdup(body);
    ret->body_len = strlen(body);
    if (!exchange->is_create && exchange->ending == ENDING_WELL)
        note_read(http->process, exchange);
    drop(http, i);
    return true;
}

void rcn_http_answer_release(struct rcn_http_answer *answer)
{
    free(answer->body);
    answer->body = NULL;
    answer->body_len = 0;
}

size_t rcn_http_get_in_flight(const struct rcn_http *http)
{
    size_t count = 0;
    for (size_t i = 0; i < http->count; i++)
        count += !http->exchanges[i]->is_finished;
    return count;
}

/* A create that has not arrived when its client dies may be on the line all the same. */
static void abandon(struct rcn_http *http)
{
    for (size_t i = 0; i < http->count; i++) {
        struct exchange *exchange = http->exchanges[i];
        if (!exchange->has_arrived && exchange->is_create && exchange->effect == EFFECT_NOW)
            exchange->effect = sim_chance(500) ? EFFECT_LATE : EFFECT_NONE;
    }
    while (http->count)
        drop(http, http->count - 1);
}

void rcn_http_cancel(struct rcn_http *http, bool only_reads)
{
    if (!only_reads)
        abandon(http);
    for (size_t i = http->count; i-- > 0;)
        if (!http->exchanges[i]->is_create)
            drop(http, i);
}

void rcn_http_free(struct rcn_http *http)
{
    if (!http)
        return;
    abandon(http);
    http->process->http = NULL;
    free(http);
}

void sim_http_drop_process(const struct sim_process *process)
{
    if (process->http)
        abandon(process->http);
}
