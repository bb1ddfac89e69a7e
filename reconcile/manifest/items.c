#include "manifest/items.h"

#include <stdlib.h>
#include <string.h>

#include "base/suggest.h"
#include "manifest/fields.h"
#include "manifest/mapping.h"

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
    struct rcn_desired_set *set = decoder->set;
    void *items = set->syncs;
    if (reserve(decoder, &items, sizeof *sync, set->count, &decoder->sync_capacity,
                sync->location)) {
        set->syncs = items;
        set->syncs[set->count++] = *sync;
    }
}

static void add_ignore(struct rcn_decoder *decoder, const struct rcn_ignore *ignore)
{
    struct rcn_desired_set *set = decoder->set;
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
                         const struct rcn_settings *settings, struct rcn_desired_sync *ret)
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
        rcn_mapping_report_missing(decoder, item, RCN_FIELD_AD_ACCOUNT_ID,
                                   "set it here, or for all syncs under 'defaults'");
}

static void read_schedule(struct rcn_decoder *decoder, const struct rcn_mapping *item,
                          const struct rcn_settings *settings, struct rcn_audience_sync *ret)
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

void rcn_item_read_sync(struct rcn_decoder *decoder, struct rcn_yaml_node *node,
                        const struct rcn_settings *settings)
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
        rcn_mapping_report_missing(decoder, &item, RCN_FIELD_AUDIENCE_NAME, NULL);
    read_account(decoder, &item, settings, &desired);
    read_segment(decoder, &item, &desired);
    read_schedule(decoder, &item, settings, sync);
    sync->company_id = settings->company_id;
    if (pin->key) {
        sync->id = rcn_field_read_id(decoder, pin, RCN_FIELD_ID);
        desired.id_span = rcn_yaml_get_span(pin->value, decoder->text);
    }
    if (item.slots[RCN_FIELD_REPLACES].key)
        read_replaces(decoder, &item.slots[RCN_FIELD_REPLACES], &desired);
    /* What has no sure identity cannot be compared with others. */
    bool pin_is_bad = pin->key && !sync->id;
    if (sync->audience_name && sync->ad_account_id && !settings->company_is_bad && !pin_is_bad)
        add_sync(decoder, &desired);
}

/* --- ignores --- */

void rcn_item_read_ignore(struct rcn_decoder *decoder, struct rcn_yaml_node *node,
                          const struct rcn_settings *settings)
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
        rcn_mapping_report_missing(decoder, &item, RCN_FIELD_AUDIENCE_NAME,
                                   "an item of 'ignore' has adAccountId, audienceName or both");
    if (slots[RCN_FIELD_REASON].key)
        ignore.reason = rcn_field_read_text(decoder, &slots[RCN_FIELD_REASON], RCN_FIELD_REASON);
    if (slots[RCN_FIELD_UNTIL].key)
        ignore.until_text = rcn_field_read_date(decoder, &slots[RCN_FIELD_UNTIL], &ignore.until_ms);
    if (ignore.ad_account_id || ignore.audience_name)
        add_ignore(decoder, &ignore);
}
