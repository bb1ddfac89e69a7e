/*
 * apply.h: executes a plan: creates what is missing, and only that.
 *
 * A create cannot be undone and has no idempotency key, so one rule is above all others (SPEC 5):
 *
 *   No desired sync becomes two live ones, whatever fails, crashes or runs again, as long as one
 *   apply runs at a time (in one state folder the journal ensures it), and every read of the list
 *   that begins `settle_ms` after the end of a request shows what it created. Reads before that may
 *   show it and hide it again. Nothing that was created goes unreported.
 *
 * The end of a request is when no byte of it can arrive any more: a create that is given up, or
 * whose process is killed, resets its connection (http.h). A proxy that has taken it may still
 * forward it; the settle window is meant for that, too. What no client can prevent is reported: a
 * proxy that sends a create twice, a person who makes the same sync in the same second. How:
 *
 *  1. The list is read again right before the first create, once a minute in a long run and after
 *     every 429: what has appeared is not created (`exists`). A list from a cache is as old as the
 *     cache says. A list older than an earlier one is not used.
 *  2. An intent is durable before its create goes out (intents.h). A later run waits for every open
 *     one that could be what it is about to create, until a settle window after its own begin, and
 *     closes it only by evidence about that sync itself.
 *  3. Where no journal was kept before, an earlier run may have died elsewhere: the first create
 *     waits until a settle window after the begin of the run.
 *  4. If a sync that no one asked for has appeared since the plan and could be an item under
 *     another name, that item is not created: the next plan judges it.
 *  5. The first create goes alone. Once its answer or the list shows what became of it, up to
 *     RCN_APPLY_IN_FLIGHT go at once.
 *  6. A create is sent again only when no byte of it can have gone out, or after a 429 once a list
 *     read a whole settle window later shows neither it nor a sync that could be it.
 *  7. At the end the list is read until a settle window after the last create. It ends early only
 *     when every create had an answer with the id that the list shows. The list has the last word
 *     on every outcome.
 */
#ifndef RCN_APPLY_APPLY_H
#define RCN_APPLY_APPLY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "live/api.h"
#include "model/live_state.h"
#include "model/plan.h"
#include "model/report.h"

enum {
    /* Enough for 20 a second while a create takes 0.4 s or less. Each one in flight when the
     * connection breaks is one more unknown outcome. */
    RCN_APPLY_IN_FLIGHT = 8,
    RCN_APPLY_SETTLE_MS = 15000,     /* SPEC 5 */
    RCN_APPLY_READ_EVERY_MS = 60000, /* SPEC 5: once a minute in a long run */
    RCN_APPLY_TRIES = 5,             /* of one create, by rule 6 */
};

/* Called as the run goes on; every function may be NULL. Times are steady clock. */
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
    /* The wait for total first uploads begins; ticks and another end follow. */
    void (*uploads)(void *context, size_t total);
};

struct rcn_ledger;

struct rcn_apply_options {
    int64_t settle_ms;
    int64_t wait_ms;           /* for first uploads; 0: not at all */
    int64_t timeout_ms;        /* of one request, as the API was opened with: for the journal */
    int64_t deadline_ms;       /* steady clock; 0: none */
    const char *state_dir;     /* of the journal; NULL: none is kept */
    struct rcn_ledger *ledger; /* read already; NULL: none */
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
 * Signals: until `begin` the API's `interrupted` hook should end reads at the first one. From then
 * on only at the second: the list must be read at the end; `is_hurried` limits that.
 */
struct rcn_results *rcn_apply_run(struct rcn_api *api, const struct rcn_plan *plan,
                                  const struct rcn_live_state *live,
                                  const struct rcn_apply_options *options, struct rcn_error *err);

/* What a create's answer proves (SPEC 5, Outcomes). Pure. */
enum rcn_outcome rcn_outcome_of_answer(const struct rcn_create_answer *answer,
                                       const struct rcn_audience_sync *asked);

#endif
