/*
 * api.h: the API's endpoints: reads that are paced and retried, and the one write call.
 *
 * Reads (SPEC 5): GETs go out at the same time, each is retried on connect errors, 408, 429 and 5xx
 * with exponential backoff and full jitter, honouring Retry-After, at most RCN_API_TRIES tries and
 * within the deadline. A 429 stops all sending for as long as it says.
 *
 * Creates are sent exactly when asked and never again: whether one may be repeated is decided in
 * apply/, from what the answer proves.
 *
 * Interrupts: `interrupted` is asked whenever waiting ends early. A read then fails with
 * RCN_ERROR_INTERRUPTED; creates are not touched.
 */
#ifndef RCN_LIVE_API_H
#define RCN_LIVE_API_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/json.h"
#include "live/http.h"
#include "model/audience_sync.h"
#include "model/request_counts.h"

enum {
    RCN_API_TRIES = 5,
    RCN_API_BACKOFF_FIRST_MS = 500,
    RCN_API_BACKOFF_MOST_MS = 30000,
    /* what a 429 without Retry-After makes us wait: the shorter documented window, doubled each
       time */
    RCN_API_HOLD_MS = 1000,
    RCN_API_MAX_CREATE_ANSWER_BYTES = 1 << 20,
};
/* 100,000 syncs are 34 MB. */
#define RCN_API_MAX_LIST_BYTES ((size_t)512 << 20)

struct rcn_api;

struct rcn_api_options {
    struct rcn_http_options http;
    const char *rate;                   /* pace.h */
    int64_t deadline_ms;                /* steady clock; 0: none */
    uint64_t seed;                      /* of the jitter between tries */
    bool (*interrupted)(void *context); /* NULL: never */
    /* Told when sending has to wait: until_ms is steady clock, why is static text. NULL: nobody. */
    void (*waiting)(void *context, int64_t until_ms, const char *why);
    void *context;
};

struct rcn_api *rcn_api_new(const struct rcn_api_options *options, struct rcn_error *err);
void rcn_api_free(struct rcn_api *api);

/* The normalised origin, as documents name it. */
const char *rcn_api_get_url(const struct rcn_api *api);
struct rcn_request_counts rcn_api_get_counts(const struct rcn_api *api);
bool rcn_api_is_past_deadline(const struct rcn_api *api);

/* --- reads --- */

struct rcn_read {
    const char *path;       /* behind /api/v1: `/audience-syncs` */
    const char *company_id; /* NULL: no x-company-id */
    /* filled in: */
    struct rcn_http_answer answer; /* of the last try */
    bool is_whole;                 /* 2xx (but not 206) with a body that arrived whole */
    char problem[512]; /* for people, when not whole: `GET /account: 500: database down` */
};

/*
 * Performs count reads at the same time. 0 when each of them ended one way or another; -1 and err
 * only for an interrupt or a failure of the library. The caller releases with rcn_reads_release.
 */
int rcn_api_read(struct rcn_api *api, struct rcn_read *reads, size_t count, struct rcn_error *err);
void rcn_reads_release(struct rcn_read *reads, size_t count);

/* --- the one write call; only apply/apply.c calls these --- */

struct rcn_create_answer {
    enum rcn_http_transfer transfer;
    long status;
    int64_t retry_after_ms; /* -1: none */
    int64_t ended_ms;       /* steady clock */
    bool is_success; /* 2xx, a JSON object, `success` not false, an audienceSync with an id */
    char *id;        /* owned; NULL when not is_success. The rest: NULL when absent */
    char *audience_name;
    char *ad_account_id;
    char *segment_id;
    char problem[512]; /* for people, when not is_success; the API's own advice included */
    void *tag;
};

/*
 * Sends POST /audience-syncs with what the sync asks for: segmentId or predefinedSegmentId,
 * adAccountId, audienceName, frequency; absent fields absent. with_company says whether
 * x-company-id goes along. The caller has asked rcn_api_get_wait_ms before. -1 and err when nothing
 * was sent.
 */
int rcn_api_start_create(struct rcn_api *api, const struct rcn_audience_sync *sync,
                         bool with_company, void *tag, struct rcn_error *err);

/* Milliseconds until the pace (or a 429) allows another request; 0: now. */
int64_t rcn_api_get_wait_ms(const struct rcn_api *api);
/*
 * After a 429 to a create: stops all sending for retry_after_ms (-1: a growing wait of our own),
 * and slows the pace down (pace.h).
 */
void rcn_api_hold(struct rcn_api *api, int64_t retry_after_ms);
/* Nothing is sent for wait_ms: the API cannot be reached. */
void rcn_api_pause(struct rcn_api *api, int64_t wait_ms);
/* The least time for count more requests under the pace. */
int64_t rcn_api_estimate_ms(const struct rcn_api *api, size_t count);

/* Lets exchanges go on until something finishes, at most wait_ms, or until a signal. */
int rcn_api_poll(struct rcn_api *api, int64_t wait_ms, struct rcn_error *err);
/* The next finished create, false when none. Creates that finish during a read are kept for this.
 */
bool rcn_api_next_create(struct rcn_api *api, struct rcn_create_answer *ret);
void rcn_create_answer_release(struct rcn_create_answer *answer);
size_t rcn_api_get_creates_in_flight(const struct rcn_api *api);

/* --- for live_state.c --- */

/*
 * What an error answer says, in one line, of every shape in api-contract 5: message, then the
 * API's own advice. `API key is missing required scope: X` becomes `this key lacks the scope X`.
 */
void rcn_api_describe_error(long status, const char *body, size_t body_len, char *ret, size_t size);

/* Why a 2xx body is no JSON: an HTML page, nothing at all, or what the parser said. */
void rcn_api_describe_unreadable(const char *body, size_t body_len, const struct rcn_error *json,
                                 char *ret, size_t size);

/* Makes the key unreadable in a message that may quote an answer. */
void rcn_api_redact(const struct rcn_api *api, char *message);

#endif
