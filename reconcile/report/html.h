/*
 * html.h: what the parts of the HTML report share. The page is one file that needs no network: its
 * style and its script are inside, and its Content-Security-Policy allows these two, by their
 * hashes, and nothing else.
 */
#ifndef RCN_REPORT_HTML_H
#define RCN_REPORT_HTML_H

#include "base/buf.h"
#include "report/report.h"

/* The lines of the style sheet and of the script, ended by NULL (html_assets.c). */
extern const char *const rcn_html_style[];
extern const char *const rcn_html_script[];

/* A browser shows so many rows without trouble; a report says what it left out. */
enum { RCN_HTML_MAX_ROWS = 20000 };

struct rcn_html {
    struct rcn_buf *out;
    const struct rcn_report *report;
    struct rcn_buf scratch; /* raw text on its way to being escaped */
};

/* Markup of ours, as it is. */
void rcn_html_put(struct rcn_html *self, const char *markup);
/* Hostile text (rcn_html_add_text). */
void rcn_html_put_text(struct rcn_html *self, const char *text);
/* What a rcn_view_add_... function left in the scratch, which becomes empty. */
void rcn_html_put_scratch(struct rcn_html *self);
/* `audiences/vip.yaml:14`; nothing when nowhere. */
void rcn_html_put_place(struct rcn_html *self, struct rcn_span span);

/* The section with the table of syncs and its filters (html_rows.c). */
void rcn_html_write_rows(struct rcn_html *self);
/* The section with the rows of `get`; nothing for other commands (html_items.c). */
void rcn_html_write_items(struct rcn_html *self);

/* Hostile text as content or inside a quoted attribute. */
void rcn_html_add_text(struct rcn_buf *out, const char *text);

/* `'sha256-...'` over the lines, for the Content-Security-Policy. */
void rcn_html_add_hash(struct rcn_buf *out, const char *const *lines);
void rcn_html_add_lines(struct rcn_buf *out, const char *const *lines);

/* The section on earlier runs: a chart for each status, and a table that says the same. Nothing
 * when there are fewer than two runs. */
void rcn_html_add_trend(struct rcn_buf *out, const struct rcn_report *report);

#endif
