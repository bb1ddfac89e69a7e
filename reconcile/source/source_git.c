/* Manifests from one commit of a Git repository: how the parts in git_*.c work together. */
#include "source/source.h"

#include <stdlib.h>
#include <unistd.h>

#include "source/git_cache.h"
#include "source/git_child.h"
#include "source/git_fetch.h"
#include "source/git_library.h"
#include "source/git_local.h"
#include "source/git_path.h"
#include "source/git_ref.h"
#include "source/git_tree.h"
#include "source/git_url.h"
#include "source/git_wait.h"
#include "source/git_warning.h"

/* Paths, and the bytes of all files. */
#define MAX_ARENA_BYTES (RCN_SOURCE_MAX_BYTES + ((size_t)512 << 20))

struct reader {
    const struct rcn_git_options *options;
    struct rcn_source *source;
    struct rcn_git_url url;
    const char **roots; /* normalised --path values, at least one */
    size_t root_count;
    struct rcn_error *err;
};

/* --- before anything is opened --- */

static int check_paths(struct reader *reader)
{
    struct rcn_arena *arena = reader->source->arena;
    size_t count = reader->options->path_count;
    reader->roots = rcn_arena_calloc(arena, count + 1, sizeof *reader->roots);
    if (!reader->roots)
        return rcn_error_no_memory(reader->err);
    for (size_t i = 0; i < count; i++) {
        reader->roots[i] = rcn_git_path_normalize(reader->options->paths[i], arena, reader->err);
        if (!reader->roots[i])
            return -1;
    }
    if (count == 0)
        reader->roots[0] = "";
    reader->root_count = count ? count : 1;
    return 0;
}

static int check_ssh(struct reader *reader)
{
    const char *key = reader->options->ssh_key_file;
    if (!getenv("HOME")) {
        rcn_error_set(reader->err, RCN_ERROR_FAILED, "HOME is not set, so there is no known_hosts");
        return rcn_error_set_hint(reader->err, "set HOME to where .ssh/known_hosts is");
    }
    if (key && access(key, R_OK))
        return rcn_error_set(reader->err, RCN_ERROR_FAILED, "cannot read the SSH key '%.500s'",
                             key);
    return 0;
}

static int warn_of_url(struct reader *reader)
{
    if (reader->url.transport == RCN_GIT_DAEMON &&
        rcn_git_warn(reader->source, reader->err,
                     "git:// proves neither the server nor what it sends; use https:// or ssh://"))
        return -1;
    if (reader->url.password.text &&
        rcn_git_warn(reader->source, reader->err,
                     "a password in a URL can be seen by every user of this machine; use "
                     "AUDIENCECTL_GIT_TOKEN or --git-token-file"))
        return -1;
    return 0;
}

static int prepare(struct reader *reader)
{
    const struct rcn_git_options *options = reader->options;
    if (rcn_git_url_parse(&reader->url, options->url, reader->source->arena, reader->err))
        return -1;
    reader->source->name = reader->url.name;
    if ((options->ref && rcn_git_ref_check(options->ref, reader->err)) || check_paths(reader) ||
        (reader->url.transport == RCN_GIT_SSH && check_ssh(reader)))
        return -1;
    return warn_of_url(reader);
}

/* --- reading --- */

static int set_commit(struct reader *reader, const char *commit, const char *ref)
{
    struct rcn_source *source = reader->source;
    source->commit = rcn_arena_strdup(source->arena, commit);
    source->ref = rcn_arena_strdup(source->arena, ref);
    return source->commit && source->ref ? 0 : rcn_error_no_memory(reader->err);
}

static int read_opened(struct reader *reader, struct git_repository *repository)
{
    return rcn_git_tree_load(repository, reader->options, reader->roots, reader->root_count,
                             reader->source, reader->err);
}

