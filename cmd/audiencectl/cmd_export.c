#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "command.h"
#include "export_files.h"
#include "job.h"
#include "manifest/write.h"

/* What is being exported: the selected syncs of one company, in the order of writing. */
struct export
{
    struct job *job;
    const struct rcn_live_company *company;
    const struct rcn_live_sync **syncs;
    size_t count;
    size_t left_out;
    size_t documents;
};

static int fail_no_memory(struct job *job)
{
    rcn_error_no_memory(&job->error);
    return job_set_failed(job);
}

static int fetch(struct job *job)
{
    const char *const *company = &job->options->company;
    struct rcn_live_request request = {.company_ids = company,
                                       .company_count = *company ? 1 : 0,
                                       .needs_unnamed = !*company,
                                       .wants_syncs = true,
                                       .wants_ad_accounts = !job->options->no_preflight};
    return job_read_live_state(job, &request);
}

/* --- choosing --- */

static int compare(const void *a, const void *b)
{
    const struct rcn_live_sync *const *left = a;
    const struct rcn_live_sync *const *right = b;
    return rcn_live_sync_compare(*left, *right);
}

static int choose(struct export *self)
{
    const struct options *options = self->job->options;
    const struct rcn_selection selection = {.ad_accounts = options->ad_accounts.items,
                                            .ad_account_count = options->ad_accounts.count,
                                            .names = options->names.items,
                                            .name_count = options->names.count};
    self->company = self->job->session.live->companies;
    self->syncs = rcn_arena_calloc(self->job->session.live->arena, self->company->sync_count + 1,
                                   sizeof *self->syncs);
    if (!self->syncs)
        return fail_no_memory(self->job);
    for (size_t i = 0; i < self->company->sync_count; i++)
        if (rcn_selection_includes(&selection, &self->company->syncs[i].sync))
            self->syncs[self->count++] = &self->company->syncs[i];
    qsort(self->syncs, self->count, sizeof *self->syncs, compare);
    if (!self->count && (selection.ad_account_count || selection.name_count))
        return job_set_error(self->job, RCN_ERROR_FAILED, "the selection matches nothing live");
    return 0;
}

static void warn_left_out(struct export *self)
{
    for (size_t i = 0; i < self->count; i++) {
        const char *why = rcn_manifest_refuses(self->syncs[i]);
        if (!why)
            continue;
        self->left_out++;
        job_warn(self->job, "not-exported", "left out %.100s, '%.200s': %s",
                 self->syncs[i]->sync.id, self->syncs[i]->sync.audience_name, why);
    }
    if (self->left_out)
        job_warn(
            self->job, "not-exported",
            "%zu of %zu syncs cannot be declared in a manifest: a plan lists them as unmanaged",
            self->left_out, self->count);
}

/* --- writing --- */

static size_t count_same_account(const struct export *self, size_t first)
{
    size_t end = first + 1;
    while (end < self->count && strcmp(self->syncs[end]->sync.ad_account_id,
                                       self->syncs[first]->sync.ad_account_id) == 0)
        end++;
    return end - first;
}

static void write_document(const struct export *self, size_t first, size_t count,
                           struct rcn_buf *out)
{
    const char *account = self->syncs[first]->sync.ad_account_id;
    struct rcn_written_document document = {
        .company_id = self->company->company_id,
        .company_name = self->company->name,
        .ad_account_id = account,
        .ad_account_name = rcn_live_state_get_ad_account_name(self->job->session.live,
                                                              self->company->company_id, account),
        .syncs = self->syncs + first,
        .count = count};
    rcn_manifest_write(out, &document);
}

static int keep_text(struct rcn_source *source, const char *path, const struct rcn_buf *bytes)
{
    if (bytes->failed || !path)
        return -1;
    char *copy = rcn_arena_strndup(source->arena, rcn_buf_get_str(bytes), bytes->len);
    source->texts[source->count++] =
        (struct rcn_text){.path = path, .bytes = copy, .len = bytes->len};
    return copy ? 0 : -1;
}

/* With a folder each document is a text, without one all are one text. */
static int write_texts(struct export *self, struct rcn_source *source, struct rcn_buf *bytes)
{
    const char *dir = self->job->options->dir;
    for (size_t i = 0, count; i < self->count; i += count) {
        count = count_same_account(self, i);
        if (!dir && i)
            rcn_buf_add_str(bytes, "---\n");
        write_document(self, i, count, bytes);
        self->documents++;
        if (!dir)
            continue;
        if (keep_text(source,
                      export_file_name(source->arena, dir, self->company->company_id,
                                       self->syncs[i]->sync.ad_account_id),
                      bytes))
            return -1;
        rcn_buf_clear(bytes);
    }
    return dir || !self->count ? 0 : keep_text(source, "<stdout>", bytes);
}

static int write_source(struct export *self)
{
    struct job *job = self->job;
    struct rcn_buf bytes;
    struct rcn_source *source =
        rcn_source_new(RCN_SOURCE_FILES, RCN_SOURCE_MAX_BYTES, &job->diags, &job->error);
    if (!source)
        return job_set_failed(job);
    job->sources.source = source;
    source->name = job->options->dir ? job->options->dir : "<stdout>";
    source->texts = rcn_arena_calloc(source->arena, self->count + 1, sizeof *source->texts);
    rcn_buf_init(&bytes, RCN_SOURCE_MAX_BYTES);
    int result = source->texts ? write_texts(self, source, &bytes) : -1;
    rcn_buf_release(&bytes);
    if (result)
        return fail_no_memory(job);
    return rcn_source_set_digest(source, &job->error) ? job_set_failed(job) : 0;
}

