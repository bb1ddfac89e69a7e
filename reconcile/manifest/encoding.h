/*
 * encoding.h: what must hold for the bytes of a text before the YAML library sees them.
 *
 * The library reads ahead in large blocks and gives up a whole block for one bad byte, so bytes are
 * judged here, and exactly: UTF-8 with or without a byte order mark, without NUL and the other
 * control characters that YAML forbids (YAML 1.2, 5.1).
 */
#ifndef RCN_MANIFEST_ENCODING_H
#define RCN_MANIFEST_ENCODING_H

#include <stddef.h>

#include "base/diag.h"
#include "base/span.h"

/*
 * Returns how many bytes from the start may be parsed. Less than text->len: the first fault went to
 * diags (rule `encoding`, or `limit` for a hostile number of %TAG lines, which cost the library
 * quadratic time).
 */
size_t rcn_encoding_check(const struct rcn_text *text, struct rcn_diags *diags);

#endif
