#include "job.h"

static int read_log(struct job *job, struct rcn_log_entry **entries, size_t *count)
{
    const char *const *company = &job->options->company;
    if (job_fetch_ledger(job))
        return -1;
    /* No company: all of the API. */
    if (rcn_ledger_load(job->ledger, company, 1, &job->error) ||
        rcn_ledger_read_log(job->ledger, job->options->arena, entries, count, &job->error))
        return -1;
    if (!rcn_ledger_exists(job->ledger))
        job_warn(job, "empty-ledger", "the branch of the ledger does not exist yet");
    return 0;
}

int cmd_log(const struct options *options)
{
    struct job job;
    struct rcn_items items = {.kind = RCN_ITEMS_LOG};
    struct rcn_log_entry *entries;
    size_t count;
    if (job_begin(&job, options) || read_log(&job, &entries, &count))
        return job_fail(&job);
    items.rows = rcn_arena_calloc(options->arena, count + 1, sizeof *items.rows);
    for (size_t i = 0; i < count; i++)
        if (job_selects(&job, entries[i].ad_account_id, entries[i].audience_name))
            items.rows[items.count++] = &entries[i];
    if (job_check_selected(&job))
        return job_fail(&job);
    job.report.items = &items;
    return job_end(&job, "listed", EXIT_DONE);
}
