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

struct rcn_known {
    const struct rcn_known_intent *intents;
    size_t intent_count;
    const struct rcn_known_sync *syncs;
    size_t sync_count;
};

#endif
