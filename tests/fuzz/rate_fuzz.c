/*
 * Any text as --rate; behind a NUL, how long each of a row of requests takes. Sent as soon as they
 * may be, no window of what was asked for sees more requests than it allows, each request counted
 * from its start to its end.
 */
#include "fuzz.h"
#include "live/pace.h"

enum { REQUESTS = 200, ANSWERED_429 = 7 };

struct request {
    int64_t start_ms;
    int64_t end_ms;
    bool is_in_flight; /* the pace has not been told of its end */
    bool is_too_many;  /* it is answered 429 */
};

/* Of requests that lasted until after start_ms, those that began before it. */
static size_t count_in_window(const struct request *requests, size_t count, int64_t start_ms,
                              int64_t window_ms)
{
    size_t seen = 0;
    for (size_t i = 0; i < count; i++)
        seen += requests[i].end_ms > start_ms - window_ms && requests[i].start_ms <= start_ms;
    return seen;
}

/* One `COUNT/[NUMBER]UNIT`, read in another way: it was taken, so it is well-formed. */
static void check_window(const char *text, const struct request *requests, size_t count)
{
    char *rest;
    unsigned long most = strtoul(text, &rest, 10);
    unsigned long times = strtoul(rest + 1, &rest, 10);
    times = times ? times : 1;
    int64_t window_ms = 1000 * (int64_t)times * (*rest == 's' ? 1 : *rest == 'm' ? 60 : 3600);
    FUZZ_CHECK(most > 0);
    for (size_t i = 0; i < count; i++)
        FUZZ_CHECK(count_in_window(requests, i + 1, requests[i].start_ms, window_ms) <= most);
}

static void check_windows(const char *spec, const struct request *requests, size_t count)
{
    check_window(spec, requests, count);
    for (const char *comma = spec; (comma = strchr(comma, ',')); comma++)
        check_window(comma + 1, requests, count);
}

/* Tells the pace of the first of the requests in flight that has ended by now; false: of none. */
static bool finish_one(struct rcn_pace *pace, struct request *requests, size_t count,
                       int64_t now_ms)
{
    struct request *first = NULL;
    for (size_t i = 0; i < count; i++)
        if (requests[i].is_in_flight && requests[i].end_ms <= now_ms &&
            (!first || requests[i].end_ms < first->end_ms))
            first = &requests[i];
    if (!first)
        return false;
    first->is_in_flight = false;
    rcn_pace_finish(pace, first->end_ms);
    if (first->is_too_many)
        rcn_pace_slow_down(pace);
    return true;
}

/* The time at which the pace lets one more go, those that end until then having ended. */
static int64_t await_start(struct rcn_pace *pace, struct request *requests, size_t count,
                           int64_t now_ms)
{
    for (;;) {
        bool has_ended = true;
        while (has_ended)
            has_ended = finish_one(pace, requests, count, now_ms);
        int64_t wait_ms = rcn_pace_get_wait_ms(pace, now_ms);
        FUZZ_CHECK(wait_ms >= 0 && wait_ms <= INT64_C(86400000) * 2);
        FUZZ_CHECK(rcn_pace_estimate_ms(pace, 40, now_ms) >= wait_ms);
        if (wait_ms == 0)
            return now_ms;
        int64_t next_ms = now_ms + wait_ms;
        for (size_t i = 0; i < count; i++)
            if (requests[i].is_in_flight && requests[i].end_ms < next_ms)
                next_ms = requests[i].end_ms;
        now_ms = next_ms;
    }
}

/* The bytes say how long each takes, and how long nothing is sent then. */
static void check_pace(struct rcn_pace *pace, const char *spec, const uint8_t *data, size_t size)
{
    struct request requests[REQUESTS];
    size_t count = size / 2;
    if (count > REQUESTS)
        count = REQUESTS;
    int64_t now_ms = 1000000;
    for (size_t i = 0; i < count; i++) {
        now_ms = await_start(pace, requests, i, now_ms);
        requests[i] = (struct request){.start_ms = now_ms,
                                       .end_ms = now_ms + data[2 * i] * 8,
                                       .is_in_flight = true,
                                       .is_too_many = data[2 * i + 1] == ANSWERED_429};
        rcn_pace_start(pace, now_ms);
        now_ms += data[2 * i + 1];
    }
    if (strcmp(spec, "off") != 0)
        check_windows(spec, requests, count);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct rcn_error err = RCN_ERROR_INIT;
    char *spec = fuzz_copy(data, size);
    struct rcn_pace *pace = rcn_pace_new(spec, &err);
    size_t len = strlen(spec);
    if (pace)
        check_pace(pace, spec, data + len, size - len);
    else
        FUZZ_CHECK(err.kind == RCN_ERROR_USAGE);
    rcn_pace_free(pace);
    free(spec);
    return 0;
}
