#include "live/live_state.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "live/live_account.h"
#include "live/live_reader.h"

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
    struct rcn_live_reader *readers; /* of one company after the other */
    size_t reader_count;
};

/* --- the state --- */

static struct rcn_live_state *new_state(const char *api_url, struct rcn_error *err)
{
    struct rcn_arena *arena = rcn_arena_new(MAX_STATE_BYTES);
    struct rcn_live_state *state = arena ? rcn_arena_alloc(arena, sizeof *state) : NULL;
    if (state) {
        state->arena = arena;
        state->api_url = rcn_arena_strdup(arena, api_url);
    }
    if (!state || !state->api_url) {
        rcn_arena_free(arena);
        rcn_error_no_memory(err);
        return NULL;
    }
    return state;
}

static int copy_text(struct rcn_arena *arena, const char *text, const char **ret,
                     struct rcn_error *err)
{
    *ret = text ? rcn_arena_strdup(arena, text) : NULL;
    return text && !*ret ? rcn_error_no_memory(err) : 0;
}

static int reserve_companies(struct rcn_live_state *state, size_t count, struct rcn_error *err)
{
    state->companies = rcn_arena_calloc(state->arena, count, sizeof *state->companies);
    return state->companies ? 0 : rcn_error_no_memory(err);
}

static struct rcn_live_company *add_company(struct rcn_live_state *state, const char *company_id,
                                            bool is_named, struct rcn_error *err)
{
    struct rcn_live_company *company = &state->companies[state->company_count];
    if (copy_text(state->arena, company_id, &company->company_id, err))
        return NULL;
    company->is_named = is_named;
    state->company_count++;
    return company;
}

static const char *get_header_company(const struct rcn_live_company *company)
{
    return company->is_named ? company->company_id : NULL;
}

/* --- the lists --- */

static int add_readers(struct fetch *fetch, const struct rcn_live_company *company,
                       struct rcn_error *err)
{
    const struct {
        bool is_wanted;
        const struct rcn_live_list_kind *kind;
    } lists[LISTS_MOST] = {
        {fetch->request->wants_syncs, &rcn_live_list_syncs},
        {fetch->request->wants_ad_accounts, &rcn_live_list_ad_accounts},
        {fetch->request->wants_segments, &rcn_live_list_segments},
    };
    for (size_t i = 0; i < LISTS_MOST; i++) {
        if (!lists[i].is_wanted)
            continue;
        if (rcn_live_reader_init(&fetch->readers[fetch->reader_count], lists[i].kind,
                                 get_header_company(company), fetch->state->arena, err))
            return -1;
        fetch->reader_count++;
    }
    return 0;
}

static int prepare_readers(struct fetch *fetch, struct rcn_error *err)
{
    const struct rcn_live_state *state = fetch->state;
    fetch->readers = calloc(state->company_count * LISTS_MOST + 1, sizeof *fetch->readers);
    if (!fetch->readers)
        return rcn_error_no_memory(err);
    for (size_t i = 0; i < state->company_count; i++)
        if (add_readers(fetch, &state->companies[i], err))
            return -1;
    return 0;
}

static void release_readers(struct fetch *fetch)
{
    for (size_t i = 0; i < fetch->reader_count; i++)
        rcn_live_reader_release(&fetch->readers[i]);
    free(fetch->readers);
}

/* Both row types begin with their id. */
static int compare_ids(const void *left, const void *right)
{
    return strcmp(*(const char *const *)left, *(const char *const *)right);
}

static void sort_rows(const struct rcn_live_list *list)
{
    if (list->count > 0)
        qsort(list->rows, list->count, list->kind->row_size, compare_ids);
}

static void take_syncs(struct rcn_live_company *company, const struct rcn_live_list *list)
{
    company->syncs = list->rows;
    company->sync_count = list->count;
    for (size_t i = 0; i < list->count; i++)
        company->syncs[i].sync.company_id = company->company_id;
}

static int keep_problem(struct fetch *fetch, const struct rcn_live_reader *reader, const char **ret,
                        struct rcn_error *err)
{
    return copy_text(fetch->state->arena, reader->problem[0] ? reader->problem : NULL, ret, err);
}

/* Syncs are the one list without which there is no state. */
static int take_list(struct fetch *fetch, struct rcn_live_company *company,
                     struct rcn_live_reader *reader, struct rcn_error *err)
{
    const struct rcn_live_list *list = &reader->list;
    bool is_ok = reader->status == RCN_READ_OK;
    if (reader->kind == &rcn_live_list_syncs) {
        if (!is_ok)
            return rcn_error_set(err, RCN_ERROR_FAILED, "%s", reader->problem);
        take_syncs(company, list);
        return 0;
    }
    if (is_ok)
        sort_rows(list);
    if (reader->kind == &rcn_live_list_ad_accounts) {
        company->ad_accounts_status = reader->status;
        company->ad_accounts = is_ok ? list->rows : NULL;
        company->ad_account_count = is_ok ? list->count : 0;
        return keep_problem(fetch, reader, &company->ad_accounts_problem, err);
    }
    company->segments_status = reader->status;
    company->segments = is_ok ? list->rows : NULL;
    company->segment_count = is_ok ? list->count : 0;
    return keep_problem(fetch, reader, &company->segments_problem, err);
}

