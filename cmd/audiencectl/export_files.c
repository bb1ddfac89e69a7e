#include "export_files.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

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

static int make_folder(const char *dir, struct rcn_error *err)
{
    /* Not rcn_make_directories: a folder of manifests is for the team, not for one user. */
    if (mkdir(dir, 0777) == 0 || errno == EEXIST)
        return 0;
    return rcn_error_set(err, RCN_ERROR_FAILED, "cannot make directory '%s': %s", dir,
                         strerror(errno));
}

static int check_absent(const struct rcn_source *source, struct rcn_error *err)
{
    for (size_t i = 0; i < source->count; i++) {
        struct stat status;
        if (lstat(source->texts[i].path, &status))
            continue;
        rcn_error_set(err, RCN_ERROR_REFUSED, "'%s' is there already; nothing was written",
                      source->texts[i].path);
        return rcn_error_set_hint(err, "--force replaces it");
    }
    return 0;
}

static int prepare(const struct rcn_text *text, struct rcn_file_writer **ret, struct rcn_error *err)
{
    *ret = rcn_file_writer_new(text->path, err);
    return *ret ? rcn_file_writer_prepare(*ret, text->bytes, text->len, err) : -1;
}

static int write_all(const struct rcn_source *source, struct rcn_file_writer **writers,
                     struct rcn_error *err)
{
    for (size_t i = 0; i < source->count; i++)
        if (prepare(&source->texts[i], &writers[i], err))
            return -1;
    if (interrupt_get_signal(NULL))
        return rcn_error_set(err, RCN_ERROR_INTERRUPTED, "interrupted");
    for (size_t i = 0; i < source->count; i++)
        if (rcn_file_writer_commit(writers[i], "", 0, err))
            return -1;
    return 0;
}

int export_files_write(const char *dir, const struct rcn_source *source, bool is_forced,
                       struct rcn_error *err)
{
    if ((!is_forced && check_absent(source, err)) || make_folder(dir, err))
        return -1;
    struct rcn_file_writer **writers = calloc(source->count + 1, sizeof(struct rcn_file_writer *));
    int result = writers ? write_all(source, writers, err) : rcn_error_no_memory(err);
    for (size_t i = 0; writers && i < source->count; i++)
        rcn_file_writer_free(writers[i]);
    free(writers);
    return result;
}
