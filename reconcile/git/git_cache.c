#include "git/git_cache.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/sha256.h"

/* Each fetch that brings something adds one; libgit2 looks through all of them for each object. */
enum { MAX_PACKS = 50 };

static char *join(const char *directory, const char *name, const char *suffix)
{
    struct rcn_buf path;
    rcn_buf_init(&path, 1 << 16);
    rcn_buf_printf(&path, "%s/%s%s", directory, name, suffix);
    return rcn_buf_take(&path);
}

static int cannot_use(const char *path, struct rcn_error *err)
{
    rcn_error_set(err, RCN_ERROR_FAILED, "cannot use the cache '%s': %s", path, strerror(errno));
    return rcn_error_set_hint(err, "--no-cache works without one; XDG_CACHE_HOME moves it");
}

static int open_temporary(struct rcn_git_cache *cache, struct rcn_error *err)
{
    const char *base = getenv("TMPDIR");
    cache->temporary = join(base && *base ? base : "/tmp", "audiencectl-XXXXXX", "");
    if (!mkdtemp(cache->temporary)) {
        rcn_error_set(err, RCN_ERROR_FAILED, "cannot make the temporary directory '%s': %s",
                      cache->temporary, strerror(errno));
        free(cache->temporary);
        cache->temporary = NULL;
        return rcn_error_set_hint(err, "TMPDIR names another place");
    }
    cache->path = join(cache->temporary, "repository", ".git");
    return 0;
}

/* The holder touches the file whenever it makes progress; a change of its time is what counts, so
 * that two clocks are never compared. */
int rcn_git_cache_lock(struct rcn_git_cache *cache, const struct rcn_git_access *access,
                       struct rcn_error *err)
{
    struct timespec last = {0};
    int64_t since_ms = rcn_clock_steady_ms();
    while (cache->lock_fd >= 0 && flock(cache->lock_fd, LOCK_EX | LOCK_NB)) {
        struct stat status;
        if (errno != EWOULDBLOCK && errno != EINTR)
            return cannot_use(cache->path, err);
        if (fstat(cache->lock_fd, &status) == 0 &&
            (status.st_mtim.tv_sec != last.tv_sec || status.st_mtim.tv_nsec != last.tv_nsec)) {
            last = status.st_mtim;
            since_ms = rcn_clock_steady_ms();
        }
        if (rcn_git_check_idle(access, since_ms,
                               "another run holds the Git cache and has made no progress", err))
            return -1;
        poll(NULL, 0, RCN_GIT_SLICE_MS);
    }
    cache->is_locked = true;
    rcn_git_cache_touch(cache);
    return 0;
}

void rcn_git_cache_unlock(struct rcn_git_cache *cache)
{
    cache->is_locked = false;
    if (cache->lock_fd >= 0)
        flock(cache->lock_fd, LOCK_UN);
}

int rcn_git_cache_open(struct rcn_git_cache *cache, const char *directory, const char *address,
                       struct rcn_error *err)
{
    char hash[RCN_SHA256_HEX_SIZE];
    size_t len = strlen(address);
    *cache = (struct rcn_git_cache){.lock_fd = -1};
    if (!directory)
        return open_temporary(cache, err);
    while (len && address[len - 1] == '/')
        len--;
    rcn_sha256_hex(address, len, hash);
    if (rcn_make_directories(directory, err))
        return rcn_error_set_hint(err, "--no-cache works without one; XDG_CACHE_HOME moves it");
    cache->path = join(directory, hash, ".git");
    char *lock = join(directory, hash, ".lock");
    cache->lock_fd = open(lock, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    int result = cache->lock_fd < 0 ? cannot_use(lock, err) : 0;
    free(lock);
    return result;
}

static int remove_entry(const char *path, const struct stat *status, int type, struct FTW *ftw)
{
    (void)status;
    (void)type;
    (void)ftw;
    return remove(path) && errno != ENOENT ? -1 : 0;
}

static int remove_tree(const char *path)
{
    enum { OPEN_DIRECTORIES = 16 };
    int result = nftw(path, remove_entry, OPEN_DIRECTORIES, FTW_DEPTH | FTW_PHYS);
    return result && errno != ENOENT ? -1 : 0;
}

int rcn_git_cache_reset(struct rcn_git_cache *cache, struct rcn_error *err)
{
    return remove_tree(cache->path) ? cannot_use(cache->path, err) : 0;
}

/* How many packs there are. git's temporary files beside them (`tmp_pack_<random>`) are removed. */
static size_t tidy_packs(const struct rcn_git_cache *cache)
{
    size_t packs = 0;
    char *path = join(cache->path, "objects/pack", "");
    DIR *directory = opendir(path);
    for (struct dirent *entry; directory && (entry = readdir(directory));) {
        size_t len = strlen(entry->d_name);
        if (len > 5 && strcmp(entry->d_name + len - 5, ".pack") == 0)
            packs++;
        if (strncmp(entry->d_name, "tmp_", 4) == 0)
            unlinkat(dirfd(directory), entry->d_name, 0);
    }
    if (directory)
        closedir(directory);
    free(path);
    return packs;
}

int rcn_git_cache_tidy(struct rcn_git_cache *cache, struct rcn_error *err)
{
    return tidy_packs(cache) > MAX_PACKS ? rcn_git_cache_reset(cache, err) : 0;
}

void rcn_git_cache_touch(const struct rcn_git_cache *cache)
{
    if (cache->lock_fd >= 0)
        futimens(cache->lock_fd, NULL);
}

void rcn_git_cache_close(struct rcn_git_cache *cache)
{
    /* A wrong address leaves nothing but the lock. */
    if (cache->is_locked && cache->lock_fd >= 0 && tidy_packs(cache) == 0)
        remove_tree(cache->path);
    if (cache->lock_fd >= 0)
        close(cache->lock_fd);
    if (cache->temporary)
        remove_tree(cache->temporary);
    free(cache->temporary);
    free(cache->path);
    *cache = (struct rcn_git_cache){.lock_fd = -1};
}
