#include "plan/plan_file.h"

#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/memory.h"
#include "base/sha256.h"
#include "base/time.h"

/* Reads members into the arena; the first thing that does not fit is kept and stops the rest. */
struct reader {
    struct rcn_arena *arena;
    struct rcn_diags *diags;
    const char *commit; /* of the source: it stands before the path of every place (source.h) */
    const char *wrong;  /* the key that was not as we write it; NULL: nothing so far */
    bool no_memory;
};

static bool is_broken(const struct reader *reader)
{
    return reader->wrong || reader->no_memory;
}

static void *reserve(struct reader *reader, size_t count, size_t size)
{
    void *memory = rcn_arena_calloc(reader->arena, count, size);
    if (!memory)
        reader->no_memory = true;
    return memory;
}

static const char *take_optional(struct reader *reader, const struct rcn_json *object,
                                 const char *key)
{
    const struct rcn_json *member = rcn_json_get(object, key);
    const char *text = rcn_json_get_string(member);
    if (!text) {
        if (rcn_json_get_type(member) > RCN_JSON_NULL)
            reader->wrong = key;
        return NULL;
    }
    const char *copy = rcn_arena_strdup(reader->arena, text);
    if (!copy)
        reader->no_memory = true;
    return copy;
}

/* Never NULL: a broken reader hands out "" so that nobody has to look before the end. */
static const char *take_string(struct reader *reader, const struct rcn_json *object,
                               const char *key)
{
    const char *text = take_optional(reader, object, key);
    if (!text)
        reader->wrong = reader->wrong ? reader->wrong : key;
    return text ? text : "";
}

static long long take_integer(struct reader *reader, const struct rcn_json *object, const char *key)
{
    long long number = 0;
    if (!rcn_json_get_integer(rcn_json_get(object, key), &number))
        reader->wrong = key;
    return number;
}

static size_t take_count(struct reader *reader, const struct rcn_json *object, const char *key)
{
    long long number = take_integer(reader, object, key);
    if (number < 0)
        reader->wrong = key;
    return number < 0 ? 0 : (size_t)number;
}

static int64_t take_time(struct reader *reader, const struct rcn_json *object, const char *key)
{
    int64_t time_ms = 0;
    const char *text = rcn_json_get_member_string(object, key);
    if (!text || !rcn_time_parse(text, &time_ms))
        reader->wrong = key;
    return time_ms;
}

static enum rcn_tristate take_tristate(struct reader *reader, const struct rcn_json *object,
                                       const char *key)
{
    const struct rcn_json *member = rcn_json_get(object, key);
    if (rcn_json_is_true(member))
        return RCN_TRUE;
    if (rcn_json_is_false(member))
        return RCN_FALSE;
    if (member)
        reader->wrong = key;
    return RCN_ABSENT;
}

/* --- rows --- */

static struct rcn_span take_location(struct reader *reader, const struct rcn_json *owner)
{
    struct rcn_span span = {0};
    const struct rcn_json *location = rcn_json_get(owner, "location");
    const char *path = take_optional(reader, location, "file");
    if (!path)
        return span;
    struct rcn_text *text = reserve(reader, 1, sizeof *text);
    if (!text)
        return span;
    text->path =
        reader->commit ? rcn_arena_printf(reader->arena, "%.7s:%s", reader->commit, path) : path;
    if (!text->path)
        reader->no_memory = true;
    span.text = text;
    span.line = (uint32_t)take_count(reader, location, "line");
    span.column = (uint32_t)take_count(reader, location, "column");
    return span;
}

static void take_identity(struct reader *reader, const struct rcn_json *json,
                          struct rcn_audience_sync *ret)
{
    ret->company_id = take_optional(reader, json, "companyId");
    ret->ad_account_id = take_string(reader, json, "adAccountId");
    ret->audience_name = take_string(reader, json, "audienceName");
}

