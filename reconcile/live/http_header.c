#include "live/http_private.h"

#include <curl/curl.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

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
    return ms > RCN_HTTP_RETRY_AFTER_MOST_MS ? RCN_HTTP_RETRY_AFTER_MOST_MS : ms;
}

/* Whole seconds; a fraction, which some servers send, is rounded up. -1 when it is no number. */
static int64_t parse_seconds(const char *value)
{
    int64_t seconds = 0;
    const char *text = value;
    for (; is_digit(*text); text++)
        if (seconds <= RCN_HTTP_RETRY_AFTER_MOST_MS)
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

static bool is_word_end(char c)
{
    return c == '\0' || strchr(" \t,;\"", c) != NULL;
}

/* `value` stands behind `rel=`: does it name next, alone or among several in quotes? */
static bool rel_has_next(const char *value)
{
    bool is_quoted = *value == '"';
    value += is_quoted;
    while (*value && !strchr(is_quoted ? "\"" : ",;", *value)) {
        if (strncasecmp(value, "next", 4) == 0 && is_word_end(value[4]))
            return true;
        value += strcspn(value, is_quoted ? " \t\"" : " \t,;");
        value = skip_spaces(value);
    }
    return false;
}

bool rcn_http_link_has_next(const char *value)
{
    for (; *value; value++) {
        if (strncasecmp(value, "rel", 3) != 0)
            continue;
        const char *equals = skip_spaces(value + 3);
        if (*equals == '=' && rel_has_next(skip_spaces(equals + 1)))
            return true;
    }
    return false;
}

static bool is_one_of(const char *name, const char *const *names, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (strcasecmp(name, names[i]) == 0)
            return true;
    return false;
}

bool rcn_http_header_says_more(const char *name, const char *value)
{
    static const char *const names[] = {
        "X-Next-Page",     "X-Next-Cursor",     "X-Next-Offset",
        "X-Next-Token",    "X-Next-Page-Token", "X-Next",
        "X-Next-Url",      "X-Has-More",        "X-Continuation-Token",
        "X-Has-Next-Page", "X-Next-Marker",     "X-Pagination",
        "X-Cursor",        "X-Page-Token",      "X-Truncated",
    };
    static const char *const nothing[] = {"", "0", "false", "null", "none"};
    if (strcasecmp(name, "Link") == 0)
        return rcn_http_link_has_next(value);
    if (strcasecmp(name, "X-Total-Pages") == 0 || strcasecmp(name, "X-Page-Count") == 0 ||
        strcasecmp(name, "X-Pagination-Page-Count") == 0)
        return strtol(value, NULL, 10) > 1;
    return is_one_of(name, names, sizeof names / sizeof *names) &&
           !is_one_of(skip_spaces(value), nothing, sizeof nothing / sizeof *nothing);
}

int64_t rcn_http_header_get_total(const char *name, const char *value)
{
    static const char *const names[] = {"X-Total-Count",
                                        "X-Total",
                                        "X-Total-Items",
                                        "Total-Count",
                                        "X-Count",
                                        "X-Pagination-Total",
                                        "X-Pagination-Total-Count"};
    if (strcasecmp(name, "Content-Range") == 0) {
        const char *slash = strchr(value, '/');
        bool counts_bytes = strncasecmp(skip_spaces(value), "bytes", strlen("bytes")) == 0;
        value = slash && !counts_bytes ? slash + 1 : "";
    } else if (!is_one_of(name, names, sizeof names / sizeof *names)) {
        return -1;
    }
    value = skip_spaces(value);
    int64_t total = 0;
    size_t digits = 0;
    for (; digits < 18 && is_digit(value[digits]); digits++)
        total = total * 10 + (value[digits] - '0');
    return digits > 0 && *skip_spaces(value + digits) == '\0' ? total : -1;
}
