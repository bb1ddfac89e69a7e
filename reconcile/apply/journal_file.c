#include "apply/journal_file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/memory.h"

#define SUFFIX ".pending"

struct rcn_journal_file {
    int fd;
    char *path;
};

static void set_hint(struct rcn_error *err)
{
    rcn_error_set_hint(err, "set XDG_STATE_HOME to a folder that can be written, or use "
                            "--no-journal where nothing is kept");
}

static int fail(const struct rcn_journal_file *file, const char *what, struct rcn_error *err)
{
    rcn_error_set(err, RCN_ERROR_FAILED, "cannot %s the intent journal '%s': %s", what, file->path,
                  strerror(errno));
    set_hint(err);
    return -1;
}

/* The name of a new file is durable only when its folder is. */
static int sync_directory(const struct rcn_journal_file *file, const char *dir,
                          struct rcn_error *err)
{
    int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return fail(file, "open the folder of", err);
    /* EINVAL: the file system has no such operation (FUSE, 9p), so it keeps names without it. */
    int result = fsync(fd) == 0 || errno == EINVAL ? 0 : fail(file, "sync the folder of", err);
    close(fd);
    return result;
}

static int open_locked(struct rcn_journal_file *file, const char *dir, struct rcn_error *err)
{
    if (rcn_make_directories(dir, err)) {
        rcn_error_wrap(err, "the intent journal cannot be kept");
        set_hint(err);
        return -1;
    }
    file->fd =
        open(file->path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0600);
    if (file->fd < 0)
        return fail(file, "open", err);
    struct stat status;
    if (fstat(file->fd, &status))
        return fail(file, "examine", err);
    /* A FIFO would never end, a device would keep nothing. */
    if (!S_ISREG(status.st_mode))
        return rcn_error_set(err, RCN_ERROR_FAILED, "the intent journal '%s' is not a regular file",
                             file->path);
    if (flock(file->fd, LOCK_EX | LOCK_NB) == 0)
        return sync_directory(file, dir, err);
    if (errno != EWOULDBLOCK)
        return fail(file, "lock", err);
    rcn_error_set(err, RCN_ERROR_REFUSED,
                  "another apply for this company is running on this machine");
    return rcn_error_set_hint(err, "wait for it to end; it holds '%s'", file->path);
}

struct rcn_journal_file *rcn_journal_file_new(const char *dir, const char *name,
                                              struct rcn_error *err)
{
    struct rcn_journal_file *file = rcn_calloc(1, sizeof *file);
    const size_t size = strlen(dir) + strlen(name) + 2;
    file->fd = -1;
    file->path = rcn_malloc(size);
    snprintf(file->path, size, "%s/%s", dir, name);
    if (open_locked(file, dir, err)) {
        rcn_journal_file_free(file);
        return NULL;
    }
    return file;
}

void rcn_journal_file_free(struct rcn_journal_file *file)
{
    if (!file)
        return;
    if (file->fd >= 0)
        close(file->fd);
    free(file->path);
    free(file);
}

int rcn_journal_file_read(struct rcn_journal_file *file, struct rcn_buf *ret, struct rcn_error *err)
{
    return rcn_fd_read(file->fd, file->path, ret, err);
}

int rcn_journal_file_append(struct rcn_journal_file *file, const char *bytes, size_t len,
                            struct rcn_error *err)
{
    return rcn_fd_write(file->fd, bytes, len) ? fail(file, "write", err) : 0;
}

int rcn_journal_file_sync(struct rcn_journal_file *file, struct rcn_error *err)
{
    struct stat ours;
    struct stat named;
    if (fdatasync(file->fd) || fstat(file->fd, &ours))
        return fail(file, "write", err);
    if (stat(file->path, &named) == 0 && named.st_dev == ours.st_dev && named.st_ino == ours.st_ino)
        return 0;
    return rcn_error_set(err, RCN_ERROR_FAILED,
                         "the intent journal '%s' was removed or replaced during this run",
                         file->path);
}

int rcn_journal_file_truncate(struct rcn_journal_file *file, struct rcn_error *err)
{
    return ftruncate(file->fd, 0) ? fail(file, "empty", err) : 0;
}

/* --- without a lock --- */

static int is_journal(const struct dirent *entry)
{
    size_t len = strlen(entry->d_name);
    return len > strlen(SUFFIX) && strcmp(entry->d_name + len - strlen(SUFFIX), SUFFIX) == 0;
}

int rcn_journal_file_list(struct rcn_arena *arena, const char *dir, const char *const **ret,
                          size_t *ret_count, struct rcn_error *err)
{
    struct dirent **entries = NULL;
    const int found = scandir(dir, &entries, is_journal, alphasort);
    if (found < 0 && errno != ENOENT)
        return rcn_error_set(err, RCN_ERROR_FAILED, "cannot read the folder '%s': %s", dir,
                             strerror(errno));
    const size_t count = found > 0 ? (size_t)found : 0;
    const char **paths = rcn_arena_calloc(arena, count, sizeof *paths);
    for (size_t i = 0; i < count; i++) {
        paths[i] = rcn_arena_printf(arena, "%s/%s", dir, entries[i]->d_name);
        free(entries[i]);
    }
    free(entries);
    *ret = paths;
    *ret_count = count;
    return 0;
}

int rcn_journal_file_peek(const char *path, struct rcn_buf *ret, struct rcn_error *err)
{
    return rcn_file_read(path, ret, err);
}
