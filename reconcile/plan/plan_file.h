/*
 * plan_file.h: a saved plan, read back. (Written by report/report_json.c: `plan --out` and
 * `plan --report json` write the same bytes.)
 *
 * The bytes must be as we wrote them: the last member of the document is `digest`, sha256 over
 * every byte before it. That is integrity, not a signature: who can edit the file can also seal it
 * again, so everything in it is read with the same suspicion as any other input. An edited
 * document, one of another formatVersion and one that is no plan are RCN_ERROR_REFUSED.
 */
#ifndef RCN_PLAN_PLAN_FILE_H
#define RCN_PLAN_PLAN_FILE_H

#include <stddef.h>
#include <stdint.h>

#include "base/diag.h"
#include "model/request_counts.h"
#include "plan/plan.h"

#define RCN_FORMAT_VERSION "1.0"
/* What ends a document: `"digest": "sha256:`, 64 digits, `"}` and a line feed. */
#define RCN_PLAN_FILE_TAIL_START "\"digest\": \"sha256:"
#define RCN_PLAN_FILE_TAIL_END "\"}\n"

enum { RCN_PLAN_FILE_MAX_BYTES = 512 << 20 };

struct rcn_plan_file {
    struct rcn_plan *plan;                 /* owned; complete: rows, unmanaged, facts */
    const struct rcn_desired_set *desired; /* the syncs of the rows; lives in the plan's arena */
    struct rcn_diags diags;                /* owned; those that the document holds */
    struct rcn_error error;                /* what ended the run; an empty message: nothing did */
    const char *command;                   /* `plan` or `drift` */
    const char *outcome;                   /* `differences`, ... */
    int exit_code;
    bool has_fail_on; /* drift */
    struct rcn_fail_on fail_on;
    int64_t created_at_ms;
    struct rcn_request_counts requests; /* of the run that wrote it */
};

/* Any saved plan or drift document, for `show`. */
struct rcn_plan_file *rcn_plan_file_new(const char *bytes, size_t len, struct rcn_error *err);
void rcn_plan_file_free(struct rcn_plan_file *file);

/*
 * May apply execute it at all? Refuses a document that is no `plan`, that ended in an error, or
 * that is older than ttl_ms at now_ms (or from the future by more than a minute).
 */
int rcn_plan_file_check_usable(const struct rcn_plan_file *file, int64_t ttl_ms, int64_t now_ms,
                               struct rcn_error *err);

/*
 * Is the saved plan still true? `now` is a plan built from file->desired and the live state read
 * now. Compares the API and the companies, and for every planned identity its status and what the
 * plan depends on of its live syncs (id, segmentId, frequency, isActive; health does not count).
 * -1 and RCN_ERROR_REFUSED naming what moved.
 */
int rcn_plan_file_check_fresh(const struct rcn_plan_file *file, const struct rcn_plan *now,
                              struct rcn_error *err);

#endif
