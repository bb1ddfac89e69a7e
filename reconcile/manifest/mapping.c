#include "manifest/decoder.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/suggest.h"
#include "base/unicode.h"

/* A million syncs have fewer; entries of forEach, aliases and merge keys can multiply. */
enum { MAX_READ_KEYS = 20000000 };

#define IN_DOCUMENT RCN_MAPPING_DOCUMENT
#define IN_SYNC RCN_MAPPING_SYNC
#define IN_IGNORE RCN_MAPPING_IGNORE
#define IN_DEFAULTS_AND_SYNC (RCN_MAPPING_DEFAULTS | RCN_MAPPING_SYNC)

const struct rcn_key_info rcn_keys[RCN_KEY_COUNT] = {
    [RCN_KEY_API_VERSION] = {"apiVersion", "api-version", IN_DOCUMENT, false},
    [RCN_KEY_COMPANY_ID] = {"companyId", "bad-id", IN_DOCUMENT, true},
    [RCN_KEY_FOR_EACH] = {"forEach", "bad-text", IN_DOCUMENT, true},
    [RCN_KEY_DEFAULTS] = {"defaults", NULL, IN_DOCUMENT, true},
    [RCN_KEY_AUDIENCE_SYNCS] = {"audienceSyncs", NULL, IN_DOCUMENT, false},
    [RCN_KEY_IGNORE] = {"ignore", NULL, IN_DOCUMENT, false},
    [RCN_KEY_AUDIENCE_NAME] = {"audienceName", "bad-name", IN_SYNC, false},
    [RCN_KEY_SEGMENT_ID] = {"segmentId", "bad-id", IN_SYNC, false},
    [RCN_KEY_PREDEFINED_SEGMENT_ID] = {"predefinedSegmentId", "bad-id", IN_SYNC, false},
    [RCN_KEY_SEGMENT] = {"segment", "bad-id", IN_SYNC, false},
    [RCN_KEY_AD_ACCOUNT_ID] = {"adAccountId", "bad-ad-account", IN_DEFAULTS_AND_SYNC | IN_IGNORE,
                               false},
    [RCN_KEY_AD_ACCOUNT] = {"adAccount", "bad-id", IN_DEFAULTS_AND_SYNC, false},
    [RCN_KEY_PATTERN] = {"audienceName", "bad-name", IN_IGNORE, false},
    [RCN_KEY_FREQUENCY] = {"frequency", "bad-frequency", IN_DEFAULTS_AND_SYNC, true},
    [RCN_KEY_IS_ACTIVE] = {"isActive", "wrong-type", IN_DEFAULTS_AND_SYNC, true},
    [RCN_KEY_LABELS] = {"labels", "bad-label", IN_DEFAULTS_AND_SYNC, true},
    [RCN_KEY_ID] = {"id", "bad-id", IN_SYNC, true},
    [RCN_KEY_REPLACES] = {"replaces", "bad-id", IN_SYNC, true},
    [RCN_KEY_REASON] = {"reason", "bad-text", IN_IGNORE, true},
    [RCN_KEY_UNTIL] = {"until", "bad-date", IN_IGNORE, true},
};

static enum rcn_key find_key(unsigned type, const char *word)
{
    for (enum rcn_key key = 0; key < RCN_KEY_COUNT; key++)
        if (rcn_keys[key].in & type && strcmp(word, rcn_keys[key].name) == 0)
            return key;
    return RCN_KEY_COUNT;
}

static const char *name_type(enum rcn_mapping_type type)
{
    return type == RCN_MAPPING_DEFAULTS ? "'defaults'"
           : type == RCN_MAPPING_SYNC   ? "an item of 'audienceSyncs'"
           : type == RCN_MAPPING_IGNORE ? "an item of 'ignore'"
           : type == RCN_MAPPING_LABELS ? "'labels'"
                                        : "an entry of 'forEach'";
}

/* --- unknown keys --- */

static size_t list_names(enum rcn_mapping_type type, const char *ret[RCN_KEY_COUNT])
{
    size_t count = 0;
    for (enum rcn_key key = 0; key < RCN_KEY_COUNT; key++)
        if (rcn_keys[key].in & type)
            ret[count++] = rcn_keys[key].name;
    return count;
}

