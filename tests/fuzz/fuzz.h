/*
 * fuzz.h: what the targets share.
 *
 * A target takes any bytes. Crashing and leaking are found by the sanitizers; what must hold beside
 * that is said with FUZZ_CHECK, in every build.
 */
#ifndef TESTS_FUZZ_FUZZ_H
#define TESTS_FUZZ_FUZZ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/unicode.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define FUZZ_CHECK(condition) ((condition) ? (void)0 : fuzz_fail(#condition, __FILE__, __LINE__))

static inline void fuzz_fail(const char *condition, const char *file, int line)
{
    fprintf(stderr, "%s:%d: does not hold: %s\n", file, line, condition);
    abort();
}

/* A copy of just this size and a NUL, so that reading past it is seen. The caller frees it. */
static inline char *fuzz_copy(const uint8_t *data, size_t size)
{
    char *copy = malloc(size + 1);
    FUZZ_CHECK(copy);
    if (size)
        memcpy(copy, data, size);
    copy[size] = '\0';
    return copy;
}

/* Takes the string up to the next NUL, moving *next behind it; "" at the end. */
static inline const char *fuzz_take_string(const char **next, const char *end)
{
    const char *string = *next;
    *next += strlen(string);
    if (*next < end)
        (*next)++;
    return string;
}

static inline bool fuzz_is_utf8(const char *text)
{
    return rcn_utf8_check(text, strlen(text)) == strlen(text);
}

static inline size_t count_characters(const char *text)
{
    size_t count = 0;
    for (; *text; text++)
        count += ((unsigned char)*text & 0xc0) != 0x80;
    return count;
}

/* Hidden, and not where it belongs. A text that was cut may end in a joiner. */
static inline bool fuzz_is_hidden(unsigned before, unsigned code_point)
{
    const unsigned any_emoji = 0x1f600;
    return rcn_unicode_is_hidden(code_point) && !rcn_unicode_belongs(before, code_point, any_emoji);
}

/* True for what a terminal can be shown: valid UTF-8, nothing hidden. */
static inline bool fuzz_is_visible(const char *text)
{
    size_t len = strlen(text);
    if (rcn_utf8_check(text, len) != len)
        return false;
    unsigned before = 0;
    for (size_t i = 0; i < len;) {
        unsigned code_point;
        i += rcn_utf8_decode(text + i, len - i, &code_point);
        if (fuzz_is_hidden(before, code_point))
            return false;
        before = code_point;
    }
    return true;
}

#endif
