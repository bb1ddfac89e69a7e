#include "base/arena.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

/* Chunks double from the first to the last size: a small plan costs one page, a large one few
 * mallocs. */
enum { FIRST_CHUNK = 4096, LAST_CHUNK = 1 << 20, ALIGN = 8 };

struct chunk {
    struct chunk *next;
    size_t size;
    size_t used;
    uint64_t data[];
};

struct rcn_arena {
    struct chunk *chunks; /* newest first; only the newest has room */
    size_t left;          /* of what it may hand out */
    size_t next_size;
};

struct rcn_arena *rcn_arena_new(size_t max_bytes)
{
    struct rcn_arena *arena = rcn_malloc(sizeof *arena);
    *arena = (struct rcn_arena){.left = max_bytes, .next_size = FIRST_CHUNK};
    return arena;
}

void rcn_arena_free(struct rcn_arena *arena)
{
    if (!arena)
        return;
    for (struct chunk *chunk = arena->chunks; chunk;) {
        struct chunk *next = chunk->next;
        free(chunk);
        chunk = next;
    }
    free(arena);
}

/* len bytes at a multiple of align, not zeroed: strings need no alignment and no clearing. */
static void *take(struct rcn_arena *arena, size_t len, size_t align)
{
    struct chunk *chunk = arena->chunks;
    size_t start = chunk ? (chunk->used + align - 1) / align * align : 0;
    if (len > arena->left)
        rcn_memory_exhausted();
    arena->left -= len;
    if (!chunk || start > chunk->size || len > chunk->size - start) {
        size_t size = len > arena->next_size ? len : arena->next_size;
        chunk = rcn_malloc(sizeof *chunk + size);
        *chunk = (struct chunk){.next = arena->chunks, .size = size};
        arena->chunks = chunk;
        start = 0;
        if (arena->next_size < LAST_CHUNK)
            arena->next_size *= 2;
    }
    chunk->used = start + len;
    return (char *)chunk->data + start;
}

void *rcn_arena_alloc(struct rcn_arena *arena, size_t size)
{
    return memset(take(arena, size, ALIGN), 0, size);
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
    char *whole = NULL;
    int len = vasprintf(&whole, format, args);
    if (len < 0)
        rcn_memory_exhausted();
    char *text = rcn_arena_strndup(arena, whole, (size_t)len);
    free(whole);
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
