#include "apply/journal.h"

#include <stdlib.h>
#include <string.h>

#include "apply/journal_file.h"
#include "base/arena.h"
#include "base/buf.h"
#include "base/json.h"
#include "base/memory.h"
#include "base/sha256.h"
#include "base/time.h"

/* A line is about 300 bytes: some 200,000 creates without one quiet moment in between. */
enum { MAX_BYTES = 64 << 20 };

/* No run gets near it, so the next one never overflows. */
#define MAX_NUMBER ((long long)1 << 53)

/* No time-out and no settle window is longer: a line that says so is damaged. */
#define MAX_WAIT_MS ((long long)7 * 24 * 3600 * 1000)

struct rcn_journal {
    struct rcn_arena *arena;
    struct rcn_journal_file *file; /* NULL: read only */
    const char *path;
    const char *api_url;
    const char *company_id;
    struct rcn_intent **intents;
    size_t count;
    size_t capacity;
    unsigned long long next_number;
    struct rcn_buf pending; /* lines not written yet */
    bool has_owner;         /* a line says whose it is */
    bool is_awaited;        /* a line says that no earlier run elsewhere is to be waited for */
    bool has_unreadable;
    bool is_read; /* locked, and what it holds is known: only then may it be changed */
};

/* --- reading --- */

static struct rcn_intent *find(const struct rcn_journal *journal, unsigned long long number)
{
    for (size_t i = journal->count; i-- > 0;)
        if (journal->intents[i]->number == number)
            return journal->intents[i];
    return NULL;
}

static struct rcn_intent *append(struct rcn_journal *journal, const struct rcn_intent *intent)
{
    if (journal->count == journal->capacity) {
        journal->capacity = journal->capacity ? journal->capacity * 2 : 64;
        journal->intents =
            rcn_realloc(journal->intents, journal->capacity * sizeof *journal->intents);
    }
    struct rcn_intent *copy = rcn_arena_alloc(journal->arena, sizeof *copy);
    *copy = *intent;
    copy->journal = journal;
    const char **const texts[] = {&copy->sync.id,
                                  &copy->sync.ad_account_id,
                                  &copy->sync.audience_name,
                                  &copy->sync.segment_id,
                                  &copy->sync.predefined_segment_id,
                                  &copy->sync.frequency,
                                  &copy->newest,
                                  &copy->run};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        if (*texts[i])
            *texts[i] = rcn_arena_strdup(journal->arena, *texts[i]);
    copy->sync.company_id = journal->company_id;
    journal->intents[journal->count++] = copy;
    return copy;
}

/* A whole number from 0 to most; false when it is absent or anything else. */
static bool get_number(const struct rcn_json *line, const char *key, long long most, int64_t *ret)
{
    long long number;
    if (!rcn_json_get_integer(rcn_json_get(line, key), &number) || number < 0 || number > most)
        return false;
    *ret = number;
    return true;
}

