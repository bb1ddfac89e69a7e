#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "apply/apply.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/escape.h"
#include "interrupt.h"
#include "job.h"
#include "plan/plan_fresh.h"
#include "plan/preflight.h"
#include "report/view.h"

/* SPEC 5: applies with --yes, where no one has seen the number. */
enum { DEFAULT_MAX_CREATES = 100, QUESTION_MAX_BYTES = 1 << 20 };

static size_t count_creates(const struct job *job)
{
    return job->plan->counts.by_status[RCN_STATUS_MISSING];
}

/* --- a saved plan --- */

/* Reads the same companies in the same way: named ones by name, the key's own as its own. */
static int fetch_again(struct job *job)
{
    const struct options *options = job->options;
    const struct rcn_live_state *live = &job->saved->plan->live;
    const struct rcn_desired_set *desired = job->saved->desired;
    const char **companies =
        rcn_arena_calloc(job->options->arena, live->company_count + 1, sizeof *companies);
    struct rcn_live_request request = {
        .company_ids = companies,
        .wants_syncs = true,
        .wants_ad_accounts = desired->needs_ad_accounts || !options->no_preflight,
        .wants_segments = desired->needs_segments || !options->no_preflight};
    bool is_asked_there = !options->company;
    for (size_t i = 0; i < live->company_count; i++) {
        const char *company_id = live->companies[i].company_id;
        is_asked_there |= !company_id || rcn_text_is_same(company_id, options->company);
        if (live->companies[i].is_named && company_id)
            companies[request.company_count++] = company_id;
        else
            request.needs_unnamed = true;
    }
    /* --company must not be ignored silently: a plan is for the companies that it was made for. */
    if (!is_asked_there)
        return rcn_error_set(&job->error, RCN_ERROR_REFUSED,
                             "the plan was made for another company than '%s', which is asked for",
                             options->company);
    return job_fetch_ledger(job) || job_read_live_state(job, &request);
}

static int plan_saved(struct job *job)
{
    if (job_read_saved(job, job->options->plan))
        return -1;
    if (rcn_plan_check_usable(&job->saved->report, job->options->plan_ttl_ms, rcn_clock_wall_ms(),
                              &job->error))
        return rcn_error_wrap(&job->error, "'%s'", job->options->plan);
    if (job->saved->plan->live.is_snapshot)
        return rcn_error_set(&job->error, RCN_ERROR_REFUSED,
                             "the plan is of a snapshot: it can be shown, but not applied");
    return fetch_again(job) ||
           rcn_plan_check_own_company(job->saved->plan, job->live, &job->error) ||
           job_load_known(job) || job_plan(job);
}

/* --- may it? --- */

static int check_limit(struct job *job)
{
    const struct options *options = job->options;
    bool is_explicit = options->max_creates >= 0;
    size_t most = is_explicit ? (size_t)options->max_creates : DEFAULT_MAX_CREATES;
    size_t creates = count_creates(job);
    if ((!is_explicit && !options->yes) || creates <= most)
        return 0;
    rcn_error_set(&job->error, RCN_ERROR_REFUSED, "%zu %s would be created, and %s allows %zu",
                  creates, creates == 1 ? "sync" : "syncs",
                  is_explicit ? "--max-creates" : "the default of --max-creates", most);
    return rcn_error_set_hint(&job->error, "look at the plan, then use --max-creates %zu", creates);
}

static int show_plan(struct job *job)
{
    struct rcn_report report;
    struct rcn_buf text;
    struct rcn_report_style style = {
        .color = term_err.color, .verbose = job->options->verbose, .width = term_err.width};
    job_fill_report(job, &report);
    report.command = "plan";
    report.outcome = "differences";
    rcn_buf_init(&text, RCN_REPORT_MAX_BYTES);
    int result = rcn_report_write(RCN_FORMAT_TEXT, &report, &style, &text, &job->error);
    if (term_put(&term_err, &text) && !result)
        result = rcn_error_set(&job->error, RCN_ERROR_REFUSED, "the plan could not be shown: %s",
                               strerror(errno));
    return result;
}

/* The companies in which something is created. */
static void add_companies(struct rcn_buf *out, const struct rcn_plan *plan)
{
    for (size_t i = 0; i < plan->live.company_count; i++) {
        const char *id = plan->live.companies[i].company_id;
        const char *name = plan->live.companies[i].name;
        size_t row = 0;
        while (row < plan->row_count &&
               (plan->rows[row].status != RCN_STATUS_MISSING ||
                !rcn_text_is_same(plan->rows[row].desired->sync.company_id, id)))
            row++;
        if (row == plan->row_count)
            continue;
        rcn_buf_add_str(out, "  Company  ");
        rcn_escape_visible(out, name && id ? rcn_arena_printf(plan->arena, "%s (%s)", name, id)
                                : name     ? name
                                : id       ? id
                                           : "the key's own");
        rcn_buf_add_char(out, '\n');
    }
}

