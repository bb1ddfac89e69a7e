/*
 * faults.h: which request meets which fault, and what the fault makes of the answer.
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
#ifndef RCN_SANDBOX_FAULTS_H
#define RCN_SANDBOX_FAULTS_H

#include <stdbool.h>
#include <stdint.h>

#include "answer.h"

enum rcn_fault_kind {
    RCN_FAULT_NONE,
    RCN_FAULT_RESET_BEFORE,
    RCN_FAULT_RESET_AFTER,
    RCN_FAULT_TIMEOUT_BEFORE,
    RCN_FAULT_TIMEOUT_AFTER,
    RCN_FAULT_STATUS_BEFORE,
    RCN_FAULT_STATUS_AFTER,
    RCN_FAULT_COMMIT_LATE,
    RCN_FAULT_CUT_AFTER,
    RCN_FAULT_INVALID_JSON_AFTER,
    RCN_FAULT_SUCCESS_FALSE_BEFORE,
    RCN_FAULT_SUCCESS_FALSE_AFTER,
    RCN_FAULT_HTML_BEFORE,
    RCN_FAULT_HTML_AFTER,
    RCN_FAULT_HUGE_AFTER,
    RCN_FAULT_DRIP,
    RCN_FAULT_RENAME,
};

struct rcn_fault {
    enum rcn_fault_kind kind;
    const char *text; /* the kind as the rule has it, `status-before:503:2`; NULL for none */
    long number;      /* CODE of status-*, MS of commit-late and drip */
    const char *word; /* RETRY-AFTER of status-before, way of rename; NULL: none */
};

struct rcn_faults;
struct rcn_faults *rcn_faults_new(uint64_t seed);
void rcn_faults_free(struct rcn_faults *faults);

/* text is borrowed. RCN_ERROR_USAGE when it is no rule. */
int rcn_faults_add(struct rcn_faults *faults, const char *text, struct rcn_error *err);

/* path is percent-encoded and without the prefix. */
struct rcn_fault rcn_faults_pick(struct rcn_faults *faults, const char *method, const char *path);

/* Must the request be handled at once? Not so for -before and commit-late. */
bool rcn_fault_commits(const struct rcn_fault *fault);

/* Turns the answer into what the fault sends. */
void rcn_fault_spoil(const struct rcn_fault *fault, const struct rcn_switches *switches,
                     struct rcn_answer *answer);

/* The kinds with a line of explanation each, for --help. */
void rcn_faults_describe(struct rcn_buf *out);

#endif
