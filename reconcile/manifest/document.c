#include <string.h>
#include <strings.h>

#include "base/suggest.h"
#include "base/time.h"
#include "manifest/decoder.h"
#include "manifest/manifest.h"

/* Each costs up to 4 requests; a personal key reaches a handful. */
enum { MAX_COMPANIES = 100 };

/* What every sync of a document shares. */
struct settings {
    struct rcn_desired_sync sync;
    bool company_is_bad; /* reported: no identity of this document is known */
    bool account_is_bad; /* reported: nothing is missed that this would have given */
};

/* --- what defaults and syncs share --- */

/* A mapping has exactly one of the keys. If it has two and one is wrong by itself, only that is
 * reported; otherwise the one later in the text is. Returns how many are good. */
static size_t read_one_of(struct rcn_decoder *decoder, const struct rcn_mapping *mapping,
                          const enum rcn_key *keys, size_t count, const char *rule,
                          const char **ret_values, struct rcn_span *ret_span)
{
    struct rcn_yaml_node *before = NULL;
    size_t good = 0;
    for (size_t i = 0; i < count; i++) {
        const struct rcn_slot *slot = &mapping->slots[keys[i]];
        struct rcn_yaml_node *key = slot->key;
        ret_values[i] = rcn_value_read(decoder, slot, keys[i], ret_span);
        if (!key || !ret_values[i])
            continue;
        good++;
        if (before) {
            char first_name[RCN_QUOTE_SIZE];
            char second_name[RCN_QUOTE_SIZE];
            bool in_order = before->place.offset < key->place.offset;
            const struct rcn_yaml_node *first = in_order ? before : key;
            const struct rcn_slot second = {.value = in_order ? key : before};
            struct rcn_diag *diag = rcn_decoder_fault(
                decoder, &second, RCN_REPORTED_SHAPE, rule, "remove one of the two keys",
                "both '%s' and '%s': only one of them is allowed",
                rcn_quote(first_name, first->text), rcn_quote(second_name, second.value->text));
            rcn_diag_set_note(decoder->diags, diag,
                              rcn_place_get_span(&first->place, decoder->text),
                              "the other one is here");
        }
        before = key;
    }
    return good;
}

