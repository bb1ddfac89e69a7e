#include "base/strmap.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/memory.h"

enum { FEWEST_SLOTS = 16, MOST_ENTRIES = 1 << 30 };

/*
 * Entries stand one behind the other, as they came; what is probed are small slots that point to
 * them. So a look-up of a key that is absent touches nothing large.
 */
struct entry {
    const char *key;
    size_t key_len;
    void *value;
};

struct slot {
    uint32_t hash;
    uint32_t number; /* of the entry, from 1; 0: free */
};

struct rcn_strmap {
    struct slot *slots;
    size_t slot_count; /* a power of two, over 8/7 of capacity */
    struct entry *entries;
    size_t capacity;
    size_t count;
    uint64_t secret;
};

/* Address-space randomness and the clock: enough to keep a file from knowing the order in advance.
 */
static uint64_t make_secret(const void *address)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    uint64_t mixed = (uint64_t)(uintptr_t)address ^ ((uint64_t)now.tv_nsec << 20);
    return (mixed ^ (uint64_t)getpid()) * UINT64_C(0x9e3779b97f4a7c15) ^
           UINT64_C(14695981039346656037);
}

static uint64_t load_8(const char *text)
{
    uint64_t word;
    memcpy(&word, text, sizeof word);
    return word;
}

static uint64_t load_4(const char *text)
{
    uint32_t word;
    memcpy(&word, text, sizeof word);
    return word;
}

/* At most 16 bytes as two numbers; what the two hold may overlap. */
static void load_rest(const char *text, size_t len, uint64_t ret[2])
{
    ret[0] = ret[1] = 0;
    if (len >= 8) {
        ret[0] = load_8(text);
        ret[1] = load_8(text + len - 8);
    } else if (len >= 4) {
        ret[0] = load_4(text);
        ret[1] = load_4(text + len - 4);
    } else {
        for (size_t i = 0; i < len; i++)
            ret[0] = ret[0] << 8 | (unsigned char)text[i];
    }
}

/* The low half of the product, and what stands for its high half. */
static uint64_t mix(uint64_t a, uint64_t b)
{
    return a * b ^ (a >> 32) * (b >> 32);
}

/* Every byte meets the secret in a factor before anything is multiplied. */
static uint32_t hash_bytes(uint64_t secret, const char *key, size_t len)
{
    uint64_t hash = ~secret ^ len;
    for (; len > 16; key += 16, len -= 16)
        hash = mix(hash ^ load_8(key), secret ^ load_8(key + 8));
    uint64_t rest[2];
    load_rest(key, len, rest);
    hash = mix(hash ^ rest[0], secret ^ rest[1]);
    return (uint32_t)(hash ^ hash >> 32);
}

/* The slot of the key, or the free one where it belongs. */
static struct slot *find(const struct rcn_strmap *map, const char *key, size_t len, uint32_t hash)
{
    size_t mask = map->slot_count - 1;
    for (size_t i = hash & mask;; i = (i + 1) & mask) {
        struct slot *slot = &map->slots[i];
        if (!slot->number)
            return slot;
        if (slot->hash != hash)
            continue;
        const struct entry *entry = &map->entries[slot->number - 1];
        if (entry->key_len == len && memcmp(entry->key, key, len) == 0)
            return slot;
    }
}

static void grow_slots(struct rcn_strmap *map, size_t slot_count)
{
    struct slot *slots = rcn_calloc(slot_count, sizeof *slots);
    for (size_t i = 0; i < map->slot_count; i++) {
        if (!map->slots[i].number)
            continue;
        size_t at = map->slots[i].hash & (slot_count - 1);
        while (slots[at].number)
            at = (at + 1) & (slot_count - 1);
        slots[at] = map->slots[i];
    }
    free(map->slots);
    map->slots = slots;
    map->slot_count = slot_count;
}

static void reserve(struct rcn_strmap *map, size_t expected)
{
    size_t slot_count = FEWEST_SLOTS;
    if (expected > MOST_ENTRIES)
        rcn_memory_exhausted();
    map->entries = rcn_realloc(map->entries, expected * sizeof *map->entries);
    map->capacity = expected;
    while (slot_count / 8 * 7 < expected)
        slot_count *= 2;
    if (slot_count > map->slot_count)
        grow_slots(map, slot_count);
}

struct rcn_strmap *rcn_strmap_new(size_t expected)
{
    struct rcn_strmap *map = rcn_calloc(1, sizeof *map);
    reserve(map, expected > FEWEST_SLOTS / 2 ? expected : FEWEST_SLOTS / 2);
    map->secret = make_secret(map);
    return map;
}

void rcn_strmap_free(struct rcn_strmap *map)
{
    if (!map)
        return;
    free(map->slots);
    free(map->entries);
    free(map);
}

void **rcn_strmap_put(struct rcn_strmap *map, const char *key, size_t key_len)
{
    uint32_t hash = hash_bytes(map->secret, key, key_len);
    struct slot *slot = find(map, key, key_len, hash);
    if (slot->number)
        return &map->entries[slot->number - 1].value;
    if (map->count == map->capacity) {
        reserve(map, map->capacity * 2);
        slot = find(map, key, key_len, hash);
    }
    struct entry *entry = &map->entries[map->count++];
    *entry = (struct entry){.key = key, .key_len = key_len};
    *slot = (struct slot){.hash = hash, .number = (uint32_t)map->count};
    return &entry->value;
}

void *rcn_strmap_get(const struct rcn_strmap *map, const char *key, size_t key_len)
{
    const struct slot *slot = find(map, key, key_len, hash_bytes(map->secret, key, key_len));
    return slot->number ? map->entries[slot->number - 1].value : NULL;
}

size_t rcn_strmap_get_count(const struct rcn_strmap *map)
{
    return map->count;
}
