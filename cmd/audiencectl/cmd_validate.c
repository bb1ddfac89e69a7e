#include "job.h"

int cmd_validate(const struct options *options)
{
    struct job job;
    if (job_begin(&job, options) || job_read(&job))
        return job_fail(&job);
    rcn_manifest_require_labels(job.manifests, options->required_labels.items,
                                options->required_labels.count, &job.diags);
    /* Names of segments and ad accounts can be checked with a snapshot alone. */
    if (!job.diags.errors && options->live && job_fetch(&job, true))
        return job_fail(&job);
    if (job.diags.errors)
        return job_end(&job, "error", EXIT_ERROR);
    if (options->strict && job.diags.warnings) {
        rcn_error_set(&job.error, RCN_ERROR_FAILED, "warnings fail because of --strict");
        return job_fail(&job);
    }
    return job_end(&job, "valid", EXIT_DONE);
}
