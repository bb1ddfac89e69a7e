/*
 * git_repository.h: a repository on this machine, read by libgit2: bare, with a work tree, a linked
 * work tree, or a folder with a `.git` file.
 *
 * Objects and refs are all that is read. So the owner does not matter, no configuration of the user
 * or of the system is looked at, nothing is run, checked out or fetched, and symbolic links and
 * submodules are left out, with a warning. In a hook, new objects that are still in quarantine are
 * found too.
 *
 * Names in a tree are a stranger's: they may hold anything but NUL, and a tree may contain itself a
 * million times over without growing, so what is visited is counted.
 */
#ifndef RCN_SOURCE_GIT_REPOSITORY_H
#define RCN_SOURCE_GIT_REPOSITORY_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/error.h"
#include "source/source.h"

enum {
    RCN_GIT_REF_MAX = 512, /* no file system can hold a longer ref */
    RCN_GIT_PATH_MAX = 4096,
    /* Entries looked at, of any kind: ten times what one of the largest repositories has. */
    RCN_GIT_TREE_MAX_ENTRIES = 5000000,
};

struct git_repository;

/* --- what --ref and --path mean (SPEC 7) --- */

/* Fails on an empty or overlong one, and on white space or control characters. */
int rcn_git_ref_check(const char *ref, struct rcn_error *err);

/* 40 hexadecimal digits are a commit, whatever branch or tag is named like them; ret gets them in
 * lower case. */
bool rcn_git_ref_is_commit(const char *ref, char ret[RCN_GIT_ID_SIZE]);

/* Anything else (NULL: HEAD) is looked up as a full name (`HEAD`, `refs/...`), a branch, a tag, a
 * remote branch, in this order. NULL and err when there is none. */
const struct rcn_git_ref *rcn_git_refs_find(const struct rcn_git_refs *refs, const char *ref,
                                            struct rcn_error *err);

/* `main` for `refs/heads/main`, `v1` for `refs/tags/v1`; any other name as it is. Borrowed from
 * name. */
const char *rcn_git_ref_short_name(const char *name);

/* A value of `--path`, relative to the top of the tree, without `./`, doubled and ending slashes;
 * "" is the whole tree. NULL and err when it is empty, too long, or leaves the tree. */
const char *rcn_git_path_normalize(const char *path, struct rcn_arena *arena,
                                   struct rcn_error *err);

/* True when a file at path (from the top of the tree) is chosen by one of the normalised roots;
 * what is below one follows the rules for directories (source.h). */
bool rcn_git_path_is_chosen(const char *path, const char *const *roots, size_t count);

/* --- repositories --- */

/* Anything but OK comes with err. */
enum rcn_git_status {
    RCN_GIT_OK = 0,
    RCN_GIT_FAILED = -1,
    RCN_GIT_UNREADABLE = -2,  /* something is missing or broken: a cache is worth a new try */
    RCN_GIT_UNSUPPORTED = -3, /* a repository in a form that libgit2 cannot read */
};

/* libgit2 is started before anything else below, and stopped after all is closed. */
int rcn_git_library_start(struct rcn_error *err);
void rcn_git_library_stop(void);

/* Opens what is at path itself. Close in any case. */
enum rcn_git_status rcn_git_repository_open(struct git_repository **ret, const char *path,
                                            struct rcn_error *err);
/* NULL allowed. */
void rcn_git_repository_close(struct git_repository *repository);

/* NULL: it has none. Borrowed. */
const char *rcn_git_repository_get_work_tree(struct git_repository *repository);

/* Its refs as git_program.h lists those of a server, without ids; strings are put into arena. */
enum rcn_git_status rcn_git_repository_list(struct git_repository *repository,
                                            struct rcn_arena *arena, struct rcn_git_refs *ret,
                                            struct rcn_error *err);
/* The id that the full ref name has. */
enum rcn_git_status rcn_git_repository_find_ref(struct git_repository *repository, const char *name,
                                                char ret_id[RCN_GIT_ID_SIZE],
                                                struct rcn_error *err);

/*
 * Fills the source, whose ref is set, from the commit that the object id names, itself or as an
 * annotated tag. roots are normalised paths.
 */
enum rcn_git_status rcn_git_repository_load(struct git_repository *repository, const char *id,
                                            const struct rcn_git_access *access,
                                            const char *const *roots, size_t root_count,
                                            struct rcn_source *source, struct rcn_error *err);

#endif
