/* Reading; what writing looks like is seen in tests/unit/report. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/json.h"

enum { ITEMS = 20000 };

/* Long enough for a pool, and for what was read to be given back while parsing: over 1 MB. */
static char *make_list(size_t *ret_len)
{
    struct rcn_buf buf;
    rcn_buf_init(&buf, (size_t)64 << 20);
    rcn_buf_add_str(&buf, "{\"items\": [");
    for (int i = 0; i < ITEMS; i++)
        rcn_buf_printf(&buf,
                       "%s{\"id\": \"id_%d\", \"name\": \"Gr\\u00fc\\u00dfe %d\", \"number\": %d, "
                       "\"rest\": [1, {}, null]}",
                       i > 0 ? ", " : "", i, i, i);
    rcn_buf_add_str(&buf, "]}");
    assert_false(buf.failed);
    *ret_len = buf.len;
    return buf.data;
}

static void check_list(const struct rcn_json *root)
{
    const struct rcn_json *items = rcn_json_get(root, "items");
    assert_int_equal(rcn_json_get_count(items), ITEMS);
    for (size_t i = 0; i < ITEMS; i++) {
        const struct rcn_json *item = rcn_json_get_at(items, i);
        char text[64];
        long long number;
        assert_true(rcn_json_get_integer(rcn_json_get(item, "number"), &number));
        assert_int_equal(number, i);
        snprintf(text, sizeof text, "id_%zu", i);
        assert_string_equal(rcn_json_get_member_string(item, "id"), text);
        assert_null(rcn_json_get(item, "absent"));
        snprintf(text, sizeof text,
                 "Gr\xc3\xbc\xc3\x9f"
                 "e %zu",
                 i);
        assert_string_equal(rcn_json_get_member_string(item, "name"), text);
    }
}

/* Trees in pools and others live beside each other and die in any order. */
static void reads_long_documents(void **state)
{
    struct rcn_error err = RCN_ERROR_INIT;
    size_t len;
    char *bytes = make_list(&len);
    (void)state;
    struct rcn_json *small = rcn_json_parse("{\"a\": [1]}", 10, &err);
    struct rcn_json *first = rcn_json_parse(bytes, len, &err);
    struct rcn_json *second = rcn_json_parse(bytes, len, &err);
    assert_non_null(small);
    assert_non_null(first);
    assert_non_null(second);
    free(bytes);
    check_list(first);
    rcn_json_free(first);
    check_list(second);
    struct rcn_buf out;
    struct rcn_json_writer writer;
    rcn_buf_init(&out, 4096);
    rcn_json_writer_init(&writer, &out);
    rcn_json_copy(&writer, rcn_json_get_at(rcn_json_get(second, "items"), 7));
    assert_string_equal(rcn_buf_get_str(&out), "{\"id\": \"id_7\", \"name\": \"Gr\xc3\xbc\xc3\x9f"
                                               "e 7\", \"number\": 7, \"rest\": [1, {}, null]}");
    rcn_buf_release(&out);
    rcn_json_free(second);
    rcn_json_free(small);
}

/* A list that is cut short anywhere, or has something behind it, is no list. */
static void refuses_long_documents(void **state)
{
    struct rcn_error err = RCN_ERROR_INIT;
    size_t len;
    char *bytes = make_list(&len);
    (void)state;
    for (size_t cut = len - 3; cut < len; cut++)
        assert_null(rcn_json_parse(bytes, cut, &err));
    bytes[len - 1] = ']';
    assert_null(rcn_json_parse(bytes, len, &err));
    assert_non_null(strstr(err.message, "not valid JSON: line 1, column "));
    free(bytes);
}

/* In the words of the document, not of the library. */
static void says_that_a_text_holds_nul(void **state)
{
    struct rcn_error err = RCN_ERROR_INIT;
    const char *text = "{\"a\": \"x\\u0000\"}";
    (void)state;
    assert_null(rcn_json_parse(text, strlen(text), &err));
    assert_non_null(strstr(err.message, "a text that holds a NUL character: line 1, column "));
}

static void visits_members(void **state)
{
    static const struct {
        const char *text;
        const char *expected; /* keys and numbers */
    } rows[] = {
        {"{\"a\": 1, \"c\": 3, \"b\": 2}", "a1c3b2"},
        {"{}", ""},
        {"[1, 2]", ""},
        {"7", ""},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct rcn_error err = RCN_ERROR_INIT;
        char found[16] = "";
        struct rcn_json *root = rcn_json_parse(rows[i].text, strlen(rows[i].text), &err);
        assert_non_null(root);
        for (struct rcn_json_member member = {0}; rcn_json_next(root, &member);) {
            long long number = 0;
            size_t len = strlen(found);
            assert_true(rcn_json_get_integer(member.value, &number));
            snprintf(found + len, sizeof found - len, "%s%lld", member.key, number);
        }
        assert_string_equal(found, rows[i].expected);
        rcn_json_free(root);
    }
}

static void escapes_what_is_hidden(void **state)
{
    static const struct {
        const char *text;
        const char *expected; /* NULL: not JSON */
    } rows[] = {
        {"plain", "\"plain\""},
        {"Gr\u00fc\u00dfe \U0001f600", "\"Gr\u00fc\u00dfe \U0001f600\""},
        {"a\"b\\c\b\f\n\r\t\x01", "\"a\\\"b\\\\c\\b\\f\\n\\r\\t\\u0001\""},
        {"\x7f\xc2\x85\u202e \u00fc", "\"\\u007F\\u0085\\u202E \u00fc\""},
        {"\U000e0067", "\"\\uDB40\\uDC67\""},
        {"a##[b]###", "\"a#\\u0023[b]#\\u0023#\""},
        {"\xff", NULL},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct rcn_buf out;
        struct rcn_json_writer writer;
        rcn_buf_init(&out, 4096);
        rcn_json_writer_init(&writer, &out);
        rcn_json_string(&writer, rows[i].text);
        assert_int_equal(out.failed, !rows[i].expected);
        if (rows[i].expected)
            assert_string_equal(rcn_buf_get_str(&out), rows[i].expected);
        rcn_buf_release(&out);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_long_documents),       cmocka_unit_test(refuses_long_documents),
        cmocka_unit_test(says_that_a_text_holds_nul), cmocka_unit_test(visits_members),
        cmocka_unit_test(escapes_what_is_hidden),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
