/* What all formats are printed from: groups of rows, lines, names. */
#include "report/view.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "sample_report.h"

static void test_white_space_in_names_shows(void **state)
{
    (void)state;
    static const char *const rows[][2] = {
        {"Recent buyers", "Recent buyers"},
        {" VIPs", "\xe2\x90\xa3VIPs"},
        {"VIPs ", "VIPs\xe2\x90\xa3"},
        {"a  b", "a\xe2\x90\xa3\xe2\x90\xa3"
                 "b"},
        {"", ""},
        {" ", "\xe2\x90\xa3"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct rcn_buf out;
        rcn_buf_init(&out, 100);
        rcn_view_add_name(&out, rows[i][0]);
        assert_string_equal(rcn_buf_get_str(&out), rows[i][1]);
        rcn_buf_release(&out);
    }
}

static void test_templates(void **state)
{
    const char *none = *state; /* NULL, which a compiler that knew it would warn of */
    struct rcn_buf out;
    rcn_buf_init(&out, 1000);
    rcn_view_add(&out, "%zu {sync|syncs}, %zu {sync|syncs} %u", (size_t)1, (size_t)10000, 10000U);
    assert_string_equal(rcn_buf_get_str(&out), "1 sync, 10,000 syncs 10000");
    rcn_buf_clear(&out);
    rcn_view_add(&out, "a%s{ until %s|}{ (%.3s)|}{ of %s| alone}", none, none, "abcdef", none);
    assert_string_equal(rcn_buf_get_str(&out), "a (abc) alone");
    rcn_buf_clear(&out);
    /* What is left out takes its values with it, and choices may be in one another. */
    rcn_view_add(&out, "{%zu {person|people} by %s|no one}, {%zu {person|people} by %s|no one}",
                 (size_t)0, "x", (size_t)1, "y");
    assert_string_equal(rcn_buf_get_str(&out), "no one, 1 person by y");
    rcn_buf_clear(&out);
    rcn_view_add(&out, "%jd, %.10jd{, %jd|}", SAMPLE_NOW_MS, SAMPLE_NOW_MS, INT64_C(0));
    assert_string_equal(rcn_buf_get_str(&out), "2026-11-22T20:00:00Z, 2026-11-22");
    rcn_buf_clear(&out);
    rcn_view_add(&out, "{\"a\": {\"b\": %s}} | {", "x");
    assert_string_equal(rcn_buf_get_str(&out), "{\"a\": {\"b\": x}} | {");
    rcn_buf_clear(&out);
    assert_false(rcn_view_add_list(&out, ": ", "{, %zu new|}{, %s|}", (size_t)0, none));
    assert_string_equal(rcn_buf_get_str(&out), "");
    assert_true(rcn_view_add_list(&out, ": ", "{, %zu new|}{, %s|}{, %s|}", (size_t)0, "b", "c"));
    assert_string_equal(rcn_buf_get_str(&out), ": b, c");
    rcn_buf_release(&out);
}

enum { MANY = 12 };

/* Rows of one cause are one group from three on; what is missing is created one by one. */
static void test_groups(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        size_t model;
        size_t groups;
    } kinds[] = {{"missing", 0, MANY},
                 {"drifted", 1, 1},
                 {"duplicate", 2, MANY},
                 {"withheld", 3, 1},
                 {"unhealthy", 4, 1}};
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        struct sample sample;
        struct rcn_plan_row rows[MANY];
        sample_init(&sample, NULL);
        for (size_t j = 0; j < MANY; j++)
            rows[j] = sample.rows[kinds[i].model];
        sample.plan.rows = rows;
        sample.plan.row_count = MANY;
        sample.plan.unmanaged_count = 0;
        struct rcn_view *view = rcn_view_new(&sample.report, NULL, NULL);
        print_message("%s\n", kinds[i].name);
        assert_int_equal(view->group_count, kinds[i].groups);
        assert_int_equal(view->kinds[view->groups[0].kind], MANY);
        rcn_view_free(view);
        sample.plan.row_count = 2;
        view = rcn_view_new(&sample.report, NULL, NULL);
        assert_int_equal(view->group_count, 2);
        rcn_view_free(view);
        sample_release(&sample);
    }
}

