#include "document/history.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/file.h"
#include "base/json.h"
#include "base/time.h"

/* A line has ten short numbers; one longer than this is none of ours. */
enum { MAX_LINE_BYTES = 1024, COUNT_KEYS = 9 };

/* A run holds the file for some milliseconds. */
enum { LOCK_TRIES = 1000, LOCK_PAUSE_MS = 10 };

static const char *const count_keys[COUNT_KEYS] = {"desired",   "inSync",    "missing",
                                                   "drifted",   "duplicate", "withheld",
                                                   "unmanaged", "unhealthy", "ignored"};

static size_t *get_count(struct rcn_plan_counts *counts, size_t key)
{
    if (key == 0)
        return &counts->desired;
    if (key <= RCN_STATUS_COUNT)
        return &counts->by_status[key - 1];
    return key == RCN_STATUS_COUNT + 1 ? &counts->unhealthy : &counts->ignored;
}

/* --- lines --- */

static void write_line(struct rcn_buf *out, const struct rcn_history_point *point)
{
    struct rcn_json_writer json;
    struct rcn_plan_counts counts = point->counts;
    char time[RCN_TIME_SIZE];
    rcn_time_format(point->at_ms, time);
    rcn_json_writer_init(&json, out);
    rcn_json_begin_object(&json);
    rcn_json_key_string(&json, "at", time);
    for (size_t key = 0; key < COUNT_KEYS; key++)
        rcn_json_key_integer(&json, count_keys[key], (long long)*get_count(&counts, key));
    rcn_json_end_object(&json);
    rcn_buf_add_char(out, '\n');
}

static bool read_members(const struct rcn_json *object, struct rcn_history_point *ret)
{
    const char *at = rcn_json_get_member_string(object, "at");
    if (!at || !rcn_time_parse(at, &ret->at_ms))
        return false;
    for (size_t key = 0; key < COUNT_KEYS; key++) {
        long long number;
        if (!rcn_json_get_integer(rcn_json_get(object, count_keys[key]), &number) || number < 0)
            return false;
        *get_count(&ret->counts, key) = (size_t)number;
    }
    return true;
}

/* What is wrong with a line is no error, but that there was no memory to read it is one. */
static bool read_line(const char *line, size_t len, struct rcn_history_point *ret,
                      struct rcn_error *err)
{
    if (len > MAX_LINE_BYTES)
        return false;
    struct rcn_json *object = rcn_json_parse(line, len, err);
    bool is_point = object && read_members(object, ret);
    rcn_json_free(object);
    return is_point;
}

/* --- the whole --- */

/* Where the newest RCN_HISTORY_MAX_POINTS lines begin. */
static size_t find_newest(const char *text, size_t len)
{
    size_t lines = 0;
    for (size_t at = len; at > 0; at--)
        if (text[at - 1] == '\n' && at < len && ++lines == RCN_HISTORY_MAX_POINTS)
            return at;
    return 0;
}

/*
 * Reads the newest lines into points, which have room for them. *ret_kept becomes the length of
 * what is to stay: a last line without its end stays only when it is a run.
 */
static int read_lines(const char *text, size_t len, struct rcn_history *ret, size_t *ret_kept,
                      struct rcn_error *err)
{
    *ret_kept = len;
    for (size_t start = find_newest(text, len); start < len;) {
        const char *end = memchr(text + start, '\n', len - start);
        size_t line_len = end ? (size_t)(end - text) - start : len - start;
        struct rcn_history_point point = {0};
        struct rcn_error line_err = RCN_ERROR_INIT;
        if (read_line(text + start, line_len, &point, &line_err))
            ret->points[ret->count++] = point;
        else if (rcn_error_is_no_memory(&line_err))
            return rcn_error_no_memory(err);
        else if (!end)
            *ret_kept = start;
        start += line_len + 1;
    }
    return 0;
}

static int fail(const char *path, const char *what, struct rcn_error *err)
{
    return rcn_error_set(err, RCN_ERROR_FAILED, "cannot %s the history '%s': %s", what, path,
                         strerror(errno));
}

static int open_file(const char *path, struct rcn_error *err)
{
    /* O_NONBLOCK: a FIFO must not stop us before fstat can tell. */
    int fd = open(path, O_RDWR | O_CREAT | O_APPEND | O_NONBLOCK | O_CLOEXEC, 0666);
    struct stat info;
    if (fd < 0)
        return fail(path, "open", err);
    if (fstat(fd, &info) == 0 && S_ISREG(info.st_mode))
        return fd;
    close(fd);
    return rcn_error_set(err, RCN_ERROR_FAILED, "the history '%s' is no regular file", path);
}

/*
 * Repairing and shortening must not meet the line of another run. Where a file system has no locks
 * the run goes on without.
 */
static int lock(int fd, const char *path, struct rcn_error *err)
{
    const struct timespec pause = {.tv_nsec = LOCK_PAUSE_MS * 1000000L};
    for (int tries = 0; tries < LOCK_TRIES; tries++) {
        if (flock(fd, LOCK_EX | LOCK_NB) == 0 || (errno != EWOULDBLOCK && errno != EINTR))
            return 0;
        nanosleep(&pause, NULL);
    }
    return rcn_error_set(err, RCN_ERROR_FAILED, "another run holds the history '%s'", path);
}

