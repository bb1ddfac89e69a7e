/*
 * pace.h: when the next request may be sent, so that a run within the API's limits sees no 429.
 *
 * The documented limits are 100 requests a minute and 20 a second for one key (api-contract 6.1),
 * reads counted in. Each is taken for a sliding window: how the server counts is not documented. A
 * request counts from its start until `window` after its *end*, because the server may have counted
 * it at any moment in between. A window is longer than its name by 5 ms and a thousandth, for
 * clocks that run apart.
 *
 * If the server means one bucket of 20 that is refilled at 100 a minute (48 s for 100 requests
 * instead of 4), or someone else uses the key, a 429 shows it. From then on requests go out one at
 * a time, evenly, as the slowest limit allows.
 *
 * Pure: every function takes the time (steady clock, ms) as an input.
 */
#ifndef RCN_LIVE_PACE_H
#define RCN_LIVE_PACE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

#define RCN_PACE_DEFAULT "100/min,20/s"
enum { RCN_PACE_MAX_WINDOWS = 4, RCN_PACE_MAX_COUNT = 10000 };

struct rcn_pace;

/* From `--rate`: `COUNT/UNIT` with unit s, min or h (also `10s`, `5min`; at most a day), joined by
 * commas; `off` for none. NULL and a usage error when it is anything else. */
struct rcn_pace *rcn_pace_new(const char *spec, struct rcn_error *err);
void rcn_pace_free(struct rcn_pace *pace);

/* Milliseconds until a request may start; 0: now. Never more than the longest window or the hold.
 * It can grow while requests are in flight. */
int64_t rcn_pace_get_wait_ms(const struct rcn_pace *pace, int64_t now_ms);

/* A request starts (whatever get_wait_ms said). */
void rcn_pace_start(struct rcn_pace *pace, int64_t now_ms);
/* Any one of the started requests has ended; now_ms never goes back from call to call. */
void rcn_pace_finish(struct rcn_pace *pace, int64_t now_ms);

/* After a 429: nothing may start before this time. A hold is only ever made longer. */
void rcn_pace_hold_until(struct rcn_pace *pace, int64_t until_ms);
/* After a 429: one at a time from now on, see above. */
void rcn_pace_slow_down(struct rcn_pace *pace);

/* The least time that count further requests take: for the plan's cost and the progress bar. */
int64_t rcn_pace_estimate_ms(const struct rcn_pace *pace, size_t count, int64_t now_ms);

#endif
