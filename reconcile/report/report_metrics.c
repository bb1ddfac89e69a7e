#include <stdlib.h>

#include "base/memory.h"
#include "base/time.h"
#include "report/plain.h"
#include "report/view.h"

/*
 * OpenMetrics text, which the textfile collector and a push gateway take: gauges of this run. Every
 * status of every ad account has a value, also 0, so that an alert ends when its cause does. A run
 * that failed has its exit code and time alone.
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
    static const char *const escapes[] = {"\\\\", "\\\""};
    rcn_plain_escape(out, text, "\\\"", escapes);
}

/* unit: of the value; NULL: a number. */
static void put_head(struct rcn_view *view, const char *name, const char *unit, const char *help)
{
    rcn_view_put(view,
                 "# TYPE audiencectl_%s gauge\n{%.0s# UNIT audiencectl_%s %s\n|}"
                 "# HELP audiencectl_%s %s\n",
                 name, unit, name, unit, name, help);
}

/* status: NULL: the series has one value. */
static void put_sample(struct rcn_view *view, const char *name, const struct series *series,
                       const char *status, int64_t value)
{
    rcn_view_put(view, "audiencectl_%s{company=\"%s\",ad_account=\"%s\"", name, series->company_id,
                 series->ad_account_id);
    rcn_view_put(view, "{,status=\"%s\"|}", status);
    rcn_buf_printf(view->out, "} %lld\n", (long long)value);
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
    size_t row_count;
    size_t count = 0;
    struct rcn_sorted_row *rows = rcn_plain_sort_rows(report, true, true, &row_count);
    struct series *all = rcn_calloc(row_count + 1, sizeof *all);
    for (size_t first = 0, end; first < row_count; first = end, count++) {
        all[count].company_id = rows[first].company_id;
        all[count].ad_account_id = rows[first].ad_account_id;
        end = rcn_plain_find_end(rows, row_count, first);
        for (size_t i = first; i < end; i++)
            count_row(&all[count], rows[i].row);
    }
    free(rows);
    *ret_count = count;
    return all;
}

static void put_syncs(struct rcn_view *view)
{
    size_t count;
    struct series *all = count_series(view->report, &count);
    put_head(view, "syncs", NULL, "Audience syncs by status.");
    for (size_t i = 0; i < count; i++)
        for (int status = 0; status < RCN_STATUS_COUNT; status++)
            put_sample(view, "syncs", &all[i], rcn_status_names[status],
                       (int64_t)all[i].by_status[status]);
    put_head(view, "unhealthy_syncs", NULL, "Audience syncs in the manifests whose uploads fail.");
    for (size_t i = 0; i < count; i++)
        put_sample(view, "unhealthy_syncs", &all[i], NULL, (int64_t)all[i].unhealthy);
    put_head(view, "ignored_syncs", NULL, "Audience syncs with a known difference.");
    for (size_t i = 0; i < count; i++)
        put_sample(view, "ignored_syncs", &all[i], NULL, (int64_t)all[i].ignored);
    put_head(view, "oldest_upload_timestamp_seconds", "seconds",
             "When the active audience sync that is longest without an upload was uploaded.");
    for (size_t i = 0; i < count; i++)
        if (all[i].oldest_upload_ms)
            put_sample(view, "oldest_upload_timestamp_seconds", &all[i], NULL,
                       all[i].oldest_upload_ms / 1000);
    free(all);
}

void rcn_report_metrics_write(struct rcn_view *view)
{
    const struct rcn_report *report = view->report;
    const struct rcn_results *results = report->results;
    view->escape = escape;
    if (report->plan)
        put_syncs(view);
    if (results) {
        put_head(view, "apply_outcomes", NULL, "What became of each create of the last apply.");
        for (int outcome = 1; outcome < RCN_OUTCOME_COUNT; outcome++)
            rcn_view_put(view, "audiencectl_apply_outcomes{outcome=\"%s\"} %zu\n",
                         rcn_outcome_names[outcome], results->by_outcome[outcome]);
        put_head(view, "apply_uploads", NULL, "First uploads that apply --wait waited for.");
        for (int status = 1; status < RCN_UPLOAD_COUNT; status++)
            rcn_view_put(view, "audiencectl_apply_uploads{status=\"%s\"} %zu\n",
                         rcn_upload_status_names[status], results->by_upload[status]);
    }
    put_head(view, "last_run_timestamp_seconds", "seconds", "When the command ended.");
    rcn_view_put(view, "audiencectl_last_run_timestamp_seconds{command=\"%s\"} %zu\n",
                 report->command, (size_t)(report->created_at_ms / 1000));
    put_head(view, "exit_code", NULL, "How the command ended.");
    rcn_view_put(view, "audiencectl_exit_code{command=\"%s\"} %d\n# EOF\n", report->command,
                 report->exit_code);
}
