/* `forEach`: the entries that a document is read for. */
#include <string.h>

#include "manifest/decoder.h"

/* All entries. A value that is wrong is NULL. */
struct entries {
    struct rcn_entry *items;
    size_t count;
    const char **names; /* of the first entry: all have the same */
    struct rcn_yaml_node **keys;
    size_t name_count;
};

/* The names of the first entry are those of all. */
static void take_names(struct rcn_decoder *decoder, const struct rcn_slot *pairs, size_t count,
                       struct entries *ret)
{
    ret->names = rcn_arena_calloc(decoder->set->arena, count, sizeof *ret->names);
    ret->keys = rcn_arena_calloc(decoder->set->arena, count, sizeof(struct rcn_yaml_node *));
    for (size_t i = 0; i < count; i++) {
        struct rcn_yaml_node *key = pairs[i].key;
        if (!rcn_decoder_check_variable_name(decoder, key))
            continue;
        ret->keys[ret->name_count] = key;
        ret->names[ret->name_count++] = rcn_decoder_intern(decoder, key->text);
    }
}

static void read_values(struct rcn_decoder *decoder, const struct rcn_slot *slot,
                        const struct rcn_slot *pairs, size_t count, const struct entries *entries,
                        struct rcn_entry *ret)
{
    char quoted[RCN_QUOTE_SIZE];
    struct rcn_arena *arena = decoder->set->arena;
    struct rcn_pair *shown = rcn_arena_calloc(arena, entries->name_count, sizeof *shown);
    ret->nodes = rcn_arena_calloc(arena, entries->name_count, sizeof(struct rcn_yaml_node *));
    for (size_t i = 0; i < entries->name_count; i++)
        shown[i].key = entries->names[i];
    for (size_t i = 0; i < count; i++) {
        const struct rcn_slot place = {.value = pairs[i].key};
        size_t index = 0;
        while (index < entries->name_count && !rcn_yaml_equals(place.value, shown[index].key))
            index++;
        if (index < entries->name_count) {
            shown[index].value = rcn_value_read(decoder, &pairs[i], RCN_KEY_FOR_EACH, NULL);
            ret->nodes[index] = pairs[i].value;
            continue;
        }
        struct rcn_diag *diag =
            rcn_decoder_fault(decoder, &place, RCN_REPORTED_KEY, "unknown-key",
                              "unknown key '%s': the first entry of 'forEach' has no such name",
                              rcn_quote_node(quoted, place.value));
        rcn_diag_set_hint(decoder->diags, diag, "all entries must have the same names");
    }
    ret->shown = (struct rcn_span_entry){
        .label = rcn_span_entry_make_label(arena, shown, entries->name_count),
        .pairs = shown,
        .count = entries->name_count};
    for (size_t i = 0; i < entries->name_count; i++) {
        if (ret->nodes[i])
            continue;
        struct rcn_diag *diag =
            rcn_decoder_fault(decoder, slot, RCN_KEY_FOR_EACH, "missing-field",
                              "'%.60s' is missing in this entry", entries->names[i]);
        rcn_diag_set_hint(decoder->diags, diag, "all entries must have the same names");
    }
}

/* A name that the document does not use is a mistake in one of the two. */
static void check_used(struct rcn_decoder *decoder, const struct rcn_mapping *document,
                       const struct entries *entries)
{
    bool used[RCN_PAIRS_MAX] = {false};
    const struct rcn_slot *for_each = &document->slots[RCN_KEY_FOR_EACH];
    for (const struct rcn_yaml_node *key = document->place.value->first; key; key = key->next->next)
        if (key->next != for_each->value)
            rcn_mark_used(key->next, NULL, entries->names, used, entries->name_count);
    for (size_t i = 0; i < entries->name_count; i++) {
        const struct rcn_slot place = {.value = entries->keys[i]};
        struct rcn_diag *diag =
            used[i] ? NULL
                    : rcn_decoder_fault(decoder, &place, RCN_REPORTED_KEY, "unused-variable",
                                        "this document does not use '%.60s'", entries->names[i]);
        rcn_diag_set_hint(decoder->diags, diag, "write '${%.60s}' where its value belongs",
                          entries->names[i]);
    }
}

/* False when the entries are not known, which was reported. */
static bool read_entries(struct rcn_decoder *decoder, const struct rcn_slot *slot,
                         struct entries *ret)
{
    if (!rcn_value_is(decoder, slot, RCN_YAML_IS_SEQUENCE, "'forEach'"))
        return false;
    if (!slot->value->len) {
        rcn_decoder_fault(decoder, slot, RCN_KEY_FOR_EACH, "missing-field",
                          "'forEach' has no entry: nothing of this document would be read");
        return false;
    }
    ret->items = rcn_arena_calloc(decoder->set->arena, slot->value->len, sizeof *ret->items);
    for (struct rcn_yaml_node *node = slot->value->first; node; node = node->next) {
        struct rcn_slot pairs[RCN_PAIRS_MAX];
        size_t count;
        const struct rcn_slot item = rcn_slot_get(node, NULL);
        if (!rcn_mapping_read_pairs(decoder, "an entry of 'forEach'", &item, pairs, &count))
            return false;
        if (!ret->names)
            take_names(decoder, pairs, count, ret);
        read_values(decoder, &item, pairs, count, ret, &ret->items[ret->count++]);
    }
    return true;
}

void rcn_for_each_read(struct rcn_decoder *decoder, const struct rcn_mapping *document,
                       rcn_read_document *read)
{
    struct entries entries = {0};
    const struct rcn_slot *slot = &document->slots[RCN_KEY_FOR_EACH];
    if (!slot->key) {
        read(decoder, document);
        return;
    }
    if (!read_entries(decoder, slot, &entries))
        return;
    check_used(decoder, document, &entries);
    for (size_t i = 0; i < entries.count && !decoder->is_full; i++) {
        decoder->entry = &entries.items[i];
        read(decoder, document);
    }
    decoder->entry = NULL;
}
