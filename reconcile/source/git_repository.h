/*
 * git_repository.h: a repository on this machine, opened by libgit2: bare, with a work tree, a
 * linked work tree, or a folder with a `.git` file. Nothing in it is run and nothing is fetched.
 *
 * No configuration of the user or of the system is read. The owner of the repository does not
 * matter, because only objects and refs are read. In a hook, where new objects are still in
 * quarantine, those are found too.
 */
#ifndef RCN_SOURCE_GIT_REPOSITORY_H
#define RCN_SOURCE_GIT_REPOSITORY_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

struct git_repository;

/* What `--ref` means (SPEC 7): 40 hex digits are a commit, whatever branch or tag is named like
 * them. Anything else is looked up as a full name, a branch, a tag, a remote branch, in this order.
 */

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

enum rcn_git_status {
    RCN_GIT_OK = 0,
    RCN_GIT_FAILED = -1,
    RCN_GIT_UNREADABLE = -2,  /* something is missing or broken: a cache is worth a new try */
    RCN_GIT_UNSUPPORTED = -3, /* a repository in a form that libgit2 cannot read */
};

/* libgit2 is started before anything else here, and stopped after all is closed. */
int rcn_git_library_start(struct rcn_error *err);
void rcn_git_library_stop(void);

/* `<what>: <the library's last message>`. Returns RCN_GIT_UNREADABLE. */
enum rcn_git_status rcn_git_library_fail(struct rcn_error *err, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Opens what is at path itself. Anything but OK comes with err; close in any case. */
enum rcn_git_status rcn_git_repository_open(struct git_repository **ret, const char *path,
                                            struct rcn_error *err);
/* Opens a bare one, and makes it first when nothing is at path. */
enum rcn_git_status rcn_git_repository_open_cache(struct git_repository **ret, const char *path,
                                                  struct rcn_error *err);
/* NULL allowed. */
void rcn_git_repository_close(struct git_repository *repository);

/* NULL: it has none. Borrowed. */
const char *rcn_git_repository_get_work_tree(struct git_repository *repository);

/*
 * Finds the commit that ref (NULL: HEAD) means; ret_ref is what the source calls it, see
 * rcn_source.ref.
 */
enum rcn_git_status rcn_git_repository_resolve(struct git_repository *repository, const char *ref,
                                               char ret_commit[RCN_GIT_COMMIT_SIZE],
                                               char ret_ref[RCN_GIT_REF_SIZE],
                                               struct rcn_error *err);

/*
 * From an object id, of a commit or an annotated tag, to the id of the commit. UNREADABLE when the
 * object is missing.
 */
enum rcn_git_status rcn_git_repository_peel(struct git_repository *repository, const char *id,
                                            char ret_commit[RCN_GIT_COMMIT_SIZE],
                                            struct rcn_error *err);

/* The id that the full ref name has; false when it does not exist, or its object is missing. */
bool rcn_git_repository_find_ref(struct git_repository *repository, const char *name,
                                 char ret_id[RCN_GIT_COMMIT_SIZE]);

#endif
