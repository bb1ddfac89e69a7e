/* Manifests from files, directories and standard input. */
#include "source/source.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/file.h"
#include "source/file_list.h"

/* Paths, and the bytes of all files. */
#define MAX_ARENA_BYTES (RCN_SOURCE_MAX_BYTES + ((size_t)256 << 20))

/* One read of rcn_fd_read may go so far past the limit before anyone looks. */
enum { READ_SLACK = 1 << 17 };

/* The list is made whole first, so that the texts never move: spans point at them. */
struct loader {
    struct rcn_source *source;
    struct rcn_file_list list;
    size_t total_bytes;
};

/* Says what is wrong with a file before anything of it is read; NULL: nothing. A FIFO that the user
 * names is what a shell makes of `<(command)`. */
static const char *find_fault(const struct stat *status, bool is_named, const char **ret_rule)
{
    *ret_rule = "unreadable";
    if (!S_ISREG(status->st_mode) && !(is_named && S_ISFIFO(status->st_mode)))
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
        return rcn_file_list_add_problem(&loader->list, "limit", path,
                                         "this file is larger than 64 MiB", NULL)
                   ? -1
                   : 1;
    if (buf->failed)
        return rcn_error_no_memory(loader->list.err);
    if (!result)
        return 0;
    return rcn_file_list_add_problem(&loader->list, "unreadable", path, problem.message, NULL) ? -1
                                                                                               : 1;
}

static int read_file(struct loader *loader, const struct rcn_file_entry *entry, struct rcn_buf *buf)
{
    struct stat status;
    int fd = rcn_file_open(entry->path, &status);
    if (fd < 0)
        return rcn_file_list_add_unreadable(&loader->list, entry->path, errno) ? -1 : 1;
    const char *rule;
    const char *fault = find_fault(&status, entry->named, &rule);
    int result;
    if (fault) {
        result = rcn_file_list_add_problem(&loader->list, rule, entry->path, fault, NULL) ? -1 : 1;
    } else {
        result = read_bytes(loader, fd, entry->path, buf);
    }
    close(fd);
    return result;
}

/* A long text is kept where it was read. Short ones stand together, and the buf is used again. */
static const char *keep_bytes(struct rcn_arena *arena, struct rcn_buf *buf, size_t len)
{
    enum { LONG_TEXT = 1 << 16 };
    if (len < LONG_TEXT)
        return rcn_arena_strndup(arena, rcn_buf_get_str(buf), len);
    char *bytes = rcn_buf_take(buf);
    if (bytes)
        rcn_arena_adopt(arena, bytes, len + 1);
    return bytes;
}

static int keep_text(struct loader *loader, const struct rcn_file_entry *entry, bool *named,
                     struct rcn_buf *buf)
{
    struct rcn_source *source = loader->source;
    size_t len = buf->len;
    if (len > RCN_SOURCE_MAX_BYTES - loader->total_bytes)
        return rcn_file_list_stop(&loader->list, entry->path,
                                  "all files together are larger than 512 MiB");
    loader->total_bytes += len;
    const char *bytes = keep_bytes(source->arena, buf, len);
    if (!bytes)
        return rcn_error_no_memory(loader->list.err);
    named[source->count] = entry->named;
    source->texts[source->count++] =
        (struct rcn_text){.path = entry->path, .bytes = bytes, .len = len};
    return 0;
}

/* Reads one entry: a text, a skipped path, a diagnostic, or (read before) nothing. */
static int load_entry(struct loader *loader, const struct rcn_file_entry *entry, bool *named,
                      struct rcn_buf *buf)
{
    static const struct rcn_file_entry standard_input = {.path = "<stdin>", .named = true};
    struct rcn_source *source = loader->source;
    int result;
    rcn_buf_clear(buf);
    if (entry->passed_over) {
        source->skipped[source->skipped_count++] =
            (struct rcn_skipped){entry->path, "the link leads to no file of this directory"};
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
    source->skipped[source->skipped_count++] =
        (struct rcn_skipped){entry->path, "it is no manifest"};
    return 0;
}

static int load_entries(struct loader *loader)
{
    struct rcn_source *source = loader->source;
    struct rcn_buf buf;
    bool *named = rcn_arena_calloc(source->arena, loader->list.count + 1, sizeof *named);
    source->texts = rcn_arena_calloc(source->arena, loader->list.count + 1, sizeof *source->texts);
    source->skipped =
        rcn_arena_calloc(source->arena, loader->list.count + 1, sizeof *source->skipped);
    if (!named || !source->texts || !source->skipped)
        return rcn_error_no_memory(loader->list.err);
    source->named = named;
    rcn_buf_init(&buf, RCN_SOURCE_MAX_FILE_BYTES + READ_SLACK);
    int result = 0;
    for (size_t i = 0; i < loader->list.count && !result && !loader->list.stopped; i++)
        result = load_entry(loader, &loader->list.entries[i], named, &buf);
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
    if (source->count || loader->list.had_problem)
        return 0;
    struct rcn_diag *diag = rcn_diags_error(loader->list.diags, "no-manifest", (struct rcn_span){0},
                                            "no manifest found in '%.200s'", source->name);
    if (source->skipped_count)
        rcn_diag_set_hint(loader->list.diags, diag,
                          "YAML files there: %zu, but none holds 'apiVersion: audiencectl/v1'",
                          source->skipped_count);
    else
        rcn_diag_set_hint(loader->list.diags, diag,
                          "a manifest is a file named *.yaml or *.yml; 'audiencectl export' writes "
                          "them from what is live");
    return 0;
}

static int load(struct loader *loader, const char *const *paths, size_t count)
{
    struct rcn_source *source = loader->source;
    bool only_input = count == 1 && strcmp(paths[0], "-") == 0;
    bool had_input = false;
    source->kind = only_input ? RCN_SOURCE_STDIN : RCN_SOURCE_FILES;
    source->name = make_name(source->arena, paths, count);
    if (!source->name)
        return rcn_error_no_memory(loader->list.err);
    for (size_t i = 0; i < count && !loader->list.stopped; i++) {
        bool is_input = strcmp(paths[i], "-") == 0;
        int result = is_input && had_input
                         ? rcn_file_list_add_problem(&loader->list, "unreadable", "<stdin>",
                                                     "standard input is named twice", NULL)
                         : rcn_file_list_add_path(&loader->list, paths[i]);
        if (result)
            return -1;
        had_input |= is_input;
    }
    return rcn_file_list_drop_repeated(&loader->list) || load_entries(loader) || check_found(loader)
               ? -1
               : 0;
}

struct rcn_source *rcn_source_new_from_paths(const char *const *paths, size_t count,
                                             struct rcn_diags *diags, struct rcn_error *err)
{
    static const char *const here[] = {"."};
    struct loader loader = {.list = {.diags = diags, .err = err}};
    loader.source = rcn_source_new(RCN_SOURCE_FILES, MAX_ARENA_BYTES, diags, err);
    if (!loader.source)
        return NULL;
    loader.list.arena = loader.source->arena;
    int result = count ? load(&loader, paths, count) : load(&loader, here, 1);
    rcn_file_list_release(&loader.list);
    if (!result)
        return loader.source;
    rcn_source_free(loader.source);
    return NULL;
}
