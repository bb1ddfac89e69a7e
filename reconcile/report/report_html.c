#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/sha256.h"
#include "base/time.h"
#include "report/items.h"
#include "report/plain.h"
#include "report/view.h"

/*
 * The page is one file that needs no network: its style (page.css) and its script (page.js) are
 * inside, and its Content-Security-Policy allows these two, by their hashes, and nothing else.
 * Without the script it is a plain table. A browser shows MAX_ROWS rows without trouble; a report
 * says what it left out.
 */
enum {
    MAX_ROWS = 20000,
    MAX_ENTRIES = 200,
    MAX_MEMBERS = 10,
    MAX_POINTS = 400,
    MAX_TABLE_ROWS = 100,
    MAX_MATRIX = 100
};
/* Units of a trend line: whole numbers, so that no locale and no rounding changes a byte. */
enum { TREND_WIDTH = 1000, TREND_HEIGHT = 100 };

/* The bytes of page.css and page.js, and a NUL (embed.cmake). */
extern const char rcn_page_css[];
extern const char rcn_page_js[];

/* --- pieces --- */

/* A link where its address is known; nothing when nowhere. */
static void put_place(struct rcn_view *view, struct rcn_span span)
{
    if (!span.text)
        return;
    bool is_link = rcn_view_add_place_url(&view->text, view->report, span);
    if (is_link)
        rcn_view_put(view, "<a href=\"%s\">", rcn_view_get_text(view));
    rcn_view_add_place(&view->text, view->report, span);
    rcn_view_put(view, "<code class=\"place\">%s</code>", rcn_view_get_text(view));
    if (is_link)
        rcn_view_put(view, "</a>");
}

/* The UTC text, which the script makes local; the class says how. */
static void put_time(struct rcn_view *view, int64_t at_ms, const char *class_name)
{
    char time[RCN_TIME_SIZE];
    rcn_time_format(at_ms, time); /* 2026-11-22T20:00:00Z */
    rcn_view_put(view, "<time class=\"%s\" datetime=\"%s\">%.10s", class_name, time, time);
    if (strcmp(class_name, "day") != 0)
        rcn_view_put(view, " %.5s UTC", time + 11);
    rcn_view_put(view, "</time>");
}

static void put_new(struct rcn_view *view, const struct rcn_plan_row *row)
{
    if (row->is_new)
        rcn_view_put(view, " <span class=\"new\">new</span>");
}

static const char *get_color(enum rcn_kind kind)
{
    static const char *const names[] = {[RCN_GREY] = "grey",
                                        [RCN_GREEN] = "green",
                                        [RCN_RED] = "red",
                                        [RCN_AMBER] = "amber",
                                        [RCN_BLUE] = "blue"};
    return names[rcn_kinds[kind].color];
}

/* --- head --- */

static void put_policy(struct rcn_view *view, const char *directive, const char *content)
{
    char hash[RCN_SHA256_BASE64_SIZE];
    rcn_sha256_base64(content, strlen(content), hash);
    rcn_buf_printf(view->out, "; %s 'sha256-%s'", directive, hash);
}

/* `Acme`, `Acme and 2 more`: whose page this is. */
static bool add_companies(struct rcn_buf *out, const struct rcn_report *report)
{
    const struct rcn_live_facts *live = rcn_report_get_live(report);
    if (!live || !live->company_count)
        return false;
    const struct rcn_company_facts *first = &live->companies[0];
    const char *name = first->name ? first->name : first->company_id;
    rcn_buf_add_str(out, name ? name : "the key's own company");
    if (live->company_count > 1)
        rcn_buf_printf(out, " and %zu more", live->company_count - 1);
    return true;
}

static void add_headline(struct rcn_view *view)
{
    if (view->report->error || view->report->diags->errors)
        rcn_buf_printf(&view->text, "%s ", view->report->command);
    rcn_view_add_headline(&view->text, view);
}

static const char *get_outcome_color(const struct rcn_report *report)
{
    if (report->exit_code == 0)
        return "green";
    return strcmp(report->outcome, "differences") == 0 ? "amber" : "red";
}

static void put_head(struct rcn_view *view)
{
    const struct rcn_report *report = view->report;
    const struct rcn_source_facts *source = rcn_report_get_source(report);
    char time[RCN_TIME_SIZE];
    rcn_view_put(view, "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
                       "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; "
                       "base-uri 'none'; form-action 'none'");
    put_policy(view, "style-src", rcn_page_css);
    put_policy(view, "script-src", rcn_page_js);
    rcn_time_format(report->created_at_ms, time);
    add_headline(view);
    rcn_buf_add_str(&view->text, " \xc2\xb7 ");
    if (add_companies(&view->text, report))
        rcn_buf_add_str(&view->text, " \xc2\xb7 ");
    rcn_buf_printf(&view->text, "%.10s \xc2\xb7 audiencectl %s", time, report->command);
    rcn_view_put(view,
                 "\">\n<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
                 "<meta name=\"referrer\" content=\"no-referrer\">\n<title>%s</title>\n<style>",
                 rcn_view_get_text(view));
    rcn_buf_add_str(view->out, rcn_page_css);
    rcn_view_put(view, "</style>\n<script>");
    rcn_buf_add_str(view->out, rcn_page_js);
    add_headline(view);
    rcn_view_put(view,
                 "</script>\n</head>\n<body>\n<a class=\"skip\" href=\"#main\">Skip to the "
                 "report</a>\n<header>\n<h1 class=\"%s\">%s</h1>\n<p class=\"dim\">",
                 get_outcome_color(report), rcn_view_get_text(view));
    if (add_companies(&view->text, report))
        rcn_view_put(view, "<bdi>%s</bdi> \xc2\xb7 ", rcn_view_get_text(view));
    put_time(view, report->created_at_ms, "at");
    rcn_view_put(view, " \xc2\xb7 %s: %s, exit code %d", report->command, report->outcome,
                 report->exit_code);
    if (source && source->commit && report->commit_url)
        rcn_view_put(view, " \xc2\xb7 <a href=\"%s\"><code>%.7s</code></a>", report->commit_url,
                     source->commit);
    else if (source && source->commit)
        rcn_view_put(view, " \xc2\xb7 <code>%.7s</code>", source->commit);
    if (report->run_url)
        rcn_view_put(view, " \xc2\xb7 <a href=\"%s\">run</a>", report->run_url);
    rcn_view_put(view, "</p>\n</header>\n<main id=\"main\">\n");
}

