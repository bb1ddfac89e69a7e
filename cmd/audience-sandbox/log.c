#include "log.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/escape.h"
#include "base/time.h"

/* The arena is full before SBX_LOG_MAX only when requests carry kilobytes of headers. */
enum { TEXT_MAX = 8192, ARENA_MAX = 512 << 20 };

struct entry {
    const char *method;
    const char *path;
    const char *http_version;
    const char *headers;
    unsigned long connection;
    int64_t begin_ms;
    int64_t end_ms; /* -1: goes on */
    unsigned status;
    bool has_status; /* false when no status line was sent */
    bool committed;
    char company_id[SBX_ANSWER_ID_SIZE];
    char sync_id[SBX_ANSWER_ID_SIZE];
    const char *fault_text;
};

struct sbx_log {
    pthread_mutex_t lock;
    struct rcn_arena *arena; /* holds the entries */
    struct entry **entries;
    size_t count;
    size_t capacity;
    size_t dropped;
    int64_t start_ms;
    int64_t start_wall_ms;
};

struct sbx_log *sbx_log_new(void)
{
    struct sbx_log *log = calloc(1, sizeof *log);
    if (!log)
        return NULL;
    log->arena = rcn_arena_new(ARENA_MAX);
    if (!log->arena) {
        free(log);
        return NULL;
    }
    pthread_mutex_init(&log->lock, NULL);
    log->start_ms = rcn_clock_steady_ms();
    log->start_wall_ms = rcn_clock_wall_ms();
    return log;
}

void sbx_log_free(struct sbx_log *log)
{
    if (!log)
        return;
    free(log->entries);
    rcn_arena_free(log->arena);
    pthread_mutex_destroy(&log->lock);
    free(log);
}

/* Paths and methods come from anybody: what is no UTF-8 would spoil the whole document. */
static const char *visible_copy(struct rcn_arena *arena, const char *text)
{
    struct rcn_buf out;
    rcn_buf_init(&out, TEXT_MAX);
    rcn_escape_visible(&out, text);
    const char *copy = rcn_arena_strdup(arena, out.failed ? "?" : rcn_buf_get_str(&out));
    rcn_buf_release(&out);
    return copy;
}

static struct entry *entry_new(struct rcn_arena *arena, const struct sbx_log_request *request)
{
    struct entry *entry = rcn_arena_alloc(arena, sizeof *entry);
    if (!entry)
        return NULL;
    entry->method = visible_copy(arena, request->method);
    entry->path = visible_copy(arena, request->path);
    entry->http_version = rcn_arena_strdup(arena, request->http_version);
    entry->headers = rcn_arena_strdup(arena, request->headers);
    entry->connection = request->connection;
    entry->end_ms = -1;
    return entry->method && entry->path && entry->http_version && entry->headers ? entry : NULL;
}

static bool make_room(struct sbx_log *log)
{
    if (log->count < log->capacity)
        return true;
    size_t capacity = log->capacity ? log->capacity * 2 : 256;
    if (log->count >= SBX_LOG_MAX)
        return false;
    struct entry **entries = realloc(log->entries, capacity * sizeof(struct entry *));
    if (!entries)
        return false;
    log->entries = entries;
    log->capacity = capacity;
    return true;
}

size_t sbx_log_begin(struct sbx_log *log, const struct sbx_log_request *request)
{
    size_t number = 0;
    pthread_mutex_lock(&log->lock);
    struct entry *entry = make_room(log) ? entry_new(log->arena, request) : NULL;
    if (entry) {
        entry->begin_ms = rcn_clock_steady_ms() - log->start_ms;
        log->entries[log->count++] = entry;
        number = log->count;
    } else {
        log->dropped++;
    }
    pthread_mutex_unlock(&log->lock);
    return number;
}

