/*
 * expand.h: `${NAME}`, `${NAME:-default}` and `$${` in the value of a field (SPEC 2).
 *
 * A default is plain text up to the first `}`. What a variable holds is never looked into again, so
 * it can bring in neither another variable nor a new key.
 */
#ifndef RCN_MANIFEST_EXPAND_H
#define RCN_MANIFEST_EXPAND_H

#include <stdbool.h>

#include "manifest/decoder.h"

/* True when the scalar's text has `${` in it. */
bool rcn_has_variable(const struct rcn_yaml_node *scalar);

/*
 * Puts the scalar's text, replaced, into decoder->scratch. False when it cannot be: told at the
 * column of the `${` (rules undefined-variable, bad-variable, limit, encoding).
 */
bool rcn_expand(struct rcn_decoder *decoder, const struct rcn_slot *slot);

#endif
