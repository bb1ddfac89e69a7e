#include "live/http.h"

#include <assert.h>
#include <curl/curl.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/escape.h"
#include "base/file.h"
#include "live/http_exchange.h"
#include "live/http_private.h"

enum { MAX_CA_BYTES = 16 << 20, POLL_MOST_MS = 3600 * 1000 };

/* --- the handle --- */

static int initialise_library(struct rcn_error *err)
{
    static bool is_initialised;
    if (!is_initialised && curl_global_init(CURL_GLOBAL_DEFAULT))
        return rcn_error_set(err, RCN_ERROR_FAILED, "cannot initialise libcurl");
    is_initialised = true;
    return 0;
}

/* Found out now rather than by the first handshake: whether the file can serve at all. */
static int check_ca_file(const char *path, struct rcn_error *err)
{
    struct rcn_buf bytes;
    rcn_buf_init(&bytes, MAX_CA_BYTES);
    int result = rcn_file_read(path, &bytes, err);
    if (result)
        rcn_error_wrap(err, "CA file");
    else if (!strstr(rcn_buf_get_str(&bytes), "-----BEGIN"))
        result =
            rcn_error_set(err, RCN_ERROR_FAILED, "the CA file '%s' holds no PEM certificate", path);
    rcn_buf_release(&bytes);
    return result;
}

static int init(struct rcn_http *http, const struct rcn_http_options *options,
                struct rcn_error *err)
{
    if (rcn_http_normalise_origin(options->origin, http->origin, sizeof http->origin, err) ||
        (options->ca_file && check_ca_file(options->ca_file, err)) || initialise_library(err))
        return -1;
    http->is_plain = strncmp(http->origin, "http://", 7) == 0;
    http->key = options->key;
    http->timeout_ms = options->timeout_ms;
    http->log = options->log;
    http->log_context = options->log_context;
    http->multi = curl_multi_init();
    http->key_header = rcn_http_join("Authorization: Bearer ", options->key->text);
    http->ca_file = options->ca_file ? strdup(options->ca_file) : NULL;
    if (!http->multi || !http->key_header || (options->ca_file && !http->ca_file))
        return rcn_error_no_memory(err);
    return 0;
}

struct rcn_http *rcn_http_new(const struct rcn_http_options *options, struct rcn_error *err)
{
    assert(options->key && options->key->text && options->timeout_ms > 0);
    struct rcn_http *http = calloc(1, sizeof *http);
    if (!http) {
        rcn_error_no_memory(err);
        return NULL;
    }
    if (init(http, options, err)) {
        rcn_http_free(http);
        return NULL;
    }
    return http;
}

static void free_list(struct rcn_http_exchange *exchange)
{
    while (exchange) {
        struct rcn_http_exchange *next = exchange->next;
        rcn_http_exchange_free(exchange);
        exchange = next;
    }
}

/* A plain memset before free may be left out by the compiler. */
static void wipe(char *text)
{
    for (volatile char *c = text; c && *c; c++)
        *c = '\0';
}

void rcn_http_free(struct rcn_http *http)
{
    if (!http)
        return;
    free_list(http->in_flight);
    free_list(http->finished);
    curl_multi_cleanup(http->multi);
    wipe(http->key_header);
    free(http->key_header);
    free(http->ca_file);
    free(http);
}

int rcn_http_start(struct rcn_http *http, const struct rcn_http_request *request,
                   struct rcn_error *err)
{
    assert(request->path[0] == '/');
    struct rcn_http_exchange *exchange = rcn_http_exchange_new(http, request, err);
    if (!exchange)
        return -1;
    exchange->answer.started_ms = rcn_clock_steady_ms();
    if (curl_multi_add_handle(http->multi, exchange->easy)) {
        rcn_http_exchange_free(exchange);
        return rcn_error_set(err, RCN_ERROR_FAILED, "libcurl cannot start a request");
    }
    exchange->next = http->in_flight;
    http->in_flight = exchange;
    http->in_flight_count++;
    return 0;
}

/* --- the end of an exchange --- */

static const char *get_header(CURL *easy, const char *name, size_t index)
{
    struct curl_header *header;
    if (curl_easy_header(easy, name, index, CURLH_HEADER, -1, &header))
        return NULL;
    return header->value;
}

static void read_paging_headers(CURL *easy, struct rcn_http_answer *answer)
{
    struct curl_header *header = NULL;
    answer->list_total = -1;
    while ((header = curl_easy_nextheader(easy, CURLH_HEADER, -1, header))) {
        if (rcn_http_header_says_more(header->name, header->value))
            snprintf(answer->more_header, sizeof answer->more_header, "%s", header->name);
        int64_t total = rcn_http_header_get_total(header->name, header->value);
        answer->list_total = total > answer->list_total ? total : answer->list_total;
    }
}

static bool is_tls_failure(CURLcode code)
{
    switch ((int)code) {
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CERTPROBLEM:
    case CURLE_SSL_CIPHER:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_ISSUER_ERROR:
    case CURLE_SSL_INVALIDCERTSTATUS:
        return true;
    default:
        return false;
    }
}