static void take_desired(struct reader *reader, const struct rcn_json *row,
                         struct rcn_desired_sync *ret)
{
    const struct rcn_json *desired = rcn_json_get(row, "desired");
    take_identity(reader, row, &ret->sync);
    ret->sync.id = take_optional(reader, desired, "id");
    ret->sync.segment_id = take_optional(reader, desired, "segmentId");
    ret->sync.predefined_segment_id = take_optional(reader, desired, "predefinedSegmentId");
    ret->sync.frequency = rcn_frequency_find(take_string(reader, desired, "frequency"));
    ret->sync.is_active = take_tristate(reader, desired, "isActive");
    ret->location = take_location(reader, row);
    ret->id_span = ret->segment_span = ret->ad_account_span = ret->location;
    if (!ret->sync.segment_id == !ret->sync.predefined_segment_id || !ret->sync.frequency ||
        ret->sync.is_active == RCN_ABSENT)
        reader->wrong = reader->wrong ? reader->wrong : "desired";
}

static struct rcn_live_sync *take_live_sync(struct reader *reader, const struct rcn_json *json,
                                            const char *company_id)
{
    struct rcn_live_sync *live = reserve(reader, 1, sizeof *live);
    if (!live)
        return NULL;
    long long count = -1;
    take_identity(reader, json, &live->sync);
    live->sync.company_id = company_id;
    live->sync.id = take_string(reader, json, "id");
    live->sync.segment_id = take_optional(reader, json, "segmentId");
    live->sync.frequency = take_optional(reader, json, "frequency");
    live->sync.is_active = take_tristate(reader, json, "isActive");
    live->segment_name = take_optional(reader, json, "segmentName");
    live->sync_status = take_optional(reader, json, "syncStatus");
    live->last_sync_at = take_optional(reader, json, "lastSyncAt");
    live->last_sync_error = take_optional(reader, json, "lastSyncError");
    live->created_at = take_optional(reader, json, "createdAt");
    rcn_json_get_integer(rcn_json_get(json, "lastSyncedCount"), &count);
    live->last_synced_count = count;
    return live;
}

static void take_live(struct reader *reader, const struct rcn_json *json, const char *company_id,
                      struct rcn_plan_row *row)
{
    const struct rcn_json *list = rcn_json_get(json, "live");
    size_t count = rcn_json_get_count(list);
    const struct rcn_live_sync **live = reserve(reader, count, sizeof(struct rcn_live_sync *));
    if (!live || rcn_json_get_type(list) != RCN_JSON_ARRAY) {
        reader->wrong = "live";
        return;
    }
    for (size_t i = 0; i < count && !is_broken(reader); i++)
        live[i] = take_live_sync(reader, rcn_json_get_at(list, i), company_id);
    row->live = live;
    row->live_count = count;
}

static void take_changes(struct reader *reader, const struct rcn_json *json,
                         struct rcn_plan_row *row)
{
    const struct rcn_json *list = rcn_json_get(json, "changes");
    size_t count = rcn_json_get_count(list);
    row->changes = reserve(reader, count, sizeof *row->changes);
    for (size_t i = 0; i < count && !is_broken(reader); i++) {
        const struct rcn_json *change = rcn_json_get_at(list, i);
        row->changes[i].field = take_string(reader, change, "field");
        row->changes[i].live = take_string(reader, change, "live");
        row->changes[i].desired = take_string(reader, change, "desired");
        row->change_count++;
    }
}

static void take_notes(struct reader *reader, const struct rcn_json *json, struct rcn_plan_row *row)
{
    const struct rcn_json *list = rcn_json_get(json, "notes");
    size_t count = rcn_json_get_count(list);
    row->notes = reserve(reader, count, sizeof *row->notes);
    for (size_t i = 0; i < count && !is_broken(reader); i++) {
        const char *note = rcn_json_get_string(rcn_json_get_at(list, i));
        row->notes[i] = note ? rcn_arena_strdup(reader->arena, note) : NULL;
        if (!row->notes[i])
            reader->wrong = "notes";
        row->note_count++;
    }
}

