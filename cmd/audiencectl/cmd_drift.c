#include "command.h"
#include "fail_on.h"
#include "job.h"
#include "document/history.h"

/* --history: this run joins the earlier ones, and the report shows them all. */
static int add_to_history(struct job *job, struct rcn_history *history)
{
    const char *path = job->options->history;
    struct rcn_history_point run = {.at_ms = job->plan->live.fetched_at_ms,
                                    .counts = job->plan->counts};
    if (!path)
        return 0;
    if (rcn_history_add(path, &run, history, &job->error))
        return job_set_failed(job);
    job->history = history->points;
    job->history_count = history->count;
    return 0;
}

static int compare(struct job *job, struct rcn_fail_on *fail_on)
{
    /* Ad accounts only for their names: nothing is going to be created. */
    struct job_wants wants = {.ad_accounts = !job->options->no_preflight};
    if (fail_on_parse(job->options->fail_on, fail_on, &job->error))
        return job_set_failed(job);
    job->fail_on = fail_on;
    if (job_load(job) || job_fetch(job, wants) || job_plan(job, true))
        return -1;
    return job_check_diags(job, "the manifests cannot be compared");
}

int cmd_drift(const struct options *options)
{
    struct job job;
    struct rcn_fail_on fail_on;
    struct rcn_history history = {0};
    int code;
    if (job_begin(&job, options) || compare(&job, &fail_on) || add_to_history(&job, &history))
        code = job_fail(&job);
    else if (fail_on_matches(&fail_on, &job.plan->counts))
        code = job_end(&job, "differences", EXIT_DIFFERENCES);
    else
        code = job_end(&job, "in-sync", EXIT_DONE);
    rcn_history_release(&history);
    return code;
}
