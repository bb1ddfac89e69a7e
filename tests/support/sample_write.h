/*
 * sample_write.h: a sample report (sample_report.h) in a format.
 */
#ifndef TESTS_SUPPORT_SAMPLE_WRITE_H
#define TESTS_SUPPORT_SAMPLE_WRITE_H

#include "report/report.h"
#include "sample_report.h"

/* The report in that format; the caller frees it. */
static inline char *sample_write(const struct sample *self, enum rcn_format format,
                                 struct rcn_report_style style)
{
    struct rcn_error err = RCN_ERROR_INIT;
    struct rcn_buf out;
    rcn_buf_init(&out, RCN_REPORT_MAX_BYTES);
    if (rcn_report_write(format, &self->report, &style, &out, &err) != 0) {
        rcn_buf_release(&out);
        return NULL;
    }
    return out.data;
}

#endif
