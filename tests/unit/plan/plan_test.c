#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "plan/plan.h"
#include "plan_fixture.h"

enum { MAX = 8 };

/* One case: what is desired and live, and the whole plan as text. */
struct setup {
    struct fixture fixture;
    struct rcn_desired_sync desired[MAX];
    size_t desired_count;
    struct rcn_live_sync live[MAX];
    size_t live_count;
    struct rcn_plan_options options;
    struct rcn_ignore ignores[MAX];
    size_t ignore_count;
};

static struct rcn_audience_sync *want(struct setup *setup, const char *name)
{
    size_t i = setup->desired_count++;
    setup->fixture.text.path = "m.yaml";
    setup->desired[i] = fixture_desired(&setup->fixture, name, (uint32_t)(10 + i));
    return &setup->desired[i].sync;
}

static struct rcn_live_sync *have(struct setup *setup, const char *id, const char *name)
{
    setup->live[setup->live_count] = fixture_live(id, name);
    return &setup->live[setup->live_count++];
}

static struct rcn_plan *build(struct setup *setup)
{
    struct rcn_error err = RCN_ERROR_INIT;
    fixture_init(&setup->fixture, setup->desired, setup->desired_count, setup->live,
                 setup->live_count);
    setup->fixture.desired.ignores = setup->ignores;
    setup->fixture.desired.ignore_count = setup->ignore_count;
    struct rcn_plan *plan = rcn_plan_new(&setup->fixture.desired, &setup->fixture.live,
                                         &setup->options, &setup->fixture.diags, &err);
    assert_non_null(plan);
    return plan;
}

static void expect(struct setup *setup, const char *expected)
{
    struct rcn_buf text;
    struct rcn_plan *plan = build(setup);
    rcn_buf_init(&text, 1 << 20);
    fixture_write_plan(&text, plan);
    assert_string_equal(rcn_buf_get_str(&text), expected);
    rcn_buf_release(&text);
    rcn_plan_free(plan);
    rcn_diags_release(&setup->fixture.diags);
}

static void nothing_plans_to_nothing(void **state)
{
    (void)state;
    struct setup setup = {0};
    expect(&setup, "");
}

static void each_status(void **state)
{
    (void)state;
    struct setup setup = {0};
    want(&setup, "same");
    want(&setup, "gone");
    want(&setup, "other")->frequency = "hourly";
    want(&setup, "twice");
    want(&setup, "paused")->is_active = RCN_FALSE;
    have(&setup, "sync_5", "stranger")->sync.segment_id = "seg_9";
    have(&setup, "sync_4", "twice");
    have(&setup, "sync_1", "same");
    have(&setup, "sync_3", "twice");
    have(&setup, "sync_2", "other");
    expect(&setup, "in-sync same sync_1\n"
                   "missing gone\n"
                   "drifted other sync_2 frequency:daily->hourly\n"
                   "duplicate twice sync_3 sync_4\n"
                   "withheld paused\n"
                   "unmanaged stranger sync_5\n");
}

static void every_field_that_differs(void **state)
{
    (void)state;
    struct setup setup = {0};
    want(&setup, "a")->segment_id = "seg_2";
    want(&setup, "b")->is_active = RCN_FALSE;
    have(&setup, "sync_1", "a")->sync.frequency = "monthly";
    have(&setup, "sync_2", "b");
    expect(&setup, "drifted a sync_1 segmentId:seg_1->seg_2 frequency:monthly->daily\n"
                   "drifted b sync_2 isActive:true->false\n");
}

static void what_the_api_leaves_out_is_not_compared(void **state)
{
    (void)state;
    struct setup setup = {0};
    want(&setup, "a");
    struct rcn_live_sync *live = have(&setup, "sync_1", "a");
    live->sync.segment_id = NULL;
    live->sync.frequency = NULL;
    live->sync.is_active = RCN_ABSENT;
    expect(&setup, "in-sync a sync_1\n");
}

static void a_template_is_never_a_difference(void **state)
{
    (void)state;
    struct setup setup = {0};
    struct rcn_audience_sync *sync = want(&setup, "a");
    sync->segment_id = NULL;
    sync->predefined_segment_id = "recent-buyers";
    have(&setup, "sync_1", "a")->segment_name = "Old buyers";
    struct rcn_plan *plan = build(&setup);
    assert_int_equal(plan->rows[0].status, RCN_STATUS_IN_SYNC);
    assert_int_equal(plan->rows[0].note_count, 1);
    assert_non_null(strstr(plan->rows[0].notes[0], "Old buyers"));
    rcn_plan_free(plan);
    rcn_diags_release(&setup.fixture.diags);
}

