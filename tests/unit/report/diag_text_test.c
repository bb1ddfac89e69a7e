#include "report/diag_text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
/* cmocka.h needs the four above */
#include <cmocka.h>

/* What is printed of an error `wrong` [rule] at a place of the text. */
static const struct {
    const char *name;
    const char *text;
    uint32_t line;
    uint32_t column;
    const char *expected;
} rows[] = {
    {"first line", "abc\ndef\n", 1, 2,
     "a.yaml:1:2: error: wrong [rule]\n      1 | abc\n        |  ^\n"},
    {"last line, no line feed", "abc\ndef", 2, 3,
     "a.yaml:2:3: error: wrong [rule]\n      2 | def\n        |   ^\n"},
    {"behind the end of the line", "abc\n", 1, 4,
     "a.yaml:1:4: error: wrong [rule]\n      1 | abc\n        |    ^\n"},
    {"far behind the end", "abc\nd\n", 1, 40,
     "a.yaml:1:40: error: wrong [rule]\n      1 | abc\n        |    ^\n"},
    {"CR LF", "abc\r\ndef\r\n", 2, 1,
     "a.yaml:2:1: error: wrong [rule]\n      2 | def\n        | ^\n"},
    {"CR", "abc\rdef\r", 2, 1, "a.yaml:2:1: error: wrong [rule]\n      2 | def\n        | ^\n"},
    {"byte order mark",
     "\xef\xbb\xbf"
     "abc\n",
     1, 2, "a.yaml:1:2: error: wrong [rule]\n      1 | abc\n        |  ^\n"},
    {"tab", "a\tb\tc", 1, 4,
     "a.yaml:1:4: error: wrong [rule]\n      1 | a    b    c\n        |       ^\n"},
    {"wide characters", "\xe6\x97\xa5\xe6\x9c\xac: x", 1, 5,
     "a.yaml:1:5: error: wrong [rule]\n      1 | \xe6\x97\xa5\xe6\x9c\xac: x\n        |       ^\n"},
    {"behind a combining character", "e\xcc\x81: x", 1, 5,
     "a.yaml:1:5: error: wrong [rule]\n      1 | e\xcc\x81: x\n        |    ^\n"},
    {"at a combining character", "ee\xcc\x81x", 1, 3,
     "a.yaml:1:3: error: wrong [rule]\n      1 | ee\xcc\x81x\n        |  ^\n"},
    {"escape sequence", "a\x1b[31mb", 1, 7,
     "a.yaml:1:7: error: wrong [rule]\n      1 | a\\x1b[31mb\n        |          ^\n"},
    {"bidi control",
     "a\xe2\x80\xae"
     "b",
     1, 3, "a.yaml:1:3: error: wrong [rule]\n      1 | a\\u202eb\n        |        ^\n"},
    {"byte that is no UTF-8", "a\xff\xffz", 1, 4,
     "a.yaml:1:4: error: wrong [rule]\n      1 | a\\xff\\xffz\n        |          ^\n"},
    {"line as a whole", "abc\n", 1, 0, "a.yaml:1: error: wrong [rule]\n      1 | abc\n"},
    {"text as a whole", "abc\n", 0, 0, "a.yaml: error: wrong [rule]\n"},
    {"a line that is not there", "abc\n", 9, 1, "a.yaml:9:1: error: wrong [rule]\n"},
    {"no text", "", 1, 1, "a.yaml:1:1: error: wrong [rule]\n"},
};

static void points_at_the_character(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct rcn_diags diags;
        struct rcn_buf out;
        const struct rcn_text text = {
            .path = "a.yaml", .bytes = rows[i].text, .len = strlen(rows[i].text)};
        rcn_diags_init(&diags);
        rcn_buf_init(&out, 1 << 16);
        rcn_diags_error(&diags, "rule",
                        (struct rcn_span){&text, rows[i].line, rows[i].column, NULL}, "wrong");
        rcn_diag_text_write(&diags, false, false, &out);
        if (strcmp(rcn_buf_get_str(&out), rows[i].expected) != 0)
            fail_msg("%s:\n%s", rows[i].name, rcn_buf_get_str(&out));
        rcn_buf_release(&out);
        rcn_diags_release(&diags);
    }
}