static unsigned take_health(struct reader *reader, const struct rcn_json *json)
{
    static const enum rcn_health flags[] = {RCN_HEALTH_ERROR, RCN_HEALTH_DISCONNECTED,
                                            RCN_HEALTH_STALE};
    const struct rcn_json *list = rcn_json_get(json, "health");
    unsigned health = 0;
    for (size_t i = 0; i < rcn_json_get_count(list); i++) {
        const char *name = rcn_json_get_string(rcn_json_get_at(list, i));
        unsigned found = 0;
        for (size_t j = 0; j < sizeof flags / sizeof *flags; j++)
            if (name && strcmp(name, rcn_health_name(flags[j])) == 0)
                found = flags[j];
        if (!found)
            reader->wrong = "health";
        health |= found;
    }
    return health;
}

static void take_row(struct reader *reader, const struct rcn_json *json, struct rcn_plan_row *row)
{
    int status = rcn_status_find(take_string(reader, json, "status"));
    if (status < 0 || (status == RCN_STATUS_UNMANAGED) != (row->desired == NULL)) {
        reader->wrong = "status";
        return;
    }
    row->status = (enum rcn_status)status;
    take_live(reader, json,
              row->desired ? row->desired->sync.company_id
                           : take_optional(reader, json, "companyId"),
              row);
    take_changes(reader, json, row);
    take_notes(reader, json, row);
    row->health = take_health(reader, json);
    row->ad_account_name = take_optional(reader, json, "adAccountName");
    const struct rcn_json *ignored = rcn_json_get(json, "ignored");
    row->is_ignored = rcn_json_get_type(ignored) == RCN_JSON_OBJECT;
    row->ignore_reason = take_optional(reader, ignored, "reason");
    row->ignore_until = take_optional(reader, ignored, "until");
    /* Reports and freshness look at live[0] of every row that says it is there. */
    bool has_live = row->status != RCN_STATUS_MISSING && row->status != RCN_STATUS_WITHHELD;
    if (has_live != (row->live_count > 0))
        reader->wrong = "live";
}

static struct rcn_desired_set *take_rows(struct reader *reader, const struct rcn_json *list,
                                         struct rcn_plan *plan)
{
    size_t count = rcn_json_get_count(list);
    struct rcn_desired_set *set = reserve(reader, 1, sizeof *set);
    struct rcn_desired_sync *syncs = reserve(reader, count, sizeof *syncs);
    plan->rows = reserve(reader, count, sizeof *plan->rows);
    if (is_broken(reader) || rcn_json_get_type(list) != RCN_JSON_ARRAY) {
        reader->wrong = "syncs";
        return set;
    }
    for (size_t i = 0; i < count && !is_broken(reader); i++) {
        const struct rcn_json *json = rcn_json_get_at(list, i);
        take_desired(reader, json, &syncs[i]);
        plan->rows[i].desired = &syncs[i];
        take_row(reader, json, &plan->rows[i]);
    }
    set->syncs = syncs;
    set->count = plan->row_count = count;
    return set;
}

static void take_unmanaged(struct reader *reader, const struct rcn_json *list,
                           struct rcn_plan *plan)
{
    size_t count = rcn_json_get_count(list);
    plan->unmanaged = reserve(reader, count, sizeof *plan->unmanaged);
    if (is_broken(reader) || rcn_json_get_type(list) != RCN_JSON_ARRAY) {
        reader->wrong = "unmanaged";
        return;
    }
    for (size_t i = 0; i < count && !is_broken(reader); i++)
        take_row(reader, rcn_json_get_at(list, i), &plan->unmanaged[i]);
    plan->unmanaged_count = count;
}

static void take_managed_elsewhere(struct reader *reader, const struct rcn_json *list,
                                   struct rcn_plan *plan)
{
    size_t count = rcn_json_get_count(list);
    struct rcn_audience_sync *syncs = reserve(reader, count, sizeof *syncs);
    plan->managed_elsewhere = reserve(reader, count, sizeof *plan->managed_elsewhere);
    for (size_t i = 0; i < count && !is_broken(reader); i++) {
        take_identity(reader, rcn_json_get_at(list, i), &syncs[i]);
        syncs[i].id = take_string(reader, rcn_json_get_at(list, i), "id");
        plan->managed_elsewhere[i] = &syncs[i];
    }
    plan->managed_elsewhere_count = is_broken(reader) ? 0 : count;
}

