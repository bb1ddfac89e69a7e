/*
 * live_paging.h: does a list body say that there is more than itself? Private to live/. Pure.
 *
 * None of the lists is paged today (api-contract 7). An unnoticed page would be an incomplete list,
 * and with it a second create of what stands on the others: so one form is understood, and any
 * other sign of paging is an error.
 */
#ifndef RCN_LIVE_LIVE_PAGING_H
#define RCN_LIVE_LIVE_PAGING_H

#include <stddef.h>

#include "base/error.h"
#include "base/json.h"
#include "live/live_state.h"

/*
 * Judges everything in the body beside its list of `items` entries. Understood: `pagination` with
 * integers limit, offset and total and a boolean hasMore (count optional); absent and null mean no
 * paging. Errors: any other `pagination`, or one that has a cursor beside hasMore: false; a cursor,
 * a next page, a page number, a limit, a hasMore: true or the like, unless null, false or empty; a
 * last page, an end or a completeness that is false; a link whose rel is next; a total that is not
 * the number of items. All of it anywhere beside the list, down to sixteen deep.
 */
int rcn_live_paging_judge(const struct rcn_json *root, const char *list_key, size_t items,
                          struct rcn_list_page *ret, struct rcn_error *err);

#endif
