#include "apply/ledger_text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/fields.h"
#include "base/memory.h"
#include "base/time.h"

/* --- tables --- */

#define FIELD(struct_name, json_name, field_type, field_need, member)                              \
    {                                                                                              \
        .name = (json_name), .type = (field_type), .need = (field_need),                           \
        .offset = offsetof(struct struct_name, member)                                             \
    }

static const struct rcn_field intent_fields[] = {
    FIELD(rcn_ledger_intent, "adAccountId", RCN_FIELD_TEXT, RCN_FIELD_REQUIRED, sync.ad_account_id),
    FIELD(rcn_ledger_intent, "audienceName", RCN_FIELD_TEXT, RCN_FIELD_REQUIRED,
          sync.audience_name),
    FIELD(rcn_ledger_intent, "segmentId", RCN_FIELD_TEXT, RCN_FIELD_OPTIONAL, sync.segment_id),
    FIELD(rcn_ledger_intent, "predefinedSegmentId", RCN_FIELD_TEXT, RCN_FIELD_OPTIONAL,
          sync.predefined_segment_id),
    FIELD(rcn_ledger_intent, "id", RCN_FIELD_TEXT, RCN_FIELD_OPTIONAL, sync.id),
    FIELD(rcn_ledger_intent, "at", RCN_FIELD_TIME, RCN_FIELD_REQUIRED, at_ms),
    FIELD(rcn_ledger_intent, "until", RCN_FIELD_TIME, RCN_FIELD_REQUIRED, until_ms),
    FIELD(rcn_ledger_intent, "timeoutMs", RCN_FIELD_INTEGER, RCN_FIELD_REQUIRED, timeout_ms),
    FIELD(rcn_ledger_intent, "settleMs", RCN_FIELD_INTEGER, RCN_FIELD_REQUIRED, settle_ms),
    FIELD(rcn_ledger_intent, "newest", RCN_FIELD_TEXT, RCN_FIELD_OPTIONAL, newest),
    FIELD(rcn_ledger_intent, "run", RCN_FIELD_TEXT, RCN_FIELD_REQUIRED, run),
    FIELD(rcn_ledger_intent, "where", RCN_FIELD_TEXT, RCN_FIELD_OPTIONAL, where),
    {0},
};
static const struct rcn_table intent_table = {intent_fields, sizeof(struct rcn_ledger_intent)};

static const struct rcn_field known_fields[] = {
    FIELD(rcn_known_sync, "adAccountId", RCN_FIELD_TEXT, RCN_FIELD_REQUIRED, sync.ad_account_id),
    FIELD(rcn_known_sync, "audienceName", RCN_FIELD_TEXT, RCN_FIELD_REQUIRED, sync.audience_name),
    FIELD(rcn_known_sync, "id", RCN_FIELD_TEXT, RCN_FIELD_REQUIRED, sync.id),
    FIELD(rcn_known_sync, "segmentId", RCN_FIELD_TEXT, RCN_FIELD_OPTIONAL, sync.segment_id),
    FIELD(rcn_known_sync, "predefinedSegmentId", RCN_FIELD_TEXT, RCN_FIELD_OPTIONAL,
          sync.predefined_segment_id),
    FIELD(rcn_known_sync, "seenAt", RCN_FIELD_TIME, RCN_FIELD_REQUIRED, seen_at_ms),
    {0},
};
static const struct rcn_table known_table = {known_fields, sizeof(struct rcn_known_sync)};

static const struct rcn_field result_fields[] = {
    FIELD(rcn_ledger_result, "adAccountId", RCN_FIELD_TEXT, RCN_FIELD_REQUIRED, ad_account_id),
    FIELD(rcn_ledger_result, "audienceName", RCN_FIELD_TEXT, RCN_FIELD_REQUIRED, audience_name),
    FIELD(rcn_ledger_result, "outcome", RCN_FIELD_TEXT, RCN_FIELD_REQUIRED, outcome),
    FIELD(rcn_ledger_result, "id", RCN_FIELD_TEXT, RCN_FIELD_OPTIONAL, id),
    {0},
};
static const struct rcn_table result_table = {result_fields, sizeof(struct rcn_ledger_result)};

static const struct rcn_field apply_fields[] = {
    FIELD(rcn_ledger_apply, "at", RCN_FIELD_TIME, RCN_FIELD_REQUIRED, at_ms),
    FIELD(rcn_ledger_apply, "run", RCN_FIELD_TEXT, RCN_FIELD_REQUIRED, run),
    FIELD(rcn_ledger_apply, "who", RCN_FIELD_TEXT, RCN_FIELD_OPTIONAL, who),
    FIELD(rcn_ledger_apply, "where", RCN_FIELD_TEXT, RCN_FIELD_OPTIONAL, where),
    FIELD(rcn_ledger_apply, "commit", RCN_FIELD_TEXT, RCN_FIELD_OPTIONAL, commit),
    {.name = "syncs",
     .type = RCN_FIELD_LIST,
     .need = RCN_FIELD_REQUIRED,
     .offset = offsetof(struct rcn_ledger_apply, results),
     .count = offsetof(struct rcn_ledger_apply, result_count),
     .table = &result_table},
    {0},
};
static const struct rcn_table apply_table = {apply_fields, sizeof(struct rcn_ledger_apply)};

int64_t rcn_ledger_intent_get_over_ms(const struct rcn_ledger_intent *intent)
{
    return intent->until_ms + intent->timeout_ms + intent->settle_ms + RCN_LEDGER_CLOCK_SKEW_MS;
}

/* --- folders --- */

