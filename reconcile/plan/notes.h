/*
 * notes.h: what a person should know of a row and can do about it, one plain line each.
 *
 * Notes are part of the plan, so that every report says the same. They quote names and ids as they
 * are; a report escapes them for its format.
 */
#ifndef RCN_PLAN_NOTES_H
#define RCN_PLAN_NOTES_H

#include "base/arena.h"
#include "model/plan.h"

/* One more note, of nine at most. */
void rcn_notes_add(struct rcn_arena *arena, struct rcn_plan_row *row, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* For a row with something live, whose status, changes and live syncs are known. */
void rcn_notes_write(struct rcn_arena *arena, struct rcn_plan_row *row);

#endif