/* --- the rest of the document --- */

static void take_summary(struct reader *reader, const struct rcn_json *summary,
                         struct rcn_plan_counts *ret)
{
    ret->desired = take_count(reader, summary, "desired");
    ret->by_status[RCN_STATUS_IN_SYNC] = take_count(reader, summary, "inSync");
    ret->by_status[RCN_STATUS_MISSING] = take_count(reader, summary, "missing");
    ret->by_status[RCN_STATUS_DRIFTED] = take_count(reader, summary, "drifted");
    ret->by_status[RCN_STATUS_DUPLICATE] = take_count(reader, summary, "duplicate");
    ret->by_status[RCN_STATUS_WITHHELD] = take_count(reader, summary, "withheld");
    ret->by_status[RCN_STATUS_UNMANAGED] = take_count(reader, summary, "unmanaged");
    ret->unhealthy = take_count(reader, summary, "unhealthy");
    ret->ignored = take_count(reader, summary, "ignored");
}

static void take_source(struct reader *reader, const struct rcn_json *source,
                        struct rcn_source_facts *ret)
{
    ret->kind = take_string(reader, source, "kind");
    ret->url = take_optional(reader, source, "url");
    ret->ref = take_optional(reader, source, "ref");
    ret->commit = take_optional(reader, source, "commit");
    ret->files = take_count(reader, source, "files");
    ret->skipped = take_count(reader, source, "skipped");
    ret->digest = take_optional(reader, source, "digest");
}

static void take_live_facts(struct reader *reader, const struct rcn_json *live,
                            struct rcn_live_facts *ret)
{
    const struct rcn_json *companies = rcn_json_get(live, "companies");
    size_t count = rcn_json_get_count(companies);
    ret->api_url = take_string(reader, live, "apiUrl");
    ret->fetched_at_ms = take_time(reader, live, "fetchedAt");
    ret->digest = take_optional(reader, live, "digest");
    ret->companies = reserve(reader, count, sizeof *ret->companies);
    for (size_t i = 0; i < count && !is_broken(reader); i++) {
        const struct rcn_json *company = rcn_json_get_at(companies, i);
        ret->companies[i].company_id = take_optional(reader, company, "companyId");
        ret->companies[i].name = take_optional(reader, company, "name");
        ret->companies[i].syncs = take_count(reader, company, "syncs");
        ret->companies[i].is_named = take_tristate(reader, company, "named") == RCN_TRUE;
        ret->company_count++;
    }
}

static void take_note(struct reader *reader, const struct rcn_json *note, struct rcn_diag *diag)
{
    if (!note)
        return;
    const char *message = take_string(reader, note, "message");
    rcn_diag_set_note(reader->diags, diag, take_location(reader, note), "%s", message);
}

/* What ended the run stands first, and in no file (report_json.c). */
static bool take_error(struct reader *reader, const struct rcn_json *first, struct rcn_error *ret)
{
    static const struct {
        const char *rule;
        enum rcn_error_kind kind;
    } rules[] = {{"failed", RCN_ERROR_FAILED},
                 {"refused", RCN_ERROR_REFUSED},
                 {"interrupted", RCN_ERROR_INTERRUPTED}};
    const char *rule = rcn_json_get_member_string(first, "rule");
    if (!rule || rcn_json_get(first, "file"))
        return false;
    for (size_t i = 0; i < sizeof rules / sizeof *rules; i++) {
        if (strcmp(rule, rules[i].rule) != 0)
            continue;
        const char *message = take_string(reader, first, "message");
        const char *hint = take_optional(reader, first, "hint");
        rcn_error_set(ret, rules[i].kind, "%s", message);
        if (hint)
            rcn_error_set_hint(ret, "%s", hint);
        return true;
    }
    return false;
}

