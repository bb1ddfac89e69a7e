/*
 * outputs.h: every place that a report goes to, opened before the work and written at its end.
 *
 * Files are opened before the first request, so that a path that cannot be written is found out
 * while nothing has happened yet (SPEC 5). At most one report goes to standard output; it is text
 * when no other was asked for.
 */
#ifndef RCN_REPORT_OUTPUTS_H
#define RCN_REPORT_OUTPUTS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "base/file.h"
#include "report/report.h"

struct rcn_output {
    enum rcn_format format;
    const char *path; /* NULL: standard output */
    struct rcn_file_writer *writer;
};

struct rcn_outputs {
    struct rcn_output *items;
    size_t count;
    bool has_document;  /* the one for machines is written somewhere: only that needs digests */
    bool leaves_stdout; /* no text there unless it was asked for */
};

/*
 * Opens what --report and --out name (out may be NULL); history is a file that none of them may
 * be, or NULL. -1 and err: a usage error for an unknown format and two reports to one place,
 * otherwise for a file that cannot be written. What was opened before stays usable.
 */
int rcn_outputs_open(struct rcn_outputs *self, const char *const *reports, size_t count,
                     const char *out, const char *history, struct rcn_error *err);

/* Leaves standard output to the command's own result. A usage error when a report was asked for
 * there. */
int rcn_outputs_leave_stdout(struct rcn_outputs *self, struct rcn_error *err);
/* Writes all files; goes on after one that fails and returns -1 with the first err. */
int rcn_outputs_write_files(struct rcn_outputs *self, const struct rcn_report *report,
                            struct rcn_error *err);

/* Appends the one for standard output, if it has anything to say. The error is not in its text: it
 * goes to standard error. */
int rcn_outputs_write_stdout(const struct rcn_outputs *self, const struct rcn_report *report,
                             const struct rcn_report_style *style, struct rcn_buf *out,
                             struct rcn_error *err);

void rcn_outputs_release(struct rcn_outputs *self);

#endif
