#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/time.h"
#include "report/html.h"

enum { MAX_MATRIX = 100 };

/* `Acme Main (act_1)`: the script filters by it and lists it. */
static void put_attribute(struct rcn_html *self, const char *attribute, const char *name,
                          const char *id)
{
    rcn_buf_printf(self->out, " %s=\"", attribute);
    rcn_buf_printf(&self->raw, name ? "%s (%s)" : "%s%s", name ? name : "", id);
    rcn_html_put_raw(self);
    rcn_html_put(self, "\"");
}

/* --- the matrix --- */

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
        accounts[i].row = row;
        accounts[i].of[rcn_view_get_kind(report, row)] = 1;
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

static void put_account_row(struct rcn_html *self, const struct account *account)
{
    struct rcn_buf hash;
    const char *id = rcn_row_get_sync(account->row)->ad_account_id;
    rcn_buf_init(&hash, RCN_REPORT_MAX_BYTES);
    rcn_buf_printf(&hash, account->row->ad_account_name ? "%s (%s)" : "%s%s",
                   account->row->ad_account_name ? account->row->ad_account_name : "", id);
    rcn_html_put(self, "<tr><th scope=\"row\"><bdi>");
    rcn_view_add_account(&self->raw, account->row);
    rcn_html_put_raw(self);
    rcn_html_put(self, "</bdi></th>");
    for (size_t kind = 0; kind < RCN_KIND_COUNT; kind++) {
        if (!self->view->kinds[kind] || kind == RCN_KIND_NOTED)
            continue;
        size_t count = account->of[kind];
        if (kind == RCN_KIND_IN_SYNC)
            count += account->of[RCN_KIND_NOTED];
        if (!count) {
            rcn_html_put(self, "<td class=\"number\"></td>");
            continue;
        }
        rcn_buf_printf(self->out, "<td class=\"number %s\"><a href=\"#status=%s&amp;account=",
                       rcn_html_get_color((enum rcn_kind)kind),
                       rcn_kind_get_words((enum rcn_kind)kind)->name);
        rcn_view_add_url_path(self->out, rcn_buf_get_str(&hash));
        rcn_html_put(self, "\">");
        rcn_view_add_number(self->out, count);
        rcn_html_put(self, "</a></td>");
    }
    rcn_html_put(self, "</tr>\n");
    rcn_buf_release(&hash);
}

void rcn_html_write_matrix(struct rcn_html *self)
{
    size_t rows = rcn_view_get_row_count(self->report);
    struct account *accounts = rcn_calloc(rows + 1, sizeof *accounts);
    size_t count = count_accounts(self->report, accounts, rows);
    if (count > 1) {
        rcn_html_put(self, "<section aria-labelledby=\"accounts-title\"><h2 id=\"accounts-title\">"
                           "By ad account</h2>\n<div class=\"scroll\" tabindex=\"0\" "
                           "role=\"region\" aria-label=\"Ad accounts and statuses\">"
                           "<table class=\"matrix\"><caption>Audience syncs of each ad account by "
                           "status</caption><thead><tr><th scope=\"col\">Ad account</th>");
        for (size_t kind = 0; kind < RCN_KIND_COUNT; kind++)
            if (self->view->kinds[kind] && kind != RCN_KIND_NOTED)
                rcn_buf_printf(self->out, "<th scope=\"col\" class=\"number\">%s</th>",
                               rcn_kind_get_words((enum rcn_kind)kind)->title);
        rcn_html_put(self, "</tr></thead><tbody>\n");
        for (size_t i = 0; i < count && i < MAX_MATRIX; i++)
            put_account_row(self, &accounts[i]);
        rcn_html_put(self, "</tbody></table></div>\n");
        if (count > MAX_MATRIX)
            rcn_buf_printf(self->out, "<p class=\"dim\">and %zu more ad accounts</p>\n",
                           count - MAX_MATRIX);
        rcn_html_put(self, "</section>\n");
    }
    free(accounts);
}

/* --- the table --- */

/*
 * Every word that the row is counted under, its kind first: a drifted sync may be unhealthy too,
 * and a filter finds as many rows as the tile with its name says.
 */
