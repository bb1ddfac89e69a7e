#include "base/error.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

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
    char message[sizeof err->message];
    va_list args;
    va_start(args, format);
    int len = vsnprintf(message, sizeof message, format, args);
    va_end(args);
    if (len >= 0 && (size_t)len < sizeof message)
        snprintf(message + len, sizeof message - (size_t)len, ": %s", err->message);
    memcpy(err->message, message, sizeof message);
    return -1;
}

int rcn_error_no_memory(struct rcn_error *err)
{
    return rcn_error_set(err, RCN_ERROR_FAILED, "out of memory");
}
