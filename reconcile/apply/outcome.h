/*
 * outcome.h: what the answer to a create proves. Data, not errors (DESIGN 3).
 */
#ifndef RCN_APPLY_OUTCOME_H
#define RCN_APPLY_OUTCOME_H

#include "live/api.h"
#include "model/results.h"

/* What a create's answer proves (SPEC 5, Outcomes). Pure. */
enum rcn_outcome rcn_outcome_of_answer(const struct rcn_create_answer *answer,
                                       const struct rcn_audience_sync *asked);

#endif
