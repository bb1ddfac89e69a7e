#include "manifest/document.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/suggest.h"
#include "manifest/fields.h"
#include "manifest/mapping.h"

/* What every sync of a document shares. */
struct settings {
    const char *company_id;
    bool company_is_bad; /* told: no identity of this document is known */
    const char *ad_account_id;
    struct rcn_span ad_account_span;
    bool ad_account_is_bad; /* told: nothing is missed that this would have given */
    const char *frequency;
    enum rcn_tristate is_active;
};

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

void rcn_document_reject(struct rcn_decoder *decoder, struct rcn_yaml_node *root)
{
    char quoted[RCN_QUOTE_SIZE];
    struct rcn_span span = rcn_yaml_get_span(root, decoder->text);
    struct rcn_diag *diag;
    if (root->kind != RCN_YAML_MAPPING) {
        diag = rcn_diags_error(decoder->diags, "wrong-type", span,
                               "a manifest must be a mapping, not %s",
                               rcn_yaml_type_name(rcn_yaml_get_type(root)));
    } else {
        const struct rcn_yaml_node *version = find_version(root).value;
        if (version && version->kind == RCN_YAML_SCALAR && version->len)
            diag = rcn_diags_error(decoder->diags, "api-version",
                                   rcn_yaml_get_span(version, decoder->text),
                                   "apiVersion '%s' is not '" RCN_API_VERSION "'",
                                   rcn_quote(quoted, version->text, version->len));
        else
            diag = rcn_diags_error(decoder->diags, "api-version", span,
                                   "this is no manifest: it has no apiVersion");
    }
    rcn_diag_set_hint(decoder->diags, diag,
                      "a manifest begins with 'apiVersion: " RCN_API_VERSION "'");
}

/* --- the fields of a document --- */

static void report_missing(struct rcn_decoder *decoder, const struct rcn_mapping *mapping,
                           enum rcn_field field, const char *hint)
{
    if (!rcn_mapping_misses(mapping, field))
        return;
    struct rcn_slot slot = {.value = mapping->node, .use = mapping->use};
    struct rcn_diag *diag = rcn_decoder_fault(decoder, &slot, field, "missing-field",
                                              "'%s' is missing", rcn_field_names[field]);
    if (hint)
        rcn_diag_set_hint(decoder->diags, diag, "%s", hint);
}

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
                          struct settings *settings)
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

/* --- growing the set --- */

/* Room for one more; false and told, or no_memory, when there is none. */
static bool reserve(struct rcn_decoder *decoder, void **items, size_t size, size_t count,
                    size_t *capacity, struct rcn_span span)
{
    if (count < *capacity)
        return true;
    if (count >= RCN_MANIFEST_MAX_ITEMS) {
        if (!decoder->full_told)
            rcn_diags_error(decoder->diags, "limit", span, "more than %d items in all manifests",
                            RCN_MANIFEST_MAX_ITEMS);
        decoder->full_told = true;
        return false;
    }
    size_t more = *capacity ? *capacity * 2 : 64;
    if (more > RCN_MANIFEST_MAX_ITEMS)
        more = RCN_MANIFEST_MAX_ITEMS;
    void *grown = realloc(*items, more * size);
    if (!grown) {
        decoder->no_memory = true;
        return false;
    }
    *items = grown;
    *capacity = more;
    return true;
}

static void add_sync(struct rcn_decoder *decoder, const struct rcn_desired_sync *sync)
{
    struct rcn_manifest_set *set = decoder->set;
    void *items = set->syncs;
    if (reserve(decoder, &items, sizeof *sync, set->count, &decoder->sync_capacity,
                sync->location)) {
        set->syncs = items;
        set->syncs[set->count++] = *sync;
    }
}

