#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/clock.h"
#include "live/api.h"
#include "reset_server.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))
#define ANSWER(status, headers, body) "HTTP/1.1 " status "\r\n" headers "\r\n" body
#define CLOSED "Connection: close\r\n"
#define A50 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define OK ANSWER("200 OK", "Content-Length: 2\r\n", "{}")

static struct rcn_secret key;
static bool is_interrupted;
static bool is_hurried;
static unsigned times_waiting;

static bool look(void *context)
{
    (void)context;
    return is_interrupted;
}

static int look_for_hurry(void *context)
{
    (void)context;
    return is_hurried;
}

static void note_waiting(void *context, int64_t until_ms, const char *why)
{
    (void)context;
    assert_true(until_ms > rcn_clock_steady_ms() - 10);
    assert_true(strlen(why) > 0);
    times_waiting++;
}

static struct rcn_api *new_api(const char *url, const char *rate, int64_t deadline_in_ms)
{
    struct rcn_error err = RCN_ERROR_INIT;
    struct rcn_api_options options = {
        .http = {.origin = url, .key = &key, .timeout_ms = 2000},
        .rate = rate,
        .deadline_ms = deadline_in_ms ? rcn_clock_steady_ms() + deadline_in_ms : 0,
        .interrupted = look,
        .is_hurried = look_for_hurry,
        .waiting = note_waiting};
    struct rcn_api *api = rcn_api_new(&options, &err);
    if (!api)
        fail_msg("%s", err.message);
    return api;
}

/* --- reads --- */

struct read_row {
    const char *name;
    struct server_step steps[3];
    unsigned step_count;
    unsigned gets;
    bool is_whole;
    const char *problem; /* part of it */
};

static const struct read_row read_rows[] = {
    {"at once", {{.bytes = OK}}, 1, 1, true, ""},
    {"201", {{.bytes = ANSWER("201 Made", "Content-Length: 0\r\n", "")}}, 1, 1, true, ""},
    {"206", {{.bytes = ANSWER("206 Part", "Content-Length: 2\r\n", "{}")}}, 1, 1, false, ": 206: "},
    {"after 500",
     {{.bytes = ANSWER("500 No", "Content-Length: 0\r\n", "")}, {.bytes = OK}},
     2,
     2,
     true,
     ""},
    {"after a reset", {{.end = SERVER_RESET}, {.bytes = OK}}, 2, 2, true, ""},
    {"after a cut",
     {{.bytes = ANSWER("200 OK", "Content-Length: 9\r\n", "{}"), .end = SERVER_CLOSE},
      {.bytes = OK}},
     2,
     2,
     true,
     ""},
    {"after 408 and 503",
     {{.bytes = ANSWER("408 No", "Content-Length: 0\r\n", "")},
      {.bytes = ANSWER("503 No", "Retry-After: 0\r\nContent-Length: 0\r\n", "")},
      {.bytes = OK}},
     3,
     3,
     true,
     ""},
    {"401",
     {{.bytes = ANSWER("401 No", CLOSED, "{\"error\": \"Invalid API key\"}"), .end = SERVER_CLOSE}},
     1,
     1,
     false,
     "GET /account: 401: Invalid API key; check the key (SEQUENZY_API_KEY, --api-key-file)"},
    {"403",
     {{.bytes = ANSWER("403 No", CLOSED,
                       "{\"error\": \"API key is missing required scope: account:read\"}"),
       .end = SERVER_CLOSE}},
     1,
     1,
     false,
     "this key lacks the scope account:read"},
    {"404",
     {{.bytes = ANSWER("404 No", CLOSED, "{\"error\": \"Not found\"}"), .end = SERVER_CLOSE}},
     1,
     1,
     false,
     "404: Not found"},
    {"301",
     {{.bytes = ANSWER("301 No", "Location: /x\r\nContent-Length: 0\r\n", "")}},
     1,
     1,
     false,
     "redirects are not followed"},
    {"key where the message is cut",
     {{.bytes = ANSWER("400 No", CLOSED,
                       "{\"error\": \"" A50 A50 A50 "12345678901234567890123456789012345678901234"
                       "seq_test_key\"}"),
       .end = SERVER_CLOSE}},
     1,
     1,
     false,
     "1234***"},
    {"key in the answer",
     {{.bytes = ANSWER("400 No", CLOSED, "{\"error\": \"bad key seq_test_\\u006bey\"}"),
       .end = SERVER_CLOSE}},
     1,
     1,
     false,
     "bad key ***"},
};

