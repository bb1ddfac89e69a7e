#include "base/unicode.h"

#include <ctype.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unicase.h>
#include <unictype.h>
#include <uninorm.h>
#include <unistr.h>
#include <uniwidth.h>

#include "base/memory.h"

size_t rcn_utf8_check(const char *text, size_t len)
{
    const uint8_t *start = (const uint8_t *)text;
    const uint8_t *bad = u8_check(start, len);
    return bad ? (size_t)(bad - start) : len;
}

size_t rcn_utf8_cut(const char *text, size_t len, size_t most)
{
    if (len <= most)
        return len;
    while (most > 0 && ((unsigned char)text[most] & 0xc0) == 0x80)
        most--;
    return most;
}

size_t rcn_utf8_decode(const char *text, size_t len, unsigned *ret_code_point)
{
    ucs4_t code_point;
    int used = u8_mbtouc(&code_point, (const uint8_t *)text, len);
    *ret_code_point = code_point;
    return used > 0 ? (size_t)used : 1;
}

size_t rcn_utf8_width(const char *text, size_t len)
{
    return (size_t)u8_width((const uint8_t *)text, len, "UTF-8");
}

bool rcn_unicode_is_space(unsigned code_point)
{
    return uc_is_property_white_space(code_point);
}

bool rcn_unicode_is_hidden(unsigned code_point)
{
    if (code_point < 0x7f)
        return code_point < 0x20;
    return uc_is_general_category_withtable(
               code_point, UC_CATEGORY_MASK_Cc | UC_CATEGORY_MASK_Cf | UC_CATEGORY_MASK_Cs |
                               UC_CATEGORY_MASK_Zl | UC_CATEGORY_MASK_Zp) ||
           uc_is_property_not_a_character(code_point) ||
           uc_is_property_default_ignorable_code_point(code_point);
}

static bool is_selector(unsigned code_point)
{
    return (code_point >= 0xfe00 && code_point <= 0xfe0f) ||
           (code_point >= 0xe0100 && code_point <= 0xe01ef);
}

static bool is_tag(unsigned code_point)
{
    return code_point >= 0xe0020 && code_point <= 0xe007f;
}

/* Of ASCII only what keycaps are made of has more than one look. */
static bool has_looks(unsigned code_point)
{
    if (code_point < 0x80)
        return code_point && strchr("0123456789#*", (int)code_point);
    return !rcn_unicode_is_space(code_point) && !rcn_unicode_is_hidden(code_point);
}

bool rcn_unicode_belongs(unsigned before, unsigned code_point, unsigned after)
{
    if (code_point == 0x200c || code_point == 0x200d)
        return (is_selector(before) || (before > 0x7f && has_looks(before))) && after > 0x7f &&
               has_looks(after);
    if (is_selector(code_point))
        return has_looks(before);
    return is_tag(code_point) && (before == 0x1f3f4 || is_tag(before));
}

static bool is_plain_ascii(const char *text, size_t len)
{
    for (size_t i = 0; i < len; i++)
        if (text[i] < 0x20 || text[i] > 0x7e)
            return false;
    return true;
}

unsigned rcn_text_find_hidden(const char *text, size_t len)
{
    unsigned before = 0;
    if (is_plain_ascii(text, len))
        return 0;
    for (size_t i = 0; i < len;) {
        unsigned code_point;
        unsigned after = 0;
        i += rcn_utf8_decode(text + i, len - i, &code_point);
        if (i < len)
            rcn_utf8_decode(text + i, len - i, &after);
        if (rcn_unicode_is_hidden(code_point) && !rcn_unicode_belongs(before, code_point, after))
            return code_point;
        before = code_point;
    }
    return 0;
}

static bool begins_with_space(const char *text, size_t len)
{
    unsigned code_point;
    rcn_utf8_decode(text, len, &code_point);
    return rcn_unicode_is_space(code_point);
}

enum rcn_text_fault rcn_text_find_fault(const char *text, size_t len)
{
    if (!len)
        return RCN_TEXT_EMPTY;
    if (begins_with_space(text, len))
        return RCN_TEXT_BEGINS_WITH_SPACE;
    size_t start = rcn_utf8_cut(text, len, len - 1);
    if (begins_with_space(text + start, len - start))
        return RCN_TEXT_ENDS_WITH_SPACE;
    return rcn_text_find_hidden(text, len) ? RCN_TEXT_HIDDEN : RCN_TEXT_GOOD;
}

static void remove_spaces_and_hidden(char *text)
{
    char *out = text;
    for (size_t left = strlen(text); left;) {
        unsigned code_point;
        size_t used = rcn_utf8_decode(text, left, &code_point);
        if (!rcn_unicode_is_space(code_point) && !rcn_unicode_is_hidden(code_point)) {
            memmove(out, text, used);
            out += used;
        }
        text += used;
        left -= used;
    }
    *out = '\0';
}

char *rcn_unicode_fold(struct rcn_arena *arena, const char *text, bool drop_spaces)
{
    size_t len = strlen(text);
    char *folded;
    if (is_plain_ascii(text, len)) {
        /* Folding is lower case, and there is one normal form: the common case, without mallocs. */
        folded = rcn_arena_strdup(arena, text);
        for (char *c = folded; *c; c++)
            *c = (char)tolower((unsigned char)*c);
    } else if (rcn_utf8_check(text, len) == len) {
        uint8_t *whole = u8_casefold((const uint8_t *)text, len, NULL, UNINORM_NFKC, NULL, &len);
        if (!whole)
            rcn_memory_exhausted();
        folded = rcn_arena_strndup(arena, (char *)whole, len);
        free(whole);
    } else {
        return NULL;
    }
    if (drop_spaces)
        remove_spaces_and_hidden(folded);
    return folded;
}