/* The key of this type that the unknown word seems to mean. */
static enum rcn_key guess_key(enum rcn_mapping_type type, const char *word)
{
    /* Words of the vendor's own command line, and near ones: too far for the edit distance. */
    static const struct {
        const char *word;
        enum rcn_key key;
    } synonyms[] = {
        {"name", RCN_KEY_AUDIENCE_NAME},
        {"name", RCN_KEY_PATTERN},
        {"template", RCN_KEY_PREDEFINED_SEGMENT_ID},
        {"templateId", RCN_KEY_PREDEFINED_SEGMENT_ID},
        {"account", RCN_KEY_AD_ACCOUNT_ID},
        {"active", RCN_KEY_IS_ACTIVE},
        {"enabled", RCN_KEY_IS_ACTIVE},
        {"company", RCN_KEY_COMPANY_ID},
        {"tags", RCN_KEY_LABELS},
        {"syncs", RCN_KEY_AUDIENCE_SYNCS},
        {"audiences", RCN_KEY_AUDIENCE_SYNCS},
    };
    const char *names[RCN_KEY_COUNT];
    const char *near = rcn_suggest(word, names, list_names(type, names));
    if (near)
        return find_key(type, near);
    for (size_t i = 0; i < sizeof synonyms / sizeof *synonyms; i++)
        if (strcasecmp(word, synonyms[i].word) == 0 && rcn_keys[synonyms[i].key].in & type)
            return synonyms[i].key;
    return RCN_KEY_COUNT;
}

/* Hints where the key belongs, if it is valid in another mapping, or which keys this one has. */
static void hint_place(struct rcn_decoder *decoder, struct rcn_diag *diag,
                       enum rcn_mapping_type type, const char *word)
{
    const char *hint = NULL;
    const char *names[RCN_KEY_COUNT];
    unsigned in = 0;
    for (enum rcn_key key = 0; key < RCN_KEY_COUNT; key++)
        in |= strcmp(word, rcn_keys[key].name) == 0 ? rcn_keys[key].in : 0;
    if (in & RCN_MAPPING_DOCUMENT)
        hint = "this key belongs to the document, beside 'apiVersion'";
    else if (type == RCN_MAPPING_DOCUMENT && in & RCN_MAPPING_DEFAULTS)
        hint = "put it under 'defaults', or into the items of 'audienceSyncs'";
    else if (in)
        hint = in & RCN_MAPPING_SYNC ? "this key belongs to an item of 'audienceSyncs'"
                                     : "this key belongs to an item of 'ignore'";
    else if (type == RCN_MAPPING_DOCUMENT)
        hint = "keys of your own begin with 'x-'";
    if (hint) {
        rcn_diag_set_hint(decoder->diags, diag, "%s", hint);
        return;
    }
    size_t count = list_names(type, names);
    for (size_t i = 0; i < count; i++)
        hint = rcn_arena_printf(decoder->diags->arena, "%s%s%s", i ? hint : "",
                                !i              ? ""
                                : i + 1 < count ? ", "
                                                : " and ",
                                names[i]);
    rcn_diag_set_hint(decoder->diags, diag, "%s has %s",
                      type == RCN_MAPPING_SYNC ? "a sync" : name_type(type), hint);
}

/* A space that no one sees as another character; 0: none. */
static unsigned find_odd_space(const struct rcn_yaml_node *word)
{
    for (size_t at = 0; at < word->len;) {
        unsigned code_point;
        at += rcn_utf8_decode(word->text + at, word->len - at, &code_point);
        if (code_point > 0x7f &&
            (rcn_unicode_is_space(code_point) || rcn_unicode_is_hidden(code_point)))
            return code_point;
    }
    return 0;
}

