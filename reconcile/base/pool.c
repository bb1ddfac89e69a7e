#include "base/pool.h"

#include <assert.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>

/*
 * A block holds pieces of one class and begins at a multiple of its size, so that a piece says
 * which class it is of without a header of its own. Blocks are cut from slabs. A piece too large
 * for a class is alone in a slab of its own.
 */
enum {
    BLOCK_BYTES = 1 << 14,
    BLOCKS_IN_SLAB = 16,
    STEP = 8,          /* between small classes */
    SMALL_MOST = 256,  /* above, classes double */
    LARGE_MOST = 4096, /* of the last class */
    SMALL_CLASSES = SMALL_MOST / STEP,
    CLASSES = SMALL_CLASSES + 4,
    ALONE = CLASSES,
};

struct slab {
    struct slab *next;
    struct slab *before; /* NULL: the first */
};

struct block {
    struct slab *own_slab; /* of a piece that is alone */
    size_t class_index;
};

/* A piece that was given back. */
struct gap {
    struct gap *next;
};

struct class
{
    struct gap *gaps;
    char *next; /* of the newest block */
    size_t left;
};

struct rcn_pool {
    struct class classes[CLASSES];
    struct slab *slabs; /* newest first */
    char *next_block;   /* of the newest slab of blocks */
    size_t blocks_left;
};

struct rcn_pool *rcn_pool_new(void)
{
    return calloc(1, sizeof(struct rcn_pool));
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

static size_t find_class(size_t size)
{
    if (size <= SMALL_MOST)
        return size > STEP ? (size - 1) / STEP : 0;
    size_t index = SMALL_CLASSES;
    while ((size_t)2 * SMALL_MOST << (index - SMALL_CLASSES) < size)
        index++;
    return index;
}

static size_t get_class_size(size_t index)
{
    return index < SMALL_CLASSES ? (index + 1) * STEP
                                 : (size_t)2 * SMALL_MOST << (index - SMALL_CLASSES);
}

static bool add_block(struct rcn_pool *pool, size_t class_index)
{
    if (!pool->blocks_left) {
        struct slab *slab;
        pool->next_block = add_slab(pool, (size_t)BLOCKS_IN_SLAB * BLOCK_BYTES, &slab);
        if (!pool->next_block)
            return false;
        pool->blocks_left = BLOCKS_IN_SLAB;
    }
    struct block *block = (struct block *)(void *)pool->next_block;
    *block = (struct block){.class_index = class_index};
    pool->next_block += BLOCK_BYTES;
    pool->blocks_left--;
    pool->classes[class_index].next = (char *)(block + 1);
    pool->classes[class_index].left = BLOCK_BYTES - sizeof *block;
    return true;
}

static void *take_alone(struct rcn_pool *pool, size_t size)
{
    struct slab *slab;
    char *first = size < SIZE_MAX / 2 ? add_slab(pool, sizeof(struct block) + size, &slab) : NULL;
    struct block *block = (struct block *)(void *)first;
    if (!block)
        return NULL;
    *block = (struct block){.own_slab = slab, .class_index = ALONE};
    return block + 1;
}

void *rcn_pool_take(struct rcn_pool *pool, size_t size)
{
    if (size > LARGE_MOST)
        return take_alone(pool, size);
    size_t index = find_class(size);
    size_t class_size = get_class_size(index);
    struct class *class = &pool->classes[index];
    struct gap *gap = class->gaps;
    if (gap) {
        class->gaps = gap->next;
        return gap;
    }
    if (class->left < class_size && !add_block(pool, index))
        return NULL;
    char *piece = class->next;
    class->next += class_size;
    class->left -= class_size;
    return piece;
}

void rcn_pool_give_back(struct rcn_pool *pool, void *piece)
{
    if (!piece)
        return;
    char *start = (char *)piece - (uintptr_t)piece % BLOCK_BYTES;
    struct block *block = (struct block *)(void *)start;
    if (block->class_index == ALONE) {
        drop_slab(pool, block->own_slab);
        return;
    }
    assert(block->class_index < CLASSES);
    struct gap *gap = piece;
    gap->next = pool->classes[block->class_index].gaps;
    pool->classes[block->class_index].gaps = gap;
}
