#include <string.h>

#include "base/suggest.h"
#include "base/time.h"
#include "manifest/decoder.h"
#include "manifest/manifest.h"

/* What every sync of a document shares. */
struct settings {
    struct rcn_desired_sync sync;
    bool company_is_bad; /* reported: no identity of this document is known */
    bool account_is_bad; /* reported: nothing is missed that this would have given */
};

/* A company that is named is read, whether a sync of it is desired or not. */
static void add_company(struct rcn_decoder *decoder, const struct rcn_slot *slot,
                        const char *company_id)
{
    struct rcn_desired_set *set = decoder->set;
    if (rcn_desired_set_names(set, company_id))
        return;
    if (!set->company_ids)
        set->company_ids =
            rcn_arena_calloc(set->arena, RCN_MANIFEST_MAX_COMPANIES, sizeof *set->company_ids);
    if (set->company_count < RCN_MANIFEST_MAX_COMPANIES)
        set->company_ids[set->company_count++] = company_id;
    else
        rcn_decoder_fault(decoder, slot, RCN_KEY_COMPANY_ID, "limit", NULL,
                          "more than %d companies in one run", RCN_MANIFEST_MAX_COMPANIES);
}

/* --- what defaults and syncs share --- */

/* Two keys of which a mapping has one: reported at the one that comes later in the text. */
static void report_both(struct rcn_decoder *decoder, const struct rcn_slot *a,
                        const struct rcn_slot *b, const char *rule)
{
    char first_name[RCN_QUOTE_SIZE];
    char second_name[RCN_QUOTE_SIZE];
    bool a_is_first = a->key->place.offset < b->key->place.offset;
    const struct rcn_slot *first = a_is_first ? a : b;
    const struct rcn_slot place = {.value = (a_is_first ? b : a)->key};
    struct rcn_diag *diag = rcn_decoder_fault(decoder, &place, RCN_REPORTED_SHAPE, rule, NULL,
                                              "both '%s' and '%s': only one of them is allowed",
                                              rcn_quote_node(first_name, first->key),
                                              rcn_quote_node(second_name, place.value));
    rcn_diag_set_note(decoder->diags, diag, rcn_yaml_get_span(first->key, decoder->text),
                      "the other one is here");
    rcn_diag_set_hint(decoder->diags, diag, "remove one of the two keys");
}

/* Puts the labels of the slot over those of the sync, key by key. */
static void read_labels(struct rcn_decoder *decoder, const struct rcn_slot *slot,
                        struct rcn_desired_sync *ret)
{
    struct rcn_slot pairs[RCN_PAIRS_MAX];
    size_t count = ret->label_count;
    size_t pair_count;
    if (!slot->key || !rcn_mapping_read_pairs(decoder, "'labels'", slot, pairs, &pair_count))
        return;
    struct rcn_pair *all = rcn_arena_calloc(decoder->set->arena, count + pair_count, sizeof *all);
    for (size_t i = 0; i < count; i++)
        all[i] = ret->labels[i];
    for (size_t i = 0; i < pair_count; i++) {
        const struct rcn_yaml_node *key = pairs[i].key;
        const struct rcn_slot place = {.value = pairs[i].key};
        if (!key->len || strlen(key->text) < key->len || strchr(key->text, '=')) {
            rcn_decoder_fault(decoder, &place, RCN_KEY_LABELS, "bad-label", NULL,
                              "the key of a label must not be empty and must not hold '='");
            continue;
        }
        const char *value = rcn_value_read(decoder, &pairs[i], RCN_KEY_LABELS, NULL);
        if (!value)
            continue;
        size_t at = 0;
        while (at < count && strcmp(all[at].key, key->text) != 0)
            at++;
        all[at] = (struct rcn_pair){.key = rcn_decoder_intern(decoder, key->text), .value = value};
        count += at == count;
    }
    ret->labels = all;
    ret->label_count = count;
}

/* The keys that `defaults` and a sync have in common, over what the sync has. False when the
 * mapping has an ad account that is wrong. */
