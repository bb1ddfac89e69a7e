/*
 * paging.h: does the body of a list say that there is more than itself? Private to live/. Pure.
 *
 * None of the lists is paged today (api-contract 7). An unnoticed page would be an incomplete list,
 * and with it a second create of what is on the others: so one form is understood, and any other
 * sign of paging beside the list is an error. What is deeper in an answer (`{"plan": {"limit":
 * 500}}`) is not about the list (api-contract 11).
 */
#ifndef RCN_LIVE_PAGING_H
#define RCN_LIVE_PAGING_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "base/json.h"

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
 * total and a boolean hasMore (count optional). Any other word of paging_word.h whose value means
 * that the list goes on, or that it has another number of items, is an error.
 */
int rcn_paging_judge(const struct rcn_json *root, const char *list_key, size_t items,
                     struct rcn_page *ret, struct rcn_error *err);

#endif
