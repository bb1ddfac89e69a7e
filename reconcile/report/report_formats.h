/*
 * report_formats.h: the writers behind rcn_report_write, one a format. Each appends to out and sets
 * out->failed when it could not.
 */
#ifndef RCN_REPORT_REPORT_FORMATS_H
#define RCN_REPORT_REPORT_FORMATS_H

#include "base/buf.h"
#include "report/report.h"

void rcn_report_text_write(const struct rcn_report *report, const struct rcn_report_style *style,
                           struct rcn_buf *out);
void rcn_report_markdown_write(const struct rcn_report *report,
                               const struct rcn_report_style *style, struct rcn_buf *out);
void rcn_report_html_write(const struct rcn_report *report, const struct rcn_report_style *style,
                           struct rcn_buf *out);
void rcn_report_junit_write(const struct rcn_report *report, const struct rcn_report_style *style,
                            struct rcn_buf *out);
void rcn_report_sarif_write(const struct rcn_report *report, const struct rcn_report_style *style,
                            struct rcn_buf *out);
void rcn_report_github_write(const struct rcn_report *report, const struct rcn_report_style *style,
                             struct rcn_buf *out);

/* The part of the text format that prints the rows of `get`: report_table.c. */
void rcn_report_table_write(const struct rcn_items *items, unsigned width, struct rcn_buf *out);
/* `3 segments`. */
void rcn_report_table_write_count(const struct rcn_items *items, struct rcn_buf *out);

#endif
