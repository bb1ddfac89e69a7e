#include "live/reading.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/memory.h"
#include "live/answer.h"
#include "live/list.h"

/* Three lists for each company at most. */
enum { LISTS_MOST = 3 };
#define MAX_STATE_BYTES ((size_t)4 << 30)

/* What a fetch needs beside the state that it makes. */
struct fetch {
    struct rcn_api *api;
    const struct rcn_live_request *request;
    struct rcn_live_state *state;
    struct rcn_account account;
    struct rcn_read account_read;
    struct rcn_list
        *lists; /* LISTS_MOST of each company, those that are not wanted without a kind */
};

static struct fetch begin(struct rcn_api *api, const struct rcn_live_request *request,
                          size_t company_count)
{
    struct rcn_arena *arena = rcn_arena_new(MAX_STATE_BYTES);
    struct fetch fetch = {.api = api, .request = request, .account_read = {.path = "/account"}};
    fetch.state = rcn_arena_alloc(arena, sizeof *fetch.state);
    fetch.state->arena = arena;
    fetch.state->api_url = rcn_arena_strdup(arena, rcn_api_get_url(api));
    fetch.state->is_snapshot = rcn_api_get_replay(api) != NULL;
    fetch.state->companies = rcn_arena_calloc(arena, company_count, sizeof *fetch.state->companies);
    fetch.lists = rcn_calloc(company_count * LISTS_MOST, sizeof *fetch.lists);
    return fetch;
}

static const char *keep(struct fetch *fetch, const char *text)
{
    return text ? rcn_arena_strdup(fetch->state->arena, text) : NULL;
}

static struct rcn_live_company *add_company(struct fetch *fetch, const char *company_id,
                                            bool is_named)
{
    struct rcn_live_company *company = &fetch->state->companies[fetch->state->company_count++];
    company->company_id = keep(fetch, company_id);
    company->is_named = is_named;
    company->is_sent = is_named;
    return company;
}

/* --- the lists --- */

static void begin_lists(struct fetch *fetch)
{
    const struct rcn_live_request *request = fetch->request;
    const struct rcn_list_kind *const kinds[LISTS_MOST] = {
        request->wants_syncs ? &rcn_list_of_syncs : NULL,
        request->wants_ad_accounts ? &rcn_list_of_ad_accounts : NULL,
        request->wants_segments ? &rcn_list_of_segments : NULL,
    };
    for (size_t i = 0; i < fetch->state->company_count; i++) {
        struct rcn_live_company *company = &fetch->state->companies[i];
        company->began_ms = rcn_clock_steady_ms();
        company->arena = rcn_arena_new(MAX_STATE_BYTES);
        for (size_t j = 0; j < LISTS_MOST; j++)
            if (kinds[j])
                rcn_list_init(&fetch->lists[i * LISTS_MOST + j], kinds[j],
                              company->is_sent ? company->company_id : NULL,
                              j == 0 ? company->arena : fetch->state->arena);
    }
}

/* The account is read in the first round; NULL: not here. */
static int run_lists(struct fetch *fetch, struct rcn_read *account, struct rcn_error *err)
{
    const size_t count = fetch->state->company_count * LISTS_MOST;
    struct rcn_list **active = rcn_calloc(count, sizeof *active);
    struct rcn_read *reads = rcn_calloc(count + 1, sizeof *reads);
    int result = 0;
    begin_lists(fetch);
    while (result == 0) {
        /* One page of every list that has not ended. */
        size_t used = 0;
        for (size_t i = 0; i < count; i++) {
            struct rcn_list *list = &fetch->lists[i];
            if (!list->kind || list->status != RCN_READ_SKIPPED)
                continue;
            reads[used] = (struct rcn_read){.path = list->path, .company_id = list->company_id};
            active[used++] = list;
        }
        if (account)
            reads[used] = *account;
        else if (used == 0)
            break;
        result = rcn_api_read(fetch->api, reads, used + (account != NULL), err);
        for (size_t i = 0; i < used && result == 0; i++)
            rcn_list_judge(active[i], &reads[i]);
        if (account)
            *account = reads[used];
        account = NULL;
        rcn_reads_release(reads, used);
    }
    free(reads);
    free(active);
    return result;
}

/* Both row types begin with their id. */
static int compare_ids(const void *left, const void *right)
{
    return strcmp(*(const char *const *)left, *(const char *const *)right);
}

