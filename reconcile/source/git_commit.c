#include "source/git_commit.h"

#include <git2.h>

#include "source/git_library.h"

enum rcn_git_commit_result rcn_git_commit_peel(git_repository *repository, const git_oid *id,
                                               char ret[RCN_GIT_COMMIT_SIZE], struct rcn_error *err)
{
    git_object *object = NULL;
    git_object *commit = NULL;
    if (git_object_lookup(&object, repository, id, GIT_OBJECT_ANY)) {
        rcn_git_library_fail(err, "cannot read the commit");
        return RCN_GIT_COMMIT_UNREADABLE;
    }
    int result = git_object_peel(&commit, object, GIT_OBJECT_COMMIT);
    git_object_free(object);
    if (result == GIT_EPEEL || result == GIT_EINVALIDSPEC) {
        rcn_error_set(err, RCN_ERROR_FAILED, "the Git ref names no commit");
        return RCN_GIT_COMMIT_NONE;
    }
    if (result) {
        rcn_git_library_fail(err, "cannot read the commit");
        return RCN_GIT_COMMIT_UNREADABLE;
    }
    git_oid_tostr(ret, RCN_GIT_COMMIT_SIZE, git_object_id(commit));
    git_object_free(commit);
    return RCN_GIT_COMMIT_OK;
}
