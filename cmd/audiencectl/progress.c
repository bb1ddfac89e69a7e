#include "progress.h"

#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/escape.h"
#include "base/time.h"
#include "base/unicode.h"

enum { LINE_MAX_BYTES = 4096, BAR_COLUMNS = 16 };

void progress_init(struct progress *progress, const struct term *err_term, bool is_quiet)
{
    memset(progress, 0, sizeof *progress);
    progress->term = *err_term;
    /* What cannot be drawn in place is written as into a log. */
    if (err_term->is_dumb)
        progress->term.is_terminal = false;
    progress->is_quiet = is_quiet;
    progress->left_ms = -1;
}

static void add_duration(struct rcn_buf *line, const char *before, int64_t ms, const char *after)
{
    char text[RCN_TIME_SIZE];
    rcn_duration_format((ms + 999) / 1000 * 1000, text);
    rcn_buf_printf(line, ", %s%s%s", before, text, after);
}

static void add_state(const struct progress *progress, int64_t now_ms, struct rcn_buf *line)
{
    const size_t total = progress->total;
    rcn_buf_add_str(line, progress->phase);
    if (total)
        rcn_buf_printf(line, " %zu/%zu", progress->done, total);
    else if (progress->done)
        rcn_buf_printf(line, " %zu", progress->done);
    if (total && progress->term.is_terminal) {
        size_t filled =
            progress->done >= total ? BAR_COLUMNS : progress->done * BAR_COLUMNS / total;
        rcn_buf_add_str(line, " [");
        rcn_buf_add_repeat(line, '#', filled);
        rcn_buf_add_repeat(line, '.', BAR_COLUMNS - filled);
        rcn_buf_add_char(line, ']');
    }
    if (progress->failed)
        rcn_buf_printf(line, ", %zu not created", progress->failed);
    if (progress->left_ms > 0)
        add_duration(line, "about ", progress->left_ms, " left");
    if (progress->wait_why && progress->wait_until_ms > now_ms) {
        add_duration(line, "waiting up to ", progress->wait_until_ms - now_ms, "");
        rcn_buf_printf(line, " (%s)", progress->wait_why);
    }
}

static void draw(struct progress *progress, int64_t now_ms)
{
    struct rcn_buf line;
    rcn_buf_init(&line, LINE_MAX_BYTES);
    progress->drawn_ms = now_ms;
    if (progress->term.is_terminal)
        rcn_buf_add_char(&line, '\r');
    add_state(progress, now_ms, &line);
    if (progress->term.is_terminal) {
        /* It must stay on one row, or the next would scroll it away. ASCII: a byte a column. */
        if (line.len > progress->term.width)
            rcn_buf_truncate(&line, progress->term.width);
        rcn_buf_add_str(&line, "\x1b[K");
        (void)term_write(&progress->term, rcn_buf_get_str(&line), line.len);
        progress->is_drawn = true;
    } else {
        term_print_note(&progress->term, rcn_buf_get_str(&line));
    }
    rcn_buf_release(&line);
}

void progress_tick(struct progress *progress)
{
    int64_t period =
        progress->term.is_terminal ? PROGRESS_REDRAW_MS : (int64_t)PROGRESS_HEARTBEAT_MS;
    int64_t now_ms = rcn_clock_steady_ms();
    if (!progress->is_quiet && progress->phase && now_ms - progress->drawn_ms >= period)
        draw(progress, now_ms);
}

void progress_begin(struct progress *progress, const char *phase, size_t total)
{
    progress->phase = phase;
    progress->done = 0;
    progress->total = total;
    progress->failed = 0;
    progress->left_ms = -1;
    progress->wait_why = NULL;
    progress->began_ms = rcn_clock_steady_ms();
    /* Work that is over at once shows nothing. */
    progress->drawn_ms = progress->began_ms;
}

void progress_update(void *context, size_t done, size_t total, int64_t left_ms)
{
    struct progress *progress = context;
    progress->done = done;
    progress->total = total;
    progress->left_ms = left_ms;
    progress_tick(progress);
}

void progress_item(struct progress *progress, const char *outcome, const char *name,
                   const char *where, const char *detail, bool is_failure)
{
    progress->done++;
    progress->failed += is_failure;
    if (progress->is_quiet && !is_failure)
        return;
    if (progress->term.is_terminal && !progress->is_quiet) {
        progress_tick(progress);
        return;
    }
    char line[LINE_MAX_BYTES];
    snprintf(line, sizeof line, "%zu/%zu %s '%s' at %s%s%s", progress->done, progress->total,
             outcome, name, where, detail ? ": " : "", detail ? detail : "");
    term_print_note(&progress->term, line);
    progress->drawn_ms = rcn_clock_steady_ms();
}

void progress_say(struct progress *progress, const char *text)
{
    if (progress->is_quiet)
        return;
    progress_hide(progress);
    term_print_note(&progress->term, text);
}

void progress_waiting(void *context, int64_t until_ms, const char *why)
{
    struct progress *progress = context;
    const int64_t now_ms = rcn_clock_steady_ms();
    bool is_new = progress->announced_until_ms <= now_ms;
    progress->wait_until_ms = until_ms;
    progress->wait_why = why;
    /* A log shows at once that a long wait has begun. */
    if (is_new && !progress->term.is_terminal && until_ms - now_ms > PROGRESS_LONG_WAIT_MS) {
        progress->announced_until_ms = until_ms;
        progress->drawn_ms = now_ms - PROGRESS_HEARTBEAT_MS;
    }
    progress_tick(progress);
}

void progress_fetching(void *context, const char *phase, unsigned done, unsigned total)
{
    struct progress *progress = context;
    if (progress->phase != phase)
        progress_begin(progress, phase, total);
    progress_update(progress, done, total, -1);
}

void progress_hide(struct progress *progress)
{
    if (progress->is_drawn)
        (void)term_write(&progress->term, "\r\x1b[K", 4);
    progress->is_drawn = false;
}

void progress_end(void *context)
{
    struct progress *progress = context;
    progress_hide(progress);
    progress->phase = NULL;
    progress->wait_why = NULL;
}
