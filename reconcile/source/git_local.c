#include "source/git_local.h"

#include <git2.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/file.h"
#include "base/strmap.h"
#include "source/git_commit.h"
#include "source/git_library.h"
#include "source/git_path.h"
#include "source/git_warning.h"

static void hint_at_parent(const char *path, struct rcn_error *err)
{
    git_buf found = {0};
    if (git_repository_discover(&found, path, 0, NULL) == 0)
        rcn_error_set_hint(err,
                           "it lies in the repository '%.200s'; name that, and the folder "
                           "with --path",
                           found.ptr);
    git_buf_dispose(&found);
}

static void explain_open(const char *path, int result, struct rcn_error *err)
{
    const git_error *last = git_error_last();
    if (result == GIT_ENOTFOUND) {
        rcn_error_set(err, RCN_ERROR_FAILED, "'%.500s' is not a Git repository", path);
        hint_at_parent(path, err);
    } else if (last && last->message && strstr(last->message, "extensions.objectformat")) {
        rcn_error_set(err, RCN_ERROR_FAILED,
                      "'%.500s' uses SHA-256 object names, which cannot be read", path);
        rcn_error_set_hint(err, "a repository with SHA-1 object names is needed");
    } else {
        rcn_git_library_fail(err, "cannot open the Git repository '%.200s'", path);
    }
}

git_repository *rcn_git_local_open(const char *path, struct rcn_error *err)
{
    git_repository *repository = NULL;
    int result = git_repository_open_ext(&repository, path, GIT_REPOSITORY_OPEN_NO_SEARCH, NULL);
    if (result)
        explain_open(path, result, err);
    return repository;
}

void rcn_git_local_close(git_repository *repository)
{
    git_repository_free(repository);
}

/* --- refs --- */

static int fail_missing(git_repository *repository, const char *ref, struct rcn_error *err)
{
    enum { MAX_NAMES = 1000 };
    const char *names[MAX_NAMES];
    size_t count = 0;
    git_strarray all = {0};
    if (git_reference_list(&all, repository) == 0)
        while (count < all.count && count < MAX_NAMES) {
            names[count] = rcn_git_ref_short_name(all.strings[count]);
            count++;
        }
    rcn_git_ref_fail_missing(ref, names, count, err);
    git_strarray_dispose(&all);
    return -1;
}

static int find_head(git_repository *repository, git_oid *ret, char ret_ref[RCN_GIT_REF_SIZE],
                     struct rcn_error *err)
{
    git_reference *head = NULL;
    int result = git_repository_head(&head, repository);
    if (result == GIT_EUNBORNBRANCH || result == GIT_ENOTFOUND) {
        rcn_error_set(err, RCN_ERROR_FAILED, "the repository has no commit at HEAD");
        return rcn_error_set_hint(err, "make a commit, or name a branch with --ref");
    }
    if (result)
        return rcn_git_library_fail(err, "cannot read HEAD");
    const char *name =
        git_repository_head_detached(repository) == 1 ? "HEAD" : git_reference_name(head);
    snprintf(ret_ref, RCN_GIT_REF_SIZE, "%s", rcn_git_ref_short_name(name));
    git_oid_cpy(ret, git_reference_target(head));
    git_reference_free(head);
    return 0;
}

static int find_ref(git_repository *repository, const char *ref, git_oid *ret,
                    struct rcn_error *err)
{
    char name[RCN_GIT_REF_SIZE];
    char commit[RCN_GIT_COMMIT_SIZE];
    for (size_t i = 0; i < RCN_GIT_REF_CANDIDATES; i++) {
        if (!rcn_git_ref_candidate(ref, i, name))
            continue;
        int result = git_reference_name_to_id(ret, repository, name);
        if (result == 0)
            return 0;
        if (result != GIT_ENOTFOUND && result != GIT_EINVALIDSPEC)
            return rcn_git_library_fail(err, "cannot read the ref '%.200s'", name);
    }
    if (!rcn_git_ref_is_commit(ref, commit))
        return fail_missing(repository, ref, err);
    return git_oid_fromstr(ret, commit) ? rcn_git_library_fail(err, "cannot read the commit id")
                                        : 0;
}

int rcn_git_local_resolve(git_repository *repository, const char *ref,
                          char ret_commit[RCN_GIT_COMMIT_SIZE], char ret_ref[RCN_GIT_REF_SIZE],
                          struct rcn_error *err)
{
    git_oid id;
    if (ref)
        snprintf(ret_ref, RCN_GIT_REF_SIZE, "%s", ref);
    if (ref ? find_ref(repository, ref, &id, err) : find_head(repository, &id, ret_ref, err))
        return -1;
    if (rcn_git_commit_peel(repository, &id, ret_commit, err))
        return ref ? rcn_error_wrap(err, "'%.200s'", ref) : -1;
    return 0;
}

/* --- what is not committed --- */

struct changes {
    git_repository *repository;
    const char *const *roots;
    size_t root_count;
    struct rcn_source *source;
    git_index *index;
    git_tree *head; /* NULL: no commit yet */
    struct rcn_strmap *seen;
    struct rcn_git_names names;
    bool no_memory;
};

static bool is_manifest_on_disk(const struct changes *changes, const char *path)
{
    struct rcn_buf name;
    struct rcn_buf content;
    struct rcn_error ignored = RCN_ERROR_INIT;
    rcn_buf_init(&name, 1 << 16);
    rcn_buf_init(&content, RCN_SOURCE_MAX_FILE_BYTES);
    rcn_buf_printf(&name, "%s%s", git_repository_workdir(changes->repository), path);
    bool found = !name.failed && rcn_file_read(name.data, &content, &ignored) == 0 &&
                 rcn_source_looks_like_manifest(rcn_buf_get_str(&content), content.len);
    rcn_buf_release(&name);
    rcn_buf_release(&content);
    return found;
}

