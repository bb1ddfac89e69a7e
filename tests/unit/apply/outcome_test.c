#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "apply/apply.h"

/* SPEC 5, Outcomes: what an answer proves. */
static void what_an_answer_proves(void **state)
{
    (void)state;
    char name[] = "asked";
    char other[] = "other";
    static const struct rcn_audience_sync asked = {.audience_name = "asked"};
    const struct {
        enum rcn_http_transfer transfer;
        long status;
        bool is_success;
        char *audience_name;
        enum rcn_outcome expected;
    } rows[] = {
        {RCN_HTTP_ANSWERED, 200, true, name, RCN_OUTCOME_CREATED},
        {RCN_HTTP_ANSWERED, 201, true, name, RCN_OUTCOME_CREATED},
        {RCN_HTTP_ANSWERED, 200, true, other, RCN_OUTCOME_UNKNOWN},
        {RCN_HTTP_ANSWERED, 200, false, NULL, RCN_OUTCOME_UNKNOWN},
        {RCN_HTTP_ANSWERED, 204, false, NULL, RCN_OUTCOME_UNKNOWN},
        {RCN_HTTP_ANSWERED, 302, false, NULL, RCN_OUTCOME_UNKNOWN},
        {RCN_HTTP_ANSWERED, 400, false, NULL, RCN_OUTCOME_FAILED},
        {RCN_HTTP_ANSWERED, 401, false, NULL, RCN_OUTCOME_FAILED},
        {RCN_HTTP_ANSWERED, 403, false, NULL, RCN_OUTCOME_FAILED},
        {RCN_HTTP_ANSWERED, 404, false, NULL, RCN_OUTCOME_FAILED},
        {RCN_HTTP_ANSWERED, 408, false, NULL, RCN_OUTCOME_UNKNOWN},
        {RCN_HTTP_ANSWERED, 409, false, NULL, RCN_OUTCOME_FAILED},
        {RCN_HTTP_ANSWERED, 422, false, NULL, RCN_OUTCOME_FAILED},
        {RCN_HTTP_ANSWERED, 429, false, NULL, RCN_OUTCOME_UNKNOWN},
        {RCN_HTTP_ANSWERED, 500, false, NULL, RCN_OUTCOME_UNKNOWN},
        {RCN_HTTP_ANSWERED, 503, false, NULL, RCN_OUTCOME_UNKNOWN},
        {RCN_HTTP_LOST, 0, false, NULL, RCN_OUTCOME_UNKNOWN},
        {RCN_HTTP_LOST, 200, false, NULL, RCN_OUTCOME_UNKNOWN},
        {RCN_HTTP_LOST, 400, false, NULL, RCN_OUTCOME_UNKNOWN},
        {RCN_HTTP_NOT_SENT, 0, false, NULL, RCN_OUTCOME_NOT_ATTEMPTED},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct rcn_create_answer answer = {.transfer = rows[i].transfer,
                                           .status = rows[i].status,
                                           .is_success = rows[i].is_success,
                                           .audience_name = rows[i].audience_name};
        print_message("row %zu: status %ld\n", i, rows[i].status);
        assert_int_equal(rcn_outcome_of_answer(&answer, &asked), rows[i].expected);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(what_an_answer_proves)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
