/*
 * random.h: chance that repeats. What is drawn depends on --random-seed and on how often was drawn
 * before, nothing else.
 */
#ifndef SBX_SANDBOX_RANDOM_H
#define SBX_SANDBOX_RANDOM_H

#include <stdatomic.h>
#include <stdint.h>

/* splitmix64: every bit of the result depends on every bit of the input. */
uint64_t sbx_mix(uint64_t value);

/* --list-flicker: how far each read of the list is late, as if replicas took turns. */
struct sbx_flicker {
    int64_t max_ms; /* 0: never late */
    uint64_t seed;
    atomic_uint_fast64_t reads; /* so far */
};

/* From 0 to max_ms, both included. From any thread. */
int64_t sbx_flicker_draw(struct sbx_flicker *flicker);

#endif
