#include "report/view.h"

#include <string.h>

#include "base/time.h"

/* --- kinds --- */

static const struct {
    const char *name;
    const char *title;
    char symbol;
    const char *sentence;
} kinds[] = {
    [RCN_KIND_FAILED] = {"failed", "Failed", 'x', "was not created: the server refused it"},
    [RCN_KIND_UNKNOWN] = {"unknown", "Unknown", 'x',
                          "may have been created or not: nobody can say"},
    [RCN_KIND_UNVERIFIED] = {"unverified", "Created, but not right", 'x',
                             "was created, but is not as it should be"},
    [RCN_KIND_NOT_ATTEMPTED] = {"not-attempted", "Not attempted", 'x',
                                "was not attempted: nothing was sent"},
    [RCN_KIND_DUPLICATE] = {"duplicate", "Duplicate", '!',
                            "is there more than once: apply will not touch it"},
    [RCN_KIND_DRIFTED] = {"drifted", "Drifted", '~', "has drifted: apply will not change it"},
    [RCN_KIND_UNHEALTHY] = {"unhealthy", "Unhealthy", '!', "is in sync, but unhealthy"},
    [RCN_KIND_MISSING] = {"missing", "Missing", '+', "is missing: apply will create it"},
    [RCN_KIND_WITHHELD] = {"withheld", "Withheld", 'o', "is withheld: apply will not create it"},
    [RCN_KIND_EXISTS] = {"exists", "Already there", '=',
                         "appeared meanwhile: this run did not create it"},
    [RCN_KIND_CREATED] = {"created", "Created", '+', "was created"},
    [RCN_KIND_UNMANAGED] = {"unmanaged", "Unmanaged", '?',
                            "is unmanaged: live, but in no manifest"},
    [RCN_KIND_IGNORED] = {"ignored", "Ignored", '-', "is ignored: a known difference"},
    [RCN_KIND_IN_SYNC] = {"in-sync", "In sync", '=', "is in sync"},
};

const char *rcn_kind_name(enum rcn_kind kind)
{
    return kinds[kind].name;
}

const char *rcn_kind_title(enum rcn_kind kind)
{
    return kinds[kind].title;
}

char rcn_kind_symbol(enum rcn_kind kind)
{
    return kinds[kind].symbol;
}

const char *rcn_kind_sentence(enum rcn_kind kind)
{
    return kinds[kind].sentence;
}

const char *rcn_health_get_advice(unsigned health)
{
    if (health & RCN_HEALTH_DISCONNECTED)
        return "a person has to connect Meta again in the dashboard: nothing is uploaded until "
               "then";
    if (health & RCN_HEALTH_ERROR)
        return "its last upload failed: look at lastSyncError, or in the dashboard";
    if (health & RCN_HEALTH_STALE)
        return "it is active, but has not run for over twice its frequency: look at it in the "
               "dashboard";
    return NULL;
}

static enum rcn_kind get_result_kind(const struct rcn_result *result)
{
    switch (result->outcome) {
    case RCN_OUTCOME_CREATED:
        return result->error ? RCN_KIND_UNVERIFIED : RCN_KIND_CREATED;
    case RCN_OUTCOME_EXISTS:
        return RCN_KIND_EXISTS;
    case RCN_OUTCOME_FAILED:
        return RCN_KIND_FAILED;
    case RCN_OUTCOME_UNKNOWN:
        return RCN_KIND_UNKNOWN;
    case RCN_OUTCOME_NONE:
    case RCN_OUTCOME_NOT_ATTEMPTED:
        break;
    }
    return RCN_KIND_NOT_ATTEMPTED;
}

static enum rcn_kind get_status_kind(const struct rcn_plan_row *row)
{
    switch (row->status) {
    case RCN_STATUS_IN_SYNC:
        return row->health ? RCN_KIND_UNHEALTHY : RCN_KIND_IN_SYNC;
    case RCN_STATUS_MISSING:
        return RCN_KIND_MISSING;
    case RCN_STATUS_DRIFTED:
        return RCN_KIND_DRIFTED;
    case RCN_STATUS_DUPLICATE:
        return RCN_KIND_DUPLICATE;
    case RCN_STATUS_WITHHELD:
        return RCN_KIND_WITHHELD;
    case RCN_STATUS_UNMANAGED:
        break;
    }
    return RCN_KIND_UNMANAGED;
}