/* Puts the labels of the slot over those of the sync, key by key. */
static void read_labels(struct rcn_decoder *decoder, const struct rcn_slot *slot,
                        struct rcn_desired_sync *ret)
{
    struct rcn_mapping labels;
    size_t count = ret->label_count;
    if (!slot->key || !rcn_mapping_read(decoder, RCN_MAPPING_LABELS, slot, &labels) ||
        labels.is_incomplete)
        return;
    struct rcn_pair *all =
        rcn_arena_calloc(decoder->set->arena, count + labels.pair_count, sizeof *all);
    for (size_t i = 0; i < count; i++)
        all[i] = ret->labels[i];
    for (size_t i = 0; i < labels.pair_count; i++) {
        const struct rcn_slot place = {.value = labels.slots[i].key};
        const char *key = place.value->text;
        if (!*key || strlen(key) < place.value->len || strchr(key, '=')) {
            rcn_decoder_fault(decoder, &place, RCN_KEY_LABELS, "bad-label", NULL,
                              "the key of a label must not be empty and must not hold '='");
            continue;
        }
        const char *value = rcn_value_read(decoder, &labels.slots[i], RCN_KEY_LABELS, NULL);
        if (!value)
            continue;
        size_t at = 0;
        while (at < count && strcmp(all[at].key, key) != 0)
            at++;
        all[at] =
            (struct rcn_pair){.key = rcn_arena_strdup(decoder->set->arena, key), .value = value};
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
    static const enum rcn_key accounts[] = {RCN_KEY_AD_ACCOUNT_ID, RCN_KEY_AD_ACCOUNT};
    const struct rcn_slot *slots = mapping->slots;
    struct rcn_audience_sync *sync = &ret->sync;
    bool is_good = true;
    if (slots[RCN_KEY_AD_ACCOUNT_ID].key || slots[RCN_KEY_AD_ACCOUNT].key) {
        const char *values[2];
        is_good = read_one_of(decoder, mapping, accounts, 2, "bad-ad-account", values,
                              &ret->ad_account_span) == 1;
        sync->ad_account_id = values[0];
        ret->ad_account_name = values[1];
    }
    const char *frequency =
        rcn_value_read(decoder, &slots[RCN_KEY_FREQUENCY], RCN_KEY_FREQUENCY, NULL);
    const char *active =
        rcn_value_read(decoder, &slots[RCN_KEY_IS_ACTIVE], RCN_KEY_IS_ACTIVE, NULL);
    if (frequency)
        sync->frequency = frequency;
    if (active)
        sync->is_active = strcasecmp(active, "true") == 0 ? RCN_TRUE : RCN_FALSE;
    read_labels(decoder, &slots[RCN_KEY_LABELS], ret);
    return is_good;
}

/* --- syncs --- */

/* One of segmentId, predefinedSegmentId and segment. */
static void read_segment(struct rcn_decoder *decoder, const struct rcn_mapping *item,
                         struct rcn_desired_sync *ret)
{
    static const enum rcn_key keys[] = {RCN_KEY_SEGMENT_ID, RCN_KEY_PREDEFINED_SEGMENT_ID,
                                        RCN_KEY_SEGMENT};
    const char *values[3];
    read_one_of(decoder, item, keys, 3, "segment-choice", values, &ret->segment_span);
    ret->sync.segment_id = values[0];
    ret->sync.predefined_segment_id = values[1];
    ret->segment_name = values[2];
    if (values[1] && !rcn_template_is_known(values[1])) {
        char quoted[RCN_QUOTE_SIZE];
        struct rcn_diag *diag = rcn_decoder_fault(
            decoder, &item->slots[keys[1]], RCN_REPORTED_TEMPLATE, "unknown-template", NULL,
            "'%s' is not among the known template ids", rcn_quote(quoted, values[1]));
        const char *near = diag ? rcn_suggest(quoted, rcn_template_ids, RCN_TEMPLATE_COUNT) : NULL;
        if (near)
            rcn_diag_set_hint(decoder->diags, diag, "did you mean '%s'?", near);
        else
            rcn_diag_set_hint(decoder->diags, diag,
                              "known are recent-buyers, zero-ltv, no-purchase-1y, "
                              "high-spenders-ecom, non-buyers and engaged");
    }
    if (rcn_mapping_misses(item, keys[0]) && rcn_mapping_misses(item, keys[1]) &&
        rcn_mapping_misses(item, keys[2]))
        rcn_decoder_fault(
            decoder, &item->place, RCN_KEY_SEGMENT_ID, "segment-choice",
            "'segmentId' is the id of a segment, 'segment' its name, 'predefinedSegmentId' the id "
            "of a template",
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
    if (!has_account || !sync->audience_name || settings->company_is_bad || !id->key != !sync->id)
        return;
    struct rcn_desired_set *set = decoder->set;
    set->syncs = rcn_decoder_reserve(set->syncs, set->count, sizeof desired);
    set->syncs[set->count++] = desired;
    set->needs_ad_accounts |= desired.ad_account_name != NULL;
    set->needs_segments |= desired.segment_name != NULL;
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

/* --- the entries that a document is read for --- */

/* names: the first entry; all have its names. */
static struct rcn_entry read_entry(struct rcn_decoder *decoder, const struct rcn_mapping *mapping,
                                   const struct rcn_mapping *names)
{
    static const char hint[] = "all entries must have the same names";
    char quoted[RCN_QUOTE_SIZE];
    struct rcn_arena *arena = decoder->set->arena;
    size_t count = names->pair_count;
    struct rcn_pair *shown = rcn_arena_calloc(arena, count, sizeof *shown);
    struct rcn_entry entry = {.nodes =
                                  rcn_arena_calloc(arena, count, sizeof(struct rcn_yaml_node *))};
    for (size_t i = 0; i < count; i++)
        shown[i].key = rcn_arena_strdup(arena, names->slots[i].key->text);
    for (size_t i = 0; i < mapping->pair_count; i++) {
        const struct rcn_slot *pair = &mapping->slots[i];
        const struct rcn_slot place = {.value = pair->key};
        size_t at = 0;
        while (at < count && !rcn_yaml_equals(place.value, shown[at].key))
            at++;
        if (at == count) {
            rcn_decoder_fault(decoder, &place, RCN_REPORTED_KEY, "unknown-key", hint,
                              "unknown key '%s': the first entry of 'forEach' has no such name",
                              rcn_quote(quoted, place.value->text));
            continue;
        }
        shown[at].value = rcn_value_read(decoder, pair, RCN_KEY_FOR_EACH, NULL);
        entry.nodes[at] = pair->value;
    }
    entry.shown.label = rcn_span_entry_make_label(arena, shown, count);
    entry.shown.pairs = shown;
    entry.shown.count = count;
    for (size_t i = 0; i < count; i++)
        if (!entry.nodes[i])
            rcn_decoder_fault(decoder, &mapping->place, RCN_KEY_FOR_EACH, "missing-field", hint,
                              "'%.60s' is missing in this entry", shown[i].key);
    return entry;
}

/* A name that the document does not use is a mistake in one of the two. */
static void check_used(struct rcn_decoder *decoder, const struct rcn_mapping *document,
                       const struct rcn_mapping *names, const struct rcn_pair *pairs)
{
    bool used[RCN_PAIRS_MAX] = {false};
    bool used_in_entries[RCN_PAIRS_MAX] = {false};
    const struct rcn_yaml_node *entries = document->slots[RCN_KEY_FOR_EACH].value;
    for (const struct rcn_yaml_node *key = document->place.value->first; key; key = key->next->next)
        rcn_mark_used(key->next, NULL, pairs, key->next == entries ? used_in_entries : used,
                      names->pair_count);
    for (size_t i = 0; i < names->pair_count; i++) {
        const char *name = pairs[i].key;
        const struct rcn_slot place = {.value = names->slots[i].key};
        const struct rcn_variable *hidden = rcn_variables_find(decoder->variables, name);
        if (!used[i]) {
            struct rcn_diag *diag =
                rcn_decoder_fault(decoder, &place, RCN_REPORTED_KEY, "unused-variable", NULL,
                                  "this document does not use '%.60s'", name);
            rcn_diag_set_hint(decoder->diags, diag, "write '${%.60s}' where its value belongs",
                              name);
        } else if (hidden && hidden->origin == RCN_VARIABLE_ASSIGNED && !used_in_entries[i]) {
            rcn_diags_warning(
                decoder->diags, "unused-variable", rcn_decoder_get_span(decoder, place.value),
                "--var '%.60s' has no effect in this document: 'forEach' sets it", name);
        }
    }
}

/* The entries of `forEach`; NULL when they are not known, which was reported. */
static const struct rcn_entry *read_entries(struct rcn_decoder *decoder,
                                            const struct rcn_mapping *document)
{
    struct rcn_mapping names = {.pair_count = 0};
    const struct rcn_slot *slot = &document->slots[RCN_KEY_FOR_EACH];
    if (!rcn_value_is(decoder, slot, RCN_YAML_IS_SEQUENCE, "'forEach'"))
        return NULL;
    if (!slot->value->len) {
        rcn_decoder_fault(decoder, slot, RCN_KEY_FOR_EACH, "missing-field", NULL,
                          "'forEach' has no entry: nothing of this document would be read");
        return NULL;
    }
    struct rcn_entry *entries =
        rcn_arena_calloc(decoder->set->arena, slot->value->len, sizeof *entries);
    struct rcn_entry *next = entries;
    for (struct rcn_yaml_node *node = slot->value->first; node; node = node->next) {
        struct rcn_mapping mapping;
        const struct rcn_slot item = rcn_slot_get(node, NULL);
        if (!rcn_mapping_read(decoder, RCN_MAPPING_ENTRY, &item, &mapping) || mapping.is_incomplete)
            return NULL;
        for (size_t i = 0; next == entries && i < mapping.pair_count; i++)
            if (rcn_variable_check_name(decoder, mapping.slots[i].key))
                names.slots[names.pair_count++] = mapping.slots[i];
        *next++ = read_entry(decoder, &mapping, &names);
    }
    check_used(decoder, document, &names, entries->shown.pairs);
    return entries;
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
    struct settings settings = {
        .sync.sync = {.frequency = RCN_FREQUENCY_DEFAULT, .is_active = RCN_TRUE}};
    struct rcn_desired_set *set = decoder->set;
    const struct rcn_slot *company = &document->slots[RCN_KEY_COMPANY_ID];
    const char *company_id = rcn_value_read(decoder, company, RCN_KEY_COMPANY_ID, NULL);
    settings.sync.sync.company_id = company_id;
    settings.company_is_bad = company->key && !company_id;
    set->needs_company |= !company->key;
    /* A company that is named is read, whether a sync of it is desired or not. */
    if (company_id && !rcn_desired_set_names(set, company_id)) {
        if (!set->company_ids)
            set->company_ids = rcn_arena_calloc(set->arena, MAX_COMPANIES, sizeof company_id);
        if (set->company_count < MAX_COMPANIES)
            set->company_ids[set->company_count++] = company_id;
        else
            rcn_decoder_fault(decoder, company, RCN_KEY_COMPANY_ID, "limit", NULL,
                              "more than %d companies in one run", MAX_COMPANIES);
    }
    const uint32_t account_bits = 1U << RCN_KEY_AD_ACCOUNT_ID | 1U << RCN_KEY_AD_ACCOUNT;
    const struct rcn_slot *slot = &document->slots[RCN_KEY_DEFAULTS];
    struct rcn_mapping defaults;
    settings.account_is_bad = document->meant & (account_bits | 1U << RCN_KEY_DEFAULTS);
    if (slot->key)
        settings.account_is_bad |=
            !rcn_mapping_read(decoder, RCN_MAPPING_DEFAULTS, slot, &defaults) ||
            !read_shared(decoder, &defaults, &settings.sync) || defaults.is_incomplete ||
            defaults.meant & account_bits;
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
    const struct rcn_entry *entries = read_entries(decoder, &document);
    size_t count = entries ? document.slots[RCN_KEY_FOR_EACH].value->len : 0;
    for (size_t i = 0; i < count && !decoder->is_full; i++) {
        decoder->entry = &entries[i];
        read_once(decoder, &document);
    }
    decoder->entry = NULL;
}
