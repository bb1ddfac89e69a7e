/* Manifests from one commit of a Git repository: how the parts in git_*.c work together. */
#include "source/source.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/sha256.h"
#include "base/strmap.h"
#include "git/git_cache.h"
#include "git/git_url.h"
#include "source/git_repository.h"

/* Paths, and the bytes of all files. */
#define MAX_ARENA_BYTES (RCN_SOURCE_MAX_BYTES + ((size_t)512 << 20))

enum { MAX_STATUS_BYTES = 64 << 20 };

struct reader {
    const struct rcn_git_options *options;
    struct rcn_git_access access; /* the options', with the cache's alive_fd */
    struct rcn_source *source;
    struct rcn_git_url url;
    const char **roots; /* normalised --path values, at least one */
    size_t root_count;
    const char **pathspecs;       /* the same for git, ended by NULL */
    char commit[RCN_GIT_ID_SIZE]; /* what --ref names, if it is one */
    const char *name;             /* what is asked for: a full ref name, or a commit */
    const char *id;               /* of that; NULL: not known yet */
    struct rcn_git_cache cache;
    struct rcn_error *err;
};

/* --- before anything is opened --- */

static int check_file(const char *path, const char *what, struct rcn_error *err)
{
    if (!path || access(path, R_OK) == 0)
        return 0;
    return rcn_error_set(err, RCN_ERROR_FAILED, "cannot read the %s '%.500s'", what, path);
}

static int prepare(struct reader *self)
{
    const struct rcn_git_options *options = self->options;
    struct rcn_source *source = self->source;
    if (rcn_git_url_parse(&self->url, options->url, source->arena, self->err))
        return -1;
    source->name = self->url.name;
    if ((options->ref && rcn_git_ref_check(options->ref, self->err)) ||
        check_file(options->access.ssh_key_file, "SSH key", self->err) ||
        check_file(options->access.ca_file, "CA file", self->err))
        return -1;
    if (options->ref && rcn_git_ref_is_commit(options->ref, self->commit)) {
        self->name = self->id = self->commit;
        source->ref = rcn_arena_strdup(source->arena, options->ref);
    }
    size_t count = options->path_count;
    self->root_count = count ? count : 1;
    self->roots = rcn_arena_calloc(source->arena, self->root_count, sizeof *self->roots);
    self->pathspecs = rcn_arena_calloc(source->arena, self->root_count + 1, sizeof *self->roots);
    for (size_t i = 0; i < self->root_count; i++) {
        self->roots[i] =
            count ? rcn_git_path_normalize(options->paths[i], source->arena, self->err) : "";
        if (!self->roots[i])
            return -1;
        self->pathspecs[i] = *self->roots[i] ? self->roots[i] : ".";
    }
    if (self->url.transport == RCN_GIT_DAEMON)
        rcn_source_add_note(source, "git:// proves neither the server nor what it sends; use "
                                    "https:// or ssh://");
    if (self->url.password.text)
        rcn_source_add_note(source, "every user of this machine can see a password in a URL; use "
                                    "AUDIENCECTL_GIT_TOKEN or --git-token-file");
    return 0;
}

/* The ref that is asked for, among those of the repository. */
static int choose_ref(struct reader *self, const struct rcn_git_refs *refs)
{
    struct rcn_source *source = self->source;
    const char *ref = self->options->ref;
    const struct rcn_git_ref *found = rcn_git_refs_find(refs, ref, self->err);
    if (!found)
        return -1;
    self->name = found->name;
    self->id = found->id;
    source->ref = ref          ? rcn_arena_strdup(source->arena, ref)
                  : refs->head ? rcn_git_ref_short_name(refs->head)
                               : found->name;
    return 0;
}

static enum rcn_git_status load(struct reader *self, struct git_repository *repository,
                                const char *id)
{
    return rcn_git_repository_load(repository, id, &self->access, self->roots, self->root_count,
                                   self->source, self->err);
}

/* --- what is not committed --- */

static bool is_manifest_on_disk(const char *work_tree, const char *path, struct rcn_arena *arena)
{
    struct rcn_buf content;
    struct rcn_error ignored = RCN_ERROR_INIT;
    rcn_buf_init(&content, RCN_SOURCE_MAX_FILE_BYTES);
    bool found =
        rcn_file_read(rcn_arena_printf(arena, "%s%s", work_tree, path), &content, &ignored) == 0 &&
        rcn_source_looks_like_manifest(rcn_buf_get_str(&content), content.len);
    rcn_buf_release(&content);
    return found;
}

