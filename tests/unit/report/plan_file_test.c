/* A plan that is written by report/ and read back by plan/: nothing is lost, and no edit goes
 * unseen. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "plan/plan_file.h"
#include "plan_fixture.h"
#include "report/report.h"

struct saved {
    struct fixture fixture;
    struct rcn_desired_sync desired[4];
    struct rcn_live_sync live[5];
    struct rcn_plan *plan;
    struct rcn_buf bytes;
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

static void write_plan(const struct rcn_plan *plan, const struct rcn_diags *diags,
                       const char *command, const char *outcome, struct rcn_buf *out)
{
    const struct rcn_report report = {.command = command,
                                      .outcome = outcome,
                                      .created_at_ms = FIXTURE_NOW_MS,
                                      .plan = plan,
                                      .diags = diags,
                                      .source = &plan->source,
                                      .requests = {.get = 4}};
    const struct rcn_report_style style = {0};
    struct rcn_error err = RCN_ERROR_INIT;
    rcn_buf_init(out, 1 << 20);
    assert_int_equal(rcn_report_write(RCN_FORMAT_JSON, &report, &style, out, &err), 0);
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
    saved.live[3].sync_status = "error";
    saved.live[3].last_sync_error = "token\nexpired";
    fixture_init(&saved.fixture, saved.desired, 4, saved.live, 4);
    saved.plan = build(&saved.fixture);
    write_plan(saved.plan, &saved.fixture.diags, "plan", "differences", &saved.bytes);
    *state = &saved;
    return 0;
}

static int discard(void **state)
{
    struct saved *saved = *state;
    rcn_buf_release(&saved->bytes);
    rcn_plan_free(saved->plan);
    rcn_diags_release(&saved->fixture.diags);
    return 0;
}

static struct rcn_plan_file *read_back(const struct rcn_buf *bytes)
{
    struct rcn_error err = RCN_ERROR_INIT;
    struct rcn_plan_file *file = rcn_plan_file_new(bytes->data, bytes->len, &err);
    if (!file)
        fail_msg("%s", err.message);
    return file;
}

static void nothing_is_lost(void **state)
{
    const struct saved *saved = *state;
    struct rcn_plan_file *file = read_back(&saved->bytes);
    struct rcn_buf again;
    write_plan(file->plan, &file->diags, file->command, file->outcome, &again);
    assert_string_equal(rcn_buf_get_str(&again), rcn_buf_get_str(&saved->bytes));
    rcn_buf_release(&again);
    rcn_plan_file_free(file);
}

/* One byte changed, anywhere: refused, and never a crash. */
static void every_edit_is_refused(void **state)
{
    const struct saved *saved = *state;
    char copy[1 << 14];
    assert_true(saved->bytes.len < sizeof copy);
    for (size_t i = 0; i < saved->bytes.len; i++) {
        struct rcn_error err = RCN_ERROR_INIT;
        memcpy(copy, saved->bytes.data, saved->bytes.len);
        copy[i] = copy[i] == '1' ? '2' : '1';
        assert_null(rcn_plan_file_new(copy, saved->bytes.len, &err));
        assert_int_equal(err.kind, RCN_ERROR_REFUSED);
    }
}

static void every_cut_is_refused(void **state)
{
    const struct saved *saved = *state;
    for (size_t len = 0; len < saved->bytes.len; len++) {
        struct rcn_error err = RCN_ERROR_INIT;
        assert_null(rcn_plan_file_new(saved->bytes.data, len, &err));
        assert_int_equal(err.kind, RCN_ERROR_REFUSED);
    }
}

static void expect_fresh(struct saved *saved, bool is_fresh, const char *what)
{
    struct rcn_error err = RCN_ERROR_INIT;
    struct rcn_plan_file *file = read_back(&saved->bytes);
    struct rcn_plan *now = build(&saved->fixture);
    int result = rcn_plan_file_check_fresh(file, now, &err);
    print_message("%s: %s\n", what, result ? err.message : "fresh");
    assert_int_equal(result, is_fresh ? 0 : -1);
    if (!is_fresh)
        assert_int_equal(err.kind, RCN_ERROR_REFUSED);
    rcn_plan_free(now);
    rcn_plan_file_free(file);
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
    expect_fresh(saved, false, "a drifted one moved");
    saved->live[0].sync.frequency = "daily";
    saved->live[0].sync.id = "sync_9";
    expect_fresh(saved, false, "a planned one was made anew");
    saved->live[0].sync.id = "sync_1";
    saved->live[4] = fixture_live("sync_5", "a");
    saved->fixture.company.sync_count = 5;
    expect_fresh(saved, false, "a missing one appeared");
    saved->fixture.company.sync_count = 4;
    saved->fixture.live.api_url = "https://other.example";
    expect_fresh(saved, false, "another API");
    saved->fixture.live.api_url = "https://api.sequenzy.com";
}

static void what_may_be_applied(void **state)
{
    const struct saved *saved = *state;
    static const int64_t hour_ms = 3600000;
    struct rcn_error err = RCN_ERROR_INIT;
    struct rcn_plan_file *file = read_back(&saved->bytes);
    assert_int_equal(rcn_plan_file_check_usable(file, hour_ms, FIXTURE_NOW_MS + hour_ms, &err), 0);
    assert_int_equal(rcn_plan_file_check_usable(file, hour_ms, FIXTURE_NOW_MS + hour_ms + 1, &err),
                     -1);
    assert_int_equal(rcn_plan_file_check_usable(file, hour_ms, FIXTURE_NOW_MS - 61000, &err), -1);
    file->outcome = "error";
    assert_int_equal(rcn_plan_file_check_usable(file, hour_ms, FIXTURE_NOW_MS, &err), -1);
    file->outcome = "differences";
    file->command = "drift";
    assert_int_equal(rcn_plan_file_check_usable(file, hour_ms, FIXTURE_NOW_MS, &err), -1);
    assert_int_equal(err.kind, RCN_ERROR_REFUSED);
    rcn_plan_file_free(file);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(nothing_is_lost, save, discard),
        cmocka_unit_test_setup_teardown(every_edit_is_refused, save, discard),
        cmocka_unit_test_setup_teardown(every_cut_is_refused, save, discard),
        cmocka_unit_test_setup_teardown(what_makes_a_plan_stale, save, discard),
        cmocka_unit_test_setup_teardown(what_may_be_applied, save, discard),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
