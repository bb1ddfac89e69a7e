/*
 * view.h: what is to be said, and in which order: decided once, printed by every format.
 *
 * A report becomes groups of rows (one row, or many that have one cause), and what is to be said of
 * a group or of the run becomes lines of {label, text, emphasis}. A printer lays them out and
 * decides nothing. view.c makes the groups, view_kinds.c knows the kinds of rows, view_rows.c says
 * what is to be said of a group, view_run.c of the run, and view_text.c has the template in which
 * all of it is worded.
 *
 * Nothing here escapes: what comes out is raw text that may quote others, and the printer makes it
 * harmless for its own place. The one exception is white space in names, which is made visible for
 * every format alike.
 *
 * Ownership: a view borrows its report. What is reachable from it dies with it.
 */
#ifndef RCN_REPORT_VIEW_H
#define RCN_REPORT_VIEW_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/buf.h"
#include "report/report.h"

/* --- kinds --- */

/* Every row is of exactly one kind. In the order in which a page shows them from its top. */
enum rcn_kind {
    RCN_KIND_CREATED,
    RCN_KIND_UNVERIFIED, /* created, and something is wrong with it */
    RCN_KIND_FAILED,
    RCN_KIND_UNKNOWN,
    RCN_KIND_NOT_ATTEMPTED,
    RCN_KIND_EXISTS,
    RCN_KIND_MISSING,
    RCN_KIND_WITHHELD,
    RCN_KIND_DRIFTED,
    RCN_KIND_DUPLICATE,
    RCN_KIND_UNHEALTHY, /* in sync but for its health */
    RCN_KIND_REMOVED,   /* unmanaged by this change (plan --base) */
    RCN_KIND_UNMANAGED,
    RCN_KIND_IGNORED,
    RCN_KIND_NOTED, /* in sync, with a note */
    RCN_KIND_IN_SYNC,
};
enum { RCN_KIND_COUNT = 16 };

/* By meaning: green is well, red is wrong, amber needs a person, blue is what apply creates. */
enum rcn_color { RCN_GREY, RCN_GREEN, RCN_RED, RCN_AMBER, RCN_BLUE };

/* How loud a row is to be reported by formats that know levels. */
enum rcn_level { RCN_LEVEL_NONE, RCN_LEVEL_NOTICE, RCN_LEVEL_WARNING, RCN_LEVEL_ERROR };

struct rcn_kind_words {
    const char *name;  /* `not-attempted`: stable, for machines */
    const char *title; /* `Not attempted`: for headings */
    char symbol;       /* SPEC 4; `x` for what apply could not do */
    enum rcn_color color;
    enum rcn_level level; /* where --fail-on does not make it an error */
    bool needs_person;    /* apply will not settle it */
    bool has_cause;       /* rows with one cause are one group */
    const char *sentence; /* a template, for rcn_view_add_agreeing; its value: why it is withheld */
};
extern const struct rcn_kind_words rcn_kinds[]; /* by enum rcn_kind */

enum rcn_kind rcn_view_get_kind(const struct rcn_report *report, const struct rcn_plan_row *row);
/* An error for what apply could not do, and for a difference that makes drift fail. */
enum rcn_level rcn_view_get_level(const struct rcn_report *report, const struct rcn_plan_row *row);
/* True when annotations and test results report the row. They are about lines of manifests: an
 * unmanaged sync is reported only when it makes the run fail. */
bool rcn_view_is_reported(const struct rcn_report *report, const struct rcn_plan_row *row);

/* --- the view --- */

enum rcn_emphasis {
    RCN_PLAIN,
    RCN_CHANGED, /* what differs */
    RCN_ADVICE,  /* what a person can do */
    RCN_WRONG,   /* why something was not done */
};

struct rcn_line {
    const char *label; /* static; "" for a line that goes on */
    const char *text;  /* NULL: the end of the lines */
    enum rcn_emphasis emphasis;
};

struct rcn_lines {
    struct rcn_arena *arena;
    struct rcn_line *items;
    size_t count;
    struct rcn_buf text; /* of the line that is being made */
};

