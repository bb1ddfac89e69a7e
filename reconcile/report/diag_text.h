/*
 * diag_text.h: diagnostics as a compiler prints them.
 *
 *     audiences/vip.yaml:14:5: error: unknown key 'segmentID' [unknown-key]
 *          14 |     segmentID: seg_vips
 *             |     ^
 *       hint: did you mean 'segmentId'?
 *     audiences/vip.yaml:3:5: note: first defined here
 *
 * The caret is under the character at the column, whatever tabs, wide and combining characters come
 * before it. Source lines are escaped (escape.h) and cut around the column when very long.
 */
#ifndef RCN_REPORT_DIAG_TEXT_H
#define RCN_REPORT_DIAG_TEXT_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/diag.h"

/* Appends the diagnostics in their order, but not those with is_told, then a line that counts those
 * that were not kept. */
void rcn_diag_text_write(const struct rcn_diags *diags, bool errors_only, bool color,
                         struct rcn_buf *out);

#endif