/* Syncs are the one list without which there is no state. */
static int take_list(struct fetch *fetch, struct rcn_live_company *company,
                     const struct rcn_list *list, struct rcn_error *err)
{
    bool is_ok = list->status == RCN_READ_OK;
    size_t count = is_ok ? list->count : 0;
    if (list->kind == &rcn_list_of_syncs) {
        if (!is_ok)
            return rcn_error_set(err,
                                 fetch->state->is_snapshot ? RCN_ERROR_REFUSED : RCN_ERROR_FAILED,
                                 "%s", list->problem);
        company->syncs = list->rows;
        company->sync_count = count;
        for (size_t i = 0; i < count; i++)
            company->syncs[i].sync.company_id = company->company_id;
        company->began_ms -= list->age_ms;
        company->ended_ms = list->ended_ms;
        return 0;
    }
    if (count > 0)
        qsort(list->rows, count, list->kind->row.size, compare_ids);
    const char *problem = is_ok ? NULL : list->problem;
    if (list->kind == &rcn_list_of_ad_accounts) {
        company->ad_accounts_status = list->status;
        company->ad_accounts_problem = problem;
        company->ad_accounts = list->rows;
        company->ad_account_count = count;
    } else {
        company->segments_status = list->status;
        company->segments_problem = problem;
        company->segments = list->rows;
        company->segment_count = count;
    }
    return 0;
}

/* When the key's own company is unknown, it may be one of the named and be read twice. Then both
 * lists have the same ids, because an id belongs to one company. */
static void drop_double(struct rcn_live_state *state)
{
    const struct rcn_live_company *own = rcn_live_state_find_company(state, NULL);
    if (!own || own->sync_count == 0 || own != &state->companies[state->company_count - 1])
        return;
    for (size_t i = 0; i + 1 < state->company_count; i++)
        if (rcn_live_state_find_sync(state, state->companies[i].company_id,
                                     own->syncs[0].sync.id)) {
            state->own_company_id = state->companies[i].company_id;
            rcn_arena_free(state->companies[--state->company_count].arena);
            return;
        }
}

static struct rcn_live_state *end(struct fetch *fetch, int result, struct rcn_error *err)
{
    struct rcn_live_state *state = fetch->state;
    for (size_t i = 0; i < state->company_count * LISTS_MOST; i++)
        if (fetch->lists[i].kind) {
            result =
                result ? result
                       : take_list(fetch, &state->companies[i / LISTS_MOST], &fetch->lists[i], err);
            rcn_list_release(&fetch->lists[i]);
        }
    free(fetch->lists);
    rcn_reads_release(&fetch->account_read, 1);
    if (result) {
        rcn_live_state_free(state);
        return NULL;
    }
    drop_double(state);
    const struct rcn_snapshot *snapshot = rcn_api_get_replay(fetch->api);
    state->fetched_at_ms = snapshot ? snapshot->taken_ms : rcn_clock_wall_ms();
    return state;
}

/* --- the account --- */

static int judge_account(struct fetch *fetch, struct rcn_error *err)
{
    const struct rcn_read *read = &fetch->account_read;
    fetch->state->account_status = read->is_whole ? RCN_READ_OK : RCN_READ_FORBIDDEN;
    if (!read->is_whole && !read->is_forbidden)
        return rcn_error_set(err, RCN_ERROR_FAILED, "%s", read->problem);
    if (!read->is_whole) {
        fetch->state->account_problem = keep(fetch, read->problem);
        return 0;
    }
    if (rcn_account_judge(fetch->state->arena, read->answer.body, read->answer.body_len,
                          &fetch->account, err) == 0)
        return 0;
    return rcn_error_wrap(err, "GET /account");
}

/* The company of requests without x-company-id. A personal key's can change at any moment, so from
 * now on it is sent (a company key may not know the header: api-contract 1.10). */
static int settle_own(struct fetch *fetch, struct rcn_live_company *company, struct rcn_error *err)
{
    const struct rcn_account *account = &fetch->account;
    const struct rcn_account_company *own;
    if (rcn_account_find_own(account, &own, err))
        return -1;
    company->company_id = own ? own->id : account->current_company_id;
    company->name = own ? own->name : NULL;
    company->is_sent = company->company_id && (strcmp(account->key_type, "personal") == 0 ||
                                               rcn_api_has_personal_key(fetch->api));
    fetch->state->own_company_id = company->company_id;
    return 0;
}

