#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "apply/apply.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/escape.h"
#include "command.h"
#include "interrupt.h"
#include "job.h"
#include "plan/plan_fresh.h"
#include "plan/preflight.h"
#include "report/view.h"

/* SPEC 5: binds with --yes, where no one has seen the number. */
enum { DEFAULT_MAX_CREATES = 100, QUESTION_MAX_BYTES = 1 << 20 };

static size_t count_creates(const struct job *job)
{
    return job->plan->counts.by_status[RCN_STATUS_MISSING];
}

/* --- a saved plan --- */

/* Reads the same companies in the same way: named ones by name, the key's own as its own. */
static int fetch_again(struct job *job)
{
    const struct rcn_live_facts *live = &job->saved->plan->live;
    const struct options *options = job->options;
    const struct rcn_desired_set *desired = job->saved->desired;
    const char **companies =
        rcn_arena_calloc(job->diags.arena, live->company_count + 1, sizeof *companies);
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
    /* --company must not quietly mean nothing: a plan is for the companies that it was made for. */
    if (!is_asked_there)
        return rcn_error_set(&job->error, RCN_ERROR_REFUSED,
                             "the plan was made for another company than '%s', which is asked for",
                             options->company);
    return job_fetch_ledger(job, true) || job_read_live_state(job, &request) ? -1 : 0;
}

/* The report says what was saved: its source, its unmanaged syncs, its selection. */
static void keep_saved_facts(struct rcn_plan *now, const struct rcn_plan *saved)
{
    now->source = saved->source;
    now->unmanaged = saved->unmanaged;
    now->unmanaged_count = saved->unmanaged_count;
    now->counts.by_status[RCN_STATUS_UNMANAGED] = saved->counts.by_status[RCN_STATUS_UNMANAGED];
    now->is_selected = saved->is_selected;
    now->managed_elsewhere = saved->managed_elsewhere;
    now->managed_elsewhere_count = saved->managed_elsewhere_count;
}

static int plan_saved(struct job *job)
{
    if (job_read_saved(job, job->options->plan))
        return -1;
    const struct rcn_plan *saved = job->saved->plan;
    const struct rcn_plan_options options = {.saved = saved, .known = &job->known};
    if (rcn_plan_check_usable(&job->saved->report, job->options->plan_ttl_ms, rcn_clock_wall_ms(),
                              &job->error)) {
        rcn_error_wrap(&job->error, "'%s'", job->options->plan);
        return -1;
    }
    if (saved->live.is_snapshot)
        return rcn_error_set(&job->error, RCN_ERROR_REFUSED,
                             "the plan is of a snapshot: it can be shown, but not applied");
    if (fetch_again(job))
        return -1;
    if (rcn_plan_check_own_company(saved, job->live, &job->error))
        return -1;
    if (job_load_known(job, true))
        return -1;
    job->plan = rcn_plan_new(job->saved->desired, job->live, &options, &job->diags, &job->error);
    if (!job->plan || rcn_plan_check_fresh(saved, job->live, job->plan, &job->error))
        return -1;
    keep_saved_facts(job->plan, saved);
    return job_complete_plan(job, job->plan);
}

/* --- may it? --- */

static int check_company(struct job *job)
{
    bool is_personal = strncmp(job->key.text, "seq_user_", strlen("seq_user_")) == 0;
    return rcn_preflight_check_company(job->plan, job->live, is_personal,
                                       job->options->no_preflight, &job->error);
}

static int check_limit(struct job *job)
{
    const struct options *options = job->options;
    bool is_explicit = options->max_creates >= 0;
    size_t most = is_explicit ? (size_t)options->max_creates : DEFAULT_MAX_CREATES;
    if ((!is_explicit && !options->yes) || count_creates(job) <= most)
        return 0;
    rcn_error_set(&job->error, RCN_ERROR_REFUSED, "%zu %s would be created, and %s allows %zu",
                  count_creates(job), count_creates(job) == 1 ? "sync" : "syncs",
                  is_explicit ? "--max-creates" : "the default of --max-creates", most);
    return rcn_error_set_hint(&job->error, "look at the plan, then use --max-creates %zu",
                              count_creates(job));
}

/* --- approval --- */

