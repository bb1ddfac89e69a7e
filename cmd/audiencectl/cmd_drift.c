#include <string.h>

#include "command.h"
#include "document/history.h"
#include "job.h"

#define FAIL_ON_DEFAULT "missing,drifted,duplicate,unhealthy,gone"

static int add_name(struct rcn_fail_on *self, const char *name, size_t len, struct rcn_error *err)
{
    char word[16] = "";
    if (len < sizeof word)
        memcpy(word, name, len);
    int status = RCN_STATUS_COUNT - 1;
    while (status > RCN_STATUS_IN_SYNC && strcmp(word, rcn_status_names[status]) != 0)
        status--;
    if (strcmp(word, "unhealthy") == 0)
        self->unhealthy = true;
    else if (strcmp(word, "gone") == 0)
        self->gone = true;
    else if (status > RCN_STATUS_IN_SYNC)
        self->status[status] = true;
    else
        return rcn_error_set(err, RCN_ERROR_USAGE,
                             "unknown difference '%.*s': expected none, or some of %s",
                             len < 40 ? (int)len : 40, name, FAIL_ON_DEFAULT ",withheld,unmanaged");
    return 0;
}

int fail_on_parse(const char *list, struct rcn_fail_on *ret, struct rcn_error *err)
{
    memset(ret, 0, sizeof *ret);
    if (!list)
        list = FAIL_ON_DEFAULT;
    if (strcmp(list, "none") == 0)
        return 0;
    for (;;) {
        size_t len = strcspn(list, ",");
        if (add_name(ret, list, len, err))
            return -1;
        if (!list[len])
            return 0;
        list += len + 1;
    }
}

static bool fail_on_matches(const struct rcn_fail_on *self, const struct rcn_plan *plan)
{
    for (int status = 0; status < RCN_STATUS_COUNT; status++)
        if (self->status[status] && plan->counts.by_status[status])
            return true;
    return (self->unhealthy && plan->counts.unhealthy) || (self->gone && rcn_plan_count_gone(plan));
}

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
            text = rcn_arena_printf(job->diags.arena, "%s%s%s=%s", text ? text : "",
                                    text ? " " : "", options[i].name, options[i].list->items[j]);
    return text;
}

/* --history: this run joins the earlier ones, and the report compares them. */
static int add_to_history(struct job *job, struct rcn_history *history)
{
    if (!job->options->history)
        return 0;
    if (rcn_history_add(job->options->history, job->plan, describe_selection(job), job->diags.arena,
                        history, &job->error))
        return -1;
    job->history = history;
    return 0;
}

static int compare(struct job *job, struct rcn_fail_on *fail_on)
{
    if (fail_on_parse(job->options->fail_on, fail_on, &job->error))
        return -1;
    job->fail_on = fail_on;
    if (job_build_plan(job, false))
        return -1;
    return job_check_diags(job, "the manifests cannot be compared");
}

int cmd_drift(const struct options *options)
{
    struct job job;
    struct rcn_fail_on fail_on;
    struct rcn_history history = {0};
    int code;
    if (job_begin(&job, options) || compare(&job, &fail_on) || add_to_history(&job, &history))
        code = job_fail(&job);
    else if (fail_on_matches(&fail_on, job.plan))
        code = job_end(&job, "differences", EXIT_DIFFERENCES);
    else
        code = job_end(&job, "in-sync", EXIT_DONE);
    return code;
}
