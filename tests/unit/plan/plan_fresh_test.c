/* When a plan that was made earlier may be executed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "plan/plan_fresh.h"
#include "plan_fixture.h"

struct saved {
    struct fixture fixture;
    struct rcn_desired_sync desired[4];
    struct rcn_live_sync before[4];
    struct rcn_live_sync live[5]; /* as it is now */
    struct rcn_plan *plan;
};

static struct rcn_plan *build(struct fixture *fixture)
{
    const struct rcn_plan_options options = {0};
    struct rcn_error err = RCN_ERROR_INIT;
    struct rcn_plan *plan =
        rcn_plan_new(&fixture->desired, &fixture->live, &options, &fixture->diags, &err);
    assert_non_null(plan);
    plan->source = (struct rcn_source_facts){.kind = "files", .url = "m", .files = 1};
    return plan;
}

static int save(void **state)
{
    static struct saved saved;
    memset(&saved, 0, sizeof saved);
    saved.fixture.text.path = "m.yaml";
    for (size_t i = 0; i < 4; i++)
        saved.desired[i] =
            fixture_desired(&saved.fixture, (const char *[]){"a", "b", "c", "\xc3\xa9 \"q\""}[i],
                            (uint32_t)(10 + i));
    saved.desired[1].sync.segment_id = NULL;
    saved.desired[1].sync.predefined_segment_id = "engaged";
    saved.desired[2].sync.frequency = "hourly";
    saved.live[0] = fixture_live("sync_1", "c");
    saved.live[1] = fixture_live("sync_2", "\xc3\xa9 \"q\"");
    saved.live[2] = fixture_live("sync_3", "\xc3\xa9 \"q\"");
    saved.live[3] = fixture_live("sync_4", "stranger");
    saved.live[3].sync.segment_id = "seg_9";
    saved.live[3].sync_status = "error";
    saved.live[3].last_sync_error = "token\nexpired";
    fixture_init(&saved.fixture, saved.desired, 4, saved.before, 4);
    memcpy(saved.before, saved.live, sizeof saved.before);
    saved.plan = build(&saved.fixture);
    saved.fixture.company.syncs = saved.live;
    *state = &saved;
    return 0;
}

static int discard(void **state)
{
    struct saved *saved = *state;
    rcn_plan_free(saved->plan);
    rcn_diags_release(&saved->fixture.diags);
    return 0;
}

static void expect_fresh(struct saved *saved, bool is_fresh, const char *what)
{
    struct rcn_error err = RCN_ERROR_INIT;
    struct rcn_plan *now = build(&saved->fixture);
    int result = rcn_plan_check_fresh(saved->plan, &saved->fixture.live, now, &err);
    print_message("%s: %s\n", what, result ? err.message : "fresh");
    assert_int_equal(result, is_fresh ? 0 : -1);
    if (!is_fresh)
        assert_int_equal(err.kind, RCN_ERROR_REFUSED);
    rcn_plan_free(now);
}

static void what_makes_a_plan_stale(void **state)
{
    struct saved *saved = *state;
    expect_fresh(saved, true, "nothing moved");
    saved->live[0].sync_status = "error";
    saved->live[0].last_sync_at = "2026-06-19T23:30:00.000Z";
    expect_fresh(saved, true, "health moved");
    saved->live[3].sync.frequency = "weekly";
    expect_fresh(saved, true, "an unmanaged one moved");
    saved->live[0].sync.frequency = "weekly";
    expect_fresh(saved, true, "a drifted one moved");
    saved->live[0].sync.frequency = "daily";
    saved->live[0].sync.id = "sync_9";
    expect_fresh(saved, true, "a planned one was made anew");
    saved->live[0].sync.id = "sync_1";
    saved->live[4] = fixture_live("sync_5", "a");
    saved->fixture.company.sync_count = 5;
    expect_fresh(saved, true, "a missing one appeared as planned");
    saved->live[4].sync.frequency = "weekly";
    expect_fresh(saved, false, "a missing one appeared in another form");
    saved->fixture.company.sync_count = 4;
    saved->fixture.live.api_url = "https://other.example";
    expect_fresh(saved, false, "another API");
    saved->fixture.live.api_url = "https://api.sequenzy.com";
}

/* A name is the id that it was when the plan was approved. */
static void a_name_that_means_another_id_makes_a_plan_stale(void **state)
{
    struct saved *saved = *state;
    static const struct {
        struct rcn_segment segments[2];
        const char *message;
    } cases[] = {
        {{{"seg_1", "VIPs", -1, -1}, {"seg_2", "Others", -1, -1}}, NULL},
        {{{"seg_1", "Others", -1, -1}, {"seg_2", "VIPs", -1, -1}},
         "the segment 'VIPs' of 'a' was seg_1 when the plan was made and is seg_2 now"},
        {{{"seg_1", "VIPs", -1, -1}, {"seg_2", "VIPs", -1, -1}},
         "the segment 'VIPs' of 'a' was seg_1 when the plan was made and is not known now"},
        {{{"seg_1", "Others", -1, -1}, {"seg_2", "More", -1, -1}},
         "the segment 'VIPs' of 'a' was seg_1 when the plan was made and is not known now"},
    };
    saved->desired[0].segment_name = "VIPs";
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct rcn_segment segments[2] = {cases[i].segments[0], cases[i].segments[1]};
        struct rcn_error err = RCN_ERROR_INIT;
        saved->fixture.company.segments = segments;
        saved->fixture.company.segment_count = 2;
        saved->fixture.company.segments_status = RCN_READ_OK;
        struct rcn_plan *now = build(&saved->fixture);
        assert_int_equal(rcn_plan_check_fresh(saved->plan, &saved->fixture.live, now, &err),
                         cases[i].message ? -1 : 0);
        if (cases[i].message)
            assert_string_equal(err.message, cases[i].message);
        rcn_plan_free(now);
    }
    saved->desired[0].segment_name = NULL;
}

static void what_may_be_applied(void **state)
{
    (void)state;
    static const int64_t hour_ms = 3600000;
    static const struct {
        const char *command;
        const char *outcome;
        int64_t now_ms;
        int result;
    } rows[] = {
        {"plan", "differences", FIXTURE_NOW_MS + hour_ms, 0},
        {"plan", "differences", FIXTURE_NOW_MS + hour_ms + 1, -1},
        {"plan", "differences", FIXTURE_NOW_MS - 61000, -1},
        {"plan", "error", FIXTURE_NOW_MS, -1},
        {"drift", "differences", FIXTURE_NOW_MS, -1},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const struct rcn_report report = {.command = rows[i].command,
                                          .outcome = rows[i].outcome,
                                          .created_at_ms = FIXTURE_NOW_MS};
        struct rcn_error err = RCN_ERROR_INIT;
        assert_int_equal(rcn_plan_check_usable(&report, hour_ms, rows[i].now_ms, &err),
                         rows[i].result);
        assert_int_equal(err.kind, rows[i].result ? RCN_ERROR_REFUSED : RCN_ERROR_FAILED);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(what_makes_a_plan_stale, save, discard),
        cmocka_unit_test_setup_teardown(a_name_that_means_another_id_makes_a_plan_stale, save,
                                        discard),
        cmocka_unit_test(what_may_be_applied),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
