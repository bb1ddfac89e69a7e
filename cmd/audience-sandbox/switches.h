/*
 * switches.h: what nobody outside the vendor knows about the API, each with a default and its
 * alternatives (`--set NAME=VALUE`).
 *
 * The defaults are the least helpful plausible server (api-contract 10). A value is a string: one
 * of the table's, or free where the table says so.
 */
#ifndef RCN_SANDBOX_SWITCHES_H
#define RCN_SANDBOX_SWITCHES_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/error.h"

enum rcn_switch {
    RCN_SWITCH_DUPLICATE,
    RCN_SWITCH_IDEMPOTENCY_KEY,
    RCN_SWITCH_META,
    RCN_SWITCH_META_STATUS,
    RCN_SWITCH_META_LIST,
    RCN_SWITCH_DISCONNECTED,
    RCN_SWITCH_SEGMENT_CHOICE,
    RCN_SWITCH_BAD_FREQUENCY,
    RCN_SWITCH_UNKNOWN_SEGMENT,
    RCN_SWITCH_UNKNOWN_TEMPLATE,
    RCN_SWITCH_UNKNOWN_AD_ACCOUNT,
    RCN_SWITCH_RUN_PAUSED,
    RCN_SWITCH_RUN_SYNCING,
    RCN_SWITCH_RUN_MS,
    RCN_SWITCH_FIRST_UPLOAD,
    RCN_SWITCH_PATCH_EMPTY,
    RCN_SWITCH_PATCH_UNKNOWN,
    RCN_SWITCH_DELETE_UNKNOWN,
    RCN_SWITCH_CONFLICT_BODY,
    RCN_SWITCH_RATE_LIMIT,
    RCN_SWITCH_RETRY_AFTER,
    RCN_SWITCH_SCOPE_SYNCS_READ,
    RCN_SWITCH_SCOPE_SYNCS_WRITE,
    RCN_SWITCH_SCOPE_AD_ACCOUNTS,
    RCN_SWITCH_SCOPE_SEGMENTS,
    RCN_SWITCH_SCOPE_ACCOUNT,
    RCN_SWITCH_NO_COMPANY,
    RCN_SWITCH_CREATE_STATUS,
    RCN_SWITCH_LIST_ORDER,
    RCN_SWITCH_PAGINATION,
    RCN_SWITCH_PAGE_SIZE,
    RCN_SWITCH_ERROR_SHAPE,
    RCN_SWITCH_COUNT,
};

struct rcn_switches {
    const char *values[RCN_SWITCH_COUNT]; /* the table's, or the caller's text */
};

/* Every switch at its default. */
void rcn_switches_init(struct rcn_switches *switches);

/* Takes `NAME=VALUE`, which must outlive the switches. RCN_ERROR_USAGE for an unknown one. */
int rcn_switches_set(struct rcn_switches *switches, const char *text, struct rcn_error *err);

const char *rcn_switches_get(const struct rcn_switches *switches, enum rcn_switch which);
bool rcn_switches_is(const struct rcn_switches *switches, enum rcn_switch which, const char *value);
/* The value of a switch that is a number (a status, milliseconds). */
unsigned rcn_switches_get_number(const struct rcn_switches *switches, enum rcn_switch which);

/* A paragraph for each switch: name, default, alternatives, row of the contract. */
void rcn_switches_describe(struct rcn_buf *out);

#endif
