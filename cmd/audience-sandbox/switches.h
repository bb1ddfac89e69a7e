/*
 * switches.h: what nobody outside the vendor knows about the API, each with a default and its
 * alternatives (`--set NAME=VALUE`).
 *
 * The defaults are the least helpful plausible server (api-contract 10). A value is a string: one
 * of the table's, or free where the table says so.
 */
#ifndef SBX_SANDBOX_SWITCHES_H
#define SBX_SANDBOX_SWITCHES_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/error.h"

enum sbx_switch {
    SBX_SWITCH_DUPLICATE,
    SBX_SWITCH_IDEMPOTENCY_KEY,
    SBX_SWITCH_META,
    SBX_SWITCH_META_STATUS,
    SBX_SWITCH_META_LIST,
    SBX_SWITCH_DISCONNECTED,
    SBX_SWITCH_SEGMENT_CHOICE,
    SBX_SWITCH_BAD_FREQUENCY,
    SBX_SWITCH_UNKNOWN_SEGMENT,
    SBX_SWITCH_UNKNOWN_TEMPLATE,
    SBX_SWITCH_UNKNOWN_AD_ACCOUNT,
    SBX_SWITCH_RUN_PAUSED,
    SBX_SWITCH_RUN_SYNCING,
    SBX_SWITCH_RUN_MS,
    SBX_SWITCH_PATCH_EMPTY,
    SBX_SWITCH_PATCH_UNKNOWN,
    SBX_SWITCH_DELETE_UNKNOWN,
    SBX_SWITCH_CONFLICT_BODY,
    SBX_SWITCH_RATE_LIMIT,
    SBX_SWITCH_RETRY_AFTER,
    SBX_SWITCH_SCOPE_SYNCS_READ,
    SBX_SWITCH_SCOPE_SYNCS_WRITE,
    SBX_SWITCH_SCOPE_AD_ACCOUNTS,
    SBX_SWITCH_SCOPE_SEGMENTS,
    SBX_SWITCH_SCOPE_ACCOUNT,
    SBX_SWITCH_NO_COMPANY,
    SBX_SWITCH_CREATE_STATUS,
    SBX_SWITCH_IDS,
    SBX_SWITCH_LIST_ORDER,
    SBX_SWITCH_PAGINATION,
    SBX_SWITCH_PAGE_SIZE,
    SBX_SWITCH_ERROR_SHAPE,
    SBX_SWITCH_COUNT,
};

struct sbx_switches {
    const char *values[SBX_SWITCH_COUNT]; /* the table's, or the caller's text */
};

/* Every switch at its default. */
void sbx_switches_init(struct sbx_switches *switches);

/* Takes `NAME=VALUE`, which must outlive the switches. RCN_ERROR_USAGE for an unknown one. */
int sbx_switches_set(struct sbx_switches *switches, const char *text, struct rcn_error *err);

const char *sbx_switches_get(const struct sbx_switches *switches, enum sbx_switch which);
bool sbx_switches_is(const struct sbx_switches *switches, enum sbx_switch which, const char *value);
/* The value of a switch that is a number (a status, milliseconds). */
unsigned sbx_switches_get_number(const struct sbx_switches *switches, enum sbx_switch which);

/* A paragraph for each switch: name, default, alternatives, row of the contract. */
void sbx_switches_describe(struct rcn_buf *out);

#endif
