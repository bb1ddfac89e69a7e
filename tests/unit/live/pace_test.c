#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "live/pace.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))

enum { REQUESTS_MOST = 600 };

/* --- the option --- */

static void test_specs(void **state)
{
    (void)state;
    static const struct {
        const char *spec;
        bool is_good;
    } rows[] = {
        {"100/min,20/s", true},
        {"off", true},
        {"1/s", true},
        {"10000/h", true},
        {"5/10s", true},
        {"5/2min", true},
        {"1/s,2/min,3/h,4/24h", true},
        {"1/s,2/min,3/h,4/24h,5/s", false},
        {"10001/s", false},
        {"0/s", false},
        {"", false},
        {",", false},
        {"1/s,", false},
        {"/s", false},
        {"1/", false},
        {"1", false},
        {"1/d", false},
        {"1/0s", false},
        {"1/25h", false},
        {"1/86401s", false},
        {"1/99999999999999999999s", false},
        {"99999999999999999999/s", false},
        {"-1/s", false},
        {"1/s ", false},
        {" 1/s", false},
        {"1.5/s", false},
        {"1/sec", false},
        {"OFF", false},
        {"off,1/s", false},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct rcn_error err = RCN_ERROR_INIT;
        struct rcn_pace *pace = rcn_pace_new(rows[i].spec, &err);
        if ((pace != NULL) != rows[i].is_good)
            fail_msg("'%s' is %s", rows[i].spec, pace ? "taken" : "refused");
        if (!pace)
            assert_int_equal(err.kind, RCN_ERROR_USAGE);
        rcn_pace_free(pace);
    }
}

/* --- a simulated server --- */

/* Latency of a request, by kind of network. */
struct network {
    const char *name;
    int64_t least_ms;
    int64_t most_ms;
    size_t in_flight_most;
};

struct run {
    size_t count;
    int64_t start_ms[REQUESTS_MOST];
    int64_t end_ms[REQUESTS_MOST];
    int64_t counted_ms[REQUESTS_MOST]; /* by the server: at any moment in between */
};

static int64_t pick(int64_t least, int64_t most)
{
    return least + rand() % (most - least + 1);
}

/* Ends the request that ends first; returns its time. */
static int64_t finish_first(struct rcn_pace *pace, const struct run *run, bool *is_done)
{
    size_t first = SIZE_MAX;
    for (size_t i = 0; i < run->count; i++)
        if (!is_done[i] && (first == SIZE_MAX || run->end_ms[i] < run->end_ms[first]))
            first = i;
    is_done[first] = true;
    rcn_pace_finish(pace, run->end_ms[first]);
    return run->end_ms[first];
}

static int64_t next_end(const struct run *run, const bool *is_done)
{
    int64_t end_ms = INT64_MAX;
    for (size_t i = 0; i < run->count; i++)
        if (!is_done[i] && run->end_ms[i] < end_ms)
            end_ms = run->end_ms[i];
    return end_ms;
}

/* A client as api.c is one: starts as soon as it may, looks again whenever something ends. */
static void simulate(const char *spec, const struct network *network, size_t count, struct run *ret)
{
    struct rcn_error err = RCN_ERROR_INIT;
    struct rcn_pace *pace = rcn_pace_new(spec, &err);
    bool is_done[REQUESTS_MOST] = {false};
    size_t in_flight = 0;
    int64_t now_ms = 1000;
    assert_non_null(pace);
    ret->count = 0;
    while (ret->count < count || in_flight > 0) {
        int64_t wait_ms = rcn_pace_get_wait_ms(pace, now_ms);
        bool may_start = ret->count < count && in_flight < network->in_flight_most;
        if (may_start && wait_ms == 0) {
            size_t i = ret->count++;
            rcn_pace_start(pace, now_ms);
            in_flight++;
            ret->start_ms[i] = now_ms;
            ret->end_ms[i] = now_ms + pick(network->least_ms, network->most_ms);
            ret->counted_ms[i] = pick(ret->start_ms[i], ret->end_ms[i]);
            continue;
        }
        int64_t end_ms = next_end(ret, is_done);
        if (may_start && now_ms + wait_ms < end_ms) {
            now_ms += wait_ms;
        } else {
            now_ms = finish_first(pace, ret, is_done);
            in_flight--;
        }
    }
    rcn_pace_free(pace);
}

