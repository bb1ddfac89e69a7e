#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/memory.h"
#include "live/answer.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))

static const struct {
    long status;
    const char *body;
    const char *expected;
} rows[] = {
    {500, "{\"success\": false, \"error\": \"database down\"}", "database down"},
    {500, "{\"error\": \"database down\"}", "database down"},
    {401, "{\"success\": false, \"error\": \"Unauthorized\"}",
     "Unauthorized; check the key (SEQUENZY_API_KEY, --api-key-file)"},
    {400, "{\"success\": false, \"error\": {\"code\": \"BAD\", \"message\": \"no such segment\"}}",
     "no such segment [BAD]"},
    {400, "{\"error\": \"bad\", \"code\": \"VALIDATION\", \"retryable\": false}",
     "bad [VALIDATION]"},
    {400, "{\"message\": \"bad\"}", "bad"},
    {400, "{\"error\": \"first\", \"message\": \"second\"}", "first"},
    {400, "{\"error\": {\"message\": \"first\"}, \"message\": \"second\"}", "first"},
    {400, "{\"error\": null, \"message\": \"second\"}", "second"},
    {400, "{\"error\": \"\", \"message\": \"second\"}", "second"},
    {400, "{\"error\": 5, \"title\": \"third\"}", "{\"error\": 5, \"title\": \"third\"}"},
    {400, "\"bare\"", "bare"},
    {400, "plain text", "plain text"},
    {400, "{\"oops\": 1}", "{\"oops\": 1}"},
    {400, "{\"error\": \"cut", "{\"error\": \"cut"},
    {400, "", "an empty answer"},
    {400, " \r\n", "an empty answer"},
    {400, "null", "null"},
    {403, "{\"error\": \"API key is missing required scope: segments:write\"}",
     "this key lacks the scope segments:write"},
    {403, "{\"error\": \"API key is Missing Required Scopes:  a:read, b:write\"}",
     "this key lacks the scopes a:read, b:write"},
    {403, "{\"error\": \"API key is missing required scope:\"}",
     "API key is missing required scope:"},
    {403, "{\"error\": \"No company selected\"}",
     "No company selected; name a company with --company"},
    {409,
     "{\"success\": false, \"code\": \"SEGMENT_NAME_ALREADY_EXISTS\","
     " \"error\": \"A segment with that name exists\", \"title\": \"Name taken\","
     " \"description\": \"Segment names are unique.\","
     " \"resolution\": \"Use its segmentId, or rename it.\","
     " \"docsUrl\": \"https://docs.example/segments\", \"details\": {\"a\": 1}}",
     "A segment with that name exists [SEGMENT_NAME_ALREADY_EXISTS]; Use its segmentId, or rename "
     "it.; Segment names are unique.; see https://docs.example/segments"},
    {409, "{\"error\": \"x\", \"howToFix\": \"do y\", \"resolution\": \"do z\"}", "x; do y"},
    {409, "{\"error\": \"x\", \"description\": \"x\"}", "x"},
    {422,
     "{\"error\": \"bad\", \"issues\": [{\"path\": \"frequency\", \"message\": \"one of a, b\"}]}",
     "bad (frequency: one of a, b)"},
    {422,
     "{\"error\": \"bad\", \"issues\": [{\"path\": [\"body\", \"frequency\"], \"message\": "
     "\"m\"}]}",
     "bad (frequency: m)"},
    {422,
     "{\"error\": \"bad\", \"issues\": [\"one\", {\"path\": \"two\"}, {\"message\": \"three\"}, "
     "4]}",
     "bad (one; {\"path\": \"two\"}; three; 1 more)"},
    {422, "{\"error\": \"bad\", \"issues\": [{\"accepted\": [\"a\"]}]}",
     "bad ({\"accepted\": [\"a\"]})"},
    {422, "{\"error\": \"bad\", \"issues\": []}", "bad"},
    {422, "{\"error\": \"bad\", \"issues\": \"many\"}", "bad"},
    {502, "<!DOCTYPE html><html><head><title>\n502 Bad Gateway</title></head></html>",
     "an HTML page ('502 Bad Gateway') instead of an answer of the API; check the API URL, and "
     "proxies and firewalls on the way"},
    {404, "  <html><body>not here</body></html>",
     "an HTML page instead of an answer of the API; check the API URL, and proxies and firewalls "
     "on the way"},
    {307, "", "an empty answer; redirects are not followed: check the API URL"},
    {400, "{\"error\": \"\\u001b[31mred\\n::set-output\\u202e\"}",
     "\\x1b[31mred\\n::set-output\\u202e"},
    {400, "raw \x1b[2J \xff", "raw \\x1b[2J \\xff"},
};

static const char *explain(long status, const char *body, size_t len, char *ret, size_t size)
{
    char copy[64];
    struct rcn_http_answer answer = {.status = status, .body_len = len};
    answer.body = rcn_strndup(body, len);
    rcn_answer_explain(&answer, "GET /segments", ret, size);
    free(answer.body);
    snprintf(copy, sizeof copy, "GET /segments: %ld: ", status);
    size_t begin = strlen(copy);
    return size > begin && strncmp(ret, copy, begin) == 0 ? ret + begin : NULL;
}

static void test_shapes(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        char text[512];
        const char *words =
            explain(rows[i].status, rows[i].body, strlen(rows[i].body), text, sizeof text);
        if (!words || strcmp(words, rows[i].expected) != 0)
            fail_msg("%s:\n%s", rows[i].body, text);
    }
}

/* The advice is shown however long the message is, and nothing passes the caller's size. */
static void test_long_texts(void **state)
{
    (void)state;
    enum { LONG = 300000 };
    static char body[LONG + 128];
    memset(body, 'm', LONG);
    memcpy(body, "{\"error\": \"", 11);
    strcpy(body + LONG / 10, "\", \"resolution\": \"rename it\"}");
    char text[512];
    explain(409, body, strlen(body), text, sizeof text);
    assert_non_null(strstr(text, "mmm...; rename it"));
    memset(body, 'm', LONG);
    body[LONG] = '\0';
    explain(409, body, LONG, text, sizeof text);
    assert_non_null(strstr(text, "mmm..."));
    for (size_t size = 1; size < 20; size++) {
        explain(409, body, LONG, text, size);
        assert_true(strlen(text) < size);
    }
}

static void test_unreadable(void **state)
{
    (void)state;
    static const struct {
        const char *body;
        const char *expected;
    } cases[] = {
        {"<!doctype html>", "an HTML page instead of an answer of the API"},
        {"", "an empty answer"},
        {"{", "not valid JSON: line 1"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct rcn_error err = {.message = "not valid JSON: line 1"};
        rcn_answer_explain_unreadable(cases[i].body, &err);
        if (strncmp(err.message, cases[i].expected, strlen(cases[i].expected)) != 0)
            fail_msg("%s", err.message);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_shapes),
        cmocka_unit_test(test_long_texts),
        cmocka_unit_test(test_unreadable),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
