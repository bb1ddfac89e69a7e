#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "base/suggest.h"
#include "manifest/decoder.h"
#include "manifest/manifest.h"

/* What every sync of a document shares. */
struct settings {
    const char *company_id;
    bool company_is_bad; /* reported: no identity of this document is known */
    const char *ad_account_id;
    const char *ad_account_name;
    struct rcn_span ad_account_span;
    bool ad_account_is_bad; /* reported: nothing is missed that this would have given */
    const char *frequency;
    enum rcn_tristate is_active;
    struct rcn_pair *labels;
    size_t label_count;
};

/* --- is it a manifest? --- */

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

/* The value of the mapping's own key of about that name, or NULL. */
static struct rcn_yaml_node *find_key(struct rcn_yaml_node *mapping, const char *name)
{
    for (struct rcn_yaml_node *node = mapping->first; node; node = node->next->next) {
        const struct rcn_yaml_node *key = rcn_yaml_resolve(node);
        if (key->kind == RCN_YAML_SCALAR && sounds_like(key, name))
            return rcn_yaml_resolve(node->next);
    }
    return NULL;
}

/* A list whose first item is what an item of audienceSyncs would be. */
static bool is_bare_list(struct rcn_yaml_node *root)
{
    struct rcn_yaml_node *item = root->kind == RCN_YAML_SEQUENCE ? root->first : NULL;
    item = item ? rcn_yaml_resolve(item) : NULL;
    return item && item->kind == RCN_YAML_MAPPING &&
           (find_key(item, "audienceName") || find_key(item, "segmentId"));
}

enum rcn_document_kind rcn_document_get_kind(struct rcn_yaml_node *root)
{
    if (root->kind == RCN_YAML_SCALAR && rcn_yaml_get_type(root) == RCN_YAML_IS_NULL)
        return RCN_DOCUMENT_EMPTY;
    if (is_bare_list(root))
        return RCN_DOCUMENT_MANIFEST;
    if (root->kind != RCN_YAML_MAPPING)
        return RCN_DOCUMENT_FOREIGN;
    const struct rcn_yaml_node *version = find_key(root, "apiVersion");
    bool is_ours = (version && begins_with(version, "audiencectl/")) ||
                   find_key(root, "audienceSyncs") || find_key(root, "audienceSync") ||
                   (!version && find_key(root, "ignore"));
    return is_ours ? RCN_DOCUMENT_MANIFEST : RCN_DOCUMENT_FOREIGN;
}

void rcn_document_reject(const struct rcn_text *text, struct rcn_yaml_node *root,
                         struct rcn_rejection *ret)
{
    char quoted[RCN_QUOTE_SIZE];
    const struct rcn_yaml_node *version =
        root->kind == RCN_YAML_MAPPING ? find_key(root, "apiVersion") : NULL;
    ret->rule = "api-version";
    ret->span = rcn_yaml_get_span(root, text);
    if (root->kind != RCN_YAML_MAPPING) {
        ret->rule = "wrong-type";
        snprintf(ret->message, sizeof ret->message, "a manifest must be a mapping, not %s",
                 rcn_yaml_type_name(rcn_yaml_get_type(root)));
    } else if (version && version->kind == RCN_YAML_SCALAR && version->len) {
        ret->span = rcn_yaml_get_span(version, text);
        snprintf(ret->message, sizeof ret->message, "apiVersion '%s' is not '" RCN_API_VERSION "'",
                 rcn_quote_node(quoted, version));
    } else {
        snprintf(ret->message, sizeof ret->message, "not a manifest: apiVersion is missing");
    }
}

/* --- growing the set --- */

static void *reserve(void *items, size_t size, size_t count, size_t *capacity)
{
    if (count < *capacity)
        return items;
    *capacity = *capacity ? *capacity * 2 : 64;
    return rcn_realloc(items, *capacity * size);
}

