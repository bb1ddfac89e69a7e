#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "live/answer.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))
#define TWO "\"companies\": [{\"id\": \"c1\", \"name\": \"Acme\"}, {\"id\": \"c2\"}]"
#define ONE "\"companies\": [{\"id\": \"c1\", \"name\": \"Acme\"}]"
#define KEY(type) "\"apiKeyPermissions\": {\"activeKey\": {\"type\": \"" type "\"}}"

static void test_own_company(void **state)
{
    (void)state;
    enum { MALFORMED = -1, NONE = -2 };
    static const struct {
        const char *body;
        int outcome; /* an error kind, MALFORMED, NONE, or 100: `own` */
        const char *own;
    } rows[] = {
        {"{" ONE "}", 100, "c1"},
        {"{\"success\": true, " ONE ", \"currentCompanyId\": \"c1\"}", 100, "c1"},
        {"{" ONE ", \"currentCompanyId\": null}", 100, "c1"},
        {"{" ONE ", \"currentCompanyId\": \"c9\"}", RCN_ERROR_FAILED, NULL},
        {"{" TWO "}", RCN_ERROR_REFUSED, NULL},
        {"{" TWO ", \"currentCompanyId\": \"c2\"}", RCN_ERROR_REFUSED, NULL},
        {"{" TWO ", \"currentCompanyId\": \"c2\", " KEY("personal") "}", RCN_ERROR_REFUSED, NULL},
        {"{" TWO ", \"currentCompanyId\": \"c2\", " KEY("company") "}", 100, "c2"},
        {"{" TWO ", \"currentCompanyId\": \"c9\", " KEY("company") "}", RCN_ERROR_REFUSED, NULL},
        {"{" TWO ", " KEY("company") "}", RCN_ERROR_REFUSED, NULL},
        {"{\"companies\": []}", NONE, NULL},
        {"{\"companies\": [{\"id\": \"c1\", \"name\": null}]}", 100, "c1"},
        {"", MALFORMED, NULL},
        {"[]", MALFORMED, NULL},
        {"{}", MALFORMED, NULL},
        {"{\"success\": false, " ONE "}", MALFORMED, NULL},
        {"{\"success\": \"yes\", " ONE "}", MALFORMED, NULL},
        {"{\"companies\": null}", MALFORMED, NULL},
        {"{\"companies\": {}}", MALFORMED, NULL},
        {"{\"companies\": [\"c1\"]}", MALFORMED, NULL},
        {"{\"companies\": [{}]}", MALFORMED, NULL},
        {"{\"companies\": [{\"id\": 5}]}", MALFORMED, NULL},
        {"{\"companies\": [{\"id\": \"\"}]}", MALFORMED, NULL},
        {"{\"companies\": [{\"id\": \"c1\", \"name\": 5}]}", MALFORMED, NULL},
        {"{" ONE ", \"currentCompanyId\": 5}", MALFORMED, NULL},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct rcn_error err = RCN_ERROR_INIT;
        struct rcn_arena *arena = rcn_arena_new(1 << 20);
        struct rcn_account account;
        const struct rcn_account_company *own = NULL;
        int outcome = 100;
        if (rcn_account_judge(arena, rows[i].body, strlen(rows[i].body), &account, &err))
            outcome = MALFORMED;
        else if (rcn_account_find_own(&account, &own, &err))
            outcome = (int)err.kind;
        else if (!own)
            outcome = NONE;
        if (outcome != rows[i].outcome || (own && strcmp(own->id, rows[i].own) != 0))
            fail_msg("%s: %d, %s", rows[i].body, outcome, err.message);
        rcn_arena_free(arena);
    }
}

static void test_messages(void **state)
{
    (void)state;
    static const char body[] = "{" TWO "}";
    struct rcn_error err = RCN_ERROR_INIT;
    struct rcn_arena *arena = rcn_arena_new(1 << 20);
    struct rcn_account account;
    const struct rcn_account_company *own;
    assert_int_equal(rcn_account_judge(arena, body, strlen(body), &account, &err), 0);
    assert_non_null(rcn_account_find(&account, "c2", &err));
    assert_null(rcn_account_find(&account, "c3", &err));
    assert_int_equal(err.kind, RCN_ERROR_REFUSED);
    assert_string_equal(err.message,
                        "this key does not reach the company 'c3': it reaches 'c1' (Acme), 'c2'");
    assert_int_equal(rcn_account_find_own(&account, &own, &err), -1);
    assert_string_equal(err.message, "this key reaches 2 companies and none is named: it reaches "
                                     "'c1' (Acme), 'c2'");
    assert_non_null(strstr(err.hint, "--company"));
    rcn_arena_free(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_own_company),
        cmocka_unit_test(test_messages),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
