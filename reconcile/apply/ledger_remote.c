#include "apply/ledger_remote.h"

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

#include "base/clock.h"
#include "base/file.h"
#include "base/memory.h"
#include "base/sha256.h"
#include "git/git_program.h"
#include "git/git_remote.h"
#include "git/git_url.h"

enum {
    MAX_OUTPUT = 64 << 20,
    ID_SIZE = 41,
    /* A server that is busy with another push to the branch answers like one that refuses ours. */
    BUSY_TRIES = 4,
    BUSY_PAUSE_MS = 300,
    FETCH_TRIES = 10, /* while others push */
};

/* A file at the tip. */
struct entry {
    const char *path;
    const char *id;    /* of its blob */
    const char *bytes; /* NULL: not read yet, the log is only read when it is wanted */
    size_t len;
};

struct rcn_ledger_remote {
    struct rcn_arena *arena;
    struct rcn_git_access access;
    struct rcn_git_url url;
    const char *branch;     /* the full name, refs/heads/... */
    const char *repository; /* bare, in the cache */
    const char *kept;       /* the ref in it that the last fetch or push left */
    int lock;               /* of the repository, shared by the processes of this machine */
    char tip[ID_SIZE];      /* "": the branch does not exist */
    struct rcn_arena *files;
    struct entry *entries; /* of the commit `loaded`, sorted by path */
    size_t entry_count;
    char loaded[ID_SIZE];
};

/* --- git --- */

/* One command in the repository, alone in it. Its output is the caller's to release. */
static int run(struct rcn_ledger_remote *self, const char *const *arguments, const char *input,
               size_t input_len, bool is_remote, struct rcn_git_result *ret, struct rcn_error *err)
{
    const struct rcn_git_call call = {
        .arguments = arguments,
        .repository = self->repository,
        .url = is_remote ? &self->url : NULL,
        .input = input,
        .input_len = input_len,
        .max_output = MAX_OUTPUT,
    };
    memset(ret, 0, sizeof *ret);
    while (flock(self->lock, LOCK_EX | LOCK_NB)) {
        const struct timespec pause = {.tv_nsec = RCN_GIT_SLICE_MS * 1000000L};
        if (errno != EWOULDBLOCK && errno != EINTR)
            return rcn_error_set(err, RCN_ERROR_FAILED, "cannot lock '%s': %s", self->repository,
                                 strerror(errno));
        if (rcn_git_check(&self->access, err))
            return -1;
        nanosleep(&pause, NULL);
    }
    int code = rcn_git_run(&self->access, &call, ret, err);
    flock(self->lock, LOCK_UN);
    return code;
}

/* A command that must succeed, and says nothing of use. */
static int run_plain(struct rcn_ledger_remote *self, const char *const *arguments,
                     struct rcn_error *err)
{
    struct rcn_git_result result;
    int code = run(self, arguments, NULL, 0, false, &result, err);
    if (code > 0)
        rcn_git_fail(&self->access, &self->url, &result, err);
    rcn_git_result_release(&result);
    return code == 0 ? 0 : -1;
}

/* The first word of the output, when it is an id. */
static bool take_id(const struct rcn_buf *output, char ret[ID_SIZE])
{
    const char *text = rcn_buf_get_str(output);
    if (strspn(text, "0123456789abcdef") != ID_SIZE - 1)
        return false;
    memcpy(ret, text, ID_SIZE - 1);
    ret[ID_SIZE - 1] = '\0';
    return true;
}

/* A command that must succeed, for its output; release it in any case. */
static int run_for_output(struct rcn_ledger_remote *self, const char *const *arguments,
                          const struct rcn_buf *input, struct rcn_git_result *ret,
                          struct rcn_error *err)
{
    int code = run(self, arguments, input ? rcn_buf_get_str(input) : NULL, input ? input->len : 0,
                   false, ret, err);
    if (code > 0)
        rcn_git_fail(&self->access, &self->url, ret, err);
    return code == 0 ? 0 : -1;
}

