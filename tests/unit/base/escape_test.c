/* What is shown as itself, and what becomes visible. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "base/escape.h"

static const struct {
    const char *name;
    const char *text;
    const char *shown; /* NULL: as it is */
} rows[] = {
    {"plain", "VIPs", NULL},
    {"letters of others", "\u00dcbung \u0645\u062a\u0646", NULL},
    {"escape", "a\x1b[31mb", "a\\x1b[31mb"},
    {"line feed", "a\nb\rc\td", "a\\nb\\rc\\td"},
    {"DEL and C1", "\x7f\xc2\x85\xc2\x9b", "\\x7f\\u0085\\u009b"},
    {"bidi", "a\u202eb\u2066c", "a\\u202eb\\u2066c"},
    {"zero width space", "a\u200bb", "a\\u200bb"},
    {"invalid bytes", "a\xff\xc3", "a\\xff\\xc3"},
    {"commands to CI", "###[x]", "#\\x23#[x]"},
    {"heart", "\u2764\ufe0f Donors", NULL},
    {"keycap", "Top 1\ufe0f\u20e3", NULL},
    {"family", "\U0001f468\u200d\U0001f469\u200d\U0001f467", NULL},
    {"eye in a bubble", "\U0001f441\ufe0f\u200d\U0001f5e8\ufe0f", NULL},
    {"Persian", "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645", NULL},
    {"flag of England", "\U0001f3f4\U000e0067\U000e0062\U000e007f", NULL},
    {"joiner between ASCII", "V\u200dIPs", "V\\u200dIPs"},
    {"joiner at the start", "\u200d\U0001f469", "\\u200d\U0001f469"},
    {"joiner at the end", "\U0001f469\u200d", "\U0001f469\\u200d"},
    {"joiner before a bad byte", "\U0001f469\u200d\xff", "\U0001f469\\u200d\\xff"},
    {"two joiners", "\U0001f469\u200d\u200d\U0001f467", "\U0001f469\\u200d\\u200d\U0001f467"},
    {"joiner before a control", "\U0001f469\u200d\u202e", "\U0001f469\\u200d\\u202e"},
    {"selector behind a letter", "a\ufe0f", "a\\ufe0f"},
    {"selector at the start", "\ufe0fa", "\\ufe0fa"},
    {"selector behind a space", "\u3000\ufe0f", "\u3000\\ufe0f"},
    {"two selectors", "\u2764\ufe0f\ufe0f", "\u2764\ufe0f\\ufe0f"},
    {"a selector that is shown otherwise joins nothing", "a\ufe0f\u200d\U0001f469",
     "a\\ufe0f\\u200d\U0001f469"},
    {"tag behind a letter", "a\U000e0067\U000e0067", "a\\U000e0067\\U000e0067"},
};

static void test_shown(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct rcn_buf out;
        char array[256];
        const char *shown = rows[i].shown ? rows[i].shown : rows[i].text;
        print_message("%s\n", rows[i].name);
        rcn_buf_init(&out, sizeof array);
        rcn_escape_visible(&out, rows[i].text);
        assert_string_equal(rcn_buf_get_str(&out), shown);
        rcn_buf_release(&out);
        rcn_escape_visible_into(array, sizeof array, rows[i].text);
        assert_string_equal(array, shown);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_shown)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
