/*
 * strmap.h: a hash map from bytes to a pointer, for look-ups only.
 *
 * It cannot be iterated, so no order of output comes from it. Keys are borrowed and must outlive
 * the map. Each map hashes with its own secret: no one can choose keys that collide.
 */
#ifndef RCN_BASE_STRMAP_H
#define RCN_BASE_STRMAP_H

#include <stddef.h>

struct rcn_strmap;

/* A map with room for expected entries before it grows. */
struct rcn_strmap *rcn_strmap_new(size_t expected);
void rcn_strmap_free(struct rcn_strmap *map);

/*
 * Finds or makes the entry of the key. Returns the place of its value, which holds NULL for a new
 * entry; the place is valid until the next call.
 */
void **rcn_strmap_put(struct rcn_strmap *map, const char *key, size_t key_len);

/* The value of the key, or NULL when there is none. */
void *rcn_strmap_get(const struct rcn_strmap *map, const char *key, size_t key_len);

size_t rcn_strmap_get_count(const struct rcn_strmap *map);

#endif
