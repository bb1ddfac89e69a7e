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
#include "manifest/write.h"
#include "plan/names.h"

enum { NAMED_IN_MESSAGE = 5, PATH_MAX_BYTES = 65536 };

/* The documents of one file. */
struct target {
    const char *path;
    size_t count;      /* of syncs that it declares */
    const char *bytes; /* of the document */
    size_t len;
};

struct export
{
    struct job *job;
    /* What is exported, by identity and id; in is_shared, whether another live one has the same
     * identity. */
    const struct rcn_live_sync **syncs;
    bool *is_shared;
    size_t count;
    size_t left_out;
    struct target *targets; /* without --dir: one */
    size_t target_count;
    size_t documents;
    struct rcn_source *written; /* what the manifests are once it is written */
};

/* --- choosing --- */

static int compare(const void *a, const void *b)
{
    const struct rcn_live_sync *const *left = a;
    const struct rcn_live_sync *const *right = b;
    return rcn_live_sync_compare(*left, *right);
}

static bool is_same_identity(const struct rcn_live_sync *a, const struct rcn_live_sync *b)
{
    return rcn_identity_compare(&a->sync, &b->sync) == 0;
}

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
    const struct options *options = self->job->options;
    const struct rcn_live_state *live = self->job->live;
    const struct rcn_selection selection = job_get_selection(self->job);
    size_t total = 0;
    if (!options->unmanaged && rcn_selection_check(&selection, NULL, live, &self->job->error))
        return job_set_failed(self->job);
    for (size_t i = 0; i < live->company_count; i++)
        total += live->companies[i].sync_count;
    const struct rcn_live_sync **all = rcn_arena_calloc(live->arena, total + 1, sizeof *all);
    self->syncs = rcn_arena_calloc(live->arena, total + 1, sizeof *self->syncs);
    self->is_shared = rcn_arena_calloc(live->arena, total + 1, sizeof *self->is_shared);
    total = 0;
    for (size_t i = 0; i < live->company_count; i++)
        for (size_t j = 0; j < live->companies[i].sync_count; j++)
            all[total++] = &live->companies[i].syncs[j];
    qsort(all, total, sizeof *all, compare);
    for (size_t i = 0; i < total; i++) {
        if (options->unmanaged ? !is_unmanaged(self->job->plan, all[i])
                               : !rcn_selection_includes(&selection, &all[i]->sync, NULL))
            continue;
        self->is_shared[self->count] = (i && is_same_identity(all[i - 1], all[i])) ||
                                       (i + 1 < total && is_same_identity(all[i], all[i + 1]));
        self->left_out += rcn_manifest_refuses(all[i]) != NULL;
        self->syncs[self->count++] = all[i];
    }
    return 0;
}

static void warn_left_out(const struct export *self)
{
    for (size_t i = 0; i < self->count; i++) {
        const char *why = rcn_manifest_refuses(self->syncs[i]);
        if (why)
            job_warn(self->job, "not-exported", "left out %.100s, '%.200s': %s",
                     self->syncs[i]->sync.id, self->syncs[i]->sync.audience_name, why);
    }
    if (self->left_out)
        job_warn(
            self->job, "not-exported",
            "%zu of %zu syncs cannot be declared in a manifest: a plan lists them as unmanaged",
            self->left_out, self->count);
}

/* --- the documents --- */

