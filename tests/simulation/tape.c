#include "sim.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

void sim_tape_seed(struct sim_tape *tape, uint64_t seed)
{
    tape->count = tape->position = 0;
    tape->is_given = false;
    tape->random = seed * 0x9e3779b97f4a7c15U + 0x853c49e6748fea9bU;
}

void sim_tape_rewind(struct sim_tape *tape)
{
    tape->position = 0;
    tape->is_given = true;
}

void sim_tape_release(struct sim_tape *tape)
{
    free(tape->values);
    *tape = (struct sim_tape){0};
}

/* splitmix64 */
static uint64_t next_random(struct sim_tape *tape)
{
    uint64_t z = tape->random += 0x9e3779b97f4a7c15U;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9U;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebU;
    return z ^ (z >> 31);
}

static void record(struct sim_tape *tape, uint32_t value)
{
    if (tape->count == tape->capacity) {
        tape->capacity = tape->capacity ? 2 * tape->capacity : 1024;
        tape->values = rcn_realloc(tape->values, tape->capacity * sizeof *tape->values);
    }
    tape->values[tape->count++] = value;
}

static unsigned take_given(struct sim_tape *tape, unsigned bound)
{
    if (tape->position >= tape->count)
        return 0;
    unsigned value = tape->values[tape->position++];
    return value < bound ? value : bound - 1;
}

unsigned sim_choose(unsigned bound)
{
    struct sim_tape *tape = sim.tape;
    if (bound < 2)
        return 0;
    if (tape->is_given)
        return take_given(tape, bound);
    unsigned value = (unsigned)(next_random(tape) % bound);
    record(tape, value);
    return value;
}

bool sim_chance(unsigned permille)
{
    struct sim_tape *tape = sim.tape;
    if (permille == 0)
        return false;
    if (tape->is_given)
        return take_given(tape, 2);
    bool value = next_random(tape) % 1000 < permille;
    record(tape, value);
    return value;
}

unsigned sim_choose_moment(void)
{
    return 1 + sim_choose(1U << sim_choose(8));
}

const char *sim_without = "";

bool sim_allows(const char *trouble)
{
    return !strstr(sim_without, trouble);
}
