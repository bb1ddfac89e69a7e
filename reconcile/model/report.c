#include "model/report.h"

#include <stdlib.h>
#include <string.h>

const char *const rcn_outcome_names[] = {NULL,      "created",       "exists", "failed",
                                         "unknown", "not-attempted", NULL};
const char *const rcn_upload_status_names[] = {NULL,           "done",    "error",
                                               "disconnected", "pending", NULL};

void rcn_results_free(struct rcn_results *results)
{
    if (!results)
        return;
    rcn_arena_free(results->arena);
    free(results);
}

bool rcn_results_are_complete(const struct rcn_results *results)
{
    return results->is_verified && results->by_outcome[RCN_OUTCOME_FAILED] == 0 &&
           results->by_outcome[RCN_OUTCOME_UNKNOWN] == 0 &&
           results->by_outcome[RCN_OUTCOME_NOT_ATTEMPTED] == 0 &&
           results->by_upload[RCN_UPLOAD_ERROR] == 0 &&
           results->by_upload[RCN_UPLOAD_DISCONNECTED] == 0 &&
           results->by_upload[RCN_UPLOAD_PENDING] == 0;
}

const struct rcn_source_facts *rcn_report_get_source(const struct rcn_report *report)
{
    if (report->plan && report->plan->source.kind)
        return &report->plan->source;
    return report->source;
}

const struct rcn_live_state *rcn_report_get_live(const struct rcn_report *report)
{
    return report->plan && report->plan->live.api_url ? &report->plan->live : NULL;
}

struct rcn_plan_counts rcn_report_get_counts(const struct rcn_report *report)
{
    if (report->plan)
        return report->plan->counts;
    return (struct rcn_plan_counts){.desired = report->desired_count};
}

const struct rcn_result *rcn_report_get_result(const struct rcn_report *report,
                                               const struct rcn_plan_row *row)
{
    if (!report->results || !row->desired)
        return NULL;
    size_t index = (size_t)(row - report->plan->rows);
    if (index >= report->results->count)
        return NULL;
    const struct rcn_result *result = &report->results->items[index];
    return result->outcome == RCN_OUTCOME_NONE ? NULL : result;
}

const struct rcn_audience_sync *rcn_row_get_sync(const struct rcn_plan_row *row)
{
    return row->desired ? &row->desired->sync : &row->live[0]->sync;
}

struct rcn_span rcn_row_get_span(const struct rcn_plan_row *row)
{
    return row->desired ? row->desired->location : (struct rcn_span){0};
}

const char *rcn_report_get_path(const struct rcn_report *report, struct rcn_span span)
{
    static const size_t commit_digits = 7; /* source.h */
    const struct rcn_source_facts *source = rcn_report_get_source(report);
    const char *path = span.text->path;
    if (source && source->commit && strspn(path, "0123456789abcdef") == commit_digits &&
        path[commit_digits] == ':')
        return path + commit_digits + 1;
    return path;
}

const char *rcn_error_get_rule(const struct rcn_error *error)
{
    static const char *const rules[] = {[RCN_ERROR_FAILED] = "failed",
                                        [RCN_ERROR_REFUSED] = "refused",
                                        [RCN_ERROR_USAGE] = "usage",
                                        [RCN_ERROR_INTERRUPTED] = "interrupted"};
    return rules[error->kind];
}
