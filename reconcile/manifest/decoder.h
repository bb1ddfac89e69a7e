/*
 * decoder.h: what the files of this room share while texts are decoded, and how they complain.
 *
 * Rules of complaining (SPEC 2): every mistake is told once, at the place that a person must edit.
 * A value that is reached through aliases or merge keys is told at its definition, with a note
 * where it is used; bits in the node (`told`) keep a second use silent.
 *
 * Running out of memory sets `no_memory` and is looked at once for each text.
 */
#ifndef RCN_MANIFEST_DECODER_H
#define RCN_MANIFEST_DECODER_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/diag.h"
#include "base/strmap.h"
#include "manifest/manifest.h"
#include "manifest/variables.h"
#include "manifest/yaml_tree.h"

/* The longest value of a field, variables replaced. The API's own limit on names is unknown
 * (api-contract 2.1), so this is far above what anybody means. */
enum { RCN_VALUE_MAX = 65536 };

/* Every key that a manifest knows; also the bit in `told` of what was judged as that field. */
enum rcn_field {
    RCN_FIELD_API_VERSION,
    RCN_FIELD_COMPANY_ID,
    RCN_FIELD_DEFAULTS,
    RCN_FIELD_AUDIENCE_SYNCS,
    RCN_FIELD_IGNORE,
    RCN_FIELD_AUDIENCE_NAME,
    RCN_FIELD_AD_ACCOUNT_ID,
    RCN_FIELD_SEGMENT_ID,
    RCN_FIELD_PREDEFINED_SEGMENT_ID,
    RCN_FIELD_FREQUENCY,
    RCN_FIELD_IS_ACTIVE,
    RCN_FIELD_ID,
    RCN_FIELD_REPLACES,
    RCN_FIELD_REASON,
    RCN_FIELD_UNTIL,
    RCN_FIELD_COUNT,
    /* bits that are no fields */
    RCN_TOLD_SHAPE, /* of what kind the node is */
    RCN_TOLD_KEY,
    RCN_TOLD_VARIABLE,
    RCN_TOLD_TEMPLATE,
};

extern const char *const rcn_field_names[RCN_FIELD_COUNT];

/* Where a field's value stands. */
struct rcn_slot {
    struct rcn_yaml_node *key;       /* NULL: the field is absent */
    struct rcn_yaml_node *value;     /* resolved */
    const struct rcn_yaml_node *use; /* the alias that leads to the value; NULL: none */
};

struct rcn_decoder {
    struct rcn_desired_set *set;
    const struct rcn_text *text;
    const struct rcn_variables *variables; /* NULL: none are defined */
    struct rcn_diags *diags;
    struct rcn_strmap *interned; /* strings that many syncs share, in the set's arena */
    struct rcn_buf scratch;      /* a value with its variables replaced */
    size_t replaced_bytes;       /* what replacing has made so far, over all texts */
    size_t sync_capacity;
    size_t ignore_capacity;
    bool full_told; /* a limit on the set as a whole was told */
    bool no_memory;
};

/* True the first time it is asked of a node and a bit. */
bool rcn_node_tell(struct rcn_yaml_node *node, unsigned bit);
bool rcn_node_is_told(const struct rcn_yaml_node *node, unsigned bit);

/*
 * An error at the value of the slot, told once for each bit; use becomes a note. NULL when it was
 * told before, or could only be counted.
 */
struct rcn_diag *rcn_decoder_fault(struct rcn_decoder *self, const struct rcn_slot *slot,
                                   unsigned bit, const char *rule, const char *format, ...)
    __attribute__((format(printf, 5, 6)));

/* Adds the note `used here`, unless the use is NULL. */
void rcn_decoder_note_use(struct rcn_decoder *self, struct rcn_diag *diag,
                          const struct rcn_yaml_node *use);

/* The start of a text for a message: at most 60 bytes, cut at a character. */
enum { RCN_QUOTE_SIZE = 64 };
const char *rcn_quote(char ret[RCN_QUOTE_SIZE], const char *text, size_t len);

/* The one copy of this text in the set's arena; NULL (and no_memory) when out of memory. */
const char *rcn_decoder_intern(struct rcn_decoder *self, const char *text, size_t len);
/* A copy of its own. */
const char *rcn_decoder_keep(struct rcn_decoder *self, const char *text, size_t len);

#endif
