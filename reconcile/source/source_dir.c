/* Manifests from files, directories and standard input. */
#include "source/source.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/file.h"
#include "base/strmap.h"

/* Paths, and the bytes of all files. */
#define MAX_ARENA_BYTES (RCN_SOURCE_MAX_BYTES + ((size_t)256 << 20))

/* One read of rcn_fd_read may go so far past the limit before anyone looks. */
enum { READ_SLACK = 1 << 17 };

/* A file to be read. Paths are listed whole first, so that the texts never move: spans point at
 * them. */
struct entry {
    const char *path; /* as shown to people */
    bool named;
    bool passed_over; /* a symlink that leads nowhere, or out of the directory */
    struct {
        uint64_t device;
        uint64_t inode;
    } id; /* zero: standard input */
};

struct loader {
    struct rcn_source *source;
    struct rcn_diags *diags;
    struct rcn_error *err;
    struct entry *entries; /* heap, grows */
    size_t count;
    size_t capacity;
    const char *root; /* the directory that is being walked, with no symlink in it */
    size_t total_bytes;
    bool had_problem;
    bool stopped; /* a limit on the whole is passed: said once */
};

static struct rcn_span whole_text(const struct rcn_text *text)
{
    return (struct rcn_span){.text = text};
}

/* A problem with a path that has no text: only the path is shown. */
static int add_problem(struct loader *loader, const char *rule, const char *path,
                       const char *message, const char *hint)
{
    struct rcn_text *text = rcn_arena_alloc(loader->source->arena, sizeof *text);
    char *copy = rcn_arena_strdup(loader->source->arena, path);
    if (!text || !copy)
        return rcn_error_no_memory(loader->err);
    text->path = copy;
    loader->had_problem = true;
    struct rcn_diag *diag = rcn_diags_error(loader->diags, rule, whole_text(text), "%s", message);
    if (hint)
        rcn_diag_set_hint(loader->diags, diag, "%s", hint);
    return 0;
}

static int add_unreadable(struct loader *loader, const char *path, int error)
{
    char message[160];
    if (error == ENOMEM)
        return rcn_error_no_memory(loader->err);
    snprintf(message, sizeof message, "cannot read this: %s", strerror(error));
    return add_problem(loader, "unreadable", path, message, NULL);
}

static int stop_at_limit(struct loader *loader, const char *path, const char *message)
{
    loader->stopped = true;
    return add_problem(loader, "limit", path, message, "name the files or a smaller directory");
}

/* --- the list of files --- */

static int add_entry(struct loader *loader, struct entry entry, const struct stat *status)
{
    if (loader->count == RCN_SOURCE_MAX_FILES)
        return stop_at_limit(loader, entry.path, "more than 100000 files");
    if (loader->count == loader->capacity) {
        size_t capacity = loader->capacity ? 2 * loader->capacity : 64;
        struct entry *entries = realloc(loader->entries, capacity * sizeof *entries);
        if (!entries)
            return rcn_error_no_memory(loader->err);
        loader->entries = entries;
        loader->capacity = capacity;
    }
    entry.path = rcn_arena_strdup(loader->source->arena, entry.path);
    if (!entry.path)
        return rcn_error_no_memory(loader->err);
    if (status) {
        entry.id.device = (uint64_t)status->st_dev;
        entry.id.inode = (uint64_t)status->st_ino;
    }
    loader->entries[loader->count++] = entry;
    return 0;
}

/* `audiences/` and `audiences//` are `audiences`; what lies in `.` has no `./` before it. */
static char *join(const char *directory, const char *name)
{
    size_t len = strlen(directory);
    while (len > 1 && directory[len - 1] == '/')
        len--;
    bool here = len == 1 && directory[0] == '.';
    bool top = len == 1 && directory[0] == '/';
    size_t size = len + strlen(name) + 2;
    char *path = malloc(size);
    if (path)
        snprintf(path, size, "%.*s%s%s", here ? 0 : (int)len, directory, here || top ? "" : "/",
                 name);
    return path;
}

