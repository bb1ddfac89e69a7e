#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "live/http.h"
#include "live/paging.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))

/* 2026-11-22T20:00:00Z */
static const int64_t now_ms = INT64_C(1795377600000);

static void test_retry_after(void **state)
{
    (void)state;
    static const struct {
        const char *value;
        const char *date;
        int64_t expected_ms;
    } rows[] = {
        {NULL, NULL, -1},
        {"0", NULL, 0},
        {"7", NULL, 7000},
        {" 7 ", NULL, 7000},
        {"0.5", NULL, 1000},
        {"3600", NULL, 3600000},
        {"3601", NULL, 3600000},
        {"99999999999999999999999999", NULL, 3600000},
        {"-1", NULL, -1},
        {"+1", NULL, -1},
        {"", NULL, -1},
        {"soon", NULL, -1},
        {"7s", NULL, -1},
        {"7 8", NULL, -1},
        {"1e3", NULL, -1},
        {"0x10", NULL, -1},
        {"Mon", NULL, -1},
        {"Sun, 22 Nov 2026 20:00:05 GMT", NULL, 5000},
        {"Sunday, 22-Nov-26 20:00:05 GMT", NULL, 5000},
        {"Sun Nov 22 20:00:05 2026", NULL, 5000},
        {"Sun, 22 Nov 2026 19:00:00 GMT", NULL, 0},
        {"Sun, 22 Nov 2027 19:00:00 GMT", NULL, 3600000},
        {"Sun, 22 Nov 2026 20:00:05 GMT", "Sun, 22 Nov 2026 20:00:02 GMT", 3000},
        {"Sun, 22 Nov 2026 20:00:05 GMT", "junk", 5000},
        {"Sun, 22 Nov 209999999999 20:00:05 GMT", NULL, -1},
        {"9", "Sun, 22 Nov 2026 20:00:02 GMT", 9000},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        int64_t got_ms = rcn_http_parse_retry_after(rows[i].value, rows[i].date, now_ms);
        if (got_ms != rows[i].expected_ms)
            fail_msg("'%s': %lld", rows[i].value, (long long)got_ms);
    }
}

static void test_link(void **state)
{
    (void)state;
    static const struct {
        const char *value;
        bool has_next;
    } rows[] = {
        {"</b>; rel=\"next\"", true},
        {"</b>; rel=next", true},
        {"</b>;rel = next", true},
        {"</b>; REL=NEXT", true},
        {"</b>; rel=\"prev next\"", true},
        {"</a>; rel=\"first\", </b>; rel=\"next\"", true},
        {"</a>; title=\"x\"; rel=next; a=b", true},
        {"</next>; rel=\"first\"", false},
        {"</a>; rel=\"nextish\"", false},
        {"</a>; rel=\"prev\"; title=\"next\"", false},
        {"</a>; rel=", false},
        {"</a>; rel=\"", false},
        {"rel", false},
        {"", false},
    };
    for (size_t i = 0; i < COUNT(rows); i++)
        if (rcn_paging_header_says_more("Link", rows[i].value) != rows[i].has_next)
            fail_msg("'%s'", rows[i].value);
}

static void test_says_more(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        const char *value;
        bool says_more;
    } rows[] = {
        {"link", "</b>; rel=next", true},
        {"Link", "</b>; rel=prev", false},
        {"X-Next-Page", "2", true},
        {"x-next-page", "2", true},
        {"X-Next-Page", "\r\n", false},
        {"X-Next-Page", "0", false},
        {"X-Next-Cursor", "abc", true},
        {"X-Next-Cursor", "null", false},
        {"X-Has-More", "true", true},
        {"X-Has-More", "False", false},
        {"X-Continuation-Token", "t", true},
        {"X-Page", "1", false},
        {"X-Total-Pages", "2", true},
        {"X-Total-Pages", "1", false},
        {"X-Pagination", "{\"total\": 5}", true},
        {"X-Truncated", "false", false},
        {"X-Page-Count", "", false},
        {"X-RateLimit-Remaining", "9", false},
    };
    for (size_t i = 0; i < COUNT(rows); i++)
        if (rcn_paging_header_says_more(rows[i].name, rows[i].value) != rows[i].says_more)
            fail_msg("%s: %s", rows[i].name, rows[i].value);
}

static void test_total(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        const char *value;
        int64_t total;
    } rows[] = {
        {"X-Total-Count", "9", 9},
        {"X-Pagination-Total-Count", "5", -1},
        {"x-total", " 0 ", 0},
        {"X-Total", "", -1},
        {"X-Total", "many", -1},
        {"X-Total", "9 of 10", -1},
        {"X-Total", "9999999999999999999999", -1},
        {"X-Total-Pages", "9", -1},
        {"Content-Range", "items 0-4/9", 9},
        {"Content-Range", "bytes 0-305/306", -1},
        {"Content-Range", "items 0-4/*", -1},
        {"Content-Range", "items 0-4", -1},
        {"Content-Length", "9", -1},
    };
    for (size_t i = 0; i < COUNT(rows); i++)
        if (rcn_paging_header_get_total(rows[i].name, rows[i].value) != rows[i].total)
            fail_msg("%s: %s", rows[i].name, rows[i].value);
}

static void test_age(void **state)
{
    (void)state;
    assert_int_equal(rcn_http_parse_age(NULL), 0);
    assert_int_equal(rcn_http_parse_age(" 12\r\n"), 12000);
    assert_int_equal(rcn_http_parse_age("soon"), 0);
    assert_int_equal(rcn_http_parse_age("-5"), 0);
    assert_int_equal(rcn_http_parse_age("99999999999999999999"), RCN_HTTP_DELAY_MOST_MS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_retry_after), cmocka_unit_test(test_link),
        cmocka_unit_test(test_says_more),   cmocka_unit_test(test_total),
        cmocka_unit_test(test_age),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
