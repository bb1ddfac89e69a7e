#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "live/http.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))

static void test_origins(void **state)
{
    (void)state;
    static const struct {
        const char *url;
        const char *expected; /* NULL: refused */
    } rows[] = {
        {"https://api.sequenzy.com", "https://api.sequenzy.com"},
        {"https://api.sequenzy.com/", "https://api.sequenzy.com"},
        {"https://api.sequenzy.com.", "https://api.sequenzy.com"},
        {"http://localhost.:8080", "http://localhost:8080"},
        {"http://evil.example.", NULL},
        {"https://api.sequenzy.com:99999", NULL},
        {"https://api.sequenzy.com/api/v1", "https://api.sequenzy.com"},
        {"https://api.sequenzy.com/api/v1/", "https://api.sequenzy.com"},
        {"https://api.sequenzy.com/v1", "https://api.sequenzy.com"},
        {"https://api.sequenzy.com/v1/", "https://api.sequenzy.com"},
        {"HTTPS://API.Sequenzy.COM", "https://api.sequenzy.com"},
        {"https://api.sequenzy.com:443", "https://api.sequenzy.com"},
        {"https://api.sequenzy.com:8443/v1", "https://api.sequenzy.com:8443"},
        {"http://localhost:8080", "http://localhost:8080"},
        {"http://127.0.0.1:1/", "http://127.0.0.1:1"},
        {"http://127.9.8.7", "http://127.9.8.7"},
        {"http://[::1]:8080/api/v1", "http://[::1]:8080"},
        {"http://sandbox.localhost:80", "http://sandbox.localhost"},
        {"http://2130706433:8080", "http://127.0.0.1:8080"}, /* 127.0.0.1 as one number */
        {"http://127.1:8080", "http://127.0.0.1:8080"},
        {"http://0x7f.0.0.1", "http://127.0.0.1"},
        {"http://134744072", NULL}, /* 8.8.8.8 */
        {"http://0", NULL},
        {"http://[::ffff:8.8.8.8]", NULL},
        {"http://[::ffff:127.0.0.1]", NULL},
        {"http://[::1]evil.example", NULL},
        {"http://[::1%25eth0]", NULL},
        {"http://127.0.0.1\\@evil.example", NULL},
        {"http://127.0.0.1%00.evil.example", NULL},
        {"http://127.0.0.1%2eevil.example", NULL},
        {"http://localhost%2eevil.example", NULL},
        {"http://api.sequenzy.com", NULL},
        {"http://10.0.0.1", NULL},
        {"http://0.0.0.0:80", NULL},
        {"http://128.0.0.1", NULL},
        {"http://127.0.0.1.evil.example", NULL},
        {"http://localhost.evil.example", NULL},
        {"http://evillocalhost", NULL},
        {"http://[::2]", NULL},
        {"https://user@api.sequenzy.com", NULL},
        {"https://user:pass@api.sequenzy.com", NULL},
        {"http://127.0.0.1@evil.example", NULL},
        {"https://api.sequenzy.com?a=b", NULL},
        {"https://api.sequenzy.com/?", NULL},
        {"https://api.sequenzy.com/#x", NULL},
        {"https://api.sequenzy.com/api/v2", NULL},
        {"https://api.sequenzy.com/api", NULL},
        {"https://api.sequenzy.com//", NULL},
        {"https://api.sequenzy.com/api/v1//", NULL},
        {"https://api.sequenzy.com/v1/audience-syncs", NULL},
        {"https://api.sequenzy.com/../v1x", NULL},
        {"https://01%2e0", NULL},
        {"https://api.sequenzy.com:0", NULL},
        {"https://api.sequenzy.com:99999", NULL},
        {"https://api.sequenzy.com:x", NULL},
        {"api.sequenzy.com", NULL},
        {"ftp://api.sequenzy.com", NULL},
        {"file:///etc/passwd", NULL},
        {"https://", NULL},
        {"https:", NULL},
        {"", NULL},
        {" https://api.sequenzy.com", NULL},
        {"https://api.sequenzy.com\r\nX-Evil: 1", NULL},
        {"https://api sequenzy.com", NULL},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct rcn_error err = RCN_ERROR_INIT;
        char origin[512] = "";
        int result = rcn_http_normalise_origin(rows[i].url, origin, sizeof origin, &err);
        if ((result == 0) != (rows[i].expected != NULL) ||
            (rows[i].expected && strcmp(origin, rows[i].expected) != 0))
            fail_msg("'%s': %d '%s'", rows[i].url, result, origin);
        if (result)
            assert_int_equal(err.kind, RCN_ERROR_USAGE);
    }
}

static void test_password_is_not_shown(void **state)
{
    (void)state;
    struct rcn_error err = RCN_ERROR_INIT;
    char origin[512];
    assert_int_equal(
        rcn_http_normalise_origin("https://me:hunter2@host", origin, sizeof origin, &err), -1);
    assert_null(strstr(err.message, "hunter2"));
}

static void test_too_long(void **state)
{
    (void)state;
    struct rcn_error err = RCN_ERROR_INIT;
    char origin[16];
    assert_int_equal(
        rcn_http_normalise_origin("https://api.sequenzy.com", origin, sizeof origin, &err), -1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_origins),
        cmocka_unit_test(test_password_is_not_shown),
        cmocka_unit_test(test_too_long),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
