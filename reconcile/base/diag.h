/*
 * diag.h: what is wrong (or doubtful) in the user's own text, collected.
 *
 * All problems of all files are collected in one run, then sorted by place. At most RCN_DIAGS_MAX
 * are kept, so that a hostile file costs bounded memory; all are counted.
 */
#ifndef RCN_BASE_DIAG_H
#define RCN_BASE_DIAG_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/span.h"

enum { RCN_DIAGS_MAX = 1000 };

enum rcn_severity { RCN_SEVERITY_ERROR, RCN_SEVERITY_WARNING };

struct rcn_diag {
    enum rcn_severity severity;
    const char *rule; /* static, `unknown-key`; never renamed (SPEC 2) */
    const char *message;
    struct rcn_span span;
    const char *hint;          /* `did you mean 'segmentId'?`; NULL: none */
    const char *note;          /* `first defined here`; NULL: none */
    struct rcn_span note_span; /* where the note points; text NULL: nowhere */
    size_t order;              /* position of arrival, the last sort key */
    bool is_told;              /* it was printed already: for reports only */
};

struct rcn_diags {
    struct rcn_arena *arena; /* owned */
    struct rcn_diag **items; /* sorted after rcn_diags_sort */
    size_t count;
    size_t errors;   /* all, kept or not */
    size_t warnings; /* all, kept or not */
};

void rcn_diags_init(struct rcn_diags *diags);
void rcn_diags_release(struct rcn_diags *diags);

/* Adds one. Returns it for a hint or a note; NULL, which those accept, when it was only counted. */
struct rcn_diag *rcn_diags_error(struct rcn_diags *diags, const char *rule, struct rcn_span span,
                                 const char *format, ...) __attribute__((format(printf, 4, 5)));
struct rcn_diag *rcn_diags_warning(struct rcn_diags *diags, const char *rule, struct rcn_span span,
                                   const char *format, ...) __attribute__((format(printf, 4, 5)));
/* The same, unless this rule has the same message at this place already (NULL then, too): for what
 * many syncs share. */
struct rcn_diag *rcn_diags_add_once(struct rcn_diags *diags, enum rcn_severity severity,
                                    const char *rule, struct rcn_span span, const char *format, ...)
    __attribute__((format(printf, 5, 6)));
void rcn_diag_set_hint(struct rcn_diags *diags, struct rcn_diag *diag, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
void rcn_diag_set_note(struct rcn_diags *diags, struct rcn_diag *diag, struct rcn_span span,
                       const char *format, ...) __attribute__((format(printf, 4, 5)));

/* Orders by path bytes, line, column, arrival. A span without a text comes first. */
void rcn_diags_sort(struct rcn_diags *diags);

/* `error` or `warning`. */
const char *rcn_severity_name(enum rcn_severity severity);

#endif
