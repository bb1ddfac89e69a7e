#include "base/glob.h"

#include <stddef.h>
#include <string.h>

#include "base/unicode.h"

static unsigned take_character(const char **text)
{
    unsigned code_point = (unsigned char)**text;
    if (code_point < 0x80) /* most are, and there may be many patterns for many names */
        (*text)++;
    else
        *text += rcn_utf8_decode(*text, strnlen(*text, 4), &code_point);
    return code_point;
}

/* The closing bracket of the set that opens at pattern, or NULL. `[]a]` has `]` as its first
 * member. */
static const char *find_set_end(const char *pattern)
{
    const char *member = pattern + 1;
    if (*member == '!')
        member++;
    if (*member == ']')
        member++;
    return strchr(member, ']');
}

static bool set_has(const char *set, const char *end, unsigned wanted)
{
    bool negated = *set == '!';
    bool found = false;
    for (set += negated; set < end;) {
        unsigned first = take_character(&set);
        unsigned last = first;
        if (set + 1 < end && *set == '-') {
            set++;
            last = take_character(&set);
        }
        found = found || (first <= wanted && wanted <= last);
    }
    return found != negated;
}

/* Does the one pattern element at *pattern match the character? Steps over the element if so. */
static bool match_one(const char **pattern, unsigned character)
{
    const char *next = *pattern;
    bool matches;
    const char *end = *next == '[' ? find_set_end(next) : NULL;
    if (end) {
        matches = set_has(next + 1, end, character);
        next = end + 1;
    } else if (*next == '?') {
        matches = true;
        next++;
    } else {
        if (*next == '\\' && next[1])
            next++;
        matches = take_character(&next) == character;
    }
    if (matches)
        *pattern = next;
    return matches;
}

bool rcn_glob_is_plain(const char *pattern)
{
    return pattern[strcspn(pattern, "*?[\\")] == '\0';
}

bool rcn_glob_matches(const char *pattern, const char *text)
{
    /* Where to take up again when a later element fails: the last `*` swallows one more character.
     */
    const char *star = NULL;
    const char *star_text = NULL;
    while (*text) {
        if (*pattern == '*') {
            star = ++pattern;
            star_text = text;
            continue;
        }
        const char *next = text;
        unsigned character = take_character(&next);
        if (*pattern && match_one(&pattern, character)) {
            text = next;
            continue;
        }
        if (!star)
            return false;
        take_character(&star_text);
        text = star_text;
        pattern = star;
    }
    while (*pattern == '*')
        pattern++;
    return *pattern == '\0';
}
