#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <errno.h>
#include <poll.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/secret.h"
#include "live/http.h"
#include "reset_server.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))
#define OK_KEEP "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"

enum { BODY_MOST = 65536, TIMEOUT_MS = 20000 };

static struct rcn_secret key;
static char last_log[4096];

static void keep_log(void *context, const char *line)
{
    (void)context;
    snprintf(last_log, sizeof last_log, "%s", line);
}

static struct rcn_http *new_http(const char *url, int64_t timeout_ms)
{
    struct rcn_error err = RCN_ERROR_INIT;
    struct rcn_http_options options = {
        .origin = url, .key = &key, .timeout_ms = timeout_ms, .log = keep_log};
    struct rcn_http *http = rcn_http_new(&options, &err);
    if (!http)
        fail_msg("%s", err.message);
    return http;
}

static struct rcn_http_answer exchange(struct rcn_http *http, const char *body)
{
    struct rcn_error err = RCN_ERROR_INIT;
    struct rcn_http_request request = {.path = "/api/v1/audience-syncs",
                                       .company_id = "comp_1",
                                       .body = body,
                                       .body_len = body ? strlen(body) : 0,
                                       .max_body_bytes = BODY_MOST};
    struct rcn_http_answer answer;
    assert_int_equal(rcn_http_start(http, &request, &err), 0);
    while (!rcn_http_next_answer(http, &answer))
        assert_int_equal(rcn_http_poll(http, 10000, &err), 0);
    assert_int_equal(rcn_http_get_in_flight(http), 0);
    return answer;
}

/* --- how far an exchange got --- */

struct transfer_row {
    const char *name;
    struct server_step step;
    enum rcn_http_transfer transfer;
    long status;
    const char *body; /* NULL: any */
    const char *error;
};

