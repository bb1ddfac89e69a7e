#include "git/git_cache.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/memory.h"
#include "base/sha256.h"

/* Each fetch that brings something adds one; libgit2 looks through all of them for each object. */
enum { MAX_PACKS = 50, MAX_OUTPUT = 1 << 16 };

static int cannot_use(const char *path, struct rcn_error *err)
{
    rcn_error_set(err, RCN_ERROR_FAILED, "cannot use the cache '%s': %s", path, strerror(errno));
    return rcn_error_set_hint(err, "--no-cache works without one; XDG_CACHE_HOME moves it");
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
    if (cache->lock_fd >= 0)
        futimens(cache->lock_fd, NULL);
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
    if (!directory) {
        const char *base = getenv("TMPDIR");
        char *temporary = rcn_printf("%s/audiencectl-XXXXXX", base && *base ? base : "/tmp");
        if (mkdtemp(temporary)) {
            cache->path = rcn_printf("%s/repository.git", temporary);
            cache->temporary = temporary;
            return 0;
        }
        rcn_error_set(err, RCN_ERROR_FAILED, "cannot make the temporary directory '%s': %s",
                      temporary, strerror(errno));
        free(temporary);
        return rcn_error_set_hint(err, "set TMPDIR to use another folder");
    }
    while (len && address[len - 1] == '/')
        len--;
    rcn_sha256_hex(address, len, hash);
    if (rcn_make_directories(directory, err))
        return rcn_error_set_hint(err, "--no-cache works without one; XDG_CACHE_HOME moves it");
    cache->path = rcn_printf("%s/%s.git", directory, hash);
    char *lock = rcn_printf("%s/%s.lock", directory, hash);
    cache->lock_fd = open(lock, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    int result = cache->lock_fd < 0 ? cannot_use(lock, err) : 0;
    free(lock);
    return result;
}

int rcn_git_cache_make(const struct rcn_git_cache *cache, const struct rcn_git_access *git,
                       struct rcn_error *err)
{
    /* In the form that libgit2 reads, whatever this user's git makes by default. */
    const char *const arguments[] = {cache->path, NULL};
    const struct rcn_git_call call = {
        .command = "-c init.defaultObjectFormat=sha1 -c init.defaultRefFormat=files "
                   "-c init.defaultBranch=unused init --quiet --bare --template=",
        .arguments = arguments,
        .max_output = MAX_OUTPUT};
    struct rcn_git_result result;
    char *head = rcn_printf("%s/HEAD", cache->path);
    const bool exists = access(head, F_OK) == 0;
    free(head);
    if (exists)
        return 0;
    int code = rcn_git_run(git, &call, &result, err);
    if (code > 0)
        code = rcn_git_fail(git, NULL, &result, err);
    rcn_git_result_release(&result);
    return code;
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
    char *path = rcn_printf("%s/objects/pack", cache->path);
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
