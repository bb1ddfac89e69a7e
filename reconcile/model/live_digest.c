#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/sha256.h"
#include "model/live_state.h"

/* By hand: snprintf for every length is half the cost of the digest of a long list. */
static void add_decimal(struct rcn_sha256 *sha, uint64_t number, char end)
{
    char text[24];
    size_t at = sizeof text;
    text[--at] = end;
    do
        text[--at] = (char)('0' + number % 10);
    while (number /= 10);
    rcn_sha256_add(sha, text + at, sizeof text - at);
}

/* Each part with its length before it, so that no two lists write the same bytes. */
static void add_text(struct rcn_sha256 *sha, const char *text)
{
    if (!text) {
        rcn_sha256_add(sha, "-;", 2);
        return;
    }
    size_t len = strlen(text);
    add_decimal(sha, len, ':');
    rcn_sha256_add(sha, text, len);
}

static void add_number(struct rcn_sha256 *sha, int64_t number)
{
    if (number < 0)
        rcn_sha256_add(sha, "-", 1);
    add_decimal(sha, number < 0 ? -(uint64_t)number : (uint64_t)number, ';');
}

static void add_sync(struct rcn_sha256 *sha, const struct rcn_live_sync *live)
{
    const char *const texts[] = {
        live->sync.ad_account_id, live->sync.audience_name, live->sync.id,
        live->sync.segment_id,    live->sync.frequency,     live->segment_name,
        live->sync_status,        live->last_sync_at,       live->last_sync_error,
        live->created_at,
    };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        add_text(sha, texts[i]);
    add_number(sha, (int64_t)live->sync.is_active);
    add_number(sha, live->segment_is_null);
    add_number(sha, live->last_synced_count);
}

static int compare_syncs(const void *left, const void *right)
{
    const struct rcn_live_sync *a = *(const struct rcn_live_sync *const *)left;
    const struct rcn_live_sync *b = *(const struct rcn_live_sync *const *)right;
    int order = rcn_identity_compare(&a->sync, &b->sync);
    return order ? order : strcmp(a->sync.id, b->sync.id);
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
    for (size_t i = 0; i < count; i++)
        sorted[i] = &company->syncs[i];
    qsort(sorted, count, sizeof *sorted, compare_syncs);
    add_text(sha, company->company_id);
    add_number(sha, (int64_t)count);
    for (size_t i = 0; i < count; i++)
        add_sync(sha, sorted[i]);
    free(sorted);
}

int rcn_live_state_set_digest(struct rcn_live_state *state, struct rcn_error *err)
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
    int failed = rcn_sha256_finish(sha, hex);
    rcn_sha256_free(sha);
    if (failed)
        return rcn_error_set(err, RCN_ERROR_FAILED, "libcrypto cannot make a digest");
    state->digest = rcn_arena_printf(state->arena, "sha256:%s", hex);
    return 0;
}
