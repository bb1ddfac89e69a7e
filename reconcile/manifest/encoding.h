/*
 * encoding.h: from the bytes that a person wrote to characters: which bytes the YAML library may
 * see, and from its marks back to places.
 *
 * The library reads ahead in large blocks and gives up a whole block for one bad byte, so bytes are
 * judged here, and exactly: UTF-8 with or without a byte order mark, without NUL and the other
 * control characters that YAML forbids (YAML 1.2, 5.1).
 *
 * The library counts lines as YAML 1.1 does (U+0085, U+2028 and U+2029 end one); editors do not.
 * Its character index is sound, so places are found by walking the bytes up to an index. Walking
 * forward only, a whole text costs one pass. A line ends with LF, CR LF or a CR alone. A byte order
 * mark is no column.
 */
#ifndef RCN_MANIFEST_ENCODING_H
#define RCN_MANIFEST_ENCODING_H

#include <stddef.h>
#include <stdint.h>

#include "base/diag.h"
#include "base/span.h"

/*
 * Returns how many bytes from the start may be parsed. Less than text->len: the first fault went to
 * diags (rule `encoding`, or `limit` for a hostile number of %TAG lines, which cost the library
 * quadratic time).
 */
size_t rcn_encoding_check(const struct rcn_text *text, struct rcn_diags *diags);

struct rcn_place {
    size_t offset; /* in bytes, from the start of the text */
    size_t index;  /* in characters, from the end of a byte order mark */
    uint32_t line; /* from 1 */
    uint32_t column;
};

/* The length of the byte order mark of UTF-8 at the start of the text: 3 or 0. */
size_t rcn_text_get_mark_len(const struct rcn_text *text);

/* The first character. */
struct rcn_place rcn_place_get_start(const struct rcn_text *text);

/* Moves forward to a character or to a byte; not past the end, never back. */
void rcn_place_move_to_index(struct rcn_place *place, const struct rcn_text *text, size_t index);
void rcn_place_move_to_offset(struct rcn_place *place, const struct rcn_text *text, size_t offset);

struct rcn_span rcn_place_get_span(const struct rcn_place *place, const struct rcn_text *text);

#endif
