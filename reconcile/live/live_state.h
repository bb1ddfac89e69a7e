/*
 * live_state.h: what the API lists now, whole or not at all.
 *
 * The unforgivable mistake is to take a failed or partial read for "nothing is there", because then
 * everything is created again. So the list counts only when its whole body is judged (SPEC 4):
 * one JSON object, `success` not false, exactly one `audienceSyncs` array, every item an object
 * with a string id, adAccountId and audienceName and no known field of a wrong type, ids unique,
 * paging followed to its `total` or refused. Anything else is an error, never an empty list.
 *
 * The companies are settled here too, because a list belongs to one company: see the fetch.
 *
 * Ownership: a state owns its arena and everything in it.
 */
#ifndef RCN_LIVE_LIVE_STATE_H
#define RCN_LIVE_LIVE_STATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/error.h"
#include "live/api.h"
#include "model/live_state.h"

struct rcn_live_request {
    const char *const *company_ids; /* named by documents or --company, distinct */
    size_t company_count;
    bool needs_unnamed; /* something names no company: the key's own is read too */
    bool wants_syncs;
    bool wants_ad_accounts;
    bool wants_segments;
    /* /account is not read and nothing is settled: account_status is RCN_READ_SKIPPED, companies
     * are as named. For `get`, which is one GET (SPEC 3); never for what is compared. */
    bool skips_account;
};

/*
 * Reads everything at the same time: /account once, and for each company the list and what is
 * wanted of ad accounts and segments: at most 4 GETs a company. (When some documents name a company
 * and others do not, /account goes first: the key's own may be one of the named.)
 *
 * Settling: a named company that /account does not list, or a personal key that reaches several
 * companies with none named, is RCN_ERROR_REFUSED. /account forbidden (403): account_status says
 * so, an unnamed company stays NULL. Every other failure of /account or of a list is
 * RCN_ERROR_FAILED. Failures of ad accounts and segments are data: the caller judges.
 */
struct rcn_live_state *rcn_live_state_fetch(struct rcn_api *api,
                                            const struct rcn_live_request *request,
                                            struct rcn_error *err);

/*
 * Fills in state->digest: `sha256:` and 64 digits, over every company's id and every field of every
 * sync, ordered by company, identity and id: the order in which the API lists does not matter. Only
 * documents say it, so whoever writes one asks. -1 and err when out of memory.
 */
int rcn_live_state_set_digest(struct rcn_live_state *state, struct rcn_error *err);

/*
 * Reads the list of each company of `state` again, nothing else: a new state with the same
 * companies in the same order, account and names taken over (copied).
 */
struct rcn_live_state *rcn_live_state_read_again(struct rcn_api *api,
                                                 const struct rcn_live_state *state,
                                                 struct rcn_error *err);

/* --- for tests and fuzzing: the judges of bodies --- */

/*
 * Judges one list body (one page) and appends its syncs to *ret_syncs (arena memory, *ret_count so
 * far). ret_page says how it pages. -1 and err when the body is not whole and well-formed.
 */
struct rcn_list_page {
    bool is_paged; /* a `pagination` object was there */
    bool has_more;
    long long limit;
    long long offset;
    long long total;
};
int rcn_live_list_judge(struct rcn_arena *arena, const char *body, size_t len,
                        struct rcn_live_sync **ret_syncs, size_t *ret_count,
                        struct rcn_list_page *ret_page, struct rcn_error *err);

#endif
