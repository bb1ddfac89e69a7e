/*
 * words.h: a line that is broken between words where a terminal is too narrow for it.
 */
#ifndef RCN_REPORT_WORDS_H
#define RCN_REPORT_WORDS_H

#include <stddef.h>

#include "base/buf.h"

/*
 * Appends text (escaped already) and a line end. It begins behind `indent` columns that are on the
 * line already, and goes on below its beginning. width: columns of the terminal; 0: no terminal,
 * nothing is broken, as on one that is too narrow to gain from it. A word is never broken, and a
 * number not from the word behind it.
 */
void rcn_words_add(struct rcn_buf *out, const char *text, size_t indent, size_t width);

#endif
