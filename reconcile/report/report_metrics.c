#include <stdlib.h>
#include <string.h>

#include "base/escape.h"
#include "base/memory.h"
#include "base/time.h"
#include "report/view.h"

/*
 * OpenMetrics text, which the textfile collector and a push gateway take: gauges of this run. Every
 * status of every ad account is there, also with 0, so that an alert ends when its cause does. A
 * run that failed has its exit code and time alone.
 */
struct series {
    const char *company_id;
    const char *ad_account_id;
    size_t by_status[RCN_STATUS_COUNT];
    size_t unhealthy;
    size_t ignored;
    int64_t oldest_upload_ms; /* of active desired syncs; 0: none */
};

/* Of a label. */
static void escape(struct rcn_buf *out, const char *text)
{
    struct rcn_buf visible;
    rcn_buf_init(&visible, RCN_REPORT_MAX_BYTES);
    rcn_escape_visible(&visible, text);
    for (const char *c = rcn_buf_get_str(&visible); *c; c++) {
        if (*c == '\\' || *c == '"')
            rcn_buf_add_char(out, '\\');
        rcn_buf_add_char(out, *c);
    }
    rcn_buf_release(&visible);
}

static void put_head(struct rcn_view *view, const char *name, const char *unit, const char *help)
{
    rcn_buf_printf(view->out, "# TYPE audiencectl_%s gauge\n", name);
    if (*unit)
        rcn_buf_printf(view->out, "# UNIT audiencectl_%s %s\n", name, unit);
    rcn_buf_printf(view->out, "# HELP audiencectl_%s %s\n", name, help);
}

static void begin_sample(struct rcn_view *view, const char *name, const struct series *series)
{
    rcn_view_put(view, "audiencectl_%s{company=\"%s\",ad_account=\"%s\"", name, series->company_id,
                 series->ad_account_id);
}

static int compare_rows(const void *left, const void *right)
{
    const struct rcn_plan_row *const *a = left;
    const struct rcn_plan_row *const *b = right;
    const struct rcn_audience_sync *first = rcn_row_get_sync(*a);
    const struct rcn_audience_sync *second = rcn_row_get_sync(*b);
    int order = strcmp(first->company_id ? first->company_id : "",
                       second->company_id ? second->company_id : "");
    return order ? order : strcmp(first->ad_account_id, second->ad_account_id);
}

static void count_row(struct series *series, const struct rcn_plan_row *row)
{
    int64_t uploaded_ms;
    series->ignored += row->is_ignored;
    if (!row->is_ignored) {
        series->by_status[row->status]++;
        series->unhealthy += row->desired && row->health;
    }
    for (size_t i = 0; row->desired && i < row->live_count; i++) {
        const struct rcn_live_sync *live = row->live[i];
        if (live->sync.is_active == RCN_FALSE || !live->last_sync_at ||
            !rcn_time_parse(live->last_sync_at, &uploaded_ms))
            continue;
        if (!series->oldest_upload_ms || uploaded_ms < series->oldest_upload_ms)
            series->oldest_upload_ms = uploaded_ms;
    }
}

/* A series for each company and ad account, in their order. */
static struct series *count_series(const struct rcn_report *report, size_t *ret_count)
{
    size_t count = rcn_view_get_row_count(report);
    const struct rcn_plan_row **rows = rcn_calloc(count + 1, sizeof *rows);
    struct series *all = rcn_calloc(count + 1, sizeof *all);
    for (size_t i = 0; i < count; i++)
        rows[i] = rcn_view_get_row(report, i);
    qsort(rows, count, sizeof *rows, compare_rows);
    *ret_count = 0;
    for (size_t i = 0; i < count; i++) {
        const struct rcn_audience_sync *sync = rcn_row_get_sync(rows[i]);
        if (i == 0 || compare_rows(&rows[i - 1], &rows[i]) != 0)
            all[(*ret_count)++] =
                (struct series){.company_id = sync->company_id ? sync->company_id : "",
                                .ad_account_id = sync->ad_account_id};
        count_row(&all[*ret_count - 1], rows[i]);
    }
    free(rows);
    return all;
}

static void put_syncs(struct rcn_view *view)
{
    size_t count;
    struct series *all = count_series(view->report, &count);
    put_head(view, "syncs", "", "Audience syncs by status.");
    for (size_t i = 0; i < count; i++)
        for (int status = 0; status < RCN_STATUS_COUNT; status++) {
            begin_sample(view, "syncs", &all[i]);
            rcn_view_put(view, ",status=\"%s\"} %zu\n", rcn_status_names[status],
                         all[i].by_status[status]);
        }
    put_head(view, "unhealthy_syncs", "", "Audience syncs in the manifests whose uploads fail.");
    for (size_t i = 0; i < count; i++) {
        begin_sample(view, "unhealthy_syncs", &all[i]);
        rcn_view_put(view, "} %zu\n", all[i].unhealthy);
    }
    put_head(view, "ignored_syncs", "", "Audience syncs with a known difference.");
    for (size_t i = 0; i < count; i++) {
        begin_sample(view, "ignored_syncs", &all[i]);
        rcn_view_put(view, "} %zu\n", all[i].ignored);
    }
    put_head(view, "oldest_upload_timestamp_seconds", "seconds",
             "When the active audience sync that is longest without an upload was uploaded.");
    for (size_t i = 0; i < count; i++) {
        if (!all[i].oldest_upload_ms)
            continue;
        begin_sample(view, "oldest_upload_timestamp_seconds", &all[i]);
        rcn_buf_printf(view->out, "} %lld\n", (long long)(all[i].oldest_upload_ms / 1000));
    }
    free(all);
}

void rcn_report_metrics_write(struct rcn_view *view)
{
    const struct rcn_report *report = view->report;
    view->escape = escape;
    if (report->plan)
        put_syncs(view);
    if (report->results) {
        put_head(view, "apply_outcomes", "", "What became of each create of the last apply.");
        for (int outcome = 1; outcome < RCN_OUTCOME_COUNT; outcome++)
            rcn_view_put(view, "audiencectl_apply_outcomes{outcome=\"%s\"} %zu\n",
                         rcn_outcome_names[outcome], report->results->by_outcome[outcome]);
        put_head(view, "apply_uploads", "", "First uploads that apply --wait waited for.");
        for (int status = 1; status < RCN_UPLOAD_COUNT; status++)
            rcn_view_put(view, "audiencectl_apply_uploads{status=\"%s\"} %zu\n",
                         rcn_upload_status_names[status], report->results->by_upload[status]);
    }
    put_head(view, "last_run_timestamp_seconds", "seconds", "When the command ended.");
    rcn_buf_printf(view->out, "audiencectl_last_run_timestamp_seconds{command=\"%s\"} %lld\n",
                   report->command, (long long)(report->created_at_ms / 1000));
    put_head(view, "exit_code", "", "How the command ended.");
    rcn_view_put(view, "audiencectl_exit_code{command=\"%s\"} %d\n# EOF\n", report->command,
                 report->exit_code);
}
