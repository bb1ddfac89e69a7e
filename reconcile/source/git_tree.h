/*
 * git_tree.h: the manifests in the tree of one commit, read from the object database alone.
 *
 * Nothing is checked out and nothing outside of the tree is reached: symbolic links and submodules
 * are left out, with a warning. Names in a tree are a stranger's: they may hold anything but NUL,
 * and a tree may contain itself a million times over without growing, so what is visited is
 * counted.
 */
#ifndef RCN_SOURCE_GIT_TREE_H
#define RCN_SOURCE_GIT_TREE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/error.h"
#include "source/git_repository.h"
#include "source/source.h"

struct git_repository;

enum {
    /* Entries looked at, of any kind: ten times what one of the largest repositories has. */
    RCN_GIT_TREE_MAX_ENTRIES = 5000000,
};

enum { RCN_GIT_PATH_MAX = 4096 };

/* A value of `--path`, relative to the top of the tree, without `./`, doubled and ending slashes;
 * "" is the whole tree. NULL and err when it is empty, too long, or leaves the tree. */
const char *rcn_git_path_normalize(const char *path, struct rcn_arena *arena,
                                   struct rcn_error *err);

/* True when a file at path (from the top of the tree) is chosen by one of the normalised roots;
 * what is below one follows the rules for directories (source.h). */
bool rcn_git_path_is_chosen(const char *path, const char *const *roots, size_t count);

/*
 * Fills the source, whose commit is set. roots are normalised paths. Anything but OK
 * comes with err.
 */
enum rcn_git_status rcn_git_tree_load(struct git_repository *repository,
                                      const struct rcn_git_access *access, const char *const *roots,
                                      size_t root_count, struct rcn_source *source,
                                      struct rcn_error *err);

#endif
