/*
 * mapping.h: the known keys of a mapping, merge keys applied.
 *
 * Merging (`<<`, an alias or a list of them): a key of the mapping itself wins, then the earlier
 * one in the list. Unknown keys are told here, whatever mapping they were merged from.
 */
#ifndef RCN_MANIFEST_MAPPING_H
#define RCN_MANIFEST_MAPPING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "manifest/decoder.h"

/* A kind of mapping: which keys it has. */
struct rcn_mapping_type {
    const char *name; /* `a sync`: for messages */
    const enum rcn_field *fields;
    size_t count;
    bool has_free_keys; /* keys that begin with `x-` are the author's own */
};

extern const struct rcn_mapping_type rcn_document_type;
extern const struct rcn_mapping_type rcn_defaults_type;
extern const struct rcn_mapping_type rcn_sync_type;
extern const struct rcn_mapping_type rcn_ignore_type;

/* A mapping taken apart. */
struct rcn_mapping {
    struct rcn_yaml_node *node;
    const struct rcn_yaml_node *use; /* the alias that leads to the mapping; NULL: none */
    struct rcn_slot slots[RCN_FIELD_COUNT];
    uint32_t meant;     /* bits of fields that an unknown key seems to mean: not missed again */
    bool is_incomplete; /* something could not be merged, which was told: nothing is missed */
};

/* Takes a mapping node (resolved) apart. */
void rcn_mapping_read(struct rcn_decoder *decoder, const struct rcn_mapping_type *type,
                      struct rcn_yaml_node *node, const struct rcn_yaml_node *use,
                      struct rcn_mapping *ret);

/* True when the field is absent, and nothing that was told already explains it. */
bool rcn_mapping_misses(const struct rcn_mapping *mapping, enum rcn_field field);

/* Tells of such a field (rule missing-field) at the mapping; hint may be NULL. */
void rcn_mapping_report_missing(struct rcn_decoder *decoder, const struct rcn_mapping *mapping,
                                enum rcn_field field, const char *hint);

/*
 * Tells every key that stands twice in one mapping, anywhere below the node. To be called before
 * the mappings are read: what it told is not told as unknown again.
 */
void rcn_mapping_check_duplicates(struct rcn_decoder *decoder, struct rcn_yaml_node *node);

#endif
