#include "live/paging.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { FOLDED_SIZE = 32 };

/* `next_cursor`, `nextCursor` and `Next-Cursor` are one word. */
static void fold(const char *key, char ret[FOLDED_SIZE])
{
    size_t len = 0;
    for (; *key && len + 1 < FOLDED_SIZE; key++)
        if (!strchr("_-$@. ", *key))
            ret[len++] = (char)tolower((unsigned char)*key);
    ret[len] = '\0';
}

enum rcn_paging_word rcn_paging_word_find(const char *key)
{
    static const char *const starts[] = {"next", "hasmore", "hasnext", "odatanext", "continuation"};
    static const struct {
        const char *name;
        enum rcn_paging_word word;
    } words[] = {
        {"paging", RCN_PAGING_MORE},       {"cursor", RCN_PAGING_MORE},
        {"pagetoken", RCN_PAGING_MORE},    {"truncated", RCN_PAGING_MORE},
        {"istruncated", RCN_PAGING_MORE},  {"pagination", RCN_PAGING_MORE},
        {"limit", RCN_PAGING_LIMIT},       {"perpage", RCN_PAGING_LIMIT},
        {"pagesize", RCN_PAGING_LIMIT},    {"offset", RCN_PAGING_START},
        {"skip", RCN_PAGING_START},        {"page", RCN_PAGING_PAGES},
        {"currentpage", RCN_PAGING_PAGES}, {"totalpages", RCN_PAGING_PAGES},
        {"pagecount", RCN_PAGING_PAGES},   {"lastpage", RCN_PAGING_PAGES},
        {"total", RCN_PAGING_TOTAL},       {"totalcount", RCN_PAGING_TOTAL},
        {"totalitems", RCN_PAGING_TOTAL},  {"count", RCN_PAGING_TOTAL},
        {"last", RCN_PAGING_END},          {"islast", RCN_PAGING_END},
        {"islastpage", RCN_PAGING_END},    {"done", RCN_PAGING_END},
    };
    char folded[FOLDED_SIZE];
    fold(key, folded);
    for (size_t i = 0; i < sizeof starts / sizeof *starts; i++)
        if (strncmp(folded, starts[i], strlen(starts[i])) == 0)
            return RCN_PAGING_MORE;
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (strcmp(folded, words[i].name) == 0)
            return words[i].word;
    return RCN_PAGING_NONE;
}

struct search {
    const char *list_key;
    size_t items;   /* that a total must count */
    size_t came;    /* in this body */
    bool is_paged;  /* limit and offset are understood */
    unsigned depth; /* of containers */
    struct rcn_error *err;
};

/* A number, or one written as a text; -1 when it is neither. */
static long long read_number(const struct rcn_json *value)
{
    const char *text = rcn_json_get_string(value);
    long long number = -1;
    char *end;
    if (!text)
        return rcn_json_get_integer(value, &number) ? number : -1;
    errno = 0;
    number = strtoll(text, &end, 10);
    return end != text && *end == '\0' && errno == 0 ? number : -1;
}