static void put_statuses(struct rcn_html *self, const struct rcn_plan_row *row, enum rcn_kind kind)
{
    const struct rcn_result *result = rcn_report_get_result(self->report, row);
    const char *words[] = {rcn_kind_get_words(kind)->name,
                           row->is_ignored ? NULL : rcn_status_name(row->status),
                           row->desired && row->health && !row->is_ignored ? "unhealthy" : NULL,
                           result ? rcn_outcome_name(result->outcome) : NULL,
                           row->is_new ? "new" : NULL,
                           row->origin > RCN_ORIGIN_BASE ? "this-change" : NULL};
    rcn_buf_printf(self->out, " data-status=\"%s", words[0]);
    for (size_t i = 1; i < sizeof words / sizeof *words; i++)
        if (words[i] && strcmp(words[i], words[0]) != 0)
            rcn_buf_printf(self->out, " %s", words[i]);
    rcn_html_put(self, "\"");
}

static void put_status_cell(struct rcn_html *self, const struct rcn_plan_row *row,
                            enum rcn_kind kind)
{
    rcn_buf_printf(self->out, "<td role=\"cell\"><span class=\"badge\">%s</span>",
                   rcn_kind_get_words(kind)->title);
    if (row->is_new)
        rcn_html_put(self, " <span class=\"new\">new</span>");
    else if (row->since_ms) {
        rcn_html_put(self, "<br><span class=\"dim\">since ");
        rcn_html_put_time(self, row->since_ms, "day");
        rcn_html_put(self, "</span>");
    }
    rcn_html_put(self, "</td>");
}

static void put_audience_cell(struct rcn_html *self, const struct rcn_plan_row *row,
                              enum rcn_kind kind)
{
    const struct rcn_audience_sync *sync = rcn_row_get_sync(row);
    const struct rcn_group group = {kind, &row, 1};
    bool has_notes = false;
    rcn_html_put(self, "<td role=\"cell\"><strong><bdi>");
    rcn_html_put_name(self, sync->audience_name);
    rcn_html_put(self, "</bdi></strong><br><span class=\"dim\"><bdi>");
    rcn_view_add_account(&self->raw, row);
    if (rcn_view_has_companies(self->report) && sync->company_id) {
        const char *company = rcn_view_get_company_name(self->report, sync);
        rcn_buf_printf(&self->raw, " of %s", company ? company : sync->company_id);
    }
    rcn_html_put_raw(self);
    rcn_html_put(self, "</bdi></span>");
    rcn_lines_clear(&self->lines);
    if (kind != RCN_KIND_IN_SYNC && row->desired)
        rcn_view_add_lines(&self->lines, self->report, &group);
    for (size_t i = 0; i < self->lines.count; i++) {
        const struct rcn_line *line = &self->lines.items[i];
        if (line->emphasis != RCN_ADVICE && line->emphasis != RCN_WRONG &&
            strcmp(line->label, "live") != 0 && strcmp(line->label, "ignored") != 0)
            continue;
        rcn_html_put(self, has_notes ? "<li>" : "<ul><li>");
        has_notes = true;
        rcn_html_put_text(self, line->text);
        rcn_html_put(self, "</li>");
    }
    rcn_html_put(self, has_notes ? "</ul></td>" : "</td>");
}

static void put_segment_cell(struct rcn_html *self, const struct rcn_plan_row *row)
{
    const struct rcn_live_sync *live = row->live_count ? row->live[0] : NULL;
    const char *name = row->segment ? row->segment->name : live ? live->segment_name : NULL;
    const struct rcn_audience_sync *sync = rcn_row_get_sync(row);
    rcn_html_put(self, "<td role=\"cell\" data-label=\"Segment\"><bdi>");
    rcn_html_put_text(self, name);
    rcn_html_put(self, name ? "</bdi><br><code class=\"dim\">" : "</bdi><code>");
    rcn_html_put_text(self, sync->segment_id ? sync->segment_id : sync->predefined_segment_id);
    rcn_html_put(self, "</code>");
    if (row->segment && row->segment->active_subscriber_count >= 0) {
        rcn_html_put(self, "<br><span class=\"dim\">");
        rcn_view_add_count(self->out, (size_t)row->segment->active_subscriber_count,
                           "active subscriber", "active subscribers");
        rcn_html_put(self, "</span>");
    }
    rcn_html_put(self, "</td>");
}

