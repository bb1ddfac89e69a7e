#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/memory.h"

int rcn_fd_read(int fd, const char *name, struct rcn_buf *ret, struct rcn_error *err)
{
    enum { BLOCK = 65536 };
    for (;;) {
        size_t left = ret->max - ret->len;
        size_t room = left < BLOCK ? left : BLOCK;
        const size_t past = left < BLOCK; /* a byte past the limit goes where the NUL is */
        char *into = rcn_buf_reserve(ret, room);
        ssize_t got = into ? read(fd, into, room + past) : 1;
        /* Only a handler of ours can cause this: reading on would ignore Ctrl-C at a terminal. */
        if (got < 0 && errno == EINTR)
            return rcn_error_set(err, RCN_ERROR_INTERRUPTED, "reading '%s' was interrupted", name);
        if (got < 0)
            return rcn_error_set(err, RCN_ERROR_FAILED, "cannot read '%s': %s", name,
                                 strerror(errno));
        if (got == 0)
            return 0;
        if (!into || (size_t)got > room) {
            ret->failed = true;
            return rcn_error_set(err, RCN_ERROR_FAILED, "'%s' is larger than %zu bytes", name,
                                 ret->max);
        }
        ret->len += (size_t)got;
        into[got] = '\0';
    }
}

int rcn_fd_write(int fd, const char *bytes, size_t len)
{
    while (len) {
        ssize_t done = write(fd, bytes, len);
        if (done < 0 && errno == EINTR)
            continue;
        /* Whoever started us may have made it non-blocking, for themselves. */
        if (done < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) {
            struct pollfd full = {.fd = fd, .events = POLLOUT};
            (void)poll(&full, 1, -1);
            continue;
        }
        if (done < 0)
            return -1;
        bytes += done;
        len -= (size_t)done;
    }
    return 0;
}

int rcn_file_open(const char *path, struct stat *ret_status)
{
    /* Non-blocking, so that opening a FIFO returns; regular files do not care. */
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (fd < 0)
        return -1;
    /* Reads of a FIFO wait for its writers, and end at once when there is none. */
    if (fstat(fd, ret_status) || (S_ISFIFO(ret_status->st_mode) && fcntl(fd, F_SETFL, 0))) {
        int error = errno;
        close(fd);
        errno = error;
        return -1;
    }
    return fd;
}

int rcn_file_read(const char *path, struct rcn_buf *ret, struct rcn_error *err)
{
    struct stat status;
    int fd = rcn_file_open(path, &status);
    if (fd < 0)
        return rcn_error_set(err, RCN_ERROR_FAILED, "cannot open '%s': %s", path, strerror(errno));
    int result;
    bool is_regular = S_ISREG(status.st_mode);
    if (!is_regular && !S_ISFIFO(status.st_mode))
        result = rcn_error_set(err, RCN_ERROR_FAILED, "'%s' is not a regular file", path);
    else if (is_regular && (unsigned long long)status.st_size > ret->max - ret->len)
        result =
            rcn_error_set(err, RCN_ERROR_FAILED, "'%s' is larger than %zu bytes", path, ret->max);
    else
        result = rcn_fd_read(fd, path, ret, err);
    close(fd);
    return result;
}

struct rcn_file_writer {
    int fd;
    char *path;
    char *temporary; /* NULL: written to directly */
    bool truncates;  /* a regular file that is written to directly */
};

/* What is there to be written to, not to be replaced: also a link in /dev to an open file. */
static bool is_special(const char *path)
{
    struct stat status;
    if (strncmp(path, "/dev/", 5) == 0 || strncmp(path, "/proc/", 6) == 0)
        return true;
    return stat(path, &status) == 0 && !S_ISREG(status.st_mode) && !S_ISDIR(status.st_mode);
}

/* The descriptor of ours that a path names, or -1. Opening the path again would write to `2>file`
 * at an offset of its own, over what else is written there. */
static int find_descriptor(const char *path)
{
    static const char *const folders[] = {"/dev/fd/", "/proc/self/fd/"};
    if (strcmp(path, "/dev/stdout") == 0)
        return STDOUT_FILENO;
    if (strcmp(path, "/dev/stderr") == 0)
        return STDERR_FILENO;
    for (size_t i = 0; i < sizeof folders / sizeof *folders; i++) {
        const char *digits = path + strlen(folders[i]);
        char *end;
        if (strncmp(path, folders[i], strlen(folders[i])) != 0 || *digits < '0' || *digits > '9')
            continue;
        long number = strtol(digits, &end, 10);
        return *end || number > INT_MAX ? -1 : (int)number;
    }
    return -1;
}

/* A file that is mounted by itself, as containers do it, cannot be replaced by another. */
static bool is_mounted(const char *path)
{
#ifdef STATX_ATTR_MOUNT_ROOT
    struct statx status;
    return statx(AT_FDCWD, path, 0, STATX_TYPE, &status) == 0 &&
           (status.stx_attributes & STATX_ATTR_MOUNT_ROOT);
#else
    (void)path;
    return false;
#endif
}

