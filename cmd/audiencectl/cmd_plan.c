#include "job.h"

int cmd_plan(const struct options *options)
{
    struct job job;
    if (job_begin(&job, options) || job_build_plan(&job, true) || job_preflight(&job) ||
        job_check_diags(&job, "this plan cannot be applied") || job_mark_base(&job))
        return job_fail(&job);
    const size_t *counts = job.plan->counts.by_status;
    bool creates = counts[RCN_STATUS_MISSING] > 0;
    bool differs = creates || counts[RCN_STATUS_DRIFTED] || counts[RCN_STATUS_DUPLICATE];
    int code = creates && options->detailed_exitcode ? EXIT_DIFFERENCES : EXIT_DONE;
    return job_end(&job, differs ? "differences" : "in-sync", code);
}
