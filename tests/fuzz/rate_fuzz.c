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

/* One after the other; the bytes say how long each takes, and how long nothing is sent then: after
 * some of them because they were answered 429. */
static void check_pace(struct rcn_pace *pace, const char *spec, const uint8_t *data, size_t size)
{
    struct request requests[REQUESTS];
    size_t count = size / 2;
    if (count > REQUESTS)
        count = REQUESTS;
    int64_t now_ms = 1000000;
    for (size_t i = 0; i < count; i++) {
        int64_t wait_ms = rcn_pace_get_wait_ms(pace, now_ms);
        FUZZ_CHECK(wait_ms >= 0 && wait_ms <= INT64_C(86400000) * 2);
        FUZZ_CHECK(rcn_pace_estimate_ms(pace, 1, now_ms) == wait_ms);
        FUZZ_CHECK(rcn_pace_estimate_ms(pace, 40, now_ms) >= wait_ms);
        now_ms += wait_ms;
        FUZZ_CHECK(rcn_pace_get_wait_ms(pace, now_ms) == 0);
        requests[i].start_ms = now_ms;
        rcn_pace_start(pace, now_ms);
        now_ms += data[2 * i] * 4;
        requests[i].end_ms = now_ms;
        rcn_pace_finish(pace, now_ms);
        if (data[2 * i + 1] == ANSWERED_429)
            rcn_pace_slow_down(pace);
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
