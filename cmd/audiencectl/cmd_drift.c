#include "document/history.h"
#include "job.h"

/* What the options select, in one line: runs that select something else are not compared. */
static const char *describe_selection(const struct options *options)
{
    const char *const names[] = {"ad-account", "name", "label"};
    const struct rcn_selection *selection = &options->selection;
    const struct rcn_words *lists[] = {&selection->ad_accounts, &selection->names,
                                       &selection->labels};
    const char *text = NULL;
    for (size_t i = 0; i < 3; i++)
        for (size_t j = 0; j < lists[i]->count; j++)
            text = rcn_arena_printf(options->arena, "%s%s%s=%s", text ? text : "", text ? " " : "",
                                    names[i], lists[i]->items[j]);
    return text;
}

int cmd_drift(const struct options *options)
{
    struct job job;
    struct rcn_history history = {0};
    if (job_begin(&job, options) ||
        (rcn_fail_on_parse(options->fail_on, &job.report.fail_on, &job.error) &&
         rcn_error_wrap(&job.error, "--fail-on")) ||
        job_build_plan(&job, false) || job_check_diags(&job, "the manifests cannot be compared") ||
        (options->history &&
         rcn_history_add(options->history, job.plan, describe_selection(options), options->arena,
                         &history, &job.error)))
        return job_fail(&job);
    job.report.history = options->history ? &history : NULL;
    bool fails = rcn_fail_on_matches(job.report.fail_on, job.plan);
    return job_end(&job, fails ? "differences" : "in-sync", fails ? EXIT_DIFFERENCES : EXIT_DONE);
}