static const struct transfer_row transfer_rows[] = {
    {"whole", {.bytes = OK_KEEP}, RCN_HTTP_ANSWERED, 200, "{}", ""},
    {"no content", {.bytes = "HTTP/1.1 204 No Content\r\n\r\n"}, RCN_HTTP_ANSWERED, 204, "", ""},
    {"empty body",
     {.bytes = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"},
     RCN_HTTP_ANSWERED,
     200,
     "",
     ""},
    {"until close",
     {.bytes = "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nall", .end = SERVER_CLOSE},
     RCN_HTTP_ANSWERED,
     200,
     "all",
     ""},
    {"chunked",
     {.bytes = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n"},
     RCN_HTTP_ANSWERED,
     200,
     "abc",
     ""},
    {"1xx before",
     {.bytes = "HTTP/1.1 103 Early Hints\r\n\r\n" OK_KEEP},
     RCN_HTTP_ANSWERED,
     200,
     "{}",
     ""},
    {"redirect",
     {.bytes = "HTTP/1.1 307 No\r\nLocation: /elsewhere\r\nContent-Length: 0\r\n\r\n"},
     RCN_HTTP_ANSWERED,
     307,
     "",
     ""},
    {"server error",
     {.bytes = "HTTP/1.1 500 No\r\nContent-Length: 1\r\n\r\nx"},
     RCN_HTTP_ANSWERED,
     500,
     "x",
     ""},
    {"417",
     {.bytes = "HTTP/1.1 417 No\r\nContent-Length: 0\r\n\r\n"},
     RCN_HTTP_ANSWERED,
     417,
     "",
     ""},
    {"401 that asks",
     {.bytes = "HTTP/1.1 401 No\r\nWWW-Authenticate: Bearer\r\nContent-Length: 0\r\n\r\n"},
     RCN_HTTP_ANSWERED,
     401,
     "",
     ""},
    {"reset", {.end = SERVER_RESET}, RCN_HTTP_LOST, 0, NULL, "the connection failed"},
    {"closed", {.end = SERVER_CLOSE}, RCN_HTTP_LOST, 0, NULL, "without an answer"},
    {"silence", {.end = SERVER_HANG}, RCN_HTTP_LOST, 0, NULL, "no whole answer within 1.5 s"},
    {"cut by length",
     {.bytes = "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{}", .end = SERVER_CLOSE},
     RCN_HTTP_LOST,
     200,
     NULL,
     "before the answer was whole"},
    {"cut chunk",
     {.bytes = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n9\r\nabc",
      .end = SERVER_CLOSE},
     RCN_HTTP_LOST,
     200,
     NULL,
     ""},
    {"no last chunk",
     {.bytes = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n",
      .end = SERVER_CLOSE},
     RCN_HTTP_LOST,
     200,
     NULL,
     ""},
    {"cut head",
     {.bytes = "HTTP/1.1 200 OK\r\nContent-", .end = SERVER_CLOSE},
     RCN_HTTP_LOST,
     -1,
     NULL,
     ""},
    {"1xx alone",
     {.bytes = "HTTP/1.1 103 Hints\r\n\r\n", .end = SERVER_CLOSE},
     RCN_HTTP_LOST,
     -1,
     NULL,
     ""},
    {"no HTTP",
     {.bytes = "220 mail.example ESMTP\r\n", .end = SERVER_CLOSE},
     RCN_HTTP_LOST,
     0,
     NULL,
     ""},
    {"drip",
     {.bytes = "HTTP/1.1 200 OK\r\nContent-Length: 200\r\n\r\n",
      .end = SERVER_HANG,
      .byte_wait_ms = 1},
     RCN_HTTP_LOST,
     200,
     NULL,
     "no whole answer"},
    {"body too large",
     {.bytes = "HTTP/1.1 200 OK\r\nContent-Length: 70000\r\n\r\n",
      .end = SERVER_KEEP,
      .repeat = 2000},
     RCN_HTTP_LOST,
     200,
     NULL,
     "the answer's body is too large"},
    {"header flood",
     {.bytes = "HTTP/1.1 200 OK\r\nX-A: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\r\n",
      .repeat = 3000},
     RCN_HTTP_LOST,
     -1,
     NULL,
     ""},
};

/* Every row as a read and as a create: what arrived, and that it was asked for once. */
static void test_transfers(void **state)
{
    (void)state;
    for (size_t i = 0; i < 2 * COUNT(transfer_rows); i++) {
        const struct transfer_row *row = &transfer_rows[i / 2];
        bool is_create = i % 2;
        struct reset_server server;
        server_start(&server, &row->step, 1);
        struct rcn_http *http =
            new_http(server.url, row->step.end == SERVER_HANG ? 1500 : TIMEOUT_MS);
        struct rcn_http_answer answer = exchange(http, is_create ? "{\"a\": 1}" : NULL);
        if (answer.transfer != row->transfer || !strstr(answer.error, row->error) ||
            (row->status >= 0 && answer.status != row->status) ||
            (row->body && strcmp(row->body, answer.body) != 0))
            fail_msg("%s: transfer %d, status %ld, '%s', '%s'", row->name, (int)answer.transfer,
                     answer.status, answer.body, answer.error);
        assert_int_equal(answer.is_create, is_create);
        assert_int_equal(atomic_load(&server.seen->posts), is_create);
        assert_int_equal(atomic_load(&server.seen->gets), !is_create);
        rcn_http_answer_release(&answer);
        rcn_http_free(http);
        server_stop(&server);
    }
}

/* libcurl repeats a request whose reused connection dies: a create must never be on one. */
static void test_create_after_kept_read_is_sent_once(void **state)
{
    (void)state;
    static const enum reset_server_end ends[] = {SERVER_RESET, SERVER_CLOSE};
    for (size_t i = 0; i < COUNT(ends); i++) {
        struct server_step steps[] = {{.bytes = OK_KEEP}, {.bytes = OK_KEEP}, {.end = ends[i]}};
        struct reset_server server;
        server_start(&server, steps, COUNT(steps));
        struct rcn_http *http = new_http(server.url, TIMEOUT_MS);
        for (int reads = 0; reads < 2; reads++) {
            struct rcn_http_answer read = exchange(http, NULL);
            assert_int_equal(read.transfer, RCN_HTTP_ANSWERED);
            rcn_http_answer_release(&read);
        }
        assert_int_equal(atomic_load(&server.seen->connections), 1);
        struct rcn_http_answer answer = exchange(http, "{}");
        assert_int_equal(answer.transfer, RCN_HTTP_LOST);
        assert_int_equal(atomic_load(&server.seen->posts), 1);
        assert_int_equal(atomic_load(&server.seen->connections), 2);
        rcn_http_answer_release(&answer);
        rcn_http_free(http);
        server_stop(&server);
    }
}

/* A connection that carried a create is not kept, whatever the server says. */
static void test_connection_of_create_is_not_reused(void **state)
{
    (void)state;
    struct server_step step = {.bytes = OK_KEEP};
    struct reset_server server;
    server_start(&server, &step, 1);
    struct rcn_http *http = new_http(server.url, TIMEOUT_MS);
    static const char *const bodies[] = {"{}", "{}", NULL, "{}", NULL};
    for (size_t i = 0; i < COUNT(bodies); i++) {
        struct rcn_http_answer answer = exchange(http, bodies[i]);
        assert_int_equal(answer.transfer, RCN_HTTP_ANSWERED);
        rcn_http_answer_release(&answer);
    }
    assert_int_equal(atomic_load(&server.seen->connections), 4);
    rcn_http_free(http);
    server_stop(&server);
}

static void test_refused_connection_is_not_sent(void **state)
{
    (void)state;
    char url[64];
    close(server_listen(url, sizeof url));
    struct rcn_http *http = new_http(url, TIMEOUT_MS);
    struct rcn_http_answer answer = exchange(http, "{}");
    assert_int_equal(answer.transfer, RCN_HTTP_NOT_SENT);
    assert_false(answer.is_permanent);
    assert_non_null(strstr(answer.error, "cannot connect to http://127.0.0.1:"));
    rcn_http_answer_release(&answer);
    rcn_http_free(http);
}

/* A server that accepts and never speaks TLS: nothing of the request has left. */
static void test_stalled_handshake_is_not_sent(void **state)
{
    (void)state;
    char url[64];
    char secure[80];
    int listener = server_listen(url, sizeof url);
    snprintf(secure, sizeof secure, "https%s", url + strlen("http"));
    struct rcn_http *http = new_http(secure, 300);
    struct rcn_http_answer answer = exchange(http, "{}");
    assert_int_equal(answer.transfer, RCN_HTTP_NOT_SENT);
    assert_non_null(strstr(answer.error, "the connection was not ready"));
    rcn_http_answer_release(&answer);
    rcn_http_free(http);
    close(listener);
}

static void test_plain_server_behind_https_is_not_sent(void **state)
{
    (void)state;
    struct server_step step = {.bytes = OK_KEEP, .end = SERVER_CLOSE};
    struct reset_server server;
    char secure[80];
    server_start(&server, &step, 1);
    snprintf(secure, sizeof secure, "https%s", server.url + strlen("http"));
    struct rcn_http *http = new_http(secure, 300);
    struct rcn_http_answer answer = exchange(http, "{}");
    assert_int_equal(answer.transfer, RCN_HTTP_NOT_SENT);
    assert_int_equal(atomic_load(&server.seen->posts), 0);
    rcn_http_answer_release(&answer);
    rcn_http_free(http);
    server_stop(&server);
}

/* --- what is sent --- */

static void assert_sent(const struct reset_server *server, const char *text, bool is_wanted)
{
    if ((strstr(server->seen->last_request, text) != NULL) != is_wanted)
        fail_msg("'%s' %s in:\n%s", text, is_wanted ? "missing" : "found",
                 server->seen->last_request);
}

static void test_headers(void **state)
{
    (void)state;
    struct server_step step = {.bytes = OK_KEEP};
    struct reset_server server;
    server_start(&server, &step, 1);
    struct rcn_http *http = new_http(server.url, TIMEOUT_MS);
    struct rcn_http_answer answer = exchange(http, NULL);
    rcn_http_answer_release(&answer);
    assert_sent(&server, "GET /api/v1/audience-syncs HTTP/1.1\r\n", true);
    assert_sent(&server, "Authorization: Bearer seq_test_key\r\n", true);
    assert_sent(&server, "Accept: application/json\r\n", true);
    assert_sent(&server, "Cache-Control: no-cache\r\n", true);
    assert_sent(&server, "User-Agent: audiencectl/" AUDIENCECTL_VERSION "\r\n", true);
    assert_sent(&server, "x-company-id: comp_1\r\n", true);
    assert_sent(&server, "x-sequenzy-client", false);
    answer = exchange(http, "{\"audienceName\": \"A\"}");
    rcn_http_answer_release(&answer);
    assert_sent(&server, "POST /api/v1/audience-syncs HTTP/1.1\r\n", true);
    assert_sent(&server, "Content-Type: application/json\r\n", true);
    assert_sent(&server, "\r\n\r\n{\"audienceName\": \"A\"}", true);
    assert_sent(&server, "Expect:", false);
    assert_sent(&server, "x-sequenzy-client", false);
    rcn_http_free(http);
    server_stop(&server);
}

/* --- when a create ends --- */

enum { LATE_BODY = 4 << 20, SMALL_BUFFER = 4096 };

/* A server whose machine takes a few kilobytes and whose program has not come to read them. */
static int listen_late(char url[64])
{
    int size = SMALL_BUFFER;
    int listener = server_listen(url, 64);
    assert_int_equal(setsockopt(listener, SOL_SOCKET, SO_RCVBUF, &size, sizeof size), 0);
    return listener;
}

/* Whether a connection waits there, or does within ten seconds. */
static bool is_called(int listener)
{
    struct pollfd one = {.fd = listener, .events = POLLIN};
    return poll(&one, 1, 10000) == 1;
}

/* Reads what still arrives. Returns how many bytes, and how it ended: 0 or an errno. */
static size_t read_late(int listener, int *ret_error)
{
    static char sink[65536];
    size_t total = 0;
    assert_true(is_called(listener));
    int fd = accept(listener, NULL, NULL);
    assert_true(fd >= 0);
    for (;;) {
        ssize_t got = recv(fd, sink, sizeof sink, 0);
        *ret_error = got < 0 ? errno : 0;
        if (got <= 0)
            break;
        total += (size_t)got;
    }
    close(fd);
    return total;
}

static struct rcn_http_request late_create(void)
{
    static char body[LATE_BODY + 1];
    memset(body, ' ', LATE_BODY);
    return (struct rcn_http_request){.path = "/api/v1/audience-syncs",
                                     .body = body,
                                     .body_len = LATE_BODY,
                                     .max_body_bytes = BODY_MOST};
}

static void test_nothing_arrives_after_the_timeout_of_a_create(void **state)
{
    (void)state;
    char url[64];
    int error;
    int listener = listen_late(url);
    struct rcn_http *http = new_http(url, 300);
    struct rcn_http_request request = late_create();
    struct rcn_http_answer answer;
    struct rcn_error err = RCN_ERROR_INIT;
    assert_int_equal(rcn_http_start(http, &request, &err), 0);
    while (!rcn_http_next_answer(http, &answer))
        assert_int_equal(rcn_http_poll(http, 10000, &err), 0);
    assert_int_equal(answer.transfer, RCN_HTTP_LOST);
    rcn_http_answer_release(&answer);
    assert_true(read_late(listener, &error) < LATE_BODY / 2);
    assert_int_equal(error, ECONNRESET);
    rcn_http_free(http);
    close(listener);
}

/* Starts a create in a process of its own, and ends it when some of it has been sent. */
static void end_in_the_middle(const char *url, int listener, bool by_signal)
{
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    pid_t child = fork();
    if (child == 0) {
        struct rcn_error err = RCN_ERROR_INIT;
        struct rcn_http_request request = late_create();
        struct rcn_http *http = new_http(url, 60000);
        struct pollfd end = {.fd = ends[0], .events = POLLIN};
        rcn_http_start(http, &request, &err);
        while (poll(&end, 1, 0) == 0)
            rcn_http_poll(http, 50, &err);
        rcn_http_free(http);
        _exit(0);
    }
    assert_true(is_called(listener));
    server_sleep(300);
    assert_true(by_signal ? kill(child, SIGKILL) == 0 : write(ends[1], "x", 1) == 1);
    waitpid(child, NULL, 0);
    close(ends[0]);
    close(ends[1]);
}

static void test_nothing_arrives_after_the_end_of_the_process(void **state)
{
    (void)state;
    for (int by_signal = 0; by_signal < 2; by_signal++) {
        char url[64];
        int error;
        int listener = listen_late(url);
        end_in_the_middle(url, listener, by_signal);
        assert_true(read_late(listener, &error) < LATE_BODY / 2);
        assert_int_equal(error, ECONNRESET);
        close(listener);
    }
}

/* A server that has answered sees an ordinary end. */
static void test_an_answered_create_is_not_reset(void **state)
{
    (void)state;
    char url[64];
    int listener = server_listen(url, sizeof url);
    for (int keeps = 0; keeps < 2; keeps++) {
        pid_t server = fork();
        if (server == 0) {
            static char request[SERVER_SEEN_BYTES];
            int fd = accept(listener, NULL, NULL);
            const char *bytes = keeps ? OK_KEEP
                                      : "HTTP/1.1 200 OK\r\nConnection: close\r\n"
                                        "Content-Length: 2\r\n\r\n{}";
            server_read_request(fd, request, sizeof request);
            send(fd, bytes, strlen(bytes), MSG_NOSIGNAL);
            _exit(recv(fd, request, 1, 0) == 0 ? 0 : 1);
        }
        int status;
        struct rcn_http *http = new_http(url, TIMEOUT_MS);
        struct rcn_http_answer answer = exchange(http, "{}");
        assert_int_equal(answer.transfer, RCN_HTTP_ANSWERED);
        rcn_http_answer_release(&answer);
        assert_int_equal(waitpid(server, &status, 0), server);
        assert_int_equal(status, 0);
        rcn_http_free(http);
    }
    close(listener);
}

/* libcurl asks for 100-continue by itself above one megabyte. */
static void test_large_create_has_no_expect(void **state)
{
    (void)state;
    size_t len = (size_t)2 << 20;
    char *body = malloc(len + 1);
    assert_non_null(body);
    memset(body, 'x', len);
    body[len] = '\0';
    struct server_step step = {.bytes = OK_KEEP, .end = SERVER_CLOSE};
    struct reset_server server;
    server_start(&server, &step, 1);
    struct rcn_http *http = new_http(server.url, 500);
    struct rcn_http_answer answer = exchange(http, body);
    assert_sent(&server, "Expect:", false);
    rcn_http_answer_release(&answer);
    rcn_http_free(http);
    server_stop(&server);
    free(body);
}

static void test_bad_company_ids(void **state)
{
    (void)state;
    static const char *const bad[] = {"", "a\r\nX-Evil: 1", "a\nb", "a b", "\x7f", "c\xc3\xb6mp"};
    struct rcn_http *http = new_http("http://127.0.0.1:1", TIMEOUT_MS);
    for (size_t i = 0; i < COUNT(bad); i++) {
        struct rcn_error err = RCN_ERROR_INIT;
        struct rcn_http_request request = {
            .path = "/", .company_id = bad[i], .max_body_bytes = BODY_MOST};
        assert_int_equal(rcn_http_start(http, &request, &err), -1);
        assert_int_equal(rcn_http_get_in_flight(http), 0);
    }
    rcn_http_free(http);
}

/* --- what is told --- */

static void test_answer_headers(void **state)
{
    (void)state;
    struct server_step steps[] = {
        {.bytes = "HTTP/1.1 429 No\r\nRetry-After: 7\r\nContent-Length: 0\r\n\r\n"},
        {.bytes = "HTTP/1.1 200 OK\r\nLink: </a>; rel=\"first\"\r\nLink: </b>; rel=next\r\n"
                  "Content-Length: 0\r\n\r\n"},
        {.bytes = "HTTP/1.1 200 OK\r\nX-Next-Page: 2\r\nX-Total: 20\r\nAge: 3\r\n"
                  "Content-Length: 0\r\n\r\n"},
        {.bytes = OK_KEEP},
    };
    struct reset_server server;
    server_start(&server, steps, COUNT(steps));
    struct rcn_http *http = new_http(server.url, TIMEOUT_MS);
    static const struct {
        int64_t retry_after_ms;
        const char *more_header;
        int64_t list_total;
        int64_t age_ms;
    } expected[] = {
        {7000, "", -1, 0}, {-1, "Link", -1, 0}, {-1, "X-Next-Page", 20, 3000}, {-1, "", -1, 0}};
    for (size_t i = 0; i < COUNT(expected); i++) {
        struct rcn_http_answer answer = exchange(http, NULL);
        assert_int_equal(answer.retry_after_ms, expected[i].retry_after_ms);
        assert_string_equal(answer.more_header, expected[i].more_header);
        assert_int_equal(answer.list_total, expected[i].list_total);
        assert_int_equal(answer.age_ms, expected[i].age_ms);
        rcn_http_answer_release(&answer);
    }
    rcn_http_free(http);
    server_stop(&server);
}

static void test_log(void **state)
{
    (void)state;
    struct server_step steps[] = {{.bytes = OK_KEEP}, {.end = SERVER_CLOSE}};
    struct reset_server server;
    server_start(&server, steps, COUNT(steps));
    struct rcn_http *http = new_http(server.url, TIMEOUT_MS);
    struct rcn_http_answer answer = exchange(http, NULL);
    rcn_http_answer_release(&answer);
    static const char read_line[] = "GET /api/v1/audience-syncs (company comp_1) -> 200, 2 bytes, ";
    assert_memory_equal(last_log, read_line, strlen(read_line));
    answer = exchange(http, "{}");
    rcn_http_answer_release(&answer);
    static const char create_line[] = "POST /api/v1/audience-syncs (company comp_1) -> lost: ";
    assert_memory_equal(last_log, create_line, strlen(create_line));
    rcn_http_free(http);
    server_stop(&server);
}

static void test_log_hides_the_key(void **state)
{
    (void)state;
    struct rcn_error err = RCN_ERROR_INIT;
    struct rcn_http *http = new_http("http://127.0.0.1:1", TIMEOUT_MS);
    struct rcn_http_request request = {
        .path = "/seq_test_key\x1b[2J", .company_id = "seq_test_key", .max_body_bytes = BODY_MOST};
    struct rcn_http_answer answer;
    assert_int_equal(rcn_http_start(http, &request, &err), 0);
    while (!rcn_http_next_answer(http, &answer))
        assert_int_equal(rcn_http_poll(http, 1000, &err), 0);
    assert_null(strstr(last_log, "seq_test_key"));
    assert_null(strchr(last_log, '\x1b'));
    rcn_http_answer_release(&answer);
    rcn_http_free(http);
}

/* --- waiting --- */

static void test_poll_waits_as_long_as_asked(void **state)
{
    (void)state;
    struct rcn_error err = RCN_ERROR_INIT;
    struct rcn_http *http = new_http("http://127.0.0.1:1", TIMEOUT_MS);
    int64_t before_ms = rcn_clock_steady_ms();
    assert_int_equal(rcn_http_poll(http, 120, &err), 0);
    assert_in_range(rcn_clock_steady_ms() - before_ms, 119, 1000);
    rcn_http_free(http);
}

static void ignore_signal(int number)
{
    (void)number;
}

static void test_signal_ends_poll(void **state)
{
    (void)state;
    struct rcn_error err = RCN_ERROR_INIT;
    struct sigaction action = {.sa_handler = ignore_signal};
    struct sigaction old;
    struct rcn_http *http = new_http("http://127.0.0.1:1", TIMEOUT_MS);
    sigaction(SIGALRM, &action, &old);
    int64_t before_ms = rcn_clock_steady_ms();
    ualarm(100000, 0);
    assert_int_equal(rcn_http_poll(http, 5000, &err), 0);
    assert_in_range(rcn_clock_steady_ms() - before_ms, 90, 2000);
    sigaction(SIGALRM, &old, NULL);
    rcn_http_free(http);
}

/* Reads are forgotten, a create is not. */
static void test_cancel_reads(void **state)
{
    (void)state;
    struct rcn_error err = RCN_ERROR_INIT;
    struct server_step step = {.bytes = OK_KEEP, .delay_ms = 150};
    struct reset_server server;
    server_start(&server, &step, 1);
    struct rcn_http *http = new_http(server.url, TIMEOUT_MS);
    struct rcn_http_request read = {.path = "/a", .max_body_bytes = BODY_MOST};
    struct rcn_http_request create = {
        .path = "/b", .body = "{}", .body_len = 2, .max_body_bytes = BODY_MOST, .tag = &step};
    assert_int_equal(rcn_http_start(http, &read, &err), 0);
    assert_int_equal(rcn_http_start(http, &create, &err), 0);
    assert_int_equal(rcn_http_start(http, &read, &err), 0);
    assert_int_equal(rcn_http_poll(http, 50, &err), 0);
    rcn_http_cancel(http, true);
    assert_int_equal(rcn_http_get_in_flight(http), 1);
    struct rcn_http_answer answer;
    while (!rcn_http_next_answer(http, &answer))
        assert_int_equal(rcn_http_poll(http, 5000, &err), 0);
    assert_true(answer.is_create);
    assert_ptr_equal(answer.tag, &step);
    assert_int_equal(answer.status, 200);
    rcn_http_answer_release(&answer);
    rcn_http_free(http);
    server_stop(&server);
}

/* 200,000 zero bytes in 229 of gzip, where 65,536 are allowed. */
static void test_body_limit_counts_after_decompression(void **state)
{
    (void)state;
    static const unsigned char bomb[] = {
        0x1f, 0x8b, 0x08, 0x00, 0x00, 0x00, 0x00, 0x00, 0x02, 0x03, 0xed, 0xc1, 0x31, 0x01, 0x00,
        0x00, 0x00, 0xc2, 0xa0, 0xf5, 0x4f, 0x6d, 0x06, 0x7f, 0xa0, 0x00, 0x00, 0x00, 0x00, 0x00,
        0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
        0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
        0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
        0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
        0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
        0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
        0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
        0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
        0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
        0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
        0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
        0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
        0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x80, 0xd7, 0x00, 0x7b, 0x58, 0xe0, 0x5c,
        0x40, 0x0d, 0x03, 0x00};
    char answer_bytes[512];
    int head = snprintf(answer_bytes, sizeof answer_bytes,
                        "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: %zu\r\n\r\n",
                        sizeof bomb);
    memcpy(answer_bytes + head, bomb, sizeof bomb);
    struct server_step step = {.bytes = answer_bytes, .len = (size_t)head + sizeof bomb};
    struct reset_server server;
    server_start(&server, &step, 1);
    struct rcn_http *http = new_http(server.url, TIMEOUT_MS);
    struct rcn_http_answer answer = exchange(http, NULL);
    assert_int_equal(answer.transfer, RCN_HTTP_LOST);
    assert_true(answer.is_permanent);
    assert_string_equal(answer.error, "the answer's body is too large");
    assert_true(answer.body_len <= BODY_MOST);
    rcn_http_answer_release(&answer);
    rcn_http_free(http);
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_transfers),
        cmocka_unit_test(test_create_after_kept_read_is_sent_once),
        cmocka_unit_test(test_connection_of_create_is_not_reused),
        cmocka_unit_test(test_refused_connection_is_not_sent),
        cmocka_unit_test(test_stalled_handshake_is_not_sent),
        cmocka_unit_test(test_plain_server_behind_https_is_not_sent),
        cmocka_unit_test(test_headers),
        cmocka_unit_test(test_large_create_has_no_expect),
        cmocka_unit_test(test_bad_company_ids),
        cmocka_unit_test(test_nothing_arrives_after_the_timeout_of_a_create),
        cmocka_unit_test(test_nothing_arrives_after_the_end_of_the_process),
        cmocka_unit_test(test_an_answered_create_is_not_reset),
        cmocka_unit_test(test_answer_headers),
        cmocka_unit_test(test_log),
        cmocka_unit_test(test_log_hides_the_key),
        cmocka_unit_test(test_poll_waits_as_long_as_asked),
        cmocka_unit_test(test_signal_ends_poll),
        cmocka_unit_test(test_cancel_reads),
        cmocka_unit_test(test_body_limit_counts_after_decompression),
    };
    signal(SIGPIPE, SIG_IGN);
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
