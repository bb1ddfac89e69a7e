#include "base/escape.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "base/unicode.h"

/* Longer than any one escape below. */
enum { PIECE = 16 };

/* CI systems obey `##[command]` and `##vso[command]` wherever they are in a line of a log. */
static bool is_log_command(const char *text, size_t len)
{
    return len > 1 && text[0] == '#' && text[1] == '#';
}

static unsigned peek(const char *text, size_t len)
{
    unsigned code_point = 0;
    if (len && rcn_utf8_check(text, len < 4 ? len : 4) > 0)
        rcn_utf8_decode(text, len, &code_point);
    return code_point;
}

/*
 * One character or one bad byte, as it is to be shown; returns the bytes read. *shown is the
 * character before it, and becomes this one; 0: none, or it was not shown as itself.
 */
static size_t next_piece(const char *text, size_t len, unsigned *shown, char ret_piece[PIECE])
{
    const unsigned before = *shown;
    *shown = 0;
    size_t probe = len < 4 ? len : 4;
    unsigned char first = (unsigned char)text[0];
    if (is_log_command(text, len)) {
        snprintf(ret_piece, PIECE, "#\\x23");
        return 2;
    }
    if (first && strchr("\n\r\t", first)) {
        snprintf(ret_piece, PIECE, "\\%c", first == '\n' ? 'n' : first == '\r' ? 'r' : 't');
        return 1;
    }
    /* A character is whole when the check gets past it, whatever comes after it. */
    if (first < 0x20 || first == 0x7f || rcn_utf8_check(text, probe) == 0) {
        snprintf(ret_piece, PIECE, "\\x%02x", first);
        return 1;
    }
    unsigned code_point;
    size_t used = rcn_utf8_decode(text, len, &code_point);
    /* A space that is not the ASCII one looks like it; the ideographic one is as wide as it is. */
    bool is_odd_space =
        code_point > 0x7f && code_point != 0x3000 && rcn_unicode_is_space(code_point);
    if ((!rcn_unicode_is_hidden(code_point) && !is_odd_space) ||
        rcn_unicode_belongs(before, code_point, peek(text + used, len - used))) {
        *shown = code_point;
        memcpy(ret_piece, text, used);
        ret_piece[used] = '\0';
    } else if (code_point > 0xffff) {
        snprintf(ret_piece, PIECE, "\\U%08x", code_point);
    } else {
        snprintf(ret_piece, PIECE, "\\u%04x", code_point);
    }
    return used;
}

/* How many bytes from the start are printable ASCII: the common case, copied as a run. */
static size_t plain_run(const char *text, size_t len)
{
    size_t run = 0;
    while (run < len && text[run] >= 0x20 && text[run] < 0x7f &&
           !is_log_command(text + run, len - run))
        run++;
    return run;
}

void rcn_escape_visible_len(struct rcn_buf *out, const char *text, size_t len)
{
    unsigned shown = 0;
    while (len) {
        size_t used = plain_run(text, len);
        if (used) {
            rcn_buf_add(out, text, used);
            shown = (unsigned char)text[used - 1];
        } else {
            char piece[PIECE];
            used = next_piece(text, len, &shown, piece);
            rcn_buf_add_str(out, piece);
        }
        text += used;
        len -= used;
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
