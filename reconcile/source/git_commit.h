/*
 * git_commit.h: from what a ref names (a commit, or an annotated tag of one) to the commit.
 */
#ifndef RCN_SOURCE_GIT_COMMIT_H
#define RCN_SOURCE_GIT_COMMIT_H

#include "base/error.h"
#include "source/git_ref.h"

struct git_oid;
struct git_repository;

enum rcn_git_commit_result {
    RCN_GIT_COMMIT_OK = 0,
    RCN_GIT_COMMIT_UNREADABLE = -1, /* an object is missing or broken */
    RCN_GIT_COMMIT_NONE = -2,       /* it is a tree or a blob, or a tag of one */
};

/* Anything but OK comes with err. */
enum rcn_git_commit_result rcn_git_commit_peel(struct git_repository *repository,
                                               const struct git_oid *id,
                                               char ret[RCN_GIT_COMMIT_SIZE],
                                               struct rcn_error *err);

#endif