static void add_ignore(struct rcn_decoder *decoder, const struct rcn_ignore *ignore)
{
    struct rcn_manifest_set *set = decoder->set;
    void *items = set->ignores;
    if (reserve(decoder, &items, sizeof *ignore, set->ignore_count, &decoder->ignore_capacity,
                ignore->location)) {
        set->ignores = items;
        set->ignores[set->ignore_count++] = *ignore;
    }
}

/* --- syncs --- */

static void warn_of_template(struct rcn_decoder *decoder, const struct rcn_slot *slot,
                             const char *template_id)
{
    char quoted[RCN_QUOTE_SIZE];
    if (rcn_template_is_known(template_id) || !rcn_node_tell(slot->value, RCN_TOLD_TEMPLATE))
        return;
    struct rcn_diag *diag = rcn_diags_warning(decoder->diags, "unknown-template",
                                              rcn_yaml_get_span(slot->value, decoder->text),
                                              "'%s' is not among the known template ids",
                                              rcn_quote(quoted, template_id, strlen(template_id)));
    const char *near = diag ? rcn_suggest(quoted, rcn_template_ids, RCN_TEMPLATE_COUNT) : NULL;
    if (near)
        rcn_diag_set_hint(decoder->diags, diag, "did you mean '%s'?", near);
    else
        rcn_diag_set_hint(decoder->diags, diag,
                          "known are recent-buyers, zero-ltv, no-purchase-1y, high-spenders-ecom, "
                          "non-buyers and engaged");
    rcn_decoder_note_use(decoder, diag, slot->use);
}

/* The place of a complaint about two keys: the one that comes later in the text. */
static void report_both_segments(struct rcn_decoder *decoder, const struct rcn_slot *a,
                                 const struct rcn_slot *b)
{
    bool a_is_first = a->key->offset < b->key->offset;
    const struct rcn_slot *first = a_is_first ? a : b;
    const struct rcn_slot *second = a_is_first ? b : a;
    struct rcn_slot place = {.value = second->key};
    struct rcn_diag *diag =
        rcn_decoder_fault(decoder, &place, RCN_FIELD_SEGMENT_ID, "segment-choice",
                          "both 'segmentId' and 'predefinedSegmentId': a sync has one of them");
    rcn_diag_set_note(decoder->diags, diag, rcn_yaml_get_span(first->key, decoder->text),
                      "the other one is here");
    rcn_diag_set_hint(decoder->diags, diag, "remove one of the two keys");
}

static void report_no_segment(struct rcn_decoder *decoder, const struct rcn_mapping *item)
{
    if (!rcn_mapping_misses(item, RCN_FIELD_SEGMENT_ID) ||
        !rcn_mapping_misses(item, RCN_FIELD_PREDEFINED_SEGMENT_ID))
        return;
    struct rcn_slot slot = {.value = item->node, .use = item->use};
    struct rcn_diag *diag =
        rcn_decoder_fault(decoder, &slot, RCN_FIELD_SEGMENT_ID, "segment-choice",
                          "neither 'segmentId' nor 'predefinedSegmentId': a sync has one of them");
    rcn_diag_set_hint(decoder->diags, diag,
                      "'segmentId' is a segment's own id, 'predefinedSegmentId' a template's");
}

static void read_segment(struct rcn_decoder *decoder, const struct rcn_mapping *item,
                         struct rcn_desired_sync *ret)
{
    const struct rcn_slot *own = &item->slots[RCN_FIELD_SEGMENT_ID];
    const struct rcn_slot *template = &item->slots[RCN_FIELD_PREDEFINED_SEGMENT_ID];
    if (own->key)
        ret->sync.segment_id = rcn_field_read_id(decoder, own, RCN_FIELD_SEGMENT_ID);
    if (template->key)
        ret->sync.predefined_segment_id =
            rcn_field_read_id(decoder, template, RCN_FIELD_PREDEFINED_SEGMENT_ID);
    if (ret->sync.predefined_segment_id)
        warn_of_template(decoder, template, ret->sync.predefined_segment_id);
    if (!own->key && !template->key)
        report_no_segment(decoder, item);
    else
        ret->segment_span = rcn_yaml_get_span((own->key ? own : template)->value, decoder->text);
    /* Of two keys one that is wrong by itself was told: that is the mistake. */
    if (ret->sync.segment_id && ret->sync.predefined_segment_id)
        report_both_segments(decoder, own, template);
}

