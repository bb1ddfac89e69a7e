#include "apply/journal.h"

#include <stdlib.h>
#include <string.h>

#include "apply/journal_file.h"
#include "base/buf.h"
#include "base/fields.h"
#include "base/memory.h"
#include "base/sha256.h"

/* A line is about 300 bytes: some 200,000 creates without one quiet moment in between. */
enum { MAX_BYTES = 64 << 20 };

/* No run gets near it, so the next one never overflows. */
#define MAX_NUMBER (INT64_C(1) << 53)

/* No time-out and no settle window is longer: a line that says so is damaged. */
#define MAX_WAIT_MS (INT64_C(7) * 24 * 3600 * 1000)

/* --- lines --- */

/* Every line but that of an intent; each table has some of it. */
struct line {
    int64_t number; /* or the version */
    int64_t at_ms;
    const char *api_url;
    const char *company_id;
    const char *outcome;
    const char *id;
};

#define LINE(name, type, need, member) RCN_FIELD(name, type, need, offsetof(struct line, member))
#define INTENT(name, type, need, member)                                                           \
    RCN_FIELD(name, type, need, offsetof(struct rcn_intent, member))
static const struct rcn_table owner_line = RCN_TABLE(
    line, LINE("journal", INTEGER, REQUIRED, number), LINE("apiUrl", TEXT, REQUIRED, api_url),
    LINE("companyId", TEXT, NULLABLE, company_id));
static const struct rcn_table awaited_line =
    RCN_TABLE(line, LINE("awaited", INTEGER, REQUIRED, number));
static const struct rcn_table ended_line =
    RCN_TABLE(line, LINE("ended", INTEGER, REQUIRED, number), LINE("at", TIME, REQUIRED, at_ms),
              LINE("outcome", TEXT, REQUIRED, outcome), LINE("id", TEXT, NULLABLE, id));
static const struct rcn_table closed_line =
    RCN_TABLE(line, LINE("closed", INTEGER, REQUIRED, number));
static const struct rcn_table intent_line = RCN_TABLE(
    rcn_intent, INTENT("intent", INTEGER, REQUIRED, number), INTENT("at", TIME, REQUIRED, at_ms),
    INTENT("timeoutMs", INTEGER, REQUIRED, timeout_ms),
    INTENT("settleMs", INTEGER, REQUIRED, settle_ms), INTENT("newest", TEXT, NULLABLE, newest),
    INTENT("adAccountId", TEXT, REQUIRED, sync.ad_account_id),
    INTENT("audienceName", TEXT, REQUIRED, sync.audience_name),
    INTENT("segmentId", TEXT, OPTIONAL, sync.segment_id),
    INTENT("predefinedSegmentId", TEXT, OPTIONAL, sync.predefined_segment_id),
    INTENT("frequency", TEXT, NULLABLE, sync.frequency), INTENT("run", TEXT, OPTIONAL, run));

static void list(struct rcn_journal *journal, struct rcn_intent *intent)
{
    journal->intents = rcn_grow(journal->intents, journal->count, sizeof *journal->intents);
    intent->journal = journal;
    journal->intents[journal->count++] = intent;
}

static struct rcn_intent *find(const struct rcn_journal *journal, int64_t number)
{
    for (size_t i = journal->count; i-- > 0;)
        if (journal->intents[i]->number == number)
            return journal->intents[i];
    return NULL;
}

static bool is_from_0_to(int64_t number, int64_t most)
{
    return number >= 0 && number <= most;
}

static bool read_intent(struct rcn_journal *journal, const struct rcn_json *json)
{
    struct rcn_intent *intent = rcn_arena_alloc(journal->arena, sizeof *intent);
    const char *wrong = NULL;
    rcn_fields_read(json, &intent_line, intent, journal->arena, &wrong);
    if (is_from_0_to(intent->number, MAX_NUMBER) && intent->number >= journal->next_number)
        journal->next_number = intent->number + 1;
    if (wrong || !is_from_0_to(intent->number, MAX_NUMBER) ||
        !is_from_0_to(intent->timeout_ms, MAX_WAIT_MS) ||
        !is_from_0_to(intent->settle_ms, MAX_WAIT_MS))
        return false;
    intent->is_open = true;
    intent->is_earlier = true;
    intent->sync.company_id = journal->company_id;
    list(journal, intent);
    return true;
}

