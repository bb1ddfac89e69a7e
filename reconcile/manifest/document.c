#include "manifest/document.h"

#include <ctype.h>
#include <string.h>

#include "manifest/fields.h"
#include "manifest/items.h"
#include "manifest/mapping.h"

/* --- is it a manifest? --- */

bool rcn_document_is_empty(const struct rcn_yaml_node *root)
{
    return root->kind == RCN_YAML_SCALAR && rcn_yaml_get_type(root) == RCN_YAML_IS_NULL;
}

/* Equal but for case, `-` and `_`. */
static bool sounds_like(const struct rcn_yaml_node *key, const char *name)
{
    size_t at = 0;
    for (size_t i = 0; i < key->len; i++) {
        char c = key->text[i];
        if (c == '-' || c == '_')
            continue;
        if (tolower((unsigned char)c) != tolower((unsigned char)name[at]) || !name[at])
            return false;
        at++;
    }
    return !name[at];
}

static bool begins_with(const struct rcn_yaml_node *node, const char *prefix)
{
    size_t len = strlen(prefix);
    return node->kind == RCN_YAML_SCALAR && node->len >= len &&
           memcmp(node->text, prefix, len) == 0;
}

bool rcn_document_is_manifest(struct rcn_yaml_node *root)
{
    if (root->kind != RCN_YAML_MAPPING)
        return false;
    for (struct rcn_yaml_node *node = root->first; node; node = node->next->next) {
        const struct rcn_yaml_node *key = rcn_yaml_resolve(node);
        const struct rcn_yaml_node *value = rcn_yaml_resolve(node->next);
        if (key->kind != RCN_YAML_SCALAR)
            continue;
        if (sounds_like(key, "audienceSyncs") || sounds_like(key, "audienceSync"))
            return true;
        if (sounds_like(key, "apiVersion") && begins_with(value, "audiencectl/"))
            return true;
    }
    return false;
}

/* apiVersion, written in the document itself. */
static struct rcn_slot find_version(struct rcn_yaml_node *root)
{
    for (struct rcn_yaml_node *node = root->first; node; node = node->next->next) {
        struct rcn_yaml_node *key = rcn_yaml_resolve(node);
        struct rcn_yaml_node *value = node->next;
        if (rcn_yaml_equals(key, rcn_field_names[RCN_FIELD_API_VERSION]))
            return (struct rcn_slot){.key = key,
                                     .value = rcn_yaml_resolve(value),
                                     .use = value->kind == RCN_YAML_ALIAS ? value : NULL};
    }
    return (struct rcn_slot){0};
}

static struct rcn_diag *report_other_version(struct rcn_decoder *decoder,
                                             const struct rcn_yaml_node *version)
{
    char quoted[RCN_QUOTE_SIZE];
    return rcn_diags_error(decoder->diags, "api-version", rcn_yaml_get_span(version, decoder->text),
                           "apiVersion '%s' is not '" RCN_API_VERSION "'",
                           rcn_quote(quoted, version->text, version->len));
}

void rcn_document_reject(struct rcn_decoder *decoder, struct rcn_yaml_node *root)
{
    struct rcn_span span = rcn_yaml_get_span(root, decoder->text);
    struct rcn_diag *diag;
    const struct rcn_yaml_node *version =
        root->kind == RCN_YAML_MAPPING ? find_version(root).value : NULL;
    if (root->kind != RCN_YAML_MAPPING)
        diag = rcn_diags_error(decoder->diags, "wrong-type", span,
                               "a manifest must be a mapping, not %s",
                               rcn_yaml_type_name(rcn_yaml_get_type(root)));
    else if (version && version->kind == RCN_YAML_SCALAR && version->len)
        diag = report_other_version(decoder, version);
    else
        diag = rcn_diags_error(decoder->diags, "api-version", span,
                               "this is no manifest: it has no apiVersion");
    rcn_diag_set_hint(decoder->diags, diag,
                      "a manifest begins with 'apiVersion: " RCN_API_VERSION "'");
}

/* --- the fields of a document --- */

/* False when the rest cannot be judged, because it is of another version. */
static bool check_version(struct rcn_decoder *decoder, const struct rcn_slot *slot)
{
    char quoted[RCN_QUOTE_SIZE];
    const char *version = rcn_field_read_text(decoder, slot, RCN_FIELD_API_VERSION);
    if (!version || strcmp(version, RCN_API_VERSION) == 0)
        return true;
    struct rcn_diag *diag =
        rcn_decoder_fault(decoder, slot, RCN_FIELD_API_VERSION, "api-version",
                          "unknown apiVersion '%s'", rcn_quote(quoted, version, strlen(version)));
    rcn_diag_set_hint(decoder->diags, diag, "this program reads '" RCN_API_VERSION "'");
    return false;
}

static void report_no_version(struct rcn_decoder *decoder, const struct rcn_mapping *document)
{
    if (!rcn_mapping_misses(document, RCN_FIELD_API_VERSION))
        return;
    struct rcn_slot root = {.value = document->node};
    struct rcn_diag *diag = rcn_decoder_fault(decoder, &root, RCN_FIELD_API_VERSION, "api-version",
                                              "'apiVersion' is missing");
    rcn_diag_set_hint(decoder->diags, diag, "begin with 'apiVersion: " RCN_API_VERSION "'");
}