/* --- the files at the tip --- */

/* `100644 blob ID\tPATH` and a NUL, for each file. */
static void take_entries(struct rcn_ledger_remote *self, const struct rcn_buf *output)
{
    size_t most = 0;
    for (size_t i = 0; i < output->len; i++)
        most += output->data[i] == '\0';
    self->entries = rcn_arena_calloc(self->files, most, sizeof *self->entries);
    self->entry_count = 0;
    for (const char *at = output->data; at < output->data + output->len; at += strlen(at) + 1) {
        const char *id = strstr(at, " blob ");
        const char *tab = strchr(at, '\t');
        if (id && tab == id + strlen(" blob ") + ID_SIZE - 1)
            self->entries[self->entry_count++] = (struct entry){
                .path = rcn_arena_strdup(self->files, tab + 1),
                .id = rcn_arena_strndup(self->files, tab - (ID_SIZE - 1), ID_SIZE - 1)};
    }
}

/* `ID blob SIZE`, the bytes and a newline, for each file that was asked for. */
static int take_contents(struct rcn_ledger_remote *self, const struct rcn_buf *output,
                         struct rcn_error *err)
{
    const char *at = rcn_buf_get_str(output);
    const char *end = at + output->len;
    for (size_t i = 0; i < self->entry_count; i++) {
        struct entry *entry = &self->entries[i];
        size_t size = 0;
        const char *line_end = strchr(at, '\n');
        if (strstr(entry->path, "/log/"))
            continue;
        bool is_there = line_end && strncmp(at, entry->id, ID_SIZE - 1) == 0 &&
                        strncmp(at + ID_SIZE - 1, " blob ", strlen(" blob ")) == 0;
        if (is_there)
            size = strtoull(at + ID_SIZE - 1 + strlen(" blob "), NULL, 10);
        if (!is_there || size >= (size_t)(end - line_end - 1))
            return rcn_error_set(err, RCN_ERROR_FAILED, "'%s' is missing in the copy of the ledger",
                                 entry->path);
        entry->bytes = rcn_arena_strndup(self->files, line_end + 1, size);
        entry->len = size;
        at = line_end + 1 + size + 1;
    }
    return 0;
}

/*
 * Reads which files the tip has, and all but the log. So a file that cannot be read is an error,
 * and never taken for one that does not exist.
 */
static int load_files(struct rcn_ledger_remote *self, struct rcn_error *err)
{
    const char *const list[] = {"ls-tree", "-r", "-z", self->tip, NULL};
    const char *const show[] = {"cat-file", "--batch", NULL};
    struct rcn_git_result result;
    struct rcn_buf wanted;
    if (strcmp(self->loaded, self->tip) == 0)
        return 0;
    rcn_arena_free(self->files);
    self->files = rcn_arena_new(SIZE_MAX);
    self->entry_count = 0;
    self->loaded[0] = '\0';
    if (!self->tip[0])
        return 0;
    int code = run_for_output(self, list, NULL, &result, err);
    if (code == 0)
        take_entries(self, &result.output);
    rcn_git_result_release(&result);
    if (code)
        return -1;
    rcn_buf_init(&wanted, MAX_OUTPUT);
    for (size_t i = 0; i < self->entry_count; i++)
        if (!strstr(self->entries[i].path, "/log/"))
            rcn_buf_printf(&wanted, "%s\n", self->entries[i].id);
    code = run_for_output(self, show, &wanted, &result, err);
    if (code == 0)
        code = take_contents(self, &result.output, err);
    rcn_git_result_release(&result);
    rcn_buf_release(&wanted);
    if (code == 0)
        memcpy(self->loaded, self->tip, ID_SIZE);
    return code;
}

/* --- the repository --- */