/* True when the line was understood. */
static bool read_line(struct rcn_journal *journal, const struct rcn_json *line)
{
    int64_t number;
    struct rcn_intent read = {.is_open = true, .is_earlier = true};
    if (get_number(line, "journal", 1, &number)) {
        const char *url = rcn_json_get_member_string(line, "apiUrl");
        const char *company_id = rcn_json_get_member_string(line, "companyId");
        if (!url || (journal->api_url && strcmp(url, journal->api_url) != 0) ||
            (journal->file && !rcn_text_is_same(company_id, journal->company_id)))
            return false;
        if (!journal->file)
            journal->company_id = company_id ? rcn_arena_strdup(journal->arena, company_id) : NULL;
        journal->has_owner = true;
        return true;
    }
    if (get_number(line, "awaited", 1, &number)) {
        journal->is_awaited = true;
        return true;
    }
    if (get_number(line, "intent", MAX_NUMBER, &number)) {
        const char *at = rcn_json_get_member_string(line, "at");
        read.number = (unsigned long long)number;
        read.sync = (struct rcn_audience_sync){
            .ad_account_id = rcn_json_get_member_string(line, "adAccountId"),
            .audience_name = rcn_json_get_member_string(line, "audienceName"),
            .segment_id = rcn_json_get_member_string(line, "segmentId"),
            .predefined_segment_id = rcn_json_get_member_string(line, "predefinedSegmentId"),
            .frequency = rcn_json_get_member_string(line, "frequency")};
        read.newest = rcn_json_get_member_string(line, "newest");
        read.run = rcn_json_get_member_string(line, "run");
        if (read.number >= journal->next_number)
            journal->next_number = read.number + 1;
        if (!at || !rcn_time_parse(at, &read.at_ms) || !read.sync.ad_account_id ||
            !read.sync.audience_name ||
            !get_number(line, "timeoutMs", MAX_WAIT_MS, &read.timeout_ms) ||
            !get_number(line, "settleMs", MAX_WAIT_MS, &read.settle_ms))
            return false;
        append(journal, &read);
        return true;
    }
    bool is_closed = get_number(line, "closed", MAX_NUMBER, &number);
    if (!is_closed && !get_number(line, "ended", MAX_NUMBER, &number))
        return false;
    struct rcn_intent *intent = find(journal, (unsigned long long)number);
    const char *id = rcn_json_get_member_string(line, "id");
    if (intent && is_closed)
        intent->is_open = false;
    else if (intent && id)
        intent->sync.id = rcn_arena_strdup(journal->arena, id);
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

static struct rcn_journal *new_empty(const char *api_url, const char *company_id)
{
    struct rcn_journal *journal = rcn_calloc(1, sizeof *journal);
    journal->arena = rcn_arena_new(MAX_BYTES * (size_t)4);
    journal->api_url = rcn_arena_strdup(journal->arena, api_url);
    journal->company_id = company_id ? rcn_arena_strdup(journal->arena, company_id) : NULL;
    journal->next_number = 1;
    rcn_buf_init(&journal->pending, MAX_BYTES);
    return journal;
}

static void begin_line(struct rcn_journal *journal, struct rcn_json_writer *writer, const char *key,
                       unsigned long long number)
{
    rcn_json_writer_init(writer, &journal->pending);
    rcn_json_begin_object(writer);
    rcn_json_key_integer(writer, key, (long long)number);
}

static void end_line(struct rcn_journal *journal, struct rcn_json_writer *writer)
{
    rcn_json_end_object(writer);
    rcn_buf_add_char(&journal->pending, '\n');
}

static void write_time(struct rcn_json_writer *writer, int64_t at_ms)
{
    char at[RCN_TIME_SIZE];
    rcn_time_format(at_ms, at);
    rcn_json_key_string(writer, "at", at);
}

static void write_owner(struct rcn_journal *journal)
{
    struct rcn_json_writer writer;
    begin_line(journal, &writer, "journal", 1);
    rcn_json_key_string(&writer, "apiUrl", journal->api_url);
    rcn_json_key_string(&writer, "companyId", journal->company_id);
    end_line(journal, &writer);
    journal->has_owner = true;
}

static int write_pending(struct rcn_journal *journal, struct rcn_error *err)
{
    /* Half a line must not be taken for a durable one. */
    if (journal->pending.failed)
        return rcn_error_set(err, RCN_ERROR_FAILED, "the intent journal '%s' is full",
                             journal->path);
    if (rcn_journal_file_append(journal->file, rcn_buf_get_str(&journal->pending),
                                journal->pending.len, err))
        return -1;
    rcn_buf_clear(&journal->pending);
    return 0;
}

struct rcn_journal *rcn_journal_new(const char *state_dir, const char *api_url,
                                    const char *company_id, struct rcn_error *err)
{
    struct rcn_journal *journal = new_empty(api_url, company_id);
    char hex[RCN_SHA256_HEX_SIZE];
    const char *key =
        rcn_arena_printf(journal->arena, "%s\n%s", api_url, company_id ? company_id : "");
    rcn_sha256_hex(key, strlen(key), hex);
    const char *name = rcn_arena_printf(journal->arena, "%s.pending", hex);
    journal->path = rcn_arena_printf(journal->arena, "%s/%s", state_dir, name);
    journal->file = rcn_journal_file_new(state_dir, name, err);
    struct rcn_buf content;
    rcn_buf_init(&content, MAX_BYTES);
    if (journal->file && !rcn_journal_file_read(journal->file, &content, err)) {
        read_lines(journal, content.data, content.len);
        /* Now, and not with the first intent: another run that lists the folder must see whose it
         * is.
         */
        if (!journal->has_owner)
            write_owner(journal);
        journal->is_read = journal->pending.len == 0 || write_pending(journal, err) == 0;
    }
    rcn_buf_release(&content);
    if (journal->is_read)
        return journal;
    rcn_journal_free(journal);
    return NULL;
}

struct rcn_journal *rcn_journal_peek(const char *state_dir, const char *name, const char *api_url)
{
    struct rcn_journal *journal = new_empty(api_url, NULL);
    struct rcn_error ignored = RCN_ERROR_INIT;
    struct rcn_buf content;
    rcn_buf_init(&content, MAX_BYTES);
    journal->path = rcn_arena_printf(journal->arena, "%s/%s", state_dir, name);
    if (!rcn_journal_file_peek(state_dir, name, &content, &ignored))
        read_lines(journal, content.data, content.len);
    rcn_buf_release(&content);
    for (size_t i = 0; i < journal->count; i++)
        journal->intents[i]->sync.company_id = journal->company_id;
    if (journal->has_owner)
        return journal;
    rcn_journal_free(journal);
    return NULL;
}

const char *rcn_journal_get_path(const struct rcn_journal *journal)
{
    return journal->path;
}

const char *rcn_journal_get_company(const struct rcn_journal *journal)
{
    return journal->company_id;
}

bool rcn_journal_is_in_doubt(const struct rcn_journal *journal)
{
    return !journal->is_awaited || journal->has_unreadable;
}

bool rcn_journal_has_unreadable(const struct rcn_journal *journal)
{
    return journal->has_unreadable;
}

size_t rcn_journal_get_count(const struct rcn_journal *journal)
{
    return journal->count;
}

struct rcn_intent *rcn_journal_get(const struct rcn_journal *journal, size_t index)
{
    return journal->intents[index];
}

/* --- writing --- */

static void write_awaited(struct rcn_journal *journal)
{
    struct rcn_json_writer writer;
    begin_line(journal, &writer, "awaited", 1);
    end_line(journal, &writer);
    journal->is_awaited = true;
}

void rcn_journal_clear_doubt(struct rcn_journal *journal)
{
    if (!journal->is_awaited)
        write_awaited(journal);
    journal->has_unreadable = false;
}

struct rcn_intent *rcn_journal_add(struct rcn_journal *journal, const struct rcn_intent *intent)
{
    struct rcn_json_writer writer;
    struct rcn_intent *copy = append(journal, intent);
    const struct rcn_audience_sync *sync = &copy->sync;
    copy->number = journal->next_number++;
    copy->is_open = true;
    begin_line(journal, &writer, "intent", copy->number);
    write_time(&writer, copy->at_ms);
    rcn_json_key_integer(&writer, "timeoutMs", copy->timeout_ms);
    rcn_json_key_integer(&writer, "settleMs", copy->settle_ms);
    rcn_json_key_string(&writer, "newest", copy->newest);
    rcn_json_key_string(&writer, "adAccountId", sync->ad_account_id);
    rcn_json_key_string(&writer, "audienceName", sync->audience_name);
    if (sync->segment_id)
        rcn_json_key_string(&writer, "segmentId", sync->segment_id);
    if (sync->predefined_segment_id)
        rcn_json_key_string(&writer, "predefinedSegmentId", sync->predefined_segment_id);
    rcn_json_key_string(&writer, "frequency", sync->frequency);
    if (copy->run)
        rcn_json_key_string(&writer, "run", copy->run);
    end_line(journal, &writer);
    return copy;
}

void rcn_journal_end(struct rcn_intent *intent, int64_t at_ms, const char *outcome, const char *id)
{
    struct rcn_json_writer writer;
    if (id)
        intent->sync.id = rcn_arena_strdup(intent->journal->arena, id);
    begin_line(intent->journal, &writer, "ended", intent->number);
    write_time(&writer, at_ms);
    rcn_json_key_string(&writer, "outcome", outcome);
    rcn_json_key_string(&writer, "id", id);
    end_line(intent->journal, &writer);
}

void rcn_journal_close(struct rcn_intent *intent)
{
    struct rcn_json_writer writer;
    intent->is_open = false;
    begin_line(intent->journal, &writer, "closed", intent->number);
    end_line(intent->journal, &writer);
}

int rcn_journal_flush(struct rcn_journal *journal, struct rcn_error *err)
{
    if (journal->pending.len == 0 && !journal->pending.failed)
        return 0;
    return write_pending(journal, err) || rcn_journal_file_sync(journal->file, err) ? -1 : 0;
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
    if (journal->is_read && journal->count && !has_open(journal) &&
        !rcn_journal_is_in_doubt(journal) && !rcn_journal_file_truncate(journal->file, &ignored)) {
        rcn_buf_clear(&journal->pending);
        write_owner(journal);
        write_awaited(journal);
    }
    if (journal->is_read && journal->pending.len)
        (void)write_pending(journal, &ignored);
    rcn_journal_file_free(journal->file);
    rcn_buf_release(&journal->pending);
    rcn_arena_free(journal->arena);
    free(journal->intents);
    free(journal);
}
