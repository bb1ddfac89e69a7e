#include "base/time.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* The years 0000 to 9999: what four digits can say. */
#define FIRST_SECOND INT64_C(-62167219200)
#define LAST_SECOND INT64_C(253402300799)

void rcn_time_format(int64_t wall_ms, char ret[RCN_TIME_SIZE])
{
    /* Down, also before 1970: what is written is never later than what was meant. */
    time_t seconds = (time_t)(wall_ms / 1000 - (wall_ms % 1000 < 0));
    struct tm utc;
    if (!gmtime_r(&seconds, &utc) || utc.tm_year < -1900 || utc.tm_year > 8099) {
        snprintf(ret, RCN_TIME_SIZE, "0000-00-00T00:00:00Z");
        return;
    }
    /* %Y has no leading zeros in every library. */
    size_t len = (size_t)snprintf(ret, RCN_TIME_SIZE, "%04d", utc.tm_year + 1900);
    (void)!strftime(ret + len, RCN_TIME_SIZE - len, "-%m-%dT%H:%M:%SZ", &utc);
}

/* Not isdigit, which is a call: a long list has a time or two in each item. */
static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* True when text begins like `shape`, in which a 0 means any digit. */
static bool has_shape(const char *text, const char *shape)
{
    for (; *shape; shape++, text++)
        if (*shape == '0' ? !is_digit(*text) : *text != *shape)
            return false;
    return true;
}

static int read_two_digits(const char *text)
{
    return (text[0] - '0') * 10 + (text[1] - '0');
}

static bool parse_offset(const char *text, int64_t *ret_seconds)
{
    *ret_seconds = 0;
    if (strcmp(text, "Z") == 0 || strcmp(text, "z") == 0)
        return true;
    if ((text[0] != '+' && text[0] != '-') || !has_shape(text + 1, "00:00") || text[6])
        return false;
    int hours = read_two_digits(text + 1);
    int minutes = read_two_digits(text + 4);
    if (hours > 23 || minutes > 59)
        return false;
    *ret_seconds = (hours * 3600L + minutes * 60L) * (text[0] == '-' ? -1 : 1);
    return true;
}

bool rcn_time_parse(const char *text, int64_t *ret_wall_ms)
{
    static const char shape[] = "0000-00-00T00:00:00";
    int64_t offset;
    int64_t fraction_ms = 0;
    if (!has_shape(text, shape))
        return false;
    struct tm utc = {.tm_year = read_two_digits(text) * 100 + read_two_digits(text + 2) - 1900,
                     .tm_mon = read_two_digits(text + 5) - 1,
                     .tm_mday = read_two_digits(text + 8),
                     .tm_hour = read_two_digits(text + 11),
                     .tm_min = read_two_digits(text + 14),
                     .tm_sec = read_two_digits(text + 17)};
    const struct tm given = utc;
    int64_t seconds = (int64_t)timegm(&utc); /* makes another time of what does not exist */
    if (utc.tm_mon != given.tm_mon || utc.tm_mday != given.tm_mday ||
        utc.tm_hour != given.tm_hour || utc.tm_min != given.tm_min || utc.tm_sec != given.tm_sec)
        return false;
    const char *rest = text + strlen(shape);
    if (*rest == '.') {
        int64_t unit = 100;
        for (rest++; is_digit(*rest); rest++, unit /= 10)
            fraction_ms += (*rest - '0') * unit;
    }
    if (!parse_offset(rest, &offset))
        return false;
    seconds -= offset;
    if (seconds < FIRST_SECOND || seconds > LAST_SECOND)
        return false;
    *ret_wall_ms = seconds * 1000 + fraction_ms;
    return true;
}

bool rcn_date_parse(const char *text, int64_t *ret_wall_ms)
{
    char midnight[RCN_TIME_SIZE];
    snprintf(midnight, sizeof midnight, "%.11sT00:00:00Z", text);
    return rcn_time_parse(midnight, ret_wall_ms);
}

bool rcn_duration_parse(const char *text, int64_t *ret_ms)
{
    static const struct {
        const char *suffix;
        int64_t ms;
    } units[] = {{"", 1000}, {"ms", 1}, {"s", 1000}, {"m", 60000}, {"h", 3600000}, {"d", 86400000}};
    const int64_t most_ms = INT64_C(10000) * 86400000;
    char *rest;
    if (!is_digit(text[0]) || strlen(text) > 18)
        return false;
    int64_t number = strtoll(text, &rest, 10);
    for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
        if (strcmp(rest, units[i].suffix) != 0)
            continue;
        if (number > most_ms / units[i].ms)
            return false;
        *ret_ms = number * units[i].ms;
        return true;
    }
    return false;
}

void rcn_duration_format(int64_t ms, char ret[RCN_TIME_SIZE])
{
    long long seconds = (long long)((ms + 999) / 1000);
    if (seconds < 60)
        snprintf(ret, RCN_TIME_SIZE, "%lld s", seconds);
    else if (seconds < 3600 && seconds % 60 == 0)
        snprintf(ret, RCN_TIME_SIZE, "%lld min", seconds / 60);
    else if (seconds < 3600)
        snprintf(ret, RCN_TIME_SIZE, "%lld min %lld s", seconds / 60, seconds % 60);
    else
        snprintf(ret, RCN_TIME_SIZE, "%lld h %lld min", seconds / 3600, seconds % 3600 / 60);
}

void rcn_age_format(int64_t ms, char ret[RCN_TIME_SIZE])
{
    enum { MINUTE_MS = 60000 };
    if (ms < MINUTE_MS)
        snprintf(ret, RCN_TIME_SIZE, "less than a minute");
    else
        rcn_duration_format(ms - ms % MINUTE_MS, ret);
}
