#include "base/strmap.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

struct entry {
    const char *key; /* NULL: free */
    size_t key_len;
    uint64_t hash;
    void *value;
};

struct rcn_strmap {
    struct entry *entries;
    size_t capacity; /* a power of two, at least 4/3 of count */
    size_t count;
    uint64_t basis;
};

/* Address-space randomness and the clock: enough to keep a file from knowing the order in advance.
 */
static uint64_t random_basis(const void *address)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    uint64_t mix = (uint64_t)(uintptr_t)address ^ ((uint64_t)now.tv_nsec << 20);
    return (mix ^ (uint64_t)getpid()) * UINT64_C(0x9e3779b97f4a7c15) ^
           UINT64_C(14695981039346656037);
}

static uint64_t hash_bytes(uint64_t basis, const char *key, size_t len)
{
    uint64_t hash = basis;
    for (size_t i = 0; i < len; i++)
        hash = (hash ^ (unsigned char)key[i]) * UINT64_C(1099511628211);
    return hash ^ (hash >> 29);
}

struct rcn_strmap *rcn_strmap_new(size_t expected)
{
    struct rcn_strmap *map = calloc(1, sizeof *map);
    if (!map)
        return NULL;
    map->capacity = 16;
    while (map->capacity / 4 * 3 < expected && map->capacity < SIZE_MAX / 2 / sizeof *map->entries)
        map->capacity *= 2;
    map->entries = calloc(map->capacity, sizeof *map->entries);
    if (!map->entries) {
        free(map);
        return NULL;
    }
    map->basis = random_basis(map);
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
static struct entry *find(const struct rcn_strmap *map, const char *key, size_t len, uint64_t hash)
{
    size_t mask = map->capacity - 1;
    for (size_t i = (size_t)hash & mask;; i = (i + 1) & mask) {
        struct entry *entry = &map->entries[i];
        if (!entry->key)
            return entry;
        if (entry->hash == hash && entry->key_len == len && memcmp(entry->key, key, len) == 0)
            return entry;
    }
}

static int grow(struct rcn_strmap *map)
{
    struct rcn_strmap bigger = *map;
    bigger.capacity = map->capacity * 2;
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

void **rcn_strmap_put(struct rcn_strmap *map, const char *key, size_t key_len)
{
    uint64_t hash = hash_bytes(map->basis, key, key_len);
    struct entry *entry = find(map, key, key_len, hash);
    if (entry->key)
        return &entry->value;
    if (map->count + 1 > map->capacity / 4 * 3) {
        if (grow(map))
            return NULL;
        entry = find(map, key, key_len, hash);
    }
    *entry = (struct entry){.key = key, .key_len = key_len, .hash = hash};
    map->count++;
    return &entry->value;
}

void *rcn_strmap_get(const struct rcn_strmap *map, const char *key, size_t key_len)
{
    const struct entry *entry = find(map, key, key_len, hash_bytes(map->basis, key, key_len));
    return entry->key ? entry->value : NULL;
}

size_t rcn_strmap_get_count(const struct rcn_strmap *map)
{
    return map->count;
}
