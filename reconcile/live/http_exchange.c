#include "live/http_exchange.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_HEADER_BYTES = 64 * 1024, COMPANY_BYTES = 256 };

/* Eight times libcurl's own: a list of 34 MB comes with an eighth of the calls. */
#define READ_AT_ONCE (128L * 1024)

char *rcn_http_join(const char *first, const char *second)
{
    size_t size = strlen(first) + strlen(second) + 1;
    char *text = malloc(size);
    if (text)
        snprintf(text, size, "%s%s", first, second);
    return text;
}

/* --- what libcurl calls back --- */

static size_t take_body(char *bytes, size_t size, size_t count, void *context)
{
    struct rcn_http_exchange *exchange = context;
    size_t len = size * count;
    if (len > exchange->body.max - exchange->body.len) {
        exchange->limit_passed = "the answer's body is too large";
        return CURL_WRITEFUNC_ERROR;
    }
    rcn_buf_add(&exchange->body, bytes, len);
    return len;
}

/* libcurl takes a head that was cut off for a whole answer without a body: the empty line counts.
 */
static void note_end_of_head(struct rcn_http_exchange *exchange, const char *line, size_t len)
{
    if (len >= 5 && memcmp(line, "HTTP/", 5) == 0)
        exchange->has_head = false;
    else if (len > 0 && (line[0] == '\r' || line[0] == '\n'))
        exchange->has_head = true;
}

static size_t take_header(char *bytes, size_t size, size_t count, void *context)
{
    struct rcn_http_exchange *exchange = context;
    exchange->header_bytes += size * count;
    if (exchange->header_bytes > MAX_HEADER_BYTES) {
        exchange->limit_passed = "the answer's headers are too large";
        return CURL_WRITEFUNC_ERROR;
    }
    note_end_of_head(exchange, bytes, size * count);
    return size * count;
}

/*
 * Called when the connection, its TLS and its proxy tunnel are ready and before the first byte of
 * the request: whatever fails without this call was not sent.
 */
/* NOLINTNEXTLINE(readability-non-const-parameter): the type is libcurl's */
static int note_sending(void *context, char *server_ip, char *own_ip, int server_port, int own_port)
{
    (void)server_ip;
    (void)own_ip;
    (void)server_port;
    (void)own_port;
    struct rcn_http_exchange *exchange = context;
    exchange->was_sent = true;
    return CURL_PREREQFUNC_OK;
}

/* --- the start of an exchange --- */

/* An empty value would make libcurl leave the header out; a line feed would make two of it. */
static int check_company(const char *company_id, struct rcn_error *err)
{
    size_t len = strlen(company_id);
    bool is_sendable = len > 0 && len <= COMPANY_BYTES;
    for (size_t i = 0; i < len && is_sendable; i++)
        is_sendable = company_id[i] > 0x20 && company_id[i] < 0x7f;
    if (is_sendable)
        return 0;
    return rcn_error_set(err, RCN_ERROR_FAILED,
                         "the company id '%.100s' cannot stand in an HTTP header", company_id);
}

static int copy_request(struct rcn_http_exchange *exchange, const struct rcn_http_request *request,
                        struct rcn_error *err)
{
    exchange->path = strdup(request->path);
    if (!exchange->path)
        return rcn_error_no_memory(err);
    if (request->body) {
        exchange->request_body = malloc(request->body_len + 1);
        if (!exchange->request_body)
            return rcn_error_no_memory(err);
        memcpy(exchange->request_body, request->body, request->body_len);
        exchange->request_body[request->body_len] = '\0';
    }
    if (request->company_id) {
        if (check_company(request->company_id, err))
            return -1;
        exchange->company_id = strdup(request->company_id);
        exchange->company_header = rcn_http_join("x-company-id: ", request->company_id);
        if (!exchange->company_id || !exchange->company_header)
            return rcn_error_no_memory(err);
    }
    return 0;
}

/* The list lives inside the exchange, so that the key is never copied by libcurl's own lists. */
static struct curl_slist *build_headers(struct rcn_http_exchange *exchange)
{
    static char accept[] = "Accept: application/json";
    static char no_cache[] = "Cache-Control: no-cache";
    static char content_type[] = "Content-Type: application/json";
    static char no_expect[] = "Expect:";
    char *texts[RCN_HTTP_HEADER_COUNT] = {accept, exchange->http->key_header};
    size_t count = 2;
    if (exchange->request_body) {
        texts[count++] = content_type;
        texts[count++] = no_expect;
    } else {
        texts[count++] = no_cache;
    }
    if (exchange->company_header)
        texts[count++] = exchange->company_header;
    for (size_t i = 0; i < count; i++)
        exchange->headers[i] = (struct curl_slist){
            .data = texts[i], .next = i + 1 < count ? &exchange->headers[i + 1] : NULL};
    return exchange->headers;
}

