#include "report/diag_text.h"

#include <string.h>

#include "base/escape.h"
#include "base/unicode.h"

/* How much of a source line is shown: characters before the caret, columns from it on. */
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
 * A character of a text. It only moves forward while diagnostics come in their order: a thousand of
 * them at the end of a large file, or in one long line, cost one pass over it.
 */
struct cursor {
    const struct rcn_text *text;
    size_t offset;
    uint32_t line;
    uint32_t column;
};

/* --- source lines --- */

/* Lines end with LF, CR LF, or a CR alone. */
static bool is_at_end(const struct cursor *cursor)
{
    const struct rcn_text *text = cursor->text;
    const size_t offset = cursor->offset;
    return offset >= text->len || text->bytes[offset] == '\n' || text->bytes[offset] == '\r';
}

/* Bytes of the character; a byte that is no UTF-8 counts as one. */
static size_t get_len(const struct cursor *cursor)
{
    unsigned code_point;
    const char *bytes = cursor->text->bytes + cursor->offset;
    size_t left = cursor->text->len - cursor->offset;
    return rcn_utf8_check(bytes, left < 4 ? left : 4) ? rcn_utf8_decode(bytes, left, &code_point)
                                                      : 1;
}

static void move(struct cursor *cursor)
{
    cursor->offset += get_len(cursor);
    cursor->column++;
}

/* Goes to that place, or to the end of its line. */
static void move_to(struct cursor *cursor, const struct rcn_text *text, uint32_t line,
                    uint32_t column)
{
    if (cursor->text != text || line < cursor->line ||
        (line == cursor->line && column < cursor->column)) {
        bool has_mark = text->len >= 3 && memcmp(text->bytes, "\xef\xbb\xbf", 3) == 0;
        *cursor = (struct cursor){.text = text, .offset = has_mark ? 3 : 0, .line = 1, .column = 1};
    }
    while (cursor->line < line && cursor->offset < text->len) {
        while (!is_at_end(cursor))
            cursor->offset++;
        const char *end = text->bytes + cursor->offset;
        cursor->offset +=
            text->len - cursor->offset > 1 && end[0] == '\r' && end[1] == '\n' ? 2 : 1;
        cursor->line++;
        cursor->column = 1;
    }
    while (cursor->column < column && !is_at_end(cursor))
        move(cursor);
}

/*
 * The line, cut at both ends. A combining character shares the cell of the character before it, and
 * so does a caret under it.
 */
static void add_source(struct rcn_buf *out, const struct rcn_span *span, struct cursor *cursor,
                       const struct style *style)
{
    const struct rcn_text *text = span->text;
    const uint32_t column = span->column;
    if (!text || !text->len || !text->bytes || !span->line)
        return;
    move_to(cursor, text, span->line, column > MAX_BEFORE ? column - MAX_BEFORE : 1);
    if (cursor->line != span->line)
        return;
    size_t before = cursor->column > 1 ? 3 : 0; /* columns before the caret, and from it on */
    size_t after = 0;
    size_t cell = 0; /* the last one before the caret */
    rcn_buf_printf(out, "%7u | %s", (unsigned)span->line, before ? "..." : "");
    for (struct cursor at = *cursor; !is_at_end(&at); move(&at)) {
        size_t start = out->len;
        if (after >= MAX_AFTER) {
            rcn_buf_add_str(out, "...");
            break;
        }
        if (text->bytes[at.offset] == '\t')
            rcn_buf_add_repeat(out, ' ', TAB_COLUMNS);
        else
            rcn_escape_visible_len(out, text->bytes + at.offset, get_len(&at));
        size_t columns = out->failed ? 0 : rcn_utf8_width(out->data + start, out->len - start);
        if (at.column < column) {
            before += columns;
            cell = columns ? columns : cell;
        } else {
            before -= at.column == column && !columns ? cell : 0;
            after += columns;
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

/* `hint: `, and what comes after it. */
static void add_text(struct rcn_buf *out, const char *color, const char *label, const char *text,
                     const struct style *style)
{
    rcn_buf_printf(out, "%s%s:%s ", color, label, style->end);
    rcn_escape_visible(out, text);
}

void rcn_diag_text_write(const struct rcn_diags *diags, bool errors_only, bool color,
                         struct rcn_buf *out)
{
    const struct style *style = color ? &colored : &plain;
    struct cursor cursor = {0};
    size_t errors = diags->errors;
    size_t warnings = diags->warnings;
    const size_t start = out->len;
    for (size_t i = 0; i < diags->count; i++) {
        const struct rcn_diag *diag = diags->items[i];
        bool is_error = diag->severity == RCN_SEVERITY_ERROR;
        *(is_error ? &errors : &warnings) -= 1;
        if (diag->is_told || (errors_only && !is_error))
            continue;
        add_place(out, &diag->span, style);
        add_text(out, is_error ? style->error : style->warning, rcn_severity_name(diag->severity),
                 diag->message, style);
        rcn_buf_printf(out, " [%s]\n", diag->rule);
        add_source(out, &diag->span, &cursor, style);
        if (diag->hint) {
            rcn_buf_add_str(out, "  ");
            add_text(out, style->note, "hint", diag->hint, style);
            rcn_buf_add_char(out, '\n');
        }
        if (diag->note) {
            add_place(out, &diag->note_span, style);
            add_text(out, style->note, "note", diag->note, style);
            rcn_buf_add_char(out, '\n');
        }
    }
    if (out->len == start || (!errors && !warnings))
        return;
    rcn_buf_add_str(out, "not shown: ");
    if (errors)
        rcn_buf_printf(out, "%zu more error%s", errors, errors == 1 ? "" : "s");
    if (warnings)
        rcn_buf_printf(out, "%s%zu more warning%s", errors ? ", " : "", warnings,
                       warnings == 1 ? "" : "s");
    rcn_buf_add_char(out, '\n');
}