static void add_sync(struct rcn_decoder *decoder, const struct rcn_desired_sync *sync)
{
    struct rcn_desired_set *set = decoder->set;
    set->syncs = reserve(set->syncs, sizeof *sync, set->count, &decoder->sync_capacity);
    set->syncs[set->count++] = *sync;
    set->needs_ad_accounts |= sync->ad_account_name != NULL;
    set->needs_segments |= sync->segment_name != NULL;
}

static void add_ignore(struct rcn_decoder *decoder, const struct rcn_ignore *ignore)
{
    struct rcn_desired_set *set = decoder->set;
    set->ignores =
        reserve(set->ignores, sizeof *ignore, set->ignore_count, &decoder->ignore_capacity);
    set->ignores[set->ignore_count++] = *ignore;
}

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
        rcn_decoder_fault(decoder, slot, RCN_FIELD_COMPANY_ID, "limit",
                          "more than %d companies in one run", RCN_MANIFEST_MAX_COMPANIES);
}

/* --- what defaults and syncs share --- */

/* Two keys of which a mapping has one: reported at the one that comes later in the text. */
static void report_both(struct rcn_decoder *decoder, const struct rcn_slot *a,
                        const struct rcn_slot *b, enum rcn_field bit, const char *rule)
{
    char first_name[RCN_QUOTE_SIZE];
    char second_name[RCN_QUOTE_SIZE];
    bool a_is_first = a->key->offset < b->key->offset;
    const struct rcn_slot *first = a_is_first ? a : b;
    const struct rcn_slot place = {.value = (a_is_first ? b : a)->key};
    struct rcn_diag *diag = rcn_decoder_fault(
        decoder, &place, bit, rule, "both '%s' and '%s': only one of them is allowed",
        rcn_quote_node(first_name, first->key), rcn_quote_node(second_name, place.value));
    rcn_diag_set_note(decoder->diags, diag, rcn_yaml_get_span(first->key, decoder->text),
                      "the other one is here");
    rcn_diag_set_hint(decoder->diags, diag, "remove one of the two keys");
}

/* adAccountId or adAccount; false when the mapping has neither, or a wrong one. */
static bool read_account(struct rcn_decoder *decoder, const struct rcn_mapping *mapping,
                         const char **ret_id, const char **ret_name, struct rcn_span *ret_span)
{
    const struct rcn_slot *id = &mapping->slots[RCN_FIELD_AD_ACCOUNT_ID];
    const struct rcn_slot *name = &mapping->slots[RCN_FIELD_AD_ACCOUNT];
    *ret_id = *ret_name = NULL;
    if (id->key) {
        *ret_id = rcn_field_read_ad_account(decoder, id);
        *ret_span = rcn_decoder_get_value_span(decoder, id);
    }
    if (name->key) {
        *ret_name = rcn_field_read_id(decoder, name, RCN_FIELD_AD_ACCOUNT);
        *ret_span = rcn_decoder_get_value_span(decoder, name);
    }
    if (*ret_id && *ret_name) {
        report_both(decoder, id, name, RCN_FIELD_AD_ACCOUNT, "bad-ad-account");
        return false;
    }
    return *ret_id || *ret_name;
}

static bool has_account(const struct rcn_mapping *mapping)
{
    return mapping->slots[RCN_FIELD_AD_ACCOUNT_ID].key || mapping->slots[RCN_FIELD_AD_ACCOUNT].key;
}

