#include "random.h"

uint64_t sbx_mix(uint64_t value)
{
    value += 0x9e3779b97f4a7c15U;
    value = (value ^ (value >> 30)) * 0xbf58476d1ce4e5b9U;
    value = (value ^ (value >> 27)) * 0x94d049bb133111ebU;
    return value ^ (value >> 31);
}

int64_t sbx_flicker_draw(struct sbx_flicker *flicker)
{
    uint64_t read = atomic_fetch_add(&flicker->reads, 1);
    return (int64_t)(sbx_mix(sbx_mix(flicker->seed) + read) % ((uint64_t)flicker->max_ms + 1));
}
