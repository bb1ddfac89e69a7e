/*
 * history.h: what `drift --history FILE` remembers of its runs.
 *
 * One JSON object a line, oldest first: the time, the counts as in `summary` of SPEC 6, what the
 * run was about (API, companies, selection), and every row that was not in sync. Runs that were
 * about something else are kept and not compared. Lines of older versions have counts alone: they
 * are taken for runs of any API.
 *
 * The file is read and replaced by a new one, with its folder locked. A line that cannot be read (a
 * crash, a full disk) is dropped. A file that holds something else altogether is refused and left
 * as it is: the path may be a mistake.
 *
 * Limits: the newest RCN_HISTORY_MAX_RUNS runs stay; rows stay with the newest of them, up to
 * RCN_HISTORY_MAX_ROWS in all.
 */
#ifndef RCN_DOCUMENT_HISTORY_H
#define RCN_DOCUMENT_HISTORY_H

#include "base/arena.h"
#include "base/error.h"
#include "model/report.h"

enum { RCN_HISTORY_MAX_RUNS = 1000, RCN_HISTORY_MAX_ROWS = 50000 };

/*
 * Adds the run of that plan to the file, which need not exist, and compares it with the run before:
 * sets since_ms and is_new of the plan's rows, and fills ret, which lives in the arena. selection
 * is what the options select, NULL: everything. -1 and err when the path cannot be read or written,
 * is no regular file, or holds something else.
 */
int rcn_history_add(const char *path, struct rcn_plan *plan, const char *selection,
                    struct rcn_arena *arena, struct rcn_history *ret, struct rcn_error *err);

#endif
