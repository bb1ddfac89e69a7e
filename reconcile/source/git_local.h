/*
 * git_local.h: a repository on this machine, opened in place: bare, with a work tree, a linked work
 * tree, or a folder with a `.git` file. Nothing is written and nothing is fetched.
 */
#ifndef RCN_SOURCE_GIT_LOCAL_H
#define RCN_SOURCE_GIT_LOCAL_H

#include "base/error.h"
#include "source/git_ref.h"
#include "source/source.h"

struct git_repository;

/* NULL and err when there is no repository at path itself. Close with rcn_git_local_close. */
struct git_repository *rcn_git_local_open(const char *path, struct rcn_error *err);
void rcn_git_local_close(struct git_repository *repository);

/*
 * Finds the commit that ref (NULL: HEAD) names; ret_ref is how the source calls it, see
 * rcn_source.ref.
 */
int rcn_git_local_resolve(struct git_repository *repository, const char *ref,
                          char ret_commit[RCN_GIT_COMMIT_SIZE], char ret_ref[RCN_GIT_REF_SIZE],
                          struct rcn_error *err);

/*
 * Warns (source->warnings) of manifests below the roots that differ from HEAD in the work tree or
 * in the index: they are not read. -1 only when out of memory.
 */
int rcn_git_local_warn_uncommitted(struct git_repository *repository, const char *const *roots,
                                   size_t root_count, struct rcn_source *source,
                                   struct rcn_error *err);

#endif
