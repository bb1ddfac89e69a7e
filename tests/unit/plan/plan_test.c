#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "plan/plan.h"
#include "plan/plan_fresh.h"
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
                   "withheld paused paused\n"
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
        char expected[128];
        want(&setup, "VIPs");
        have(&setup, "sync_1", similar[i]);
        snprintf(expected, sizeof expected, "withheld VIPs similar:sync_1\nunmanaged %s sync_1\n",
                 similar[i]);
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
    expect(&setup, "withheld VIPs similar:sync_1\nunmanaged vips sync_1\n");
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
                        "set frequency to 'daily' in the dashboard: 'monthly' is not valid "
                        "in a manifest");
    assert_null(strstr(plan->rows[1].notes[0], "write 'segmentId"));
    assert_non_null(strstr(plan->rows[1].notes[0], "declare 'seg_1' under a new audienceName"));
    assert_non_null(strstr(plan->rows[2].notes[0], "write 'frequency: weekly' in the manifest"));
    rcn_plan_free(plan);
    rcn_diags_release(&setup.fixture.diags);
}

static void the_segment_under_another_name_is_a_rename(void **state)
{
    (void)state;
    static const struct {
        const char *live_name, *account, *segment, *expected;
    } cases[] = {
        {"old name", "act_1", "seg_1",
         "withheld new name renamed:sync_1\nunmanaged old name sync_1\n"},
        {"old name", "act_2", "seg_1", "missing new name\nunmanaged old name sync_1\n"},
        {"old name", "act_1", "seg_2", "missing new name\nunmanaged old name sync_1\n"},
        {"old name", "act_1", NULL, "missing new name\nunmanaged old name sync_1\n"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct setup setup = {0};
        want(&setup, "new name");
        struct rcn_live_sync *live = have(&setup, "sync_1", cases[i].live_name);
        live->sync.ad_account_id = cases[i].account;
        live->sync.segment_id = cases[i].segment;
        expect(&setup, cases[i].expected);
    }
}

static void a_rename_is_only_of_what_is_unmanaged_and_not_ignored(void **state)
{
    (void)state;
    struct setup setup = {.ignore_count = 1};
    setup.ignores[0] = (struct rcn_ignore){.company_id = "comp_1", .audience_name = "agency*"};
    want(&setup, "old name");
    want(&setup, "new name");
    have(&setup, "sync_1", "old name");
    have(&setup, "sync_2", "agency test");
    expect(&setup, "in-sync old name sync_1\n"
                   "missing new name\n"
                   "unmanaged agency test sync_2 (ignored: )\n");
    /* An entry that has ended covers nothing. */
    setup.ignores[0].until_text = "2026-06-20";
    setup.ignores[0].until_ms = FIXTURE_NOW_MS;
    expect(&setup, "in-sync old name sync_1\n"
                   "withheld new name renamed:sync_2\n"
                   "unmanaged agency test sync_2\n");
}

static void of_several_renames_the_nearest_name_is_named(void **state)
{
    (void)state;
    struct setup setup = {0};
    want(&setup, "VIP buyers 2026");
    have(&setup, "sync_1", "Everyone");
    have(&setup, "sync_2", "VIP buyers 2025");
    have(&setup, "sync_3", "Zebra");
    struct rcn_plan *plan = build(&setup);
    assert_int_equal(plan->rows[0].beside_count, 3);
    assert_string_equal(plan->rows[0].notes[0],
                        "not created: the unmanaged sync sync_2, 'VIP buyers 2025', has the same "
                        "segment in this ad account (3 unmanaged ones have)");
    assert_string_equal(plan->rows[0].notes[1],
                        "to keep that one, change audienceName to 'VIP buyers 2025', or cover it "
                        "with an 'ignore' entry; 'replaces: [sync_2, sync_1, sync_3]' creates a "
                        "second Meta audience");
    rcn_plan_free(plan);
    rcn_diags_release(&setup.fixture.diags);
}

/* Its segment cannot be known: only a known display name makes it the same. */
static void a_template_is_renamed_where_its_display_name_fits(void **state)
{
    (void)state;
    static const struct {
        const char *template_id, *segment_name;
        bool is_renamed;
    } cases[] = {{"recent-buyers", "Recent buyers", true},
                 {"recent-buyers", "recent buyers", false},
                 {"recent-buyers", NULL, false},
                 {"engaged", "Recent buyers", false},
                 {"engaged", "Engaged", false}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct setup setup = {0};
        struct rcn_audience_sync *sync = want(&setup, "new name");
        sync->segment_id = NULL;
        sync->predefined_segment_id = cases[i].template_id;
        have(&setup, "sync_1", "old name")->segment_name = cases[i].segment_name;
        expect(&setup, cases[i].is_renamed
                           ? "withheld new name renamed:sync_1\nunmanaged old name sync_1\n"
                           : "missing new name\nunmanaged old name sync_1\n");
    }
}

static void replaces_lifts_for_the_ids_that_it_names(void **state)
{
    (void)state;
    static const char *const one[] = {"sync_1"};
    static const char *const both[] = {"sync_2", "sync_1"};
    static const struct {
        const char *const *replaces;
        size_t count;
        const char *similar, *renamed;
    } cases[] = {
        {NULL, 0, "withheld VIPs similar:sync_1,sync_2\n", "withheld new renamed:sync_1,sync_2\n"},
        {one, 1, "withheld VIPs similar:sync_2\n", "withheld new renamed:sync_2\n"},
        {both, 2, "missing VIPs\n", "missing new\n"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        for (size_t is_renamed = 0; is_renamed < 2; is_renamed++) {
            struct setup setup = {0};
            char expected[256];
            want(&setup, is_renamed ? "new" : "VIPs");
            setup.desired[0].replaces = cases[i].replaces;
            setup.desired[0].replaces_count = cases[i].count;
            have(&setup, "sync_1", "VIPS");
            have(&setup, "sync_2", "vips");
            snprintf(expected, sizeof expected, "%sunmanaged VIPS sync_1\nunmanaged vips sync_2\n",
                     is_renamed ? cases[i].renamed : cases[i].similar);
            expect(&setup, expected);
        }
}

static void paused_is_not_lifted(void **state)
{
    (void)state;
    static const char *const replaces[] = {"sync_1"};
    struct setup setup = {0};
    want(&setup, "new")->is_active = RCN_FALSE;
    setup.desired[0].replaces = replaces;
    setup.desired[0].replaces_count = 1;
    have(&setup, "sync_1", "old");
    expect(&setup, "withheld new paused\nunmanaged old sync_1\n");
}

/* What the key was for is done: it changes nothing more. */
static void replaces_of_a_live_sync_can_go(void **state)
{
    (void)state;
    static const char *const replaces[] = {"sync_1"};
    struct setup setup = {0};
    want(&setup, "new");
    setup.desired[0].replaces = replaces;
    setup.desired[0].replaces_count = 1;
    have(&setup, "sync_1", "old");
    have(&setup, "sync_2", "new");
    struct rcn_plan *plan = build(&setup);
    assert_int_equal(plan->rows[0].status, RCN_STATUS_IN_SYNC);
    assert_int_equal(plan->rows[0].note_count, 1);
    assert_string_equal(plan->rows[0].notes[0],
                        "the sync is live: 'replaces' does nothing now, remove it");
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

/* One bad pin fails nothing else. */
static void a_pin_that_does_not_hold_withholds(void **state)
{
    (void)state;
    struct setup setup = {0};
    want(&setup, "gone")->id = "sync_9";
    want(&setup, "a")->id = "sync_1";
    want(&setup, "new")->segment_id = "seg_2";
    have(&setup, "sync_1", "another")->sync.segment_id = "seg_7";
    expect(&setup, "withheld gone gone:sync_9\n"
                   "withheld a gone:sync_1\n"
                   "missing new\n"
                   "unmanaged another sync_1\n");
    assert_int_equal(setup.fixture.diags.errors, 0);
}

/* The identity decides; the pin only settles which of several. */
static void a_dead_pin_leaves_the_live_one_of_its_identity(void **state)
{
    (void)state;
    struct setup setup = {0};
    want(&setup, "a")->id = "sync_9";
    have(&setup, "sync_1", "a");
    struct rcn_plan *plan = build(&setup);
    assert_int_equal(plan->rows[0].status, RCN_STATUS_IN_SYNC);
    assert_string_equal(plan->rows[0].notes[0],
                        "'id: sync_9' is not a live sync of this name and ad account: remove the "
                        "key, or write 'id: sync_1'");
    rcn_plan_free(plan);
    rcn_diags_release(&setup.fixture.diags);
}

static void replaces_lifts_a_dead_pin_but_never_makes_a_twin(void **state)
{
    (void)state;
    static const char *const replaces[] = {"sync_8", "sync_9"};
    struct setup setup = {0};
    want(&setup, "twice")->id = "sync_1";
    want(&setup, "twice")->id = "sync_9";
    want(&setup, "alone")->id = "sync_8";
    setup.desired[2].sync.segment_id = "seg_2";
    for (size_t i = 0; i < 3; i++) {
        setup.desired[i].replaces = replaces;
        setup.desired[i].replaces_count = 2;
    }
    have(&setup, "sync_1", "twice");
    expect(&setup, "in-sync twice sync_1\nwithheld twice gone:sync_9\nmissing alone\n");
}

static void what_was_live_before_is_gone_until_someone_says_so(void **state)
{
    (void)state;
    static const char *const replaces[] = {"sync_3"};
    struct rcn_known_sync seen[] = {{.seen_at_ms = FIXTURE_NOW_MS - 1000},
                                    {.seen_at_ms = FIXTURE_NOW_MS - 2000}};
    const struct rcn_known known = {.syncs = seen, .sync_count = 2};
    struct setup setup = {.options = {.known = &known}};
    want(&setup, "a");
    want(&setup, "b");
    want(&setup, "c");
    seen[0].sync = fixture_live("sync_3", "a").sync;
    seen[1].sync = fixture_live("sync_4", "b").sync;
    have(&setup, "sync_4", "moved")->sync.segment_id = "seg_2";
    expect(&setup, "withheld a gone:sync_3\nwithheld b gone:sync_4\nmissing c\n"
                   "unmanaged moved sync_4\n");
    struct rcn_plan *plan = build(&setup);
    assert_string_equal(plan->rows[0].notes[0],
                        "not created: it was live as sync_3, last seen on 2026-06-19 at 23:59 UTC: "
                        "if it was deleted and a new one is wanted, write 'replaces: sync_3'; else "
                        "remove it from the manifest");
    assert_string_equal(plan->rows[1].notes[0],
                        "not created: it was live as sync_4, which is 'moved' in ad account act_1 "
                        "now: write that name and account; 'replaces: sync_4' creates a second "
                        "Meta audience");
    rcn_plan_free(plan);
    rcn_diags_release(&setup.fixture.diags);
    setup.desired[0].replaces = replaces;
    setup.desired[0].replaces_count = 1;
    have(&setup, "sync_5", "b");
    expect(&setup, "missing a\nin-sync b sync_5\nmissing c\nunmanaged moved sync_4\n");
}

/* A live sync does not say which template it was made from; the ledger does. */
static void a_template_is_renamed_where_the_ledger_knows_it(void **state)
{
    (void)state;
    static const char *const replaces[] = {"sync_1"};
    struct rcn_known_sync seen = {.seen_at_ms = FIXTURE_NOW_MS - 1000};
    const struct rcn_known known = {.syncs = &seen, .sync_count = 1};
    struct setup setup = {.options = {.known = &known}};
    struct rcn_audience_sync *sync = want(&setup, "new");
    sync->segment_id = NULL;
    sync->predefined_segment_id = "zero-ltv";
    have(&setup, "sync_1", "old");
    seen.sync = setup.live[0].sync;
    expect(&setup, "missing new\nunmanaged old sync_1\n");
    seen.sync.predefined_segment_id = "non-buyers";
    expect(&setup, "missing new\nunmanaged old sync_1\n");
    seen.sync.predefined_segment_id = "zero-ltv";
    expect(&setup, "withheld new renamed:sync_1\nunmanaged old sync_1\n");
    setup.desired[0].replaces = replaces;
    setup.desired[0].replaces_count = 1;
    expect(&setup, "missing new\nunmanaged old sync_1\n");
    setup.desired[0].replaces_count = 0;
    *want(&setup, "old") = setup.desired[0].sync;
    setup.desired[1].sync.audience_name = "old";
    expect(&setup, "missing new\nin-sync old sync_1\n");
}

static void an_open_intent_is_shown_where_something_is_missing(void **state)
{
    (void)state;
    struct rcn_known_intent open[] = {{.until_ms = 7}, {.until_ms = 9}, {.until_ms = 8}};
    const struct rcn_known known = {.intents = open, .intent_count = 3};
    struct setup setup = {.options = {.known = &known}};
    want(&setup, "a");
    want(&setup, "b");
    want(&setup, "c")->is_active = RCN_FALSE;
    open[0].sync = setup.desired[0].sync;
    open[1].sync = setup.desired[0].sync;
    open[2].sync = setup.desired[2].sync;
    struct rcn_plan *plan = build(&setup);
    assert_int_equal(plan->rows[0].open_intent_until_ms, 9);
    assert_int_equal(plan->rows[1].open_intent_until_ms, 0);
    assert_int_equal(plan->rows[2].open_intent_until_ms, 0);
    rcn_plan_free(plan);
    rcn_diags_release(&setup.fixture.diags);
}

static void sizes_are_summed_over_what_is_missing(void **state)
{
    (void)state;
    struct rcn_segment segments[] = {{"seg_1", "One", 900, 500}, {"seg_2", "Two", 900, -1}};
    struct setup setup = {0};
    want(&setup, "a");
    want(&setup, "b");
    setup.desired[1].sync.ad_account_id = "act_2";
    want(&setup, "c");
    have(&setup, "sync_1", "c");
    struct rcn_plan *plan;
    for (size_t i = 0; i < 2; i++) {
        fixture_init(&setup.fixture, setup.desired, setup.desired_count, setup.live, 1);
        setup.fixture.company.segments = segments;
        setup.fixture.company.segment_count = 2;
        struct rcn_error err = RCN_ERROR_INIT;
        plan = rcn_plan_new(&setup.fixture.desired, &setup.fixture.live, &setup.options,
                            &setup.fixture.diags, &err);
        assert_int_equal(plan->cost.requests, 2 + i);
        assert_int_equal(plan->cost.people, 1000);
        assert_int_equal(plan->cost.is_people_least, i);
        assert_string_equal(plan->rows[2].segment->name, "One");
        rcn_plan_free(plan);
        rcn_diags_release(&setup.fixture.diags);
        want(&setup, "d")->segment_id = "seg_2";
    }
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
    const char *names[] = {"v*"};
    struct setup setup = {.options = {.selection.names = {names, 1}}};
    want(&setup, "VIPs");
    want(&setup, "vips");
    have(&setup, "sync_1", "VIPs");
    have(&setup, "sync_2", "other")->sync.segment_id = "seg_2";
    /* `vips` is missing, not withheld: VIPs is managed although it is not selected. */
    expect(&setup, "missing vips\n");
}

/* They cover what is live: nothing that is missing is hidden, because apply creates it. */
static void ignores_take_out_of_the_verdict(void **state)
{
    (void)state;
    struct setup setup = {.ignore_count = 2};
    want(&setup, "Test a");
    want(&setup, "Test b")->frequency = "weekly";
    want(&setup, "b")->frequency = "weekly";
    setup.desired[0].sync.segment_id = "seg_3";
    have(&setup, "sync_1", "Test x")->sync.segment_id = "seg_2";
    have(&setup, "sync_2", "Test b");
    have(&setup, "sync_3", "b");
    setup.ignores[0] =
        (struct rcn_ignore){.company_id = "comp_1", .audience_name = "Test *", .reason = "agency"};
    setup.ignores[1] = (struct rcn_ignore){.company_id = "comp_1",
                                           .audience_name = "b",
                                           .until_text = "2026-06-20",
                                           .until_ms = FIXTURE_NOW_MS};
    struct rcn_plan *plan = build(&setup);
    struct rcn_buf text;
    rcn_buf_init(&text, 1 << 20);
    fixture_write_plan(&text, plan);
    assert_string_equal(rcn_buf_get_str(&text),
                        "missing Test a\n"
                        "drifted Test b sync_2 frequency:daily->weekly (ignored: agency)\n"
                        "drifted b sync_3 frequency:daily->weekly\n"
                        "unmanaged Test x sync_1 (ignored: agency)\n");
    rcn_buf_release(&text);
    assert_int_equal(plan->rows[2].note_count, 2);
    assert_int_equal(setup.fixture.diags.warnings, 1);
    assert_string_equal(setup.fixture.diags.items[0]->rule, "expired-ignore");
    assert_int_equal(plan->counts.ignored, 2);
    assert_int_equal(plan->counts.by_status[RCN_STATUS_DRIFTED], 1);
    rcn_plan_free(plan);
    rcn_diags_release(&setup.fixture.diags);
}

/* Only drift warns of it: an entry may be there for the future. */
static void an_ignore_that_matches_nothing_live_is_unused(void **state)
{
    (void)state;
    for (size_t is_drift = 0; is_drift < 2; is_drift++) {
        struct setup setup = {.options = {.warns_of_unused_ignores = is_drift}, .ignore_count = 5};
        static const char *const names[] = {"a", "b", "x*", "A*", NULL};
        for (size_t i = 0; i < 5; i++)
            setup.ignores[i] = (struct rcn_ignore){
                .company_id = "comp_1",
                .audience_name = names[i],
                .ad_account_id = names[i] ? NULL : "act_1",
                .location = {.text = &setup.fixture.text, .line = (uint32_t)i + 1}};
        want(&setup, "a");
        want(&setup, "b");
        have(&setup, "sync_1", "a");
        have(&setup, "sync_2", "xy")->sync.segment_id = "seg_2";
        struct rcn_plan *plan = build(&setup);
        assert_int_equal(setup.fixture.diags.warnings, is_drift ? 2 : 0);
        for (size_t i = 0; i < setup.fixture.diags.count; i++) {
            assert_string_equal(setup.fixture.diags.items[i]->rule, "unused-ignore");
            assert_int_equal(setup.fixture.diags.items[i]->span.line, i ? 4 : 2);
        }
        rcn_plan_free(plan);
        rcn_diags_release(&setup.fixture.diags);
    }
}

/* Whatever it is found by: its name, its ad account, or a pattern. */
static void the_first_ignore_in_force_counts(void **state)
{
    (void)state;
    static const struct rcn_ignore kinds[] = {
        {.company_id = "comp_1", .audience_name = "a", .reason = "name"},
        {.company_id = "comp_1", .ad_account_id = "act_1", .reason = "account"},
        {.company_id = "comp_1", .audience_name = "?", .reason = "pattern"}};
    static const size_t orders[][3] = {{0, 1, 2}, {0, 2, 1}, {1, 0, 2},
                                       {1, 2, 0}, {2, 0, 1}, {2, 1, 0}};
    for (size_t i = 0; i < sizeof orders / sizeof *orders; i++) {
        struct setup setup = {.ignore_count = 6};
        have(&setup, "sync_1", "a");
        for (size_t j = 0; j < 3; j++) {
            setup.ignores[j] = setup.ignores[3 + j] = kinds[orders[i][j]];
            setup.ignores[j].company_id = i % 2 ? "comp_2" : "comp_1";
            if (i % 2 == 0) { /* ended */
                setup.ignores[j].until_text = "2026-06-20";
                setup.ignores[j].until_ms = FIXTURE_NOW_MS;
            }
        }
        struct rcn_plan *plan = build(&setup);
        assert_true(plan->unmanaged[0].is_ignored);
        assert_string_equal(plan->unmanaged[0].ignore_reason, kinds[orders[i][0]].reason);
        assert_int_equal(setup.fixture.diags.warnings, 0);
        rcn_plan_free(plan);
        rcn_diags_release(&setup.fixture.diags);
    }
}

static void an_ignored_name_may_hold_what_patterns_are_made_of(void **state)
{
    (void)state;
    static const char *const ignored[] = {"\\*", "[x]", "\\a", "plain", "[EU] *"};
    static const char *const names[] = {"*", "[x]", "\\a", "plain", "[EU] b", "x", "a", "E b"};
    struct setup setup = {.ignore_count = 5};
    for (size_t i = 0; i < 5; i++)
        setup.ignores[i] = (struct rcn_ignore){.company_id = "comp_1", .audience_name = ignored[i]};
    for (size_t i = 0; i < 8; i++)
        have(&setup, names[i], names[i]);
    struct rcn_plan *plan = build(&setup);
    size_t ignored_count = 0;
    for (size_t i = 0; i < 8; i++)
        ignored_count += plan->unmanaged[i].is_ignored;
    assert_int_equal(ignored_count, 5);
    rcn_plan_free(plan);
    rcn_diags_release(&setup.fixture.diags);
}

/* --- selections --- */

static void each_part_of_a_selection_must_match(void **state)
{
    (void)state;
    struct {
        const char *accounts[2], *names[2];
        const char *message, *hint;
    } cases[] = {
        {{"act_1"}, {"a", "s*"}, NULL, NULL},
        {{"act_1", "act_9"},
         {NULL},
         "--ad-account 'act_9' matches no desired and no live sync",
         ""},
        {{"Main"},
         {NULL},
         "--ad-account 'Main' matches no desired and no live sync",
         "did you mean 'act_1', the id of 'Main'?"},
        {{NULL},
         {"a", "[a]"},
         "--name '[a]' matches no desired and no live sync",
         "a pattern is for the whole name: '*' matches the rest"},
        {{"act_2"},
         {"a"},
         "--ad-account, --name and --label together match no desired and no live sync",
         ""},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct rcn_ad_account account = {"act_1", "Main"};
        struct rcn_error err = RCN_ERROR_INIT;
        struct setup setup = {.options.selection = {.ad_accounts = {cases[i].accounts, 0},
                                                    .names = {cases[i].names, 0}}};
        for (size_t j = 0; j < 2; j++) {
            setup.options.selection.ad_accounts.count += cases[i].accounts[j] != NULL;
            setup.options.selection.names.count += cases[i].names[j] != NULL;
        }
        want(&setup, "a");
        have(&setup, "sync_1", "stranger");
        have(&setup, "sync_2", "other")->sync.ad_account_id = "act_2";
        fixture_init(&setup.fixture, setup.desired, 1, setup.live, 2);
        setup.fixture.company.ad_accounts = &account;
        setup.fixture.company.ad_account_count = 1;
        struct rcn_plan *plan = rcn_plan_new(&setup.fixture.desired, &setup.fixture.live,
                                             &setup.options, &setup.fixture.diags, &err);
        assert_int_equal(plan == NULL, cases[i].message != NULL);
        if (cases[i].message) {
            assert_string_equal(err.message, cases[i].message);
            assert_string_equal(err.hint, cases[i].hint);
        }
        rcn_plan_free(plan);
        rcn_diags_release(&setup.fixture.diags);
    }
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
        struct rcn_plan saved = {.managed_elsewhere = &managed, .managed_elsewhere_count = 1};
        setup.options.saved = &saved;
        struct rcn_plan *plan = build(&setup);
        assert_int_equal(plan->rows[0].status, then[i].status);
        rcn_plan_free(plan);
        rcn_diags_release(&setup.fixture.diags);
    }
}

/* --- a saved plan --- */

/* What was planned, what is live when it is applied, and what becomes of it. */
static void a_saved_plan_is_stale_only_for_what_it_would_create(void **state)
{
    (void)state;
    static const struct {
        const char *name, *live_name, *frequency, *segment, *message, *expected;
    } cases[] = {
        {"nothing moved", NULL, NULL, NULL, NULL, "missing a\nin-sync b sync_1\n"},
        {"it is live as planned", "a", "daily", "seg_1", NULL,
         "in-sync a sync_9\nin-sync b sync_1\n"},
        {"it is live otherwise", "a", "weekly", "seg_1",
         "'a' (act_1) was missing when the plan was made and is live as sync_9 now, with another "
         "frequency",
         NULL},
        {"it is live under a similar name", "A", "daily", "seg_1",
         "'a' (act_1) was missing when the plan was made and is withheld now (similar: sync_9)",
         NULL},
        {"its segment is live under another name", "z", "daily", "seg_1",
         "'a' (act_1) was missing when the plan was made and is withheld now (renamed: sync_9)",
         NULL},
        {"a stranger came", "z", "daily", "seg_7", NULL,
         "missing a\nin-sync b sync_1\nunmanaged z sync_9\n"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct setup setup = {0};
        struct rcn_error err = RCN_ERROR_INIT;
        struct rcn_buf text;
        want(&setup, "a");
        want(&setup, "b");
        have(&setup, "sync_1", "b");
        struct rcn_plan *saved = build(&setup);
        if (cases[i].live_name) {
            struct rcn_live_sync *live = have(&setup, "sync_9", cases[i].live_name);
            live->sync.frequency = cases[i].frequency;
            live->sync.segment_id = cases[i].segment;
        }
        setup.options.saved = saved;
        rcn_diags_release(&setup.fixture.diags);
        struct rcn_plan *now = build(&setup);
        int result = rcn_plan_check_fresh(saved, &setup.fixture.live, now, &err);
        if (result != (cases[i].message ? -1 : 0))
            fail_msg("%s: %d", cases[i].name, result);
        if (cases[i].message) {
            assert_int_equal(err.kind, RCN_ERROR_REFUSED);
            assert_string_equal(err.message, cases[i].message);
        } else {
            rcn_buf_init(&text, 1 << 20);
            fixture_write_plan(&text, now);
            assert_string_equal(rcn_buf_get_str(&text), cases[i].expected);
            assert_int_equal(now->rows[0].was_missing, now->rows[0].live_count);
            assert_false(now->rows[1].was_missing);
            rcn_buf_release(&text);
        }
        rcn_plan_free(now);
        rcn_plan_free(saved);
        rcn_diags_release(&setup.fixture.diags);
    }
}

/* A plan creates what it lists as missing and nothing else. */
static void a_saved_plan_creates_nothing_more(void **state)
{
    (void)state;
    struct setup setup = {0};
    struct rcn_error err = RCN_ERROR_INIT;
    struct rcn_buf text;
    want(&setup, "live");
    want(&setup, "similar")->segment_id = "seg_2";
    have(&setup, "sync_1", "live");
    have(&setup, "sync_2", "SIMILAR")->sync.segment_id = "seg_2";
    struct rcn_plan *saved = build(&setup);
    rcn_diags_release(&setup.fixture.diags);
    setup.options.saved = saved;
    setup.live_count = 0;
    struct rcn_plan *now = build(&setup);
    assert_int_equal(now->counts.by_status[RCN_STATUS_MISSING], 2);
    assert_int_equal(rcn_plan_check_fresh(saved, &setup.fixture.live, now, &err), 0);
    rcn_buf_init(&text, 1 << 20);
    fixture_write_plan(&text, now);
    assert_string_equal(rcn_buf_get_str(&text),
                        "withheld live gone:sync_1\nwithheld similar similar:sync_2\n");
    assert_int_equal(now->counts.by_status[RCN_STATUS_MISSING], 0);
    assert_int_equal(now->counts.by_status[RCN_STATUS_WITHHELD], 2);
    assert_int_equal(now->cost.requests, 0);
    rcn_buf_release(&text);
    rcn_plan_free(now);
    rcn_plan_free(saved);
    rcn_diags_release(&setup.fixture.diags);
}

/* The `ignore` entries of the manifests are not in a saved plan; what they covered is. */
static void a_saved_plan_keeps_what_was_ignored(void **state)
{
    (void)state;
    const char *names[] = {"a"};
    for (size_t is_selected = 0; is_selected < 2; is_selected++) {
        struct setup setup = {.options.selection.names = {names, is_selected}, .ignore_count = 1};
        struct rcn_error err = RCN_ERROR_INIT;
        setup.ignores[0] = (struct rcn_ignore){.company_id = "comp_1", .audience_name = "agency"};
        want(&setup, "a");
        have(&setup, "sync_1", "agency");
        struct rcn_plan *saved = build(&setup);
        assert_int_equal(saved->rows[0].status, RCN_STATUS_MISSING);
        rcn_diags_release(&setup.fixture.diags);
        setup.options = (struct rcn_plan_options){.saved = saved};
        setup.ignore_count = 0;
        struct rcn_plan *now = build(&setup);
        assert_int_equal(rcn_plan_check_fresh(saved, &setup.fixture.live, now, &err), 0);
        assert_int_equal(now->rows[0].status, RCN_STATUS_MISSING);
        rcn_plan_free(now);
        rcn_plan_free(saved);
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
        cmocka_unit_test(the_segment_under_another_name_is_a_rename),
        cmocka_unit_test(a_rename_is_only_of_what_is_unmanaged_and_not_ignored),
        cmocka_unit_test(of_several_renames_the_nearest_name_is_named),
        cmocka_unit_test(a_template_is_renamed_where_its_display_name_fits),
        cmocka_unit_test(replaces_lifts_for_the_ids_that_it_names),
        cmocka_unit_test(paused_is_not_lifted),
        cmocka_unit_test(replaces_of_a_live_sync_can_go),
        cmocka_unit_test(a_pin_settles_a_duplicate),
        cmocka_unit_test(two_pins_take_both),
        cmocka_unit_test(a_pin_that_does_not_hold_withholds),
        cmocka_unit_test(a_dead_pin_leaves_the_live_one_of_its_identity),
        cmocka_unit_test(replaces_lifts_a_dead_pin_but_never_makes_a_twin),
        cmocka_unit_test(what_was_live_before_is_gone_until_someone_says_so),
        cmocka_unit_test(a_template_is_renamed_where_the_ledger_knows_it),
        cmocka_unit_test(an_open_intent_is_shown_where_something_is_missing),
        cmocka_unit_test(sizes_are_summed_over_what_is_missing),
        cmocka_unit_test(health),
        cmocka_unit_test(only_desired_health_counts),
        cmocka_unit_test(a_selection_hides_rows_but_compares_all),
        cmocka_unit_test(ignores_take_out_of_the_verdict),
        cmocka_unit_test(an_ignore_that_matches_nothing_live_is_unused),
        cmocka_unit_test(the_first_ignore_in_force_counts),
        cmocka_unit_test(an_ignored_name_may_hold_what_patterns_are_made_of),
        cmocka_unit_test(each_part_of_a_selection_must_match),
        cmocka_unit_test(what_was_managed_elsewhere_is_so_only_as_it_was),
        cmocka_unit_test(a_saved_plan_is_stale_only_for_what_it_would_create),
        cmocka_unit_test(a_saved_plan_creates_nothing_more),
        cmocka_unit_test(a_saved_plan_keeps_what_was_ignored),
        cmocka_unit_test(a_company_that_was_not_read_is_an_error),
        cmocka_unit_test(order_of_live_does_not_matter),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
