/*
 * report.h: one walk of the plan, many formats.
 *
 * A report says what was decided elsewhere; it decides nothing. Every format is written from the
 * same rcn_report, also when the command failed. Equal input gives equal bytes. All text in it is
 * hostile and is escaped for its format. `json` is the document of document/document.h.
 */
#ifndef RCN_REPORT_REPORT_H
#define RCN_REPORT_REPORT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/error.h"
#include "model/report.h"

enum rcn_format {
    RCN_FORMAT_TEXT,
    RCN_FORMAT_JSON,
    RCN_FORMAT_MARKDOWN,
    RCN_FORMAT_HTML,
    RCN_FORMAT_JUNIT,
    RCN_FORMAT_SARIF,
    RCN_FORMAT_GITHUB,
    RCN_FORMAT_CSV,
    RCN_FORMAT_METRICS,
    RCN_FORMAT_CODEQUALITY,
};
enum { RCN_FORMAT_COUNT = 10 };
extern const char *const rcn_format_names[]; /* by enum rcn_format, ended by NULL */

/* No report is larger: 100,000 syncs with every field come to about 100 MB of JSON. */
#define RCN_REPORT_MAX_BYTES ((size_t)1 << 30)

struct rcn_report_style {
    bool color;     /* text only */
    bool verbose;   /* text only: no summarising of long lists */
    bool quiet;     /* text only: the summary line alone */
    bool no_error;  /* text only: the error is printed elsewhere */
    unsigned width; /* columns of the terminal; 0: not a terminal */
};

/* Writes the report to `out`, which is empty. -1 and err when it is over RCN_REPORT_MAX_BYTES. */
int rcn_report_write(enum rcn_format format, const struct rcn_report *report,
                     const struct rcn_report_style *style, struct rcn_buf *out,
                     struct rcn_error *err);

/* Sets run_url, commit_url and blob_url as far as the URL of a Git source and the environment of a
 * job of GitHub Actions or GitLab CI say them. What is no https address is not taken. */
void rcn_report_find_links(struct rcn_report *report, struct rcn_arena *arena);
/* The address of the CI job that runs; NULL: not known. */
const char *rcn_report_find_run_url(struct rcn_arena *arena);

#endif