static bool read_shared(struct rcn_decoder *decoder, const struct rcn_mapping *mapping,
                        struct rcn_desired_sync *ret)
{
    const struct rcn_slot *slots = mapping->slots;
    const struct rcn_slot *id = &slots[RCN_KEY_AD_ACCOUNT_ID];
    const struct rcn_slot *name = &slots[RCN_KEY_AD_ACCOUNT];
    struct rcn_audience_sync *sync = &ret->sync;
    bool is_good = true;
    if (id->key || name->key) {
        sync->ad_account_id =
            rcn_value_read(decoder, id, RCN_KEY_AD_ACCOUNT_ID, &ret->ad_account_span);
        ret->ad_account_name =
            rcn_value_read(decoder, name, RCN_KEY_AD_ACCOUNT, &ret->ad_account_span);
        if (sync->ad_account_id && ret->ad_account_name)
            report_both(decoder, id, name, "bad-ad-account");
        is_good = !sync->ad_account_id != !ret->ad_account_name;
    }
    if (slots[RCN_KEY_FREQUENCY].key)
        sync->frequency =
            rcn_value_read(decoder, &slots[RCN_KEY_FREQUENCY], RCN_KEY_FREQUENCY, NULL);
    if (slots[RCN_KEY_IS_ACTIVE].key)
        sync->is_active = rcn_value_read_active(decoder, &slots[RCN_KEY_IS_ACTIVE]);
    if (!sync->frequency)
        sync->frequency = RCN_FREQUENCY_DEFAULT;
    if (sync->is_active == RCN_ABSENT)
        sync->is_active = RCN_TRUE;
    read_labels(decoder, &slots[RCN_KEY_LABELS], ret);
    return is_good;
}

static void read_defaults(struct rcn_decoder *decoder, const struct rcn_mapping *document,
                          struct settings *settings)
{
    const uint32_t account_bits = UINT32_C(1) << RCN_KEY_AD_ACCOUNT_ID | UINT32_C(1)
                                                                             << RCN_KEY_AD_ACCOUNT;
    const struct rcn_slot *slot = &document->slots[RCN_KEY_DEFAULTS];
    struct rcn_mapping defaults;
    settings->account_is_bad = document->meant & (account_bits | UINT32_C(1) << RCN_KEY_DEFAULTS);
    if (!slot->key)
        return;
    if (rcn_mapping_read(decoder, RCN_MAPPING_DEFAULTS, slot, &defaults))
        settings->account_is_bad |= !read_shared(decoder, &defaults, &settings->sync) ||
                                    defaults.is_incomplete || defaults.meant & account_bits;
    else
        settings->account_is_bad = true;
}

/* --- syncs --- */

static void warn_of_template(struct rcn_decoder *decoder, const struct rcn_slot *slot,
                             const char *template_id)
{
    char quoted[RCN_QUOTE_SIZE];
    if (rcn_template_is_known(template_id))
        return;
    struct rcn_diag *diag = rcn_decoder_fault(
        decoder, slot, RCN_REPORTED_TEMPLATE, "unknown-template", NULL,
        "'%s' is not among the known template ids", rcn_quote(quoted, template_id));
    const char *near = diag ? rcn_suggest(quoted, rcn_template_ids, RCN_TEMPLATE_COUNT) : NULL;
    if (near)
        rcn_diag_set_hint(decoder->diags, diag, "did you mean '%s'?", near);
    else
        rcn_diag_set_hint(decoder->diags, diag,
                          "known are recent-buyers, zero-ltv, no-purchase-1y, high-spenders-ecom, "
                          "non-buyers and engaged");
}

/* One of segmentId, predefinedSegmentId and segment. */
static void read_segment(struct rcn_decoder *decoder, const struct rcn_mapping *item,
                         struct rcn_desired_sync *ret)
{
    static const enum rcn_key keys[] = {RCN_KEY_SEGMENT_ID, RCN_KEY_PREDEFINED_SEGMENT_ID,
                                        RCN_KEY_SEGMENT};
    const char **const values[] = {&ret->sync.segment_id, &ret->sync.predefined_segment_id,
                                   &ret->segment_name};
    const struct rcn_slot *first = NULL;
    bool is_missing = true;
    for (size_t i = 0; i < 3; i++) {
        const struct rcn_slot *slot = &item->slots[keys[i]];
        is_missing = is_missing && rcn_mapping_misses(item, keys[i]);
        *values[i] = rcn_value_read(decoder, slot, keys[i], &ret->segment_span);
        /* Of two keys one that is wrong by itself was reported: that is the mistake. */
        if (!*values[i])
            continue;
        if (keys[i] == RCN_KEY_PREDEFINED_SEGMENT_ID)
            warn_of_template(decoder, slot, *values[i]);
        if (first)
            report_both(decoder, first, slot, "segment-choice");
        first = slot;
    }
    if (!is_missing)
        return;
    rcn_decoder_fault(decoder, &item->place, RCN_KEY_SEGMENT_ID, "segment-choice",
                      "'segmentId' is the id of a segment, 'segment' its name, "
                      "'predefinedSegmentId' the id of a template",
                      "a sync must have one of 'segmentId', 'predefinedSegmentId' and 'segment'");
}

