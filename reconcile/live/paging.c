#include "live/paging.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "live/paging_word.h"

struct search {
    const char *list_key;
    size_t items;        /* that a total must count */
    size_t came;         /* in this body */
    bool is_paged;       /* limit and offset are understood */
    unsigned containers; /* how deep */
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

static int look_at_member(void *context, const char *key, const struct rcn_json *value)
{
    enum { MOST_CONTAINERS = 3 };
    struct search *search = context;
    enum rcn_paging_word word = rcn_paging_word_find(key);
    bool is_top = search->containers == 0;
    bool is_inside = is_container(key, value);
    if (is_top && (strcmp(key, search->list_key) == 0 ||
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
    if (!is_inside || search->containers == MOST_CONTAINERS)
        return 0;
    struct search inner = *search;
    inner.containers++;
    if (rcn_json_get_type(value) == RCN_JSON_OBJECT)
        return rcn_json_each(value, look_at_member, &inner);
    for (size_t i = 0; i < rcn_json_get_count(value); i++)
        if (look_at_member(&inner, key, rcn_json_get_at(value, i)))
            return -1;
    return 0;
}

static int read_pagination(const struct rcn_json *pagination, size_t items, struct rcn_page *ret,
                           struct rcn_error *err)
{
    const struct rcn_json *has_more = rcn_json_get(pagination, "hasMore");
    const struct rcn_json *count = rcn_json_get(pagination, "count");
    enum rcn_json_type count_type = rcn_json_get_type(count);
    const char *problem = NULL;
    if (!rcn_json_get_integer(rcn_json_get(pagination, "limit"), &ret->limit) ||
        !rcn_json_get_integer(rcn_json_get(pagination, "offset"), &ret->offset) ||
        !rcn_json_get_integer(rcn_json_get(pagination, "total"), &ret->total) ||
        rcn_json_get_type(has_more) != RCN_JSON_BOOLEAN)
        problem = "without limit, offset, total and hasMore";
    else if (ret->limit < 1 || ret->offset < 0 || ret->total < 0)
        problem = "with an invalid limit, offset or total";
    else if (count_type != RCN_JSON_ABSENT && count_type != RCN_JSON_NULL &&
             read_number(count) != (long long)items)
        problem = "whose count is not the number of its items";
    if (problem)
        return rcn_error_set(err, RCN_ERROR_FAILED,
                             "the list comes in pages of an unknown form ('pagination' %s)",
                             problem);
    ret->is_paged = true;
    ret->has_more = rcn_json_is_true(has_more);
    return 0;
}

/* hasMore: false beside a next page: one of the two is not true. */
static int find_contradiction(void *context, const char *key, const struct rcn_json *value)
{
    (void)context;
    return strncmp(key, "next", 4) == 0 && !says_nothing(value) ? -1 : 0;
}

int rcn_paging_judge(const struct rcn_json *root, const char *list_key, size_t items,
                     struct rcn_page *ret, struct rcn_error *err)
{
    *ret = (struct rcn_page){0};
    const struct rcn_json *pagination = rcn_json_get(root, "pagination");
    enum rcn_json_type type = rcn_json_get_type(pagination);
    if (type != RCN_JSON_ABSENT && type != RCN_JSON_NULL &&
        read_pagination(pagination, items, ret, err))
        return -1;
    if (ret->is_paged && !ret->has_more && rcn_json_each(pagination, find_contradiction, NULL))
        return rcn_error_set(err, RCN_ERROR_FAILED,
                             "the list comes in pages of an unknown form ('pagination' with "
                             "hasMore: false and a next page)");
    /* With a page in hand, a total beside it counts all pages. */
    struct search search = {.list_key = list_key,
                            .items = ret->is_paged ? (size_t)ret->total : items,
                            .came = items,
                            .is_paged = ret->is_paged,
                            .err = err};
    return rcn_json_each(root, look_at_member, &search);
}
