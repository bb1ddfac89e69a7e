/*
 * words.h: a line that is broken between words where a terminal is too narrow for it.
 */
#ifndef RCN_REPORT_WORDS_H
#define RCN_REPORT_WORDS_H

#include <stddef.h>

#include "base/buf.h"

/*
 * Appends text (escaped already) and a line end. `start` columns of the line are used already, and
 * what does not fit goes on in lines that are indented by `indent`. width: columns of the terminal;
 * 0: no terminal, nothing is broken, as on one that is too narrow to gain from it. A word is never
 * broken, and a number not from the word after it.
 */
void rcn_words_add(struct rcn_buf *out, const char *text, size_t start, size_t indent,
                   size_t width);

#endif