/* Failure, and what apply did or will do. The headline and the tiles say the rest. */
static void put_summary(struct rcn_view *view)
{
    static const char said[] = "Summary Planned Apply History";
    bool is_open = false;
    rcn_view_list_summary(view, true);
    for (size_t i = 0; i < view->lines.count; i++) {
        const struct rcn_line *line = &view->lines.items[i];
        if (*line->label && strstr(said, line->label))
            continue;
        if (!is_open)
            rcn_view_put(view, "<div class=\"%s next\">\n", get_outcome_color(view->report));
        is_open = true;
        if (*line->label)
            rcn_view_put(view, "<p><strong>%s:</strong> %s</p>\n", line->label, line->text);
        else
            rcn_view_put(view, "<p><strong>%s</strong></p>\n", line->text);
    }
    if (is_open)
        rcn_view_put(view, "</div>\n");
}

/* --- tiles --- */

struct tile {
    const char *label;
    const char *filter; /* of the table */
    const char *color;
    int status; /* enum rcn_status of its trend, UNHEALTHY or NONE */
    size_t count;
};
enum { UNHEALTHY = RCN_STATUS_COUNT, NONE = -1 };

static size_t get_value(const struct rcn_history_point *point, int status)
{
    return status == UNHEALTHY ? point->counts.unhealthy : point->counts.by_status[status];
}

static unsigned scale(double part, double whole, double size)
{
    return whole > 0 ? (unsigned)(part / whole * size + 0.5) : 0;
}

/* The line of the earlier runs, and the difference to the run before. */
static void put_trend(struct rcn_view *view, const struct tile *tile,
                      const struct rcn_history *history)
{
    size_t skipped = history->count > MAX_POINTS ? history->count - MAX_POINTS : 0;
    const struct rcn_history_point *points = history->points + skipped;
    size_t count = history->count - skipped;
    size_t before = get_value(&points[count - 2], tile->status);
    double first_ms = (double)points[0].at_ms;
    double span_ms = (double)points[count - 1].at_ms - first_ms;
    size_t most = 1;
    for (size_t i = 0; i < count; i++)
        if (get_value(&points[i], tile->status) > most)
            most = get_value(&points[i], tile->status);
    rcn_view_put(view,
                 "<svg viewBox=\"0 -6 %d %d\" preserveAspectRatio=\"none\" aria-hidden=\"true\">"
                 "<polyline points=\"",
                 TREND_WIDTH, TREND_HEIGHT + 12);
    for (size_t i = 0; i < count; i++)
        rcn_view_put(view, "%s%u,%u", i ? " " : "",
                     scale((double)points[i].at_ms - first_ms, span_ms, TREND_WIDTH),
                     TREND_HEIGHT - scale((double)get_value(&points[i], tile->status), (double)most,
                                          TREND_HEIGHT));
    rcn_view_put(view, "\"/></svg>");
    if (tile->count != before)
        rcn_view_put(view, "<span class=\"delta\">%zu %s than in the run before</span>",
                     tile->count > before ? tile->count - before : before - tile->count,
                     tile->count > before ? "more" : "fewer");
}

/* None for what is 0. */
static void put_tile(struct rcn_view *view, const struct tile *tile)
{
    const struct rcn_history *history = view->report->history;
    bool has_trend = history && history->count > 1 && tile->status != NONE;
    if (!tile->count)
        return;
    rcn_view_put(view, "<li class=\"%s\"", tile->color);
    if (has_trend) {
        char first[RCN_TIME_SIZE];
        char last[RCN_TIME_SIZE];
        rcn_time_format(history->points[0].at_ms, first);
        rcn_time_format(history->points[history->count - 1].at_ms, last);
        rcn_view_put(view, " title=\"%zu runs from %.10s to %.10s\"", history->count, first, last);
    }
    rcn_view_add(&view->text, "%zu", tile->count);
    rcn_view_put(view, "><a href=\"#status=%s\"><strong>%s</strong> %s", tile->filter,
                 rcn_view_get_text(view), tile->label);
    if (has_trend)
        put_trend(view, tile, history);
    rcn_view_put(view, "</a></li>\n");
}

