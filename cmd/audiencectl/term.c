#include "term.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/escape.h"
#include "base/file.h"
#include "base/time.h"
#include "command.h"
#include "report/diag_text.h"

enum {
    WIDTH_DEFAULT = 80,
    WIDTH_LEAST = 20,
    BAR_COLUMNS = 16,
    MESSAGE_MAX = 1 << 20,
    DIAGS_MAX = 16 << 20, /* 1,000 diagnostics with their lines stay far below */
    REDRAW_MS = 100,
    HEARTBEAT_MS = 30000,
    LONG_WAIT_MS = 5000,
};

struct term term_out = {.fd = STDOUT_FILENO};
struct term term_err = {.fd = STDERR_FILENO};
static bool is_quiet;

static struct {
    const char *phase; /* NULL: nothing is going on */
    size_t done;
    size_t total;
    size_t failed;
    int64_t left_ms;
    int64_t wait_until_ms; /* steady clock, as all here */
    const char *wait_why;  /* NULL: not waiting */
    int64_t drawn_ms;
} progress;
static bool is_redrawn; /* in place; else lines are written as into a log */
static bool is_drawn;   /* the line is on the terminal */
static int64_t announced_until_ms;

/* --- streams and messages --- */

void term_init(const char *color, bool quiet)
{
    const char *name = getenv("TERM");
    const char *no_color = getenv("NO_COLOR");
    bool is_dumb = !name || !*name || strcmp(name, "dumb") == 0;
    for (int i = 0; i < 2; i++) {
        struct term *term = i ? &term_err : &term_out;
        struct winsize size;
        term->is_terminal = isatty(term->fd) == 1;
        bool is_known = term->is_terminal && ioctl(term->fd, TIOCGWINSZ, &size) == 0 &&
                        size.ws_col >= WIDTH_LEAST;
        term->width = is_known ? size.ws_col : term->is_terminal ? WIDTH_DEFAULT : 0;
        bool wants_color = term->is_terminal && !is_dumb && !(no_color && *no_color);
        term->color =
            color && strcmp(color, "auto") != 0 ? strcmp(color, "always") == 0 : wants_color;
    }
    is_quiet = quiet;
    is_redrawn = term_err.is_terminal && !is_dumb;
}

int term_write(const struct term *term, const char *bytes, size_t len)
{
    if (rcn_fd_write(term->fd, bytes, len) == 0)
        return 0;
    return term->fd == STDOUT_FILENO && errno == EPIPE ? 0 : -1;
}

int term_put(const struct term *term, struct rcn_buf *text)
{
    int result = text->failed ? -1 : term_write(term, rcn_buf_get_str(text), text->len);
    if (text->failed)
        errno = EFBIG;
    rcn_buf_release(text);
    return result;
}

/* Removes the line of progress; it is drawn again when it is time. */
static void hide(void)
{
    if (is_drawn)
        (void)term_write(&term_err, "\r\x1b[K", 4);
    is_drawn = false;
}

/* If standard error cannot be written, there is nowhere to report it. */
static void print(const char *label, const char *style, const char *text, const char *hint,
                  bool is_one_line)
{
    struct rcn_buf out;
    rcn_buf_init(&out, MESSAGE_MAX);
    rcn_buf_add_str(&out, "audiencectl: ");
    if (label)
        rcn_buf_printf(&out, "%s%s%s", term_err.color ? style : "", label,
                       term_err.color ? "\x1b[0m " : " ");
    rcn_escape_visible(&out, text);
    if (*hint) {
        rcn_buf_add_str(&out, is_one_line ? " (" : "\n  hint: ");
        rcn_escape_visible(&out, hint);
        rcn_buf_add_str(&out, is_one_line ? ")" : "");
    }
    rcn_buf_add_char(&out, '\n');
    hide();
    (void)term_put(&term_err, &out);
}

void term_print_error(const struct rcn_error *err)
{
    print("error:", "\x1b[1;31m", err->message, err->hint, err->kind == RCN_ERROR_USAGE);
}

void term_print_warning(const char *text)
{
    print("warning:", "\x1b[1;33m", text, "", false);
}

void term_log(void *context, const char *line)
{
    (void)context;
    print(NULL, "", line, "", false);
}

void term_note(const char *format, ...)
{
    char text[8192];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    if (!is_quiet)
        term_log(NULL, text);
}

int term_fail(const struct rcn_error *err)
{
    term_print_error(err);
    return err->kind == RCN_ERROR_USAGE ? EXIT_USAGE : EXIT_ERROR;
}

int term_print_result(struct rcn_buf *text)
{
    struct rcn_error err = RCN_ERROR_INIT;
    if (term_put(&term_out, text) == 0)
        return EXIT_DONE;
    rcn_error_set(&err, RCN_ERROR_FAILED, "cannot write to standard output: %s", strerror(errno));
    return term_fail(&err);
}