/* True when the line was understood. */
static bool read_line(struct rcn_journal *journal, const struct rcn_json *json)
{
    static const struct rcn_table *const tables[] = {&owner_line, &awaited_line, &ended_line,
                                                     &closed_line};
    struct line line = {0};
    const char *wrong = NULL;
    const struct rcn_table *table = NULL;
    if (rcn_json_get(json, "intent"))
        return read_intent(journal, json);
    for (size_t i = 0; i < sizeof tables / sizeof *tables && !table; i++)
        if (rcn_json_get(json, tables[i]->fields->name))
            table = tables[i];
    if (!table)
        return false;
    rcn_fields_read(json, table, &line, journal->arena, &wrong);
    struct rcn_intent *intent = find(journal, line.number);
    if (wrong || !is_from_0_to(line.number, MAX_NUMBER))
        return false;
    if (table == &owner_line) {
        if (line.number > 1 || strcmp(line.api_url, journal->api_url) != 0 ||
            (journal->file && !rcn_text_is_same(line.company_id, journal->company_id)))
            return false;
        journal->company_id = line.company_id;
        journal->has_owner = true;
    } else if (table == &awaited_line) {
        journal->is_awaited = true;
    } else if (intent && table == &closed_line) {
        intent->is_open = false;
    } else if (intent && line.id) {
        intent->sync.id = line.id;
    }
    return true;
}

static void read_lines(struct rcn_journal *journal, const char *bytes, size_t len)
{
    while (len) {
        const char *end = memchr(bytes, '\n', len);
        if (!end) {
            /* Torn: never durable, so nothing was sent for it. The next line starts afresh. */
            rcn_buf_add_char(&journal->pending, '\n');
            return;
        }
        size_t line_len = (size_t)(end - bytes);
        struct rcn_error ignored = RCN_ERROR_INIT;
        struct rcn_json *line = line_len ? rcn_json_parse(bytes, line_len, &ignored) : NULL;
        if (line_len && (!line || !read_line(journal, line)))
            journal->has_unreadable = true;
        rcn_json_free(line);
        bytes = end + 1;
        len -= line_len + 1;
    }
}

/* --- opening --- */

static struct rcn_journal *new_empty(struct rcn_arena *arena, const char *api_url,
                                     const char *company_id)
{
    struct rcn_journal *journal = rcn_calloc(1, sizeof *journal);
    journal->arena = arena;
    journal->api_url = api_url;
    journal->company_id = company_id;
    journal->next_number = 1;
    rcn_buf_init(&journal->pending, MAX_BYTES);
    return journal;
}

static void add_owner(struct rcn_journal *journal)
{
    rcn_fields_write_line(&journal->pending, &owner_line,
                          &(struct line){.number = 1,
                                         .api_url = journal->api_url,
                                         .company_id = journal->company_id});
    journal->has_owner = true;
}

static int write_pending(struct rcn_journal *journal, struct rcn_error *err)
{
    /* Half a line must not be taken for a durable one. */
    if (journal->pending.failed)
        return rcn_error_set(err, RCN_ERROR_FAILED, "the intent journal is full");
    if (rcn_journal_file_append(journal->file, rcn_buf_get_str(&journal->pending),
                                journal->pending.len, err))
        return -1;
    rcn_buf_clear(&journal->pending);
    return 0;
}

struct rcn_journal *rcn_journal_new(struct rcn_arena *arena, const char *state_dir,
                                    const char *api_url, const char *company_id,
                                    struct rcn_error *err)
{
    struct rcn_journal *journal = new_empty(arena, api_url, company_id);
    char hex[RCN_SHA256_HEX_SIZE];
    const char *key = rcn_arena_printf(arena, "%s\n%s", api_url, company_id ? company_id : "");
    struct rcn_buf content;
    rcn_sha256_hex(key, strlen(key), hex);
    rcn_buf_init(&content, MAX_BYTES);
    journal->file =
        rcn_journal_file_new(state_dir, rcn_arena_printf(arena, "%s.pending", hex), err);
    if (journal->file && !rcn_journal_file_read(journal->file, &content, err)) {
        read_lines(journal, content.data, content.len);
        /* Now, and not with the first intent: another run that lists the folder must see whose it
         * is. */
        if (!journal->has_owner)
            add_owner(journal);
        journal->is_read = journal->pending.len == 0 || write_pending(journal, err) == 0;
    }
    rcn_buf_release(&content);
    if (journal->is_read)
        return journal;
    rcn_journal_free(journal);
    return NULL;
}

