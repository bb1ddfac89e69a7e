#include "live/live_paging.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { FOLDED_SIZE = 32, MAX_DEPTH = 16 };

/* `next_cursor`, `nextCursor` and `Next-Cursor` are one word; its first letters, if it is long. */
static void fold_key(const char *key, char ret[FOLDED_SIZE])
{
    size_t len = 0;
    for (; *key && len + 1 < FOLDED_SIZE; key++)
        if (!strchr("_-$@. ", *key))
            ret[len++] = (char)tolower((unsigned char)*key);
    ret[len] = '\0';
}

static bool is_one_of(const char *word, const char *const *words, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(word, words[i]) == 0)
            return true;
    return false;
}

static bool begins_with_one_of(const char *word, const char *const *starts, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (strncmp(word, starts[i], strlen(starts[i])) == 0)
            return true;
    return false;
}

/*
 * Keys that say that a list goes on, or how it is cut, when they hold anything. Nobody knows what
 * this API would call it (api-contract 7): so what is usual anywhere, rather a word too many.
 */
static bool is_paging_key(const char *folded)
{
    static const char *const starts[] = {"next", "odatanext", "hasnext", "hasmore", "continu",
                                         "page", "paging",    "paginat", "partial", "incomplete"};
    static const char *const parts[] = {"cursor", "truncat", "pagetoken", "pagenumber", "nextpage"};
    static const char *const words[] = {
        "totalpages",     "totalpagecount", "perpage",     "currentpage",    "lastpage",
        "after",          "startingafter",  "bookmark",    "marker",         "lastevaluatedkey",
        "scrollid",       "offset",         "limit",       "startat",        "startindex",
        "maxresults",     "ispartial",      "skip",        "isincomplete",   "itemsperpage",
        "resultsperpage", "more",           "moreresults", "moreavailable",  "moreitems",
        "moredata",       "morepages",      "itemsleft",   "remainingitems",
    };
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        if (strstr(folded, parts[i]))
            return true;
    return begins_with_one_of(folded, starts, sizeof starts / sizeof *starts) ||
           is_one_of(folded, words, sizeof words / sizeof *words);
}

/* Keys that say that this is all: when they say false, it is not. */
static bool is_end_key(const char *folded)
{
    static const char *const words[] = {"last",      "islast",   "lastpage",  "islastpage",
                                        "done",      "isdone",   "complete",  "iscomplete",
                                        "completed", "finished", "exhausted", "eof",
                                        "end",       "isend",    "isfinal",   "final"};
    return is_one_of(folded, words, sizeof words / sizeof *words);
}

/* Keys that say how many there are: harmless when they say as many as came. */
static bool is_total_key(const char *folded)
{
    static const char *const words[] = {
        "total",        "totalcount",  "totalitems",    "totalresults",     "totalrecords",
        "count",        "totalsize",   "totalelements", "totalentries",     "totalrows",
        "totalobjects", "totalhits",   "totalnumber",   "totalrecordcount", "totalitemcount",
        "recordcount",  "resultcount", "itemcount",     "rowcount",         "numfound",
        "numresults",   "numitems",    "odatacount",    "totalresultcount", "totalmatches",
    };
    return is_one_of(folded, words, sizeof words / sizeof *words);
}

/* null, false, "", {} and [] say that nothing follows. */
static bool says_nothing(const struct rcn_json *value)
{
    switch (rcn_json_get_type(value)) {
    case RCN_JSON_STRING:
        return rcn_json_get_string(value)[0] == '\0';
    case RCN_JSON_ARRAY:
    case RCN_JSON_OBJECT:
        return rcn_json_get_count(value) == 0;
    case RCN_JSON_NUMBER:
        return false;
    case RCN_JSON_ABSENT:
    case RCN_JSON_NULL:
    case RCN_JSON_BOOLEAN:
        break;
    }
    return !rcn_json_is_true(value);
}

struct search {
    const char *list_key;
    size_t items;
    unsigned depth;
    struct rcn_error *err;
};

/* A number, or one written as a text. */
static bool read_number(const struct rcn_json *value, long long *ret)
{
    const char *text = rcn_json_get_string(value);
    char *end;
    if (!text)
        return rcn_json_get_integer(value, ret);
    errno = 0;
    *ret = strtoll(text, &end, 10);
    return end != text && *end == '\0' && errno == 0;
}

static bool counts_other(const struct search *search, const struct rcn_json *value)
{
    long long number;
    if (!read_number(value, &number))
        return rcn_json_get_type(value) == RCN_JSON_NUMBER;
    return number < 0 || (unsigned long long)number != search->items;
}

/* An entry of `links`: {"rel": "next", "href": ...}. */
static bool is_next_link(const struct rcn_json *value)
{
    const char *rel = rcn_json_get_member_string(value, "rel");
    return rel && strcasecmp(rel, "next") == 0;
}

static int set_unknown_form(const struct search *search, const char *key)
{
    return rcn_error_set(search->err, RCN_ERROR_FAILED,
                         "the list comes in pages of a form that is not known ('%.60s')", key);
}

