#include "base/arena.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/prefault.h"

/*
 * Chunks double from the first to the last size: a small plan costs one page, a large one few
 * mallocs. In a large arena a chunk that stays half empty is nothing: there they are made ready.
 */
enum { FIRST_CHUNK = 4096, LAST_CHUNK = 1 << 20, LEAST_PREFAULT = 2 * LAST_CHUNK };

struct chunk {
    struct chunk *next;
    size_t size;
    size_t used;
    max_align_t data[];
};

/* What was made elsewhere. */
struct adopted {
    struct adopted *next;
    void *memory;
};

struct rcn_arena {
    struct chunk *chunks; /* newest first; only the newest has room */
    struct adopted *adopted;
    size_t max_bytes;
    size_t used;
    size_t next_size;
};

struct rcn_arena *rcn_arena_new(size_t max_bytes)
{
    struct rcn_arena *arena = calloc(1, sizeof *arena);
    if (!arena)
        return NULL;
    arena->max_bytes = max_bytes;
    arena->next_size = FIRST_CHUNK;
    return arena;
}

void rcn_arena_free(struct rcn_arena *arena)
{
    if (!arena)
        return;
    for (const struct adopted *adopted = arena->adopted; adopted; adopted = adopted->next)
        free(adopted->memory);
    for (struct chunk *chunk = arena->chunks; chunk;) {
        struct chunk *next = chunk->next;
        free(chunk);
        chunk = next;
    }
    free(arena);
}

static struct chunk *add_chunk(struct rcn_arena *arena, size_t least)
{
    size_t size = least > arena->next_size ? least : arena->next_size;
    struct chunk *chunk = malloc(sizeof *chunk + size);
    if (!chunk)
        return NULL;
    chunk->size = size;
    chunk->used = 0;
    chunk->next = arena->chunks;
    arena->chunks = chunk;
    if (arena->next_size < LAST_CHUNK)
        arena->next_size *= 2;
    if (size >= LAST_CHUNK && arena->used >= LEAST_PREFAULT)
        rcn_prefault(chunk, sizeof *chunk + size);
    return chunk;
}

/* len bytes at a multiple of align, not zeroed: strings need no alignment and no clearing. */
static void *take(struct rcn_arena *arena, size_t len, size_t align)
{
    if (len > arena->max_bytes - arena->used)
        return NULL;
    struct chunk *chunk = arena->chunks;
    size_t start = chunk ? (chunk->used + align - 1) / align * align : 0;
    if (!chunk || start > chunk->size || len > chunk->size - start) {
        chunk = add_chunk(arena, len);
        start = 0;
        if (!chunk)
            return NULL;
    }
    chunk->used = start + len;
    arena->used += len;
    return (char *)chunk->data + start;
}

void *rcn_arena_alloc(struct rcn_arena *arena, size_t size)
{
    void *data = take(arena, size ? size : 1, sizeof(max_align_t));
    if (data)
        memset(data, 0, size);
    return data;
}

char *rcn_arena_alloc_text(struct rcn_arena *arena, size_t size)
{
    return take(arena, size ? size : 1, 1);
}

int rcn_arena_adopt(struct rcn_arena *arena, void *memory, size_t size)
{
    if (size > arena->max_bytes - arena->used)
        return -1;
    struct adopted *adopted = rcn_arena_alloc(arena, sizeof *adopted);
    if (!adopted)
        return -1;
    *adopted = (struct adopted){.next = arena->adopted, .memory = memory};
    arena->adopted = adopted;
    arena->used += size;
    return 0;
}

void *rcn_arena_calloc(struct rcn_arena *arena, size_t count, size_t size)
{
    if (size && count > SIZE_MAX / size)
        return NULL;
    return rcn_arena_alloc(arena, count * size);
}

char *rcn_arena_strndup(struct rcn_arena *arena, const char *text, size_t len)
{
    if (len == SIZE_MAX)
        return NULL;
    char *copy = take(arena, len + 1, 1);
    if (!copy)
        return NULL;
    if (len)
        memcpy(copy, text, len);
    copy[len] = '\0';
    return copy;
}

char *rcn_arena_strdup(struct rcn_arena *arena, const char *text)
{
    return rcn_arena_strndup(arena, text, strlen(text));
}

char *rcn_arena_vprintf(struct rcn_arena *arena, const char *format, va_list args)
{
    va_list again;
    va_copy(again, args);
    int len = vsnprintf(NULL, 0, format, args);
    char *text = len < 0 ? NULL : take(arena, (size_t)len + 1, 1);
    if (text)
        vsnprintf(text, (size_t)len + 1, format, again);
    va_end(again);
    return text;
}

char *rcn_arena_printf(struct rcn_arena *arena, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    char *text = rcn_arena_vprintf(arena, format, args);
    va_end(args);
    return text;
}

size_t rcn_arena_get_used(const struct rcn_arena *arena)
{
    return arena->used;
}
