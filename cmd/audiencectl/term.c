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
    return term->is_terminal && !term->is_dumb && !(no_color && *no_color);
}

static bool is_dumb(void)
{
    const char *name = getenv("TERM");
    return !name || !*name || strcmp(name, "dumb") == 0;
}

void term_init(struct term *term, int fd, enum color_choice color)
{
    term->fd = fd;
    term->is_terminal = isatty(fd) == 1;
    term->is_dumb = is_dumb();
    term->width = term->is_terminal ? width_of(fd) : 0;
    term->color = color == COLOR_AUTO ? wants_color(term) : color == COLOR_ALWAYS;
}

int term_write(const struct term *term, const char *bytes, size_t len)
{
    if (rcn_fd_write(term->fd, bytes, len) == 0)
        return 0;
    return term->fd == STDOUT_FILENO && errno == EPIPE ? 0 : -1;
}

/* What is too long is cut. */
struct message {
    char text[MESSAGE_MAX];
    size_t len;
};

static void add(struct message *message, const char *text)
{
    size_t room = sizeof message->text - 1 - message->len;
    size_t len = strlen(text);
    if (len > room)
        len = room;
    memcpy(message->text + message->len, text, len);
    message->len += len;
}

static void add_visible(struct message *message, const char *text)
{
    char *end = message->text + message->len;
    rcn_escape_visible_into(end, sizeof message->text - 1 - message->len, text);
    message->len += strlen(end);
}

static void begin(const struct term *term, struct message *message, const char *label,
                  const char *style)
{
    message->len = 0;
    add(message, "audiencectl: ");
    if (!label)
        return;
    add(message, term->color ? style : "");
    add(message, label);
    add(message, term->color ? "\x1b[0m " : " ");
}

/* If standard error cannot be written, there is nowhere to report it. */
static void write_message(const struct term *term, struct message *message)
{
    message->text[message->len++] = '\n';
    (void)term_write(term, message->text, message->len);
}

void term_print_error(const struct term *term, const struct rcn_error *err)
{
    struct message message;
    begin(term, &message, "error:", "\x1b[1;31m");
    add_visible(&message, err->message);
    if (err->hint[0] && err->kind == RCN_ERROR_USAGE) {
        add(&message, " (");
        add_visible(&message, err->hint);
        add(&message, ")");
    } else if (err->hint[0]) {
        add(&message, "\n  hint: ");
        add_visible(&message, err->hint);
    }
    write_message(term, &message);
}

void term_print_warning(const struct term *term, const char *text)
{
    struct message message;
    begin(term, &message, "warning:", "\x1b[1;33m");
    add_visible(&message, text);
    write_message(term, &message);
}

void term_print_note(const struct term *term, const char *text)
{
    struct message message;
    begin(term, &message, NULL, NULL);
    add_visible(&message, text);
    write_message(term, &message);
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