static bool is_inside(const char *root, const char *path)
{
    size_t len = strlen(root);
    return strncmp(root, path, len) == 0 && (root[len - 1] == '/' || path[len] == '/');
}

/* Kubernetes mounts a ConfigMap as symlinks into a hidden directory beside them. */
static int judge_symlink(struct loader *loader, struct entry *entry, struct stat *status)
{
    entry->passed_over = true;
    if (stat(entry->path, status) || !S_ISREG(status->st_mode))
        return 0;
    char *real = realpath(entry->path, NULL);
    if (!real && errno == ENOMEM)
        return rcn_error_no_memory(loader->err);
    entry->passed_over = !real || !is_inside(loader->root, real);
    free(real);
    return 0;
}

static int walk(struct loader *loader, const char *directory, size_t depth);

static int visit(struct loader *loader, const char *path, const char *name, size_t depth)
{
    struct stat status;
    if (lstat(path, &status))
        return rcn_source_is_yaml_name(name) ? add_unreadable(loader, path, errno) : 0;
    if (S_ISDIR(status.st_mode))
        return walk(loader, path, depth + 1);
    if (!rcn_source_is_yaml_name(name))
        return 0;
    struct entry entry = {.path = path};
    if (S_ISLNK(status.st_mode) && judge_symlink(loader, &entry, &status))
        return -1;
    return add_entry(loader, entry, &status);
}

static int walk(struct loader *loader, const char *directory, size_t depth)
{
    if (depth > RCN_SOURCE_MAX_DEPTH)
        return add_problem(loader, "limit", directory, "directories are nested deeper than 64",
                           NULL);
    DIR *stream = opendir(directory);
    if (!stream)
        return add_unreadable(loader, directory, errno);
    int result = 0;
    while (!result && !loader->stopped) {
        errno = 0;
        const struct dirent *item = readdir(stream);
        if (!item) {
            if (errno)
                result = add_unreadable(loader, directory, errno);
            break;
        }
        if (item->d_name[0] == '.')
            continue;
        char *path = join(directory, item->d_name);
        result = path ? visit(loader, path, item->d_name, depth) : rcn_error_no_memory(loader->err);
        free(path);
    }
    closedir(stream);
    return result;
}

static int compare_entries(const void *left, const void *right)
{
    const struct entry *a = left;
    const struct entry *b = right;
    return strcmp(a->path, b->path);
}

static int add_directory(struct loader *loader, const char *path)
{
    size_t first = loader->count;
    char *root = realpath(path, NULL);
    if (!root)
        return add_unreadable(loader, path, errno);
    loader->root = root;
    int result = walk(loader, path, 1);
    loader->root = NULL;
    free(root);
    if (loader->count > first)
        qsort(loader->entries + first, loader->count - first, sizeof *loader->entries,
              compare_entries);
    return result;
}

static int add_path(struct loader *loader, const char *path)
{
    struct entry entry = {.path = path, .named = true};
    struct stat status;
    if (strcmp(path, "-") == 0)
        return add_entry(loader, entry, NULL);
    if (stat(path, &status))
        return add_unreadable(loader, path, errno);
    return S_ISDIR(status.st_mode) ? add_directory(loader, path)
                                   : add_entry(loader, entry, &status);
}

/*
 * Each real file once: under its first path (a symlink may stand beside its target, a file may be
 * named and lie in a named directory), and as a named one if any of its paths was named.
 */
