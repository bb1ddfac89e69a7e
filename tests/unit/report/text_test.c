#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "sample_write.h"

struct row {
    const char *name;
    void (*prepare)(struct sample *sample);
    struct rcn_report_style style;
    const char *expected;
};

static void leave(struct sample *sample)
{
    (void)sample;
}

static void apply(struct sample *sample)
{
    sample_apply(sample, "409: taken");
}

static void apply_well(struct sample *sample)
{
    sample_apply(sample, "409: taken");
    memset(sample->results.by_outcome, 0, sizeof sample->results.by_outcome);
    sample->results.by_outcome[RCN_OUTCOME_CREATED] = 1;
    sample->results.problem = NULL;
    sample->results.is_verified = true;
    sample->plan.row_count = 1;
    sample->plan.counts.desired = 1;
    sample->plan.counts.by_status[RCN_STATUS_MISSING] = 1;
    sample->report.desired_count = 1;
}

static void stop(struct sample *sample)
{
    sample_fail(sample, "GET /audience-syncs: 401: Unauthorized");
    rcn_error_set_hint(&sample->error, "look at SEQUENZY_API_KEY");
}

static void refuse(struct sample *sample)
{
    stop(sample);
    sample->error.kind = RCN_ERROR_REFUSED;
    sample->error.hint[0] = '\0';
}

static void find_errors(struct sample *sample)
{
    const struct rcn_span nowhere = {0};
    sample->report.plan = NULL;
    sample->report.command = "validate";
    sample->report.outcome = "error";
    rcn_diags_error(&sample->diags, "unknown-key", nowhere, "unknown key 'x'");
    rcn_diags_error(&sample->diags, "unknown-key", nowhere, "unknown key 'y'");
    sample_add_warning(sample, "differs only in case");
}

static void validate(struct sample *sample)
{
    sample->report.plan = NULL;
    sample->report.source = &sample->plan.source;
    sample->report.command = "validate";
    sample->report.outcome = "valid";
    sample_add_warning(sample, "differs only in case");
}

static void settle(struct sample *sample)
{
    sample->plan.rows = &sample->rows[5];
    sample->plan.row_count = 1;
    sample->plan.unmanaged_count = 0;
    sample->plan.counts =
        (struct rcn_plan_counts){.desired = 1, .by_status = {[RCN_STATUS_IN_SYNC] = 1}};
    sample->plan.is_selected = true;
    sample->report.desired_count = 1;
    sample->report.outcome = "in-sync";
}

static void ignore(struct sample *sample)
{
    settle(sample);
    sample->report.command = "drift";
    sample->plan.rows = &sample->rows[1];
    sample->rows[1].is_ignored = true;
    sample->rows[1].ignore_reason = "agency tests";
    sample->plan.counts = (struct rcn_plan_counts){.desired = 1, .ignored = 1};
}

static void be_hostile(struct sample *sample)
{
    sample->desired[0].sync.audience_name = SAMPLE_HOSTILE;
    sample->plan.row_count = 1;
    sample->plan.unmanaged_count = 0;
}

