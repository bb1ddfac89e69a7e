#include <string.h>

#include "base/time.h"
#include "report/view.h"

/* Live syncs of a duplicate that are named. */
enum { MAX_LIVE = 20 };

void rcn_view_add_title(struct rcn_buf *out, const struct rcn_group *group)
{
    if (group->count > 1) {
        rcn_view_add(out, "%zu syncs ", group->count);
    } else {
        rcn_buf_add_char(out, '\'');
        rcn_view_add_name(out, rcn_row_get_sync(group->rows[0])->audience_name);
        rcn_buf_add_str(out, "' ");
    }
    rcn_view_add_agreeing(out, group->count, rcn_kinds[group->kind].sentence,
                          rcn_withheld_names[group->rows[0]->withheld_because]);
}

void rcn_view_add_kind_title(struct rcn_buf *out, const struct rcn_view *view, enum rcn_kind kind)
{
    rcn_view_add(out, "%zu {sync|syncs} ", view->kinds[kind]);
    rcn_view_add_agreeing(out, view->kinds[kind], rcn_kinds[kind].sentence, (char *)NULL);
}

void rcn_view_add_member(struct rcn_buf *out, const struct rcn_view *view,
                         const struct rcn_plan_row *row)
{
    rcn_buf_add_char(out, '\'');
    rcn_view_add_name(out, rcn_row_get_sync(row)->audience_name);
    rcn_buf_add_str(out, "' in ");
    rcn_view_add_where(out, view, row);
}

/* The line of a field: its value, which is lines.text now, or how it differs. */
static void end_field(struct rcn_view *view, const struct rcn_plan_row *row, const char *field)
{
    struct rcn_buf *text = &view->lines.text;
    const struct rcn_change *change = rcn_view_find_change(row, field);
    if (!change) {
        rcn_view_end_line(view, field, RCN_PLAIN);
        return;
    }
    bool is_segment = strcmp(field, "segmentId") == 0;
    const char *const values[] = {change->live, change->desired};
    rcn_buf_clear(text);
    for (size_t i = 0; i < 2; i++) {
        rcn_buf_add_str(text, i ? ", manifest " : "live ");
        if (is_segment)
            rcn_view_add_segment_id(text, row, values[i]);
        else
            rcn_buf_add_str(text, values[i] ? values[i] : "none");
    }
    rcn_view_end_line(view, field, RCN_CHANGED);
}

/* The fields of one row, by the API's names. What is not known is not shown. */
static void add_fields(struct rcn_view *view, const struct rcn_plan_row *row)
{
    const struct rcn_audience_sync *sync = rcn_row_get_sync(row);
    const struct rcn_result *result = rcn_report_get_result(view->report, row);
    struct rcn_buf *text = &view->lines.text;
    const char *id = row->live_count == 1 ? row->live[0]->sync.id : sync->id;
    bool has_template = sync->predefined_segment_id && !rcn_view_find_change(row, "segmentId");
    rcn_view_add_line(view, "id", RCN_PLAIN, "%s", result ? result->id : id);
    if (view->has_companies && sync->company_id)
        rcn_view_add_line(view, "companyId", RCN_PLAIN, "%s{ (%s)|}", sync->company_id,
                          rcn_view_get_company_name(view->report, sync));
    rcn_view_add_account(text, row);
    rcn_view_end_line(view, "adAccountId", RCN_PLAIN);
    rcn_view_add_segment(text, row);
    end_field(view, row, has_template ? "predefinedSegmentId" : "segmentId");
    rcn_view_add(text, "%s", sync->frequency);
    end_field(view, row, "frequency");
    rcn_view_add(text, "%s", rcn_tristate_names[sync->is_active]);
    end_field(view, row, "isActive");
}

static void add_live(struct rcn_view *view, const struct rcn_live_sync *live,
                     enum rcn_emphasis emphasis)
{
    static const char *const activity[] = {
        [RCN_ABSENT] = NULL, [RCN_FALSE] = "paused", [RCN_TRUE] = "active"};
    const char *id = live->sync.segment_id;
    rcn_buf_add_str(&view->lines.text, live->sync.id);
    rcn_view_add_list(
        &view->lines.text, ": ",
        "{, segment %s|}{ (%s)|}{, %s|}{, %s|}{, %s|}{, last upload %s|}{, created %s|}",
        id ? id : live->segment_name, id ? live->segment_name : NULL, live->sync.frequency,
        activity[live->sync.is_active], live->sync_status, live->last_sync_at, live->created_at);
    rcn_view_end_line(view, "live", emphasis);
}

/* Of a duplicate. */
static void add_live_syncs(struct rcn_view *view, const struct rcn_plan_row *row)
{
    for (size_t i = 0; row->live_count > 1 && i < row->live_count && i < MAX_LIVE; i++)
        add_live(view, row->live[i], RCN_CHANGED);
    if (row->live_count > MAX_LIVE)
        rcn_view_add_line(view, "live", RCN_CHANGED, "and %zu more", row->live_count - MAX_LIVE);
}

