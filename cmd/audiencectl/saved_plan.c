#include "saved_plan.h"

#include <string.h>

#include "base/clock.h"
#include "base/file.h"
#include "plan/plan_fresh.h"

int saved_plan_read(struct job *job, const char *path)
{
    struct rcn_buf bytes;
    rcn_buf_init(&bytes, RCN_DOCUMENT_MAX_BYTES);
    if (rcn_file_read(path, &bytes, &job->error) == 0) {
        job->saved = rcn_document_new(rcn_buf_get_str(&bytes), bytes.len, &job->error);
        if (!job->saved)
            rcn_error_wrap(&job->error, "'%s'", path);
    }
    rcn_buf_release(&bytes);
    return job->saved ? 0 : job_set_failed(job);
}

/* --company must not quietly mean nothing: a plan is for the companies that it was made for. */
static int check_company(struct job *job)
{
    const struct rcn_live_facts *live = &job->saved->plan->live;
    const char *asked = job->options->company;
    for (size_t i = 0; asked && i < live->company_count; i++) {
        const char *company_id = live->companies[i].company_id;
        if (!company_id || strcmp(company_id, asked) == 0)
            return 0;
    }
    if (!asked)
        return 0;
    return job_set_error(job, RCN_ERROR_REFUSED,
                         "the plan was made for another company than '%s', which is asked for",
                         asked);
}

/* Reads the same companies in the same way: named ones by name, the key's own as its own. */
static int fetch(struct job *job)
{
    const struct rcn_live_facts *live = &job->saved->plan->live;
    const char **companies =
        rcn_arena_calloc(job->diags.arena, live->company_count + 1, sizeof *companies);
    struct rcn_live_request request = {.company_ids = companies,
                                       .wants_syncs = true,
                                       .wants_ad_accounts = !job->options->no_preflight,
                                       .wants_segments = !job->options->no_preflight};
    if (!companies) {
        rcn_error_no_memory(&job->error);
        return job_set_failed(job);
    }
    for (size_t i = 0; i < live->company_count; i++) {
        if (live->companies[i].is_named && live->companies[i].company_id)
            companies[request.company_count++] = live->companies[i].company_id;
        else
            request.needs_unnamed = true;
    }
    return job_read_live_state(job, &request);
}

static int refuse_company(struct job *job, const char *planned)
{
    const struct rcn_live_state *live = job->session.live;
    const char *own = live->own_company_id;
    if (!own)
        return job_set_error(
            job, RCN_ERROR_REFUSED,
            "the plan was made for the company '%s', and that cannot be checked: %s", planned,
            live->account_problem ? live->account_problem : "GET /account names no company");
    if (!planned)
        job_set_error(job, RCN_ERROR_REFUSED,
                      "the plan was made when the key's company was not known: now it is '%s'",
                      own);
    else
        job_set_error(job, RCN_ERROR_REFUSED,
                      "the plan was made for the company '%s', and the key's own is '%s' now",
                      planned, own);
    rcn_error_set_hint(&job->error, "plan again");
    return -1;
}

/* A company that was named is checked when it is read. The key's own may have become another. */
static int check_own_company(struct job *job)
{
    const struct rcn_live_facts *live = &job->saved->plan->live;
    const char *own = job->session.live->own_company_id;
    for (size_t i = 0; i < live->company_count; i++) {
        const char *planned = live->companies[i].company_id;
        bool is_same = planned && own ? strcmp(planned, own) == 0 : planned == own;
        if (!(live->companies[i].is_named && planned) && !is_same)
            return refuse_company(job, planned);
    }
    return 0;
}

/* The report says what was saved: its source, its unmanaged syncs, its selection. */
static void keep_saved_facts(struct rcn_plan *now, const struct rcn_plan *saved)
{
    now->source = saved->source;
    now->unmanaged = saved->unmanaged;
    now->unmanaged_count = saved->unmanaged_count;
    now->counts.by_status[RCN_STATUS_UNMANAGED] = saved->counts.by_status[RCN_STATUS_UNMANAGED];
    now->is_selected = saved->is_selected;
    now->managed_elsewhere = saved->managed_elsewhere;
    now->managed_elsewhere_count = saved->managed_elsewhere_count;
}

int saved_plan_refresh(struct job *job)
{
    const struct rcn_plan *saved = job->saved->plan;
    const struct rcn_plan_options options = {.saved = saved};
    if (rcn_plan_check_usable(&job->saved->report, job->options->plan_ttl_ms, rcn_clock_wall_ms(),
                                   &job->error))
        return job_set_failed(job);
    if (check_company(job) || fetch(job) || check_own_company(job))
        return -1;
    job->plan =
        rcn_plan_new(job->saved->desired, job->session.live, &options, &job->diags, &job->error);
    if (!job->plan || rcn_plan_check_fresh(saved, job->plan, &job->error))
        return job_set_failed(job);
    keep_saved_facts(job->plan, saved);
    return job_complete_plan(job, job->plan);
}
