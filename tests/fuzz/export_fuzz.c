/*
 * Live syncs with any strings, as `export` writes them. What manifests do not refuse reads back as
 * the same syncs, and nothing of it is wrong.
 */
#include "fuzz.h"
#include "manifest/export.h"
#include "manifest/manifest.h"

enum { SYNCS = 4 };

struct input {
    char *bytes;
    struct rcn_live_sync syncs[SYNCS];
    struct rcn_ad_account account;
    struct rcn_live_company company;
};

static void take_sync(struct rcn_live_sync *sync, const char **next, const char *end,
                      uint8_t choice)
{
    *sync = (struct rcn_live_sync){
        .sync = {.company_id = "comp_1",
                 .ad_account_id = "act_1",
                 .frequency = choice % 4 == 3 ? NULL : rcn_frequencies[choice % 4],
                 .is_active = (enum rcn_tristate)(choice / 4 % 3)}};
    sync->sync.audience_name = fuzz_take_string(next, end);
    sync->sync.segment_id = fuzz_take_string(next, end);
    sync->sync.id = fuzz_take_string(next, end);
    sync->segment_name = fuzz_take_string(next, end);
}

static bool is_utf8(const struct rcn_live_sync *sync)
{
    return fuzz_is_utf8(sync->sync.audience_name) && fuzz_is_utf8(sync->sync.segment_id) &&
           fuzz_is_utf8(sync->sync.id) && fuzz_is_utf8(sync->segment_name);
}

/* False when the strings are none that JSON can have brought. */
static bool take(struct input *input, const uint8_t *data, size_t size)
{
    input->bytes = fuzz_copy(data + SYNCS, size - SYNCS);
    const char *next = input->bytes;
    const char *end = next + size - SYNCS;
    bool result = true;
    for (size_t i = 0; i < SYNCS; i++) {
        take_sync(&input->syncs[i], &next, end, data[i]);
        result = result && is_utf8(&input->syncs[i]);
    }
    const char *company_name = fuzz_take_string(&next, end);
    input->account = (struct rcn_ad_account){"act_1", fuzz_take_string(&next, end)};
    input->company = (struct rcn_live_company){.company_id = "comp_1",
                                               .name = company_name,
                                               .syncs = input->syncs,
                                               .sync_count = SYNCS,
                                               .ad_accounts = &input->account,
                                               .ad_account_count = 1};
    return result;
}

static bool is_same_sync(const struct rcn_audience_sync *live, const struct rcn_audience_sync *read)
{
    const char *frequency = live->frequency ? live->frequency : RCN_FREQUENCY_DEFAULT;
    return strcmp(live->audience_name, read->audience_name) == 0 &&
           strcmp(live->ad_account_id, read->ad_account_id) == 0 &&
           strcmp(live->segment_id, read->segment_id) == 0 &&
           strcmp(frequency, read->frequency) == 0 &&
           (live->is_active == RCN_FALSE) == (read->is_active == RCN_FALSE) &&
           (!read->id || strcmp(live->id, read->id) == 0);
}

/* Two syncs with one id cannot come from a list. */
static bool has_repeated_id(const struct input *input)
{
    for (size_t i = 0; i < SYNCS; i++)
        for (size_t j = 0; j < i; j++)
            if (strcmp(input->syncs[i].sync.id, input->syncs[j].sync.id) == 0)
                return true;
    return false;
}

static void check_loaded(const struct input *input, const struct rcn_export *export,
                         const struct rcn_desired_set *set, const struct rcn_diags *diags)
{
    size_t next = 0;
    for (size_t i = 0; i < SYNCS; i++) {
        if (export->items[i].refused)
            continue;
        FUZZ_CHECK(next < set->count);
        FUZZ_CHECK(is_same_sync(&export->items[i].sync->sync, &set->syncs[next++].sync));
    }
    FUZZ_CHECK(next == set->count);
    FUZZ_CHECK(diags->errors == 0 || has_repeated_id(input));
}

static void check_export(struct input *input)
{
    const struct rcn_live_state live = {
        .arena = rcn_arena_new(SIZE_MAX), .companies = &input->company, .company_count = 1};
    struct rcn_export export = rcn_export_all(&live);
    rcn_export_write(&export, &live, NULL, false);
    FUZZ_CHECK(export.file_count == 1);
    struct rcn_diags diags;
    struct rcn_text text = {
        .path = "a.yaml", .bytes = export.files->bytes, .len = export.files->len};
    const struct rcn_texts texts = {.items = &text, .count = 1, .name = "a.yaml"};
    rcn_diags_init(&diags);
    struct rcn_desired_set *set = rcn_manifest_load(&texts, NULL, &diags);
    check_loaded(input, &export, set, &diags);
    rcn_desired_set_free(set);
    rcn_diags_release(&diags);
    rcn_arena_free(live.arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct input input = {0};
    if (size < SYNCS)
        return 0;
    if (take(&input, data, size))
        check_export(&input);
    free(input.bytes);
    return 0;
}
