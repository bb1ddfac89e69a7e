#include "job.h"

int cmd_show(const struct options *options)
{
    struct job job;
    if (job_begin(&job, options) || job_read_saved(&job, options->operands.items[0]))
        return job_fail(&job);
    job.shows_saved = true;
    term_print_diags(&job.saved->diags, options->quiet);
    if (job.saved->report.error)
        term_print_error(job.saved->report.error);
    return job_end(&job, job.saved->report.outcome, EXIT_DONE);
}
