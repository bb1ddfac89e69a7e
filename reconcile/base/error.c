#include "base/error.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/redact.h"

/* Masked before it is cut: half a password would no longer be recognised. */
__attribute__((format(printf, 3, 0))) static void format_redacted(char *ret, size_t size,
                                                                  const char *format, va_list args)
{
    char text[16384]; /* larger than any ret */
    vsnprintf(text, sizeof text, format, args);
    rcn_redact(text);
    text[size - 1] = '\0';
    memcpy(ret, text, strlen(text) + 1);
}

int rcn_error_set(struct rcn_error *err, enum rcn_error_kind kind, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    err->kind = kind;
    err->hint[0] = '\0';
    format_redacted(err->message, sizeof err->message, format, args);
    va_end(args);
    return -1;
}

int rcn_error_set_hint(struct rcn_error *err, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    format_redacted(err->hint, sizeof err->hint, format, args);
    va_end(args);
    return -1;
}

int rcn_error_wrap(struct rcn_error *err, const char *format, ...)
{
    /* A message that no longer fits loses its end, not the context before it. */
    char message[2 * sizeof err->message];
    va_list args;
    va_start(args, format);
    format_redacted(message, sizeof err->message, format, args);
    va_end(args);
    size_t used = strlen(message);
    snprintf(message + used, sizeof message - used, ": %s", err->message);
    snprintf(err->message, sizeof err->message, "%.*s", (int)sizeof err->message - 1, message);
    return -1;
}
