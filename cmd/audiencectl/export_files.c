#include "export_files.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/file.h"
#include "interrupt.h"

enum { NAME_MAX_BYTES = 65536 };

static void add_escaped(struct rcn_buf *out, const char *text)
{
    static const char safe[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-";
    for (; *text; text++)
        if (strchr(safe, *text))
            rcn_buf_add_char(out, *text);
        else
            rcn_buf_printf(out, "%%%02X", (unsigned)(unsigned char)*text);
}

const char *export_file_name(struct rcn_arena *arena, const char *dir, const char *company_id,
                             const char *ad_account_id)
{
    struct rcn_buf name;
    rcn_buf_init(&name, NAME_MAX_BYTES);
    rcn_buf_add_str(&name, dir);
    if (name.len && name.data[name.len - 1] != '/')
        rcn_buf_add_char(&name, '/');
    if (company_id) {
        add_escaped(&name, company_id);
        rcn_buf_add_char(&name, '-');
    }
    add_escaped(&name, ad_account_id);
    rcn_buf_add_str(&name, ".yaml");
    const char *copy = name.failed ? NULL : rcn_arena_strdup(arena, name.data);
    rcn_buf_release(&name);
    return copy;
}

/* A file on its way. */
struct target {
    const char *path;
    struct rcn_file_writer *writer;
    char *before; /* where the file that is replaced is kept until all are in place, or NULL */
    bool is_placed;
};

struct targets {
    struct target *items;
    size_t count;
    const char *dir;
    bool has_made_dir;
};

static int make_folder(struct targets *self, struct rcn_error *err)
{
    /* Not rcn_make_directories: a folder of manifests is for the team, not for one user. */
    self->has_made_dir = mkdir(self->dir, 0777) == 0;
    if (self->has_made_dir || errno == EEXIST)
        return 0;
    return rcn_error_set(err, RCN_ERROR_FAILED, "cannot make directory '%s': %s", self->dir,
                         strerror(errno));
}

static int refuse_to_replace(const char *path, struct rcn_error *err)
{
    rcn_error_set(err, RCN_ERROR_REFUSED, "'%s' is there already; nothing was written", path);
    return rcn_error_set_hint(err, "--force replaces it");
}

/* What is there must be a file, and is only replaced with --force. */
static int check_path(const char *path, bool is_forced, struct rcn_error *err)
{
    struct stat status;
    if (lstat(path, &status))
        return 0;
    if (!is_forced)
        return refuse_to_replace(path, err);
    if (S_ISREG(status.st_mode) || S_ISLNK(status.st_mode))
        return 0;
    return rcn_error_set(err, RCN_ERROR_FAILED, "'%s' is not a regular file; nothing was written",
                         path);
}

static int prepare(struct target *target, const struct rcn_text *text, struct rcn_error *err)
{
    target->path = text->path;
    target->writer = rcn_file_writer_new(text->path, err);
    return target->writer ? rcn_file_writer_prepare(target->writer, text->bytes, text->len, err)
                          : -1;
}

/* A file system without hard links keeps nothing: there a file that is replaced stays so. */
static int keep_before(struct target *target, struct rcn_error *err)
{
    size_t size = strlen(target->path) + sizeof ".before.2147483647";
    char *before = malloc(size);
    if (!before)
        return rcn_error_no_memory(err);
    snprintf(before, size, "%s.before.%d", target->path, (int)getpid());
    if (link(target->path, before)) {
        free(before);
        return 0;
    }
    target->before = before;
    return 0;
}

static int place(struct target *target, bool is_forced, struct rcn_error *err)
{
    bool is_there = false;
    if (is_forced) {
        if (keep_before(target, err) || rcn_file_writer_commit(target->writer, "", 0, err))
            return -1;
    } else if (rcn_file_writer_commit_new(target->writer, &is_there, err)) {
        return is_there ? refuse_to_replace(target->path, err) : -1;
    }
    target->is_placed = true;
    return 0;
}

static int write_all(struct targets *self, const struct rcn_source *source, bool is_forced,
                     struct rcn_error *err)
{
    for (size_t i = 0; i < source->count; i++)
        if (check_path(source->texts[i].path, is_forced, err))
            return -1;
    if (make_folder(self, err))
        return -1;
    for (size_t i = 0; i < source->count; i++)
        if (prepare(&self->items[self->count++], &source->texts[i], err))
            return -1;
    if (interrupt_get_signal(NULL))
        return rcn_error_set(err, RCN_ERROR_INTERRUPTED, "interrupted");
    for (size_t i = 0; i < self->count; i++)
        if (place(&self->items[i], is_forced, err))
            return -1;
    return 0;
}

/* Where that fails, the file stays under its other name: that is better than lost. */
static void put_back(struct target *target)
{
    if (rename(target->before, target->path) == 0)
        return;
    free(target->before);
    target->before = NULL;
}

static void undo(struct targets *self)
{
    for (size_t i = self->count; i-- > 0;) {
        struct target *target = &self->items[i];
        rcn_file_writer_free(target->writer);
        target->writer = NULL;
        if (target->before)
            put_back(target);
        else if (target->is_placed)
            unlink(target->path);
    }
    if (self->has_made_dir)
        rmdir(self->dir);
}

static void release(struct targets *self)
{
    for (size_t i = 0; i < self->count; i++) {
        struct target *target = &self->items[i];
        rcn_file_writer_free(target->writer);
        if (target->before)
            unlink(target->before);
        free(target->before);
    }
    free(self->items);
}

int export_files_write(const char *dir, const struct rcn_source *source, bool is_forced,
                       struct rcn_error *err)
{
    if (!source->count)
        return 0;
    struct targets self = {.dir = dir, .items = calloc(source->count, sizeof *self.items)};
    if (!self.items)
        return rcn_error_no_memory(err);
    int result = write_all(&self, source, is_forced, err);
    if (result)
        undo(&self);
    release(&self);
    return result;
}
