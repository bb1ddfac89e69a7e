/*
 * api.h: the API's endpoints: reads that are paced and retried, and the one write call.
 *
 * Reads (SPEC 5) are sent at the same time. Each is retried on connect errors, 408, 429 and 5xx
 * with exponential backoff and full jitter, honouring Retry-After, at most RCN_API_TRIES tries and
 * within the deadline. A 429 stops all sending for as long as it says. A snapshot (snapshot.h) can
 * keep what was read, or be what is read: then nothing is sent.
 *
 * Creates are sent exactly when asked and never again: apply/ decides whether one may be repeated.
 */
#ifndef RCN_LIVE_API_H
#define RCN_LIVE_API_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "live/answer.h"
#include "live/http.h"
#include "live/snapshot.h"
#include "model/audience_sync.h"
#include "model/live_state.h"

enum {
    RCN_API_TRIES = 5,
    RCN_API_BACKOFF_FIRST_MS = 500,
    RCN_API_BACKOFF_MOST_MS = 30000,
    /* after a 429 without Retry-After: the shorter documented window, doubled each time */
    RCN_API_HOLD_MS = 1000,
    RCN_API_HURRY_MS = 4000,
    RCN_API_MAX_CREATE_ANSWER_BYTES = 1 << 20,
};
/* 100,000 syncs are 34 MB. */
#define RCN_API_MAX_LIST_BYTES ((size_t)512 << 20)

struct rcn_api;

struct rcn_api_options {
    struct rcn_http_options http;
    const char *rate;    /* pace.h */
    int64_t deadline_ms; /* steady clock; 0: none */
    uint64_t seed;       /* of the jitter between tries */
    /* interrupted: reads end with RCN_ERROR_INTERRUPTED. is_hurried, at the orderly end of an
     * apply: reads over RCN_API_HURRY_MS are not whole. Asked after each wait; creates go on; NULL:
     * never. */
    bool (*interrupted)(void *context);
    int (*is_hurried)(void *context);
    /* Sending has to wait until until_ms (steady clock); why is static text. NULL: no one asks. */
    void (*waiting)(void *context, int64_t until_ms, const char *why);
    void *context;
    struct rcn_snapshot *record; /* borrowed: keeps every answer; NULL: none */
    const struct rcn_snapshot
        *replay; /* borrowed: read instead of the API, with its URL; no http */
};

struct rcn_api *rcn_api_new(const struct rcn_api_options *options, struct rcn_error *err);
void rcn_api_free(struct rcn_api *api);

/* The normalised origin, as documents name it. */
const char *rcn_api_get_url(const struct rcn_api *api);
struct rcn_request_counts rcn_api_get_counts(const struct rcn_api *api);
bool rcn_api_is_past_deadline(const struct rcn_api *api);
/* What is read in place of the API, or NULL. */
const struct rcn_snapshot *rcn_api_get_replay(const struct rcn_api *api);
/* The key says that it is a personal one (api-contract 1.11). */
bool rcn_api_has_personal_key(const struct rcn_api *api);

/* --- reads --- */

struct rcn_read {
    const char *path;       /* after /api/v1: `/audience-syncs` */
    const char *company_id; /* NULL: no x-company-id */
    /* filled in: */
    char request[512];             /* `GET /account (company 'comp_1')` */
    struct rcn_http_answer answer; /* of the last try */
    bool is_whole;                 /* 2xx (but not 206) with a body that arrived whole */
    bool is_forbidden; /* 403 from the API, not a page of a firewall: the key may not read it */
    char problem[512]; /* for people, when not whole: `GET /account: 500: database down` */
    /* api.c alone: */
    unsigned tries;
    bool is_in_flight;
    bool is_done;
    int64_t not_before_ms; /* steady clock */
    const char *why;       /* it waits: static text */
};

/* 0 when each has ended, whole or not; -1 and err only for an interrupt or a failure of the
 * library. The caller releases with rcn_reads_release. */
int rcn_api_read(struct rcn_api *api, struct rcn_read *reads, size_t count, struct rcn_error *err);
void rcn_reads_release(struct rcn_read *reads, size_t count);

/* --- the one write call; only apply/send.c calls these --- */

/* Sends POST /audience-syncs, with x-company-id if with_company. The caller has asked
 * rcn_api_get_wait_ms before. -1 and err when nothing was sent. */
int rcn_api_start_create(struct rcn_api *api, const struct rcn_audience_sync *sync,
                         bool with_company, void *tag, struct rcn_error *err);

/* Milliseconds until the pace (or a 429) allows another request; 0: now. */
int64_t rcn_api_get_wait_ms(const struct rcn_api *api);
/* After a 429 to a create: stops all sending for retry_after_ms (-1: a wait of our own that grows
 * until a create has another answer), and slows the pace down (pace.h). */
void rcn_api_hold(struct rcn_api *api, int64_t retry_after_ms);
/* Sends nothing for wait_ms, because the API cannot be reached. */
void rcn_api_pause(struct rcn_api *api, int64_t wait_ms);
/* The least time for count more requests under the pace. */
int64_t rcn_api_estimate_ms(const struct rcn_api *api, size_t count);

/* Lets exchanges go on until something finishes, at most wait_ms, or until a signal. */
int rcn_api_poll(struct rcn_api *api, int64_t wait_ms, struct rcn_error *err);
/* The next finished create, also of those that finished during a read; false when none. */
bool rcn_api_next_create(struct rcn_api *api, struct rcn_create_answer *ret);
size_t rcn_api_get_creates_in_flight(const struct rcn_api *api);
/* Gives up the creates that are in flight: no byte of one can arrive any more afterwards. */
void rcn_api_drop_creates(struct rcn_api *api);

#endif
