#include "report/report_formats.h"

#include <string.h>

#include "base/escape.h"
#include "base/json.h"
#include "base/sha256.h"
#include "base/time.h"
#include "base/unicode.h"
#include "plan/plan_file.h"
#include "report/view.h"

struct writer {
    struct rcn_json_writer json;
    struct rcn_buf *out;
    const struct rcn_report *report;
};

/* JSON holds characters only, and a path or an API error that was cut may hold any bytes. */
static void write_string(struct writer *self, const char *text)
{
    if (!text || rcn_utf8_check(text, strlen(text)) == strlen(text)) {
        rcn_json_string(&self->json, text);
        return;
    }
    struct rcn_buf visible;
    rcn_buf_init(&visible, RCN_REPORT_MAX_BYTES);
    rcn_escape_visible(&visible, text);
    if (visible.failed)
        self->out->failed = true;
    rcn_json_string(&self->json, rcn_buf_get_str(&visible));
    rcn_buf_release(&visible);
}

static void write_key_string(struct writer *self, const char *key, const char *text)
{
    rcn_json_key(&self->json, key);
    write_string(self, text);
}

/* What is absent is left out. */
static void write_known_string(struct writer *self, const char *key, const char *text)
{
    if (text)
        write_key_string(self, key, text);
}

static void write_key_size(struct writer *self, const char *key, size_t number)
{
    rcn_json_key_integer(&self->json, key, (long long)number);
}

static void write_key_time(struct writer *self, const char *key, int64_t at_ms)
{
    char time[RCN_TIME_SIZE];
    rcn_time_format(at_ms, time);
    rcn_json_key_string(&self->json, key, time);
}

/* --- the run as a whole --- */

static void write_fail_on(struct writer *self)
{
    const struct rcn_fail_on *fail_on = self->report->fail_on;
    if (!fail_on)
        return;
    rcn_json_key(&self->json, "failOn");
    rcn_json_begin_array(&self->json);
    for (int status = 0; status < RCN_STATUS_COUNT; status++)
        if (fail_on->status[status])
            rcn_json_string(&self->json, rcn_status_name((enum rcn_status)status));
    if (fail_on->unhealthy)
        rcn_json_string(&self->json, "unhealthy");
    rcn_json_end_array(&self->json);
}

static void write_head(struct writer *self)
{
    struct rcn_json_writer *json = &self->json;
    rcn_json_key_string(json, "formatVersion", RCN_FORMAT_VERSION);
    rcn_json_key(json, "generator");
    rcn_json_begin_object(json);
    rcn_json_key_string(json, "name", "audiencectl");
    rcn_json_key_string(json, "version", AUDIENCECTL_VERSION);
    rcn_json_end_object(json);
    rcn_json_newline(json, 1);
    rcn_json_key_string(json, "command", self->report->command);
    write_key_time(self, "createdAt", self->report->created_at_ms);
    rcn_json_key_string(json, "outcome", self->report->outcome);
    rcn_json_key_integer(json, "exitCode", self->report->exit_code);
    write_fail_on(self);
    rcn_json_newline(json, 1);
}

static void write_source(struct writer *self)
{
    const struct rcn_source_facts *source = rcn_view_get_source(self->report);
    rcn_json_key(&self->json, "source");
    if (!source) {
        rcn_json_null(&self->json);
        return;
    }
    rcn_json_begin_object(&self->json);
    write_key_string(self, "kind", source->kind);
    write_key_string(self, "url", source->url);
    write_known_string(self, "ref", source->ref);
    write_known_string(self, "commit", source->commit);
    write_key_size(self, "files", source->files);
    write_key_size(self, "skipped", source->skipped);
    write_key_string(self, "digest", source->digest);
    rcn_json_end_object(&self->json);
}

static void write_companies(struct writer *self, const struct rcn_live_facts *live)
{
    rcn_json_key(&self->json, "companies");
    rcn_json_begin_array(&self->json);
    for (size_t i = 0; i < live->company_count; i++) {
        const struct rcn_company_facts *company = &live->companies[i];
        rcn_json_begin_object(&self->json);
        write_key_string(self, "companyId", company->company_id);
        write_key_string(self, "name", company->name);
        write_key_size(self, "syncs", company->syncs);
        rcn_json_key_boolean(&self->json, "named", company->is_named);
        rcn_json_end_object(&self->json);
    }
    rcn_json_end_array(&self->json);
}

