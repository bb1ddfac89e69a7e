#include "source/git_tree.h"

#include <git2.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/strmap.h"

static const char path_hint[] =
    "paths start at the top of the repository, for example audiences/eu";

const char *rcn_git_path_normalize(const char *path, struct rcn_arena *arena, struct rcn_error *err)
{
    const char *fault = !path[0]                          ? "is empty"
                        : path[0] == '/'                  ? "is absolute"
                        : strlen(path) > RCN_GIT_PATH_MAX ? "is too long"
                                                          : NULL;
    size_t len = 0;
    char *out = rcn_arena_strdup(arena, path);
    for (const char *at = path; *at && !fault; at += strspn(at, "/")) {
        size_t name = strcspn(at, "/");
        if (name == 2 && memcmp(at, "..", 2) == 0)
            fault = "has '..' in it";
        if (!(name == 1 && *at == '.')) {
            if (len)
                out[len++] = '/';
            memcpy(out + len, at, name);
            len += name;
        }
        at += name;
    }
    out[len] = '\0';
    if (!fault)
        return out;
    rcn_error_set(err, RCN_ERROR_FAILED, "the path '%.200s' %s", path, fault);
    rcn_error_set_hint(err, "%s", path_hint);
    return NULL;
}

bool rcn_git_path_is_chosen(const char *path, const char *const *roots, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        size_t len = strlen(roots[i]);
        const char *below = path + len + (len ? 1 : 0);
        if (strcmp(path, roots[i]) == 0)
            return true;
        if (strncmp(path, roots[i], len) == 0 && (!len || path[len] == '/') &&
            rcn_source_is_yaml_name(below) && below[0] != '.' && !strstr(below, "/."))
            return true;
    }
    return false;
}

struct loader {
    git_repository *repository;
    const struct rcn_git_access *access;
    struct rcn_source *source;
    struct rcn_error *err;
    size_t visited;
    struct rcn_source_names links;
    struct rcn_source_names submodules;
};

static int unreadable(struct loader *loader, const char *path)
{
    return rcn_git_library_fail(loader->err, "cannot read '%.200s' in commit %.7s", path,
                                loader->source->commit);
}

/* `3f2c1ab:audiences/vip.yaml` */
static const char *shown_path(struct loader *loader, const char *path)
{
    return rcn_arena_printf(loader->source->arena, "%.7s:%s", loader->source->commit, path);
}

static int add_limit(struct loader *loader, const char *path, const char *message)
{
    rcn_source_add_problem(loader->source, "limit", shown_path(loader, path), message, NULL);
    return 0;
}

/* --- the list of files --- */

static int add_entry(struct loader *loader, const char *path, const git_oid *id, bool is_named)
{
    git_oid *copy = rcn_arena_alloc(loader->source->arena, sizeof *copy);
    git_oid_cpy(copy, id);
    rcn_source_list(loader->source, (struct rcn_source_file){.path = path,
                                                             .shown = shown_path(loader, path),
                                                             .key = path,
                                                             .key_len = strlen(path),
                                                             .handle = copy,
                                                             .is_named = is_named});
    return 0;
}

static int walk(struct loader *loader, const git_oid *id, const char *path, size_t depth);

static int visit(struct loader *loader, const git_tree_entry *entry, const char *directory,
                 size_t depth)
{
    const char *name = git_tree_entry_name(entry);
    git_object_t type = git_tree_entry_type(entry);
    bool is_link = git_tree_entry_filemode_raw(entry) == GIT_FILEMODE_LINK;
    if (name[0] == '.' || (type == GIT_OBJECT_BLOB && !is_link && !rcn_source_is_yaml_name(name)))
        return 0;
    if (strchr(name, '/')) {
        /* Git writes no such entry, and reads none: its path would be that of something else. */
        rcn_error_set(loader->err, RCN_ERROR_FAILED,
                      "a name in the folder '%.200s' in commit %.7s has a '/' in it", directory,
                      loader->source->commit);
        return rcn_error_set_hint(loader->err, "`git fsck` checks a repository");
    }
    if (strlen(directory) + strlen(name) >= RCN_GIT_PATH_MAX)
        return add_limit(loader, directory, "a path is longer than 4096 bytes");
    const char *path =
        rcn_arena_printf(loader->source->arena, "%s%s%s", directory, *directory ? "/" : "", name);
    if (is_link)
        rcn_source_names_add(&loader->links, path);
    else if (type == GIT_OBJECT_COMMIT)
        rcn_source_names_add(&loader->submodules, path);
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
    if (rcn_git_check(loader->access, loader->err))
        return RCN_GIT_FAILED;
    if (git_tree_lookup(&tree, loader->repository, id))
        return unreadable(loader, path);
    int result = 0;
    size_t count = git_tree_entrycount(tree);
    for (size_t i = 0; i < count && !result && !loader->source->is_cut; i++) {
        if (++loader->visited > RCN_GIT_TREE_MAX_ENTRIES) {
            loader->source->is_cut = true;
            result = add_limit(loader, path, "the tree has more than 5000000 entries");
        } else {
            result = visit(loader, git_tree_entry_byindex(tree, i), path, depth);
        }
    }
    git_tree_free(tree);
    return result;
}

