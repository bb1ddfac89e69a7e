/*
 * print.h: the commands whose whole result is a text.
 */
#ifndef AUDIENCECTL_PRINT_H
#define AUDIENCECTL_PRINT_H

#include <stddef.h>

#include "base/buf.h"
#include "base/error.h"
#include "options.h"

/* Writes it to standard output. Returns the exit code; a failure has been printed. */
int print_result(const struct options *options, const char *bytes, size_t len);
/* The same for a buf. Releases it. */
int print_buf(const struct options *options, struct rcn_buf *text);
/* Prints the error and returns its exit code. */
int print_failure(const struct options *options, const struct rcn_error *err);

#endif