static bool is_manifest_in_git(const struct changes *changes, const git_oid *id)
{
    git_blob *blob = NULL;
    if (git_oid_is_zero(id) || git_blob_lookup(&blob, changes->repository, id))
        return false;
    bool found =
        rcn_source_looks_like_manifest(git_blob_rawcontent(blob), (size_t)git_blob_rawsize(blob));
    git_blob_free(blob);
    return found;
}

static void note(struct changes *changes, const char *path)
{
    const char *copy = rcn_arena_strdup(changes->source->arena, path);
    void **place = copy ? rcn_strmap_put(changes->seen, copy, strlen(copy)) : NULL;
    if (!place) {
        changes->no_memory = true;
    } else if (!*place) {
        *place = changes;
        rcn_git_names_add(&changes->names, copy);
    }
}

/* id: what stands in Git for the path; zero for nothing. A YAML file that is no manifest may change
 * as it likes. */
static void judge(struct changes *changes, const char *path, const git_oid *id)
{
    if (rcn_git_path_is_chosen(path, changes->roots, changes->root_count) &&
        (is_manifest_in_git(changes, id) || is_manifest_on_disk(changes, path)))
        note(changes, path);
}

/* The work tree against the index: changed, removed and new files. */
static int list_unstaged(struct changes *changes)
{
    git_status_options options;
    git_status_list *list = NULL;
    git_status_options_init(&options, GIT_STATUS_OPTIONS_VERSION);
    options.show = GIT_STATUS_SHOW_WORKDIR_ONLY;
    options.flags = GIT_STATUS_OPT_INCLUDE_UNTRACKED | GIT_STATUS_OPT_RECURSE_UNTRACKED_DIRS |
                    GIT_STATUS_OPT_EXCLUDE_SUBMODULES;
    if (git_status_list_new(&list, changes->repository, &options))
        return -1;
    size_t count = git_status_list_entrycount(list);
    for (size_t i = 0; i < count; i++) {
        const git_diff_delta *delta = git_status_byindex(list, i)->index_to_workdir;
        judge(changes, delta->old_file.path, &delta->old_file.id);
    }
    git_status_list_free(list);
    return 0;
}

static bool is_committed(const struct changes *changes, const git_index_entry *entry)
{
    git_tree_entry *committed = NULL;
    if (!changes->head || git_tree_entry_bypath(&committed, changes->head, entry->path))
        return false;
    bool equal = git_oid_equal(git_tree_entry_id(committed), &entry->id) != 0;
    git_tree_entry_free(committed);
    return equal;
}

/*
 * The index against HEAD, path by path: the library's own comparison walks the whole tree, which a
 * hostile one makes endless.
 */
static void list_staged(struct changes *changes)
{
    size_t count = git_index_entrycount(changes->index);
    for (size_t i = 0; i < count; i++) {
        const git_index_entry *entry = git_index_get_byindex(changes->index, i);
        if (rcn_git_path_is_chosen(entry->path, changes->roots, changes->root_count) &&
            !is_committed(changes, entry))
            judge(changes, entry->path, &entry->id);
    }
}

/* What was read and is no longer in the index. Paths of texts begin with 7 digits and a colon. */
static void list_removed(struct changes *changes)
{
    for (size_t i = 0; i < changes->source->count; i++) {
        const char *path = strchr(changes->source->texts[i].path, ':') + 1;
        if (!git_index_get_bypath(changes->index, path, 0))
            note(changes, path);
    }
}

static bool reads_head(const struct changes *changes)
{
    git_oid id;
    char hex[RCN_GIT_COMMIT_SIZE];
    if (git_reference_name_to_id(&id, changes->repository, "HEAD"))
        return false;
    git_oid_tostr(hex, sizeof hex, &id);
    return strcmp(hex, changes->source->commit) == 0;
}

static int open_head(struct changes *changes)
{
    git_object *tree = NULL;
    int result = git_revparse_single(&tree, changes->repository, "HEAD^{tree}");
    changes->head = (git_tree *)(void *)tree;
    return result == GIT_ENOTFOUND ? 0 : result;
}

static int list_changes(struct changes *changes)
{
    if (git_repository_index(&changes->index, changes->repository) || open_head(changes) ||
        list_unstaged(changes))
        return -1;
    list_staged(changes);
    if (reads_head(changes))
        list_removed(changes);
    return 0;
}

int rcn_git_local_warn_uncommitted(git_repository *repository, const char *const *roots,
                                   size_t root_count, struct rcn_source *source,
                                   struct rcn_error *err)
{
    struct changes changes = {
        .repository = repository, .roots = roots, .root_count = root_count, .source = source};
    if (git_repository_is_bare(repository))
        return 0;
    changes.seen = rcn_strmap_new(16);
    if (!changes.seen)
        return rcn_error_no_memory(err);
    int result;
    struct rcn_error cause = RCN_ERROR_INIT;
    if (list_changes(&changes)) {
        rcn_git_library_fail(&cause, "cannot tell whether there are uncommitted changes");
        result = rcn_git_warn(source, err, "%s", cause.message);
    } else if (changes.no_memory) {
        result = rcn_error_no_memory(err);
    } else {
        result =
            rcn_git_warn_names(source, &changes.names,
                               "uncommitted changes are not read, only what is committed", err);
    }
    git_tree_free(changes.head);
    git_index_free(changes.index);
    rcn_strmap_free(changes.seen);
    return result;
}
