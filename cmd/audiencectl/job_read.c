/*
 * What a command reads: secrets, manifests, the live state, and the plan that compares them.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "apply/intents.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/time.h"
#include "interrupt.h"
#include "job.h"
#include "live/pace.h"
#include "plan/names.h"
#include "plan/preflight.h"

/* --- secrets --- */

/*
 * From a file, or from an environment variable, which counts less when the file was named on the
 * command line. What does not count is not judged. The variable is wiped: no child process inherits
 * it, and no later reader of /proc finds it.
 */
static int take_secret(const char *variable, bool is_wanted, const char *file, bool file_wins,
                       struct rcn_secret *ret, struct rcn_error *err)
{
    char *value = getenv(variable);
    int result = 0;
    if (is_wanted && file && (file_wins || !value || !*value))
        result = rcn_secret_init_from_file(ret, file, err);
    else if (is_wanted && value && *value)
        result = rcn_secret_init(ret, value, variable, err);
    if (value)
        memset(value, 0, strlen(value));
    unsetenv(variable);
    return result;
}

int job_take_secrets(struct job *self)
{
    const struct options *options = self->options;
    bool needs_key = options->command->bit & USES_API;
    int key = take_secret("SEQUENZY_API_KEY", needs_key, options->api_key_file,
                          options->is_api_key_file_explicit, &self->key, &self->error);
    int token = take_secret("AUDIENCECTL_GIT_TOKEN", (options->git || options->ledger) && !key,
                            options->git_token_file, true, &self->git_token, &self->error);
    return key || token ? job_set_failed(self) : 0;
}

/* --- manifests --- */

const char *job_find_dir(const struct job *self, const char *variable, const char *fallback)
{
    const char *base = getenv(variable);
    const char *home = getenv("HOME");
    if (base && *base == '/')
        return rcn_arena_printf(self->diags.arena, "%s/audiencectl", base);
    if (home && *home == '/')
        return rcn_arena_printf(self->diags.arena, "%s/%s/audiencectl", home, fallback);
    return NULL;
}

struct rcn_git_access job_get_git_access(struct job *self)
{
    const struct options *options = self->options;
    return (struct rcn_git_access){.token = &self->git_token,
                                   .ssh_key_file = options->ssh_key,
                                   .ca_file = options->ca_file,
                                   .timeout_ms = options->timeout_ms,
                                   .deadline_ms = self->deadline_ms,
                                   .progress = progress_fetching,
                                   .progress_context = &self->progress,
                                   .interrupted = interrupt_is_pending};
}

struct rcn_source *job_read_commit(struct job *self, const char *ref, struct rcn_diags *diags,
                                   struct rcn_error *err)
{
    const struct options *options = self->options;
    struct rcn_git_options git = {
        .url = options->git,
        .ref = ref,
        .paths = options->paths.items,
        .path_count = options->paths.count,
        .cache_dir = options->no_cache ? NULL : job_find_dir(self, "XDG_CACHE_HOME", ".cache"),
        .access = job_get_git_access(self)};
    struct rcn_source *source = rcn_source_new_from_git(&git, diags, err);
    progress_end(&self->progress);
    return source;
}

static void read_paths(struct job *self)
{
    const struct options *options = self->options;
    size_t count = options->operands.count;
    const char **paths = rcn_arena_calloc(self->diags.arena, count + 2, sizeof *paths);
    for (size_t i = 0; i < count; i++)
        paths[i] = options->operands.items[i];
    /* What is added to a folder must be in no manifest there either. */
    if (options->unmanaged && !count)
        paths[count++] = ".";
    if (options->unmanaged && access(options->dir, F_OK) == 0)
        paths[count++] = options->dir;
    self->source = rcn_source_new_from_paths(paths, count, &self->diags);
}

struct rcn_variables *job_read_variables(const struct job *self, struct rcn_diags *diags,
                                         struct rcn_error *err)
{
    const struct options *options = self->options;
    struct rcn_variables *variables = rcn_variables_new();
    int result = 0;
    for (size_t i = 0; i < options->vars.count && !result; i++)
        result = rcn_variables_add_assignment(variables, options->vars.items[i], err);
    for (size_t i = 0; i < options->var_files.count && !result; i++)
        result = rcn_variables_add_file(variables, options->var_files.items[i], diags, err);
    if (!result)
        return variables;
    rcn_variables_free(variables);
    return NULL;
}