/* Rows of one kind that have one cause; mostly one row. */
struct rcn_group {
    enum rcn_kind kind;
    const struct rcn_plan_row **rows;
    size_t count;
};

/* Which rows: with plan --base those that the change is about, or the others; else all are. */
enum rcn_part { RCN_PART_ALL, RCN_PART_CHANGE, RCN_PART_BASE };

/* Makes a text of others harmless for a place of the format. */
typedef void rcn_view_escape(struct rcn_buf *out, const char *text);

struct rcn_view {
    const struct rcn_report *report;
    const struct rcn_report_style *style;
    struct rcn_buf *out;
    bool has_base;           /* plan --base */
    bool has_companies;      /* more than one, so that each row must name its own */
    bool leads_to_apply;     /* creates may follow the run: not drift, which only looks */
    rcn_view_escape *escape; /* set by the writer of the format */
    struct rcn_buf text;     /* that is being made; raw until it is put */
    struct rcn_lines lines;
    enum rcn_part part;
    struct rcn_arena *arena;
    struct rcn_group *groups; /* by kind, and in each in the order of the plan */
    size_t group_count;
    const struct rcn_group *by_kind[RCN_KIND_COUNT]; /* the first of each kind */
    size_t group_counts[RCN_KIND_COUNT];             /* of each kind */
    size_t kinds[RCN_KIND_COUNT];                    /* rows of each kind */
};

/* A view of RCN_PART_CHANGE. */
struct rcn_view *rcn_view_new(const struct rcn_report *report, const struct rcn_report_style *style,
                              struct rcn_buf *out);
void rcn_view_free(struct rcn_view *view);
/* Makes the groups of another part; view->text is empty then. */
void rcn_view_group(struct rcn_view *view, enum rcn_part part);
/* Someone has to look at rows of that kind: apply will not settle them. */
bool rcn_view_needs_person(const struct rcn_view *view, enum rcn_kind kind);
/* view->text, as an argument of rcn_view_put. */
const char *rcn_view_get_text(const struct rcn_view *view);

/* The rows of the plan, desired ones first, then unmanaged ones. */
size_t rcn_view_get_row_count(const struct rcn_report *report);
const struct rcn_plan_row *rcn_view_get_row(const struct rcn_report *report, size_t index);
/* The name of the sync's company; NULL when unknown. */
const char *rcn_view_get_company_name(const struct rcn_report *report,
                                      const struct rcn_audience_sync *sync);
/* The change of that field; NULL: there is none. */
const struct rcn_change *rcn_view_find_change(const struct rcn_plan_row *row, const char *field);

/* --- templates --- */

/*
 * A template knows `%s` (NULL: nothing), `%zu`, `%u`, `%d` and `%jd`, a time in milliseconds:
 * `2026-11-22T20:00:00Z`. A precision cuts texts and times: `%.7s`, `%.10jd`. Numbers are not
 * negative.
 *
 * `{sync|syncs}` agrees with the last `%zu`. `{, until %s|for ever}` is its second part when the
 * first value of the first part is NULL or 0; the values of both parts are given.
 */

