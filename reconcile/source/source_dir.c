/* Manifests from files, directories and standard input. */
#include "source/source.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/file.h"
#include "base/memory.h"
#include "base/redact.h"
#include "base/strmap.h"

/* Paths, and the bytes of all files. */
#define MAX_ARENA_BYTES (RCN_SOURCE_MAX_BYTES + ((size_t)256 << 20))

/* One read of rcn_fd_read may go so far past the limit before anyone looks. */
enum { READ_SLACK = 1 << 17 };

/* A longer text is kept where it was read; short ones share memory, and the buf is used again. */

/* A file to be read. All are listed before the first is read, so that the texts never move: spans
 * point at them. */
struct entry {
    const char *path;  /* to open; `-`: standard input */
    const char *shown; /* the same as a reader of the repository writes it */
    bool named;
    bool leads_nowhere; /* a symlink that leads to no file of the directory */
    struct {
        uint64_t device;
        uint64_t inode;
    } id; /* zero: standard input */
};

struct loader {
    struct rcn_source *source;
    struct entry *entries; /* heap */
    size_t count;
    size_t capacity;
    const char *root; /* the directory that is being walked, with no symlink in it */
};

/* --- paths --- */

/* Without `.` and empty components, and `a/..` taken out; what is empty then is `.`. */
static const char *simplify(struct rcn_arena *arena, const char *path)
{
    size_t len = 0;
    char *out = rcn_arena_alloc(arena, strlen(path) + 2);
    size_t top = *path == '/' ? 1 : 0;
    size_t floor = top; /* what `..` cannot take out: the top, and leading `..` */
    if (top)
        out[len++] = '/';
    for (const char *at = path; *at;) {
        at += strspn(at, "/");
        size_t name = strcspn(at, "/");
        bool is_up = name == 2 && memcmp(at, "..", 2) == 0;
        if (is_up && len > floor) {
            while (len > floor && out[len - 1] != '/')
                len--;
            if (len > floor)
                len--;
        } else if (name && !(name == 1 && *at == '.')) {
            if (len > top)
                out[len++] = '/';
            memcpy(out + len, at, name);
            len += name;
            floor = is_up ? len : floor;
        }
        at += name;
    }
    if (len == 0 && *path)
        out[len++] = '.';
    out[len] = '\0';
    rcn_redact(out);
    return out;
}

static const char *join(struct rcn_arena *arena, const char *directory, const char *name)
{
    const char *slash = directory[strlen(directory) - 1] == '/' ? "" : "/";
    if (strcmp(directory, ".") == 0)
        return rcn_arena_strdup(arena, name);
    return rcn_arena_printf(arena, "%s%s%s", directory, slash, name);
}

/* --- the list of files --- */

static void add_unreadable(struct loader *loader, const char *shown, int error)
{
    char message[160];
    snprintf(message, sizeof message, "cannot read this: %s", strerror(error));
    rcn_source_add_problem(loader->source, "unreadable", shown, message, NULL);
}

static void add_entry(struct loader *loader, struct entry entry, const struct stat *status)
{
    if (loader->count == RCN_SOURCE_MAX_FILES) {
        loader->source->is_cut = true;
        rcn_source_add_problem(loader->source, "limit", entry.shown, "more than 100000 files",
                               "name the files or a smaller directory");
        return;
    }
    if (loader->count == loader->capacity) {
        loader->capacity = loader->capacity ? 2 * loader->capacity : 64;
        loader->entries = rcn_realloc(loader->entries, loader->capacity * sizeof entry);
    }
    if (status) {
        entry.id.device = (uint64_t)status->st_dev;
        entry.id.inode = (uint64_t)status->st_ino;
    }
    loader->entries[loader->count++] = entry;
}

/* Kubernetes mounts a ConfigMap as symlinks into a hidden directory beside them. */
static bool leads_inside(const struct loader *loader, const char *path, struct stat *status)
{
    size_t len = strlen(loader->root);
    if (stat(path, status) || !S_ISREG(status->st_mode))
        return false;
    char *real = realpath(path, NULL);
    bool is_inside = real && strncmp(loader->root, real, len) == 0 &&
                     (loader->root[len - 1] == '/' || real[len] == '/');
    free(real);
    return is_inside;
}

static void walk(struct loader *loader, const char *path, const char *shown, size_t depth)
{
    struct rcn_source *source = loader->source;
    if (depth > RCN_SOURCE_MAX_DEPTH) {
        rcn_source_add_problem(source, "limit", shown, "directories are nested deeper than 64",
                               NULL);
        return;
    }
    DIR *stream = opendir(path);
    if (!stream) {
        add_unreadable(loader, shown, errno);
        return;
    }
    while (!source->is_cut) {
        errno = 0;
        const struct dirent *item = readdir(stream);
        if (!item) {
            if (errno)
                add_unreadable(loader, shown, errno);
            break;
        }
        if (item->d_name[0] == '.')
            continue;
        struct stat status;
        bool is_yaml = rcn_source_is_yaml_name(item->d_name);
        struct entry entry = {.path = join(source->arena, path, item->d_name),
                              .shown = join(source->arena, shown, item->d_name)};
        if (lstat(entry.path, &status)) {
            if (is_yaml)
                add_unreadable(loader, entry.shown, errno);
        } else if (S_ISDIR(status.st_mode)) {
            walk(loader, entry.path, entry.shown, depth + 1);
        } else if (is_yaml) {
            entry.leads_nowhere =
                S_ISLNK(status.st_mode) && !leads_inside(loader, entry.path, &status);
            add_entry(loader, entry, &status);
        }
    }
    closedir(stream);
}

