/*
 * origin.h: which rows of a plan are about a change, and which were pending before (plan --base).
 *
 * The base is what the manifests ask for at the commit that the change is made on, settled and
 * looked up like the desired set of the plan. A row is new or changed by what the manifests ask
 * for, wherever in the files that is: an entry that has moved is no change. What is live is not
 * compared, so the status of no row depends on a base. Pure.
 */
#ifndef RCN_PLAN_ORIGIN_H
#define RCN_PLAN_ORIGIN_H

#include "model/audience_sync.h"
#include "model/plan.h"

/*
 * Fills in the origin of every row, adds a note to those that are changed, and fills in plan->base.
 * desired is the set that the plan was made from. Texts are copied.
 */
void rcn_origin_mark(struct rcn_plan *plan, const struct rcn_desired_set *desired,
                     const struct rcn_desired_set *base, const char *ref, const char *commit);

#endif
