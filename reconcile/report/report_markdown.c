#include "report/report_formats.h"

void rcn_report_markdown_write(const struct rcn_report *report,
                               const struct rcn_report_style *style, struct rcn_buf *out)
{
    (void)report;
    (void)style;
    (void)out;
}