static bool is_same_file(int fd, const char *path)
{
    struct stat mine;
    struct stat there;
    return fstat(fd, &mine) == 0 && stat(path, &there) == 0 && mine.st_dev == there.st_dev &&
           mine.st_ino == there.st_ino;
}

/* Closing it gives the lock back. A lock on a file that another run has replaced says nothing. */
static int open_locked(const char *path, struct rcn_error *err)
{
    for (int tries = 0; tries < LOCK_TRIES; tries++) {
        int fd = open_file(path, err);
        if (fd < 0)
            return -1;
        if (lock(fd, path, err) != 0) {
            close(fd);
            return -1;
        }
        if (is_same_file(fd, path))
            return fd;
        close(fd);
    }
    return rcn_error_set(err, RCN_ERROR_FAILED, "the history '%s' is replaced all the time", path);
}

static int append(int fd, const char *path, const struct rcn_buf *line, struct rcn_error *err)
{
    ssize_t written = write(fd, line->data, line->len);
    if (written < 0)
        return fail(path, "write to", err);
    if ((size_t)written < line->len)
        return rcn_error_set(err, RCN_ERROR_FAILED, "cannot write to the history '%s': disk full",
                             path);
    return 0;
}

/* The newer half, from a whole line on, and the new line in a new file. */
static int rewrite(const char *path, struct rcn_buf *text, const struct rcn_buf *line,
                   struct rcn_error *err)
{
    size_t middle = text->len / 2;
    const char *end = memchr(text->data + middle, '\n', text->len - middle);
    size_t start = end ? (size_t)(end - text->data) + 1 : text->len;
    rcn_buf_add(text, line->data, line->len);
    if (text->failed)
        return rcn_error_no_memory(err);
    struct rcn_file_writer *writer = rcn_file_writer_new(path, err);
    if (!writer)
        return -1;
    int result = rcn_file_writer_commit(writer, text->data + start, text->len - start, err);
    rcn_file_writer_free(writer);
    return result;
}

static int store(int fd, const char *path, struct rcn_buf *text, size_t kept,
                 const struct rcn_history_point *run, struct rcn_error *err)
{
    struct rcn_buf line;
    int result;
    rcn_buf_init(&line, (size_t)2 * MAX_LINE_BYTES);
    if (kept && kept == text->len && text->data[kept - 1] != '\n')
        rcn_buf_add_char(&line, '\n');
    write_line(&line, run);
    if (line.failed) {
        result = rcn_error_no_memory(err);
    } else if (kept < text->len && ftruncate(fd, (off_t)kept) != 0) {
        result = fail(path, "repair", err);
    } else if (kept >= RCN_HISTORY_MAX_BYTES) {
        rcn_buf_truncate(text, kept);
        result = rewrite(path, text, &line, err);
    } else {
        result = append(fd, path, &line, err);
    }
    rcn_buf_release(&line);
    return result;
}

/* The newest runs are given back, this one last: it may be one more than the limit. */
static void add_run(struct rcn_history *history, const struct rcn_history_point *run)
{
    if (history->count == RCN_HISTORY_MAX_POINTS) {
        history->count--;
        memmove(history->points, history->points + 1, history->count * sizeof *history->points);
    }
    history->points[history->count++] = *run;
}

/* Nothing of ours, not even the cut-off line of a first run that failed. */
static bool is_foreign(const struct rcn_buf *text, size_t points)
{
    static const char begin[] = "{\"at\": \"";
    size_t len = text->len < sizeof begin - 1 ? text->len : sizeof begin - 1;
    if (points || !text->len)
        return false;
    return memchr(text->data, '\n', text->len) || memcmp(text->data, begin, len) != 0;
}

static int update(int fd, const char *path, struct rcn_buf *text,
                  const struct rcn_history_point *run, struct rcn_history *ret,
                  struct rcn_error *err)
{
    size_t kept;
    if (rcn_fd_read(fd, path, text, err) != 0)
        return -1;
    ret->points = calloc(RCN_HISTORY_MAX_POINTS, sizeof *ret->points);
    if (!ret->points)
        return rcn_error_no_memory(err);
    if (read_lines(rcn_buf_get_str(text), text->len, ret, &kept, err) != 0)
        return -1;
    if (is_foreign(text, ret->count))
        return rcn_error_set(err, RCN_ERROR_FAILED,
                             "'%s' holds something else than a history: it is left as it is", path);
    if (store(fd, path, text, kept, run, err) != 0)
        return -1;
    add_run(ret, run);
    return 0;
}

int rcn_history_add(const char *path, const struct rcn_history_point *run, struct rcn_history *ret,
                    struct rcn_error *err)
{
    struct rcn_buf text;
    *ret = (struct rcn_history){0};
    int fd = open_locked(path, err);
    if (fd < 0)
        return -1;
    /* A file that went past the limit is halved at once, so none of ours gets near twice of it. */
    rcn_buf_init(&text, (size_t)2 * RCN_HISTORY_MAX_BYTES);
    int result = update(fd, path, &text, run, ret, err);
    close(fd);
    rcn_buf_release(&text);
    if (result != 0)
        rcn_history_release(ret);
    return result;
}

void rcn_history_release(struct rcn_history *history)
{
    free(history->points);
    *history = (struct rcn_history){0};
}
