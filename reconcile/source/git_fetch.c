#include "source/git_fetch.h"

#include <git2.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/sha256.h"
#include "source/git_commit.h"
#include "source/git_library.h"
#include "source/git_login.h"

/* Manifests are small; whoever keeps them in a repository larger than this can name another. */
static const size_t max_received_bytes = (size_t)16 << 30;

struct fetch {
    const struct rcn_git_fetch *asked;
    struct rcn_git_line *line;
    struct rcn_git_outcome *outcome;
    struct rcn_git_login login;
    git_repository *repository;
    git_remote *remote;
    const git_remote_head **heads; /* owned by the remote */
    size_t head_count;
    bool existed;   /* the cache was there before: what fails here may be its fault */
    bool connected; /* the list of refs has come */
};

/* --- failing --- */

static int fail(struct fetch *fetch, const char *message, const char *hint)
{
    rcn_error_set(&fetch->outcome->error, RCN_ERROR_FAILED, "%s", message);
    return rcn_error_set_hint(&fetch->outcome->error, "%s", hint);
}

static int fail_local(struct fetch *fetch, const char *what)
{
    fetch->outcome->damaged = fetch->existed;
    return rcn_git_library_fail(&fetch->outcome->error, "%s", what);
}

static int fail_remote(struct fetch *fetch)
{
    if (fetch->login.failed) {
        fetch->outcome->error = fetch->login.error;
        return -1;
    }
    if (fetch->connected && !rcn_git_library_is_remote_error())
        return fail_local(fetch, "cannot store what the server sent");
    return rcn_git_library_explain(fetch->asked->url, &fetch->outcome->error);
}

/* --- progress: also how a child finds out that its parent is gone --- */

static int on_transfer(const git_indexer_progress *stats, void *context)
{
    struct fetch *fetch = context;
    if (stats->received_bytes > max_received_bytes) {
        fetch->login.failed = true;
        rcn_error_set(&fetch->login.error, RCN_ERROR_FAILED,
                      "the repository is larger than %zu GiB", max_received_bytes >> 30);
        return GIT_EUSER;
    }
    bool is_received = stats->received_objects == stats->total_objects;
    return is_received ? rcn_git_line_report(fetch->line, "resolving deltas", stats->indexed_deltas,
                                             stats->total_deltas)
                       : rcn_git_line_report(fetch->line, "receiving objects",
                                             stats->received_objects, stats->total_objects);
}

/* What a server says of itself is not shown: it is a stranger's text. That it speaks is enough. */
static int on_sideband(const char *text, int len, void *context)
{
    (void)text;
    (void)len;
    struct fetch *fetch = context;
    return rcn_git_line_report(fetch->line, "waiting for the server", 0, 0);
}

static int on_credentials(git_credential **ret, const char *url, const char *user,
                          unsigned int allowed_types, void *context)
{
    (void)url;
    struct fetch *fetch = context;
    return rcn_git_login_acquire(&fetch->login, user, allowed_types, ret);
}

static int on_host_key(git_cert *cert, int is_valid, const char *host, void *context)
{
    (void)host;
    struct fetch *fetch = context;
    return rcn_git_login_check_host(&fetch->login, cert, is_valid);
}

static void set_callbacks(struct fetch *fetch, git_remote_callbacks *callbacks)
{
    callbacks->payload = fetch;
    callbacks->credentials = on_credentials;
    callbacks->transfer_progress = on_transfer;
    callbacks->sideband_progress = on_sideband;
    /*
     * Without one the library refuses a bad certificate by itself; with one, libgit2 1.5 asks it
     * even when no connection was made, and its question hides the cause.
     */
    if (fetch->asked->url->transport == RCN_GIT_SSH)
        callbacks->certificate_check = on_host_key;
}

/* --- the cache --- */

static int create_repository(struct fetch *fetch)
{
    git_repository_init_options options;
    git_repository_init_options_init(&options, GIT_REPOSITORY_INIT_OPTIONS_VERSION);
    options.flags = GIT_REPOSITORY_INIT_BARE | GIT_REPOSITORY_INIT_MKPATH;
    options.mode = 0700;
    options.initial_head = "unused"; /* else the library looks for init.defaultBranch */
    if (git_repository_init_ext(&fetch->repository, fetch->asked->cache->path, &options))
        return rcn_git_library_fail(&fetch->outcome->error, "cannot make the Git cache");
    return 0;
}

