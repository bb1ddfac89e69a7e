#include "apply/ledger_remote.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/memory.h"
#include "git/git_cache.h"
#include "git/git_program.h"
#include "git/git_url.h"

enum {
    MAX_OUTPUT = 64 << 20,
    ID_SIZE = 41,
    /* A server that is busy with another push to the branch answers like one that refuses ours. */
    BUSY_TRIES = 4,
    BUSY_PAUSE_MS = 300,
};

/* A file at the tip. */
struct entry {
    const char *path;
    const char *id;   /* of its blob */
    const char *text; /* NULL: not read yet, the log is only read when it is wanted */
    size_t len;
};

struct rcn_ledger_remote {
    struct rcn_arena *arena;
    struct rcn_git_access access;
    struct rcn_git_url url;
    const char *branch; /* the full name, refs/heads/... */
    struct rcn_git_cache cache;
    char tip[ID_SIZE]; /* "": the branch does not exist */
    struct rcn_arena *files;
    struct entry *entries; /* at the tip */
    size_t entry_count;
};

static const char fetched[] = "refs/audiencectl/fetched";

/* --- git --- */

/* One command in the repository, which is locked; url: it goes to the server. -1 and err when it
 * fails, in git's words. Its result is to be released in any case. */
static int run(struct rcn_ledger_remote *self, const char *const *arguments,
               const struct rcn_git_url *url, const struct rcn_buf *input,
               struct rcn_git_result *ret, struct rcn_error *err)
{
    const struct rcn_git_call call = {
        .arguments = arguments,
        .repository = self->cache.path,
        .url = url,
        .input = input ? rcn_buf_get_str(input) : NULL,
        .input_len = input ? input->len : 0,
        .max_output = MAX_OUTPUT,
    };
    int code = rcn_git_run(&self->access, &call, ret, err);
    if (code > 0)
        rcn_git_fail(&self->access, &self->url, ret, err);
    return code ? -1 : 0;
}

/* The same for a command that says nothing of use. */
static int run_plain(struct rcn_ledger_remote *self, const char *const *arguments,
                     struct rcn_error *err)
{
    struct rcn_git_result result;
    int code = run(self, arguments, NULL, NULL, &result, err);
    rcn_git_result_release(&result);
    return code;
}

/* The same for one that prints an id. */
static int run_for_id(struct rcn_ledger_remote *self, const char *const *arguments,
                      const struct rcn_buf *input, char ret[ID_SIZE], struct rcn_error *err)
{
    struct rcn_git_result result;
    int code = run(self, arguments, NULL, input, &result, err);
    const char *text = rcn_buf_get_str(&result.output);
    if (!code && strspn(text, "0123456789abcdef") != ID_SIZE - 1)
        code = rcn_error_set(err, RCN_ERROR_FAILED, "git %s did not name a commit", arguments[0]);
    snprintf(ret, ID_SIZE, "%s", code ? "" : text);
    rcn_git_result_release(&result);
    return code;
}

/* Other processes of this machine use the repository, too, and are waited for. */
static int lock(struct rcn_ledger_remote *self, struct rcn_error *err)
{
    struct rcn_git_access patient = self->access;
    patient.timeout_ms = 0;
    return rcn_git_cache_lock(&self->cache, &patient, err);
}

/* --- the files at the tip --- */

static bool is_log(const struct entry *entry)
{
    return strstr(entry->path, "/log/") != NULL;
}

/* `100644 blob ID\tPATH` and a NUL, for each file. */
static void take_entries(struct rcn_ledger_remote *self, const struct rcn_buf *output)
{
    size_t most = 0;
    for (size_t i = 0; i < output->len; i++)
        most += output->data[i] == '\0';
    self->entries = rcn_arena_calloc(self->files, most, sizeof *self->entries);
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
        if (is_log(entry))
            continue;
        const char *head = rcn_arena_printf(self->files, "%s blob ", entry->id);
        const char *line_end = strchr(at, '\n');
        const bool is_there = line_end && strncmp(at, head, strlen(head)) == 0;
        const size_t size = is_there ? strtoull(at + strlen(head), NULL, 10) : 0;
        if (!is_there || size >= (size_t)(end - line_end - 1))
            return rcn_error_set(err, RCN_ERROR_FAILED, "'%s' is missing in the copy of the ledger",
                                 entry->path);
        entry->text = rcn_arena_strndup(self->files, line_end + 1, size);
        entry->len = size;
        at = line_end + 1 + size + 1;
    }
    return 0;
}

