/*
 * decoder.h: what the files of this room share while texts are decoded, and how they report.
 *
 * Every mistake is reported once, at the place that a person must edit (SPEC 2). A value that is
 * reached through aliases or merge keys is reported at its definition, with a note where it is
 * used; one that comes from an entry of `forEach`, in that entry. Bits in the node (`reported`)
 * keep a second use silent.
 */
#ifndef RCN_MANIFEST_DECODER_H
#define RCN_MANIFEST_DECODER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/diag.h"
#include "base/strmap.h"
#include "manifest/manifest.h"
#include "manifest/yaml_tree.h"
#include "model/audience_sync.h"

/* The one value of apiVersion that this program reads. */
#define RCN_API_VERSION "audiencectl/v1"
#define RCN_API_VERSION_HINT "a manifest begins with 'apiVersion: " RCN_API_VERSION "'"

enum {
    RCN_VALUE_MAX = 65536, /* bytes of a value, variables replaced; the API's limit is unknown
                              (api-contract 2.1) */
    RCN_MANIFEST_MAX_ITEMS = 1000000, /* syncs and ignores of a run */
    RCN_PAIRS_MAX = 64,               /* of a mapping whose keys are the author's own */
};

/* The mappings that keys belong to, a bit each. */
enum rcn_mapping_type {
    RCN_MAPPING_DOCUMENT = 1 << 0,
    RCN_MAPPING_DEFAULTS = 1 << 1,
    RCN_MAPPING_SYNC = 1 << 2,
    RCN_MAPPING_IGNORE = 1 << 3,
    RCN_MAPPING_LABELS = 1 << 4,
    RCN_MAPPING_ENTRY = 1 << 5,                                /* of forEach */
    RCN_MAPPING_FREE = RCN_MAPPING_LABELS | RCN_MAPPING_ENTRY, /* its keys are the author's own */
};

/* Every key that a manifest knows; also the bit in `reported` of what was judged as its value. */
enum rcn_key {
    RCN_KEY_API_VERSION,
    RCN_KEY_COMPANY_ID,
    RCN_KEY_FOR_EACH,
    RCN_KEY_DEFAULTS,
    RCN_KEY_AUDIENCE_SYNCS,
    RCN_KEY_IGNORE,
    RCN_KEY_AUDIENCE_NAME,
    RCN_KEY_SEGMENT_ID,
    RCN_KEY_PREDEFINED_SEGMENT_ID,
    RCN_KEY_SEGMENT,
    RCN_KEY_AD_ACCOUNT_ID,
    RCN_KEY_AD_ACCOUNT,
    RCN_KEY_PATTERN, /* audienceName of an ignore */
    RCN_KEY_FREQUENCY,
    RCN_KEY_IS_ACTIVE,
    RCN_KEY_LABELS,
    RCN_KEY_ID,
    RCN_KEY_REPLACES,
    RCN_KEY_REASON,
    RCN_KEY_UNTIL,
    RCN_KEY_COUNT,
    /* bits that are no keys */
    RCN_REPORTED_SHAPE, /* of what kind the node is */
    RCN_REPORTED_KEY,
    RCN_REPORTED_VARIABLE,
    RCN_REPORTED_TEMPLATE, /* it and what follows: warnings */
    RCN_REPORTED_PLACEHOLDER,
};

struct rcn_key_info {
    const char *name;
    const char *rule; /* that a wrong value breaks */
    unsigned in;      /* the mappings that have it */
    bool is_optional; /* in each of them */
};
extern const struct rcn_key_info rcn_keys[RCN_KEY_COUNT];

/* Where a value is. */
struct rcn_slot {
    struct rcn_yaml_node *key;       /* NULL: absent */
    struct rcn_yaml_node *value;     /* resolved */
    const struct rcn_yaml_node *use; /* the alias that leads to the value; NULL: none */
};

/* Of a node without a key; use: the alias that leads to what holds the node, or NULL. */
static inline struct rcn_slot rcn_slot_get(struct rcn_yaml_node *node,
                                           const struct rcn_yaml_node *use)
{
    return (struct rcn_slot){.value = rcn_yaml_resolve(node),
                             .use = node->kind == RCN_YAML_ALIAS ? node : use};
}

/* An entry of `forEach`; nodes[i] is where the value of pairs[i] is written. */
struct rcn_entry {
    struct rcn_span_entry shown;
    struct rcn_yaml_node **nodes;
};

struct rcn_decoder {
    struct rcn_desired_set *set;
    const struct rcn_text *text;
    struct rcn_variables *variables; /* NULL: none are defined */
    const struct rcn_entry *entry;   /* of the document's forEach; NULL: it has none */
    struct rcn_diags *diags;
    struct rcn_buf scratch; /* a value with its variables replaced */
    /* The value `of` is nothing but a variable of the entry, which is written in `blamed`. */
    const struct rcn_yaml_node *of;
    struct rcn_yaml_node *blamed;
    bool is_entry_bad; /* the value that was just read needs a value of the entry that is wrong */
    size_t replaced_bytes; /* what replacing has made so far, over all texts */
    size_t read_items;     /* items that were read so far, over all texts and entries */
    size_t read_keys;      /* entries of forEach */
    bool is_full;          /* a limit on the set as a whole was reported */
    bool is_incomplete;    /* something was not read to its end: what it uses is not known */
};

/* --- value.c: what every file needs to report, and the value of one key --- */

/* True the first time it is asked of a node and a bit. */
bool rcn_node_report(struct rcn_yaml_node *node, unsigned bit);
bool rcn_node_is_reported(const struct rcn_yaml_node *node, unsigned bit);

/* A diagnostic of the value of the slot, reported once for each bit; its use becomes a note. hint:
 * as it is, or NULL. Returns NULL when it was reported before, or could only be counted. */