/* One id, or a list of ids. */
static void read_replaces(struct rcn_decoder *decoder, const struct rcn_slot *slot,
                          struct rcn_desired_sync *ret)
{
    if (!slot->key)
        return;
    bool is_list = slot->value->type == RCN_YAML_IS_SEQUENCE;
    struct rcn_yaml_node *node = is_list ? slot->value->first : slot->value;
    size_t count = is_list ? slot->value->len : 1;
    const char **ids = rcn_arena_calloc(decoder->set->arena, count, sizeof *ids);
    for (size_t i = 0; i < count; i++, node = node->next) {
        struct rcn_slot item = rcn_slot_get(node, slot->use);
        item.key = slot->key;
        const char *id = rcn_value_read(decoder, &item, RCN_KEY_REPLACES, NULL);
        if (id)
            ids[ret->replaces_count++] = id;
    }
    ret->replaces = ids;
}

static void add_sync(struct rcn_desired_set *set, const struct rcn_desired_sync *sync)
{
    set->syncs = rcn_decoder_reserve(set->syncs, set->count, sizeof *sync);
    set->syncs[set->count++] = *sync;
    set->needs_ad_accounts |= sync->ad_account_name != NULL;
    set->needs_segments |= sync->segment_name != NULL;
}

static void read_sync(struct rcn_decoder *decoder, struct rcn_yaml_node *node,
                      const struct settings *settings)
{
    const struct rcn_slot place = rcn_slot_get(node, NULL);
    struct rcn_desired_sync desired = settings->sync;
    struct rcn_audience_sync *sync = &desired.sync;
    struct rcn_mapping item;
    if (!rcn_mapping_read(decoder, RCN_MAPPING_SYNC, &place, &item))
        return;
    desired.location = rcn_decoder_get_span(decoder, node);
    const struct rcn_slot *name = &item.slots[RCN_KEY_AUDIENCE_NAME];
    sync->audience_name = rcn_value_read(decoder, name, RCN_KEY_AUDIENCE_NAME, NULL);
    rcn_mapping_report_missing(decoder, &item, RCN_KEY_AUDIENCE_NAME, NULL);
    bool has_account =
        read_shared(decoder, &item, &desired) && (sync->ad_account_id || desired.ad_account_name);
    if (!has_account && !settings->account_is_bad && rcn_mapping_misses(&item, RCN_KEY_AD_ACCOUNT))
        rcn_mapping_report_missing(decoder, &item, RCN_KEY_AD_ACCOUNT_ID,
                                   "set it here, or for all syncs under 'defaults'");
    read_segment(decoder, &item, &desired);
    const struct rcn_slot *id = &item.slots[RCN_KEY_ID];
    sync->id = rcn_value_read(decoder, id, RCN_KEY_ID, &desired.id_span);
    read_replaces(decoder, &item.slots[RCN_KEY_REPLACES], &desired);
    /* What has no sure identity cannot be compared with others. */
    if (has_account && sync->audience_name && !settings->company_is_bad && !id->key == !sync->id)
        add_sync(decoder->set, &desired);
}

/* --- ignores --- */

static void read_ignore(struct rcn_decoder *decoder, struct rcn_yaml_node *node,
                        const struct settings *settings)
{
    const struct rcn_slot place = rcn_slot_get(node, NULL);
    struct rcn_mapping item;
    if (!rcn_mapping_read(decoder, RCN_MAPPING_IGNORE, &place, &item))
        return;
    const struct rcn_slot *slots = item.slots;
    struct rcn_ignore ignore = {
        .company_id = settings->sync.sync.company_id,
        .ad_account_id =
            rcn_value_read(decoder, &slots[RCN_KEY_AD_ACCOUNT_ID], RCN_KEY_AD_ACCOUNT_ID, NULL),
        .audience_name = rcn_value_read(decoder, &slots[RCN_KEY_PATTERN], RCN_KEY_PATTERN, NULL),
        .reason = rcn_value_read(decoder, &slots[RCN_KEY_REASON], RCN_KEY_REASON, NULL),
        .until_text = rcn_value_read(decoder, &slots[RCN_KEY_UNTIL], RCN_KEY_UNTIL, NULL),
        .location = rcn_decoder_get_span(decoder, node)};
    if (rcn_mapping_misses(&item, RCN_KEY_AD_ACCOUNT_ID))
        rcn_mapping_report_missing(decoder, &item, RCN_KEY_PATTERN,
                                   "an item of 'ignore' has adAccountId, audienceName or both");
    if (ignore.until_text)
        rcn_date_parse(ignore.until_text, &ignore.until_ms);
    if (!ignore.ad_account_id && !ignore.audience_name)
        return;
    struct rcn_desired_set *set = decoder->set;
    set->ignores = rcn_decoder_reserve(set->ignores, set->ignore_count, sizeof ignore);
    set->ignores[set->ignore_count++] = ignore;
}