static void put_tiles(struct rcn_view *view)
{
    const struct rcn_report *report = view->report;
    const struct rcn_plan_counts counts = rcn_report_get_counts(report);
    const size_t *of = counts.by_status;
    const size_t *became =
        report->results ? report->results->by_outcome : (const size_t[RCN_OUTCOME_COUNT]){0};
    const struct tile tiles[] = {
        {"created", "created", "green", NONE, became[RCN_OUTCOME_CREATED]},
        {"failed", "failed", "red", NONE, became[RCN_OUTCOME_FAILED]},
        {"unknown", "unknown", "red", NONE, became[RCN_OUTCOME_UNKNOWN]},
        {"not attempted", "not-attempted", "amber", NONE, became[RCN_OUTCOME_NOT_ATTEMPTED]},
        {"already exist", "exists", "green", NONE, became[RCN_OUTCOME_EXISTS]},
        {"new differences", "new", "amber", NONE, report->history ? report->history->new_count : 0},
        {report->results ? "were missing" : "missing", "missing", "blue", RCN_STATUS_MISSING,
         of[RCN_STATUS_MISSING]},
        {"withheld", "withheld", "amber", RCN_STATUS_WITHHELD, of[RCN_STATUS_WITHHELD]},
        {"drifted", "drifted", "amber", RCN_STATUS_DRIFTED, of[RCN_STATUS_DRIFTED]},
        {"duplicate", "duplicate", "red", RCN_STATUS_DUPLICATE, of[RCN_STATUS_DUPLICATE]},
        {"unhealthy", "unhealthy", "red", UNHEALTHY, counts.unhealthy},
        {"in sync", "in-sync", "green", RCN_STATUS_IN_SYNC, of[RCN_STATUS_IN_SYNC]},
        {"unmanaged", "unmanaged", "grey", RCN_STATUS_UNMANAGED, of[RCN_STATUS_UNMANAGED]},
        {"ignored", "ignored", "grey", NONE, counts.ignored},
    };
    if (!report->plan)
        return;
    rcn_view_put(view, "<section aria-labelledby=\"counts-title\"><h2 id=\"counts-title\" "
                       "class=\"quiet\">At a glance</h2>\n<ul class=\"tiles\">\n");
    for (size_t i = 0; i < sizeof tiles / sizeof *tiles; i++)
        put_tile(view, &tiles[i]);
    rcn_view_put(view, "</ul>\n</section>\n");
}

/* --- what needs a person, and what is created --- */

/* Of what is created: `, segment seg_1 (VIPs, 1,240 active subscribers), as sync_9` */
static void add_what(struct rcn_view *view, const struct rcn_plan_row *row)
{
    const struct rcn_result *result = rcn_report_get_result(view->report, row);
    if (row->status == RCN_STATUS_MISSING) {
        rcn_buf_add_str(&view->text, ", segment ");
        rcn_view_add_segment(&view->text, row);
    }
    rcn_view_add_result_id(&view->text, ", as ", result);
}

static void put_members(struct rcn_view *view, const struct rcn_group *group)
{
    bool is_folded = group->count > MAX_MEMBERS;
    if (is_folded)
        rcn_view_put(view, "<details><summary>Show the %zu</summary>", group->count);
    rcn_view_put(view, "<ul>");
    for (size_t i = 0; i < group->count; i++) {
        const struct rcn_plan_row *row = group->rows[i];
        rcn_view_add_member(&view->text, view->report, row);
        add_what(view, row);
        rcn_view_put(view, "<li><bdi>%s</bdi>", rcn_view_get_text(view));
        put_new(view, row);
        rcn_view_put(view, " ");
        put_place(view, rcn_row_get_span(row));
        rcn_view_put(view, "</li>\n");
    }
    rcn_view_put(view, is_folded ? "</ul></details>" : "</ul>");
}

/* Of the fields, what differs, what is wrong and what to do: the table has the others. */
static void put_entry(struct rcn_view *view, const struct rcn_group *group)
{
    const struct rcn_plan_row *row = group->rows[0];
    bool is_one = group->count == 1;
    bool is_open = false;
    rcn_view_add_title(&view->text, group);
    rcn_view_put(view, "<li class=\"%s\"><h3><span class=\"badge\">%s</span> <bdi>%s</bdi>",
                 get_color(group->kind), rcn_kinds[group->kind].title, rcn_view_get_text(view));
    if (is_one)
        put_new(view, row);
    rcn_view_put(view, "</h3>");
    if (is_one) {
        rcn_view_add_account(&view->text, row);
        add_what(view, row);
        rcn_view_put(view, "<p class=\"dim\"><bdi>%s</bdi> ", rcn_view_get_text(view));
        put_place(view, rcn_row_get_span(row));
        if (row->since_ms && !row->is_new) {
            rcn_view_put(view, " since ");
            put_time(view, row->since_ms, "day");
        }
        rcn_view_put(view, "</p>");
    }
    bool has_lines = group->kind != RCN_KIND_MISSING && group->kind != RCN_KIND_CREATED;
    rcn_view_list_group(view, group);
    for (size_t i = 0; has_lines && i < view->lines.count; i++) {
        const struct rcn_line *line = &view->lines.items[i];
        if (line->emphasis == RCN_PLAIN)
            continue;
        if (!is_open)
            rcn_view_put(view, "<dl class=\"facts\">");
        is_open = true;
        rcn_view_put(view,
                     line->emphasis == RCN_CHANGED ? "<dt>%s</dt><dd><mark>%s</mark></dd>"
                                                   : "<dt>%s</dt><dd>%s</dd>",
                     line->label, line->text);
    }
    if (is_open)
        rcn_view_put(view, "</dl>");
    if (!is_one)
        put_members(view, group);
    rcn_view_put(view, "</li>\n");
}