static void print_source_notes(struct job *self)
{
    const struct rcn_source *source = self->source;
    for (size_t i = 0; i < source->warning_count; i++)
        job_warn(self, "source", "%s", source->warnings[i]);
    /* About this run and not about manifests: --strict does not count them. */
    for (size_t i = 0; i < source->note_count && !self->options->quiet; i++)
        term_print_warning(&self->err, source->notes[i]);
    for (size_t i = 0; self->options->verbose && i < source->skipped_count; i++) {
        char line[1024];
        snprintf(line, sizeof line, "skipped '%s': %s", source->skipped[i].path,
                 source->skipped[i].reason);
        term_print_note(&self->err, line);
    }
    const struct rcn_desired_set *set = self->manifests;
    for (size_t i = 0; self->options->verbose && i < set->skipped_count; i++) {
        char line[1024];
        snprintf(line, sizeof line, "skipped '%s:%u': not a manifest", set->skipped[i].text->path,
                 set->skipped[i].line);
        term_print_note(&self->err, line);
    }
}

struct rcn_desired_set *job_decode(const struct rcn_source *source, struct rcn_variables *variables,
                                   struct rcn_diags *diags)
{
    const struct rcn_texts texts = {.items = source->texts,
                                    .count = source->count,
                                    .named = source->named,
                                    .name = source->name};
    return rcn_manifest_load(&texts, variables, diags);
}

int job_read(struct job *self)
{
    static const char *const kinds[] = {
        [RCN_SOURCE_FILES] = "files", [RCN_SOURCE_STDIN] = "stdin", [RCN_SOURCE_GIT] = "git"};
    self->variables = job_read_variables(self, &self->diags, &self->error);
    if (self->variables && self->options->git)
        self->source = job_read_commit(self, self->options->ref, &self->diags, &self->error);
    else if (self->variables)
        read_paths(self);
    int result = self->source ? 0 : -1;
    /* A read that a signal cut short looks like a file that cannot be read. */
    if (interrupt_get_signal(NULL))
        result = rcn_error_set(&self->error, RCN_ERROR_INTERRUPTED, "interrupted");
    if (!result)
        self->manifests = job_decode(self->source, self->variables, &self->diags);
    if (!self->manifests)
        return job_set_failed(self);
    if (reports_have_document(&self->reports))
        rcn_source_set_digest(self->source);
    self->facts = (struct rcn_source_facts){.kind = kinds[self->source->kind],
                                            .url = self->source->name,
                                            .ref = self->source->ref,
                                            .commit = self->source->commit,
                                            .files = self->manifests->text_count,
                                            .skipped = self->source->skipped_count +
                                                       self->manifests->skipped_count,
                                            .digest = self->source->digest};
    print_source_notes(self);
    return 0;
}

int job_load(struct job *self)
{
    return job_read(self) ? -1 : job_check_diags(self, "nothing was compared");
}

static int settle(struct job *self, const char *company_id)
{
    rcn_manifest_settle_company(self->manifests, company_id, &self->diags);
    return job_check_diags(self, "nothing was compared");
}

/* --- the live state --- */

/* -v: the line would land in the middle of the bar. */
static void log_exchange(void *context, const char *line)
{
    struct progress *progress = context;
    progress_hide(progress);
    term_print_note(&progress->term, line);
}

static int check_snapshot(const struct rcn_snapshot *snapshot, const struct options *options,
                          struct rcn_error *err)
{
    enum { CLOCK_SKEW_MS = 300000 };
    char asked[512];
    char age[RCN_TIME_SIZE];
    const char *url = rcn_snapshot_get_url(snapshot);
    int64_t age_ms = rcn_clock_wall_ms() - rcn_snapshot_get_taken_ms(snapshot);
    rcn_age_format(age_ms, age);
    if (age_ms > options->max_age_ms)
        return rcn_error_set(err, RCN_ERROR_REFUSED, "it is %s old, more than --max-age allows",
                             age);
    if (age_ms < -CLOCK_SKEW_MS)
        return rcn_error_set(err, RCN_ERROR_REFUSED, "it was taken in the future: check the clock");
    if (!options->is_api_url_given)
        return 0;
    if (rcn_http_normalise_origin(options->api_url, asked, sizeof asked, err))
        return -1;
    return strcmp(asked, url) == 0 ? 0
                                   : rcn_error_set(err, RCN_ERROR_REFUSED,
                                                   "it is of the API %s, not of %s", url, asked);
}

