#include "source/git_repository.h"

#include <ctype.h>
#include <git2.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/suggest.h"

/* --- names of refs --- */

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

int rcn_git_ref_fail_missing(const char *ref, const char *const *names, size_t count,
                             struct rcn_error *err)
{
    rcn_error_set(err, RCN_ERROR_FAILED, "no branch, tag or commit '%s'", ref);
    const char *near = rcn_suggest(ref, names, count);
    if (near)
        return rcn_error_set_hint(err, "did you mean '%s'?", near);
    const size_t len = strlen(ref);
    if (len >= 7 && len < RCN_GIT_COMMIT_SIZE - 1 && !ref[strspn(ref, "0123456789abcdef")])
        return rcn_error_set_hint(err, "a commit id needs all of its 40 digits");
    return rcn_error_set_hint(err, "a ref is a full name, a branch, a tag, a remote branch or a "
                                   "commit id of 40 digits");
}

/* --- repositories --- */

int rcn_git_library_start(struct rcn_error *err)
{
    static const int levels[] = {GIT_CONFIG_LEVEL_PROGRAMDATA, GIT_CONFIG_LEVEL_SYSTEM,
                                 GIT_CONFIG_LEVEL_XDG, GIT_CONFIG_LEVEL_GLOBAL};
    /* Extensions of the repository format that change nothing about how an object is read. */
    static const char *extensions[] = {"worktreeconfig", "partialclone", "preciousobjects",
                                       "relativeworktrees"};
    int result = git_libgit2_init() < 0 ? -1 : 0;
    for (size_t i = 0; i < sizeof levels / sizeof *levels && !result; i++)
        result = git_libgit2_opts(GIT_OPT_SET_SEARCH_PATH, levels[i], "");
    if (!result)
        result = git_libgit2_opts(GIT_OPT_SET_EXTENSIONS, extensions,
                                  sizeof extensions / sizeof *extensions);
    if (!result)
        result = git_libgit2_opts(GIT_OPT_SET_OWNER_VALIDATION, 0);
    return result ? rcn_git_library_fail(err, "cannot start libgit2") : 0;
}

void rcn_git_library_stop(void)
{
    git_libgit2_shutdown();
}

enum rcn_git_status rcn_git_library_fail(struct rcn_error *err, const char *format, ...)
{
    char what[sizeof err->message / 2];
    const git_error *last = git_error_last();
    va_list args;
    va_start(args, format);
    vsnprintf(what, sizeof what, format, args);
    va_end(args);
    rcn_error_set(err, RCN_ERROR_FAILED, "%s: %s", what,
                  last && last->message ? last->message : "unknown error");
    return RCN_GIT_UNREADABLE;
}

/* In a pre-receive hook what was pushed is apart until the hook has accepted it. */
static void add_quarantine(git_repository *repository)
{
    const char *directory = getenv("GIT_OBJECT_DIRECTORY");
    git_odb *odb = NULL;
    if (directory && git_repository_odb(&odb, repository) == 0)
        git_odb_add_disk_alternate(odb, directory);
    git_odb_free(odb);
}

enum rcn_git_status rcn_git_repository_open(git_repository **ret, const char *path,
                                            struct rcn_error *err)
{
    git_buf found = {0};
    int result = git_repository_open_ext(ret, path, GIT_REPOSITORY_OPEN_NO_SEARCH, NULL);
    if (!result) {
        add_quarantine(*ret);
        return RCN_GIT_OK;
    }
    if (result != GIT_ENOTFOUND) {
        rcn_git_library_fail(err, "cannot open the Git repository '%.200s'", path);
        return RCN_GIT_UNSUPPORTED;
    }
    rcn_error_set(err, RCN_ERROR_FAILED, "this is not a Git repository");
    if (git_repository_discover(&found, path, 0, NULL) == 0) {
        char *end = strstr(found.ptr, "/.git/");
        if (end)
            *end = '\0';
        rcn_error_set_hint(
            err, "it is inside the repository '%.200s'; name that, and the folder with --path",
            found.ptr);
    }
    git_buf_dispose(&found);
    return RCN_GIT_FAILED;
}

enum rcn_git_status rcn_git_repository_open_cache(git_repository **ret, const char *path,
                                                  struct rcn_error *err)
{
    git_repository_init_options options;
    int result = git_repository_open_ext(
        ret, path, GIT_REPOSITORY_OPEN_NO_SEARCH | GIT_REPOSITORY_OPEN_BARE, NULL);
    if (!result)
        return RCN_GIT_OK;
    git_repository_init_options_init(&options, GIT_REPOSITORY_INIT_OPTIONS_VERSION);
    options.flags =
        GIT_REPOSITORY_INIT_BARE | GIT_REPOSITORY_INIT_MKPATH | GIT_REPOSITORY_INIT_NO_REINIT;
    options.mode = 0700;
    options.initial_head = "unused"; /* else the library looks for init.defaultBranch */
    return git_repository_init_ext(ret, path, &options)
               ? rcn_git_library_fail(err, "cannot use the Git cache '%.300s'", path)
               : RCN_GIT_OK;
}

