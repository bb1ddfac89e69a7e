#include "manifest/decoder.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/suggest.h"
#include "base/unicode.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))

/* A million syncs have fewer; entries of forEach, aliases and merge keys can multiply. */
enum { MAX_READ_KEYS = 20000000 };

static const enum rcn_field document_fields[] = {RCN_FIELD_API_VERSION,    RCN_FIELD_COMPANY_ID,
                                                 RCN_FIELD_FOR_EACH,       RCN_FIELD_DEFAULTS,
                                                 RCN_FIELD_AUDIENCE_SYNCS, RCN_FIELD_IGNORE};
static const enum rcn_field defaults_fields[] = {RCN_FIELD_AD_ACCOUNT_ID, RCN_FIELD_AD_ACCOUNT,
                                                 RCN_FIELD_FREQUENCY, RCN_FIELD_IS_ACTIVE,
                                                 RCN_FIELD_LABELS};
static const enum rcn_field sync_fields[] = {RCN_FIELD_AUDIENCE_NAME,
                                             RCN_FIELD_SEGMENT_ID,
                                             RCN_FIELD_PREDEFINED_SEGMENT_ID,
                                             RCN_FIELD_SEGMENT,
                                             RCN_FIELD_AD_ACCOUNT_ID,
                                             RCN_FIELD_AD_ACCOUNT,
                                             RCN_FIELD_FREQUENCY,
                                             RCN_FIELD_IS_ACTIVE,
                                             RCN_FIELD_LABELS,
                                             RCN_FIELD_ID,
                                             RCN_FIELD_REPLACES};
static const enum rcn_field ignore_fields[] = {RCN_FIELD_AD_ACCOUNT_ID, RCN_FIELD_AUDIENCE_NAME,
                                               RCN_FIELD_REASON, RCN_FIELD_UNTIL};

const struct rcn_mapping_type rcn_document_type = {"a manifest", document_fields,
                                                   COUNT(document_fields), true};
const struct rcn_mapping_type rcn_defaults_type = {"'defaults'", defaults_fields,
                                                   COUNT(defaults_fields), false};
const struct rcn_mapping_type rcn_sync_type = {"a sync", sync_fields, COUNT(sync_fields), false};
const struct rcn_mapping_type rcn_ignore_type = {"an item of 'ignore'", ignore_fields,
                                                 COUNT(ignore_fields), false};

static const struct rcn_mapping_type free_type = {"", NULL, 0, true};

/* Words of the vendor's own command line, and near ones: too far for the edit distance. */
static const struct {
    const char *word;
    enum rcn_field field;
} synonyms[] = {
    {"name", RCN_FIELD_AUDIENCE_NAME},
    {"template", RCN_FIELD_PREDEFINED_SEGMENT_ID},
    {"templateId", RCN_FIELD_PREDEFINED_SEGMENT_ID},
    {"account", RCN_FIELD_AD_ACCOUNT_ID},
    {"active", RCN_FIELD_IS_ACTIVE},
    {"enabled", RCN_FIELD_IS_ACTIVE},
    {"company", RCN_FIELD_COMPANY_ID},
    {"tags", RCN_FIELD_LABELS},
    {"syncs", RCN_FIELD_AUDIENCE_SYNCS},
    {"audiences", RCN_FIELD_AUDIENCE_SYNCS},
};

static bool has_field(const struct rcn_mapping_type *type, enum rcn_field field)
{
    for (size_t i = 0; i < type->count; i++)
        if (type->fields[i] == field)
            return true;
    return false;
}

static enum rcn_field find_field(const struct rcn_mapping_type *type,
                                 const struct rcn_yaml_node *key)
{
    for (size_t i = 0; i < type->count; i++)
        if (rcn_yaml_equals(key, rcn_field_names[type->fields[i]]))
            return type->fields[i];
    return RCN_FIELD_COUNT;
}