static void test_reads(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(read_rows); i++) {
        const struct read_row *row = &read_rows[i];
        struct rcn_error err = RCN_ERROR_INIT;
        struct reset_server server;
        server_start(&server, row->steps, row->step_count);
        struct rcn_api *api = new_api(server.url, "off", 0);
        struct rcn_read read = {.path = "/account"};
        assert_int_equal(rcn_api_read(api, &read, 1, &err), 0);
        if (read.is_whole != row->is_whole || !strstr(read.problem, row->problem) ||
            atomic_load(&server.seen->gets) != row->gets)
            fail_msg("%s: whole %d, %u requests, '%s'", row->name, read.is_whole,
                     atomic_load(&server.seen->gets), read.problem);
        assert_int_equal(rcn_api_get_counts(api).get, row->gets);
        assert_int_equal(rcn_api_get_counts(api).retries, row->gets - 1);
        rcn_reads_release(&read, 1);
        rcn_api_free(api);
        server_stop(&server);
    }
}

static void test_five_tries(void **state)
{
    (void)state;
    struct rcn_error err = RCN_ERROR_INIT;
    struct server_step step = {.bytes = ANSWER("500 No", CLOSED, "{\"error\": \"down\"}"),
                               .end = SERVER_CLOSE};
    struct reset_server server;
    server_start(&server, &step, 1);
    struct rcn_api *api = new_api(server.url, "off", 0);
    struct rcn_read read = {.path = "/segments", .company_id = "comp_1"};
    assert_int_equal(rcn_api_read(api, &read, 1, &err), 0);
    assert_false(read.is_whole);
    assert_string_equal(read.problem, "GET /segments (company 'comp_1'): 500: down (5 tries)");
    assert_int_equal(atomic_load(&server.seen->gets), 5);
    rcn_reads_release(&read, 1);
    rcn_api_free(api);
    server_stop(&server);
}

/* Four reads; one is told to wait, and that holds all, for as long as told. */
static void test_429_holds_everything(void **state)
{
    (void)state;
    struct rcn_error err = RCN_ERROR_INIT;
    struct server_step steps[] = {
        {.target = "/api/v1/a",
         .bytes = ANSWER("429 No", "Retry-After: 1\r\nContent-Length: 0\r\n", "")},
        {.bytes = OK}};
    struct reset_server server;
    server_start(&server, steps, COUNT(steps));
    struct rcn_api *api = new_api(server.url, "off", 0);
    struct rcn_read first = {.path = "/a"};
    times_waiting = 0;
    int64_t before_ms = rcn_clock_steady_ms();
    assert_int_equal(rcn_api_read(api, &first, 1, &err), 0);
    assert_true(first.is_whole);
    assert_in_range(rcn_clock_steady_ms() - before_ms, 1000, 1900);
    assert_in_range(rcn_api_get_counts(api).waited_ms, 900, 1100);
    assert_true(times_waiting > 0);
    rcn_api_hold(api, 300);
    assert_in_range(rcn_api_get_wait_ms(api), 290, 300);
    rcn_reads_release(&first, 1);
    rcn_api_free(api);
    server_stop(&server);
}

/* That reads go through does not say that creates would. */
static void test_reads_do_not_end_the_holds_of_creates(void **state)
{
    (void)state;
    struct server_step step = {.bytes = OK};
    struct reset_server server;
    struct rcn_error err = RCN_ERROR_INIT;
    server_start(&server, &step, 1);
    struct rcn_api *api = new_api(server.url, "off", 0);
    for (int64_t expected_ms = RCN_API_HOLD_MS; expected_ms <= 2 * RCN_API_HOLD_MS;
         expected_ms *= 2) {
        rcn_api_hold(api, -1);
        int64_t wait_ms = rcn_api_get_wait_ms(api);
        assert_in_range(wait_ms, expected_ms - 20, expected_ms);
        struct rcn_read read = {.path = "/account"};
        assert_int_equal(rcn_api_read(api, &read, 1, &err), 0);
        assert_true(read.is_whole);
        rcn_reads_release(&read, 1);
    }
    rcn_api_free(api);
    server_stop(&server);
}

