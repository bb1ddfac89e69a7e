/*
 * place.h: from the library's marks to places in the bytes that a person wrote.
 *
 * The library counts lines as YAML 1.1 does (U+0085, U+2028 and U+2029 end one); editors do not.
 * Its character index is sound, so places are found by walking the bytes up to an index. Walking
 * forward only, a whole text costs one pass.
 *
 * A line ends with LF, CR LF or a CR alone. A byte order mark is no column.
 */
#ifndef RCN_MANIFEST_PLACE_H
#define RCN_MANIFEST_PLACE_H

#include <stddef.h>
#include <stdint.h>

#include "base/span.h"

struct rcn_place {
    size_t offset; /* in bytes, from the start of the text */
    size_t index;  /* in characters, from behind a byte order mark */
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