/* The field of this kind of mapping that the unknown word seems to mean. */
static enum rcn_field guess_field(const struct rcn_mapping_type *type, const char *word)
{
    const char *names[RCN_FIELD_COUNT];
    for (size_t i = 0; i < type->count; i++)
        names[i] = rcn_field_names[type->fields[i]];
    const char *near = rcn_suggest(word, names, type->count);
    for (size_t i = 0; near && i < type->count; i++)
        if (names[i] == near)
            return type->fields[i];
    for (size_t i = 0; i < COUNT(synonyms); i++)
        if (strcasecmp(word, synonyms[i].word) == 0 && has_field(type, synonyms[i].field))
            return synonyms[i].field;
    return RCN_FIELD_COUNT;
}

/* --- unknown keys --- */

/* A key that is right, in another mapping. */
static const char *find_right_place(const struct rcn_mapping_type *type,
                                    const struct rcn_yaml_node *key)
{
    if (find_field(&rcn_document_type, key) != RCN_FIELD_COUNT)
        return "this key belongs to the document, beside 'apiVersion'";
    bool is_default = find_field(&rcn_defaults_type, key) != RCN_FIELD_COUNT;
    if (type == &rcn_document_type && is_default)
        return "put it under 'defaults', or into the items of 'audienceSyncs'";
    if (find_field(&rcn_sync_type, key) != RCN_FIELD_COUNT)
        return "this key belongs to an item of 'audienceSyncs'";
    if (find_field(&rcn_ignore_type, key) != RCN_FIELD_COUNT)
        return "this key belongs to an item of 'ignore'";
    return NULL;
}

/* `known are a, b and c`; of at most all fields. */
static void hint_known(struct rcn_decoder *decoder, struct rcn_diag *diag,
                       const struct rcn_mapping_type *type)
{
    char list[256] = "";
    for (size_t i = 0; i < type->count; i++) {
        size_t used = strlen(list);
        const char *between = !i ? "" : i + 1 < type->count ? ", " : " and ";
        snprintf(list + used, sizeof list - used, "%s%s", between,
                 rcn_field_names[type->fields[i]]);
    }
    rcn_diag_set_hint(decoder->diags, diag, "%s has %s", type->name, list);
}

/* A space that no one sees as another character; 0: none. */
static unsigned find_odd_space(const struct rcn_yaml_node *key)
{
    for (size_t at = 0; at < key->len;) {
        unsigned code_point;
        at += rcn_utf8_decode(key->text + at, key->len - at, &code_point);
        if (code_point > 0x7f &&
            (rcn_unicode_is_space(code_point) || rcn_unicode_is_hidden(code_point)))
            return code_point;
    }
    return 0;
}

static void report_unknown(struct rcn_decoder *decoder, const struct rcn_mapping_type *type,
                           const struct rcn_yaml_node *key, const char *near,
                           const struct rcn_yaml_node *use)
{
    char quoted[RCN_QUOTE_SIZE];
    unsigned space = find_odd_space(key);
    struct rcn_diag *diag =
        rcn_diags_error(decoder->diags, "unknown-key", rcn_yaml_get_span(key, decoder->text),
                        "unknown key '%s'", rcn_quote_node(quoted, key));
    const char *place = near ? NULL : find_right_place(type, key);
    if (space)
        rcn_diag_set_hint(decoder->diags, diag,
                          "it holds the character U+%04X%s: write a plain space or nothing", space,
                          space == 0xa0 ? ", a no-break space" : "");
    else if (near)
        rcn_diag_set_hint(decoder->diags, diag, "did you mean '%s'?", near);
    else if (place)
        rcn_diag_set_hint(decoder->diags, diag, "%s", place);
    else if (type == &rcn_document_type)
        rcn_diag_set_hint(decoder->diags, diag, "keys of your own begin with 'x-'");
    else
        hint_known(decoder, diag, type);
    rcn_decoder_note_use(decoder, diag, use);
}

