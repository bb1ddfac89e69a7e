/*
 * plan.h: what would have to happen, as a value.
 *
 * A plan is built by a pure function from desired and live: no I/O, no clock, equal bytes for equal
 * input. `plan` prints it, `drift` reports it, `apply` executes it, document/
 * saves it and reads it back; so a plan carries everything that a report needs to know.
 *
 * Order: rows in manifest order; unmanaged rows by identity, then id.
 *
 * Ownership: a plan owns its arena, but rows point into the manifest set and the live state it was
 * built from, which must live longer. (A plan from a file points into itself.)
 */
#ifndef RCN_PLAN_PLAN_H
#define RCN_PLAN_PLAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/diag.h"
#include "base/error.h"
#include "model/plan.h"

/* Which rows are shown, counted and created; everything else uses all (SPEC 3). */
struct rcn_selection {
    const char *const *ad_accounts; /* exact ids */
    size_t ad_account_count;
    const char *const *names; /* globs */
    size_t name_count;
};

/* True when the row of that sync is chosen; no account and no name given choose all. */
bool rcn_selection_includes(const struct rcn_selection *selection,
                            const struct rcn_audience_sync *sync);

struct rcn_plan_options {
    struct rcn_selection selection;
    bool applies_ignores; /* drift */
    /* Of a plan that was made earlier with more desired syncs: what is as it was then of these is
       not unmanaged. */
    const struct rcn_audience_sync *const *managed_elsewhere;
    size_t managed_elsewhere_count;
};

/*
 * Compares. now is live->fetched_at_ms. Problems that only the comparison can find (a pin that is
 * not live, or is live under another identity: rule `unknown-pin`; an `ignore:` entry that has
 * ended, `expired-ignore`, a warning) go to diags at their place; the plan is complete all the
 * same. NULL and err when out of memory, or when a desired sync's company is not in `live`: nothing
 * may be planned as missing from a list that was not read.
 */
struct rcn_plan *rcn_plan_new(const struct rcn_desired_set *desired,
                              const struct rcn_live_state *live,
                              const struct rcn_plan_options *options, struct rcn_diags *diags,
                              struct rcn_error *err);

#endif