static int take_lists(struct fetch *fetch, struct rcn_error *err)
{
    if (fetch->reader_count == 0)
        return 0;
    size_t lists_of_one = fetch->reader_count / fetch->state->company_count;
    for (size_t i = 0; i < fetch->reader_count; i++)
        if (take_list(fetch, &fetch->state->companies[i / lists_of_one], &fetch->readers[i], err))
            return -1;
    return 0;
}

/* --- the account --- */

static int judge_account_body(struct fetch *fetch, struct rcn_error *err)
{
    struct rcn_http_answer *answer = &fetch->account_read.answer;
    if (rcn_live_account_judge(fetch->state->arena, answer->body, answer->body_len, &fetch->account,
                               err) == 0)
        return 0;
    char text[sizeof err->message];
    rcn_api_describe_unreadable(answer->body, answer->body_len, err, text, sizeof text);
    rcn_api_redact(fetch->api, text);
    rcn_error_set(err, RCN_ERROR_FAILED, "%s", text);
    return rcn_error_wrap(err, "GET /account");
}

static int judge_account(struct fetch *fetch, struct rcn_error *err)
{
    const struct rcn_read *read = &fetch->account_read;
    if (read->is_whole) {
        fetch->state->account_status = RCN_READ_OK;
        return judge_account_body(fetch, err);
    }
    if (read->answer.transfer != RCN_HTTP_ANSWERED || read->answer.status != 403)
        return rcn_error_set(err, RCN_ERROR_FAILED, "%s", read->problem);
    fetch->state->account_status = RCN_READ_FORBIDDEN;
    return copy_text(fetch->state->arena, read->problem, &fetch->state->account_problem, err);
}

static int take_own_company(struct fetch *fetch, struct rcn_live_company *company,
                            struct rcn_error *err)
{
    const struct rcn_account_company *own;
    if (rcn_live_account_find_own(&fetch->account, &own, err))
        return -1;
    company->company_id = own ? own->id : fetch->account.current_company_id;
    company->name = own ? own->name : NULL;
    fetch->state->own_company_id = company->company_id;
    return 0;
}

/* Names of named companies, and whether they are the key's at all. */
static int settle_named(const struct fetch *fetch, struct rcn_error *err)
{
    struct rcn_live_state *state = fetch->state;
    for (size_t i = 0; i < state->company_count; i++) {
        struct rcn_live_company *company = &state->companies[i];
        if (!company->is_named)
            continue;
        if (rcn_live_account_check_named(&fetch->account, company->company_id, err))
            return -1;
        company->name = rcn_live_account_find(&fetch->account, company->company_id)->name;
    }
    return 0;
}

static int add_named(struct fetch *fetch, struct rcn_error *err)
{
    const struct rcn_live_request *request = fetch->request;
    if (reserve_companies(fetch->state, request->company_count + 1, err))
        return -1;
    for (size_t i = 0; i < request->company_count; i++)
        if (!add_company(fetch->state, request->company_ids[i], true, err))
            return -1;
    return 0;
}

/* --- the fetch --- */

static int run_lists(struct fetch *fetch, struct rcn_read *account, struct rcn_error *err)
{
    if (prepare_readers(fetch, err))
        return -1;
    return rcn_live_readers_run(fetch->readers, fetch->reader_count, fetch->api, account, err);
}

/* The key's own company may be one of the named: its list must not be read as another one's. */
static int read_account_first(struct fetch *fetch, struct rcn_error *err)
{
    struct rcn_live_state *state = fetch->state;
    struct rcn_live_company own = {0};
    if (rcn_api_read(fetch->api, &fetch->account_read, 1, err) || judge_account(fetch, err))
        return -1;
    if (state->account_status == RCN_READ_OK &&
        (settle_named(fetch, err) || take_own_company(fetch, &own, err)))
        return -1;
    for (size_t i = 0; i < state->company_count; i++)
        if (own.company_id && strcmp(own.company_id, state->companies[i].company_id) == 0)
            return run_lists(fetch, NULL, err);
    struct rcn_live_company *company = add_company(state, own.company_id, false, err);
    if (!company)
        return -1;
    company->name = own.name;
    return run_lists(fetch, NULL, err);
}

static int read_all_at_once(struct fetch *fetch, struct rcn_error *err)
{
    struct rcn_live_state *state = fetch->state;
    if (fetch->request->needs_unnamed && !add_company(state, NULL, false, err))
        return -1;
    if (fetch->request->skips_account)
        return run_lists(fetch, NULL, err);
    if (run_lists(fetch, &fetch->account_read, err) || judge_account(fetch, err))
        return -1;
    if (state->account_status != RCN_READ_OK)
        return 0;
    if (fetch->request->needs_unnamed)
        return take_own_company(fetch, &state->companies[0], err);
    return settle_named(fetch, err);
}

