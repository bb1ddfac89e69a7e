/*
 * git_cache.h: the directory that a remote repository is fetched into.
 *
 * With a cache directory there is one bare repository per URL, `<sha256 of the address>.git`, and
 * beside it `<sha256>.lock`, which is never removed. The lock is held from open to close, so two
 * runs never use one repository at the same time; the second then finds the work done. Without a
 * cache directory the repository is a temporary one, removed by close.
 *
 * What is in there can be lost at any time: a reader that finds anything wrong empties it and
 * fetches again. So nothing is synced to disk, and a killed run leaves nothing to repair by hand.
 */
#ifndef RCN_SOURCE_GIT_CACHE_H
#define RCN_SOURCE_GIT_CACHE_H

#include "base/error.h"
#include "git/git_program.h"

struct rcn_git_cache {
    char *path;      /* the bare repository; may not exist yet */
    char *temporary; /* the directory to remove at close; NULL: none */
    int lock_fd;     /* -1: none */
};

/*
 * Takes the lock; another run that holds it is waited for as long as it makes progress, within the
 * deadline. Then removes what killed runs have left, and everything when so many fetches have left
 * one pack each that reading would become slow. directory NULL: a temporary one. On failure nothing
 * is to be closed.
 */
int rcn_git_cache_open(struct rcn_git_cache *cache, const char *directory,
                       const struct rcn_git_access *access, const char *address,
                       struct rcn_error *err);

/* Empties it: the next fetch starts anew. */
int rcn_git_cache_reset(struct rcn_git_cache *cache, struct rcn_error *err);

/* Shows runs that wait for the lock that this one makes progress. */
void rcn_git_cache_touch(const struct rcn_git_cache *cache);

void rcn_git_cache_close(struct rcn_git_cache *cache);

#endif