static int read_snapshot(struct job *self)
{
    struct rcn_buf bytes;
    const char *path = self->options->live;
    rcn_buf_init(&bytes, RCN_SNAPSHOT_MAX_BYTES);
    int result = rcn_file_read(path, &bytes, &self->error);
    if (result == 0) {
        self->snapshot = rcn_snapshot_read(rcn_buf_get_str(&bytes), bytes.len, &self->error);
        if (!self->snapshot || check_snapshot(self->snapshot, self->options, &self->error))
            result = rcn_error_wrap(&self->error, "snapshot '%s'", path);
    }
    rcn_buf_release(&bytes);
    return result;
}

/* SSL_CERT_FILE and SSL_CERT_DIR are what other programs with OpenSSL read; libcurl does not. */
static void set_certificates(struct rcn_http_options *http, const struct options *options)
{
    const char *file = getenv("SSL_CERT_FILE");
    const char *dir = getenv("SSL_CERT_DIR");
    http->ca_file = options->ca_file;
    if (options->ca_file || strncmp(options->api_url, "http:", 5) == 0)
        return;
    http->ca_file = file && *file ? file : NULL;
    http->ca_dir = dir && *dir ? dir : NULL;
}

static int open_api(struct job *self)
{
    const struct options *options = self->options;
    if (options->live && read_snapshot(self))
        return job_set_failed(self);
    if (!options->live && !self->key.text) {
        job_set_error(self, RCN_ERROR_FAILED, "no API key is given");
        rcn_error_set_hint(&self->error,
                           "set SEQUENZY_API_KEY, or name a file with --api-key-file");
        return -1;
    }
    struct rcn_api_options api = {.http = {.origin = options->api_url,
                                           .key = &self->key,
                                           .timeout_ms = options->timeout_ms,
                                           .log = options->verbose ? log_exchange : NULL,
                                           .log_context = &self->progress},
                                  .rate = options->rate ? options->rate : RCN_PACE_DEFAULT,
                                  .deadline_ms = self->deadline_ms,
                                  .seed = (uint64_t)rcn_clock_wall_ms() << 20 ^ (uint64_t)getpid(),
                                  .interrupted = interrupt_is_pending,
                                  .is_hurried = interrupt_has_come,
                                  .waiting = progress_waiting,
                                  .context = &self->progress,
                                  .replay = options->live ? self->snapshot : NULL,
                                  .record = options->live ? NULL : self->snapshot};
    set_certificates(&api.http, options);
    self->api = rcn_api_new(&api, &self->error);
    return self->api ? 0 : job_set_failed(self);
}

static void warn_of_snapshot(struct job *self)
{
    char taken[RCN_TIME_SIZE];
    char age[RCN_TIME_SIZE];
    rcn_time_format(self->live->fetched_at_ms, taken);
    rcn_age_format(rcn_clock_wall_ms() - self->live->fetched_at_ms, age);
    job_warn(self, "snapshot", "what is live is read from a snapshot of %s, %s old", taken, age);
}

int job_read_live_state(struct job *self, const struct rcn_live_request *request)
{
    if (open_api(self))
        return -1;
    progress_begin(&self->progress, "reading the live state", 0);
    self->live = rcn_reading_fetch(self->api, request, &self->error);
    progress_end(&self->progress);
    if (!self->live)
        return job_set_failed(self);
    if (reports_have_document(&self->reports))
        rcn_live_state_set_digest(self->live);
    if (self->live->is_snapshot)
        warn_of_snapshot(self);
    if (self->live->account_status == RCN_READ_FORBIDDEN)
        job_warn(self, "unreadable-account", "cannot check which companies the key reaches: %s",
                 self->live->account_problem);
    return 0;
}