static void shows_hints_and_notes(void **state)
{
    (void)state;
    struct rcn_diags diags;
    struct rcn_buf out;
    const struct rcn_text text = {.path = "x\x1b.yaml", .bytes = "a: b\nc: d\n", .len = 10};
    const struct rcn_text path_alone = {.path = "gone"};
    rcn_diags_init(&diags);
    rcn_buf_init(&out, 1 << 16);
    rcn_diags_error(&diags, "no-manifest", (struct rcn_span){0}, "nothing found");
    rcn_diags_error(&diags, "unreadable", (struct rcn_span){.text = &path_alone}, "cannot");
    struct rcn_diag *diag = rcn_diags_warning(
        &diags, "similar", (struct rcn_span){&text, 2, 4, NULL}, "odd '%s'", "\x1b\n::");
    rcn_diag_set_hint(&diags, diag, "did you mean '%s'?", "\x07");
    rcn_diag_set_note(&diags, diag, (struct rcn_span){&text, 1, 1, NULL}, "first defined here");
    rcn_diag_text_write(&diags, false, false, &out);
    assert_string_equal(rcn_buf_get_str(&out), "error: nothing found [no-manifest]\n"
                                               "gone: error: cannot [unreadable]\n"
                                               "x\\x1b.yaml:2:4: warning: odd '\\x1b\\n::' "
                                               "[similar]\n"
                                               "      2 | c: d\n"
                                               "        |    ^\n"
                                               "  hint: did you mean '\\x07'?\n"
                                               "x\\x1b.yaml:1:1: note: first defined here\n");
    rcn_buf_clear(&out);
    rcn_diag_text_write(&diags, false, true, &out);
    assert_non_null(strstr(rcn_buf_get_str(&out), "\033[1;31merror:\033[0m"));
    assert_non_null(strstr(rcn_buf_get_str(&out), "\033[1;32m^\033[0m"));
    assert_null(strstr(rcn_buf_get_str(&out), "x\033"));
    rcn_buf_release(&out);
    rcn_diags_release(&diags);
}

/* Of a long line what is around the column is shown, and the caret stands under it. */
static void cuts_long_lines(void **state)
{
    (void)state;
    struct rcn_diags diags;
    struct rcn_buf out;
    char bytes[1001];
    for (size_t i = 0; i < 1000; i++)
        bytes[i] = (char)('a' + i % 26);
    bytes[1000] = '\0';
    const struct rcn_text text = {.path = "a", .bytes = bytes, .len = 1000};
    for (uint32_t column = 1; column <= 1001; column++) {
        rcn_diags_init(&diags);
        rcn_buf_init(&out, 1 << 16);
        rcn_diags_error(&diags, "rule", (struct rcn_span){&text, 1, column, NULL}, "wrong");
        rcn_diag_text_write(&diags, false, false, &out);
        const char *line = strstr(rcn_buf_get_str(&out), " | ");
        const char *second = line ? strstr(line + 3, " | ") : NULL;
        assert_non_null(second);
        const char *caret = strchr(second, '^');
        assert_non_null(caret);
        assert_true(strcspn(line, "\n") < 160);
        if (column <= 1000)
            assert_int_equal(line[caret - second], bytes[column - 1]);
        rcn_buf_release(&out);
        rcn_diags_release(&diags);
    }
}

static void counts_what_is_not_shown(void **state)
{
    (void)state;
    struct rcn_diags diags;
    struct rcn_buf out;
    const struct rcn_text text = {.path = "a", .bytes = "abc", .len = 3};
    rcn_diags_init(&diags);
    rcn_buf_init(&out, 1 << 20);
    for (size_t i = 0; i < RCN_DIAGS_MAX + 2; i++)
        rcn_diags_error(&diags, "rule", (struct rcn_span){&text, 1, 1, NULL}, "wrong");
    rcn_diags_warning(&diags, "rule", (struct rcn_span){&text, 1, 1, NULL}, "odd");
    rcn_diag_text_write(&diags, false, false, &out);
    const char *tail = strstr(rcn_buf_get_str(&out), "not shown");
    assert_non_null(tail);
    assert_string_equal(tail, "not shown: 2 more errors, 1 more warning\n");
    rcn_buf_release(&out);
    rcn_diags_release(&diags);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(points_at_the_character),
        cmocka_unit_test(shows_hints_and_notes),
        cmocka_unit_test(cuts_long_lines),
        cmocka_unit_test(counts_what_is_not_shown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