/* A tip of which not every file can be read is forgotten: the fetch mends the rest. */
static void read_kept(struct rcn_ledger_remote *self)
{
    const char *const arguments[] = {"rev-parse", "--quiet", "--verify", self->kept, NULL};
    struct rcn_git_result result;
    struct rcn_error err = RCN_ERROR_INIT;
    if (run(self, arguments, NULL, 0, false, &result, &err) != 0 ||
        !take_id(&result.output, self->tip))
        self->tip[0] = '\0';
    rcn_git_result_release(&result);
    if (load_files(self, &err))
        self->tip[0] = '\0';
}

static int init_repository(struct rcn_ledger_remote *self, struct rcn_error *err)
{
    const char *const init[] = {"init", "--quiet", "--bare", "--template=", self->repository, NULL};
    return run_plain(self, init, err);
}

static int remove_one(const char *path, const struct stat *status, int type, struct FTW *ftw)
{
    (void)status, (void)type, (void)ftw;
    return remove(path);
}

/* The repository is damaged: it is made anew. */
static int rebuild(struct rcn_ledger_remote *self, struct rcn_error *err)
{
    enum { OPEN_DIRECTORIES = 16 };
    self->loaded[0] = '\0';
    flock(self->lock, LOCK_EX);
    int result = nftw(self->repository, remove_one, OPEN_DIRECTORIES, FTW_DEPTH | FTW_PHYS);
    flock(self->lock, LOCK_UN);
    if (result)
        return rcn_error_set(err, RCN_ERROR_FAILED, "'%s' is damaged and cannot be removed: %s",
                             self->repository, strerror(errno));
    return init_repository(self, err);
}

static bool is_damaged(struct rcn_ledger_remote *self)
{
    const char *const arguments[] = {"fsck", "--connectivity-only", "--no-dangling", NULL};
    struct rcn_error err = RCN_ERROR_INIT;
    return run_plain(self, arguments, &err) && err.kind != RCN_ERROR_INTERRUPTED;
}

