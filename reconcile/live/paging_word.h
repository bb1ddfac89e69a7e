/*
 * paging_word.h: the words by which an answer says that a list goes on, in its body and in its
 * headers. Private to live/. Pure.
 *
 * No list of this API is paged today (api-contract 7), so what it would call a page is unknown.
 * These are the usual words, in any case and with or without `_` and `-`.
 */
#ifndef RCN_LIVE_PAGING_WORD_H
#define RCN_LIVE_PAGING_WORD_H

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

#endif
