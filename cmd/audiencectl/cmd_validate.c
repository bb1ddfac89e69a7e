#include "command.h"
#include "job.h"

/* The reader sees only warnings and a failure: say what joins them. */
static void explain_strict(struct job *job)
{
    struct rcn_error err = RCN_ERROR_INIT;
    job_print_diags(job);
    rcn_error_set(&err, RCN_ERROR_FAILED, "warnings fail because of --strict");
    term_print_error(&job->err, &err);
}

int cmd_validate(const struct options *options)
{
    struct job job;
    if (job_begin(&job, options) || job_read(&job))
        return job_fail(&job);
    if (job.diags.errors == 0 && job.diags.warnings && options->strict)
        explain_strict(&job);
    if (job.diags.no_memory)
        return job_check_diags(&job, "validate"), job_fail(&job);
    if (job.diags.errors || (options->strict && job.diags.warnings))
        return job_end(&job, "error", EXIT_ERROR);
    return job_end(&job, "valid", EXIT_DONE);
}