static void take_diagnostics(struct reader *reader, const struct rcn_json *list,
                             struct rcn_error *ret_error)
{
    size_t count = rcn_json_get_count(list);
    size_t begin = count && take_error(reader, rcn_json_get_at(list, 0), ret_error);
    for (size_t i = begin; i < count && !is_broken(reader); i++) {
        const struct rcn_json *json = rcn_json_get_at(list, i);
        const char *severity = take_string(reader, json, "severity");
        const char *rule = take_string(reader, json, "rule");
        const char *message = take_string(reader, json, "message");
        const char *hint = take_optional(reader, json, "hint");
        struct rcn_span span = take_location(reader, json);
        struct rcn_diag *diag = strcmp(severity, "error") == 0
                                    ? rcn_diags_error(reader->diags, rule, span, "%s", message)
                                    : rcn_diags_warning(reader->diags, rule, span, "%s", message);
        if (hint)
            rcn_diag_set_hint(reader->diags, diag, "%s", hint);
        take_note(reader, rcn_json_get(json, "note"), diag);
    }
}

static void take_costs(struct reader *reader, const struct rcn_json *root,
                       struct rcn_plan_file *file)
{
    const struct rcn_json *apply = rcn_json_get(root, "apply");
    const struct rcn_json *requests = rcn_json_get(root, "requests");
    if (apply) {
        file->plan->create_requests = take_count(reader, apply, "requests");
        file->plan->create_ms = take_integer(reader, apply, "ms");
    }
    file->requests.get = take_count(reader, requests, "get");
    file->requests.post = take_count(reader, requests, "post");
    file->requests.retries = take_count(reader, requests, "retries");
    file->requests.waited_ms = take_count(reader, requests, "waitedMs");
}

static void take_fail_on(struct reader *reader, const struct rcn_json *list,
                         struct rcn_plan_file *file)
{
    file->has_fail_on = rcn_json_get_type(list) == RCN_JSON_ARRAY;
    for (size_t i = 0; i < rcn_json_get_count(list); i++) {
        const char *name = rcn_json_get_string(rcn_json_get_at(list, i));
        int status = name ? rcn_status_find(name) : -1;
        if (name && strcmp(name, "unhealthy") == 0)
            file->fail_on.unhealthy = true;
        else if (status > RCN_STATUS_IN_SYNC)
            file->fail_on.status[status] = true;
        else
            reader->wrong = "failOn";
    }
}

static void take_document(struct reader *reader, const struct rcn_json *root,
                          struct rcn_plan_file *file)
{
    struct rcn_plan *plan = file->plan;
    file->command = take_string(reader, root, "command");
    file->outcome = take_string(reader, root, "outcome");
    file->exit_code = (int)take_integer(reader, root, "exitCode");
    take_fail_on(reader, rcn_json_get(root, "failOn"), file);
    file->created_at_ms = take_time(reader, root, "createdAt");
    take_source(reader, rcn_json_get(root, "source"), &plan->source);
    reader->commit = plan->source.commit;
    take_diagnostics(reader, rcn_json_get(root, "diagnostics"), &file->error);
    take_summary(reader, rcn_json_get(root, "summary"), &plan->counts);
    take_live_facts(reader, rcn_json_get(root, "live"), &plan->live);
    plan->is_selected = take_tristate(reader, root, "selected") == RCN_TRUE;
    file->desired = take_rows(reader, rcn_json_get(root, "syncs"), plan);
    take_unmanaged(reader, rcn_json_get(root, "unmanaged"), plan);
    take_managed_elsewhere(reader, rcn_json_get(root, "managedElsewhere"), plan);
    take_costs(reader, root, file);
}