static int drop_repeated(struct loader *loader)
{
    struct rcn_strmap *seen = rcn_strmap_new(loader->count);
    if (!seen)
        return rcn_error_no_memory(loader->err);
    size_t kept = 0;
    int result = 0;
    for (size_t i = 0; i < loader->count && !result; i++) {
        struct entry *entry = &loader->entries[kept];
        *entry = loader->entries[i];
        void **place = NULL;
        if (entry->id.inode && !entry->passed_over) {
            place = rcn_strmap_put(seen, (const char *)&entry->id, sizeof entry->id);
            if (!place)
                result = rcn_error_no_memory(loader->err);
        }
        if (place && *place) {
            ((struct entry *)*place)->named |= entry->named;
            continue;
        }
        if (place)
            *place = entry;
        kept++;
    }
    loader->count = kept;
    rcn_strmap_free(seen);
    return result;
}

/* --- the bytes --- */

/* Says what is wrong with a file before anything of it is read; NULL: nothing. */
static const char *find_fault(const struct stat *status, const char **ret_rule)
{
    *ret_rule = "unreadable";
    if (!S_ISREG(status->st_mode))
        return "this is not a regular file";
    *ret_rule = "limit";
    return status->st_size > RCN_SOURCE_MAX_FILE_BYTES ? "this file is larger than 64 MiB" : NULL;
}

/* Reads all of fd into buf. 1: a problem was told. */
static int read_bytes(struct loader *loader, int fd, const char *path, struct rcn_buf *buf)
{
    struct rcn_error problem = RCN_ERROR_INIT;
    int result = rcn_fd_read(fd, path, buf, &problem);
    if (buf->len > RCN_SOURCE_MAX_FILE_BYTES)
        return add_problem(loader, "limit", path, "this file is larger than 64 MiB", NULL) ? -1 : 1;
    if (buf->failed)
        return rcn_error_no_memory(loader->err);
    if (!result)
        return 0;
    return add_problem(loader, "unreadable", path, problem.message, NULL) ? -1 : 1;
}

