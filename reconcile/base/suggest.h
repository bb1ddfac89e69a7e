/*
 * suggest.h: `did you mean ...?`
 */
#ifndef RCN_BASE_SUGGEST_H
#define RCN_BASE_SUGGEST_H

#include <stddef.h>

/*
 * The only candidate that begins with word (of 3 bytes or more), else the nearest to it, or NULL
 * when none is near enough (edit distance at most a third of the longer length, at least 1; a
 * difference in case alone is always near). Words over 64 bytes have no suggestion, which bounds
 * the cost of a hostile one.
 */
const char *rcn_suggest(const char *word, const char *const *candidates, size_t count);

/* The index of the candidate nearest to word, however far; the first of several. count is not 0.
 * Of longer ones the first 64 bytes are compared. */
size_t rcn_suggest_nearest(const char *word, const char *const *candidates, size_t count);

#endif
