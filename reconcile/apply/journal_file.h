/*
 * journal_file.h: the durable file under a journal: every system call that journal.c needs.
 *
 * A file is appended to and emptied, never changed in between. It is locked while open: the lock
 * belongs to the process and ends with it. A file on a disk that has failed once is not to be
 * trusted: after an error the caller stops.
 *
 * A test that links other functions of these names controls the disk (tests/simulation).
 */
#ifndef RCN_APPLY_JOURNAL_FILE_H
#define RCN_APPLY_JOURNAL_FILE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/error.h"

struct rcn_journal_file;

/*
 * Opens and locks dir/name; makes it and the folders above it if absent. Its name is durable then.
 * RCN_ERROR_REFUSED: another process holds it. RCN_ERROR_FAILED: it cannot be opened.
 */
struct rcn_journal_file *rcn_journal_file_new(const char *dir, const char *name,
                                              struct rcn_error *err);
/* Closes and unlocks; nothing is written. NULL allowed. */
void rcn_journal_file_free(struct rcn_journal_file *file);

/* Appends the whole content to ret. */
int rcn_journal_file_read(struct rcn_journal_file *file, struct rcn_buf *ret,
                          struct rcn_error *err);

/* Adds bytes at the end; durable after rcn_journal_file_sync. On failure some may be there. */
int rcn_journal_file_append(struct rcn_journal_file *file, const char *bytes, size_t len,
                            struct rcn_error *err);

/*
 * Makes everything appended durable. Fails, too, when the file is no longer the one that
 * dir/name leads to: then no later run would find what was written.
 */
int rcn_journal_file_sync(struct rcn_journal_file *file, struct rcn_error *err);

/* Empties the file. */
int rcn_journal_file_truncate(struct rcn_journal_file *file, struct rcn_error *err);

/* --- without a lock --- */

/* The paths of the files in dir whose names end in `.pending`, sorted; none when dir does not
 * exist. The array and the paths are in the arena. */
int rcn_journal_file_list(struct rcn_arena *arena, const char *dir, const char *const **ret,
                          size_t *ret_count, struct rcn_error *err);

/* Appends the content of the file to ret. Another process may be writing to it. */
int rcn_journal_file_peek(const char *path, struct rcn_buf *ret, struct rcn_error *err);

#endif
