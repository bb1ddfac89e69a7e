#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "apply/apply.h"
#include "base/secret.h"
#include "plan_fixture.h"

/* Nobody listens there: what is refused must be refused before anything is sent or read. */
static struct rcn_api *new_api(const struct rcn_secret *key)
{
    struct rcn_error err = RCN_ERROR_INIT;
    struct rcn_api_options options = {
        .http = {.origin = "http://127.0.0.1:1", .key = key, .timeout_ms = 1000}, .rate = "off"};
    struct rcn_api *api = rcn_api_new(&options, &err);
    assert_non_null(api);
    return api;
}

/* No manifest can ask for it (duplicate-sync); a plan document could, once its digest is made anew.
 */
static void the_same_sync_is_not_created_twice(void **state)
{
    (void)state;
    char text[] = "key";
    const struct rcn_secret key = {.text = text};
    struct fixture fixture;
    struct rcn_desired_sync desired[] = {fixture_desired(&fixture, "VIPs", 1),
                                         fixture_desired(&fixture, "Buyers", 2),
                                         fixture_desired(&fixture, "VIPs", 3)};
    struct rcn_error err = RCN_ERROR_INIT;
    const struct rcn_plan_options everything = {0};
    const struct rcn_apply_options options = {.settle_ms = 1000, .timeout_ms = 1000};
    fixture_init(&fixture, desired, 3, NULL, 0);
    struct rcn_plan *plan =
        rcn_plan_new(&fixture.desired, &fixture.live, &everything, &fixture.diags, &err);
    assert_non_null(plan);
    assert_int_equal(plan->counts.by_status[RCN_STATUS_MISSING], 3);
    struct rcn_api *api = new_api(&key);
    assert_null(rcn_apply_run(api, plan, &fixture.live, &options, &err));
    assert_int_equal(err.kind, RCN_ERROR_REFUSED);
    assert_string_equal(err.message, "the plan asks for 'VIPs' (act_1) twice");
    assert_int_equal(rcn_api_get_counts(api).get, 0);
    rcn_api_free(api);
    rcn_plan_free(plan);
    rcn_diags_release(&fixture.diags);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_same_sync_is_not_created_twice),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