static int read_file(struct loader *loader, const struct entry *entry, struct rcn_buf *buf)
{
    /* Non-blocking, so that opening a FIFO returns; regular files do not care. */
    int fd = open(entry->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (fd < 0)
        return add_unreadable(loader, entry->path, errno) ? -1 : 1;
    struct stat status;
    const char *rule;
    const char *fault = NULL;
    int result;
    if (fstat(fd, &status)) {
        result = add_unreadable(loader, entry->path, errno) ? -1 : 1;
    } else if ((fault = find_fault(&status, &rule))) {
        result = add_problem(loader, rule, entry->path, fault, NULL) ? -1 : 1;
    } else {
        result = read_bytes(loader, fd, entry->path, buf);
    }
    close(fd);
    return result;
}

static int keep_text(struct loader *loader, const struct entry *entry, bool *named,
                     const struct rcn_buf *buf)
{
    struct rcn_source *source = loader->source;
    if (buf->len > RCN_SOURCE_MAX_BYTES - loader->total_bytes)
        return stop_at_limit(loader, entry->path, "all files together are larger than 512 MiB");
    loader->total_bytes += buf->len;
    const char *bytes = rcn_arena_strndup(source->arena, rcn_buf_get_str(buf), buf->len);
    if (!bytes)
        return rcn_error_no_memory(loader->err);
    named[source->count] = entry->named;
    source->texts[source->count++] =
        (struct rcn_text){.path = entry->path, .bytes = bytes, .len = buf->len};
    return 0;
}

/* Reads one entry: a text, a skipped path, a diagnostic, or (read before) nothing. */
static int load_entry(struct loader *loader, const struct entry *entry, bool *named,
                      struct rcn_buf *buf)
{
    static const struct entry standard_input = {.path = "<stdin>", .named = true};
    struct rcn_source *source = loader->source;
    int result;
    rcn_buf_clear(buf);
    if (entry->passed_over) {
        source->skipped[source->skipped_count++] = entry->path;
        return 0;
    }
    if (strcmp(entry->path, "-") == 0) {
        entry = &standard_input;
        result = read_bytes(loader, STDIN_FILENO, entry->path, buf);
    } else {
        result = read_file(loader, entry, buf);
    }
    if (result)
        return result < 0 ? -1 : 0;
    if (entry->named || rcn_source_looks_like_manifest(rcn_buf_get_str(buf), buf->len))
        return keep_text(loader, entry, named, buf);
    source->skipped[source->skipped_count++] = entry->path;
    return 0;
}

static int load_entries(struct loader *loader)
{
    struct rcn_source *source = loader->source;
    struct rcn_buf buf;
    bool *named = rcn_arena_calloc(source->arena, loader->count + 1, sizeof *named);
    source->texts = rcn_arena_calloc(source->arena, loader->count + 1, sizeof *source->texts);
    source->skipped = rcn_arena_calloc(source->arena, loader->count + 1, sizeof *source->skipped);
    if (!named || !source->texts || !source->skipped)
        return rcn_error_no_memory(loader->err);
    source->named = named;
    rcn_buf_init(&buf, RCN_SOURCE_MAX_FILE_BYTES + READ_SLACK);
    int result = 0;
    for (size_t i = 0; i < loader->count && !result && !loader->stopped; i++)
        result = load_entry(loader, &loader->entries[i], named, &buf);
    rcn_buf_release(&buf);
    return result;
}

/* --- the whole --- */

/* `audiences/`, or `a.yaml, b.yaml and 3 more`. */
static const char *make_name(struct rcn_arena *arena, const char *const *paths, size_t count)
{
    const char *first = strcmp(paths[0], "-") == 0 ? "<stdin>" : paths[0];
    if (count == 1)
        return rcn_arena_strdup(arena, first);
    return rcn_arena_printf(arena, "%s and %zu more", first, count - 1);
}

static int check_found(struct loader *loader)
{
    const struct rcn_source *source = loader->source;
    if (source->count || loader->had_problem)
        return 0;
    struct rcn_diag *diag = rcn_diags_error(loader->diags, "no-manifest", (struct rcn_span){0},
                                            "no manifest found in '%.200s'", source->name);
    if (source->skipped_count)
        rcn_diag_set_hint(loader->diags, diag,
                          "YAML files there: %zu, but none holds 'apiVersion: audiencectl/v1'",
                          source->skipped_count);
    else
        rcn_diag_set_hint(loader->diags, diag, "a manifest is a file named *.yaml or *.yml");
    return 0;
}

static int load(struct loader *loader, const char *const *paths, size_t count)
{
    struct rcn_source *source = loader->source;
    bool only_input = count == 1 && strcmp(paths[0], "-") == 0;
    bool had_input = false;
    source->kind = only_input ? RCN_SOURCE_STDIN : RCN_SOURCE_FILES;
    source->diags = loader->diags;
    source->name = make_name(source->arena, paths, count);
    if (!source->name)
        return rcn_error_no_memory(loader->err);
    for (size_t i = 0; i < count && !loader->stopped; i++) {
        bool is_input = strcmp(paths[i], "-") == 0;
        int result = is_input && had_input ? add_problem(loader, "unreadable", "<stdin>",
                                                         "standard input is named twice", NULL)
                                           : add_path(loader, paths[i]);
        if (result)
            return -1;
        had_input |= is_input;
    }
    if (drop_repeated(loader) || load_entries(loader) || check_found(loader))
        return -1;
    return rcn_source_set_digest(source, loader->err);
}

struct rcn_source *rcn_source_new_from_paths(const char *const *paths, size_t count,
                                             struct rcn_diags *diags, struct rcn_error *err)
{
    static const char *const here[] = {"."};
    struct loader loader = {.diags = diags, .err = err};
    int result = -1;
    loader.source = calloc(1, sizeof *loader.source);
    if (loader.source)
        loader.source->arena = rcn_arena_new(MAX_ARENA_BYTES);
    if (!loader.source || !loader.source->arena)
        rcn_error_no_memory(err);
    else
        result = count ? load(&loader, paths, count) : load(&loader, here, 1);
    free(loader.entries);
    if (!result)
        return loader.source;
    rcn_source_free(loader.source);
    return NULL;
}
