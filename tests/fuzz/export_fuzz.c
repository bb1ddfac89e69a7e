/*
 * Live syncs with any strings, as `export` writes them. What manifests do not refuse reads back as
 * the same syncs, and nothing of it is wrong.
 */
#include "fuzz.h"
#include "manifest/manifest.h"
#include "manifest/write.h"

enum { SYNCS = 4 };

struct input {
    char *bytes;
    const char *company_id;
    const char *company_name;
    const char *account_name;
    struct rcn_live_sync syncs[SYNCS];
    const struct rcn_live_sync *order[SYNCS];
};

static void take_sync(struct rcn_live_sync *sync, const char **next, const char *end,
                      uint8_t choice)
{
    *sync = (struct rcn_live_sync){
        .sync = {.ad_account_id = "act_1",
                 .frequency = choice % 4 == 3 ? NULL : rcn_frequencies[choice % 4],
                 .is_active = (enum rcn_tristate)(choice / 4 % 3)}};
    sync->sync.audience_name = fuzz_take_string(next, end);
    sync->sync.segment_id = fuzz_take_string(next, end);
    sync->sync.id = fuzz_take_string(next, end);
    sync->segment_name = fuzz_take_string(next, end);
}

static int compare(const void *a, const void *b)
{
    const struct rcn_live_sync *const *left = a;
    const struct rcn_live_sync *const *right = b;
    return rcn_live_sync_compare(*left, *right);
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
        input->order[i] = &input->syncs[i];
        result = result && is_utf8(&input->syncs[i]);
    }
    input->company_name = fuzz_take_string(&next, end);
    input->account_name = fuzz_take_string(&next, end);
    qsort(input->order, SYNCS, sizeof *input->order, compare);
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

static void check_loaded(const struct input *input, const struct rcn_desired_set *set,
                         const struct rcn_diags *diags)
{
    size_t next = 0;
    for (size_t i = 0; i < SYNCS; i++) {
        if (rcn_manifest_refuses(input->order[i]))
            continue;
        FUZZ_CHECK(next < set->count);
        FUZZ_CHECK(is_same_sync(&input->order[i]->sync, &set->syncs[next++].sync));
    }
    FUZZ_CHECK(next == set->count);
    FUZZ_CHECK(diags->errors == 0 || has_repeated_id(input));
}

static void check_text(const struct input *input, const struct rcn_buf *written)
{
    struct rcn_diags diags;
    struct rcn_text text = {.path = "a.yaml", .bytes = written->data, .len = written->len};
    const struct rcn_texts texts = {.items = &text, .count = 1, .name = "a.yaml"};
    rcn_diags_init(&diags);
    struct rcn_desired_set *set = rcn_manifest_load(&texts, NULL, &diags);
    check_loaded(input, set, &diags);
    rcn_desired_set_free(set);
    rcn_diags_release(&diags);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct input input = {0};
    struct rcn_buf out;
    if (size < SYNCS)
        return 0;
    if (take(&input, data, size)) {
        bool is_shared[SYNCS] = {false};
        for (size_t i = 0; i < SYNCS; i++)
            for (size_t j = 0; j < SYNCS; j++)
                is_shared[i] |= i != j && rcn_identity_compare(&input.order[i]->sync,
                                                               &input.order[j]->sync) == 0;
        const struct rcn_written_document document = {.company_id = "comp_1",
                                                      .company_name = input.company_name,
                                                      .ad_account_id = "act_1",
                                                      .ad_account_name = input.account_name,
                                                      .syncs = input.order,
                                                      .is_shared = is_shared,
                                                      .count = SYNCS};
        rcn_buf_init(&out, (size_t)64 << 20);
        rcn_manifest_write(&out, &document);
        FUZZ_CHECK(!out.failed);
        check_text(&input, &out);
        rcn_buf_release(&out);
    }
    free(input.bytes);
    return 0;
}
