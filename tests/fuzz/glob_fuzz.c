/*
 * A pattern and a text, with a NUL between them, against a matcher that is slow and simple: the
 * pattern as a list of elements, and a table of which elements have matched how much of the text.
 */
#include "base/glob.h"
#include "fuzz.h"

enum { MAX = 96 };

struct element {
    enum { CHARACTER, ANY, RUN } kind;
    unsigned character;
};

static size_t decode(const char *text, unsigned *ret, size_t most)
{
    size_t count = 0;
    for (size_t left = strlen(text); left;) {
        if (count == most)
            return most + 1;
        size_t used = rcn_utf8_decode(text, left, &ret[count++]);
        text += used;
        left -= used;
    }
    return count;
}

static size_t parse(const unsigned *pattern, size_t len, struct element *ret)
{
    size_t count = 0;
    for (size_t i = 0; i < len; i++, count++) {
        struct element *element = &ret[count];
        *element = (struct element){.kind = CHARACTER, .character = pattern[i]};
        if (pattern[i] == '*')
            element->kind = RUN;
        if (pattern[i] == '?')
            element->kind = ANY;
        bool escapes = pattern[i] == '\\' && i + 1 < len;
        if (escapes && (pattern[i + 1] == '*' || pattern[i + 1] == '?' || pattern[i + 1] == '\\'))
            element->character = pattern[++i];
    }
    return count;
}

static bool matches_one(const struct element *element, unsigned character)
{
    return element->kind == ANY || (element->kind == CHARACTER && element->character == character);
}

static bool matches(const struct element *elements, size_t count, const unsigned *text, size_t len)
{
    bool table[MAX + 1][MAX + 1] = {{true}};
    for (size_t i = 0; i < count; i++)
        for (size_t j = 0; j <= len; j++) {
            if (elements[i].kind == RUN)
                table[i + 1][j] = table[i][j] || (j && table[i + 1][j - 1]);
            else
                table[i + 1][j] = j && table[i][j - 1] && matches_one(&elements[i], text[j - 1]);
        }
    return table[count][len];
}

static void check(const char *pattern, const char *text)
{
    unsigned points[MAX];
    unsigned characters[MAX];
    struct element elements[MAX];
    bool result = rcn_glob_matches(pattern, text);
    size_t pattern_len = decode(pattern, points, MAX);
    size_t len = decode(text, characters, MAX);
    if (pattern_len > MAX || len > MAX)
        return;
    size_t count = parse(points, pattern_len, elements);
    FUZZ_CHECK(result == matches(elements, count, characters, len));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *bytes = fuzz_copy(data, size);
    const char *next = bytes;
    const char *pattern = fuzz_take_string(&next, bytes + size);
    const char *text = fuzz_take_string(&next, bytes + size);
    if (fuzz_is_utf8(pattern) && fuzz_is_utf8(text))
        check(pattern, text);
    free(bytes);
    return 0;
}