static const struct row rows[] = {
    {"plan",
     leave,
     {0},
     "Source   https://git.example.com/acme/ads.git (6 syncs in 3 manifests, 1 other skipped)\n"
     "Commit   3f2c1ab9e0d4c5b6a7f8091a2b3c4d5e6f708192 (main)\n"
     "API      https://api.sequenzy.com\n"
     "Company  Acme (comp_123), 7 live syncs\n"
     "\n"
     "? 1 sync is unmanaged: live, but in no manifest\n"
     "    'Alien' in act_1234567890 (Acme Main): sync_alien\n"
     "\n"
     "! 'Twice' is live more than once: apply will not touch it\n"
     "    adAccountId: act_1234567890 (Acme Main)\n"
     "    segmentId: seg_vips (VIPs)\n"
     "    frequency: daily\n"
     "    isActive: true\n"
     "    live: sync_one: segment seg_vips (VIPs), daily, active, idle, last upload "
     "2026-11-22T06:00:00.000Z, created 2026-06-12T10:00:00.000Z\n"
     "    live: sync_two: segment seg_vips (VIPs), daily, active, idle, last upload "
     "2026-11-22T06:00:00.000Z, created 2026-06-12T10:00:00.000Z\n"
     "    at audiences/vip.yaml:10\n"
     "\n"
     "! 'Broken' is in sync, but unhealthy\n"
     "    id: sync_broken\n"
     "    adAccountId: act_1234567890 (Acme Main)\n"
     "    segmentId: seg_vips (VIPs)\n"
     "    frequency: daily\n"
     "    isActive: true\n"
     "    health: error\n"
     "    lastSyncError: (#100) Invalid parameter\n"
     "    lastSyncAt: 2026-11-22T06:00:00.000Z\n"
     "    advice: its last upload failed: see lastSyncError, or the dashboard\n"
     "    at audiences/vip.yaml:16\n"
     "\n"
     "~ 'VIPs' has drifted: apply will not change it\n"
     "    id: sync_vips\n"
     "    adAccountId: act_1234567890 (Acme Main)\n"
     "    segmentId: seg_vips (VIPs)\n"
     "    frequency: live daily, manifest hourly\n"
     "    isActive: true\n"
     "    note: set frequency to 'hourly' in the dashboard\n"
     "    at audiences/vip.yaml:7\n"
     "\n"
     "o 'Paused' is withheld: apply will not create it\n"
     "    adAccountId: act_1234567890 (Acme Main)\n"
     "    segmentId: seg_vips\n"
     "    frequency: daily\n"
     "    isActive: false\n"
     "    note: not created: 'isActive: false'\n"
     "    at audiences/vip.yaml:13\n"
     "\n"
     "+ 'Recent buyers' is missing: apply will create it\n"
     "    adAccountId: act_1234567890 (Acme Main)\n"
     "    predefinedSegmentId: recent-buyers\n"
     "    frequency: daily\n"
     "    isActive: true\n"
     "    at audiences/vip.yaml:4\n"
     "\n"
     "Next:     apply will create 1 sync\n"
     "Summary:  6 syncs: 2 in sync, 1 missing, 1 drifted, 1 duplicate, 1 withheld; 1 unhealthy, 1 "
     "unmanaged\n"
     "Cost:     1 request, 0 people uploaded, at least 1 s under the rate limit\n"},
    {"plan, quiet",
     leave,
     {.quiet = true},
     "Summary:  6 syncs: 2 in sync, 1 missing, 1 drifted, 1 duplicate, 1 withheld; 1 unhealthy, 1 "
     "unmanaged\n"},
    {"one row in colour",
     be_hostile,
     {.color = true},
     "Source   https://git.example.com/acme/ads.git (6 syncs in 3 manifests, 1 other skipped)\n"
     "Commit   3f2c1ab9e0d4c5b6a7f8091a2b3c4d5e6f708192 (main)\n"
     "API      https://api.sequenzy.com\n"
     "Company  Acme (comp_123), 7 live syncs\n"
     "\n"
     "\x1b[32m+\x1b[0m '\\x1b[31m\\r\\n::error::x\\n\\n#\\x23[set-output name=x]y # h | `c` *b* "
     "_i_ <script>alert(1)</script> ]]> --> &amp; & &x; 5% @octocat #1 [l](javascript:x) "
     "\\u202e\\u200b \"q\" 'a' \\ %0A ${{ x }} \\u009b' is missing: apply will create it\n"
     "    adAccountId: act_1234567890 (Acme Main)\n"
     "    predefinedSegmentId: recent-buyers\n"
     "    frequency: daily\n"
     "    isActive: true\n"
     "    at audiences/vip.yaml:4\n"
     "\n"
     "\x1b[1mNext\x1b[0m:     apply will create 1 sync\n"
     "\x1b[1mSummary\x1b[0m:  6 syncs: 2 in sync, 1 missing, 1 drifted, 1 duplicate, 1 withheld; 1 "
     "unhealthy, 1 unmanaged\n"
     "\x1b[1mCost\x1b[0m:     1 request, 0 people uploaded, at least 1 s under the rate limit\n"},
    {"nothing to do",
     settle,
     {0},
     "Source   https://git.example.com/acme/ads.git (1 sync in 3 manifests, 1 other skipped)\n"
     "Commit   3f2c1ab9e0d4c5b6a7f8091a2b3c4d5e6f708192 (main)\n"
     "API      https://api.sequenzy.com\n"
     "Company  Acme (comp_123), 7 live syncs\n"
     "Selected only what --ad-account, --name and --label select\n"
     "\n"
     "Next:     nothing to create\n"
     "Summary:  1 sync: 1 in sync\n"},
    {"ignored",
     ignore,
     {0},
     "Source   https://git.example.com/acme/ads.git (1 sync in 3 manifests, 1 other skipped)\n"
     "Commit   3f2c1ab9e0d4c5b6a7f8091a2b3c4d5e6f708192 (main)\n"
     "API      https://api.sequenzy.com\n"
     "Company  Acme (comp_123), 7 live syncs\n"
     "Selected only what --ad-account, --name and --label select\n"
     "\n"
     "- 1 sync is ignored: a known difference\n"
     "    'VIPs' in act_1234567890 (Acme Main): drifted: agency tests at audiences/vip.yaml:7\n"
     "\n"
     "Summary:  1 sync; 1 ignored\n"},
    {"ignored, verbose",
     ignore,
     {.verbose = true},
     "Source   https://git.example.com/acme/ads.git (1 sync in 3 manifests, 1 other skipped)\n"
     "Commit   3f2c1ab9e0d4c5b6a7f8091a2b3c4d5e6f708192 (main)\n"
     "API      https://api.sequenzy.com\n"
     "Company  Acme (comp_123), 7 live syncs\n"
     "Selected only what --ad-account, --name and --label select\n"
     "\n"
     "- 'VIPs' is ignored: a known difference\n"
     "    id: sync_vips\n"
     "    adAccountId: act_1234567890 (Acme Main)\n"
     "    segmentId: seg_vips (VIPs)\n"
     "    frequency: live daily, manifest hourly\n"
     "    isActive: true\n"
     "    note: set frequency to 'hourly' in the dashboard\n"
     "    ignored: drifted: agency tests\n"
     "    at audiences/vip.yaml:7\n"
     "\n"
     "Summary:  1 sync; 1 ignored\n"},
    {"apply",
     apply,
     {0},
     "Source   https://git.example.com/acme/ads.git (6 syncs in 3 manifests, 1 other skipped)\n"
     "Commit   3f2c1ab9e0d4c5b6a7f8091a2b3c4d5e6f708192 (main)\n"
     "API      https://api.sequenzy.com\n"
     "Company  Acme (comp_123), 7 live syncs\n"
     "\n"
     "+ 1 sync was created\n"
     "    'Recent buyers' in act_1234567890 (Acme Main): sync_vips at audiences/vip.yaml:4\n"
     "\n"
     "x 'Steady' was created, but is not as it should be\n"
     "    id: sync_alien\n"
     "    reason: 409: taken\n"
     "    at audiences/vip.yaml:19\n"
     "\n"
     "x 'Twice' was not created: the server refused it\n"
     "    reason: 409: taken\n"
     "    at audiences/vip.yaml:10\n"
     "\n"
     "x 'Paused' may have been created or not: the answer does not say\n"
     "    reason: 409: taken\n"
     "    note: do not run again before 2026-11-22T20:01:00Z\n"
     "    at audiences/vip.yaml:13\n"
     "\n"
     "x 'Broken' was not attempted: nothing was sent\n"
     "    reason: 409: taken\n"
     "    at audiences/vip.yaml:16\n"
     "\n"
     "= 1 sync exists: this run did not create it\n"
     "    'VIPs' in act_1234567890 (Acme Main): sync_one at audiences/vip.yaml:7\n"
     "\n"
     "Planned:  6 syncs: 6 missing; 1 unmanaged\n"
     "Apply:    2 created, 1 failed, 1 unknown, 1 not attempted, 1 already existed\n"
     "Problem:  409: taken\n"
     "Next:     fix what failed; run apply again: it creates what the list does "
     "not show, unless a reason above asks for something else first\n"},
    {"apply, all well",
     apply_well,
     {0},
     "Source   https://git.example.com/acme/ads.git (1 sync in 3 manifests, 1 other skipped)\n"
     "Commit   3f2c1ab9e0d4c5b6a7f8091a2b3c4d5e6f708192 (main)\n"
     "API      https://api.sequenzy.com\n"
     "Company  Acme (comp_123), 7 live syncs\n"
     "\n"
     "+ 1 sync was created\n"
     "    'Recent buyers' in act_1234567890 (Acme Main): sync_vips at audiences/vip.yaml:4\n"
     "\n"
     "Planned:  1 sync: 1 missing; 1 unmanaged\n"
     "Apply:    1 created\n"
     "Verified: the list shows every created sync once\n"},
    {"apply, quiet",
     apply,
     {.quiet = true},
     "Apply:    2 created, 1 failed, 1 unknown, 1 not attempted, 1 already existed\n"},
    {"failed",
     stop,
     {0},
     "plan failed: GET /audience-syncs: 401: Unauthorized\n"
     "  hint: look at SEQUENZY_API_KEY\n"},
    {"refused", refuse, {0}, "plan was refused: GET /audience-syncs: 401: Unauthorized\n"},
    {"manifest errors", find_errors, {0}, "validate failed: 2 errors, 1 warning\n"},
    {"valid",
     validate,
     {0},
     "valid: https://git.example.com/acme/ads.git (6 syncs in 3 manifests, 1 other skipped) at "
     "commit 3f2c1ab9e0d4c5b6a7f8091a2b3c4d5e6f708192 (main), 1 warning\n"},
};

