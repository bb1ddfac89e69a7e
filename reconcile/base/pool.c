#include "base/pool.h"

#include <stdint.h>
#include <stdlib.h>

#include "base/memory.h"

enum { BLOCK_BYTES = 1 << 20, ALIGN = 8 };

struct block {
    struct block *next;
    uint64_t data[];
};

struct rcn_pool {
    struct block *blocks; /* newest first */
    char *next;           /* in the newest block of many pieces */
    size_t left;
};

struct rcn_pool *rcn_pool_new(void)
{
    return rcn_calloc(1, sizeof(struct rcn_pool));
}

void rcn_pool_free(struct rcn_pool *pool)
{
    for (struct block *block = pool ? pool->blocks : NULL; block;) {
        struct block *next = block->next;
        free(block);
        block = next;
    }
    free(pool);
}

static char *add_block(struct rcn_pool *pool, size_t bytes)
{
    struct block *block = rcn_malloc(sizeof *block + bytes);
    block->next = pool->blocks;
    pool->blocks = block;
    return (char *)block->data;
}

void *rcn_pool_take(struct rcn_pool *pool, size_t size)
{
    size_t bytes = (size + ALIGN - 1) / ALIGN * ALIGN;
    if (bytes > BLOCK_BYTES / 8)
        return add_block(pool, bytes);
    if (bytes > pool->left) {
        pool->next = add_block(pool, BLOCK_BYTES);
        pool->left = BLOCK_BYTES;
    }
    char *piece = pool->next;
    pool->next += bytes;
    pool->left -= bytes;
    return piece;
}
