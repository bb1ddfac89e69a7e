#include "job.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/redact.h"
#include "interrupt.h"
#include "report/report.h"

void job_warn(struct job *self, const char *rule, const char *format, ...)
{
    const struct rcn_span nowhere = {0};
    char message[1024];
    va_list args;
    va_start(args, format);
    vsnprintf(message, sizeof message, format, args);
    va_end(args);
    rcn_redact(message);
    if (!self->options->quiet)
        term_print_warning(message);
    struct rcn_diag *diag = rcn_diags_warning(&self->diags, rule, nowhere, "%s", message);
    if (diag)
        diag->is_told = true;
}

static int take_secrets(struct job *self)
{
    const struct options *options = self->options;
    int key =
        rcn_secret_take("SEQUENZY_API_KEY", options->command->bit & USES_API, options->api_key_file,
                        options->is_api_key_file_explicit, &self->key, &self->error);
    int token = rcn_secret_take("AUDIENCECTL_GIT_TOKEN", (options->git || options->ledger) && !key,
                                options->git_token_file, true, &self->git_token, &self->error);
    return key || token;
}

int job_begin(struct job *self, const struct options *options)
{
    memset(self, 0, sizeof *self);
    self->options = options;
    self->write_failure_code = EXIT_ERROR;
    term_init(options->color, options->quiet);
    if (options->deadline_ms)
        self->deadline_ms = rcn_clock_steady_ms() + options->deadline_ms;
    rcn_diags_init(&self->diags);
    return rcn_outputs_open(&self->reports, options->reports.items, options->reports.count,
                            options->out, options->history, &self->error) ||
           take_secrets(self);
}

void job_print_diags(struct job *self)
{
    rcn_diags_sort(&self->diags);
    term_print_diags(&self->diags, self->options->quiet && !self->options->strict);
}

int job_check_diags(struct job *self, const char *what)
{
    if (!self->diags.errors)
        return 0;
    return rcn_error_set(&self->error, RCN_ERROR_FAILED, "%s: %zu %s", what, self->diags.errors,
                         self->diags.errors == 1 ? "error" : "errors");
}

void job_fill_report(const struct job *self, struct rcn_report *report)
{
    *report = self->report;
    report->command = self->options->command->name;
    report->created_at_ms = rcn_clock_wall_ms();
    report->plan = self->plan ? self->plan : self->saved ? self->saved->plan : NULL;
    report->results = self->results;
    report->diags = &self->diags;
    report->source = self->facts.kind ? &self->facts : NULL;
    report->desired_count = self->manifests ? self->manifests->count : 0;
    if (self->api)
        report->requests = rcn_api_get_counts(self->api);
    report->error = self->has_failed ? &self->error : NULL;
    report->report_id = self->options->report_id;
    rcn_report_find_links(report, self->options->arena);
}

/* Returns the exit code after writing: a report that is lost is an error of its own. */
static int write_reports(struct job *self, const struct rcn_report *report, int code)
{
    const struct rcn_report_style style = {.color = term_out.color,
                                           .verbose = self->options->verbose,
                                           .quiet = self->options->quiet,
                                           .no_error = true,
                                           .width = term_out.width};
    struct rcn_error error = RCN_ERROR_INIT;
    struct rcn_buf text;
    bool is_lost = rcn_outputs_write_files(&self->reports, report, &error) != 0;
    if (is_lost)
        term_print_error(&error);
    rcn_buf_init(&text, RCN_REPORT_MAX_BYTES);
    int result = self->hides_text
                     ? 0
                     : rcn_outputs_write_stdout(&self->reports, report, &style, &text, &error);
    if (term_put(&term_out, &text) && !result)
        result = rcn_error_set(&error, RCN_ERROR_FAILED, "cannot write to standard output: %s",
                               strerror(errno));
    if (result && self->is_stdout_optional)
        term_print_warning(error.message);
    else if (result)
        term_print_error(&error);
    is_lost |= result && !self->is_stdout_optional;
    bool is_good = code == EXIT_DONE || code == EXIT_DIFFERENCES;
    return is_lost && is_good ? self->write_failure_code : code;
}

static void release(struct job *self)
{
    rcn_outputs_release(&self->reports);
    rcn_results_free(self->results);
    rcn_plan_free(self->plan);
    rcn_document_free(self->saved);
    rcn_live_state_free(self->live);
    rcn_ledger_free(self->ledger);
    rcn_ledger_remote_free(self->ledger_remote);
    rcn_api_free(self->api);
    rcn_snapshot_free(self->snapshot);
    rcn_secret_release(&self->key);
    rcn_diags_release(&self->diags);
    rcn_desired_set_free(self->manifests);
    rcn_variables_free(self->variables);
    rcn_source_free(self->source);
    rcn_secret_release(&self->git_token);
}

int job_end(struct job *self, const char *outcome, int code)
{
    int signal_number = interrupt_get_signal(NULL);
    if (signal_number) {
        outcome = "interrupted";
        code = EXIT_SIGNAL + signal_number;
    }
    progress_end(NULL);
    job_print_diags(self);
    struct rcn_report report;
    job_fill_report(self, &report);
    report.outcome = outcome;
    report.exit_code = code;
    /* A saved plan is shown as it was saved: not as this run. */
    if (self->shows_saved)
        report = self->saved->report;
    code = write_reports(self, &report, code);
    if (self->has_failed)
        term_print_error(&self->error);
    release(self);
    return code;
}

int job_fail(struct job *self)
{
    bool is_refused = self->error.kind == RCN_ERROR_REFUSED;
    self->has_failed = true;
    if (self->error.kind != RCN_ERROR_USAGE)
        return job_end(self, is_refused ? "refused" : "error",
                       is_refused ? EXIT_REFUSED : EXIT_ERROR);
    release(self);
    return term_fail(&self->error);
}
