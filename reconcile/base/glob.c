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

/* Does the one pattern element at *pattern match the character? Steps over the element if so. */
static bool match_one(const char **pattern, unsigned character)
{
    const char *next = *pattern;
    bool is_any = *next == '?';
    if (*next == '\\' && next[1] && strchr("*?\\", next[1]))
        next++;
    if (take_character(&next) != character && !is_any)
        return false;
    *pattern = next;
    return true;
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