static int read_opened_local(struct reader *reader, struct git_repository *repository)
{
    char commit[RCN_GIT_COMMIT_SIZE];
    char ref[RCN_GIT_REF_SIZE];
    if (rcn_git_local_resolve(repository, reader->options->ref, commit, ref, reader->err) ||
        set_commit(reader, commit, ref))
        return -1;
    int result = read_opened(reader, repository);
    if (result == RCN_GIT_TREE_UNREADABLE)
        rcn_error_set_hint(reader->err, "`git fsck` checks a repository; a partial clone lacks "
                                        "objects until `git fetch --refetch`");
    if (result)
        return -1;
    return rcn_git_local_warn_uncommitted(repository, reader->roots, reader->root_count,
                                          reader->source, reader->err);
}

static int read_local(struct reader *reader)
{
    if (rcn_git_library_start(NULL, reader->err))
        return -1;
    struct git_repository *repository = rcn_git_local_open(reader->url.address, reader->err);
    int result = repository ? read_opened_local(reader, repository) : -1;
    rcn_git_local_close(repository);
    rcn_git_library_stop();
    return result;
}

/* The library is started only after the child has ended: its state is not meant to be forked. */
static int read_cache(struct reader *reader, const struct rcn_git_cache *cache)
{
    int result = RCN_GIT_TREE_UNREADABLE;
    if (rcn_git_library_start(NULL, reader->err))
        return RCN_GIT_TREE_FAILED;
    struct git_repository *repository = rcn_git_local_open(cache->path, reader->err);
    if (repository)
        result = read_opened(reader, repository);
    rcn_git_local_close(repository);
    rcn_git_library_stop();
    return result;
}

/* One try. ret_damaged: what is in the cache is to blame for the failure. */
static int fetch_and_read(struct reader *reader, struct rcn_git_cache *cache, bool *ret_damaged)
{
    struct rcn_git_fetch fetch = {.options = reader->options, .url = &reader->url, .cache = cache};
    struct rcn_git_outcome outcome = {0};
    *ret_damaged = false;
    if (rcn_git_cache_tidy(cache, reader->err) ||
        rcn_git_child_run(reader->options, cache, rcn_git_fetch_run, &fetch, &outcome, reader->err))
        return -1;
    if (outcome.failed) {
        *ret_damaged = outcome.damaged;
        *reader->err = outcome.error;
        return -1;
    }
    if (set_commit(reader, outcome.commit, outcome.ref))
        return -1;
    int result = read_cache(reader, cache);
    *ret_damaged = result == RCN_GIT_TREE_UNREADABLE;
    return result ? -1 : 0;
}

static void forget_attempt(struct rcn_source *source, size_t warning_count)
{
    source->count = 0;
    source->skipped_count = 0;
    source->warning_count = warning_count;
}

static int read_remote(struct reader *reader)
{
    struct rcn_git_cache cache;
    const struct rcn_git_options *options = reader->options;
    size_t warning_count = reader->source->warning_count;
    bool damaged;
    if (rcn_git_cache_open(&cache, options, reader->url.name, reader->err))
        return -1;
    int result = fetch_and_read(reader, &cache, &damaged);
    if (result && damaged && !rcn_git_wait_check(options, reader->err)) {
        if (options->progress)
            options->progress(options->progress_context, "rebuilding a damaged cache", 0, 0);
        forget_attempt(reader->source, warning_count);
        result = rcn_git_cache_reset(&cache, reader->err);
        if (!result)
            result = fetch_and_read(reader, &cache, &damaged);
    }
    rcn_git_cache_close(&cache);
    return result;
}

static int read_source(struct reader *reader)
{
    if (prepare(reader))
        return -1;
    int result = reader->url.transport == RCN_GIT_LOCAL ? read_local(reader) : read_remote(reader);
    if (result && reader->err->kind != RCN_ERROR_INTERRUPTED)
        rcn_error_wrap(reader->err, "cannot read '%.300s'", reader->url.name);
    return result ? -1 : 0;
}

struct rcn_source *rcn_source_new_from_git(const struct rcn_git_options *options,
                                           struct rcn_diags *diags, struct rcn_error *err)
{
    struct reader reader = {.options = options, .err = err};
    reader.source = rcn_source_new(RCN_SOURCE_GIT, MAX_ARENA_BYTES, diags, err);
    if (!reader.source)
        return NULL;
    int result = read_source(&reader);
    rcn_git_url_release(&reader.url);
    if (!result)
        return reader.source;
    rcn_source_free(reader.source);
    return NULL;
}