/* `XY path`, each ended by a NUL: what `git status` says of the files below the roots. */
static void note_changes(struct reader *self, const char *work_tree, const struct rcn_buf *status)
{
    struct rcn_source *source = self->source;
    struct rcn_source_names names = {0};
    struct rcn_strmap *read = rcn_strmap_new(source->count);
    for (size_t i = 0; i < source->count; i++) {
        /* Paths of texts begin with 7 digits and a colon. */
        const char *path = strchr(source->texts[i].path, ':') + 1;
        *rcn_strmap_put(read, path, strlen(path)) = self;
    }
    for (size_t at = 0; at + 3 < status->len; at += strlen(status->data + at) + 1) {
        const char *path = rcn_arena_strdup(source->arena, status->data + at + 3);
        if (rcn_git_path_is_chosen(path, self->roots, self->root_count) &&
            (rcn_strmap_get(read, path, strlen(path)) ||
             is_manifest_on_disk(work_tree, path, source->arena)))
            rcn_source_names_add(&names, path);
    }
    rcn_strmap_free(read);
    const char *text = rcn_source_names_format(
        source, &names, "uncommitted changes are not read, only what is committed");
    if (text)
        rcn_source_add_note(source, text);
}

/* Without git there is no such note, and no other failure stops the run. */
static int check_work_tree(struct reader *self, const char *work_tree)
{
    struct rcn_arena *arena = self->source->arena;
    struct rcn_git_result result;
    struct rcn_error cause = RCN_ERROR_INIT;
    const struct rcn_git_call call = {
        .command = "status --porcelain -z --no-renames --ignored=no --untracked-files=all "
                   "--ignore-submodules=all --",
        .arguments = self->pathspecs,
        .work_tree = work_tree,
        .max_output = MAX_STATUS_BYTES};
    int code = rcn_git_run(&self->access, &call, &result, &cause);
    if (code > 0)
        rcn_git_fail(&self->access, &self->url, &result, &cause);
    if (code == 0)
        note_changes(self, work_tree, &result.output);
    else if (code != RCN_GIT_NO_PROGRAM && cause.kind != RCN_ERROR_INTERRUPTED)
        rcn_source_add_note(
            self->source,
            rcn_arena_printf(arena, "cannot check for uncommitted changes: %s", cause.message));
    rcn_git_result_release(&result);
    if (cause.kind == RCN_ERROR_INTERRUPTED)
        *self->err = cause;
    return cause.kind == RCN_ERROR_INTERRUPTED ? -1 : 0;
}

/* --- a repository on this machine --- */

static enum rcn_git_status read_local(struct reader *self)
{
    char id[RCN_GIT_ID_SIZE];
    struct rcn_git_refs refs;
    struct git_repository *repository = NULL;
    enum rcn_git_status result = rcn_git_repository_open(&repository, self->url.address, self->err);
    if (!result && !self->id) {
        result = rcn_git_repository_list(repository, self->source->arena, &refs, self->err);
        if (!result && choose_ref(self, &refs))
            result = RCN_GIT_FAILED;
        if (!result)
            result = rcn_git_repository_find_ref(repository, self->name, id, self->err);
    }
    if (!result)
        result = load(self, repository, self->id ? self->id : id);
    if (result == RCN_GIT_UNREADABLE)
        rcn_error_set_hint(self->err, "`git fsck` checks a repository; a partial clone lacks "
                                      "objects until `git fetch --refetch`");
    const char *work_tree = result ? NULL : rcn_git_repository_get_work_tree(repository);
    if (work_tree && check_work_tree(self, work_tree))
        result = RCN_GIT_FAILED;
    rcn_git_repository_close(repository);
    return result;
}

/* --- a repository on a server --- */

/*
 * Brings what is wanted into the cache, unless it has it, and reads it. A missing object means a
 * damaged cache, and so does a fetch that fails after the server was listed: both are UNREADABLE.
 */
