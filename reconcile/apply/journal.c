#include "apply/journal.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/json.h"
#include "base/sha256.h"
#include "base/time.h"

/* A line is about 300 bytes: some 200,000 creates without one quiet moment in between. */
enum { MAX_BYTES = 64 << 20 };

/* No run gets near it, so the next one never overflows. */
#define MAX_NUMBER ((long long)1 << 53)

struct rcn_journal {
    struct rcn_arena *arena;
    int fd;
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

static int make_path(struct rcn_journal *journal, const char *state_dir, struct rcn_error *err)
{
    char hex[RCN_SHA256_HEX_SIZE];
    const char *key = rcn_arena_printf(journal->arena, "%s\n%s", journal->api_url,
                                       journal->company_id ? journal->company_id : "");
    if (!key || rcn_sha256_hex(key, strlen(key), hex))
        return rcn_error_no_memory(err);
    journal->path = rcn_arena_printf(journal->arena, "%s/%s.pending", state_dir, hex);
    return journal->path ? 0 : rcn_error_no_memory(err);
}

static int fail(struct rcn_journal *journal, const char *what, struct rcn_error *err)
{
    rcn_error_set(err, RCN_ERROR_FAILED, "cannot %s the intent journal '%s': %s", what,
                  journal->path, strerror(errno));
    return rcn_error_set_hint(err, "set XDG_STATE_HOME to a folder that can be written, or use "
                                   "--no-journal where nothing is kept");
}

/* The name of a new file is durable only when its folder is. */
static int sync_directory(struct rcn_journal *journal, const char *state_dir, struct rcn_error *err)
{
    int fd = open(state_dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return fail(journal, "open the folder of", err);
    int result = fsync(fd);
    close(fd);
    return result ? fail(journal, "sync the folder of", err) : 0;
}

static int open_locked(struct rcn_journal *journal, const char *state_dir, struct rcn_error *err)
{
    if (rcn_make_directories(state_dir, err)) {
        rcn_error_wrap(err, "the intent journal cannot be kept");
        return rcn_error_set_hint(err, "set XDG_STATE_HOME to a folder that can be written, or use "
                                       "--no-journal where nothing is kept");
    }
    journal->fd = open(journal->path,
                       O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0600);
    if (journal->fd < 0)
        return fail(journal, "open", err);
    struct stat status;
    if (fstat(journal->fd, &status))
        return fail(journal, "look at", err);
    /* A FIFO would never end, a device would keep nothing. */
    if (!S_ISREG(status.st_mode))
        return rcn_error_set(err, RCN_ERROR_FAILED, "the intent journal '%s' is not a regular file",
                             journal->path);
    if (flock(journal->fd, LOCK_EX | LOCK_NB) == 0)
        return sync_directory(journal, state_dir, err);
    if (errno != EWOULDBLOCK)
        return fail(journal, "lock", err);
    rcn_error_set(err, RCN_ERROR_REFUSED,
                  "another apply for this company is running on this machine");
    return rcn_error_set_hint(err, "wait for it to end; it holds '%s'", journal->path);
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
        struct rcn_journal_entry *entries =
            realloc(journal->entries, capacity * sizeof *journal->entries);
        if (!entries)
            return NULL;
        journal->entries = entries;
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
    int result = rcn_fd_read(journal->fd, journal->path, &content, err);
    if (!result && content.len)
        read_lines(journal, content.data, content.len);
    rcn_buf_release(&content);
    return result;
}

static struct rcn_journal *new_closed(struct rcn_error *err)
{
    struct rcn_journal *journal = calloc(1, sizeof *journal);
    if (!journal || !(journal->arena = rcn_arena_new(MAX_BYTES * (size_t)4))) {
        free(journal);
        rcn_error_no_memory(err);
        return NULL;
    }
    journal->fd = -1;
    journal->next_number = 1;
    rcn_clock_get_boot_id(journal->boot_id);
    rcn_buf_init(&journal->pending, MAX_BYTES);
    return journal;
}

struct rcn_journal *rcn_journal_new(const char *state_dir, const char *api_url,
                                    const char *company_id, struct rcn_error *err)
{
    struct rcn_journal *journal = new_closed(err);
    if (!journal)
        return NULL;
    journal->api_url = rcn_arena_strdup(journal->arena, api_url);
    journal->company_id = company_id ? rcn_arena_strdup(journal->arena, company_id) : NULL;
    int result = 0;
    if (!journal->api_url || (company_id && !journal->company_id))
        result = rcn_error_no_memory(err);
    if (result || make_path(journal, state_dir, err) || open_locked(journal, state_dir, err) ||
        read_all(journal, err)) {
        rcn_journal_free(journal);
        return NULL;
    }
    journal->is_read = true;
    return journal;
}

/* --- looking --- */

/* Every file begins with an intent, which says whose it is. */
static bool take_owner(struct rcn_journal *journal, const struct rcn_buf *content,
                       const char *api_url, struct rcn_error *problem)
{
    const char *bytes = rcn_buf_get_str(content);
    struct rcn_json *line = rcn_json_parse(bytes, strcspn(bytes, "\n"), problem);
    const char *url = line ? rcn_json_get_member_string(line, "apiUrl") : NULL;
    const char *company_id = line ? rcn_json_get_member_string(line, "companyId") : NULL;
    bool is_ours = url && strcmp(url, api_url) == 0;
    if (is_ours && company_id) {
        journal->company_id = rcn_arena_strdup(journal->arena, company_id);
        is_ours = journal->company_id || rcn_error_no_memory(problem) == 0;
    }
    rcn_json_free(line);
    return is_ours;
}

/* Whether the file is one of the API's; then its lines are read. -1 and err when out of memory. */
static int look_at(struct rcn_journal *journal, const char *state_dir, const char *name,
                   const char *api_url, bool *ret_is_ours, struct rcn_error *err)
{
    struct rcn_error problem = RCN_ERROR_INIT;
    struct rcn_buf content;
    rcn_buf_init(&content, MAX_BYTES);
    journal->path = rcn_arena_printf(journal->arena, "%s/%s", state_dir, name);
    int result = journal->path ? 0 : rcn_error_no_memory(err);
    *ret_is_ours = !result && !rcn_file_read(journal->path, &content, &problem) &&
                   take_owner(journal, &content, api_url, &problem);
    if (!result && rcn_error_is_no_memory(&problem))
        result = rcn_error_no_memory(err);
    if (*ret_is_ours)
        read_lines(journal, content.data, content.len);
    rcn_buf_release(&content);
    return result;
}

static int add_if_ours(const char *state_dir, const char *name, const char *api_url,
                       struct rcn_journal ***list, size_t *count, struct rcn_error *err)
{
    bool is_ours = false;
    struct rcn_journal *journal = new_closed(err);
    int result = journal ? look_at(journal, state_dir, name, api_url, &is_ours, err) : -1;
    if (!result && is_ours) {
        struct rcn_journal **more = realloc(*list, (*count + 1) * sizeof(struct rcn_journal *));
        if (more) {
            *list = more;
            more[(*count)++] = journal;
            return 0;
        }
        result = rcn_error_no_memory(err);
    }
    rcn_journal_free(journal);
    return result;
}

static bool is_journal_name(const char *name)
{
    const size_t hex_len = RCN_SHA256_HEX_SIZE - 1;
    return strspn(name, "0123456789abcdef") == hex_len && strcmp(name + hex_len, ".pending") == 0;
}

int rcn_journal_list(const char *state_dir, const char *api_url, struct rcn_journal ***ret,
                     size_t *ret_count, struct rcn_error *err)
{
    DIR *directory = opendir(state_dir);
    int result = 0;
    *ret = NULL;
    *ret_count = 0;
    for (struct dirent *file; !result && directory && (file = readdir(directory));)
        if (is_journal_name(file->d_name))
            result = add_if_ours(state_dir, file->d_name, api_url, ret, ret_count, err);
    if (directory)
        closedir(directory);
    return result;
}

/* --- writing --- */

static int write_pending(struct rcn_journal *journal)
{
    if (rcn_fd_write(journal->fd, rcn_buf_get_str(&journal->pending), journal->pending.len))
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
    if (!is_quiet(journal) || ftruncate(journal->fd, 0))
        write_pending(journal);
}

void rcn_journal_free(struct rcn_journal *journal)
{
    if (!journal)
        return;
    if (journal->is_read)
        leave(journal);
    if (journal->fd >= 0)
        close(journal->fd);
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
    if (write_pending(journal) || fdatasync(journal->fd))
        return fail(journal, "write", err);
    return 0;
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
