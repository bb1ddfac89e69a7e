/*
 * unicode.h: what needs knowledge of Unicode. unicode.c is the only file that sees libunistring.
 */
#ifndef RCN_BASE_UNICODE_H
#define RCN_BASE_UNICODE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"

/* The offset of the first byte that is not valid UTF-8, or len when all is valid. */
size_t rcn_utf8_check(const char *text, size_t len);
/* The length of text when it is cut to at most `most` bytes, in front of a character. */
size_t rcn_utf8_cut(const char *text, size_t len, size_t most);
/* Decodes one code point of valid UTF-8 (len > 0). Returns its length in bytes. */
size_t rcn_utf8_decode(const char *text, size_t len, unsigned *ret_code_point);
/* Columns that a terminal needs: 2 for wide characters, 0 for combining ones and for controls. */
size_t rcn_utf8_width(const char *text, size_t len);
/* White space in the sense of Unicode (property White_Space). */
bool rcn_unicode_is_space(unsigned code_point);

/*
 * A character that a terminal, a log viewer or a browser does not show as itself: C0 and C1
 * controls, DEL, line and paragraph separators, bidirectional controls, zero-width and other
 * default-ignorable formatting characters, surrogates and non-characters.
 */
bool rcn_unicode_is_hidden(unsigned code_point);

/*
 * Is a hidden character where it belongs, as a part of how its neighbours are shown? A joiner
 * between two characters that are not ASCII (emoji, Persian, Hindi), a variation selector after
 * the character that it selects the look of (emoji), a tag after a black flag (the flags of
 * regions). before and after are the code points beside it; 0: there is none.
 */
bool rcn_unicode_belongs(unsigned before, unsigned code_point, unsigned after);

/* The first hidden character of a text in valid UTF-8 that is not where it belongs, or 0. */
unsigned rcn_text_find_hidden(const char *text, size_t len);

/* What a name may not be, because no one would see it. The first one that is true; HIDDEN: as
 * above. text is valid UTF-8. */
enum rcn_text_fault {
    RCN_TEXT_GOOD,
    RCN_TEXT_EMPTY,
    RCN_TEXT_BEGINS_WITH_SPACE,
    RCN_TEXT_ENDS_WITH_SPACE,
    RCN_TEXT_HIDDEN,
};
enum rcn_text_fault rcn_text_find_fault(const char *text, size_t len);

/*
 * The text without differences of case and of normal form (NFKC after case folding). Two names with
 * equal folds differ in nothing that people see reliably. With drop_spaces, white space and hidden
 * characters are left out altogether. NULL when text is not valid UTF-8.
 */
char *rcn_unicode_fold(struct rcn_arena *arena, const char *text, bool drop_spaces);

#endif
