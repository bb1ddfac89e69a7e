/*
 * intent.h: one create that a run announced before sending it.
 *
 * It holds what a later run needs to judge what became of it, whatever that run's own manifests,
 * selection or plan say (SPEC 5). All strings belong to whoever keeps the intent.
 */
#ifndef RCN_APPLY_INTENT_H
#define RCN_APPLY_INTENT_H

#include <stdbool.h>
#include <stdint.h>

#include "model/audience_sync.h"

struct rcn_journal;

struct rcn_intent {
    /* What was to be created. company_id NULL: the company of the key, which was not known. id:
     * what the answer named, or NULL. */
    struct rcn_audience_sync sync;
    /* createdAt of the newest sync that was live before, by the server's clock: what is older
     * cannot be its result. NULL: not known. */
    const char *newest;
    int64_t at_ms;      /* wall clock: for people, and never to decide by */
    int64_t timeout_ms; /* of its request */
    int64_t settle_ms;  /* of its run */
    bool is_open;
    bool is_known;               /* a ledger knows what it became: no open line there */
    bool is_earlier;             /* announced by an earlier run */
    struct rcn_journal *journal; /* where it is written; NULL: not in one */
    int64_t number;              /* in the journal */
    const char *run;             /* in a ledger: the id of its run */
    const char *where;           /* of that run, for people */
    int64_t until_ms;            /* wall clock; in a ledger: its run sends nothing after that */
    int64_t over_ms;       /* wall clock; of another machine: nothing can come of it afterwards */
    int64_t good_until_ms; /* steady clock: it covers no send after that; 0: no limit */
};

#endif