/*
 * The groups of a kind. What is missing, and what was created, is one entry: the rows have no cause
 * of their own. (Groups of a kind are neighbours, and so are their rows.)
 */
static void put_kind(struct rcn_view *view, enum rcn_kind kind, size_t *ret_left)
{
    bool is_one = kind == RCN_KIND_MISSING || kind == RCN_KIND_CREATED;
    size_t count;
    const struct rcn_group *groups = rcn_view_get_groups(view, kind, &count);
    for (size_t i = 0; i < (is_one ? 1 : count) && *ret_left; i++) {
        struct rcn_group group = groups[i];
        group.count = is_one ? view->kinds[kind] : group.count;
        put_entry(view, &group);
        *ret_left -= is_one ? 0 : 1;
    }
}

static void begin_section(struct rcn_view *view, const char *id, const char *title)
{
    rcn_view_put(view,
                 "<section aria-labelledby=\"%s\"><h2 id=\"%s\">%s</h2>\n<ul class=\"entries\">\n",
                 id, id, title);
}

/* What is wrong comes before what waits for a decision. */
static void put_needs(struct rcn_view *view)
{
    static const enum rcn_color order[] = {RCN_RED, RCN_AMBER, RCN_BLUE};
    size_t left = MAX_ENTRIES;
    bool is_open = false;
    for (size_t color = 0; color < sizeof order / sizeof *order; color++)
        for (size_t i = 0; i < RCN_KIND_COUNT; i++) {
            enum rcn_kind kind = (enum rcn_kind)i;
            if (!view->kinds[i] || !rcn_view_needs_person(view->report, kind) ||
                rcn_kinds[kind].color != order[color])
                continue;
            if (!is_open)
                begin_section(view, "needs-title", "Needs you");
            is_open = true;
            put_kind(view, kind, &left);
        }
    if (!left)
        rcn_view_put(view, "<li>More are in <a href=\"#status=differences\">the table of all</a>"
                           "</li>\n");
    if (is_open)
        rcn_view_put(view, "</ul>\n</section>\n");
}

static void put_creates(struct rcn_view *view, enum rcn_kind kind, const char *id,
                        const char *title)
{
    size_t left = MAX_ENTRIES;
    if (!view->kinds[kind])
        return;
    begin_section(view, id, title);
    put_kind(view, kind, &left);
    rcn_view_put(view, "</ul>\n</section>\n");
}

/* The rest of the page is about all rows: what was pending before is in the table. */
static void put_base(struct rcn_view *view)
{
    if (!rcn_view_has_base(view->report))
        return;
    rcn_view_group(view, RCN_PART_ALL);
    rcn_view_add_pending(&view->text, view->report);
    rcn_view_put(view, "<p>%s: see <a href=\"#status=differences\">the table of all</a>.</p>\n",
                 rcn_view_get_text(view));
}

/* --- diagnostics --- */

static void put_diag(struct rcn_view *view, const struct rcn_diag *diag)
{
    rcn_view_put(view, "<tr class=\"%s\"><td><span class=\"badge\">%s</span></td><td>",
                 diag->severity == RCN_SEVERITY_ERROR ? "red" : "amber",
                 rcn_severity_name(diag->severity));
    rcn_view_list_diag(view, diag);
    for (size_t i = 0; i < view->lines.count; i++) {
        const struct rcn_line *line = &view->lines.items[i];
        if (i)
            rcn_view_put(view, "<br><span class=\"dim\">%s: %s</span>", line->label, line->text);
        else
            rcn_view_put(view, "%s <code class=\"dim\">%s</code>", line->text, diag->rule);
    }
    rcn_view_put(view, "</td><td>");
    put_place(view, diag->span);
    rcn_view_put(view, "</td></tr>\n");
}

static void put_diags(struct rcn_view *view)
{
    const struct rcn_diags *diags = view->report->diags;
    size_t all = diags->errors + diags->warnings;
    if (!all)
        return;
    rcn_view_add(&view->text, "%zu {error|errors}, %zu {warning|warnings}", diags->errors,
                 diags->warnings);
    if (all > diags->count)
        rcn_buf_printf(&view->text, "; the first %zu are shown", diags->count);
    rcn_view_put(view,
                 "<section aria-labelledby=\"diags-title\"><h2 id=\"diags-title\">Errors and "
                 "warnings</h2>\n<table class=\"cards\"><caption>%s</caption>\n<thead><tr>"
                 "<th scope=\"col\">Severity</th><th scope=\"col\">Problem</th>"
                 "<th scope=\"col\">Manifest</th></tr></thead>\n<tbody>\n",
                 rcn_view_get_text(view));
    for (size_t i = 0; i < diags->count; i++)
        put_diag(view, diags->items[i]);
    rcn_view_put(view, "</tbody></table>\n</section>\n");
}

/* --- the matrix: accounts and statuses, when there is more than one account --- */

struct account {
    const struct rcn_plan_row *row; /* the first of it */
    size_t of[RCN_KIND_COUNT];
};

static int compare_accounts(const void *left, const void *right)
{
    const struct account *a = left;
    const struct account *b = right;
    return strcmp(rcn_row_get_sync(a->row)->ad_account_id, rcn_row_get_sync(b->row)->ad_account_id);
}