enum rcn_kind rcn_view_get_kind(const struct rcn_report *report, const struct rcn_plan_row *row)
{
    const struct rcn_result *result = rcn_report_get_result(report, row);
    if (row->is_ignored)
        return RCN_KIND_IGNORED;
    return result ? get_result_kind(result) : get_status_kind(row);
}

bool rcn_view_is_failure(const struct rcn_report *report, const struct rcn_plan_row *row)
{
    const struct rcn_fail_on *fail_on = report->fail_on;
    if (!fail_on || row->is_ignored)
        return false;
    return fail_on->status[row->status] || (fail_on->unhealthy && row->desired && row->health);
}

enum rcn_level rcn_view_get_level(const struct rcn_report *report, const struct rcn_plan_row *row)
{
    if (rcn_view_is_failure(report, row))
        return RCN_LEVEL_ERROR;
    switch (rcn_view_get_kind(report, row)) {
    case RCN_KIND_FAILED:
    case RCN_KIND_UNKNOWN:
    case RCN_KIND_UNVERIFIED:
    case RCN_KIND_NOT_ATTEMPTED:
        return RCN_LEVEL_ERROR;
    case RCN_KIND_DUPLICATE:
    case RCN_KIND_DRIFTED:
    case RCN_KIND_UNHEALTHY:
        return RCN_LEVEL_WARNING;
    case RCN_KIND_MISSING:
    case RCN_KIND_WITHHELD:
    case RCN_KIND_EXISTS:
    case RCN_KIND_UNMANAGED:
        return RCN_LEVEL_NOTICE;
    case RCN_KIND_CREATED:
    case RCN_KIND_IGNORED:
    case RCN_KIND_IN_SYNC:
        break;
    }
    return RCN_LEVEL_NONE;
}

struct rcn_kind_counts rcn_view_count_kinds(const struct rcn_report *report)
{
    struct rcn_kind_counts counts = {0};
    for (size_t i = 0; i < rcn_view_get_row_count(report); i++)
        counts.of[rcn_view_get_kind(report, rcn_view_get_row(report, i))]++;
    return counts;
}

/* --- facts --- */

size_t rcn_view_get_row_count(const struct rcn_report *report)
{
    return report->plan ? report->plan->row_count + report->plan->unmanaged_count : 0;
}

const struct rcn_plan_row *rcn_view_get_row(const struct rcn_report *report, size_t index)
{
    const struct rcn_plan *plan = report->plan;
    return index < plan->row_count ? &plan->rows[index] : &plan->unmanaged[index - plan->row_count];
}

const char *rcn_view_get_file(const struct rcn_report *report, struct rcn_span span)
{
    return span.text && span.text->path[0] != '<' ? rcn_report_get_path(report, span) : NULL;
}

bool rcn_view_leads_to_apply(const struct rcn_report *report)
{
    return strcmp(report->command, "drift") != 0;
}

bool rcn_view_has_companies(const struct rcn_report *report)
{
    const struct rcn_live_facts *live = rcn_report_get_live(report);
    return live && live->company_count > 1;
}

const char *rcn_view_get_company_name(const struct rcn_report *report,
                                      const struct rcn_audience_sync *sync)
{
    const struct rcn_live_facts *live = rcn_report_get_live(report);
    for (size_t i = 0; live && sync->company_id && i < live->company_count; i++) {
        const struct rcn_company_facts *company = &live->companies[i];
        if (company->company_id && strcmp(company->company_id, sync->company_id) == 0)
            return company->name;
    }
    return NULL;
}

/* --- fields --- */

struct fields {
    struct rcn_field *items;
    size_t count;
};

