#include "base/file.h"
#include "job.h"

/* With manifests their companies, as plan reads them; else --company or the key's own. */
static int fetch(struct job *job)
{
    const struct rcn_live_request request = job_ask_all(job);
    const char *problem = NULL;
    job->snapshot = rcn_snapshot_new();
    if (job->options->operands.count || job->options->git ? job_load(job) || job_fetch(job, true)
                                                          : job_read_live_state(job, &request))
        return -1;
    /* A read that the key may not do is kept as that; one that failed would be missing later. */
    for (size_t i = 0; i < job->live->company_count; i++) {
        const struct rcn_live_company *company = &job->live->companies[i];
        if (company->ad_accounts_status == RCN_READ_FAILED)
            problem = company->ad_accounts_problem;
        else if (company->segments_status == RCN_READ_FAILED)
            problem = company->segments_problem;
    }
    return problem ? rcn_error_set(&job->error, RCN_ERROR_FAILED, "%s", problem) : 0;
}

static int save(struct job *job, struct rcn_file_writer *writer)
{
    const struct rcn_live_state *live = job->live;
    struct rcn_buf bytes;
    size_t syncs = 0;
    rcn_buf_init(&bytes, RCN_SNAPSHOT_MAX_BYTES);
    job->snapshot->url = live->api_url;
    job->snapshot->own_company_id = live->own_company_id;
    job->snapshot->taken_ms = live->fetched_at_ms;
    int result =
        rcn_snapshot_write(job->snapshot, &bytes, &job->error) ||
        rcn_file_writer_commit(writer, rcn_buf_get_str(&bytes), bytes.len, NULL, &job->error);
    rcn_buf_release(&bytes);
    for (size_t i = 0; i < live->company_count; i++)
        syncs += live->companies[i].sync_count;
    if (!result)
        term_note("saved %zu live %s of %zu %s", syncs, syncs == 1 ? "sync" : "syncs",
                  live->company_count, live->company_count == 1 ? "company" : "companies");
    return result;
}

int cmd_snapshot(const struct options *options)
{
    struct job job;
    struct rcn_file_writer *writer = NULL;
    /* There is no report. */
    int code = job_begin(&job, options) || rcn_outputs_leave_stdout(&job.reports, &job.error) ||
                       !(writer = rcn_file_writer_new(options->snapshot, false, &job.error)) ||
                       fetch(&job) || save(&job, writer)
                   ? job_fail(&job)
                   : job_end(&job, "saved", EXIT_DONE);
    rcn_file_writer_free(writer);
    return code;
}
