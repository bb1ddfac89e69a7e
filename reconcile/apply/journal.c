#include "apply/journal.h"

#include <stdlib.h>
#include <string.h>

#include "apply/journal_file.h"
#include "base/arena.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/json.h"
#include "base/memory.h"
#include "base/sha256.h"
#include "base/time.h"

/* A line is about 300 bytes: some 200,000 creates without one quiet moment in between. */
enum { MAX_BYTES = 64 << 20 };

/* No run gets near it, so the next one never overflows. */
#define MAX_NUMBER ((long long)1 << 53)

struct rcn_journal {
    struct rcn_arena *arena;
    struct rcn_journal_file *file; /* NULL: only looked at */
    const char *path;
    const char *api_url;
    const char *company_id;
    char boot_id[RCN_BOOT_ID_SIZE];
    struct rcn_journal_entry *entries;
    size_t count;
    size_t capacity;
    unsigned long long next_number;
    struct rcn_buf pending; /* lines not written yet */
    bool has_unreadable;
    bool is_read; /* locked, and what it holds is known: only then may it be changed */
};

/* The name of the file in the state folder. */
static const char *make_name(struct rcn_journal *journal)
{
    char hex[RCN_SHA256_HEX_SIZE];
    const char *key = rcn_arena_printf(journal->arena, "%s\n%s", journal->api_url,
                                       journal->company_id ? journal->company_id : "");
    rcn_sha256_hex(key, strlen(key), hex);
    return rcn_arena_printf(journal->arena, "%s.pending", hex);
}

/* --- reading --- */

static struct rcn_journal_entry *find(struct rcn_journal *journal, unsigned long long number)
{
    for (size_t i = journal->count; i-- > 0;)
        if (journal->entries[i].number == number)
            return &journal->entries[i];
    return NULL;
}

static struct rcn_journal_entry *append(struct rcn_journal *journal)
{
    if (journal->count == journal->capacity) {
        size_t capacity = journal->capacity ? journal->capacity * 2 : 64;
        journal->entries = rcn_realloc(journal->entries, capacity * sizeof *journal->entries);
        journal->capacity = capacity;
    }
    struct rcn_journal_entry *entry = &journal->entries[journal->count++];
    *entry = (struct rcn_journal_entry){0};
    return entry;
}

static int64_t decode_steady_ms(const struct rcn_journal *journal, const struct rcn_json *line)
{
    const char *boot_id = rcn_json_get_member_string(line, "boot");
    long long steady_ms;
    if (!boot_id || !*boot_id || strcmp(boot_id, journal->boot_id) != 0 ||
        !rcn_json_get_integer(rcn_json_get(line, "bootMs"), &steady_ms) || steady_ms < 0 ||
        steady_ms > MAX_NUMBER)
        return -1;
    return steady_ms;
}

/* Fills the entry from the line; false when something is missing. */
static bool decode_intent(struct rcn_journal *journal, const struct rcn_json *line,
                          unsigned long long number, struct rcn_journal_entry *entry)
{
    const char *at = rcn_json_get_member_string(line, "at");
    const char *account = rcn_json_get_member_string(line, "adAccountId");
    const char *name = rcn_json_get_member_string(line, "audienceName");
    long long timeout_ms;
    if (!at || !account || !name || !rcn_time_parse(at, &entry->at_ms) ||
        !rcn_json_get_integer(rcn_json_get(line, "timeoutMs"), &timeout_ms) || timeout_ms < 0 ||
        timeout_ms > MAX_NUMBER)
        return false;
    entry->number = number;
    entry->steady_ms = decode_steady_ms(journal, line);
    entry->timeout_ms = timeout_ms;
    entry->ad_account_id = rcn_arena_strdup(journal->arena, account);
    entry->audience_name = rcn_arena_strdup(journal->arena, name);
    entry->is_open = entry->ad_account_id && entry->audience_name;
    return entry->is_open;
}

static bool get_number(const struct rcn_json *line, const char *key, unsigned long long *ret)
{
    long long number;
    if (!rcn_json_get_integer(rcn_json_get(line, key), &number) || number < 0 ||
        number > MAX_NUMBER)
        return false;
    *ret = (unsigned long long)number;
    return true;
}

