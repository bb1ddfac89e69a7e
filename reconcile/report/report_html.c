#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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
 *
 * Its frame is page.html. At each mark, `{{name}}`, the program puts what belongs there; the name
 * is for readers. A block, `{{#name}}...{{/}}`, is put only where the program begins it.
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

/* The bytes of page.html, page.css and page.js, and a NUL (embed.cmake). */
extern const char rcn_page_html[];
extern const char rcn_page_css[];
extern const char rcn_page_js[];

/* Puts the markup up to its next mark, and returns what comes after that. */
static const char *put_markup(struct rcn_view *view, const char *markup)
{
    const char *mark = strstr(markup, "{{");
    rcn_buf_add(view->out, markup, (size_t)(mark - markup));
    return strstr(mark, "}}") + 2;
}

/* The same, from the start of that block. */
static const char *begin_block(struct rcn_view *view, const char *name)
{
    char mark[32];
    snprintf(mark, sizeof mark, "{{#%s}}", name);
    return put_markup(view, strstr(rcn_page_html, mark) + strlen(mark));
}

/* --- pieces --- */

/* Templates (view.h). NEW takes a text that is not shown; NULL: the row is not new. */
#define NEW "{ <span class=\"new\">new%.0s</span>|}"
#define DAY "<time class=\"day\" datetime=\"%jd\">%.10jd</time>"

static const char *get_new(const struct rcn_plan_row *row)
{
    return row->is_new ? "" : NULL;
}

static int64_t get_since(const struct rcn_plan_row *row)
{
    return row->is_new ? 0 : row->since_ms;
}

/* A link if its address is known; nothing without a place. */
static void put_place(struct rcn_view *view, struct rcn_span span)
{
    if (!span.text)
        return;
    bool is_link = rcn_view_add_place_url(&view->text, view->report, span);
    if (is_link)
        rcn_view_put(view, "<a href=\"%s\">", rcn_view_get_text(view));
    rcn_view_add_place(&view->text, view->report, span);
    rcn_view_put(view, "<code class=\"place\">%s</code>", rcn_view_get_text(view));
    rcn_buf_add_str(view->out, is_link ? "</a>" : "");
}

/* The UTC text, which the script makes local; the class says how. */
static void put_time(struct rcn_view *view, int64_t at_ms, const char *class_name)
{
    char time[RCN_TIME_SIZE];
    rcn_time_format(at_ms, time); /* 2026-11-22T20:00:00Z */
    rcn_view_put(view, "<time class=\"%s\" datetime=\"%s\">%.10s %.5s UTC</time>", class_name, time,
                 time, time + 11);
}

static const char *const colors[] = {[RCN_GREY] = "grey",
                                     [RCN_GREEN] = "green",
                                     [RCN_RED] = "red",
                                     [RCN_AMBER] = "amber",
                                     [RCN_BLUE] = "blue"};

/* --- head --- */

/* `Acme`, `Acme and 2 more`: whose page this is, to be put; NULL when unknown. */
static const char *add_companies(struct rcn_view *view)
{
    const struct rcn_live_state *live = rcn_report_get_live(view->report);
    if (!live || !live->company_count)
        return NULL;
    const struct rcn_live_company *first = &live->companies[0];
    const char *name = first->name ? first->name : first->company_id;
    rcn_buf_add_str(&view->text, name ? name : "the key's own company");
    if (live->company_count > 1)
        rcn_buf_printf(&view->text, " and %zu more", live->company_count - 1);
    return rcn_view_get_text(view);
}

