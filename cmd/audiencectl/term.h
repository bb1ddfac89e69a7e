/*
 * term.h: the two output streams, and everything that is said on standard error.
 *
 * Standard output is the result and nothing else; standard error is everything else (DESIGN 3).
 * Nothing is buffered: what a function here was given is out when it returns. All text is escaped
 * here (escape.h), except by term_write, whose bytes a report has made safe already.
 */
#ifndef AUDIENCECTL_TERM_H
#define AUDIENCECTL_TERM_H

#include <stdbool.h>
#include <stddef.h>

#include "base/diag.h"
#include "base/error.h"
#include "command.h"

struct term {
    int fd;
    bool is_terminal;
    bool is_dumb; /* TERM is dumb or not set: it may not know a sequence of control characters */
    bool color;
    unsigned width; /* columns; 0 when it is no terminal */
};

/* Looks at the descriptor, NO_COLOR, TERM and COLUMNS. A given --color wins over them. */
void term_init(struct term *term, int fd, enum color_choice color);

/* All bytes, or -1 with errno. A reader of standard output that has seen enough (`| head`) is no
 * error. */
int term_write(const struct term *term, const char *bytes, size_t len);

/* `audiencectl: error: MESSAGE`, then `  hint: HINT`. A usage error is one
 * line (SPEC 3). */
void term_print_error(const struct term *term, const struct rcn_error *err);
/* `audiencectl: warning: MESSAGE` */
void term_print_warning(const struct term *term, const char *text);
/* `audiencectl: MESSAGE` */
void term_print_note(const struct term *term, const char *text);
/* The error with --color=auto, and the exit code that it means. */
int term_fail(const struct rcn_error *err);

/* For commands whose whole result is a text: writes it to standard output. Returns the exit code.
 */
int term_print_result(const char *bytes, size_t len);

/* Those that came in at or after position `from` of arrival; returns the position after the last.
 */
size_t term_print_diags(const struct term *term, const struct rcn_diags *diags, size_t from,
                        bool errors_only);

#endif
