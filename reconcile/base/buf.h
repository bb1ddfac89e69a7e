/*
 * buf.h: a growing run of bytes with a maximum.
 *
 * Invariants: data is NUL-terminated, or NULL before the first add; len does not count the NUL, and
 * is at most max. An add over max sets `failed`, and further adds do nothing: writers append
 * without checking and look at `failed` once, at the end.
 */
#ifndef RCN_BASE_BUF_H
#define RCN_BASE_BUF_H

#include <stdbool.h>
#include <stddef.h>

struct rcn_buf {
    char *data;
    size_t len;
    size_t capacity;
    size_t max; /* most bytes it may hold, without the NUL */
    bool failed;
};

void rcn_buf_init(struct rcn_buf *buf, size_t max);
void rcn_buf_release(struct rcn_buf *buf);

/* Forgets the content (and a failure), keeps the memory. */
void rcn_buf_clear(struct rcn_buf *buf);

void rcn_buf_add(struct rcn_buf *buf, const void *bytes, size_t len);

/*
 * Room for `more` bytes after the content, for a caller that writes them there and adds them to
 * len; NULL, and failed, when that is over max. The byte after them exists too: set it to NUL.
 */
char *rcn_buf_reserve(struct rcn_buf *buf, size_t more);

void rcn_buf_add_char(struct rcn_buf *buf, char c);
void rcn_buf_add_str(struct rcn_buf *buf, const char *text);
void rcn_buf_add_repeat(struct rcn_buf *buf, char c, size_t count);
void rcn_buf_printf(struct rcn_buf *buf, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Gives the content away, as memory from malloc that ends after its NUL; NULL when there is none
 * or it failed. The buf is then empty. */
char *rcn_buf_take(struct rcn_buf *buf);

/* Cuts the content to len bytes; len must not be past the end. */
void rcn_buf_truncate(struct rcn_buf *buf, size_t len);

/* The content as a string, "" when empty or failed. Borrowed until the next change. */
const char *rcn_buf_get_str(const struct rcn_buf *buf);

#endif