/* With raw texts, and with `%zu` for people: `10,000`. */
void rcn_view_add(struct rcn_buf *out, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* The same; `{sync|syncs}` agrees with number, which is not in the text. */
void rcn_view_add_agreeing(struct rcn_buf *out, size_t number, const char *format, ...);
/* A list whose parts begin with `, `, the first one with `before` instead. False: it is empty. */
bool rcn_view_add_list(struct rcn_buf *out, const char *before, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* Markup of ours, to view->out: view->escape makes each text harmless. view->text is empty then. */
void rcn_view_put(struct rcn_view *view, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Drops the lines; makes lines.text a line (empty: none); adds to lines.text, then does that. */
void rcn_view_begin_lines(struct rcn_view *view);
void rcn_view_end_line(struct rcn_view *view, const char *label, enum rcn_emphasis emphasis);
void rcn_view_add_line(struct rcn_view *view, const char *label, enum rcn_emphasis emphasis,
                       const char *format, ...) __attribute__((format(printf, 4, 5)));

/* --- what is to be said --- */

/* Each makes view->lines anew, and returns them. Of the group, without title and place. */
const struct rcn_line *rcn_view_list_group(struct rcn_view *view, const struct rcn_group *group);
/* What was read. */
const struct rcn_line *rcn_view_list_facts(struct rcn_view *view);
/* What kept the run from its end, and what to do; nothing when it came to its end. */
const struct rcn_line *rcn_view_list_failure(struct rcn_view *view);
/* How it ended: the failure if it is wanted, what apply will do or did, the counts, the cost. */
const struct rcn_line *rcn_view_list_summary(struct rcn_view *view, bool with_failure);
/* Message, hint, note with its place. */
const struct rcn_line *rcn_view_list_diag(struct rcn_view *view, const struct rcn_diag *diag);

/* The whole run in one line, in the words of people: `3 of 300 audiences need you`. */
void rcn_view_add_headline(struct rcn_buf *out, const struct rcn_view *view);
/* `4 syncs were pending before this change` */
void rcn_view_add_pending(struct rcn_buf *out, const struct rcn_report *report);
/* `'VIPs' has drifted: apply will not change it`, `12 syncs are unhealthy` */
void rcn_view_add_title(struct rcn_buf *out, const struct rcn_group *group);
/* `12 syncs are unhealthy`: of all rows of the kind. */
void rcn_view_add_kind_title(struct rcn_buf *out, const struct rcn_view *view, enum rcn_kind kind);
/* Of a sync in the list of a group: `'VIPs' in act_1 (Acme) of comp_1`. */
void rcn_view_add_member(struct rcn_buf *out, const struct rcn_view *view,
                         const struct rcn_plan_row *row);
/* What apply waits for; the row has an open intent. */
void rcn_view_add_waiting(struct rcn_buf *out, const struct rcn_plan_row *row);

/* --- pieces --- */

/* White space that does not show, or not for certain, is shown: `␣VIPs`. */
void rcn_view_add_name(struct rcn_buf *out, const char *name);
/* `act_1 (Acme Main)`, and where there are several companies `act_1 (Acme) of comp_1`. */
void rcn_view_add_account(struct rcn_buf *out, const struct rcn_plan_row *row);
void rcn_view_add_where(struct rcn_buf *out, const struct rcn_view *view,
                        const struct rcn_plan_row *row);
/* `seg_1 (VIPs, 1,200 active subscribers)`: of the row, or of one of its segments (NULL: `none`) */
void rcn_view_add_segment(struct rcn_buf *out, const struct rcn_plan_row *row);
void rcn_view_add_segment_id(struct rcn_buf *out, const struct rcn_plan_row *row, const char *id);
/* `error, stale`; nothing for 0. */
void rcn_view_add_health(struct rcn_buf *out, unsigned health);
/* `sync_1 (1,240 people uploaded)` after `before`; nothing when there is no id. */
void rcn_view_add_result_id(struct rcn_buf *out, const char *before,
                            const struct rcn_result *result);
/* `audiences/vip.yaml:14`; nothing for a span without a text. */
void rcn_view_add_place(struct rcn_buf *out, const struct rcn_report *report, struct rcn_span span);
/* Its address on GitHub or GitLab; false when that is unknown. */
bool rcn_view_add_place_url(struct rcn_buf *out, const struct rcn_report *report,
                            struct rcn_span span);
/* RFC 3986: what is not unreserved is escaped, so that any bytes of a path make a valid URI. */
void rcn_view_add_url_path(struct rcn_buf *out, const char *path);
/* The path for tools that look for the file; NULL when there is none (standard input). */
const char *rcn_view_get_file(const struct rcn_report *report, struct rcn_span span);

/* Of a segment that is too small (live_state.h). */
#define RCN_VIEW_TOO_SMALL "fewer than 100 active subscribers: too few for Meta to deliver to"

/* --- the formats: each sets view->escape, and appends to view->out --- */

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
