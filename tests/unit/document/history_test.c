#include "document/history.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/file.h"
#include "sample_report.h"

/* A run of an older version: counts alone. */
#define OLD(in_sync)                                                                               \
    "{\"at\": \"2026-11-21T20:00:00Z\", \"desired\": 9, \"inSync\": " in_sync                      \
    ", \"missing\": 2, \"drifted\": 3, \"duplicate\": 4, \"withheld\": 5, \"unmanaged\": 6, "      \
    "\"unhealthy\": 7, \"ignored\": 8}\n"

static const int64_t day_ms = 86400000;

static char directory[] = "/tmp/history.XXXXXX";
static char path[sizeof directory + 16];
static struct sample sample;
static struct rcn_arena *arena;
static struct rcn_history history;
static struct rcn_error err;

static int set_up(void **state)
{
    (void)state;
    strcpy(directory + strlen(directory) - 6, "XXXXXX");
    if (!mkdtemp(directory))
        return -1;
    snprintf(path, sizeof path, "%s/history", directory);
    sample_init(&sample, NULL);
    arena = rcn_arena_new(SIZE_MAX);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    sample_release(&sample);
    rcn_arena_free(arena);
    unlink(path);
    return rmdir(directory);
}

/* A run some days after 2026-11-22. */
static int add(int64_t days, const char *selection)
{
    for (size_t i = 0; i < sample.plan.row_count; i++) {
        sample.plan.rows[i].since_ms = 0;
        sample.plan.rows[i].is_new = false;
    }
    sample.plan.live.fetched_at_ms = SAMPLE_NOW_MS + days * day_ms;
    return rcn_history_add(path, &sample.plan, selection, arena, &history, &err);
}

static void write_file(const char *text)
{
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
}

static size_t count_lines(void)
{
    struct rcn_buf text;
    size_t lines = 0;
    rcn_buf_init(&text, (size_t)64 << 20);
    assert_int_equal(rcn_file_read(path, &text, &err), 0);
    for (const char *c = rcn_buf_get_str(&text); *c; c++)
        lines += *c == '\n';
    rcn_buf_release(&text);
    return lines;
}

/* The second row is drifted in each of these runs, the third one a duplicate until it is not. */
static void test_new_resolved_and_since(void **state)
{
    (void)state;
    assert_int_equal(add(0, NULL), 0);
    assert_int_equal(history.runs, 1);
    assert_int_equal(history.new_count, 0);
    assert_int_equal(history.previous_at_ms, 0);
    assert_int_equal(sample.rows[1].since_ms, 0);

    sample.rows[5].status = RCN_STATUS_DRIFTED;
    sample.rows[2].status = RCN_STATUS_IN_SYNC;
    assert_int_equal(add(1, NULL), 0);
    assert_int_equal(history.runs, 2);
    assert_int_equal(history.previous_at_ms, SAMPLE_NOW_MS);
    assert_int_equal(history.new_count, 1);
    assert_true(sample.rows[5].is_new);
    assert_false(sample.rows[1].is_new);
    assert_int_equal(sample.rows[1].since_ms, SAMPLE_NOW_MS);
    assert_int_equal(history.resolved_count, 1);
    assert_string_equal(history.resolved[0].audience_name, "Twice");
    assert_int_equal(history.resolved[0].status, RCN_STATUS_DUPLICATE);

    sample.rows[1].status = RCN_STATUS_WITHHELD;
    assert_int_equal(add(9, NULL), 0);
    assert_int_equal(history.new_count, 1);
    assert_true(sample.rows[1].is_new); /* it is not so any more: it is something else */
    assert_int_equal(sample.rows[5].since_ms, SAMPLE_NOW_MS + day_ms);
    assert_int_equal(history.resolved_count, 0);
    assert_int_equal(history.count, 3);
    assert_int_equal(history.points[0].at_ms, SAMPLE_NOW_MS);
}

/* Health counts too: a sync that was in sync and is unhealthy is new. */
static void test_health(void **state)
{
    (void)state;
    assert_int_equal(add(0, NULL), 0);
    sample.rows[5].health = RCN_HEALTH_STALE;
    sample.rows[4].health = 0;
    assert_int_equal(add(1, NULL), 0);
    assert_true(sample.rows[5].is_new);
    assert_int_equal(history.resolved_count, 1);
    assert_string_equal(history.resolved[0].audience_name, "Broken");
    assert_true(history.resolved[0].is_unhealthy);
}

