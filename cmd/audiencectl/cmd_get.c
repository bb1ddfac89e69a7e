#include <stdlib.h>
#include <string.h>

#include "base/glob.h"
#include "command.h"
#include "job.h"

static enum rcn_item_kind kind_of(const char *operand)
{
    if (strcmp(operand, "ad-accounts") == 0)
        return RCN_ITEMS_AD_ACCOUNTS;
    if (strcmp(operand, "segments") == 0)
        return RCN_ITEMS_SEGMENTS;
    return strcmp(operand, "syncs") == 0 ? RCN_ITEMS_SYNCS : RCN_ITEMS_NONE;
}

/*
 * One GET, unless it is in question whose rows they would be: a company that is named must be one
 * that the key reaches, and a personal key (api-contract 1.11) may reach several.
 */
static bool needs_account(const struct job *job)
{
    const char *key = job->key.text;
    return job->options->company || (key && strncmp(key, "seq_user_", 9) == 0);
}

static int fetch(struct job *job, enum rcn_item_kind kind)
{
    const char *const *company = &job->options->company;
    struct rcn_live_request request = {.company_ids = company,
                                       .company_count = *company ? 1 : 0,
                                       .needs_unnamed = !*company,
                                       .wants_syncs = kind == RCN_ITEMS_SYNCS,
                                       .wants_ad_accounts = kind == RCN_ITEMS_AD_ACCOUNTS,
                                       .wants_segments = kind == RCN_ITEMS_SEGMENTS,
                                       .skips_account = !needs_account(job)};
    return job_read_live_state(job, &request);
}

/* Ad accounts and segments that cannot be read are only data elsewhere; here they are the result.
 */
static int check_read(struct job *job, enum rcn_item_kind kind)
{
    const struct rcn_live_company *company = job->live->companies;
    if (kind == RCN_ITEMS_AD_ACCOUNTS && company->ad_accounts_status != RCN_READ_OK)
        return job_set_error(job, RCN_ERROR_FAILED, "%s", company->ad_accounts_problem);
    if (kind == RCN_ITEMS_SEGMENTS && company->segments_status != RCN_READ_OK)
        return job_set_error(job, RCN_ERROR_FAILED, "%s", company->segments_problem);
    return 0;
}

static bool is_selected(const struct options *options, const char *name)
{
    for (size_t i = 0; i < options->names.count; i++)
        if (name && rcn_glob_matches(options->names.items[i], name))
            return true;
    return options->names.count == 0;
}

static int compare_syncs(const void *a, const void *b)
{
    const struct rcn_live_sync *const *left = a;
    const struct rcn_live_sync *const *right = b;
    return rcn_live_sync_compare(*left, *right);
}

static void select_items(const struct job *job, struct rcn_items *items)
{
    const struct rcn_live_company *company = job->live->companies;
    if (items->kind == RCN_ITEMS_AD_ACCOUNTS)
        for (size_t i = 0; i < company->ad_account_count; i++)
            if (is_selected(job->options, company->ad_accounts[i].name))
                items->ad_accounts[items->count++] = &company->ad_accounts[i];
    if (items->kind == RCN_ITEMS_SEGMENTS)
        for (size_t i = 0; i < company->segment_count; i++)
            if (is_selected(job->options, company->segments[i].name))
                items->segments[items->count++] = &company->segments[i];
    if (items->kind == RCN_ITEMS_SYNCS) {
        for (size_t i = 0; i < company->sync_count; i++)
            if (is_selected(job->options, company->syncs[i].sync.audience_name))
                items->syncs[items->count++] = &company->syncs[i];
        qsort(items->syncs, items->count, sizeof *items->syncs, compare_syncs);
    }
}

/* Room for the rows of the one list that was read. */
static int make_room(struct job *job, struct rcn_items *items)
{
    const struct rcn_live_company *company = job->live->companies;
    struct rcn_arena *arena = job->live->arena;
    items->ad_accounts =
        rcn_arena_calloc(arena, company->ad_account_count + 1, sizeof *items->ad_accounts);
    items->segments = rcn_arena_calloc(arena, company->segment_count + 1, sizeof *items->segments);
    items->syncs = rcn_arena_calloc(arena, company->sync_count + 1, sizeof *items->syncs);
    if (items->ad_accounts && items->segments && items->syncs)
        return 0;
    rcn_error_no_memory(&job->error);
    return job_set_failed(job);
}

int cmd_get(const struct options *options)
{
    struct job job;
    struct rcn_items items = {.kind = kind_of(options->operands.items[0])};
    if (job_begin(&job, options))
        return job_fail(&job);
    if (items.kind == RCN_ITEMS_NONE) {
        job_set_error(&job, RCN_ERROR_USAGE, "'get' knows ad-accounts, segments and syncs, no '%s'",
                      options->operands.items[0]);
        return job_fail(&job);
    }
    if (fetch(&job, items.kind) || check_read(&job, items.kind) || make_room(&job, &items))
        return job_fail(&job);
    select_items(&job, &items);
    job.items = &items;
    return job_end(&job, "listed", EXIT_DONE);
}
