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
#include <unistd.h>

#include "base/file.h"
#include "interrupt.h"
#include "job.h"
#include "manifest/export.h"
#include "plan/preflight.h"

static int compare_row(const void *sync, const void *row)
{
    return rcn_live_sync_compare(sync, ((const struct rcn_plan_row *)row)->live[0]);
}

/* --unmanaged adds what is unmanaged and not ignored; otherwise the selection chooses. */
static int choose(struct job *job, struct rcn_export *what)
{
    const struct rcn_selection *selection = &job->options->selection;
    const struct rcn_plan *plan = job->plan;
    if (!plan && rcn_selection_check(selection, NULL, job->live, &job->error))
        return -1;
    *what = rcn_export_all(job->live);
    size_t total = what->count;
    what->count = 0;
    for (size_t i = 0; i < total; i++) {
        const struct rcn_live_sync *sync = what->items[i].sync;
        const struct rcn_plan_row *row =
            plan ? bsearch(sync, plan->unmanaged, plan->unmanaged_count, sizeof *row, compare_row)
                 : NULL;
        if (plan ? row && !row->is_ignored : rcn_selection_includes(selection, &sync->sync, NULL))
            what->items[what->count++] = what->items[i];
    }
    return 0;
}

/* The promise of export: with what was read (nothing without --unmanaged) and what is to be
 * written, each declared sync is found, and nothing of it differs. */
static int check(struct job *job, const struct rcn_export *what)
{
    size_t before = job->plan ? job->plan->counts.by_status[RCN_STATUS_IN_SYNC] : 0;
    if (!job->source)
        job->source = rcn_source_new("files", RCN_SOURCE_MAX_BYTES, &job->diags);
    struct rcn_source *source = job->source;
    struct rcn_text *texts =
        rcn_arena_calloc(source->arena, source->count + what->file_count + 1, sizeof *texts);
    for (size_t i = 0; i < source->count; i++)
        texts[i] = source->texts[i];
    for (size_t i = 0; i < what->file_count; i++)
        texts[source->count++] = (struct rcn_text){
            .path = what->files[i].path, .bytes = what->files[i].bytes, .len = what->files[i].len};
    source->texts = texts;
    source->named = NULL;
    source->name = job->options->dir ? job->options->dir : "<stdout>";
    rcn_source_set_digest(source);
    rcn_plan_free(job->plan);
    job->plan = NULL;
    rcn_desired_set_free(job->manifests);
    rcn_diags_release(&job->diags);
    rcn_diags_init(&job->diags);
    job->manifests = job_decode(source, job->variables, &job->diags);
    job->facts = (struct rcn_source_facts){.kind = "files",
                                           .url = source->name,
                                           .files = job->manifests->text_count,
                                           .digest = source->digest};
    rcn_manifest_settle_company(job->manifests, job->live->own_company_id, &job->diags);
    rcn_preflight_resolve_names(job->manifests, job->live, &job->diags);
    if (job_check_diags(job, "what was exported cannot be loaded again") || job_plan(job) ||
        job_check_diags(job, "what was exported cannot be compared"))
        return -1;
    size_t expected = what->count - what->left_out;
    size_t found = job->plan->counts.by_status[RCN_STATUS_IN_SYNC] - before;
    if (found == expected)
        return 0;
    return rcn_error_set(&job->error, RCN_ERROR_FAILED,
                         "what was exported is not what is live: %zu of %zu syncs are in sync; "
                         "nothing was written",
                         found, expected);
}

/* --- the files --- */

