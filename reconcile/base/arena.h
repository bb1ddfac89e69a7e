/*
 * arena.h: memory that lives and dies together.
 *
 * Everything reachable from a manifest set, a live state, a plan or a result set is in one arena,
 * is const once its owner has been built, and is released with it. An arena belongs to one thread.
 *
 * Limits: an arena is born with the most bytes it may hand out. Going past that, like running out
 * of memory, ends the process (memory.h): what can grow by input has a limit of its own that is
 * reached first, with an ordinary error. So nothing here returns NULL.
 */
#ifndef RCN_BASE_ARENA_H
#define RCN_BASE_ARENA_H

#include <stdarg.h>
#include <stddef.h>

struct rcn_arena;

/* A new, empty arena that never hands out more than max_bytes. */
struct rcn_arena *rcn_arena_new(size_t max_bytes);

/* Releases the arena and everything in it. NULL is allowed. */
void rcn_arena_free(struct rcn_arena *arena);

/* size zeroed bytes, aligned for pointers, 64-bit numbers and doubles, not for wider types. */
void *rcn_arena_alloc(struct rcn_arena *arena, size_t size);
/* number * size zeroed bytes. */
void *rcn_arena_calloc(struct rcn_arena *arena, size_t number, size_t size);

/* A NUL-terminated copy of the len bytes at text (text may hold anything). */
char *rcn_arena_strndup(struct rcn_arena *arena, const char *text, size_t len);
char *rcn_arena_strdup(struct rcn_arena *arena, const char *text);

/* A NUL-terminated formatted string. */
char *rcn_arena_printf(struct rcn_arena *arena, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
char *rcn_arena_vprintf(struct rcn_arena *arena, const char *format, va_list args)
    __attribute__((format(printf, 2, 0)));

#endif
