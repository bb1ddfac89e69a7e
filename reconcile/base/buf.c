#include "base/buf.h"

#include <assert.h>
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

bool rcn_buf_reserve(struct rcn_buf *buf, size_t more)
{
    if (buf->failed)
        return false;
    if (more > buf->max - buf->len) {
        buf->failed = true;
        return false;
    }
    size_t need = buf->len + more + 1; /* and the NUL */
    if (need <= buf->capacity)
        return true;
    size_t capacity = buf->capacity ? buf->capacity : FIRST_CAPACITY;
    while (capacity < need)
        capacity = capacity > need / 2 ? need : capacity * 2;
    if (capacity < buf->capacity + buf->capacity / 2)
        capacity = buf->capacity + buf->capacity / 2;
    buf->data = rcn_realloc(buf->data, capacity);
    buf->capacity = capacity;
    buf->data[buf->len] = '\0';
    return true;
}

size_t rcn_buf_get_room(const struct rcn_buf *buf)
{
    size_t room = buf->capacity ? buf->capacity - 1 - buf->len : 0;
    return room < buf->max - buf->len ? room : buf->max - buf->len;
}

void rcn_buf_grow(struct rcn_buf *buf, size_t written)
{
    assert(written <= rcn_buf_get_room(buf));
    buf->len += written;
    buf->data[buf->len] = '\0';
}

void rcn_buf_add(struct rcn_buf *buf, const void *bytes, size_t len)
{
    if (!rcn_buf_reserve(buf, len))
        return;
    if (len)
        memcpy(buf->data + buf->len, bytes, len);
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
    if (!rcn_buf_reserve(buf, count))
        return;
    memset(buf->data + buf->len, c, count);
    buf->len += count;
    buf->data[buf->len] = '\0';
}

void rcn_buf_vprintf(struct rcn_buf *buf, const char *format, va_list args)
{
    va_list again;
    va_copy(again, args);
    int len = vsnprintf(NULL, 0, format, args);
    if (len < 0)
        buf->failed = true;
    else if (rcn_buf_reserve(buf, (size_t)len)) {
        vsnprintf(buf->data + buf->len, (size_t)len + 1, format, again);
        buf->len += (size_t)len;
    }
    va_end(again);
}

void rcn_buf_printf(struct rcn_buf *buf, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    rcn_buf_vprintf(buf, format, args);
    va_end(args);
}

char *rcn_buf_take(struct rcn_buf *buf)
{
    if (buf->failed || !buf->data)
        return NULL;
    char *data = buf->data;
    char *shrunk = realloc(data, buf->len + 1);
    *buf = (struct rcn_buf){.max = buf->max};
    if (shrunk)
        data = shrunk;
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