static int complete(struct fetch *fetch, struct rcn_error *err)
{
    if (take_lists(fetch, err))
        return -1;
    fetch->state->fetched_at_ms = rcn_clock_wall_ms();
    return 0;
}

/* Takes over what the fetch holds, and the state too when it failed. */
static struct rcn_live_state *end_fetch(struct fetch *fetch, int result)
{
    release_readers(fetch);
    rcn_reads_release(&fetch->account_read, 1);
    if (result == 0)
        return fetch->state;
    rcn_live_state_free(fetch->state);
    return NULL;
}

struct rcn_live_state *rcn_live_state_fetch(struct rcn_api *api,
                                            const struct rcn_live_request *request,
                                            struct rcn_error *err)
{
    struct fetch fetch = {.api = api, .request = request, .account_read = {.path = "/account"}};
    fetch.state = new_state(rcn_api_get_url(api), err);
    if (!fetch.state)
        return NULL;
    int result = add_named(&fetch, err);
    bool is_mixed = request->needs_unnamed && request->company_count > 0;
    if (result == 0)
        result = is_mixed ? read_account_first(&fetch, err) : read_all_at_once(&fetch, err);
    if (result == 0)
        result = complete(&fetch, err);
    return end_fetch(&fetch, result);
}

/* --- again --- */

static int copy_ad_accounts(struct rcn_arena *arena, const struct rcn_live_company *from,
                            struct rcn_live_company *to, struct rcn_error *err)
{
    size_t count = from->ad_account_count;
    to->ad_accounts_status = from->ad_accounts_status;
    to->ad_accounts = rcn_arena_calloc(arena, count, sizeof *to->ad_accounts);
    if (!to->ad_accounts ||
        copy_text(arena, from->ad_accounts_problem, &to->ad_accounts_problem, err))
        return rcn_error_no_memory(err);
    for (; to->ad_account_count < count; to->ad_account_count++) {
        const struct rcn_ad_account *account = &from->ad_accounts[to->ad_account_count];
        struct rcn_ad_account *copy = &to->ad_accounts[to->ad_account_count];
        if (copy_text(arena, account->id, &copy->id, err) ||
            copy_text(arena, account->name, &copy->name, err))
            return -1;
    }
    return 0;
}

static int copy_segments(struct rcn_arena *arena, const struct rcn_live_company *from,
                         struct rcn_live_company *to, struct rcn_error *err)
{
    size_t count = from->segment_count;
    to->segments_status = from->segments_status;
    to->segments = rcn_arena_calloc(arena, count, sizeof *to->segments);
    if (!to->segments || copy_text(arena, from->segments_problem, &to->segments_problem, err))
        return rcn_error_no_memory(err);
    for (; to->segment_count < count; to->segment_count++) {
        const struct rcn_segment *segment = &from->segments[to->segment_count];
        struct rcn_segment *copy = &to->segments[to->segment_count];
        *copy = *segment;
        if (copy_text(arena, segment->id, &copy->id, err) ||
            copy_text(arena, segment->name, &copy->name, err))
            return -1;
    }
    return 0;
}

static int copy_company(struct rcn_live_state *state, const struct rcn_live_company *from,
                        struct rcn_error *err)
{
    struct rcn_live_company *to = add_company(state, from->company_id, from->is_named, err);
    if (!to || copy_text(state->arena, from->name, &to->name, err) ||
        copy_ad_accounts(state->arena, from, to, err))
        return -1;
    return copy_segments(state->arena, from, to, err);
}

static int copy_frame(struct rcn_live_state *to, const struct rcn_live_state *from,
                      struct rcn_error *err)
{
    to->account_status = from->account_status;
    if (copy_text(to->arena, from->account_problem, &to->account_problem, err) ||
        copy_text(to->arena, from->own_company_id, &to->own_company_id, err) ||
        reserve_companies(to, from->company_count, err))
        return -1;
    for (size_t i = 0; i < from->company_count; i++)
        if (copy_company(to, &from->companies[i], err))
            return -1;
    return 0;
}

struct rcn_live_state *rcn_live_state_read_again(struct rcn_api *api,
                                                 const struct rcn_live_state *state,
                                                 struct rcn_error *err)
{
    struct rcn_live_request request = {.wants_syncs = true};
    struct fetch fetch = {.api = api, .request = &request};
    fetch.state = new_state(state->api_url, err);
    if (!fetch.state)
        return NULL;
    int result = copy_frame(fetch.state, state, err);
    if (result == 0)
        result = run_lists(&fetch, NULL, err);
    if (result == 0)
        result = complete(&fetch, err);
    return end_fetch(&fetch, result);
}
