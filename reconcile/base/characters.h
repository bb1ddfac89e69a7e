/*
 * characters.h: what a name may not have in it, because nobody would see it.
 */
#ifndef RCN_BASE_CHARACTERS_H
#define RCN_BASE_CHARACTERS_H

#include <stdbool.h>
#include <stddef.h>

/* White space in the sense of Unicode. len is not 0, text is valid UTF-8 (for all three). */
bool rcn_text_begins_with_space(const char *text, size_t len);
bool rcn_text_ends_with_space(const char *text, size_t len);

/*
 * The first hidden character, or 0. One where it belongs is not counted (both: base/unicode.h).
 */
unsigned rcn_text_find_hidden(const char *text, size_t len);

#endif