/* Nothing that a person wrote may get lost. */
static int check_content(struct job *job, const struct rcn_export *what,
                         const struct rcn_export_file *target)
{
    struct rcn_diags diags;
    struct rcn_buf bytes;
    const char *loss = NULL;
    rcn_diags_init(&diags);
    rcn_buf_init(&bytes, RCN_SOURCE_MAX_FILE_BYTES);
    int result = rcn_file_read(target->path, &bytes, &job->error);
    if (!result && rcn_source_looks_like_manifest(rcn_buf_get_str(&bytes), bytes.len)) {
        const struct rcn_text text = {.path = target->path, .bytes = bytes.data, .len = bytes.len};
        const struct rcn_texts texts = {.items = &text, .count = 1};
        struct rcn_desired_set *set = rcn_manifest_load(&texts, job->variables, &diags);
        rcn_manifest_settle_company(set, job->live->own_company_id, &diags);
        for (size_t i = 0; i < set->count; i++)
            set->syncs[i].segment_name = NULL; /* an identity has no segment */
        set->needs_segments = false;
        rcn_preflight_resolve_names(set, job->live, &diags);
        loss = diags.errors
                   ? "is not a valid manifest, so what it declares is unknown"
                   : rcn_export_find_loss(what, target, job->live, rcn_buf_get_str(&bytes), set);
        rcn_desired_set_free(set);
    }
    rcn_buf_release(&bytes);
    rcn_diags_release(&diags);
    if (!loss)
        return result;
    rcn_error_set(&job->error, RCN_ERROR_FAILED, "'%s' %.700s; nothing was written", target->path,
                  loss);
    return rcn_error_set_hint(&job->error, "export into another folder, or add what is in no "
                                           "manifest with --unmanaged");
}

static int refuse_to_replace(struct job *job, const char *path)
{
    rcn_error_set(&job->error, RCN_ERROR_REFUSED, "'%s' exists", path);
    return rcn_error_set_hint(&job->error, "--force replaces it");
}

static int check_target(struct job *job, const struct rcn_export *what,
                        const struct rcn_export_file *target)
{
    const struct options *options = job->options;
    struct stat status;
    if (lstat(target->path, &status))
        return 0;
    if (!S_ISREG(status.st_mode) && !S_ISLNK(status.st_mode))
        return rcn_error_set(&job->error, RCN_ERROR_FAILED,
                             "'%s' is not a regular file; nothing was written", target->path);
    if (!options->unmanaged && check_content(job, what, target))
        return -1;
    return options->unmanaged || options->force ? 0 : refuse_to_replace(job, target->path);
}

/* With --unmanaged: the bytes that the file has, then the documents. */
static int write_file(struct job *job, const struct rcn_export_file *target)
{
    const struct options *options = job->options;
    bool exists = false;
    struct rcn_buf bytes;
    rcn_buf_init(&bytes, RCN_SOURCE_MAX_BYTES);
    struct rcn_file_writer *writer = rcn_file_writer_new(target->path, false, &job->error);
    bool adds = options->unmanaged && access(target->path, F_OK) == 0;
    int result = !writer || (adds && rcn_file_read(target->path, &bytes, &job->error));
    if (bytes.len)
        rcn_buf_add_str(&bytes, bytes.data[bytes.len - 1] == '\n' ? "---\n" : "\n---\n");
    rcn_buf_add(&bytes, target->bytes, target->len);
    if (!result)
        result = rcn_file_writer_commit(writer, bytes.data, bytes.len,
                                        options->unmanaged || options->force ? NULL : &exists,
                                        &job->error);
    rcn_file_writer_free(writer);
    rcn_buf_release(&bytes);
    return exists ? refuse_to_replace(job, target->path) : result;
}

static int put_files(struct job *job, const struct rcn_export *what)
{
    const char *dir = job->options->dir;
    for (size_t i = 0; i < what->file_count; i++)
        if (check_target(job, what, &what->files[i]))
            return -1;
    /* Not rcn_make_directories: a folder of manifests is for the team, not for one user. */
    if (what->file_count && mkdir(dir, 0777) && errno != EEXIST)
        return rcn_error_set(&job->error, RCN_ERROR_FAILED, "cannot make directory '%s': %s", dir,
                             strerror(errno));
    for (size_t i = 0; i < what->file_count; i++) {
        const struct rcn_export_file *target = &what->files[i];
        if (interrupt_get_signal(NULL))
            return rcn_error_set(&job->error, RCN_ERROR_INTERRUPTED, "interrupted");
        if (write_file(job, target))
            return -1;
        term_note(job->options->unmanaged ? "added %zu %s to %s" : "wrote %zu %s to %s",
                  target->count, target->count == 1 ? "sync" : "syncs", target->path);
    }
    return 0;
}