static unsigned set_common(struct rcn_http_exchange *exchange)
{
    const struct rcn_http *http = exchange->http;
    CURL *easy = exchange->easy;
    unsigned failed = 0;
    failed |= curl_easy_setopt(easy, CURLOPT_PRIVATE, exchange);
    failed |= curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, exchange->curl_error);
    failed |= curl_easy_setopt(easy, CURLOPT_HTTPHEADER, build_headers(exchange));
    failed |= curl_easy_setopt(easy, CURLOPT_USERAGENT, "audiencectl/" AUDIENCECTL_VERSION);
    failed |= curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, take_body);
    failed |= curl_easy_setopt(easy, CURLOPT_WRITEDATA, exchange);
    failed |= curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, take_header);
    failed |= curl_easy_setopt(easy, CURLOPT_HEADERDATA, exchange);
    failed |= curl_easy_setopt(easy, CURLOPT_PREREQFUNCTION, note_sending);
    failed |= curl_easy_setopt(easy, CURLOPT_PREREQDATA, exchange);
    failed |= curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, (long)exchange->timeout_ms);
    failed |= curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, (long)exchange->timeout_ms);
    failed |= curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    failed |= curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
    failed |= curl_easy_setopt(easy, CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
    failed |= curl_easy_setopt(easy, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
    failed |= curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, http->is_plain ? "http" : "https");
    failed |= curl_easy_setopt(easy, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
    if (http->is_plain)
        failed |= curl_easy_setopt(easy, CURLOPT_PROXY, "");
    if (http->ca_file) {
        failed |= curl_easy_setopt(easy, CURLOPT_CAINFO, http->ca_file);
        failed |= curl_easy_setopt(easy, CURLOPT_CAPATH, NULL);
    }
    return failed;
}

static unsigned set_url(struct rcn_http_exchange *exchange)
{
    char *url = rcn_http_join(exchange->http->origin, exchange->path);
    unsigned failed = url ? (unsigned)curl_easy_setopt(exchange->easy, CURLOPT_URL, url)
                          : (unsigned)CURLE_OUT_OF_MEMORY;
    free(url);
    return failed;
}

/* A connection of its own, before and after: see http.h. */
static unsigned set_create(struct rcn_http_exchange *exchange, size_t body_len)
{
    CURL *easy = exchange->easy;
    unsigned failed = 0;
    failed |= curl_easy_setopt(easy, CURLOPT_FRESH_CONNECT, 1L);
    failed |= curl_easy_setopt(easy, CURLOPT_FORBID_REUSE, 1L);
    failed |= curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
    failed |= curl_easy_setopt(easy, CURLOPT_POST, 1L);
    failed |= curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)body_len);
    failed |= curl_easy_setopt(easy, CURLOPT_POSTFIELDS, exchange->request_body);
    return failed;
}

static unsigned set_read(struct rcn_http_exchange *exchange)
{
    unsigned failed = 0;
    failed |= curl_easy_setopt(exchange->easy, CURLOPT_ACCEPT_ENCODING, "");
    failed |= curl_easy_setopt(exchange->easy, CURLOPT_BUFFERSIZE, READ_AT_ONCE);
    return failed;
}

static int prepare(struct rcn_http_exchange *exchange, const struct rcn_http_request *request,
                   struct rcn_error *err)
{
    exchange->answer = (struct rcn_http_answer){
        .tag = request->tag, .is_create = request->body != NULL, .retry_after_ms = -1};
    exchange->timeout_ms = exchange->http->timeout_ms;
    if (request->timeout_ms > 0 && request->timeout_ms < exchange->timeout_ms)
        exchange->timeout_ms = request->timeout_ms;
    rcn_buf_init(&exchange->body, request->max_body_bytes);
    rcn_buf_add(&exchange->body, "", 0); /* never NULL, even for an empty answer */
    if (exchange->body.failed)
        return rcn_error_no_memory(err);
    if (copy_request(exchange, request, err))
        return -1;
    exchange->easy = curl_easy_init();
    if (!exchange->easy)
        return rcn_error_no_memory(err);
    unsigned failed = set_common(exchange) | set_url(exchange);
    failed |= request->body ? set_create(exchange, request->body_len) : set_read(exchange);
    if (failed)
        return rcn_error_set(err, RCN_ERROR_FAILED, "libcurl cannot prepare a request");
    return 0;
}

struct rcn_http_exchange *rcn_http_exchange_new(struct rcn_http *http,
                                                const struct rcn_http_request *request,
                                                struct rcn_error *err)
{
    struct rcn_http_exchange *exchange = calloc(1, sizeof *exchange);
    if (!exchange) {
        rcn_error_no_memory(err);
        return NULL;
    }
    exchange->http = http;
    if (prepare(exchange, request, err)) {
        rcn_http_exchange_free(exchange);
        return NULL;
    }
    return exchange;
}

void rcn_http_exchange_free(struct rcn_http_exchange *exchange)
{
    if (exchange->easy) {
        curl_multi_remove_handle(exchange->http->multi, exchange->easy);
        curl_easy_cleanup(exchange->easy);
    }
    free(exchange->company_header);
    free(exchange->company_id);
    free(exchange->path);
    free(exchange->request_body);
    rcn_buf_release(&exchange->body);
    rcn_http_answer_release(&exchange->answer);
    free(exchange);
}