/* The path without links, of a file that need not exist yet; NULL when its folder does not. */
static char *resolve(const char *path)
{
    char *real = realpath(path, NULL);
    const char *slash = strrchr(path, '/');
    if (real)
        return real;
    char *folder = slash ? rcn_strndup(path, (size_t)(slash - path) + 1) : rcn_strdup(".");
    char *real_folder = realpath(folder, NULL);
    if (real_folder)
        real = rcn_printf("%s/%s", real_folder, slash ? slash + 1 : path);
    free(real_folder);
    free(folder);
    return real;
}

bool rcn_file_is_same(const char *a, const char *b)
{
    if (strcmp(a, b) == 0 || is_special(a) || is_special(b))
        return strcmp(a, b) == 0;
    char *first = resolve(a);
    char *second = resolve(b);
    bool is_same = first && second && strcmp(first, second) == 0;
    free(first);
    free(second);
    return is_same;
}

struct rcn_file_writer *rcn_file_writer_new(const char *path, bool appends, struct rcn_error *err)
{
    struct stat status;
    const int descriptor = find_descriptor(path);
    const bool special = is_special(path);
    char *target = NULL;
    /* A link stays a link: what it leads to is replaced. */
    if (!special && lstat(path, &status) == 0 && S_ISLNK(status.st_mode))
        target = realpath(path, NULL);
    struct rcn_file_writer *writer = rcn_malloc(sizeof *writer);
    *writer = (struct rcn_file_writer){.fd = -1, .path = target ? target : rcn_strdup(path)};
    path = writer->path;
    if (descriptor >= 0) {
        writer->fd = fcntl(descriptor, F_DUPFD_CLOEXEC, 0);
    } else if (special) {
        writer->fd = open(path, O_WRONLY | O_APPEND | O_NOCTTY | O_CLOEXEC);
    } else if (stat(path, &status) == 0 && S_ISDIR(status.st_mode)) {
        errno = EISDIR;
    } else if (appends) {
        writer->fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0666);
    } else if (is_mounted(path)) {
        writer->fd = open(path, O_WRONLY | O_CLOEXEC);
        writer->truncates = true;
    } else {
        char *temporary = rcn_printf("%s.XXXXXX", path);
        writer->fd = mkostemp(temporary, O_CLOEXEC);
        if (writer->fd >= 0)
            writer->temporary = temporary;
        else
            free(temporary);
    }
    if (writer->fd >= 0)
        return writer;
    rcn_error_set(err, RCN_ERROR_FAILED, "cannot write '%s': %s", path, strerror(errno));
    rcn_file_writer_free(writer);
    return NULL;
}

/* mkstemp makes 0600; a report is as readable as the file that it replaces, or as any other new
 * file of this user. */
static int set_mode(const struct rcn_file_writer *writer)
{
    struct stat status;
    mode_t mask = umask(0);
    umask(mask);
    bool replaces = stat(writer->path, &status) == 0 && S_ISREG(status.st_mode);
    return fchmod(writer->fd, replaces ? status.st_mode & 0777 : 0666 & ~mask);
}

/* A link never replaces, rename always does. Where there are no links, a look must do. */
static int put_new(const struct rcn_file_writer *writer)
{
    struct stat status;
    if (link(writer->temporary, writer->path) == 0)
        return unlink(writer->temporary);
    if (errno == EEXIST)
        return -1;
    if (lstat(writer->path, &status) == 0) {
        errno = EEXIST;
        return -1;
    }
    return rename(writer->temporary, writer->path);
}

int rcn_file_writer_commit(struct rcn_file_writer *writer, const char *bytes, size_t len,
                           bool *ret_exists, struct rcn_error *err)
{
    bool failed = (writer->truncates && ftruncate(writer->fd, 0)) ||
                  rcn_fd_write(writer->fd, bytes, len) != 0;
    if (!failed && writer->temporary)
        failed = set_mode(writer) || fsync(writer->fd) ||
                 (ret_exists ? put_new(writer) : rename(writer->temporary, writer->path));
    if (ret_exists)
        *ret_exists = failed && errno == EEXIST;
    if (failed)
        return rcn_error_set(err, RCN_ERROR_FAILED, "cannot write '%s': %s", writer->path,
                             strerror(errno));
    free(writer->temporary);
    writer->temporary = NULL;
    return 0;
}

void rcn_file_writer_free(struct rcn_file_writer *writer)
{
    if (!writer)
        return;
    if (writer->fd >= 0)
        close(writer->fd);
    if (writer->temporary)
        unlink(writer->temporary);
    free(writer->temporary);
    free(writer->path);
    free(writer);
}

int rcn_make_directories(const char *path, struct rcn_error *err)
{
    char *copy = rcn_strdup(path);
    int result = 0;
    for (char *slash = copy + 1; !result; slash++) {
        slash += strcspn(slash, "/");
        char kept = *slash;
        *slash = '\0';
        if (mkdir(copy, 0700) && errno != EEXIST)
            result = rcn_error_set(err, RCN_ERROR_FAILED, "cannot make directory '%s': %s", copy,
                                   strerror(errno));
        *slash = kept;
        if (!kept)
            break;
    }
    free(copy);
    return result;
}
