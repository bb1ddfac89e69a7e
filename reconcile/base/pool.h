/*
 * pool.h: malloc and free for a tree of many small pieces that dies as a whole.
 *
 * For a library that takes an allocator and builds a large tree (json.c). Beside malloc it saves
 * the header and the rounding of each piece, and the tree is freed by its blocks: no piece is
 * visited. A piece that is freed before serves the next one of its size.
 *
 * Pieces are aligned for pointers, 64-bit numbers and doubles, not for wider types.
 *
 * Threading: none; one pool belongs to one thread.
 */
#ifndef RCN_BASE_POOL_H
#define RCN_BASE_POOL_H

#include <stddef.h>

struct rcn_pool;

/* NULL when out of memory. */
struct rcn_pool *rcn_pool_new(void);
/* Frees the pool and every piece of it. NULL is allowed. */
void rcn_pool_free(struct rcn_pool *pool);

/* size bytes, not zeroed. NULL when out of memory. */
void *rcn_pool_take(struct rcn_pool *pool, size_t size);
/* Frees one piece of this pool. NULL is allowed. */
void rcn_pool_give_back(struct rcn_pool *pool, void *piece);

#endif
