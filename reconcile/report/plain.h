/*
 * plain.h: a finding as lines of plain, harmless text, for formats that carry text: annotations,
 * test results, SARIF.
 *
 * Every name and message in it is escaped (escape.h); the only line feeds are ours, between the
 * lines. What the format itself gives a meaning to (`<`, `%`, `"`) is the format's to escape.
 */
#ifndef RCN_REPORT_PLAIN_H
#define RCN_REPORT_PLAIN_H

#include "base/buf.h"
#include "report/view.h"

/* `'VIPs' has drifted: apply will not change it`, and what is to be said of it, a line each. */
void rcn_plain_add_row(struct rcn_buf *out, const struct rcn_report *report,
                       const struct rcn_plan_row *row);
/* The message, its hint and its note. */
void rcn_plain_add_diag(struct rcn_buf *out, const struct rcn_report *report,
                        const struct rcn_diag *diag);
/* What kept the run from its end, and what to do; nothing when it came to its end. */
void rcn_plain_add_failure(struct rcn_buf *out, const struct rcn_report *report);
/* `audiences/vip.yaml:14`; nothing for a span without a text. */
void rcn_plain_add_place(struct rcn_buf *out, const struct rcn_report *report,
                         struct rcn_span span);

#endif
