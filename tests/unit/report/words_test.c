#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "report/words.h"

static const struct row {
    const char *name;
    const char *text;
    size_t indent;
    size_t width;
    const char *expected;
} rows[] = {
    {"no terminal", "one two three four", 2, 0, "one two three four\n"},
    {"wide enough", "one two three four", 2, 20, "one two three four\n"},
    {"one column short", "one two three four", 2, 19, "one two three\n  four\n"},
    {"several lines", "one two three four", 2, 7, "one\n  two\n  three\n  four\n"},
    {"a word longer than the line", "a abcdefghij b", 2, 8, "a\n  abcdefghij\n  b\n"},
    {"too narrow to gain", "one two three four", 10, 20, "one two three four\n"},
    {"columns, not bytes", "\xe9\xa1\xa7\xe5\xae\xa2 \xe9\xa1\xa7\xe5\xae\xa2", 2, 11,
     "\xe9\xa1\xa7\xe5\xae\xa2 \xe9\xa1\xa7\xe5\xae\xa2\n"},
    {"wide characters", "\xe9\xa1\xa7\xe5\xae\xa2 \xe9\xa1\xa7\xe5\xae\xa2", 2, 10,
     "\xe9\xa1\xa7\xe5\xae\xa2\n  \xe9\xa1\xa7\xe5\xae\xa2\n"},
    {"a number stays with its word", "0 one, 12,000 two, 3", 2, 15, "0 one,\n  12,000 two, 3\n"},
    {"a number, too narrow", "12,000 twos 3 threes", 2, 6, "12,000 twos\n  3 threes\n"},
    {"nothing", "", 2, 10, "\n"},
};

static void test_rows(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const struct row *row = &rows[i];
        struct rcn_buf out;
        rcn_buf_init(&out, 1024);
        rcn_words_add(&out, row->text, row->indent, row->indent, row->width);
        if (strcmp(rcn_buf_get_str(&out), row->expected) != 0)
            print_error("%s\n", row->name);
        assert_string_equal(rcn_buf_get_str(&out), row->expected);
        rcn_buf_release(&out);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_rows)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
