/*
 * pool.h: memory for a tree of many small pieces that dies as a whole.
 *
 * For a library that takes an allocator and builds a large tree (json.c). Pieces follow each other
 * without headers, and the tree is freed by its blocks: no piece is visited, and none is freed
 * before.
 *
 * Pieces are aligned for pointers, 64-bit numbers and doubles, not for wider types.
 */
#ifndef RCN_BASE_POOL_H
#define RCN_BASE_POOL_H

#include <stddef.h>

struct rcn_pool;

struct rcn_pool *rcn_pool_new(void);
/* Frees the pool and every piece of it. NULL is allowed. */
void rcn_pool_free(struct rcn_pool *pool);

/* size bytes, not zeroed. */
void *rcn_pool_take(struct rcn_pool *pool, size_t size);

#endif
