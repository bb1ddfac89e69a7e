#include "base/memory.h"

#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static atomic_int exit_code = 1;

void rcn_memory_set_exit_code(int code)
{
    exit_code = code;
}

void rcn_memory_exhausted(void)
{
    static const char message[] = "error: out of memory\n";
    ssize_t ignored = write(STDERR_FILENO, message, sizeof message - 1);
    (void)ignored;
    _exit(exit_code);
}

static void *check(void *memory)
{
    if (!memory)
        rcn_memory_exhausted();
    return memory;
}

/* malloc(0) may be NULL without being out of memory. */
void *rcn_malloc(size_t size)
{
    return check(malloc(size ? size : 1));
}

void *rcn_calloc(size_t count, size_t size)
{
    return check(calloc(count ? count : 1, size ? size : 1));
}

void *rcn_realloc(void *memory, size_t size)
{
    return check(realloc(memory, size ? size : 1));
}

char *rcn_strdup(const char *text)
{
    return check(strdup(text));
}

char *rcn_strndup(const char *text, size_t len)
{
    return check(strndup(text, len));
}

void *rcn_grow(void *elements, size_t count, size_t size)
{
    if (count & (count - 1))
        return elements;
    return rcn_realloc(elements, (count ? 2 * count : 1) * size);
}

char *rcn_printf(const char *format, ...)
{
    char *text = NULL;
    va_list args;
    va_start(args, format);
    if (vasprintf(&text, format, args) < 0)
        rcn_memory_exhausted();
    va_end(args);
    return text;
}
