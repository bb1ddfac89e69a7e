#include "base/clock.h"

#include <time.h>

static int64_t read_clock(clockid_t id)
{
    struct timespec now;
    clock_gettime(id, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

int64_t rcn_clock_wall_ms(void)
{
    return read_clock(CLOCK_REALTIME);
}

/* CLOCK_MONOTONIC stops while the machine sleeps, and the server's clock does not. */
int64_t rcn_clock_steady_ms(void)
{
#ifdef CLOCK_BOOTTIME
    return read_clock(CLOCK_BOOTTIME);
#else
    return read_clock(CLOCK_MONOTONIC);
#endif
}
