#include "source/git_cache.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/sha256.h"
#include "source/git_wait.h"

/* Each fetch that brings something adds one; libgit2 looks through all of them for each object. */
enum { MAX_PACKS = 50 };

static char *join(const char *directory, const char *name, const char *suffix)
{
    struct rcn_buf path;
    rcn_buf_init(&path, 1 << 16);
    rcn_buf_printf(&path, "%s/%s%s", directory, name, suffix);
    if (!path.failed)
        return path.data;
    rcn_buf_release(&path);
    return NULL;
}

static int open_temporary(struct rcn_git_cache *cache, struct rcn_error *err)
{
    const char *base = getenv("TMPDIR");
    cache->temporary = join(base && *base ? base : "/tmp", "audiencectl-XXXXXX", "");
    if (!cache->temporary)
        return rcn_error_no_memory(err);
    if (!mkdtemp(cache->temporary)) {
        rcn_error_set(err, RCN_ERROR_FAILED, "cannot make the temporary directory '%s': %s",
                      cache->temporary, strerror(errno));
        free(cache->temporary);
        cache->temporary = NULL;
        return rcn_error_set_hint(err, "TMPDIR names another place");
    }
    cache->path = join(cache->temporary, "repository.git", "");
    return cache->path ? 0 : rcn_error_no_memory(err);
}

static int cannot_use(const char *path, struct rcn_error *err)
{
    rcn_error_set(err, RCN_ERROR_FAILED, "cannot use the cache '%s': %s", path, strerror(errno));
    return rcn_error_set_hint(err, "--no-cache reads without one; XDG_CACHE_HOME moves it");
}

static void sleep_ms(long ms)
{
    struct timespec pause = {.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000};
    nanosleep(&pause, NULL);
}

/* The holder touches the file whenever it makes progress; a change of its time is what counts, so
 * that the two clocks never meet. */
static bool has_moved(int fd, struct timespec *last)
{
    struct stat status;
    if (fstat(fd, &status))
        return false;
    bool moved = status.st_mtim.tv_sec != last->tv_sec || status.st_mtim.tv_nsec != last->tv_nsec;
    *last = status.st_mtim;
    return moved;
}

static int lock(int fd, const char *path, const struct rcn_git_options *options,
                struct rcn_error *err)
{
    struct timespec last = {0};
    int64_t since_ms = rcn_clock_steady_ms();
    while (flock(fd, LOCK_EX | LOCK_NB)) {
        if (errno != EWOULDBLOCK && errno != EINTR)
            return cannot_use(path, err);
        if (has_moved(fd, &last))
            since_ms = rcn_clock_steady_ms();
        if (rcn_git_wait_check_idle(
                options, since_ms, "another run holds the Git cache and has made no progress", err))
            return -1;
        sleep_ms(RCN_GIT_SLICE_MS);
    }
    return 0;
}

static int open_locked(struct rcn_git_cache *cache, const struct rcn_git_options *options,
                       const char *hash, struct rcn_error *err)
{
    if (rcn_make_directories(options->cache_dir, err))
        return rcn_error_set_hint(err, "--no-cache reads without one; XDG_CACHE_HOME moves it");
    cache->path = join(options->cache_dir, hash, ".git");
    char *lock_path = join(options->cache_dir, hash, ".lock");
    int result;
    if (!cache->path || !lock_path) {
        result = rcn_error_no_memory(err);
    } else {
        cache->lock_fd = open(lock_path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
        result = cache->lock_fd < 0 ? cannot_use(lock_path, err)
                                    : lock(cache->lock_fd, lock_path, options, err);
    }
    free(lock_path);
    return result;
}

int rcn_git_cache_open(struct rcn_git_cache *cache, const struct rcn_git_options *options,
                       const char *name, struct rcn_error *err)
{
    *cache = (struct rcn_git_cache){.lock_fd = -1};
    int result;
    if (!options->cache_dir) {
        result = open_temporary(cache, err);
    } else {
        size_t len = strlen(name);
        while (len && name[len - 1] == '/')
            len--;
        char hash[RCN_SHA256_HEX_SIZE];
        result = rcn_sha256_hex(name, len, hash) ? rcn_error_no_memory(err)
                                                 : open_locked(cache, options, hash, err);
    }
    if (result) {
        rcn_git_cache_close(cache);
        return -1;
    }
    cache->is_locked = cache->lock_fd >= 0;
    rcn_git_cache_touch(cache);
    return 0;
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

static bool ends_with(const char *name, const char *suffix)
{
    size_t len = strlen(name);
    size_t suffix_len = strlen(suffix);
    return len >= suffix_len && strcmp(name + len - suffix_len, suffix) == 0;
}

/* Packs in the directory; the library's temporary files there (`pack_git2_<random>`) are removed.
 */
static size_t tidy_packs(const char *path, DIR *directory)
{
    size_t packs = 0;
    for (struct dirent *entry; (entry = readdir(directory));) {
        if (ends_with(entry->d_name, ".pack"))
            packs++;
        if (!strstr(entry->d_name, "_git2_"))
            continue;
        char *name = join(path, entry->d_name, "");
        if (name)
            unlink(name);
        free(name);
    }
    return packs;
}

static int count_packs(const struct rcn_git_cache *cache, size_t *ret)
{
    char *path = join(cache->path, "objects/pack", "");
    if (!path)
        return -1;
    DIR *directory = opendir(path);
    *ret = directory ? tidy_packs(path, directory) : 0;
    if (directory)
        closedir(directory);
    free(path);
    return 0;
}

int rcn_git_cache_tidy(struct rcn_git_cache *cache, struct rcn_error *err)
{
    size_t packs;
    if (count_packs(cache, &packs))
        return rcn_error_no_memory(err);
    return packs > MAX_PACKS ? rcn_git_cache_reset(cache, err) : 0;
}

void rcn_git_cache_touch(const struct rcn_git_cache *cache)
{
    if (cache->lock_fd >= 0)
        futimens(cache->lock_fd, NULL);
}

void rcn_git_cache_close(struct rcn_git_cache *cache)
{
    size_t packs;
    /* A wrong address leaves nothing but the lock. */
    if (cache->is_locked && count_packs(cache, &packs) == 0 && packs == 0)
        remove_tree(cache->path);
    if (cache->lock_fd >= 0)
        close(cache->lock_fd);
    if (cache->temporary)
        remove_tree(cache->temporary);
    free(cache->temporary);
    free(cache->path);
    *cache = (struct rcn_git_cache){.lock_fd = -1};
}
