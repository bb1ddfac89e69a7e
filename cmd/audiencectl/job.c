#include "job.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/redact.h"
#include "environment.h"
#include "interrupt.h"
#include "live/pace.h"
#include "plan/preflight.h"

int job_set_failed(struct job *self)
{
    self->has_error = true;
    return -1;
}

int job_set_error(struct job *self, enum rcn_error_kind kind, const char *format, ...)
{
    char message[sizeof self->error.message];
    va_list args;
    va_start(args, format);
    vsnprintf(message, sizeof message, format, args);
    va_end(args);
    rcn_error_set(&self->error, kind, "%s", message);
    return job_set_failed(self);
}

void job_warn(struct job *self, const char *rule, const char *format, ...)
{
    char message[1024];
    va_list args;
    va_start(args, format);
    vsnprintf(message, sizeof message, format, args);
    va_end(args);
    rcn_redact(message);
    progress_hide(&self->progress);
    if (!self->options->quiet)
        term_print_warning(&self->err, message);
    const struct rcn_span nowhere = {0};
    struct rcn_diag *diag = rcn_diags_warning(&self->diags, rule, nowhere, "%s", message);
    if (diag)
        diag->is_told = true;
}

/* A command that needs no secret does not judge it, but no child of ours gets it either. */
static int take_secrets(struct job *self)
{
    const struct options *options = self->options;
    bool needs_key = command_has_group(options->command, &option_group_api);
    bool needs_token = options->git != NULL;
    if (needs_key && session_take_key(&self->session, options, &self->error))
        return -1;
    if (needs_token && sources_take_token(&self->sources, options, &self->error))
        return -1;
    environment_drop_secrets();
    return 0;
}

int job_begin(struct job *self, const struct options *options)
{
    memset(self, 0, sizeof *self);
    self->options = options;
    self->write_failure_code = EXIT_ERROR;
    term_init(&self->out, STDOUT_FILENO, (enum color_choice)options->color);
    term_init(&self->err, STDERR_FILENO, (enum color_choice)options->color);
    progress_init(&self->progress, &self->err, options->quiet);
    if (options->deadline_ms)
        self->deadline_ms = rcn_clock_steady_ms() + options->deadline_ms;
    rcn_diags_init(&self->diags);
    if (reports_open(&self->reports, options, &self->error) || take_secrets(self))
        return job_set_failed(self);
    return 0;
}

void job_print_diags(struct job *self)
{
    progress_hide(&self->progress);
    rcn_diags_sort(&self->diags);
    self->shown_diags = term_print_diags(&self->err, &self->diags, self->shown_diags,
                                         self->options->quiet && !self->options->strict);
}

int job_check_diags(struct job *self, const char *what)
{
    if (!self->diags.errors)
        return 0;
    return job_set_error(self, RCN_ERROR_FAILED, "%s: %zu %s", what, self->diags.errors,
                         self->diags.errors == 1 ? "error" : "errors");
}

static void tell_about_source(struct job *self)
{
    const struct rcn_source *source = self->sources.source;
    for (size_t i = 0; i < source->warning_count; i++)
        job_warn(self, "source", "%s", source->warnings[i]);
    if (!self->options->verbose)
        return;
    for (size_t i = 0; i < source->skipped_count; i++) {
        char line[1024];
        snprintf(line, sizeof line, "skipped '%s': %s", source->skipped[i].path,
                 source->skipped[i].reason);
        term_print_note(&self->err, line);
    }
}

int job_read(struct job *self)
{
    if (sources_load(&self->sources, self->options, self->deadline_ms, &self->progress,
                     &self->diags, &self->error))
        return job_set_failed(self);
    if (reports_have_document(&self->reports) &&
        rcn_source_set_digest(self->sources.source, &self->error))
        return job_set_failed(self);
    self->sources.facts.digest = self->sources.source->digest;
    tell_about_source(self);
    return 0;
}

int job_load(struct job *self)
{
    return job_read(self) ? -1 : job_check_diags(self, "nothing was compared");
}

static int settle(struct job *self, const char *company_id)
{
    if (rcn_desired_settle_company(self->sources.manifests, company_id, &self->diags, &self->error))
        return job_set_failed(self);
    return job_check_diags(self, "nothing was compared");
}

int job_read_live_state(struct job *self, const struct rcn_live_request *request)
{
    if (session_open(&self->session, self->options, self->deadline_ms, &self->progress,
                     &self->error) ||
        session_fetch(&self->session, request, &self->progress, &self->error) ||
        (reports_have_document(&self->reports) &&
         rcn_live_state_set_digest(self->session.live, &self->error)))
        return job_set_failed(self);
    if (self->session.live->account_status == RCN_READ_FORBIDDEN)
        job_warn(self, "unreadable-account", "cannot check which companies the key reaches: %s",
                 self->session.live->account_problem);
    return 0;
}

int job_fetch(struct job *self, struct job_wants wants)
{
    const struct rcn_desired_set *set = self->sources.manifests;
    const char *company = self->options->company;
    struct rcn_live_request request = {.company_ids = set->company_ids,
                                       .company_count = set->company_count,
                                       .needs_unnamed = set->needs_company && !company,
                                       .wants_syncs = true,
                                       .wants_ad_accounts = wants.ad_accounts,
                                       .wants_segments = wants.segments};
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
    return request.needs_unnamed ? settle(self, self->session.live->own_company_id) : 0;
}

