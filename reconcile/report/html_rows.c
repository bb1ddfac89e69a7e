#include <string.h>

#include "report/html.h"
#include "report/view.h"

/* A duplicate of hundreds is told by its first ids. */
enum { MAX_LIVE = 50 };

static const char *get_color(enum rcn_kind kind)
{
    switch (kind) {
    case RCN_KIND_FAILED:
    case RCN_KIND_UNKNOWN:
    case RCN_KIND_UNVERIFIED:
    case RCN_KIND_DUPLICATE:
    case RCN_KIND_UNHEALTHY:
        return "red";
    case RCN_KIND_NOT_ATTEMPTED:
    case RCN_KIND_DRIFTED:
        return "amber";
    case RCN_KIND_MISSING:
    case RCN_KIND_CREATED:
        return "green";
    case RCN_KIND_WITHHELD:
    case RCN_KIND_EXISTS:
        return "blue";
    case RCN_KIND_UNMANAGED:
    case RCN_KIND_IGNORED:
    case RCN_KIND_IN_SYNC:
        break;
    }
    return "grey";
}

/* `Acme (comp_123)`: the script filters by it and lists it. */
static void put_label_attribute(struct rcn_html *self, const char *attribute, const char *name,
                                const char *id)
{
    rcn_buf_printf(self->out, " %s=\"", attribute);
    if (name) {
        rcn_html_put_text(self, name);
        rcn_html_put(self, " (");
    }
    rcn_html_put_text(self, id);
    rcn_html_put(self, name ? ")\"" : "\"");
}

static void put_audience(struct rcn_html *self, const struct rcn_plan_row *row)
{
    const struct rcn_audience_sync *sync = rcn_row_get_sync(row);
    rcn_html_put(self, "<td role=\"cell\"><strong><bdi>");
    rcn_html_put_text(self, sync->audience_name);
    rcn_html_put(self, "</bdi></strong><br><span class=\"dim\">");
    if (row->ad_account_name) {
        rcn_html_put(self, "<bdi>");
        rcn_html_put_text(self, row->ad_account_name);
        rcn_html_put(self, "</bdi> ");
    }
    rcn_html_put(self, "<code>");
    rcn_html_put_text(self, sync->ad_account_id);
    rcn_html_put(self, "</code>");
    if (rcn_view_has_companies(self->report) && sync->company_id) {
        const char *company = rcn_view_get_company_name(self->report, sync);
        rcn_html_put(self, " in <bdi>");
        rcn_html_put_text(self, company ? company : sync->company_id);
        rcn_html_put(self, "</bdi>");
    }
    rcn_html_put(self, "</span></td>");
}

static void put_setting(struct rcn_html *self, const struct rcn_field *field)
{
    rcn_buf_printf(self->out, "<span><i>%s</i> ", field->name);
    if (field->desired) {
        rcn_html_put(self, "<del>");
        rcn_html_put_text(self, field->live);
        rcn_html_put(self, "</del> → <ins>");
        rcn_html_put_text(self, field->desired);
        rcn_html_put(self, "</ins>");
    } else {
        rcn_html_put_text(self, field->live);
    }
    rcn_html_put(self, "</span> ");
}

static void put_settings(struct rcn_html *self, const struct rcn_plan_row *row)
{
    struct rcn_field fields[RCN_FIELDS_MAX];
    size_t count = rcn_view_get_fields(self->report, row, fields);
    rcn_html_put(self, "<td role=\"cell\" class=\"settings\">");
    for (size_t i = 0; i < count; i++)
        if (strcmp(fields[i].name, "adAccountId") != 0 && strcmp(fields[i].name, "companyId") != 0)
            put_setting(self, &fields[i]);
    rcn_html_put(self, "</td>");
}

static void put_note(struct rcn_html *self, const char *note)
{
    if (!note || !*note)
        return;
    rcn_html_put(self, "<li>");
    rcn_html_put_text(self, note);
    rcn_html_put(self, "</li>");
}