static void test_texts(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct sample sample;
        print_message("%s\n", rows[i].name);
        sample_init(&sample, NULL);
        rows[i].prepare(&sample);
        char *text = sample_write(&sample, RCN_FORMAT_TEXT, rows[i].style);
        assert_non_null(text);
        assert_string_equal(text, rows[i].expected);
        free(text);
        sample_release(&sample);
    }
}

/* --- broken lines --- */

static const struct {
    const char *name;
    const char *hint;
    unsigned width;
    const char *expected;
} hints[] = {
    {"no terminal", "one two three four", 0, "  hint: one two three four\n"},
    {"wide enough", "one two three four", 26, "  hint: one two three four\n"},
    {"one column short", "one two three four", 25, "  hint: one two three\n        four\n"},
    {"several lines", "one two three four", 17, "  hint: one two\n        three\n        four\n"},
    {"a word longer than the line", "a abcdefghijklm b", 17,
     "  hint: a\n        abcdefghijklm\n        b\n"},
    {"too narrow to gain", "one two three four", 16, "  hint: one two three four\n"},
    {"columns, not bytes", "\xe9\xa1\xa7\xe5\xae\xa2\xe9\xa1\xa7 \xe9\xa1\xa7\xe5\xae\xa2", 19,
     "  hint: \xe9\xa1\xa7\xe5\xae\xa2\xe9\xa1\xa7 \xe9\xa1\xa7\xe5\xae\xa2\n"},
    {"wide characters", "\xe9\xa1\xa7\xe5\xae\xa2\xe9\xa1\xa7 \xe9\xa1\xa7\xe5\xae\xa2", 18,
     "  hint: \xe9\xa1\xa7\xe5\xae\xa2\xe9\xa1\xa7\n        \xe9\xa1\xa7\xe5\xae\xa2\n"},
    {"a number stays with its word", "0 one, 12,000 two, 3", 21,
     "  hint: 0 one,\n        12,000 two, 3\n"},
    {"a number, too narrow", "12,000 twosandmore 3 threes", 17,
     "  hint:\n        12,000 twosandmore\n        3 threes\n"},
};

