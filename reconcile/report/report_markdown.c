#include <string.h>

#include "base/escape.h"
#include "base/unicode.h"
#include "report/report_formats.h"
#include "report/view.h"

/*
 * GitHub takes 65,536 characters in a comment. Entries stop at ENTRIES_END bytes, so that the lines
 * which count what was left out, at most one a kind, still fit below SPEC 6's 65,000.
 */
enum { ENTRIES_END = 61000, MAX_TEXT = 300, MAX_OPEN = 10, MAX_COMPANIES = 10 };

struct writer {
    struct rcn_buf *out;
    const struct rcn_report *report;
    struct rcn_buf entry;
    struct rcn_buf scratch;
    size_t start;
    size_t end;   /* of the list that is being written: no entry of it goes past this length */
    size_t lists; /* still to come, this one included */
};

/*
 * Hostile text stands in code spans only: nothing in them is parsed, neither markup nor links nor
 * the mentions and issue numbers that the host makes links of afterwards, in plain text even when
 * they are escaped. What could end the span, a backtick, becomes visible instead.
 */
static void add_code(struct writer *self, struct rcn_buf *out, const char *text)
{
    struct rcn_buf visible;
    rcn_buf_init(&visible, RCN_REPORT_MAX_BYTES);
    rcn_escape_visible(&visible, text);
    if (visible.failed)
        self->out->failed = true;
    const char *shown = visible.len && !visible.failed ? visible.data : "(empty)";
    rcn_buf_add_char(out, '`');
    size_t left = strlen(shown);
    for (size_t count = 0; left && count < MAX_TEXT; count++) {
        unsigned code_point;
        size_t used = rcn_utf8_decode(shown, left, &code_point);
        if (*shown == '`')
            rcn_buf_add_str(out, "\\x60");
        else
            rcn_buf_add(out, shown, used);
        shown += used;
        left -= used;
    }
    rcn_buf_add_str(out, left ? "…`" : "`");
    rcn_buf_release(&visible);
}

static void add_scratch(struct writer *self, struct rcn_buf *out)
{
    if (self->scratch.failed)
        self->out->failed = true;
    add_code(self, out, rcn_buf_get_str(&self->scratch));
    rcn_buf_clear(&self->scratch);
}

static void add_place(struct writer *self, struct rcn_buf *out, struct rcn_span span)
{
    if (!span.text)
        return;
    rcn_buf_add_str(out, ", at ");
    rcn_buf_add_str(&self->scratch, span.text->path);
    if (span.line)
        rcn_buf_printf(&self->scratch, ":%u", span.line);
    add_scratch(self, out);
}

static void add_line(struct writer *self, const char *label, const char *text)
{
    if (!text)
        return;
    rcn_buf_printf(&self->entry, "  - %s", label);
    add_code(self, &self->entry, text);
    rcn_buf_add_char(&self->entry, '\n');
}

/* Takes the entry over when there is room for it; false: no more. */
static bool commit_entry(struct writer *self)
{
    if (self->entry.failed)
        self->out->failed = true;
    bool fits = self->out->len - self->start + self->entry.len <= self->end;
    if (fits)
        rcn_buf_add(self->out, rcn_buf_get_str(&self->entry), self->entry.len);
    rcn_buf_clear(&self->entry);
    return fits && !self->out->failed;
}

static void end_list(struct writer *self, size_t left_out, bool is_folded)
{
    if (left_out) {
        rcn_buf_add_str(self->out, "\n… and ");
        rcn_view_add_number(self->out, left_out);
        rcn_buf_add_str(self->out, " more: see the html or json report\n");
    }
    rcn_buf_add_str(self->out, is_folded ? "\n</details>\n" : "");
}

/* The most important list gets most of the room, and some of each is shown: shares are as 3, 2, 1.
 */
static bool begin_list(struct writer *self, const char *title, size_t count)
{
    bool is_folded = count > MAX_OPEN;
    size_t used = self->out->len - self->start;
    size_t left = used < ENTRIES_END ? ENTRIES_END - used : 0;
    self->end = used + left * 2 / (self->lists + 1);
    self->lists--;
    rcn_buf_printf(self->out, "\n### %s: ", title);
    rcn_view_add_number(self->out, count);
    rcn_buf_add_str(self->out, "\n\n");
    if (is_folded) {
        rcn_buf_add_str(self->out, "<details><summary>Show ");
        rcn_view_add_number(self->out, count);
        rcn_buf_add_str(self->out, "</summary>\n\n");
    }
    return is_folded;
}

