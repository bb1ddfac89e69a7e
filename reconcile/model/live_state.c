#include "model/live_state.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/memory.h"
#include "base/sha256.h"

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

/* Rows of both kinds begin with their id. */
static int compare_id(const void *id, const void *row)
{
    return strcmp(id, *(const char *const *)row);
}

const struct rcn_ad_account *
rcn_live_company_find_ad_account(const struct rcn_live_company *company, const char *ad_account_id)
{
    return company->ad_account_count
               ? bsearch(ad_account_id, company->ad_accounts, company->ad_account_count,
                         sizeof *company->ad_accounts, compare_id)
               : NULL;
}

const struct rcn_segment *rcn_live_company_find_segment(const struct rcn_live_company *company,
                                                        const char *segment_id)
{
    return company->segment_count ? bsearch(segment_id, company->segments, company->segment_count,
                                            sizeof *company->segments, compare_id)
                                  : NULL;
}

const char *rcn_live_state_get_ad_account_name(const struct rcn_live_state *state,
                                               const char *company_id, const char *ad_account_id)
{
    const struct rcn_live_company *company = rcn_live_state_find_company(state, company_id);
    const struct rcn_ad_account *found =
        company ? rcn_live_company_find_ad_account(company, ad_account_id) : NULL;
    return found ? found->name : NULL;
}

/* --- the digest --- */

/* Each text with its length before it, so that no two lists write the same bytes. */
static void add_text(struct rcn_buf *out, const char *text)
{
    if (text)
        rcn_buf_printf(out, "%zu:%s", strlen(text), text);
    else
        rcn_buf_add_str(out, "-;");
}

static int compare_syncs(const void *left, const void *right)
{
    return rcn_live_sync_compare(*(const struct rcn_live_sync *const *)left,
                                 *(const struct rcn_live_sync *const *)right);
}

static int compare_companies(const void *left, const void *right)
{
    const struct rcn_live_company *a = *(const struct rcn_live_company *const *)left;
    const struct rcn_live_company *b = *(const struct rcn_live_company *const *)right;
    return strcmp(a->company_id ? a->company_id : "", b->company_id ? b->company_id : "");
}

static void add_company(struct rcn_sha256 *sha, const struct rcn_live_company *company)
{
    size_t count = company->sync_count;
    const struct rcn_live_sync **sorted = rcn_calloc(count, sizeof *sorted);
    struct rcn_buf text;
    rcn_buf_init(&text, SIZE_MAX / 2);
    for (size_t i = 0; i < count; i++)
        sorted[i] = &company->syncs[i];
    qsort(sorted, count, sizeof *sorted, compare_syncs);
    add_text(&text, company->company_id);
    rcn_buf_printf(&text, "%zu;", count);
    for (size_t i = 0; i < count; i++) {
        const struct rcn_live_sync *live = sorted[i];
        const char *const texts[] = {
            live->sync.ad_account_id, live->sync.audience_name, live->sync.id,
            live->sync.segment_id,    live->sync.frequency,     live->segment_name,
            live->sync_status,        live->last_sync_at,       live->last_sync_error,
            live->created_at,
        };
        for (size_t j = 0; j < sizeof texts / sizeof *texts; j++)
            add_text(&text, texts[j]);
        rcn_buf_printf(&text, "%d;%d;%lld;", (int)live->sync.is_active, live->segment_is_null,
                       (long long)live->last_synced_count);
        rcn_sha256_add(sha, text.data, text.len);
        rcn_buf_clear(&text);
    }
    rcn_sha256_add(sha, rcn_buf_get_str(&text), text.len);
    rcn_buf_release(&text);
    free(sorted);
}

void rcn_live_state_set_digest(struct rcn_live_state *state)
{
    char hex[RCN_SHA256_HEX_SIZE];
    size_t count = state->company_count;
    struct rcn_sha256 *sha = rcn_sha256_new();
    const struct rcn_live_company **sorted = rcn_calloc(count, sizeof *sorted);
    for (size_t i = 0; i < count; i++)
        sorted[i] = &state->companies[i];
    qsort(sorted, count, sizeof *sorted, compare_companies);
    for (size_t i = 0; i < count; i++)
        add_company(sha, sorted[i]);
    free(sorted);
    rcn_sha256_finish(sha, hex);
    state->digest = rcn_arena_printf(state->arena, "sha256:%s", hex);
}
