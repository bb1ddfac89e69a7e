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

/* 2026-11-22T20:00:00Z */
#define NOW_MS INT64_C(1795377600000)
#define LINE_OF(in_sync)                                                                           \
    "{\"at\": \"2026-11-22T20:00:00Z\", \"desired\": 9, \"inSync\": " in_sync                      \
    ", \"missing\": 2, \"drifted\": 3, \"duplicate\": 4, \"withheld\": 5, \"unmanaged\": 6, "      \
    "\"unhealthy\": 7, \"ignored\": 8}\n"
#define LINE LINE_OF("1")

static const struct rcn_history_point run = {
    .at_ms = NOW_MS,
    .counts = {.desired = 9, .by_status = {1, 2, 3, 4, 5, 6}, .unhealthy = 7, .ignored = 8},
};

static char directory[] = "/tmp/history.XXXXXX";
static char path[sizeof directory + 16];

static int set_up(void **state)
{
    (void)state;
    strcpy(directory + strlen(directory) - 6, "XXXXXX");
    if (!mkdtemp(directory))
        return -1;
    snprintf(path, sizeof path, "%s/history", directory);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    unlink(path);
    return rmdir(directory);
}

static void write_file(const char *text)
{
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
}

static void read_file(struct rcn_buf *text)
{
    struct rcn_error err = RCN_ERROR_INIT;
    rcn_buf_init(text, (size_t)16 << 20);
    assert_int_equal(rcn_file_read(path, text, &err), 0);
}

static void test_first_run(void **state)
{
    (void)state;
    struct rcn_error err = RCN_ERROR_INIT;
    struct rcn_history history;
    struct rcn_buf text;
    assert_int_equal(rcn_history_add(path, &run, &history, &err), 0);
    assert_int_equal(history.count, 1);
    assert_memory_equal(&history.points[0], &run, sizeof run);
    rcn_history_release(&history);
    read_file(&text);
    assert_string_equal(rcn_buf_get_str(&text), LINE);
    rcn_buf_release(&text);
}

static const struct {
    const char *name;
    const char *before;
    const char *after;
    size_t points;
} repairs[] = {
    {"a whole file", LINE_OF("0"), LINE_OF("0") LINE, 2},
    {"a last line that was cut off", LINE_OF("0") "{\"at\": \"2026-11-2", LINE_OF("0") LINE, 2},
    {"a last line without its line feed",
     LINE_OF(
         "0") "{\"at\": \"2026-11-22T20:00:00Z\", "
              "\"desired\": 9, \"inSync\": 1, \"missing\": 2, \"drifted\": 3, \"duplicate\": 4, "
              "\"withheld\": 5, \"unmanaged\": 6, \"unhealthy\": 7, \"ignored\": 8}",
     LINE_OF("0") LINE LINE, 3},
    {"a first run that was cut off", "{\"at\": \"2026", LINE, 1},
    {"a first run that was cut off early", "{\"a", LINE, 1},
    {"a broken line in the middle", LINE_OF("0") "{\"at\": \n" LINE_OF("0"),
     LINE_OF("0") "{\"at\": \n" LINE_OF("0") LINE, 3},
    {"a negative count", LINE_OF("0") LINE_OF("-1"), LINE_OF("0") LINE_OF("-1") LINE, 2},
};

static void test_repairs(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof repairs / sizeof *repairs; i++) {
        struct rcn_error err = RCN_ERROR_INIT;
        struct rcn_history history;
        struct rcn_buf text;
        print_message("%s\n", repairs[i].name);
        write_file(repairs[i].before);
        assert_int_equal(rcn_history_add(path, &run, &history, &err), 0);
        assert_int_equal(history.count, repairs[i].points);
        rcn_history_release(&history);
        read_file(&text);
        assert_string_equal(rcn_buf_get_str(&text), repairs[i].after);
        rcn_buf_release(&text);
    }
}