static void write_live_facts(struct writer *self)
{
    const struct rcn_live_facts *live = rcn_view_get_live(self->report);
    rcn_json_newline(&self->json, 1);
    rcn_json_key(&self->json, "live");
    if (!live) {
        rcn_json_null(&self->json);
        return;
    }
    rcn_json_begin_object(&self->json);
    write_key_string(self, "apiUrl", live->api_url);
    write_companies(self, live);
    write_key_time(self, "fetchedAt", live->fetched_at_ms);
    write_key_string(self, "digest", live->digest);
    rcn_json_end_object(&self->json);
}

static void write_summary(struct writer *self)
{
    const struct rcn_plan_counts counts = rcn_view_get_counts(self->report);
    const struct {
        const char *key;
        size_t number;
    } members[] = {
        {"desired", counts.desired},
        {"inSync", counts.by_status[RCN_STATUS_IN_SYNC]},
        {"missing", counts.by_status[RCN_STATUS_MISSING]},
        {"drifted", counts.by_status[RCN_STATUS_DRIFTED]},
        {"duplicate", counts.by_status[RCN_STATUS_DUPLICATE]},
        {"withheld", counts.by_status[RCN_STATUS_WITHHELD]},
        {"unmanaged", counts.by_status[RCN_STATUS_UNMANAGED]},
        {"unhealthy", counts.unhealthy},
        {"ignored", counts.ignored},
        {"created", rcn_view_get_outcomes(self->report, RCN_OUTCOME_CREATED)},
        {"exists", rcn_view_get_outcomes(self->report, RCN_OUTCOME_EXISTS)},
        {"failed", rcn_view_get_outcomes(self->report, RCN_OUTCOME_FAILED)},
        {"unknown", rcn_view_get_outcomes(self->report, RCN_OUTCOME_UNKNOWN)},
        {"notAttempted", rcn_view_get_outcomes(self->report, RCN_OUTCOME_NOT_ATTEMPTED)},
    };
    rcn_json_newline(&self->json, 1);
    rcn_json_key(&self->json, "summary");
    rcn_json_begin_object(&self->json);
    for (size_t i = 0; i < sizeof members / sizeof *members; i++)
        write_key_size(self, members[i].key, members[i].number);
    rcn_json_end_object(&self->json);
}

static void write_managed_elsewhere(struct writer *self, const struct rcn_plan *plan)
{
    if (plan->managed_elsewhere_count == 0)
        return;
    rcn_json_newline(&self->json, 1);
    rcn_json_key(&self->json, "managedElsewhere");
    rcn_json_begin_array(&self->json);
    for (size_t i = 0; i < plan->managed_elsewhere_count; i++) {
        const struct rcn_audience_sync *sync = plan->managed_elsewhere[i];
        rcn_json_newline(&self->json, 2);
        rcn_json_begin_object(&self->json);
        write_key_string(self, "id", sync->id);
        write_key_string(self, "companyId", sync->company_id);
        write_key_string(self, "adAccountId", sync->ad_account_id);
        write_key_string(self, "audienceName", sync->audience_name);
        rcn_json_end_object(&self->json);
    }
    rcn_json_end_array(&self->json);
}

static void write_apply(struct writer *self)
{
    const struct rcn_plan *plan = self->report->plan;
    if (!plan)
        return;
    rcn_json_newline(&self->json, 1);
    rcn_json_key(&self->json, "apply");
    rcn_json_begin_object(&self->json);
    write_key_size(self, "requests", plan->create_requests);
    rcn_json_key_integer(&self->json, "ms", plan->create_ms);
    rcn_json_end_object(&self->json);
    rcn_json_key_boolean(&self->json, "selected", plan->is_selected);
    write_managed_elsewhere(self, plan);
}

/* --- places --- */

static void write_span(struct writer *self, const char *key, struct rcn_span span)
{
    rcn_json_key(&self->json, key);
    if (!span.text) {
        rcn_json_null(&self->json);
        return;
    }
    rcn_json_begin_object(&self->json);
    write_key_string(self, "file", rcn_view_get_path(self->report, span));
    rcn_json_key_integer(&self->json, "line", span.line);
    rcn_json_key_integer(&self->json, "column", span.column);
    rcn_json_end_object(&self->json);
}

