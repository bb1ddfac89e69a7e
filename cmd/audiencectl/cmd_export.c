/*
 * export: live syncs as manifests.
 *
 * What is written is loaded again and compared first: a plan of it has nothing to do. Each file is
 * written whole, one after the other. Nothing is taken out of a file (SPEC 3): one that holds what
 * this export would not write again (entries, labels, comments of a person, ...) is refused before
 * the first is written. With --unmanaged the documents are added after the bytes that a file has.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/file.h"
#include "command.h"
#include "interrupt.h"
#include "job.h"
#include "manifest/export.h"
#include "plan/names.h"

struct export
{
    struct job *job;
    struct rcn_export what;
    struct rcn_source *written; /* what the manifests are once it is written */
};

static int compare_row(const void *sync, const void *row)
{
    return rcn_live_sync_compare(sync, ((const struct rcn_plan_row *)row)->live[0]);
}

/* True for what --unmanaged adds. */
static bool is_unmanaged(const struct rcn_plan *plan, const struct rcn_live_sync *sync)
{
    const struct rcn_plan_row *row =
        bsearch(sync, plan->unmanaged, plan->unmanaged_count, sizeof *plan->unmanaged, compare_row);
    return row && !row->is_ignored;
}

static int choose(struct export *self)
{
    struct job *job = self->job;
    struct rcn_export *what = &self->what;
    const struct rcn_selection selection = job_get_selection(job);
    bool unmanaged = job->options->unmanaged;
    if (!unmanaged && rcn_selection_check(&selection, NULL, job->live, &job->error))
        return -1;
    *what = rcn_export_all(job->live);
    size_t total = what->count;
    what->count = 0;
    for (size_t i = 0; i < total; i++) {
        const struct rcn_live_sync *sync = what->items[i].sync;
        if (unmanaged ? is_unmanaged(job->plan, sync)
                      : rcn_selection_includes(&selection, &sync->sync, NULL))
            what->items[what->count++] = what->items[i];
    }
    return 0;
}

static void warn_left_out(const struct export *self)
{
    for (size_t i = 0; i < self->what.count; i++) {
        const struct rcn_export_item *item = &self->what.items[i];
        if (item->refused)
            job_warn(self->job, "not-exported", "left out %.100s, '%.200s': %s",
                     item->sync->sync.id, item->sync->sync.audience_name, item->refused);
    }
    if (self->what.left_out)
        job_warn(
            self->job, "not-exported",
            "%zu of %zu syncs cannot be declared in a manifest: a plan lists them as unmanaged",
            self->what.left_out, self->what.count);
}

/* --- checking --- */

/* The texts that were read (none: NULL) and those to be written. */
static struct rcn_source *join_texts(const struct export *self, const struct rcn_source *read)
{
    struct job *job = self->job;
    size_t count = read ? read->count : 0;
    struct rcn_source *source = rcn_source_new(RCN_SOURCE_FILES, RCN_SOURCE_MAX_BYTES, &job->diags);
    source->name = job->options->dir ? job->options->dir : "<stdout>";
    source->texts =
        rcn_arena_calloc(source->arena, count + self->what.file_count + 1, sizeof *source->texts);
    for (size_t i = 0; i < count; i++)
        source->texts[source->count++] = read->texts[i];
    for (size_t i = 0; i < self->what.file_count; i++)
        source->texts[source->count++] = (struct rcn_text){.path = self->what.files[i].path,
                                                           .bytes = self->what.files[i].bytes,
                                                           .len = self->what.files[i].len};
    return source;
}

/* The promise of export: each declared sync is found, and nothing of it differs. */
static int check(struct export *self)
{
    struct job *job = self->job;
    size_t before = job->plan ? job->plan->counts.by_status[RCN_STATUS_IN_SYNC] : 0;
    self->written = join_texts(self, job->source);
    rcn_plan_free(job->plan);
    job->plan = NULL;
    rcn_desired_set_free(job->manifests);
    rcn_diags_release(&job->diags);
    rcn_diags_init(&job->diags);
    job->shown_diags = 0;
    job->manifests = job_decode(self->written, job->variables, &job->diags);
    rcn_source_set_digest(self->written);
    job->facts = (struct rcn_source_facts){.kind = "files",
                                           .url = self->written->name,
                                           .files = job->manifests->text_count,
                                           .digest = self->written->digest};
    rcn_manifest_settle_company(job->manifests, job->live->own_company_id, &job->diags);
    rcn_names_resolve(job->manifests, job->live, &job->diags);
    if (job_check_diags(job, "what was exported cannot be loaded again") || job_plan(job) ||
        job_check_diags(job, "what was exported does not plan to nothing"))
        return -1;
    size_t expected = self->what.count - self->what.left_out;
    size_t found = job->plan->counts.by_status[RCN_STATUS_IN_SYNC] - before;
    return found == expected
               ? 0
               : rcn_error_set(&job->error, RCN_ERROR_FAILED,
                               "what was exported does not plan to nothing: %zu of %zu syncs are "
                               "in sync; nothing was written",
                               found, expected);
}

