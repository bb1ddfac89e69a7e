#include "report/diag_text.h"

#include <string.h>

#include "base/escape.h"
#include "base/unicode.h"

/* Of a source line, so many characters are shown before the caret and columns from it on. */
enum { MAX_BEFORE = 80, MAX_AFTER = 60, TAB_COLUMNS = 4 };

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

/*
 * A place in a text that only moves forward while diagnostics come in their order: a thousand of
 * them at the end of a large file, or in one long line, cost one pass over it.
 */
struct cursor {
    const struct rcn_text *text;
    size_t offset; /* of the character at line and column */
    uint32_t line;
    uint32_t column;
};

/* --- source lines --- */

/* Lines end as manifest/place.h says: LF, CR LF, or a CR alone. */
static bool ends_line(const struct rcn_text *text, size_t offset)
{
    return offset >= text->len || text->bytes[offset] == '\n' || text->bytes[offset] == '\r';
}

/* Bytes of the first character; a byte that is no UTF-8 counts as one. */
static size_t get_character_len(const char *bytes, size_t len)
{
    unsigned code_point;
    size_t probe = len < 4 ? len : 4;
    if ((unsigned char)*bytes < 0x80 || rcn_utf8_check(bytes, probe) == 0)
        return 1;
    return rcn_utf8_decode(bytes, len, &code_point);
}

/* Goes to the character that the span names, or to the end of its line. */
static void move_to(struct cursor *cursor, const struct rcn_span *span)
{
    const struct rcn_text *text = span->text;
    uint32_t column = span->column ? span->column : 1;
    if (cursor->text != text || span->line < cursor->line ||
        (span->line == cursor->line && column < cursor->column)) {
        bool has_mark = text->len >= 3 && memcmp(text->bytes, "\xef\xbb\xbf", 3) == 0;
        *cursor = (struct cursor){.text = text, .offset = has_mark ? 3 : 0, .line = 1, .column = 1};
    }
    while (cursor->line < span->line && cursor->offset < text->len) {
        while (!ends_line(text, cursor->offset))
            cursor->offset++;
        if (cursor->offset + 1 < text->len && text->bytes[cursor->offset] == '\r' &&
            text->bytes[cursor->offset + 1] == '\n')
            cursor->offset++;
        cursor->offset++;
        cursor->line++;
        cursor->column = 1;
    }
    while (cursor->column < column && !ends_line(text, cursor->offset)) {
        cursor->offset +=
            get_character_len(text->bytes + cursor->offset, text->len - cursor->offset);
        cursor->column++;
    }
}

/* Where to begin showing the line, so that the caret is in sight: at a character. */
static size_t find_start(const struct cursor *cursor)
{
    const char *bytes = cursor->text->bytes;
    size_t offset = cursor->offset;
    for (uint32_t i = 1; i < cursor->column && i <= MAX_BEFORE; i++) {
        size_t start = offset - 1;
        while (start && offset - start < 4 && ((unsigned char)bytes[start] & 0xc0) == 0x80)
            start--;
        /* A byte that belongs to no character counts as one. */
        bool is_one = get_character_len(bytes + start, offset - start) == offset - start;
        offset = is_one ? start : offset - 1;
    }
    return offset;
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

/*
 * The line, cut at both ends. A combining character shares the cell of the character before it, and
 * so does a caret under it.
 */
static void add_source(struct rcn_buf *out, const struct rcn_span *span, struct cursor *cursor,
                       const struct style *style)
{
    const struct rcn_text *text = span->text;
    if (!text->len || !text->bytes || !span->line)
        return;
    move_to(cursor, span);
    if (cursor->line != span->line)
        return;
    bool is_cut = cursor->column > MAX_BEFORE + 1;
    size_t before = is_cut ? 3 : 0; /* columns before the caret, and from it on */
    size_t after = 0;
    size_t cell = 0; /* the last one before the caret */
    rcn_buf_printf(out, "%7u | %s", (unsigned)span->line, is_cut ? "..." : "");
    for (size_t offset = find_start(cursor); !ends_line(text, offset);) {
        size_t len = get_character_len(text->bytes + offset, text->len - offset);
        size_t columns = add_character(out, text->bytes + offset, len);
        if (offset < cursor->offset) {
            before += columns;
            cell = columns ? columns : cell;
        } else {
            before -= offset == cursor->offset && !columns ? cell : 0;
            after += columns;
        }
        offset += len;
        if (after >= MAX_AFTER && !ends_line(text, offset)) {
            rcn_buf_add_str(out, "...");
            break;
        }
    }
    rcn_buf_add_char(out, '\n');
    if (!span->column)
        return;
    rcn_buf_add_str(out, "        | ");
    rcn_buf_add_repeat(out, ' ', before);
    rcn_buf_printf(out, "%s^%s\n", style->caret, style->end);
}

/* --- lines of ours --- */

/* `file:line:column: `, as far as it is known. */
static void add_place(struct rcn_buf *out, const struct rcn_span *span, const struct style *style)
{
    if (!span->text)
        return;
    rcn_buf_add_str(out, style->place);
    rcn_escape_visible_first(out, span->text->path);
    if (span->line)
        rcn_buf_printf(out, ":%u", (unsigned)span->line);
    if (span->line && span->column)
        rcn_buf_printf(out, ":%u", (unsigned)span->column);
    if (span->entry) {
        rcn_buf_add_str(out, " (");
        rcn_escape_visible(out, span->entry->label);
        rcn_buf_add_char(out, ')');
    }
    rcn_buf_printf(out, ":%s ", style->end);
}

static void add_diag(struct rcn_buf *out, const struct rcn_diag *diag, struct cursor *cursor,
                     const struct style *style)
{
    bool is_error = diag->severity == RCN_SEVERITY_ERROR;
    add_place(out, &diag->span, style);
    rcn_buf_printf(out, "%s%s:%s ", is_error ? style->error : style->warning,
                   rcn_severity_name(diag->severity), style->end);
    rcn_escape_visible(out, diag->message);
    rcn_buf_printf(out, " [%s]\n", diag->rule);
    if (diag->span.text)
        add_source(out, &diag->span, cursor, style);
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

void rcn_diag_text_write(const struct rcn_diags *diags, bool color, struct rcn_buf *out)
{
    const struct style *style = color ? &colored : &plain;
    struct cursor cursor = {0};
    size_t errors = diags->errors;
    size_t warnings = diags->warnings;
    for (size_t i = 0; i < diags->count; i++) {
        add_diag(out, diags->items[i], &cursor, style);
        *(diags->items[i]->severity == RCN_SEVERITY_ERROR ? &errors : &warnings) -= 1;
    }
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