static bool differs(const struct rcn_plan_row *row, const char *field)
{
    for (size_t i = 0; i < row->change_count; i++)
        if (strcmp(row->changes[i].field, field) == 0)
            return true;
    return false;
}

static void put_value(struct rcn_html *self, const char *text, bool is_marked)
{
    if (!text)
        return;
    rcn_html_put(self, is_marked ? "<span><mark>" : "<span>");
    rcn_html_put_text(self, text);
    rcn_html_put(self, is_marked ? "</mark></span> " : "</span> ");
}

static void put_settings(struct rcn_html *self, const struct rcn_plan_row *row,
                         const struct rcn_audience_sync *sync)
{
    static const char *const activity[] = {NULL, "paused", "active"};
    put_value(self, sync->frequency, differs(row, "frequency"));
    put_value(self, activity[sync->is_active], differs(row, "isActive"));
    if (differs(row, "segmentId"))
        put_value(self, sync->segment_id ? sync->segment_id : "no segment", true);
}

static void put_live_cell(struct rcn_html *self, const struct rcn_plan_row *row)
{
    const struct rcn_result *result = rcn_report_get_result(self->report, row);
    rcn_html_put(self, "<td role=\"cell\" class=\"settings\" data-label=\"Live\">");
    if (row->live_count == 1) {
        put_settings(self, row, &row->live[0]->sync);
        rcn_html_put(self, "<code class=\"dim\">");
        rcn_html_put_text(self, row->live[0]->sync.id);
        rcn_html_put(self, "</code>");
    } else if (row->live_count) {
        rcn_buf_printf(self->out, "<mark>%zu times</mark>", row->live_count);
    } else if (result && result->id) {
        rcn_html_put(self, "<code>");
        rcn_html_put_text(self, result->id);
        rcn_html_put(self, "</code>");
    }
    rcn_html_put(self, "</td>");
}

static void put_upload_cell(struct rcn_html *self, const struct rcn_plan_row *row)
{
    const struct rcn_live_sync *live = row->live_count == 1 ? row->live[0] : NULL;
    int64_t at_ms;
    rcn_html_put(self, "<td role=\"cell\" data-label=\"Last upload\">");
    if (live && live->last_sync_at && rcn_time_parse(live->last_sync_at, &at_ms))
        rcn_html_put_time(self, at_ms, "ago");
    else if (live)
        rcn_html_put(self, "never");
    if (live && live->last_synced_count >= 0) {
        rcn_html_put(self, "<br><span class=\"dim\">");
        rcn_view_add_count(self->out, (size_t)live->last_synced_count, "person", "people");
        rcn_html_put(self, "</span>");
    }
    rcn_html_put(self, "</td>");
}

/* One to a line: the script filters by them. */
static void put_labels(struct rcn_html *self, const struct rcn_desired_sync *desired)
{
    for (size_t i = 0; desired && i < desired->label_count; i++) {
        rcn_html_put(self, i ? "&#10;" : " data-label=\"");
        rcn_html_put_text(self, desired->labels[i].key);
        rcn_html_put(self, "=");
        rcn_html_put_text(self, desired->labels[i].value);
    }
    rcn_html_put(self, desired && desired->label_count ? "\"" : "");
}

static void put_row(struct rcn_html *self, const struct rcn_plan_row *row, enum rcn_kind kind)
{
    const struct rcn_audience_sync *sync = rcn_row_get_sync(row);
    rcn_buf_printf(self->out, "<tr role=\"row\" class=\"%s\"", rcn_html_get_color(kind));
    put_statuses(self, row, kind);
    put_attribute(self, "data-company", rcn_view_get_company_name(self->report, sync),
                  sync->company_id ? sync->company_id : "");
    put_attribute(self, "data-account", row->ad_account_name, sync->ad_account_id);
    put_labels(self, row->desired);
    rcn_html_put(self, ">");
    put_status_cell(self, row, kind);
    put_audience_cell(self, row, kind);
    put_segment_cell(self, row);
    put_live_cell(self, row);
    rcn_html_put(self, "<td role=\"cell\" class=\"settings\" data-label=\"Manifest\">");
    if (row->desired)
        put_settings(self, row, &row->desired->sync);
    rcn_html_put_place(self, rcn_row_get_span(row));
    rcn_html_put(self, "</td>");
    put_upload_cell(self, row);
    rcn_html_put(self, "</tr>\n");
}