static void put_headline(struct rcn_view *view)
{
    const struct rcn_report *report = view->report;
    bool has_failed = report->error || report->diags->errors;
    rcn_view_put(view, "{%s |}", has_failed ? report->command : NULL);
    rcn_view_add_headline(&view->text, view);
    rcn_view_put(view, "%s", rcn_view_get_text(view));
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
    const char *commit = source ? source->commit : NULL;
    char style[RCN_SHA256_BASE64_SIZE];
    char script[RCN_SHA256_BASE64_SIZE];
    rcn_sha256_base64(rcn_page_css, strlen(rcn_page_css), style);
    rcn_sha256_base64(rcn_page_js, strlen(rcn_page_js), script);
    const char *rest = put_markup(view, rcn_page_html);
    rcn_view_put(view, "; style-src 'sha256-%s'; script-src 'sha256-%s'", style, script);
    rest = put_markup(view, rest);
    put_headline(view);
    rcn_view_put(view, "{ \xc2\xb7 %s|}", add_companies(view));
    rcn_view_put(view, " \xc2\xb7 %.10jd \xc2\xb7 audiencectl %s", report->created_at_ms,
                 report->command);
    rest = put_markup(view, rest);
    rcn_buf_add_str(view->out, rcn_page_css);
    rest = put_markup(view, rest);
    rcn_buf_add_str(view->out, rcn_page_js);
    rest = put_markup(view, rest);
    rcn_buf_add_str(view->out, get_outcome_color(report));
    rest = put_markup(view, rest);
    put_headline(view);
    rest = put_markup(view, rest);
    rcn_view_put(view, "{<bdi>%s</bdi> \xc2\xb7 |}", add_companies(view));
    put_time(view, report->created_at_ms, "at");
    rcn_view_put(view, " \xc2\xb7 %s: %s, exit code %d", report->command, report->outcome,
                 report->exit_code);
    if (commit)
        rcn_view_put(view, " \xc2\xb7 {<a href=\"%s\"><code>%.7s</code></a>|%.0s<code>%.7s</code>}",
                     report->commit_url, commit, report->commit_url, commit);
    rcn_view_put(view, "{ \xc2\xb7 <a href=\"%s\">run</a>|}", report->run_url);
    put_markup(view, rest);
}