static void identity_is_exact(void **state)
{
    (void)state;
    struct setup setup = {0};
    want(&setup, "a");
    have(&setup, "sync_1", "a")->sync.ad_account_id = "act_2";
    have(&setup, "sync_2", "a")->sync.company_id = "comp_2";
    expect(&setup, "missing a\nunmanaged a sync_1\nunmanaged a sync_2\n");
}

static void a_similar_unmanaged_name_withholds(void **state)
{
    (void)state;
    static const char *const similar[] = {"vips", "VIP s", "VIPs ", "\xef\xbc\xb6IPs",
                                          "V\xc2\xa0IPs"};
    for (size_t i = 0; i < sizeof similar / sizeof *similar; i++) {
        struct setup setup = {0};
        char expected[64];
        want(&setup, "VIPs");
        have(&setup, "sync_1", similar[i]);
        snprintf(expected, sizeof expected, "withheld VIPs\nunmanaged %s sync_1\n", similar[i]);
        expect(&setup, expected);
    }
}

static void a_similar_name_that_is_managed_or_of_another_segment_does_not(void **state)
{
    (void)state;
    struct setup setup = {0};
    want(&setup, "VIPs");
    want(&setup, "vips");
    want(&setup, "buyers");
    have(&setup, "sync_1", "vips");
    have(&setup, "sync_2", "Buyers")->sync.segment_id = "seg_2";
    expect(&setup, "missing VIPs\nin-sync vips sync_1\nmissing buyers\nunmanaged Buyers sync_2\n");
}

/* Of those that it could be the first by name is told, whether its segment is known or not. */
static void of_many_similar_names_those_of_other_segments_do_not_count(void **state)
{
    (void)state;
    static const struct {
        const char *segments[3]; /* of VIPS, Vips and vips, which is their order */
        const char *found;
    } cases[] = {{{"seg_2", "seg_3", "seg_4"}, NULL},   {{"seg_2", "seg_3", NULL}, "vips"},
                 {{"seg_2", "seg_1", NULL}, "Vips"},    {{"seg_2", NULL, "seg_1"}, "Vips"},
                 {{"seg_1", "seg_1", "seg_1"}, "VIPS"}, {{NULL, NULL, "seg_1"}, "VIPS"},
                 {{"seg_2", "", "seg_1"}, "vips"}};
    static const char *const names[] = {"VIPS", "Vips", "vips"};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct setup setup = {0};
        want(&setup, "VIPs")->segment_id = "seg_1";
        for (size_t j = 0; j < 3; j++)
            have(&setup, "sync_1", names[j])->sync.segment_id = cases[i].segments[j];
        struct rcn_plan *plan = build(&setup);
        enum rcn_status wanted = cases[i].found ? RCN_STATUS_WITHHELD : RCN_STATUS_MISSING;
        assert_int_equal(plan->rows[0].status, wanted);
        if (cases[i].found)
            assert_non_null(strstr(plan->rows[0].notes[0], cases[i].found));
        rcn_plan_free(plan);
        rcn_diags_release(&setup.fixture.diags);
    }
}

static void a_template_could_be_any_segment(void **state)
{
    (void)state;
    struct setup setup = {0};
    struct rcn_audience_sync *sync = want(&setup, "VIPs");
    sync->segment_id = NULL;
    sync->predefined_segment_id = "engaged";
    have(&setup, "sync_1", "vips")->sync.segment_id = "seg_2";
    expect(&setup, "withheld VIPs\nunmanaged vips sync_1\n");
}

/* Advice that the manifest's own rules refuse is none. */
static void what_no_manifest_can_say_is_not_advised(void **state)
{
    (void)state;
    struct setup setup = {0};
    want(&setup, "a");
    want(&setup, "b");
    want(&setup, "c");
    have(&setup, "sync_1", "a")->sync.frequency = "monthly";
    have(&setup, "sync_2", "b")->sync.segment_id = "";
    have(&setup, "sync_3", "c")->sync.frequency = "weekly";
    struct rcn_plan *plan = build(&setup);
    assert_string_equal(plan->rows[0].notes[0],
                        "set frequency to 'daily' in the dashboard: a manifest cannot say "
                        "'monthly'");
    assert_null(strstr(plan->rows[1].notes[0], "write 'segmentId"));
    assert_non_null(strstr(plan->rows[1].notes[0], "declare 'seg_1' under a new audienceName"));
    assert_non_null(strstr(plan->rows[2].notes[0], "write 'frequency: weekly' in the manifest"));
    rcn_plan_free(plan);
    rcn_diags_release(&setup.fixture.diags);
}