static void write_known_span(struct writer *self, struct rcn_span span)
{
    if (span.text)
        write_span(self, "location", span);
}

/* --- rows --- */

static void write_tristate(struct writer *self, const char *key, enum rcn_tristate value)
{
    if (value != RCN_ABSENT)
        rcn_json_key_boolean(&self->json, key, value == RCN_TRUE);
}

static void write_desired(struct writer *self, const struct rcn_desired_sync *desired)
{
    rcn_json_key(&self->json, "desired");
    if (!desired) {
        rcn_json_null(&self->json);
        return;
    }
    const struct rcn_audience_sync *sync = &desired->sync;
    rcn_json_begin_object(&self->json);
    write_known_string(self, "id", sync->id);
    write_known_string(self, "segmentId", sync->segment_id);
    write_known_string(self, "predefinedSegmentId", sync->predefined_segment_id);
    write_known_string(self, "frequency", sync->frequency);
    write_tristate(self, "isActive", sync->is_active);
    rcn_json_end_object(&self->json);
}

static void write_live_segment(struct writer *self, const struct rcn_live_sync *live)
{
    if (live->segment_is_null)
        write_key_string(self, "segmentId", NULL);
    else
        write_known_string(self, "segmentId", live->sync.segment_id);
    write_known_string(self, "segmentName", live->segment_name);
}

static void write_live_sync(struct writer *self, const struct rcn_live_sync *live,
                            bool with_company)
{
    rcn_json_begin_object(&self->json);
    write_key_string(self, "id", live->sync.id);
    if (with_company)
        write_known_string(self, "companyId", live->sync.company_id);
    write_live_segment(self, live);
    write_key_string(self, "adAccountId", live->sync.ad_account_id);
    write_key_string(self, "audienceName", live->sync.audience_name);
    write_known_string(self, "frequency", live->sync.frequency);
    write_tristate(self, "isActive", live->sync.is_active);
    write_known_string(self, "syncStatus", live->sync_status);
    write_known_string(self, "lastSyncAt", live->last_sync_at);
    write_known_string(self, "lastSyncError", live->last_sync_error);
    if (live->last_synced_count >= 0)
        rcn_json_key_integer(&self->json, "lastSyncedCount", live->last_synced_count);
    write_known_string(self, "createdAt", live->created_at);
    rcn_json_end_object(&self->json);
}

static void write_live_syncs(struct writer *self, const struct rcn_plan_row *row)
{
    rcn_json_key(&self->json, "live");
    rcn_json_begin_array(&self->json);
    for (size_t i = 0; i < row->live_count; i++)
        write_live_sync(self, row->live[i], false);
    rcn_json_end_array(&self->json);
}

static void write_changes(struct writer *self, const struct rcn_plan_row *row)
{
    rcn_json_key(&self->json, "changes");
    rcn_json_begin_array(&self->json);
    for (size_t i = 0; i < row->change_count; i++) {
        rcn_json_begin_object(&self->json);
        write_key_string(self, "field", row->changes[i].field);
        write_key_string(self, "live", row->changes[i].live);
        write_key_string(self, "desired", row->changes[i].desired);
        rcn_json_end_object(&self->json);
    }
    rcn_json_end_array(&self->json);
}

static void write_health(struct writer *self, unsigned health)
{
    static const enum rcn_health flags[] = {RCN_HEALTH_ERROR, RCN_HEALTH_DISCONNECTED,
                                            RCN_HEALTH_STALE};
    rcn_json_key(&self->json, "health");
    rcn_json_begin_array(&self->json);
    for (size_t i = 0; i < sizeof flags / sizeof *flags; i++)
        if (health & (unsigned)flags[i])
            rcn_json_string(&self->json, rcn_health_name(flags[i]));
    rcn_json_end_array(&self->json);
}

static void write_notes(struct writer *self, const struct rcn_plan_row *row)
{
    rcn_json_key(&self->json, "notes");
    rcn_json_begin_array(&self->json);
    for (size_t i = 0; i < row->note_count; i++)
        write_string(self, row->notes[i]);
    rcn_json_end_array(&self->json);
}

