#include "base/arena.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

/* Chunks double from the first to the last size: a small plan costs one page, a large one few
 * mallocs. */
enum { FIRST_CHUNK = 4096, LAST_CHUNK = 1 << 20 };

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
    struct rcn_arena *arena = rcn_calloc(1, sizeof *arena);
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

static void add_chunk(struct rcn_arena *arena, size_t least)
{
    size_t size = least > arena->next_size ? least : arena->next_size;
    struct chunk *chunk = rcn_malloc(sizeof *chunk + size);
    chunk->size = size;
    chunk->used = 0;
    chunk->next = arena->chunks;
    arena->chunks = chunk;
    if (arena->next_size < LAST_CHUNK)
        arena->next_size *= 2;
}

static void count(struct rcn_arena *arena, size_t len)
{
    if (len > arena->max_bytes - arena->used)
        rcn_memory_exhausted();
    arena->used += len;
}

/* len bytes at a multiple of align, not zeroed: strings need no alignment and no clearing. */
static void *take(struct rcn_arena *arena, size_t len, size_t align)
{
    count(arena, len);
    const struct chunk *chunk = arena->chunks;
    size_t start = chunk ? (chunk->used + align - 1) / align * align : 0;
    if (!chunk || start > chunk->size || len > chunk->size - start) {
        add_chunk(arena, len);
        start = 0;
    }
    arena->chunks->used = start + len;
    return (char *)arena->chunks->data + start;
}

void *rcn_arena_alloc(struct rcn_arena *arena, size_t size)
{
    return memset(take(arena, size ? size : 1, sizeof(max_align_t)), 0, size);
}

char *rcn_arena_alloc_text(struct rcn_arena *arena, size_t size)
{
    return take(arena, size ? size : 1, 1);
}

void rcn_arena_adopt(struct rcn_arena *arena, void *memory, size_t size)
{
    struct adopted *adopted = rcn_arena_alloc(arena, sizeof *adopted);
    *adopted = (struct adopted){.next = arena->adopted, .memory = memory};
    arena->adopted = adopted;
    count(arena, size);
}

void *rcn_arena_calloc(struct rcn_arena *arena, size_t number, size_t size)
{
    if (size && number > SIZE_MAX / size)
        rcn_memory_exhausted();
    return rcn_arena_alloc(arena, number * size);
}

char *rcn_arena_strndup(struct rcn_arena *arena, const char *text, size_t len)
{
    char *copy = take(arena, len + 1, 1);
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
    size_t size = len < 0 ? 1 : (size_t)len + 1;
    char *text = take(arena, size, 1);
    text[0] = '\0';
    vsnprintf(text, size, format, again);
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
