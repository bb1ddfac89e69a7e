#include "base/escape.h"

#include <ctype.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/unicode.h"

/* The character that the text begins with; 0: none. */
static unsigned peek(const char *text, size_t len)
{
    unsigned code_point = 0;
    if (len && rcn_utf8_check(text, len < 4 ? len : 4) > 0)
        rcn_utf8_decode(text, len, &code_point);
    return code_point;
}

/* One that is not ASCII. Returns its length; *before, see below, becomes it. */
static size_t add_character(struct rcn_buf *out, const char *text, size_t len, unsigned *before)
{
    unsigned code_point;
    const size_t used = rcn_utf8_decode(text, len, &code_point);
    /* A space that is not the ASCII one looks like it; the ideographic one is wider. */
    const bool is_odd_space = code_point != 0x3000 && rcn_unicode_is_space(code_point);
    if ((!rcn_unicode_is_hidden(code_point) && !is_odd_space) ||
        rcn_unicode_belongs(*before, code_point, peek(text + used, len - used))) {
        rcn_buf_add(out, text, used);
        *before = code_point;
    } else {
        rcn_buf_printf(out, code_point > 0xffff ? "\\U%08x" : "\\u%04x", code_point);
        *before = 0;
    }
    return used;
}

void rcn_escape_visible_len(struct rcn_buf *out, const char *text, size_t len)
{
    unsigned before = 0; /* the character before, if it was shown as itself */
    for (size_t used; len; text += used, len -= used) {
        static const char named[] = "\n\r\t";
        const unsigned char first = (unsigned char)text[0];
        const char *name = first ? strchr(named, first) : NULL;
        used = 1;
        if (first >= 0x80 && peek(text, len)) {
            used = add_character(out, text, len, &before);
        } else if (first == '#' && len > 1 && text[1] == '#') {
            /* CI systems obey `##[command]` and `##vso[command]` wherever they are in a line. */
            rcn_buf_add_str(out, "#\\x23");
            used = 2;
            before = 0;
        } else if (first >= 0x20 && first < 0x7f) {
            rcn_buf_add_char(out, (char)first);
            before = first;
        } else {
            if (name)
                rcn_buf_printf(out, "\\%c", "nrt"[name - named]);
            else
                rcn_buf_printf(out, "\\x%02x", first);
            before = 0;
        }
    }
}

void rcn_escape_visible(struct rcn_buf *out, const char *text)
{
    rcn_escape_visible_len(out, text, strlen(text));
}

void rcn_escape_visible_first(struct rcn_buf *out, const char *text)
{
    size_t blanks = strspn(text, " ");
    rcn_buf_add(out, text, blanks);
    text += blanks;
    if (text[0] == ':' && text[1] == ':') {
        rcn_buf_add_str(out, ":\\x3a");
        text += 2;
    }
    rcn_escape_visible(out, text);
}

void rcn_escape_visible_into(char *ret, size_t size, const char *text)
{
    struct rcn_buf out;
    rcn_buf_init(&out, SIZE_MAX / 2);
    rcn_escape_visible(&out, text);
    size_t len = rcn_utf8_cut(rcn_buf_get_str(&out), out.len, size - 1);
    snprintf(ret, size, "%.*s", (int)len, rcn_buf_get_str(&out));
    rcn_buf_release(&out);
}

bool rcn_unescape_percent(char *text)
{
    bool is_valid = true;
    char *out = text;
    for (const char *in = text; *in; in++, out++) {
        char digits[3] = {in[1]};
        if (in[1])
            digits[1] = in[2];
        *out = *in;
        if (*in == '%' && isxdigit((unsigned char)digits[0]) &&
            isxdigit((unsigned char)digits[1])) {
            *out = (char)strtoul(digits, NULL, 16);
            in += 2;
        } else if (*in == '%') {
            is_valid = false;
        }
        if ((unsigned char)*out < ' ')
            is_valid = false;
    }
    *out = '\0';
    return is_valid;
}