/* --- checking --- */

/* Loads what was written, as a later run will. */
static int load(struct export *self)
{
    struct job *job = self->job;
    struct sources *sources = &job->sources;
    sources->manifests = rcn_manifest_load(sources->source, NULL, &job->diags, &job->error);
    if (!sources->manifests)
        return job_set_failed(job);
    sources->facts = (struct rcn_source_facts){.kind = "files",
                                               .url = sources->source->name,
                                               .files = sources->manifests->text_count,
                                               .digest = sources->source->digest};
    if (rcn_desired_settle_company(sources->manifests, self->company->company_id, &job->diags,
                                   &job->error))
        return job_set_failed(job);
    return job_check_diags(job, "what was exported cannot be loaded again");
}

/* The promise of export: each declared sync is found, and nothing of it differs. */
static int check(struct export *self)
{
    struct job *job = self->job;
    if (load(self) || job_plan(job, false) ||
        job_check_diags(job, "what was exported does not plan to nothing"))
        return -1;
    const struct rcn_plan_counts *counts = &job->plan->counts;
    size_t expected = self->count - self->left_out;
    if (counts->by_status[RCN_STATUS_IN_SYNC] == expected && counts->desired == expected)
        return 0;
    return job_set_error(job, RCN_ERROR_FAILED,
                         "what was exported does not plan to nothing: %zu of %zu syncs are not "
                         "in sync; nothing was written",
                         counts->desired - counts->by_status[RCN_STATUS_IN_SYNC], expected);
}

static size_t count_pins(const struct rcn_desired_set *set)
{
    size_t count = 0;
    for (size_t i = 0; i < set->count; i++)
        count += set->syncs[i].sync.id != NULL;
    return count;
}

static void tell_files(const struct job *job)
{
    const struct rcn_source *source = job->sources.source;
    for (size_t i = 0; job->options->dir && i < source->count; i++) {
        char line[4096];
        snprintf(line, sizeof line, "wrote %s", source->texts[i].path);
        term_print_note(&job->err, line);
    }
}

static void tell(const struct export *self)
{
    char line[256];
    const struct job *job = self->job;
    if (job->options->quiet)
        return;
    tell_files(job);
    size_t count = self->count - self->left_out;
    size_t pins = count_pins(job->sources.manifests);
    int used = snprintf(line, sizeof line,
                        "exported %zu %s in %zu %s; loaded again, nothing is missing or drifted",
                        count, count == 1 ? "sync" : "syncs", self->documents,
                        self->documents == 1 ? "document" : "documents");
    if (pins)
        snprintf(line + used, sizeof line - (size_t)used, "; %zu pinned as duplicates", pins);
    term_print_note(&job->err, line);
}

/* --- the end --- */

static int put(struct job *job)
{
    const struct options *options = job->options;
    const struct rcn_source *source = job->sources.source;
    if (options->dir)
        return export_files_write(options->dir, source, options->force, &job->error)
                   ? job_set_failed(job)
                   : 0;
    if (!source->count || term_write(&job->out, source->texts[0].bytes, source->texts[0].len) == 0)
        return 0;
    return job_set_error(job, RCN_ERROR_FAILED, "cannot write to standard output: %s",
                         strerror(errno));
}

/* True when the folder reads as more than what was written, or not at all any more. */
static bool holds_others(const char *dir, const struct rcn_source *written, struct rcn_diags *diags)
{
    struct rcn_error ignored = RCN_ERROR_INIT;
    struct rcn_source *source = rcn_source_new_from_paths(&dir, 1, diags, &ignored);
    struct rcn_desired_set *set = source ? rcn_manifest_load(source, NULL, diags, &ignored) : NULL;
    bool ret = set && (diags->errors || set->text_count > written->count);
    rcn_desired_set_free(set);
    rcn_source_free(source);
    return ret;
}

/* What was exported plans to nothing; with what was in the folder before it may not. */
static void warn_of_others(struct job *job)
{
    const char *dir = job->options->dir;
    struct rcn_diags diags;
    if (!dir)
        return;
    rcn_diags_init(&diags);
    if (holds_others(dir, job->sources.source, &diags))
        job_warn(job, "other-manifests",
                 "'%.500s' holds other manifests too, which a plan of it reads: validate the whole "
                 "folder",
                 dir);
    rcn_diags_release(&diags);
}

static int leave_stdout(struct job *job)
{
    if (job->options->force && !job->options->dir)
        return job_set_error(job, RCN_ERROR_USAGE, "'--force' has no meaning without --dir");
    if (job->options->dir || reports_leave_stdout(&job->reports, job->options, &job->error) == 0)
        return 0;
    return job_set_failed(job);
}

static int export(struct export *self)
{
    if (fetch(self->job) || choose(self))
        return -1;
    warn_left_out(self);
    if (!self->count)
        job_warn(self->job, "nothing-live", "nothing is live: there is nothing to export");
    if (write_source(self) || check(self) || put(self->job))
        return -1;
    if (!self->count)
        return 0;
    warn_of_others(self->job);
    tell(self);
    return 0;
}

int cmd_export(const struct options *options)
{
    struct job job;
    struct export self = {.job = &job};
    if (job_begin(&job, options) || leave_stdout(&job) || export(&self))
        return job_fail(&job);
    return job_end(&job, "exported", EXIT_DONE);
}
