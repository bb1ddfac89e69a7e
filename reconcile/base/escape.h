/*
 * escape.h: hostile text made harmless for the place where it is shown.
 *
 * Names come from manifests, the API and Git, and may hold escape sequences, line feeds, workflow
 * commands, markup or invalid UTF-8. Everything that is printed goes through one of these. What
 * cannot be shown as itself becomes visible: `\x1b`, `\u202e`, `\n`; `##`, with which commands to
 * CI systems begin, becomes `#\x23`. Reports have further ones for their own formats, on top of
 * rcn_escape_visible.
 */
#ifndef RCN_BASE_ESCAPE_H
#define RCN_BASE_ESCAPE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"

/* One line for a terminal or a log: hidden characters (unicode.h), white space that looks like a
 * space and is none (U+00A0), and invalid bytes made visible. A hidden character that belongs to
 * its neighbours stays: names with emoji need it. */
void rcn_escape_visible(struct rcn_buf *out, const char *text);
void rcn_escape_visible_len(struct rcn_buf *out, const char *text, size_t len);

/* The same for text that begins a line: `::`, with which commands to CI systems begin, becomes
 * `:\x3a`. */
void rcn_escape_visible_first(struct rcn_buf *out, const char *text);

/* The same in place of a fixed buffer: text of at most size - 1 bytes, cut at a character. */
void rcn_escape_visible_into(char *ret, size_t size, const char *text);

/*
 * Decodes `%41` in place. False when a `%` (which stays) begins no code, or a byte is a control
 * character, encoded or not.
 */
bool rcn_unescape_percent(char *text);

#endif
