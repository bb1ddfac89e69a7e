#include "base/file.h"
#include "command.h"
#include "job.h"

static int read_saved(struct job *job, const char *path)
{
    struct rcn_buf bytes;
    rcn_buf_init(&bytes, RCN_PLAN_FILE_MAX_BYTES);
    if (rcn_file_read(path, &bytes, &job->error) == 0) {
        job->saved = rcn_plan_file_new(rcn_buf_get_str(&bytes), bytes.len, &job->error);
        if (!job->saved)
            rcn_error_wrap(&job->error, "'%s'", path);
    }
    rcn_buf_release(&bytes);
    return job->saved ? 0 : job_set_failed(job);
}

int cmd_show(const struct options *options)
{
    struct job job;
    if (job_begin(&job, options) || read_saved(&job, options->operands.items[0]))
        return job_fail(&job);
    job.shows_saved = true;
    term_print_diags(&job.err, &job.saved->diags, 0, options->quiet);
    return job_end(&job, job.saved->outcome, EXIT_DONE);
}