/* Failure, and what apply did or will do. The headline and the tiles say the rest. */
static void put_summary(struct rcn_view *view)
{
    static const char said[] = "Summary Planned Apply History";
    const char *color = get_outcome_color(view->report);
    for (const struct rcn_line *line = rcn_view_list_summary(view, true); line->text; line++) {
        if (*line->label && strstr(said, line->label))
            continue;
        rcn_view_put(view, "{<div class=\"%s next\">\n|}", color);
        color = NULL;
        rcn_view_put(view,
                     *line->label ? "<p><strong>%s:</strong> %s</p>\n"
                                  : "<p><strong>%s%s</strong></p>\n",
                     line->label, line->text);
    }
    rcn_buf_add_str(view->out, color ? "" : "</div>\n");
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

/* No tile for a count of 0. */
static void put_tiles(struct rcn_view *view)
{
    const struct rcn_report *report = view->report;
    const struct rcn_history *history = report->history;
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
        {"new differences", "new", "amber", NONE, history ? history->new_count : 0},
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
    const char *rest = begin_block(view, "tiles");
    for (size_t i = 0; i < sizeof tiles / sizeof *tiles; i++) {
        const struct tile *tile = &tiles[i];
        if (!tile->count)
            continue;
        bool has_trend = history && history->count > 1 && tile->status != NONE;
        rcn_view_put(view, "<li class=\"%s\"", tile->color);
        if (has_trend)
            rcn_view_put(view, " title=\"%zu runs from %.10jd to %.10jd\"", history->count,
                         history->points[0].at_ms, history->points[history->count - 1].at_ms);
        rcn_view_add(view->out, "><a href=\"#status=%s\"><strong>%zu</strong> %s", tile->filter,
                     tile->count, tile->label);
        if (has_trend)
            put_trend(view, tile, history);
        rcn_view_put(view, "</a></li>\n");
    }
    put_markup(view, rest);
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
        rcn_view_add_member(&view->text, view, row);
        add_what(view, row);
        rcn_view_put(view, "<li><bdi>%s</bdi>" NEW " ", rcn_view_get_text(view), get_new(row));
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
    bool has_facts = false;
    rcn_view_add_title(&view->text, group);
    rcn_view_put(view,
                 "<li class=\"%s\"><h3><span class=\"badge\">%s</span> <bdi>%s</bdi>" NEW "</h3>",
                 colors[rcn_kinds[group->kind].color], rcn_kinds[group->kind].title,
                 rcn_view_get_text(view), is_one ? get_new(row) : NULL);
    if (is_one) {
        rcn_view_add_account(&view->text, row);
        add_what(view, row);
        rcn_view_put(view, "<p class=\"dim\"><bdi>%s</bdi> ", rcn_view_get_text(view));
        put_place(view, rcn_row_get_span(row));
        rcn_view_put(view, "{ since " DAY "|}</p>", get_since(row), get_since(row));
    }
    for (const struct rcn_line *line = rcn_view_list_group(view, group); line->text; line++) {
        if (line->emphasis == RCN_PLAIN || group->kind == RCN_KIND_MISSING ||
            group->kind == RCN_KIND_CREATED)
            continue;
        rcn_buf_add_str(view->out, has_facts ? "" : "<dl class=\"facts\">");
        has_facts = true;
        rcn_view_put(view,
                     line->emphasis == RCN_CHANGED ? "<dt>%s</dt><dd><mark>%s</mark></dd>"
                                                   : "<dt>%s</dt><dd>%s</dd>",
                     line->label, line->text);
    }
    rcn_buf_add_str(view->out, has_facts ? "</dl>" : "");
    if (!is_one)
        put_members(view, group);
    rcn_view_put(view, "</li>\n");
}

/* What is missing, and what was created, is one entry: the rows have no cause of their own. (Groups
 * of a kind are neighbours, and so are their rows.) */
static void put_creates(struct rcn_view *view, enum rcn_kind kind)
{
    if (!view->kinds[kind])
        return;
    const char *rest = begin_block(view, rcn_kinds[kind].name);
    put_entry(view, &(struct rcn_group){kind, view->by_kind[kind]->rows, view->kinds[kind]});
    put_markup(view, rest);
}

/* What is wrong comes before what waits for a decision, and what is only missing is the last. */
static void put_needs(struct rcn_view *view)
{
    static const enum rcn_color order[] = {RCN_RED, RCN_AMBER, RCN_BLUE};
    const char *rest = NULL;
    size_t left = MAX_ENTRIES;
    for (size_t color = 0; color < sizeof order / sizeof *order; color++)
        for (size_t i = 0; i < view->group_count && left; i++) {
            struct rcn_group group = view->groups[i];
            if (!rcn_view_needs_person(view, group.kind) ||
                rcn_kinds[group.kind].color != order[color])
                continue;
            if (!rest)
                rest = begin_block(view, "needs");
            if (group.kind == RCN_KIND_MISSING)
                group.count = view->kinds[RCN_KIND_MISSING];
            put_entry(view, &group);
            if (group.kind == RCN_KIND_MISSING)
                break;
            left--;
        }
    if (!left)
        rcn_view_put(view, "<li>More are in <a href=\"#status=differences\">the table of all</a>"
                           "</li>\n");
    if (rest)
        put_markup(view, rest);
}

/* --- diagnostics --- */

static void put_diags(struct rcn_view *view)
{
    const struct rcn_diags *diags = view->report->diags;
    if (!diags->count)
        return;
    const char *rest = begin_block(view, "diags");
    rcn_view_add(view->out, "%zu {error|errors}, %zu {warning|warnings}", diags->errors,
                 diags->warnings);
    if (diags->errors + diags->warnings > diags->count)
        rcn_view_put(view, "; the first %zu are shown", diags->count);
    rest = put_markup(view, rest);
    for (size_t i = 0; i < diags->count; i++) {
        const struct rcn_diag *diag = diags->items[i];
        rcn_view_put(view, "<tr class=\"%s\"><td><span class=\"badge\">%s</span></td><td>",
                     diag->severity == RCN_SEVERITY_ERROR ? "red" : "amber",
                     rcn_severity_name(diag->severity));
        for (const struct rcn_line *line = rcn_view_list_diag(view, diag); line->text; line++)
            rcn_view_put(view,
                         line == view->lines.items ? "%.0s%s <code class=\"dim\">%s</code>"
                                                   : "<br><span class=\"dim\">%s: %s%.0s</span>",
                         line->label, line->text, diag->rule);
        rcn_view_put(view, "</td><td>");
        put_place(view, diag->span);
        rcn_view_put(view, "</td></tr>\n");
    }
    put_markup(view, rest);
}

/* --- the matrix: accounts and statuses, when there is more than one account --- */

/* The rows are of one account. */
static void put_account(struct rcn_view *view, const struct rcn_sorted_row *rows, size_t count)
{
    const struct rcn_plan_row *row = rows->row;
    size_t of[RCN_KIND_COUNT] = {0};
    for (size_t i = 0; i < count; i++) {
        enum rcn_kind kind = rcn_view_get_kind(view->report, rows[i].row);
        of[kind == RCN_KIND_NOTED ? RCN_KIND_IN_SYNC : kind]++;
    }
    rcn_view_add_account(&view->text, row);
    rcn_view_put(view, "<tr><th scope=\"row\"><bdi>%s</bdi></th>", rcn_view_get_text(view));
    for (size_t kind = 0; kind < RCN_KIND_COUNT; kind++) {
        if (!view->kinds[kind] || kind == RCN_KIND_NOTED)
            continue;
        if (!of[kind]) {
            rcn_view_put(view, "<td class=\"number\"></td>");
            continue;
        }
        rcn_view_put(view, "<td class=\"number %s\"><a href=\"#status=%s&amp;account=",
                     colors[rcn_kinds[kind].color], rcn_kinds[kind].name);
        rcn_view_add(&view->text, "{%s (%s)|%.0s%s}", row->ad_account_name, rows->ad_account_id,
                     row->ad_account_name, rows->ad_account_id);
        rcn_view_add_url_path(view->out, rcn_view_get_text(view));
        rcn_buf_clear(&view->text);
        rcn_view_add(view->out, "\">%zu</a></td>", of[kind]);
    }
    rcn_view_put(view, "</tr>\n");
}

static void put_matrix(struct rcn_view *view)
{
    size_t count;
    struct rcn_sorted_row *rows = rcn_plain_sort_rows(view->report, false, true, &count);
    size_t end = rcn_plain_find_end(rows, count, 0);
    if (end < count) { /* there is another one */
        size_t accounts = 0;
        const char *rest = begin_block(view, "matrix");
        for (size_t kind = 0; kind < RCN_KIND_COUNT; kind++)
            if (view->kinds[kind] && kind != RCN_KIND_NOTED)
                rcn_view_put(view, "<th scope=\"col\" class=\"number\">%s</th>",
                             rcn_kinds[kind].title);
        rest = put_markup(view, rest);
        for (size_t first = 0; first < count; first = end) {
            end = rcn_plain_find_end(rows, count, first);
            if (accounts++ < MAX_MATRIX)
                put_account(view, &rows[first], end - first);
        }
        rest = put_markup(view, rest);
        if (accounts > MAX_MATRIX)
            rcn_view_put(view, "<p class=\"dim\">and %zu more ad accounts</p>\n",
                         accounts - MAX_MATRIX);
        put_markup(view, rest);
    }
    free(rows);
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
    rcn_view_put(view, "<tr role=\"row\" class=\"%s\" data-status=\"%s",
                 colors[rcn_kinds[kind].color], words[0]);
    for (size_t i = 1; i < sizeof words / sizeof *words; i++)
        if (words[i] && strcmp(words[i], words[0]) != 0)
            rcn_view_put(view, " %s", words[i]);
    rcn_view_put(view, "\" data-company=\"{%s (%s)|%.0s%s}\"", company, sync->company_id, company,
                 sync->company_id);
    rcn_view_put(view, " data-account=\"{%s (%s)|%.0s%s}\"", row->ad_account_name,
                 sync->ad_account_id, row->ad_account_name, sync->ad_account_id);
    for (size_t i = 0; row->desired && i < row->desired->label_count; i++)
        rcn_view_put(view, i ? "&#10;%s=%s" : " data-label=\"%s=%s", row->desired->labels[i].key,
                     row->desired->labels[i].value);
    rcn_view_put(view, row->desired && row->desired->label_count ? "\">" : ">");
}

static void put_audience(struct rcn_view *view, const struct rcn_plan_row *row, enum rcn_kind kind)
{
    const struct rcn_audience_sync *sync = rcn_row_get_sync(row);
    const struct rcn_group group = {kind, &row, 1};
    const char *company = NULL;
    bool has_notes = false;
    rcn_view_put(view,
                 "<td role=\"cell\"><span class=\"badge\">%s</span>" NEW
                 "{<br><span class=\"dim\">since " DAY "</span>|}",
                 rcn_kinds[kind].title, get_new(row), get_since(row), get_since(row));
    rcn_view_add_name(&view->text, sync->audience_name);
    rcn_view_put(view, "</td><td role=\"cell\"><strong><bdi>%s</bdi></strong>",
                 rcn_view_get_text(view));
    rcn_view_add_account(&view->text, row);
    if (view->has_companies) {
        company = rcn_view_get_company_name(view->report, sync);
        company = company ? company : sync->company_id;
    }
    rcn_view_put(view, "<br><span class=\"dim\"><bdi>%s{ of %s|}</bdi></span>",
                 rcn_view_get_text(view), company);
    for (const struct rcn_line *line = rcn_view_list_group(view, &group); line->text; line++) {
        bool is_note = line->emphasis == RCN_ADVICE || line->emphasis == RCN_WRONG ||
                       strcmp(line->label, "live") == 0 || strcmp(line->label, "ignored") == 0;
        if (kind == RCN_KIND_IN_SYNC || !row->desired || !is_note)
            continue;
        rcn_view_put(view, has_notes ? "<li>%s</li>" : "<ul><li>%s</li>", line->text);
        has_notes = true;
    }
    rcn_view_put(view, has_notes ? "</ul></td>" : "</td>");
}

static void put_setting(struct rcn_view *view, const char *text, bool is_marked)
{
    if (text)
        rcn_view_put(view, is_marked ? "<span><mark>%s</mark></span> " : "<span>%s</span> ", text);
}

static void put_settings(struct rcn_view *view, const struct rcn_plan_row *row,
                         const struct rcn_audience_sync *sync)
{
    static const char *const activity[] = {NULL, "paused", "active"};
    put_setting(view, sync->frequency, rcn_view_find_change(row, "frequency"));
    put_setting(view, activity[sync->is_active], rcn_view_find_change(row, "isActive"));
    if (rcn_view_find_change(row, "segmentId"))
        put_setting(view, sync->segment_id ? sync->segment_id : "no segment", true);
}

static void put_cells(struct rcn_view *view, const struct rcn_plan_row *row)
{
    const struct rcn_result *result = rcn_report_get_result(view->report, row);
    const struct rcn_audience_sync *sync = rcn_row_get_sync(row);
    const struct rcn_live_sync *first = row->live_count ? row->live[0] : NULL;
    const struct rcn_live_sync *live = row->live_count == 1 ? first : NULL;
    const char *segment = row->segment ? row->segment->name : first ? first->segment_name : NULL;
    int64_t at_ms;
    rcn_view_put(
        view,
        "<td role=\"cell\" data-label=\"Segment\"><bdi>%s</bdi>{<br><code class=\"dim%.0s\">"
        "|<code>%.0s}%s</code>",
        segment, segment, segment,
        sync->segment_id ? sync->segment_id : sync->predefined_segment_id);
    if (row->segment && row->segment->active_subscriber_count >= 0)
        rcn_view_add(view->out,
                     "<br><span class=\"dim\">%zu active {subscriber|subscribers}</span>",
                     (size_t)row->segment->active_subscriber_count);
    rcn_view_put(view, "</td><td role=\"cell\" class=\"settings\" data-label=\"Live\">");
    if (live) {
        put_settings(view, row, &live->sync);
        rcn_view_put(view, "<code class=\"dim\">%s</code>", live->sync.id);
    } else if (first) {
        rcn_view_put(view, "<mark>%zu times</mark>", row->live_count);
    } else {
        rcn_view_put(view, "{<code>%s</code>|}", result ? result->id : NULL);
    }
    rcn_view_put(view, "</td><td role=\"cell\" class=\"settings\" data-label=\"Manifest\">");
    if (row->desired)
        put_settings(view, row, &row->desired->sync);
    put_place(view, rcn_row_get_span(row));
    rcn_view_put(view, "</td><td role=\"cell\" data-label=\"Last upload\">");
    if (live && live->last_sync_at && rcn_time_parse(live->last_sync_at, &at_ms))
        put_time(view, at_ms, "ago");
    else if (live)
        rcn_view_put(view, "never");
    if (live && live->last_synced_count >= 0)
        rcn_view_add(view->out, "<br><span class=\"dim\">%zu {person|people}</span>",
                     (size_t)live->last_synced_count);
    rcn_view_put(view, "</td></tr>\n");
}

static void put_syncs(struct rcn_view *view)
{
    size_t count = rcn_view_get_row_count(view->report);
    size_t shown = 0;
    if (!count)
        return;
    const char *rest = begin_block(view, "syncs");
    if (view->has_base) /* the filter that is on until a person chooses another */
        rcn_view_put(view, " data-on=\"this-change\"");
    rest = put_markup(view, rest);
    if (view->kinds[RCN_KIND_IN_SYNC] < count)
        rcn_view_put(view, " folded");
    rest = put_markup(view, rest);
    for (size_t i = 0; i < view->group_count; i++) {
        const struct rcn_group *group = &view->groups[i];
        for (size_t j = 0; j < group->count && shown < MAX_ROWS; j++, shown++) {
            put_attributes(view, group->rows[j], group->kind);
            put_audience(view, group->rows[j], group->kind);
            put_cells(view, group->rows[j]);
        }
    }
    rest = put_markup(view, rest);
    if (shown < count)
        rcn_view_add(view->out,
                     "<p>%zu more were left out: the csv and json reports have all of them.</p>\n",
                     count - shown);
    rest = put_markup(view, rest);
    for (size_t kind = 0; kind < RCN_KIND_COUNT; kind++) {
        if (!view->kinds[kind])
            continue;
        rcn_view_add_agreeing(&view->text, 1, rcn_kinds[kind].sentence, (char *)NULL);
        rcn_view_put(view, "<dt>%s</dt><dd>it %s</dd>\n", rcn_kinds[kind].title,
                     rcn_view_get_text(view));
    }
    put_markup(view, rest);
}

/* --- the rest --- */

static void put_resolved(struct rcn_view *view, const struct rcn_history *history)
{
    const char *rest = begin_block(view, "resolved");
    for (size_t i = 0; i < history->resolved_count && i < MAX_ENTRIES; i++) {
        const struct rcn_history_row *row = &history->resolved[i];
        rcn_view_add_name(&view->text, row->audience_name);
        rcn_view_put(view, "<li><bdi>%s</bdi> in %s: was %s since " DAY "</li>\n",
                     rcn_view_get_text(view), row->ad_account_id,
                     row->status == RCN_STATUS_IN_SYNC ? "unhealthy"
                                                       : rcn_status_names[row->status],
                     row->since_ms, row->since_ms);
    }
    put_markup(view, rest);
}

static void put_runs(struct rcn_view *view, const struct rcn_history *history)
{
    static const int columns[] = {RCN_STATUS_MISSING,   RCN_STATUS_WITHHELD, RCN_STATUS_DRIFTED,
                                  RCN_STATUS_DUPLICATE, UNHEALTHY,           RCN_STATUS_UNMANAGED,
                                  RCN_STATUS_IN_SYNC};
    size_t first = history->count > MAX_TABLE_ROWS ? history->count - MAX_TABLE_ROWS : 0;
    const char *rest = begin_block(view, "runs");
    rcn_view_put(view, "%zu", history->count - first);
    rest = put_markup(view, rest);
    for (size_t run = history->count; run > first; run--) {
        const struct rcn_history_point *point = &history->points[run - 1];
        rcn_view_put(view, "<tr><th scope=\"row\">");
        put_time(view, point->at_ms, "at");
        rcn_view_put(view, "</th>");
        for (size_t i = 0; i < sizeof columns / sizeof *columns; i++)
            rcn_view_put(view, "<td class=\"number\">%zu</td>", get_value(point, columns[i]));
        rcn_view_put(view, "</tr>\n");
    }
    put_markup(view, rest);
}

static void put_items(struct rcn_view *view, const struct rcn_items *items)
{
    size_t columns;
    const struct rcn_column *titles = rcn_items_get_columns(items, &columns);
    const char *rest = begin_block(view, "items");
    rcn_items_add_count(view->out, items);
    rest = put_markup(view, rest);
    for (size_t i = 0; i < columns; i++)
        rcn_view_put(view, "<th scope=\"col\"{ class=\"%s\"|}>%s</th>",
                     titles[i].type == RCN_CELL_NUMBER ? "number" : NULL, titles[i].title);
    rest = put_markup(view, rest);
    for (size_t row = 0; row < items->count && row < MAX_ROWS; row++) {
        rcn_view_put(view, "<tr>");
        for (size_t i = 0; i < columns; i++) {
            rcn_items_add_cell(&view->text, items, row, i);
            rcn_view_put(view, "<td{ class=\"%s\"|}{ data-label=\"%s\"|}>%s</td>",
                         titles[i].type == RCN_CELL_NUMBER ? "number" : NULL,
                         view->text.len ? titles[i].title : NULL, rcn_view_get_text(view));
        }
        rcn_view_put(view, "</tr>\n");
    }
    put_markup(view, rest);
}

static void put_end(struct rcn_view *view)
{
    const struct rcn_request_counts *requests = &view->report->requests;
    const char *rest = begin_block(view, "end");
    for (const struct rcn_line *line = rcn_view_list_facts(view); line->text; line++)
        rcn_view_put(view, "<dt>%s</dt><dd>%s</dd>\n", line->label, line->text);
    rcn_view_add(view->out, "<dt>Requests</dt><dd>%zu GET, %zu POST, %zu of them repeated</dd>\n",
                 (size_t)requests->get, (size_t)requests->post, (size_t)requests->retries);
    rest = put_markup(view, rest);
    rcn_buf_add_str(view->out, AUDIENCECTL_VERSION);
    put_markup(view, rest);
}

void rcn_report_html_write(struct rcn_view *view)
{
    const struct rcn_report *report = view->report;
    const struct rcn_history *history = report->history;
    view->escape = rcn_plain_escape_xml;
    put_head(view);
    put_summary(view);
    if (report->plan)
        put_tiles(view);
    put_creates(view, RCN_KIND_CREATED);
    if (view->leads_to_apply)
        put_creates(view, RCN_KIND_MISSING);
    put_needs(view);
    if (view->has_base) {
        rcn_view_group(view, RCN_PART_ALL); /* the rest of the page is about all rows */
        const char *rest = begin_block(view, "pending");
        rcn_view_add_pending(view->out, report);
        put_markup(view, rest);
    }
    if (history && history->resolved_count)
        put_resolved(view, history);
    put_diags(view);
    put_matrix(view);
    put_syncs(view);
    if (report->items)
        put_items(view, report->items);
    if (history && history->count > 1)
        put_runs(view, history);
    put_end(view);
}