static int compare_times(const void *left, const void *right)
{
    int64_t a = *(const int64_t *)left;
    int64_t b = *(const int64_t *)right;
    return (a > b) - (a < b);
}

/* A sliding log refuses the request that would be one too many in the window before it. */
static size_t count_refused(struct run *run, size_t limit, int64_t window_ms)
{
    size_t refused = 0;
    qsort(run->counted_ms, run->count, sizeof *run->counted_ms, compare_times);
    for (size_t i = limit; i < run->count; i++)
        refused += run->counted_ms[i] - run->counted_ms[i - limit] <= window_ms;
    return refused;
}

static const struct network networks[] = {
    {"instant", 0, 0, 100},      {"near", 0, 5, 8},        {"usual", 20, 80, 8},
    {"far", 150, 400, 20},       {"uneven", 0, 3000, 100}, {"alone", 30, 60, 1},
    {"stalling", 0, 30000, 100},
};

static void test_no_server_sees_more_than_the_limit(void **state)
{
    (void)state;
    static struct run run;
    for (size_t i = 0; i < COUNT(networks); i++) {
        for (unsigned seed = 0; seed < 20; seed++) {
            srand(seed);
            simulate("100/min,20/s", &networks[i], 350, &run);
            size_t refused = count_refused(&run, 20, 1000) + count_refused(&run, 100, 60000);
            if (refused > 0)
                fail_msg("%s, seed %u: %zu refused", networks[i].name, seed, refused);
        }
    }
}

/* What the limits alone cost, the requests taking no time. */
static int64_t get_least_ms(size_t count)
{
    size_t last = count - 1;
    return (int64_t)(last / 100) * 60000 + (int64_t)(last % 100 / 20) * 1000;
}

static void test_time_is_near_the_least(void **state)
{
    (void)state;
    static struct run run;
    static const size_t counts[] = {1, 20, 21, 60, 100, 101, 250};
    static const size_t usual = 2;
    for (size_t i = 0; i <= usual; i++) {
        for (size_t j = 0; j < COUNT(counts); j++) {
            srand(1);
            simulate("100/min,20/s", &networks[i], counts[j], &run);
            int64_t took_ms = run.start_ms[run.count - 1] - 1000;
            int64_t least_ms = get_least_ms(counts[j]);
            if (took_ms < least_ms || took_ms > least_ms + least_ms * 15 / 100 + 400)
                fail_msg("%s, %zu requests: %lld ms, least %lld ms", networks[i].name, counts[j],
                         (long long)took_ms, (long long)least_ms);
        }
    }
}

/* --- every reading of the sentence, with answers --- */

enum reading { SLIDING, FIXED, BUCKET_OF_20, TWO_BUCKETS, READING_COUNT };
enum { LIMIT_COUNT = 2, RETRY_AFTER_UNIT_MS = 1000 };

static const struct {
    size_t count;
    int64_t window_ms;
} limits[LIMIT_COUNT] = {{20, 1000}, {100, 60000}};

struct server {
    enum reading reading;
    int64_t accepted_ms[REQUESTS_MOST];
    size_t accepted;
    double tokens[LIMIT_COUNT];
    int64_t filled_ms;
};

/* Accepted after since_ms. */
static size_t count_since(const struct server *server, int64_t since_ms)
{
    size_t count = 0;
    while (count < server->accepted && server->accepted_ms[server->accepted - 1 - count] > since_ms)
        count++;
    return count;
}

