#include "report/words.h"

#include <stdbool.h>
#include <string.h>

#include "base/unicode.h"

static bool is_number(const char *word, size_t len)
{
    return strspn(word, "0123456789,") == len;
}

/*
 * How much of the text, in bytes, fits into so many columns: whole words, or the first one alone. A
 * number stays with what it counts.
 */
static size_t fit_words(const char *text, size_t columns)
{
    size_t fits = 0;
    for (size_t end = 0; text[end];) {
        size_t start = end + strspn(text + end, " ");
        end = start + strcspn(text + start, " ");
        if (fits && rcn_utf8_width(text, end) > columns)
            break;
        if (!text[end] || !is_number(text + start, end - start))
            fits = end;
    }
    return fits;
}

void rcn_words_add(struct rcn_buf *out, const char *text, size_t start, size_t indent, size_t width)
{
    bool breaks = width > 2 * indent && width > 2 * start;
    for (size_t used = start; breaks; used = indent) {
        size_t fits = fit_words(text, width - used);
        rcn_buf_add(out, text, fits);
        text += fits + strspn(text + fits, " ");
        breaks = *text;
        if (breaks) {
            rcn_buf_add_char(out, '\n');
            rcn_buf_add_repeat(out, ' ', indent);
        }
    }
    rcn_buf_add_str(out, text);
    rcn_buf_add_char(out, '\n');
}