static void test_hold_without_retry_after_grows(void **state)
{
    (void)state;
    struct rcn_api *api = new_api("http://127.0.0.1:1", "off", 0);
    rcn_api_hold(api, -1);
    assert_in_range(rcn_api_get_wait_ms(api), 990, 1000);
    rcn_api_hold(api, -1); /* of the same burst */
    assert_in_range(rcn_api_get_wait_ms(api), 990, 1000);
    server_sleep(1005);
    rcn_api_hold(api, -1);
    assert_in_range(rcn_api_get_wait_ms(api), 1990, 2000);
    rcn_api_free(api);
}

static void test_deadline_ends_waiting_at_once(void **state)
{
    (void)state;
    struct rcn_error err = RCN_ERROR_INIT;
    struct server_step step = {
        .bytes = ANSWER("503 No", "Retry-After: 60\r\n" CLOSED, "{\"error\": \"down\"}"),
        .end = SERVER_CLOSE};
    struct reset_server server;
    server_start(&server, &step, 1);
    struct rcn_api *api = new_api(server.url, "off", 2000);
    struct rcn_read read = {.path = "/a"};
    int64_t before_ms = rcn_clock_steady_ms();
    assert_int_equal(rcn_api_read(api, &read, 1, &err), 0);
    assert_true(rcn_clock_steady_ms() - before_ms < 1000);
    assert_string_equal(read.problem,
                        "GET /a: 503: down (the --deadline leaves no time for another try)");
    assert_false(rcn_api_is_past_deadline(api));
    rcn_reads_release(&read, 1);
    rcn_api_free(api);
    server_stop(&server);
}

static void test_deadline_cuts_a_read(void **state)
{
    (void)state;
    struct rcn_error err = RCN_ERROR_INIT;
    struct server_step step = {.end = SERVER_HANG};
    struct reset_server server;
    server_start(&server, &step, 1);
    struct rcn_api *api = new_api(server.url, "off", 300);
    struct rcn_read read = {.path = "/a"};
    int64_t before_ms = rcn_clock_steady_ms();
    assert_int_equal(rcn_api_read(api, &read, 1, &err), 0);
    assert_in_range(rcn_clock_steady_ms() - before_ms, 290, 600);
    assert_non_null(strstr(read.problem, "--deadline"));
    rcn_reads_release(&read, 1);
    rcn_api_free(api);
    server_stop(&server);
}

/* Why the try before failed is what a person needs, not that the last one had a moment only. */
static void test_deadline_cuts_another_try(void **state)
{
    (void)state;
    struct rcn_error err = RCN_ERROR_INIT;
    struct server_step steps[] = {
        {.bytes = ANSWER("503 No", CLOSED, "{\"error\": \"down\"}"), .end = SERVER_CLOSE},
        {.end = SERVER_HANG}};
    struct reset_server server;
    server_start(&server, steps, 2);
    struct rcn_api *api = new_api(server.url, "off", 1500);
    struct rcn_read read = {.path = "/a"};
    assert_int_equal(rcn_api_read(api, &read, 1, &err), 0);
    assert_string_equal(read.problem, "GET /a: 503: down (the --deadline cut another try off)");
    rcn_reads_release(&read, 1);
    rcn_api_free(api);
    server_stop(&server);
}

static void test_interrupt(void **state)
{
    (void)state;
    struct rcn_error err = RCN_ERROR_INIT;
    struct server_step steps[] = {{.target = "/api/v1/a", .end = SERVER_HANG}, {.bytes = OK}};
    struct reset_server server;
    server_start(&server, steps, COUNT(steps));
    struct rcn_api *api = new_api(server.url, "off", 0);
    struct rcn_read reads[] = {{.path = "/a"}, {.path = "/b"}};
    is_interrupted = true;
    assert_int_equal(rcn_api_read(api, reads, COUNT(reads), &err), -1);
    assert_int_equal(err.kind, RCN_ERROR_INTERRUPTED);
    rcn_reads_release(reads, COUNT(reads));
    is_interrupted = false;
    struct rcn_read again = {.path = "/b"};
    assert_int_equal(rcn_api_read(api, &again, 1, &err), 0);
    assert_true(again.is_whole);
    rcn_reads_release(&again, 1);
    rcn_api_free(api);
    server_stop(&server);
}

