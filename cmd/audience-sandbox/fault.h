/*
 * fault.h: which request meets which fault, and what the fault makes of the answer.
 *
 * A fault is what happens to one request. A fault rule says which requests meet one.
 *
 * A rule is `METHOD PATH nth=N|every=N|p=P KIND` (SPEC 8). METHOD and PATH are matched without
 * `/api/v1`; METHOD may be `*`, PATH may hold `*` for one segment. Each rule counts the requests
 * that match its METHOD and PATH on its own, from 1; the first rule whose turn it is wins.
 *
 * Invariant: a kind that ends in -before never lets the request do anything; all others let it be
 * handled in full.
 *
 * Threading: _pick from any thread. With p= the choice depends on the seed, the place of the rule
 * and the number of the match alone, so a run with the same requests repeats.
 */
#ifndef SBX_SANDBOX_FAULT_H
#define SBX_SANDBOX_FAULT_H

#include <stdbool.h>
#include <stdint.h>

#include "answer.h"

enum sbx_fault_kind {
    SBX_FAULT_NONE,
    SBX_FAULT_RESET_BEFORE,
    SBX_FAULT_RESET_AFTER,
    SBX_FAULT_TIMEOUT_BEFORE,
    SBX_FAULT_TIMEOUT_AFTER,
    SBX_FAULT_STATUS_BEFORE,
    SBX_FAULT_STATUS_AFTER,
    SBX_FAULT_COMMIT_LATE,
    SBX_FAULT_CUT_AFTER,
    SBX_FAULT_INVALID_JSON_AFTER,
    SBX_FAULT_SUCCESS_FALSE_BEFORE,
    SBX_FAULT_SUCCESS_FALSE_AFTER,
    SBX_FAULT_HTML_BEFORE,
    SBX_FAULT_HTML_AFTER,
    SBX_FAULT_HUGE_AFTER,
    SBX_FAULT_DRIP,
    SBX_FAULT_RENAME,
};

struct sbx_fault {
    enum sbx_fault_kind kind;
    const char *text; /* the kind as the rule has it, `status-before:503:2`; NULL for none */
    long number;      /* CODE of status-*, MS of commit-late and drip */
    const char *word; /* RETRY-AFTER of status-before, way of rename; NULL: none */
};

struct sbx_fault_rules;
struct sbx_fault_rules *sbx_fault_rules_new(uint64_t seed);
void sbx_fault_rules_free(struct sbx_fault_rules *rules);

/* text is borrowed. RCN_ERROR_USAGE when it is no rule. */
int sbx_fault_rules_add(struct sbx_fault_rules *rules, const char *text, struct rcn_error *err);

/* path is percent-encoded and without the prefix. */
struct sbx_fault sbx_fault_rules_pick(struct sbx_fault_rules *rules, const char *method,
                                      const char *path);

/* Must the request be handled at once? Not so for -before and commit-late. */
bool sbx_fault_commits(const struct sbx_fault *fault);

/* Turns the answer into what the fault sends. */
void sbx_fault_spoil(const struct sbx_fault *fault, const struct sbx_switches *switches,
                     struct sbx_answer *answer);

/* The kinds with a line of explanation each, for --help. */
void sbx_fault_rules_describe(struct rcn_buf *out);

#endif
