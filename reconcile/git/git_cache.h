/*
 * git_cache.h: the bare repository that a remote one is fetched into.
 *
 * With a cache directory it is `<sha256 of the address>.git`, and beside it `<sha256>.lock`, which
 * is never removed. Without one it is temporary, and removed by close.
 *
 * A reader that finds anything wrong in it empties it and fetches again: nothing is synced to disk.
 */
#ifndef RCN_GIT_GIT_CACHE_H
#define RCN_GIT_GIT_CACHE_H

#include <stdbool.h>

#include "base/error.h"
#include "git/git_program.h"

struct rcn_git_cache {
    char *path;      /* the repository; may not exist yet */
    char *temporary; /* the directory to remove at close; NULL: none */
    int lock_fd;     /* -1: a temporary one needs no lock */
    bool is_locked;
};

/* directory NULL: a temporary one. Close in any case. */
int rcn_git_cache_open(struct rcn_git_cache *cache, const char *directory, const char *address,
                       struct rcn_error *err);

/* Only with the lock may the repository be used. Another run that holds it is waited for as long as
 * it makes progress (rcn_git_access.alive_fd), within the deadline. */
int rcn_git_cache_lock(struct rcn_git_cache *cache, const struct rcn_git_access *access,
                       struct rcn_error *err);
void rcn_git_cache_unlock(struct rcn_git_cache *cache);

/* With the lock: removes what killed runs have left, and everything when so many fetches have left
 * one pack each that reading would become slow. */
int rcn_git_cache_tidy(struct rcn_git_cache *cache, struct rcn_error *err);

/* With the lock: makes the empty repository, unless it exists. */
int rcn_git_cache_make(const struct rcn_git_cache *cache, const struct rcn_git_access *git,
                       struct rcn_error *err);

/* Empties it: the next fetch starts anew. */
int rcn_git_cache_reset(struct rcn_git_cache *cache, struct rcn_error *err);

void rcn_git_cache_close(struct rcn_git_cache *cache);

#endif