/* --- creates --- */

static const struct rcn_audience_sync wanted = {.ad_account_id = "act_1",
                                                .audience_name = "A \"quoted\"",
                                                .segment_id = "seg_1",
                                                .frequency = "daily",
                                                .company_id = "comp_1"};

static struct rcn_create_answer create(struct rcn_api *api, bool with_company)
{
    struct rcn_error err = RCN_ERROR_INIT;
    struct rcn_create_answer answer;
    int tag;
    assert_int_equal(rcn_api_start_create(api, &wanted, with_company, &tag, &err), 0);
    assert_int_equal(rcn_api_get_creates_in_flight(api), 1);
    while (!rcn_api_next_create(api, &answer))
        assert_int_equal(rcn_api_poll(api, 5000, &err), 0);
    assert_ptr_equal(answer.tag, &tag);
    assert_int_equal(rcn_api_get_creates_in_flight(api), 0);
    return answer;
}

static const struct {
    const char *name;
    const char *bytes;
    bool is_success;
    const char *problem; /* part of it */
} create_rows[] = {
    {"created",
     ANSWER("200 OK", CLOSED,
            "{\"success\": true, \"audienceSync\": {\"id\": \"s1\", \"audienceName\": \"A\"}}"),
     true, ""},
    {"201, no success",
     ANSWER("201 OK", CLOSED, "{\"audienceSync\": {\"id\": \"s1\", \"audienceName\": \"A\"}}"),
     true, ""},
    {"success false", ANSWER("200 OK", CLOSED, "{\"success\": false, \"error\": \"no quota\"}"),
     false, "no quota"},
    {"success null",
     ANSWER("200 OK", CLOSED,
            "{\"success\": null, \"audienceSync\": {\"id\": \"s1\", \"audienceName\": \"A\"}}"),
     true, ""},
    {"success as text",
     ANSWER("200 OK", CLOSED,
            "{\"success\": \"true\", \"audienceSync\": {\"id\": \"s1\", \"audienceName\": \"A\"}}"),
     false, "'success' is not true"},
    {"no sync", ANSWER("200 OK", CLOSED, "{\"success\": true}"), false, "no audienceSync"},
    {"array", ANSWER("200 OK", CLOSED, "[]"), false, "the answer is an array, not an object"},
    {"no id", ANSWER("200 OK", CLOSED, "{\"audienceSync\": {\"audienceName\": \"A\"}}"), false,
     "no id"},
    {"number as id",
     ANSWER("200 OK", CLOSED, "{\"audienceSync\": {\"id\": 5, \"audienceName\": \"A\"}}"), false,
     "no id"},
    {"empty id",
     ANSWER("200 OK", CLOSED, "{\"audienceSync\": {\"id\": \"\", \"audienceName\": \"A\"}}"), false,
     "no id"},
    {"no name", ANSWER("200 OK", CLOSED, "{\"audienceSync\": {\"id\": \"s1\"}}"), false,
     "no audienceName"},
    {"id twice",
     ANSWER("200 OK", CLOSED,
            "{\"audienceSync\": {\"id\": \"s1\", \"id\": \"s2\", \"audienceName\": \"A\"}}"),
     false, "cannot be read"},
    {"cut JSON", ANSWER("200 OK", CLOSED, "{\"success\": true, \"audienceSync\": {\"id\": \"s1"),
     false, "cannot be read"},
    {"empty", ANSWER("200 OK", CLOSED, ""), false, "an empty answer"},
    {"HTML", ANSWER("200 OK", CLOSED, "<!doctype html><title>Hi</title>"), false, "an HTML page"},
    {"cut body", ANSWER("200 OK", "Content-Length: 999\r\n", "{\"success\": true"), false,
     "before the answer was whole"},
    {"template conflict",
     ANSWER("409 No", CLOSED,
            "{\"success\": false, \"code\": \"X\", \"error\": \"taken\","
            " \"resolution\": \"use its segmentId\"}"),
     false, "POST /audience-syncs: 409: taken [X]; use its segmentId"},
    {"redirect", ANSWER("308 No", "Location: /x\r\n" CLOSED, ""), false, "308"},
    {"server error", ANSWER("500 No", CLOSED, "oops seq_test_key"), false, "oops ***"},
};