static bool is_permanent(const struct rcn_http_exchange *exchange, CURLcode code)
{
    return exchange->limit_passed || (is_tls_failure(code) && code != CURLE_SSL_CONNECT_ERROR);
}

/* libcurl names the host that it failed to reach, which is the proxy's when there is one. */
static bool is_about_another_host(const struct rcn_http_exchange *exchange)
{
    char host[RCN_HTTP_ORIGIN_SIZE];
    if (exchange->http->is_plain)
        return false;
    const char *begin = exchange->http->origin + strlen("https://");
    snprintf(host, sizeof host, "%.*s", (int)strcspn(begin, ":"), begin);
    return host[0] != '[' && exchange->curl_error[0] && !strstr(exchange->curl_error, host);
}

/* What a deadline left is any number of milliseconds: `2 s`, not `1.999 s`. */
static double round_ms(int64_t ms)
{
    return (double)(ms < 1000 ? ms : (ms + 50) / 100 * 100);
}

/* Why it failed, in our words where libcurl's differ from run to run. */
static void describe_failure(struct rcn_http_exchange *exchange, CURLcode code, char *ret,
                             size_t size)
{
    const char *origin = exchange->http->origin;
    const char *detail = exchange->curl_error[0] ? exchange->curl_error : curl_easy_strerror(code);
    long system_error = 0;
    long proxy_status = 0;
    curl_easy_getinfo(exchange->easy, CURLINFO_OS_ERRNO, &system_error);
    curl_easy_getinfo(exchange->easy, CURLINFO_HTTP_CONNECTCODE, &proxy_status);
    if (exchange->limit_passed)
        snprintf(ret, size, "%s", exchange->limit_passed);
    else if (code == CURLE_OPERATION_TIMEDOUT)
        snprintf(ret, size, "no whole answer within %.10g s%s",
                 round_ms(exchange->timeout_ms) / 1000,
                 exchange->was_sent ? "" : " (the connection was not ready)");
    else if (proxy_status >= 300 && !exchange->was_sent)
        snprintf(ret, size, "the environment's proxy refused the connection to %s with %ld", origin,
                 proxy_status);
    else if (code == CURLE_COULDNT_RESOLVE_HOST)
        snprintf(ret, size, "cannot resolve the host of %s", origin);
    else if (code == CURLE_COULDNT_CONNECT)
        snprintf(ret, size, "cannot connect to %s%s: %s", origin,
                 is_about_another_host(exchange) ? " through the environment's proxy" : "",
                 system_error > 0 ? strerror((int)system_error) : "no address answers");
    else if (code == CURLE_PEER_FAILED_VERIFICATION)
        snprintf(ret, size, "no secure connection to %s: %s (--ca-file trusts another authority)",
                 origin, detail);
    else if (is_tls_failure(code))
        snprintf(ret, size, "no secure connection to %s: %s", origin, detail);
    else if (code == CURLE_PARTIAL_FILE)
        snprintf(ret, size, "the connection ended before the answer was whole");
    else if (code == CURLE_GOT_NOTHING)
        snprintf(ret, size, "the connection ended without an answer");
    else if (code == CURLE_OK)
        snprintf(ret, size, "the connection ended inside the answer's head");
    else
        snprintf(ret, size, "the connection failed: %s", detail);
}

/* Two witnesses: the library's call before it sends, and its count of bytes of requests. */
static bool may_be_sent(const struct rcn_http_exchange *exchange)
{
    long request_bytes = 0;
    curl_off_t body_bytes = 0;
    if (curl_easy_getinfo(exchange->easy, CURLINFO_REQUEST_SIZE, &request_bytes) ||
        curl_easy_getinfo(exchange->easy, CURLINFO_SIZE_UPLOAD_T, &body_bytes))
        return true;
    return exchange->was_sent || request_bytes > 0 || body_bytes > 0;
}

static enum rcn_http_transfer classify(const struct rcn_http_exchange *exchange, CURLcode code,
                                       long status)
{
    if (code == CURLE_OK && status >= 200 && exchange->has_head)
        return RCN_HTTP_ANSWERED;
    return may_be_sent(exchange) ? RCN_HTTP_LOST : RCN_HTTP_NOT_SENT;
}

static void fill_answer(struct rcn_http_exchange *exchange, CURLcode code)
{
    struct rcn_http_answer *answer = &exchange->answer;
    answer->ended_ms = rcn_clock_steady_ms();
    curl_easy_getinfo(exchange->easy, CURLINFO_RESPONSE_CODE, &answer->status);
    answer->transfer = classify(exchange, code, answer->status);
    answer->retry_after_ms =
        rcn_http_parse_retry_after(get_header(exchange->easy, "Retry-After", 0),
                                   get_header(exchange->easy, "Date", 0), rcn_clock_wall_ms());
    read_paging_headers(exchange->easy, answer);
    if (answer->transfer != RCN_HTTP_ANSWERED) {
        char raw[2 * CURL_ERROR_SIZE + RCN_HTTP_ORIGIN_SIZE];
        describe_failure(exchange, code, raw, sizeof raw);
        rcn_secret_redact(exchange->http->key, raw);
        rcn_escape_visible_into(answer->error, sizeof answer->error, raw);
        answer->is_permanent = is_permanent(exchange, code);
    }
    answer->body_len = exchange->body.len;
    answer->body = exchange->body.data;
    exchange->body.data = NULL;
}

