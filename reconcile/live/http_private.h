/*
 * http_private.h: readers of header values, for http.c, tests and fuzzing. Pure.
 */
#ifndef RCN_LIVE_HTTP_PRIVATE_H
#define RCN_LIVE_HTTP_PRIVATE_H

#include <stdbool.h>
#include <stdint.h>

/* A longer Retry-After is cut to this: nobody waits for it anyway. */
enum { RCN_HTTP_RETRY_AFTER_MOST_MS = 3600 * 1000 };

/*
 * Retry-After as seconds or as an HTTP date (api-contract 6.3), in milliseconds from now, between 0
 * and RCN_HTTP_RETRY_AFTER_MOST_MS. A date is relative to `date`, the answer's own Date header (the
 * server's clock), or to wall_ms when that is NULL or unreadable. -1 when value is NULL or neither.
 */
int64_t rcn_http_parse_retry_after(const char *value, const char *date, int64_t wall_ms);

/* Does a Link header's value name a next page (rel=next)? */
bool rcn_http_link_has_next(const char *value);

/* Does this header say that a list goes on: Link, X-Next-Page, X-Next-Cursor, X-Has-More, ...? */
bool rcn_http_header_says_more(const char *name, const char *value);

/* How many items X-Total-Count, X-Total or Content-Range says that a list has; -1: it does not. */
int64_t rcn_http_header_get_total(const char *name, const char *value);

#endif
