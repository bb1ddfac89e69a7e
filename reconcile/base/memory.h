/*
 * memory.h: allocation that does not fail.
 *
 * Running out of memory ends the process with a message (DESIGN 3): what is on the disk is safe at
 * any moment, and no caller can do better. So nothing here returns NULL.
 */
#ifndef RCN_BASE_MEMORY_H
#define RCN_BASE_MEMORY_H

#include <stddef.h>

/* Like malloc, calloc, realloc, strdup and strndup; the caller frees with free(). */
void *rcn_malloc(size_t size);
void *rcn_calloc(size_t count, size_t size);
void *rcn_realloc(void *memory, size_t size);
char *rcn_strdup(const char *text);
char *rcn_strndup(const char *text, size_t len);
/* Room for one more element after count, in an array that grows by one at a time from NULL: it is
 * made larger whenever count is 0 or a power of two. */
void *rcn_grow(void *elements, size_t count, size_t size);
/* Like asprintf. */
char *rcn_printf(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Says so on standard error and ends the process. */
_Noreturn void rcn_memory_exhausted(void);

/* The exit code from now on when memory runs out: 1 at first, 3 once a create has gone out. */
void rcn_memory_set_exit_code(int code);

#endif
