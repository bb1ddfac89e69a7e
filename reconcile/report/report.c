#include "report/report.h"

#include <string.h>

#include "document/document.h"
#include "report/view.h"

const char *const rcn_format_names[] = {
    [RCN_FORMAT_TEXT] = "text",         [RCN_FORMAT_JSON] = "json",
    [RCN_FORMAT_MARKDOWN] = "markdown", [RCN_FORMAT_HTML] = "html",
    [RCN_FORMAT_JUNIT] = "junit",       [RCN_FORMAT_SARIF] = "sarif",
    [RCN_FORMAT_GITHUB] = "github",     [RCN_FORMAT_CSV] = "csv",
    [RCN_FORMAT_METRICS] = "metrics",   [RCN_FORMAT_CODEQUALITY] = "codequality",
    [RCN_FORMAT_COUNT] = NULL};

static rcn_report_writer *const writers[] = {
    [RCN_FORMAT_TEXT] = rcn_report_text_write,
    [RCN_FORMAT_MARKDOWN] = rcn_report_markdown_write,
    [RCN_FORMAT_HTML] = rcn_report_html_write,
    [RCN_FORMAT_JUNIT] = rcn_report_junit_write,
    [RCN_FORMAT_SARIF] = rcn_report_sarif_write,
    [RCN_FORMAT_GITHUB] = rcn_report_github_write,
    [RCN_FORMAT_CSV] = rcn_report_csv_write,
    [RCN_FORMAT_METRICS] = rcn_report_metrics_write,
    [RCN_FORMAT_CODEQUALITY] = rcn_report_codequality_write,
};

int rcn_format_find(const char *name)
{
    for (int i = 0; i < RCN_FORMAT_COUNT; i++)
        if (strcmp(name, rcn_format_names[i]) == 0)
            return i;
    return -1;
}

int rcn_report_write(enum rcn_format format, const struct rcn_report *report,
                     const struct rcn_report_style *style, struct rcn_buf *out,
                     struct rcn_error *err)
{
    if (format == RCN_FORMAT_JSON) {
        rcn_document_write(report, out);
    } else {
        struct rcn_view *view = rcn_view_new(report, style, out);
        writers[format](view);
        rcn_view_free(view);
    }
    if (out->failed || out->len > RCN_REPORT_MAX_BYTES)
        return rcn_error_set(err, RCN_ERROR_FAILED,
                             "the %s report cannot be written: it is larger than %zu MiB",
                             rcn_format_names[format], RCN_REPORT_MAX_BYTES >> 20);
    return 0;
}