static void add_health(struct rcn_view *view, const struct rcn_plan_row *row, bool is_one)
{
    const struct rcn_live_sync *live = row->live_count == 1 ? row->live[0] : NULL;
    if (!row->health)
        return;
    rcn_view_add_health(&view->lines.text, row->health);
    rcn_view_end_line(view, "health", RCN_WRONG);
    if (live)
        rcn_view_add_line(view, "lastSyncError", RCN_WRONG, "%s", live->last_sync_error);
    if (live && is_one)
        rcn_view_add_line(view, "lastSyncAt", RCN_PLAIN, "{%s|never}", live->last_sync_at);
    rcn_view_add_line(view, "advice", RCN_ADVICE, "%s",
                      row->health & RCN_HEALTH_DISCONNECTED
                          ? "connect Meta again in the dashboard: nothing is uploaded until then"
                      : row->health & RCN_HEALTH_ERROR
                          ? "its last upload failed: see lastSyncError, or the dashboard"
                          : "active, but not run for over twice its frequency: see the dashboard");
}

void rcn_view_add_waiting(struct rcn_buf *out, const struct rcn_plan_row *row)
{
    rcn_view_add(out,
                 "an earlier run may have created it: apply reads the list until %jd, and "
                 "creates it if the list does not show it",
                 row->open_intent_until_ms);
}

static void add_ignored(struct rcn_view *view, const struct rcn_plan_row *row)
{
    struct rcn_buf *text = &view->lines.text;
    if (!row->is_ignored)
        return;
    if (row->status != RCN_STATUS_IN_SYNC)
        rcn_buf_add_str(text, rcn_status_names[row->status]);
    if (row->desired && row->health) {
        rcn_buf_add_str(text, text->len ? ", " : "");
        rcn_view_add_health(text, row->health);
    }
    rcn_view_add_line(view, "ignored", RCN_PLAIN, "{, until %s|}{: %s|}", row->ignore_until,
                      row->ignore_reason);
}

/* `2026-11-13, for 9 days`, or that it is new. */
static void add_since(struct rcn_view *view, const struct rcn_plan_row *row)
{
    size_t hours = (size_t)((view->report->created_at_ms - row->since_ms) / 3600000);
    if (!row->since_ms)
        return;
    if (row->is_new)
        rcn_view_add_line(view, "since", RCN_PLAIN, "now: it was not so in the run before");
    else if (hours < 48)
        rcn_view_add_line(view, "since", RCN_PLAIN, "%jd, for %zu h", row->since_ms, hours);
    else
        rcn_view_add_line(view, "since", RCN_PLAIN, "%.10jd, for %zu days", row->since_ms,
                          hours / 24);
}

const struct rcn_line *rcn_view_list_group(struct rcn_view *view, const struct rcn_group *group)
{
    static const char *const words[RCN_UPLOAD_COUNT] = {
        [RCN_UPLOAD_ERROR] = "failed",
        [RCN_UPLOAD_DISCONNECTED] = "Meta is disconnected: connect it again in the dashboard",
        [RCN_UPLOAD_PENDING] = "pending"};
    const struct rcn_plan_row *row = group->rows[0];
    const struct rcn_result *result = rcn_report_get_result(view->report, row);
    struct rcn_buf *text = &view->lines.text;
    bool is_one = group->count == 1;
    rcn_view_begin_lines(view);
    if (is_one && row->status == RCN_STATUS_UNMANAGED && !row->is_ignored) {
        rcn_view_add_account(text, row);
        rcn_view_end_line(view, "adAccountId", RCN_PLAIN);
        add_live(view, row->live[0], RCN_PLAIN);
    } else if (is_one) {
        add_fields(view, row);
        add_live_syncs(view, row);
    } else {
        for (size_t i = 0; i < row->change_count; i++)
            end_field(view, row, row->changes[i].field);
    }
    if (result) {
        rcn_view_add_line(view, "reason", RCN_WRONG, "%s", result->error);
        rcn_view_add_line(view, "note", RCN_ADVICE, "%s", result->note);
        const struct rcn_upload *upload = result->upload;
        if (upload)
            rcn_view_add_line(view, "upload", RCN_WRONG, "%s{: %s|}", words[upload->status],
                              upload->status == RCN_UPLOAD_DISCONNECTED ? NULL : upload->error);
    }
    add_health(view, row, is_one);
    if (!result && row->open_intent_until_ms) {
        rcn_view_add_waiting(text, row);
        rcn_view_end_line(view, "waiting", RCN_ADVICE);
    }
    for (size_t i = 0; i < row->note_count; i++)
        rcn_view_add_line(view, "note", RCN_ADVICE, "%s", row->notes[i]);
    add_ignored(view, row);
    if (is_one && row->desired) {
        for (size_t i = 0; i < row->desired->label_count; i++)
            rcn_buf_printf(text, "%s%s: %s", i ? ", " : "", row->desired->labels[i].key,
                           row->desired->labels[i].value);
        rcn_view_end_line(view, "labels", RCN_PLAIN);
    }
    if (is_one)
        add_since(view, row);
    return view->lines.items;
}
