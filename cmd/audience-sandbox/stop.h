/*
 * stop.h: one signal to every waiting thread that the program ends.
 *
 * Latency, held connections and slow bodies wait here and nowhere else, so that a clean end never
 * waits for them. The signal is a pipe whose write end is closed: every poll on it returns, now and
 * later.
 *
 * Threading: _wait from any thread, _now once.
 */
#ifndef SBX_SANDBOX_STOP_H
#define SBX_SANDBOX_STOP_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"

struct sbx_stop {
    int read_fd;
    int write_fd; /* -1 once stopped */
};

int sbx_stop_init(struct sbx_stop *stop, struct rcn_error *err);
void sbx_stop_release(struct sbx_stop *stop);

/* Wakes every waiter, those that come later too. */
void sbx_stop_now(struct sbx_stop *stop);

/*
 * Waits wait_ms, or until the stop, or until the peer of the socket fd has left (fd -1: no peer).
 * True when the time is over and nothing else happened; wait_ms 0 only looks.
 */
bool sbx_stop_wait(const struct sbx_stop *stop, int64_t wait_ms, int fd);

#endif
