#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/error.h"
#include "base/redact.h"
#include "base/secret.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))

static const struct {
    const char *text;
    const char *expected;
} rows[] = {
    {"", ""},
    {"nothing here", "nothing here"},
    {"see https://u:SECRET@h/x now", "see https://***@h/x now"},
    {"'https://TOKEN@h/x'", "'https://***@h/x'"},
    {"https:/u:SECRET@h", "https:/***@h"},
    {"//u:SECRET@h/x", "//***@h/x"},
    {"//SECRET@h/x", "//***@h/x"},
    {"u:SECRET@h/x", "***@h/x"},
    {"https://u:SEC/RET@h", "https://***@h"},
    {"https://u:SEC@RET@h", "https://***@h"},
    {"a http://a:b@h and http://c:d@i.", "a http://***@h and http://***@i."},
    {"git@github.com:org/repo", "git@github.com:org/repo"},
    {"ssh://git@host/x", "ssh://git@host/x"},
    {"ssh://me@host/x", "ssh://me@host/x"},
    {"ssh://me:SECRET@host/x", "ssh://***@host/x"},
    {"bob@example.com", "bob@example.com"},
    {"https://h/@scope/x", "https://h/@scope/x"},
    {"@", "@"},
    {"://@h", "://@h"},
};

static void test_urls(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        char text[256];
        snprintf(text, sizeof text, "%s", rows[i].text);
        rcn_redact(text);
        assert_string_equal(text, rows[i].expected);
    }
}

static const struct {
    const char *proxy;
    const char *text;
    const char *expected;
} proxy_rows[] = {
    {"http://u:SECRET@h:1", "bad proxy u:SECRET", "bad proxy ***"},
    {"u:SECRET@h:1", "the password SECRET", "the password ***"},
    {"http:/u:SECRET@h:1", "u:SECRET", "***"},
    {"http://u:SEC%20RET@h:1", "not SEC RET", "not ***"},
    {"http://u:SEC RET@h:1", "in 'http://u:SEC RET@h:1'", "in 'http://***@h:1'"},
    {"http://u:SE/CR#ET@h:1", "in http://u:SE/CR#ET@h:1", "in http://***@h:1"},
    {"http://u:SECRET", "port 'SECRET' of u:SECRET", "port '***' of ***"},
    {"http://h:3128", "h:3128", "h:3128"},
    {"h:3128", "h:3128", "h:3128"},
    {"http://[::1]:3128", "[::1]:3128", "[::1]:3128"},
    {"http://u:@h:1", "u is not masked", "u is not masked"},
    {"", "x", "x"},
};

static void test_proxies(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(proxy_rows); i++) {
        char text[256];
        snprintf(text, sizeof text, "%s", proxy_rows[i].text);
        setenv("HTTPS_PROXY", proxy_rows[i].proxy, 1);
        rcn_redact(text);
        if (strcmp(text, proxy_rows[i].expected) != 0)
            fail_msg("%s: %s", proxy_rows[i].proxy, text);
    }
    unsetenv("HTTPS_PROXY");
}

static void test_secrets_and_errors(void **state)
{
    (void)state;
    struct rcn_secret key = {0};
    struct rcn_error err = RCN_ERROR_INIT;
    assert_int_equal(rcn_secret_init(&key, "seq_live_12345", "KEY", &err), 0);
    rcn_secret_release(&key);
    char text[] = "the server says seq_live_12345";
    rcn_redact(text);
    assert_string_equal(text, "the server says ***");
    rcn_redact_add_login("git", "sesame");
    char header[] = "you sent Basic Z2l0OnNlc2FtZQ==";
    rcn_redact(header);
    assert_string_equal(header, "you sent Basic ***");
    rcn_error_set(&err, RCN_ERROR_FAILED, "no %s", "https://u:SECRET@h/x");
    rcn_error_wrap(&err, "cannot read '%s'", "https:/u:SECRET@h");
    rcn_error_set_hint(&err, "not seq_live_12345");
    assert_string_equal(err.message, "cannot read 'https:/***@h': no https://***@h/x");
    assert_string_equal(err.hint, "not ***");
    char padding[1020];
    memset(padding, 'x', sizeof padding - 1);
    padding[sizeof padding - 1] = '\0';
    rcn_error_set(&err, RCN_ERROR_FAILED, "%s seq_live_12345", padding);
    assert_null(strstr(err.message, "seq"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_urls), cmocka_unit_test(test_proxies),
                                       cmocka_unit_test(test_secrets_and_errors)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
