#include "base/buf.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

enum { FIRST_CAPACITY = 256 };

void rcn_buf_init(struct rcn_buf *buf, size_t max)
{
    *buf = (struct rcn_buf){.max = max};
}

void rcn_buf_release(struct rcn_buf *buf)
{
    free(buf->data);
    *buf = (struct rcn_buf){.max = buf->max};
}

void rcn_buf_clear(struct rcn_buf *buf)
{
    buf->failed = false;
    buf->len = 0;
    if (buf->data)
        buf->data[0] = '\0';
}

char *rcn_buf_reserve(struct rcn_buf *buf, size_t more)
{
    buf->failed |= more > buf->max - buf->len;
    if (buf->failed)
        return NULL;
    size_t need = buf->len + more + 1; /* and the NUL */
    if (need > buf->capacity) {
        size_t larger = buf->capacity ? buf->capacity / 2 * 3 : FIRST_CAPACITY;
        buf->capacity = need > larger ? need : larger;
        buf->data = rcn_realloc(buf->data, buf->capacity);
        buf->data[buf->len] = '\0';
    }
    return buf->data + buf->len;
}

void rcn_buf_add(struct rcn_buf *buf, const void *bytes, size_t len)
{
    char *into = rcn_buf_reserve(buf, len);
    if (!into)
        return;
    if (len)
        memcpy(into, bytes, len);
    buf->len += len;
    buf->data[buf->len] = '\0';
}

void rcn_buf_add_char(struct rcn_buf *buf, char c)
{
    rcn_buf_add(buf, &c, 1);
}

void rcn_buf_add_str(struct rcn_buf *buf, const char *text)
{
    rcn_buf_add(buf, text, strlen(text));
}

void rcn_buf_add_repeat(struct rcn_buf *buf, char c, size_t count)
{
    char *into = rcn_buf_reserve(buf, count);
    if (!into)
        return;
    memset(into, c, count);
    buf->len += count;
    into[count] = '\0';
}

void rcn_buf_printf(struct rcn_buf *buf, const char *format, ...)
{
    char short_text[FIRST_CAPACITY];
    va_list args;
    va_start(args, format);
    int len = vsnprintf(short_text, sizeof short_text, format, args);
    va_end(args);
    if (len < 0) {
        buf->failed = true;
    } else if ((size_t)len < sizeof short_text) {
        rcn_buf_add(buf, short_text, (size_t)len);
    } else if (rcn_buf_reserve(buf, (size_t)len)) {
        va_start(args, format);
        vsnprintf(buf->data + buf->len, (size_t)len + 1, format, args);
        va_end(args);
        buf->len += (size_t)len;
    }
}

char *rcn_buf_take(struct rcn_buf *buf)
{
    if (buf->failed || !buf->data)
        return NULL;
    char *data = rcn_realloc(buf->data, buf->len + 1);
    *buf = (struct rcn_buf){.max = buf->max};
    return data;
}

void rcn_buf_truncate(struct rcn_buf *buf, size_t len)
{
    assert(len <= buf->len);
    buf->len = len;
    if (buf->data)
        buf->data[len] = '\0';
}

const char *rcn_buf_get_str(const struct rcn_buf *buf)
{
    return buf->data && !buf->failed ? buf->data : "";
}