/* --- rows --- */

static void add_changes(struct writer *self, const struct rcn_plan_row *row)
{
    for (size_t i = 0; i < row->change_count; i++) {
        const struct rcn_change *change = &row->changes[i];
        rcn_buf_printf(&self->entry, "  - %s: ", change->field);
        add_code(self, &self->entry, change->live ? change->live : "(none)");
        rcn_buf_add_str(&self->entry, " → ");
        add_code(self, &self->entry, change->desired ? change->desired : "(none)");
        rcn_buf_add_char(&self->entry, '\n');
    }
}

static void add_health(struct writer *self, const struct rcn_plan_row *row)
{
    if (!row->health)
        return;
    rcn_buf_add_str(&self->entry, "  - ");
    rcn_view_add_health(&self->entry, row->health);
    rcn_buf_printf(&self->entry, ": %s\n", rcn_health_get_advice(row->health));
    if (row->live_count == 1)
        add_line(self, "lastSyncError: ", row->live[0]->last_sync_error);
}

static void add_live(struct writer *self, const struct rcn_plan_row *row)
{
    if (row->desired && row->live_count < 2)
        return;
    for (size_t i = 0; i < row->live_count && i < MAX_OPEN; i++) {
        rcn_buf_add_str(&self->entry, "  - live: ");
        rcn_view_add_live(&self->scratch, row->live[i]);
        add_scratch(self, &self->entry);
        rcn_buf_add_char(&self->entry, '\n');
    }
    if (row->live_count > MAX_OPEN)
        rcn_buf_printf(&self->entry, "  - … and %zu more live ones\n", row->live_count - MAX_OPEN);
}

static void add_segment(struct writer *self, const struct rcn_audience_sync *sync)
{
    const char *segment = sync->segment_id ? sync->segment_id : sync->predefined_segment_id;
    if (!segment)
        return;
    rcn_buf_add_str(&self->entry, sync->segment_id ? ", segmentId " : ", predefinedSegmentId ");
    add_code(self, &self->entry, segment);
}

static void add_row_head(struct writer *self, const struct rcn_plan_row *row)
{
    const struct rcn_audience_sync *sync = rcn_row_get_sync(row);
    rcn_buf_add_str(&self->entry, "- **");
    add_code(self, &self->entry, sync->audience_name);
    rcn_buf_add_str(&self->entry, "** in ");
    add_code(self, &self->entry, sync->ad_account_id);
    if (row->ad_account_name) {
        rcn_buf_add_str(&self->entry, " (");
        add_code(self, &self->entry, row->ad_account_name);
        rcn_buf_add_str(&self->entry, ")");
    }
    if (rcn_view_has_companies(self->report) && sync->company_id) {
        rcn_buf_add_str(&self->entry, " of ");
        add_code(self, &self->entry, sync->company_id);
    }
    add_segment(self, sync);
    add_place(self, &self->entry, rcn_row_get_span(row));
    rcn_buf_add_char(&self->entry, '\n');
}

static void add_row(struct writer *self, const struct rcn_plan_row *row)
{
    const struct rcn_result *result = rcn_report_get_result(self->report, row);
    add_row_head(self, row);
    if (result) {
        add_line(self, "id: ", result->id);
        add_line(self, "", result->error);
        add_line(self, "", result->note);
    }
    add_changes(self, row);
    add_live(self, row);
    add_health(self, row);
    for (size_t i = 0; i < row->note_count; i++)
        add_line(self, "", row->notes[i]);
    if (row->is_ignored) {
        rcn_view_add_ignored(&self->scratch, row);
        rcn_buf_add_str(&self->entry, "  - known: ");
        add_scratch(self, &self->entry);
        rcn_buf_add_char(&self->entry, '\n');
    }
}

static void add_kind(struct writer *self, enum rcn_kind kind, size_t count)
{
    size_t shown = 0;
    if (!count || kind == RCN_KIND_IN_SYNC)
        return;
    bool is_folded = begin_list(self, rcn_kind_title(kind), count);
    rcn_buf_printf(self->out, "Each %s.\n\n", rcn_kind_sentence(kind));
    for (size_t i = 0; i < rcn_view_get_row_count(self->report) && shown < count; i++) {
        const struct rcn_plan_row *row = rcn_view_get_row(self->report, i);
        if (rcn_view_get_kind(self->report, row) != kind)
            continue;
        add_row(self, row);
        if (!commit_entry(self))
            break;
        shown++;
    }
    end_list(self, count - shown, is_folded);
}

