#include "document/document.h"

#include <stdlib.h>
#include <string.h>

#include "base/fields.h"
#include "base/json.h"
#include "base/memory.h"
#include "base/sha256.h"

#define FIELD(struct_name, member) offsetof(struct struct_name, member)
#define F(...) RCN_FIELD(__VA_ARGS__)
#define TABLE(...) RCN_TABLE(__VA_ARGS__)
#define OF(...) .table = &(const struct rcn_table)RCN_TABLE(__VA_ARGS__)

/* --- structs for what the model has in another shape --- */

struct place {
    const char *file;
    size_t line;
    size_t column;
    struct rcn_span_entry entry; /* without its label; no pairs: none */
};

struct note {
    const char *message;
    const struct place *location;
};

struct finding {
    struct rcn_diag diag;
    const struct place *location;
    const struct note *note;
};

struct ignored {
    const char *reason;
    const char *until;
};

struct row {
    struct rcn_plan_row row;
    struct rcn_audience_sync sync; /* its identity */
    const struct ignored *ignored;
    const struct place *location;
    const struct rcn_result *result;
};

struct summary {
    struct rcn_plan_counts counts;
    size_t by_outcome[RCN_OUTCOME_COUNT];
};

/* What comes between `generator` and the rows. */
struct head {
    struct rcn_report report; /* its source is that of the plan, too */
    struct rcn_plan plan;     /* its base and what is managed elsewhere */
    size_t exit_code;
    const struct rcn_live_state *live;
    struct summary summary;
    const struct rcn_cost *cost;
    enum rcn_tristate is_selected;
};

/* --- tables --- */

static const char *const origin_names[] = {NULL, "base", "new", "changed", "removed", NULL};
static const char *const severity_names[] = {"error", "warning", NULL};

static const struct rcn_table place_table = TABLE(
    place, F("file", TEXT, REQUIRED, FIELD(place, file)),
    F("line", SIZE, REQUIRED, FIELD(place, line)),
    F("column", SIZE, REQUIRED, FIELD(place, column)),
    F("forEach", PAIRS, OPTIONAL, FIELD(place, entry.pairs), .count = FIELD(place, entry.count)));

static const struct rcn_table finding_table = TABLE(
    finding, F("severity", NAME, REQUIRED, FIELD(finding, diag.severity), .names = severity_names),
    F("rule", TEXT, REQUIRED, FIELD(finding, diag.rule)),
    F("message", TEXT, REQUIRED, FIELD(finding, diag.message)),
    F("location", POINTER, OPTIONAL, FIELD(finding, location), .table = &place_table),
    F("hint", TEXT, OPTIONAL, FIELD(finding, diag.hint)),
    F("note", POINTER, OPTIONAL, FIELD(finding, note),
      OF(note, F("message", TEXT, REQUIRED, FIELD(note, message)),
         F("location", POINTER, OPTIONAL, FIELD(note, location), .table = &place_table))));

