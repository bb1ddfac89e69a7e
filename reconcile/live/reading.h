/*
 * reading.h: reads the live state, whole or not at all.
 *
 * If a failed or partial read were taken for an empty list, everything would be created again. So a
 * list counts only when its whole body is judged (SPEC 4): one JSON object, `success` not false,
 * exactly one `audienceSyncs` array, every item an object with a string id, adAccountId and
 * audienceName and no known field of a wrong type, ids unique, paging followed to its `total` or
 * refused. Anything else is an error. The companies are settled here too: a list belongs to one
 * company.
 */
#ifndef RCN_LIVE_READING_H
#define RCN_LIVE_READING_H

#include <stdbool.h>
#include <stddef.h>

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
    /* Nothing is settled: account_status is RCN_READ_SKIPPED, companies are as named. For `get`,
     * which is one GET (SPEC 3); never for what is compared. */
    bool skips_account;
};

/* Reads everything at the same time: /account once, and for each company the lists that are wanted.
 * (When some documents name a company and others do not, /account goes first: the key's own may be
 * one of the named.)
 *
 * Settling: a named company that /account does not list, or a personal key that reaches several
 * companies with none named, is RCN_ERROR_REFUSED. /account forbidden (403): account_status says
 * so, and an unnamed company stays NULL, unless its list shows that it is one of the named. Every
 * other failure of /account or of a list is RCN_ERROR_FAILED, or RCN_ERROR_REFUSED when a snapshot
 * does not have it. Failures of ad accounts and segments are data: the caller judges. */
struct rcn_live_state *rcn_reading_fetch(struct rcn_api *api,
                                         const struct rcn_live_request *request,
                                         struct rcn_error *err);

/* Reads the list of each company of `state` again, or of one of them, `only`: a new state with the
 * same companies in the same order, without ad accounts and segments.
 *
 * Without x-company-id the company can change between two reads. With checks_account, /account is
 * read after the lists if that can happen (not is_sent) and the key may: RCN_ERROR_REFUSED when it
 * is another company now. */
struct rcn_live_state *rcn_reading_again(struct rcn_api *api, const struct rcn_live_state *state,
                                         const struct rcn_live_company *only, bool checks_account,
                                         struct rcn_error *err);

#endif
