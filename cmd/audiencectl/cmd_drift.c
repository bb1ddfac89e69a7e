#include "command.h"
#include "fail_on.h"
#include "job.h"

int cmd_drift(const struct options *options)
{
    struct job job;
    struct fail_on fail_on;
    /* Ad accounts only for their names: nothing is going to be created. */
    struct job_wants wants = {.ad_accounts = !options->no_preflight};
    if (job_begin(&job, options))
        return job_fail(&job);
    if (fail_on_parse(options->fail_on, &fail_on, &job.error))
        return job_set_failed(&job), job_fail(&job);
    if (job_load(&job) || job_fetch(&job, wants) || job_plan(&job, true) ||
        job_check_diags(&job, "the manifests cannot be compared"))
        return job_fail(&job);
    if (fail_on_matches(&fail_on, &job.plan->counts))
        return job_end(&job, "differences", EXIT_DIFFERENCES);
    return job_end(&job, "in-sync", EXIT_DONE);
}
