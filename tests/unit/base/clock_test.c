#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/clock.h"

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
        {"", REFUSED},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        int64_t wall_ms = REFUSED;
        bool is_read = rcn_time_parse(rows[i].text, &wall_ms);
        if (is_read != (rows[i].wall_ms != REFUSED) || wall_ms != rows[i].wall_ms)
            fail_msg("'%s' became %lld", rows[i].text, (long long)wall_ms);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_times)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
