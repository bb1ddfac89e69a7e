#include "base/pool.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>

#include "base/prefault.h"

/*
 * A shelf has the pieces of one size. Its blocks begin at multiples of their own size, so that the
 * address of a piece says which shelf it is of, and no piece has a header. Blocks are cut from
 * slabs. A piece too large for a shelf is alone in a slab of its own.
 */
enum {
    BLOCK_BYTES = 1 << 14,
    BLOCKS_IN_SLAB = 64,
    STEP = 8,          /* between small sizes */
    SMALL_MOST = 256,  /* above, sizes double */
    LARGE_MOST = 4096, /* of the last shelf */
    SMALL_SHELVES = SMALL_MOST / STEP,
    SHELVES = SMALL_SHELVES + 4,
};

struct slab {
    struct slab *next;
    struct slab *before; /* NULL: the first */
};

/* A piece that was given back. */
struct gap {
    struct gap *next;
};

struct shelf {
    size_t size;
    struct gap *gaps;
    char *next; /* of the newest block */
    size_t left;
};

struct block {
    struct shelf *shelf;
    struct slab *own_slab; /* of a piece that is alone */
};

struct rcn_pool {
    struct shelf shelves[SHELVES];
    struct slab *slabs; /* newest first */
    char *next_block;   /* of the newest slab of blocks */
    size_t blocks_left;
};

struct rcn_pool *rcn_pool_new(void)
{
    struct rcn_pool *pool = calloc(1, sizeof *pool);
    for (size_t i = 0; pool && i < SHELVES; i++)
        pool->shelves[i].size =
            i < SMALL_SHELVES ? (i + 1) * STEP : (size_t)2 * SMALL_MOST << (i - SMALL_SHELVES);
    return pool;
}

void rcn_pool_free(struct rcn_pool *pool)
{
    if (!pool)
        return;
    for (struct slab *slab = pool->slabs; slab;) {
        struct slab *after = slab->next;
        free(slab);
        slab = after;
    }
    free(pool);
}

/* A slab of so many bytes behind the first multiple of BLOCK_BYTES in it, which is returned. */
static char *add_slab(struct rcn_pool *pool, size_t bytes, struct slab **ret_slab)
{
    if (bytes > SIZE_MAX - BLOCK_BYTES - sizeof(struct slab))
        return NULL;
    struct slab *slab = malloc(sizeof *slab + BLOCK_BYTES + bytes);
    if (!slab)
        return NULL;
    slab->before = NULL;
    slab->next = pool->slabs;
    if (slab->next)
        slab->next->before = slab;
    pool->slabs = slab;
    *ret_slab = slab;
    char *first = (char *)(slab + 1);
    return first + (BLOCK_BYTES - (uintptr_t)first % BLOCK_BYTES) % BLOCK_BYTES;
}

static void drop_slab(struct rcn_pool *pool, struct slab *slab)
{
    *(slab->before ? &slab->before->next : &pool->slabs) = slab->next;
    if (slab->next)
        slab->next->before = slab->before;
    free(slab);
}

static bool add_slab_of_blocks(struct rcn_pool *pool)
{
    const size_t bytes = (size_t)BLOCKS_IN_SLAB * BLOCK_BYTES;
    struct slab *slab;
    pool->next_block = add_slab(pool, bytes, &slab);
    if (!pool->next_block)
        return false;
    pool->blocks_left = BLOCKS_IN_SLAB;
    /* The first may be all that the tree needs. */
    if (slab->next)
        rcn_prefault(pool->next_block, bytes);
    return true;
}

static bool add_block(struct rcn_pool *pool, struct shelf *shelf)
{
    if (!pool->blocks_left && !add_slab_of_blocks(pool))
        return false;
    struct block *block = (struct block *)(void *)pool->next_block;
    *block = (struct block){.shelf = shelf};
    pool->next_block += BLOCK_BYTES;
    pool->blocks_left--;
    shelf->next = (char *)(block + 1);
    shelf->left = BLOCK_BYTES - sizeof *block;
    return true;
}

static void *take_alone(struct rcn_pool *pool, size_t size)
{
    struct slab *slab;
    char *first = size < SIZE_MAX / 2 ? add_slab(pool, sizeof(struct block) + size, &slab) : NULL;
    struct block *block = (struct block *)(void *)first;
    if (!block)
        return NULL;
    *block = (struct block){.own_slab = slab};
    return block + 1;
}

static struct shelf *find_large_shelf(struct rcn_pool *pool, size_t size)
{
    struct shelf *shelf = &pool->shelves[SMALL_SHELVES];
    while (shelf->size < size)
        shelf++;
    return shelf;
}

static void *take_next(struct shelf *shelf)
{
    char *piece = shelf->next;
    shelf->next += shelf->size;
    shelf->left -= shelf->size;
    return piece;
}

/* Kept out of the way of what is taken millions of times. */
__attribute__((noinline)) static void *take_from_new_block(struct rcn_pool *pool,
                                                           struct shelf *shelf)
{
    return add_block(pool, shelf) ? take_next(shelf) : NULL;
}

static void *take_from(struct rcn_pool *pool, struct shelf *shelf)
{
    struct gap *gap = shelf->gaps;
    if (gap) {
        shelf->gaps = gap->next;
        return gap;
    }
    return shelf->left < shelf->size ? take_from_new_block(pool, shelf) : take_next(shelf);
}

__attribute__((noinline)) static void *take_large(struct rcn_pool *pool, size_t size)
{
    return size > LARGE_MOST ? take_alone(pool, size)
                             : take_from(pool, find_large_shelf(pool, size));
}

void *rcn_pool_take(struct rcn_pool *pool, size_t size)
{
    if (size > SMALL_MOST)
        return take_large(pool, size);
    return take_from(pool, &pool->shelves[size ? (size - 1) / STEP : 0]);
}

void rcn_pool_give_back(struct rcn_pool *pool, void *piece)
{
    if (!piece)
        return;
    char *start = (char *)piece - (uintptr_t)piece % BLOCK_BYTES;
    struct block *block = (struct block *)(void *)start;
    if (block->own_slab) {
        drop_slab(pool, block->own_slab);
        return;
    }
    struct gap *gap = piece;
    gap->next = block->shelf->gaps;
    block->shelf->gaps = gap;
}
