#include <stdlib.h>
#include <string.h>

#include "job.h"

/* Ad accounts and segments that cannot be read are only data elsewhere; here they are the result.
 */
static int fetch(struct job *job, enum rcn_item_kind kind)
{
    struct rcn_live_request request = job_ask_all(job);
    const char *key = job->key.text;
    request.wants_syncs = kind == RCN_ITEMS_SYNCS;
    request.wants_ad_accounts = kind == RCN_ITEMS_AD_ACCOUNTS;
    request.wants_segments = kind == RCN_ITEMS_SEGMENTS;
    /* One GET, unless it is in question whose rows they would be: a company that is named must be
     * one that the key reaches, and a personal key (api-contract 1.11) may reach several. */
    request.skips_account = !job->options->company && !(key && strncmp(key, "seq_user_", 9) == 0);
    if (job_read_live_state(job, &request))
        return -1;
    const struct rcn_live_company *read = job->live->companies;
    if (request.wants_ad_accounts && read->ad_accounts_status != RCN_READ_OK)
        return rcn_error_set(&job->error, RCN_ERROR_FAILED, "%s", read->ad_accounts_problem);
    if (request.wants_segments && read->segments_status != RCN_READ_OK)
        return rcn_error_set(&job->error, RCN_ERROR_FAILED, "%s", read->segments_problem);
    return 0;
}

static int compare_syncs(const void *a, const void *b)
{
    const struct rcn_live_sync *const *left = a;
    const struct rcn_live_sync *const *right = b;
    return rcn_live_sync_compare(*left, *right);
}

static int select_items(struct job *job, struct rcn_items *items)
{
    const struct rcn_live_company *company = job->live->companies;
    struct rcn_arena *arena = job->live->arena;
    /* Of the two lists that were not read the counts are 0. */
    size_t most = company->ad_account_count + company->segment_count + company->sync_count;
    items->rows = rcn_arena_calloc(arena, most + 1, sizeof *items->rows);
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
    if (items->kind == RCN_ITEMS_SYNCS)
        qsort(items->rows, items->count, sizeof *items->rows, compare_syncs);
    return job_check_selected(job);
}

int cmd_get(const struct options *options)
{
    static const struct {
        const char *name;
        enum rcn_item_kind kind;
    } lists[] = {{"ad-accounts", RCN_ITEMS_AD_ACCOUNTS},
                 {"segments", RCN_ITEMS_SEGMENTS},
                 {"syncs", RCN_ITEMS_SYNCS}};
    struct job job;
    struct rcn_items items = {.kind = RCN_ITEMS_NONE};
    for (size_t i = 0; i < sizeof lists / sizeof *lists; i++)
        if (strcmp(lists[i].name, options->operands.items[0]) == 0)
            items.kind = lists[i].kind;
    if (job_begin(&job, options))
        return job_fail(&job);
    if (items.kind == RCN_ITEMS_SEGMENTS && options->selection.ad_accounts.count) {
        rcn_error_set(&job.error, RCN_ERROR_USAGE,
                      "option '--ad-account' has no meaning for 'get segments'");
        return job_fail(&job);
    }
    if (fetch(&job, items.kind) || select_items(&job, &items))
        return job_fail(&job);
    job.report.items = &items;
    return job_end(&job, "listed", EXIT_DONE);
}
