#include "apply/ledger_text.h"

#include <stdio.h>
#include <string.h>

#include "base/time.h"

/* --- tables --- */

#define HEAD(name, type, need, member)                                                             \
    RCN_FIELD(name, type, need, offsetof(struct rcn_ledger_head, member))
#define INTENT(name, type, need, member)                                                           \
    RCN_FIELD(name, type, need, offsetof(struct rcn_intent, member))
#define KNOWN(name, type, need, member)                                                            \
    RCN_FIELD(name, type, need, offsetof(struct rcn_known_sync, member))
#define ENTRY(name, type, need, member)                                                            \
    RCN_FIELD(name, type, need, offsetof(struct rcn_log_entry, member))
#define APPLY(name, type, need, member)                                                            \
    RCN_FIELD(name, type, need, offsetof(struct rcn_ledger_apply, member))

const struct rcn_table rcn_ledger_head_table =
    RCN_TABLE(rcn_ledger_head, HEAD("formatVersion", INTEGER, REQUIRED, format_version),
              HEAD("sequence", INTEGER, REQUIRED, sequence));

const struct rcn_table rcn_ledger_open_table = RCN_TABLE(
    rcn_intent, INTENT("adAccountId", TEXT, REQUIRED, sync.ad_account_id),
    INTENT("audienceName", TEXT, REQUIRED, sync.audience_name),
    INTENT("segmentId", TEXT, OPTIONAL, sync.segment_id),
    INTENT("predefinedSegmentId", TEXT, OPTIONAL, sync.predefined_segment_id),
    INTENT("id", TEXT, OPTIONAL, sync.id), INTENT("at", TIME, REQUIRED, at_ms),
    INTENT("until", TIME, REQUIRED, until_ms), INTENT("timeoutMs", INTEGER, REQUIRED, timeout_ms),
    INTENT("settleMs", INTEGER, REQUIRED, settle_ms), INTENT("newest", TEXT, OPTIONAL, newest),
    INTENT("run", TEXT, REQUIRED, run), INTENT("where", TEXT, OPTIONAL, where));

const struct rcn_table rcn_ledger_known_table = RCN_TABLE(
    rcn_known_sync, KNOWN("adAccountId", TEXT, REQUIRED, sync.ad_account_id),
    KNOWN("audienceName", TEXT, REQUIRED, sync.audience_name), KNOWN("id", TEXT, REQUIRED, sync.id),
    KNOWN("segmentId", TEXT, OPTIONAL, sync.segment_id),
    KNOWN("predefinedSegmentId", TEXT, OPTIONAL, sync.predefined_segment_id),
    KNOWN("seenAt", TIME, REQUIRED, seen_at_ms));

static const struct rcn_table entry_table =
    RCN_TABLE(rcn_log_entry, ENTRY("adAccountId", TEXT, REQUIRED, ad_account_id),
              ENTRY("audienceName", TEXT, REQUIRED, audience_name),
              ENTRY("outcome", TEXT, REQUIRED, outcome), ENTRY("id", TEXT, OPTIONAL, id));

const struct rcn_table rcn_ledger_log_table = RCN_TABLE(
    rcn_ledger_apply, APPLY("at", TIME, REQUIRED, at_ms), APPLY("run", TEXT, REQUIRED, run),
    APPLY("who", TEXT, OPTIONAL, who), APPLY("where", TEXT, OPTIONAL, where),
    APPLY("commit", TEXT, OPTIONAL, commit),
    RCN_FIELD("syncs", LIST, REQUIRED, offsetof(struct rcn_ledger_apply, entries),
              .count = offsetof(struct rcn_ledger_apply, entry_count), .table = &entry_table));

/* --- names --- */

static void add_name(struct rcn_buf *out, const char *text)
{
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_";
    for (const char *at = text; *at; at++)
        if (strchr(plain, *at) || (*at == '.' && at != text))
            rcn_buf_add_char(out, *at);
        else
            rcn_buf_printf(out, "%%%02X", (unsigned)(unsigned char)*at);
}

char *rcn_ledger_get_folder(struct rcn_arena *arena, const char *api_url, const char *company_id)
{
    const char *host = strstr(api_url, "://");
    struct rcn_buf out;
    rcn_buf_init(&out, 1 << 16);
    add_name(&out, host ? host + 3 : api_url);
    rcn_buf_add_char(&out, '/');
    add_name(&out, company_id ? company_id : "_");
    char *folder = rcn_arena_strdup(arena, rcn_buf_get_str(&out));
    rcn_buf_release(&out);
    return folder;
}

const char *rcn_ledger_get_log_path(struct rcn_arena *arena, const char *folder, int64_t at_ms)
{
    char time[RCN_TIME_SIZE];
    rcn_time_format(at_ms, time);
    return rcn_arena_printf(arena, "%s/log/%.7s.jsonl", folder, time);
}

/* --- lines --- */

void *rcn_ledger_text_read(struct rcn_arena *arena, const char *path, const char *text,
                           const struct rcn_table *table, size_t *ret_count, struct rcn_error *err)
{
    size_t most = 1;
    text = text ? text : "";
    for (const char *end = text; (end = strchr(end, '\n')); end++)
        most++;
    char *rows = rcn_arena_calloc(arena, most, table->size);
    for (*ret_count = 0; *text; ++*ret_count) {
        size_t len = strcspn(text, "\n");
        const char *wrong = NULL;
        struct rcn_error why = RCN_ERROR_INIT;
        struct rcn_json *json = rcn_json_parse(text, len, &why);
        if (json)
            rcn_fields_read(json, table, rows + *ret_count * table->size, arena, &wrong);
        else
            wrong = why.message;
        rcn_json_free(json);
        if (wrong) {
            rcn_error_set(err, RCN_ERROR_REFUSED,
                          "line %zu of %s in the ledger is not as audiencectl writes it: %s",
                          *ret_count + 1, path, wrong);
            return NULL;
        }
        text += len + (text[len] == '\n');
    }
    return rows;
}