static int open_repository(struct fetch *fetch)
{
    const char *path = fetch->asked->cache->path;
    struct stat status;
    fetch->existed = lstat(path, &status) == 0;
    if (!fetch->existed)
        return create_repository(fetch);
    if (git_repository_open_ext(&fetch->repository, path,
                                GIT_REPOSITORY_OPEN_NO_SEARCH | GIT_REPOSITORY_OPEN_BARE, NULL))
        return fail_local(fetch, "the Git cache is damaged");
    return 0;
}

static bool has_object(struct fetch *fetch, const git_oid *id)
{
    git_odb *odb = NULL;
    if (git_repository_odb(&odb, fetch->repository))
        return false;
    bool found = git_odb_exists(odb, id);
    git_odb_free(odb);
    return found;
}

/* --- talking to the remote --- */

static int connect_remote(struct fetch *fetch)
{
    git_remote_connect_options options;
    git_remote_connect_options_init(&options, GIT_REMOTE_CONNECT_OPTIONS_VERSION);
    set_callbacks(fetch, &options.callbacks);
    options.follow_redirects = GIT_REMOTE_REDIRECT_NONE;
    options.proxy_opts.type = GIT_PROXY_AUTO;
    if (git_remote_create_anonymous(&fetch->remote, fetch->repository, fetch->asked->url->address))
        return fail_local(fetch, "the Git cache is damaged");
    if (rcn_git_line_report(fetch->line, "connecting", 0, 0) ||
        git_remote_connect_ext(fetch->remote, GIT_DIRECTION_FETCH, &options) ||
        git_remote_ls(&fetch->heads, &fetch->head_count, fetch->remote))
        return fail_remote(fetch);
    fetch->connected = true;
    if (fetch->head_count == 0)
        return fail(fetch, "the repository is empty: it has no commit", "push a commit first");
    return 0;
}

/* A ref per name that was ever asked for: it says to the server what is here already. */
static int name_cache_ref(const char *name, char ret[RCN_GIT_REF_SIZE])
{
    char hash[RCN_SHA256_HEX_SIZE];
    if (rcn_sha256_hex(name, strlen(name), hash))
        return -1;
    snprintf(ret, RCN_GIT_REF_SIZE, "refs/fetched/%s", hash);
    return 0;
}

static int download(struct fetch *fetch, char **specs, size_t count)
{
    git_fetch_options options;
    git_fetch_options_init(&options, GIT_FETCH_OPTIONS_VERSION);
    set_callbacks(fetch, &options.callbacks);
    options.follow_redirects = GIT_REMOTE_REDIRECT_NONE;
    options.proxy_opts.type = GIT_PROXY_AUTO;
    options.download_tags = GIT_REMOTE_DOWNLOAD_TAGS_NONE;
    options.update_fetchhead = 0;
#if LIBGIT2_VER_MAJOR > 1 || (LIBGIT2_VER_MAJOR == 1 && LIBGIT2_VER_MINOR >= 7)
    options.depth = 1;
#endif
    git_strarray list = {.strings = specs, .count = count};
    return git_remote_download(fetch->remote, &list, &options);
}

/* name: a ref of the remote or a commit id. The result is the library's. */
static int download_one(struct fetch *fetch, const char *name)
{
    char cache_ref[RCN_GIT_REF_SIZE];
    char spec[2 * RCN_GIT_REF_SIZE];
    if (name_cache_ref(name, cache_ref))
        return -1;
    snprintf(spec, sizeof spec, "+%s:%s", name, cache_ref);
    char *specs[] = {spec};
    return download(fetch, specs, 1);
}

static int note_in_cache(struct fetch *fetch, const char *name, const git_oid *id)
{
    char cache_ref[RCN_GIT_REF_SIZE];
    git_reference *reference = NULL;
    if (name_cache_ref(name, cache_ref))
        return rcn_error_no_memory(&fetch->outcome->error);
    if (git_reference_create(&reference, fetch->repository, cache_ref, id, 1, NULL))
        return fail_local(fetch, "cannot note a ref in the Git cache");
    git_reference_free(reference);
    return 0;
}

static int fetch_all(struct fetch *fetch)
{
    char branches[] = "+refs/heads/*:refs/all/heads/*";
    char tags[] = "+refs/tags/*:refs/all/tags/*";
    char *specs[] = {branches, tags};
    return download(fetch, specs, 2) ? fail_remote(fetch) : 0;
}

/* --- what was asked for --- */

static const git_remote_head *find_head(const struct fetch *fetch, const char *name)
{
    for (size_t i = 0; i < fetch->head_count; i++)
        if (strcmp(fetch->heads[i]->name, name) == 0)
            return fetch->heads[i];
    return NULL;
}

static int fetch_head(struct fetch *fetch, const git_remote_head *head, const char *shown_as)
{
    snprintf(fetch->outcome->ref, sizeof fetch->outcome->ref, "%s", shown_as);
    if (!has_object(fetch, &head->oid) && download_one(fetch, head->name))
        return fail_remote(fetch);
    return note_in_cache(fetch, head->name, &head->oid);
}