struct rcn_diag *rcn_decoder_fault(struct rcn_decoder *self, const struct rcn_slot *slot,
                                   unsigned bit, const char *rule, const char *hint,
                                   const char *format, ...) __attribute__((format(printf, 6, 7)));

/* The place of the node in the entry that is read now. */
struct rcn_span rcn_decoder_get_span(const struct rcn_decoder *self,
                                     const struct rcn_yaml_node *node);

/* Adds the note `used here`, unless the use is NULL. */
void rcn_decoder_note_use(struct rcn_decoder *self, struct rcn_diag *diag,
                          const struct rcn_yaml_node *use);

/* The start of a text for a message: at most 60 bytes, cut at a character. */
enum { RCN_QUOTE_SIZE = 64 };
const char *rcn_quote(char ret[RCN_QUOTE_SIZE], const char *text);

/* An array from malloc of count elements, with room for one more. */
void *rcn_decoder_reserve(void *items, size_t count, size_t size);

/* The string in the slot, in the set's arena, judged as the value of the key; NULL when the slot is
 * absent, and after reporting what is wrong. ret_span (NULL: not asked for): the place to edit when
 * someone finds the value wrong later; untouched when absent. */
const char *rcn_value_read(struct rcn_decoder *decoder, const struct rcn_slot *slot,
                           enum rcn_key key, struct rcn_span *ret_span);

/* False when the slot's value is not of this type: reported as `%s must be a list, not ...`. what:
 * the quoted name of the key, or words for an item of a list. */
bool rcn_value_is(struct rcn_decoder *decoder, const struct rcn_slot *slot, enum rcn_yaml_type type,
                  const char *what);

/* --- variables.c: the names and values that manifest.h has --- */

enum rcn_variable_origin { RCN_VARIABLE_ENVIRONMENT, RCN_VARIABLE_FILE, RCN_VARIABLE_ASSIGNED };

struct rcn_variable {
    struct rcn_variable *before; /* defined earlier */
    enum rcn_variable_origin origin;
    const char *name;
    const char *value;    /* NULL: the value is wrong, which was reported */
    struct rcn_span span; /* in a file */
    bool is_used;
};

struct rcn_variables {
    struct rcn_arena *arena; /* names, values, the bytes of files */
    struct rcn_strmap *map;  /* the definition that holds */
    struct rcn_variable *last;
    bool is_incomplete; /* a file could not be read to its end, which was reported */
};

/* NULL when it is not defined; variables may be NULL. */
struct rcn_variable *rcn_variables_find(const struct rcn_variables *variables, const char *name);

/* Reports what no manifest uses (unused-variable): a --var is an error, a name of a --var-file is a
 * warning. The environment is not judged. */
void rcn_variables_report_unused(const struct rcn_variables *variables, struct rcn_diags *diags);

/* The length of the name at the start of the text: a letter or `_`, then letters, digits and `_`.
 */
size_t rcn_variable_get_name_len(const char *text);

/* False when the key is no name of a variable, which was reported (rule bad-variable). */
bool rcn_variable_check_name(struct rcn_decoder *decoder, struct rcn_yaml_node *key);

/* Puts the scalar's text, its `${NAME}` replaced, into scratch and sets `of` and `blamed`. False
 * when it cannot be, which is reported at the column of the `${`. A value is not expanded again. */
bool rcn_expand(struct rcn_decoder *decoder, const struct rcn_slot *slot);

/* Marks every variable that a scalar below the node names as used: in the variables (or NULL), and
 * in ret_used, one flag for the key of each name. */
void rcn_mark_used(const struct rcn_yaml_node *node, const struct rcn_variables *variables,
                   const struct rcn_pair *names, bool *ret_used, size_t count);

/* --- mapping.c: the keys of a mapping, merge keys (`<<`) applied --- */

/* A mapping taken apart. A key of the mapping itself wins over merged ones, then the earlier one of
 * the list. */
struct rcn_mapping {
    struct rcn_slot place;
    struct rcn_slot slots[RCN_PAIRS_MAX]; /* by key; of a free mapping in the order of the text */
    size_t pair_count;                    /* of a free mapping */
    uint32_t meant;     /* bits of keys that an unknown one seems to mean: not missed again */
    bool is_incomplete; /* something could not be merged, which was reported: nothing is missed */
};

/* Takes the slot's value apart; unknown keys are reported here. False when it is no mapping, which
 * was reported. */
bool rcn_mapping_read(struct rcn_decoder *decoder, enum rcn_mapping_type type,
                      const struct rcn_slot *slot, struct rcn_mapping *ret);

/* True when the key is absent, and nothing that was reported already explains it. */
bool rcn_mapping_misses(const struct rcn_mapping *mapping, enum rcn_key key);

/* Reports such a key (rule missing-field) at the mapping; hint may be NULL. */
void rcn_mapping_report_missing(struct rcn_decoder *decoder, const struct rcn_mapping *mapping,
                                enum rcn_key key, const char *hint);

/* Reports every key that is in one mapping twice, anywhere below the node. Comes before the
 * mappings are read: what it reported is not reported as unknown again. */
void rcn_mapping_check_duplicates(struct rcn_decoder *decoder, struct rcn_yaml_node *node);

/* --- check.c --- */

/* What crosses syncs. is_first: nothing was checked before. */
void rcn_manifest_check(struct rcn_desired_set *set, bool is_first, struct rcn_diags *diags);

/* --- document.c --- */

/* Decodes a document that is, or is meant as, a manifest: its syncs and ignores go to the set. */
void rcn_document_decode(struct rcn_decoder *decoder, struct rcn_yaml_node *root);

#endif
