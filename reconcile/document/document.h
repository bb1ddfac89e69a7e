/*
 * document.h: the one JSON document (SPEC 6), written and read back. `plan --out` and
 * `--report json` write the same bytes; its schema is document.schema.json beside this file.
 *
 * The bytes that are read must be as we wrote them: the last member is `digest`, sha256 over every
 * byte before it. That is integrity, not a signature: who can edit the file can also seal it again,
 * so everything in it is judged like any other input. An edited document, one of another
 * formatVersion and one that is neither a plan nor a drift are RCN_ERROR_REFUSED.
 */
#ifndef RCN_DOCUMENT_DOCUMENT_H
#define RCN_DOCUMENT_DOCUMENT_H

#include <stddef.h>

#include "base/buf.h"
#include "base/error.h"
#include "model/report.h"

#define RCN_FORMAT_VERSION "1.0"

enum { RCN_DOCUMENT_MAX_BYTES = 512 << 20 };

/* Appends the document. */
void rcn_document_write(const struct rcn_report *report, struct rcn_buf *out);

struct rcn_document {
    struct rcn_report report;              /* as it was written; points into the document */
    struct rcn_plan *plan;                 /* owned; report.plan */
    const struct rcn_desired_set *desired; /* the syncs of its rows; lives in the plan's arena */
    struct rcn_diags diags;                /* owned; report.diags */
    struct rcn_error error;                /* report.error, when it is not NULL */
};

/* Reads the document of a plan or a drift. */
struct rcn_document *rcn_document_new(const char *bytes, size_t len, struct rcn_error *err);
/* NULL is allowed. */
void rcn_document_free(struct rcn_document *document);

#endif
