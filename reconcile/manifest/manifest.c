#include "manifest/manifest.h"

#include <ctype.h>
#include <string.h>

#include "base/memory.h"
#include "manifest/decoder.h"

/* The strings of a million syncs, and what 512 MiB of manifests can say at most. */
#define MAX_SET_BYTES ((size_t)2 << 30)
/* Nodes, scalars and anchors of one text. */
#define MAX_TREE_BYTES ((size_t)2 << 30)

/* The value of the mapping's own key of that name, but for case, `-` and `_`; or NULL. */
static struct rcn_yaml_node *find_key(struct rcn_yaml_node *mapping, const char *name)
{
    for (struct rcn_yaml_node *node = mapping->first; node; node = node->next->next) {
        const struct rcn_yaml_node *key = rcn_yaml_resolve(node);
        const char *at = key->kind == RCN_YAML_SCALAR ? key->text : "\n";
        const char *expected = name;
        for (; *at; at++) {
            if (*at == '-' || *at == '_')
                continue;
            if (tolower((unsigned char)*at) != tolower((unsigned char)*expected))
                break;
            expected++;
        }
        if (!*at && !*expected)
            return rcn_yaml_resolve(node->next);
    }
    return NULL;
}

/* A manifest, or meant as one. */
static bool is_manifest(struct rcn_yaml_node *root)
{
    if (root->kind == RCN_YAML_MAPPING) {
        const struct rcn_yaml_node *version = find_key(root, "apiVersion");
        bool is_ours = version && version->kind == RCN_YAML_SCALAR &&
                       strncmp(version->text, "audiencectl/", strlen("audiencectl/")) == 0;
        return is_ours || find_key(root, "audienceSyncs") || find_key(root, "audienceSync") ||
               (!version && find_key(root, "ignore"));
    }
    /* A list whose first item is what an item of audienceSyncs would be. */
    struct rcn_yaml_node *item =
        root->kind == RCN_YAML_SEQUENCE && root->first ? rcn_yaml_resolve(root->first) : NULL;
    return item && item->kind == RCN_YAML_MAPPING &&
           (find_key(item, "audienceName") || find_key(item, "segmentId"));
}

/* A file that was asked for by its name must be a manifest. foreign: its first document that is
 * not empty; NULL: it has none. */
static void report_foreign(struct rcn_decoder *decoder, struct rcn_yaml_node *foreign)
{
    char quoted[RCN_QUOTE_SIZE];
    struct rcn_diags *diags = decoder->diags;
    struct rcn_diag *diag;
    struct rcn_span span = {.text = decoder->text, .line = 1, .column = 1};
    const struct rcn_yaml_node *version =
        foreign && foreign->kind == RCN_YAML_MAPPING ? find_key(foreign, "apiVersion") : NULL;
    bool has_version = version && version->kind == RCN_YAML_SCALAR && version->len;
    if (foreign)
        span = rcn_decoder_get_span(decoder, has_version ? version : foreign);
    if (!foreign)
        diag = rcn_diags_error(diags, "no-manifest", span, "not a manifest: the text is empty");
    else if (foreign->kind != RCN_YAML_MAPPING)
        diag = rcn_diags_error(diags, "wrong-type", span, "a manifest must be a mapping, not %s",
                               rcn_yaml_type_name(foreign->type));
    else if (has_version)
        diag = rcn_diags_error(diags, "api-version", span,
                               "apiVersion '%s' is not '" RCN_API_VERSION "'",
                               rcn_quote(quoted, version->text));
    else
        diag = rcn_diags_error(diags, "api-version", span, "not a manifest: apiVersion is missing");
    rcn_diag_set_hint(diags, diag, RCN_API_VERSION_HINT);
}

/* True when something was wrong. */
static bool load_text(struct rcn_decoder *decoder, const struct rcn_text *text, bool is_named)
{
    struct rcn_desired_set *set = decoder->set;
    size_t errors_before = decoder->diags->errors;
    bool has_manifest = false;
    struct rcn_yaml_node *foreign = NULL;
    struct rcn_arena *arena = rcn_arena_new(MAX_TREE_BYTES);
    struct rcn_yaml_node *root =
        rcn_yaml_read(text, arena, decoder->diags, &decoder->is_incomplete);
    decoder->text = text;
    for (; root; root = root->next) {
        if (root->type == RCN_YAML_IS_NULL)
            continue;
        if (is_manifest(root)) {
            has_manifest = true;
            if (decoder->variables)
                rcn_mark_used(root, decoder->variables, NULL, NULL, 0);
            rcn_document_decode(decoder, root);
            continue;
        }
        foreign = foreign ? foreign : root;
        set->skipped = rcn_decoder_reserve(set->skipped, set->skipped_count, sizeof *set->skipped);
        set->skipped[set->skipped_count++] = rcn_decoder_get_span(decoder, root);
    }
    if (is_named && !has_manifest && decoder->diags->errors == errors_before)
        report_foreign(decoder, foreign);
    rcn_arena_free(arena);
    set->text_count += has_manifest;
    return decoder->diags->errors > errors_before;
}

struct rcn_desired_set *rcn_manifest_load(const struct rcn_texts *texts,
                                          struct rcn_variables *variables, struct rcn_diags *diags)
{
    struct rcn_desired_set *set = rcn_calloc(1, sizeof *set);
    set->arena = rcn_arena_new(MAX_SET_BYTES);
    struct rcn_decoder decoder = {
        .set = set, .variables = variables, .diags = diags, .is_incomplete = diags->errors > 0};
    bool is_wrong = false;
    rcn_buf_init(&decoder.scratch, (size_t)2 * RCN_VALUE_MAX);
    for (size_t i = 0; i < texts->count; i++)
        is_wrong |= load_text(&decoder, &texts->items[i], texts->named && texts->named[i]);
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
