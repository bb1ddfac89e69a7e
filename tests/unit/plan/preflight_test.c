#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "plan/preflight.h"
#include "plan_fixture.h"

static struct rcn_ad_account accounts[] = {{"act_1", "Main"}};
static struct rcn_segment segments[] = {{"seg_1", "VIPs", 1000, 100}};

/* Two missing syncs, the second with an unknown segment, in a company with these reads. */
struct row {
    const char *name;
    enum rcn_read_status ad_accounts;
    size_t ad_account_count;
    enum rcn_read_status segments;
    size_t live_count;
    size_t errors;
    size_t warnings;
    bool is_refused;
};

static const struct row rows[] = {
    {"one unknown segment", RCN_READ_OK, 1, RCN_READ_OK, 0, 1, 0, false},
    {"the account of both at one place is told once", RCN_READ_OK, 0, RCN_READ_OK, 0, 2, 0, false},
    {"not looked at", RCN_READ_SKIPPED, 0, RCN_READ_SKIPPED, 0, 0, 0, false},
    {"forbidden, something is live", RCN_READ_FORBIDDEN, 0, RCN_READ_FORBIDDEN, 1, 0, 2, false},
    {"forbidden, nothing is live", RCN_READ_FORBIDDEN, 0, RCN_READ_OK, 0, 1, 1, true},
    {"failed", RCN_READ_FAILED, 0, RCN_READ_OK, 0, 2, 0, false},
};

static void judge(const struct row *row)
{
    struct fixture fixture = {.text = {.path = "m.yaml"}};
    struct rcn_desired_sync desired[] = {fixture_desired(&fixture, "a", 10),
                                         fixture_desired(&fixture, "b", 20)};
    struct rcn_live_sync live[] = {fixture_live("sync_1", "other")};
    const struct rcn_plan_options options = {0};
    struct rcn_error err = RCN_ERROR_INIT;
    desired[1].sync.segment_id = "seg_2";
    desired[1].ad_account_span = desired[0].ad_account_span;
    live[0].sync.segment_id = "seg_9";
    fixture_init(&fixture, desired, 2, live, row->live_count);
    fixture.company.ad_accounts_status = row->ad_accounts;
    fixture.company.ad_accounts = accounts;
    fixture.company.ad_account_count = row->ad_account_count;
    fixture.company.ad_accounts_problem = fixture.company.segments_problem = "403";
    fixture.company.segments_status = row->segments;
    fixture.company.segments = segments;
    fixture.company.segment_count = 1;
    struct rcn_plan *plan =
        rcn_plan_new(&fixture.desired, &fixture.live, &options, &fixture.diags, &err);
    assert_non_null(plan);
    int result = rcn_preflight_judge(plan, &fixture.live, &fixture.diags, &err);
    print_message("%s\n", row->name);
    assert_int_equal(result, row->is_refused ? -1 : 0);
    assert_int_equal(fixture.diags.errors, row->errors);
    assert_int_equal(fixture.diags.warnings, row->warnings);
    if (row->is_refused)
        assert_int_equal(err.kind, RCN_ERROR_REFUSED);
    rcn_plan_free(plan);
    rcn_diags_release(&fixture.diags);
}

static void what_is_judged(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        judge(&rows[i]);
}

static void small_segments_are_told(void **state)
{
    static const struct {
        int64_t count;
        size_t warnings;
    } counts[] = {{-1, 0}, {0, 1}, {99, 1}, {100, 0}};
    struct row row = rows[0];
    (void)state;
    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++) {
        segments[0].active_subscriber_count = counts[i].count;
        row.warnings = counts[i].warnings;
        judge(&row);
    }
    segments[0].active_subscriber_count = 100;
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(what_is_judged),
                                       cmocka_unit_test(small_segments_are_told)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
