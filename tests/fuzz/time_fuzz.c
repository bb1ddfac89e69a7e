/*
 * Any text as a time, a date and a duration. What is taken is what the C library makes of it, and
 * comes back from its own writing as the same; a duration is what its digits and its unit say.
 */
#include <time.h>

#include "base/time.h"
#include "fuzz.h"

/* The C library's reading of the same second. */
static void check_second(const char *text, int64_t ms)
{
    struct tm utc = {0};
    int offset_hours = 0;
    int offset_minutes = 0;
    const char *rest = strptime(text, "%Y-%m-%dT%H:%M:%S", &utc);
    FUZZ_CHECK(rest && rest - text == 19);
    int day = utc.tm_mday;
    int64_t seconds = timegm(&utc);
    FUZZ_CHECK(utc.tm_mday == day);
    if (*rest == '.')
        rest += 1 + strspn(rest + 1, "0123456789");
    if (*rest == '+' || *rest == '-') {
        FUZZ_CHECK(sscanf(rest + 1, "%2d:%2d", &offset_hours, &offset_minutes) == 2);
        seconds -= (*rest == '-' ? -60 : 60) * (60 * offset_hours + offset_minutes);
    }
    FUZZ_CHECK(ms >= seconds * 1000 && ms < seconds * 1000 + 1000);
}

static void check_time(const char *text)
{
    int64_t ms;
    int64_t again_ms;
    char written[RCN_TIME_SIZE];
    if (!rcn_time_parse(text, &ms))
        return;
    check_second(text, ms);
    rcn_time_format(ms, written);
    FUZZ_CHECK(rcn_time_parse(written, &again_ms) && again_ms <= ms && ms - again_ms < 1000);
}

static void check_date(const char *text)
{
    int64_t ms;
    int64_t time_ms;
    char with_time[32];
    if (!rcn_date_parse(text, &ms))
        return;
    FUZZ_CHECK(ms % 86400000 == 0);
    snprintf(with_time, sizeof with_time, "%.10sT00:00:00Z", text);
    FUZZ_CHECK(rcn_time_parse(with_time, &time_ms) && time_ms == ms);
}

static void check_duration(const char *text)
{
    static const struct {
        const char *name;
        int64_t ms;
    } units[] = {{"", 1000}, {"ms", 1}, {"s", 1000}, {"m", 60000}, {"h", 3600000}, {"d", 86400000}};
    int64_t ms;
    char written[RCN_TIME_SIZE];
    if (!rcn_duration_parse(text, &ms))
        return;
    size_t digits = strspn(text, "0123456789");
    int64_t expected = -1;
    for (size_t i = 0; i < sizeof units / sizeof *units; i++)
        if (strcmp(text + digits, units[i].name) == 0)
            expected = strtoll(text, NULL, 10) * units[i].ms;
    FUZZ_CHECK(digits > 0 && ms == expected);
    FUZZ_CHECK(ms >= 0 && ms <= INT64_C(10000) * 86400000);
    rcn_duration_format(ms, written);
    FUZZ_CHECK(*written);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text = fuzz_copy(data, size);
    check_time(text);
    check_date(text);
    check_duration(text);
    free(text);
    return 0;
}
