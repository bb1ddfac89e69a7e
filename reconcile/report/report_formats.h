/*
 * report_formats.h: the writers of rcn_report_write, one a format. Each sets view->escape and
 * appends to view->out.
 */
#ifndef RCN_REPORT_REPORT_FORMATS_H
#define RCN_REPORT_REPORT_FORMATS_H

#include "report/view.h"

typedef void rcn_report_writer(struct rcn_view *view);

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
