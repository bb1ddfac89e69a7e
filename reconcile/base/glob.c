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

bool rcn_glob_matches(const char *pattern, const char *text)
{
    /* Where to go on when a later element fails: the last `*` takes one more character. */
    const char *star = NULL;
    const char *star_text = NULL;
    while (*text) {
        if (*pattern == '*') {
            star = ++pattern;
            star_text = text;
            continue;
        }
        const char *next = pattern;
        const char *after = text;
        const unsigned character = take_character(&after);
        if (*next == '\\' && next[1] && strchr("*?\\", next[1]))
            next++;
        if (*pattern && (take_character(&next) == character || *pattern == '?')) {
            pattern = next;
            text = after;
        } else if (star) {
            take_character(&star_text);
            text = star_text;
            pattern = star;
        } else {
            return false;
        }
    }
    return pattern[strspn(pattern, "*")] == '\0';
}