/* --- the files --- */

/* Nothing that a person wrote may get lost. */
static int check_content(struct export *self, const struct rcn_export_file *target)
{
    struct job *job = self->job;
    struct rcn_diags diags;
    struct rcn_buf bytes;
    int result = 0;
    rcn_diags_init(&diags);
    rcn_buf_init(&bytes, RCN_SOURCE_MAX_FILE_BYTES);
    if (rcn_file_read(target->path, &bytes, &job->error)) {
        result = -1;
    } else if (rcn_source_looks_like_manifest(rcn_buf_get_str(&bytes), bytes.len)) {
        const struct rcn_text text = {.path = target->path, .bytes = bytes.data, .len = bytes.len};
        const struct rcn_texts texts = {.items = &text, .count = 1};
        struct rcn_desired_set *set = rcn_manifest_load(&texts, job->variables, &diags);
        rcn_manifest_settle_company(set, job->live->own_company_id, &diags);
        for (size_t i = 0; i < set->count; i++)
            set->syncs[i].segment_name = NULL; /* an identity has no segment */
        set->needs_segments = false;
        rcn_names_resolve(set, job->live, &diags);
        const char *loss = diags.errors ? "is not a valid manifest, so what it declares is unknown"
                                        : rcn_export_find_loss(&self->what, target, job->live,
                                                               rcn_buf_get_str(&bytes), set);
        if (loss) {
            result = rcn_error_set(&job->error, RCN_ERROR_FAILED,
                                   "'%s' %.700s; nothing was written", target->path, loss);
            rcn_error_set_hint(&job->error, "export into another folder, or add what is in no "
                                            "manifest with --unmanaged");
        }
        rcn_desired_set_free(set);
    }
    rcn_buf_release(&bytes);
    rcn_diags_release(&diags);
    return result;
}

static int refuse_to_replace(struct job *job, const char *path)
{
    rcn_error_set(&job->error, RCN_ERROR_REFUSED, "'%s' exists", path);
    return rcn_error_set_hint(&job->error, "--force replaces it");
}

static int check_target(struct export *self, const struct rcn_export_file *target)
{
    struct job *job = self->job;
    struct stat status;
    if (lstat(target->path, &status))
        return 0;
    if (!S_ISREG(status.st_mode) && !S_ISLNK(status.st_mode))
        return rcn_error_set(&job->error, RCN_ERROR_FAILED,
                             "'%s' is not a regular file; nothing was written", target->path);
    if (job->options->unmanaged)
        return 0;
    if (check_content(self, target))
        return -1;
    return job->options->force ? 0 : refuse_to_replace(job, target->path);
}

/* With --unmanaged: the bytes that the file has, then the documents. */
static int write_file(struct job *job, const struct rcn_export_file *target)
{
    const struct options *options = job->options;
    bool exists = false;
    struct stat status;
    struct rcn_buf bytes;
    rcn_buf_init(&bytes, RCN_SOURCE_MAX_BYTES);
    int result = options->unmanaged && stat(target->path, &status) == 0
                     ? rcn_file_read(target->path, &bytes, &job->error)
                     : 0;
    if (bytes.len)
        rcn_buf_add_str(&bytes, bytes.data[bytes.len - 1] == '\n' ? "---\n" : "\n---\n");
    rcn_buf_add(&bytes, target->bytes, target->len);
    struct rcn_file_writer *writer = result ? NULL : rcn_file_writer_new(target->path, &job->error);
    if (!writer)
        result = -1;
    else if (options->unmanaged || options->force)
        result = rcn_file_writer_commit(writer, bytes.data, bytes.len, &job->error);
    else
        result = rcn_file_writer_commit_new(writer, bytes.data, bytes.len, &exists, &job->error);
    rcn_file_writer_free(writer);
    rcn_buf_release(&bytes);
    return exists ? refuse_to_replace(job, target->path) : result;
}

