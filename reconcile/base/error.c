#include "base/error.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static const char out_of_memory[] = "out of memory";

int rcn_error_set(struct rcn_error *err, enum rcn_error_kind kind, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    err->kind = kind;
    err->hint[0] = '\0';
    vsnprintf(err->message, sizeof err->message, format, args);
    va_end(args);
    return -1;
}

int rcn_error_set_hint(struct rcn_error *err, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    vsnprintf(err->hint, sizeof err->hint, format, args);
    va_end(args);
    return -1;
}

int rcn_error_wrap(struct rcn_error *err, const char *format, ...)
{
    /* Bounded on purpose: a message that no longer fits loses its end, not the context before it.
     */
    char message[2 * sizeof err->message];
    va_list args;
    va_start(args, format);
    int len = vsnprintf(message, sizeof err->message, format, args);
    va_end(args);
    size_t used = len < 0 ? 0 : (size_t)len;
    if (used >= sizeof err->message)
        used = sizeof err->message - 1;
    snprintf(message + used, sizeof message - used, ": %s", err->message);
    message[sizeof err->message - 1] = '\0';
    memcpy(err->message, message, sizeof err->message);
    return -1;
}

int rcn_error_no_memory(struct rcn_error *err)
{
    return rcn_error_set(err, RCN_ERROR_FAILED, "%s", out_of_memory);
}

bool rcn_error_is_no_memory(const struct rcn_error *err)
{
    return strcmp(err->message, out_of_memory) == 0;
}
