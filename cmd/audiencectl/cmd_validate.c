#include "command.h"
#include "job.h"

int cmd_validate(const struct options *options)
{
    struct job job;
    if (job_begin(&job, options) || job_read(&job))
        return job_fail(&job);
    if (job.diags.errors)
        return job_end(&job, "error", EXIT_ERROR);
    if (options->strict && job.diags.warnings) {
        job_set_error(&job, RCN_ERROR_FAILED, "warnings fail because of --strict");
        return job_fail(&job);
    }
    return job_end(&job, "valid", EXIT_DONE);
}
