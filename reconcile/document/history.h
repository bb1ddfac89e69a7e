/*
 * history.h: the counts of every run in a file, for the trend of `drift --history FILE`.
 *
 * One JSON object a line, oldest first; the members are those of `summary` in SPEC 6:
 *
 *     {"at": "2026-11-22T20:00:00Z", "desired": 42, "inSync": 38, "missing": 2, ...}
 *
 * A run locks the file and adds its line with one write to the end, so runs at the same time all
 * get theirs in. A last line that was cut off (a crash, a full disk) is taken away by the next run;
 * other lines that cannot be read are passed over. A file that holds something else altogether is
 * refused and left as it is: the path may be a mistake.
 *
 * Limits: the newest RCN_HISTORY_MAX_POINTS runs are given back. A file that grows past
 * RCN_HISTORY_MAX_BYTES loses its older half, by a new file renamed over it.
 */
#ifndef RCN_DOCUMENT_HISTORY_H
#define RCN_DOCUMENT_HISTORY_H

#include <stddef.h>

#include "base/error.h"
#include "model/report.h"

enum {
    RCN_HISTORY_MAX_POINTS = 1000,
    RCN_HISTORY_MAX_BYTES = 4 << 20, /* about 20,000 runs: two years of one an hour */
};

struct rcn_history {
    struct rcn_history_point *points; /* owned; oldest first */
    size_t count;
};

/*
 * Adds this run to the file, which need not be there yet, and gives back what it then holds, this
 * run last. -1 and err when the path cannot be read or written, is no regular file, or holds
 * something else; ret is empty then. The caller releases ret in any case.
 */
int rcn_history_add(const char *path, const struct rcn_history_point *run, struct rcn_history *ret,
                    struct rcn_error *err);
void rcn_history_release(struct rcn_history *history);

#endif
