/*
 * git_path.h: `--path` values: where in a tree manifests are looked for.
 *
 * A path is relative to the top of the tree and cannot leave it: an absolute one and one with `..`
 * are refused. What is chosen below it follows the rules for directories (source.h).
 */
#ifndef RCN_SOURCE_GIT_PATH_H
#define RCN_SOURCE_GIT_PATH_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/error.h"

enum { RCN_GIT_PATH_MAX = 4096 };

/*
 * The path without `./`, doubled and ending slashes; "" is the whole tree. NULL and err when it is
 * empty, too long, or leaves the tree.
 */
const char *rcn_git_path_normalize(const char *path, struct rcn_arena *arena,
                                   struct rcn_error *err);

/* True when a file at path (from the top of the tree) is chosen by one of the normalised roots. */
bool rcn_git_path_is_chosen(const char *path, const char *const *roots, size_t count);

#endif
