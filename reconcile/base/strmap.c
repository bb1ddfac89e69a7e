#include "base/strmap.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/memory.h"

enum { FEWEST_SLOTS = 16 };

struct slot {
    const char *key; /* NULL: free */
    size_t key_len;
    uint64_t hash;
    void *value;
};

struct rcn_strmap {
    struct slot *slots;
    size_t slot_count; /* a power of two; at most three quarters are taken */
    size_t count;
    uint64_t secret; /* odd */
};

/* Eight bytes at a time, each multiplied by the secret: keys are long and there may be many. */
static uint64_t hash_bytes(uint64_t secret, const char *key, size_t len)
{
    uint64_t hash = len;
    for (; len >= sizeof hash; key += sizeof hash, len -= sizeof hash) {
        uint64_t word;
        memcpy(&word, key, sizeof word);
        hash = (hash ^ word) * secret;
        hash ^= hash >> 32;
    }
    for (; len > 0; key++, len--)
        hash = (hash ^ (unsigned char)*key) * secret;
    return hash ^ hash >> 32;
}

/* The slot of the key, or the free one where it belongs. */
static struct slot *find(const struct rcn_strmap *map, const char *key, size_t len, uint64_t hash)
{
    size_t mask = map->slot_count - 1;
    for (size_t i = hash & mask;; i = (i + 1) & mask) {
        struct slot *slot = &map->slots[i];
        if (!slot->key ||
            (slot->hash == hash && slot->key_len == len && memcmp(slot->key, key, len) == 0))
            return slot;
    }
}

static void grow(struct rcn_strmap *map, size_t slot_count)
{
    struct rcn_strmap old = *map;
    map->slots = rcn_calloc(slot_count, sizeof *map->slots);
    map->slot_count = slot_count;
    for (size_t i = 0; i < old.slot_count; i++) {
        const struct slot *slot = &old.slots[i];
        if (slot->key)
            *find(map, slot->key, slot->key_len, slot->hash) = *slot;
    }
    free(old.slots);
}

struct rcn_strmap *rcn_strmap_new(size_t expected)
{
    struct rcn_strmap *map = rcn_calloc(1, sizeof *map);
    size_t slot_count = FEWEST_SLOTS;
    while (slot_count / 4 * 3 < expected)
        slot_count *= 2;
    grow(map, slot_count);
    (void)!getentropy(&map->secret, sizeof map->secret);
    map->secret |= 1;
    return map;
}

void rcn_strmap_free(struct rcn_strmap *map)
{
    if (map)
        free(map->slots);
    free(map);
}

void **rcn_strmap_put(struct rcn_strmap *map, const char *key, size_t key_len)
{
    uint64_t hash = hash_bytes(map->secret, key, key_len);
    struct slot *slot = find(map, key, key_len, hash);
    if (slot->key)
        return &slot->value;
    if (map->count == map->slot_count / 4 * 3) {
        grow(map, map->slot_count * 2);
        slot = find(map, key, key_len, hash);
    }
    map->count++;
    *slot = (struct slot){.key = key, .key_len = key_len, .hash = hash};
    return &slot->value;
}

void *rcn_strmap_get(const struct rcn_strmap *map, const char *key, size_t key_len)
{
    return find(map, key, key_len, hash_bytes(map->secret, key, key_len))->value;
}

size_t rcn_strmap_get_count(const struct rcn_strmap *map)
{
    return map->count;
}
