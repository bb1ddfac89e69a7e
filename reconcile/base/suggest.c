#include "base/suggest.h"

#include <stdint.h>
#include <string.h>
#include <strings.h>

enum { MAX_WORD = 64, LEAST_BEGINNING = 3 };

static size_t least(size_t a, size_t b, size_t c)
{
    size_t smaller = a < b ? a : b;
    return smaller < c ? smaller : c;
}

/* Optimal string alignment: insertions, deletions, replacements and swaps of neighbours cost 1. */
static size_t distance(const char *a, size_t a_len, const char *b, size_t b_len)
{
    size_t rows[3][MAX_WORD + 1]; /* the newest three */
    for (size_t j = 0; j <= b_len; j++)
        rows[0][j] = j;
    for (size_t i = 1; i <= a_len; i++) {
        size_t *row = rows[i % 3];
        const size_t *last = rows[(i + 2) % 3];
        const size_t *before = rows[(i + 1) % 3];
        row[0] = i;
        for (size_t j = 1; j <= b_len; j++) {
            row[j] = least(last[j] + 1, row[j - 1] + 1, last[j - 1] + (a[i - 1] != b[j - 1]));
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                row[j] = least(row[j], before[j - 2] + 1, row[j]);
        }
    }
    return rows[a_len % 3][b_len];
}

const char *rcn_suggest(const char *word, const char *const *candidates, size_t count)
{
    size_t len = strlen(word);
    const char *best = NULL;
    const char *begun = NULL;
    size_t begun_count = 0;
    size_t best_distance = MAX_WORD;
    if (len == 0 || len > MAX_WORD)
        return NULL;
    for (size_t i = 0; i < count; i++) {
        size_t candidate_len = strlen(candidates[i]);
        if (candidate_len > MAX_WORD)
            continue;
        if (strcasecmp(word, candidates[i]) == 0)
            return candidates[i];
        if (len >= LEAST_BEGINNING && strncasecmp(word, candidates[i], len) == 0) {
            begun = candidates[i];
            begun_count++;
        }
        size_t longer = len > candidate_len ? len : candidate_len;
        size_t edits = distance(word, len, candidates[i], candidate_len);
        size_t allowed = longer / 3 ? longer / 3 : 1;
        if (edits <= allowed && edits < best_distance) {
            best = candidates[i];
            best_distance = edits;
        }
    }
    return begun_count == 1 ? begun : best;
}

size_t rcn_suggest_nearest(const char *word, const char *const *candidates, size_t count)
{
    size_t best = 0;
    size_t best_distance = SIZE_MAX;
    for (size_t i = 0; i < count; i++) {
        size_t edits = distance(word, strnlen(word, MAX_WORD), candidates[i],
                                strnlen(candidates[i], MAX_WORD));
        if (edits < best_distance) {
            best = i;
            best_distance = edits;
        }
    }
    return best;
}
