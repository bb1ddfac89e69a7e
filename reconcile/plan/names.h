/*
 * names.h: the ids of the ad accounts and segments that manifests give by name (SPEC 2).
 *
 * A name is that of `/ad-accounts` and `/segments` of the sync's company, byte for byte, and
 * exactly one must have it. From then on it is an id. Pure.
 */
#ifndef RCN_PLAN_NAMES_H
#define RCN_PLAN_NAMES_H

#include "base/diag.h"
#include "model/audience_sync.h"
#include "model/live_state.h"

/*
 * Fills in ids. A name that no or several ad accounts or segments have, and one that cannot be
 * looked up because the list could not be read, is an error at its place (rules unknown-ad-account,
 * unknown-segment). Syncs that got an id have `is_new` (manifest.h: check again).
 */
void rcn_names_resolve(struct rcn_desired_set *set, const struct rcn_live_state *live,
                       struct rcn_diags *diags);

#endif
