/*
 * live_frame.h: what every answer of the API has around its content. Private to live/. Pure.
 *
 * One JSON object with a `success` that is true or, as the SDKs decode it (api-contract 3), absent
 * or null.
 */
#ifndef RCN_LIVE_LIVE_FRAME_H
#define RCN_LIVE_LIVE_FRAME_H

#include <stdbool.h>

#include "base/error.h"
#include "base/json.h"

/* The answer says something of success, and not that it is true. */
bool rcn_live_frame_denies_success(const struct rcn_json *root);

/* -1 and RCN_ERROR_FAILED when the answer is no object or denies success. */
int rcn_live_frame_judge(const struct rcn_json *root, struct rcn_error *err);

#endif
