#include "live/paging.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { FOLDED_SIZE = 32 };

enum word {
    NONE,  /* not about pages */
    MORE,  /* `next...`, `hasMore`, ...: it goes on unless the value is empty or false */
    LIMIT, /* `limit`, `perPage`, ...: it may go on when so many items came */
    START, /* `offset`, `skip`: it does not begin with the first unless 0 */
    PAGES, /* `page`, `totalPages`, ...: more than one page */
    TOTAL, /* `total`, `totalCount`, ...: how many items there are */
    END,   /* `last`, `done`, ...: false when it goes on */
};

/* `next_cursor`, `nextCursor` and `Next-Cursor` are one word. */
static enum word find_word(const char *key)
{
    static const char *const starts[] = {"next", "hasmore", "hasnext", "odatanext", "continuation"};
    static const char *const words[] = {
        [NONE] = "",
        [MORE] = " paging cursor pagetoken truncated istruncated pagination ",
        [LIMIT] = " limit perpage pagesize ",
        [START] = " offset skip ",
        [PAGES] = " page currentpage totalpages pagecount lastpage ",
        [TOTAL] = " total totalcount totalitems count ",
        [END] = " last islast islastpage done ",
    };
    char folded[FOLDED_SIZE] = " ";
    size_t len = 1;
    for (; *key && len + 2 < sizeof folded; key++)
        if (!strchr("_-$@. ", *key))
            folded[len++] = (char)tolower((unsigned char)*key);
    for (size_t i = 0; i < sizeof starts / sizeof *starts; i++)
        if (strncmp(folded + 1, starts[i], strlen(starts[i])) == 0)
            return MORE;
    folded[len] = ' ';
    for (int word = MORE; word <= END; word++)
        if (strstr(words[word], folded))
            return (enum word)word;
    return NONE;
}

/* libcurl 7.88 leaves the line's end in an empty value. */
static const char *skip_spaces(const char *text)
{
    return text + strspn(text, " \t\r\n");
}

int64_t rcn_paging_parse_number(const char *text)
{
    char *end;
    text = skip_spaces(text);
    if (!isdigit((unsigned char)*text))
        return -1;
    int64_t number = strtoll(text, &end, 10);
    if (*end == '.' && isdigit((unsigned char)end[1]) && number < INT64_MAX) {
        end += 1 + strspn(end + 1, "0123456789");
        number++;
    }
    return *skip_spaces(end) == '\0' ? number : -1;
}

/* --- headers --- */

/* `rel=next` and `rel="prev next"`, in any case and with any spaces. */
static bool link_has_next(const char *value)
{
    for (; *value; value++) {
        const char *rel = strncasecmp(value, "rel", 3) == 0 ? skip_spaces(value + 3) : "";
        if (*rel != '=')
            continue;
        rel = skip_spaces(rel + 1);
        const char *ends = *rel == '"' ? "\"" : ",; \t";
        rel += *rel == '"';
        for (const char *end = rel + strcspn(rel, ends); rel < end; rel = skip_spaces(rel)) {
            size_t len = strcspn(rel, " \t\",;");
            if (len == 4 && strncasecmp(rel, "next", len) == 0)
                return true;
            rel += len ? len : 1;
        }
    }
    return false;
}

static enum word find_header(const char *name)
{
    return strncasecmp(name, "X-", 2) == 0 ? find_word(name + 2) : NONE;
}

bool rcn_paging_header_says_more(const char *name, const char *value)
{
    static const char *const nothing[] = {"", "0", "false", "null", "none"};
    if (strcasecmp(name, "Link") == 0)
        return link_has_next(value);
    enum word word = find_header(name);
    if (word == PAGES)
        return rcn_paging_parse_number(value) > 1;
    if (word != MORE)
        return false;
    value = skip_spaces(value);
    for (size_t i = 0; i < sizeof nothing / sizeof *nothing; i++)
        if (strcasecmp(value, nothing[i]) == 0)
            return false;
    return true;
}

int64_t rcn_paging_header_get_total(const char *name, const char *value)
{
    if (strcasecmp(name, "Content-Range") == 0) {
        const char *slash = strchr(value, '/');
        bool counts_bytes = strncasecmp(skip_spaces(value), "bytes", strlen("bytes")) == 0;
        return slash && !counts_bytes ? rcn_paging_parse_number(slash + 1) : -1;
    }
    int64_t total = find_header(name) == TOTAL ? rcn_paging_parse_number(value) : -1;
    return total < INT64_MAX ? total : -1;
}

/* --- bodies --- */

struct search {
    const char *list_key;
    size_t items;  /* that a total must count */
    size_t came;   /* in this body */
    bool is_paged; /* limit and offset are understood */
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
    /* Strictly: a rounded total would count what is not there. */
    errno = 0;
    number = strtoll(text, &end, 10);
    return end != text && *end == '\0' && errno == 0 ? number : -1;
}