/* Another account, error, difference or note is another cause. */
static void test_causes(void **state)
{
    (void)state;
    struct sample sample;
    struct rcn_plan_row rows[6];
    struct rcn_desired_sync desired[6];
    static struct rcn_change other = {"frequency", "weekly", "hourly"};
    sample_init(&sample, NULL);
    for (size_t i = 0; i < 6; i++) {
        rows[i] = sample.rows[1];
        desired[i] = sample.desired[1];
        rows[i].desired = &desired[i];
    }
    for (size_t i = 1; i < 6; i += 2)
        rows[i].changes = &other;
    sample.plan.rows = rows;
    sample.plan.row_count = 6;
    sample.plan.unmanaged_count = 0;
    struct rcn_view *view = rcn_view_new(&sample.report, NULL, NULL);
    assert_int_equal(view->group_count, 2);
    assert_ptr_equal(view->groups[0].rows[1], &rows[2]);
    assert_ptr_equal(view->groups[1].rows[0], &rows[1]);
    rcn_view_free(view);
    sample_release(&sample);
}

static void prepare_nothing(struct sample *sample)
{
    (void)sample;
}

static void prepare_drift(struct sample *sample)
{
    sample->report.command = "drift";
}

static void prepare_well(struct sample *sample)
{
    sample->report.command = "drift";
    sample->plan.rows = &sample->rows[5];
    sample->plan.row_count = 1;
    sample->plan.counts.desired = 1;
}

static void prepare_apply(struct sample *sample)
{
    sample_apply(sample, "409: taken");
}

static void prepare_failure(struct sample *sample)
{
    sample_fail(sample, "bad key");
}

static void test_headlines(void **state)
{
    (void)state;
    static const struct {
        void (*prepare)(struct sample *sample);
        const char *headline;
    } rows[] = {
        {prepare_nothing, "1 audience will be created, 4 need you"},
        {prepare_drift, "5 of 6 audiences need you"},
        {prepare_well, "1 audience is as it should be"},
        {prepare_apply, "2 created, 1 failed, 1 unknown, 1 not attempted, 1 already existed"},
        {prepare_failure, "failed"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct sample sample;
        struct rcn_buf out;
        sample_init(&sample, NULL);
        rows[i].prepare(&sample);
        struct rcn_view *view = rcn_view_new(&sample.report, NULL, NULL);
        rcn_buf_init(&out, 1000);
        rcn_view_add_headline(&out, view);
        assert_string_equal(rcn_buf_get_str(&out), rows[i].headline);
        rcn_buf_release(&out);
        rcn_view_free(view);
        sample_release(&sample);
    }
}

static void test_addresses_of_places(void **state)
{
    (void)state;
    struct sample sample;
    struct rcn_buf out;
    const struct rcn_text text = {.path = "audiences/a b.yaml"};
    const struct rcn_text input = {.path = "<stdin>"};
    sample_init(&sample, NULL);
    rcn_buf_init(&out, 1000);
    const struct rcn_span span = {.text = &text, .line = 14};
    assert_false(rcn_view_add_place_url(&out, &sample.report, span));
    sample.report.blob_url = "https://github.com/acme/ads/blob/3f2c1ab/";
    assert_true(rcn_view_add_place_url(&out, &sample.report, span));
    assert_string_equal(rcn_buf_get_str(&out),
                        "https://github.com/acme/ads/blob/3f2c1ab/audiences/a%20b.yaml#L14");
    assert_false(rcn_view_add_place_url(&out, &sample.report, (struct rcn_span){.text = &input}));
    rcn_buf_release(&out);
    sample_release(&sample);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_white_space_in_names_shows),
        cmocka_unit_test(test_templates),
        cmocka_unit_test(test_groups),
        cmocka_unit_test(test_causes),
        cmocka_unit_test(test_headlines),
        cmocka_unit_test(test_addresses_of_places),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
