/*
 * git_library.h: libgit2 set up the way this product needs it, and its errors in our words.
 *
 * No configuration of the user or of the system is read (it could rewrite URLs or name helpers),
 * the owner of a repository is not looked at (only objects are read, nothing in it is ever run).
 */
#ifndef RCN_SOURCE_GIT_LIBRARY_H
#define RCN_SOURCE_GIT_LIBRARY_H

#include <stdbool.h>

#include "base/error.h"
#include "source/git_url.h"

/* ca_file: NULL for the system's authorities. On failure nothing is to be stopped. */
int rcn_git_library_start(const char *ca_file, struct rcn_error *err);
void rcn_git_library_stop(void);

/* `<what>: <the library's last message>`; out of memory stays that. Returns -1. */
int rcn_git_library_fail(struct rcn_error *err, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* True when the library's last error came from the other side, and not from files here. */
bool rcn_git_library_is_remote_error(void);

/*
 * Turns the library's last error, met while talking to url, into a message that names the cause and
 * a hint that names the way out. Returns -1.
 */
int rcn_git_library_explain(const struct rcn_git_url *url, struct rcn_error *err);

#endif
