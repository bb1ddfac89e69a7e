#include "source/git_tree.h"

#include <git2.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/strmap.h"
#include "source/git_library.h"
#include "source/git_path.h"
#include "source/git_wait.h"
#include "source/git_warning.h"

/* A file to be read; all are listed before the first is read, so that the texts never move. */
struct entry {
    const char *path; /* from the top of the tree */
    git_oid id;
    bool named;
};

struct loader {
    git_repository *repository;
    git_odb *odb;
    const struct rcn_git_options *options;
    struct rcn_source *source;
    struct rcn_error *err;
    struct entry *entries; /* heap, grows */
    size_t count;
    size_t capacity;
    size_t visited;
    size_t total_bytes;
    bool *named;
    bool had_problem;
    bool stopped; /* a limit on the whole is passed: said once */
    struct rcn_git_names links;
    struct rcn_git_names submodules;
    struct rcn_git_names pointers;
};

static int no_memory(struct loader *loader)
{
    rcn_error_no_memory(loader->err);
    return RCN_GIT_TREE_FAILED;
}

static int unreadable(struct loader *loader, const char *path)
{
    rcn_git_library_fail(loader->err, "cannot read '%.200s' in commit %.7s", path,
                         loader->source->commit);
    return RCN_GIT_TREE_UNREADABLE;
}

/* `3f2c1ab:audiences/vip.yaml` */
static const char *shown_path(struct loader *loader, const char *path)
{
    return rcn_arena_printf(loader->source->arena, "%.7s:%s", loader->source->commit, path);
}

static int add_limit(struct loader *loader, const char *path, const char *message)
{
    struct rcn_text *text = rcn_arena_alloc(loader->source->arena, sizeof *text);
    const char *shown = shown_path(loader, path);
    if (!text || !shown)
        return no_memory(loader);
    text->path = shown;
    loader->had_problem = true;
    rcn_diags_error(loader->source->diags, "limit", (struct rcn_span){.text = text}, "%s", message);
    return 0;
}

static int stop_at_limit(struct loader *loader, const char *path, const char *message)
{
    loader->stopped = true;
    return add_limit(loader, path, message);
}

/* --- the list of files --- */

static int add_entry(struct loader *loader, const char *path, const git_oid *id, bool named)
{
    if (loader->count == RCN_SOURCE_MAX_FILES)
        return stop_at_limit(loader, path, "more than 100000 files");
    if (loader->count == loader->capacity) {
        size_t capacity = loader->capacity ? 2 * loader->capacity : 64;
        struct entry *entries = realloc(loader->entries, capacity * sizeof *entries);
        if (!entries)
            return no_memory(loader);
        loader->entries = entries;
        loader->capacity = capacity;
    }
    loader->entries[loader->count++] = (struct entry){.path = path, .id = *id, .named = named};
    return 0;
}

static int walk(struct loader *loader, const git_oid *id, const char *path, size_t depth);

/* Git writes no such entry, and reads none: it would stand for a path that is not where it says. */
static int refuse_name(struct loader *loader, const char *directory)
{
    rcn_error_set(loader->err, RCN_ERROR_FAILED,
                  "a name in the folder '%.200s' in commit %.7s has a '/' in it", directory,
                  loader->source->commit);
    rcn_error_set_hint(loader->err, "`git fsck` checks a repository");
    return RCN_GIT_TREE_FAILED;
}

static int visit(struct loader *loader, const git_tree_entry *entry, const char *directory,
                 size_t depth)
{
    const char *name = git_tree_entry_name(entry);
    git_filemode_t mode = git_tree_entry_filemode_raw(entry);
    git_object_t type = git_tree_entry_type(entry);
    bool is_link = mode == GIT_FILEMODE_LINK;
    if (name[0] == '.' || (type == GIT_OBJECT_BLOB && !is_link && !rcn_source_is_yaml_name(name)))
        return 0;
    if (strchr(name, '/'))
        return refuse_name(loader, directory);
    if (strlen(directory) + strlen(name) >= RCN_GIT_PATH_MAX)
        return add_limit(loader, directory, "a path is longer than 4096 bytes");
    const char *path =
        rcn_arena_printf(loader->source->arena, "%s%s%s", directory, *directory ? "/" : "", name);
    if (!path)
        return no_memory(loader);
    if (is_link)
        rcn_git_names_add(&loader->links, path);
    else if (type == GIT_OBJECT_COMMIT)
        rcn_git_names_add(&loader->submodules, path);
    else if (type == GIT_OBJECT_TREE)
        return walk(loader, git_tree_entry_id(entry), path, depth + 1);
    else
        return add_entry(loader, path, git_tree_entry_id(entry), false);
    return 0;
}

