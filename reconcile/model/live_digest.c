#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/memory.h"
#include "base/sha256.h"
#include "model/live_state.h"

/* Each text with its length before it, so that no two lists write the same bytes. */
static void add_text(struct rcn_buf *out, const char *text)
{
    if (text)
        rcn_buf_printf(out, "%zu:%s", strlen(text), text);
    else
        rcn_buf_add_str(out, "-;");
}

static void add_sync(struct rcn_buf *out, const struct rcn_live_sync *live)
{
    const char *const texts[] = {
        live->sync.ad_account_id, live->sync.audience_name, live->sync.id,
        live->sync.segment_id,    live->sync.frequency,     live->segment_name,
        live->sync_status,        live->last_sync_at,       live->last_sync_error,
        live->created_at,
    };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        add_text(out, texts[i]);
    rcn_buf_printf(out, "%d;%d;%lld;", (int)live->sync.is_active, live->segment_is_null,
                   (long long)live->last_synced_count);
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
        add_sync(&text, sorted[i]);
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
