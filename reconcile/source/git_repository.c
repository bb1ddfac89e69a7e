#include "source/git_repository.h"

#include <ctype.h>
#include <git2.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/suggest.h"

static const char path_hint[] =
    "paths start at the top of the repository, for example audiences/eu";

/* --- what --ref and --path mean --- */

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

bool rcn_git_ref_is_commit(const char *ref, char ret[RCN_GIT_ID_SIZE])
{
    if (strlen(ref) != RCN_GIT_ID_SIZE - 1)
        return false;
    for (size_t i = 0; i < RCN_GIT_ID_SIZE; i++) {
        if (ref[i] && !isxdigit((unsigned char)ref[i]))
            return false;
        ret[i] = (char)tolower((unsigned char)ref[i]);
    }
    return true;
}

static bool begins_with(const char *text, const char *prefix)
{
    return strncmp(text, prefix, strlen(prefix)) == 0;
}

const char *rcn_git_ref_short_name(const char *name)
{
    return begins_with(name, "refs/heads/")  ? name + strlen("refs/heads/")
           : begins_with(name, "refs/tags/") ? name + strlen("refs/tags/")
                                             : name;
}

const struct rcn_git_ref *rcn_git_refs_find(const struct rcn_git_refs *refs, const char *ref,
                                            struct rcn_error *err)
{
    enum { MAX_NAMES = 1000 };
    static const char *const prefixes[] = {"", "refs/heads/", "refs/tags/", "refs/remotes/"};
    const char *names[MAX_NAMES];
    const bool is_full = !ref || strcmp(ref, "HEAD") == 0 || begins_with(ref, "refs/");
    const char *wanted = ref ? ref : "HEAD";
    for (size_t i = is_full ? 0 : 1; i < sizeof prefixes / sizeof *prefixes; i++)
        for (size_t j = 0; j < refs->count; j++)
            if (begins_with(refs->items[j].name, prefixes[i]) &&
                strcmp(refs->items[j].name + strlen(prefixes[i]), wanted) == 0)
                return &refs->items[j];
    if (refs->count == 0) {
        rcn_error_set(err, RCN_ERROR_FAILED, "the repository is empty: it has no commit");
        rcn_error_set_hint(err, "make or push a commit first; if this is not meant to be an empty "
                                "repository, check its URL");
        return NULL;
    }
    if (!ref) {
        rcn_error_set(err, RCN_ERROR_FAILED, "HEAD of the repository is not a commit");
        rcn_error_set_hint(err, "name a branch with --ref");
        return NULL;
    }
    size_t count = 0;
    for (; count < refs->count && count < MAX_NAMES; count++)
        names[count] = rcn_git_ref_short_name(refs->items[count].name);
    const char *near = rcn_suggest(ref, names, count);
    const size_t len = strlen(ref);
    rcn_error_set(err, RCN_ERROR_FAILED, "no branch, tag or commit '%s'", ref);
    if (near)
        rcn_error_set_hint(err, "did you mean '%s'?", near);
    else if (len >= 7 && len < RCN_GIT_ID_SIZE - 1 && !ref[strspn(ref, "0123456789abcdef")])
        rcn_error_set_hint(err, "a commit id needs all of its 40 digits");
    else
        rcn_error_set_hint(err, "a ref is a full name, a branch, a tag, a remote branch or a "
                                "commit id of 40 digits");
    return NULL;
}

const char *rcn_git_path_normalize(const char *path, struct rcn_arena *arena, struct rcn_error *err)
{
    const char *fault = !path[0]                                                ? "is empty"
                        : path[0] == '/'                                        ? "is absolute"
                        : strlen(path) > RCN_GIT_PATH_MAX                       ? "is too long"
                        : strstr(rcn_arena_printf(arena, "/%s/", path), "/../") ? "has '..' in it"
                                                                                : NULL;
    if (!fault) {
        const char *simple = rcn_source_simplify_path(arena, path);
        return strcmp(simple, ".") == 0 ? "" : simple;
    }
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

/* --- repositories --- */

/* `<what>: <the library's last message>`. Returns RCN_GIT_UNREADABLE. */
__attribute__((format(printf, 2, 3))) static enum rcn_git_status
library_fail(struct rcn_error *err, const char *format, ...)
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
    return result ? library_fail(err, "cannot start libgit2") : 0;
}

void rcn_git_library_stop(void)
{
    git_libgit2_shutdown();
}

/* In a pre-receive hook, what was pushed is in quarantine until the hook has accepted it. */
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
        library_fail(err, "cannot open the Git repository '%.200s'", path);
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

void rcn_git_repository_close(git_repository *repository)
{
    git_repository_free(repository);
}

const char *rcn_git_repository_get_work_tree(git_repository *repository)
{
    return git_repository_is_bare(repository) ? NULL : git_repository_workdir(repository);
}

