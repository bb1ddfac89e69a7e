#include "job.h"

int cmd_log(const struct options *options)
{
    struct job job;
    struct rcn_items items = {.kind = RCN_ITEMS_LOG};
    struct rcn_log_entry *entries;
    size_t count;
    /* No company: all of the API. */
    if (job_begin(&job, options) || job_fetch_ledger(&job) ||
        rcn_ledger_load(job.ledger, &options->company, 1, &job.error) ||
        rcn_ledger_read_log(job.ledger, options->arena, &entries, &count, &job.error))
        return job_fail(&job);
    if (!rcn_ledger_exists(job.ledger))
        job_warn(&job, "empty-ledger", "the branch of the ledger does not exist yet");
    items.rows = rcn_arena_calloc(options->arena, count + 1, sizeof *items.rows);
    for (size_t i = 0; i < count; i++)
        if (job_selects(&job, entries[i].ad_account_id, entries[i].audience_name))
            items.rows[items.count++] = &entries[i];
    if (job_check_selected(&job))
        return job_fail(&job);
    job.report.items = &items;
    return job_end(&job, "listed", EXIT_DONE);
}
