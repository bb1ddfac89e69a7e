/*
 * page.h: a manual page in mdoc(7), made from a template and from the tables that the program is
 * made of, so that an option is written down once.
 *
 * A line of the template that is `@NAME@` and nothing else is replaced by what `fill` appends for
 * NAME. All other lines stay.
 */
#ifndef MANUAL_PAGE_H
#define MANUAL_PAGE_H

#include <stdbool.h>

#include "base/buf.h"

enum { PAGE_MAX_BYTES = 1 << 20 };

/* False: there is no such name. */
typedef bool page_fill(const char *name, struct rcn_buf *out);

/* A program's whole main: `PROGRAM TEMPLATE PAGE`. Returns its exit code. */
int page_main(int argc, char **argv, page_fill *fill);

/*
 * Append plain text, in which nothing is a request, a macro or an escape of roff: words to be
 * filled, ended by a line feed, and lines that stay as they are.
 */
void page_add_text(struct rcn_buf *out, const char *text);
void page_add_literal(struct rcn_buf *out, const char *text);

#endif
