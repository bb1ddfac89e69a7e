#include "source/git_ref.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "base/suggest.h"

static const char *const prefixes[RCN_GIT_REF_CANDIDATES] = {"", "refs/heads/", "refs/tags/",
                                                             "refs/remotes/"};

int rcn_git_ref_check(const char *ref, struct rcn_error *err)
{
    size_t len = strlen(ref);
    if (len == 0)
        return rcn_error_set(err, RCN_ERROR_FAILED, "the Git ref is empty");
    if (len > RCN_GIT_REF_MAX)
        return rcn_error_set(err, RCN_ERROR_FAILED, "the Git ref is longer than %d bytes",
                             RCN_GIT_REF_MAX);
    for (size_t i = 0; i < len; i++)
        if ((unsigned char)ref[i] <= ' ' || ref[i] == 0x7f)
            return rcn_error_set(err, RCN_ERROR_FAILED,
                                 "the Git ref '%s' has a space or a control character in it", ref);
    return 0;
}

bool rcn_git_ref_candidate(const char *ref, size_t index, char ret[RCN_GIT_REF_SIZE])
{
    bool is_full = strcmp(ref, "HEAD") == 0 || strncmp(ref, "refs/", strlen("refs/")) == 0;
    if (index == 0 && !is_full)
        return false;
    int len = snprintf(ret, RCN_GIT_REF_SIZE, "%s%s", prefixes[index], ref);
    return len > 0 && len < RCN_GIT_REF_SIZE;
}

bool rcn_git_ref_is_commit(const char *ref, char ret[RCN_GIT_COMMIT_SIZE])
{
    if (strlen(ref) != RCN_GIT_COMMIT_SIZE - 1)
        return false;
    for (size_t i = 0; i < RCN_GIT_COMMIT_SIZE; i++) {
        if (ref[i] && !isxdigit((unsigned char)ref[i]))
            return false;
        ret[i] = (char)tolower((unsigned char)ref[i]);
    }
    return true;
}

const char *rcn_git_ref_short_name(const char *name)
{
    static const char *const known[] = {"refs/heads/", "refs/tags/"};
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (strncmp(name, known[i], strlen(known[i])) == 0)
            return name + strlen(known[i]);
    return name;
}

static bool is_short_commit(const char *ref)
{
    size_t len = strlen(ref);
    return len >= 7 && len < RCN_GIT_COMMIT_SIZE - 1 && ref[strspn(ref, "0123456789abcdef")] == 0;
}

int rcn_git_ref_fail_missing(const char *ref, const char *const *names, size_t count,
                             struct rcn_error *err)
{
    rcn_error_set(err, RCN_ERROR_FAILED, "no branch, tag or commit '%s'", ref);
    const char *near = rcn_suggest(ref, names, count);
    if (near)
        return rcn_error_set_hint(err, "did you mean '%s'?", near);
    if (is_short_commit(ref))
        return rcn_error_set_hint(err, "a commit id needs all of its 40 digits");
    return rcn_error_set_hint(err, "a ref is a full name, a branch, a tag, a remote branch or a "
                                   "commit id of 40 digits");
}