/* --- diagnostics --- */

static void add_diag(struct writer *self, const struct rcn_diag *diag)
{
    rcn_buf_printf(&self->entry, "- **%s** ", rcn_severity_name(diag->severity));
    add_code(self, &self->entry, diag->message);
    rcn_buf_printf(&self->entry, " (`%s`)", diag->rule);
    add_place(self, &self->entry, diag->span);
    rcn_buf_add_char(&self->entry, '\n');
    add_line(self, "hint: ", diag->hint);
    add_line(self, "note: ", diag->note);
}

static void add_diags_of(struct writer *self, enum rcn_severity severity, const char *title,
                         size_t count)
{
    const struct rcn_diags *diags = self->report->diags;
    size_t shown = 0;
    if (!count)
        return;
    bool is_folded = begin_list(self, title, count);
    for (size_t i = 0; i < diags->count; i++) {
        if (diags->items[i]->severity != severity)
            continue;
        add_diag(self, diags->items[i]);
        if (!commit_entry(self))
            break;
        shown++;
    }
    end_list(self, count - shown, is_folded);
}

/* --- head --- */

static void add_failure(struct writer *self)
{
    const struct rcn_error *error = self->report->error;
    const struct rcn_results *results = self->report->results;
    rcn_view_add_failure(&self->scratch, self->report);
    if (self->scratch.len) {
        rcn_buf_add_str(self->out, "\n**");
        add_scratch(self, self->out);
        rcn_buf_add_str(self->out, "**\n");
    }
    if (error && error->hint[0]) {
        rcn_buf_add_str(self->out, "\nHint: ");
        add_code(self, self->out, error->hint);
        rcn_buf_add_str(self->out, "\n");
    }
    if (results && results->problem) {
        rcn_buf_add_str(self->out, "\n**");
        add_code(self, self->out, results->problem);
        rcn_buf_add_str(self->out, "**\n");
    }
}

static void add_sentence(struct writer *self)
{
    if (!self->scratch.len)
        return;
    rcn_buf_add_char(self->out, '\n');
    rcn_buf_add_str(self->out, rcn_buf_get_str(&self->scratch));
    rcn_buf_add_char(self->out, '\n');
    rcn_buf_clear(&self->scratch);
}

static void add_counts(struct writer *self)
{
    const struct rcn_plan_counts counts = rcn_report_get_counts(self->report);
    if (!self->report->plan)
        return;
    rcn_buf_add_str(self->out, "\n| in sync | missing | drifted | duplicate | withheld | unhealthy "
                               "| ignored | unmanaged |\n|--:|--:|--:|--:|--:|--:|--:|--:|\n|");
    const size_t cells[] = {counts.by_status[RCN_STATUS_IN_SYNC],
                            counts.by_status[RCN_STATUS_MISSING],
                            counts.by_status[RCN_STATUS_DRIFTED],
                            counts.by_status[RCN_STATUS_DUPLICATE],
                            counts.by_status[RCN_STATUS_WITHHELD],
                            counts.unhealthy,
                            counts.ignored,
                            counts.by_status[RCN_STATUS_UNMANAGED]};
    for (size_t i = 0; i < sizeof cells / sizeof *cells; i++) {
        rcn_buf_add_char(self->out, ' ');
        rcn_view_add_number(self->out, cells[i]);
        rcn_buf_add_str(self->out, " |");
    }
    rcn_buf_add_char(self->out, '\n');
}

static void add_fact(struct writer *self, const char *label)
{
    rcn_buf_printf(self->out, "- %s: ", label);
    add_scratch(self, self->out);
    rcn_buf_add_char(self->out, '\n');
}

static void add_companies(struct writer *self, const struct rcn_live_facts *live)
{
    for (size_t i = 0; i < live->company_count && i < MAX_COMPANIES; i++) {
        rcn_view_add_company(&self->scratch, &live->companies[i]);
        add_fact(self, "Company");
    }
    if (live->company_count > MAX_COMPANIES)
        rcn_buf_printf(self->out, "- … and %zu more companies\n",
                       live->company_count - MAX_COMPANIES);
}

static void add_facts(struct writer *self)
{
    const struct rcn_source_facts *source = rcn_report_get_source(self->report);
    const struct rcn_live_facts *live = rcn_report_get_live(self->report);
    if (source || live)
        rcn_buf_add_char(self->out, '\n');
    if (source) {
        rcn_view_add_source(&self->scratch, self->report);
        add_fact(self, "Source");
    }
    if (source && source->commit) {
        rcn_view_add_commit(&self->scratch, source);
        add_fact(self, "Commit");
    }
    if (live) {
        rcn_view_add_api(&self->scratch, self->report);
        add_fact(self, "API");
        add_companies(self, live);
    }
    if (self->report->plan && self->report->plan->is_selected)
        rcn_buf_add_str(self->out, "- Only what --ad-account and --name choose is shown and "
                                   "counted\n");
}

