/*
 * limiter.h: how many requests a key may send (api-contract 6.1), under each reading of that
 * sentence which a real server may have.
 *
 * Only accepted requests count. All limits of a rate must admit a request.
 *
 * Threading: any thread; it has a lock of its own.
 */
#ifndef RCN_SANDBOX_LIMITER_H
#define RCN_SANDBOX_LIMITER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

/* RATE_COUNT_MAX bounds what a sliding window has to remember. */
enum { RCN_RATE_LIMITS_MAX = 4, RCN_RATE_COUNT_MAX = 100000 };

struct rcn_rate {
    struct {
        unsigned count;
        int64_t window_ms;
    } limits[RCN_RATE_LIMITS_MAX];
    size_t count; /* 0: no limit at all */
};

/* `off`, or a list such as `100/min,20/s`; units s, min, h. RCN_ERROR_USAGE for anything else. */
int rcn_rate_parse(const char *text, struct rcn_rate *ret, struct rcn_error *err);

enum rcn_reading {
    RCN_READING_SLIDING,     /* any stretch of time as long as the window */
    RCN_READING_FIXED,       /* windows that begin at whole multiples of the clock */
    RCN_READING_ONE_BUCKET,  /* size of the shortest limit, refilled at the pace of the longest */
    RCN_READING_MANY_BUCKETS /* a bucket for each limit, full at first */
};

struct rcn_limiter;
struct rcn_limiter *rcn_limiter_new(const struct rcn_rate *rate, enum rcn_reading reading);
void rcn_limiter_free(struct rcn_limiter *limiter);

/*
 * May the key send now? Returns 1 (and counts the request), 0 with the time until one would be
 * accepted, or -1 when out of memory. now_ms may be of any clock, always the same one.
 */
int rcn_limiter_take(struct rcn_limiter *limiter, const char *key, int64_t now_ms,
                     int64_t *ret_wait_ms);

#endif
