/*
 * call.h: one request on its way through an endpoint.
 *
 * routes.c finds the endpoint, checks key, rate, scope and company, opens a transaction, calls the
 * endpoint and ends the transaction: kept when the answer says `committed`, undone otherwise.
 *
 * An endpoint fills call->answer and returns 0, whether it answers well or with an error of the
 * API; -1 and call->err mean that the service itself failed (500).
 */
#ifndef SBX_SANDBOX_CALL_H
#define SBX_SANDBOX_CALL_H

#include "answer.h"
#include "fault.h"
#include "random.h"
#include "store.h"
#include "switches.h"

/* What a request may need at most beside its answer; the truth of many syncs is the answer. */
enum { SBX_CALL_ARENA_MAX = 64 << 20 };

struct sbx_call {
    struct sbx_store *store;
    const struct sbx_switches *switches;
    int64_t list_lag_ms;
    struct sbx_flicker *flicker;
    const struct sbx_upload *upload;
    const struct sbx_request *request;
    const struct sbx_fault *fault; /* for `rename` */
    struct rcn_arena *arena;
    int64_t now_ms; /* wall clock */
    struct sbx_key key;
    const struct sbx_company *companies; /* what the key reaches */
    size_t company_count;
    const struct sbx_company *company; /* the chosen one; NULL where none is needed */
    const char *id;                    /* decoded, from the path; NULL without one */
    struct sbx_answer *answer;
    struct rcn_error *err;
};

/* syncs.c */
int sbx_call_list_syncs(struct sbx_call *call);
int sbx_call_change_sync(struct sbx_call *call);
int sbx_call_delete_sync(struct sbx_call *call);
int sbx_call_run_sync(struct sbx_call *call);

/* create.c */
int sbx_call_create_sync(struct sbx_call *call);

/* reads.c */
int sbx_call_list_ad_accounts(struct sbx_call *call);
int sbx_call_list_segments(struct sbx_call *call);
int sbx_call_count_segment(struct sbx_call *call);
int sbx_call_get_account(struct sbx_call *call);

/* What several of them need (call.c). */

/* Answers the status and text of an error of the API; returns 0. */
int sbx_call_refuse(struct sbx_call *call, unsigned status, const char *text);
/* The same in the shape of --set conflict-body. */
int sbx_call_refuse_conflict(struct sbx_call *call, const char *code, const char *text,
                             const char *resolution);
/* The answer for `Meta is not connected`, with the status of --set meta-status. */
int sbx_call_refuse_without_meta(struct sbx_call *call);
bool sbx_call_has_meta(const struct sbx_call *call);
/* {success, audienceSync: body}; the sync's id goes to the log. */
int sbx_call_answer_sync(struct sbx_call *call, unsigned status, const char *id, const char *body);
/* The body as a JSON object, or NULL after the answer has been made. The caller frees it. */
struct rcn_json *sbx_call_read_body(struct sbx_call *call);
/* `hourly`, `daily` or `weekly`? */
bool sbx_is_frequency(const char *text);
int sbx_call_refuse_frequency(struct sbx_call *call);
/* `2026-06-12T10:00:00.000Z` */
const char *sbx_call_format_time(struct sbx_call *call, int64_t wall_ms);

#endif
