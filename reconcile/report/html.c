#include "report/html.h"

#include <string.h>

#include "base/escape.h"
#include "base/sha256.h"

static void add_markup(struct rcn_buf *out, const char *text)
{
    for (; *text; text++) {
        if (*text == '&')
            rcn_buf_add_str(out, "&amp;");
        else if (*text == '<')
            rcn_buf_add_str(out, "&lt;");
        else if (*text == '>')
            rcn_buf_add_str(out, "&gt;");
        else if (*text == '"')
            rcn_buf_add_str(out, "&quot;");
        else if (*text == '\'')
            rcn_buf_add_str(out, "&#39;");
        else
            rcn_buf_add_char(out, *text);
    }
}

/* Nearly every text stands for itself: one look saves the copy. */
static bool is_plain(const char *text)
{
    for (; *text; text++)
        if (*text < 0x20 || *text > 0x7e || strchr("&<>\"'#", *text))
            return false;
    return true;
}

void rcn_html_add_text(struct rcn_buf *out, const char *text)
{
    struct rcn_buf visible;
    if (is_plain(text)) {
        rcn_buf_add_str(out, text);
        return;
    }
    rcn_buf_init(&visible, RCN_REPORT_MAX_BYTES);
    rcn_escape_visible(&visible, text);
    if (visible.failed)
        out->failed = true;
    add_markup(out, rcn_buf_get_str(&visible));
    rcn_buf_release(&visible);
}

void rcn_html_add_lines(struct rcn_buf *out, const char *const *lines)
{
    for (; *lines; lines++) {
        rcn_buf_add_str(out, *lines);
        rcn_buf_add_char(out, '\n');
    }
}

static void add_base64(struct rcn_buf *out, const unsigned char *bytes, size_t len)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    for (size_t i = 0; i < len; i += 3) {
        unsigned second = i + 1 < len ? bytes[i + 1] : 0;
        unsigned third = i + 2 < len ? bytes[i + 2] : 0;
        unsigned group = (unsigned)bytes[i] << 16 | second << 8 | third;
        char quad[] = {digits[group >> 18 & 63], digits[group >> 12 & 63], digits[group >> 6 & 63],
                       digits[group & 63]};
        if (i + 1 >= len)
            quad[2] = '=';
        if (i + 2 >= len)
            quad[3] = '=';
        rcn_buf_add(out, quad, sizeof quad);
    }
}

static unsigned read_digit(char digit)
{
    return (unsigned)(digit <= '9' ? digit - '0' : digit - 'a' + 10);
}

void rcn_html_add_hash(struct rcn_buf *out, const char *const *lines)
{
    enum { DIGEST_BYTES = (RCN_SHA256_HEX_SIZE - 1) / 2 };
    char hex[RCN_SHA256_HEX_SIZE];
    struct rcn_buf text;
    rcn_buf_init(&text, RCN_REPORT_MAX_BYTES);
    rcn_html_add_lines(&text, lines);
    if (text.failed || rcn_sha256_hex(text.data, text.len, hex) != 0) {
        out->failed = true;
    } else {
        unsigned char digest[DIGEST_BYTES];
        for (size_t i = 0; i < DIGEST_BYTES; i++)
            digest[i] = (unsigned char)(read_digit(hex[2 * i]) << 4 | read_digit(hex[2 * i + 1]));
        rcn_buf_add_str(out, "'sha256-");
        add_base64(out, digest, DIGEST_BYTES);
        rcn_buf_add_char(out, '\'');
    }
    rcn_buf_release(&text);
}

void rcn_html_put(struct rcn_html *self, const char *markup)
{
    rcn_buf_add_str(self->out, markup);
}

void rcn_html_put_text(struct rcn_html *self, const char *text)
{
    rcn_html_add_text(self->out, text);
}

void rcn_html_put_scratch(struct rcn_html *self)
{
    if (self->scratch.failed)
        self->out->failed = true;
    rcn_html_put_text(self, rcn_buf_get_str(&self->scratch));
    rcn_buf_clear(&self->scratch);
}

void rcn_html_put_place(struct rcn_html *self, struct rcn_span span)
{
    if (!span.text)
        return;
    rcn_html_put(self, "<code>");
    rcn_html_put_text(self, span.text->path);
    if (span.line)
        rcn_buf_printf(self->out, ":%u", span.line);
    rcn_html_put(self, "</code>");
}
