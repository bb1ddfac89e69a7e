/*
 * error.h: runtime errors, the second of three channels (diagnostics are diag.h, bugs are assert).
 *
 * A function that can fail takes a `struct rcn_error *err`, the caller's, as its last parameter and
 * returns -1 (or NULL). err is untouched on success. Unwinding code prefixes context with
 * rcn_error_wrap: `plan.json: line 3: unexpected token`.
 *
 * Messages: lower case, no full stop, what is wrong first, names in 'single quotes', one line; what
 * to do about it goes into the hint. Credentials in them are masked here (redact.h). They may quote
 * hostile text: whoever prints them escapes them.
 */
#ifndef RCN_BASE_ERROR_H
#define RCN_BASE_ERROR_H

#include <stddef.h>

enum rcn_error_kind {
    RCN_ERROR_FAILED = 0,      /* the world is wrong: exit 1 */
    RCN_ERROR_REFUSED = 1,     /* no one has allowed to go on: exit 4 */
    RCN_ERROR_USAGE = 2,       /* the command line is wrong: exit 64 */
    RCN_ERROR_INTERRUPTED = 3, /* a signal came: exit 130 or 143 */
};

struct rcn_error {
    enum rcn_error_kind kind;
    char message[1024];
    char hint[512]; /* "" when there is none */
};

#define RCN_ERROR_INIT                                                                             \
    {                                                                                              \
        .kind = RCN_ERROR_FAILED                                                                   \
    }

/* Sets kind and message, empties the hint. Always returns -1, so that failing is one line. */
int rcn_error_set(struct rcn_error *err, enum rcn_error_kind kind, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Sets the hint: what the reader should do. Returns -1. */
int rcn_error_set_hint(struct rcn_error *err, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Puts `prefix: ` before the message that is there. Returns -1. */
int rcn_error_wrap(struct rcn_error *err, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

#endif
