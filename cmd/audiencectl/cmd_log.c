#include "base/glob.h"
#include "command.h"
#include "job.h"

static int read_log(struct job *job, struct rcn_log_entry **entries, size_t *count)
{
    const char *const *company = &job->options->company;
    if (job_fetch_ledger(job, true))
        return -1;
    /* No company: all of the API. */
    if (rcn_ledger_load(job->ledger, company, 1, &job->error) ||
        rcn_ledger_read_log(job->ledger, job->diags.arena, entries, count, &job->error))
        return job_set_failed(job);
    if (!rcn_ledger_exists(job->ledger))
        job_warn(job, "empty-ledger", "the branch of the ledger does not exist yet");
    return 0;
}

static int select_entries(struct job *job, struct rcn_log_entry *entries, size_t count,
                          struct rcn_items *items)
{
    const struct option_list *names = &job->options->names;
    struct rcn_arena *arena = job->diags.arena;
    bool *found = rcn_arena_calloc(arena, names->count + 1, sizeof *found);
    items->entries = rcn_arena_calloc(arena, count + 1, sizeof *items->entries);
    for (size_t i = 0; i < count; i++) {
        bool is_selected = names->count == 0;
        for (size_t j = 0; j < names->count; j++)
            if (rcn_glob_matches(names->items[j], entries[i].audience_name))
                is_selected = found[j] = true;
        if (is_selected)
            items->entries[items->count++] = &entries[i];
    }
    for (size_t j = 0; j < names->count; j++)
        if (!found[j])
            return job_set_error(job, RCN_ERROR_FAILED, "--name '%s' matches nothing",
                                 names->items[j]);
    return 0;
}

int cmd_log(const struct options *options)
{
    struct job job;
    struct rcn_items items = {.kind = RCN_ITEMS_LOG};
    struct rcn_log_entry *entries;
    size_t count;
    if (job_begin(&job, options) || read_log(&job, &entries, &count) ||
        select_entries(&job, entries, count, &items))
        return job_fail(&job);
    job.items = &items;
    return job_end(&job, "listed", EXIT_DONE);
}