/* The digest stands at a fixed distance from the end and covers every byte before it. */
static int check_digest(const char *bytes, size_t len, struct rcn_error *err)
{
    const size_t start_len = strlen(RCN_PLAN_FILE_TAIL_START);
    const size_t end_len = strlen(RCN_PLAN_FILE_TAIL_END);
    const size_t tail_len = start_len + 64 + end_len;
    const char *tail = bytes + len - tail_len;
    char hex[RCN_SHA256_HEX_SIZE];
    if (len < tail_len || memcmp(tail, RCN_PLAN_FILE_TAIL_START, start_len) != 0 ||
        memcmp(bytes + len - end_len, RCN_PLAN_FILE_TAIL_END, end_len) != 0)
        return rcn_error_set(err, RCN_ERROR_REFUSED,
                             "the document was edited: it does not end with its digest");
    if (rcn_sha256_hex(bytes, len - tail_len, hex))
        return rcn_error_no_memory(err);
    if (memcmp(tail + start_len, hex, 64) != 0)
        return rcn_error_set(err, RCN_ERROR_REFUSED,
                             "the document was edited: its digest does not match");
    return 0;
}

static int check_version(const struct rcn_json *root, struct rcn_error *err)
{
    const char *version = rcn_json_get_member_string(root, "formatVersion");
    if (!version)
        return rcn_error_set(err, RCN_ERROR_REFUSED, "not a document of audiencectl");
    if (strcmp(version, RCN_FORMAT_VERSION) == 0)
        return 0;
    rcn_error_set(err, RCN_ERROR_REFUSED, "format version '%s' is not known here, only '%s' is",
                  version, RCN_FORMAT_VERSION);
    return rcn_error_set_hint(err, "use the version of audiencectl that wrote it, or plan again");
}

/* Only what has rows of syncs can be shown or applied. */
static int check_command(const struct rcn_json *root, struct rcn_error *err)
{
    const char *command = rcn_json_get_member_string(root, "command");
    if (command && (strcmp(command, "plan") == 0 || strcmp(command, "drift") == 0))
        return 0;
    return rcn_error_set(err, RCN_ERROR_REFUSED, "it is the report of '%s', not of 'plan'",
                         command ? command : "nothing");
}

/* A plan that failed before anything was compared has neither live state nor rows. */
static int check_content(const struct rcn_json *root, struct rcn_error *err)
{
    if (rcn_json_get_type(rcn_json_get(root, "live")) == RCN_JSON_OBJECT &&
        rcn_json_get_type(rcn_json_get(root, "source")) == RCN_JSON_OBJECT)
        return 0;
    return rcn_error_set(err, RCN_ERROR_REFUSED,
                         "the run that wrote it failed before it had a plan");
}

static int decode(struct rcn_plan_file *file, const struct rcn_json *root, struct rcn_error *err)
{
    struct reader reader = {.arena = file->plan->arena, .diags = &file->diags};
    if (check_command(root, err) || check_content(root, err))
        return -1;
    take_document(&reader, root, file);
    if (reader.no_memory)
        return rcn_error_no_memory(err);
    if (reader.wrong)
        return rcn_error_set(err, RCN_ERROR_REFUSED, "'%s' is not as audiencectl writes it",
                             reader.wrong);
    return 0;
}

struct rcn_plan_file *rcn_plan_file_new(const char *bytes, size_t len, struct rcn_error *err)
{
    struct rcn_plan_file *file = rcn_calloc(1, sizeof *file);
    rcn_diags_init(&file->diags);
    file->plan = rcn_calloc(1, sizeof *file->plan);
    file->plan->arena = rcn_arena_new(SIZE_MAX);
    struct rcn_json *root = rcn_json_parse(bytes, len, err);
    if (!root)
        err->kind = RCN_ERROR_REFUSED;
    if (!root || check_version(root, err) || check_digest(bytes, len, err) ||
        decode(file, root, err)) {
        rcn_json_free(root);
        rcn_plan_file_free(file);
        return NULL;
    }
    rcn_json_free(root);
    return file;
}

void rcn_plan_file_free(struct rcn_plan_file *file)
{
    if (!file)
        return;
    rcn_plan_free(file->plan);
    rcn_diags_release(&file->diags);
    free(file);
}
