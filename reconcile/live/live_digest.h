/*
 * live_digest.h: one hash over what is live. Private to live/.
 */
#ifndef RCN_LIVE_LIVE_DIGEST_H
#define RCN_LIVE_LIVE_DIGEST_H

#include "base/error.h"
#include "live/live_state.h"

/*
 * Sets state->digest to `sha256:` and 64 digits, over every company's id and every field of every
 * sync, ordered by company, identity and id: the order in which the API lists does not matter.
 */
int rcn_live_digest_set(struct rcn_live_state *state, struct rcn_error *err);

#endif
