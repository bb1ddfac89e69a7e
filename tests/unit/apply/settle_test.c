#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "apply/run.h"
#include "plan_fixture.h"

/* A second signal: nothing is read any more, what is known already decides. */
static bool is_urgent(void *context)
{
    (void)context;
    return true;
}

static const struct rcn_apply_options options = {.settle_ms = 1000, .is_urgent = is_urgent};
static const struct rcn_intents_options nothing_is_kept = {0};

/* One create that was answered with that outcome and id, and what the list showed after it. */
static struct rcn_result settle(enum rcn_outcome outcome, const char *id,
                                const struct sighting *seen, struct sighting *fresh)
{
    struct fixture fixture;
    struct rcn_error err = RCN_ERROR_INIT;
    struct rcn_desired_sync desired = fixture_desired(&fixture, "VIPs", 1);
    const struct rcn_plan_row row = {.desired = &desired};
    struct rcn_result result = {.outcome = outcome, .id = id, .error = "404: No"};
    struct item item = {.row = &row, .result = &result, .state = ITEM_DONE, .was_sent = true};
    struct rcn_results results = {.arena = rcn_arena_new(SIZE_MAX)};
    struct run run = {.options = &options,
                      .results = &results,
                      .items = &item,
                      .item_count = 1,
                      .by_identity = rcn_identity_map_new(0),
                      .managed = rcn_identity_map_new(0),
                      .look = {.arena = rcn_arena_new(SIZE_MAX), .fresh = fresh},
                      .intents = rcn_intents_open(&nothing_is_kept, &err)};
    static char texts[4][200];
    item.seen = seen;
    run_settle(&run);
    const char **const kept[] = {&result.id, &result.error, &result.note};
    for (size_t i = 0; i < 3; i++)
        if (*kept[i])
            *kept[i] = strncpy(texts[i], *kept[i], sizeof texts[i] - 1);
    rcn_intents_free(run.intents);
    rcn_identity_map_free(run.by_identity);
    rcn_identity_map_free(run.managed);
    rcn_arena_free(run.look.arena);
    rcn_arena_free(results.arena);
    return result;
}

/* A server that answers 404 and creates it later, with a name of its own. */
static void a_refused_create_may_be_there_under_another_name(void **state)
{
    (void)state;
    const struct rcn_live_sync live = fixture_live("sync_1", "VIPs (1)");
    struct sighting fresh = {.live = &live, .is_fresh = true};
    struct rcn_result result = settle(RCN_OUTCOME_FAILED, NULL, NULL, &fresh);
    assert_int_equal(result.outcome, RCN_OUTCOME_UNKNOWN);
    assert_string_equal(result.id, "sync_1");
    assert_string_equal(result.error,
                        "404: No; the new sync sync_1, 'VIPs (1)', may be it under another name");
    assert_memory_equal(result.note, "do not run again before ", 24);

    result = settle(RCN_OUTCOME_FAILED, NULL, NULL, NULL);
    assert_int_equal(result.outcome, RCN_OUTCOME_FAILED);
    assert_string_equal(result.error, "404: No");
    assert_null(result.note);
}

/* Which of two is named: what the answer named, else what was not there before. */
static void of_two_the_one_that_was_created_is_named(void **state)
{
    (void)state;
    static const struct {
        const char *answered;
        bool is_fresh[2];
        const char *named;
    } rows[] = {
        {"sync_2", {true, true}, "sync_2"},   {"sync_1", {true, true}, "sync_1"},
        {"sync_1", {false, true}, "sync_1"},  {"sync_9", {false, true}, "sync_2"},
        {"sync_9", {false, false}, "sync_1"}, {NULL, {false, true}, "sync_2"},
        {NULL, {true, true}, "sync_1"},
    };
    const struct rcn_live_sync live[] = {fixture_live("sync_1", "VIPs"),
                                         fixture_live("sync_2", "VIPs")};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct sighting second = {.live = &live[1], .is_fresh = rows[i].is_fresh[1]};
        const struct sighting first = {
            .live = &live[0], .is_fresh = rows[i].is_fresh[0], .next = &second};
        print_message("row %zu\n", i);
        struct rcn_result result = settle(RCN_OUTCOME_UNKNOWN, rows[i].answered, &first, NULL);
        assert_int_equal(result.outcome, RCN_OUTCOME_CREATED);
        assert_false(result.is_verified);
        assert_string_equal(result.id, rows[i].named);
        assert_string_equal(result.error, "the list shows it 2 times: sync_1, sync_2; look in the "
                                          "dashboard which to keep");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_refused_create_may_be_there_under_another_name),
        cmocka_unit_test(of_two_the_one_that_was_created_is_named),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
