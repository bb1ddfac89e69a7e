#include <stdlib.h>
#include <string.h>

#include "job.h"

static int compare_syncs(const void *a, const void *b)
{
    const struct rcn_live_sync *const *left = a;
    const struct rcn_live_sync *const *right = b;
    return rcn_live_sync_compare(*left, *right);
}

static int list(struct job *job, struct rcn_items *items)
{
    const char *what = job->options->operands.items[0];
    const char *key = job->key.text;
    struct rcn_live_request request = job_ask_all(job);
    request.wants_syncs = strcmp(what, "syncs") == 0;
    request.wants_ad_accounts = strcmp(what, "ad-accounts") == 0;
    request.wants_segments = strcmp(what, "segments") == 0;
    items->kind = request.wants_syncs         ? RCN_ITEMS_SYNCS
                  : request.wants_ad_accounts ? RCN_ITEMS_AD_ACCOUNTS
                                              : RCN_ITEMS_SEGMENTS;
    /* One GET, unless the rows may be of another company: a company that is named must be one that
     * the key reaches, and a personal key (api-contract 1.11) may reach several. */
    request.skips_account = !job->options->company && !(key && strncmp(key, "seq_user_", 9) == 0);
    if (request.wants_segments && job->options->selection.ad_accounts.count)
        return rcn_error_set(&job->error, RCN_ERROR_USAGE,
                             "option '--ad-account' has no meaning for 'get segments'");
    if (job_read_live_state(job, &request))
        return -1;
    /* Elsewhere a list that cannot be read is only data; here it is the result. */
    const struct rcn_live_company *company = job->live->companies;
    if (request.wants_ad_accounts && company->ad_accounts_status != RCN_READ_OK)
        return rcn_error_set(&job->error, RCN_ERROR_FAILED, "%s", company->ad_accounts_problem);
    if (request.wants_segments && company->segments_status != RCN_READ_OK)
        return rcn_error_set(&job->error, RCN_ERROR_FAILED, "%s", company->segments_problem);
    /* The counts of the two lists that were not read are 0. */
    size_t most = company->ad_account_count + company->segment_count + company->sync_count;
    items->rows = rcn_arena_calloc(job->live->arena, most + 1, sizeof *items->rows);
    for (size_t i = 0; i < company->ad_account_count; i++)
        if (job_selects(job, company->ad_accounts[i].id, company->ad_accounts[i].name))
            items->rows[items->count++] = &company->ad_accounts[i];
    for (size_t i = 0; i < company->segment_count; i++)
        if (job_selects(job, NULL, company->segments[i].name))
            items->rows[items->count++] = &company->segments[i];
    for (size_t i = 0; i < company->sync_count; i++)
        if (job_selects(job, company->syncs[i].sync.ad_account_id,
                        company->syncs[i].sync.audience_name))
            items->rows[items->count++] = &company->syncs[i];
    if (request.wants_syncs)
        qsort(items->rows, items->count, sizeof *items->rows, compare_syncs);
    return job_check_selected(job);
}

int cmd_get(const struct options *options)
{
    struct job job;
    struct rcn_items items = {.kind = RCN_ITEMS_NONE};
    if (job_begin(&job, options) || list(&job, &items))
        return job_fail(&job);
    job.report.items = &items;
    return job_end(&job, "listed", EXIT_DONE);
}