static void test_creates(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(create_rows); i++) {
        struct server_step step = {.bytes = create_rows[i].bytes, .end = SERVER_CLOSE};
        struct reset_server server;
        server_start(&server, &step, 1);
        struct rcn_api *api = new_api(server.url, "off", 0);
        struct rcn_create_answer answer = create(api, false);
        if (answer.is_success != create_rows[i].is_success ||
            !strstr(answer.problem, create_rows[i].problem) ||
            answer.is_success != (answer.id != NULL) ||
            answer.is_success != (answer.problem[0] == '\0'))
            fail_msg("%s: %d '%s'", create_rows[i].name, answer.is_success, answer.problem);
        assert_int_equal(atomic_load(&server.seen->posts), 1);
        assert_int_equal(rcn_api_get_counts(api).post, 1);
        rcn_create_answer_release(&answer);
        rcn_api_free(api);
        server_stop(&server);
    }
}

static void test_create_request(void **state)
{
    (void)state;
    struct server_step step = {.bytes = create_rows[0].bytes, .end = SERVER_CLOSE};
    struct reset_server server;
    server_start(&server, &step, 1);
    struct rcn_api *api = new_api(server.url, "off", 0);
    struct rcn_create_answer answer = create(api, true);
    assert_string_equal(answer.id, "s1");
    assert_string_equal(answer.audience_name, "A");
    assert_null(answer.ad_account_id);
    assert_null(answer.segment_id);
    assert_non_null(strstr(server.seen->last_request, "x-company-id: comp_1\r\n"));
    assert_non_null(strstr(server.seen->last_request,
                           "\r\n\r\n{\"segmentId\": \"seg_1\", \"adAccountId\": \"act_1\", "
                           "\"audienceName\": \"A \\\"quoted\\\"\", \"frequency\": \"daily\"}"));
    rcn_create_answer_release(&answer);
    answer = create(api, false);
    assert_null(strstr(server.seen->last_request, "x-company-id"));
    rcn_create_answer_release(&answer);
    rcn_api_free(api);
    server_stop(&server);
}

/* A create that ends while a list is read again is not lost, nor disturbed by a cancelled read. */
static void test_create_ends_during_a_read(void **state)
{
    (void)state;
    struct rcn_error err = RCN_ERROR_INIT;
    struct server_step steps[] = {{.target = "/api/v1/audience-syncs",
                                   .bytes = create_rows[0].bytes,
                                   .end = SERVER_CLOSE,
                                   .delay_ms = 50},
                                  {.target = "/api/v1/slow", .bytes = OK, .delay_ms = 300}};
    struct reset_server server;
    server_start(&server, steps, COUNT(steps));
    struct rcn_api *api = new_api(server.url, "off", 0);
    struct rcn_read read = {.path = "/slow"};
    struct rcn_create_answer answer;
    int tag;
    assert_int_equal(rcn_api_start_create(api, &wanted, false, &tag, &err), 0);
    assert_false(rcn_api_next_create(api, &answer));
    assert_int_equal(rcn_api_read(api, &read, 1, &err), 0);
    assert_true(read.is_whole);
    assert_true(rcn_api_next_create(api, &answer));
    assert_ptr_equal(answer.tag, &tag);
    assert_true(answer.is_success);
    assert_false(rcn_api_next_create(api, &answer));
    rcn_create_answer_release(&answer);
    rcn_reads_release(&read, 1);
    rcn_api_free(api);
    server_stop(&server);
}

static void test_create_not_sent(void **state)
{
    (void)state;
    char url[64];
    close(server_listen(url, sizeof url));
    struct rcn_api *api = new_api(url, "off", 0);
    struct rcn_create_answer answer = create(api, false);
    assert_int_equal(answer.transfer, RCN_HTTP_NOT_SENT);
    assert_false(answer.is_success);
    assert_non_null(strstr(answer.problem, "cannot connect"));
    rcn_create_answer_release(&answer);
    rcn_api_free(api);
}

