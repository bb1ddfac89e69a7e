#include "base/clock.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* The years 0000 to 9999: what four digits can say. */
#define FIRST_SECOND INT64_C(-62167219200)
#define LAST_SECOND INT64_C(253402300799)

static int64_t read_clock(clockid_t id)
{
    struct timespec now;
    clock_gettime(id, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

int64_t rcn_clock_wall_ms(void)
{
    return read_clock(CLOCK_REALTIME);
}

/* CLOCK_MONOTONIC stands still while the machine sleeps, and the server's clock does not. */
int64_t rcn_clock_steady_ms(void)
{
#ifdef CLOCK_BOOTTIME
    return read_clock(CLOCK_BOOTTIME);
#else
    return read_clock(CLOCK_MONOTONIC);
#endif
}

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

/* timegm accepts the 31st of February and makes it the 3rd of March: compare what comes back. */
static bool to_seconds(struct tm *utc, int64_t *ret_seconds)
{
    struct tm asked = *utc;
    time_t seconds = timegm(utc);
    if (utc->tm_mday != asked.tm_mday || utc->tm_hour != asked.tm_hour ||
        utc->tm_min != asked.tm_min)
        return false;
    *ret_seconds = seconds;
    return true;
}

/* Two digits below `end`; -1 when there is something else. */
static int64_t parse_two_digits(const char *text, int64_t end)
{
    if (!isdigit((unsigned char)text[0]) || !isdigit((unsigned char)text[1]))
        return -1;
    int64_t value = (int64_t)(text[0] - '0') * 10 + (text[1] - '0');
    return value < end ? value : -1;
}

static bool parse_offset(const char *text, int64_t *ret_seconds)
{
    *ret_seconds = 0;
    if (strcmp(text, "Z") == 0 || strcmp(text, "z") == 0)
        return true;
    if ((text[0] != '+' && text[0] != '-') || strlen(text) != strlen("+00:00") || text[3] != ':')
        return false;
    int64_t hours = parse_two_digits(text + 1, 24);
    int64_t minutes = parse_two_digits(text + 4, 60);
    if (hours < 0 || minutes < 0)
        return false;
    *ret_seconds = (hours * 3600 + minutes * 60) * (text[0] == '-' ? -1 : 1);
    return true;
}

bool rcn_time_parse(const char *text, int64_t *ret_wall_ms)
{
    struct tm utc = {0};
    const char *rest = strptime(text, "%Y-%m-%dT%H:%M:%S", &utc);
    if (!rest || !isdigit((unsigned char)text[0]) || rest - text != 19)
        return false;
    int64_t fraction_ms = 0;
    if (*rest == '.') {
        int64_t unit = 100;
        for (rest++; isdigit((unsigned char)*rest); rest++, unit /= 10)
            fraction_ms += (*rest - '0') * unit;
    }
    int64_t offset;
    int64_t seconds;
    if (!parse_offset(rest, &offset) || !to_seconds(&utc, &seconds))
        return false;
    seconds -= offset;
    if (seconds < FIRST_SECOND || seconds > LAST_SECOND)
        return false;
    *ret_wall_ms = seconds * 1000 + fraction_ms;
    return true;
}

bool rcn_date_parse(const char *text, int64_t *ret_wall_ms)
{
    struct tm utc = {0};
    const char *rest = strptime(text, "%Y-%m-%d", &utc);
    int64_t seconds;
    if (!rest || *rest || strlen(text) != 10 || !isdigit((unsigned char)text[0]) ||
        !to_seconds(&utc, &seconds))
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
    if (!isdigit((unsigned char)text[0]) || strlen(text) > 18)
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
