/*
 * clock.h: the time of the system: the wall clock for what is written down, the steady clock for
 * waiting. A function that decides takes the time as an input instead of calling these.
 */
#ifndef RCN_BASE_CLOCK_H
#define RCN_BASE_CLOCK_H

#include <stdint.h>

/* Milliseconds since 1970-01-01T00:00:00Z. */
int64_t rcn_clock_wall_ms(void);
/* Milliseconds of a clock that never goes back, of this start of the machine. */
int64_t rcn_clock_steady_ms(void);

#endif