static void put_live(struct rcn_html *self, const struct rcn_plan_row *row)
{
    if (row->live_count < 2)
        return;
    for (size_t i = 0; i < row->live_count && i < MAX_LIVE; i++) {
        rcn_view_add_live(&self->scratch, row->live[i]);
        rcn_html_put(self, "<li>");
        rcn_html_put_scratch(self);
        rcn_html_put(self, "</li>");
    }
    if (row->live_count > MAX_LIVE)
        rcn_buf_printf(self->out, "<li>and %zu more</li>", row->live_count - MAX_LIVE);
}

static void put_health(struct rcn_html *self, const struct rcn_plan_row *row)
{
    if (!row->health)
        return;
    rcn_view_add_health(&self->scratch, row->health);
    rcn_html_put(self, "<li><strong>");
    rcn_html_put_scratch(self);
    rcn_html_put(self, "</strong>: ");
    rcn_html_put_text(self, rcn_health_get_advice(row->health));
    rcn_html_put(self, "</li>");
}

static void put_ignored(struct rcn_html *self, const struct rcn_plan_row *row)
{
    if (!row->is_ignored)
        return;
    rcn_view_add_ignored(&self->scratch, row);
    rcn_html_put(self, "<li>");
    rcn_html_put_scratch(self);
    rcn_html_put(self, "</li>");
}

static bool has_notes(const struct rcn_report *report, const struct rcn_plan_row *row)
{
    const struct rcn_result *result = rcn_report_get_result(report, row);
    return row->note_count || row->health || row->live_count > 1 || row->is_ignored ||
           (result && (result->error || result->note));
}

static void put_notes(struct rcn_html *self, const struct rcn_plan_row *row)
{
    const struct rcn_result *result = rcn_report_get_result(self->report, row);
    rcn_html_put(self, "<td role=\"cell\">");
    if (has_notes(self->report, row)) {
        rcn_html_put(self, "<ul>");
        put_note(self, result ? result->error : NULL);
        put_note(self, result ? result->note : NULL);
        put_live(self, row);
        put_health(self, row);
        for (size_t i = 0; i < row->note_count; i++)
            put_note(self, row->notes[i]);
        put_ignored(self, row);
        rcn_html_put(self, "</ul>");
    }
    rcn_html_put(self, "</td>");
}

/*
 * Every word that the row is counted under, its kind first: a drifted sync may be unhealthy too,
 * and a filter finds as many rows as the tile with its name says.
 */
static void put_statuses(struct rcn_html *self, const struct rcn_plan_row *row, enum rcn_kind kind)
{
    const struct rcn_result *result = rcn_report_get_result(self->report, row);
    const char *words[] = {rcn_kind_name(kind),
                           row->is_ignored ? NULL : rcn_status_name(row->status),
                           row->desired && row->health && !row->is_ignored ? "unhealthy" : NULL,
                           result ? rcn_outcome_name(result->outcome) : NULL};
    rcn_buf_printf(self->out, " data-status=\"%s", words[0]);
    for (size_t i = 1; i < sizeof words / sizeof *words; i++)
        if (words[i] && strcmp(words[i], words[0]) != 0)
            rcn_buf_printf(self->out, " %s", words[i]);
    rcn_html_put(self, "\"");
}

static void put_row(struct rcn_html *self, const struct rcn_plan_row *row, enum rcn_kind kind)
{
    const struct rcn_audience_sync *sync = rcn_row_get_sync(row);
    rcn_buf_printf(self->out, "<tr role=\"row\" class=\"%s\"", get_color(kind));
    put_statuses(self, row, kind);
    put_label_attribute(self, "data-company", rcn_view_get_company_name(self->report, sync),
                        sync->company_id ? sync->company_id : "");
    put_label_attribute(self, "data-account", row->ad_account_name, sync->ad_account_id);
    rcn_buf_printf(self->out, "><td role=\"cell\"><span class=\"badge\">%s</span></td>",
                   rcn_kind_title(kind));
    put_audience(self, row);
    put_settings(self, row);
    put_notes(self, row);
    rcn_html_put(self, "<td role=\"cell\">");
    rcn_html_put_place(self, rcn_row_get_span(row));
    rcn_html_put(self, "</td></tr>\n");
}

