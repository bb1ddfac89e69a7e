#include "manifest/manifest.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "manifest/decoder.h"

/* The strings of a million syncs, and what 512 MiB of manifests can say at most. */
#define MAX_SET_BYTES ((size_t)2 << 30)

static void add_skipped(struct rcn_decoder *decoder, const struct rcn_yaml_node *root)
{
    struct rcn_desired_set *set = decoder->set;
    if ((set->skipped_count & (set->skipped_count - 1)) == 0) /* 0 or a power of two: it is full */
        set->skipped =
            rcn_realloc(set->skipped, (2 * set->skipped_count + 1) * sizeof *set->skipped);
    set->skipped[set->skipped_count++] = rcn_yaml_get_span(root, decoder->text);
}

/* True when something was wrong. */
static bool load_text(struct rcn_decoder *decoder, const struct rcn_text *text, bool is_named)
{
    size_t errors_before = decoder->diags->errors;
    size_t manifests = 0;
    struct rcn_rejection rejection = {.span = {.text = text, .line = 1, .column = 1}};
    struct rcn_yaml_reader *reader = rcn_yaml_reader_new(text, decoder->diags);
    struct rcn_yaml_node *root;
    decoder->text = text;
    while ((root = rcn_yaml_reader_next(reader))) {
        switch (rcn_document_get_kind(root)) {
        case RCN_DOCUMENT_MANIFEST:
            manifests++;
            if (decoder->variables)
                rcn_mark_used(root, decoder->variables, NULL, NULL, 0);
            rcn_document_decode(decoder, root);
            break;
        case RCN_DOCUMENT_FOREIGN:
            add_skipped(decoder, root);
            if (!rejection.rule)
                rcn_document_reject(text, root, &rejection);
            break;
        case RCN_DOCUMENT_EMPTY:
            break;
        }
    }
    decoder->is_incomplete |= rcn_yaml_reader_is_incomplete(reader);
    rcn_yaml_reader_free(reader);
    decoder->set->text_count += manifests > 0;
    if (decoder->diags->errors > errors_before)
        return true;
    if (!is_named || manifests)
        return false;
    struct rcn_diag *diag = rejection.rule
                                ? rcn_diags_error(decoder->diags, rejection.rule, rejection.span,
                                                  "%s", rejection.message)
                                : rcn_diags_error(decoder->diags, "no-manifest", rejection.span,
                                                  "not a manifest: the text is empty");
    rcn_diag_set_hint(decoder->diags, diag, RCN_API_VERSION_HINT);
    return true;
}

struct rcn_desired_set *rcn_manifest_load(const struct rcn_texts *texts,
                                          struct rcn_variables *variables, struct rcn_diags *diags)
{
    struct rcn_desired_set *set = rcn_calloc(1, sizeof *set);
    set->arena = rcn_arena_new(MAX_SET_BYTES);
    struct rcn_decoder decoder = {.set = set,
                                  .variables = variables,
                                  .diags = diags,
                                  .interned = rcn_strmap_new(64),
                                  .is_incomplete = diags->errors > 0};
    bool is_wrong = false;
    rcn_buf_init(&decoder.scratch, (size_t)2 * RCN_VALUE_MAX);
    for (size_t i = 0; i < texts->count; i++)
        is_wrong |= load_text(&decoder, &texts->items[i], texts->named && texts->named[i]);
    rcn_strmap_free(decoder.interned);
    rcn_buf_release(&decoder.scratch);
    if (texts->count && !set->text_count && !is_wrong) {
        struct rcn_diag *diag =
            rcn_diags_error(diags, "no-manifest", (struct rcn_span){0},
                            "no manifest found in '%.200s'", texts->name ? texts->name : "");
        rcn_diag_set_hint(diags, diag, RCN_API_VERSION_HINT);
    }
    rcn_manifest_check(set, true, diags);
    if (variables && !decoder.is_incomplete && set->text_count)
        rcn_variables_report_unused(variables, diags);
    return set;
}

void rcn_manifest_settle_company(struct rcn_desired_set *set, const char *company_id,
                                 struct rcn_diags *diags)
{
    if (!company_id)
        return;
    for (size_t i = 0; i < set->count; i++)
        if (!set->syncs[i].sync.company_id) {
            set->syncs[i].sync.company_id = company_id;
            set->syncs[i].is_new = true;
        }
    for (size_t i = 0; i < set->ignore_count; i++)
        if (!set->ignores[i].company_id)
            set->ignores[i].company_id = company_id;
    rcn_manifest_check_new(set, diags);
}

void rcn_manifest_require_labels(const struct rcn_desired_set *set, const char *const *keys,
                                 size_t count, struct rcn_diags *diags)
{
    for (size_t i = 0; i < set->count; i++)
        for (size_t k = 0; k < count; k++) {
            const struct rcn_desired_sync *sync = &set->syncs[i];
            if (rcn_desired_sync_get_label(sync, keys[k]))
                continue;
            struct rcn_diag *diag = rcn_diags_error(diags, "missing-label", sync->location,
                                                    "the sync has no label '%.60s'", keys[k]);
            rcn_diag_set_hint(diags, diag, "write it under 'labels', here or in 'defaults'");
        }
}
