/*
 * fields.h: the value of one field, judged.
 *
 * Each function returns what it read, or NULL (RCN_ABSENT) after telling what is wrong. The slot
 * must have a key. Strings live in the set's arena.
 */
#ifndef RCN_MANIFEST_FIELDS_H
#define RCN_MANIFEST_FIELDS_H

#include <stdint.h>

#include "manifest/decoder.h"
#include "model/audience_sync.h"

/* A string, shared with equal ones; never empty where the field has a meaning of its own. */
const char *rcn_field_read_text(struct rcn_decoder *decoder, const struct rcn_slot *slot,
                                enum rcn_field field);

/* audienceName: not empty, not padded, nothing hidden (SPEC 2). */
const char *rcn_field_read_name(struct rcn_decoder *decoder, const struct rcn_slot *slot);

/* audienceName of an ignore: not empty, no control characters. */
const char *rcn_field_read_glob(struct rcn_decoder *decoder, const struct rcn_slot *slot);

/* segmentId, predefinedSegmentId, id: opaque, but not empty, padded or with hidden characters. */
const char *rcn_field_read_id(struct rcn_decoder *decoder, const struct rcn_slot *slot,
                              enum rcn_field field);

/* companyId: an id that can stand in an HTTP header (printable ASCII). */
const char *rcn_field_read_company(struct rcn_decoder *decoder, const struct rcn_slot *slot);

const char *rcn_field_read_ad_account(struct rcn_decoder *decoder, const struct rcn_slot *slot);
const char *rcn_field_read_frequency(struct rcn_decoder *decoder, const struct rcn_slot *slot);
enum rcn_tristate rcn_field_read_active(struct rcn_decoder *decoder, const struct rcn_slot *slot);

/* `2026-12-31`; ret_ms is its first instant, UTC. */
const char *rcn_field_read_date(struct rcn_decoder *decoder, const struct rcn_slot *slot,
                                int64_t *ret_ms);

/*
 * True when the slot's value is of this type; else tells wrong-type as `'%s' must be a list, not
 * ...`. what is the field's name, or words for an item of a list.
 */
bool rcn_slot_is(struct rcn_decoder *decoder, const struct rcn_slot *slot, enum rcn_yaml_type type,
                 const char *what);

#endif
