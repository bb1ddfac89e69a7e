#include <string.h>

#include "base/escape.h"
#include "report/items.h"
#include "report/plain.h"
#include "report/view.h"

/*
 * RFC 4180: a row for each sync, CR LF at its end. A cell that a spreadsheet would take for a
 * formula gets an apostrophe before it.
 */

/* Cells end with a comma, which the end of the row removes. */
static void put_cell(struct rcn_view *view, const char *text)
{
    static const char *const quotes[] = {"\"\""};
    bool is_first = !view->out->len || view->out->data[view->out->len - 1] == '\n';
    struct rcn_buf visible;
    rcn_buf_init(&visible, RCN_REPORT_MAX_BYTES);
    (is_first ? rcn_escape_visible_first : rcn_escape_visible)(&visible, text ? text : "");
    const char *shown = rcn_buf_get_str(&visible);
    const char *quote = strpbrk(shown, ",\"") ? "\"" : "";
    rcn_buf_printf(view->out, "%s%s", quote, *shown && strchr("=+-@", *shown) ? "'" : "");
    rcn_plain_escape_visible(view->out, shown, "\"", quotes);
    rcn_buf_printf(view->out, "%s,", quote);
    rcn_buf_release(&visible);
}

static void end_row(struct rcn_view *view)
{
    rcn_buf_truncate(view->out, view->out->len - 1);
    rcn_buf_add_str(view->out, "\r\n");
}

static void put_text(struct rcn_view *view)
{
    put_cell(view, rcn_view_get_text(view));
    rcn_buf_clear(&view->text);
}

/* Nothing for a negative number: it is unknown. */
static void put_number(struct rcn_view *view, int64_t number)
{
    if (number >= 0)
        rcn_buf_printf(&view->text, "%lld", (long long)number);
    put_text(view);
}

/* All lines of that label, or of every label with that emphasis. */
static void put_lines(struct rcn_view *view, const char *label, enum rcn_emphasis emphasis)
{
    for (size_t i = 0; i < view->lines.count; i++) {
        const struct rcn_line *line = &view->lines.items[i];
        if (label ? strcmp(line->label, label) != 0 : line->emphasis != emphasis)
            continue;
        rcn_buf_add_str(&view->text, view->text.len ? "; " : "");
        if (!label)
            rcn_buf_printf(&view->text, "%s: ", line->label);
        rcn_buf_add_str(&view->text, line->text);
    }
    put_text(view);
}

static const char head[] = "status,companyId,company,adAccountId,adAccount,audienceName,segmentId,"
                           "segment,activeSubscribers,frequency,isActive,id,health,lastSyncAt,"
                           "lastSyncedCount,lastSyncError,difference,advice,result,reason,file,"
                           "line\r\n";

static void put_row(struct rcn_view *view, const struct rcn_plan_row *row)
{
    const struct rcn_report *report = view->report;
    const struct rcn_audience_sync *sync = rcn_row_get_sync(row);
    const struct rcn_result *result = rcn_report_get_result(report, row);
    const struct rcn_live_sync *live = row->live_count == 1 ? row->live[0] : NULL;
    const struct rcn_span span = rcn_row_get_span(row);
    const struct rcn_group group = {rcn_view_get_kind(report, row), &row, 1};
    rcn_view_list_group(view, &group);
    put_cell(view, row->is_ignored ? "ignored" : rcn_status_names[row->status]);
    put_cell(view, sync->company_id);
    put_cell(view, rcn_view_get_company_name(report, sync));
    put_cell(view, sync->ad_account_id);
    put_cell(view, row->ad_account_name);
    put_cell(view, sync->audience_name);
    put_cell(view, sync->segment_id ? sync->segment_id : sync->predefined_segment_id);
    put_cell(view, row->segment ? row->segment->name : live ? live->segment_name : NULL);
    put_number(view, row->segment ? row->segment->active_subscriber_count : -1);
    put_cell(view, sync->frequency);
    put_cell(view, rcn_tristate_names[sync->is_active]);
    put_cell(view, result && result->id ? result->id : live ? live->sync.id : NULL);
    rcn_view_add_health(&view->text, row->health);
    put_text(view);
    const struct rcn_upload *upload = result ? result->upload : NULL;
    put_cell(view, upload ? upload->ended_at : live ? live->last_sync_at : NULL);
    put_number(view, upload ? upload->people : live ? live->last_synced_count : -1);
    put_cell(view, upload ? upload->error : live ? live->last_sync_error : NULL);
    put_lines(view, NULL, RCN_CHANGED);
    put_lines(view, NULL, RCN_ADVICE);
    put_cell(view, result ? rcn_outcome_names[result->outcome] : NULL);
    put_lines(view, "reason", RCN_WRONG);
    put_cell(view, span.text ? rcn_report_get_path(report, span) : NULL);
    put_number(view, span.line ? (int64_t)span.line : -1);
    end_row(view);
}

static void put_items(struct rcn_view *view, const struct rcn_items *items)
{
    size_t count;
    const struct rcn_column *titles = rcn_items_get_columns(items, &count);
    for (size_t column = 0; column < count; column++)
        put_cell(view, titles[column].title);
    end_row(view);
    for (size_t row = 0; row < items->count; row++) {
        for (size_t column = 0; column < count; column++) {
            rcn_items_add_cell(&view->text, items, row, column);
            put_text(view);
        }
        end_row(view);
    }
}

void rcn_report_csv_write(struct rcn_view *view)
{
    if (view->report->items)
        put_items(view, view->report->items);
    else
        rcn_buf_add_str(view->out, head);
    for (size_t i = 0; i < rcn_view_get_row_count(view->report); i++)
        put_row(view, rcn_view_get_row(view->report, i));
}