static void test_broken_lines(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof hints / sizeof *hints; i++) {
        struct sample sample;
        print_message("%s\n", hints[i].name);
        sample_init(&sample, NULL);
        sample_fail(&sample, hints[i].hint);
        char *text = sample_write(&sample, RCN_FORMAT_TEXT,
                                  (struct rcn_report_style){.width = hints[i].width});
        assert_non_null(text);
        assert_string_equal(strchr(text, '\n') + 1, hints[i].expected);
        free(text);
        sample_release(&sample);
    }
}

/* --- long lists --- */

enum { LONG = 5000 };

static size_t count_text(const char *text, const char *part)
{
    size_t count = 0;
    for (text = strstr(text, part); text; text = strstr(text + 1, part))
        count++;
    return count;
}

/* A plan of LONG rows like the given one. */
static struct rcn_plan_row *lengthen(struct sample *sample, size_t model)
{
    struct rcn_plan_row *many = calloc(LONG, sizeof *many);
    assert_non_null(many);
    for (size_t i = 0; i < LONG; i++)
        many[i] = sample->rows[model];
    sample->plan.rows = many;
    sample->plan.row_count = LONG;
    return many;
}

enum { SCREEN = 40 };

static void test_long_list(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        size_t model;
        struct rcn_report_style style;
        size_t rows;
        const char *head;
    } lists[] = {
        {"missing", 0, {0}, LONG, "\n+ 5,000 syncs are missing: apply will create them\n"},
        {"drifted", 1, {0}, 20, "\n~ 5,000 syncs have drifted"},
        {"duplicate", 2, {0}, 20, "\n! 5,000 syncs are live more than once"},
        {"withheld", 3, {0}, 20, "\no 5,000 syncs are withheld"},
        {"unhealthy", 4, {0}, 20, "\n! 5,000 syncs are in sync, but unhealthy"},
        {"in sync", 5, {0}, 0, "Summary: "},
        {"missing, verbose", 0, {.verbose = true}, LONG, "\n+ 'Recent buyers' is missing"},
    };
    for (size_t i = 0; i < sizeof lists / sizeof *lists; i++) {
        struct sample sample;
        print_message("%s\n", lists[i].name);
        sample_init(&sample, NULL);
        struct rcn_plan_row *many = lengthen(&sample, lists[i].model);
        char *text = sample_write(&sample, RCN_FORMAT_TEXT, lists[i].style);
        assert_non_null(text);
        assert_non_null(strstr(text, lists[i].head));
        assert_int_equal(count_text(text, " at audiences/vip.yaml:"), lists[i].rows);
        if (lists[i].rows < LONG)
            assert_in_range(count_text(text, "\n"), 1, SCREEN);
        if (lists[i].rows == 20)
            assert_non_null(strstr(text, "\n    ... and 4,980 more (-v shows all"));
        free(text);
        free(many);
        sample_release(&sample);
    }
}

