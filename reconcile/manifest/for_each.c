/* `forEach`: the entries that a document is read for. */
#include <string.h>

#include "manifest/decoder.h"

/* The names of the first entry, which all have, and where they are written. */
struct names {
    const char *texts[RCN_PAIRS_MAX];
    struct rcn_yaml_node *keys[RCN_PAIRS_MAX];
    size_t count;
};

static struct rcn_entry read_entry(struct rcn_decoder *decoder, const struct rcn_slot *slot,
                                   const struct rcn_slot *pairs, size_t count,
                                   const struct names *names)
{
    char quoted[RCN_QUOTE_SIZE];
    struct rcn_arena *arena = decoder->set->arena;
    struct rcn_pair *shown = rcn_arena_calloc(arena, names->count, sizeof *shown);
    struct rcn_entry entry = {
        .nodes = rcn_arena_calloc(arena, names->count, sizeof(struct rcn_yaml_node *))};
    for (size_t i = 0; i < names->count; i++)
        shown[i].key = names->texts[i];
    for (size_t i = 0; i < count; i++) {
        const struct rcn_slot place = {.value = pairs[i].key};
        size_t index = 0;
        while (index < names->count && !rcn_yaml_equals(place.value, shown[index].key))
            index++;
        if (index == names->count) {
            rcn_decoder_fault(decoder, &place, RCN_REPORTED_KEY, "unknown-key",
                              "all entries must have the same names",
                              "unknown key '%s': the first entry of 'forEach' has no such name",
                              rcn_quote_node(quoted, place.value));
            continue;
        }
        shown[index].value = rcn_value_read(decoder, &pairs[i], RCN_KEY_FOR_EACH, NULL);
        entry.nodes[index] = pairs[i].value;
    }
    entry.shown.label = rcn_span_entry_make_label(arena, shown, names->count);
    entry.shown.pairs = shown;
    entry.shown.count = names->count;
    for (size_t i = 0; i < names->count; i++)
        if (!entry.nodes[i])
            rcn_decoder_fault(decoder, slot, RCN_KEY_FOR_EACH, "missing-field",
                              "all entries must have the same names",
                              "'%.60s' is missing in this entry", shown[i].key);
    return entry;
}

/* A name that the document does not use is a mistake in one of the two. */
static void check_used(struct rcn_decoder *decoder, const struct rcn_mapping *document,
                       const struct names *names)
{
    bool used[RCN_PAIRS_MAX] = {false};
    bool used_in_entries[RCN_PAIRS_MAX] = {false};
    const struct rcn_yaml_node *entries = document->slots[RCN_KEY_FOR_EACH].value;
    for (const struct rcn_yaml_node *key = document->place.value->first; key; key = key->next->next)
        if (key->next != entries)
            rcn_mark_used(key->next, NULL, names->texts, used, names->count);
    rcn_mark_used(entries, NULL, names->texts, used_in_entries, names->count);
    for (size_t i = 0; i < names->count; i++) {
        const struct rcn_slot place = {.value = names->keys[i]};
        if (used[i] && !used_in_entries[i] &&
            rcn_variables_is_assigned(decoder->variables, names->texts[i]))
            rcn_diags_warning(
                decoder->diags, "unused-variable", rcn_decoder_get_span(decoder, names->keys[i]),
                "--var '%.60s' has no effect in this document: 'forEach' sets it", names->texts[i]);
        if (used[i])
            continue;
        struct rcn_diag *diag =
            rcn_decoder_fault(decoder, &place, RCN_REPORTED_KEY, "unused-variable", NULL,
                              "this document does not use '%.60s'", names->texts[i]);
        rcn_diag_set_hint(decoder->diags, diag, "write '${%.60s}' where its value belongs",
                          names->texts[i]);
    }
}

const struct rcn_entry *rcn_for_each_read(struct rcn_decoder *decoder,
                                          const struct rcn_mapping *document, size_t *ret_count)
{
    struct names names = {.count = 0};
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
    *ret_count = 0;
    for (struct rcn_yaml_node *node = slot->value->first; node; node = node->next) {
        struct rcn_slot pairs[RCN_PAIRS_MAX];
        size_t count;
        const struct rcn_slot item = rcn_slot_get(node, NULL);
        if (!rcn_mapping_read_pairs(decoder, "an entry of 'forEach'", &item, pairs, &count))
            return NULL;
        for (size_t i = 0; node == slot->value->first && i < count; i++) {
            if (!rcn_decoder_check_variable_name(decoder, pairs[i].key))
                continue;
            names.keys[names.count] = pairs[i].key;
            names.texts[names.count++] = rcn_decoder_intern(decoder, pairs[i].key->text);
        }
        entries[(*ret_count)++] = read_entry(decoder, &item, pairs, count, &names);
    }
    check_used(decoder, document, &names);
    return entries;
}