static void put_controls(struct rcn_html *self)
{
    rcn_html_put(self, "<form class=\"filters\" id=\"filters\" hidden");
    /* The filter that is on until a person chooses another. */
    rcn_html_put(self, rcn_view_has_base(self->report) ? " data-on=\"this-change\">\n" : ">\n");
    rcn_html_put(
        self,
        "<label class=\"wide\">Search <input type=\"search\" name=\"search\" autocomplete=\"off\" "
        "placeholder=\"name, id, segment, file, note\"></label>\n"
        "<label>Status <select name=\"status\"><option value=\"\">all</option>"
        "<option value=\"differences\">all but in sync</option></select></label>\n"
        "<label>Company <select name=\"company\"><option value=\"\">all</option></select></label>\n"
        "<label>Ad account <select name=\"account\"><option value=\"\">all</option></select>"
        "</label>\n<label>Label <select name=\"label\"><option value=\"\">all</option></select>"
        "</label>\n<button type=\"reset\">Show all</button>\n"
        "<button type=\"button\" id=\"csv\">Copy as CSV</button>\n</form>\n"
        "<p id=\"shown\" class=\"dim\" role=\"status\" aria-live=\"polite\"></p>\n");
}

static void put_legend(struct rcn_html *self)
{
    rcn_html_put(self, "<details><summary>What the words mean</summary>\n<dl class=\"facts\">\n");
    for (size_t kind = 0; kind < RCN_KIND_COUNT; kind++)
        if (self->view->kinds[kind])
            rcn_buf_printf(self->out, "<dt>%s</dt><dd>it %s</dd>\n",
                           rcn_kind_get_words((enum rcn_kind)kind)->title,
                           rcn_kind_get_words((enum rcn_kind)kind)->one);
    rcn_html_put(self, "</dl></details>\n");
}

void rcn_html_write_table(struct rcn_html *self)
{
    static const char *const columns[] = {"Status", "Audience", "Segment",
                                          "Live",   "Manifest", "Last upload"};
    size_t count = rcn_view_get_row_count(self->report);
    size_t shown = 0;
    if (!count)
        return;
    rcn_html_put(self, "<section id=\"syncs\" aria-labelledby=\"syncs-title\"><h2 "
                       "id=\"syncs-title\">All audience syncs</h2>\n");
    put_controls(self);
    bool folds = self->view->kinds[RCN_KIND_IN_SYNC] < count;
    rcn_html_put(self, folds ? "<table class=\"cards folded\" " : "<table class=\"cards\" ");
    rcn_html_put(self, "id=\"sync-table\" role=\"table\"><caption>Every "
                       "audience sync; what needs a person comes first</caption>\n"
                       "<thead role=\"rowgroup\"><tr role=\"row\">");
    for (size_t i = 0; i < sizeof columns / sizeof *columns; i++)
        rcn_buf_printf(self->out, "<th role=\"columnheader\" scope=\"col\">%s</th>", columns[i]);
    rcn_html_put(self, "</tr></thead>\n<tbody role=\"rowgroup\">\n");
    for (size_t i = 0; i < self->view->group_count; i++) {
        const struct rcn_group *group = &self->view->groups[i];
        for (size_t j = 0; j < group->count && shown < RCN_HTML_MAX_ROWS; j++, shown++)
            put_row(self, group->rows[j], group->kind);
    }
    rcn_html_put(self, "</tbody></table>\n<p id=\"none\" hidden>No sync fits these filters.</p>\n"
                       "<p id=\"folded\" hidden><button type=\"button\" id=\"unfold\"></button>"
                       "</p>\n");
    if (shown < count) {
        rcn_html_put(self, "<p>");
        rcn_view_add_number(self->out, count - shown);
        rcn_html_put(self, " more were left out: the csv and json reports have all of them.</p>\n");
    }
    put_legend(self);
    rcn_html_put(self, "</section>\n");
}
