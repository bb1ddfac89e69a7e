#include "report/words.h"

#include <string.h>

#include "base/unicode.h"

/* How much of the text, in bytes, fits into so many columns: whole words, or the first one alone.
 */
static size_t fit_words(const char *text, size_t columns)
{
    size_t fits = 0;
    for (size_t end = 0; text[end];) {
        end += strspn(text + end, " ");
        end += strcspn(text + end, " ");
        if (fits && rcn_utf8_width(text, end) > columns)
            break;
        fits = end;
    }
    return fits;
}

static void add_broken(struct rcn_buf *out, const char *text, size_t indent, size_t columns)
{
    for (;;) {
        size_t fits = fit_words(text, columns);
        rcn_buf_add(out, text, fits);
        text += fits + strspn(text + fits, " ");
        if (!*text)
            return;
        rcn_buf_add_char(out, '\n');
        rcn_buf_add_repeat(out, ' ', indent);
    }
}

void rcn_words_add(struct rcn_buf *out, const char *text, size_t indent, size_t width)
{
    if (width > 2 * indent)
        add_broken(out, text, indent, width - indent);
    else
        rcn_buf_add_str(out, text);
    rcn_buf_add_char(out, '\n');
}
