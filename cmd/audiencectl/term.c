#include "term.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/escape.h"
#include "base/file.h"
#include "base/memory.h"
#include "command.h"
#include "report/diag_text.h"

enum {
    WIDTH_DEFAULT = 80,
    WIDTH_LEAST = 20,
    WIDTH_MOST = 1000,
    MESSAGE_MAX = 1 << 20,
    /* 1,000 diagnostics with their lines stay far below. */
    DIAGS_MAX = 16 << 20,
};

void term_init(struct term *term, int fd, enum color_choice color)
{
    const char *name = getenv("TERM");
    const char *no_color = getenv("NO_COLOR");
    struct winsize size;
    *term = (struct term){.fd = fd,
                          .is_terminal = isatty(fd) == 1,
                          .is_dumb = !name || !*name || strcmp(name, "dumb") == 0};
    if (term->is_terminal) {
        bool is_known = ioctl(fd, TIOCGWINSZ, &size) == 0 && size.ws_col >= WIDTH_LEAST &&
                        size.ws_col < WIDTH_MOST;
        term->width = is_known ? size.ws_col : WIDTH_DEFAULT;
    }
    bool wants_color = term->is_terminal && !term->is_dumb && !(no_color && *no_color);
    term->color = color == COLOR_AUTO ? wants_color : color == COLOR_ALWAYS;
}

int term_write(const struct term *term, const char *bytes, size_t len)
{
    if (rcn_fd_write(term->fd, bytes, len) == 0)
        return 0;
    return term->fd == STDOUT_FILENO && errno == EPIPE ? 0 : -1;
}

/* If standard error cannot be written, there is nowhere to report it. */
static void print(const struct term *term, const char *label, const char *style, const char *text,
                  const char *hint, bool is_one_line)
{
    struct rcn_buf out;
    rcn_buf_init(&out, MESSAGE_MAX);
    rcn_buf_add_str(&out, "audiencectl: ");
    if (label)
        rcn_buf_printf(&out, "%s%s%s", term->color ? style : "", label,
                       term->color ? "\x1b[0m " : " ");
    rcn_escape_visible(&out, text);
    if (*hint) {
        rcn_buf_add_str(&out, is_one_line ? " (" : "\n  hint: ");
        rcn_escape_visible(&out, hint);
        rcn_buf_add_str(&out, is_one_line ? ")" : "");
    }
    rcn_buf_add_char(&out, '\n');
    (void)term_write(term, rcn_buf_get_str(&out), out.len);
    rcn_buf_release(&out);
}

void term_print_error(const struct term *term, const struct rcn_error *err)
{
    print(term, "error:", "\x1b[1;31m", err->message, err->hint, err->kind == RCN_ERROR_USAGE);
}

void term_print_warning(const struct term *term, const char *text)
{
    print(term, "warning:", "\x1b[1;33m", text, "", false);
}

void term_print_note(const struct term *term, const char *text)
{
    print(term, NULL, "", text, "", false);
}

int term_fail(const struct rcn_error *err)
{
    struct term term;
    term_init(&term, STDERR_FILENO, COLOR_AUTO);
    term_print_error(&term, err);
    return err->kind == RCN_ERROR_USAGE ? EXIT_USAGE : EXIT_ERROR;
}

int term_print_result(const char *bytes, size_t len)
{
    const struct term out = {.fd = STDOUT_FILENO};
    struct rcn_error err = RCN_ERROR_INIT;
    if (term_write(&out, bytes, len) == 0)
        return EXIT_DONE;
    rcn_error_set(&err, RCN_ERROR_FAILED, "cannot write to standard output: %s", strerror(errno));
    return term_fail(&err);
}

size_t term_print_diags(const struct term *term, const struct rcn_diags *diags, size_t from,
                        bool errors_only)
{
    size_t end = diags->errors + diags->warnings;
    if (end == from)
        return end;
    /* A view of those that are to be shown; its counts say how many were not kept. */
    struct rcn_diags shown = *diags;
    shown.count = 0;
    shown.items = rcn_calloc(diags->count + 1, sizeof(struct rcn_diag *));
    for (size_t i = 0; i < diags->count; i++) {
        struct rcn_diag *diag = diags->items[i];
        bool is_error = diag->severity == RCN_SEVERITY_ERROR;
        if (diag->order >= from && !diag->is_told && (is_error || !errors_only))
            shown.items[shown.count++] = diag;
        else if (is_error)
            shown.errors--;
        else
            shown.warnings--;
    }
    struct rcn_buf text;
    rcn_buf_init(&text, DIAGS_MAX);
    if (shown.count)
        rcn_diag_text_write(&shown, term->color, &text);
    (void)term_write(term, rcn_buf_get_str(&text), text.len);
    rcn_buf_release(&text);
    free(shown.items);
    return end;
}
