/*
 * history.h: what `drift --history FILE` remembers of its runs.
 *
 * One JSON object a line, oldest first: the time, what the run was about (API, companies,
 * selection), the counts as in `summary` of SPEC 6, and every row that was not in sync:
 *
 *     {"at": "2026-11-22T20:00:00Z", "desired": 42, ..., "api": "https://...", "companies":
 *      ["comp_123"], "rows": [{"status": "drifted", "adAccountId": "act_1", "audienceName": "VIPs",
 *      "since": "2026-11-13T20:00:00Z"}]}
 *
 * Runs that were about something else are kept and not compared. Lines of older versions have
 * counts alone and no API: they are taken for runs of any.
 *
 * The file is read, gets this run, and is written whole by a new file that is renamed over it, with
 * its folder locked. A line that cannot be read (a crash, a full disk) is dropped. A file that
 * holds something else altogether is refused and left as it is: the path may be a mistake.
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
