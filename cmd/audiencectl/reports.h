/*
 * reports.h: every place that a report goes to, opened before the work and written at its end.
 *
 * Files are opened before the first request, so that a path that cannot be written is found out
 * while nothing has happened yet (SPEC 5). At most one report goes to standard output; it is text
 * when no other was asked for.
 */
#ifndef AUDIENCECTL_REPORTS_H
#define AUDIENCECTL_REPORTS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "base/file.h"
#include "command.h"
#include "report/report.h"
#include "term.h"

struct report_output {
    enum rcn_format format;
    const char *path; /* NULL: standard output */
    struct rcn_file_writer *writer;
};

struct reports {
    struct report_output *items;
    size_t count;
    bool stdout_is_given; /* a report was asked for there */
};

/* Splits `FORMAT[=FILE]`: the path is NULL for standard output. -1 and a usage error. */
int reports_parse(const char *report, enum rcn_format *ret_format, const char **ret_path,
                  struct rcn_error *err);

/*
 * Opens what --report and --out name. -1 and err: a usage error for two reports to one place,
 * otherwise for a file that cannot be written. What was opened before stays usable.
 */
int reports_open(struct reports *self, const struct options *options, struct rcn_error *err);

/*
 * Leaves standard output to the command's own result: text that was not asked for is not written
 * there. A usage error when a report was asked for there.
 */
int reports_leave_stdout(struct reports *self, struct rcn_error *err);

/* True when the document for machines is written anywhere: only that needs digests. */
bool reports_have_document(const struct reports *self);

/* Writes all files; goes on after one that fails and returns -1 with the first err. */
int reports_write_files(struct reports *self, const struct rcn_report *report,
                        struct rcn_error *err);

/* Writes the one for standard output, if it has anything to say. The error is not in its text: it
 * goes to standard error. */
int reports_write_stdout(const struct reports *self, const struct rcn_report *report,
                         const struct options *options, const struct term *out,
                         struct rcn_error *err);

void reports_release(struct reports *self);

#endif