/* A field that nobody knows is not shown. */
static void add_field(struct fields *fields, const char *name, const char *value,
                      const char *comment)
{
    if (value && fields->count < RCN_FIELDS_MAX)
        fields->items[fields->count++] =
            (struct rcn_field){.name = name, .live = value, .comment = comment};
}

static const struct rcn_change *find_change(const struct rcn_plan_row *row, const char *field)
{
    for (size_t i = 0; i < row->change_count; i++)
        if (strcmp(row->changes[i].field, field) == 0)
            return &row->changes[i];
    return NULL;
}

static void add_comparable(struct fields *fields, const struct rcn_plan_row *row, const char *name,
                           const char *value)
{
    const struct rcn_change *change = find_change(row, name);
    if (!change) {
        add_field(fields, name, value, NULL);
        return;
    }
    add_field(fields, name, change->live ? change->live : "(none)", NULL);
    fields->items[fields->count - 1].desired = change->desired ? change->desired : "(none)";
}

static void add_health_fields(struct fields *fields, const struct rcn_plan_row *row)
{
    if (!row->health || row->live_count != 1)
        return;
    add_field(fields, "syncStatus", row->live[0]->sync_status, NULL);
    add_field(fields, "lastSyncError", row->live[0]->last_sync_error, NULL);
    add_field(fields, "lastSyncAt",
              row->live[0]->last_sync_at ? row->live[0]->last_sync_at : "(never)", NULL);
}

size_t rcn_view_get_fields(const struct rcn_report *report, const struct rcn_plan_row *row,
                           struct rcn_field ret[RCN_FIELDS_MAX])
{
    const struct rcn_audience_sync *sync = rcn_row_get_sync(row);
    const struct rcn_result *result = rcn_report_get_result(report, row);
    struct fields fields = {.items = ret};
    if (result)
        add_field(&fields, "id", result->id, NULL);
    else
        add_field(&fields, "id", row->live_count == 1 ? row->live[0]->sync.id : sync->id, NULL);
    if (rcn_view_has_companies(report))
        add_field(&fields, "companyId", sync->company_id, NULL);
    add_field(&fields, "adAccountId", sync->ad_account_id, row->ad_account_name);
    add_field(&fields, "predefinedSegmentId", sync->predefined_segment_id, NULL);
    add_comparable(&fields, row, "segmentId", sync->segment_id);
    add_comparable(&fields, row, "frequency", sync->frequency);
    add_comparable(&fields, row, "isActive", rcn_tristate_name(sync->is_active));
    add_health_fields(&fields, row);
    return fields.count;
}

/* --- words --- */

static void add_item(struct rcn_buf *out, bool *is_first, const char *text)
{
    if (!text)
        return;
    rcn_buf_add_str(out, *is_first ? "" : ", ");
    rcn_buf_add_str(out, text);
    *is_first = false;
}

/* Without a colon when nothing is known but the id. */
static void add_known(struct rcn_buf *out, bool *is_first, const char *text)
{
    if (text && *is_first)
        rcn_buf_add_str(out, ": ");
    add_item(out, is_first, text);
}

void rcn_view_add_live(struct rcn_buf *out, const struct rcn_live_sync *live)
{
    bool is_first = true;
    const char *activity[] = {[RCN_ABSENT] = NULL, [RCN_FALSE] = "paused", [RCN_TRUE] = "active"};
    rcn_buf_add_str(out, live->sync.id);
    add_known(out, &is_first, live->sync.segment_id);
    add_known(out, &is_first, live->sync.frequency);
    add_known(out, &is_first, activity[live->sync.is_active]);
    add_known(out, &is_first, live->sync_status);
    if (live->created_at) {
        add_known(out, &is_first, "created ");
        rcn_buf_add_str(out, live->created_at);
    }
}

void rcn_view_add_health(struct rcn_buf *out, unsigned health)
{
    static const enum rcn_health flags[] = {RCN_HEALTH_ERROR, RCN_HEALTH_DISCONNECTED,
                                            RCN_HEALTH_STALE};
    bool is_first = true;
    for (size_t i = 0; i < sizeof flags / sizeof *flags; i++)
        if (health & (unsigned)flags[i])
            add_item(out, &is_first, rcn_health_name(flags[i]));
}