/* One entry for each row at first, then one for each account. */
static size_t count_accounts(const struct rcn_report *report, struct account *accounts, size_t rows)
{
    size_t count = 0;
    for (size_t i = 0; i < rows; i++) {
        const struct rcn_plan_row *row = rcn_view_get_row(report, i);
        enum rcn_kind kind = rcn_view_get_kind(report, row);
        accounts[i].row = row;
        accounts[i].of[kind == RCN_KIND_NOTED ? RCN_KIND_IN_SYNC : kind] = 1;
    }
    qsort(accounts, rows, sizeof *accounts, compare_accounts);
    for (size_t i = 0; i < rows; i++) {
        if (count == 0 || compare_accounts(&accounts[count - 1], &accounts[i]) != 0) {
            accounts[count++] = accounts[i];
            continue;
        }
        for (size_t kind = 0; kind < RCN_KIND_COUNT; kind++)
            accounts[count - 1].of[kind] += accounts[i].of[kind];
    }
    return count;
}

static void put_account_row(struct rcn_view *view, const struct account *account)
{
    const char *id = rcn_row_get_sync(account->row)->ad_account_id;
    const char *name = account->row->ad_account_name;
    struct rcn_buf hash;
    rcn_buf_init(&hash, RCN_REPORT_MAX_BYTES);
    rcn_buf_printf(&hash, name ? "%s (%s)" : "%s%s", name ? name : "", id);
    rcn_view_add_account(&view->text, account->row);
    rcn_view_put(view, "<tr><th scope=\"row\"><bdi>%s</bdi></th>", rcn_view_get_text(view));
    for (size_t kind = 0; kind < RCN_KIND_COUNT; kind++) {
        if (!view->kinds[kind] || kind == RCN_KIND_NOTED)
            continue;
        if (!account->of[kind]) {
            rcn_view_put(view, "<td class=\"number\"></td>");
            continue;
        }
        rcn_view_put(view, "<td class=\"number %s\"><a href=\"#status=%s&amp;account=",
                     get_color((enum rcn_kind)kind), rcn_kinds[kind].name);
        rcn_view_add_url_path(view->out, rcn_buf_get_str(&hash));
        rcn_view_add(&view->text, "%zu", account->of[kind]);
        rcn_view_put(view, "\">%s</a></td>", rcn_view_get_text(view));
    }
    rcn_view_put(view, "</tr>\n");
    rcn_buf_release(&hash);
}

static void put_matrix(struct rcn_view *view)
{
    size_t rows = rcn_view_get_row_count(view->report);
    struct account *accounts = rcn_calloc(rows + 1, sizeof *accounts);
    size_t count = count_accounts(view->report, accounts, rows);
    if (count > 1) {
        rcn_view_put(view, "<section aria-labelledby=\"accounts-title\"><h2 id=\"accounts-title\">"
                           "By ad account</h2>\n<div class=\"scroll\" tabindex=\"0\" "
                           "role=\"region\" aria-label=\"Ad accounts and statuses\">"
                           "<table class=\"matrix\"><caption>Audience syncs of each ad account by "
                           "status</caption><thead><tr><th scope=\"col\">Ad account</th>");
        for (size_t kind = 0; kind < RCN_KIND_COUNT; kind++)
            if (view->kinds[kind] && kind != RCN_KIND_NOTED)
                rcn_view_put(view, "<th scope=\"col\" class=\"number\">%s</th>",
                             rcn_kinds[kind].title);
        rcn_view_put(view, "</tr></thead><tbody>\n");
        for (size_t i = 0; i < count && i < MAX_MATRIX; i++)
            put_account_row(view, &accounts[i]);
        rcn_view_put(view, "</tbody></table></div>\n");
        if (count > MAX_MATRIX)
            rcn_view_put(view, "<p class=\"dim\">and %zu more ad accounts</p>\n",
                         count - MAX_MATRIX);
        rcn_view_put(view, "</section>\n");
    }
    free(accounts);
}

/* --- the table of all syncs and its filters --- */

/*
 * What the script filters by. Every word that the row is counted under, its kind first: a drifted
 * sync may be unhealthy too, and a filter finds as many rows as the tile with its name says. Labels
 * are one to a line.
 */
static void put_attributes(struct rcn_view *view, const struct rcn_plan_row *row,
                           enum rcn_kind kind)
{
    const struct rcn_audience_sync *sync = rcn_row_get_sync(row);
    const struct rcn_result *result = rcn_report_get_result(view->report, row);
    const char *company = rcn_view_get_company_name(view->report, sync);
    const char *words[] = {rcn_kinds[kind].name,
                           row->is_ignored ? NULL : rcn_status_names[row->status],
                           row->desired && row->health && !row->is_ignored ? "unhealthy" : NULL,
                           result ? rcn_outcome_names[result->outcome] : NULL,
                           row->is_new ? "new" : NULL,
                           row->origin > RCN_ORIGIN_BASE ? "this-change" : NULL};
    rcn_view_put(view, "<tr role=\"row\" class=\"%s\" data-status=\"%s", get_color(kind), words[0]);
    for (size_t i = 1; i < sizeof words / sizeof *words; i++)
        if (words[i] && strcmp(words[i], words[0]) != 0)
            rcn_view_put(view, " %s", words[i]);
    rcn_view_put(view, company ? "\" data-company=\"%s (%s)\"" : "\" data-company=\"%s%s\"",
                 company, sync->company_id);
    rcn_view_put(view,
                 row->ad_account_name ? " data-account=\"%s (%s)\"" : " data-account=\"%s%s\"",
                 row->ad_account_name, sync->ad_account_id);
    for (size_t i = 0; row->desired && i < row->desired->label_count; i++)
        rcn_view_put(view, i ? "&#10;%s=%s" : " data-label=\"%s=%s", row->desired->labels[i].key,
                     row->desired->labels[i].value);
    rcn_view_put(view, row->desired && row->desired->label_count ? "\">" : ">");
}