#define STATUS(name, status)                                                                       \
    F(name, SIZE, REQUIRED, FIELD(summary, counts.by_status[RCN_STATUS_##status]))
#define OUTCOME(name, outcome)                                                                     \
    F(name, SIZE, REQUIRED, FIELD(summary, by_outcome[RCN_OUTCOME_##outcome]))
static const struct rcn_table head_table = TABLE(
    head, F("command", TEXT, REQUIRED, FIELD(head, report.command), .indent = 1),
    F("createdAt", TIME, REQUIRED, FIELD(head, report.created_at_ms)),
    F("outcome", TEXT, REQUIRED, FIELD(head, report.outcome)),
    F("exitCode", SIZE, REQUIRED, FIELD(head, exit_code)),
    F("failOn", FLAGS, OPTIONAL, FIELD(head, report.fail_on), .names = rcn_fail_on_names),
    F("source", POINTER, NULLABLE, FIELD(head, report.source),
      OF(rcn_source_facts, F("kind", TEXT, REQUIRED, FIELD(rcn_source_facts, kind)),
         F("url", TEXT, NULLABLE, FIELD(rcn_source_facts, url)),
         F("ref", TEXT, OPTIONAL, FIELD(rcn_source_facts, ref)),
         F("commit", TEXT, OPTIONAL, FIELD(rcn_source_facts, commit)),
         F("files", SIZE, REQUIRED, FIELD(rcn_source_facts, files)),
         F("skipped", SIZE, REQUIRED, FIELD(rcn_source_facts, skipped)),
         F("digest", TEXT, NULLABLE, FIELD(rcn_source_facts, digest))),
      .indent = 1),
    F("live", POINTER, NULLABLE, FIELD(head, live),
      OF(rcn_live_state, F("apiUrl", TEXT, REQUIRED, FIELD(rcn_live_state, api_url)),
         F("companies", LIST, REQUIRED, FIELD(rcn_live_state, companies),
           .count = FIELD(rcn_live_state, company_count),
           OF(rcn_live_company, F("companyId", TEXT, NULLABLE, FIELD(rcn_live_company, company_id)),
              F("name", TEXT, NULLABLE, FIELD(rcn_live_company, name)),
              F("syncs", SIZE, REQUIRED, FIELD(rcn_live_company, sync_count)),
              F("named", BOOLEAN, REQUIRED, FIELD(rcn_live_company, is_named)))),
         F("fetchedAt", TIME, REQUIRED, FIELD(rcn_live_state, fetched_at_ms)),
         F("snapshot", BOOLEAN, OPTIONAL, FIELD(rcn_live_state, is_snapshot)),
         F("digest", TEXT, NULLABLE, FIELD(rcn_live_state, digest))),
      .indent = 1),
    F("base", POINTER, OPTIONAL, FIELD(head, plan.base),
      OF(rcn_base_facts, F("ref", TEXT, REQUIRED, FIELD(rcn_base_facts, ref)),
         F("commit", TEXT, REQUIRED, FIELD(rcn_base_facts, commit)),
         F("new", SIZE, REQUIRED, FIELD(rcn_base_facts, added)),
         F("changed", SIZE, REQUIRED, FIELD(rcn_base_facts, changed)),
         F("removed", SIZE, REQUIRED, FIELD(rcn_base_facts, removed)),
         F("removedNotLive", SIZE, REQUIRED, FIELD(rcn_base_facts, removed_not_live)),
         F("pending", SIZE, REQUIRED, FIELD(rcn_base_facts, pending))),
      .indent = 1),
    F("summary", OBJECT, REQUIRED, FIELD(head, summary),
      OF(summary, F("desired", SIZE, REQUIRED, FIELD(summary, counts.desired)),
         STATUS("inSync", IN_SYNC), STATUS("missing", MISSING), STATUS("drifted", DRIFTED),
         STATUS("duplicate", DUPLICATE), STATUS("withheld", WITHHELD),
         STATUS("unmanaged", UNMANAGED),
         F("unhealthy", SIZE, REQUIRED, FIELD(summary, counts.unhealthy)),
         F("ignored", SIZE, REQUIRED, FIELD(summary, counts.ignored)), OUTCOME("created", CREATED),
         OUTCOME("exists", EXISTS), OUTCOME("failed", FAILED), OUTCOME("unknown", UNKNOWN),
         OUTCOME("notAttempted", NOT_ATTEMPTED)),
      .indent = 1),
    F("apply", POINTER, OPTIONAL, FIELD(head, cost),
      OF(rcn_cost, F("requests", SIZE, REQUIRED, FIELD(rcn_cost, requests)),
         F("ms", INTEGER, REQUIRED, FIELD(rcn_cost, ms)),
         F("people", INTEGER, REQUIRED, FIELD(rcn_cost, people)),
         F("peopleAtLeast", BOOLEAN, OPTIONAL, FIELD(rcn_cost, is_people_least))),
      .indent = 1),
    F("selected", TRISTATE, OPTIONAL, FIELD(head, is_selected)),
    F("managedElsewhere", POINTERS, OPTIONAL, FIELD(head, plan.managed_elsewhere),
      .count = FIELD(head, plan.managed_elsewhere_count),
      OF(rcn_audience_sync, F("id", TEXT, REQUIRED, FIELD(rcn_audience_sync, id)),
         F("companyId", TEXT, NULLABLE, FIELD(rcn_audience_sync, company_id)),
         F("adAccountId", TEXT, REQUIRED, FIELD(rcn_audience_sync, ad_account_id)),
         F("audienceName", TEXT, REQUIRED, FIELD(rcn_audience_sync, audience_name))),
      .indent = 1, .rows = 2),
    F("history", POINTER, OPTIONAL, FIELD(head, report.history),
      OF(rcn_history, F("runs", SIZE, REQUIRED, FIELD(rcn_history, runs)),
         F("previousAt", TIME, OPTIONAL, FIELD(rcn_history, previous_at_ms)),
         F("new", SIZE, REQUIRED, FIELD(rcn_history, new_count)),
         F("resolved", LIST, REQUIRED, FIELD(rcn_history, resolved),
           .count = FIELD(rcn_history, resolved_count),
           OF(rcn_history_row,
              F("status", NAME, REQUIRED, FIELD(rcn_history_row, status),
                .names = rcn_status_names),
              F("companyId", TEXT, NULLABLE, FIELD(rcn_history_row, company_id)),
              F("adAccountId", TEXT, REQUIRED, FIELD(rcn_history_row, ad_account_id)),
              F("audienceName", TEXT, REQUIRED, FIELD(rcn_history_row, audience_name)),
              F("id", TEXT, OPTIONAL, FIELD(rcn_history_row, id)),
              F("unhealthy", BOOLEAN, OPTIONAL, FIELD(rcn_history_row, is_unhealthy)),
              F("since", TIME, REQUIRED, FIELD(rcn_history_row, since_ms))),
           .rows = 3)),
      .indent = 1));

static const struct rcn_table log_table =
    TABLE(rcn_log_entry, F("at", TIME, REQUIRED, FIELD(rcn_log_entry, at_ms)),
          F("outcome", TEXT, REQUIRED, FIELD(rcn_log_entry, outcome)),
          F("companyId", TEXT, NULLABLE, FIELD(rcn_log_entry, company_id)),
          F("adAccountId", TEXT, REQUIRED, FIELD(rcn_log_entry, ad_account_id)),
          F("audienceName", TEXT, REQUIRED, FIELD(rcn_log_entry, audience_name)),
          F("id", TEXT, OPTIONAL, FIELD(rcn_log_entry, id)),
          F("run", TEXT, REQUIRED, FIELD(rcn_log_entry, run)),
          F("who", TEXT, OPTIONAL, FIELD(rcn_log_entry, who)),
          F("where", TEXT, OPTIONAL, FIELD(rcn_log_entry, where)),
          F("commit", TEXT, OPTIONAL, FIELD(rcn_log_entry, commit)),
          F("until", TIME, OPTIONAL, FIELD(rcn_log_entry, until_ms)));

static const struct rcn_table segment_table = TABLE(
    rcn_segment, F("id", TEXT, REQUIRED, FIELD(rcn_segment, id)),
    F("name", TEXT, OPTIONAL, FIELD(rcn_segment, name)),
    F("subscriberCount", INTEGER, OPTIONAL, FIELD(rcn_segment, subscriber_count)),
    F("activeSubscriberCount", INTEGER, OPTIONAL, FIELD(rcn_segment, active_subscriber_count)));

static const struct rcn_table ad_account_table =
    TABLE(rcn_ad_account, F("id", TEXT, REQUIRED, FIELD(rcn_ad_account, id)),
          F("name", TEXT, OPTIONAL, FIELD(rcn_ad_account, name)));

static const struct rcn_table live_table =
    TABLE(rcn_live_sync, F("id", TEXT, REQUIRED, FIELD(rcn_live_sync, sync.id)),
          F("segmentId", TEXT, OPTIONAL, FIELD(rcn_live_sync, sync.segment_id),
            .count = FIELD(rcn_live_sync, segment_is_null)),
          F("segmentName", TEXT, OPTIONAL, FIELD(rcn_live_sync, segment_name)),
          F("adAccountId", TEXT, REQUIRED, FIELD(rcn_live_sync, sync.ad_account_id)),
          F("audienceName", TEXT, REQUIRED, FIELD(rcn_live_sync, sync.audience_name)),
          F("frequency", TEXT, OPTIONAL, FIELD(rcn_live_sync, sync.frequency)),
          F("isActive", TRISTATE, OPTIONAL, FIELD(rcn_live_sync, sync.is_active)),
          F("syncStatus", TEXT, OPTIONAL, FIELD(rcn_live_sync, sync_status)),
          F("lastSyncAt", TEXT, OPTIONAL, FIELD(rcn_live_sync, last_sync_at)),
          F("lastSyncError", TEXT, OPTIONAL, FIELD(rcn_live_sync, last_sync_error)),
          F("lastSyncedCount", INTEGER, OPTIONAL, FIELD(rcn_live_sync, last_synced_count)),
          F("createdAt", TEXT, OPTIONAL, FIELD(rcn_live_sync, created_at)));

/* What `get` shows before that. */
static const struct rcn_table owner_table =
    TABLE(rcn_live_sync, F("companyId", TEXT, OPTIONAL, FIELD(rcn_live_sync, sync.company_id)));

static const struct rcn_table row_table = TABLE(
    row, F("status", NAME, REQUIRED, FIELD(row, row.status), .names = rcn_status_names),
    F("origin", NAME, OPTIONAL, FIELD(row, row.origin), .names = origin_names),
    F("withheldBecause", NAME, OPTIONAL, FIELD(row, row.withheld_because),
      .names = rcn_withheld_names),
    F("beside", TEXTS, OPTIONAL, FIELD(row, row.beside), .count = FIELD(row, row.beside_count)),
    F("openIntentUntil", TIME, OPTIONAL, FIELD(row, row.open_intent_until_ms)),
    F("companyId", TEXT, NULLABLE, FIELD(row, sync.company_id)),
    F("adAccountId", TEXT, REQUIRED, FIELD(row, sync.ad_account_id)),
    F("adAccountName", TEXT, OPTIONAL, FIELD(row, row.ad_account_name)),
    F("audienceName", TEXT, REQUIRED, FIELD(row, sync.audience_name)),
    F("segment", POINTER, OPTIONAL, FIELD(row, row.segment), .table = &segment_table),
    F("desired", POINTER, NULLABLE, FIELD(row, row.desired),
      OF(rcn_desired_sync, F("id", TEXT, OPTIONAL, FIELD(rcn_desired_sync, sync.id)),
         F("segmentId", TEXT, OPTIONAL, FIELD(rcn_desired_sync, sync.segment_id)),
         F("predefinedSegmentId", TEXT, OPTIONAL,
           FIELD(rcn_desired_sync, sync.predefined_segment_id)),
         F("segment", TEXT, OPTIONAL, FIELD(rcn_desired_sync, segment_name)),
         F("adAccount", TEXT, OPTIONAL, FIELD(rcn_desired_sync, ad_account_name)),
         F("frequency", TEXT, REQUIRED, FIELD(rcn_desired_sync, sync.frequency)),
         F("isActive", TRISTATE, REQUIRED, FIELD(rcn_desired_sync, sync.is_active)),
         F("labels", PAIRS, OPTIONAL, FIELD(rcn_desired_sync, labels),
           .count = FIELD(rcn_desired_sync, label_count)),
         F("replaces", TEXTS, OPTIONAL, FIELD(rcn_desired_sync, replaces),
           .count = FIELD(rcn_desired_sync, replaces_count)))),
    F("live", POINTERS, REQUIRED, FIELD(row, row.live), .count = FIELD(row, row.live_count),
      .table = &live_table),
    F("changes", LIST, REQUIRED, FIELD(row, row.changes), .count = FIELD(row, row.change_count),
      OF(rcn_change, F("field", TEXT, REQUIRED, FIELD(rcn_change, field)),
         F("live", SETTING, NULLABLE, FIELD(rcn_change, live)),
         F("desired", SETTING, NULLABLE, FIELD(rcn_change, desired)))),
    F("health", FLAGS, REQUIRED, FIELD(row, row.health), .names = rcn_health_names),
    F("notes", TEXTS, REQUIRED, FIELD(row, row.notes), .count = FIELD(row, row.note_count)),
    F("ignored", POINTER, OPTIONAL, FIELD(row, ignored),
      OF(ignored, F("reason", TEXT, NULLABLE, FIELD(ignored, reason)),
         F("until", TEXT, OPTIONAL, FIELD(ignored, until)))),
    F("since", TIME, OPTIONAL, FIELD(row, row.since_ms)),
    F("new", BOOLEAN, OPTIONAL, FIELD(row, row.is_new)),
    F("location", POINTER, NULLABLE, FIELD(row, location), .table = &place_table),
    F("result", POINTER, NULLABLE, FIELD(row, result),
      OF(rcn_result,
         F("outcome", NAME, REQUIRED, FIELD(rcn_result, outcome), .names = rcn_outcome_names),
         F("id", TEXT, NULLABLE, FIELD(rcn_result, id)),
         F("httpStatus", SIZE, NULLABLE, FIELD(rcn_result, http_status)),
         F("error", TEXT, NULLABLE, FIELD(rcn_result, error)),
         F("note", TEXT, OPTIONAL, FIELD(rcn_result, note)),
         F("verified", BOOLEAN, REQUIRED, FIELD(rcn_result, is_verified)),
         F("upload", POINTER, OPTIONAL, FIELD(rcn_result, upload),
           OF(rcn_upload,
              F("status", NAME, REQUIRED, FIELD(rcn_upload, status),
                .names = rcn_upload_status_names),
              F("people", INTEGER, NULLABLE, FIELD(rcn_upload, people)),
              F("error", TEXT, NULLABLE, FIELD(rcn_upload, error)),
              F("endedAt", TEXT, NULLABLE, FIELD(rcn_upload, ended_at)))))));

static const struct rcn_table requests_table =
    TABLE(rcn_request_counts, F("get", SIZE, REQUIRED, FIELD(rcn_request_counts, get)),
          F("post", SIZE, REQUIRED, FIELD(rcn_request_counts, post)),
          F("retries", SIZE, REQUIRED, FIELD(rcn_request_counts, retries)),
          F("waitedMs", SIZE, REQUIRED, FIELD(rcn_request_counts, waited_ms)));
_Static_assert(sizeof(uint64_t) == sizeof(size_t), "request counts are written as sizes");

/* --- writing --- */

static struct place get_place(const struct rcn_report *report, struct rcn_span span)
{
    struct place place = {.line = span.line, .column = span.column};
    if (span.text)
        place.file = rcn_report_get_path(report, span);
    if (span.entry)
        place.entry = *span.entry;
    return place;
}

/* An element of a list, on a line of its own. */
static void write_element(struct rcn_json_writer *json, const struct rcn_table *table,
                          const void *object)
{
    rcn_json_newline(json, 2);
    rcn_json_begin_object(json);
    rcn_fields_write(json, table, object);
    rcn_json_end_object(json);
}

static void write_head(struct rcn_json_writer *json, const struct rcn_report *report)
{
    const struct rcn_plan *plan = report->plan;
    struct head head = {
        .report = *report,
        .exit_code = (size_t)report->exit_code,
        .live = rcn_report_get_live(report),
        .summary.counts = rcn_report_get_counts(report),
    };
    head.report.source = rcn_report_get_source(report);
    if (report->results)
        memcpy(head.summary.by_outcome, report->results->by_outcome,
               sizeof head.summary.by_outcome);
    if (plan) {
        head.plan = *plan;
        head.cost = &plan->cost;
        head.is_selected = plan->is_selected ? RCN_TRUE : RCN_FALSE;
    }
    rcn_json_key_string(json, "formatVersion", RCN_FORMAT_VERSION);
    rcn_json_key(json, "generator");
    rcn_json_begin_object(json);
    rcn_json_key_string(json, "name", "audiencectl");
    rcn_json_key_string(json, "version", AUDIENCECTL_VERSION);
    rcn_json_end_object(json);
    rcn_fields_write(json, &head_table, &head);
}

static void begin_list(struct rcn_json_writer *json, const char *key)
{
    rcn_json_newline(json, 1);
    rcn_json_key(json, key);
    rcn_json_begin_array(json);
}

static void write_rows(struct rcn_json_writer *json, const struct rcn_report *report,
                       const char *key, const struct rcn_plan_row *rows, size_t count)
{
    begin_list(json, key);
    for (const struct rcn_plan_row *row = rows; row < rows + count; row++) {
        const struct place place = get_place(report, rcn_row_get_span(row));
        const struct ignored ignored = {row->ignore_reason, row->ignore_until};
        write_element(json, &row_table,
                      &(struct row){.row = *row,
                                    .sync = *rcn_row_get_sync(row),
                                    .ignored = row->is_ignored ? &ignored : NULL,
                                    .location = place.file ? &place : NULL,
                                    .result = rcn_report_get_result(report, row)});
    }
    rcn_json_end_array(json);
}

static void write_items(struct rcn_json_writer *json, const struct rcn_items *items)
{
    static const struct rcn_table *const tables[] = {[RCN_ITEMS_AD_ACCOUNTS] = &ad_account_table,
                                                     [RCN_ITEMS_SEGMENTS] = &segment_table,
                                                     [RCN_ITEMS_SYNCS] = &live_table,
                                                     [RCN_ITEMS_LOG] = &log_table};
    begin_list(json, "items");
    for (size_t i = 0; i < items->count; i++) {
        rcn_json_newline(json, 2);
        rcn_json_begin_object(json);
        if (items->kind == RCN_ITEMS_SYNCS)
            rcn_fields_write(json, &owner_table, items->rows[i]);
        rcn_fields_write(json, tables[items->kind], items->rows[i]);
        rcn_json_end_object(json);
    }
    rcn_json_end_array(json);
}

/* What went wrong with the run as a whole comes first: machines find every problem in one list. */
static void write_findings(struct rcn_json_writer *json, const struct rcn_report *report)
{
    const struct rcn_error *error = report->error;
    const struct rcn_diags *diags = report->diags;
    struct finding finding = {0}; /* an error */
    begin_list(json, "diagnostics");
    if (error) {
        finding.diag = (struct rcn_diag){.rule = rcn_error_get_rule(error),
                                         .message = error->message,
                                         .hint = error->hint[0] ? error->hint : NULL};
        write_element(json, &finding_table, &finding);
    }
    if (report->results && report->results->problem) {
        finding.diag =
            (struct rcn_diag){.rule = RCN_RULE_INCOMPLETE, .message = report->results->problem};
        write_element(json, &finding_table, &finding);
    }
    for (size_t i = 0; i < diags->count; i++) {
        const struct rcn_diag *diag = diags->items[i];
        const struct place place = get_place(report, diag->span);
        const struct place note_place = get_place(report, diag->note_span);
        const struct note note = {diag->note, note_place.file ? &note_place : NULL};
        finding = (struct finding){*diag, place.file ? &place : NULL, diag->note ? &note : NULL};
        write_element(json, &finding_table, &finding);
    }
    rcn_json_end_array(json);
    size_t all = diags->errors + diags->warnings;
    if (all > diags->count)
        rcn_json_key_integer(json, "diagnosticsLeftOut", (long long)(all - diags->count));
}

void rcn_document_write(const struct rcn_report *report, struct rcn_buf *out)
{
    const struct rcn_plan *plan = report->plan;
    struct rcn_json_writer json;
    size_t start = out->len;
    rcn_json_writer_init(&json, out);
    rcn_json_begin_object(&json);
    write_head(&json, report);
    write_rows(&json, report, "syncs", plan ? plan->rows : NULL, plan ? plan->row_count : 0);
    write_rows(&json, report, "unmanaged", plan ? plan->unmanaged : NULL,
               plan ? plan->unmanaged_count : 0);
    if (report->items)
        write_items(&json, report->items);
    write_findings(&json, report);
    rcn_json_newline(&json, 1);
    rcn_json_key(&json, "requests");
    rcn_json_begin_object(&json);
    rcn_fields_write(&json, &requests_table, &report->requests);
    rcn_json_end_object(&json);
    rcn_buf_add_str(out, ", ");
    rcn_sha256_seal(out, start);
}

/* --- reading --- */

struct reader {
    struct rcn_document *document;
    struct rcn_arena *arena;
    const char *wrong; /* the first member that is not as we write it; NULL: none so far */
};

/* Puts the commit of the source before a path again (source.h). */
static struct rcn_span take_place(struct reader *self, const struct place *place)
{
    const char *commit = self->document->plan->source.commit;
    struct rcn_span span = {0};
    if (!place)
        return span;
    struct rcn_text *text = rcn_arena_alloc(self->arena, sizeof *text);
    text->path =
        commit ? rcn_arena_printf(self->arena, "%.7s:%s", commit, place->file) : place->file;
    span.text = text;
    span.line = (uint32_t)place->line;
    span.column = (uint32_t)place->column;
    if (place->entry.count) {
        struct rcn_span_entry *entry = rcn_arena_alloc(self->arena, sizeof *entry);
        *entry = place->entry;
        entry->label = rcn_span_entry_make_label(self->arena, entry->pairs, entry->count);
        span.entry = entry;
    }
    return span;
}

/* The desired sync of a row becomes one of the set; a row of an unmanaged sync has none. */
static void take_desired(struct reader *self, const struct row *row, struct rcn_desired_sync *ret)
{
    struct rcn_audience_sync *sync = &ret->sync;
    *ret = *row->row.desired;
    sync->company_id = row->sync.company_id;
    sync->ad_account_id = row->sync.ad_account_id;
    sync->audience_name = row->sync.audience_name;
    sync->frequency = rcn_frequency_find(sync->frequency);
    ret->location = take_place(self, row->location);
    ret->id_span = ret->segment_span = ret->ad_account_span = ret->location;
    if (!sync->segment_id == !sync->predefined_segment_id || !sync->frequency)
        self->wrong = "desired";
}

static void take_row(struct reader *self, const struct rcn_json *json,
                     struct rcn_desired_sync *desired, struct rcn_plan_row *ret)
{
    struct row row = {0};
    rcn_fields_read(json, &row_table, &row, self->arena, &self->wrong);
    if (self->wrong)
        return;
    *ret = row.row;
    ret->desired = desired;
    ret->is_ignored = row.ignored != NULL;
    if (row.ignored) {
        ret->ignore_reason = row.ignored->reason;
        ret->ignore_until = row.ignored->until;
    }
    for (size_t i = 0; i < ret->live_count; i++) {
        struct rcn_live_sync *live; /* in our arena: no one else has it yet */
        memcpy(&live, &ret->live[i], sizeof live);
        live->sync.company_id = row.sync.company_id;
    }
    /* Reports and freshness look at live[0] of every row that says it is there. */
    bool has_live = ret->status != RCN_STATUS_MISSING && ret->status != RCN_STATUS_WITHHELD;
    if ((ret->status == RCN_STATUS_UNMANAGED) == (desired != NULL) ||
        !row.row.desired == (desired != NULL))
        self->wrong = "status";
    else if (has_live != (ret->live_count > 0))
        self->wrong = "live";
    else if (desired)
        take_desired(self, &row, desired);
}

static void take_rows(struct reader *self, const struct rcn_json *root)
{
    struct rcn_plan *plan = self->document->plan;
    const struct rcn_json *rows = rcn_json_get(root, "syncs");
    const struct rcn_json *unmanaged = rcn_json_get(root, "unmanaged");
    struct rcn_desired_set *set = rcn_arena_alloc(self->arena, sizeof *set);
    set->count = plan->row_count = rcn_json_get_count(rows);
    set->syncs = rcn_arena_calloc(self->arena, set->count, sizeof *set->syncs);
    plan->unmanaged_count = rcn_json_get_count(unmanaged);
    plan->rows =
        rcn_arena_calloc(self->arena, plan->row_count + plan->unmanaged_count, sizeof *plan->rows);
    plan->unmanaged = &plan->rows[plan->row_count];
    for (size_t i = 0; i < plan->row_count && !self->wrong; i++) {
        take_row(self, rcn_json_get_at(rows, i), &set->syncs[i], &plan->rows[i]);
        set->needs_ad_accounts |= set->syncs[i].ad_account_name != NULL;
        set->needs_segments |= set->syncs[i].segment_name != NULL;
    }
    for (size_t i = 0; i < plan->unmanaged_count && !self->wrong; i++)
        take_row(self, rcn_json_get_at(unmanaged, i), NULL, &plan->unmanaged[i]);
    if (rcn_json_get_type(rows) != RCN_JSON_ARRAY || rcn_json_get_type(unmanaged) != RCN_JSON_ARRAY)
        self->wrong = self->wrong ? self->wrong : "syncs";
    self->document->desired = set;
}

static void take_head(struct reader *self, const struct rcn_json *root)
{
    struct rcn_document *document = self->document;
    struct rcn_plan *plan = document->plan;
    struct head head = {0};
    rcn_fields_read(root, &head_table, &head, self->arena, &self->wrong);
    if (self->wrong)
        return;
    *plan = head.plan;
    plan->arena = self->arena;
    plan->source = *head.report.source;
    plan->live = *head.live;
    plan->is_selected = head.is_selected == RCN_TRUE;
    plan->counts = head.summary.counts;
    if (head.cost)
        plan->cost = *head.cost;
    document->report = head.report;
    document->report.exit_code = (int)head.exit_code;
    document->report.desired_count = plan->counts.desired;
    if (rcn_json_get(root, "failOn"))
        document->report.fail_on |= RCN_FAIL_ON_GIVEN;
    document->report.plan = plan;
    document->report.diags = &document->diags;
}

/* What ended the run comes first and has no place. False: it is an ordinary finding. */
static bool take_error(const struct finding *first, struct rcn_error *ret)
{
    static const enum rcn_error_kind kinds[] = {RCN_ERROR_FAILED, RCN_ERROR_REFUSED,
                                                RCN_ERROR_INTERRUPTED};
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        ret->kind = kinds[i];
        if (first->location || strcmp(first->diag.rule, rcn_error_get_rule(ret)) != 0)
            continue;
        rcn_error_set(ret, kinds[i], "%s", first->diag.message);
        if (first->diag.hint)
            rcn_error_set_hint(ret, "%s", first->diag.hint);
        return true;
    }
    return false;
}

static void take_findings(struct reader *self, const struct rcn_json *list)
{
    struct rcn_document *document = self->document;
    struct rcn_diags *diags = &document->diags;
    for (size_t i = 0; i < rcn_json_get_count(list); i++) {
        struct finding finding = {0};
        rcn_fields_read(rcn_json_get_at(list, i), &finding_table, &finding, self->arena,
                        &self->wrong);
        if (self->wrong)
            return;
        if (i == 0 && take_error(&finding, &document->error)) {
            document->report.error = &document->error;
            continue;
        }
        const struct rcn_diag *read = &finding.diag;
        struct rcn_diag *diag =
            (read->severity == RCN_SEVERITY_ERROR ? rcn_diags_error : rcn_diags_warning)(
                diags, read->rule, take_place(self, finding.location), "%s", read->message);
        if (read->hint)
            rcn_diag_set_hint(diags, diag, "%s", read->hint);
        if (finding.note)
            rcn_diag_set_note(diags, diag, take_place(self, finding.note->location), "%s",
                              finding.note->message);
    }
}

/* Only what has rows of syncs can be shown or applied: a plan that failed before anything was
 * compared has neither live state nor rows. */
static int check_kind(const struct rcn_json *root, struct rcn_error *err)
{
    const char *version = rcn_json_get_member_string(root, "formatVersion");
    const char *command = rcn_json_get_member_string(root, "command");
    if (!version)
        return rcn_error_set(err, RCN_ERROR_REFUSED, "not a document of audiencectl");
    if (strcmp(version, RCN_FORMAT_VERSION) != 0) {
        rcn_error_set(err, RCN_ERROR_REFUSED, "unknown format version '%s', expected '%s'", version,
                      RCN_FORMAT_VERSION);
        return rcn_error_set_hint(err,
                                  "use the version of audiencectl that wrote it, or plan again");
    }
    if (!command || (strcmp(command, "plan") != 0 && strcmp(command, "drift") != 0))
        return rcn_error_set(err, RCN_ERROR_REFUSED, "it is the report of '%s', not of 'plan'",
                             command ? command : "nothing");
    if (rcn_json_get_type(rcn_json_get(root, "live")) == RCN_JSON_OBJECT &&
        rcn_json_get_type(rcn_json_get(root, "source")) == RCN_JSON_OBJECT)
        return 0;
    return rcn_error_set(err, RCN_ERROR_REFUSED,
                         "the run that wrote it failed before it had a plan");
}

static int read_document(struct rcn_document *document, const struct rcn_json *root,
                         struct rcn_error *err)
{
    struct reader reader = {.document = document, .arena = document->plan->arena};
    take_head(&reader, root);
    if (!reader.wrong)
        take_rows(&reader, root);
    if (!reader.wrong)
        take_findings(&reader, rcn_json_get(root, "diagnostics"));
    if (!reader.wrong)
        rcn_fields_read(rcn_json_get(root, "requests"), &requests_table, &document->report.requests,
                        reader.arena, &reader.wrong);
    if (!reader.wrong)
        return 0;
    return rcn_error_set(err, RCN_ERROR_REFUSED, "'%s' is not as audiencectl writes it",
                         reader.wrong);
}

struct rcn_document *rcn_document_new(const char *bytes, size_t len, struct rcn_error *err)
{
    struct rcn_document *document = rcn_calloc(1, sizeof *document);
    rcn_diags_init(&document->diags);
    document->plan = rcn_calloc(1, sizeof *document->plan);
    document->plan->arena = rcn_arena_new(SIZE_MAX);
    struct rcn_json *root = rcn_json_parse(bytes, len, err);
    if (!root)
        err->kind = RCN_ERROR_REFUSED;
    if (!root || check_kind(root, err) ||
        (!rcn_sha256_is_sealed(bytes, len) &&
         rcn_error_set(err, RCN_ERROR_REFUSED,
                       "the document was edited: its digest does not match")) ||
        read_document(document, root, err)) {
        rcn_document_free(document);
        document = NULL;
    }
    rcn_json_free(root);
    return document;
}

void rcn_document_free(struct rcn_document *document)
{
    if (!document)
        return;
    rcn_plan_free(document->plan);
    rcn_diags_release(&document->diags);
    free(document);
}