void rcn_view_add_ignored(struct rcn_buf *out, const struct rcn_plan_row *row)
{
    if (row->status != RCN_STATUS_IN_SYNC)
        rcn_buf_add_str(out, rcn_status_name(row->status));
    if (row->status != RCN_STATUS_IN_SYNC && row->desired && row->health)
        rcn_buf_add_str(out, ", ");
    if (row->desired)
        rcn_view_add_health(out, row->health);
    if (row->ignore_until)
        rcn_buf_printf(out, ", until %s", row->ignore_until);
    if (row->ignore_reason)
        rcn_buf_printf(out, ": %s", row->ignore_reason);
}

void rcn_view_add_number(struct rcn_buf *out, size_t number)
{
    if (number >= 1000) {
        rcn_view_add_number(out, number / 1000);
        rcn_buf_printf(out, ",%03zu", number % 1000);
    } else {
        rcn_buf_printf(out, "%zu", number);
    }
}

void rcn_view_add_count(struct rcn_buf *out, size_t number, const char *one, const char *many)
{
    rcn_view_add_number(out, number);
    rcn_buf_add_char(out, ' ');
    rcn_buf_add_str(out, number == 1 ? one : many);
}

static void add_part(struct rcn_buf *out, const char *before, size_t number, const char *word)
{
    rcn_buf_add_str(out, before);
    rcn_view_add_count(out, number, word, word);
}

void rcn_view_add_summary(struct rcn_buf *out, const struct rcn_report *report)
{
    const struct rcn_plan_counts counts = rcn_report_get_counts(report);
    rcn_view_add_count(out, counts.desired, "sync", "syncs");
    add_part(out, " desired: ", counts.by_status[RCN_STATUS_IN_SYNC], "in sync");
    add_part(out, ", ", counts.by_status[RCN_STATUS_MISSING], "missing");
    add_part(out, ", ", counts.by_status[RCN_STATUS_DRIFTED], "drifted");
    add_part(out, ", ", counts.by_status[RCN_STATUS_DUPLICATE], "duplicate");
    add_part(out, ", ", counts.by_status[RCN_STATUS_WITHHELD], "withheld");
    add_part(out, "; ", counts.unhealthy, "unhealthy");
    add_part(out, ", ", counts.ignored, "ignored");
    add_part(out, ", ", counts.by_status[RCN_STATUS_UNMANAGED], "unmanaged");
}

void rcn_view_add_outcomes(struct rcn_buf *out, const struct rcn_report *report)
{
    static const struct {
        enum rcn_outcome outcome;
        const char *word;
    } parts[] = {{RCN_OUTCOME_CREATED, "created"},
                 {RCN_OUTCOME_EXISTS, "already there"},
                 {RCN_OUTCOME_FAILED, "failed"},
                 {RCN_OUTCOME_UNKNOWN, "unknown"},
                 {RCN_OUTCOME_NOT_ATTEMPTED, "not attempted"}};
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        add_part(out, i ? ", " : "", rcn_report_get_outcomes(report, parts[i].outcome),
                 parts[i].word);
}

void rcn_view_add_cost(struct rcn_buf *out, const struct rcn_report *report)
{
    const struct rcn_plan *plan = report->plan;
    char duration[RCN_TIME_SIZE];
    if (!plan || report->results || !plan->counts.by_status[RCN_STATUS_MISSING] ||
        !rcn_view_leads_to_apply(report))
        return;
    rcn_duration_format(plan->create_ms, duration);
    rcn_buf_add_str(out, "apply will create ");
    rcn_view_add_count(out, plan->counts.by_status[RCN_STATUS_MISSING], "sync", "syncs");
    rcn_buf_add_str(out, ": ");
    rcn_view_add_count(out, plan->create_requests, "request", "requests");
    if (plan->create_ms)
        rcn_buf_printf(out, ", at least %s under the rate limit", duration);
    else
        rcn_buf_add_str(out, ", no wait under the rate limit");
}