/*
 * Makes the commit the tip: reads which files it has, and all but the log. So a file that cannot be
 * read is an error, and never taken for one that does not exist.
 */
static int take_tip(struct rcn_ledger_remote *self, const char *id, struct rcn_error *err)
{
    const char *const list[] = {"ls-tree", "-r", "-z", id, NULL};
    const char *const show[] = {"cat-file", "--batch", NULL};
    struct rcn_git_result result;
    struct rcn_buf wanted;
    if (id[0] && strcmp(id, self->tip) == 0)
        return 0;
    rcn_arena_free(self->files);
    self->files = rcn_arena_new(SIZE_MAX);
    self->entry_count = 0;
    self->tip[0] = '\0';
    if (!id[0])
        return 0;
    int code = run(self, list, NULL, NULL, &result, err);
    if (!code)
        take_entries(self, &result.output);
    rcn_git_result_release(&result);
    if (code)
        return -1;
    rcn_buf_init(&wanted, MAX_OUTPUT);
    for (size_t i = 0; i < self->entry_count; i++)
        if (!is_log(&self->entries[i]))
            rcn_buf_printf(&wanted, "%s\n", self->entries[i].id);
    code = run(self, show, NULL, &wanted, &result, err);
    if (!code)
        code = take_contents(self, &result.output, err);
    rcn_git_result_release(&result);
    rcn_buf_release(&wanted);
    if (!code)
        memcpy(self->tip, id, ID_SIZE);
    return code;
}

/* --- the repository --- */

static bool is_damaged(struct rcn_ledger_remote *self)
{
    const char *const arguments[] = {"fsck", "--connectivity-only", "--no-dangling", NULL};
    struct rcn_error err = RCN_ERROR_INIT;
    return run_plain(self, arguments, &err) && err.kind != RCN_ERROR_INTERRUPTED;
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
    self->arena = rcn_arena_new(SIZE_MAX);
    self->files = rcn_arena_new(SIZE_MAX);
    self->access = *access;
    self->cache.lock_fd = -1;
    if (take_location(self, location, err) == 0 &&
        rcn_git_cache_open(&self->cache, cache_dir,
                           rcn_arena_printf(self->arena, "%s#%s", self->url.address, self->branch),
                           err) == 0) {
        self->access.alive_fd = self->cache.lock_fd;
        return self;
    }
    rcn_ledger_remote_free(self);
    return NULL;
}

void rcn_ledger_remote_free(struct rcn_ledger_remote *self)
{
    if (!self)
        return;
    rcn_git_cache_close(&self->cache);
    rcn_git_url_release(&self->url);
    rcn_arena_free(self->files);
    rcn_arena_free(self->arena);
    free(self);
}

const char *rcn_ledger_remote_get_tip(const struct rcn_ledger_remote *self)
{
    return self->tip[0] ? self->tip : NULL;
}

/* In the file of the lock: the repository can be lost at any time. */
int64_t rcn_ledger_remote_get_reached(const struct rcn_ledger_remote *self)
{
    char text[32] = "";
    ssize_t len = pread(self->cache.lock_fd, text, sizeof text - 1, 0);
    return len > 0 ? strtoll(text, NULL, 10) : 0;
}

