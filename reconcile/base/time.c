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

/* Days since 1970-01-01. Years begin in March here, so that the leap day is their last. */
static int64_t count_days(int64_t year, int64_t month, int64_t day)
{
    int64_t years = month > 2 ? year : year - 1;
    int64_t months = month > 2 ? month - 3 : month + 9;
    years += 400; /* the year 0 begins in the year -1, and division rounds towards 0 */
    return 365 * years + years / 4 - years / 100 + years / 400 + (153 * months + 2) / 5 + day - 1 -
           719468 - 146097;
}

static bool is_day(int64_t year, int64_t month, int64_t day)
{
    if (month < 1 || month > 12 || day < 1 || day > 31)
        return false;
    return day <= 28 || month == 12 ||
           count_days(year, month, day) < count_days(year, month + 1, 1);
}

/* Not isdigit, which is a call: a long list has a time or two in each item. */
static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* True when text begins like `shape`, in which a 0 stands for any digit. */
static bool has_shape(const char *text, const char *shape)
{
    for (; *shape; shape++, text++)
        if (*shape == '0' ? !is_digit(*text) : *text != *shape)
            return false;
    return true;
}

static int64_t read_two_digits(const char *text)
{
    return (int64_t)(text[0] - '0') * 10 + (text[1] - '0');
}

/* The day of `2026-12-31...`, whose shape is known. */
static bool read_day(const char *text, int64_t *ret_seconds)
{
    int64_t year = read_two_digits(text) * 100 + read_two_digits(text + 2);
    int64_t month = read_two_digits(text + 5);
    int64_t day = read_two_digits(text + 8);
    *ret_seconds = count_days(year, month, day) * 86400;
    return is_day(year, month, day);
}

/* The time of `15:59:59...`, whose shape is known. */
static bool read_time_of_day(const char *text, int64_t *ret_seconds)
{
    int64_t hour = read_two_digits(text);
    int64_t minute = read_two_digits(text + 3);
    int64_t second = read_two_digits(text + 6);
    *ret_seconds = hour * 3600 + minute * 60 + second;
    return hour < 24 && minute < 60 && second < 60;
}

static bool parse_offset(const char *text, int64_t *ret_seconds)
{
    *ret_seconds = 0;
    if (strcmp(text, "Z") == 0 || strcmp(text, "z") == 0)
        return true;
    if ((text[0] != '+' && text[0] != '-') || !has_shape(text + 1, "00:00") || text[6])
        return false;
    int64_t hours = read_two_digits(text + 1);
    int64_t minutes = read_two_digits(text + 4);
    if (hours > 23 || minutes > 59)
        return false;
    *ret_seconds = (hours * 3600 + minutes * 60) * (text[0] == '-' ? -1 : 1);
    return true;
}

bool rcn_time_parse(const char *text, int64_t *ret_wall_ms)
{
    int64_t day;
    int64_t time_of_day;
    int64_t offset;
    int64_t fraction_ms = 0;
    if (!has_shape(text, "0000-00-00T00:00:00") || !read_day(text, &day) ||
        !read_time_of_day(text + strlen("0000-00-00T"), &time_of_day))
        return false;
    const char *rest = text + strlen("0000-00-00T00:00:00");
    if (*rest == '.') {
        int64_t unit = 100;
        for (rest++; is_digit(*rest); rest++, unit /= 10)
            fraction_ms += (*rest - '0') * unit;
    }
    if (!parse_offset(rest, &offset))
        return false;
    int64_t seconds = day + time_of_day - offset;
    if (seconds < FIRST_SECOND || seconds > LAST_SECOND)
        return false;
    *ret_wall_ms = seconds * 1000 + fraction_ms;
    return true;
}

bool rcn_date_parse(const char *text, int64_t *ret_wall_ms)
{
    int64_t seconds;
    if (!has_shape(text, "0000-00-00") || text[10] || !read_day(text, &seconds))
        return false;
    *ret_wall_ms = seconds * 1000;
    return true;
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
