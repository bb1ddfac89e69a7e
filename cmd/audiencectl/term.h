/*
 * term.h: standard output, everything that is said on standard error, and its line of progress.
 *
 * Standard output is the result and nothing else; standard error is everything else (DESIGN 3).
 * Nothing is buffered: when a function returns, its text is written. All text is escaped here
 * (escape.h), except by term_write, whose bytes a report has made safe already.
 *
 * Progress: on a terminal one line that is drawn again in place, never scrolls, makes room for
 * whatever else is printed here, and is gone at the end. Elsewhere (a CI log) a line for each
 * create, one at the begin of a wait of more than 5 s, and a heartbeat every 30 s, so that a run
 * that waits does not look like one that hangs. With -q nothing but creates that failed.
 */
#ifndef AUDIENCECTL_TERM_H
#define AUDIENCECTL_TERM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/diag.h"
#include "base/error.h"

struct term {
    int fd;
    bool is_terminal;
    bool color;
    unsigned width; /* columns; 0 when it is no terminal */
};

extern struct term term_out; /* standard output */
extern struct term term_err; /* standard error */

/* Looks at the descriptors, NO_COLOR and TERM. A color (`always`, `never`) wins over them; NULL:
 * none. */
void term_init(const char *color, bool is_quiet);

/* All bytes, or -1 with errno. A reader of standard output that has seen enough (`| head`) is no
 * error. */
int term_write(const struct term *term, const char *bytes, size_t len);
/* The same; releases text. A buf that failed is an error. */
int term_put(const struct term *term, struct rcn_buf *text);

/* `audiencectl: error: MESSAGE`, then `  hint: HINT`. A usage error is one line (SPEC 3). */
void term_print_error(const struct rcn_error *err);
/* `audiencectl: warning: MESSAGE` */
void term_print_warning(const char *text);
/* `audiencectl: MESSAGE`, unless -q. */
void term_note(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* The same, with -q too. The form of rcn_http_options.log. */
void term_log(void *context, const char *line);

/* Prints the error. Returns its exit code. */
int term_fail(const struct rcn_error *err);
/* For commands whose whole result is a text: term_put to standard output. Returns the exit code. */
int term_print_result(struct rcn_buf *text);
/* Prints the diagnostics that were not printed yet. */
void term_print_diags(const struct rcn_diags *diags, bool errors_only);

/* --- progress: callbacks of reconcile/ use no context here --- */

/* A new phase: static text, `creating`; total 0: not known. */
void progress_begin(const char *phase, size_t total);
/* How far it is. left_ms: the least time for the rest, -1: unknown. */
void progress_update(void *context, size_t done, size_t total, int64_t left_ms);
/* One create ended: `created 'name' at FILE:LINE`. detail may be NULL. On a terminal this only
 * moves the bar: the summary names them all. */
void progress_item(const char *outcome, const char *name, const char *where, const char *detail,
                   bool is_failure);
/* Nothing is sent before until_ms (steady clock); why is static text. */
void progress_waiting(void *context, int64_t until_ms, const char *why);
/* The form that rcn_git_access.progress takes. */
void progress_fetching(void *context, const char *phase, unsigned done, unsigned total);
/* The end of the phase: nothing is left on the terminal. */
void progress_end(void *context);

#endif
