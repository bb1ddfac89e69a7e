#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include <cmocka.h>

#include "base/time.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))

enum { REFUSED = -1 };

static void test_times(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int64_t wall_ms;
    } rows[] = {
        {"1970-01-01T00:00:01Z", 1000},
        {"1970-01-01T00:00:01z", 1000},
        {"1970-01-01T00:00:01.25Z", 1250},
        {"1970-01-01T00:00:01.2509Z", 1250},
        {"1970-01-01T01:30:01+01:30", 1000},
        {"1969-12-31T23:00:01-01:00", 1000},
        {"1970-01-01T00:00:01", REFUSED},
        {"1970-01-01T00:00:01+", REFUSED},
        {"1970-01-01T00:00:01+01", REFUSED},
        {"1970-01-01T00:00:01+0130", REFUSED},
        {"1970-01-01T00:00:01+-1:30", REFUSED},
        {"1970-01-01T00:00:01+ 1:30", REFUSED},
        {"1970-01-01T00:00:01+01:3x", REFUSED},
        {"1970-01-01T00:00:01+24:00", REFUSED},
        {"1970-01-01T00:00:01+00:60", REFUSED},
        {"1970-01-01T00:00:01+00:000", REFUSED},
        {"1970-01-01T00:00:01Z ", REFUSED},
        {"1970-1-1T00:00:01Z", REFUSED},
        {" 1970-01-01T00:00:01Z", REFUSED},
        {"1970-13-01T00:00:01Z", REFUSED},
        {"1970-00-01T00:00:01Z", REFUSED},
        {"1970-01-00T00:00:01Z", REFUSED},
        {"1970-01-01T24:00:01Z", REFUSED},
        {"1970-01-01T00:60:01Z", REFUSED},
        {"1970-01-01T00:00:60Z", REFUSED},
        {"2024-02-29T23:59:59Z", INT64_C(1709251199000)},
        {"", REFUSED},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        int64_t wall_ms = REFUSED;
        bool is_read = rcn_time_parse(rows[i].text, &wall_ms);
        if (is_read != (rows[i].wall_ms != REFUSED) || wall_ms != rows[i].wall_ms)
            fail_msg("'%s' became %lld", rows[i].text, (long long)wall_ms);
    }
}

/* The ends of every month of every year, and days that are none, beside what the C library counts.
 */
static void test_calendar(void **state)
{
    (void)state;
    for (int at = 0; at < 10000 * 14 * 3; at++) {
        static const int days[] = {1, 29, 31};
        int year = at / 42;
        int month = at / 3 % 14;
        int day = days[at % 3];
        char text[48];
        struct tm utc = {.tm_year = year - 1900, .tm_mon = month - 1, .tm_mday = day};
        int64_t expected_ms = (int64_t)timegm(&utc) * 1000;
        bool is_day = month > 0 && month < 13 && utc.tm_mon == month - 1;
        int64_t wall_ms;
        snprintf(text, sizeof text, "%04d-%02d-%02d", year, month, day);
        if (rcn_date_parse(text, &wall_ms) != is_day || (is_day && wall_ms != expected_ms))
            fail_msg("%s", text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_times),
                                       cmocka_unit_test(test_calendar)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
