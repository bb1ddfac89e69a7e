#include <string.h>

#include "base/escape.h"
#include "report/items.h"
#include "report/report_formats.h"
#include "report/view.h"

/*
 * RFC 4180: a row for each sync, CR LF at its end. A cell that a spreadsheet would take for a
 * formula gets an apostrophe before it.
 */
struct writer {
    struct rcn_buf *out;
    const struct rcn_report *report;
    struct rcn_buf raw;
    struct rcn_lines lines;
    bool is_first;
};

static void put_cell(struct writer *self, const char *text)
{
    struct rcn_buf visible;
    rcn_buf_init(&visible, RCN_REPORT_MAX_BYTES);
    if (self->is_first)
        rcn_escape_visible_first(&visible, text ? text : "");
    else
        rcn_escape_visible(&visible, text ? text : "");
    const char *shown = rcn_buf_get_str(&visible);
    const char *defused = *shown && strchr("=+-@", *shown) ? "'" : "";
    rcn_buf_add_str(self->out, self->is_first ? "" : ",");
    self->is_first = false;
    if (!strpbrk(shown, ",\"")) {
        rcn_buf_printf(self->out, "%s%s", defused, shown);
    } else {
        rcn_buf_printf(self->out, "\"%s", defused);
        for (; *shown; shown++) {
            rcn_buf_add_str(self->out, *shown == '"' ? "\"" : "");
            rcn_buf_add_char(self->out, *shown);
        }
        rcn_buf_add_char(self->out, '"');
    }
    rcn_buf_release(&visible);
}

static void put_raw(struct writer *self)
{
    put_cell(self, rcn_buf_get_str(&self->raw));
    rcn_buf_clear(&self->raw);
}

/* Nothing for a negative number: it is unknown. */
static void put_number(struct writer *self, int64_t number)
{
    if (number >= 0)
        rcn_buf_printf(&self->raw, "%lld", (long long)number);
    put_raw(self);
}

static void end_row(struct writer *self)
{
    rcn_buf_add_str(self->out, "\r\n");
    self->is_first = true;
}

/* All lines of that label, or of every label with that emphasis. */
static void put_lines(struct writer *self, const char *label, enum rcn_emphasis emphasis)
{
    for (size_t i = 0; i < self->lines.count; i++) {
        const struct rcn_line *line = &self->lines.items[i];
        if (label ? strcmp(line->label, label) != 0 : line->emphasis != emphasis)
            continue;
        rcn_buf_add_str(&self->raw, self->raw.len ? "; " : "");
        if (!label)
            rcn_buf_printf(&self->raw, "%s: ", line->label);
        rcn_buf_add_str(&self->raw, line->text);
    }
    put_raw(self);
}

static const char *const columns[] = {"status",        "companyId",  "company",
                                      "adAccountId",   "adAccount",  "audienceName",
                                      "segmentId",     "segment",    "activeSubscribers",
                                      "frequency",     "isActive",   "id",
                                      "health",        "lastSyncAt", "lastSyncedCount",
                                      "lastSyncError", "difference", "advice",
                                      "result",        "reason",     "file",
                                      "line"};

static void put_row(struct writer *self, const struct rcn_plan_row *row)
{
    const struct rcn_report *report = self->report;
    const struct rcn_audience_sync *sync = rcn_row_get_sync(row);
    const struct rcn_result *result = rcn_report_get_result(report, row);
    const struct rcn_live_sync *live = row->live_count == 1 ? row->live[0] : NULL;
    const struct rcn_span span = rcn_row_get_span(row);
    const struct rcn_group group = {rcn_view_get_kind(report, row), &row, 1};
    rcn_lines_clear(&self->lines);
    rcn_view_add_lines(&self->lines, report, &group);
    put_cell(self, row->is_ignored ? "ignored" : rcn_status_name(row->status));
    put_cell(self, sync->company_id);
    put_cell(self, rcn_view_get_company_name(report, sync));
    put_cell(self, sync->ad_account_id);
    put_cell(self, row->ad_account_name);
    put_cell(self, sync->audience_name);
    put_cell(self, sync->segment_id ? sync->segment_id : sync->predefined_segment_id);
    put_cell(self, row->segment ? row->segment->name : live ? live->segment_name : NULL);
    put_number(self, row->segment ? row->segment->active_subscriber_count : -1);
    put_cell(self, sync->frequency);
    put_cell(self, rcn_tristate_name(sync->is_active));
    put_cell(self, result && result->id ? result->id : live ? live->sync.id : NULL);
    rcn_view_add_health(&self->raw, row->health);
    put_raw(self);
    const struct rcn_upload *upload = result ? result->upload : NULL;
    put_cell(self, upload ? upload->ended_at : live ? live->last_sync_at : NULL);
    put_number(self, upload ? upload->people : live ? live->last_synced_count : -1);
    put_cell(self, upload ? upload->error : live ? live->last_sync_error : NULL);
    put_lines(self, NULL, RCN_CHANGED);
    put_lines(self, NULL, RCN_ADVICE);
    put_cell(self, result ? rcn_outcome_name(result->outcome) : NULL);
    put_lines(self, "reason", RCN_WRONG);
    put_cell(self, span.text ? rcn_report_get_path(report, span) : NULL);
    put_number(self, span.line ? (int64_t)span.line : -1);
    end_row(self);
}

static void put_items(struct writer *self, const struct rcn_items *items)
{
    size_t count;
    const struct rcn_column *titles = rcn_items_get_columns(items, &count);
    for (size_t column = 0; column < count; column++)
        put_cell(self, titles[column].title);
    end_row(self);
    for (size_t row = 0; row < items->count; row++) {
        for (size_t column = 0; column < count; column++) {
            rcn_items_add_cell(&self->raw, items, row, column);
            put_raw(self);
        }
        end_row(self);
    }
}

void rcn_report_csv_write(const struct rcn_report *report, const struct rcn_report_style *style,
                          struct rcn_buf *out)
{
    (void)style;
    struct writer self = {.out = out, .report = report, .is_first = true};
    rcn_buf_init(&self.raw, RCN_REPORT_MAX_BYTES);
    rcn_lines_init(&self.lines);
    if (report->items) {
        put_items(&self, report->items);
    } else {
        for (size_t i = 0; i < sizeof columns / sizeof *columns; i++)
            put_cell(&self, columns[i]);
        end_row(&self);
    }
    for (size_t i = 0; i < rcn_view_get_row_count(report); i++)
        put_row(&self, rcn_view_get_row(report, i));
    rcn_lines_release(&self.lines);
    rcn_buf_release(&self.raw);
}
