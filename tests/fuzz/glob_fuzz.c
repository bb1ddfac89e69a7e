/*
 * A pattern and a text, with a NUL between them, against a matcher that is slow and simple: the
 * pattern as a list of elements, and a table of which elements have matched how much of the text.
 */
#include "base/glob.h"
#include "fuzz.h"

enum { MAX = 96, RANGES = MAX };

struct element {
    enum { CHARACTER, ANY, SET, RUN } kind;
    unsigned character;
    bool is_negated;
    size_t range_count;
    unsigned ranges[RANGES][2];
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

/* Reads the set that opens at pattern[at]; returns the index behind it, or 0 when it is none. */
static size_t read_set(const unsigned *pattern, size_t len, size_t at, struct element *ret)
{
    size_t first = at + 1 + (at + 1 < len && pattern[at + 1] == '!');
    size_t end = first + (first < len && pattern[first] == ']');
    while (end < len && pattern[end] != ']')
        end++;
    if (end >= len)
        return 0;
    *ret = (struct element){.kind = SET, .is_negated = first > at + 1};
    for (size_t i = first; i < end && ret->range_count < RANGES; i++) {
        unsigned *range = ret->ranges[ret->range_count++];
        range[0] = range[1] = pattern[i];
        if (i + 2 < end && pattern[i + 1] == '-') {
            range[1] = pattern[i + 2];
            i += 2;
        }
    }
    return end + 1;
}

static size_t parse(const unsigned *pattern, size_t len, struct element *ret)
{
    size_t count = 0;
    for (size_t i = 0; i < len; count++) {
        struct element *element = &ret[count];
        size_t behind = pattern[i] == '[' ? read_set(pattern, len, i, element) : 0;
        if (behind) {
            i = behind;
            continue;
        }
        *element = (struct element){.kind = CHARACTER, .character = pattern[i]};
        if (pattern[i] == '*')
            element->kind = RUN;
        if (pattern[i] == '?')
            element->kind = ANY;
        if (pattern[i] == '\\' && i + 1 < len)
            element->character = pattern[++i];
        i++;
    }
    return count;
}

static bool matches_one(const struct element *element, unsigned character)
{
    bool found = false;
    switch (element->kind) {
    case CHARACTER:
        return element->character == character;
    case ANY:
        return true;
    case RUN:
        return false;
    case SET:
        break;
    }
    for (size_t i = 0; i < element->range_count; i++)
        found |= element->ranges[i][0] <= character && character <= element->ranges[i][1];
    return found != element->is_negated;
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
