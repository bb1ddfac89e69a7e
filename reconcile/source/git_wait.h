/*
 * git_wait.h: how long a Git operation may go on: until a signal, the deadline of the run, or
 * no progress for the time-out. Everything that waits or loops asks here.
 */
#ifndef RCN_SOURCE_GIT_WAIT_H
#define RCN_SOURCE_GIT_WAIT_H

#include <stdint.h>

#include "base/error.h"
#include "source/source.h"

/* A signal is noticed within this time, whatever is being waited for. */
enum { RCN_GIT_SLICE_MS = 100 };

/* -1 and err when a signal came or the deadline is over. */
int rcn_git_wait_check(const struct rcn_git_options *options, struct rcn_error *err);

/* The same, and -1 when nothing has happened since `since_ms` (steady clock) for the time-out.
 * `what` says what was being waited for. */
int rcn_git_wait_check_idle(const struct rcn_git_options *options, int64_t since_ms,
                            const char *what, struct rcn_error *err);

#endif
