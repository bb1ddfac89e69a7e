#include "base/strmap.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

struct entry {
    const char *key; /* NULL: free */
    void *value;
    uint32_t key_len;
    uint32_t hash;
};

struct rcn_strmap {
    struct entry *entries;
    size_t capacity; /* a power of two, at least 4/3 of count */
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

/* The first bytes of a text, at most 8, as a number. */
static uint64_t load(const char *text, size_t len)
{
    uint64_t word = 0;
    memcpy(&word, text, len < sizeof word ? len : sizeof word);
    return word;
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
        hash = mix(hash ^ load(key, 8), secret ^ load(key + 8, 8));
    hash = mix(hash ^ load(key, len), secret ^ (len > 8 ? load(key + 8, len - 8) : 0));
    return (uint32_t)(hash ^ hash >> 32);
}

static size_t find_capacity(size_t expected)
{
    size_t capacity = 16;
    while (capacity / 4 * 3 < expected && capacity < SIZE_MAX / 2 / sizeof(struct entry))
        capacity *= 2;
    return capacity;
}

struct rcn_strmap *rcn_strmap_new(size_t expected)
{
    struct rcn_strmap *map = calloc(1, sizeof *map);
    if (!map)
        return NULL;
    map->capacity = find_capacity(expected);
    map->entries = calloc(map->capacity, sizeof *map->entries);
    if (!map->entries) {
        free(map);
        return NULL;
    }
    map->secret = make_secret(map);
    return map;
}

void rcn_strmap_free(struct rcn_strmap *map)
{
    if (!map)
        return;
    free(map->entries);
    free(map);
}

/* The entry of the key, or the free entry where it belongs. */
static struct entry *find(const struct rcn_strmap *map, const char *key, size_t len, uint32_t hash)
{
    size_t mask = map->capacity - 1;
    for (size_t i = hash & mask;; i = (i + 1) & mask) {
        struct entry *entry = &map->entries[i];
        if (!entry->key)
            return entry;
        if (entry->hash == hash && entry->key_len == len && memcmp(entry->key, key, len) == 0)
            return entry;
    }
}

static int grow(struct rcn_strmap *map, size_t capacity)
{
    struct rcn_strmap bigger = *map;
    bigger.capacity = capacity;
    bigger.entries = calloc(bigger.capacity, sizeof *bigger.entries);
    if (!bigger.entries)
        return -1;
    for (size_t i = 0; i < map->capacity; i++) {
        const struct entry *old = &map->entries[i];
        if (old->key)
            *find(&bigger, old->key, old->key_len, old->hash) = *old;
    }
    free(map->entries);
    *map = bigger;
    return 0;
}

int rcn_strmap_reserve(struct rcn_strmap *map, size_t expected)
{
    size_t capacity = find_capacity(expected);
    return capacity > map->capacity ? grow(map, capacity) : 0;
}

void **rcn_strmap_put(struct rcn_strmap *map, const char *key, size_t key_len)
{
    if (key_len > UINT32_MAX)
        return NULL;
    uint32_t hash = hash_bytes(map->secret, key, key_len);
    struct entry *entry = find(map, key, key_len, hash);
    if (entry->key)
        return &entry->value;
    if (map->count + 1 > map->capacity / 4 * 3) {
        if (grow(map, map->capacity * 2))
            return NULL;
        entry = find(map, key, key_len, hash);
    }
    *entry = (struct entry){.key = key, .key_len = (uint32_t)key_len, .hash = hash};
    map->count++;
    return &entry->value;
}

void *rcn_strmap_get(const struct rcn_strmap *map, const char *key, size_t key_len)
{
    const struct entry *entry = find(map, key, key_len, hash_bytes(map->secret, key, key_len));
    return entry->key ? entry->value : NULL;
}

size_t rcn_strmap_get_count(const struct rcn_strmap *map)
{
    return map->count;
}