static void a_rename_is_noted(void **state)
{
    (void)state;
    struct setup setup = {0};
    want(&setup, "new name");
    have(&setup, "sync_1", "old name");
    struct rcn_plan *plan = build(&setup);
    assert_int_equal(plan->rows[0].status, RCN_STATUS_MISSING);
    assert_int_equal(plan->rows[0].note_count, 1);
    assert_non_null(strstr(plan->rows[0].notes[0], "old name"));
    rcn_plan_free(plan);
    rcn_diags_release(&setup.fixture.diags);
}

static void a_pin_settles_a_duplicate(void **state)
{
    (void)state;
    struct setup setup = {0};
    want(&setup, "twice")->id = "sync_2";
    have(&setup, "sync_1", "twice");
    have(&setup, "sync_2", "twice")->sync.frequency = "weekly";
    expect(&setup, "drifted twice sync_2 frequency:weekly->daily\nunmanaged twice sync_1\n");
}

static void two_pins_take_both(void **state)
{
    (void)state;
    struct setup setup = {0};
    want(&setup, "twice")->id = "sync_2";
    want(&setup, "twice")->id = "sync_1";
    have(&setup, "sync_1", "twice");
    have(&setup, "sync_2", "twice");
    expect(&setup, "in-sync twice sync_2\nin-sync twice sync_1\n");
}

static void a_pin_that_does_not_hold_is_an_error_and_never_a_create(void **state)
{
    (void)state;
    struct setup setup = {0};
    want(&setup, "gone")->id = "sync_9";
    want(&setup, "a")->id = "sync_1";
    have(&setup, "sync_1", "another")->sync.segment_id = "seg_7";
    struct rcn_plan *plan = build(&setup);
    assert_int_equal(plan->counts.by_status[RCN_STATUS_MISSING], 0);
    assert_int_equal(setup.fixture.diags.errors, 2);
    assert_string_equal(setup.fixture.diags.items[0]->rule, "unknown-pin");
    assert_int_equal(setup.fixture.diags.items[0]->span.line, 10);
    assert_int_equal(setup.fixture.diags.items[1]->span.line, 11);
    rcn_plan_free(plan);
    rcn_diags_release(&setup.fixture.diags);
}

