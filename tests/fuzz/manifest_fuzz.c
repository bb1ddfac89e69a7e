/*
 * Any bytes behind the first as a manifest; the first says whether the text was named or found in a
 * directory. A few variables are defined.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "manifest/manifest.h"
#include "report/diag_text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void print(struct rcn_diags *diags)
{
    struct rcn_buf out;
    rcn_buf_init(&out, (size_t)64 << 20);
    rcn_diags_sort(diags);
    rcn_diag_text_write(diags, false, true, &out);
    rcn_buf_release(&out);
}

/* What later rooms rely on. */
static void check(const struct rcn_desired_set *set, const struct rcn_diags *diags)
{
    for (size_t i = 0; i < set->count; i++) {
        const struct rcn_audience_sync *sync = &set->syncs[i].sync;
        bool one_segment =
            !!sync->segment_id + !!sync->predefined_segment_id + !!set->syncs[i].segment_name == 1;
        bool has_account = sync->ad_account_id ? rcn_ad_account_id_is_valid(sync->ad_account_id)
                                               : set->syncs[i].ad_account_name != NULL;
        if (!sync->audience_name || !*sync->audience_name || !sync->frequency ||
            sync->is_active == RCN_ABSENT || !has_account || (!diags->errors && !one_segment))
            abort();
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct rcn_error err = RCN_ERROR_INIT;
    struct rcn_diags diags;
    struct rcn_variables *variables = rcn_variables_new();
    bool named = size && data[0] % 2;
    /* A copy of just this size, so that reading past it is seen. */
    size_t len = size ? size - 1 : 0;
    char *bytes = malloc(len + 1);
    if (!variables || !bytes)
        abort();
    rcn_diags_init(&diags);
    if (len)
        memcpy(bytes, data + 1, len);
    bytes[len] = '\0';
    rcn_variables_add_assignment(variables, "A=act_1", &err);
    rcn_variables_add_assignment(variables, "T=true", &err);
    rcn_variables_add_assignment(variables, "B=\xff", &err);
    struct rcn_text text = {.path = "fuzz.yaml", .bytes = bytes, .len = len};
    const struct rcn_texts texts = {
        .items = &text, .count = 1, .named = &named, .name = "fuzz.yaml"};
    struct rcn_desired_set *set = rcn_manifest_load(&texts, variables, &diags);
    check(set, &diags);
    if (!diags.errors)
        rcn_manifest_settle_company(set, "company", &diags);
    print(&diags);
    rcn_desired_set_free(set);
    rcn_variables_free(variables);
    rcn_diags_release(&diags);
    free(bytes);
    return 0;
}