/* What an apply of the plan reads, which the limits count too: the account, and of each company the
 * list three times (to plan, before the first create, after the last) and what the preflight needs.
 */
static size_t count_apply_reads(const struct job *self)
{
    size_t per_company = self->options->no_preflight ? 3 : 5;
    return 1 + per_company * self->session.live->company_count;
}

int job_complete_plan(struct job *self, struct rcn_plan *plan)
{
    const char *rate = self->options->rate ? self->options->rate : RCN_PACE_DEFAULT;
    /* A pace of its own: what this run has sent so far must not make equal plans differ. */
    struct rcn_pace *pace = rcn_pace_new(rate, &self->error);
    if (!pace)
        return job_set_failed(self);
    if (self->sources.facts.kind)
        plan->source = self->sources.facts;
    if (plan->create_requests)
        plan->create_ms =
            rcn_pace_estimate_ms(pace, count_apply_reads(self) + plan->create_requests, 0);
    rcn_pace_free(pace);
    return 0;
}

struct rcn_selection job_get_selection(const struct job *self)
{
    const struct options *options = self->options;
    return (struct rcn_selection){.ad_accounts = options->ad_accounts.items,
                                  .ad_account_count = options->ad_accounts.count,
                                  .names = options->names.items,
                                  .name_count = options->names.count};
}

int job_plan(struct job *self, bool is_drift)
{
    struct rcn_plan_options plan_options = {.selection = job_get_selection(self),
                                            .warns_of_unused_ignores = is_drift};
    self->plan = rcn_plan_new(self->sources.manifests, self->session.live, &plan_options,
                              &self->diags, &self->error);
    if (!self->plan)
        return job_set_failed(self);
    return job_complete_plan(self, self->plan);
}

int job_preflight(struct job *self, bool is_apply)
{
    if (self->options->no_preflight)
        return 0;
    struct rcn_error refusal = RCN_ERROR_INIT;
    if (rcn_preflight_judge(self->plan, self->session.live, &self->diags, &refusal) == 0)
        return 0;
    if (!is_apply) {
        job_warn(self, "apply-refused", "apply would refuse: %s", refusal.message);
        return 0;
    }
    self->error = refusal;
    return job_set_failed(self);
}

void job_fill_report(const struct job *self, struct rcn_report *report)
{
    memset(report, 0, sizeof *report);
    report->command = self->options->command->name;
    report->created_at_ms = rcn_clock_wall_ms();
    report->plan = self->plan ? self->plan : self->saved ? self->saved->plan : NULL;
    report->results = self->results;
    report->diags = &self->diags;
    report->source = self->sources.facts.kind ? &self->sources.facts : NULL;
    report->desired_count = self->sources.manifests ? self->sources.manifests->count : 0;
    if (self->session.api)
        report->requests = rcn_api_get_counts(self->session.api);
    report->error = self->has_error ? &self->error : NULL;
    report->items = self->items;
    report->history = self->history;
    report->history_count = self->history_count;
    report->fail_on = self->fail_on;
}

/* Returns the exit code after writing: a report that is lost is an error of its own. */
static int write_reports(struct job *self, const struct rcn_report *report, int code)
{
    struct rcn_error error = RCN_ERROR_INIT;
    bool is_lost = reports_write_files(&self->reports, report, &error) != 0;
    if (is_lost)
        term_print_error(&self->err, &error);
    if (reports_write_stdout(&self->reports, report, self->options, &self->out, &error)) {
        if (self->is_stdout_optional)
            term_print_warning(&self->err, error.message);
        else
            term_print_error(&self->err, &error);
        is_lost |= !self->is_stdout_optional;
    }
    bool is_good = code == EXIT_DONE || code == EXIT_DIFFERENCES;
    return is_lost && is_good ? self->write_failure_code : code;
}

static void release(struct job *self)
{
    reports_release(&self->reports);
    rcn_results_free(self->results);
    rcn_plan_free(self->plan);
    rcn_document_free(self->saved);
    session_release(&self->session);
    rcn_diags_release(&self->diags);
    sources_release(&self->sources);
}

int job_end(struct job *self, const char *outcome, int code)
{
    int signal_number = interrupt_get_signal(NULL);
    if (signal_number) {
        outcome = "interrupted";
        code = EXIT_SIGNAL + signal_number;
    }
    progress_end(&self->progress);
    job_print_diags(self);
    struct rcn_report report;
    job_fill_report(self, &report);
    report.outcome = outcome;
    report.exit_code = code;
    /* A saved plan is shown as it was saved: not as this run. */
    if (self->shows_saved)
        report = self->saved->report;
    code = write_reports(self, &report, code);
    if (self->has_error)
        term_print_error(&self->err, &self->error);
    release(self);
    return code;
}

int job_fail(struct job *self)
{
    switch (self->error.kind) {
    case RCN_ERROR_REFUSED:
        return job_end(self, "refused", EXIT_REFUSED);
    case RCN_ERROR_USAGE:
        term_print_error(&self->err, &self->error);
        release(self);
        return EXIT_USAGE;
    case RCN_ERROR_INTERRUPTED:
    case RCN_ERROR_FAILED:
        break;
    }
    return job_end(self, "error", EXIT_ERROR);
}