/* The labels of the slot over those given, key by key. */
static void read_labels(struct rcn_decoder *decoder, const struct rcn_slot *slot,
                        const struct rcn_pair *labels, size_t label_count,
                        struct rcn_pair **ret_labels, size_t *ret_count)
{
    struct rcn_slot pairs[RCN_PAIRS_MAX];
    size_t count = label_count;
    size_t pair_count;
    if (!rcn_mapping_read_pairs(decoder, "'labels'", slot, pairs, &pair_count))
        return;
    struct rcn_pair *all =
        rcn_arena_calloc(decoder->set->arena, label_count + pair_count, sizeof *all);
    if (label_count)
        memcpy(all, labels, label_count * sizeof *labels);
    for (size_t i = 0; i < pair_count; i++) {
        const struct rcn_yaml_node *key = pairs[i].key;
        const struct rcn_slot place = {.value = pairs[i].key};
        if (!key->len || memchr(key->text, '=', key->len) || memchr(key->text, '\0', key->len)) {
            rcn_decoder_fault(decoder, &place, RCN_FIELD_LABELS, "bad-label",
                              "the key of a label must not be empty and must not hold '='");
            continue;
        }
        const char *value = rcn_field_read_text(decoder, &pairs[i], RCN_FIELD_LABELS);
        if (!value)
            continue;
        const char *name = rcn_decoder_intern(decoder, key->text, key->len);
        size_t at = 0;
        while (at < count && strcmp(all[at].key, name) != 0)
            at++;
        all[at] = (struct rcn_pair){.key = name, .value = value};
        count += at == count;
    }
    *ret_labels = all;
    *ret_count = count;
}

static void read_defaults(struct rcn_decoder *decoder, const struct rcn_mapping *document,
                          struct settings *settings)
{
    const struct rcn_slot *slot = &document->slots[RCN_FIELD_DEFAULTS];
    const uint32_t account_bits =
        UINT32_C(1) << RCN_FIELD_AD_ACCOUNT_ID | UINT32_C(1) << RCN_FIELD_AD_ACCOUNT;
    settings->ad_account_is_bad =
        document->meant & (account_bits | UINT32_C(1) << RCN_FIELD_DEFAULTS);
    if (!slot->key)
        return;
    if (!rcn_slot_is(decoder, slot, RCN_YAML_IS_MAPPING, "'defaults'")) {
        settings->ad_account_is_bad = true;
        return;
    }
    struct rcn_mapping defaults;
    rcn_mapping_read(decoder, &rcn_defaults_type, slot->value, slot->use, &defaults);
    settings->ad_account_is_bad |= defaults.is_incomplete || defaults.meant & account_bits;
    if (has_account(&defaults))
        settings->ad_account_is_bad |=
            !read_account(decoder, &defaults, &settings->ad_account_id, &settings->ad_account_name,
                          &settings->ad_account_span);
    if (defaults.slots[RCN_FIELD_FREQUENCY].key)
        settings->frequency =
            rcn_field_read_frequency(decoder, &defaults.slots[RCN_FIELD_FREQUENCY]);
    if (defaults.slots[RCN_FIELD_IS_ACTIVE].key)
        settings->is_active = rcn_field_read_active(decoder, &defaults.slots[RCN_FIELD_IS_ACTIVE]);
    if (defaults.slots[RCN_FIELD_LABELS].key)
        read_labels(decoder, &defaults.slots[RCN_FIELD_LABELS], NULL, 0, &settings->labels,
                    &settings->label_count);
}

/* --- syncs --- */