static int show_plan(struct job *job)
{
    struct rcn_report report;
    struct rcn_buf text;
    struct rcn_report_style style = {
        .color = job->err.color, .verbose = job->options->verbose, .width = job->err.width};
    job_fill_report(job, &report);
    report.command = "plan";
    report.outcome = "differences";
    rcn_buf_init(&text, RCN_REPORT_MAX_BYTES);
    int result = rcn_report_write(RCN_FORMAT_TEXT, &report, &style, &text, &job->error);
    if (!result && term_write(&job->err, rcn_buf_get_str(&text), text.len))
        result = rcn_error_set(&job->error, RCN_ERROR_REFUSED, "the plan could not be shown: %s",
                               strerror(errno));
    rcn_buf_release(&text);
    return result;
}

/* One line from the terminal; true for exactly `yes`. Read by descriptor: nothing is read ahead. */
static bool reads_yes(const struct job *job)
{
    char line[16];
    ssize_t len = interrupt_wait_for_input() ? read(STDIN_FILENO, line, sizeof line) : 0;
    if (len <= 0)
        (void)term_write(&job->err, "\n", 1); /* the line of the question has no end yet */
    return len == 4 && memcmp(line, "yes\n", 4) == 0;
}

/* The companies in which something is created. */
static void add_companies(struct rcn_buf *out, const struct rcn_plan *plan)
{
    for (size_t i = 0; i < plan->live.company_count; i++) {
        const struct rcn_company_facts *company = &plan->live.companies[i];
        size_t creates = 0;
        for (size_t j = 0; j < plan->row_count; j++)
            creates +=
                plan->rows[j].status == RCN_STATUS_MISSING &&
                rcn_text_is_same(plan->rows[j].desired->sync.company_id, company->company_id);
        if (!creates)
            continue;
        rcn_buf_add_str(out, "  Company  ");
        if (company->name) {
            rcn_escape_visible(out, company->name);
            rcn_buf_add_str(out, company->company_id ? " (" : "");
        }
        rcn_escape_visible(out, company->company_id ? company->company_id : "");
        rcn_buf_add_str(out, company->name && company->company_id ? ")" : "");
        rcn_buf_add_str(out, company->name || company->company_id ? "\n" : "the key's own\n");
    }
}

static void add_question(struct rcn_buf *out, const struct job *job)
{
    const struct rcn_plan *plan = job->plan;
    size_t creates = count_creates(job);
    rcn_buf_printf(out, "\nCreate %zu audience %s?\n", creates, creates == 1 ? "sync" : "syncs");
    add_companies(out, plan);
    rcn_buf_add_str(out, "  API      ");
    rcn_escape_visible(out, plan->live.api_url);
    rcn_buf_add_str(out, "\n  People   ");
    bool is_unknown = plan->cost.is_people_least && !plan->cost.people;
    rcn_buf_add_str(out, is_unknown                   ? "an unknown number"
                         : plan->cost.is_people_least ? "at least "
                                                      : "");
    if (!is_unknown)
        rcn_view_add(out, "%zu", (size_t)plan->cost.people);
    rcn_buf_add_char(out, '\n');
    rcn_buf_add_str(out, "They are uploaded to Meta at once, and it cannot be undone.\n"
                         "Only 'yes' is taken as an answer: ");
}

static int ask(struct job *job)
{
    job_print_diags(job);
    if (show_plan(job))
        return -1;
    /* What the plan says has been read: after a no it is not shown again. */
    job->hides_text = true;
    if (interrupt_get_signal(NULL))
        return rcn_error_set(&job->error, RCN_ERROR_REFUSED, "not approved: nothing was created");
    struct rcn_buf question;
    rcn_buf_init(&question, QUESTION_MAX_BYTES);
    add_question(&question, job);
    /* What was typed, or pasted, before the question is no answer to it. */
    (void)tcflush(STDIN_FILENO, TCIFLUSH);
    bool is_asked = term_write(&job->err, rcn_buf_get_str(&question), question.len) == 0;
    rcn_buf_release(&question);
    if (!is_asked || !reads_yes(job))
        return rcn_error_set(&job->error, RCN_ERROR_REFUSED, "not approved: nothing was created");
    (void)term_write(&job->err, "\n", 1);
    job->hides_text = false;
    return 0;
}

