/*
 * preflight.h: would the creates be accepted? Judges what live/ read of ad accounts and segments.
 *
 * A missing sync whose ad account or segment does not exist is an error at its place in the
 * manifest, before anything is created (rules `unknown-ad-account`, `unknown-segment`); a segment
 * that is too small for Meta to deliver to is a warning there (`small-segment`). A read that the
 * key may not do (403) is a warning (`unreadable-preflight`); one that failed otherwise is an error
 * when anything is missing, else a warning. Pure.
 */
#ifndef RCN_PLAN_PREFLIGHT_H
#define RCN_PLAN_PREFLIGHT_H

#include "base/diag.h"
#include "base/error.h"
#include "model/plan.h"

/*
 * Fills in the ids of ad accounts and segments that manifests give by name (SPEC 2): exactly one in
 * `/ad-accounts` or `/segments` of the sync's company must have the name, byte for byte. None or
 * several, and a list that could not be read, are an error at its place (rules as below). Syncs
 * that got an id have `is_new` (manifest.h: check again).
 */
void rcn_preflight_resolve_names(struct rcn_desired_set *set, const struct rcn_live_state *live,
                                 struct rcn_diags *diags);

/*
 * Adds what is wrong to diags. Returns 0; or -1 and err as RCN_ERROR_REFUSED when an apply of this
 * plan must be refused: the list of syncs is empty and the ad accounts are not readable (Meta may
 * be disconnected, and nothing is known of what is there). Only apply acts on the refusal.
 */
int rcn_preflight_judge(const struct rcn_plan *plan, const struct rcn_live_state *live,
                        struct rcn_diags *diags, struct rcn_error *err);

/*
 * Is it certain in which company the plan creates? -1 and RCN_ERROR_REFUSED when the key's own may
 * be one of the named ones, because two rows could then be one sync, created twice; and, unless
 * is_sure (--no-preflight), when /account is forbidden and a company is named or the key is
 * personal.
 */
int rcn_preflight_check_company(const struct rcn_plan *plan, const struct rcn_live_state *live,
                                bool is_personal_key, bool is_sure, struct rcn_error *err);

#endif