/* True for exactly `yes`. Read by descriptor: nothing is read ahead. */
static bool ask(const struct job *job)
{
    char line[16];
    struct rcn_buf out;
    const struct rcn_plan *plan = job->plan;
    size_t creates = count_creates(job);
    rcn_buf_init(&out, QUESTION_MAX_BYTES);
    rcn_buf_printf(&out, "\nCreate %zu audience %s?\n", creates, creates == 1 ? "sync" : "syncs");
    add_companies(&out, plan);
    rcn_buf_add_str(&out, "  API      ");
    rcn_escape_visible(&out, plan->live.api_url);
    rcn_buf_add_str(&out, "\n  People   ");
    if (plan->cost.is_people_least && !plan->cost.people)
        rcn_buf_add_str(&out, "an unknown number");
    else
        rcn_view_add(&out, plan->cost.is_people_least ? "at least %zu" : "%zu",
                     (size_t)plan->cost.people);
    rcn_buf_add_str(&out, "\nThey are uploaded to Meta at once, and it cannot be undone.\n"
                          "Only 'yes' is taken as an answer: ");
    /* What was typed, or pasted, before the question is no answer to it. */
    (void)tcflush(STDIN_FILENO, TCIFLUSH);
    if (term_put(&term_err, &out))
        return false;
    ssize_t len = interrupt_wait_for_input() ? read(STDIN_FILENO, line, sizeof line) : 0;
    bool is_yes = len == 4 && memcmp(line, "yes\n", 4) == 0;
    if (len <= 0 || is_yes)
        (void)term_write(&term_err, "\n", 1); /* without an answer the line is not ended yet */
    return is_yes;
}

static int approve(struct job *job)
{
    if (count_creates(job) == 0 || job->options->yes || job->options->plan)
        return 0;
    if (!isatty(STDIN_FILENO) || !term_err.is_terminal) {
        rcn_error_set(&job->error, RCN_ERROR_REFUSED, "not approved: no terminal to ask on");
        return rcn_error_set_hint(&job->error,
                                  "save a plan with 'audiencectl plan --out FILE' and run "
                                  "'audiencectl apply --plan FILE', or use --yes");
    }
    job_print_diags(job);
    if (show_plan(job))
        return -1;
    if (!interrupt_get_signal(NULL) && ask(job))
        return 0;
    /* What the plan says has been read: it is not shown again. */
    job->hides_text = true;
    return rcn_error_set(&job->error, RCN_ERROR_REFUSED, "not approved: nothing was created");
}

/* --- doing it --- */

static void on_begin(void *context, size_t total)
{
    (void)context;
    /* From here on the first signal ends the run in order; the list must still be readable. */
    interrupt_set_patient(true);
    progress_begin("creating", total);
}

static void on_item(void *context, const struct rcn_plan_row *row, const struct rcn_result *result)
{
    const struct rcn_span *at = &row->desired->location;
    char where[512] = "?";
    (void)context;
    if (at->text)
        snprintf(where, sizeof where, "%s:%u", at->text->path, at->line);
    bool is_created = result->outcome == RCN_OUTCOME_CREATED;
    progress_item(rcn_outcome_names[result->outcome], row->desired->sync.audience_name, where,
                  is_created && !result->error ? result->id : result->error, !is_created);
}

static void on_stopping(void *context, const char *why)
{
    (void)context;
    term_note("stopping: %s%s", why,
              interrupt_get_signal(NULL) ? " (a second signal leaves at once)" : "");
}

static void on_uploads(void *context, size_t total)
{
    (void)context;
    /* Everything that was created is known by now: one signal ends the rest at once. */
    interrupt_set_patient(false);
    progress_begin("uploading", total);
}

static int create(struct job *job)
{
    const struct options *options = job->options;
    bool keeps_journal = count_creates(job) > 0 && !options->no_journal;
    const struct rcn_apply_options apply = {
        .settle_ms = options->settle_ms,
        .wait_ms = options->wait_ms,
        .timeout_ms = options->timeout_ms,
        .deadline_ms = job->deadline_ms,
        .state_dir = keeps_journal ? job_find_dir(job, "XDG_STATE_HOME", ".local/state") : NULL,
        .ledger = job->ledger,
        .get_signal = interrupt_get_signal,
        .is_urgent = interrupt_is_urgent,
        .events = {.begin = on_begin,
                   .item = on_item,
                   .waiting = progress_waiting,
                   .stopping = on_stopping,
                   .tick = progress_update,
                   .end = progress_end,
                   .uploads = on_uploads}};
    job->is_stdout_optional = true;
    if (keeps_journal && !apply.state_dir) {
        rcn_error_set(&job->error, RCN_ERROR_FAILED, "no folder for the intent journal");
        return rcn_error_set_hint(&job->error, "set HOME or XDG_STATE_HOME, or use --no-journal "
                                               "where nothing is kept");
    }
    progress_begin("preparing", 0);
    job->results = rcn_apply_run(job->api, job->plan, job->live, &apply, &job->error);
    if (!job->results)
        return -1;
    const size_t *outcomes = job->results->by_outcome;
    if (outcomes[RCN_OUTCOME_CREATED] || outcomes[RCN_OUTCOME_UNKNOWN])
        job->write_failure_code = EXIT_INCOMPLETE;
    return 0;
}

int cmd_apply(const struct options *options)
{
    struct job job;
    if (job_begin(&job, options) ||
        (options->plan ? plan_saved(&job) : job_build_plan(&job, true)) || job_preflight(&job) ||
        job_check_diags(&job, "nothing was created") ||
        rcn_preflight_check_company(job.plan, job.live, rcn_api_has_personal_key(job.api),
                                    options->no_preflight, &job.error) ||
        check_limit(&job) || approve(&job) || create(&job))
        return job_fail(&job);
    bool is_complete = rcn_results_are_complete(job.results);
    return job_end(&job, is_complete ? "applied" : "incomplete",
                   is_complete ? EXIT_DONE : EXIT_INCOMPLETE);
}