static int64_t window_wait_ms(const struct server *server, size_t limit, int64_t now_ms)
{
    int64_t length_ms = limits[limit].window_ms;
    if (server->reading == FIXED)
        return count_since(server, now_ms / length_ms * length_ms - 1) < limits[limit].count
                   ? 0
                   : length_ms - now_ms % length_ms;
    if (count_since(server, now_ms - length_ms) < limits[limit].count)
        return 0;
    return server->accepted_ms[server->accepted - limits[limit].count] + length_ms - now_ms;
}

static int64_t bucket_wait_ms(const struct server *server, size_t limit)
{
    double per_ms = limit == 0 && server->reading == TWO_BUCKETS ? 20.0 / 1000 : 100.0 / 60000;
    return server->tokens[limit] >= 1 ? 0 : (int64_t)((1 - server->tokens[limit]) / per_ms) + 1;
}

static void refill(struct server *server, int64_t now_ms)
{
    double passed_ms = (double)(now_ms - server->filled_ms);
    double size = server->reading == BUCKET_OF_20 ? 20 : 100;
    server->filled_ms = now_ms;
    server->tokens[0] += passed_ms * (server->reading == TWO_BUCKETS ? 20.0 / 1000 : 1.0 / 600);
    server->tokens[0] = server->tokens[0] > 20 ? 20 : server->tokens[0];
    server->tokens[1] += passed_ms / 600;
    server->tokens[1] = server->tokens[1] > size ? size : server->tokens[1];
}

/* 0: accepted; else how long it would have to wait. */
static int64_t take(struct server *server, int64_t now_ms)
{
    int64_t longest_ms = 0;
    refill(server, now_ms);
    for (size_t i = 0; i < LIMIT_COUNT; i++) {
        int64_t wait_ms = server->reading < BUCKET_OF_20 ? window_wait_ms(server, i, now_ms)
                                                         : bucket_wait_ms(server, i);
        longest_ms = wait_ms > longest_ms ? wait_ms : longest_ms;
    }
    if (longest_ms > 0)
        return longest_ms;
    server->accepted_ms[server->accepted++] = now_ms;
    for (size_t i = 0; i < LIMIT_COUNT; i++)
        server->tokens[i] -= 1;
    return 0;
}

struct request {
    int64_t counted_ms; /* by the server */
    int64_t end_ms;
    int64_t wait_ms; /* what the server answered; 0: accepted */
    bool is_counted;
    bool is_done;
};

struct outcome {
    size_t refused;
    int64_t took_ms; /* until the last request was accepted */
};

/* The request whose next event comes first, and when that is. */
static struct request *find_next(struct request *requests, size_t count, int64_t *ret_ms)
{
    struct request *next = NULL;
    for (size_t i = 0; i < count; i++) {
        if (requests[i].is_done)
            continue;
        int64_t at_ms = requests[i].is_counted ? requests[i].end_ms : requests[i].counted_ms;
        if (next && at_ms >= *ret_ms)
            continue;
        next = &requests[i];
        *ret_ms = at_ms;
    }
    return next;
}

/*
 * A client as api.c is one sends until `count` requests were accepted; what is refused is sent
 * again. `at_arrival`: the server counts a request when it arrives, else when it answers.
 */
