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

/* A diagnostic, or a row of the plan that is reported. */
struct rcn_finding {
    enum rcn_level level;
    struct rcn_span span;
    const char *rule;            /* of the diagnostic, or the kind's name */
    const struct rcn_diag *diag; /* NULL: it is a row */
    const struct rcn_plan_row *row;
};

/* All of them, errors first, and of one level diagnostics first: a limit takes the least of them.
 * The caller frees the array. */
struct rcn_finding *rcn_plain_list(const struct rcn_report *report, size_t *ret_count);

/* A row of the plan among those of its company and ad account. */
struct rcn_sorted_row {
    const char *company_id; /* "" when unknown, or not to be sorted by, as the next */
    const char *ad_account_id;
    const struct rcn_plan_row *row;
    size_t order;
};

/* Every row: by company, then by ad account, then in its order in the view. The caller frees the
 * array. */
struct rcn_sorted_row *rcn_plain_sort_rows(const struct rcn_report *report, bool by_company,
                                           bool by_account, size_t *ret_count);
/* The end of the rows that have the company and the ad account of the first. */
size_t rcn_plain_find_end(const struct rcn_sorted_row *rows, size_t count, size_t first);

/* Each of these adds to view->text; the last two use view->lines for it. */
void rcn_plain_add_lines(struct rcn_view *view, const struct rcn_line *lines);
/* `audiences/vip.yaml:14`; nothing for a span without a text. */
void rcn_plain_add_place(struct rcn_view *view, struct rcn_span span);
/* `'VIPs' has drifted: apply will not change it`, and what is to be said of it, a line each. */
void rcn_plain_add_row(struct rcn_view *view, const struct rcn_plan_row *row);
void rcn_plain_add_finding(struct rcn_view *view, const struct rcn_finding *finding);

/* Adds the text, made visible, with each character of `special` as its escape. */
void rcn_plain_escape(struct rcn_buf *out, const char *text, const char *special,
                      const char *const *escapes);
/* The same for text that was made visible before; its line feeds stay. */
void rcn_plain_escape_visible(struct rcn_buf *out, const char *text, const char *special,
                              const char *const *escapes);
/* For rcn_view_put: a JSON string with its quotation marks. */
void rcn_plain_escape_json(struct rcn_buf *out, const char *text);
/* For rcn_view_put: content, or inside a quoted attribute, of HTML and XML. What it holds after
 * escape.h has no character that XML 1.0 forbids. */
void rcn_plain_escape_xml(struct rcn_buf *out, const char *text);
/* The same for text that was made visible before. */
void rcn_plain_escape_visible_xml(struct rcn_buf *out, const char *text);

#endif