/* A plan of the export alone has nothing to do; one of all files in the folder may have. */
static void warn_of_others(struct job *job, const struct rcn_export *what)
{
    const char *dir = job->options->dir;
    struct rcn_diags diags;
    rcn_diags_init(&diags);
    struct rcn_source *source = rcn_source_new_from_paths(&dir, 1, &diags);
    struct rcn_desired_set *set = job_decode(source, NULL, &diags);
    if (diags.errors || set->text_count > what->file_count)
        job_warn(job, "other-manifests",
                 "'%.500s' holds other manifests too, which a plan of it reads: validate the whole "
                 "folder",
                 dir);
    rcn_desired_set_free(set);
    rcn_source_free(source);
    rcn_diags_release(&diags);
}

/* Returns how many of the others have a pin. */
static size_t warn_left_out(struct job *job, const struct rcn_export *what)
{
    size_t pins = 0;
    for (size_t i = 0; i < what->count; i++) {
        const struct rcn_export_item *item = &what->items[i];
        pins += item->is_shared && !item->refused;
        if (item->refused)
            job_warn(job, "not-exported", "left out %.100s, '%.200s': %s", item->sync->sync.id,
                     item->sync->sync.audience_name, item->refused);
    }
    if (what->left_out)
        job_warn(
            job, "not-exported",
            "%zu of %zu syncs cannot be declared in a manifest: a plan lists them as unmanaged",
            what->left_out, what->count);
    return pins;
}

static int export(struct job *job)
{
    const struct options *options = job->options;
    struct rcn_live_request request = job_ask_all(job);
    struct rcn_export what;
    request.wants_ad_accounts = options->by_names || !options->no_preflight;
    request.wants_segments = options->by_names;
    if (!options->dir && rcn_outputs_leave_stdout(&job->reports, &job->error))
        return -1;
    if (options->unmanaged
            ? job_build_plan(job, options->by_names) || job_check_diags(job, "nothing was written")
            : job_read_live_state(job, &request))
        return -1;
    if (choose(job, &what))
        return -1;
    rcn_export_write(&what, job->live, options->dir, options->by_names);
    if (check(job, &what))
        return -1;
    size_t pins = warn_left_out(job, &what);
    if (!what.count)
        job_warn(job, "nothing-live",
                 options->unmanaged ? "nothing is unmanaged: nothing was added"
                                    : "nothing is live: nothing was exported");
    if (options->dir && put_files(job, &what))
        return -1;
    if (!what.count)
        return 0;
    if (options->dir && !options->unmanaged)
        warn_of_others(job, &what);
    if (!options->dir && term_write(&term_out, what.files[0].bytes, what.files[0].len))
        return rcn_error_set(&job->error, RCN_ERROR_FAILED, "cannot write to standard output: %s",
                             strerror(errno));
    size_t count = what.count - what.left_out;
    term_note("exported %zu %s in %zu %s; loaded again, nothing is missing or drifted%s", count,
              count == 1 ? "sync" : "syncs", what.document_count,
              what.document_count == 1 ? "document" : "documents",
              pins ? rcn_arena_printf(options->arena, "; %zu pinned as duplicates", pins) : "");
    return 0;
}

int cmd_export(const struct options *options)
{
    struct job job;
    return job_begin(&job, options) || export(&job) ? job_fail(&job)
                                                    : job_end(&job, "exported", EXIT_DONE);
}