static void add_unknown(struct rcn_decoder *decoder, const struct rcn_mapping_type *type,
                        struct rcn_yaml_node *key, const struct rcn_yaml_node *use,
                        struct rcn_mapping *ret)
{
    char word[RCN_QUOTE_SIZE];
    /* Once nothing more can be shown, guessing would only cost minutes for a hostile text. */
    enum rcn_field field = decoder->diags->count == RCN_DIAGS_MAX
                               ? RCN_FIELD_COUNT
                               : guess_field(type, rcn_quote_node(word, key));
    const char *near = field == RCN_FIELD_COUNT ? NULL : rcn_field_names[field];
    if (field == RCN_FIELD_COUNT)
        field = find_field(&rcn_sync_type, key);
    if (field != RCN_FIELD_COUNT)
        ret->meant |= UINT32_C(1) << field;
    if (rcn_node_report(key, RCN_REPORTED_KEY))
        report_unknown(decoder, type, key, near, use);
}

/* --- keys and merging --- */

static bool is_merge_key(const struct rcn_yaml_node *key)
{
    return key->tag == RCN_YAML_TAG_MERGE ||
           (key->plain && key->tag == RCN_YAML_TAG_NONE && rcn_yaml_equals(key, "<<"));
}

static bool is_free_key(const struct rcn_mapping_type *type, const struct rcn_yaml_node *key)
{
    return type->has_free_keys && key->len >= 2 && memcmp(key->text, "x-", 2) == 0;
}

static void report_odd_key(struct rcn_decoder *decoder, struct rcn_yaml_node *key,
                           const struct rcn_yaml_node *use)
{
    const struct rcn_slot slot = {.value = key, .use = use};
    rcn_decoder_fault(decoder, &slot, RCN_REPORTED_KEY, "wrong-type",
                      "a key must be a string, not %s", rcn_yaml_type_name(rcn_yaml_get_type(key)));
}

static bool is_same_key(const struct rcn_yaml_node *a, const struct rcn_yaml_node *b)
{
    return a->len == b->len && a->kind == RCN_YAML_SCALAR && b->kind == RCN_YAML_SCALAR &&
           memcmp(a->text, b->text, a->len) == 0;
}

static void add_free(struct rcn_decoder *decoder, const struct rcn_slot *found,
                     struct rcn_mapping *ret)
{
    const struct rcn_slot place = {.value = found->key};
    for (size_t i = 0; i < ret->pair_count; i++)
        if (is_same_key(ret->pairs[i].key, found->key))
            return;
    if (ret->pair_count < RCN_PAIRS_MAX)
        ret->pairs[ret->pair_count++] = *found;
    else
        rcn_decoder_fault(decoder, &place, RCN_REPORTED_SHAPE, "limit",
                          "more than %d keys in one mapping", RCN_PAIRS_MAX);
}

/* Returns true when the key was a merge key, which comes last. */
static bool add_pair(struct rcn_decoder *decoder, const struct rcn_mapping_type *type,
                     struct rcn_yaml_node *key_node, struct rcn_yaml_node *value,
                     const struct rcn_yaml_node *use, struct rcn_mapping *ret)
{
    struct rcn_yaml_node *key = rcn_yaml_resolve(key_node);
    if (key->kind == RCN_YAML_BAD) {
        ret->is_incomplete = true;
        return false;
    }
    if (key->kind != RCN_YAML_SCALAR) {
        report_odd_key(decoder, key, use);
        return false;
    }
    const struct rcn_slot found = {.key = key,
                                   .value = rcn_yaml_resolve(value),
                                   .use = value->kind == RCN_YAML_ALIAS ? value : use};
    if (ret->pairs && !is_merge_key(key)) {
        add_free(decoder, &found, ret);
        return false;
    }
    enum rcn_field field = find_field(type, key);
    if (field == RCN_FIELD_COUNT) {
        if (is_merge_key(key))
            return true;
        if (!is_free_key(type, key))
            add_unknown(decoder, type, key, use, ret);
        return false;
    }
    if (!ret->slots[field].key)
        ret->slots[field] = found;
    return false;
}

