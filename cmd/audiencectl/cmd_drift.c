#include <string.h>

#include "document/history.h"
#include "job.h"

/* What the options select, in one line: runs that select something else are not compared. */
static const char *describe_selection(const struct job *job)
{
    const struct {
        const char *name;
        const struct option_list *list;
    } options[] = {{"ad-account", &job->options->ad_accounts},
                   {"name", &job->options->names},
                   {"label", &job->options->labels}};
    const char *text = NULL;
    for (size_t i = 0; i < sizeof options / sizeof *options; i++)
        for (size_t j = 0; j < options[i].list->count; j++)
            text = rcn_arena_printf(job->options->arena, "%s%s%s=%s", text ? text : "",
                                    text ? " " : "", options[i].name, options[i].list->items[j]);
    return text;
}

/* --history: this run joins the earlier ones, and the report compares them. */
static int add_to_history(struct job *job, struct rcn_history *history)
{
    if (!job->options->history)
        return 0;
    if (rcn_history_add(job->options->history, job->plan, describe_selection(job),
                        job->options->arena, history, &job->error))
        return -1;
    job->report.history = history;
    return 0;
}

int cmd_drift(const struct options *options)
{
    struct job job;
    struct rcn_history history = {0};
    if (job_begin(&job, options) ||
        rcn_fail_on_parse(options->fail_on, &job.report.fail_on, &job.error) ||
        job_build_plan(&job, false) || job_check_diags(&job, "the manifests cannot be compared") ||
        add_to_history(&job, &history))
        return job_fail(&job);
    bool fails = rcn_fail_on_matches(job.report.fail_on, job.plan);
    return job_end(&job, fails ? "differences" : "in-sync", fails ? EXIT_DIFFERENCES : EXIT_DONE);
}