void term_print_diags(const struct rcn_diags *diags, bool errors_only)
{
    struct rcn_buf text;
    rcn_buf_init(&text, DIAGS_MAX);
    rcn_diag_text_write(diags, errors_only, term_err.color, &text);
    for (size_t i = 0; i < diags->count; i++)
        diags->items[i]->is_told = true;
    hide();
    (void)term_put(&term_err, &text);
}

/* --- progress --- */

static void add_duration(struct rcn_buf *line, const char *before, int64_t ms, const char *after)
{
    char text[RCN_TIME_SIZE];
    rcn_duration_format((ms + 999) / 1000 * 1000, text);
    rcn_buf_printf(line, ", %s%s%s", before, text, after);
}

static void draw_if(bool is_time)
{
    const int64_t now_ms = rcn_clock_steady_ms();
    const size_t total = progress.total;
    struct rcn_buf line;
    is_time |= now_ms - progress.drawn_ms >= (is_redrawn ? REDRAW_MS : HEARTBEAT_MS);
    if (is_quiet || !progress.phase || !is_time)
        return;
    progress.drawn_ms = now_ms;
    rcn_buf_init(&line, MESSAGE_MAX);
    rcn_buf_add_str(&line, is_redrawn ? "\r" : "");
    rcn_buf_add_str(&line, progress.phase);
    if (total)
        rcn_buf_printf(&line, " %zu/%zu", progress.done, total);
    else if (progress.done)
        rcn_buf_printf(&line, " %zu", progress.done);
    if (total && is_redrawn) {
        size_t filled = progress.done >= total ? BAR_COLUMNS : progress.done * BAR_COLUMNS / total;
        rcn_buf_add_str(&line, " [");
        rcn_buf_add_repeat(&line, '#', filled);
        rcn_buf_add_repeat(&line, '.', BAR_COLUMNS - filled);
        rcn_buf_add_char(&line, ']');
    }
    if (progress.failed)
        rcn_buf_printf(&line, ", %zu not created", progress.failed);
    if (progress.left_ms > 0)
        add_duration(&line, "about ", progress.left_ms, " left");
    if (progress.wait_why && progress.wait_until_ms > now_ms) {
        add_duration(&line, "waiting up to ", progress.wait_until_ms - now_ms, "");
        rcn_buf_printf(&line, " (%s)", progress.wait_why);
    }
    if (is_redrawn) {
        /* It must stay on one row, or the next would scroll it away. ASCII: a byte a column. */
        if (line.len > term_err.width)
            rcn_buf_truncate(&line, term_err.width);
        rcn_buf_add_str(&line, "\x1b[K");
        is_drawn = true;
        (void)term_put(&term_err, &line);
    } else {
        term_log(NULL, rcn_buf_get_str(&line));
        rcn_buf_release(&line);
    }
}

void progress_begin(const char *phase, size_t total)
{
    /* Work that is over at once shows nothing. */
    memset(&progress, 0, sizeof progress);
    progress.phase = phase;
    progress.total = total;
    progress.left_ms = -1;
    progress.drawn_ms = rcn_clock_steady_ms();
}

void progress_update(void *context, size_t done, size_t total, int64_t left_ms)
{
    (void)context;
    progress.done = done;
    progress.total = total;
    progress.left_ms = left_ms;
    draw_if(false);
}

void progress_item(const char *outcome, const char *name, const char *where, const char *detail,
                   bool is_failure)
{
    char line[4096];
    progress.done++;
    progress.failed += is_failure;
    if (is_redrawn && !is_quiet) {
        draw_if(false);
    } else if (is_failure || !is_quiet) {
        snprintf(line, sizeof line, "%zu/%zu %s '%s' at %s%s%s", progress.done, progress.total,
                 outcome, name, where, detail ? ": " : "", detail ? detail : "");
        term_log(NULL, line);
        progress.drawn_ms = rcn_clock_steady_ms();
    }
}

void progress_waiting(void *context, int64_t until_ms, const char *why)
{
    const int64_t now_ms = rcn_clock_steady_ms();
    /* A log shows at once that a long wait has begun. */
    bool is_news = !is_redrawn && announced_until_ms <= now_ms && until_ms - now_ms > LONG_WAIT_MS;
    (void)context;
    progress.wait_until_ms = until_ms;
    progress.wait_why = why;
    if (is_news)
        announced_until_ms = until_ms;
    draw_if(is_news);
}

void progress_fetching(void *context, const char *phase, unsigned done, unsigned total)
{
    if (progress.phase != phase)
        progress_begin(phase, total);
    progress_update(context, done, total, -1);
}

void progress_end(void *context)
{
    (void)context;
    hide();
    progress.phase = NULL;
    progress.wait_why = NULL;
}
