/*
 * git_child.h: work that may hang, done in a child process that can be killed.
 *
 * libgit2 before 1.7 has no time-outs, and its callbacks cannot interrupt a stalled read, a DNS
 * look-up or a TLS handshake. So the network part of a fetch runs in a forked child. The child
 * reports over a pipe; the parent waits, and kills it on a signal, at the deadline, or when nothing
 * has been reported for the time-out. Must be called before this process starts a thread.
 *
 * A child never outlives its parent for long: the kernel kills it (Linux), its reports fail once
 * the pipe has no reader, and an alarm ends it when it makes no progress.
 */
#ifndef RCN_SOURCE_GIT_CHILD_H
#define RCN_SOURCE_GIT_CHILD_H

#include <stdbool.h>

#include "base/error.h"
#include "source/git_cache.h"
#include "source/git_ref.h"
#include "source/source.h"

/* What the work found out: plain data, because it crosses a process border. */
struct rcn_git_outcome {
    bool failed;
    bool damaged; /* failed, and for a cause on this side: what the cache held */
    struct rcn_error error;
    char commit[RCN_GIT_COMMIT_SIZE];
    char ref[RCN_GIT_REF_SIZE]; /* full name, or `HEAD` or the commit id */
};

struct rcn_git_line; /* the child's end of the pipe */

/*
 * For the work: tells the parent that something happened. Cheap to call often. -1 when the parent
 * is gone and the work should end. phase is static text.
 */
int rcn_git_line_report(struct rcn_git_line *line, const char *phase, unsigned done,
                        unsigned total);

typedef void rcn_git_work(void *context, struct rcn_git_line *line, struct rcn_git_outcome *ret);

/*
 * Runs work in a child. -1 and err when it could not run to its end; a failure that the work itself
 * found is in ret.
 */
int rcn_git_child_run(const struct rcn_git_options *options, const struct rcn_git_cache *cache,
                      rcn_git_work *work, void *context, struct rcn_git_outcome *ret,
                      struct rcn_error *err);

#endif