/* A run of another selection, API or company is kept, and is not the run before. */
static void test_scopes(void **state)
{
    (void)state;
    assert_int_equal(add(0, NULL), 0);
    sample.rows[1].status = RCN_STATUS_IN_SYNC;
    assert_int_equal(add(1, "name=V*"), 0);
    assert_int_equal(history.runs, 1);
    assert_int_equal(history.resolved_count, 0);
    sample.plan.live.api_url = "https://other.example";
    assert_int_equal(add(2, NULL), 0);
    assert_int_equal(history.runs, 1);
    sample.plan.live.api_url = "https://api.sequenzy.com";
    sample.companies[0].company_id = "comp_456";
    assert_int_equal(add(3, NULL), 0);
    assert_int_equal(history.runs, 1);
    sample.companies[0].company_id = "comp_123";
    assert_int_equal(add(4, NULL), 0);
    assert_int_equal(history.runs, 2);
    assert_int_equal(history.resolved_count, 1);
    assert_int_equal(count_lines(), 5);
}

static void test_older_files(void **state)
{
    (void)state;
    write_file(OLD("0") OLD("1"));
    assert_int_equal(add(0, NULL), 0);
    assert_int_equal(history.runs, 3);
    assert_int_equal(history.points[1].counts.by_status[RCN_STATUS_IN_SYNC], 1);
    assert_int_equal(history.points[1].counts.ignored, 8);
    assert_int_equal(history.new_count, 0);
    assert_int_equal(add(1, NULL), 0);
    assert_int_equal(history.runs, 4);
    assert_int_equal(sample.rows[1].since_ms, SAMPLE_NOW_MS);
}

static void test_lines_that_cannot_be_read(void **state)
{
    (void)state;
    static const struct {
        const char *before;
        size_t lines;
    } rows[] = {
        {OLD("0"), 2}, {OLD("0") "{\"at\": \"2026-11-2", 2}, {"{\"at\": \"2026", 1},  {"{\"a", 1},
        {"", 1},       {OLD("0") "{\"at\": \n" OLD("0"), 3}, {OLD("0") OLD("-1"), 2},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        write_file(rows[i].before);
        assert_int_equal(add(0, NULL), 0);
        assert_int_equal(count_lines(), rows[i].lines);
        assert_int_equal(history.runs, rows[i].lines);
    }
}

static void test_other_files_are_left_alone(void **state)
{
    (void)state;
    static const char *const contents[] = {"apiVersion: audiencectl/v1\n", "{}", "\n",
                                           "[1]\n[2]\n"};
    for (size_t i = 0; i < sizeof contents / sizeof *contents; i++) {
        struct rcn_buf text;
        write_file(contents[i]);
        assert_int_equal(add(0, NULL), -1);
        assert_non_null(strstr(err.message, "is not a history file"));
        rcn_buf_init(&text, 1000);
        assert_int_equal(rcn_file_read(path, &text, &err), 0);
        assert_string_equal(rcn_buf_get_str(&text), contents[i]);
        rcn_buf_release(&text);
    }
}

static void test_what_is_no_file(void **state)
{
    (void)state;
    assert_int_equal(mkfifo(path, 0600), 0);
    assert_int_equal(add(0, NULL), -1);
    assert_non_null(strstr(err.message, "is no regular file"));
    assert_int_equal(rcn_history_add(directory, &sample.plan, NULL, arena, &history, &err), -1);
    assert_non_null(strstr(err.message, "is no regular file"));
}

/* Old runs go; rows go from old runs, and their counts stay. */
static void test_limits(void **state)
{
    (void)state;
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    for (size_t i = 0; i < RCN_HISTORY_MAX_RUNS; i++)
        assert_true(fputs(OLD("0"), file) >= 0);
    assert_int_equal(fclose(file), 0);
    assert_int_equal(add(0, NULL), 0);
    assert_int_equal(count_lines(), RCN_HISTORY_MAX_RUNS);

    static struct rcn_plan_row rows[RCN_HISTORY_MAX_ROWS - 3];
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        rows[i] = sample.rows[1];
    sample.plan.rows = rows;
    sample.plan.row_count = sizeof rows / sizeof *rows;
    assert_int_equal(add(1, NULL), 0);
    struct rcn_buf text;
    rcn_buf_init(&text, (size_t)64 << 20);
    assert_int_equal(rcn_file_read(path, &text, &err), 0);
    assert_non_null(strstr(rcn_buf_get_str(&text), "\"trimmed\": true"));
    rcn_buf_release(&text);
    assert_int_equal(count_lines(), RCN_HISTORY_MAX_RUNS);
}

enum { RUNS = 8, LINES_EACH = 5 };

static void test_runs_at_the_same_time(void **state)
{
    (void)state;
    for (int i = 0; i < RUNS; i++) {
        pid_t child = fork();
        assert_true(child >= 0);
        if (child == 0) {
            int code = 0;
            for (int line = 0; line < LINES_EACH; line++)
                code |= add(line, NULL);
            _exit(code ? 1 : 0);
        }
    }
    int status;
    while (wait(&status) > 0)
        assert_int_equal(status, 0);
    assert_int_equal(count_lines(), RUNS * LINES_EACH);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_new_resolved_and_since, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_health, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_scopes, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_older_files, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_lines_that_cannot_be_read, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_other_files_are_left_alone, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_what_is_no_file, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_limits, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_runs_at_the_same_time, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
