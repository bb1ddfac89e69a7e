#include "report/diag_text.h"

#include <string.h>

#include "base/escape.h"
#include "base/unicode.h"

/* A source line is cut to so many columns; the caret stands at most so far to the right. */
enum { MAX_COLUMNS = 120, MAX_CARET = 80, TAB_COLUMNS = 4 };

struct style {
    const char *place;
    const char *error;
    const char *warning;
    const char *note;
    const char *caret;
    const char *end;
};

static const struct style plain = {"", "", "", "", "", ""};
static const struct style colored = {"\033[1m",  "\033[1;31m", "\033[1;35m",
                                     "\033[36m", "\033[1;32m", "\033[0m"};

struct line {
    const char *bytes;
    size_t len;
};

/* --- source lines --- */

/* Lines end as manifest/place.h says: LF, CR LF, or a CR alone. */
static size_t find_line_end(const struct rcn_text *text, size_t from)
{
    while (from < text->len && text->bytes[from] != '\n' && text->bytes[from] != '\r')
        from++;
    return from;
}

static size_t skip_line_end(const struct rcn_text *text, size_t end)
{
    if (end + 1 < text->len && text->bytes[end] == '\r' && text->bytes[end + 1] == '\n')
        end++;
    return end + 1;
}

static bool find_line(const struct rcn_span *span, struct line *ret)
{
    const struct rcn_text *text = span->text;
    size_t start = 0;
    if (!text->bytes || !span->line)
        return false;
    if (text->len >= 3 && memcmp(text->bytes, "\xef\xbb\xbf", 3) == 0)
        start = 3;
    for (uint32_t line = 1; line < span->line; line++) {
        size_t end = find_line_end(text, start);
        if (end == text->len)
            return false;
        start = skip_line_end(text, end);
    }
    ret->bytes = text->bytes + start;
    ret->len = find_line_end(text, start) - start;
    return true;
}

/* Bytes of the first character; a byte that is no UTF-8 counts as one. */
static size_t get_character_len(const char *bytes, size_t len)
{
    unsigned code_point;
    size_t probe = len < 4 ? len : 4;
    return rcn_utf8_check(bytes, probe) == 0 ? 1 : rcn_utf8_decode(bytes, len, &code_point);
}

/* Appends one character as it is shown; returns the columns that it takes. */
static size_t add_character(struct rcn_buf *out, const char *bytes, size_t len)
{
    if (*bytes == '\t') {
        rcn_buf_add_repeat(out, ' ', TAB_COLUMNS);
        return TAB_COLUMNS;
    }
    size_t before = out->len;
    rcn_escape_visible_len(out, bytes, len);
    return out->failed ? 0 : rcn_utf8_width(out->data + before, out->len - before);
}

/* Where the character at the column is shown, in columns from 0. */
static size_t measure_caret(const struct line *line, uint32_t column, struct rcn_buf *scratch)
{
    size_t at = 0;
    size_t width = 0;
    size_t last_width = 0;
    for (uint32_t i = 1; i < column && at < line->len; i++) {
        size_t len = get_character_len(line->bytes + at, line->len - at);
        rcn_buf_clear(scratch);
        size_t columns = add_character(scratch, line->bytes + at, len);
        width += columns;
        if (columns)
            last_width = columns;
        at += len;
    }
    if (at >= line->len)
        return width;
    size_t len = get_character_len(line->bytes + at, line->len - at);
    rcn_buf_clear(scratch);
    bool combines = add_character(scratch, line->bytes + at, len) == 0 && width >= last_width;
    return combines ? width - last_width : width;
}

/*
 * Shows the columns from `from` on, at most MAX_COLUMNS. A wide character that would be cut in half
 * is left out whole, a blank standing for what remains of it.
 */
static void add_cut_line(struct rcn_buf *out, const struct line *line, size_t from,
                         struct rcn_buf *scratch)
{
    size_t column = 0;
    for (size_t at = 0; at < line->len;) {
        size_t len = get_character_len(line->bytes + at, line->len - at);
        rcn_buf_clear(scratch);
        size_t columns = add_character(scratch, line->bytes + at, len);
        if (column + columns > from + MAX_COLUMNS) {
            rcn_buf_add_str(out, "...");
            return;
        }
        if (column >= from)
            rcn_buf_add(out, rcn_buf_get_str(scratch), scratch->len);
        else if (column + columns > from)
            rcn_buf_add_repeat(out, ' ', column + columns - from);
        column += columns;
        at += len;
    }
}

