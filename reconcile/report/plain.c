#include "report/plain.h"

#include "base/escape.h"

/* A duplicate of hundreds is told by its first ids. */
enum { MAX_LIVE = 10 };

static void add_line(struct rcn_buf *out, const char *label, const char *text)
{
    if (!text || !*text)
        return;
    rcn_buf_printf(out, "\n%s", label);
    rcn_escape_visible(out, text);
}

static void add_place(struct rcn_buf *out, struct rcn_span span)
{
    if (!span.text)
        return;
    rcn_buf_add_str(out, " at ");
    rcn_escape_visible(out, span.text->path);
    if (span.line)
        rcn_buf_printf(out, ":%u", span.line);
}

static void add_changes(struct rcn_buf *out, const struct rcn_plan_row *row)
{
    for (size_t i = 0; i < row->change_count; i++) {
        const struct rcn_change *change = &row->changes[i];
        rcn_buf_printf(out, "\n%s: ", change->field);
        rcn_escape_visible(out, change->live ? change->live : "(none)");
        rcn_buf_add_str(out, " -> ");
        rcn_escape_visible(out, change->desired ? change->desired : "(none)");
    }
}

static void add_live(struct rcn_buf *out, const struct rcn_plan_row *row)
{
    struct rcn_buf line;
    if (row->desired && row->live_count < 2)
        return;
    rcn_buf_init(&line, RCN_REPORT_MAX_BYTES);
    for (size_t i = 0; i < row->live_count && i < MAX_LIVE; i++) {
        rcn_view_add_live(&line, row->live[i]);
        add_line(out, "live: ", rcn_buf_get_str(&line));
        if (line.failed)
            out->failed = true;
        rcn_buf_clear(&line);
    }
    if (row->live_count > MAX_LIVE)
        rcn_buf_printf(out, "\nand %zu more live ones", row->live_count - MAX_LIVE);
    rcn_buf_release(&line);
}

static void add_health(struct rcn_buf *out, const struct rcn_plan_row *row)
{
    if (!row->health)
        return;
    rcn_buf_add_str(out, "\nhealth: ");
    rcn_view_add_health(out, row->health);
    rcn_buf_printf(out, "; %s", rcn_health_get_advice(row->health));
    if (row->live_count == 1)
        add_line(out, "lastSyncError: ", row->live[0]->last_sync_error);
}

static void add_ignored(struct rcn_buf *out, const struct rcn_plan_row *row)
{
    struct rcn_buf line;
    rcn_buf_init(&line, RCN_REPORT_MAX_BYTES);
    rcn_view_add_ignored(&line, row);
    add_line(out, "known: ", rcn_buf_get_str(&line));
    if (line.failed)
        out->failed = true;
    rcn_buf_release(&line);
}

void rcn_plain_add_row_title(struct rcn_buf *out, const struct rcn_report *report,
                             const struct rcn_plan_row *row)
{
    rcn_buf_add_char(out, '\'');
    rcn_escape_visible(out, rcn_row_get_sync(row)->audience_name);
    rcn_buf_printf(out, "' %s", rcn_kind_sentence(rcn_view_get_kind(report, row)));
}

void rcn_plain_add_row(struct rcn_buf *out, const struct rcn_report *report,
                       const struct rcn_plan_row *row)
{
    const struct rcn_result *result = rcn_report_get_result(report, row);
    rcn_plain_add_row_title(out, report, row);
    add_line(out, "adAccountId: ", rcn_row_get_sync(row)->ad_account_id);
    if (row->ad_account_name) {
        rcn_buf_add_str(out, " (");
        rcn_escape_visible(out, row->ad_account_name);
        rcn_buf_add_char(out, ')');
    }
    if (result) {
        add_line(out, "id: ", result->id);
        add_line(out, "reason: ", result->error);
        add_line(out, "note: ", result->note);
    }
    add_changes(out, row);
    add_live(out, row);
    add_health(out, row);
    for (size_t i = 0; i < row->note_count; i++)
        add_line(out, "note: ", row->notes[i]);
    if (row->is_ignored)
        add_ignored(out, row);
}

void rcn_plain_add_diag(struct rcn_buf *out, const struct rcn_diag *diag)
{
    rcn_escape_visible(out, diag->message);
    add_line(out, "hint: ", diag->hint);
    add_line(out, "note: ", diag->note);
    if (diag->note)
        add_place(out, diag->note_span);
}

void rcn_plain_add_failure(struct rcn_buf *out, const struct rcn_report *report)
{
    struct rcn_buf line;
    rcn_buf_init(&line, RCN_REPORT_MAX_BYTES);
    rcn_view_add_failure(&line, report);
    if (line.failed)
        out->failed = true;
    rcn_escape_visible(out, rcn_buf_get_str(&line));
    if (report->error)
        add_line(out, "hint: ", report->error->hint);
    rcn_buf_release(&line);
}
