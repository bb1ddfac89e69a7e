/*
 * paging.h: does an answer say that there is more than the list in it? Private to live/. Pure.
 *
 * None of the lists is paged today (api-contract 7), so what the API would call a page is unknown.
 * If a page went unnoticed, the list would be incomplete, and what is on the other pages would be
 * created again. So one form is understood. Any other of the usual words for paging beside the
 * list, in any case and with or without `_` and `-`, is an error. What is deeper in an answer
 * (`{"plan": {"limit": 500}}`) is not about the list (api-contract 11).
 */
#ifndef RCN_LIVE_PAGING_H
#define RCN_LIVE_PAGING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/json.h"

/* The whole text as a number of 0 and more, spaces at its ends allowed; a fraction, which some
 * servers send, is rounded up. -1: it is none. */
int64_t rcn_paging_parse_number(const char *text);

/* Does this header say that a list goes on? Link (rel=next), and the words after `X-`. */
bool rcn_paging_header_says_more(const char *name, const char *value);
/* Items in the list, as X-Total-Count, Content-Range or the like says; -1: it does not. */
int64_t rcn_paging_header_get_total(const char *name, const char *value);

struct rcn_page {
    bool is_paged; /* a `pagination` of the understood form */
    bool has_more;
    long long limit;
    long long offset;
    long long total;
};

/* Judges what is beside the list of `items` entries: the top level, and `meta`, `links`,
 * `page` and `pageInfo` in it. Understood: `pagination` with integers limit, offset and
 * total and a boolean hasMore (count optional). Any other word whose value means that the list goes
 * on, or that it has another number of items, is an error. */
int rcn_paging_judge(const struct rcn_json *root, const char *list_key, size_t items,
                     struct rcn_page *ret, struct rcn_error *err);

#endif
