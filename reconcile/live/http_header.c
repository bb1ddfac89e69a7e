#include "live/http_private.h"

#include <curl/curl.h>
#include <string.h>
#include <strings.h>
#include <time.h>

/* The year 9999, past which libcurl reads on. */
static const int64_t date_most_s = INT64_C(253402300799);

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static const char *skip_spaces(const char *text)
{
    return text + strspn(text, " \t");
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
