#include <string.h>

#include "base/sha256.h"
#include "base/time.h"
#include "report/html.h"
#include "report/items.h"
#include "report/markup.h"
#include "report/report_formats.h"

enum { MAX_ENTRIES = 200, MAX_MEMBERS = 10, MAX_POINTS = 400, MAX_TABLE_ROWS = 100 };
/* Units of a trend line: whole numbers, so that no locale and no rounding changes a byte. */
enum { TREND_WIDTH = 1000, TREND_HEIGHT = 100 };

/* --- pieces --- */

void rcn_html_put(struct rcn_html *self, const char *markup)
{
    rcn_buf_add_str(self->out, markup);
}

void rcn_html_put_text(struct rcn_html *self, const char *text)
{
    if (text)
        rcn_markup_add(self->out, text);
}

void rcn_html_put_raw(struct rcn_html *self)
{
    rcn_html_put_text(self, rcn_buf_get_str(&self->raw));
    rcn_buf_clear(&self->raw);
}

void rcn_html_put_name(struct rcn_html *self, const char *name)
{
    rcn_view_add_name(&self->raw, name);
    rcn_html_put_raw(self);
}

void rcn_html_put_place(struct rcn_html *self, struct rcn_span span)
{
    if (!span.text)
        return;
    bool is_link = rcn_view_add_place_url(&self->raw, self->report, span);
    if (is_link) {
        rcn_html_put(self, "<a href=\"");
        rcn_html_put_raw(self);
        rcn_html_put(self, "\">");
    }
    rcn_html_put(self, "<code class=\"place\">");
    rcn_view_add_place(&self->raw, self->report, span);
    rcn_html_put_raw(self);
    rcn_html_put(self, is_link ? "</code></a>" : "</code>");
}

void rcn_html_put_time(struct rcn_html *self, int64_t at_ms, const char *class_name)
{
    char time[RCN_TIME_SIZE];
    rcn_time_format(at_ms, time); /* 2026-11-22T20:00:00Z */
    rcn_buf_printf(self->out, "<time class=\"%s\" datetime=\"%s\">%.10s", class_name, time, time);
    if (strcmp(class_name, "day") != 0)
        rcn_buf_printf(self->out, " %.5s UTC", time + 11);
    rcn_html_put(self, "</time>");
}

const char *rcn_html_get_color(enum rcn_kind kind)
{
    static const char *const names[] = {[RCN_GREY] = "grey",
                                        [RCN_GREEN] = "green",
                                        [RCN_RED] = "red",
                                        [RCN_AMBER] = "amber",
                                        [RCN_BLUE] = "blue"};
    return names[rcn_kind_get_words(kind)->color];
}

/* --- head --- */

