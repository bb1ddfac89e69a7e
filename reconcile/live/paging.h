/*
 * paging.h: does an answer say that there is more than the list in it? Private to live/. Pure.
 *
 * None of the lists is paged today (api-contract 7), so what the API would call a page is unknown.
 * An unnoticed page would be an incomplete list, and with it a second create of what is on the
 * others: so one form is understood, and any other of the usual words beside the list, in any case
 * and with or without `_` and `-`, is an error. What is deeper in an answer (`{"plan": {"limit":
 * 500}}`) is not about the list (api-contract 11).
 */
#ifndef RCN_LIVE_PAGING_H
#define RCN_LIVE_PAGING_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "base/json.h"

enum rcn_paging_word {
    RCN_PAGING_NONE,  /* not about pages */
    RCN_PAGING_MORE,  /* `next...`, `hasMore`, ...: it goes on unless the value is empty or false */
    RCN_PAGING_LIMIT, /* `limit`, `perPage`, ...: it may go on when so many items came */
    RCN_PAGING_START, /* `offset`, `skip`: it does not begin with the first unless 0 */
    RCN_PAGING_PAGES, /* `page`, `totalPages`, ...: more than one page */
    RCN_PAGING_TOTAL, /* `total`, `totalCount`, ...: how many items there are */
    RCN_PAGING_END,   /* `last`, `done`, ...: false when it goes on */
};
enum rcn_paging_word rcn_paging_word_find(const char *key);

struct rcn_page {
    bool is_paged; /* a `pagination` of the understood form */
    bool has_more;
    long long limit;
    long long offset;
    long long total;
};

/*
 * Judges what is beside the list of `items` entries: the top level, and `meta`, `links`,
 * `page` and `pageInfo` in it. Understood: `pagination` with integers limit, offset and
 * total and a boolean hasMore (count optional). Any other word whose value means that the list goes
 * on, or that it has another number of items, is an error.
 */
int rcn_paging_judge(const struct rcn_json *root, const char *list_key, size_t items,
                     struct rcn_page *ret, struct rcn_error *err);

#endif