static int compare_entries(const void *left, const void *right)
{
    const struct entry *a = left;
    const struct entry *b = right;
    return strcmp(a->shown, b->shown);
}

static void add_operand(struct loader *loader, const char *path)
{
    struct stat status;
    size_t first = loader->count;
    struct entry entry = {
        .path = path, .shown = simplify(loader->source->arena, path), .named = true};
    if (strcmp(path, "-") == 0) {
        entry.shown = "<stdin>";
        for (size_t i = 0; i < loader->count; i++)
            if (!loader->entries[i].id.inode) {
                rcn_source_add_problem(loader->source, "unreadable", entry.shown,
                                       "standard input is named twice", NULL);
                return;
            }
        add_entry(loader, entry, NULL);
    } else if (stat(path, &status)) {
        add_unreadable(loader, entry.shown, errno);
    } else if (!S_ISDIR(status.st_mode)) {
        add_entry(loader, entry, &status);
    } else {
        char *root = realpath(path, NULL);
        loader->root = root;
        if (root)
            walk(loader, path, entry.shown, 1);
        else
            add_unreadable(loader, entry.shown, errno);
        free(root);
        if (loader->count > first)
            qsort(loader->entries + first, loader->count - first, sizeof entry, compare_entries);
    }
}

/*
 * Each real file once: under its first path (a symlink may lie beside its target, a file may be
 * named and lie in a named directory), and as a named one if any of its paths was named.
 */
static void drop_repeated(struct loader *loader)
{
    struct rcn_strmap *seen = rcn_strmap_new(loader->count);
    size_t kept = 0;
    for (size_t i = 0; i < loader->count; i++) {
        struct entry *entry = &loader->entries[kept];
        *entry = loader->entries[i];
        void **place = NULL;
        if (entry->id.inode && !entry->leads_nowhere)
            place = rcn_strmap_put(seen, (const char *)&entry->id, sizeof entry->id);
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
}

/* --- the bytes --- */

/* What is wrong with a file before anything of it is read; NULL: nothing. A FIFO that the user
 * names is what a shell makes of `<(command)`. */
static const char *find_fault(const struct stat *status, bool is_named, const char **ret_rule)
{
    *ret_rule = "unreadable";
    if (!S_ISREG(status->st_mode) && !(is_named && S_ISFIFO(status->st_mode)))
        return "this is not a regular file";
    *ret_rule = "limit";
    return status->st_size > RCN_SOURCE_MAX_FILE_BYTES ? "this file is larger than 64 MiB" : NULL;
}

static void load_entry(struct loader *loader, const struct entry *entry, struct rcn_buf *buf)
{
    struct rcn_source *source = loader->source;
    struct rcn_error problem = RCN_ERROR_INIT;
    struct stat status;
    const char *rule = "unreadable";
    const char *fault = NULL;
    if (entry->leads_nowhere) {
        rcn_source_add_skipped(source, entry->shown, "the link leads to no file of this directory");
        return;
    }
    bool is_input = !entry->id.inode;
    int fd = is_input ? STDIN_FILENO : rcn_file_open(entry->path, &status);
    if (fd < 0) {
        add_unreadable(loader, entry->shown, errno);
        return;
    }
    rcn_buf_clear(buf);
    if (!is_input)
        fault = find_fault(&status, entry->named, &rule);
    if (!fault) {
        int result = rcn_fd_read(fd, entry->shown, buf, &problem);
        bool is_large = buf->failed || buf->len > RCN_SOURCE_MAX_FILE_BYTES;
        rule = is_large ? "limit" : "unreadable";
        fault = is_large ? "this file is larger than 64 MiB" : result ? problem.message : NULL;
    }
    if (!is_input)
        close(fd);
    if (fault) {
        rcn_source_add_problem(source, rule, entry->shown, fault, NULL);
        return;
    }
    rcn_source_add(source, entry->shown, rcn_buf_get_str(buf), buf->len, entry->named);
}

/* `audiences/`, or `a.yaml and 3 more`. */
static const char *make_name(struct rcn_arena *arena, const char *const *paths, size_t count)
{
    const char *first = strcmp(paths[0], "-") == 0 ? "<stdin>" : simplify(arena, paths[0]);
    return count == 1 ? first : rcn_arena_printf(arena, "%s and %zu more", first, count - 1);
}

struct rcn_source *rcn_source_new_from_paths(const char *const *paths, size_t count,
                                             struct rcn_diags *diags)
{
    static const char *const here[] = {"."};
    struct loader loader = {.source = rcn_source_new(RCN_SOURCE_FILES, MAX_ARENA_BYTES, diags)};
    struct rcn_source *source = loader.source;
    if (!count) {
        paths = here;
        count = 1;
    }
    if (count == 1 && strcmp(paths[0], "-") == 0)
        source->kind = RCN_SOURCE_STDIN;
    source->name = make_name(source->arena, paths, count);
    for (size_t i = 0; i < count && !source->is_cut; i++)
        add_operand(&loader, paths[i]);
    drop_repeated(&loader);
    rcn_source_reserve(source, loader.count);
    struct rcn_buf buf;
    rcn_buf_init(&buf, RCN_SOURCE_MAX_FILE_BYTES + READ_SLACK);
    for (size_t i = 0; i < loader.count && !source->is_cut; i++)
        load_entry(&loader, &loader.entries[i], &buf);
    rcn_buf_release(&buf);
    free(loader.entries);
    rcn_source_finish(source, rcn_arena_printf(source->arena, "'%.200s'", source->name),
                      "a manifest is a file named *.yaml or *.yml; 'audiencectl export' writes "
                      "them from what is live");
    return source;
}
