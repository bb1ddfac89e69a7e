/*
 * git_warning.h: warnings about a Git source as a whole, few and of bounded length: whatever was
 * left out is counted, and only the first names are given.
 */
#ifndef RCN_SOURCE_GIT_WARNING_H
#define RCN_SOURCE_GIT_WARNING_H

#include <stddef.h>

#include "base/error.h"
#include "source/source.h"

enum { RCN_GIT_WARNINGS_MAX = 8, RCN_GIT_WARNING_NAMES = 5 };

struct rcn_git_names {
    const char *first[RCN_GIT_WARNING_NAMES]; /* borrowed */
    size_t count;                             /* all */
};

void rcn_git_names_add(struct rcn_git_names *names, const char *name);

/* Adds one to source->warnings. At most RCN_GIT_WARNINGS_MAX in all. -1 when out of memory. */
int rcn_git_warn(struct rcn_source *source, struct rcn_error *err, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* `<what>: 'a', 'b' and 3 more`; nothing at all when there is no name. */
int rcn_git_warn_names(struct rcn_source *source, const struct rcn_git_names *names,
                       const char *what, struct rcn_error *err);

#endif