static void health(void **state)
{
    (void)state;
    static const struct {
        const char *status;
        const char *frequency;
        const char *last_sync_at;
        enum rcn_tristate is_active;
        const char *expected;
    } rows[] = {
        {"error", "daily", "2026-06-19T23:00:00Z", RCN_TRUE, "in-sync a sync_1 [error]\n"},
        {"disconnected", "daily", "2026-06-19T23:00:00Z", RCN_TRUE,
         "in-sync a sync_1 [disconnected]\n"},
        {"idle", "daily", "2026-06-18T00:00:00.000Z", RCN_TRUE, "in-sync a sync_1\n"},
        {"idle", "daily", "2026-06-17T23:59:59.999Z", RCN_TRUE, "in-sync a sync_1 [stale]\n"},
        {"idle", "daily", "2026-06-17T23:59:59Z", RCN_FALSE,
         "drifted a sync_1 isActive:false->true\n"},
        {"error", "daily", NULL, RCN_TRUE, "in-sync a sync_1 [error] [stale]\n"},
        {"idle", "daily", "yesterday", RCN_TRUE, "in-sync a sync_1\n"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct setup setup = {0};
        want(&setup, "a");
        struct rcn_live_sync *live = have(&setup, "sync_1", "a");
        live->sync_status = rows[i].status;
        live->sync.frequency = rows[i].frequency;
        live->sync.is_active = rows[i].is_active;
        live->last_sync_at = rows[i].last_sync_at;
        expect(&setup, rows[i].expected);
    }
}

static void only_desired_health_counts(void **state)
{
    (void)state;
    struct setup setup = {0};
    want(&setup, "a");
    have(&setup, "sync_1", "a")->sync_status = "error";
    struct rcn_live_sync *other = have(&setup, "sync_2", "b");
    other->sync_status = "error";
    other->sync.segment_id = "seg_2";
    struct rcn_plan *plan = build(&setup);
    assert_int_equal(plan->counts.unhealthy, 1);
    assert_int_equal(plan->unmanaged[0].health, RCN_HEALTH_ERROR);
    rcn_plan_free(plan);
    rcn_diags_release(&setup.fixture.diags);
}

static void a_selection_hides_rows_but_compares_all(void **state)
{
    (void)state;
    static const char *const names[] = {"v*"};
    struct setup setup = {.options = {.selection = {.names = names, .name_count = 1}}};
    want(&setup, "VIPs");
    want(&setup, "vips");
    have(&setup, "sync_1", "VIPs");
    have(&setup, "sync_2", "other");
    /* `vips` is missing, not withheld: VIPs is managed although it is not selected. */
    expect(&setup, "missing vips\n");
}

static void ignores_take_out_of_the_verdict(void **state)
{
    (void)state;
    struct setup setup = {.options = {.applies_ignores = true}, .ignore_count = 2};
    want(&setup, "Test a");
    want(&setup, "b");
    have(&setup, "sync_1", "Test x")->sync.segment_id = "seg_2";
    setup.ignores[0] =
        (struct rcn_ignore){.company_id = "comp_1", .audience_name = "Test *", .reason = "agency"};
    setup.ignores[1] = (struct rcn_ignore){.company_id = "comp_1",
                                           .audience_name = "b",
                                           .until_text = "2026-06-20",
                                           .until_ms = FIXTURE_NOW_MS};
    struct rcn_plan *plan = build(&setup);
    assert_true(plan->rows[0].is_ignored);
    assert_false(plan->rows[1].is_ignored);
    assert_int_equal(plan->rows[1].note_count, 1);
    assert_int_equal(setup.fixture.diags.warnings, 1);
    assert_string_equal(setup.fixture.diags.items[0]->rule, "expired-ignore");
    assert_true(plan->unmanaged[0].is_ignored);
    assert_int_equal(plan->counts.ignored, 2);
    assert_int_equal(plan->counts.by_status[RCN_STATUS_MISSING], 1);
    rcn_plan_free(plan);
    rcn_diags_release(&setup.fixture.diags);
}

/* Whatever it is found by: its name, its ad account, or a pattern. */
static void the_first_ignore_in_force_counts(void **state)
{
    (void)state;
    static const struct rcn_ignore kinds[] = {
        {.company_id = "comp_1", .audience_name = "a", .reason = "name"},
        {.company_id = "comp_1", .ad_account_id = "act_1", .reason = "account"},
        {.company_id = "comp_1", .audience_name = "[a]", .reason = "pattern"}};
    static const size_t orders[][3] = {{0, 1, 2}, {0, 2, 1}, {1, 0, 2},
                                       {1, 2, 0}, {2, 0, 1}, {2, 1, 0}};
    for (size_t i = 0; i < sizeof orders / sizeof *orders; i++) {
        struct setup setup = {.options = {.applies_ignores = true}, .ignore_count = 6};
        want(&setup, "a");
        for (size_t j = 0; j < 3; j++) {
            setup.ignores[j] = setup.ignores[3 + j] = kinds[orders[i][j]];
            setup.ignores[j].company_id = i % 2 ? "comp_2" : "comp_1";
            if (i % 2 == 0) { /* ended */
                setup.ignores[j].until_text = "2026-06-20";
                setup.ignores[j].until_ms = FIXTURE_NOW_MS;
            }
        }
        struct rcn_plan *plan = build(&setup);
        assert_true(plan->rows[0].is_ignored);
        assert_string_equal(plan->rows[0].ignore_reason, kinds[orders[i][0]].reason);
        assert_int_equal(setup.fixture.diags.warnings, 0);
        rcn_plan_free(plan);
        rcn_diags_release(&setup.fixture.diags);
    }
}

static void an_ignored_name_may_hold_what_patterns_are_made_of(void **state)
{
    (void)state;
    static const char *const ignored[] = {"\\*", "[x", "\\a", "plain"};
    static const char *const names[] = {"*", "[x", "a", "plain", "\\a", "plai"};
    struct setup setup = {.options = {.applies_ignores = true}, .ignore_count = 4};
    for (size_t i = 0; i < 4; i++)
        setup.ignores[i] = (struct rcn_ignore){.company_id = "comp_1", .audience_name = ignored[i]};
    for (size_t i = 0; i < 6; i++)
        want(&setup, names[i]);
    struct rcn_plan *plan = build(&setup);
    for (size_t i = 0; i < 6; i++)
        assert_int_equal(plan->rows[i].is_ignored, i < 4);
    rcn_plan_free(plan);
    rcn_diags_release(&setup.fixture.diags);
}

/* A saved selection knows by id and identity what else was managed. */
static void what_was_managed_elsewhere_is_so_only_as_it_was(void **state)
{
    (void)state;
    static const struct {
        const char *id, *name;
        enum rcn_status status;
    } then[] = {{"sync_1", "vips", RCN_STATUS_MISSING},
                {"sync_1", "other", RCN_STATUS_WITHHELD},
                {"sync_2", "vips", RCN_STATUS_WITHHELD}};
    for (size_t i = 0; i < sizeof then / sizeof *then; i++) {
        struct setup setup = {0};
        want(&setup, "VIPs");
        have(&setup, "sync_1", "vips");
        struct rcn_audience_sync sync = setup.live[0].sync;
        const struct rcn_audience_sync *managed = &sync;
        sync.id = then[i].id;
        sync.audience_name = then[i].name;
        setup.options.managed_elsewhere = &managed;
        setup.options.managed_elsewhere_count = 1;
        struct rcn_plan *plan = build(&setup);
        assert_int_equal(plan->rows[0].status, then[i].status);
        rcn_plan_free(plan);
        rcn_diags_release(&setup.fixture.diags);
    }
}

/* A list that was not read is not an empty list. */
static void a_company_that_was_not_read_is_an_error(void **state)
{
    (void)state;
    struct setup setup = {0};
    struct rcn_error err = RCN_ERROR_INIT;
    want(&setup, "a")->company_id = "comp_2";
    fixture_init(&setup.fixture, setup.desired, setup.desired_count, setup.live, 0);
    assert_null(rcn_plan_new(&setup.fixture.desired, &setup.fixture.live, &setup.options,
                             &setup.fixture.diags, &err));
    assert_non_null(strstr(err.message, "comp_2"));
    rcn_diags_release(&setup.fixture.diags);
}

/* The order of the API's list means nothing. */
static void order_of_live_does_not_matter(void **state)
{
    (void)state;
    static const char *const ids[] = {"sync_1", "sync_2", "sync_3", "sync_4"};
    static const char *const names[] = {"a", "a", "x", "y"};
    static const size_t orders[][4] = {{0, 1, 2, 3}, {3, 2, 1, 0}, {2, 0, 3, 1}, {1, 3, 0, 2}};
    for (size_t i = 0; i < 4; i++) {
        struct setup setup = {0};
        want(&setup, "a");
        for (size_t j = 0; j < 4; j++)
            have(&setup, ids[orders[i][j]], names[orders[i][j]]);
        expect(&setup, "duplicate a sync_1 sync_2\nunmanaged x sync_3\nunmanaged y sync_4\n");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_plans_to_nothing),
        cmocka_unit_test(each_status),
        cmocka_unit_test(every_field_that_differs),
        cmocka_unit_test(what_the_api_leaves_out_is_not_compared),
        cmocka_unit_test(a_template_is_never_a_difference),
        cmocka_unit_test(identity_is_exact),
        cmocka_unit_test(a_similar_unmanaged_name_withholds),
        cmocka_unit_test(a_similar_name_that_is_managed_or_of_another_segment_does_not),
        cmocka_unit_test(of_many_similar_names_those_of_other_segments_do_not_count),
        cmocka_unit_test(a_template_could_be_any_segment),
        cmocka_unit_test(what_no_manifest_can_say_is_not_advised),
        cmocka_unit_test(a_rename_is_noted),
        cmocka_unit_test(a_pin_settles_a_duplicate),
        cmocka_unit_test(two_pins_take_both),
        cmocka_unit_test(a_pin_that_does_not_hold_is_an_error_and_never_a_create),
        cmocka_unit_test(health),
        cmocka_unit_test(only_desired_health_counts),
        cmocka_unit_test(a_selection_hides_rows_but_compares_all),
        cmocka_unit_test(ignores_take_out_of_the_verdict),
        cmocka_unit_test(the_first_ignore_in_force_counts),
        cmocka_unit_test(what_was_managed_elsewhere_is_so_only_as_it_was),
        cmocka_unit_test(an_ignored_name_may_hold_what_patterns_are_made_of),
        cmocka_unit_test(a_company_that_was_not_read_is_an_error),
        cmocka_unit_test(order_of_live_does_not_matter),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