void rcn_view_add_verdict(struct rcn_buf *out, const struct rcn_report *report)
{
    static const enum rcn_status statuses[] = {RCN_STATUS_MISSING, RCN_STATUS_DRIFTED,
                                               RCN_STATUS_DUPLICATE, RCN_STATUS_WITHHELD,
                                               RCN_STATUS_UNMANAGED};
    const struct rcn_fail_on *fail_on = report->fail_on;
    if (!fail_on || !report->plan)
        return;
    const struct rcn_plan_counts *counts = &report->plan->counts;
    const char *before = "fails for ";
    for (size_t i = 0; i < sizeof statuses / sizeof *statuses; i++) {
        size_t count = fail_on->status[statuses[i]] ? counts->by_status[statuses[i]] : 0;
        if (!count)
            continue;
        add_part(out, before, count, rcn_status_name(statuses[i]));
        before = ", ";
    }
    if (fail_on->unhealthy && counts->unhealthy)
        add_part(out, before, counts->unhealthy, "unhealthy");
    else if (before[0] != ',')
        rcn_buf_add_str(out, "no difference that counts");
}

void rcn_view_add_source(struct rcn_buf *out, const struct rcn_report *report)
{
    const struct rcn_source_facts *source = rcn_report_get_source(report);
    size_t syncs = report->plan ? report->plan->counts.desired : 0;
    rcn_buf_printf(out, "%s (", source->url ? source->url : source->kind);
    rcn_view_add_count(out, report->desired_count ? report->desired_count : syncs, "sync", "syncs");
    rcn_buf_add_str(out, " in ");
    rcn_view_add_count(out, source->files, "manifest", "manifests");
    if (source->skipped) {
        rcn_buf_add_str(out, ", ");
        rcn_view_add_count(out, source->skipped, "other skipped", "others skipped");
    }
    rcn_buf_add_char(out, ')');
}

void rcn_view_add_commit(struct rcn_buf *out, const struct rcn_source_facts *source)
{
    rcn_buf_add_str(out, source->commit);
    if (source->ref)
        rcn_buf_printf(out, " (%s)", source->ref);
}

void rcn_view_add_api(struct rcn_buf *out, const struct rcn_report *report)
{
    const struct rcn_live_facts *live = rcn_report_get_live(report);
    char taken[RCN_TIME_SIZE];
    char age[RCN_TIME_SIZE];
    rcn_buf_add_str(out, live->api_url);
    if (!live->is_snapshot)
        return;
    rcn_time_format(live->fetched_at_ms, taken);
    rcn_age_format(report->created_at_ms - live->fetched_at_ms, age);
    rcn_buf_printf(out, ", as in a snapshot of %s (%s old)", taken, age);
}

void rcn_view_add_company(struct rcn_buf *out, const struct rcn_company_facts *company)
{
    const char *id = company->company_id ? company->company_id : "the key's own";
    if (company->name)
        rcn_buf_printf(out, "%s (%s), ", company->name, id);
    else
        rcn_buf_printf(out, "%s, ", id);
    rcn_view_add_count(out, company->syncs, "live sync", "live syncs");
}

/* --- failures --- */

static const char *get_verb(const struct rcn_error *error)
{
    switch (error->kind) {
    case RCN_ERROR_REFUSED:
        return "was refused";
    case RCN_ERROR_INTERRUPTED:
        return "was interrupted";
    case RCN_ERROR_USAGE:
    case RCN_ERROR_FAILED:
        break;
    }
    return "failed";
}

void rcn_view_add_failure(struct rcn_buf *out, const struct rcn_report *report)
{
    const struct rcn_diags *diags = report->diags;
    if (report->error) {
        rcn_buf_printf(out, "%s %s: %s", report->command, get_verb(report->error),
                       report->error->message);
    } else if (diags->errors) {
        rcn_buf_printf(out, "%s failed: ", report->command);
        rcn_view_add_count(out, diags->errors, "error", "errors");
        if (diags->warnings) {
            rcn_buf_add_str(out, ", ");
            rcn_view_add_count(out, diags->warnings, "warning", "warnings");
        }
    }
}
