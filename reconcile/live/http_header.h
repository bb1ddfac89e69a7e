/*
 * http_header.h: readers of header values. Private to live/. Pure.
 */
#ifndef RCN_LIVE_HTTP_HEADER_H
#define RCN_LIVE_HTTP_HEADER_H

#include <stdbool.h>
#include <stdint.h>

/* A longer Retry-After or Age is cut to this. */
enum { RCN_HTTP_DELAY_MOST_MS = 3600 * 1000 };

/*
 * Retry-After as seconds or as an HTTP date (api-contract 6.3), in milliseconds from now, between 0
 * and RCN_HTTP_DELAY_MOST_MS. A date is relative to `date`, the answer's own Date header (the
 * server's clock), or to wall_ms when that is NULL or unreadable. -1 when value is NULL or neither.
 */
int64_t rcn_http_parse_retry_after(const char *value, const char *date, int64_t wall_ms);

/* Age: whole seconds, in milliseconds; 0 when value is NULL or no number. */
int64_t rcn_http_parse_age(const char *value);

/* Does this header say that a list goes on? Link (rel=next), and the words of paging.h after `X-`.
 */
bool rcn_http_header_says_more(const char *name, const char *value);

/* How many items X-Total-Count, Content-Range or the like says that a list has; -1: it does not. */
int64_t rcn_http_header_get_total(const char *name, const char *value);

#endif