static void read_defaults(struct rcn_decoder *decoder, const struct rcn_mapping *document,
                          struct rcn_settings *settings)
{
    const struct rcn_slot *slot = &document->slots[RCN_FIELD_DEFAULTS];
    const uint32_t account_bit = UINT32_C(1) << RCN_FIELD_AD_ACCOUNT_ID;
    settings->ad_account_is_bad =
        document->meant & (account_bit | UINT32_C(1) << RCN_FIELD_DEFAULTS);
    if (!slot->key)
        return;
    if (!rcn_slot_is(decoder, slot, RCN_YAML_IS_MAPPING, "'defaults'")) {
        settings->ad_account_is_bad = true;
        return;
    }
    struct rcn_mapping defaults;
    rcn_mapping_read(decoder, &rcn_defaults_type, slot->value, slot->use, &defaults);
    const struct rcn_slot *account = &defaults.slots[RCN_FIELD_AD_ACCOUNT_ID];
    settings->ad_account_is_bad |= defaults.is_incomplete || defaults.meant & account_bit;
    if (account->key) {
        settings->ad_account_id = rcn_field_read_ad_account(decoder, account);
        settings->ad_account_span = rcn_yaml_get_span(account->value, decoder->text);
        settings->ad_account_is_bad |= !settings->ad_account_id;
    }
    if (defaults.slots[RCN_FIELD_FREQUENCY].key)
        settings->frequency =
            rcn_field_read_frequency(decoder, &defaults.slots[RCN_FIELD_FREQUENCY]);
    if (defaults.slots[RCN_FIELD_IS_ACTIVE].key)
        settings->is_active = rcn_field_read_active(decoder, &defaults.slots[RCN_FIELD_IS_ACTIVE]);
}

/* --- the lists --- */

static void read_syncs(struct rcn_decoder *decoder, const struct rcn_mapping *document,
                       const struct rcn_settings *settings)
{
    const struct rcn_slot *slot = &document->slots[RCN_FIELD_AUDIENCE_SYNCS];
    if (!slot->key) {
        if (!document->slots[RCN_FIELD_IGNORE].key)
            rcn_mapping_report_missing(decoder, document, RCN_FIELD_AUDIENCE_SYNCS,
                                       "an empty list is 'audienceSyncs: []'");
        return;
    }
    if (!rcn_slot_is(decoder, slot, RCN_YAML_IS_SEQUENCE, "'audienceSyncs'"))
        return;
    for (struct rcn_yaml_node *item = slot->value->first; item && !decoder->no_memory;
         item = item->next)
        rcn_item_read_sync(decoder, item, settings);
}

static void read_ignores(struct rcn_decoder *decoder, const struct rcn_mapping *document,
                         const struct rcn_settings *settings)
{
    const struct rcn_slot *slot = &document->slots[RCN_FIELD_IGNORE];
    if (!slot->key || !rcn_slot_is(decoder, slot, RCN_YAML_IS_SEQUENCE, "'ignore'"))
        return;
    for (struct rcn_yaml_node *item = slot->value->first; item && !decoder->no_memory;
         item = item->next)
        rcn_item_read_ignore(decoder, item, settings);
}

/* A company that is named is read, whether a sync of it is desired or not. */
static void add_company(struct rcn_decoder *decoder, const struct rcn_slot *slot,
                        const char *company_id)
{
    struct rcn_desired_set *set = decoder->set;
    for (size_t i = 0; i < set->company_count; i++)
        if (strcmp(set->company_ids[i], company_id) == 0)
            return;
    if (!set->company_ids)
        set->company_ids =
            rcn_arena_calloc(set->arena, RCN_MANIFEST_MAX_COMPANIES, sizeof *set->company_ids);
    if (!set->company_ids)
        decoder->no_memory = true;
    else if (set->company_count < RCN_MANIFEST_MAX_COMPANIES)
        set->company_ids[set->company_count++] = company_id;
    else
        rcn_decoder_fault(decoder, slot, RCN_FIELD_COMPANY_ID, "limit",
                          "more than %d companies in one run", RCN_MANIFEST_MAX_COMPANIES);
}

void rcn_document_decode(struct rcn_decoder *decoder, struct rcn_yaml_node *root)
{
    struct rcn_mapping document;
    struct rcn_settings settings = {0};
    struct rcn_slot version = find_version(root);
    if (version.key && !check_version(decoder, &version))
        return;
    rcn_mapping_check_duplicates(decoder, root);
    rcn_mapping_read(decoder, &rcn_document_type, root, NULL, &document);
    const struct rcn_slot *merged = &document.slots[RCN_FIELD_API_VERSION];
    if (!merged->key)
        report_no_version(decoder, &document);
    else if (!version.key && !check_version(decoder, merged))
        return;
    const struct rcn_slot *company = &document.slots[RCN_FIELD_COMPANY_ID];
    if (company->key) {
        settings.company_id = rcn_field_read_company(decoder, company);
        settings.company_is_bad = !settings.company_id;
    }
    if (settings.company_id)
        add_company(decoder, company, settings.company_id);
    else if (!company->key)
        decoder->set->needs_company = true;
    read_defaults(decoder, &document, &settings);
    read_syncs(decoder, &document, &settings);
    read_ignores(decoder, &document, &settings);
}