/* What is still under way when a run is given up is released. */
static void test_free_in_flight(void **state)
{
    (void)state;
    struct rcn_error err = RCN_ERROR_INIT;
    struct server_step step = {.end = SERVER_HANG};
    struct reset_server server;
    server_start(&server, &step, 1);
    struct rcn_api *api = new_api(server.url, "off", 0);
    assert_int_equal(rcn_api_start_create(api, &wanted, false, NULL, &err), 0);
    assert_int_equal(rcn_api_start_create(api, &wanted, false, NULL, &err), 0);
    assert_int_equal(rcn_api_poll(api, 20, &err), 0);
    rcn_api_free(api);
    server_stop(&server);
}

static void test_pace_binds_reads_and_creates(void **state)
{
    (void)state;
    struct rcn_error err = RCN_ERROR_INIT;
    struct server_step step = {.bytes = OK, .end = SERVER_CLOSE};
    struct reset_server server;
    server_start(&server, &step, 1);
    struct rcn_api *api = new_api(server.url, "2/s", 0);
    struct rcn_read reads[] = {{.path = "/a"}, {.path = "/b"}, {.path = "/c"}};
    int64_t before_ms = rcn_clock_steady_ms();
    assert_int_equal(rcn_api_read(api, reads, COUNT(reads), &err), 0);
    assert_in_range(rcn_clock_steady_ms() - before_ms, 1006, 2000);
    rcn_reads_release(reads, COUNT(reads));
    struct rcn_create_answer answer = create(api, false);
    rcn_create_answer_release(&answer);
    /* Less on a slow machine, because the wait begins with the create. */
    assert_in_range(rcn_api_get_wait_ms(api), 1, 1006);
    assert_in_range(rcn_api_estimate_ms(api, 3), 1001, 2100);
    rcn_api_free(api);
    server_stop(&server);
}

static int set_up(void **state)
{
    (void)state;
    struct rcn_error err = RCN_ERROR_INIT;
    return rcn_secret_init(&key, "seq_test_key", "key", &err);
}

static int tear_down(void **state)
{
    (void)state;
    rcn_secret_release(&key);
    return 0;
}

/* After the first signal of an apply nothing waits for an hour, nor for an answer for long. */
static void test_hurry(void **state)
{
    (void)state;
    struct server_step steps[] = {
        {.target = "/api/v1/a",
         .bytes = ANSWER("429 No", "Retry-After: 3600\r\nContent-Length: 0\r\n", "")},
        {.target = "/api/v1/b", .end = SERVER_HANG},
    };
    static const struct {
        const char *path;
        const char *problem;
        int64_t most_ms;
    } rows[] = {
        {"/a", "GET /a: 429: an empty answer (the interrupt leaves no time for another try)", 500},
        {"/b", "GET /b: no whole answer", RCN_API_HURRY_MS + 500}};
    is_hurried = true;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct rcn_error err = RCN_ERROR_INIT;
        struct reset_server server;
        server_start(&server, steps, COUNT(steps));
        struct rcn_api *api = new_api(server.url, "off", 0);
        struct rcn_read read = {.path = rows[i].path};
        int64_t before_ms = rcn_clock_steady_ms();
        assert_int_equal(rcn_api_read(api, &read, 1, &err), 0);
        assert_true(rcn_clock_steady_ms() - before_ms < rows[i].most_ms);
        assert_false(read.is_whole);
        if (!strstr(read.problem, rows[i].problem))
            fail_msg("%s", read.problem);
        rcn_reads_release(&read, 1);
        rcn_api_free(api);
        server_stop(&server);
    }
    is_hurried = false;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_hurry),
        cmocka_unit_test(test_reads),
        cmocka_unit_test(test_five_tries),
        cmocka_unit_test(test_429_holds_everything),
        cmocka_unit_test(test_reads_do_not_end_the_holds_of_creates),
        cmocka_unit_test(test_hold_without_retry_after_grows),
        cmocka_unit_test(test_deadline_ends_waiting_at_once),
        cmocka_unit_test(test_deadline_cuts_a_read),
        cmocka_unit_test(test_deadline_cuts_another_try),
        cmocka_unit_test(test_interrupt),
        cmocka_unit_test(test_creates),
        cmocka_unit_test(test_create_request),
        cmocka_unit_test(test_create_ends_during_a_read),
        cmocka_unit_test(test_create_not_sent),
        cmocka_unit_test(test_free_in_flight),
        cmocka_unit_test(test_pace_binds_reads_and_creates),
    };
    signal(SIGPIPE, SIG_IGN);
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