static void read_account(struct rcn_decoder *decoder, const struct rcn_mapping *item,
                         const struct settings *settings, struct rcn_desired_sync *ret)
{
    const struct rcn_slot *slot = &item->slots[RCN_FIELD_AD_ACCOUNT_ID];
    if (slot->key) {
        ret->sync.ad_account_id = rcn_field_read_ad_account(decoder, slot);
        ret->ad_account_span = rcn_yaml_get_span(slot->value, decoder->text);
        return;
    }
    ret->sync.ad_account_id = settings->ad_account_id;
    ret->ad_account_span = settings->ad_account_span;
    if (!settings->ad_account_id && !settings->ad_account_is_bad)
        report_missing(decoder, item, RCN_FIELD_AD_ACCOUNT_ID,
                       "set it here, or for all syncs under 'defaults'");
}

static void read_schedule(struct rcn_decoder *decoder, const struct rcn_mapping *item,
                          const struct settings *settings, struct rcn_audience_sync *ret)
{
    const struct rcn_slot *frequency = &item->slots[RCN_FIELD_FREQUENCY];
    const struct rcn_slot *active = &item->slots[RCN_FIELD_IS_ACTIVE];
    ret->frequency =
        frequency->key ? rcn_field_read_frequency(decoder, frequency) : settings->frequency;
    ret->is_active = active->key ? rcn_field_read_active(decoder, active) : settings->is_active;
    if (!ret->frequency)
        ret->frequency = RCN_FREQUENCY_DEFAULT;
    if (ret->is_active == RCN_ABSENT)
        ret->is_active = RCN_TRUE;
}

static void read_sync(struct rcn_decoder *decoder, struct rcn_yaml_node *node,
                      const struct settings *settings)
{
    struct rcn_slot place = {.value = rcn_yaml_resolve(node),
                             .use = node->kind == RCN_YAML_ALIAS ? node : NULL};
    if (!rcn_slot_is(decoder, &place, RCN_YAML_IS_MAPPING, "an item of 'audienceSyncs'"))
        return;
    struct rcn_mapping item;
    struct rcn_desired_sync desired = {.location = rcn_yaml_get_span(node, decoder->text)};
    struct rcn_audience_sync *sync = &desired.sync;
    rcn_mapping_read(decoder, &rcn_sync_type, place.value, place.use, &item);
    const struct rcn_slot *name = &item.slots[RCN_FIELD_AUDIENCE_NAME];
    const struct rcn_slot *pin = &item.slots[RCN_FIELD_ID];
    if (name->key)
        sync->audience_name = rcn_field_read_name(decoder, name);
    else
        report_missing(decoder, &item, RCN_FIELD_AUDIENCE_NAME, NULL);
    read_account(decoder, &item, settings, &desired);
    read_segment(decoder, &item, &desired);
    read_schedule(decoder, &item, settings, sync);
    sync->company_id = settings->company_id;
    if (pin->key) {
        sync->id = rcn_field_read_id(decoder, pin, RCN_FIELD_ID);
        desired.id_span = rcn_yaml_get_span(pin->value, decoder->text);
    }
    /* What has no sure identity cannot be compared with others. */
    bool pin_is_bad = pin->key && !sync->id;
    if (sync->audience_name && sync->ad_account_id && !settings->company_is_bad && !pin_is_bad)
        add_sync(decoder, &desired);
}