static void warn_of_template(struct rcn_decoder *decoder, const struct rcn_slot *slot,
                             const char *template_id)
{
    char quoted[RCN_QUOTE_SIZE];
    struct rcn_yaml_node *node = decoder->of == slot->value ? decoder->blamed : slot->value;
    if (rcn_template_is_known(template_id) || !rcn_node_report(node, RCN_REPORTED_TEMPLATE))
        return;
    struct rcn_diag *diag = rcn_diags_warning(decoder->diags, "unknown-template",
                                              rcn_decoder_get_value_span(decoder, slot),
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

/* One of segmentId, predefinedSegmentId and segment. */
static void read_segment(struct rcn_decoder *decoder, const struct rcn_mapping *item,
                         struct rcn_desired_sync *ret)
{
    static const enum rcn_field fields[] = {RCN_FIELD_SEGMENT_ID, RCN_FIELD_PREDEFINED_SEGMENT_ID,
                                            RCN_FIELD_SEGMENT};
    const char **const values[] = {&ret->sync.segment_id, &ret->sync.predefined_segment_id,
                                   &ret->segment_name};
    const struct rcn_slot *first = NULL;
    bool is_missing = true;
    for (size_t i = 0; i < 3; i++) {
        const struct rcn_slot *slot = &item->slots[fields[i]];
        is_missing = is_missing && rcn_mapping_misses(item, fields[i]);
        if (!slot->key)
            continue;
        *values[i] = rcn_field_read_id(decoder, slot, fields[i]);
        ret->segment_span = rcn_decoder_get_value_span(decoder, slot);
        if (fields[i] == RCN_FIELD_PREDEFINED_SEGMENT_ID && *values[i])
            warn_of_template(decoder, slot, *values[i]);
        /* Of two keys one that is wrong by itself was reported: that is the mistake. */
        if (*values[i] && first)
            report_both(decoder, first, slot, RCN_FIELD_SEGMENT_ID, "segment-choice");
        if (*values[i])
            first = slot;
    }
    if (!is_missing)
        return;
    const struct rcn_slot place = {.value = item->node, .use = item->use};
    struct rcn_diag *diag = rcn_decoder_fault(
        decoder, &place, RCN_FIELD_SEGMENT_ID, "segment-choice",
        "a sync must have one of 'segmentId', 'predefinedSegmentId' and 'segment'");
    rcn_diag_set_hint(decoder->diags, diag,
                      "'segmentId' is the id of a segment, 'segment' its name, "
                      "'predefinedSegmentId' the id of a template");
}

/* One id, or a list of ids. */
static void read_replaces(struct rcn_decoder *decoder, const struct rcn_slot *slot,
                          struct rcn_desired_sync *ret)
{
    bool is_list = rcn_yaml_get_type(slot->value) == RCN_YAML_IS_SEQUENCE;
    struct rcn_yaml_node *node = is_list ? slot->value->first : slot->value;
    size_t count = is_list ? slot->value->len : 1;
    const char **ids = rcn_arena_calloc(decoder->set->arena, count, sizeof *ids);
    for (size_t i = 0; i < count; i++, node = node->next) {
        struct rcn_slot item = *slot;
        item.value = rcn_yaml_resolve(node);
        if (node->kind == RCN_YAML_ALIAS)
            item.use = node;
        const char *id = rcn_field_read_id(decoder, &item, RCN_FIELD_REPLACES);
        if (id)
            ids[ret->replaces_count++] = id;
    }
    ret->replaces = ids;
}

static void read_sync(struct rcn_decoder *decoder, struct rcn_yaml_node *node,
                      const struct settings *settings)
{
    const struct rcn_slot place = {.value = rcn_yaml_resolve(node),
                                   .use = node->kind == RCN_YAML_ALIAS ? node : NULL};
    if (!rcn_slot_is(decoder, &place, RCN_YAML_IS_MAPPING, "an item of 'audienceSyncs'"))
        return;
    struct rcn_mapping item;
    rcn_mapping_read(decoder, &rcn_sync_type, place.value, place.use, &item);
    const struct rcn_slot *slots = item.slots;
    struct rcn_desired_sync desired = {.sync = {.company_id = settings->company_id,
                                                .frequency = settings->frequency,
                                                .is_active = settings->is_active},
                                       .location = rcn_decoder_get_span(decoder, node),
                                       .labels = settings->labels,
                                       .label_count = settings->label_count};
    struct rcn_audience_sync *sync = &desired.sync;
    bool has_identity = !settings->company_is_bad;
    if (slots[RCN_FIELD_AUDIENCE_NAME].key)
        sync->audience_name =
            rcn_field_read_id(decoder, &slots[RCN_FIELD_AUDIENCE_NAME], RCN_FIELD_AUDIENCE_NAME);
    else
        rcn_mapping_report_missing(decoder, &item, RCN_FIELD_AUDIENCE_NAME, NULL);
    if (has_account(&item)) {
        has_identity &= read_account(decoder, &item, &sync->ad_account_id, &desired.ad_account_name,
                                     &desired.ad_account_span);
    } else {
        sync->ad_account_id = settings->ad_account_id;
        desired.ad_account_name = settings->ad_account_name;
        desired.ad_account_span = settings->ad_account_span;
        bool is_known = settings->ad_account_id || settings->ad_account_name;
        has_identity &= is_known;
        if (!is_known && !settings->ad_account_is_bad &&
            rcn_mapping_misses(&item, RCN_FIELD_AD_ACCOUNT))
            rcn_mapping_report_missing(decoder, &item, RCN_FIELD_AD_ACCOUNT_ID,
                                       "set it here, or for all syncs under 'defaults'");
    }
    read_segment(decoder, &item, &desired);
    if (slots[RCN_FIELD_FREQUENCY].key)
        sync->frequency = rcn_field_read_frequency(decoder, &slots[RCN_FIELD_FREQUENCY]);
    if (slots[RCN_FIELD_IS_ACTIVE].key)
        sync->is_active = rcn_field_read_active(decoder, &slots[RCN_FIELD_IS_ACTIVE]);
    if (!sync->frequency)
        sync->frequency = RCN_FREQUENCY_DEFAULT;
    if (sync->is_active == RCN_ABSENT)
        sync->is_active = RCN_TRUE;
    if (slots[RCN_FIELD_LABELS].key) {
        struct rcn_pair *labels = settings->labels;
        read_labels(decoder, &slots[RCN_FIELD_LABELS], settings->labels, settings->label_count,
                    &labels, &desired.label_count);
        desired.labels = labels;
    }
    if (slots[RCN_FIELD_ID].key) {
        sync->id = rcn_field_read_id(decoder, &slots[RCN_FIELD_ID], RCN_FIELD_ID);
        desired.id_span = rcn_decoder_get_value_span(decoder, &slots[RCN_FIELD_ID]);
        has_identity &= sync->id != NULL;
    }
    if (slots[RCN_FIELD_REPLACES].key)
        read_replaces(decoder, &slots[RCN_FIELD_REPLACES], &desired);
    /* What has no sure identity cannot be compared with others. */
    if (has_identity && sync->audience_name)
        add_sync(decoder, &desired);
}

/* --- ignores --- */

static void read_ignore(struct rcn_decoder *decoder, struct rcn_yaml_node *node,
                        const struct settings *settings)
{
    const struct rcn_slot place = {.value = rcn_yaml_resolve(node),
                                   .use = node->kind == RCN_YAML_ALIAS ? node : NULL};
    if (!rcn_slot_is(decoder, &place, RCN_YAML_IS_MAPPING, "an item of 'ignore'"))
        return;
    struct rcn_mapping item;
    struct rcn_ignore ignore = {.company_id = settings->company_id,
                                .location = rcn_decoder_get_span(decoder, node)};
    rcn_mapping_read(decoder, &rcn_ignore_type, place.value, place.use, &item);
    const struct rcn_slot *slots = item.slots;
    if (slots[RCN_FIELD_AD_ACCOUNT_ID].key)
        ignore.ad_account_id = rcn_field_read_ad_account(decoder, &slots[RCN_FIELD_AD_ACCOUNT_ID]);
    if (slots[RCN_FIELD_AUDIENCE_NAME].key)
        ignore.audience_name = rcn_field_read_pattern(decoder, &slots[RCN_FIELD_AUDIENCE_NAME]);
    else if (rcn_mapping_misses(&item, RCN_FIELD_AD_ACCOUNT_ID))
        rcn_mapping_report_missing(decoder, &item, RCN_FIELD_AUDIENCE_NAME,
                                   "an item of 'ignore' has adAccountId, audienceName or both");
    if (slots[RCN_FIELD_REASON].key)
        ignore.reason = rcn_field_read_text(decoder, &slots[RCN_FIELD_REASON], RCN_FIELD_REASON);
    if (slots[RCN_FIELD_UNTIL].key)
        ignore.until_text = rcn_field_read_date(decoder, &slots[RCN_FIELD_UNTIL], &ignore.until_ms);
    if (ignore.ad_account_id || ignore.audience_name)
        add_ignore(decoder, &ignore);
}

/* --- documents --- */

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
    rcn_diag_set_hint(decoder->diags, diag, "expected '" RCN_API_VERSION "'");
    return false;
}

typedef void read_item(struct rcn_decoder *decoder, struct rcn_yaml_node *node,
                       const struct settings *settings);

static void read_list(struct rcn_decoder *decoder, const struct rcn_slot *slot, const char *what,
                      read_item *read, const struct settings *settings)
{
    if (!slot->key || !rcn_slot_is(decoder, slot, RCN_YAML_IS_SEQUENCE, what))
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
    const struct rcn_slot *company = &document->slots[RCN_FIELD_COMPANY_ID];
    if (company->key) {
        settings.company_id = rcn_field_read_company(decoder, company);
        settings.company_is_bad = !settings.company_id;
    }
    if (settings.company_id)
        add_company(decoder, company, settings.company_id);
    else if (!company->key)
        decoder->set->needs_company = true;
    read_defaults(decoder, document, &settings);
    read_list(decoder, &document->slots[RCN_FIELD_AUDIENCE_SYNCS], "'audienceSyncs'", read_sync,
              &settings);
    read_list(decoder, &document->slots[RCN_FIELD_IGNORE], "'ignore'", read_ignore, &settings);
}

void rcn_document_decode(struct rcn_decoder *decoder, struct rcn_yaml_node *root)
{
    struct rcn_mapping document;
    const struct rcn_slot whole = {.value = root};
    if (root->kind == RCN_YAML_SEQUENCE) {
        struct rcn_diag *diag = rcn_decoder_fault(
            decoder, &whole, RCN_FIELD_API_VERSION, "api-version",
            "a list of syncs is no manifest: apiVersion and 'audienceSyncs' are missing");
        rcn_diag_set_hint(decoder->diags, diag, RCN_API_VERSION_HINT);
        return;
    }
    /* The keys of another version are not ours to judge. */
    for (struct rcn_yaml_node *key = root->first; key; key = key->next->next) {
        const struct rcn_slot own = {.key = rcn_yaml_resolve(key),
                                     .value = rcn_yaml_resolve(key->next),
                                     .use = key->next->kind == RCN_YAML_ALIAS ? key->next : NULL};
        if (rcn_yaml_equals(own.key, rcn_field_names[RCN_FIELD_API_VERSION]) &&
            !check_version(decoder, &own))
            return;
    }
    rcn_mapping_check_duplicates(decoder, root);
    rcn_mapping_read(decoder, &rcn_document_type, root, NULL, &document);
    const struct rcn_slot *version = &document.slots[RCN_FIELD_API_VERSION];
    if (version->key && !check_version(decoder, version))
        return;
    if (rcn_mapping_misses(&document, RCN_FIELD_API_VERSION)) {
        struct rcn_diag *diag = rcn_decoder_fault(decoder, &whole, RCN_FIELD_API_VERSION,
                                                  "api-version", "'apiVersion' is missing");
        rcn_diag_set_hint(decoder->diags, diag, RCN_API_VERSION_HINT);
    }
    if (!document.slots[RCN_FIELD_IGNORE].key)
        rcn_mapping_report_missing(decoder, &document, RCN_FIELD_AUDIENCE_SYNCS,
                                   "an empty list is 'audienceSyncs: []'");
    rcn_for_each_read(decoder, &document, read_once);
}