/* True when the line was understood. */
static bool read_line(struct rcn_journal *journal, const struct rcn_json *line)
{
    unsigned long long number;
    if (get_number(line, "intent", &number)) {
        struct rcn_journal_entry *entry = append(journal);
        if (number >= journal->next_number)
            journal->next_number = number + 1;
        return entry && decode_intent(journal, line, number, entry);
    }
    if (get_number(line, "closed", &number)) {
        struct rcn_journal_entry *entry = find(journal, number);
        if (entry)
            entry->is_open = false;
        return true;
    }
    const char *id = rcn_json_get_member_string(line, "id");
    bool is_certain = get_number(line, "created", &number);
    if (!id || (!is_certain && !get_number(line, "suspected", &number)))
        return false;
    struct rcn_journal_entry *entry = find(journal, number);
    if (!entry)
        return true;
    entry->id = rcn_arena_strdup(journal->arena, id);
    entry->is_id_certain = is_certain;
    return entry->id != NULL;
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

static int read_all(struct rcn_journal *journal, struct rcn_error *err)
{
    struct rcn_buf content;
    rcn_buf_init(&content, MAX_BYTES);
    int result = rcn_journal_file_read(journal->file, &content, err);
    if (!result && content.len)
        read_lines(journal, content.data, content.len);
    rcn_buf_release(&content);
    return result;
}

static struct rcn_journal *new_closed(void)
{
    struct rcn_journal *journal = rcn_calloc(1, sizeof *journal);
    journal->arena = rcn_arena_new(MAX_BYTES * (size_t)4);
    journal->next_number = 1;
    rcn_clock_get_boot_id(journal->boot_id);
    rcn_buf_init(&journal->pending, MAX_BYTES);
    return journal;
}

struct rcn_journal *rcn_journal_new(const char *state_dir, const char *api_url,
                                    const char *company_id, struct rcn_error *err)
{
    struct rcn_journal *journal = new_closed();
    journal->api_url = rcn_arena_strdup(journal->arena, api_url);
    journal->company_id = company_id ? rcn_arena_strdup(journal->arena, company_id) : NULL;
    journal->file = rcn_journal_file_new(state_dir, make_name(journal), err);
    if (!journal->file || read_all(journal, err)) {
        rcn_journal_free(journal);
        return NULL;
    }
    journal->path = rcn_arena_strdup(journal->arena, rcn_journal_file_get_path(journal->file));
    journal->is_read = true;
    return journal;
}

/* --- looking --- */

/* Every file begins with an intent, which says whose it is. */
static bool take_owner(struct rcn_journal *journal, const struct rcn_buf *content,
                       const char *api_url)
{
    struct rcn_error ignored = RCN_ERROR_INIT;
    const char *bytes = rcn_buf_get_str(content);
    struct rcn_json *line = rcn_json_parse(bytes, strcspn(bytes, "\n"), &ignored);
    const char *url = line ? rcn_json_get_member_string(line, "apiUrl") : NULL;
    const char *company_id = line ? rcn_json_get_member_string(line, "companyId") : NULL;
    bool is_ours = url && strcmp(url, api_url) == 0;
    if (is_ours && company_id)
        journal->company_id = rcn_arena_strdup(journal->arena, company_id);
    rcn_json_free(line);
    return is_ours;
}

/* The journal in the file, to look at; NULL when it is not one of the API's. */
static struct rcn_journal *look_at(const char *state_dir, const char *name, const char *api_url)
{
    struct rcn_journal *journal = new_closed();
    struct rcn_error ignored = RCN_ERROR_INIT;
    struct rcn_buf content;
    rcn_buf_init(&content, MAX_BYTES);
    journal->path = rcn_arena_printf(journal->arena, "%s/%s", state_dir, name);
    bool is_ours = !rcn_journal_file_peek(state_dir, name, &content, &ignored) &&
                   take_owner(journal, &content, api_url);
    if (is_ours)
        read_lines(journal, content.data, content.len);
    rcn_buf_release(&content);
    if (is_ours)
        return journal;
    rcn_journal_free(journal);
    return NULL;
}

static bool is_journal_name(const char *name)
{
    const size_t hex_len = RCN_SHA256_HEX_SIZE - 1;
    return strspn(name, "0123456789abcdef") == hex_len && strcmp(name + hex_len, ".pending") == 0;
}

int rcn_journal_list(const char *state_dir, const char *api_url, struct rcn_journal ***ret,
                     size_t *ret_count, struct rcn_error *err)
{
    (void)err;
    struct rcn_arena *arena = rcn_arena_new(SIZE_MAX);
    const char *const *names;
    size_t name_count = rcn_journal_file_list(arena, state_dir, &names);
    *ret = rcn_calloc(name_count + 1, sizeof(struct rcn_journal *));
    *ret_count = 0;
    for (size_t i = 0; i < name_count; i++) {
        struct rcn_journal *journal =
            is_journal_name(names[i]) ? look_at(state_dir, names[i], api_url) : NULL;
        if (journal)
            (*ret)[(*ret_count)++] = journal;
    }
    rcn_arena_free(arena);
    return 0;
}

/* --- writing --- */

static int write_pending(struct rcn_journal *journal, struct rcn_error *err)
{
    if (rcn_journal_file_append(journal->file, rcn_buf_get_str(&journal->pending),
                                journal->pending.len, err))
        return -1;
    rcn_buf_clear(&journal->pending);
    return 0;
}

static bool is_quiet(const struct rcn_journal *journal)
{
    if (journal->has_unreadable)
        return false;
    for (size_t i = 0; i < journal->count; i++)
        if (journal->entries[i].is_open)
            return false;
    return true;
}

/* What cannot be written here costs the next run a wait, so nothing is reported. */
static void leave(struct rcn_journal *journal)
{
    struct rcn_error ignored = RCN_ERROR_INIT;
    if (!is_quiet(journal) || rcn_journal_file_truncate(journal->file, &ignored))
        write_pending(journal, &ignored);
}

void rcn_journal_free(struct rcn_journal *journal)
{
    if (!journal)
        return;
    if (journal->is_read)
        leave(journal);
    rcn_journal_file_free(journal->file);
    rcn_buf_release(&journal->pending);
    rcn_arena_free(journal->arena);
    free(journal->entries);
    free(journal);
}

const char *rcn_journal_get_path(const struct rcn_journal *journal)
{
    return journal->path;
}

const char *rcn_journal_get_company(const struct rcn_journal *journal)
{
    return journal->company_id;
}

bool rcn_journal_has_unreadable(const struct rcn_journal *journal)
{
    return journal->has_unreadable;
}

void rcn_journal_forget_unreadable(struct rcn_journal *journal)
{
    journal->has_unreadable = false;
}

size_t rcn_journal_get_count(const struct rcn_journal *journal)
{
    return journal->count;
}

const struct rcn_journal_entry *rcn_journal_get(const struct rcn_journal *journal, size_t index)
{
    return &journal->entries[index];
}

static void write_intent(struct rcn_journal *journal, const struct rcn_journal_entry *entry)
{
    struct rcn_json_writer writer;
    char at[RCN_TIME_SIZE];
    rcn_time_format(entry->at_ms, at);
    rcn_json_writer_init(&writer, &journal->pending);
    rcn_json_begin_object(&writer);
    rcn_json_key_integer(&writer, "intent", (long long)entry->number);
    rcn_json_key_string(&writer, "at", at);
    rcn_json_key_string(&writer, "boot", journal->boot_id);
    rcn_json_key_integer(&writer, "bootMs", entry->steady_ms);
    rcn_json_key_integer(&writer, "timeoutMs", entry->timeout_ms);
    rcn_json_key_string(&writer, "apiUrl", journal->api_url);
    rcn_json_key_string(&writer, "companyId", journal->company_id);
    rcn_json_key_string(&writer, "adAccountId", entry->ad_account_id);
    rcn_json_key_string(&writer, "audienceName", entry->audience_name);
    rcn_json_end_object(&writer);
    rcn_buf_add_char(&journal->pending, '\n');
}

int rcn_journal_add(struct rcn_journal *journal, const struct rcn_audience_sync *sync,
                    int64_t at_ms, int64_t steady_ms, int64_t timeout_ms, size_t *ret_index,
                    struct rcn_error *err)
{
    struct rcn_journal_entry *entry = append(journal);
    if (!entry)
        return rcn_error_no_memory(err);
    entry->number = journal->next_number++;
    /* The line holds whole seconds: rounding up keeps `at` from being before the truth. */
    entry->at_ms = (at_ms + 999) / 1000 * 1000;
    entry->steady_ms = steady_ms;
    entry->timeout_ms = timeout_ms;
    entry->ad_account_id = rcn_arena_strdup(journal->arena, sync->ad_account_id);
    entry->audience_name = rcn_arena_strdup(journal->arena, sync->audience_name);
    entry->is_open = true;
    if (!entry->ad_account_id || !entry->audience_name) {
        journal->count--;
        return rcn_error_no_memory(err);
    }
    write_intent(journal, entry);
    *ret_index = journal->count - 1;
    return journal->pending.failed ? rcn_error_no_memory(err) : 0;
}

int rcn_journal_flush(struct rcn_journal *journal, struct rcn_error *err)
{
    if (journal->pending.failed)
        return rcn_error_no_memory(err);
    if (journal->pending.len == 0)
        return 0;
    return write_pending(journal, err) || rcn_journal_file_sync(journal->file, err) ? -1 : 0;
}

void rcn_journal_set_id(struct rcn_journal *journal, size_t index, const char *id, bool is_certain)
{
    struct rcn_journal_entry *entry = &journal->entries[index];
    struct rcn_json_writer writer;
    entry->id = rcn_arena_strdup(journal->arena, id);
    entry->is_id_certain = is_certain;
    rcn_json_writer_init(&writer, &journal->pending);
    rcn_json_begin_object(&writer);
    rcn_json_key_integer(&writer, is_certain ? "created" : "suspected", (long long)entry->number);
    rcn_json_key_string(&writer, "id", id);
    rcn_json_end_object(&writer);
    rcn_buf_add_char(&journal->pending, '\n');
}

void rcn_journal_close(struct rcn_journal *journal, size_t index)
{
    struct rcn_journal_entry *entry = &journal->entries[index];
    if (!entry->is_open)
        return;
    entry->is_open = false;
    rcn_buf_printf(&journal->pending, "{\"closed\": %llu}\n", entry->number);
}
