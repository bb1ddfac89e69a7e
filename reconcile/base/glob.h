/*
 * glob.h: shell patterns over names, for --name and `ignore:`.
 *
 * `*` any run, `?` one character (a code point), `\` before one of `*`, `?` and `\` that character
 * itself; everything else, brackets too, matches itself. The whole text must match, byte for byte.
 * Text and pattern must be valid UTF-8.
 *
 * Not fnmatch(3): its time grows exponentially with the number of `*`, and patterns come from
 * manifests. Here it is at most len(pattern) * len(text).
 */
#ifndef RCN_BASE_GLOB_H
#define RCN_BASE_GLOB_H

#include <stdbool.h>

bool rcn_glob_matches(const char *pattern, const char *text);

#endif
