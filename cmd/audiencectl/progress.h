/*
 * progress.h: what is going on, on standard error, while a command waits.
 *
 * On a terminal it is one line that is drawn again in place, never scrolls and is gone at the end.
 * Elsewhere (a CI log) it is a line for each create, one at the begin of a wait of more than 5 s,
 * and a heartbeat at most every 30 s, so that a run that waits does not look like one that hangs.
 * With -q there is nothing.
 *
 * All text is escaped here. Threading: none.
 */
#ifndef AUDIENCECTL_PROGRESS_H
#define AUDIENCECTL_PROGRESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "term.h"

enum {
    PROGRESS_REDRAW_MS = 100,
    PROGRESS_HEARTBEAT_MS = 30000,
    PROGRESS_LONG_WAIT_MS = 5000,
};

struct progress {
    struct term term;
    bool is_quiet;
    const char *phase; /* static text: `creating`; NULL: nothing is going on */
    size_t done;
    size_t total; /* 0: not known */
    size_t failed;
    int64_t began_ms; /* steady clock, as all here */
    int64_t left_ms;  /* the caller's estimate for the rest; -1: none */
    int64_t wait_until_ms;
    const char *wait_why; /* static text; NULL: not waiting */
    int64_t announced_until_ms;
    int64_t drawn_ms;
    bool is_drawn; /* a line is on the terminal */
};

void progress_init(struct progress *progress, const struct term *err_term, bool is_quiet);

/* A new phase: `creating` 12 things, or `fetching` with total 0. */
void progress_begin(struct progress *progress, const char *phase, size_t total);

/* How far it is. left_ms: the least time for the rest, -1: unknown. The form that
 * rcn_apply_events.tick takes. */
void progress_update(void *context, size_t done, size_t total, int64_t left_ms);

/*
 * One create ended: `created 'name' (act_1) at FILE:LINE`. detail may be NULL. Where there is no
 * terminal this is printed; on one it only moves the bar: the summary names them all.
 */
void progress_item(struct progress *progress, const char *outcome, const char *name,
                   const char *where, const char *detail, bool is_failure);

/* A line of its own, on a terminal too. */
void progress_say(struct progress *progress, const char *text);

/* Nothing is sent before until_ms. The form that rcn_api_options.waiting takes. */
void progress_waiting(void *context, int64_t until_ms, const char *why);

/* The form that rcn_git_options.progress takes. */
void progress_fetching(void *context, const char *phase, unsigned done, unsigned total);

/* Draws again if it is time; call it whenever a wait of at most a second has ended. */
void progress_tick(struct progress *progress);

/* Takes the line away, so that something else can be printed; the next tick draws it again. */
void progress_hide(struct progress *progress);

/* The end of the phase: nothing is left on the terminal. The form of rcn_apply_events.end. */
void progress_end(void *context);

#endif
