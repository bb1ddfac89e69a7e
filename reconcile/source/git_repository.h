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

#include "base/error.h"
#include "source/git_ref.h"

struct git_repository;

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
