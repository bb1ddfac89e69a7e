/*
 * html.h: what the parts of the HTML report share. The page is one file that needs no network: its
 * style (page.css) and its script (page.js) are inside, and its Content-Security-Policy allows
 * these two, by their hashes, and nothing else. Without the script it is a plain table.
 */
#ifndef RCN_REPORT_HTML_H
#define RCN_REPORT_HTML_H

#include "report/view.h"

/* The bytes of page.css and page.js, and a NUL (embed.cmake). */
extern const char rcn_page_css[];
extern const char rcn_page_js[];

/* A browser shows so many rows without trouble; a report says what it left out. */
enum { RCN_HTML_MAX_ROWS = 20000 };

struct rcn_html {
    struct rcn_buf *out;
    const struct rcn_report *report;
    struct rcn_view *view;
    struct rcn_buf raw; /* text on its way to being escaped */
    struct rcn_lines lines;
};

/* Markup of ours, as it is. */
void rcn_html_put(struct rcn_html *self, const char *markup);
/* Text of anybody's; NULL is nothing. */
void rcn_html_put_text(struct rcn_html *self, const char *text);
/* The same of what was added to raw, which becomes empty. */
void rcn_html_put_raw(struct rcn_html *self);
void rcn_html_put_name(struct rcn_html *self, const char *name);
/* `audiences/vip.yaml:14`, a link where its address is known; nothing when nowhere. */
void rcn_html_put_place(struct rcn_html *self, struct rcn_span span);
/* `<time>` with the UTC text, which the script makes local; `class` says how. */
void rcn_html_put_time(struct rcn_html *self, int64_t at_ms, const char *class_name);
const char *rcn_html_get_color(enum rcn_kind kind);

/* Accounts and statuses, when there is more than one account. */
void rcn_html_write_matrix(struct rcn_html *self);
/* The section with the table of all syncs and its filters. */
void rcn_html_write_table(struct rcn_html *self);

#endif