int job_fetch(struct job *self, bool wants_segments)
{
    const struct rcn_desired_set *set = self->manifests;
    const char *company = self->options->company;
    struct rcn_live_request request = {
        .company_ids = set->company_ids,
        .company_count = set->company_count,
        .needs_unnamed = set->needs_company && !company,
        .wants_syncs = true,
        .wants_ad_accounts = set->needs_ad_accounts || !self->options->no_preflight,
        .wants_segments = set->needs_segments || (wants_segments && !self->options->no_preflight)};
    if (set->needs_company && company && !rcn_desired_set_names(set, company)) {
        const char **ids = rcn_arena_calloc(self->diags.arena, set->company_count + 1, sizeof *ids);
        for (size_t i = 0; i < set->company_count; i++)
            ids[i] = set->company_ids[i];
        ids[request.company_count++] = company;
        request.company_ids = ids;
    }
    /* Before anything is read: two documents may turn out to mean the same sync. */
    if (company && settle(self, company))
        return -1;
    if (job_read_live_state(self, &request))
        return -1;
    if (request.needs_unnamed && settle(self, self->live->own_company_id))
        return -1;
    rcn_names_resolve(self->manifests, self->live, &self->diags);
    if (!self->diags.errors)
        rcn_manifest_check_new(self->manifests, &self->diags);
    return job_check_diags(self, "nothing was compared");
}

/* What an apply of the plan reads, which the limits count too: the account, and of each company the
 * list three times (to plan, before the first create, after the last) and what the preflight needs.
 */
static size_t count_apply_reads(const struct job *self)
{
    size_t per_company = self->options->no_preflight ? 3 : 5;
    size_t accounts = 1;
    for (size_t i = 0; i < self->live->company_count; i++)
        if (!self->live->companies[i].is_sent)
            accounts = 2; /* reading.h: read again, because the company could change */
    return accounts + per_company * self->live->company_count;
}

int job_complete_plan(struct job *self, struct rcn_plan *plan)
{
    const char *rate = self->options->rate ? self->options->rate : RCN_PACE_DEFAULT;
    /* A pace of its own: what this run has sent so far must not make equal plans differ. */
    struct rcn_pace *pace = rcn_pace_new(rate, &self->error);
    if (!pace)
        return job_set_failed(self);
    if (self->facts.kind)
        plan->source = self->facts;
    if (plan->create_requests)
        plan->create_ms =
            rcn_pace_estimate_ms(pace, count_apply_reads(self) + plan->create_requests, 0);
    rcn_pace_free(pace);
    return 0;
}

/* --- the plan --- */

struct rcn_selection job_get_selection(const struct job *self)
{
    const struct options *options = self->options;
    return (struct rcn_selection){.ad_accounts = options->ad_accounts.items,
                                  .ad_account_count = options->ad_accounts.count,
                                  .names = options->names.items,
                                  .name_count = options->names.count,
                                  .labels = options->labels.items,
                                  .label_count = options->labels.count};
}

int job_plan(struct job *self, bool is_drift)
{
    struct rcn_plan_options plan_options = {.selection = job_get_selection(self),
                                            .known = &self->known,
                                            .warns_of_unused_ignores = is_drift};
    self->plan =
        rcn_plan_new(self->manifests, self->live, &plan_options, &self->diags, &self->error);
    if (!self->plan)
        return job_set_failed(self);
    return job_complete_plan(self, self->plan);
}

int job_preflight(struct job *self, bool is_apply)
{
    if (self->options->no_preflight)
        return 0;
    struct rcn_error refusal = RCN_ERROR_INIT;
    if (rcn_preflight_judge(self->plan, self->live, &self->diags, &refusal) == 0)
        return 0;
    if (!is_apply) {
        job_warn(self, "apply-refused", "apply would refuse: %s", refusal.message);
        return 0;
    }
    self->error = refusal;
    return job_set_failed(self);
}

int job_read_saved(struct job *self, const char *path)
{
    struct rcn_buf bytes;
    rcn_buf_init(&bytes, RCN_DOCUMENT_MAX_BYTES);
    if (rcn_file_read(path, &bytes, &self->error) == 0) {
        self->saved = rcn_document_new(rcn_buf_get_str(&bytes), bytes.len, &self->error);
        if (!self->saved)
            rcn_error_wrap(&self->error, "'%s'", path);
    }
    rcn_buf_release(&bytes);
    return self->saved ? 0 : job_set_failed(self);
}
