#include "base/characters.h"

#include "base/unicode.h"

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

bool rcn_text_begins_with_space(const char *text, size_t len)
{
    unsigned code_point;
    if (text[0] > 0x20 && text[0] < 0x7f)
        return false;
    rcn_utf8_decode(text, len, &code_point);
    return rcn_unicode_is_space(code_point);
}

bool rcn_text_ends_with_space(const char *text, size_t len)
{
    size_t start = len - 1;
    while (start && ((unsigned char)text[start] & 0xc0) == 0x80)
        start--;
    return rcn_text_begins_with_space(text + start, len - start);
}
