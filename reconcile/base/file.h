/*
 * file.h: whole files, read with a limit and written whole or not at all.
 */
#ifndef RCN_BASE_FILE_H
#define RCN_BASE_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/stat.h>

#include "base/buf.h"
#include "base/error.h"

/*
 * Opens a file for reading without waiting. Reads of a FIFO, which is what a shell makes of
 * `<(command)`, wait for those who write to it, and end at once when no one does. -1 with
 * errno.
 */
int rcn_file_open(const char *path, struct stat *ret_status);

/*
 * Appends the content of a regular file or FIFO to ret (whose max is the limit). Devices and
 * directories are refused without blocking. The message names the path.
 */
int rcn_file_read(const char *path, struct rcn_buf *ret, struct rcn_error *err);

/*
 * Appends all of an open descriptor; `name` is for messages. A limit passed is an error, a signal
 * whose handler does not restart calls is RCN_ERROR_INTERRUPTED.
 */
int rcn_fd_read(int fd, const char *name, struct rcn_buf *ret, struct rcn_error *err);

/* Writes all of it, through signals, waiting where the descriptor does not block. -1 with errno;
 * some may have been written then. */
int rcn_fd_write(int fd, const char *bytes, size_t len);

/*
 * A file that is being written: a temporary one beside it, renamed over it by _commit. Opened
 * before the work starts, so that a path that cannot be written is found out first. A link stays,
 * the file that it leads to is replaced. Devices and pipes, and descriptors of ours (`/dev/fd/3`,
 * `/dev/stderr`), are written to directly, and so is a file that is mounted by itself, which no
 * other can be renamed over.
 */
struct rcn_file_writer;
/* appends: others write to the file as well, _commit adds to its end. */
struct rcn_file_writer *rcn_file_writer_new(const char *path, bool appends, struct rcn_error *err);
/* ret_exists: NULL to replace what has the name; else that is -1 and *ret_exists. */
int rcn_file_writer_commit(struct rcn_file_writer *writer, const char *bytes, size_t len,
                           bool *ret_exists, struct rcn_error *err);
/* Without a commit before it: leaves what was there and removes the temporary file. NULL allowed.
 */
void rcn_file_writer_free(struct rcn_file_writer *writer);

/* `a.json` and `./a.json` are one file, also before it is there, and so is a link to it. */
bool rcn_file_is_same(const char *a, const char *b);

/* Makes the directory and those above it (mode 0700, as XDG wants for state and cache). */
int rcn_make_directories(const char *path, struct rcn_error *err);

#endif
