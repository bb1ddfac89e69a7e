/*
 * known.h: what is known from before, beside what the API lists now.
 *
 * The journal (this machine) and the ledger (all machines) fill it; plan/ takes it as an input.
 * All strings belong to the arena of whoever filled it.
 */
#ifndef RCN_MODEL_KNOWN_H
#define RCN_MODEL_KNOWN_H

#include <stddef.h>
#include <stdint.h>

#include "model/audience_sync.h"

/* A create that was announced and may still show up. */
struct rcn_known_intent {
    struct rcn_audience_sync sync; /* what was to be created; id: what it became, or NULL */
    int64_t until_ms;              /* wall clock: from then on the list shows it, if it ever will */
};

/* An identity that was live at some time. */
struct rcn_known_sync {
    struct rcn_audience_sync sync; /* with its id */
    int64_t seen_at_ms;            /* wall clock, the last time */
};

/* One create in the log of all applies, or one that is announced and not settled. */
struct rcn_log_entry {
    int64_t at_ms;          /* wall clock of that machine */
    const char *outcome;    /* as in documents: `created`, `failed`, ...; `announced` */
    const char *company_id; /* NULL: the company of the key */
    const char *ad_account_id;
    const char *audience_name;
    const char *id;     /* NULL: not known */
    const char *run;    /* the id of the run */
    const char *who;    /* NULL: nothing says */
    const char *where;  /* a host, or the address of a CI job; NULL: nothing says */
    const char *commit; /* of the manifests; NULL: they came from no commit */
    int64_t until_ms;   /* announced: when nothing can come of it any more; else 0 */
    size_t position;    /* in the ledger: of one second, the later ones come after */
};

struct rcn_known {
    const struct rcn_known_intent *intents;
    size_t intent_count;
    const struct rcn_known_sync *syncs;
    size_t sync_count;
};

#endif
