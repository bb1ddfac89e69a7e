#include "report/plain.h"

#include "base/escape.h"

/* Ends with the lines; a first one without a label begins the text. */
static void add_lines(struct rcn_buf *out, struct rcn_lines *lines)
{
    for (size_t i = 0; i < lines->count; i++) {
        const struct rcn_line *line = &lines->items[i];
        if (*line->label)
            rcn_buf_printf(out, "\n%s: ", line->label);
        rcn_escape_visible(out, line->text);
    }
    rcn_lines_release(lines);
}

void rcn_plain_add_row(struct rcn_buf *out, const struct rcn_report *report,
                       const struct rcn_plan_row *row)
{
    const struct rcn_group group = {rcn_view_get_kind(report, row), &row, 1};
    struct rcn_lines lines;
    rcn_lines_init(&lines);
    rcn_view_add_title(&lines.text, &group);
    rcn_lines_end(&lines, "", RCN_PLAIN);
    rcn_view_add_lines(&lines, report, &group);
    add_lines(out, &lines);
}

void rcn_plain_add_diag(struct rcn_buf *out, const struct rcn_report *report,
                        const struct rcn_diag *diag)
{
    struct rcn_lines lines;
    rcn_lines_init(&lines);
    rcn_view_add_diag(&lines, report, diag);
    add_lines(out, &lines);
}

void rcn_plain_add_failure(struct rcn_buf *out, const struct rcn_report *report)
{
    struct rcn_lines lines;
    rcn_lines_init(&lines);
    rcn_view_add_failure(&lines, report);
    add_lines(out, &lines);
}

void rcn_plain_add_place(struct rcn_buf *out, const struct rcn_report *report, struct rcn_span span)
{
    struct rcn_buf place;
    rcn_buf_init(&place, RCN_REPORT_MAX_BYTES);
    rcn_view_add_place(&place, report, span);
    rcn_escape_visible(out, rcn_buf_get_str(&place));
    rcn_buf_release(&place);
}