int rcn_journal_peek(struct rcn_arena *arena, const char *path, const char *api_url,
                     struct rcn_journal **ret, struct rcn_error *err)
{
    struct rcn_journal *journal = new_empty(arena, api_url, NULL);
    struct rcn_buf content;
    rcn_buf_init(&content, MAX_BYTES);
    const int result = rcn_journal_file_peek(path, &content, err);
    if (!result)
        read_lines(journal, content.data, content.len);
    rcn_buf_release(&content);
    for (size_t i = 0; i < journal->count; i++)
        journal->intents[i]->sync.company_id = journal->company_id;
    *ret = journal->has_owner ? journal : NULL;
    if (!*ret)
        rcn_journal_free(journal);
    return result;
}

static bool has_open(const struct rcn_journal *journal)
{
    for (size_t i = 0; i < journal->count; i++)
        if (journal->intents[i]->is_open)
            return true;
    return false;
}

void rcn_journal_free(struct rcn_journal *journal)
{
    if (!journal)
        return;
    /* What cannot be written here costs the next run a wait, so nothing is reported. */
    struct rcn_error ignored = RCN_ERROR_INIT;
    if (journal->is_read && journal->count && !journal->has_unreadable && !has_open(journal) &&
        !rcn_journal_file_truncate(journal->file, &ignored)) {
        rcn_buf_clear(&journal->pending);
        add_owner(journal);
        if (journal->is_awaited)
            rcn_fields_write_line(&journal->pending, &awaited_line, &(struct line){.number = 1});
    }
    if (journal->is_read && journal->pending.len)
        (void)write_pending(journal, &ignored);
    rcn_journal_file_free(journal->file);
    rcn_buf_release(&journal->pending);
    free(journal->intents);
    free(journal);
}

/* --- what it holds --- */

bool rcn_journal_is_in_doubt(const struct rcn_journal *journal)
{
    return !journal->is_awaited || journal->has_unreadable;
}

void rcn_journal_clear_doubt(struct rcn_journal *journal)
{
    if (!journal->is_awaited)
        rcn_fields_write_line(&journal->pending, &awaited_line, &(struct line){.number = 1});
    journal->is_awaited = true;
    journal->has_unreadable = false;
}

bool rcn_journal_is_quiet(const struct rcn_journal *journal)
{
    return !has_open(journal) && !rcn_journal_is_in_doubt(journal);
}

/* --- writing --- */

void rcn_journal_add(struct rcn_journal *journal, struct rcn_intent *intent)
{
    intent->number = journal->next_number++;
    intent->is_open = true;
    list(journal, intent);
    rcn_fields_write_line(&journal->pending, &intent_line, intent);
}

int rcn_journal_flush(struct rcn_journal *journal, struct rcn_error *err)
{
    if (journal->pending.len == 0 && !journal->pending.failed)
        return 0;
    return write_pending(journal, err) || rcn_journal_file_sync(journal->file, err) ? -1 : 0;
}

void rcn_intent_end(struct rcn_intent *intent, int64_t at_ms, const char *outcome, const char *id)
{
    if (id)
        intent->sync.id = id;
    if (intent->journal)
        rcn_fields_write_line(
            &intent->journal->pending, &ended_line,
            &(struct line){.number = intent->number, .at_ms = at_ms, .outcome = outcome, .id = id});
}

void rcn_intent_close(struct rcn_intent *intent)
{
    if (intent->is_open && intent->journal)
        rcn_fields_write_line(&intent->journal->pending, &closed_line,
                              &(struct line){.number = intent->number});
    intent->is_open = false;
}