/* --- the fetch --- */

/* The names of the named companies, whether they are the key's at all, and the key's own. */
static int settle(struct fetch *fetch, struct rcn_live_company *own, struct rcn_error *err)
{
    for (size_t i = 0; i < fetch->request->company_count; i++) {
        struct rcn_live_company *company = &fetch->state->companies[i];
        const struct rcn_account_company *found =
            rcn_account_find(&fetch->account, company->company_id, err);
        if (!found)
            return -1;
        company->name = found->name;
    }
    return fetch->request->needs_unnamed ? settle_own(fetch, own, err) : 0;
}

struct rcn_live_state *rcn_reading_fetch(struct rcn_api *api,
                                         const struct rcn_live_request *request,
                                         struct rcn_error *err)
{
    struct fetch fetch = begin(api, request, request->company_count + 1);
    struct rcn_live_state *state = fetch.state;
    struct rcn_live_company own = {0};
    /* The key's own company may be one of the named: its list must not be read as another one's. */
    bool is_account_first = request->needs_unnamed && request->company_count > 0;
    bool has_account = is_account_first || !request->skips_account;
    int result = 0;
    for (size_t i = 0; i < request->company_count; i++)
        add_company(&fetch, request->company_ids[i], true);
    if (is_account_first)
        result = rcn_api_read(api, &fetch.account_read, 1, err);
    else {
        if (request->needs_unnamed)
            add_company(&fetch, NULL, false);
        result = run_lists(&fetch, has_account ? &fetch.account_read : NULL, err);
    }
    if (result == 0 && has_account)
        result = judge_account(&fetch, err);
    if (result == 0 && state->account_status == RCN_READ_OK)
        result = settle(&fetch, is_account_first ? &own : &state->companies[0], err);
    if (result == 0 && is_account_first) {
        if (!own.company_id || !rcn_live_state_find_company(state, own.company_id))
            state->companies[state->company_count++] = own;
        result = run_lists(&fetch, NULL, err);
    }
    return end(&fetch, result, err);
}

/* --- again --- */

static int check_own(struct fetch *fetch, const struct rcn_live_state *before,
                     struct rcn_error *err)
{
    struct rcn_live_company own = {0};
    if (judge_account(fetch, err))
        return -1;
    if (fetch->state->account_status == RCN_READ_OK && settle_own(fetch, &own, err))
        return -1;
    if (own.company_id && rcn_text_is_same(own.company_id, before->own_company_id))
        return 0;
    rcn_error_set(err, RCN_ERROR_REFUSED, "the key's company was '%.100s', but is '%.100s' now",
                  before->own_company_id ? before->own_company_id : "unknown",
                  own.company_id ? own.company_id : "unknown");
    return rcn_error_set_hint(err, "name the company with --company or companyId");
}

struct rcn_live_state *rcn_reading_again(struct rcn_api *api, const struct rcn_live_state *state,
                                         const struct rcn_live_company *only, bool checks_account,
                                         struct rcn_error *err)
{
    const struct rcn_live_request request = {.wants_syncs = true};
    struct fetch fetch = begin(api, &request, state->company_count);
    bool can_change = false;
    fetch.state->account_status = state->account_status;
    fetch.state->own_company_id = keep(&fetch, state->own_company_id);
    for (size_t i = 0; i < state->company_count; i++) {
        const struct rcn_live_company *from = &state->companies[i];
        if (only && from != only)
            continue;
        struct rcn_live_company *company = add_company(&fetch, from->company_id, from->is_named);
        company->name = keep(&fetch, from->name);
        company->is_sent = from->is_sent;
        can_change |= !from->is_sent;
    }
    bool reads_account = checks_account && can_change && state->account_status == RCN_READ_OK;
    int result = run_lists(&fetch, NULL, err);
    /* After the lists: at the same time, one of them could come from another company than it says.
     */
    if (result == 0 && reads_account)
        result = rcn_api_read(api, &fetch.account_read, 1, err) || check_own(&fetch, state, err);
    const size_t company_count = fetch.state->company_count;
    struct rcn_live_state *again = end(&fetch, result, err);
    if (!again || again->company_count == company_count)
        return again;
    rcn_error_set(err, RCN_ERROR_REFUSED, "the key's own company is '%.100s', which is also named",
                  again->own_company_id);
    rcn_error_set_hint(err, "name the company with --company or companyId");
    rcn_live_state_free(again);
    return NULL;
}
