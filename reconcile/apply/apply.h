/*
 * apply.h: executes a plan: creates what is missing, and only that.
 *
 * A create cannot be undone and has no idempotency key, so one rule stands above all others (SPEC
 * 5): one desired sync never becomes two live ones, under no fault, crash or sequence of runs, as
 * long as one apply runs at a time and the list shows a create within `settle_ms` of the end of its
 * request. And nothing that was created goes unreported. How:
 *
 *  1. The list is read again right before the first create, once a minute in a long run and after
 *     every 429: what has appeared is not created (`exists`).
 *  2. An intent is on disk before its create goes out (journal.h). A later run that finds it open
 *     waits until the list shows the sync, or cannot fail to.
 *  3. The first create goes alone, then up to RCN_APPLY_IN_FLIGHT at once.
 *  4. A create is sent again only when no byte of it can have gone out, or after a 429 once a list
 *     that was read a whole settle window later does not have it, nor anything new that it could
 *     be under another name.
 *  5. At the end the list is read until it accounts for everything that was sent, or the settle
 *     window is over; it has the last word on every outcome.
 *
 * This file's apply.c is the only caller of the one write call (rcn_api_start_create).
 */
#ifndef RCN_APPLY_APPLY_H
#define RCN_APPLY_APPLY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "apply/outcome.h"
#include "base/error.h"
#include "live/api.h"
#include "model/live_state.h"
#include "model/plan.h"

enum {
    /* 20 a second need no more while a create takes 0.4 s or less; and each one that is in flight
     * when the line breaks is one more that nobody knows of. */
    RCN_APPLY_IN_FLIGHT = 8,
    RCN_APPLY_SETTLE_MS = 15000,     /* SPEC 5 */
    RCN_APPLY_READ_EVERY_MS = 60000, /* SPEC 5: once a minute in a long run */
    RCN_APPLY_TRIES = 5,             /* of one create, by rule 4 */
};

/* Who is told how it goes; every function may be NULL. Times are steady clock. */
struct rcn_apply_events {
    void *context;
    void (*begin)(void *context, size_t total);
    /* A create has an outcome for now; settling may change it. */
    void (*item)(void *context, const struct rcn_plan_row *row, const struct rcn_result *result);
    void (*waiting)(void *context, int64_t until_ms, const char *why);
    /* Once: nothing new is sent from now on. */
    void (*stopping)(void *context, const char *why);
    /* About once a second, and whenever something has changed. left_ms: the least time for the
     * rest. */
    void (*tick)(void *context, size_t done, size_t total, int64_t left_ms);
    void (*end)(void *context);
};

struct rcn_apply_options {
    int64_t settle_ms;
    int64_t timeout_ms;    /* of one request, as the API was opened with */
    int64_t deadline_ms;   /* steady clock; 0: none */
    const char *state_dir; /* of the journal; NULL: none is kept */
    /* The signal that asks for an orderly end, or 0. */
    int (*get_signal)(void *context);
    /* A second signal: leave at once, saying what is unknown. */
    bool (*is_urgent)(void *context);
    void *signal_context;
    struct rcn_apply_events events;
};

/*
 * Creates the missing rows of the plan. live is the state it was built from.
 *
 * NULL and err when nothing was sent: the journal is held by another run (RCN_ERROR_REFUSED), the
 * list could not be read again, a signal came before the first create. Otherwise results, owned by
 * the caller; they borrow nothing.
 *
 * The API's `interrupted` hook must not fire on the first signal while this runs, or the list could
 * not be read at the end.
 */
struct rcn_results *rcn_apply_run(struct rcn_api *api, const struct rcn_plan *plan,
                                  const struct rcn_live_state *live,
                                  const struct rcn_apply_options *options, struct rcn_error *err);

#endif