static void put_status_cell(struct rcn_view *view, const struct rcn_plan_row *row,
                            enum rcn_kind kind)
{
    rcn_view_put(view, "<td role=\"cell\"><span class=\"badge\">%s</span>", rcn_kinds[kind].title);
    put_new(view, row);
    if (row->since_ms && !row->is_new) {
        rcn_view_put(view, "<br><span class=\"dim\">since ");
        put_time(view, row->since_ms, "day");
        rcn_view_put(view, "</span>");
    }
    rcn_view_put(view, "</td>");
}

static void put_audience_cell(struct rcn_view *view, const struct rcn_plan_row *row,
                              enum rcn_kind kind)
{
    const struct rcn_audience_sync *sync = rcn_row_get_sync(row);
    const struct rcn_group group = {kind, &row, 1};
    bool has_notes = false;
    rcn_view_add_name(&view->text, sync->audience_name);
    rcn_view_put(view, "<td role=\"cell\"><strong><bdi>%s</bdi></strong>", rcn_view_get_text(view));
    rcn_view_add_account(&view->text, row);
    if (rcn_view_has_companies(view->report) && sync->company_id) {
        const char *company = rcn_view_get_company_name(view->report, sync);
        rcn_buf_printf(&view->text, " of %s", company ? company : sync->company_id);
    }
    rcn_view_put(view, "<br><span class=\"dim\"><bdi>%s</bdi></span>", rcn_view_get_text(view));
    bool has_lines = kind != RCN_KIND_IN_SYNC && row->desired;
    if (has_lines)
        rcn_view_list_group(view, &group);
    for (size_t i = 0; has_lines && i < view->lines.count; i++) {
        const struct rcn_line *line = &view->lines.items[i];
        if (line->emphasis != RCN_ADVICE && line->emphasis != RCN_WRONG &&
            strcmp(line->label, "live") != 0 && strcmp(line->label, "ignored") != 0)
            continue;
        rcn_view_put(view, has_notes ? "<li>%s</li>" : "<ul><li>%s</li>", line->text);
        has_notes = true;
    }
    rcn_view_put(view, has_notes ? "</ul></td>" : "</td>");
}

static void put_segment_cell(struct rcn_view *view, const struct rcn_plan_row *row)
{
    const struct rcn_live_sync *live = row->live_count ? row->live[0] : NULL;
    const char *name = row->segment ? row->segment->name : live ? live->segment_name : NULL;
    const struct rcn_audience_sync *sync = rcn_row_get_sync(row);
    rcn_view_put(view,
                 name ? "<td role=\"cell\" data-label=\"Segment\"><bdi>%s</bdi><br>"
                        "<code class=\"dim\">%s</code>"
                      : "<td role=\"cell\" data-label=\"Segment\"><bdi>%s</bdi><code>%s</code>",
                 name, sync->segment_id ? sync->segment_id : sync->predefined_segment_id);
    if (row->segment && row->segment->active_subscriber_count >= 0)
        rcn_view_add(view->out,
                     "<br><span class=\"dim\">%zu active {subscriber|subscribers}</span>",
                     (size_t)row->segment->active_subscriber_count);
    rcn_view_put(view, "</td>");
}

static void put_settings(struct rcn_view *view, const struct rcn_plan_row *row,
                         const struct rcn_audience_sync *sync)
{
    static const char *const activity[] = {NULL, "paused", "active"};
    bool has_segment = rcn_view_find_change(row, "segmentId");
    const struct {
        const char *text;
        bool is_marked;
    } values[] = {{sync->frequency, rcn_view_find_change(row, "frequency")},
                  {activity[sync->is_active], rcn_view_find_change(row, "isActive")},
                  {!has_segment       ? NULL
                   : sync->segment_id ? sync->segment_id
                                      : "no segment",
                   true}};
    for (size_t i = 0; i < sizeof values / sizeof *values; i++)
        if (values[i].text)
            rcn_view_put(view,
                         values[i].is_marked ? "<span><mark>%s</mark></span> " : "<span>%s</span> ",
                         values[i].text);
}

static void put_live_cells(struct rcn_view *view, const struct rcn_plan_row *row)
{
    const struct rcn_result *result = rcn_report_get_result(view->report, row);
    rcn_view_put(view, "<td role=\"cell\" class=\"settings\" data-label=\"Live\">");
    if (row->live_count == 1) {
        put_settings(view, row, &row->live[0]->sync);
        rcn_view_put(view, "<code class=\"dim\">%s</code>", row->live[0]->sync.id);
    } else if (row->live_count) {
        rcn_view_put(view, "<mark>%zu times</mark>", row->live_count);
    } else if (result && result->id) {
        rcn_view_put(view, "<code>%s</code>", result->id);
    }
    rcn_view_put(view, "</td><td role=\"cell\" class=\"settings\" data-label=\"Manifest\">");
    if (row->desired)
        put_settings(view, row, &row->desired->sync);
    put_place(view, rcn_row_get_span(row));
    rcn_view_put(view, "</td>");
}