/* What a drift finds is not about to be created: a screen does. */
static void test_long_list_of_drift(void **state)
{
    (void)state;
    struct sample sample;
    sample_init(&sample, NULL);
    struct rcn_plan_row *many = lengthen(&sample, 0);
    sample.report.command = "drift";
    char *text = sample_write(&sample, RCN_FORMAT_TEXT, (struct rcn_report_style){0});
    assert_non_null(text);
    assert_int_equal(count_text(text, " at audiences/vip.yaml:"), 20);
    assert_in_range(count_text(text, "\n"), 1, SCREEN);
    free(text);
    free(many);
    sample_release(&sample);
}

/* As many as apply creates without being told a number have a block each. */
static void test_blocks_up_to_a_hundred(void **state)
{
    (void)state;
    for (size_t count = 100; count <= 101; count++) {
        struct sample sample;
        sample_init(&sample, NULL);
        struct rcn_plan_row *many = lengthen(&sample, 0);
        sample.plan.row_count = count;
        char *text = sample_write(&sample, RCN_FORMAT_TEXT, (struct rcn_report_style){0});
        assert_non_null(text);
        assert_int_equal(count_text(text, "    at audiences/vip.yaml:"), count == 100 ? 100 : 0);
        free(text);
        free(many);
        sample_release(&sample);
    }
}

/* Nothing that was created goes unreported (SPEC 5), however many there are. */
static void test_every_created_sync_is_named(void **state)
{
    (void)state;
    struct sample sample;
    struct rcn_result *results = calloc(LONG, sizeof *results);
    assert_non_null(results);
    sample_init(&sample, NULL);
    struct rcn_plan_row *many = lengthen(&sample, 0);
    for (size_t i = 0; i < LONG; i++)
        results[i] = (struct rcn_result){
            .outcome = i % 2 ? RCN_OUTCOME_CREATED : RCN_OUTCOME_NOT_ATTEMPTED, .id = "sync_x"};
    sample.results.items = results;
    sample.results.count = LONG;
    sample.results.by_outcome[RCN_OUTCOME_CREATED] = LONG / 2;
    sample.results.by_outcome[RCN_OUTCOME_NOT_ATTEMPTED] = LONG / 2;
    sample.report.results = &sample.results;
    char *text = sample_write(&sample, RCN_FORMAT_TEXT, (struct rcn_report_style){0});
    assert_non_null(text);
    const char *others = strstr(text, "x 2,500 syncs were not attempted");
    assert_non_null(others);
    assert_int_equal(count_text(others, "    'Recent buyers'"), 20);
    assert_int_equal(count_text(text, "    'Recent buyers' in act_1234567890 (Acme Main): sync_x"),
                     LONG / 2 + 20);
    assert_non_null(strstr(others, "    ... and 2,480 more (-v shows"));
    free(text);
    free(many);
    free(results);
    sample_release(&sample);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_texts),
        cmocka_unit_test(test_broken_lines),
        cmocka_unit_test(test_long_list),
        cmocka_unit_test(test_long_list_of_drift),
        cmocka_unit_test(test_blocks_up_to_a_hundred),
        cmocka_unit_test(test_every_created_sync_is_named),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