static void write_result(struct writer *self, const struct rcn_result *result)
{
    rcn_json_key(&self->json, "result");
    if (!result) {
        rcn_json_null(&self->json);
        return;
    }
    rcn_json_begin_object(&self->json);
    rcn_json_key_string(&self->json, "outcome", rcn_outcome_name(result->outcome));
    write_key_string(self, "id", result->id);
    rcn_json_key(&self->json, "httpStatus");
    if (result->http_status)
        rcn_json_integer(&self->json, result->http_status);
    else
        rcn_json_null(&self->json);
    write_key_string(self, "error", result->error);
    write_known_string(self, "note", result->note);
    rcn_json_key_boolean(&self->json, "verified", result->is_verified);
    rcn_json_end_object(&self->json);
}

static void write_ignored(struct writer *self, const struct rcn_plan_row *row)
{
    if (!row->is_ignored)
        return;
    rcn_json_key(&self->json, "ignored");
    rcn_json_begin_object(&self->json);
    write_key_string(self, "reason", row->ignore_reason);
    write_known_string(self, "until", row->ignore_until);
    rcn_json_end_object(&self->json);
}

static void write_row(struct writer *self, const struct rcn_plan_row *row)
{
    const struct rcn_audience_sync *sync = rcn_view_get_sync(row);
    rcn_json_newline(&self->json, 2);
    rcn_json_begin_object(&self->json);
    rcn_json_key_string(&self->json, "status", rcn_status_name(row->status));
    write_key_string(self, "companyId", sync->company_id);
    write_key_string(self, "adAccountId", sync->ad_account_id);
    write_known_string(self, "adAccountName", row->ad_account_name);
    write_key_string(self, "audienceName", sync->audience_name);
    write_desired(self, row->desired);
    write_live_syncs(self, row);
    write_changes(self, row);
    write_health(self, row->health);
    write_notes(self, row);
    write_ignored(self, row);
    write_span(self, "location", rcn_view_get_span(row));
    write_result(self, rcn_view_get_result(self->report, row));
    rcn_json_end_object(&self->json);
}

static void write_rows(struct writer *self, const char *key, const struct rcn_plan_row *rows,
                       size_t count)
{
    rcn_json_newline(&self->json, 1);
    rcn_json_key(&self->json, key);
    rcn_json_begin_array(&self->json);
    for (size_t i = 0; i < count; i++)
        write_row(self, &rows[i]);
    rcn_json_end_array(&self->json);
}

/* --- diagnostics --- */

static void begin_diag(struct writer *self, enum rcn_severity severity, const char *rule,
                       const char *message)
{
    rcn_json_newline(&self->json, 2);
    rcn_json_begin_object(&self->json);
    rcn_json_key_string(&self->json, "severity", rcn_severity_name(severity));
    rcn_json_key_string(&self->json, "rule", rule);
    write_key_string(self, "message", message);
}

static void write_diag(struct writer *self, const struct rcn_diag *diag)
{
    begin_diag(self, diag->severity, diag->rule, diag->message);
    write_known_span(self, diag->span);
    write_known_string(self, "hint", diag->hint);
    if (diag->note) {
        rcn_json_key(&self->json, "note");
        rcn_json_begin_object(&self->json);
        write_key_string(self, "message", diag->note);
        write_known_span(self, diag->note_span);
        rcn_json_end_object(&self->json);
    }
    rcn_json_end_object(&self->json);
}

/* What went wrong with the run as a whole: machines find every problem in one list. */
static void write_run_problems(struct writer *self)
{
    const struct rcn_error *error = self->report->error;
    const struct rcn_results *results = self->report->results;
    if (error) {
        begin_diag(self, RCN_SEVERITY_ERROR, rcn_view_error_rule(error), error->message);
        write_known_string(self, "hint", error->hint[0] ? error->hint : NULL);
        rcn_json_end_object(&self->json);
    }
    if (results && results->problem) {
        begin_diag(self, RCN_SEVERITY_ERROR, RCN_VIEW_RULE_INCOMPLETE, results->problem);
        rcn_json_end_object(&self->json);
    }
}

