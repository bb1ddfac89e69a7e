/*
 * report_formats.h: the writers of rcn_report_write, one a format. Each appends to out.
 */
#ifndef RCN_REPORT_REPORT_FORMATS_H
#define RCN_REPORT_REPORT_FORMATS_H

#include "base/buf.h"
#include "report/report.h"

typedef void rcn_report_writer(const struct rcn_report *report,
                               const struct rcn_report_style *style, struct rcn_buf *out);

rcn_report_writer rcn_report_text_write;
rcn_report_writer rcn_report_markdown_write;
rcn_report_writer rcn_report_html_write;
rcn_report_writer rcn_report_junit_write;
rcn_report_writer rcn_report_sarif_write;
rcn_report_writer rcn_report_github_write;
rcn_report_writer rcn_report_csv_write;
rcn_report_writer rcn_report_metrics_write;
rcn_report_writer rcn_report_codequality_write;

#endif
