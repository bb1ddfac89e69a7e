/* Manifests from files, directories and standard input. */
#include "source/source.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/file.h"
#include "base/redact.h"

/* Paths, and the bytes of all files. */
#define MAX_ARENA_BYTES (RCN_SOURCE_MAX_BYTES + ((size_t)256 << 20))

static const char in_shown[] = "<stdin>";

static bool is_input(const char *path)
{
    return strcmp(path, "-") == 0;
}

/* As a reader of the repository writes it. */
static const char *show_path(struct rcn_arena *arena, const char *path)
{
    char *shown = rcn_source_simplify_path(arena, path);
    rcn_redact(shown);
    return shown;
}

static const char *join(struct rcn_arena *arena, const char *directory, const char *name)
{
    const char *slash = directory[strlen(directory) - 1] == '/' ? "" : "/";
    if (strcmp(directory, ".") == 0)
        return rcn_arena_strdup(arena, name);
    return rcn_arena_printf(arena, "%s%s%s", directory, slash, name);
}

/* --- the list of files --- */

static void add_unreadable(struct rcn_source *source, const char *shown, int error)
{
    rcn_source_add_problem(source, "unreadable", shown, "cannot read this: %s", strerror(error));
}

/* status NULL: standard input, or a symlink that leads to no file of the directory. */
static void add_entry(struct rcn_source *source, const char *path, const char *shown, bool is_named,
                      const struct stat *status)
{
    struct rcn_source_file file = {.path = path, .shown = shown, .is_named = is_named};
    if (status)
        file.key = rcn_arena_printf(source->arena, "%ju %ju", (uintmax_t)status->st_dev,
                                    (uintmax_t)status->st_ino);
    rcn_source_list(source, file);
}

/* Kubernetes mounts a ConfigMap as symlinks into a hidden directory beside them. */
static bool leads_inside(const char *root, const char *path, struct stat *status)
{
    size_t len = strlen(root);
    if (stat(path, status) || !S_ISREG(status->st_mode))
        return false;
    char *real = realpath(path, NULL);
    bool is_inside =
        real && strncmp(root, real, len) == 0 && (root[len - 1] == '/' || real[len] == '/');
    free(real);
    return is_inside;
}

/* root: the operand, with no symlink in it. */
static void walk(struct rcn_source *source, const char *root, const char *path, const char *shown,
                 size_t depth)
{
    if (depth > RCN_SOURCE_MAX_DEPTH) {
        rcn_source_add_problem(source, "limit", shown, "directories are nested deeper than 64");
        return;
    }
    DIR *stream = opendir(path);
    if (!stream) {
        add_unreadable(source, shown, errno);
        return;
    }
    while (!source->is_cut) {
        errno = 0;
        const struct dirent *item = readdir(stream);
        if (!item) {
            if (errno)
                add_unreadable(source, shown, errno);
            break;
        }
        if (item->d_name[0] == '.')
            continue;
        struct stat status;
        bool is_yaml = rcn_source_is_yaml_name(item->d_name);
        const char *file = join(source->arena, path, item->d_name);
        const char *file_shown = join(source->arena, shown, item->d_name);
        if (lstat(file, &status)) {
            if (is_yaml)
                add_unreadable(source, file_shown, errno);
        } else if (S_ISDIR(status.st_mode)) {
            walk(source, root, file, file_shown, depth + 1);
        } else if (is_yaml) {
            bool is_there = !S_ISLNK(status.st_mode) || leads_inside(root, file, &status);
            add_entry(source, file, file_shown, false, is_there ? &status : NULL);
        }
    }
    closedir(stream);
}

static void add_operand(struct rcn_source *source, const char *path)
{
    struct stat status;
    size_t first = source->file_count;
    const char *shown = show_path(source->arena, path);
    if (is_input(path)) {
        for (size_t i = 0; i < source->file_count; i++)
            if (is_input(source->files[i].path)) {
                rcn_source_add_problem(source, "unreadable", in_shown,
                                       "standard input is named twice");
                return;
            }
        add_entry(source, path, in_shown, true, NULL);
    } else if (stat(path, &status)) {
        add_unreadable(source, shown, errno);
    } else if (!S_ISDIR(status.st_mode)) {
        add_entry(source, path, shown, true, &status);
    } else {
        char *root = realpath(path, NULL);
        if (root)
            walk(source, root, path, shown, 1);
        else
            add_unreadable(source, shown, errno);
        free(root);
        rcn_source_sort_files(source, first);
    }
}

/* --- the bytes --- */

static void load_file(struct rcn_source *source, const struct rcn_source_file *entry,
                      struct rcn_buf *buf)
{
    const bool is_stdin = is_input(entry->path);
    struct rcn_error problem = RCN_ERROR_INIT;
    struct stat status;
    const char *fault = NULL;
    if (!entry->key && !is_stdin) {
        rcn_source_add_skipped(source, entry->shown, "the link leads to no file of this directory");
        return;
    }
    int fd = is_stdin ? STDIN_FILENO : rcn_file_open(entry->path, &status);
    if (fd < 0) {
        add_unreadable(source, entry->shown, errno);
        return;
    }
    rcn_buf_clear(buf);
    /* A FIFO that the user names is what a shell makes of `<(command)`. */
    if (!is_stdin && !S_ISREG(status.st_mode) && !(entry->is_named && S_ISFIFO(status.st_mode)))
        fault = "this is not a regular file";
    else if (rcn_fd_read(fd, entry->shown, buf, &problem))
        fault = buf->failed ? "this file is larger than 64 MiB" : problem.message;
    if (!is_stdin)
        close(fd);
    if (fault)
        rcn_source_add_problem(source, buf->failed ? "limit" : "unreadable", entry->shown, "%s",
                               fault);
    else
        rcn_source_add(source, entry->shown, rcn_buf_get_str(buf), buf->len, entry->is_named);
}

struct rcn_source *rcn_source_new_from_paths(const char *const *paths, size_t count,
                                             struct rcn_diags *diags)
{
    static const char *const here[] = {"."};
    struct rcn_source *source = rcn_source_new("files", MAX_ARENA_BYTES, diags);
    if (!count) {
        paths = here;
        count = 1;
    }
    if (count == 1 && is_input(paths[0]))
        source->kind = "stdin";
    source->name = is_input(paths[0]) ? in_shown : show_path(source->arena, paths[0]);
    if (count > 1)
        source->name = rcn_arena_printf(source->arena, "%s and %zu more", source->name, count - 1);
    for (size_t i = 0; i < count && !source->is_cut; i++)
        add_operand(source, paths[i]);
    rcn_source_end_files(source);
    struct rcn_buf buf;
    rcn_buf_init(&buf, RCN_SOURCE_MAX_FILE_BYTES);
    for (size_t i = 0; i < source->file_count && !source->is_cut; i++)
        load_file(source, &source->files[i], &buf);
    rcn_buf_release(&buf);
    rcn_source_finish(source, rcn_arena_printf(source->arena, "'%.200s'", source->name),
                      "a manifest is a file named *.yaml or *.yml; 'audiencectl export' writes "
                      "them from what is live");
    return source;
}
