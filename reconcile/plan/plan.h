/*
 * plan.h: compares what is desired with what is live.
 *
 * The plan (model/plan.h) is built by a pure function: no I/O, no clock, equal bytes for equal
 * input.
 */
#ifndef RCN_PLAN_PLAN_H
#define RCN_PLAN_PLAN_H

#include <stdbool.h>
#include <stddef.h>

#include "base/diag.h"
#include "base/error.h"
#include "model/plan.h"

/* The values of an option; all are borrowed. */
struct rcn_words {
    const char **items;
    size_t count;
};

/* Which rows are shown, counted and created; everything else uses all (SPEC 3). */
struct rcn_selection {
    struct rcn_words ad_accounts; /* exact ids */
    struct rcn_words names;       /* globs */
    struct rcn_words labels;      /* KEY=VALUE: a sync has all of them */
};

/* True when nothing is selected, which chooses all. */
bool rcn_selection_is_empty(const struct rcn_selection *selection);

/* True when the row of that sync is chosen; desired has its labels (NULL: it has none). */
bool rcn_selection_includes(const struct rcn_selection *selection,
                            const struct rcn_audience_sync *sync,
                            const struct rcn_desired_sync *desired);

/*
 * Every account, name and label must match something, desired (NULL: nothing is) or live, alone and
 * together with the others. -1 and err, which names the first that does not.
 */
int rcn_selection_check(const struct rcn_selection *selection,
                        const struct rcn_desired_set *desired, const struct rcn_live_state *live,
                        struct rcn_error *err);

struct rcn_plan_options {
    struct rcn_selection selection;
    const struct rcn_known *known; /* NULL: nothing is known from before */
    /* The saved plan that `desired` comes from: what it knew as managed or ignored still is. NULL:
       none. */
    const struct rcn_plan *saved;
    bool warns_of_unused_ignores; /* drift: rule unused-ignore */
};

/*
 * Compares. now is live->fetched_at_ms. Warnings that only the comparison can find (expired-ignore,
 * unused-ignore) go to diags at their place. NULL and err for a selection that matches nothing, and
 * when a desired sync's company is not in `live`: nothing may be planned as missing from a list
 * that was not read.
 */
struct rcn_plan *rcn_plan_new(const struct rcn_desired_set *desired,
                              const struct rcn_live_state *live,
                              const struct rcn_plan_options *options, struct rcn_diags *diags,
                              struct rcn_error *err);

/* Fills in cost.requests and cost.people for the rows that are missing now. */
void rcn_plan_count_creates(struct rcn_plan *plan);

#endif
