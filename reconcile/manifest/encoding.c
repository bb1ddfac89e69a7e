#include "manifest/yaml_tree.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/unicode.h"

/* No one writes more; each costs the library a look at all before it. */
enum { MAX_TAG_DIRECTIVES = 64 };

/* --- places --- */

struct rcn_place rcn_place_get_start(const struct rcn_text *text)
{
    bool has_mark = text->len >= 3 && memcmp(text->bytes, "\xef\xbb\xbf", 3) == 0;
    return (struct rcn_place){.offset = has_mark ? 3 : 0, .line = 1, .column = 1};
}

/*
 * Every byte of a text may go through here, so it works on a copy in registers and looks at each
 * byte once: continuation bytes are no characters, and of CR LF only the LF ends the line.
 */
size_t rcn_place_move(struct rcn_place *place, const struct rcn_text *text, size_t characters,
                      size_t max_offset)
{
    struct rcn_place at = *place;
    const char *bytes = text->bytes;
    size_t end = text->len < max_offset ? text->len : max_offset;
    size_t moved = 0;
    for (; moved < characters && at.offset < end; moved++) {
        unsigned char c = (unsigned char)bytes[at.offset++];
        at.column++;
        if (c == '\n' || (c == '\r' && (at.offset == text->len || bytes[at.offset] != '\n'))) {
            at.line++;
            at.column = 1;
        } else if (c >= 0xc0) {
            while (at.offset < text->len && ((unsigned char)bytes[at.offset] & 0xc0) == 0x80)
                at.offset++;
        }
    }
    *place = at;
    return moved;
}

struct rcn_span rcn_text_get_span(const struct rcn_text *text, size_t offset)
{
    struct rcn_place place = rcn_place_get_start(text);
    rcn_place_move(&place, text, SIZE_MAX, offset);
    return rcn_place_get_span(&place, text);
}

/* --- what may be parsed --- */

/* U+0085, U+2028 and U+2029 end a line for libyaml (YAML 1.1), but neither in YAML 1.2 nor in an
 * editor: a key could hide in what a reviewer sees as a comment. */
static bool is_hidden_break(unsigned code_point)
{
    return code_point == 0x85 || code_point == 0x2028 || code_point == 0x2029;
}

/* The first character that YAML forbids, that ends a line for libyaml only, that is a byte order
 * mark which begins a line, as where files were joined (it moves all that follows by one column),
 * or that begins a %TAG line too many. The text is valid UTF-8 up to len, which is returned when
 * there is none. */
static size_t find_forbidden(const char *bytes, size_t len, unsigned *ret_code_point)
{
    size_t directives = 0;
    for (size_t at = 0, used; at < len; at += used) {
        unsigned c = (unsigned char)bytes[at];
        used = 1;
        if (c == '\n' || (c >= 0x20 && c < 0x7f && c != '%')) /* as most are */
            continue;
        used = rcn_utf8_decode(bytes + at, len - at, ret_code_point);
        c = *ret_code_point;
        bool starts_line = at == 0 || bytes[at - 1] == '\n' || bytes[at - 1] == '\r';
        bool is_control = c < 0x20 ? c != '\t' && c != '\n' && c != '\r' : c >= 0x7f && c < 0xa0;
        bool is_late_mark = c == 0xfeff && at > 0 && bytes[at - 1] == '\n';
        directives += c == '%' && starts_line && len - at > 4 && memcmp(bytes + at, "%TAG", 4) == 0;
        if (is_control || is_late_mark || is_hidden_break(c) || c == 0xfffe || c == 0xffff ||
            directives > MAX_TAG_DIRECTIVES)
            return at;
    }
    return len;
}

size_t rcn_encoding_check(const struct rcn_text *text, struct rcn_diags *diags)
{
    char message[80] = "NUL byte in the text";
    const char *hint = "remove it; a manifest is plain UTF-8 text";
    const char *bytes = text->bytes;
    unsigned code_point = 0;
    bool is_utf16 =
        text->len >= 2 && (memcmp(bytes, "\xff\xfe", 2) == 0 || memcmp(bytes, "\xfe\xff", 2) == 0);
    size_t valid = rcn_utf8_check(bytes, text->len);
    size_t end = find_forbidden(bytes, valid, &code_point);
    bool is_flood = end < valid && code_point == '%';
    if (end == text->len)
        return end;
    if (is_flood) {
        snprintf(message, sizeof message, "more than %d %%TAG directives", MAX_TAG_DIRECTIVES);
        hint = NULL;
    } else if (is_utf16 || end == valid) {
        snprintf(message, sizeof message,
                 is_utf16 ? "this text is UTF-16, not UTF-8" : "byte 0x%02x is not valid UTF-8",
                 (unsigned char)bytes[end]);
        hint = "save the file as UTF-8";
    } else if (is_hidden_break(code_point)) {
        snprintf(message, sizeof message, "U+%04X ends a line for some readers of YAML only",
                 code_point);
        hint = "remove it; in a quoted value, write it as an escape";
    } else if (code_point == 0xfeff) {
        snprintf(message, sizeof message, "a byte order mark inside the text");
        hint = "remove it: it may only begin the file";
    } else if (code_point) {
        snprintf(message, sizeof message, "control character U+%04X is not allowed in YAML",
                 code_point);
    }
    struct rcn_diag *diag = rcn_diags_error(diags, is_flood ? "limit" : "encoding",
                                            rcn_text_get_span(text, end), "%s", message);
    if (hint)
        rcn_diag_set_hint(diags, diag, "%s", hint);
    return end;
}