static void put_policy(struct rcn_html *self, const char *directive, const char *content)
{
    char hash[RCN_SHA256_BASE64_SIZE];
    rcn_sha256_base64(content, strlen(content), hash);
    rcn_buf_printf(self->out, "; %s 'sha256-%s'", directive, hash);
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

static void add_headline(struct rcn_html *self)
{
    if (self->report->error || self->report->diags->errors)
        rcn_buf_printf(&self->raw, "%s ", self->report->command);
    rcn_view_add_headline(&self->raw, self->view);
}

static void put_head(struct rcn_html *self)
{
    char time[RCN_TIME_SIZE];
    rcn_html_put(self, "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
                       "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; "
                       "base-uri 'none'; form-action 'none'");
    put_policy(self, "style-src", rcn_page_css);
    put_policy(self, "script-src", rcn_page_js);
    rcn_html_put(self,
                 "\">\n<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
                 "<meta name=\"referrer\" content=\"no-referrer\">\n<title>");
    rcn_time_format(self->report->created_at_ms, time);
    add_headline(self);
    rcn_buf_add_str(&self->raw, " \xc2\xb7 ");
    if (add_companies(&self->raw, self->report))
        rcn_buf_add_str(&self->raw, " \xc2\xb7 ");
    rcn_buf_printf(&self->raw, "%.10s \xc2\xb7 audiencectl %s", time, self->report->command);
    rcn_html_put_raw(self);
    rcn_html_put(self, "</title>\n<style>");
    rcn_html_put(self, rcn_page_css);
    rcn_html_put(self, "</style>\n<script>");
    rcn_html_put(self, rcn_page_js);
    rcn_html_put(self, "</script>\n</head>\n<body>\n");
}

static const char *get_outcome_color(const struct rcn_report *report)
{
    if (report->exit_code == 0)
        return "green";
    return strcmp(report->outcome, "differences") == 0 ? "amber" : "red";
}

static void put_title(struct rcn_html *self)
{
    const struct rcn_report *report = self->report;
    const struct rcn_source_facts *source = rcn_report_get_source(report);
    rcn_buf_printf(self->out,
                   "<a class=\"skip\" href=\"#main\">Skip to the report</a>\n<header>\n"
                   "<h1 class=\"%s\">",
                   get_outcome_color(report));
    add_headline(self);
    rcn_html_put_raw(self);
    rcn_html_put(self, "</h1>\n<p class=\"dim\">");
    if (add_companies(&self->raw, report)) {
        rcn_html_put(self, "<bdi>");
        rcn_html_put_raw(self);
        rcn_html_put(self, "</bdi> \xc2\xb7 ");
    }
    rcn_html_put_time(self, report->created_at_ms, "at");
    rcn_buf_printf(self->out, " \xc2\xb7 %s: ", report->command);
    rcn_html_put_text(self, report->outcome);
    rcn_buf_printf(self->out, ", exit code %d", report->exit_code);
    if (source && source->commit) {
        rcn_html_put(self, " \xc2\xb7 ");
        if (report->commit_url) {
            rcn_html_put(self, "<a href=\"");
            rcn_html_put_text(self, report->commit_url);
            rcn_html_put(self, "\">");
        }
        rcn_buf_printf(self->out, "<code>%.7s</code>%s", source->commit,
                       report->commit_url ? "</a>" : "");
    }
    if (report->run_url) {
        rcn_html_put(self, " \xc2\xb7 <a href=\"");
        rcn_html_put_text(self, report->run_url);
        rcn_html_put(self, "\">run</a>");
    }
    rcn_html_put(self, "</p>\n</header>\n<main id=\"main\">\n");
}

/* Failure, and what apply did or will do. The headline and the tiles say the rest. */
static void put_summary(struct rcn_html *self)
{
    static const char *const said[] = {"Summary", "Planned", "Apply", "History"};
    bool is_open = false;
    rcn_lines_clear(&self->lines);
    rcn_view_add_failure(&self->lines, self->report);
    rcn_view_add_summary(&self->lines, self->report);
    for (size_t i = 0; i < self->lines.count; i++) {
        const struct rcn_line *line = &self->lines.items[i];
        bool is_said = false;
        for (size_t j = 0; j < sizeof said / sizeof *said; j++)
            is_said = is_said || strcmp(line->label, said[j]) == 0;
        if (is_said)
            continue;
        if (!is_open)
            rcn_buf_printf(self->out, "<div class=\"%s next\">\n", get_outcome_color(self->report));
        is_open = true;
        rcn_html_put(self, *line->label ? "<p>" : "<p><strong>");
        if (*line->label)
            rcn_buf_printf(self->out, "<strong>%s:</strong> ", line->label);
        rcn_html_put_text(self, line->text);
        rcn_html_put(self, *line->label ? "</p>\n" : "</strong></p>\n");
    }
    rcn_html_put(self, is_open ? "</div>\n" : "");
}

/* --- tiles --- */

struct tile {
    const char *label;
    const char *filter; /* of the table; NULL: none */
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
static void put_trend(struct rcn_html *self, const struct tile *tile)
{
    const struct rcn_history *history = self->report->history;
    if (!history || history->count < 2 || tile->status == NONE)
        return;
    size_t skipped = history->count > MAX_POINTS ? history->count - MAX_POINTS : 0;
    const struct rcn_history_point *points = history->points + skipped;
    size_t count = history->count - skipped;
    size_t most = 1;
    for (size_t i = 0; i < count; i++)
        if (get_value(&points[i], tile->status) > most)
            most = get_value(&points[i], tile->status);
    double first_ms = (double)points[0].at_ms;
    double span_ms = (double)points[count - 1].at_ms - first_ms;
    rcn_buf_printf(self->out,
                   "<svg viewBox=\"0 -6 %d %d\" preserveAspectRatio=\"none\" aria-hidden=\"true\">"
                   "<polyline points=\"",
                   TREND_WIDTH, TREND_HEIGHT + 12);
    for (size_t i = 0; i < count; i++)
        rcn_buf_printf(self->out, "%s%u,%u", i ? " " : "",
                       scale((double)points[i].at_ms - first_ms, span_ms, TREND_WIDTH),
                       TREND_HEIGHT - scale((double)get_value(&points[i], tile->status),
                                            (double)most, TREND_HEIGHT));
    rcn_html_put(self, "\"/></svg>");
    size_t before = get_value(&points[count - 2], tile->status);
    if (tile->count != before)
        rcn_buf_printf(self->out, "<span class=\"delta\">%zu %s than in the run before</span>",
                       tile->count > before ? tile->count - before : before - tile->count,
                       tile->count > before ? "more" : "fewer");
}

/* None for what is 0. */
static void put_tile(struct rcn_html *self, struct tile tile)
{
    const struct rcn_history *history = self->report->history;
    if (!tile.count)
        return;
    rcn_buf_printf(self->out, "<li class=\"%s\"", tile.color);
    if (history && history->count > 1 && tile.status != NONE) {
        char first[RCN_TIME_SIZE];
        char last[RCN_TIME_SIZE];
        rcn_time_format(history->points[0].at_ms, first);
        rcn_time_format(history->points[history->count - 1].at_ms, last);
        rcn_buf_printf(self->out, " title=\"%zu runs from %.10s to %.10s\"", history->count, first,
                       last);
    }
    rcn_html_put(self, ">");
    if (tile.filter)
        rcn_buf_printf(self->out, "<a href=\"#status=%s\"><strong>", tile.filter);
    else
        rcn_html_put(self, "<div><strong>");
    rcn_view_add_number(self->out, tile.count);
    rcn_buf_printf(self->out, "</strong> %s", tile.label);
    put_trend(self, &tile);
    rcn_html_put(self, tile.filter ? "</a></li>\n" : "</div></li>\n");
}

static void put_tiles(struct rcn_html *self)
{
    const struct rcn_plan_counts counts = rcn_report_get_counts(self->report);
    const size_t *of = counts.by_status;
    const size_t *became = self->report->results ? self->report->results->by_outcome
                                                 : (const size_t[RCN_OUTCOME_COUNT]){0};
    const struct rcn_history *history = self->report->history;
    const struct tile tiles[] = {
        {"created", "created", "green", NONE, became[RCN_OUTCOME_CREATED]},
        {"failed", "failed", "red", NONE, became[RCN_OUTCOME_FAILED]},
        {"unknown", "unknown", "red", NONE, became[RCN_OUTCOME_UNKNOWN]},
        {"not attempted", "not-attempted", "amber", NONE, became[RCN_OUTCOME_NOT_ATTEMPTED]},
        {"already exist", "exists", "green", NONE, became[RCN_OUTCOME_EXISTS]},
        {"new differences", "new", "amber", NONE, history ? history->new_count : 0},
        {self->report->results ? "were missing" : "missing", "missing", "blue", RCN_STATUS_MISSING,
         of[RCN_STATUS_MISSING]},
        {"withheld", "withheld", "amber", RCN_STATUS_WITHHELD, of[RCN_STATUS_WITHHELD]},
        {"drifted", "drifted", "amber", RCN_STATUS_DRIFTED, of[RCN_STATUS_DRIFTED]},
        {"duplicate", "duplicate", "red", RCN_STATUS_DUPLICATE, of[RCN_STATUS_DUPLICATE]},
        {"unhealthy", "unhealthy", "red", UNHEALTHY, counts.unhealthy},
        {"in sync", "in-sync", "green", RCN_STATUS_IN_SYNC, of[RCN_STATUS_IN_SYNC]},
        {"unmanaged", "unmanaged", "grey", RCN_STATUS_UNMANAGED, of[RCN_STATUS_UNMANAGED]},
        {"ignored", "ignored", "grey", NONE, counts.ignored},
    };
    if (!self->report->plan)
        return;
    rcn_html_put(self, "<section aria-labelledby=\"counts-title\"><h2 id=\"counts-title\" "
                       "class=\"quiet\">At a glance</h2>\n<ul class=\"tiles\">\n");
    for (size_t i = 0; i < sizeof tiles / sizeof *tiles; i++)
        put_tile(self, tiles[i]);
    rcn_html_put(self, "</ul>\n</section>\n");
}

/* --- what needs a person, and what is created --- */

/* Of what is created: `, segment seg_1 (VIPs, 1,240 active subscribers), as sync_9` */
static void add_what(struct rcn_html *self, const struct rcn_plan_row *row)
{
    const struct rcn_result *result = rcn_report_get_result(self->report, row);
    if (row->status == RCN_STATUS_MISSING) {
        rcn_buf_add_str(&self->raw, ", segment ");
        rcn_view_add_segment(&self->raw, row);
    }
    if (result && result->id)
        rcn_buf_printf(&self->raw, ", as %s", result->id);
    rcn_view_add_uploaded(&self->raw, result);
}

static void put_member(struct rcn_html *self, const struct rcn_plan_row *row)
{
    rcn_html_put(self, "<li><bdi>");
    rcn_view_add_member(&self->raw, self->report, row);
    add_what(self, row);
    rcn_html_put_raw(self);
    rcn_html_put(self, "</bdi>");
    if (row->is_new)
        rcn_html_put(self, " <span class=\"new\">new</span>");
    rcn_html_put(self, " ");
    rcn_html_put_place(self, rcn_row_get_span(row));
    rcn_html_put(self, "</li>\n");
}

static void put_members(struct rcn_html *self, const struct rcn_group *group, size_t count)
{
    bool is_folded = count > MAX_MEMBERS;
    if (is_folded)
        rcn_buf_printf(self->out, "<details><summary>Show the %zu</summary>", count);
    rcn_html_put(self, "<ul>");
    for (size_t i = 0; i < count; i++)
        put_member(self, group->rows[i]);
    rcn_html_put(self, is_folded ? "</ul></details>" : "</ul>");
}

/* Of the fields, what differs, what is wrong and what to do: the table has the others. */
static void put_entry(struct rcn_html *self, const struct rcn_group *group)
{
    const struct rcn_plan_row *row = group->rows[0];
    bool is_one = group->count == 1;
    bool is_open = false;
    rcn_buf_printf(self->out, "<li class=\"%s\"><h3><span class=\"badge\">%s</span> <bdi>",
                   rcn_html_get_color(group->kind), rcn_kind_get_words(group->kind)->title);
    rcn_view_add_title(&self->raw, group);
    rcn_html_put_raw(self);
    rcn_html_put(self, is_one && row->is_new ? "</bdi> <span class=\"new\">new</span></h3>"
                                             : "</bdi></h3>");
    if (is_one) {
        rcn_html_put(self, "<p class=\"dim\"><bdi>");
        rcn_view_add_account(&self->raw, row);
        add_what(self, row);
        rcn_html_put_raw(self);
        rcn_html_put(self, "</bdi> ");
        rcn_html_put_place(self, rcn_row_get_span(row));
        if (row->since_ms && !row->is_new) {
            rcn_html_put(self, " since ");
            rcn_html_put_time(self, row->since_ms, "day");
        }
        rcn_html_put(self, "</p>");
    }
    rcn_lines_clear(&self->lines);
    if (group->kind != RCN_KIND_MISSING && group->kind != RCN_KIND_CREATED)
        rcn_view_add_lines(&self->lines, self->report, group);
    for (size_t i = 0; i < self->lines.count; i++) {
        const struct rcn_line *line = &self->lines.items[i];
        if (line->emphasis == RCN_PLAIN)
            continue;
        rcn_html_put(self, is_open ? "" : "<dl class=\"facts\">");
        is_open = true;
        rcn_buf_printf(self->out, "<dt>%s</dt><dd>%s", line->label,
                       line->emphasis == RCN_CHANGED ? "<mark>" : "");
        rcn_html_put_text(self, line->text);
        rcn_html_put(self, line->emphasis == RCN_CHANGED ? "</mark></dd>" : "</dd>");
    }
    rcn_html_put(self, is_open ? "</dl>" : "");
    if (!is_one)
        put_members(self, group, group->count);
    rcn_html_put(self, "</li>\n");
}

/*
 * The groups of a kind. What is missing, and what was created, is one entry: the rows have no cause
 * of their own. (Groups of a kind are neighbours, and so are their rows.)
 */
static void put_kind(struct rcn_html *self, enum rcn_kind kind, size_t *ret_left)
{
    size_t first = 0;
    while (first < self->view->group_count && self->view->groups[first].kind != kind)
        first++;
    if (first == self->view->group_count)
        return;
    struct rcn_group all = self->view->groups[first];
    if (kind == RCN_KIND_MISSING || kind == RCN_KIND_CREATED) {
        all.count = self->view->kinds[kind];
        put_entry(self, &all);
        return;
    }
    for (size_t i = first; i < self->view->group_count && self->view->groups[i].kind == kind; i++) {
        if (*ret_left) {
            put_entry(self, &self->view->groups[i]);
            --*ret_left;
        }
    }
}

static void begin_section(struct rcn_html *self, const char *id, const char *title)
{
    rcn_buf_printf(
        self->out,
        "<section aria-labelledby=\"%s\"><h2 id=\"%s\">%s</h2>\n<ul class=\"entries\">\n", id, id,
        title);
}

/* What is wrong comes before what waits for a decision. */
static void put_needs(struct rcn_html *self)
{
    static const enum rcn_color order[] = {RCN_RED, RCN_AMBER, RCN_BLUE};
    size_t left = MAX_ENTRIES;
    bool is_open = false;
    for (size_t color = 0; color < sizeof order / sizeof *order; color++)
        for (size_t i = 0; i < RCN_KIND_COUNT; i++) {
            enum rcn_kind kind = (enum rcn_kind)i;
            if (!self->view->kinds[i] || !rcn_view_needs_person(self->report, kind) ||
                rcn_kind_get_words(kind)->color != order[color])
                continue;
            if (!is_open)
                begin_section(self, "needs-title", "Needs you");
            is_open = true;
            put_kind(self, kind, &left);
        }
    if (!left)
        rcn_html_put(self, "<li>More are in <a href=\"#status=differences\">the table of all</a>"
                           "</li>\n");
    rcn_html_put(self, is_open ? "</ul>\n</section>\n" : "");
}

static void put_creates(struct rcn_html *self, enum rcn_kind kind, const char *id,
                        const char *title)
{
    size_t left = MAX_ENTRIES;
    if (!self->view->kinds[kind])
        return;
    begin_section(self, id, title);
    put_kind(self, kind, &left);
    rcn_html_put(self, "</ul>\n</section>\n");
}

/* The rest of the page is about all rows: what was pending before is in the table. */
static void put_base(struct rcn_html *self)
{
    if (!rcn_view_has_base(self->report))
        return;
    rcn_view_free(self->view);
    self->view = rcn_view_new(self->report, RCN_PART_ALL);
    rcn_html_put(self, "<p>");
    rcn_view_add_pending(self->out, self->report);
    rcn_html_put(self, ": see <a href=\"#status=differences\">the table of all</a>.</p>\n");
}

/* --- diagnostics --- */

static void put_diag(struct rcn_html *self, const struct rcn_diag *diag)
{
    rcn_buf_printf(self->out, "<tr class=\"%s\"><td><span class=\"badge\">%s</span></td><td>",
                   diag->severity == RCN_SEVERITY_ERROR ? "red" : "amber",
                   rcn_severity_name(diag->severity));
    rcn_lines_clear(&self->lines);
    rcn_view_add_diag(&self->lines, self->report, diag);
    for (size_t i = 0; i < self->lines.count; i++) {
        const struct rcn_line *line = &self->lines.items[i];
        rcn_html_put(self, i ? "<br><span class=\"dim\">" : "");
        if (*line->label)
            rcn_buf_printf(self->out, "%s: ", line->label);
        rcn_html_put_text(self, line->text);
        if (i)
            rcn_html_put(self, "</span>");
        else
            rcn_buf_printf(self->out, " <code class=\"dim\">%s</code>", diag->rule);
    }
    rcn_html_put(self, "</td><td>");
    rcn_html_put_place(self, diag->span);
    rcn_html_put(self, "</td></tr>\n");
}

static void put_diags(struct rcn_html *self)
{
    const struct rcn_diags *diags = self->report->diags;
    size_t all = diags->errors + diags->warnings;
    if (!all)
        return;
    rcn_html_put(self, "<section aria-labelledby=\"diags-title\"><h2 id=\"diags-title\">Errors and "
                       "warnings</h2>\n<table class=\"cards\"><caption>");
    rcn_view_add_count(self->out, diags->errors, "error", "errors");
    rcn_html_put(self, ", ");
    rcn_view_add_count(self->out, diags->warnings, "warning", "warnings");
    if (all > diags->count)
        rcn_buf_printf(self->out, "; the first %zu are shown", diags->count);
    rcn_html_put(
        self, "</caption>\n<thead><tr><th scope=\"col\">Severity</th><th scope=\"col\">Problem</th>"
              "<th scope=\"col\">Manifest</th></tr></thead>\n<tbody>\n");
    for (size_t i = 0; i < diags->count; i++)
        put_diag(self, diags->items[i]);
    rcn_html_put(self, "</tbody></table>\n</section>\n");
}

/* --- the rest --- */

static void put_resolved(struct rcn_html *self)
{
    const struct rcn_history *history = self->report->history;
    if (!history || !history->resolved_count)
        return;
    rcn_html_put(self, "<section aria-labelledby=\"resolved-title\"><h2 id=\"resolved-title\">"
                       "Resolved since the run before</h2>\n<ul>\n");
    for (size_t i = 0; i < history->resolved_count && i < MAX_ENTRIES; i++) {
        const struct rcn_history_row *row = &history->resolved[i];
        rcn_html_put(self, "<li><bdi>");
        rcn_html_put_name(self, row->audience_name);
        rcn_html_put(self, "</bdi> in ");
        rcn_html_put_text(self, row->ad_account_id);
        rcn_buf_printf(self->out, ": was %s since ",
                       row->status == RCN_STATUS_IN_SYNC ? "unhealthy"
                                                         : rcn_status_name(row->status));
        rcn_html_put_time(self, row->since_ms, "day");
        rcn_html_put(self, "</li>\n");
    }
    rcn_html_put(self, "</ul>\n</section>\n");
}

static void put_runs(struct rcn_html *self)
{
    static const struct {
        const char *title;
        int status;
    } columns[] = {{"Missing", RCN_STATUS_MISSING}, {"Withheld", RCN_STATUS_WITHHELD},
                   {"Drifted", RCN_STATUS_DRIFTED}, {"Duplicate", RCN_STATUS_DUPLICATE},
                   {"Unhealthy", UNHEALTHY},        {"Unmanaged", RCN_STATUS_UNMANAGED},
                   {"In sync", RCN_STATUS_IN_SYNC}};
    enum { COLUMNS = sizeof columns / sizeof *columns };
    const struct rcn_history *history = self->report->history;
    if (!history || history->count < 2)
        return;
    size_t first = history->count > MAX_TABLE_ROWS ? history->count - MAX_TABLE_ROWS : 0;
    rcn_buf_printf(self->out,
                   "<details id=\"runs\"><summary>The last %zu runs</summary><div class=\"scroll\" "
                   "tabindex=\"0\" role=\"region\" aria-label=\"Runs\"><table>"
                   "<caption>Number of syncs by status, newest run first</caption>"
                   "<thead><tr><th scope=\"col\">Run</th>",
                   history->count - first);
    for (size_t i = 0; i < COLUMNS; i++)
        rcn_buf_printf(self->out, "<th scope=\"col\" class=\"number\">%s</th>", columns[i].title);
    rcn_html_put(self, "</tr></thead><tbody>\n");
    for (size_t run = history->count; run > first; run--) {
        rcn_html_put(self, "<tr><th scope=\"row\">");
        rcn_html_put_time(self, history->points[run - 1].at_ms, "at");
        rcn_html_put(self, "</th>");
        for (size_t i = 0; i < COLUMNS; i++)
            rcn_buf_printf(self->out, "<td class=\"number\">%zu</td>",
                           get_value(&history->points[run - 1], columns[i].status));
        rcn_html_put(self, "</tr>\n");
    }
    rcn_html_put(self, "</tbody></table></div></details>\n");
}

static void put_facts(struct rcn_html *self)
{
    const struct rcn_request_counts *requests = &self->report->requests;
    rcn_html_put(self, "<details><summary>What was read</summary>\n<dl class=\"facts\">\n");
    rcn_lines_clear(&self->lines);
    rcn_view_add_facts(&self->lines, self->report);
    rcn_buf_printf(&self->lines.text, "%llu GET, %llu POST, %llu of them repeated",
                   (unsigned long long)requests->get, (unsigned long long)requests->post,
                   (unsigned long long)requests->retries);
    rcn_lines_end(&self->lines, "Requests", RCN_PLAIN);
    for (size_t i = 0; i < self->lines.count; i++) {
        rcn_buf_printf(self->out, "<dt>%s</dt><dd>", self->lines.items[i].label);
        rcn_html_put_text(self, self->lines.items[i].text);
        rcn_html_put(self, "</dd>\n");
    }
    rcn_html_put(self, "</dl></details>\n");
}

static void put_items(struct rcn_html *self)
{
    const struct rcn_items *items = self->report->items;
    size_t columns;
    const struct rcn_column *titles = rcn_items_get_columns(items, &columns);
    rcn_html_put(self, "<section aria-label=\"Items\">\n<table class=\"cards\"><caption>");
    rcn_items_add_count(self->out, items);
    rcn_html_put(self, "</caption>\n<thead><tr>");
    for (size_t i = 0; i < columns; i++)
        rcn_buf_printf(self->out, "<th scope=\"col\"%s>%s</th>",
                       titles[i].is_number ? " class=\"number\"" : "", titles[i].title);
    rcn_html_put(self, "</tr></thead>\n<tbody>\n");
    for (size_t row = 0; row < items->count && row < RCN_HTML_MAX_ROWS; row++) {
        rcn_html_put(self, "<tr>");
        for (size_t i = 0; i < columns; i++) {
            rcn_items_add_cell(&self->raw, items, row, i);
            rcn_html_put(self, titles[i].is_number ? "<td class=\"number\"" : "<td");
            if (self->raw.len)
                rcn_buf_printf(self->out, " data-label=\"%s\"", titles[i].title);
            rcn_html_put(self, ">");
            rcn_html_put_raw(self);
            rcn_html_put(self, "</td>");
        }
        rcn_html_put(self, "</tr>\n");
    }
    rcn_html_put(self, "</tbody></table>\n</section>\n");
}

void rcn_report_html_write(const struct rcn_report *report, const struct rcn_report_style *style,
                           struct rcn_buf *out)
{
    (void)style;
    struct rcn_html self = {
        .out = out, .report = report, .view = rcn_view_new(report, RCN_PART_CHANGE)};
    rcn_buf_init(&self.raw, RCN_REPORT_MAX_BYTES);
    rcn_lines_init(&self.lines);
    put_head(&self);
    put_title(&self);
    put_summary(&self);
    put_tiles(&self);
    put_creates(&self, RCN_KIND_CREATED, "created-title", "Created");
    if (rcn_view_leads_to_apply(report))
        put_creates(&self, RCN_KIND_MISSING, "missing-title", "Apply will create");
    put_needs(&self);
    put_base(&self);
    put_resolved(&self);
    put_diags(&self);
    rcn_html_write_matrix(&self);
    rcn_html_write_table(&self);
    if (report->items)
        put_items(&self);
    put_runs(&self);
    put_facts(&self);
    rcn_html_put(&self,
                 "</main>\n<footer><p>Written by audiencectl " AUDIENCECTL_VERSION
                 ". This page loads nothing from anywhere.</p></footer>\n</body>\n</html>\n");
    rcn_buf_release(&self.raw);
    rcn_lines_release(&self.lines);
    rcn_view_free(self.view);
}