static void log_exchange(const struct rcn_http_exchange *exchange)
{
    const struct rcn_http *http = exchange->http;
    const struct rcn_http_answer *answer = &exchange->answer;
    if (!http->log)
        return;
    char raw[1536];
    int len =
        snprintf(raw, sizeof raw, "%s %.512s%s%.256s%s -> ", answer->is_create ? "POST" : "GET",
                 exchange->path, exchange->company_id ? " (company " : "",
                 exchange->company_id ? exchange->company_id : "", exchange->company_id ? ")" : "");
    long long took_ms = answer->ended_ms - answer->started_ms;
    if (answer->transfer == RCN_HTTP_ANSWERED)
        snprintf(raw + len, sizeof raw - (size_t)len, "%ld, %zu bytes, %lld ms", answer->status,
                 answer->body_len, took_ms);
    else
        snprintf(raw + len, sizeof raw - (size_t)len, "%s: %s, %lld ms",
                 answer->transfer == RCN_HTTP_NOT_SENT ? "not sent" : "lost", answer->error,
                 took_ms);
    rcn_secret_redact(http->key, raw);
    char line[2 * sizeof raw];
    rcn_escape_visible_into(line, sizeof line, raw);
    http->log(http->log_context, line);
}

static void unlink_exchange(struct rcn_http *http, const struct rcn_http_exchange *exchange)
{
    struct rcn_http_exchange **place = &http->in_flight;
    while (*place != exchange)
        place = &(*place)->next;
    *place = exchange->next;
    http->in_flight_count--;
}

static void finish(struct rcn_http_exchange *exchange, CURLcode code)
{
    struct rcn_http *http = exchange->http;
    fill_answer(exchange, code);
    unlink_exchange(http, exchange);
    curl_multi_remove_handle(http->multi, exchange->easy);
    curl_easy_cleanup(exchange->easy);
    exchange->easy = NULL;
    exchange->next = NULL;
    struct rcn_http_exchange **last = &http->finished;
    while (*last)
        last = &(*last)->next;
    *last = exchange;
    log_exchange(exchange);
}

static void finish_all(struct rcn_http *http)
{
    int left;
    for (const CURLMsg *message; (message = curl_multi_info_read(http->multi, &left));) {
        char *private = NULL;
        CURLcode code = message->data.result; /* the message dies with its handle */
        if (message->msg == CURLMSG_DONE &&
            !curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &private) && private)
            finish((struct rcn_http_exchange *)(void *)private, code);
    }
}

static int set_multi_error(struct rcn_error *err, CURLMcode code)
{
    return rcn_error_set(err, RCN_ERROR_FAILED, "libcurl failed: %s", curl_multi_strerror(code));
}

int rcn_http_poll(struct rcn_http *http, int64_t wait_ms, struct rcn_error *err)
{
    int64_t until_ms = rcn_clock_steady_ms() + (wait_ms > POLL_MOST_MS ? POLL_MOST_MS : wait_ms);
    for (;;) {
        int running;
        CURLMcode code = curl_multi_perform(http->multi, &running);
        if (code)
            return set_multi_error(err, code);
        finish_all(http);
        int64_t left_ms = until_ms - rcn_clock_steady_ms();
        if (http->finished || left_ms <= 0)
            return 0;
        int ready = 0;
        errno = 0;
        code = curl_multi_poll(http->multi, NULL, 0, (int)left_ms, &ready);
        if (code)
            return set_multi_error(err, code);
        if (ready == 0 && errno == EINTR)
            return 0;
    }
}

bool rcn_http_next_answer(struct rcn_http *http, struct rcn_http_answer *ret)
{
    struct rcn_http_exchange *exchange = http->finished;
    if (!exchange)
        return false;
    http->finished = exchange->next;
    *ret = exchange->answer;
    exchange->answer.body = NULL;
    rcn_http_exchange_free(exchange);
    return true;
}

void rcn_http_answer_release(struct rcn_http_answer *answer)
{
    free(answer->body);
    answer->body = NULL;
    answer->body_len = 0;
}

static void cancel_reads_in(struct rcn_http_exchange **place)
{
    while (*place) {
        struct rcn_http_exchange *exchange = *place;
        if (exchange->answer.is_create) {
            place = &exchange->next;
            continue;
        }
        *place = exchange->next;
        if (exchange->easy)
            exchange->http->in_flight_count--;
        rcn_http_exchange_free(exchange);
    }
}

void rcn_http_cancel_reads(struct rcn_http *http)
{
    cancel_reads_in(&http->in_flight);
    cancel_reads_in(&http->finished);
}

size_t rcn_http_get_in_flight(const struct rcn_http *http)
{
    return http->in_flight_count;
}
