/*
 * markup.h: hostile text as content or inside a quoted attribute of HTML and XML. What it holds
 * after escape.h has no character that XML 1.0 forbids.
 */
#ifndef RCN_REPORT_MARKUP_H
#define RCN_REPORT_MARKUP_H

#include "base/buf.h"

void rcn_markup_add(struct rcn_buf *out, const char *text);
/* The same for text that was made visible before; its line feeds stay. */
void rcn_markup_add_visible(struct rcn_buf *out, const char *text);

#endif