/* --- documents --- */

/* False when the rest cannot be judged, because it is of another version. */
static bool check_version(struct rcn_decoder *decoder, const struct rcn_slot *slot)
{
    char quoted[RCN_QUOTE_SIZE];
    const char *version = rcn_value_read(decoder, slot, RCN_KEY_API_VERSION, NULL);
    if (!version || strcmp(version, RCN_API_VERSION) == 0)
        return true;
    rcn_decoder_fault(decoder, slot, RCN_KEY_API_VERSION, "api-version",
                      "expected '" RCN_API_VERSION "'", "unknown apiVersion '%s'",
                      rcn_quote(quoted, version));
    return false;
}

typedef void read_item(struct rcn_decoder *decoder, struct rcn_yaml_node *node,
                       const struct settings *settings);

static void read_list(struct rcn_decoder *decoder, const struct rcn_slot *slot, const char *what,
                      read_item *read, const struct settings *settings)
{
    if (!slot->key || !rcn_value_is(decoder, slot, RCN_YAML_IS_SEQUENCE, what))
        return;
    for (struct rcn_yaml_node *item = slot->value->first; item && !decoder->is_full;
         item = item->next) {
        if (++decoder->read_items <= RCN_MANIFEST_MAX_ITEMS) {
            read(decoder, item, settings);
            continue;
        }
        rcn_diags_error(decoder->diags, "limit", rcn_decoder_get_span(decoder, item),
                        "more than %d items in all manifests, those of each entry of 'forEach' "
                        "counted",
                        RCN_MANIFEST_MAX_ITEMS);
        decoder->is_full = true;
    }
}

/* The document as it is for one entry of its forEach, or as it is. */
static void read_once(struct rcn_decoder *decoder, const struct rcn_mapping *document)
{
    struct settings settings = {0};
    const struct rcn_slot *company = &document->slots[RCN_KEY_COMPANY_ID];
    const char *company_id = rcn_value_read(decoder, company, RCN_KEY_COMPANY_ID, NULL);
    settings.sync.sync.company_id = company_id;
    settings.company_is_bad = company->key && !company_id;
    if (company_id)
        add_company(decoder, company, company_id);
    else if (!company->key)
        decoder->set->needs_company = true;
    read_defaults(decoder, document, &settings);
    read_list(decoder, &document->slots[RCN_KEY_AUDIENCE_SYNCS], "'audienceSyncs'", read_sync,
              &settings);
    read_list(decoder, &document->slots[RCN_KEY_IGNORE], "'ignore'", read_ignore, &settings);
}

void rcn_document_decode(struct rcn_decoder *decoder, struct rcn_yaml_node *root)
{
    struct rcn_mapping document;
    const struct rcn_slot whole = {.value = root};
    if (root->kind == RCN_YAML_SEQUENCE) {
        rcn_decoder_fault(
            decoder, &whole, RCN_KEY_API_VERSION, "api-version", RCN_API_VERSION_HINT,
            "a list of syncs is no manifest: apiVersion and 'audienceSyncs' are missing");
        return;
    }
    /* The keys of another version are not ours to judge. */
    for (struct rcn_yaml_node *key = root->first; key; key = key->next->next) {
        struct rcn_slot own = rcn_slot_get(key->next, NULL);
        own.key = rcn_yaml_resolve(key);
        if (rcn_yaml_equals(own.key, rcn_keys[RCN_KEY_API_VERSION].name) &&
            !check_version(decoder, &own))
            return;
    }
    rcn_mapping_check_duplicates(decoder, root);
    rcn_mapping_read(decoder, RCN_MAPPING_DOCUMENT, &whole, &document);
    if (!check_version(decoder, &document.slots[RCN_KEY_API_VERSION]))
        return;
    if (rcn_mapping_misses(&document, RCN_KEY_API_VERSION)) {
        rcn_decoder_fault(decoder, &whole, RCN_KEY_API_VERSION, "api-version", RCN_API_VERSION_HINT,
                          "'apiVersion' is missing");
    }
    if (!document.slots[RCN_KEY_IGNORE].key)
        rcn_mapping_report_missing(decoder, &document, RCN_KEY_AUDIENCE_SYNCS,
                                   "an empty list is 'audienceSyncs: []'");
    if (!document.slots[RCN_KEY_FOR_EACH].key) {
        read_once(decoder, &document);
        return;
    }
    size_t count;
    const struct rcn_entry *entries = rcn_for_each_read(decoder, &document, &count);
    for (size_t i = 0; entries && i < count && !decoder->is_full; i++) {
        decoder->entry = &entries[i];
        read_once(decoder, &document);
    }
    decoder->entry = NULL;
}