static void add_source(struct rcn_buf *out, const struct rcn_span *span, const struct style *style)
{
    struct line line;
    struct rcn_buf scratch;
    if (!find_line(span, &line) || !line.len)
        return;
    rcn_buf_init(&scratch, 256);
    size_t caret = span->column ? measure_caret(&line, span->column, &scratch) : 0;
    size_t from = caret > MAX_CARET ? caret - MAX_CARET : 0;
    rcn_buf_printf(out, "%7u | %s", (unsigned)span->line, from ? "..." : "");
    add_cut_line(out, &line, from, &scratch);
    rcn_buf_add_char(out, '\n');
    if (span->column) {
        rcn_buf_add_str(out, "        | ");
        rcn_buf_add_repeat(out, ' ', caret - from + (from ? 3 : 0));
        rcn_buf_printf(out, "%s^%s\n", style->caret, style->end);
    }
    out->failed |= scratch.failed;
    rcn_buf_release(&scratch);
}

/* --- lines of ours --- */

/* `file:line:column: `, as far as it is known. */
static void add_place(struct rcn_buf *out, const struct rcn_span *span, const struct style *style)
{
    if (!span->text)
        return;
    rcn_buf_add_str(out, style->place);
    rcn_escape_visible(out, span->text->path);
    if (span->line)
        rcn_buf_printf(out, ":%u", (unsigned)span->line);
    if (span->line && span->column)
        rcn_buf_printf(out, ":%u", (unsigned)span->column);
    rcn_buf_printf(out, ":%s ", style->end);
}

static void add_diag(struct rcn_buf *out, const struct rcn_diag *diag, const struct style *style)
{
    bool is_error = diag->severity == RCN_SEVERITY_ERROR;
    add_place(out, &diag->span, style);
    rcn_buf_printf(out, "%s%s:%s ", is_error ? style->error : style->warning,
                   rcn_severity_name(diag->severity), style->end);
    rcn_escape_visible(out, diag->message);
    rcn_buf_printf(out, " [%s]\n", diag->rule);
    if (diag->span.text)
        add_source(out, &diag->span, style);
    if (diag->hint) {
        rcn_buf_printf(out, "  %shint:%s ", style->note, style->end);
        rcn_escape_visible(out, diag->hint);
        rcn_buf_add_char(out, '\n');
    }
    if (diag->note) {
        add_place(out, &diag->note_span, style);
        rcn_buf_printf(out, "%snote:%s ", style->note, style->end);
        rcn_escape_visible(out, diag->note);
        rcn_buf_add_char(out, '\n');
    }
}

static size_t count_kept(const struct rcn_diags *diags, enum rcn_severity severity)
{
    size_t count = 0;
    for (size_t i = 0; i < diags->count; i++)
        count += diags->items[i]->severity == severity;
    return count;
}

static void add_rest(struct rcn_buf *out, const struct rcn_diags *diags)
{
    size_t errors = diags->errors - count_kept(diags, RCN_SEVERITY_ERROR);
    size_t warnings = diags->warnings - count_kept(diags, RCN_SEVERITY_WARNING);
    if (!errors && !warnings)
        return;
    rcn_buf_add_str(out, "not shown: ");
    if (errors)
        rcn_buf_printf(out, "%zu more error%s", errors, errors == 1 ? "" : "s");
    if (warnings)
        rcn_buf_printf(out, "%s%zu more warning%s", errors ? ", " : "", warnings,
                       warnings == 1 ? "" : "s");
    rcn_buf_add_char(out, '\n');
}

void rcn_diag_text_write(const struct rcn_diags *diags, bool color, struct rcn_buf *out)
{
    const struct style *style = color ? &colored : &plain;
    for (size_t i = 0; i < diags->count; i++)
        add_diag(out, diags->items[i], style);
    add_rest(out, diags);
}
