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

static int64_t clamp(int64_t ms)
{
    if (ms < 0)
        return 0;
    return ms > RCN_HTTP_DELAY_MOST_MS ? RCN_HTTP_DELAY_MOST_MS : ms;
}

/* Whole seconds; a fraction, which some servers send, is rounded up. -1 when it is no number. */
static int64_t parse_seconds(const char *value)
{
    int64_t seconds = 0;
    const char *text = value;
    for (; is_digit(*text); text++)
        if (seconds <= RCN_HTTP_DELAY_MOST_MS)
            seconds = seconds * 10 + (*text - '0');
    if (text == value)
        return -1;
    if (*text == '.' && is_digit(text[1])) {
        text++;
        text += strspn(text, "0123456789");
        seconds++;
    }
    return *skip_spaces(text) == '\0' ? clamp(seconds * 1000) : -1;
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
    if (!value)
        return -1;
    value = skip_spaces(value);
    if (is_digit(*value)) {
        int64_t ms = parse_seconds(value);
        if (ms >= 0)
            return ms;
    }
    int64_t until_ms = parse_date_ms(value);
    if (until_ms < 0)
        return -1;
    int64_t now_ms = parse_date_ms(date);
    return clamp(until_ms - (now_ms >= 0 ? now_ms : wall_ms));
}

int64_t rcn_http_parse_age(const char *value)
{
    int64_t ms = value ? parse_seconds(skip_spaces(value)) : -1;
    return ms < 0 ? 0 : ms;
}

/* `rel=next` and `rel="prev next"`, in any case and with any spaces. */
bool rcn_http_link_has_next(const char *value)
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

/* The whole value as a number; -1 when it is none. */
static int64_t parse_number(const char *value)
{
    int64_t number = 0;
    size_t digits = 0;
    value = skip_spaces(value);
    for (; digits < 18 && is_digit(value[digits]); digits++)
        number = number * 10 + (value[digits] - '0');
    return digits > 0 && *skip_spaces(value + digits) == '\0' ? number : -1;
}

static enum rcn_paging_word find_word(const char *name)
{
    return strncasecmp(name, "X-", 2) == 0 ? rcn_paging_word_find(name + 2) : RCN_PAGING_NONE;
}

bool rcn_http_header_says_more(const char *name, const char *value)
{
    static const char *const nothing[] = {"", "0", "false", "null", "none"};
    if (strcasecmp(name, "Link") == 0)
        return rcn_http_link_has_next(value);
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
    return find_word(name) == RCN_PAGING_TOTAL ? parse_number(value) : -1;
}