void rcn_git_repository_close(git_repository *repository)
{
    git_repository_free(repository);
}

const char *rcn_git_repository_get_work_tree(git_repository *repository)
{
    return git_repository_is_bare(repository) ? NULL : git_repository_workdir(repository);
}

static enum rcn_git_status fail_missing(git_repository *repository, const char *ref,
                                        struct rcn_error *err)
{
    enum { MAX_NAMES = 1000 };
    const char *names[MAX_NAMES];
    size_t count = 0;
    git_strarray all = {0};
    if (git_reference_list(&all, repository) == 0)
        for (; count < all.count && count < MAX_NAMES; count++)
            names[count] = rcn_git_ref_short_name(all.strings[count]);
    rcn_git_ref_fail_missing(ref, names, count, err);
    git_strarray_dispose(&all);
    return RCN_GIT_FAILED;
}

static enum rcn_git_status find_head(git_repository *repository, git_oid *ret,
                                     char ret_ref[RCN_GIT_REF_SIZE], struct rcn_error *err)
{
    git_reference *head = NULL;
    int result = git_repository_head(&head, repository);
    if (result == GIT_EUNBORNBRANCH || result == GIT_ENOTFOUND) {
        rcn_error_set(err, RCN_ERROR_FAILED, "the repository has no commit at HEAD");
        rcn_error_set_hint(err, "make a commit, or name a branch with --ref");
        return RCN_GIT_FAILED;
    }
    if (result)
        return rcn_git_library_fail(err, "cannot read HEAD");
    const char *name =
        git_repository_head_detached(repository) == 1 ? "HEAD" : git_reference_name(head);
    snprintf(ret_ref, RCN_GIT_REF_SIZE, "%s", rcn_git_ref_short_name(name));
    git_oid_cpy(ret, git_reference_target(head));
    git_reference_free(head);
    return RCN_GIT_OK;
}

static enum rcn_git_status find_ref(git_repository *repository, const char *ref, git_oid *ret,
                                    struct rcn_error *err)
{
    char name[RCN_GIT_REF_SIZE];
    for (size_t i = 0; i < RCN_GIT_REF_CANDIDATES; i++) {
        if (!rcn_git_ref_candidate(ref, i, name))
            continue;
        int result = git_reference_name_to_id(ret, repository, name);
        if (result == 0)
            return RCN_GIT_OK;
        if (result != GIT_ENOTFOUND && result != GIT_EINVALIDSPEC)
            return rcn_git_library_fail(err, "cannot read the ref '%.200s'", name);
    }
    return fail_missing(repository, ref, err);
}

enum rcn_git_status rcn_git_repository_peel(git_repository *repository, const char *id,
                                            char ret_commit[RCN_GIT_COMMIT_SIZE],
                                            struct rcn_error *err)
{
    git_oid oid;
    git_object *object = NULL;
    git_object *commit = NULL;
    if (git_oid_fromstr(&oid, id) || git_object_lookup(&object, repository, &oid, GIT_OBJECT_ANY))
        return rcn_git_library_fail(err, "cannot read the commit");
    int result = git_object_peel(&commit, object, GIT_OBJECT_COMMIT);
    git_object_free(object);
    if (result == GIT_EPEEL || result == GIT_EINVALIDSPEC) {
        rcn_error_set(err, RCN_ERROR_FAILED, "this is not a commit");
        return RCN_GIT_FAILED;
    }
    if (result)
        return rcn_git_library_fail(err, "cannot read the commit");
    git_oid_tostr(ret_commit, RCN_GIT_COMMIT_SIZE, git_object_id(commit));
    git_object_free(commit);
    return RCN_GIT_OK;
}

enum rcn_git_status rcn_git_repository_resolve(git_repository *repository, const char *ref,
                                               char ret_commit[RCN_GIT_COMMIT_SIZE],
                                               char ret_ref[RCN_GIT_REF_SIZE],
                                               struct rcn_error *err)
{
    git_oid oid;
    char id[RCN_GIT_COMMIT_SIZE];
    enum rcn_git_status result;
    if (ref)
        snprintf(ret_ref, RCN_GIT_REF_SIZE, "%s", ref);
    if (!ref || !rcn_git_ref_is_commit(ref, id)) {
        result =
            ref ? find_ref(repository, ref, &oid, err) : find_head(repository, &oid, ret_ref, err);
        if (result)
            return result;
        git_oid_tostr(id, sizeof id, &oid);
    }
    result = rcn_git_repository_peel(repository, id, ret_commit, err);
    if (result && ref)
        rcn_error_wrap(err, "'%.200s'", ref);
    return result;
}

bool rcn_git_repository_find_ref(git_repository *repository, const char *name,
                                 char ret_id[RCN_GIT_COMMIT_SIZE])
{
    git_oid oid;
    git_object *object = NULL;
    if (git_reference_name_to_id(&oid, repository, name) ||
        git_object_lookup(&object, repository, &oid, GIT_OBJECT_ANY))
        return false;
    git_oid_tostr(ret_id, RCN_GIT_COMMIT_SIZE, &oid);
    git_object_free(object);
    return true;
}
