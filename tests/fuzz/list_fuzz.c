/*
 * Any bytes as the body of a list and as that of an account. A list that is taken must hold what
 * the plan relies on, and a taken body that loses its last byte must not be taken with fewer syncs.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "live/live_account.h"
#include "live/live_state.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(const struct rcn_live_sync *syncs, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const struct rcn_audience_sync *sync = &syncs[i].sync;
        if (!sync->id || !*sync->id || !sync->ad_account_id || !sync->audience_name)
            abort();
        if (syncs[i].segment_is_null && sync->segment_id)
            abort();
    }
}

/* The number of syncs, or -1 when the body is not taken. */
static long judge_list(const char *body, size_t len)
{
    struct rcn_error err = RCN_ERROR_INIT;
    struct rcn_arena *arena = rcn_arena_new((size_t)64 << 20);
    struct rcn_live_sync *syncs = NULL;
    struct rcn_list_page page;
    size_t count = 0;
    if (!arena)
        abort();
    int result = rcn_live_list_judge(arena, body, len, &syncs, &count, &page, &err);
    if (result == 0)
        check(syncs, count);
    if (result == 0 && page.is_paged && (page.limit < 1 || page.offset < 0 || page.total < 0))
        abort();
    rcn_arena_free(arena);
    return result == 0 ? (long)count : -1;
}

static void judge_account(const char *body, size_t len)
{
    struct rcn_error err = RCN_ERROR_INIT;
    struct rcn_arena *arena = rcn_arena_new((size_t)64 << 20);
    struct rcn_account account;
    const struct rcn_account_company *own;
    if (!arena)
        abort();
    if (rcn_live_account_judge(arena, body, len, &account, &err) == 0) {
        rcn_live_account_find_own(&account, &own, &err);
        rcn_live_account_check_named(&account, "c1", &err);
    }
    rcn_arena_free(arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    /* A copy of just this size, so that reading past it is seen. */
    char *body = malloc(size + 1);
    if (!body)
        abort();
    if (size)
        memcpy(body, data, size);
    body[size] = '\0';
    long count = judge_list(body, size);
    if (size && judge_list(body, size - 1) >= 0 && count >= 0 &&
        judge_list(body, size - 1) != count)
        abort();
    judge_account(body, size);
    free(body);
    return 0;
}