static void read_syncs(struct rcn_decoder *decoder, const struct rcn_mapping *document,
                       const struct settings *settings)
{
    const struct rcn_slot *slot = &document->slots[RCN_FIELD_AUDIENCE_SYNCS];
    if (!slot->key) {
        if (!document->slots[RCN_FIELD_IGNORE].key)
            report_missing(decoder, document, RCN_FIELD_AUDIENCE_SYNCS,
                           "an empty list is 'audienceSyncs: []'");
        return;
    }
    if (!rcn_slot_is(decoder, slot, RCN_YAML_IS_SEQUENCE, "'audienceSyncs'"))
        return;
    for (struct rcn_yaml_node *item = slot->value->first; item && !decoder->no_memory;
         item = item->next)
        read_sync(decoder, item, settings);
}

/* --- ignores --- */

static void read_ignore(struct rcn_decoder *decoder, struct rcn_yaml_node *node,
                        const struct settings *settings)
{
    struct rcn_slot place = {.value = rcn_yaml_resolve(node),
                             .use = node->kind == RCN_YAML_ALIAS ? node : NULL};
    if (!rcn_slot_is(decoder, &place, RCN_YAML_IS_MAPPING, "an item of 'ignore'"))
        return;
    struct rcn_mapping item;
    struct rcn_ignore ignore = {.company_id = settings->company_id,
                                .location = rcn_yaml_get_span(node, decoder->text)};
    rcn_mapping_read(decoder, &rcn_ignore_type, place.value, place.use, &item);
    const struct rcn_slot *slots = item.slots;
    if (slots[RCN_FIELD_AD_ACCOUNT_ID].key)
        ignore.ad_account_id = rcn_field_read_ad_account(decoder, &slots[RCN_FIELD_AD_ACCOUNT_ID]);
    if (slots[RCN_FIELD_AUDIENCE_NAME].key)
        ignore.audience_name = rcn_field_read_glob(decoder, &slots[RCN_FIELD_AUDIENCE_NAME]);
    else if (!slots[RCN_FIELD_AD_ACCOUNT_ID].key &&
             rcn_mapping_misses(&item, RCN_FIELD_AD_ACCOUNT_ID))
        report_missing(decoder, &item, RCN_FIELD_AUDIENCE_NAME,
                       "an item of 'ignore' has adAccountId, audienceName or both");
    if (slots[RCN_FIELD_REASON].key)
        ignore.reason = rcn_field_read_text(decoder, &slots[RCN_FIELD_REASON], RCN_FIELD_REASON);
    if (slots[RCN_FIELD_UNTIL].key)
        ignore.until_text = rcn_field_read_date(decoder, &slots[RCN_FIELD_UNTIL], &ignore.until_ms);
    if (ignore.ad_account_id || ignore.audience_name)
        add_ignore(decoder, &ignore);
}

static void read_ignores(struct rcn_decoder *decoder, const struct rcn_mapping *document,
                         const struct settings *settings)
{
    const struct rcn_slot *slot = &document->slots[RCN_FIELD_IGNORE];
    if (!slot->key || !rcn_slot_is(decoder, slot, RCN_YAML_IS_SEQUENCE, "'ignore'"))
        return;
    for (struct rcn_yaml_node *item = slot->value->first; item && !decoder->no_memory;
         item = item->next)
        read_ignore(decoder, item, settings);
}

/* A company that is named is read, whether a sync of it is desired or not. */
static void add_company(struct rcn_decoder *decoder, const struct rcn_slot *slot,
                        const char *company_id)
{
    struct rcn_manifest_set *set = decoder->set;
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
    struct settings settings = {0};
    struct rcn_slot version = find_version(root);
    if (version.key && !check_version(decoder, &version))
        return;
    rcn_mapping_read(decoder, &rcn_document_type, root, NULL, &document);
    const struct rcn_slot *merged = &document.slots[RCN_FIELD_API_VERSION];
    if (!merged->key)
        report_no_version(decoder, &document);
    else if (!version.key && !check_version(decoder, merged))
        return;
    rcn_mapping_check_duplicates(decoder, root);
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