static void add_unknown(struct rcn_decoder *decoder, enum rcn_mapping_type type,
                        const struct rcn_slot *word, struct rcn_mapping *ret)
{
    char quoted[RCN_QUOTE_SIZE];
    rcn_quote(quoted, word->value->text);
    /* Once nothing more can be shown, guessing would only cost minutes for a hostile text. */
    bool is_full = decoder->diags->count == RCN_DIAGS_MAX;
    enum rcn_key guess = is_full ? RCN_KEY_COUNT : guess_key(type, quoted);
    enum rcn_key meant = guess == RCN_KEY_COUNT ? find_key(RCN_MAPPING_SYNC, quoted) : guess;
    if (meant != RCN_KEY_COUNT)
        ret->meant |= UINT32_C(1) << meant;
    struct rcn_diag *diag = rcn_decoder_fault(decoder, word, RCN_REPORTED_KEY, "unknown-key", NULL,
                                              "unknown key '%s'", quoted);
    if (!diag)
        return;
    unsigned space = find_odd_space(word->value);
    if (space)
        rcn_diag_set_hint(decoder->diags, diag,
                          "it holds the character U+%04X%s: write a plain space or nothing", space,
                          space == 0xa0 ? ", a no-break space" : "");
    else if (guess != RCN_KEY_COUNT)
        rcn_diag_set_hint(decoder->diags, diag, "did you mean '%s'?", rcn_keys[guess].name);
    else
        hint_place(decoder, diag, type, quoted);
}

/* --- keys and merging --- */

static bool is_same_word(const struct rcn_yaml_node *a, const struct rcn_yaml_node *b)
{
    return a->len == b->len && a->kind == RCN_YAML_SCALAR && b->kind == RCN_YAML_SCALAR &&
           memcmp(a->text, b->text, a->len) == 0;
}

static void add_pair(struct rcn_decoder *decoder, enum rcn_mapping_type type,
                     struct rcn_yaml_node *key_node, const struct rcn_yaml_node *use,
                     struct rcn_mapping *ret)
{
    const struct rcn_slot word = {.value = rcn_yaml_resolve(key_node), .use = use};
    struct rcn_slot found = rcn_slot_get(key_node->next, use);
    found.key = word.value;
    if (found.key->kind != RCN_YAML_SCALAR) {
        ret->is_incomplete |= found.key->kind == RCN_YAML_BAD;
        if (found.key->kind != RCN_YAML_BAD)
            rcn_decoder_fault(decoder, &word, RCN_REPORTED_KEY, "wrong-type", NULL,
                              "a key must be a string, not %s",
                              rcn_yaml_type_name(found.key->type));
        return;
    }
    size_t at = 0;
    if (type & RCN_MAPPING_FREE) {
        while (at < ret->pair_count && !is_same_word(ret->slots[at].key, found.key))
            at++;
        if (at == RCN_PAIRS_MAX) {
            const struct rcn_slot place = {.value = found.key};
            rcn_decoder_fault(decoder, &place, RCN_REPORTED_SHAPE, "limit", NULL,
                              "more than %d keys in one mapping", RCN_PAIRS_MAX);
        } else if (at == ret->pair_count) {
            ret->slots[ret->pair_count++] = found;
        }
        return;
    }
    at =
        strlen(found.key->text) == found.key->len ? find_key(type, found.key->text) : RCN_KEY_COUNT;
    bool is_free = type == RCN_MAPPING_DOCUMENT && strncmp(found.key->text, "x-", 2) == 0;
    if (at == RCN_KEY_COUNT && !is_free)
        add_unknown(decoder, type, &word, ret);
    else if (at != RCN_KEY_COUNT && !ret->slots[at].key)
        ret->slots[at] = found;
}

/* The mapping's own keys, then those that it merges. */
static void read_into(struct rcn_decoder *decoder, enum rcn_mapping_type type,
                      const struct rcn_slot *slot, struct rcn_mapping *ret)
{
    struct rcn_yaml_node *first = slot->value->first;
    bool merges = false;
    decoder->read_keys += slot->value->len / 2;
    if (decoder->read_keys > MAX_READ_KEYS && !decoder->is_full)
        rcn_diags_error(decoder->diags, "limit", rcn_decoder_get_span(decoder, slot->value),
                        "more than %d keys, those of each entry of 'forEach' counted",
                        MAX_READ_KEYS);
    decoder->is_full |= decoder->read_keys > MAX_READ_KEYS;
    ret->is_incomplete |= decoder->is_full;
    if (decoder->is_full)
        return;
    for (struct rcn_yaml_node *key = first; key; key = key->next->next) {
        if (rcn_yaml_resolve(key)->is_merge_key)
            merges = true;
        else
            add_pair(decoder, type, key, slot->use, ret);
    }
    for (struct rcn_yaml_node *key = merges ? first : NULL; key; key = key->next->next) {
        if (!rcn_yaml_resolve(key)->is_merge_key)
            continue;
        const struct rcn_slot merged = rcn_slot_get(key->next, slot->use);
        bool is_list = merged.value->type == RCN_YAML_IS_SEQUENCE;
        struct rcn_yaml_node *node = is_list ? merged.value->first : merged.value;
        for (; node; node = is_list ? node->next : NULL) {
            const struct rcn_slot item = rcn_slot_get(node, merged.use);
            if (item.value->type == RCN_YAML_IS_MAPPING) {
                read_into(decoder, type, &item, ret);
                continue;
            }
            ret->is_incomplete = true;
            if (item.value->type != RCN_YAML_IS_BAD)
                rcn_decoder_fault(decoder, &item, RCN_REPORTED_SHAPE, "wrong-type", NULL,
                                  "'<<' takes a mapping or a list of mappings, not %s",
                                  rcn_yaml_type_name(item.value->type));
        }
    }
}