static void add_head(struct writer *self)
{
    const struct rcn_report *report = self->report;
    rcn_buf_printf(self->out, "<!-- audiencectl:%s -->\n## audiencectl %s: %s\n", report->command,
                   report->command, report->outcome);
    add_failure(self);
    if (report->results)
        rcn_view_add_outcomes(&self->scratch, report);
    else if (!report->error && !report->diags->errors)
        rcn_view_add_cost(&self->scratch, report);
    if (!report->error && !report->diags->errors)
        rcn_view_add_verdict(&self->scratch, report);
    add_sentence(self);
    add_counts(self);
    add_facts(self);
}

/* --- the rows of get --- */

/* The API's own names, as in the table. */
static void add_subscribers(struct writer *self, const struct rcn_segment *segment)
{
    if (segment->subscriber_count >= 0)
        rcn_buf_printf(&self->entry, ", subscriberCount %lld",
                       (long long)segment->subscriber_count);
    if (segment->active_subscriber_count >= 0)
        rcn_buf_printf(&self->entry, ", activeSubscriberCount %lld",
                       (long long)segment->active_subscriber_count);
    if (rcn_segment_is_too_small(segment))
        rcn_buf_add_str(&self->entry, ", " RCN_VIEW_TOO_SMALL);
}

static void add_item(struct writer *self, const struct rcn_items *items, size_t index)
{
    const char *name;
    rcn_buf_add_str(&self->entry, "- ");
    if (items->kind == RCN_ITEMS_SYNCS) {
        name = items->syncs[index]->sync.audience_name;
        rcn_view_add_live(&self->scratch, items->syncs[index]);
    } else if (items->kind == RCN_ITEMS_SEGMENTS) {
        name = items->segments[index]->name;
        rcn_buf_add_str(&self->scratch, items->segments[index]->id);
    } else {
        name = items->ad_accounts[index]->name;
        rcn_buf_add_str(&self->scratch, items->ad_accounts[index]->id);
    }
    add_scratch(self, &self->entry);
    if (name) {
        rcn_buf_add_char(&self->entry, ' ');
        add_code(self, &self->entry, name);
    }
    if (items->kind == RCN_ITEMS_SEGMENTS)
        add_subscribers(self, items->segments[index]);
    rcn_buf_add_char(&self->entry, '\n');
}

static void add_items(struct writer *self, const struct rcn_items *items)
{
    size_t shown = 0;
    bool is_folded = begin_list(self, "Items", items->count);
    for (; shown < items->count; shown++) {
        add_item(self, items, shown);
        if (!commit_entry(self))
            break;
    }
    end_list(self, items->count - shown, is_folded);
}

static size_t count_lists(const struct rcn_report *report, const struct rcn_kind_counts *counts)
{
    size_t lists = report->items ? 1 : 0;
    lists += report->diags->errors > 0;
    lists += report->diags->warnings > 0;
    for (size_t kind = 0; kind < RCN_KIND_COUNT; kind++)
        lists += counts->of[kind] && kind != RCN_KIND_IN_SYNC;
    return lists;
}

void rcn_report_markdown_write(const struct rcn_report *report,
                               const struct rcn_report_style *style, struct rcn_buf *out)
{
    (void)style;
    const struct rcn_kind_counts counts = rcn_view_count_kinds(report);
    struct writer self = {
        .out = out, .report = report, .start = out->len, .lists = count_lists(report, &counts)};
    rcn_buf_init(&self.entry, RCN_REPORT_MAX_BYTES);
    rcn_buf_init(&self.scratch, RCN_REPORT_MAX_BYTES);
    add_head(&self);
    add_diags_of(&self, RCN_SEVERITY_ERROR, "Errors", report->diags->errors);
    for (size_t kind = 0; kind < RCN_KIND_COUNT; kind++)
        add_kind(&self, (enum rcn_kind)kind, counts.of[kind]);
    add_diags_of(&self, RCN_SEVERITY_WARNING, "Warnings", report->diags->warnings);
    if (report->items)
        add_items(&self, report->items);
    rcn_buf_release(&self.entry);
    rcn_buf_release(&self.scratch);
}