static int fetch_default(struct fetch *fetch, git_oid *ret)
{
    const git_remote_head *head = find_head(fetch, "HEAD");
    if (!head)
        return fail(fetch, "the HEAD of the repository names no commit",
                    "name a branch with --ref");
    *ret = head->oid;
    bool is_branch = head->symref_target && strlen(head->symref_target) <= RCN_GIT_REF_MAX;
    return fetch_head(fetch, head,
                      is_branch ? rcn_git_ref_short_name(head->symref_target) : "HEAD");
}

static bool is_refused_by_id(void)
{
    const git_error *last = git_error_last();
    return last && last->message && strstr(last->message, "cannot fetch a specific object");
}

/* Some servers answer with the reason, some just hang up. */
static int fail_by_id(struct fetch *fetch)
{
    fail_remote(fetch);
    if (fetch->outcome->damaged || fetch->outcome->error.hint[0])
        return -1;
    return rcn_error_set_hint(&fetch->outcome->error,
                              "most likely the commit is not in the repository; check the id");
}

/*
 * Not every server lets a client name a commit that no ref names; libgit2 knows before it asks. One
 * that does not gets asked for everything that its branches and tags reach.
 */
static int fetch_commit(struct fetch *fetch, const char *hex, git_oid *ret)
{
    snprintf(fetch->outcome->ref, sizeof fetch->outcome->ref, "%s", hex);
    if (git_oid_fromstr(ret, hex))
        return rcn_git_library_fail(&fetch->outcome->error, "cannot read the commit id");
    if (!has_object(fetch, ret) && download_one(fetch, hex)) {
        if (!is_refused_by_id())
            return fail_by_id(fetch);
        if (fetch_all(fetch))
            return -1;
        if (!has_object(fetch, ret))
            return fail(fetch, "no branch and no tag of the repository reaches the commit",
                        "the server gives out nothing else; check the id, or push a branch");
    }
    return note_in_cache(fetch, hex, ret);
}

static int fail_missing(struct fetch *fetch, const char *ref)
{
    enum { MAX_NAMES = 1000 };
    const char *names[MAX_NAMES];
    size_t count = 0;
    for (size_t i = 0; i < fetch->head_count && count < MAX_NAMES; i++)
        names[count++] = rcn_git_ref_short_name(fetch->heads[i]->name);
    return rcn_git_ref_fail_missing(ref, names, count, &fetch->outcome->error);
}

static int fetch_asked(struct fetch *fetch, const char *ref, git_oid *ret)
{
    char name[RCN_GIT_REF_SIZE];
    char commit[RCN_GIT_COMMIT_SIZE];
    for (size_t i = 0; i < RCN_GIT_REF_CANDIDATES; i++) {
        const git_remote_head *head =
            rcn_git_ref_candidate(ref, i, name) ? find_head(fetch, name) : NULL;
        if (!head)
            continue;
        *ret = head->oid;
        return fetch_head(fetch, head, ref);
    }
    if (rcn_git_ref_is_commit(ref, commit))
        return fetch_commit(fetch, commit, ret);
    return fail_missing(fetch, ref);
}

static int peel(struct fetch *fetch, const git_oid *id)
{
    struct rcn_git_outcome *outcome = fetch->outcome;
    int result = rcn_git_commit_peel(fetch->repository, id, outcome->commit, &outcome->error);
    outcome->damaged = result == RCN_GIT_COMMIT_UNREADABLE && fetch->existed;
    return result;
}

static int run(struct fetch *fetch)
{
    const char *ref = fetch->asked->options->ref;
    git_oid id;
    if (rcn_git_library_start(fetch->asked->options->ca_file, &fetch->outcome->error))
        return -1;
    int result = open_repository(fetch);
    if (result == 0)
        result = connect_remote(fetch);
    if (result == 0)
        result = ref ? fetch_asked(fetch, ref, &id) : fetch_default(fetch, &id);
    if (result == 0)
        result = peel(fetch, &id);
    git_remote_free(fetch->remote);
    git_repository_free(fetch->repository);
    rcn_git_library_stop();
    return result;
}

void rcn_git_fetch_run(void *context, struct rcn_git_line *line, struct rcn_git_outcome *ret)
{
    const struct rcn_git_fetch *asked = context;
    struct fetch fetch = {
        .asked = asked,
        .line = line,
        .outcome = ret,
        .login = {.options = asked->options, .url = asked->url},
    };
    ret->failed = run(&fetch) != 0;
}
