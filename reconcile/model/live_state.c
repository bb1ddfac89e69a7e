#include "model/live_state.h"

#include <stdlib.h>
#include <string.h>

bool rcn_segment_is_too_small(const struct rcn_segment *segment)
{
    return segment->active_subscriber_count >= 0 &&
           segment->active_subscriber_count < RCN_SEGMENT_LEAST_DELIVERABLE;
}

void rcn_live_state_free(struct rcn_live_state *state)
{
    if (!state)
        return;
    for (size_t i = 0; i < state->company_count; i++)
        rcn_arena_free(state->companies[i].arena);
    rcn_arena_free(state->arena);
}

void rcn_live_company_move_list(struct rcn_live_company *company, struct rcn_live_company *from)
{
    rcn_arena_free(company->arena);
    company->arena = from->arena;
    company->syncs = from->syncs;
    company->sync_count = from->sync_count;
    company->began_ms = from->began_ms;
    company->ended_ms = from->ended_ms;
    from->arena = NULL;
    for (size_t i = 0; i < company->sync_count; i++)
        company->syncs[i].sync.company_id = company->company_id;
}

const struct rcn_live_company *rcn_live_state_find_company(const struct rcn_live_state *state,
                                                           const char *company_id)
{
    for (size_t i = 0; i < state->company_count; i++)
        if (rcn_text_is_same(state->companies[i].company_id, company_id))
            return &state->companies[i];
    return NULL;
}

const struct rcn_live_sync *rcn_live_state_find_sync(const struct rcn_live_state *state,
                                                     const char *company_id, const char *id)
{
    const struct rcn_live_company *company = rcn_live_state_find_company(state, company_id);
    for (size_t i = 0; company && i < company->sync_count; i++)
        if (strcmp(company->syncs[i].sync.id, id) == 0)
            return &company->syncs[i];
    return NULL;
}

static int compare_ad_account(const void *id, const void *element)
{
    return strcmp(id, ((const struct rcn_ad_account *)element)->id);
}

const struct rcn_ad_account *
rcn_live_company_find_ad_account(const struct rcn_live_company *company, const char *ad_account_id)
{
    if (company->ad_account_count == 0)
        return NULL;
    return bsearch(ad_account_id, company->ad_accounts, company->ad_account_count,
                   sizeof *company->ad_accounts, compare_ad_account);
}

static int compare_segment(const void *id, const void *element)
{
    return strcmp(id, ((const struct rcn_segment *)element)->id);
}

const struct rcn_segment *rcn_live_company_find_segment(const struct rcn_live_company *company,
                                                        const char *segment_id)
{
    if (company->segment_count == 0)
        return NULL;
    return bsearch(segment_id, company->segments, company->segment_count, sizeof *company->segments,
                   compare_segment);
}

const char *rcn_live_state_get_ad_account_name(const struct rcn_live_state *state,
                                               const char *company_id, const char *ad_account_id)
{
    const struct rcn_live_company *company = rcn_live_state_find_company(state, company_id);
    const struct rcn_ad_account *found =
        company ? rcn_live_company_find_ad_account(company, ad_account_id) : NULL;
    return found ? found->name : NULL;
}
