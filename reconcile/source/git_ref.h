/*
 * git_ref.h: what `--ref` means (SPEC 7). 40 hex digits are a commit, whatever branch or tag is
 * named like them. Anything else is looked up as a full name, a branch, a tag, a remote branch, in
 * this order.
 */
#ifndef RCN_SOURCE_GIT_REF_H
#define RCN_SOURCE_GIT_REF_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

/* Longer names than any file system can hold as one ref. */
enum { RCN_GIT_REF_MAX = 512, RCN_GIT_COMMIT_SIZE = 41 };

enum { RCN_GIT_REF_CANDIDATES = 4, RCN_GIT_REF_SIZE = RCN_GIT_REF_MAX + 32 };

/* Fails on an empty or overlong one, and on white space or control characters. */
int rcn_git_ref_check(const char *ref, struct rcn_error *err);

/* True for 40 hexadecimal digits; ret gets them in lower case. */
bool rcn_git_ref_is_commit(const char *ref, char ret[RCN_GIT_COMMIT_SIZE]);

/*
 * Writes candidate number index. False when ref cannot be meant that way: a full name is `HEAD` or
 * begins with `refs/`.
 */
bool rcn_git_ref_candidate(const char *ref, size_t index, char ret[RCN_GIT_REF_SIZE]);

/*
 * No such ref: the message names it, the hint the nearest of the short names (`main`) that exist.
 * Returns -1.
 */
int rcn_git_ref_fail_missing(const char *ref, const char *const *names, size_t count,
                             struct rcn_error *err);

/* `main` for `refs/heads/main`, `v1` for `refs/tags/v1`; any other name as it is. Borrowed from
 * name. */
const char *rcn_git_ref_short_name(const char *name);

#endif
