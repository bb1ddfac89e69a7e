#include "manifest/encoding.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/unicode.h"
#include "manifest/place.h"

/* Nobody writes more; each costs the library a look at all before it. */
enum { MAX_TAG_DIRECTIVES = 64 };

static struct rcn_diag *add_error(const struct rcn_text *text, size_t offset, const char *rule,
                                  struct rcn_diags *diags, const char *message)
{
    struct rcn_place place = rcn_place_get_start(text);
    rcn_place_move_to_offset(&place, text, offset);
    return rcn_diags_error(diags, rule, rcn_place_get_span(&place, text), "%s", message);
}

static bool is_utf16(const struct rcn_text *text)
{
    return text->len >= 2 &&
           (memcmp(text->bytes, "\xff\xfe", 2) == 0 || memcmp(text->bytes, "\xfe\xff", 2) == 0);
}

/* U+0085, U+2028 and U+2029 end a line for libyaml (YAML 1.1), but neither in YAML 1.2 nor in an
 * editor: a key could hide in what a reviewer sees as a comment. */
static bool is_hidden_break(const unsigned char *bytes, size_t left)
{
    if (bytes[0] == 0xc2)
        return left > 1 && bytes[1] == 0x85;
    return left > 2 && bytes[0] == 0xe2 && bytes[1] == 0x80 && (bytes[2] & 0xfe) == 0xa8;
}

/* A byte order mark that begins a line, as where files were joined, moves all that follows by one
 * column. */
static bool is_late_mark(const unsigned char *bytes, size_t left, size_t offset)
{
    return left > 2 && offset > 0 && bytes[-1] == '\n' && memcmp(bytes, "\xef\xbb\xbf", 3) == 0;
}

/* Is the character that begins here one that YAML forbids? Valid UTF-8 goes in. */
static bool is_forbidden(const unsigned char *bytes, size_t left)
{
    if (bytes[0] < 0x20)
        return bytes[0] != '\t' && bytes[0] != '\n' && bytes[0] != '\r';
    if (bytes[0] == 0x7f)
        return true;
    if (bytes[0] == 0xc2) /* C1 controls */
        return left > 1 && bytes[1] < 0xa0;
    /* U+FFFE and U+FFFF */
    return bytes[0] == 0xef && left > 2 && bytes[1] == 0xbf && bytes[2] >= 0xbe;
}

/* Printable ASCII and LF: most bytes of most texts. */
static bool is_plain(unsigned char byte)
{
    return (unsigned char)(byte - 0x20) < 0x5f || byte == '\n';
}

/* Without a way out of the loop, so that the compiler can look at many bytes at once. */
static bool are_plain(const unsigned char *bytes, size_t count)
{
    unsigned char odd = 0;
    for (size_t i = 0; i < count; i++)
        odd |= !is_plain(bytes[i]);
    return !odd;
}

static size_t find_forbidden(const struct rcn_text *text, size_t len)
{
    enum { BLOCK = 256 };
    const unsigned char *bytes = (const unsigned char *)text->bytes;
    for (size_t i = 0; i < len;) {
        size_t end = len - i > BLOCK ? i + BLOCK : len;
        if (are_plain(bytes + i, end - i))
            i = end;
        for (; i < end; i++)
            if (!is_plain(bytes[i]) &&
                (is_forbidden(bytes + i, len - i) || is_hidden_break(bytes + i, len - i) ||
                 is_late_mark(bytes + i, len - i, i)))
                return i;
    }
    return len;
}

/* The offset of the %TAG line that is one too many, or len. */
static size_t find_tag_flood(const struct rcn_text *text, size_t len)
{
    size_t count = 0;
    const char *end = text->bytes + len;
    for (const char *at = text->bytes; (at = memchr(at, '%', (size_t)(end - at))); at++) {
        bool starts_line = at == text->bytes || at[-1] == '\n' || at[-1] == '\r';
        if (starts_line && end - at > 4 && memcmp(at, "%TAG", 4) == 0 &&
            ++count > MAX_TAG_DIRECTIVES)
            return (size_t)(at - text->bytes);
    }
    return len;
}

static void report_forbidden(const struct rcn_text *text, size_t offset, struct rcn_diags *diags)
{
    unsigned code_point;
    char message[80] = "NUL byte in the text";
    const char *hint = "remove it; a manifest is plain UTF-8 text";
    const unsigned char *bytes = (const unsigned char *)text->bytes + offset;
    rcn_utf8_decode(text->bytes + offset, text->len - offset, &code_point);
    if (is_hidden_break(bytes, text->len - offset)) {
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
    struct rcn_diag *diag = add_error(text, offset, "encoding", diags, message);
    rcn_diag_set_hint(diags, diag, "%s", hint);
}

size_t rcn_encoding_check(const struct rcn_text *text, struct rcn_diags *diags)
{
    if (is_utf16(text)) {
        struct rcn_diag *diag =
            add_error(text, 0, "encoding", diags, "this text is UTF-16, not UTF-8");
        rcn_diag_set_hint(diags, diag, "save the file as UTF-8");
        return 0;
    }
    bool is_ascii = are_plain((const unsigned char *)text->bytes, text->len);
    size_t len = is_ascii ? text->len : rcn_utf8_check(text->bytes, text->len);
    size_t forbidden = is_ascii ? len : find_forbidden(text, len);
    size_t flood = find_tag_flood(text, forbidden);
    if (flood < forbidden) {
        add_error(text, flood, "limit", diags, "more than 64 %TAG directives");
        return flood;
    }
    if (forbidden < len) {
        report_forbidden(text, forbidden, diags);
    } else if (len < text->len) {
        char message[64];
        snprintf(message, sizeof message, "byte 0x%02x is not valid UTF-8",
                 (unsigned char)text->bytes[len]);
        struct rcn_diag *diag = add_error(text, len, "encoding", diags, message);
        rcn_diag_set_hint(diags, diag, "save the file as UTF-8");
    }
    return forbidden;
}