static int walk(struct loader *loader, const git_oid *id, const char *path, size_t depth)
{
    git_tree *tree = NULL;
    if (depth > RCN_SOURCE_MAX_DEPTH)
        return add_limit(loader, path, "directories are nested deeper than 64");
    if (rcn_git_wait_check(loader->options, loader->err))
        return RCN_GIT_TREE_FAILED;
    if (git_tree_lookup(&tree, loader->repository, id))
        return unreadable(loader, path);
    int result = 0;
    size_t count = git_tree_entrycount(tree);
    for (size_t i = 0; i < count && !result && !loader->stopped; i++) {
        if (++loader->visited > RCN_GIT_TREE_MAX_ENTRIES)
            result = stop_at_limit(loader, path, "the tree has more than 5000000 entries");
        else
            result = visit(loader, git_tree_entry_byindex(tree, i), path, depth);
    }
    git_tree_free(tree);
    return result;
}

static int refuse_named(struct loader *loader, const char *path, const char *what)
{
    rcn_error_set(loader->err, RCN_ERROR_FAILED, "'%.200s' in commit %.7s is %s", path,
                  loader->source->commit, what);
    rcn_error_set_hint(loader->err, "only files and folders of the repository itself are read");
    return RCN_GIT_TREE_FAILED;
}

static int add_named(struct loader *loader, const git_tree_entry *entry, const char *path)
{
    switch (git_tree_entry_type(entry)) {
    case GIT_OBJECT_TREE:
        return walk(loader, git_tree_entry_id(entry), path, 1);
    case GIT_OBJECT_COMMIT:
        return refuse_named(loader, path, "a submodule");
    default:
        return git_tree_entry_filemode_raw(entry) == GIT_FILEMODE_LINK
                   ? refuse_named(loader, path, "a symbolic link, which is not followed")
                   : add_entry(loader, path, git_tree_entry_id(entry), true);
    }
}

static int fail_missing(struct loader *loader, const char *path)
{
    rcn_error_set(loader->err, RCN_ERROR_FAILED, "'%.200s' does not exist in commit %.7s", path,
                  loader->source->commit);
    rcn_error_set_hint(loader->err,
                       "paths start at the top of the repository, for example audiences/eu");
    return RCN_GIT_TREE_FAILED;
}

/* "Not found" is said of a name that a tree does not have, and of a tree that is not there. */
static bool is_missing_object(void)
{
    const git_error *last = git_error_last();
    return last && last->klass == GIT_ERROR_ODB;
}

static int add_root(struct loader *loader, const git_tree *top, const char *path)
{
    git_tree_entry *entry = NULL;
    if (!*path)
        return walk(loader, git_tree_id(top), "", 1);
    int found = git_tree_entry_bypath(&entry, top, path);
    if (found == GIT_ENOTFOUND && !is_missing_object())
        return fail_missing(loader, path);
    if (found)
        return unreadable(loader, path);
    int result = add_named(loader, entry, path);
    git_tree_entry_free(entry);
    return result;
}

static int compare_entries(const void *left, const void *right)
{
    const struct entry *a = left;
    const struct entry *b = right;
    return strcmp(a->path, b->path);
}

/* Git sorts trees so that paths come out by their bytes, but a tree may be written in any order. */
static void sort_from(struct loader *loader, size_t first)
{
    if (loader->count > first)
        qsort(loader->entries + first, loader->count - first, sizeof *loader->entries,
              compare_entries);
}

/* Each path once, where it came first; named when it was named anywhere. */
static int drop_repeated(struct loader *loader)
{
    struct rcn_strmap *seen = rcn_strmap_new(loader->count);
    if (!seen)
        return no_memory(loader);
    size_t kept = 0;
    int result = 0;
    for (size_t i = 0; i < loader->count && !result; i++) {
        struct entry entry = loader->entries[i];
        void **place = rcn_strmap_put(seen, entry.path, strlen(entry.path));
        if (!place) {
            result = no_memory(loader);
        } else if (*place) {
            ((struct entry *)*place)->named |= entry.named;
        } else {
            *place = &loader->entries[kept];
            loader->entries[kept++] = entry;
        }
    }
    loader->count = kept;
    rcn_strmap_free(seen);
    return result;
}

static int list_entries(struct loader *loader, const char *const *roots, size_t count)
{
    git_oid id;
    git_commit *commit = NULL;
    git_tree *top = NULL;
    if (git_oid_fromstr(&id, loader->source->commit) ||
        git_commit_lookup(&commit, loader->repository, &id))
        return unreadable(loader, "");
    int result = git_commit_tree(&top, commit) ? unreadable(loader, "") : 0;
    git_commit_free(commit);
    for (size_t i = 0; i < count && !result && !loader->stopped; i++) {
        size_t first = loader->count;
        result = add_root(loader, top, roots[i]);
        sort_from(loader, first);
    }
    git_tree_free(top);
    return result ? result : drop_repeated(loader);
}

/* --- the bytes --- */

static bool is_lfs_pointer(git_odb_object *object)
{
    static const char mark[] = "version https://git-lfs.github.com/spec/";
    enum { LARGEST_POINTER = 1024 }; /* the format's own limit */
    size_t len = git_odb_object_size(object);
    return len < LARGEST_POINTER && len > sizeof mark &&
           memcmp(git_odb_object_data(object), mark, sizeof mark - 1) == 0;
}

