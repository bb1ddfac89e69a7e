#include "term.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/escape.h"
#include "report/diag_text.h"

enum {
    WIDTH_DEFAULT = 80,
    WIDTH_LEAST = 20,
    WIDTH_MOST = 1000,
    MESSAGE_MAX = 16384,
    /* 1,000 diagnostics with their lines stay far below. */
    DIAGS_MAX = 16 << 20,
};

static unsigned width_of(int fd)
{
    struct winsize size;
    if (ioctl(fd, TIOCGWINSZ, &size) == 0 && size.ws_col >= WIDTH_LEAST && size.ws_col < WIDTH_MOST)
        return size.ws_col;
    return WIDTH_DEFAULT;
}

static bool wants_color(const struct term *term)
{
    const char *no_color = getenv("NO_COLOR");
    const char *name = getenv("TERM");
    if (!term->is_terminal || (no_color && *no_color))
        return false;
    return name && *name && strcmp(name, "dumb") != 0;
}

void term_init(struct term *term, int fd, enum color_choice color)
{
    term->fd = fd;
    term->is_terminal = isatty(fd) == 1;
    term->width = term->is_terminal ? width_of(fd) : 0;
    term->color = color == COLOR_AUTO ? wants_color(term) : color == COLOR_ALWAYS;
}

int term_write(const struct term *term, const char *bytes, size_t len)
{
    while (len) {
        ssize_t done = write(term->fd, bytes, len);
        if (done < 0 && errno == EINTR)
            continue;
        if (done < 0)
            return -1;
        bytes += done;
        len -= (size_t)done;
    }
    return 0;
}

/* Standard error that cannot be written leaves nobody to tell. */
static void write_message(const struct term *term, struct rcn_buf *text)
{
    rcn_buf_add_char(text, '\n');
    if (!text->failed)
        (void)term_write(term, text->data, text->len);
    rcn_buf_release(text);
}

static void begin(const struct term *term, struct rcn_buf *text, const char *label,
                  const char *style)
{
    rcn_buf_init(text, MESSAGE_MAX);
    rcn_buf_add_str(text, "audiencectl: ");
    if (!label)
        return;
    if (term->color)
        rcn_buf_add_str(text, style);
    rcn_buf_add_str(text, label);
    if (term->color)
        rcn_buf_add_str(text, "\x1b[0m");
    rcn_buf_add_char(text, ' ');
}

void term_print_error(const struct term *term, const struct rcn_error *err)
{
    struct rcn_buf text;
    begin(term, &text, "error:", "\x1b[1;31m");
    rcn_escape_visible(&text, err->message);
    if (err->hint[0] && err->kind == RCN_ERROR_USAGE) {
        rcn_buf_add_str(&text, " (");
        rcn_escape_visible(&text, err->hint);
        rcn_buf_add_char(&text, ')');
    } else if (err->hint[0]) {
        rcn_buf_add_str(&text, "\n  hint: ");
        rcn_escape_visible(&text, err->hint);
    }
    write_message(term, &text);
}

void term_print_warning(const struct term *term, const char *message)
{
    struct rcn_buf text;
    begin(term, &text, "warning:", "\x1b[1;33m");
    rcn_escape_visible(&text, message);
    write_message(term, &text);
}

void term_print_note(const struct term *term, const char *message)
{
    struct rcn_buf text;
    begin(term, &text, NULL, NULL);
    rcn_escape_visible(&text, message);
    write_message(term, &text);
}

/* A view of those that are to be shown; the counts say how many were not kept. */
static int select_diags(const struct rcn_diags *diags, size_t from, bool errors_only,
                        struct rcn_diags *ret)
{
    *ret = *diags;
    ret->count = 0;
    ret->items = calloc(diags->count + 1, sizeof *ret->items);
    if (!ret->items)
        return -1;
    for (size_t i = 0; i < diags->count; i++) {
        struct rcn_diag *diag = diags->items[i];
        bool is_error = diag->severity == RCN_SEVERITY_ERROR;
        bool is_shown = diag->order >= from && !diag->is_told && (is_error || !errors_only);
        if (is_shown)
            ret->items[ret->count++] = diag;
        else if (is_error)
            ret->errors--;
        else
            ret->warnings--;
    }
    return 0;
}

size_t term_print_diags(const struct term *term, const struct rcn_diags *diags, size_t from,
                        bool errors_only)
{
    struct rcn_diags shown;
    if (diags->errors + diags->warnings == from || select_diags(diags, from, errors_only, &shown))
        return from;
    struct rcn_buf text;
    rcn_buf_init(&text, DIAGS_MAX);
    if (shown.count)
        rcn_diag_text_write(&shown, term->color, &text);
    (void)term_write(term, rcn_buf_get_str(&text), text.failed ? 0 : text.len);
    rcn_buf_release(&text);
    free(shown.items);
    return diags->errors + diags->warnings;
}
