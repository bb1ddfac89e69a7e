/*
 * notes.h: what a person should know of a row, and can do about it: one plain line each.
 *
 * Notes are part of the plan, so that every report says the same. They quote names and ids as they
 * are; a report escapes them for its format.
 */
#ifndef RCN_PLAN_NOTES_H
#define RCN_PLAN_NOTES_H

#include "base/arena.h"
#include "plan/plan.h"

/* Fills in row->notes for what the row is so far. -1 when out of memory. */
int rcn_notes_write(struct rcn_arena *arena, struct rcn_plan_row *row);

/* One more note: why a row without a live sync is withheld, or what a missing one looks like. */
int rcn_notes_add_similar(struct rcn_arena *arena, struct rcn_plan_row *row,
                          const struct rcn_live_sync *similar);
int rcn_notes_add_rename(struct rcn_arena *arena, struct rcn_plan_row *row,
                         const struct rcn_live_sync *other);
int rcn_notes_add_paused(struct rcn_arena *arena, struct rcn_plan_row *row);
/* The `until` date of the ignore entry that fits is over. */
int rcn_notes_add_expired(struct rcn_arena *arena, struct rcn_plan_row *row,
                          const struct rcn_ignore *ignore);

#endif
