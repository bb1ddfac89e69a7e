#include "live/http_header.h"

#include <curl/curl.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include "live/paging.h"

/* The year 9999, past which libcurl reads on. */
static const int64_t date_most_s = INT64_C(253402300799);

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* libcurl 7.88 leaves the line's end in an empty value. */
static const char *skip_spaces(const char *text)
{
    return text + strspn(text, " \t\r\n");
}

/* The whole value as a number; a fraction, which some servers send, is rounded up. -1: it is none.
 */
static int64_t parse_number(const char *value)
{
    char *end;
    value = skip_spaces(value);
    if (!is_digit(*value))
        return -1;
    int64_t number = strtoll(value, &end, 10);
    if (*end == '.' && is_digit(end[1]) && number < INT64_MAX) {
        end += 1 + strspn(end + 1, "0123456789");
        number++;
    }
    return *skip_spaces(end) == '\0' ? number : -1;
}

static int64_t clamp(int64_t ms)
{
    if (ms < 0)
        return 0;
    return ms > RCN_HTTP_DELAY_MOST_MS ? RCN_HTTP_DELAY_MOST_MS : ms;
}

static int64_t clamp_seconds(int64_t seconds)
{
    return clamp(seconds > RCN_HTTP_DELAY_MOST_MS ? seconds : seconds * 1000);
}

/* curl_getdate also takes fragments like `Mon` and bare numbers: a date has a comma or a colon. */
static int64_t parse_date_ms(const char *value)
{
    if (!value || !strchr(value, ':'))
        return -1;
    time_t seconds = curl_getdate(value, NULL);
    return seconds < 0 || (int64_t)seconds > date_most_s ? -1 : (int64_t)seconds * 1000;
}

int64_t rcn_http_parse_retry_after(const char *value, const char *date, int64_t wall_ms)
{
    int64_t seconds = value ? parse_number(value) : -1;
    int64_t until_ms = seconds < 0 ? parse_date_ms(value) : -1;
    int64_t now_ms = parse_date_ms(date);
    if (seconds >= 0)
        return clamp_seconds(seconds);
    return until_ms < 0 ? -1 : clamp(until_ms - (now_ms >= 0 ? now_ms : wall_ms));
}

int64_t rcn_http_parse_age(const char *value)
{
    int64_t seconds = value ? parse_number(value) : -1;
    return seconds < 0 ? 0 : clamp_seconds(seconds);
}

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

static enum rcn_paging_word find_word(const char *name)
{
    return strncasecmp(name, "X-", 2) == 0 ? rcn_paging_word_find(name + 2) : RCN_PAGING_NONE;
}

bool rcn_http_header_says_more(const char *name, const char *value)
{
    static const char *const nothing[] = {"", "0", "false", "null", "none"};
    if (strcasecmp(name, "Link") == 0)
        return link_has_next(value);
    enum rcn_paging_word word = find_word(name);
    if (word == RCN_PAGING_PAGES)
        return parse_number(value) > 1;
    if (word != RCN_PAGING_MORE)
        return false;
    value = skip_spaces(value);
    for (size_t i = 0; i < sizeof nothing / sizeof *nothing; i++)
        if (strcasecmp(value, nothing[i]) == 0)
            return false;
    return true;
}

int64_t rcn_http_header_get_total(const char *name, const char *value)
{
    if (strcasecmp(name, "Content-Range") == 0) {
        const char *slash = strchr(value, '/');
        bool counts_bytes = strncasecmp(skip_spaces(value), "bytes", strlen("bytes")) == 0;
        return slash && !counts_bytes ? parse_number(slash + 1) : -1;
    }
    int64_t total = find_word(name) == RCN_PAGING_TOTAL ? parse_number(value) : -1;
    return total < INT64_MAX ? total : -1;
}