/* What needs a person comes first, so that the limit takes the rows in sync. */
static size_t put_rows(struct rcn_html *self)
{
    const struct rcn_kind_counts counts = rcn_view_count_kinds(self->report);
    size_t shown = 0;
    for (size_t kind = 0; kind < RCN_KIND_COUNT; kind++) {
        size_t left = counts.of[kind];
        for (size_t i = 0; left && shown < RCN_HTML_MAX_ROWS; i++) {
            const struct rcn_plan_row *row = rcn_view_get_row(self->report, i);
            if (rcn_view_get_kind(self->report, row) != (enum rcn_kind)kind)
                continue;
            put_row(self, row, (enum rcn_kind)kind);
            left--;
            shown++;
        }
    }
    return shown;
}

static void put_legend(struct rcn_html *self)
{
    const struct rcn_kind_counts counts = rcn_view_count_kinds(self->report);
    rcn_html_put(self, "<details><summary>What the words mean</summary>\n<dl class=\"facts\">\n");
    for (size_t kind = 0; kind < RCN_KIND_COUNT; kind++)
        if (counts.of[kind])
            rcn_buf_printf(self->out, "<dt>%s</dt><dd>it %s</dd>\n",
                           rcn_kind_title((enum rcn_kind)kind),
                           rcn_kind_sentence((enum rcn_kind)kind));
    rcn_html_put(self, "</dl></details>\n");
}

static void put_filters(struct rcn_html *self)
{
    rcn_html_put(
        self,
        "<form class=\"filters\" id=\"filters\" hidden>\n"
        "<label class=\"wide\">Search <input type=\"search\" name=\"search\" autocomplete=\"off\" "
        "placeholder=\"name, id, segment, file, note\"></label>\n"
        "<label>Status <select name=\"status\"><option value=\"\">all</option>"
        "<option value=\"differences\">all but in sync</option></select></label>\n"
        "<label>Company <select name=\"company\"><option value=\"\">all</option></select></label>\n"
        "<label>Ad account <select name=\"account\"><option value=\"\">all</option></select>"
        "</label>\n<button type=\"reset\">Show all</button>\n</form>\n"
        "<p id=\"shown\" class=\"dim\" role=\"status\" aria-live=\"polite\"></p>\n");
}

void rcn_html_write_rows(struct rcn_html *self)
{
    size_t count = rcn_view_get_row_count(self->report);
    if (!count)
        return;
    rcn_html_put(self, "<section id=\"syncs\" aria-labelledby=\"syncs-title\"><h2 "
                       "id=\"syncs-title\">Audience syncs</h2>"
                       "\n");
    put_filters(self);
    rcn_html_put(
        self,
        "<table class=\"cards\" id=\"sync-table\" role=\"table\"><caption>Every audience sync "
        "with what is to be known of it; what needs a person comes first</caption>\n"
        "<thead role=\"rowgroup\"><tr role=\"row\"><th role=\"columnheader\" "
        "scope=\"col\">Status</th>"
        "<th role=\"columnheader\" scope=\"col\">Audience</th><th role=\"columnheader\" "
        "scope=\"col\">Settings</th>"
        "<th role=\"columnheader\" scope=\"col\">Notes</th><th role=\"columnheader\" "
        "scope=\"col\">Manifest</th></tr></thead>\n"
        "<tbody role=\"rowgroup\">\n");
    size_t shown = put_rows(self);
    rcn_html_put(self, "</tbody></table>\n<p id=\"none\" hidden>No sync fits these filters.</p>\n");
    if (shown < count) {
        rcn_html_put(self, "<p>");
        rcn_view_add_number(self->out, count - shown);
        rcn_html_put(self, " more were left out: the json report has all of them.</p>\n");
    }
    put_legend(self);
    rcn_html_put(self, "</section>\n");
}