static struct outcome talk(enum reading reading, const struct network *network, bool at_arrival,
                           size_t count)
{
    static struct server server;
    static struct request requests[2 * REQUESTS_MOST];
    const int64_t began_ms = 1234567;
    struct outcome outcome = {0};
    size_t sent = 0, in_flight = 0;
    int64_t now_ms = began_ms, hold_ms = 0;
    struct rcn_error err = RCN_ERROR_INIT;
    struct rcn_pace *pace = rcn_pace_new("100/min,20/s", &err);
    server = (struct server){.reading = reading, .tokens = {20, 100}, .filled_ms = now_ms};
    while (server.accepted < count) {
        int64_t event_ms = 0;
        struct request *next = find_next(requests, sent, &event_ms);
        int64_t start_ms = now_ms + rcn_pace_get_wait_ms(pace, now_ms);
        if (server.accepted + in_flight < count && in_flight < network->in_flight_most &&
            (!next || start_ms <= event_ms)) {
            int64_t took_ms = pick(network->least_ms, network->most_ms);
            now_ms = start_ms;
            rcn_pace_start(pace, now_ms);
            assert_true(sent < 2 * REQUESTS_MOST);
            requests[sent++] =
                (struct request){.counted_ms = now_ms + (at_arrival ? took_ms / 10 : took_ms),
                                 .end_ms = now_ms + took_ms};
            in_flight++;
            continue;
        }
        now_ms = event_ms;
        if (!next->is_counted) {
            next->is_counted = true;
            next->wait_ms = take(&server, now_ms);
            outcome.refused += next->wait_ms > 0;
            continue;
        }
        next->is_done = true;
        in_flight--;
        rcn_pace_finish(pace, now_ms);
        if (next->wait_ms == 0)
            continue;
        if (now_ms >= hold_ms)
            rcn_pace_slow_down(pace);
        hold_ms = now_ms + (next->wait_ms + RETRY_AFTER_UNIT_MS - 1) / RETRY_AFTER_UNIT_MS *
                               RETRY_AFTER_UNIT_MS;
        rcn_pace_hold_until(pace, hold_ms);
    }
    outcome.took_ms = now_ms - began_ms;
    rcn_pace_free(pace);
    return outcome;
}

static int64_t get_ideal_ms(enum reading reading, size_t count)
{
    if (reading == BUCKET_OF_20)
        return count > 20 ? (int64_t)(count - 20) * 600 : 0;
    return get_least_ms(count);
}

/*
 * One bucket is only found out by what it refuses: at most what was in flight, once. After it the
 * documented windows still bind, so what went out in the first seconds stands still once for them.
 */
static void check_outcome(enum reading reading, const struct network *network, size_t count,
                          const struct outcome *outcome)
{
    int64_t ideal_ms = get_ideal_ms(reading, count);
    int64_t latency_ms = network->most_ms * (int64_t)(count / 20 + 1);
    bool is_bucket = reading == BUCKET_OF_20;
    size_t refused_most = is_bucket ? network->in_flight_most : 0;
    int64_t most_ms = ideal_ms + ideal_ms / 500 + 100 + latency_ms + (is_bucket ? 24000 : 0);
    if (outcome->refused > refused_most || outcome->took_ms > most_ms)
        fail_msg("reading %d, %s, %zu requests: %zu refused, %lld ms, at most %lld", (int)reading,
                 network->name, count, outcome->refused, (long long)outcome->took_ms,
                 (long long)most_ms);
}

static void test_every_reading(void **state)
{
    (void)state;
    static const size_t counts[] = {10, 100, 300};
    static const size_t far = 3;
    for (int reading = 0; reading < READING_COUNT; reading++)
        for (size_t i = 0; i <= far; i++)
            for (size_t j = 0; j < COUNT(counts); j++)
                for (unsigned seed = 0; seed < 10; seed++) {
                    srand(seed);
                    struct outcome outcome =
                        talk((enum reading)reading, &networks[i], seed % 2, counts[j]);
                    check_outcome((enum reading)reading, &networks[i], counts[j], &outcome);
                }
}

/* --- single rules --- */

static struct rcn_pace *new_pace(const char *spec)
{
    struct rcn_error err = RCN_ERROR_INIT;
    struct rcn_pace *pace = rcn_pace_new(spec, &err);
    assert_non_null(pace);
    return pace;
}