/* Letters, digits, `_` and `-`; others as `%XX`, so that no name leaves the folder or is hidden. */
static const char *escape(struct rcn_arena *arena, const char *text)
{
    static const char safe[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-";
    char *escaped = rcn_arena_calloc(arena, 3 * strlen(text) + 1, 1);
    char *end = escaped;
    for (; *text; text++)
        if (strchr(safe, *text))
            *end++ = *text;
        else
            end += sprintf(end, "%%%02X", (unsigned)(unsigned char)*text);
    return escaped;
}

/* `DIR/comp_123-act_1.yaml`, `DIR/act_1.yaml` without a company. */
static const char *make_path(struct rcn_arena *arena, const char *dir,
                             const struct rcn_audience_sync *sync)
{
    return rcn_arena_printf(arena, "%s%s%s%s%s.yaml", dir, dir[strlen(dir) - 1] == '/' ? "" : "/",
                            sync->company_id ? escape(arena, sync->company_id) : "",
                            sync->company_id ? "-" : "", escape(arena, sync->ad_account_id));
}

static size_t count_same_account(const struct export *self, size_t first)
{
    const struct rcn_audience_sync *sync = &self->syncs[first]->sync;
    size_t end = first + 1;
    while (end < self->count &&
           strcmp(self->syncs[end]->sync.ad_account_id, sync->ad_account_id) == 0 &&
           rcn_text_is_same(self->syncs[end]->sync.company_id, sync->company_id))
        end++;
    return end - first;
}

static void write_document(const struct export *self, size_t first, size_t count,
                           struct rcn_buf *out)
{
    const struct rcn_live_state *live = self->job->live;
    const struct rcn_audience_sync *sync = &self->syncs[first]->sync;
    const struct rcn_live_company *company = rcn_live_state_find_company(live, sync->company_id);
    struct rcn_written_document document = {.company_id = sync->company_id,
                                            .company_name = company ? company->name : NULL,
                                            .ad_account_id = sync->ad_account_id,
                                            .ad_account_name = rcn_live_state_get_ad_account_name(
                                                live, sync->company_id, sync->ad_account_id),
                                            .names = self->job->options->by_names ? company : NULL,
                                            .syncs = self->syncs + first,
                                            .is_shared = self->is_shared + first,
                                            .count = count};
    rcn_manifest_write(out, &document);
}

static void add_target(struct export *self, const char *path, size_t first, size_t end,
                       struct rcn_buf *bytes)
{
    struct target *target = &self->targets[self->target_count++];
    *target = (struct target){
        .path = path,
        .bytes = rcn_arena_strndup(self->job->live->arena, rcn_buf_get_str(bytes), bytes->len),
        .len = bytes->len};
    for (size_t i = first; i < end; i++)
        target->count += !rcn_manifest_refuses(self->syncs[i]);
    rcn_buf_clear(bytes);
}

/* With a folder each document goes to a file of its own, without one all go to one text. */
static void write_documents(struct export *self)
{
    const char *dir = self->job->options->dir;
    struct rcn_arena *arena = self->job->live->arena;
    struct rcn_buf bytes;
    rcn_buf_init(&bytes, RCN_SOURCE_MAX_BYTES);
    self->targets = rcn_arena_calloc(arena, self->count + 1, sizeof *self->targets);
    for (size_t i = 0, count; i < self->count; i += count) {
        count = count_same_account(self, i);
        if (!dir && i)
            rcn_buf_add_str(&bytes, "---\n");
        write_document(self, i, count, &bytes);
        self->documents++;
        if (dir)
            add_target(self, make_path(arena, dir, &self->syncs[i]->sync), i, i + count, &bytes);
    }
    if (!dir && self->count)
        add_target(self, "<stdout>", 0, self->count, &bytes);
    rcn_buf_release(&bytes);
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
        rcn_arena_calloc(source->arena, count + self->target_count + 1, sizeof *source->texts);
    for (size_t i = 0; i < count; i++)
        source->texts[source->count++] = read->texts[i];
    for (size_t i = 0; i < self->target_count; i++)
        source->texts[source->count++] = (struct rcn_text){.path = self->targets[i].path,
                                                           .bytes = self->targets[i].bytes,
                                                           .len = self->targets[i].len};
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
    size_t expected = self->count - self->left_out;
    size_t found = job->plan->counts.by_status[RCN_STATUS_IN_SYNC] - before;
    return found == expected
               ? 0
               : job_set_error(job, RCN_ERROR_FAILED,
                               "what was exported does not plan to nothing: %zu of %zu syncs are "
                               "in sync; nothing was written",
                               found, expected);
}

/* --- the files --- */

static int compare_identity(const void *key, const void *element)
{
    const struct rcn_live_sync *const *sync = element;
    return rcn_identity_compare(key, &(*sync)->sync);
}

/* True when the export declares what an entry of a file declares. */
static bool is_exported(const struct export *self, const struct rcn_audience_sync *entry)
{
    const struct rcn_live_sync **end = self->syncs + self->count;
    const struct rcn_live_sync **found =
        bsearch(entry, self->syncs, self->count, sizeof *found, compare_identity);
    if (!found || !entry->id)
        return found != NULL;
    while (found > self->syncs && is_same_identity(found[-1], *found))
        found--;
    for (; found < end && compare_identity(entry, found) == 0; found++)
        if (strcmp((*found)->sync.id, entry->id) == 0)
            return true;
    return false;
}

static int refuse_content(struct job *job, const char *path, const char *what)
{
    job_set_error(job, RCN_ERROR_FAILED, "'%s' %s; nothing was written", path, what);
    rcn_error_set_hint(&job->error, "export into another folder, or add what is in no manifest "
                                    "with --unmanaged");
    return -1;
}

static int check_entries(struct export *self, const char *path, const struct rcn_desired_set *set)
{
    struct rcn_buf names;
    size_t lost = 0;
    bool has_labels = false;
    bool has_replaces = false;
    rcn_buf_init(&names, PATH_MAX_BYTES);
    for (size_t i = 0; i < set->count; i++) {
        has_labels |= set->syncs[i].label_count > 0;
        has_replaces |= set->syncs[i].replaces_count > 0;
        if (is_exported(self, &set->syncs[i].sync))
            continue;
        if (lost++ < NAMED_IN_MESSAGE)
            rcn_buf_printf(&names, "%s'%.80s'", lost > 1 ? ", " : "",
                           set->syncs[i].sync.audience_name);
    }
    char what[1024];
    snprintf(what, sizeof what, "holds %zu %s that this export would not write again: %.600s%s",
             lost, lost == 1 ? "sync" : "syncs", rcn_buf_get_str(&names),
             lost > NAMED_IN_MESSAGE ? ", ..." : "");
    rcn_buf_release(&names);
    if (lost)
        return refuse_content(self->job, path, what);
    const char *key = set->ignore_count ? "'ignore' entries"
                      : has_labels      ? "'labels'"
                      : has_replaces    ? "'replaces'"
                                        : NULL;
    snprintf(what, sizeof what, "holds %s, which export does not write", key ? key : "");
    return key ? refuse_content(self->job, path, what) : 0;
}

/* Where the text has the line, which ends with a newline or the text; NULL: nowhere. */
static const char *find_line(const char *text, const char *end, const char *line, size_t len)
{
    while (text < end && strncmp(text, line, len + 1) != 0)
        text += strcspn(text, "\n") + 1;
    return text < end ? text : NULL;
}

/* Comments and variables of a person: lines with one that the new text does not have. */
static int check_lines(struct job *job, const struct target *target, const char *bytes)
{
    const char *end = target->bytes + target->len;
    const char *next = target->bytes; /* most lines are in the same order */
    char what[128] = "";
    struct rcn_buf text;
    rcn_buf_init(&text, RCN_SOURCE_MAX_FILE_BYTES);
    for (size_t number = 1, len; *bytes && !*what; number++, bytes += len + (bytes[len] == '\n')) {
        len = strcspn(bytes, "\n");
        rcn_buf_clear(&text);
        rcn_buf_add(&text, bytes, len);
        const char *line = rcn_buf_get_str(&text);
        const char *variable = strstr(line, "${");
        bool is_comment = line[strspn(line, " \t")] == '#' || strstr(line, " #");
        if (!is_comment && (!variable || (variable > line && variable[-1] == '$')))
            continue;
        const char *same = find_line(next, end, bytes, len);
        if (!same)
            same = find_line(target->bytes, next, bytes, len);
        if (same)
            next = same + len + 1;
        else
            snprintf(what, sizeof what, "holds a %s in line %zu, which export does not write",
                     is_comment ? "comment" : "variable", number);
    }
    rcn_buf_release(&text);
    return *what ? refuse_content(job, target->path, what) : 0;
}

/* Nothing that a person wrote may get lost. */
static int check_content(struct export *self, const struct target *target)
{
    struct job *job = self->job;
    struct rcn_diags diags;
    struct rcn_buf bytes;
    int result = 0;
    rcn_diags_init(&diags);
    rcn_buf_init(&bytes, RCN_SOURCE_MAX_FILE_BYTES);
    if (rcn_file_read(target->path, &bytes, &job->error)) {
        result = job_set_failed(job);
    } else if (rcn_source_looks_like_manifest(rcn_buf_get_str(&bytes), bytes.len)) {
        const struct rcn_text text = {.path = target->path, .bytes = bytes.data, .len = bytes.len};
        const struct rcn_texts texts = {.items = &text, .count = 1};
        struct rcn_desired_set *set = rcn_manifest_load(&texts, job->variables, &diags);
        rcn_manifest_settle_company(set, job->live->own_company_id, &diags);
        for (size_t i = 0; i < set->count; i++)
            set->syncs[i].segment_name = NULL; /* an identity has no segment */
        set->needs_segments = false;
        rcn_names_resolve(set, job->live, &diags);
        if (diags.errors)
            result = refuse_content(job, target->path,
                                    "is not a valid manifest, so what it declares is unknown");
        else
            result = check_entries(self, target->path, set) ||
                             check_lines(job, target, rcn_buf_get_str(&bytes))
                         ? -1
                         : 0;
        rcn_desired_set_free(set);
    }
    rcn_buf_release(&bytes);
    rcn_diags_release(&diags);
    return result;
}

static int refuse_to_replace(struct job *job, const char *path)
{
    job_set_error(job, RCN_ERROR_REFUSED, "'%s' exists", path);
    rcn_error_set_hint(&job->error, "--force replaces it");
    return -1;
}

static int check_target(struct export *self, const struct target *target)
{
    struct job *job = self->job;
    struct stat status;
    if (lstat(target->path, &status))
        return 0;
    if (!S_ISREG(status.st_mode) && !S_ISLNK(status.st_mode))
        return job_set_error(job, RCN_ERROR_FAILED,
                             "'%s' is not a regular file; nothing was written", target->path);
    if (job->options->unmanaged)
        return 0;
    if (check_content(self, target))
        return -1;
    return job->options->force ? 0 : refuse_to_replace(job, target->path);
}

/* The bytes that a file has, then the document. */
static int append_to(struct job *job, const struct target *target)
{
    struct rcn_buf bytes;
    struct stat status;
    rcn_buf_init(&bytes, RCN_SOURCE_MAX_BYTES);
    int result = 0;
    if (stat(target->path, &status) == 0)
        result = rcn_file_read(target->path, &bytes, &job->error);
    if (bytes.len)
        rcn_buf_add_str(&bytes, bytes.data[bytes.len - 1] == '\n' ? "---\n" : "\n---\n");
    rcn_buf_add(&bytes, target->bytes, target->len);
    struct rcn_file_writer *writer = result ? NULL : rcn_file_writer_new(target->path, &job->error);
    result = writer ? rcn_file_writer_commit(writer, bytes.data, bytes.len, &job->error) : -1;
    rcn_file_writer_free(writer);
    rcn_buf_release(&bytes);
    return result ? job_set_failed(job) : 0;
}

static int write_file(struct job *job, const struct target *target)
{
    bool exists = false;
    if (job->options->unmanaged)
        return append_to(job, target);
    struct rcn_file_writer *writer = rcn_file_writer_new(target->path, &job->error);
    if (!writer)
        return job_set_failed(job);
    int result =
        job->options->force
            ? rcn_file_writer_commit(writer, target->bytes, target->len, &job->error)
            : rcn_file_writer_commit_new(writer, target->bytes, target->len, &exists, &job->error);
    rcn_file_writer_free(writer);
    if (exists)
        return refuse_to_replace(job, target->path);
    return result ? job_set_failed(job) : 0;
}

static int put_files(struct export *self)
{
    struct job *job = self->job;
    const char *dir = job->options->dir;
    for (size_t i = 0; i < self->target_count; i++)
        if (check_target(self, &self->targets[i]))
            return -1;
    /* Not rcn_make_directories: a folder of manifests is for the team, not for one user. */
    if (self->target_count && mkdir(dir, 0777) && errno != EEXIST)
        return job_set_error(job, RCN_ERROR_FAILED, "cannot make directory '%s': %s", dir,
                             strerror(errno));
    for (size_t i = 0; i < self->target_count; i++) {
        const struct target *target = &self->targets[i];
        if (interrupt_get_signal(NULL))
            return job_set_error(job, RCN_ERROR_INTERRUPTED, "interrupted");
        if (write_file(job, target))
            return -1;
        job_note(job, job->options->unmanaged ? "added %zu %s to %s" : "wrote %zu %s to %s",
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
    if (diags.errors || set->text_count > self->target_count)
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
    size_t count = self->count - self->left_out;
    size_t pins = 0;
    for (size_t i = 0; i < self->count; i++)
        pins += self->is_shared[i] && !rcn_manifest_refuses(self->syncs[i]);
    const char *pinned =
        pins ? rcn_arena_printf(self->job->live->arena, "; %zu pinned as duplicates", pins) : "";
    job_note(self->job, "exported %zu %s in %zu %s; loaded again, nothing is missing or drifted%s",
             count, count == 1 ? "sync" : "syncs", self->documents,
             self->documents == 1 ? "document" : "documents", pinned);
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
    return job_build_plan(job, options->by_names) || job_check_diags(job, "nothing was written")
               ? -1
               : 0;
}

static int export(struct export *self)
{
    struct job *job = self->job;
    const struct options *options = job->options;
    if (!options->dir && reports_leave_stdout(&job->reports, &job->error))
        return job_set_failed(job);
    if (read_all(job) || choose(self))
        return -1;
    write_documents(self);
    if (check(self))
        return -1;
    warn_left_out(self);
    if (!self->count)
        job_warn(job, "nothing-live",
                 options->unmanaged ? "nothing is unmanaged: nothing was added"
                                    : "nothing is live: nothing was exported");
    if (options->dir) {
        if (put_files(self))
            return -1;
        if (self->count && !options->unmanaged)
            warn_of_others(self);
    } else if (self->count && term_write(&job->out, self->targets[0].bytes, self->targets[0].len)) {
        return job_set_error(job, RCN_ERROR_FAILED, "cannot write to standard output: %s",
                             strerror(errno));
    }
    if (self->count)
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