static void add_name(struct rcn_buf *out, const char *text)
{
    const char *start = text;
    for (; *text; text++) {
        unsigned char c = (unsigned char)*text;
        bool is_plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                        (c >= '0' && c <= '9') || c == '-' || c == '_' ||
                        (c == '.' && text != start);
        if (is_plain)
            rcn_buf_add_char(out, (char)c);
        else
            rcn_buf_printf(out, "%%%02X", c);
    }
}

char *rcn_ledger_get_folder(struct rcn_arena *arena, const char *api_url, const char *company_id)
{
    const char *host = strstr(api_url, "://");
    struct rcn_buf out;
    rcn_buf_init(&out, 1 << 16);
    add_name(&out, host ? host + 3 : api_url);
    rcn_buf_add_char(&out, '/');
    if (company_id)
        add_name(&out, company_id);
    else
        rcn_buf_add_char(&out, '_');
    char *folder = rcn_arena_strdup(arena, rcn_buf_get_str(&out));
    rcn_buf_release(&out);
    return folder;
}

void rcn_ledger_get_log_name(int64_t at_ms, char ret[RCN_LEDGER_LOG_NAME_SIZE])
{
    char time[RCN_TIME_SIZE];
    rcn_time_format(at_ms, time);
    snprintf(ret, RCN_LEDGER_LOG_NAME_SIZE, "log/%.7s.jsonl", time);
}

/* --- lines --- */

static void write_line(struct rcn_buf *out, const struct rcn_table *table, const void *object)
{
    struct rcn_json_writer json;
    rcn_json_writer_init(&json, out);
    rcn_json_begin_object(&json);
    rcn_fields_write(&json, table, object);
    rcn_json_end_object(&json);
    rcn_buf_add_char(out, '\n');
}

static size_t count_lines(const char *text)
{
    size_t count = 0;
    for (const char *end = text; (end = strchr(end, '\n')); end++)
        count++;
    return count + 1;
}

/* Each line into an element of the table's struct. */
static int read_lines(struct rcn_arena *arena, const char *name, const char *text,
                      const struct rcn_table *table, void **ret, size_t *ret_count,
                      struct rcn_error *err)
{
    char *rows = rcn_arena_calloc(arena, count_lines(text), table->size);
    size_t count = 0;
    for (size_t number = 1; *text; number++) {
        size_t len = strcspn(text, "\n");
        const char *wrong = NULL;
        struct rcn_error why = RCN_ERROR_INIT;
        struct rcn_json *json = rcn_json_parse(text, len, &why);
        if (json)
            rcn_fields_read(json, table, rows + count++ * table->size, arena, &wrong);
        rcn_json_free(json);
        if (!json || wrong)
            return rcn_error_set(err, RCN_ERROR_REFUSED,
                                 "line %zu of %s in the ledger is not as audiencectl writes it: %s",
                                 number, name, wrong ? wrong : why.message);
        text += len + (text[len] == '\n');
    }
    *ret = rows;
    *ret_count = count;
    return 0;
}

int rcn_ledger_part_read(struct rcn_ledger_part *ret, struct rcn_arena *arena,
                         const char *company_id, const char *open_text, const char *known_text,
                         struct rcn_error *err)
{
    void *intents = NULL;
    void *syncs = NULL;
    if (read_lines(arena, "open.jsonl", open_text ? open_text : "", &intent_table, &intents,
                   &ret->intent_count, err) ||
        read_lines(arena, "known.jsonl", known_text ? known_text : "", &known_table, &syncs,
                   &ret->sync_count, err))
        return -1;
    ret->intents = intents;
    ret->syncs = syncs;
    for (size_t i = 0; i < ret->intent_count; i++)
        ret->intents[i].sync.company_id = company_id;
    for (size_t i = 0; i < ret->sync_count; i++)
        ret->syncs[i].sync.company_id = company_id;
    return 0;
}

static int compare_intents(const void *left, const void *right)
{
    const struct rcn_ledger_intent *const *a = left;
    const struct rcn_ledger_intent *const *b = right;
    int order = rcn_identity_compare(&(*a)->sync, &(*b)->sync);
    return order ? order : strcmp((*a)->run, (*b)->run);
}

static int compare_syncs(const void *left, const void *right)
{
    const struct rcn_known_sync *const *a = left;
    const struct rcn_known_sync *const *b = right;
    int order = rcn_identity_compare(&(*a)->sync, &(*b)->sync);
    return order ? order : strcmp((*a)->sync.id, (*b)->sync.id);
}

static void write_sorted(struct rcn_buf *out, const struct rcn_table *table, const void *rows,
                         size_t count, int (*compare)(const void *, const void *))
{
    const void **sorted = rcn_calloc(count, sizeof *sorted);
    for (size_t i = 0; i < count; i++)
        sorted[i] = (const char *)rows + i * table->size;
    qsort(sorted, count, sizeof *sorted, compare);
    for (size_t i = 0; i < count; i++)
        write_line(out, table, sorted[i]);
    free(sorted);
}

void rcn_ledger_part_write_open(const struct rcn_ledger_part *part, struct rcn_buf *out)
{
    write_sorted(out, &intent_table, part->intents, part->intent_count, compare_intents);
}

void rcn_ledger_part_write_known(const struct rcn_ledger_part *part, struct rcn_buf *out)
{
    write_sorted(out, &known_table, part->syncs, part->sync_count, compare_syncs);
}

void rcn_ledger_apply_write(const struct rcn_ledger_apply *apply, struct rcn_buf *out)
{
    write_line(out, &apply_table, apply);
}

int rcn_ledger_log_read(struct rcn_arena *arena, const char *text, struct rcn_ledger_apply **ret,
                        size_t *ret_count, struct rcn_error *err)
{
    void *rows = NULL;
    if (read_lines(arena, "the log", text, &apply_table, &rows, ret_count, err))
        return -1;
    *ret = rows;
    return 0;
}
