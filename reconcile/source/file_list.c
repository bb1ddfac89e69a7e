#include "source/file_list.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/strmap.h"
#include "source/source.h"

static struct rcn_span whole_text(const struct rcn_text *text)
{
    return (struct rcn_span){.text = text};
}

/* A problem with a path that has no text: only the path is shown. */
int rcn_file_list_add_problem(struct rcn_file_list *list, const char *rule, const char *path,
                              const char *message, const char *hint)
{
    struct rcn_text *text = rcn_arena_alloc(list->arena, sizeof *text);
    char *copy = rcn_arena_strdup(list->arena, path);
    if (!text || !copy)
        return rcn_error_no_memory(list->err);
    text->path = copy;
    list->had_problem = true;
    struct rcn_diag *diag = rcn_diags_error(list->diags, rule, whole_text(text), "%s", message);
    if (hint)
        rcn_diag_set_hint(list->diags, diag, "%s", hint);
    return 0;
}

int rcn_file_list_add_unreadable(struct rcn_file_list *list, const char *path, int error)
{
    char message[160];
    if (error == ENOMEM)
        return rcn_error_no_memory(list->err);
    snprintf(message, sizeof message, "cannot read this: %s", strerror(error));
    return rcn_file_list_add_problem(list, "unreadable", path, message, NULL);
}

int rcn_file_list_stop(struct rcn_file_list *list, const char *path, const char *message)
{
    list->stopped = true;
    return rcn_file_list_add_problem(list, "limit", path, message,
                                     "name the files or a smaller directory");
}

static int add_entry(struct rcn_file_list *list, struct rcn_file_entry entry,
                     const struct stat *status)
{
    if (list->count == RCN_SOURCE_MAX_FILES)
        return rcn_file_list_stop(list, entry.path, "more than 100000 files");
    if (list->count == list->capacity) {
        size_t capacity = list->capacity ? 2 * list->capacity : 64;
        struct rcn_file_entry *entries = realloc(list->entries, capacity * sizeof *entries);
        if (!entries)
            return rcn_error_no_memory(list->err);
        list->entries = entries;
        list->capacity = capacity;
    }
    entry.path = rcn_arena_strdup(list->arena, entry.path);
    if (!entry.path)
        return rcn_error_no_memory(list->err);
    if (status) {
        entry.id.device = (uint64_t)status->st_dev;
        entry.id.inode = (uint64_t)status->st_ino;
    }
    list->entries[list->count++] = entry;
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
static int judge_symlink(struct rcn_file_list *list, struct rcn_file_entry *entry,
                         struct stat *status)
{
    entry->passed_over = true;
    if (stat(entry->path, status) || !S_ISREG(status->st_mode))
        return 0;
    char *real = realpath(entry->path, NULL);
    if (!real && errno == ENOMEM)
        return rcn_error_no_memory(list->err);
    entry->passed_over = !real || !is_inside(list->root, real);
    free(real);
    return 0;
}

static int walk(struct rcn_file_list *list, const char *directory, size_t depth);

static int visit(struct rcn_file_list *list, const char *path, const char *name, size_t depth)
{
    struct stat status;
    if (lstat(path, &status))
        return rcn_source_is_yaml_name(name) ? rcn_file_list_add_unreadable(list, path, errno) : 0;
    if (S_ISDIR(status.st_mode))
        return walk(list, path, depth + 1);
    if (!rcn_source_is_yaml_name(name))
        return 0;
    struct rcn_file_entry entry = {.path = path};
    if (S_ISLNK(status.st_mode) && judge_symlink(list, &entry, &status))
        return -1;
    return add_entry(list, entry, &status);
}

static int walk(struct rcn_file_list *list, const char *directory, size_t depth)
{
    if (depth > RCN_SOURCE_MAX_DEPTH)
        return rcn_file_list_add_problem(list, "limit", directory,
                                         "directories are nested deeper than 64", NULL);
    DIR *stream = opendir(directory);
    if (!stream)
        return rcn_file_list_add_unreadable(list, directory, errno);
    int result = 0;
    while (!result && !list->stopped) {
        errno = 0;
        const struct dirent *item = readdir(stream);
        if (!item) {
            if (errno)
                result = rcn_file_list_add_unreadable(list, directory, errno);
            break;
        }
        if (item->d_name[0] == '.')
            continue;
        char *path = join(directory, item->d_name);
        result = path ? visit(list, path, item->d_name, depth) : rcn_error_no_memory(list->err);
        free(path);
    }
    closedir(stream);
    return result;
}

static int compare_entries(const void *left, const void *right)
{
    const struct rcn_file_entry *a = left;
    const struct rcn_file_entry *b = right;
    return strcmp(a->path, b->path);
}

static int add_directory(struct rcn_file_list *list, const char *path)
{
    size_t first = list->count;
    char *root = realpath(path, NULL);
    if (!root)
        return rcn_file_list_add_unreadable(list, path, errno);
    list->root = root;
    int result = walk(list, path, 1);
    list->root = NULL;
    free(root);
    if (list->count > first)
        qsort(list->entries + first, list->count - first, sizeof *list->entries, compare_entries);
    return result;
}

int rcn_file_list_add_path(struct rcn_file_list *list, const char *path)
{
    struct rcn_file_entry entry = {.path = path, .named = true};
    struct stat status;
    if (strcmp(path, "-") == 0)
        return add_entry(list, entry, NULL);
    if (stat(path, &status))
        return rcn_file_list_add_unreadable(list, path, errno);
    return S_ISDIR(status.st_mode) ? add_directory(list, path) : add_entry(list, entry, &status);
}

int rcn_file_list_drop_repeated(struct rcn_file_list *list)
{
    struct rcn_strmap *seen = rcn_strmap_new(list->count);
    if (!seen)
        return rcn_error_no_memory(list->err);
    size_t kept = 0;
    int result = 0;
    for (size_t i = 0; i < list->count && !result; i++) {
        struct rcn_file_entry *entry = &list->entries[kept];
        *entry = list->entries[i];
        void **place = NULL;
        if (entry->id.inode && !entry->passed_over) {
            place = rcn_strmap_put(seen, (const char *)&entry->id, sizeof entry->id);
            if (!place)
                result = rcn_error_no_memory(list->err);
        }
        if (place && *place) {
            ((struct rcn_file_entry *)*place)->named |= entry->named;
            continue;
        }
        if (place)
            *place = entry;
        kept++;
    }
    list->count = kept;
    rcn_strmap_free(seen);
    return result;
}

void rcn_file_list_release(struct rcn_file_list *list)
{
    free(list->entries);
    *list = (struct rcn_file_list){0};
}
