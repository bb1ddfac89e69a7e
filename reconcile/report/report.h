/*
 * report.h: one walk of the plan, seven formats.
 *
 * A report says what was decided elsewhere; it decides nothing. Every format is written from the
 * same rcn_report, also when the command failed (then plan or results may be NULL). Equal input
 * gives equal bytes. All text in it is hostile and is escaped for its format.
 *
 * `json` is the document of SPEC 6, also a saved plan; its JSON Schema is document.schema.json
 * here.
 */
#ifndef RCN_REPORT_REPORT_H
#define RCN_REPORT_REPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/diag.h"
#include "base/error.h"
#include "model/plan.h"
#include "model/request_counts.h"
#include "model/results.h"

enum rcn_format {
    RCN_FORMAT_TEXT,
    RCN_FORMAT_JSON,
    RCN_FORMAT_MARKDOWN,
    RCN_FORMAT_HTML,
    RCN_FORMAT_JUNIT,
    RCN_FORMAT_SARIF,
    RCN_FORMAT_GITHUB,
};
enum { RCN_FORMAT_COUNT = 7 };
extern const char *const rcn_format_names[]; /* by enum rcn_format */
/* The format of that name, or -1. */
int rcn_format_find(const char *name);

/* No report is larger: 100,000 syncs with every field come to about 100 MB of JSON. */
#define RCN_REPORT_MAX_BYTES ((size_t)1 << 30)

enum rcn_item_kind { RCN_ITEMS_NONE, RCN_ITEMS_AD_ACCOUNTS, RCN_ITEMS_SEGMENTS, RCN_ITEMS_SYNCS };

/* The rows of `get`. Borrowed pointers into the live state. */
struct rcn_items {
    enum rcn_item_kind kind;
    const struct rcn_ad_account **ad_accounts;
    const struct rcn_segment **segments;
    const struct rcn_live_sync **syncs;
    size_t count;
};

/* One earlier run, for the trend in HTML (`drift --history`). */
struct rcn_history_point {
    int64_t at_ms;
    struct rcn_plan_counts counts;
};

struct rcn_report {
    const char *command; /* `plan` */
    const char *outcome; /* SPEC 6: `valid`, `in-sync`, `differences`, `applied`, `error`, ... */
    int exit_code;
    int64_t created_at_ms;                 /* wall clock */
    const struct rcn_plan *plan;           /* NULL: none was made */
    const struct rcn_results *results;     /* apply only; NULL: nothing was started */
    const struct rcn_diags *diags;         /* sorted; never NULL */
    const struct rcn_source_facts *source; /* known although there is no plan, or NULL */
    size_t desired_count;                  /* syncs in the manifests, for validate */
    struct rcn_request_counts requests;
    const struct rcn_error *error;           /* why the command failed, or NULL */
    const struct rcn_items *items;           /* get only */
    const struct rcn_history_point *history; /* oldest first, this run included; drift only */
    size_t history_count;
    const struct rcn_fail_on *fail_on; /* drift only; NULL: no difference makes the run fail */
};

struct rcn_report_style {
    bool color;     /* text only */
    bool verbose;   /* text only: no summarising of long lists */
    bool quiet;     /* text only: the summary line alone */
    unsigned width; /* columns of the terminal; 0: not a terminal */
};

/* Appends the report. -1 and err when out of memory or over RCN_REPORT_MAX_BYTES. */
int rcn_report_write(enum rcn_format format, const struct rcn_report *report,
                     const struct rcn_report_style *style, struct rcn_buf *out,
                     struct rcn_error *err);

#endif