static void write_diags(struct writer *self)
{
    const struct rcn_diags *diags = self->report->diags;
    rcn_json_newline(&self->json, 1);
    rcn_json_key(&self->json, "diagnostics");
    rcn_json_begin_array(&self->json);
    write_run_problems(self);
    for (size_t i = 0; i < diags->count; i++)
        write_diag(self, diags->items[i]);
    rcn_json_end_array(&self->json);
    size_t all = diags->errors + diags->warnings;
    if (all > diags->count)
        write_key_size(self, "diagnosticsLeftOut", all - diags->count);
}

/* --- the rows of get --- */

static void write_ad_account(struct writer *self, const struct rcn_ad_account *account)
{
    rcn_json_begin_object(&self->json);
    write_key_string(self, "id", account->id);
    write_known_string(self, "name", account->name);
    rcn_json_end_object(&self->json);
}

static void write_segment(struct writer *self, const struct rcn_segment *segment)
{
    rcn_json_begin_object(&self->json);
    write_key_string(self, "id", segment->id);
    write_known_string(self, "name", segment->name);
    if (segment->subscriber_count >= 0)
        rcn_json_key_integer(&self->json, "subscriberCount", segment->subscriber_count);
    if (segment->active_subscriber_count >= 0)
        rcn_json_key_integer(&self->json, "activeSubscriberCount",
                             segment->active_subscriber_count);
    rcn_json_end_object(&self->json);
}

static void write_item(struct writer *self, const struct rcn_items *items, size_t index)
{
    rcn_json_newline(&self->json, 2);
    if (items->kind == RCN_ITEMS_AD_ACCOUNTS)
        write_ad_account(self, items->ad_accounts[index]);
    else if (items->kind == RCN_ITEMS_SEGMENTS)
        write_segment(self, items->segments[index]);
    else
        write_live_sync(self, items->syncs[index], true);
}

static void write_items(struct writer *self)
{
    const struct rcn_items *items = self->report->items;
    if (!items || items->kind == RCN_ITEMS_NONE)
        return;
    rcn_json_newline(&self->json, 1);
    rcn_json_key(&self->json, "items");
    rcn_json_begin_array(&self->json);
    for (size_t i = 0; i < items->count; i++)
        write_item(self, items, i);
    rcn_json_end_array(&self->json);
}

static void write_requests(struct writer *self)
{
    const struct rcn_request_counts *requests = &self->report->requests;
    rcn_json_newline(&self->json, 1);
    rcn_json_key(&self->json, "requests");
    rcn_json_begin_object(&self->json);
    rcn_json_key_integer(&self->json, "get", (long long)requests->get);
    rcn_json_key_integer(&self->json, "post", (long long)requests->post);
    rcn_json_key_integer(&self->json, "retries", (long long)requests->retries);
    rcn_json_key_integer(&self->json, "waitedMs", (long long)requests->waited_ms);
    rcn_json_end_object(&self->json);
}

/* plan_file.h: the digest covers every byte before its own key, the comma included. */
static void write_digest(struct rcn_buf *out, size_t start)
{
    char hex[RCN_SHA256_HEX_SIZE];
    rcn_buf_add_str(out, ", ");
    if (out->failed)
        return;
    if (rcn_sha256_hex(out->data + start, out->len - start, hex) != 0) {
        out->failed = true;
        return;
    }
    rcn_buf_printf(out, RCN_PLAN_FILE_TAIL_START "%s" RCN_PLAN_FILE_TAIL_END, hex);
}

void rcn_report_json_write(const struct rcn_report *report, const struct rcn_report_style *style,
                           struct rcn_buf *out)
{
    (void)style;
    struct writer self = {.out = out, .report = report};
    const struct rcn_plan *plan = report->plan;
    size_t start = out->len;
    rcn_json_writer_init(&self.json, out);
    rcn_json_begin_object(&self.json);
    write_head(&self);
    write_source(&self);
    write_live_facts(&self);
    write_summary(&self);
    write_apply(&self);
    write_rows(&self, "syncs", plan ? plan->rows : NULL, plan ? plan->row_count : 0);
    write_rows(&self, "unmanaged", plan ? plan->unmanaged : NULL, plan ? plan->unmanaged_count : 0);
    write_items(&self);
    write_diags(&self);
    write_requests(&self);
    write_digest(out, start);
}