static void test_other_files_are_left_alone(void **state)
{
    (void)state;
    static const char *const contents[] = {"apiVersion: audiencectl/v1\n", "{}", "\n",
                                           "[1]\n[2]\n"};
    for (size_t i = 0; i < sizeof contents / sizeof *contents; i++) {
        struct rcn_error err = RCN_ERROR_INIT;
        struct rcn_history history;
        struct rcn_buf text;
        write_file(contents[i]);
        assert_int_equal(rcn_history_add(path, &run, &history, &err), -1);
        assert_non_null(strstr(err.message, "holds something else"));
        assert_int_equal(history.count, 0);
        read_file(&text);
        assert_string_equal(rcn_buf_get_str(&text), contents[i]);
        rcn_buf_release(&text);
    }
}

static void test_what_is_no_file(void **state)
{
    (void)state;
    struct rcn_error err = RCN_ERROR_INIT;
    struct rcn_history history;
    assert_int_equal(mkfifo(path, 0600), 0);
    assert_int_equal(rcn_history_add(path, &run, &history, &err), -1);
    assert_non_null(strstr(err.message, "is no regular file"));
    assert_int_equal(rcn_history_add(directory, &run, &history, &err), -1);
    assert_non_null(strstr(err.message, "cannot open"));
}

static void test_limits(void **state)
{
    (void)state;
    struct rcn_error err = RCN_ERROR_INIT;
    struct rcn_history history;
    struct stat info;
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    for (size_t size = 0; size < RCN_HISTORY_MAX_BYTES; size += strlen(LINE))
        assert_true(fputs(LINE_OF("0"), file) >= 0);
    assert_int_equal(fclose(file), 0);

    assert_int_equal(rcn_history_add(path, &run, &history, &err), 0);
    assert_int_equal(history.count, RCN_HISTORY_MAX_POINTS);
    assert_int_equal(history.points[RCN_HISTORY_MAX_POINTS - 1].counts.by_status[0], 1);
    assert_int_equal(history.points[0].counts.by_status[0], 0);
    rcn_history_release(&history);
    assert_int_equal(stat(path, &info), 0);
    assert_in_range(info.st_size, RCN_HISTORY_MAX_BYTES / 2 - 1024,
                    RCN_HISTORY_MAX_BYTES / 2 + 1024);
    assert_int_equal(info.st_size % (off_t)strlen(LINE), 0);
}

enum { ROUNDS = 10, RUNS = 8, LINES_EACH = 5 };

static void add_lines(int start)
{
    struct rcn_error err = RCN_ERROR_INIT;
    struct rcn_history history;
    char go;
    int code = read(start, &go, 1) == 0 ? 0 : 1; /* until the parent closes its end */
    for (int i = 0; i < LINES_EACH; i++) {
        code |= rcn_history_add(path, &run, &history, &err) != 0;
        rcn_history_release(&history);
    }
    _exit(code);
}

/* `before`, then RUNS processes at once; returns how many lines are there at the end. */
static size_t run_at_once(const char *before)
{
    struct rcn_buf text;
    int ends[2];
    int status;
    write_file(before);
    assert_int_equal(pipe(ends), 0);
    for (int i = 0; i < RUNS; i++) {
        pid_t child = fork();
        assert_true(child >= 0);
        if (child == 0) {
            close(ends[1]);
            add_lines(ends[0]);
        }
    }
    close(ends[0]);
    close(ends[1]);
    while (wait(&status) > 0)
        assert_int_equal(status, 0);
    read_file(&text);
    size_t lines = 0;
    for (const char *line = rcn_buf_get_str(&text); *line; line += strlen(LINE), lines++)
        assert_true(strncmp(line, LINE, strlen(LINE)) == 0);
    rcn_buf_release(&text);
    return lines;
}

static void test_runs_at_the_same_time(void **state)
{
    (void)state;
    for (int round = 0; round < ROUNDS; round++)
        assert_int_equal(run_at_once(LINE "{\"at\": \"2026-1"), 1 + RUNS * LINES_EACH);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_first_run, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_repairs, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_other_files_are_left_alone, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_what_is_no_file, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_limits, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_runs_at_the_same_time, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
