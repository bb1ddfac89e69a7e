#include "manifest/manifest.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "manifest/decoder.h"

/* The strings of a million syncs, and what 512 MiB of manifests can say at most. */
#define MAX_SET_BYTES ((size_t)2 << 30)

/* Why a document is no manifest. */
struct rejection {
    struct rcn_span span;
    const char *rule; /* NULL: no document so far */
    char message[128];
};

/* Equal but for case, `-` and `_`. */
static bool sounds_like(const char *text, const char *name)
{
    for (; *text; text++) {
        if (*text == '-' || *text == '_')
            continue;
        if (tolower((unsigned char)*text) != tolower((unsigned char)*name))
            return false;
        name++;
    }
    return !*name;
}

/* The value of the mapping's own key of about that name, or NULL. */
static struct rcn_yaml_node *find_key(struct rcn_yaml_node *mapping, const char *name)
{
    for (struct rcn_yaml_node *node = mapping->first; node; node = node->next->next) {
        const struct rcn_yaml_node *key = rcn_yaml_resolve(node);
        if (key->kind == RCN_YAML_SCALAR && sounds_like(key->text, name))
            return rcn_yaml_resolve(node->next);
    }
    return NULL;
}

/* False when the document is someone else's; then ret says why. */
static bool is_manifest(const struct rcn_text *text, struct rcn_yaml_node *root,
                        struct rejection *ret)
{
    char quoted[RCN_QUOTE_SIZE];
    *ret = (struct rejection){.span = rcn_yaml_get_span(root, text), .rule = "api-version"};
    if (root->kind != RCN_YAML_MAPPING) {
        struct rcn_yaml_node *item = root->kind == RCN_YAML_SEQUENCE ? root->first : NULL;
        item = item ? rcn_yaml_resolve(item) : NULL;
        ret->rule = "wrong-type";
        snprintf(ret->message, sizeof ret->message, "a manifest must be a mapping, not %s",
                 rcn_yaml_type_name(rcn_yaml_get_type(root)));
        return item && item->kind == RCN_YAML_MAPPING &&
               (find_key(item, "audienceName") || find_key(item, "segmentId"));
    }
    const struct rcn_yaml_node *version = find_key(root, "apiVersion");
    bool has_text = version && version->kind == RCN_YAML_SCALAR && version->len;
    if (has_text) {
        ret->span = rcn_yaml_get_span(version, text);
        snprintf(ret->message, sizeof ret->message, "apiVersion '%s' is not '" RCN_API_VERSION "'",
                 rcn_quote_node(quoted, version));
    } else {
        snprintf(ret->message, sizeof ret->message, "not a manifest: apiVersion is missing");
    }
    return (has_text && strncmp(version->text, "audiencectl/", 12) == 0) ||
           find_key(root, "audienceSyncs") || find_key(root, "audienceSync") ||
           (!version && find_key(root, "ignore"));
}

/* True when something was wrong. */
static bool load_text(struct rcn_decoder *decoder, const struct rcn_text *text, bool is_named)
{
    struct rcn_desired_set *set = decoder->set;
    size_t errors_before = decoder->diags->errors;
    bool has_manifest = false;
    struct rejection first = {.span = {.text = text, .line = 1, .column = 1}};
    struct rcn_yaml_reader *reader = rcn_yaml_reader_new(text, decoder->diags);
    decoder->text = text;
    for (struct rcn_yaml_node *root; (root = rcn_yaml_reader_next(reader));) {
        struct rejection rejection;
        if (rcn_yaml_get_type(root) == RCN_YAML_IS_NULL)
            continue;
        if (is_manifest(text, root, &rejection)) {
            has_manifest = true;
            if (decoder->variables)
                rcn_mark_used(root, decoder->variables, NULL, NULL, 0);
            rcn_document_decode(decoder, root);
            continue;
        }
        if (!first.rule)
            first = rejection;
        set->skipped = rcn_decoder_reserve(set->skipped, set->skipped_count, sizeof *set->skipped);
        set->skipped[set->skipped_count++] = rcn_yaml_get_span(root, text);
    }
    decoder->is_incomplete |= rcn_yaml_reader_is_incomplete(reader);
    rcn_yaml_reader_free(reader);
    set->text_count += has_manifest;
    if (decoder->diags->errors > errors_before)
        return true;
    if (!is_named || has_manifest)
        return false;
    struct rcn_diag *diag =
        rcn_diags_error(decoder->diags, first.rule ? first.rule : "no-manifest", first.span, "%s",
                        first.rule ? first.message : "not a manifest: the text is empty");
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