enum rcn_git_status rcn_git_repository_list(git_repository *repository, struct rcn_arena *arena,
                                            struct rcn_git_refs *ret, struct rcn_error *err)
{
    git_oid id;
    git_strarray all = {0};
    git_reference *head = NULL;
    *ret = (struct rcn_git_refs){0};
    int found = git_reference_name_to_id(&id, repository, "HEAD");
    if ((found && found != GIT_ENOTFOUND) || git_reference_list(&all, repository))
        return library_fail(err, "cannot read the refs");
    ret->items = rcn_arena_calloc(arena, all.count + 1, sizeof *ret->items);
    if (!found)
        ret->items[ret->count++].name = "HEAD";
    for (size_t i = 0; i < all.count; i++)
        ret->items[ret->count++].name = rcn_arena_strdup(arena, all.strings[i]);
    if (!found && git_reference_lookup(&head, repository, "HEAD") == 0 &&
        git_reference_type(head) == GIT_REFERENCE_SYMBOLIC)
        ret->head = rcn_arena_strdup(arena, git_reference_symbolic_target(head));
    git_reference_free(head);
    git_strarray_dispose(&all);
    return RCN_GIT_OK;
}

enum rcn_git_status rcn_git_repository_find_ref(git_repository *repository, const char *name,
                                                char ret_id[RCN_GIT_ID_SIZE], struct rcn_error *err)
{
    git_oid oid;
    if (git_reference_name_to_id(&oid, repository, name))
        return library_fail(err, "cannot read the ref '%.200s'", name);
    git_oid_tostr(ret_id, RCN_GIT_ID_SIZE, &oid);
    return RCN_GIT_OK;
}

/* --- the list of files --- */

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
    return library_fail(loader->err, "cannot read '%.200s' in commit %.7s", path,
                        loader->source->commit);
}

/* `3f2c1ab:audiences/vip.yaml` */
static const char *shown_path(struct loader *loader, const char *path)
{
    return rcn_arena_printf(loader->source->arena, "%.7s:%s", loader->source->commit, path);
}

static int add_limit(struct loader *loader, const char *path, const char *message)
{
    rcn_source_add_problem(loader->source, "limit", shown_path(loader, path), "%s", message);
    return 0;
}

static int add_entry(struct loader *loader, const char *path, const git_oid *id, bool is_named)
{
    git_oid *copy = rcn_arena_alloc(loader->source->arena, sizeof *copy);
    git_oid_cpy(copy, id);
    rcn_source_list(loader->source, (struct rcn_source_file){.path = path,
                                                             .shown = shown_path(loader, path),
                                                             .key = path,
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
            result = add_limit(loader, path, "the tree has more than 5000000 entries");
            loader->source->is_cut = true;
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

/* libgit2 says "not found" also when only a name is missing in a tree. */
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

/* The tree of the commit that the id names, itself or as an annotated tag. */
static int open_top(struct loader *loader, const char *id, git_tree **ret)
{
    struct rcn_source *source = loader->source;
    char hex[RCN_GIT_ID_SIZE];
    git_oid oid;
    git_object *object = NULL;
    git_object *commit = NULL;
    if (git_oid_fromstr(&oid, id) ||
        git_object_lookup(&object, loader->repository, &oid, GIT_OBJECT_ANY))
        return library_fail(loader->err, "'%.200s': cannot read the commit", source->ref);
    int result = git_object_peel(&commit, object, GIT_OBJECT_COMMIT);
    git_object_free(object);
    if (result == GIT_EPEEL || result == GIT_EINVALIDSPEC)
        return rcn_error_set(loader->err, RCN_ERROR_FAILED, "'%.200s': this is not a commit",
                             source->ref);
    if (result)
        return library_fail(loader->err, "'%.200s': cannot read the commit", source->ref);
    source->commit =
        rcn_arena_strdup(source->arena, git_oid_tostr(hex, sizeof hex, git_object_id(commit)));
    result = git_commit_tree(ret, (git_commit *)commit) ? unreadable(loader, "") : 0;
    git_object_free(commit);
    return result;
}

static int list_entries(struct loader *loader, const char *id, const char *const *roots,
                        size_t count)
{
    git_tree *top = NULL;
    int result = open_top(loader, id, &top);
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

enum rcn_git_status rcn_git_repository_load(git_repository *repository, const char *id,
                                            const struct rcn_git_access *access,
                                            const char *const *roots, size_t root_count,
                                            struct rcn_source *source, struct rcn_error *err)
{
    git_odb *odb = NULL;
    struct loader loader = {
        .repository = repository, .access = access, .source = source, .err = err};
    int result = list_entries(&loader, id, roots, root_count);
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