static int put_files(struct export *self)
{
    struct job *job = self->job;
    const char *dir = job->options->dir;
    for (size_t i = 0; i < self->what.file_count; i++)
        if (check_target(self, &self->what.files[i]))
            return -1;
    /* Not rcn_make_directories: a folder of manifests is for the team, not for one user. */
    if (self->what.file_count && mkdir(dir, 0777) && errno != EEXIST)
        return rcn_error_set(&job->error, RCN_ERROR_FAILED, "cannot make directory '%s': %s", dir,
                             strerror(errno));
    for (size_t i = 0; i < self->what.file_count; i++) {
        const struct rcn_export_file *target = &self->what.files[i];
        if (interrupt_get_signal(NULL))
            return rcn_error_set(&job->error, RCN_ERROR_INTERRUPTED, "interrupted");
        if (write_file(job, target))
            return -1;
        term_note(job->options->unmanaged ? "added %zu %s to %s" : "wrote %zu %s to %s",
                  target->count, target->count == 1 ? "sync" : "syncs", target->path);
    }
    return 0;
}

/* What was exported plans to nothing; with what was in the folder before it may not. */
static void warn_of_others(struct export *self)
{
    struct job *job = self->job;
    const char *dir = job->options->dir;
    struct rcn_diags diags;
    rcn_diags_init(&diags);
    struct rcn_source *source = rcn_source_new_from_paths(&dir, 1, &diags);
    struct rcn_desired_set *set = job_decode(source, NULL, &diags);
    if (diags.errors || set->text_count > self->what.file_count)
        job_warn(job, "other-manifests",
                 "'%.500s' holds other manifests too, which a plan of it reads: validate the whole "
                 "folder",
                 dir);
    rcn_desired_set_free(set);
    rcn_source_free(source);
    rcn_diags_release(&diags);
}

static void print_counts(const struct export *self)
{
    size_t count = self->what.count - self->what.left_out;
    size_t pins = 0;
    for (size_t i = 0; i < self->what.count; i++)
        pins += self->what.items[i].is_shared && !self->what.items[i].refused;
    const char *pinned =
        pins ? rcn_arena_printf(self->job->live->arena, "; %zu pinned as duplicates", pins) : "";
    term_note("exported %zu %s in %zu %s; loaded again, nothing is missing or drifted%s", count,
              count == 1 ? "sync" : "syncs", self->what.document_count,
              self->what.document_count == 1 ? "document" : "documents", pinned);
}

/* --- the command --- */

static int read_all(struct job *job)
{
    const struct options *options = job->options;
    struct rcn_live_request request = job_ask_all(job);
    request.wants_ad_accounts = options->by_names || !options->no_preflight;
    request.wants_segments = options->by_names;
    if (!options->unmanaged)
        return job_read_live_state(job, &request);
    return job_build_plan(job, options->by_names) || job_check_diags(job, "nothing was written");
}

static int export(struct export *self)
{
    struct job *job = self->job;
    const struct options *options = job->options;
    if (!options->dir && rcn_outputs_leave_stdout(&job->reports, &job->error))
        return -1;
    if (read_all(job) || choose(self))
        return -1;
    rcn_export_write(&self->what, job->live, options->dir, options->by_names);
    if (check(self))
        return -1;
    warn_left_out(self);
    if (!self->what.count)
        job_warn(job, "nothing-live",
                 options->unmanaged ? "nothing is unmanaged: nothing was added"
                                    : "nothing is live: nothing was exported");
    if (options->dir) {
        if (put_files(self))
            return -1;
        if (self->what.count && !options->unmanaged)
            warn_of_others(self);
    } else if (self->what.count &&
               term_write(&term_out, self->what.files[0].bytes, self->what.files[0].len)) {
        return rcn_error_set(&job->error, RCN_ERROR_FAILED, "cannot write to standard output: %s",
                             strerror(errno));
    }
    if (self->what.count)
        print_counts(self);
    return 0;
}

int cmd_export(const struct options *options)
{
    struct job job;
    struct export self = {.job = &job};
    int code = job_begin(&job, options) || export(&self) ? job_fail(&job)
                                                         : job_end(&job, "exported", EXIT_DONE);
    rcn_source_free(self.written);
    return code;
}
