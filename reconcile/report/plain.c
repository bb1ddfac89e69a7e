#include "report/plain.h"

#include <stdlib.h>
#include <string.h>

#include "base/escape.h"
#include "base/json.h"
#include "base/memory.h"

void rcn_plain_add_lines(struct rcn_view *view, const struct rcn_line *line)
{
    for (; line->text; line++) {
        rcn_view_add(&view->text, *line->label ? "\n%s: " : "%s", line->label);
        rcn_escape_visible(&view->text, line->text);
    }
}

/* What is in lines.text, no line yet. */
static void add_visible(struct rcn_view *view)
{
    rcn_escape_visible(&view->text, rcn_buf_get_str(&view->lines.text));
    rcn_buf_clear(&view->lines.text);
}

void rcn_plain_add_row(struct rcn_view *view, const struct rcn_plan_row *row)
{
    const struct rcn_group group = {rcn_view_get_kind(view->report, row), &row, 1};
    rcn_view_add_title(&view->lines.text, &group);
    add_visible(view);
    rcn_plain_add_lines(view, rcn_view_list_group(view, &group));
}

void rcn_plain_add_finding(struct rcn_view *view, const struct rcn_finding *finding)
{
    if (finding->diag)
        rcn_plain_add_lines(view, rcn_view_list_diag(view, finding->diag));
    else
        rcn_plain_add_row(view, finding->row);
}

void rcn_plain_add_place(struct rcn_view *view, struct rcn_span span)
{
    rcn_view_add_place(&view->lines.text, view->report, span);
    add_visible(view);
}

void rcn_plain_escape_json(struct rcn_buf *out, const char *text)
{
    struct rcn_json_writer json;
    rcn_json_writer_init(&json, out);
    rcn_json_string(&json, text);
}

void rcn_plain_escape_visible(struct rcn_buf *out, const char *text, const char *special,
                              const char *const *escapes)
{
    while (*text) {
        size_t literal = strcspn(text, special);
        rcn_buf_add(out, text, literal);
        text += literal;
        if (*text)
            rcn_buf_add_str(out, escapes[strchr(special, *text++) - special]);
    }
}

void rcn_plain_escape(struct rcn_buf *out, const char *text, const char *special,
                      const char *const *escapes)
{
    struct rcn_buf visible;
    rcn_buf_init(&visible, RCN_REPORT_MAX_BYTES);
    rcn_escape_visible(&visible, text);
    rcn_plain_escape_visible(out, rcn_buf_get_str(&visible), special, escapes);
    rcn_buf_release(&visible);
}

static const char xml_special[] = "&<>\"'";
static const char *const xml_escapes[] = {"&amp;", "&lt;", "&gt;", "&quot;", "&#39;"};

void rcn_plain_escape_xml(struct rcn_buf *out, const char *text)
{
    rcn_plain_escape(out, text, xml_special, xml_escapes);
}

void rcn_plain_escape_visible_xml(struct rcn_buf *out, const char *text)
{
    rcn_plain_escape_visible(out, text, xml_special, xml_escapes);
}

struct rcn_finding *rcn_plain_list(const struct rcn_report *report, size_t *ret_count)
{
    const struct rcn_diags *diags = report->diags;
    size_t rows = rcn_view_get_row_count(report);
    struct rcn_finding *list = rcn_calloc(diags->count + rows + 1, sizeof *list);
    size_t count = 0;
    for (enum rcn_level level = RCN_LEVEL_ERROR; level > RCN_LEVEL_NONE; level--) {
        for (size_t i = 0; i < diags->count; i++) {
            const struct rcn_diag *diag = diags->items[i];
            bool is_error = diag->severity == RCN_SEVERITY_ERROR;
            if (level == (is_error ? RCN_LEVEL_ERROR : RCN_LEVEL_WARNING))
                list[count++] = (struct rcn_finding){level, diag->span, diag->rule, diag, NULL};
        }
        for (size_t i = 0; i < rows; i++) {
            const struct rcn_plan_row *row = rcn_view_get_row(report, i);
            const char *rule = rcn_kinds[rcn_view_get_kind(report, row)].name;
            if (rcn_view_is_reported(report, row) && rcn_view_get_level(report, row) == level)
                list[count++] = (struct rcn_finding){level, rcn_row_get_span(row), rule, NULL, row};
        }
    }
    *ret_count = count;
    return list;
}

static int compare_keys(const struct rcn_sorted_row *a, const struct rcn_sorted_row *b)
{
    int order = strcmp(a->company_id, b->company_id);
    return order ? order : strcmp(a->ad_account_id, b->ad_account_id);
}

static int compare_rows(const void *left, const void *right)
{
    const struct rcn_sorted_row *a = left;
    const struct rcn_sorted_row *b = right;
    int order = compare_keys(a, b);
    return order ? order : a->order < b->order ? -1 : 1;
}

struct rcn_sorted_row *rcn_plain_sort_rows(const struct rcn_report *report, bool by_company,
                                           bool by_account, size_t *ret_count)
{
    size_t count = rcn_view_get_row_count(report);
    struct rcn_sorted_row *rows = rcn_calloc(count + 1, sizeof *rows);
    for (size_t i = 0; i < count; i++) {
        const struct rcn_plan_row *row = rcn_view_get_row(report, i);
        const struct rcn_audience_sync *sync = rcn_row_get_sync(row);
        rows[i] = (struct rcn_sorted_row){by_company && sync->company_id ? sync->company_id : "",
                                          by_account ? sync->ad_account_id : "", row, i};
    }
    qsort(rows, count, sizeof *rows, compare_rows);
    *ret_count = count;
    return rows;
}

size_t rcn_plain_find_end(const struct rcn_sorted_row *rows, size_t count, size_t first)
{
    size_t end = first;
    while (end < count && compare_keys(&rows[first], &rows[end]) == 0)
        end++;
    return end;
}