/* null, false, "", {} and [] say that nothing follows. */
static bool says_nothing(const struct rcn_json *value)
{
    const char *text = rcn_json_get_string(value);
    switch (rcn_json_get_type(value)) {
    case RCN_JSON_STRING:
        return *text == '\0';
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

/* What is in it is beside the list, too. */
static bool is_container(const char *key, const struct rcn_json *value)
{
    static const char *const names[] = {"meta", "links", "_links", "page", "pageInfo"};
    enum rcn_json_type type = rcn_json_get_type(value);
    if (type != RCN_JSON_OBJECT && type != RCN_JSON_ARRAY)
        return false;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strcmp(key, names[i]) == 0)
            return true;
    return false;
}

static bool says_more(const struct search *search, enum rcn_paging_word word,
                      const struct rcn_json *value)
{
    long long number = read_number(value);
    switch (word) {
    case RCN_PAGING_MORE:
        return !says_nothing(value);
    case RCN_PAGING_LIMIT:
        return !search->is_paged && number >= 0 && (size_t)number <= search->came;
    case RCN_PAGING_START:
        return !search->is_paged && number > 0;
    case RCN_PAGING_PAGES:
        return number > 1;
    case RCN_PAGING_END:
        return rcn_json_is_false(value);
    case RCN_PAGING_TOTAL:
    case RCN_PAGING_NONE:
        break;
    }
    return false;
}

static int judge_member(const struct search *search, const char *key, const struct rcn_json *value)
{
    enum { MOST_DEPTH = 3 };
    enum rcn_paging_word word = rcn_paging_word_find(key);
    bool is_inside = is_container(key, value);
    if (search->depth == 0 && (strcmp(key, search->list_key) == 0 ||
                               (search->is_paged && strcmp(key, "pagination") == 0)))
        return 0;
    if (word == RCN_PAGING_TOTAL && rcn_json_get_type(value) != RCN_JSON_NULL &&
        read_number(value) != (long long)search->items)
        return rcn_error_set(search->err, RCN_ERROR_FAILED,
                             "the list is not whole: it has %zu items, but '%.60s' says otherwise",
                             search->items, key);
    const char *rel = is_inside ? rcn_json_get_member_string(value, "rel") : NULL;
    if ((rel && strcasecmp(rel, "next") == 0) || (!is_inside && says_more(search, word, value)))
        return rcn_error_set(search->err, RCN_ERROR_FAILED,
                             "the list comes in pages of an unknown form ('%.60s')", key);
    if (!is_inside || search->depth == MOST_DEPTH)
        return 0;
    struct search inner = *search;
    inner.depth++;
    for (struct rcn_json_member member = {0}; rcn_json_next(value, &member);)
        if (judge_member(&inner, member.key, member.value))
            return -1;
    size_t count = rcn_json_get_type(value) == RCN_JSON_ARRAY ? rcn_json_get_count(value) : 0;
    for (size_t i = 0; i < count; i++)
        if (judge_member(&inner, key, rcn_json_get_at(value, i)))
            return -1;
    return 0;
}

static int read_pagination(const struct rcn_json *pagination, size_t items, struct rcn_page *ret,
                           struct rcn_error *err)
{
    const struct rcn_json *has_more = rcn_json_get(pagination, "hasMore");
    const struct rcn_json *count = rcn_json_get(pagination, "count");
    const char *problem = NULL;
    if (!rcn_json_get_integer(rcn_json_get(pagination, "limit"), &ret->limit) ||
        !rcn_json_get_integer(rcn_json_get(pagination, "offset"), &ret->offset) ||
        !rcn_json_get_integer(rcn_json_get(pagination, "total"), &ret->total) ||
        rcn_json_get_type(has_more) != RCN_JSON_BOOLEAN)
        problem = "without limit, offset, total and hasMore";
    else if (ret->limit < 1 || ret->offset < 0 || ret->total < 0)
        problem = "with an invalid limit, offset or total";
    else if (rcn_json_get_type(count) > RCN_JSON_NULL && read_number(count) != (long long)items)
        problem = "whose count is not the number of its items";
    ret->is_paged = true;
    ret->has_more = rcn_json_is_true(has_more);
    for (struct rcn_json_member member = {0}; rcn_json_next(pagination, &member);)
        if (!ret->has_more && strncmp(member.key, "next", 4) == 0 && !says_nothing(member.value))
            problem = problem ? problem : "with hasMore: false and a next page";
    if (problem)
        return rcn_error_set(err, RCN_ERROR_FAILED,
                             "the list comes in pages of an unknown form ('pagination' %s)",
                             problem);
    return 0;
}

int rcn_paging_judge(const struct rcn_json *root, const char *list_key, size_t items,
                     struct rcn_page *ret, struct rcn_error *err)
{
    *ret = (struct rcn_page){0};
    const struct rcn_json *pagination = rcn_json_get(root, "pagination");
    if (rcn_json_get_type(pagination) > RCN_JSON_NULL &&
        read_pagination(pagination, items, ret, err))
        return -1;
    /* With a page in hand, a total beside it counts all pages. */
    const struct search search = {.list_key = list_key,
                                  .items = ret->is_paged ? (size_t)ret->total : items,
                                  .came = items,
                                  .is_paged = ret->is_paged,
                                  .err = err};
    for (struct rcn_json_member member = {0}; rcn_json_next(root, &member);)
        if (judge_member(&search, member.key, member.value))
            return -1;
    return 0;
}