static void read_into(struct rcn_decoder *decoder, const struct rcn_mapping_type *type,
                      struct rcn_yaml_node *node, const struct rcn_yaml_node *use,
                      struct rcn_mapping *ret);

/* One mapping that is merged; use is the alias that brought it. */
static void merge_one(struct rcn_decoder *decoder, const struct rcn_mapping_type *type,
                      struct rcn_yaml_node *value, const struct rcn_yaml_node *use,
                      struct rcn_mapping *ret)
{
    struct rcn_slot slot = {.value = rcn_yaml_resolve(value),
                            .use = value->kind == RCN_YAML_ALIAS ? value : use};
    enum rcn_yaml_type is = rcn_yaml_get_type(slot.value);
    if (is == RCN_YAML_IS_MAPPING) {
        read_into(decoder, type, slot.value, slot.use, ret);
        return;
    }
    ret->is_incomplete = true;
    if (is != RCN_YAML_IS_BAD)
        rcn_decoder_fault(decoder, &slot, RCN_REPORTED_SHAPE, "wrong-type",
                          "'<<' takes a mapping or a list of mappings, not %s",
                          rcn_yaml_type_name(is));
}

static void merge(struct rcn_decoder *decoder, const struct rcn_mapping_type *type,
                  struct rcn_yaml_node *value, const struct rcn_yaml_node *use,
                  struct rcn_mapping *ret)
{
    struct rcn_yaml_node *list = rcn_yaml_resolve(value);
    if (rcn_yaml_get_type(list) != RCN_YAML_IS_SEQUENCE) {
        merge_one(decoder, type, value, use, ret);
        return;
    }
    for (struct rcn_yaml_node *item = list->first; item; item = item->next)
        merge_one(decoder, type, item, value->kind == RCN_YAML_ALIAS ? value : use, ret);
}

static void read_into(struct rcn_decoder *decoder, const struct rcn_mapping_type *type,
                      struct rcn_yaml_node *node, const struct rcn_yaml_node *use,
                      struct rcn_mapping *ret)
{
    bool merges = false;
    decoder->read_keys += node->len / 2;
    if (decoder->read_keys > MAX_READ_KEYS && !decoder->is_full)
        rcn_diags_error(decoder->diags, "limit", rcn_decoder_get_span(decoder, node),
                        "more than %d keys, those of each entry of 'forEach' counted",
                        MAX_READ_KEYS);
    decoder->is_full |= decoder->read_keys > MAX_READ_KEYS;
    ret->is_incomplete |= decoder->is_full;
    if (decoder->is_full)
        return;
    for (struct rcn_yaml_node *key = node->first; key; key = key->next->next)
        merges |= add_pair(decoder, type, key, key->next, use, ret);
    for (struct rcn_yaml_node *key = merges ? node->first : NULL; key; key = key->next->next) {
        const struct rcn_yaml_node *word = rcn_yaml_resolve(key);
        if (word->kind == RCN_YAML_SCALAR && is_merge_key(word))
            merge(decoder, type, key->next, use, ret);
    }
}

void rcn_mapping_read(struct rcn_decoder *decoder, const struct rcn_mapping_type *type,
                      struct rcn_yaml_node *node, const struct rcn_yaml_node *use,
                      struct rcn_mapping *ret)
{
    *ret = (struct rcn_mapping){.node = node, .use = use};
    read_into(decoder, type, node, use, ret);
}