static enum rcn_git_status fetch_and_read(struct reader *self)
{
    char hash[RCN_SHA256_HEX_SIZE];
    char target[RCN_SHA256_HEX_SIZE + 16];
    char id[RCN_GIT_ID_SIZE];
    struct git_repository *repository = NULL;
    struct rcn_error ignored = RCN_ERROR_INIT;
    rcn_sha256_hex(self->name, strlen(self->name), hash);
    snprintf(target, sizeof target, "refs/fetched/%s", hash);
    if (rcn_git_cache_make(&self->cache, &self->access, self->err))
        return RCN_GIT_UNREADABLE;
    enum rcn_git_status result = RCN_GIT_OK;
    if (rcn_git_repository_open(&repository, self->cache.path, &ignored) ||
        rcn_git_repository_find_ref(repository, target, id, &ignored) ||
        strcmp(id, self->id) != 0) {
        rcn_git_repository_close(repository);
        repository = NULL;
        int code = rcn_git_remote_fetch(&self->access, &self->url, self->cache.path, self->name,
                                        target, self->err);
        if (code > 0 && self->id == self->commit)
            rcn_error_set_hint(self->err, "check the commit id; the server may only give out what "
                                          "a branch or a tag has");
        if (code)
            return code > 0 ? RCN_GIT_UNREADABLE : RCN_GIT_FAILED;
        /* Not self->id: the ref may have moved since it was listed. */
        if (rcn_git_repository_open(&repository, self->cache.path, self->err) ||
            rcn_git_repository_find_ref(repository, target, id, self->err))
            result = RCN_GIT_UNREADABLE;
    }
    if (!result)
        result = load(self, repository, id);
    rcn_git_repository_close(repository);
    return result;
}

static enum rcn_git_status read_remote(struct reader *self)
{
    struct rcn_source *source = self->source;
    struct rcn_git_cache *cache = &self->cache;
    enum rcn_git_status result = RCN_GIT_FAILED;
    struct rcn_git_refs refs;
    struct stat status;
    bool is_ready =
        !rcn_git_cache_open(cache, self->options->cache_dir, self->url.address, self->err);
    self->access.alive_fd = cache->lock_fd;
    is_ready = is_ready && !rcn_git_cache_lock(cache, &self->access, self->err) &&
               !rcn_git_cache_tidy(cache, self->err);
    if (is_ready && !self->id)
        is_ready =
            !rcn_git_remote_list(&self->access, &self->url, source->arena, &refs, self->err) &&
            !choose_ref(self, &refs);
    if (is_ready) {
        const bool was_empty = lstat(cache->path, &status) != 0;
        result = fetch_and_read(self);
        if (result == RCN_GIT_UNREADABLE && !was_empty &&
            !rcn_git_check(&self->access, self->err)) {
            source->count = source->skipped_count = source->total_bytes = source->file_count = 0;
            source->warning_count = 0;
            source->is_cut = false;
            result = rcn_git_cache_reset(cache, self->err) ? RCN_GIT_FAILED : fetch_and_read(self);
        }
    }
    rcn_git_cache_close(cache);
    self->access.alive_fd = -1;
    return result;
}

/* --- the whole --- */

/* A repository of a newer format than libgit2 knows, reftable for example, is read through git. */
static enum rcn_git_status read_unsupported(struct reader *self)
{
    enum rcn_git_status result = read_remote(self);
    const char *work_tree = rcn_arena_printf(self->source->arena, "%s/", self->url.address);
    const char *mark = rcn_arena_printf(self->source->arena, "%s.git", work_tree);
    if (!result && access(mark, F_OK) == 0 && check_work_tree(self, work_tree))
        result = RCN_GIT_FAILED;
    return result;
}

static int read_source(struct reader *self)
{
    if (prepare(self))
        return -1;
    enum rcn_git_status result =
        self->url.transport == RCN_GIT_PATH ? read_local(self) : read_remote(self);
    if (result == RCN_GIT_UNSUPPORTED)
        result = read_unsupported(self);
    if (result && self->err->kind != RCN_ERROR_INTERRUPTED)
        rcn_error_wrap(self->err, "cannot read '%.300s'", self->url.name);
    return result ? -1 : 0;
}

struct rcn_source *rcn_source_new_from_git(const struct rcn_git_options *options,
                                           struct rcn_diags *diags, struct rcn_error *err)
{
    struct reader reader = {
        .options = options, .access = options->access, .cache = {.lock_fd = -1}, .err = err};
    reader.source = rcn_source_new("git", MAX_ARENA_BYTES, diags);
    int result = rcn_git_library_start(err);
    if (!result) {
        result = read_source(&reader);
        rcn_git_library_stop();
    }
    rcn_git_url_release(&reader.url);
    if (!result)
        return reader.source;
    rcn_source_free(reader.source);
    return NULL;
}
