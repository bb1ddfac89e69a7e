#include <stdio.h>

#include "base/file.h"
#include "command.h"
#include "job.h"

/* With manifests their companies, as plan reads them; else --company or the key's own. */
static int fetch(struct job *job)
{
    const struct options *options = job->options;
    struct rcn_live_request request = {.company_ids = &options->company,
                                       .company_count = options->company ? 1 : 0,
                                       .needs_unnamed = !options->company,
                                       .wants_syncs = true,
                                       .wants_ad_accounts = true,
                                       .wants_segments = true};
    job->snapshot = rcn_snapshot_new();
    if (options->operands.count || options->git)
        return job_load(job) || job_fetch(job, true) ? -1 : 0;
    return job_read_live_state(job, &request);
}

/* A read that the key may not do is kept as that; one that failed would be missing later. */
static int check_whole(struct job *job)
{
    const struct rcn_live_state *live = job->live;
    for (size_t i = 0; i < live->company_count; i++) {
        const struct rcn_live_company *company = &live->companies[i];
        if (company->ad_accounts_status == RCN_READ_FAILED)
            return job_set_error(job, RCN_ERROR_FAILED, "%s", company->ad_accounts_problem);
        if (company->segments_status == RCN_READ_FAILED)
            return job_set_error(job, RCN_ERROR_FAILED, "%s", company->segments_problem);
    }
    return 0;
}

static int save(struct job *job, struct rcn_file_writer *writer)
{
    const struct rcn_live_state *live = job->live;
    struct rcn_buf bytes;
    char line[256];
    size_t syncs = 0;
    rcn_buf_init(&bytes, RCN_SNAPSHOT_MAX_BYTES);
    int result =
        rcn_snapshot_write(job->snapshot, live->api_url, live->own_company_id, live->fetched_at_ms,
                           &bytes, &job->error) ||
                rcn_file_writer_commit(writer, rcn_buf_get_str(&bytes), bytes.len, &job->error)
            ? job_set_failed(job)
            : 0;
    rcn_buf_release(&bytes);
    for (size_t i = 0; i < live->company_count; i++)
        syncs += live->companies[i].sync_count;
    snprintf(line, sizeof line, "saved %zu live %s of %zu %s", syncs, syncs == 1 ? "sync" : "syncs",
             live->company_count, live->company_count == 1 ? "company" : "companies");
    if (result == 0 && !job->options->quiet)
        term_print_note(&job->err, line);
    return result;
}

int cmd_snapshot(const struct options *options)
{
    struct job job;
    struct rcn_file_writer *writer = NULL;
    /* There is no report. */
    bool is_failed = job_begin(&job, options) || reports_leave_stdout(&job.reports, &job.error);
    if (!is_failed) {
        writer = rcn_file_writer_new(options->snapshot, &job.error);
        is_failed = writer ? fetch(&job) || check_whole(&job) || save(&job, writer)
                           : job_set_failed(&job) != 0;
    }
    int code = is_failed ? job_fail(&job) : job_end(&job, "saved", EXIT_DONE);
    rcn_file_writer_free(writer);
    return code;
}