static int open_repository(struct rcn_ledger_remote *self, const char *cache_dir,
                           struct rcn_error *err)
{
    char *head = rcn_arena_printf(self->arena, "%s/HEAD", self->repository);
    char *lock = rcn_arena_printf(self->arena, "%s.lock", self->repository);
    struct stat status;
    if (rcn_make_directories(cache_dir, err))
        return -1;
    self->lock = open(lock, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (self->lock < 0)
        return rcn_error_set(err, RCN_ERROR_FAILED, "cannot open '%s': %s", lock, strerror(errno));
    if (stat(head, &status) && init_repository(self, err))
        return -1;
    read_kept(self);
    return 0;
}

/* `URL#BRANCH` apart. The parts are in the arena. */
static int take_location(struct rcn_ledger_remote *self, const char *location,
                         struct rcn_error *err)
{
    const char *mark = strrchr(location, '#');
    const char *branch = mark ? mark + 1 : RCN_LEDGER_BRANCH;
    char *url = mark ? rcn_arena_strndup(self->arena, location, (size_t)(mark - location))
                     : rcn_arena_strdup(self->arena, location);
    if (!*branch || branch[0] == '-' || strstr(branch, "..") || strpbrk(branch, " ~^:?*[\\"))
        return rcn_error_set(err, RCN_ERROR_USAGE, "invalid branch name after '#' in --ledger");
    self->branch = rcn_arena_printf(self->arena, "refs/heads/%s", branch);
    if (rcn_git_url_parse(&self->url, url, self->arena, err))
        return -1;
    if (self->url.transport != RCN_GIT_PATH)
        return 0;
    /* git runs in its own repository: a relative path would be another one there. */
    char *absolute = realpath(url, NULL);
    if (!absolute)
        return rcn_error_set(err, RCN_ERROR_FAILED, "cannot open the ledger '%s': %s",
                             self->url.name, strerror(errno));
    self->url.address = rcn_arena_strdup(self->arena, absolute);
    free(absolute);
    return 0;
}

struct rcn_ledger_remote *rcn_ledger_remote_new(const char *location, const char *cache_dir,
                                                const struct rcn_git_access *access,
                                                struct rcn_error *err)
{
    struct rcn_ledger_remote *self = rcn_calloc(1, sizeof *self);
    char digest[RCN_SHA256_HEX_SIZE];
    self->arena = rcn_arena_new(SIZE_MAX);
    self->files = rcn_arena_new(SIZE_MAX);
    self->access = *access;
    self->lock = -1;
    if (take_location(self, location, err)) {
        rcn_ledger_remote_free(self);
        return NULL;
    }
    const char *name = rcn_arena_printf(self->arena, "%s#%s", self->url.address, self->branch);
    int result = rcn_sha256_hex(name, strlen(name), digest);
    if (result)
        rcn_error_set(err, RCN_ERROR_FAILED, "cannot compute a SHA-256");
    self->repository = rcn_arena_printf(self->arena, "%s/ledger-%.32s.git", cache_dir, digest);
    self->kept = "refs/audiencectl/ledger";
    if (result || open_repository(self, cache_dir, err)) {
        rcn_ledger_remote_free(self);
        return NULL;
    }
    return self;
}

void rcn_ledger_remote_free(struct rcn_ledger_remote *self)
{
    if (!self)
        return;
    if (self->lock >= 0)
        close(self->lock);
    rcn_git_url_release(&self->url);
    rcn_arena_free(self->files);
    rcn_arena_free(self->arena);
    free(self);
}

const char *rcn_ledger_remote_get_name(const struct rcn_ledger_remote *self)
{
    return self->url.name;
}

const char *rcn_ledger_remote_get_tip(const struct rcn_ledger_remote *self)
{
    return self->tip[0] ? self->tip : NULL;
}

/* --- reading --- */

/* Which commit the branch is at on the server; "": it does not exist. */
static int ask_server(struct rcn_ledger_remote *self, char ret[ID_SIZE], struct rcn_error *err)
{
    struct rcn_git_refs refs = {0};
    if (rcn_git_remote_list(&self->access, &self->url, self->arena, &refs, err))
        return -1;
    ret[0] = '\0';
    for (size_t i = 0; i < refs.count; i++)
        if (strcmp(refs.items[i].name, self->branch) == 0)
            snprintf(ret, ID_SIZE, "%s", refs.items[i].id);
    return 0;
}

static bool has_commit(struct rcn_ledger_remote *self, const char *id)
{
    const char *const arguments[] = {"cat-file", "-e", id, NULL};
    struct rcn_git_result result;
    struct rcn_error err = RCN_ERROR_INIT;
    int code = run(self, arguments, NULL, 0, false, &result, &err);
    rcn_git_result_release(&result);
    return code == 0;
}

/* Later runs on this machine know how far the ledger was. Losing this loses that alone. */
static void keep_tip(struct rcn_ledger_remote *self)
{
    const char *const arguments[] = {"update-ref", self->kept, self->tip, NULL};
    struct rcn_error err = RCN_ERROR_INIT;
    if (self->tip[0])
        (void)run_plain(self, arguments, &err);
}

static int fetch_commit(struct rcn_ledger_remote *self, struct rcn_error *err)
{
    const char *refspec =
        rcn_arena_printf(self->arena, "+%s:refs/audiencectl/fetched", self->branch);
    const char *const arguments[] = {
        "fetch",           "--quiet", "--no-tags", "--depth=1", "--no-write-fetch-head",
        self->url.address, refspec,   NULL};
    struct rcn_git_result result;
    int code = run(self, arguments, NULL, 0, true, &result, err);
    if (code > 0)
        rcn_git_fail(&self->access, &self->url, &result, err);
    rcn_git_result_release(&result);
    return code ? -1 : 0;
}

int rcn_ledger_remote_fetch(struct rcn_ledger_remote *self, struct rcn_error *err)
{
    char id[ID_SIZE];
    bool is_rebuilt = false;
    for (int tries = 0; tries < FETCH_TRIES; tries++) {
        if (ask_server(self, id, err))
            return -1;
        bool is_here = !id[0] || has_commit(self, id);
        if (is_here) {
            memcpy(self->tip, id, ID_SIZE);
            if (load_files(self, err) == 0) {
                keep_tip(self);
                return 0;
            }
        } else if (fetch_commit(self, err) == 0) {
            continue; /* what came may be newer than what was asked for: ask again */
        }
        if (err->kind == RCN_ERROR_INTERRUPTED || is_rebuilt || (!is_here && !is_damaged(self)) ||
            rebuild(self, err))
            return -1;
        is_rebuilt = true;
    }
    return rcn_error_set(err, RCN_ERROR_FAILED, "the branch of the ledger moves too fast to read");
}

int rcn_ledger_remote_read(struct rcn_ledger_remote *self, const char *path, struct rcn_buf *ret,
                           bool *ret_exists, struct rcn_error *err)
{
    const struct entry *entry = NULL;
    struct rcn_git_result result;
    *ret_exists = false;
    if (load_files(self, err))
        return -1;
    for (size_t i = 0; i < self->entry_count && !entry; i++)
        if (strcmp(self->entries[i].path, path) == 0)
            entry = &self->entries[i];
    if (!entry)
        return 0;
    *ret_exists = true;
    if (entry->bytes) {
        rcn_buf_add(ret, entry->bytes, entry->len);
    } else {
        const char *const show[] = {"cat-file", "blob", entry->id, NULL};
        int code = run_for_output(self, show, NULL, &result, err);
        if (code == 0)
            rcn_buf_add(ret, rcn_buf_get_str(&result.output), result.output.len);
        rcn_git_result_release(&result);
        if (code)
            return -1;
    }
    return ret->failed
               ? rcn_error_set(err, RCN_ERROR_FAILED, "'%s' in the ledger is too large", path)
               : 0;
}

int rcn_ledger_remote_list(struct rcn_ledger_remote *self, const char *folder,
                           struct rcn_arena *arena, const char *const **ret, size_t *ret_count,
                           struct rcn_error *err)
{
    *ret = NULL;
    *ret_count = 0;
    if (load_files(self, err))
        return -1;
    const char **paths = rcn_arena_calloc(arena, self->entry_count, sizeof *paths);
    for (size_t i = 0; i < self->entry_count; i++)
        if (strncmp(self->entries[i].path, folder, strlen(folder)) == 0)
            paths[(*ret_count)++] = rcn_arena_strdup(arena, self->entries[i].path);
    *ret = paths;
    return 0;
}

/* --- pushing --- */

/* The stream of fast-import that makes the commit and says its id. */
static void write_commit(const struct rcn_ledger_remote *self, const struct rcn_ledger_file *files,
                         size_t count, const char *message, struct rcn_buf *out)
{
    rcn_buf_printf(out,
                   "commit refs/audiencectl/pushed\nmark :1\n"
                   "committer audiencectl <audiencectl@localhost> %lld +0000\ndata %zu\n%s\n",
                   (long long)(rcn_clock_wall_ms() / 1000), strlen(message), message);
    if (self->tip[0])
        rcn_buf_printf(out, "from %s\n", self->tip);
    for (size_t i = 0; i < count; i++) {
        if (!files[i].bytes) {
            rcn_buf_printf(out, "D %s\n", files[i].path);
            continue;
        }
        rcn_buf_printf(out, "M 100644 inline %s\ndata %zu\n", files[i].path, files[i].len);
        rcn_buf_add(out, files[i].bytes, files[i].len);
        rcn_buf_add_char(out, '\n');
    }
    rcn_buf_add_str(out, "\nget-mark :1\ndone\n");
}

static int make_commit(struct rcn_ledger_remote *self, const struct rcn_ledger_file *files,
                       size_t count, const char *message, char ret_id[ID_SIZE],
                       struct rcn_error *err)
{
    const char *const arguments[] = {"fast-import", "--quiet", "--done", "--force", NULL};
    struct rcn_git_result result;
    struct rcn_buf stream;
    rcn_buf_init(&stream, MAX_OUTPUT);
    write_commit(self, files, count, message, &stream);
    int code = stream.failed ? rcn_error_set(err, RCN_ERROR_FAILED, "the ledger is too large") : 0;
    memset(&result, 0, sizeof result);
    if (code == 0)
        code = run(self, arguments, stream.data, stream.len, false, &result, err);
    if (code > 0)
        rcn_git_fail(&self->access, &self->url, &result, err);
    if (code == 0 && !take_id(&result.output, ret_id))
        code = rcn_error_set(err, RCN_ERROR_FAILED, "git fast-import did not name the commit");
    rcn_git_result_release(&result);
    rcn_buf_release(&stream);
    return code ? -1 : 0;
}

/* The server's own word about our ref, in the lines of --porcelain. */
static bool is_rejected(const struct rcn_buf *output)
{
    const char *text = rcn_buf_get_str(output);
    return strncmp(text, "!\t", 2) == 0 || strstr(text, "\n!\t");
}

/*
 * After a push that the server did not take: the branch moved, or it does not want the push at all.
 * A server that is busy with another push says no in the same words, so the branch decides.
 */
static enum rcn_ledger_push judge_rejected(struct rcn_ledger_remote *self, struct rcn_error *err)
{
    char id[ID_SIZE];
    struct rcn_error why = RCN_ERROR_INIT;
    if (ask_server(self, id, &why) == 0)
        return strcmp(id, self->tip) == 0 ? RCN_LEDGER_REFUSED : RCN_LEDGER_MOVED;
    *err = why;
    return RCN_LEDGER_REFUSED;
}

enum rcn_ledger_push rcn_ledger_remote_push(struct rcn_ledger_remote *self,
                                            const struct rcn_ledger_file *files, size_t count,
                                            const char *message, struct rcn_error *err)
{
    char id[ID_SIZE];
    if (make_commit(self, files, count, message, id, err))
        return RCN_LEDGER_REFUSED;
    const char *refspec = rcn_arena_printf(self->arena, "%s:%s", id, self->branch);
    const char *const arguments[] = {
        "push", "--porcelain", "--no-verify", "--no-follow-tags", self->url.address, refspec, NULL};
    enum rcn_ledger_push push = RCN_LEDGER_REFUSED;
    bool is_busy = true;
    for (int tries = 0; is_busy && tries < BUSY_TRIES; tries++) {
        const struct timespec pause = {.tv_nsec = tries ? BUSY_PAUSE_MS * 1000000L : 0};
        struct rcn_git_result result;
        nanosleep(&pause, NULL);
        int code = run(self, arguments, NULL, 0, true, &result, err);
        if (code > 0)
            rcn_git_fail(&self->access, &self->url, &result, err);
        is_busy = false;
        if (code == 0) {
            push = RCN_LEDGER_PUSHED;
        } else if (code > 0 && is_rejected(&result.output)) {
            push = judge_rejected(self, err);
            is_busy = push == RCN_LEDGER_REFUSED;
            rcn_error_set_hint(err,
                               "allow these credentials to push to '%s' on the server, or name "
                               "another repository or branch with --ledger",
                               self->branch);
        } else if (code > 0 && (result.http_status == 401 || result.http_status == 403)) {
            push = RCN_LEDGER_REFUSED; /* before any of it was read */
            rcn_error_set_hint(err, "these credentials may not push: on GitHub the token needs "
                                    "'contents: write', and a GitLab job token may push only where "
                                    "the project allows it");
        } else {
            push = RCN_LEDGER_UNKNOWN;
        }
        rcn_git_result_release(&result);
    }
    if (push == RCN_LEDGER_PUSHED) {
        memcpy(self->tip, id, ID_SIZE);
        keep_tip(self);
    }
    return push;
}
