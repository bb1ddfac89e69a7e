/*
 * plan_file.h: a saved plan, read back. (Written by report/report_json.c: `plan --out` and
 * `plan --report json` write the same bytes.)
 *
 * The bytes must be as we wrote them: the last member of the document is `digest`, sha256 over
 * every byte before it. That is integrity, not a signature. A document of another formatVersion, an
 * edited one and one that is no plan are RCN_ERROR_REFUSED; bytes that are no document of ours at
 * all are RCN_ERROR_FAILED.
 */
#ifndef RCN_PLAN_PLAN_FILE_H
#define RCN_PLAN_PLAN_FILE_H

#include <stddef.h>
#include <stdint.h>

#include "base/diag.h"
#include "plan/plan.h"

#define RCN_FORMAT_VERSION "1.0"
/* What ends a document: `"digest": "sha256:<64 hex>"}` and a line feed. */
enum { RCN_PLAN_FILE_DIGEST_TAIL = 87 };

enum { RCN_PLAN_FILE_MAX_BYTES = 512 << 20 };

struct rcn_plan_file {
    struct rcn_plan *plan;            /* owned; complete: rows, unmanaged, facts */
    struct rcn_manifest_set *desired; /* owned; the syncs of the rows, locations with paths only */
    struct rcn_diags diags;           /* owned; those that the document holds */
    const char *command;              /* `plan` */
    const char *outcome;              /* `differences`, ... */
    int exit_code;
    int64_t created_at_ms;
};

struct rcn_plan_file *rcn_plan_file_new(const char *bytes, size_t len, struct rcn_error *err);
void rcn_plan_file_free(struct rcn_plan_file *file);

/*
 * Is the saved plan still true? `now` is a plan built from file->desired and the live state read
 * now. Compares, for every planned identity, the live syncs and what the plan depends on of them
 * (id, segmentId, frequency, isActive; health does not count) and the status. -1 and
 * RCN_ERROR_REFUSED naming what moved.
 */
int rcn_plan_file_check_fresh(const struct rcn_plan_file *file, const struct rcn_plan *now,
                              struct rcn_error *err);

#endif