/* A late commit may come before the answer has left: the answer knows nothing of it. */
static void take_result(struct entry *entry, const struct sbx_answer *answer)
{
    if (entry->committed)
        return;
    entry->committed = answer->committed;
    memcpy(entry->company_id, answer->company_id, sizeof entry->company_id);
    memcpy(entry->sync_id, answer->sync_id, sizeof entry->sync_id);
}

void sbx_log_end(struct sbx_log *log, size_t number, const struct sbx_answer *answer,
                 const char *fault_text)
{
    if (!number)
        return;
    pthread_mutex_lock(&log->lock);
    struct entry *entry = log->entries[number - 1];
    entry->end_ms = rcn_clock_steady_ms() - log->start_ms;
    entry->status = answer->status;
    entry->has_status =
        answer->delivery != SBX_DELIVERY_RESET && answer->delivery != SBX_DELIVERY_NEVER;
    take_result(entry, answer);
    entry->fault_text = fault_text;
    pthread_mutex_unlock(&log->lock);
}

void sbx_log_commit_late(struct sbx_log *log, size_t number, const struct sbx_answer *answer)
{
    if (!number)
        return;
    pthread_mutex_lock(&log->lock);
    take_result(log->entries[number - 1], answer);
    pthread_mutex_unlock(&log->lock);
}

static const char *or_null(const char *text)
{
    return *text ? text : NULL;
}

static void render_headers(const struct entry *entry, struct rcn_json_writer *writer)
{
    struct rcn_error ignored = RCN_ERROR_INIT;
    struct rcn_json *headers = rcn_json_parse(entry->headers, strlen(entry->headers), &ignored);
    if (headers)
        rcn_json_copy(writer, headers);
    else
        rcn_json_null(writer);
    rcn_json_free(headers);
}

static void render_entry(const struct entry *entry, size_t number, struct rcn_json_writer *writer)
{
    rcn_json_newline(writer, 2);
    rcn_json_begin_object(writer);
    rcn_json_key_integer(writer, "n", (long long)number);
    rcn_json_key_integer(writer, "ms", entry->begin_ms);
    rcn_json_key(writer, "endMs");
    if (entry->end_ms >= 0)
        rcn_json_integer(writer, entry->end_ms);
    else
        rcn_json_null(writer);
    rcn_json_key_integer(writer, "connection", (long long)entry->connection);
    rcn_json_key_string(writer, "http", entry->http_version);
    rcn_json_key_string(writer, "method", entry->method);
    rcn_json_key_string(writer, "path", entry->path);
    rcn_json_key(writer, "status");
    if (entry->has_status)
        rcn_json_integer(writer, entry->status);
    else
        rcn_json_null(writer);
    rcn_json_key_string(writer, "companyId", or_null(entry->company_id));
    rcn_json_key_boolean(writer, "committed", entry->committed);
    rcn_json_key_string(writer, "id", or_null(entry->sync_id));
    rcn_json_key_string(writer, "fault", entry->fault_text);
    rcn_json_key(writer, "headers");
    render_headers(entry, writer);
    rcn_json_end_object(writer);
}

void sbx_log_render(struct sbx_log *log, struct rcn_buf *out)
{
    char started_at[RCN_TIME_SIZE];
    struct rcn_json_writer writer;
    rcn_time_format(log->start_wall_ms, started_at);
    rcn_json_writer_init(&writer, out);
    pthread_mutex_lock(&log->lock);
    rcn_json_begin_object(&writer);
    rcn_json_key_string(&writer, "startedAt", started_at);
    rcn_json_key_integer(&writer, "dropped", (long long)log->dropped);
    rcn_json_key(&writer, "requests");
    rcn_json_begin_array(&writer);
    for (size_t i = 0; i < log->count; i++)
        render_entry(log->entries[i], i + 1, &writer);
    rcn_json_end_array(&writer);
    rcn_json_end_object(&writer);
    pthread_mutex_unlock(&log->lock);
    rcn_buf_add_char(out, '\n');
}