static void put_upload_cell(struct rcn_view *view, const struct rcn_plan_row *row)
{
    const struct rcn_live_sync *live = row->live_count == 1 ? row->live[0] : NULL;
    int64_t at_ms;
    rcn_view_put(view, "<td role=\"cell\" data-label=\"Last upload\">");
    if (live && live->last_sync_at && rcn_time_parse(live->last_sync_at, &at_ms))
        put_time(view, at_ms, "ago");
    else if (live)
        rcn_view_put(view, "never");
    if (live && live->last_synced_count >= 0)
        rcn_view_add(view->out, "<br><span class=\"dim\">%zu {person|people}</span>",
                     (size_t)live->last_synced_count);
    rcn_view_put(view, "</td></tr>\n");
}

static void put_table(struct rcn_view *view)
{
    size_t count = rcn_view_get_row_count(view->report);
    size_t shown = 0;
    if (!count)
        return;
    rcn_view_put(view,
                 "<section id=\"syncs\" aria-labelledby=\"syncs-title\"><h2 id=\"syncs-title\">"
                 "All audience syncs</h2>\n<form class=\"filters\" id=\"filters\" hidden");
    /* The filter that is on until a person chooses another. */
    if (rcn_view_has_base(view->report))
        rcn_view_put(view, " data-on=\"this-change\"");
    rcn_view_put(
        view,
        ">\n<label class=\"wide\">Search <input type=\"search\" name=\"search\" "
        "autocomplete=\"off\" placeholder=\"name, id, segment, file, note\"></label>\n"
        "<label>Status <select name=\"status\"><option value=\"\">all</option>"
        "<option value=\"differences\">all but in sync</option></select></label>\n"
        "<label>Company <select name=\"company\"><option value=\"\">all</option></select></label>\n"
        "<label>Ad account <select name=\"account\"><option value=\"\">all</option></select>"
        "</label>\n<label>Label <select name=\"label\"><option value=\"\">all</option></select>"
        "</label>\n<button type=\"reset\">Show all</button>\n"
        "<button type=\"button\" id=\"csv\">Copy as CSV</button>\n</form>\n"
        "<p id=\"shown\" class=\"dim\" role=\"status\" aria-live=\"polite\"></p>\n"
        "<table class=\"cards%s\" id=\"sync-table\" role=\"table\"><caption>Every "
        "audience sync; what needs a person comes first</caption>\n"
        "<thead role=\"rowgroup\"><tr role=\"row\">",
        view->kinds[RCN_KIND_IN_SYNC] < count ? " folded" : "");
    static const char *const columns[] = {"Status", "Audience", "Segment",
                                          "Live",   "Manifest", "Last upload"};
    for (size_t i = 0; i < sizeof columns / sizeof *columns; i++)
        rcn_view_put(view, "<th role=\"columnheader\" scope=\"col\">%s</th>", columns[i]);
    rcn_view_put(view, "</tr></thead>\n<tbody role=\"rowgroup\">\n");
    for (size_t i = 0; i < view->group_count; i++) {
        const struct rcn_group *group = &view->groups[i];
        for (size_t j = 0; j < group->count && shown < MAX_ROWS; j++, shown++) {
            put_attributes(view, group->rows[j], group->kind);
            put_status_cell(view, group->rows[j], group->kind);
            put_audience_cell(view, group->rows[j], group->kind);
            put_segment_cell(view, group->rows[j]);
            put_live_cells(view, group->rows[j]);
            put_upload_cell(view, group->rows[j]);
        }
    }
    rcn_view_put(view, "</tbody></table>\n<p id=\"none\" hidden>No sync fits these filters.</p>\n"
                       "<p id=\"folded\" hidden><button type=\"button\" id=\"unfold\"></button>"
                       "</p>\n");
    if (shown < count)
        rcn_view_add(view->out,
                     "<p>%zu more were left out: the csv and json reports have all of them.</p>\n",
                     count - shown);
    rcn_view_put(view, "<details><summary>What the words mean</summary>\n<dl class=\"facts\">\n");
    for (size_t kind = 0; kind < RCN_KIND_COUNT; kind++) {
        const struct rcn_kind_words *words = &rcn_kinds[kind];
        if (!view->kinds[kind])
            continue;
        rcn_view_add_agreeing(&view->text, 1, words->sentence, NULL);
        rcn_view_put(view, "<dt>%s</dt><dd>it %s</dd>\n", words->title, rcn_view_get_text(view));
    }
    rcn_view_put(view, "</dl></details>\n</section>\n");
}

/* --- the rest --- */

static void put_resolved(struct rcn_view *view)
{
    const struct rcn_history *history = view->report->history;
    if (!history || !history->resolved_count)
        return;
    rcn_view_put(view, "<section aria-labelledby=\"resolved-title\"><h2 id=\"resolved-title\">"
                       "Resolved since the run before</h2>\n<ul>\n");
    for (size_t i = 0; i < history->resolved_count && i < MAX_ENTRIES; i++) {
        const struct rcn_history_row *row = &history->resolved[i];
        rcn_view_add_name(&view->text, row->audience_name);
        rcn_view_put(view, "<li><bdi>%s</bdi> in %s: was %s since ", rcn_view_get_text(view),
                     row->ad_account_id,
                     row->status == RCN_STATUS_IN_SYNC ? "unhealthy"
                                                       : rcn_status_names[row->status]);
        put_time(view, row->since_ms, "day");
        rcn_view_put(view, "</li>\n");
    }
    rcn_view_put(view, "</ul>\n</section>\n");
}

