/*
 * call.h: one request on its way through an endpoint.
 *
 * routes.c finds the endpoint, checks key, rate, scope and company, opens a transaction, calls the
 * endpoint and ends the transaction: kept when the answer says `committed`, undone otherwise.
 *
 * An endpoint fills call->answer and returns 0, whether it answers well or with an error of the
 * API; -1 and call->err mean that the service itself failed (500).
 */
#ifndef RCN_SANDBOX_CALL_H
#define RCN_SANDBOX_CALL_H

#include "answer.h"
#include "faults.h"
#include "store.h"
#include "switches.h"

/* What a request may need at most beside its answer; the truth of many syncs is the answer. */
enum { RCN_CALL_ARENA_MAX = 64 << 20 };

struct rcn_call {
    struct rcn_store *store;
    const struct rcn_switches *switches;
    int64_t list_lag_ms;
    const struct rcn_request *request;
    const struct rcn_fault *fault; /* for `rename` */
    struct rcn_arena *arena;
    int64_t now_ms; /* wall clock */
    struct rcn_key key;
    const struct rcn_company *companies; /* what the key reaches */
    size_t company_count;
    const struct rcn_company *company; /* the chosen one; NULL where none is needed */
    const char *id;                    /* decoded, from the path; NULL without one */
    struct rcn_answer *answer;
    struct rcn_error *err;
};

/* syncs.c */
int rcn_call_list_syncs(struct rcn_call *call);
int rcn_call_change_sync(struct rcn_call *call);
int rcn_call_delete_sync(struct rcn_call *call);
int rcn_call_run_sync(struct rcn_call *call);

/* create.c */
int rcn_call_create_sync(struct rcn_call *call);

/* reads.c */
int rcn_call_list_ad_accounts(struct rcn_call *call);
int rcn_call_list_segments(struct rcn_call *call);
int rcn_call_count_segment(struct rcn_call *call);
int rcn_call_get_account(struct rcn_call *call);

/* What several of them need (call.c). */

/* Answers the status and text of an error of the API; returns 0. */
int rcn_call_refuse(struct rcn_call *call, unsigned status, const char *text);
/* The same in the shape of --set conflict-body. */
int rcn_call_refuse_conflict(struct rcn_call *call, const char *code, const char *text,
                             const char *resolution);
/* The answer for `Meta is not connected`, with the status of --set meta-status. */
int rcn_call_refuse_without_meta(struct rcn_call *call);
bool rcn_call_has_meta(const struct rcn_call *call);
/* {success, audienceSync: body}; the sync's id goes to the log. */
int rcn_call_answer_sync(struct rcn_call *call, unsigned status, const char *id, const char *body);
/* The body as a JSON object, or NULL after the answer has been made. The caller frees it. */
struct rcn_json *rcn_call_read_body(struct rcn_call *call);
/* `hourly`, `daily` or `weekly`? */
bool rcn_is_frequency(const char *text);
int rcn_call_refuse_frequency(struct rcn_call *call);
/* `2026-06-12T10:00:00.000Z` */
const char *rcn_call_format_time(struct rcn_call *call, int64_t wall_ms);

#endif