static int look_at_member(void *context, const char *key, const struct rcn_json *value);

static int look_inside(const struct search *search, const char *key, const struct rcn_json *value)
{
    struct search inner = *search;
    if (search->depth == MAX_DEPTH)
        return 0;
    inner.depth++;
    if (rcn_json_get_type(value) == RCN_JSON_OBJECT)
        return is_next_link(value) ? set_unknown_form(search, key)
                                   : rcn_json_each(value, look_at_member, &inner);
    if (rcn_json_get_type(value) != RCN_JSON_ARRAY)
        return 0;
    for (size_t i = 0; i < rcn_json_get_count(value); i++)
        if (look_inside(&inner, key, rcn_json_get_at(value, i)))
            return -1;
    return 0;
}

/* `pageInfo` and the like: what is in it tells. */
static bool is_about_pages(const char *folded, const struct rcn_json *value)
{
    return rcn_json_get_type(value) == RCN_JSON_OBJECT && strncmp(folded, "page", 4) == 0 &&
           strcmp(folded, "page") != 0 && strcmp(folded, "pages") != 0;
}

static bool says_more(const char *folded, const struct rcn_json *value)
{
    if (is_end_key(folded) && rcn_json_get_type(value) == RCN_JSON_BOOLEAN &&
        !rcn_json_is_true(value))
        return true;
    return is_paging_key(folded) && !is_about_pages(folded, value) && !says_nothing(value);
}

static int look_at_member(void *context, const char *key, const struct rcn_json *value)
{
    struct search *search = context;
    char folded[FOLDED_SIZE];
    bool is_top = search->depth == 0;
    if (is_top && (strcmp(key, search->list_key) == 0 || strcmp(key, "pagination") == 0))
        return 0;
    fold_key(key, folded);
    if (is_total_key(folded) && counts_other(search, value))
        return rcn_error_set(search->err, RCN_ERROR_FAILED,
                             "the list is not whole: it has %zu items and '%.60s' says otherwise",
                             search->items, key);
    if (says_more(folded, value))
        return set_unknown_form(search, key);
    return look_inside(search, key, value);
}

static int set_bad_pagination(struct rcn_error *err, const char *what)
{
    return rcn_error_set(err, RCN_ERROR_FAILED,
                         "the list comes in pages of a form that is not known ('pagination' %s)",
                         what);
}

/* hasMore: false beside a cursor: one of the two is not true. */
static int find_contradiction(void *context, const char *key, const struct rcn_json *value)
{
    (void)context;
    char folded[FOLDED_SIZE];
    fold_key(key, folded);
    return strncmp(folded, "next", 4) == 0 && !says_nothing(value) ? -1 : 0;
}

static int read_pagination(const struct rcn_json *pagination, size_t items,
                           struct rcn_list_page *ret, struct rcn_error *err)
{
    const struct rcn_json *has_more = rcn_json_get(pagination, "hasMore");
    const struct rcn_json *count = rcn_json_get(pagination, "count");
    long long number;
    if (!rcn_json_get_integer(rcn_json_get(pagination, "limit"), &ret->limit) ||
        !rcn_json_get_integer(rcn_json_get(pagination, "offset"), &ret->offset) ||
        !rcn_json_get_integer(rcn_json_get(pagination, "total"), &ret->total) ||
        rcn_json_get_type(has_more) != RCN_JSON_BOOLEAN)
        return set_bad_pagination(err, "without limit, offset, total and hasMore");
    if (ret->limit < 1 || ret->offset < 0 || ret->total < 0)
        return set_bad_pagination(err, "with a limit, an offset or a total that cannot be");
    if (rcn_json_get_type(count) != RCN_JSON_ABSENT && rcn_json_get_type(count) != RCN_JSON_NULL &&
        (!rcn_json_get_integer(count, &number) || number < 0 ||
         (unsigned long long)number != items))
        return set_bad_pagination(err, "with a count that is not that of its items");
    ret->is_paged = true;
    ret->has_more = rcn_json_is_true(has_more);
    if (!ret->has_more && rcn_json_each(pagination, find_contradiction, NULL))
        return set_bad_pagination(err, "with hasMore: false and a next page");
    return 0;
}

int rcn_live_paging_judge(const struct rcn_json *root, const char *list_key, size_t items,
                          struct rcn_list_page *ret, struct rcn_error *err)
{
    *ret = (struct rcn_list_page){0};
    const struct rcn_json *pagination = rcn_json_get(root, "pagination");
    struct search search = {.list_key = list_key, .items = items, .err = err};
    if (rcn_json_get_type(pagination) == RCN_JSON_OBJECT) {
        if (read_pagination(pagination, items, ret, err))
            return -1;
        /* With a page in hand, a total beside it counts all pages. */
        search.items = (size_t)ret->total;
    } else if (rcn_json_get_type(pagination) != RCN_JSON_ABSENT &&
               rcn_json_get_type(pagination) != RCN_JSON_NULL) {
        return set_bad_pagination(err, "that is no object");
    }
    return rcn_json_each(root, look_at_member, &search);
}