bool rcn_mapping_read_pairs(struct rcn_decoder *decoder, const char *what,
                            const struct rcn_slot *slot, struct rcn_slot pairs[RCN_PAIRS_MAX],
                            size_t *ret_count)
{
    struct rcn_mapping mapping = {.node = slot->value, .pairs = pairs};
    *ret_count = 0;
    if (!rcn_slot_is(decoder, slot, RCN_YAML_IS_MAPPING, what))
        return false;
    read_into(decoder, &free_type, slot->value, slot->use, &mapping);
    *ret_count = mapping.pair_count;
    return !mapping.is_incomplete;
}

bool rcn_mapping_misses(const struct rcn_mapping *mapping, enum rcn_field field)
{
    return !mapping->slots[field].key && !mapping->is_incomplete && !(mapping->meant >> field & 1);
}

void rcn_mapping_report_missing(struct rcn_decoder *decoder, const struct rcn_mapping *mapping,
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

/* --- duplicate keys --- */

/* Above so many keys, a map finds duplicates instead of comparing each with each. */
enum { FEW_KEYS = 24 };

static void report_duplicate(struct rcn_decoder *decoder, const struct rcn_yaml_node *key,
                             const struct rcn_yaml_node *first)
{
    char quoted[RCN_QUOTE_SIZE];
    const struct rcn_yaml_node *word =
        key->kind == RCN_YAML_ALIAS ? (const struct rcn_yaml_node *)key->target : key;
    struct rcn_diag *diag =
        rcn_diags_error(decoder->diags, "duplicate-key", rcn_yaml_get_span(key, decoder->text),
                        "duplicate key '%s'", rcn_quote_node(quoted, word));
    rcn_diag_set_note(decoder->diags, diag, rcn_yaml_get_span(first, decoder->text),
                      "first defined here");
    if (is_merge_key(word))
        rcn_diag_set_hint(decoder->diags, diag, "merge several mappings with '<<: [*a, *b]'");
}

static struct rcn_yaml_node *find_earlier(struct rcn_yaml_node *mapping, struct rcn_yaml_node *key)
{
    const struct rcn_yaml_node *word = rcn_yaml_resolve(key);
    for (struct rcn_yaml_node *other = mapping->first; other != key; other = other->next->next)
        if (is_same_key(rcn_yaml_resolve(other), word))
            return other;
    return NULL;
}

static struct rcn_yaml_node *find_in_map(struct rcn_strmap *map, struct rcn_yaml_node *key)
{
    const struct rcn_yaml_node *word = rcn_yaml_resolve(key);
    if (word->kind != RCN_YAML_SCALAR)
        return NULL;
    void **place = rcn_strmap_put(map, word->text, word->len);
    struct rcn_yaml_node *first = *place;
    if (!first)
        *place = key;
    return first;
}

static void check_keys(struct rcn_decoder *decoder, struct rcn_yaml_node *mapping)
{
    bool many = mapping->len > 2 * FEW_KEYS;
    struct rcn_strmap *map = many ? rcn_strmap_new(mapping->len / 2) : NULL;
    for (struct rcn_yaml_node *key = mapping->first; key; key = key->next->next) {
        const struct rcn_yaml_node *first =
            many ? find_in_map(map, key) : find_earlier(mapping, key);
        /* An unknown key that is there twice is two mistakes, not three. */
        if (first && rcn_node_report(key, RCN_REPORTED_KEY))
            report_duplicate(decoder, key, first);
    }
    rcn_strmap_free(map);
}

void rcn_mapping_check_duplicates(struct rcn_decoder *decoder, struct rcn_yaml_node *node)
{
    if (node->kind == RCN_YAML_MAPPING)
        check_keys(decoder, node);
    if (node->kind != RCN_YAML_MAPPING && node->kind != RCN_YAML_SEQUENCE)
        return;
    /* Not through aliases: their target is checked where it is written. */
    for (struct rcn_yaml_node *child = node->first; child; child = child->next)
        if (child->kind != RCN_YAML_SCALAR)
            rcn_mapping_check_duplicates(decoder, child);
}