static int refuse_named(struct loader *loader, const char *path, const char *what)
{
    rcn_error_set(loader->err, RCN_ERROR_FAILED, "'%.200s' in commit %.7s is %s", path,
                  loader->source->commit, what);
    return rcn_error_set_hint(loader->err,
                              "only files and folders of the repository itself are read");
}

/* "Not found" is said of a name that a tree does not have, and of a tree that is missing. */
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
    if (found == GIT_ENOTFOUND && !is_missing_object()) {
        rcn_error_set(loader->err, RCN_ERROR_FAILED, "'%.200s' does not exist in commit %.7s", path,
                      loader->source->commit);
        return rcn_error_set_hint(loader->err, "%s", path_hint);
    }
    if (found)
        return unreadable(loader, path);
    const git_oid *id = git_tree_entry_id(entry);
    int result;
    if (git_tree_entry_type(entry) == GIT_OBJECT_TREE)
        result = walk(loader, id, path, 1);
    else if (git_tree_entry_type(entry) == GIT_OBJECT_COMMIT)
        result = refuse_named(loader, path, "a submodule");
    else if (git_tree_entry_filemode_raw(entry) == GIT_FILEMODE_LINK)
        result = refuse_named(loader, path, "a symbolic link, which is not followed");
    else
        result = add_entry(loader, path, id, true);
    git_tree_entry_free(entry);
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
    for (size_t i = 0; i < count && !result && !loader->source->is_cut; i++) {
        size_t first = loader->source->file_count;
        result = add_root(loader, top, roots[i]);
        /* Git sorts trees by path bytes, but a tree may be written in any order. */
        rcn_source_sort_files(loader->source, first);
    }
    git_tree_free(top);
    rcn_source_end_files(loader->source);
    return result;
}

/* --- the bytes --- */

static int load_file(struct loader *loader, git_odb *odb, const struct rcn_source_file *file)
{
    size_t len;
    git_object_t type;
    git_odb_object *object = NULL;
    if (rcn_git_check(loader->access, loader->err))
        return RCN_GIT_FAILED;
    if (git_odb_read_header(&len, &type, odb, file->handle))
        return unreadable(loader, file->path);
    if (len > RCN_SOURCE_MAX_FILE_BYTES)
        return add_limit(loader, file->path, "this file is larger than 64 MiB");
    if (git_odb_read(&object, odb, file->handle))
        return unreadable(loader, file->path);
    rcn_source_add(loader->source, file->shown, git_odb_object_data(object), len, file->is_named);
    git_odb_object_free(object);
    return 0;
}

enum rcn_git_status rcn_git_tree_load(git_repository *repository,
                                      const struct rcn_git_access *access, const char *const *roots,
                                      size_t root_count, struct rcn_source *source,
                                      struct rcn_error *err)
{
    git_odb *odb = NULL;
    struct loader loader = {
        .repository = repository, .access = access, .source = source, .err = err};
    int result = list_entries(&loader, roots, root_count);
    if (!result && git_repository_odb(&odb, repository))
        result = unreadable(&loader, "");
    for (size_t i = 0; i < source->file_count && !result && !source->is_cut; i++)
        result = load_file(&loader, odb, &source->files[i]);
    git_odb_free(odb);
    if (result)
        return (enum rcn_git_status)result;
    rcn_source_warn_names(source, &loader.links, "symbolic links are not followed");
    rcn_source_warn_names(source, &loader.submodules, "submodules are not read");
    rcn_source_finish(
        source,
        rcn_arena_printf(source->arena, "commit %.7s of '%.200s'", source->commit, source->name),
        "a manifest is a file named *.yaml or *.yml");
    return RCN_GIT_OK;
}