static int keep_text(struct loader *loader, const struct entry *entry, const char *path,
                     const char *bytes, size_t len)
{
    struct rcn_source *source = loader->source;
    if (len > RCN_SOURCE_MAX_BYTES - loader->total_bytes)
        return stop_at_limit(loader, entry->path, "all files together are larger than 512 MiB");
    loader->total_bytes += len;
    const char *copy = rcn_arena_strndup(source->arena, bytes, len);
    if (!copy)
        return no_memory(loader);
    loader->named[source->count] = entry->named;
    source->texts[source->count++] = (struct rcn_text){.path = path, .bytes = copy, .len = len};
    return 0;
}

static int take_object(struct loader *loader, const struct entry *entry, git_odb_object *object)
{
    struct rcn_source *source = loader->source;
    const char *bytes = git_odb_object_data(object);
    size_t len = git_odb_object_size(object);
    if (is_lfs_pointer(object)) {
        if (entry->named)
            return refuse_named(loader, entry->path, "a Git LFS pointer, not the file");
        rcn_git_names_add(&loader->pointers, entry->path);
        return 0;
    }
    const char *path = shown_path(loader, entry->path);
    if (!path)
        return no_memory(loader);
    if (entry->named || rcn_source_looks_like_manifest(bytes, len))
        return keep_text(loader, entry, path, bytes, len);
    source->skipped[source->skipped_count++] = (struct rcn_skipped){path, "it is no manifest"};
    return 0;
}

static int load_entry(struct loader *loader, const struct entry *entry)
{
    size_t len;
    git_object_t type;
    git_odb_object *object = NULL;
    if (rcn_git_wait_check(loader->options, loader->err))
        return RCN_GIT_TREE_FAILED;
    if (git_odb_read_header(&len, &type, loader->odb, &entry->id))
        return unreadable(loader, entry->path);
    if (len > RCN_SOURCE_MAX_FILE_BYTES)
        return add_limit(loader, entry->path, "this file is larger than 64 MiB");
    if (git_odb_read(&object, loader->odb, &entry->id))
        return unreadable(loader, entry->path);
    int result = take_object(loader, entry, object);
    git_odb_object_free(object);
    return result;
}

static int load_entries(struct loader *loader)
{
    struct rcn_source *source = loader->source;
    loader->named = rcn_arena_calloc(source->arena, loader->count + 1, sizeof *loader->named);
    source->texts = rcn_arena_calloc(source->arena, loader->count + 1, sizeof *source->texts);
    source->skipped = rcn_arena_calloc(source->arena, loader->count + 1, sizeof *source->skipped);
    if (!loader->named || !source->texts || !source->skipped)
        return no_memory(loader);
    source->named = loader->named;
    if (git_repository_odb(&loader->odb, loader->repository))
        return unreadable(loader, "");
    int result = 0;
    for (size_t i = 0; i < loader->count && !result && !loader->stopped; i++)
        result = load_entry(loader, &loader->entries[i]);
    git_odb_free(loader->odb);
    return result;
}

/* --- the whole --- */

static int warn(struct loader *loader)
{
    struct rcn_source *source = loader->source;
    if (rcn_git_warn_names(source, &loader->links, "symbolic links are not followed",
                           loader->err) ||
        rcn_git_warn_names(source, &loader->submodules, "submodules are not read", loader->err) ||
        rcn_git_warn_names(source, &loader->pointers, "Git LFS pointers are not fetched",
                           loader->err))
        return RCN_GIT_TREE_FAILED;
    return 0;
}

static void check_found(struct loader *loader)
{
    const struct rcn_source *source = loader->source;
    if (source->count || loader->had_problem)
        return;
    struct rcn_diag *diag = rcn_diags_error(source->diags, "no-manifest", (struct rcn_span){0},
                                            "no manifest found in commit %.7s of '%.200s'",
                                            source->commit, source->name);
    if (source->skipped_count)
        rcn_diag_set_hint(source->diags, diag,
                          "YAML files there: %zu, but none holds 'apiVersion: audiencectl/v1'",
                          source->skipped_count);
    else
        rcn_diag_set_hint(source->diags, diag, "a manifest is a file named *.yaml or *.yml");
}

enum rcn_git_tree_result rcn_git_tree_load(git_repository *repository,
                                           const struct rcn_git_options *options,
                                           const char *const *roots, size_t root_count,
                                           struct rcn_source *source, struct rcn_error *err)
{
    struct loader loader = {
        .repository = repository, .options = options, .source = source, .err = err};
    int result = list_entries(&loader, roots, root_count);
    if (!result)
        result = load_entries(&loader);
    if (!result)
        result = warn(&loader);
    if (!result)
        check_found(&loader);
    free(loader.entries);
    return (enum rcn_git_tree_result)result;
}