bool rcn_mapping_read(struct rcn_decoder *decoder, enum rcn_mapping_type type,
                      const struct rcn_slot *slot, struct rcn_mapping *ret)
{
    ret->place = *slot;
    memset(ret->slots, 0, RCN_KEY_COUNT * sizeof *ret->slots);
    ret->pair_count = 0;
    ret->meant = 0;
    ret->is_incomplete = false;
    if (type != RCN_MAPPING_DOCUMENT &&
        !rcn_value_is(decoder, slot, RCN_YAML_IS_MAPPING, name_type(type)))
        return false;
    read_into(decoder, type, slot, ret);
    return true;
}

bool rcn_mapping_misses(const struct rcn_mapping *mapping, enum rcn_key key)
{
    return !mapping->slots[key].key && !mapping->is_incomplete && !(mapping->meant >> key & 1);
}

void rcn_mapping_report_missing(struct rcn_decoder *decoder, const struct rcn_mapping *mapping,
                                enum rcn_key key, const char *hint)
{
    if (rcn_mapping_misses(mapping, key))
        rcn_decoder_fault(decoder, &mapping->place, key, "missing-field", hint, "'%s' is missing",
                          rcn_keys[key].name);
}

/* --- duplicate keys --- */

/* Above so many keys, a map finds duplicates instead of comparing each with each. */
enum { FEW_KEYS = 24 };

void rcn_mapping_check_duplicates(struct rcn_decoder *decoder, struct rcn_yaml_node *node)
{
    char quoted[RCN_QUOTE_SIZE];
    struct rcn_diags *diags = decoder->diags;
    bool is_mapping = node->kind == RCN_YAML_MAPPING;
    bool has_many = is_mapping && node->len > 2 * FEW_KEYS;
    struct rcn_strmap *map = has_many ? rcn_strmap_new(node->len / 2) : NULL;
    for (struct rcn_yaml_node *key = is_mapping ? node->first : NULL; key; key = key->next->next) {
        const struct rcn_yaml_node *word = rcn_yaml_resolve(key);
        struct rcn_yaml_node *first = map ? key : node->first;
        if (map && word->kind == RCN_YAML_SCALAR) {
            void **place = rcn_strmap_put(map, word->text, word->len);
            first = *place = *place ? *place : key;
        }
        while (first != key && !is_same_word(rcn_yaml_resolve(first), word))
            first = first->next->next;
        /* An unknown key that is there twice is two mistakes, not three. */
        if (first == key || !rcn_node_report(key, RCN_REPORTED_KEY))
            continue;
        struct rcn_diag *diag =
            rcn_diags_error(diags, "duplicate-key", rcn_decoder_get_span(decoder, key),
                            "duplicate key '%s'", rcn_quote(quoted, word->text));
        rcn_diag_set_note(diags, diag, rcn_decoder_get_span(decoder, first), "first defined here");
        if (word->is_merge_key)
            rcn_diag_set_hint(diags, diag, "merge several mappings with '<<: [*a, *b]'");
    }
    rcn_strmap_free(map);
    /* Not through aliases: their target is checked where it is written. */
    if (is_mapping || node->kind == RCN_YAML_SEQUENCE)
        for (struct rcn_yaml_node *child = node->first; child; child = child->next)
            rcn_mapping_check_duplicates(decoder, child);
}