static void test_window_counts_from_the_end(void **state)
{
    (void)state;
    struct rcn_pace *pace = new_pace("2/s");
    rcn_pace_start(pace, 100);
    rcn_pace_start(pace, 100);
    assert_int_equal(rcn_pace_get_wait_ms(pace, 100), 1006);
    rcn_pace_finish(pace, 400);
    assert_int_equal(rcn_pace_get_wait_ms(pace, 500), 1000 + 6 - 100);
    rcn_pace_finish(pace, 700);
    assert_int_equal(rcn_pace_get_wait_ms(pace, 1405), 1);
    assert_int_equal(rcn_pace_get_wait_ms(pace, 1406), 0);
    rcn_pace_start(pace, 1406);
    assert_int_equal(rcn_pace_get_wait_ms(pace, 1406), 1006 - 706);
    rcn_pace_free(pace);
}

static void test_hold(void **state)
{
    (void)state;
    static const char *const specs[] = {"off", "20/s"};
    for (size_t i = 0; i < COUNT(specs); i++) {
        struct rcn_pace *pace = new_pace(specs[i]);
        rcn_pace_hold_until(pace, 5000);
        rcn_pace_hold_until(pace, 3000);
        assert_int_equal(rcn_pace_get_wait_ms(pace, 1000), 4000);
        assert_int_equal(rcn_pace_estimate_ms(pace, 1, 1000), 4000);
        assert_int_equal(rcn_pace_get_wait_ms(pace, 5000), 0);
        rcn_pace_free(pace);
    }
}

static void test_evenly_after_a_refusal(void **state)
{
    (void)state;
    struct rcn_pace *pace = new_pace("20/s,100/min");
    for (int i = 0; i < 3; i++) {
        rcn_pace_slow_down(pace);
        rcn_pace_start(pace, 1000);
        rcn_pace_finish(pace, 1000);
        assert_int_equal(rcn_pace_get_wait_ms(pace, 1001), 600);
        assert_int_equal(rcn_pace_estimate_ms(pace, 3, 1000), 3 * 601);
    }
    rcn_pace_free(pace);
}

static void test_off_never_waits(void **state)
{
    (void)state;
    struct rcn_pace *pace = new_pace("off");
    rcn_pace_slow_down(pace);
    for (int i = 0; i < 100000; i++) {
        assert_int_equal(rcn_pace_get_wait_ms(pace, 0), 0);
        rcn_pace_start(pace, 0);
        if (i % 2)
            rcn_pace_finish(pace, 0);
    }
    assert_int_equal(rcn_pace_estimate_ms(pace, 100000, 0), 0);
    rcn_pace_free(pace);
}

static void test_estimate(void **state)
{
    (void)state;
    struct rcn_pace *pace = new_pace("100/min,20/s");
    static const struct {
        size_t count;
        int64_t least_ms;
    } rows[] = {{0, 0},       {1, 0},      {20, 0},      {21, 1006},
                {60, 2012},   {100, 4024}, {101, 60065}, {140, 60065 + 1006},
                {201, 120130}};
    for (size_t i = 0; i < COUNT(rows); i++)
        assert_int_equal(rcn_pace_estimate_ms(pace, rows[i].count, 0), rows[i].least_ms);
    for (int i = 0; i < 15; i++)
        rcn_pace_start(pace, 500);
    for (int i = 0; i < 10; i++)
        rcn_pace_finish(pace, 500);
    /* ten ended at 500 and five are in flight: five more, then ten, at once with those */
    assert_int_equal(rcn_pace_estimate_ms(pace, 5, 600), 0);
    assert_int_equal(rcn_pace_estimate_ms(pace, 6, 600), 906);
    assert_int_equal(rcn_pace_estimate_ms(pace, 16, 600), 1006);
    rcn_pace_free(pace);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_specs),
        cmocka_unit_test(test_no_server_sees_more_than_the_limit),
        cmocka_unit_test(test_time_is_near_the_least),
        cmocka_unit_test(test_every_reading),
        cmocka_unit_test(test_window_counts_from_the_end),
        cmocka_unit_test(test_hold),
        cmocka_unit_test(test_evenly_after_a_refusal),
        cmocka_unit_test(test_off_never_waits),
        cmocka_unit_test(test_estimate),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