/* null, false, "", {} and [] say that nothing follows. */
static bool says_nothing(const struct rcn_json *value)
{
    const char *text = rcn_json_get_string(value);
    if (text)
        return *text == '\0';
    return rcn_json_get_type(value) != RCN_JSON_NUMBER && rcn_json_get_count(value) == 0 &&
           !rcn_json_is_true(value);
}

static bool says_more(const struct search *search, enum word word, const struct rcn_json *value)
{
    long long number = read_number(value);
    if (search->is_paged && (word == LIMIT || word == START))
        return false;
    return (word == MORE && !says_nothing(value)) ||
           (word == LIMIT && number >= 0 && (size_t)number <= search->came) ||
           (word == START && number > 0) || (word == PAGES && number > 1) ||
           (word == END && rcn_json_is_false(value));
}

/* What is in it is beside the list, too. */
static bool is_container(const char *key, const struct rcn_json *value)
{
    static const char *const names[] = {"meta", "links", "_links", "page", "pageInfo"};
    enum rcn_json_type type = rcn_json_get_type(value);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strcmp(key, names[i]) == 0)
            return type == RCN_JSON_OBJECT || type == RCN_JSON_ARRAY;
    return false;
}

static int judge_members(const struct search *search, const char *key,
                         const struct rcn_json *container, unsigned depth);

static int judge_member(const struct search *search, const char *key, const struct rcn_json *value,
                        unsigned depth)
{
    enum { MOST_DEPTH = 3 };
    enum word word = find_word(key);
    bool is_inside = is_container(key, value);
    if (depth == 0 && (strcmp(key, search->list_key) == 0 ||
                       (search->is_paged && strcmp(key, "pagination") == 0)))
        return 0;
    if (word == TOTAL && rcn_json_get_type(value) != RCN_JSON_NULL &&
        read_number(value) != (long long)search->items)
        return rcn_error_set(search->err, RCN_ERROR_FAILED,
                             "the list is not whole: it has %zu items, but '%.60s' says otherwise",
                             search->items, key);
    const char *rel = is_inside ? rcn_json_get_member_string(value, "rel") : NULL;
    if ((rel && strcasecmp(rel, "next") == 0) || (!is_inside && says_more(search, word, value)))
        return rcn_error_set(search->err, RCN_ERROR_FAILED,
                             "the list comes in pages of an unknown form ('%.60s')", key);
    return is_inside && depth < MOST_DEPTH ? judge_members(search, key, value, depth + 1) : 0;
}

/* An element of an array has the array's key. */
static int judge_members(const struct search *search, const char *key,
                         const struct rcn_json *container, unsigned depth)
{
    int result = 0;
    for (struct rcn_json_member member = {0}; result == 0 && rcn_json_next(container, &member);)
        result = judge_member(search, member.key, member.value, depth);
    bool is_array = rcn_json_get_type(container) == RCN_JSON_ARRAY;
    for (size_t i = 0; is_array && result == 0 && i < rcn_json_get_count(container); i++)
        result = judge_member(search, key, rcn_json_get_at(container, i), depth);
    return result;
}

int rcn_paging_judge(const struct rcn_json *root, const char *list_key, size_t items,
                     struct rcn_page *ret, struct rcn_error *err)
{
    *ret = (struct rcn_page){0};
    const struct rcn_json *pagination = rcn_json_get(root, "pagination");
    const struct rcn_json *has_more = rcn_json_get(pagination, "hasMore");
    const struct rcn_json *count = rcn_json_get(pagination, "count");
    const char *problem = NULL;
    ret->is_paged = rcn_json_get_type(pagination) > RCN_JSON_NULL;
    ret->has_more = rcn_json_is_true(has_more);
    for (struct rcn_json_member member = {0}; rcn_json_next(pagination, &member);)
        if (!ret->has_more && strncmp(member.key, "next", 4) == 0 && !says_nothing(member.value))
            problem = "with hasMore: false and a next page";
    if (ret->is_paged && (!rcn_json_get_integer(rcn_json_get(pagination, "limit"), &ret->limit) ||
                          !rcn_json_get_integer(rcn_json_get(pagination, "offset"), &ret->offset) ||
                          !rcn_json_get_integer(rcn_json_get(pagination, "total"), &ret->total) ||
                          rcn_json_get_type(has_more) != RCN_JSON_BOOLEAN))
        problem = "without limit, offset, total and hasMore";
    else if (ret->is_paged && (ret->limit < 1 || ret->offset < 0 || ret->total < 0))
        problem = "with an invalid limit, offset or total";
    else if (rcn_json_get_type(count) > RCN_JSON_NULL && read_number(count) != (long long)items)
        problem = "whose count is not the number of its items";
    if (problem)
        return rcn_error_set(err, RCN_ERROR_FAILED,
                             "the list comes in pages of an unknown form ('pagination' %s)",
                             problem);
    /* With a page in hand, a total beside it counts all pages. */
    const struct search search = {.list_key = list_key,
                                  .items = ret->is_paged ? (size_t)ret->total : items,
                                  .came = items,
                                  .is_paged = ret->is_paged,
                                  .err = err};
    return judge_members(&search, list_key, root, 0);
}