static void put_runs(struct rcn_view *view)
{
    static const struct {
        const char *title;
        int status;
    } columns[] = {{"Missing", RCN_STATUS_MISSING}, {"Withheld", RCN_STATUS_WITHHELD},
                   {"Drifted", RCN_STATUS_DRIFTED}, {"Duplicate", RCN_STATUS_DUPLICATE},
                   {"Unhealthy", UNHEALTHY},        {"Unmanaged", RCN_STATUS_UNMANAGED},
                   {"In sync", RCN_STATUS_IN_SYNC}};
    enum { COLUMNS = sizeof columns / sizeof *columns };
    const struct rcn_history *history = view->report->history;
    if (!history || history->count < 2)
        return;
    size_t first = history->count > MAX_TABLE_ROWS ? history->count - MAX_TABLE_ROWS : 0;
    rcn_view_put(view,
                 "<details id=\"runs\"><summary>The last %zu runs</summary><div class=\"scroll\" "
                 "tabindex=\"0\" role=\"region\" aria-label=\"Runs\"><table>"
                 "<caption>Number of syncs by status, newest run first</caption>"
                 "<thead><tr><th scope=\"col\">Run</th>",
                 history->count - first);
    for (size_t i = 0; i < COLUMNS; i++)
        rcn_view_put(view, "<th scope=\"col\" class=\"number\">%s</th>", columns[i].title);
    rcn_view_put(view, "</tr></thead><tbody>\n");
    for (size_t run = history->count; run > first; run--) {
        rcn_view_put(view, "<tr><th scope=\"row\">");
        put_time(view, history->points[run - 1].at_ms, "at");
        rcn_view_put(view, "</th>");
        for (size_t i = 0; i < COLUMNS; i++)
            rcn_view_put(view, "<td class=\"number\">%zu</td>",
                         get_value(&history->points[run - 1], columns[i].status));
        rcn_view_put(view, "</tr>\n");
    }
    rcn_view_put(view, "</tbody></table></div></details>\n");
}

static void put_facts(struct rcn_view *view)
{
    const struct rcn_request_counts *requests = &view->report->requests;
    rcn_view_put(view, "<details><summary>What was read</summary>\n<dl class=\"facts\">\n");
    rcn_view_list_facts(view);
    for (size_t i = 0; i < view->lines.count; i++)
        rcn_view_put(view, "<dt>%s</dt><dd>%s</dd>\n", view->lines.items[i].label,
                     view->lines.items[i].text);
    rcn_view_add(view->out, "<dt>Requests</dt><dd>%zu GET, %zu POST, %zu of them repeated</dd>\n",
                 (size_t)requests->get, (size_t)requests->post, (size_t)requests->retries);
    rcn_view_put(view, "</dl></details>\n");
}

static void put_items(struct rcn_view *view, const struct rcn_items *items)
{
    size_t columns;
    const struct rcn_column *titles = rcn_items_get_columns(items, &columns);
    rcn_items_add_count(&view->text, items);
    rcn_view_put(view,
                 "<section aria-label=\"Items\">\n<table class=\"cards\"><caption>%s</caption>\n"
                 "<thead><tr>",
                 rcn_view_get_text(view));
    for (size_t i = 0; i < columns; i++)
        rcn_view_put(view,
                     titles[i].type == RCN_CELL_NUMBER
                         ? "<th scope=\"col\" class=\"number\">%s</th>"
                         : "<th scope=\"col\">%s</th>",
                     titles[i].title);
    rcn_view_put(view, "</tr></thead>\n<tbody>\n");
    for (size_t row = 0; row < items->count && row < MAX_ROWS; row++) {
        rcn_view_put(view, "<tr>");
        for (size_t i = 0; i < columns; i++) {
            rcn_view_put(view, titles[i].type == RCN_CELL_NUMBER ? "<td class=\"number\"" : "<td");
            rcn_items_add_cell(&view->text, items, row, i);
            if (view->text.len)
                rcn_view_put(view, " data-label=\"%s\">%s</td>", titles[i].title,
                             rcn_view_get_text(view));
            else
                rcn_view_put(view, "></td>");
        }
        rcn_view_put(view, "</tr>\n");
    }
    rcn_view_put(view, "</tbody></table>\n</section>\n");
}

void rcn_report_html_write(struct rcn_view *view)
{
    view->escape = rcn_plain_escape_xml;
    put_head(view);
    put_summary(view);
    put_tiles(view);
    put_creates(view, RCN_KIND_CREATED, "created-title", "Created");
    if (rcn_view_leads_to_apply(view->report))
        put_creates(view, RCN_KIND_MISSING, "missing-title", "Apply will create");
    put_needs(view);
    put_base(view);
    put_resolved(view);
    put_diags(view);
    put_matrix(view);
    put_table(view);
    if (view->report->items)
        put_items(view, view->report->items);
    put_runs(view);
    put_facts(view);
    rcn_view_put(view, "</main>\n<footer><p>Written by audiencectl " AUDIENCECTL_VERSION
                       ". This page loads nothing from anywhere.</p></footer>\n</body>\n</html>\n");
}
