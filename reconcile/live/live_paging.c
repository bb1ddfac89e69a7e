#include "live/live_paging.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

enum { FOLDED_SIZE = 32, MAX_DEPTH = 3 };

/* `next_cursor`, `nextCursor` and `Next-Cursor` are one word. False when it is too long for ours.
 */
static bool fold_key(const char *key, char ret[FOLDED_SIZE])
{
    size_t len = 0;
    for (; *key; key++) {
        if (*key == '_' || *key == '-' || *key == '$' || *key == '@' || *key == '.')
            continue;
        if (len + 1 == FOLDED_SIZE)
            return false;
        ret[len++] = (char)tolower((unsigned char)*key);
    }
    ret[len] = '\0';
    return true;
}

static bool is_one_of(const char *word, const char *const *words, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(word, words[i]) == 0)
            return true;
    return false;
}

/* Keys that say that a list goes on, or how it is cut, when they hold anything. */
static bool is_paging_key(const char *folded)
{
    static const char *const words[] = {
        "page",
        "pages",
        "pagecount",
        "totalpages",
        "perpage",
        "pagesize",
        "pagenumber",
        "currentpage",
        "lastpage",
        "nextpage",
        "nextpageurl",
        "nextpagetoken",
        "pagetoken",
        "nextcursor",
        "cursor",
        "endcursor",
        "next",
        "nexturl",
        "nextlink",
        "odatanextlink",
        "nextoffset",
        "nexttoken",
        "hasmore",
        "hasnext",
        "hasnextpage",
        "more",
        "moreresults",
        "continuation",
        "continuationtoken",
        "continue",
        "after",
        "startingafter",
        "truncated",
        "istruncated",
        "ispartial",
        "partial",
        "incomplete",
        "incompleteresults",
        "bookmark",
        "nextbookmark",
        "marker",
        "nextmarker",
        "lastevaluatedkey",
        "scrollid",
        "offset",
        "limit",
        "pagination",
        "paging",
    };
    return is_one_of(folded, words, sizeof words / sizeof *words);
}

/* Keys that say how many there are: harmless when they say as many as came. */
static bool is_total_key(const char *folded)
{
    static const char *const words[] = {"total",        "totalcount",   "totalitems",
                                        "totalresults", "totalrecords", "count"};
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

static int look_at_member(void *context, const char *key, const struct rcn_json *value)
{
    struct search *search = context;
    char folded[FOLDED_SIZE];
    bool is_top = search->depth == 0;
    if (is_top && (strcmp(key, search->list_key) == 0 || strcmp(key, "pagination") == 0))
        return 0;
    bool is_short = fold_key(key, folded);
    long long number;
    if (is_short && is_total_key(folded) && rcn_json_get_type(value) == RCN_JSON_NUMBER &&
        !(rcn_json_get_integer(value, &number) && number >= 0 &&
          (unsigned long long)number == search->items))
        return rcn_error_set(search->err, RCN_ERROR_FAILED,
                             "the list is not whole: it has %zu items and '%.60s' says otherwise",
                             search->items, key);
    if (is_short && is_paging_key(folded) && !says_nothing(value))
        return rcn_error_set(search->err, RCN_ERROR_FAILED,
                             "the list comes in pages of a form that is not known ('%.60s')", key);
    if (rcn_json_get_type(value) != RCN_JSON_OBJECT || search->depth == MAX_DEPTH)
        return 0;
    struct search inner = *search;
    inner.depth++;
    return rcn_json_each(value, look_at_member, &inner);
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
    bool is_known = strcmp(key, "limit") == 0 || strcmp(key, "offset") == 0;
    return !is_known && fold_key(key, folded) && strncmp(folded, "next", 4) == 0 &&
                   is_paging_key(folded) && !says_nothing(value)
               ? -1
               : 0;
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