static int approve(struct job *job)
{
    const struct options *options = job->options;
    if (count_creates(job) == 0 || options->yes || options->plan)
        return 0;
    if (isatty(STDIN_FILENO) && job->err.is_terminal)
        return ask(job);
    rcn_error_set(&job->error, RCN_ERROR_REFUSED, "not approved: no terminal to ask on");
    return rcn_error_set_hint(&job->error, "save a plan with 'audiencectl plan --out FILE' and run "
                                           "'audiencectl apply --plan FILE', or use --yes");
}

/* --- doing it --- */

static void on_begin(void *context, size_t total)
{
    /* From here on the first signal ends the run in order; the list must still be readable. */
    interrupt_set_patient(true);
    progress_begin(context, "creating", total);
}

static void on_item(void *context, const struct rcn_plan_row *row, const struct rcn_result *result)
{
    const struct rcn_span *at = &row->desired->location;
    char where[512] = "?";
    if (at->text)
        snprintf(where, sizeof where, "%s:%u", at->text->path, at->line);
    bool is_created = result->outcome == RCN_OUTCOME_CREATED;
    progress_item(context, rcn_outcome_names[result->outcome], row->desired->sync.audience_name,
                  where, is_created && !result->error ? result->id : result->error, !is_created);
}

static void on_stopping(void *context, const char *why)
{
    char line[1024];
    snprintf(line, sizeof line, "stopping: %s%s", why,
             interrupt_get_signal(NULL) ? " (a second signal leaves at once)" : "");
    progress_say(context, line);
}

static void on_uploads(void *context, size_t total)
{
    /* Everything that was created is known by now: one signal ends the rest at once. */
    interrupt_set_patient(false);
    progress_begin(context, "uploading", total);
}

static int create(struct job *job)
{
    struct rcn_apply_options options = {.settle_ms = job->options->settle_ms,
                                        .wait_ms = job->options->wait_ms,
                                        .ledger = job->ledger,
                                        .timeout_ms = job->options->timeout_ms,
                                        .deadline_ms = job->deadline_ms,
                                        .get_signal = interrupt_get_signal,
                                        .is_urgent = interrupt_is_urgent,
                                        .events = {.context = &job->progress,
                                                   .begin = on_begin,
                                                   .item = on_item,
                                                   .waiting = progress_waiting,
                                                   .stopping = on_stopping,
                                                   .tick = progress_update,
                                                   .end = progress_end,
                                                   .uploads = on_uploads}};
    if (count_creates(job) > 0 && !job->options->no_journal) {
        options.state_dir = job_find_dir(job, "XDG_STATE_HOME", ".local/state");
        if (!options.state_dir) {
            rcn_error_set(&job->error, RCN_ERROR_FAILED, "no folder for the intent journal");
            return rcn_error_set_hint(&job->error,
                                      "set HOME or XDG_STATE_HOME, or use --no-journal where "
                                      "nothing is kept");
        }
    }
    progress_begin(&job->progress, "preparing", 0);
    job->results = rcn_apply_run(job->api, job->plan, job->live, &options, &job->error);
    return job->results ? 0 : -1;
}

static bool has_written(const struct rcn_results *results)
{
    return results->by_outcome[RCN_OUTCOME_CREATED] || results->by_outcome[RCN_OUTCOME_UNKNOWN];
}

int cmd_apply(const struct options *options)
{
    struct job job;
    if (job_begin(&job, options) ||
        (options->plan ? plan_saved(&job) : job_build_plan(&job, true)) || job_preflight(&job) ||
        job_check_diags(&job, "nothing was created") || check_company(&job) || check_limit(&job) ||
        approve(&job))
        return job_fail(&job);
    job.is_stdout_optional = true;
    if (create(&job))
        return job_fail(&job);
    if (has_written(job.results))
        job.write_failure_code = EXIT_INCOMPLETE;
    bool is_complete = rcn_results_are_complete(job.results);
    return job_end(&job, is_complete ? "applied" : "incomplete",
                   is_complete ? EXIT_DONE : EXIT_INCOMPLETE);
}
