/*
 * time.h: times and durations as text, in milliseconds. Pure: no clock is read here.
 */
#ifndef RCN_BASE_TIME_H
#define RCN_BASE_TIME_H

#include <stdbool.h>
#include <stdint.h>

enum { RCN_TIME_SIZE = 32 };

/* `2026-11-22T20:00:00Z`, seconds precision, as every document of ours writes times. */
void rcn_time_format(int64_t wall_ms, char ret[RCN_TIME_SIZE]);

/*
 * Reads an ISO 8601 date-time: with or without fraction (api-contract 3: both occur), `Z` or an
 * offset. False when it is anything else or out of range.
 */
bool rcn_time_parse(const char *text, int64_t *ret_wall_ms);

/* Reads `2026-12-31` as the first instant of that day, UTC. */
bool rcn_date_parse(const char *text, int64_t *ret_wall_ms);

/*
 * Reads a duration: a whole number and `ms`, `s`, `m`, `h` or `d`; a bare number is seconds
 * (SPEC 3). At most 10,000 days. False when it is anything else.
 */
bool rcn_duration_parse(const char *text, int64_t *ret_ms);

/* `45 s`, `2 min 5 s`, `3 h 20 min`: for people. */
void rcn_duration_format(int64_t ms, char ret[RCN_TIME_SIZE]);

/* The same in whole minutes, `less than a minute` for none: for an age. */
void rcn_age_format(int64_t ms, char ret[RCN_TIME_SIZE]);

#endif
