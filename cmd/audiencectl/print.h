/*
 * print.h: the commands whose whole result is a text.
 */
#ifndef AUDIENCECTL_PRINT_H
#define AUDIENCECTL_PRINT_H

#include <stddef.h>

#include "base/buf.h"
#include "base/error.h"
#include "options.h"

/* Writes it to standard output. Returns the exit code: an error, told, when that fails. */
int print_result(const struct options *options, const char *bytes, size_t len);
/* The same for a buf, which may have failed. Releases it. */
int print_buf(const struct options *options, struct rcn_buf *text);
/* Tells the error and returns its exit code. */
int print_failure(const struct options *options, const struct rcn_error *err);

#endif
