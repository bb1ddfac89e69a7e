/*
 * limiter.h: how many requests a key may send (api-contract 6.1), under each reading of that
 * sentence which a real server may have.
 *
 * Only accepted requests count. All limits of a rate must admit a request.
 *
 * Threading: any thread; it has a lock of its own.
 */
#ifndef SBX_SANDBOX_LIMITER_H
#define SBX_SANDBOX_LIMITER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

/* RATE_COUNT_MAX bounds what a sliding window has to remember. */
enum { SBX_RATE_LIMITS_MAX = 4, SBX_RATE_COUNT_MAX = 100000 };

struct sbx_rate {
    struct {
        unsigned count;
        int64_t window_ms;
    } limits[SBX_RATE_LIMITS_MAX];
    size_t count; /* 0: no limit at all */
};

/* `off`, or a list such as `100/min,20/s`; units s, min, h. RCN_ERROR_USAGE for anything else. */
int sbx_rate_parse(const char *text, struct sbx_rate *ret, struct rcn_error *err);

enum sbx_reading {
    SBX_READING_SLIDING,     /* any stretch of time as long as the window */
    SBX_READING_FIXED,       /* windows that begin at whole multiples of the clock */
    SBX_READING_ONE_BUCKET,  /* size of the shortest limit, refilled at the pace of the longest */
    SBX_READING_MANY_BUCKETS /* a bucket for each limit, full at first */
};

struct sbx_limiter;
struct sbx_limiter *sbx_limiter_new(const struct sbx_rate *rate, enum sbx_reading reading);
void sbx_limiter_free(struct sbx_limiter *limiter);

/*
 * May the key send now? Returns 1 (and counts the request), 0 with the time until one would be
 * accepted, or -1 when out of memory. now_ms may be of any clock, always the same one.
 */
int sbx_limiter_take(struct sbx_limiter *limiter, const char *key, int64_t now_ms,
                     int64_t *ret_wait_ms);

#endif