void rcn_ledger_remote_set_reached(struct rcn_ledger_remote *self, int64_t reached)
{
    char text[32];
    int len = snprintf(text, sizeof text, "%lld\n", (long long)reached);
    if (reached > rcn_ledger_remote_get_reached(self))
        (void)!pwrite(self->cache.lock_fd, text, (size_t)len, 0);
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

/* What comes may be newer than what the server has just said. */
static int fetch_tip(struct rcn_ledger_remote *self, struct rcn_error *err)
{
    const char *const name[] = {"rev-parse", "--verify", fetched, NULL};
    char id[ID_SIZE];
    return rcn_git_cache_make(&self->cache, &self->access, err) ||
                   rcn_git_remote_fetch(&self->access, &self->url, self->cache.path, self->branch,
                                        fetched, err) ||
                   run_for_id(self, name, NULL, id, err) || take_tip(self, id, err)
               ? -1
               : 0;
}

int rcn_ledger_remote_fetch(struct rcn_ledger_remote *self, struct rcn_error *err)
{
    char id[ID_SIZE];
    struct rcn_error why = RCN_ERROR_INIT;
    if (lock(self, err))
        return -1;
    int result = rcn_git_cache_tidy(&self->cache, err) ||
                         rcn_git_cache_make(&self->cache, &self->access, err) ||
                         ask_server(self, id, err)
                     ? -1
                     : 0;
    if (!result && take_tip(self, id, &why) && fetch_tip(self, &why)) {
        const bool is_new = is_damaged(self) && rcn_git_cache_reset(&self->cache, &why) == 0;
        result = is_new ? fetch_tip(self, err) : -1;
        if (!is_new)
            *err = why;
    }
    rcn_git_cache_unlock(&self->cache);
    return result;
}

static struct entry *find_entry(const struct rcn_ledger_remote *self, const char *path)
{
    for (size_t i = 0; i < self->entry_count; i++)
        if (strcmp(self->entries[i].path, path) == 0)
            return &self->entries[i];
    return NULL;
}

int rcn_ledger_remote_read(struct rcn_ledger_remote *self, const char *path, const char **ret,
                           struct rcn_error *err)
{
    struct entry *entry = find_entry(self, path);
    *ret = NULL;
    if (!entry)
        return 0;
    if (!entry->text) {
        const char *const show[] = {"cat-file", "blob", entry->id, NULL};
        struct rcn_git_result result;
        if (lock(self, err))
            return -1;
        int code = run(self, show, NULL, NULL, &result, err);
        rcn_git_cache_unlock(&self->cache);
        if (code) /* another process has emptied the copy: the next fetch mends it */
            self->tip[0] = '\0';
        else
            entry->text =
                rcn_arena_strndup(self->files, rcn_buf_get_str(&result.output), result.output.len);
        entry->len = result.output.len;
        rcn_git_result_release(&result);
        if (code)
            return -1;
    }
    /* What comes after it would be read as missing. */
    if (strlen(entry->text) != entry->len)
        return rcn_error_set(err, RCN_ERROR_REFUSED, "'%s' of the ledger is damaged: it has a NUL",
                             path);
    *ret = entry->text;
    return 0;
}

size_t rcn_ledger_remote_list(const struct rcn_ledger_remote *self, const char *folder,
                              struct rcn_arena *arena, const char *const **ret)
{
    const char **paths = rcn_arena_calloc(arena, self->entry_count, sizeof *paths);
    size_t count = 0;
    for (size_t i = 0; i < self->entry_count; i++)
        if (strncmp(self->entries[i].path, folder, strlen(folder)) == 0)
            paths[count++] = rcn_arena_strdup(arena, self->entries[i].path);
    *ret = paths;
    return count;
}

/* --- pushing --- */

static int make_commit(struct rcn_ledger_remote *self, const struct rcn_ledger_file *files,
                       size_t count, const char *message, char ret_id[ID_SIZE],
                       struct rcn_error *err)
{
    const char *const arguments[] = {"fast-import", "--quiet", "--done", "--force", NULL};
    struct rcn_buf stream;
    rcn_buf_init(&stream, MAX_OUTPUT);
    rcn_buf_printf(&stream,
                   "commit refs/audiencectl/pushed\nmark :1\n"
                   "committer audiencectl <audiencectl@localhost> %lld +0000\ndata %zu\n%s\n",
                   (long long)(rcn_clock_wall_ms() / 1000), strlen(message), message);
    if (self->tip[0])
        rcn_buf_printf(&stream, "from %s\n", self->tip);
    for (size_t i = 0; i < count; i++)
        rcn_buf_printf(&stream, "M 100644 inline %s\ndata %zu\n%s\n", files[i].path,
                       strlen(files[i].text), files[i].text);
    rcn_buf_add_str(&stream, "\nget-mark :1\ndone\n");
    int code = stream.failed ? rcn_error_set(err, RCN_ERROR_FAILED, "the ledger is too large")
                             : run_for_id(self, arguments, &stream, ret_id, err);
    rcn_buf_release(&stream);
    return code;
}

/* The files of a commit that was pushed, without reading them back. */
static void take_files(struct rcn_ledger_remote *self, const struct rcn_ledger_file *files,
                       size_t count)
{
    struct entry *entries =
        rcn_arena_calloc(self->files, self->entry_count + count, sizeof *entries);
    if (self->entry_count)
        memcpy(entries, self->entries, self->entry_count * sizeof *entries);
    self->entries = entries;
    for (size_t i = 0; i < count; i++) {
        struct entry *entry = find_entry(self, files[i].path);
        if (!entry)
            entry = &entries[self->entry_count++];
        *entry = (struct entry){.path = rcn_arena_strdup(self->files, files[i].path),
                                .text = rcn_arena_strdup(self->files, files[i].text),
                                .len = strlen(files[i].text)};
    }
}

static enum rcn_ledger_push push_commit(struct rcn_ledger_remote *self, const char *id,
                                        struct rcn_error *err)
{
    const char *refspec = rcn_arena_printf(self->arena, "%s:%s", id, self->branch);
    const char *const arguments[] = {
        "push", "--porcelain", "--no-verify", "--no-follow-tags", self->url.address, refspec, NULL};
    const char *advice = rcn_arena_printf(self->arena,
                                          "check that these credentials may push to '%s' on the "
                                          "server, or name another repository or branch with "
                                          "--ledger",
                                          self->branch);
    for (int tries = 1;; tries++) {
        const struct timespec pause = {.tv_nsec = BUSY_PAUSE_MS * 1000000L};
        struct rcn_git_result result;
        struct rcn_error why = RCN_ERROR_INIT;
        char at[ID_SIZE];
        const int code = run(self, arguments, &self->url, NULL, &result, err);
        /* The server's own word about our ref, in the lines of --porcelain. */
        const char *text = rcn_buf_get_str(&result.output);
        const bool is_answered = strncmp(text, "!\t", 2) == 0 || strstr(text, "\n!\t");
        const int status = result.http_status;
        rcn_git_result_release(&result);
        if (!code)
            return RCN_LEDGER_PUSHED;
        if (!is_answered && (status == 401 || status == 403)) { /* before any of it was read */
            rcn_error_set_hint(err, "these credentials may not push: on GitHub the token needs "
                                    "'contents: write', and a GitLab job token may push only where "
                                    "the project allows it");
            return RCN_LEDGER_REFUSED;
        }
        if (!is_answered) {
            if (!status)
                rcn_error_set_hint(err, "%s", advice);
            return RCN_LEDGER_UNKNOWN;
        }
        /* The branch has moved, or it does not want the push at all. A server that is busy with
         * another push says no in the same words, so the branch decides. */
        const bool is_asked = ask_server(self, at, &why) == 0;
        if (!is_asked)
            *err = why;
        rcn_error_set_hint(err, "%s", advice);
        if (is_asked && strcmp(at, self->tip) != 0)
            return RCN_LEDGER_MOVED;
        if (tries == BUSY_TRIES)
            return RCN_LEDGER_REFUSED;
        nanosleep(&pause, NULL);
    }
}

/* The commit on the tip. Another process of this machine may have emptied the repository. */
static enum rcn_ledger_push commit(struct rcn_ledger_remote *self,
                                   const struct rcn_ledger_file *files, size_t count,
                                   const char *message, char ret_id[ID_SIZE], struct rcn_error *err)
{
    char tip[ID_SIZE];
    struct rcn_error why = RCN_ERROR_INIT;
    memcpy(tip, self->tip, ID_SIZE);
    if (rcn_git_cache_make(&self->cache, &self->access, err))
        return RCN_LEDGER_REFUSED;
    if (make_commit(self, files, count, message, ret_id, err) == 0)
        return RCN_LEDGER_PUSHED;
    if (!tip[0] || fetch_tip(self, &why))
        return RCN_LEDGER_REFUSED;
    if (strcmp(tip, self->tip) != 0)
        return RCN_LEDGER_MOVED;
    return make_commit(self, files, count, message, ret_id, err) ? RCN_LEDGER_REFUSED
                                                                 : RCN_LEDGER_PUSHED;
}

enum rcn_ledger_push rcn_ledger_remote_push(struct rcn_ledger_remote *self,
                                            const struct rcn_ledger_file *files, size_t count,
                                            const char *message, struct rcn_error *err)
{
    char id[ID_SIZE];
    if (lock(self, err))
        return RCN_LEDGER_REFUSED;
    enum rcn_ledger_push push = commit(self, files, count, message, id, err);
    if (push == RCN_LEDGER_PUSHED)
        push = push_commit(self, id, err);
    rcn_git_cache_unlock(&self->cache);
    if (push == RCN_LEDGER_PUSHED) {
        take_files(self, files, count);
        memcpy(self->tip, id, ID_SIZE);
    }
    return push;
}
