#include "live/http.h"

#include <arpa/inet.h>
#include <assert.h>
#include <ctype.h>
#include <curl/curl.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/escape.h"
#include "base/file.h"
#include "base/memory.h"
#include "base/redact.h"
#include "live/paging.h"

enum {
    MAX_CA_BYTES = 16 << 20,
    MAX_HEADER_BYTES = 64 * 1024,
    MAX_COMPANY_BYTES = 256,
    POLL_MOST_MS = 3600 * 1000,
    ORIGIN_SIZE = 512,
    URL_SIZE = 2 * ORIGIN_SIZE + 256,
    HEADER_COUNT = 5,
    MAX_SOCKETS = 8,
};

/* Eight times libcurl's own: a list of 34 MB comes with an eighth of the calls. */
#define READ_AT_ONCE (128L * 1024)
#define COMPANY_HEADER "x-company-id: "

/* One exchange with libcurl, from its request to its answer. */
struct exchange {
    struct exchange *next;
    struct rcn_http *http;
    CURL *easy; /* NULL once it has finished */
    char url[URL_SIZE];
    char company_header[sizeof COMPANY_HEADER + MAX_COMPANY_BYTES]; /* "": none */
    struct curl_slist headers[HEADER_COUNT];
    int64_t timeout_ms;
    /* Of a create; an address that answers late makes a second one. CURL_SOCKET_BAD: closed. */
    curl_socket_t sockets[MAX_SOCKETS];
    size_t socket_count;
    bool was_sent; /* libcurl came as far as sending the request */
    bool has_head; /* of the last answer, 1xx ones included, to its empty line */
    size_t header_bytes;
    const char *limit_passed; /* static text; NULL: none */
    struct rcn_buf body;
    char curl_error[CURL_ERROR_SIZE];
    struct rcn_http_answer answer;
};

struct rcn_http {
    struct rcn_http_options options;
    CURLM *multi;
    char origin[ORIGIN_SIZE];
    bool is_plain; /* http: */
    struct rcn_secret key_header;
    struct exchange *exchanges; /* those in flight, then the finished ones, oldest first */
};

/* --- the origin --- */

/* Names that never leave the machine (RFC 6761), and the addresses of the loopback interface. */
static bool is_loopback(const char *host)
{
    static const char suffix[] = ".localhost";
    size_t len = strlen(host);
    struct in_addr address;
    if (strcmp(host, "localhost") == 0 || strcmp(host, "[::1]") == 0)
        return true;
    if (len >= sizeof suffix && strcmp(host + len - (sizeof suffix - 1), suffix) == 0)
        return true;
    return inet_pton(AF_INET, host, &address) == 1 && ntohl(address.s_addr) >> 24 == 127;
}

static bool is_base_path(const char *path)
{
    static const char *const bases[] = {"", "/", "/api/v1", "/api/v1/", "/v1", "/v1/"};
    for (size_t i = 0; i < sizeof bases / sizeof *bases; i++)
        if (strcmp(path, bases[i]) == 0)
            return true;
    return false;
}

/* What is wrong with a URL, or NULL when ret is its origin. One API must have one name, or a run
 * would not find what an earlier one wrote: lower case, without the dot that ends a name in the
 * DNS, and without the scheme's own port. */
static const char *normalise(const char *url, char *ret, size_t size)
{
    char *scheme = NULL;
    char *host = NULL;
    char *port = NULL;
    char *path = NULL;
    const char *flaw = NULL;
    CURLU *handle = curl_url();
    CURLUcode code = curl_url_set(handle, CURLUPART_URL, url, 0);
    if (code || curl_url_get(handle, CURLUPART_SCHEME, &scheme, 0) ||
        curl_url_get(handle, CURLUPART_HOST, &host, 0) ||
        curl_url_get(handle, CURLUPART_PATH, &path, 0)) {
        flaw = code == CURLUE_BAD_PORT_NUMBER ? "has an invalid port" : "is not an https URL";
    } else {
        size_t len = strlen(host);
        for (size_t i = 0; i < len; i++)
            host[i] = (char)tolower((unsigned char)host[i]);
        if (len > 1 && host[len - 1] == '.')
            host[len - 1] = '\0';
        curl_url_get(handle, CURLUPART_PORT, &port, CURLU_NO_DEFAULT_PORT);
        int used =
            snprintf(ret, size, "%s://%s%s%s", scheme, host, port ? ":" : "", port ? port : "");
        if (strcmp(scheme, "https") != 0 && strcmp(scheme, "http") != 0)
            flaw = "is not an https URL";
        else if (strcmp(scheme, "http") == 0 && !is_loopback(host))
            flaw = "would send the key unencrypted: http is for loopback only";
        else if (port && strcmp(port, "0") == 0)
            flaw = "names the port 0";
        else if (!is_base_path(path))
            flaw = "has a path other than /api/v1";
        else if (used < 0 || (size_t)used >= size)
            flaw = "is too long";
    }
    curl_free(scheme);
    curl_free(host);
    curl_free(port);
    curl_free(path);
    curl_url_cleanup(handle);
    return flaw;
}

int rcn_http_normalise_origin(const char *url, char *ret, size_t size, struct rcn_error *err)
{
    if (strchr(url, '@')) {
        /* What is before the @ may be a password: not shown. */
        rcn_error_set(err, RCN_ERROR_USAGE, "the API URL has a user or a password in it");
        return rcn_error_set_hint(err, "the key goes into SEQUENZY_API_KEY or --api-key-file");
    }
    /* A query may hold a key: not shown. Decoding '%' can make another address of a host. */
    const char *flaw = strchr(url, '%') ? "has a '%' in it" : NULL;
    if (strpbrk(url, "?#"))
        rcn_error_set(err, RCN_ERROR_USAGE, "the API URL has a query or a fragment");
    else if (flaw || (flaw = normalise(url, ret, size)))
        rcn_error_set(err, RCN_ERROR_USAGE, "the API URL '%.200s' %s", url, flaw);
    else
        return 0;
    return rcn_error_set_hint(err, "write the origin alone, for example https://api.sequenzy.com");
}

/* --- what libcurl calls back --- */

static size_t take_body(char *bytes, size_t size, size_t count, void *context)
{
    struct exchange *exchange = context;
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
static size_t take_header(char *bytes, size_t size, size_t count, void *context)
{
    struct exchange *exchange = context;
    size_t len = size * count;
    exchange->header_bytes += len;
    if (exchange->header_bytes > MAX_HEADER_BYTES) {
        exchange->limit_passed = "the answer's headers are too large";
        return CURL_WRITEFUNC_ERROR;
    }
    if (len >= 5 && memcmp(bytes, "HTTP/", 5) == 0)
        exchange->has_head = false;
    else if (len > 0 && (bytes[0] == '\r' || bytes[0] == '\n'))
        exchange->has_head = true;
    return len;
}

/* Called when the connection, its TLS and its proxy tunnel are ready and before the first byte of
 * the request: whatever fails without this call was not sent. */
/* NOLINTNEXTLINE(readability-non-const-parameter): the type is libcurl's */
static int note_sending(void *context, char *server_ip, char *own_ip, int server_port, int own_port)
{
    (void)server_ip;
    (void)own_ip;
    (void)server_port;
    (void)own_port;
    struct exchange *exchange = context;
    exchange->was_sent = true;
    return CURL_PREREQFUNC_OK;
}

/* Closing the socket discards what the kernel has not delivered (a reset), or waits for nothing. */
static void set_discarding(curl_socket_t socket, bool is_discarding)
{
    const struct linger linger = {.l_onoff = is_discarding, .l_linger = 0};
    setsockopt(socket, SOL_SOCKET, SO_LINGER, &linger, sizeof linger);
}

/* A create that is given up must not arrive later: without this the kernel goes on sending what is
 * in its queue for minutes, also after the process was killed. */
static int begin_create_socket(void *context, curl_socket_t socket, curlsocktype purpose)
{
    (void)purpose;
    struct exchange *exchange = context;
    /* A git that is running must not keep it open when this process is killed. */
    (void)fcntl(socket, F_SETFD, FD_CLOEXEC);
    set_discarding(socket, true);
    if (exchange->socket_count < MAX_SOCKETS)
        exchange->sockets[exchange->socket_count++] = socket;
    return CURL_SOCKOPT_OK;
}

/* libcurl closes the connection of a create before it reports its end. By then it has written an
 * error message unless the answer is whole. */
static int close_create_socket(void *context, curl_socket_t socket)
{
    const struct rcn_http *http = context;
    for (struct exchange *exchange = http->exchanges; exchange; exchange = exchange->next)
        for (size_t i = 0; i < exchange->socket_count; i++) {
            if (exchange->sockets[i] != socket)
                continue;
            exchange->sockets[i] = CURL_SOCKET_BAD;
            set_discarding(socket, !exchange->has_head || exchange->curl_error[0]);
        }
    return close(socket);
}

/* --- the start of an exchange --- */

/* An empty value would make libcurl leave the header out; a line feed would make two of it. */
static bool is_sendable(const char *company_id)
{
    size_t len = strlen(company_id);
    for (size_t i = 0; i < len; i++)
        if (company_id[i] <= 0x20 || company_id[i] >= 0x7f)
            return false;
    return len > 0 && len <= MAX_COMPANY_BYTES;
}

/* The list lives inside the exchange, so that the key is never copied by libcurl's own lists. */
static struct curl_slist *build_headers(struct exchange *exchange)
{
    static char accept[] = "Accept: application/json";
    static char no_cache[] = "Cache-Control: no-cache";
    static char content_type[] = "Content-Type: application/json";
    static char no_expect[] = "Expect:";
    static char none[] = "";
    const bool is_create = exchange->answer.is_create;
    char *const texts[HEADER_COUNT] = {
        accept,
        exchange->http->key_header.text,
        exchange->company_header,
        is_create ? content_type : no_cache,
        is_create ? no_expect : none,
    };
    struct curl_slist *list = NULL;
    for (size_t i = 0; i < HEADER_COUNT; i++)
        if (texts[i][0]) {
            exchange->headers[i] = (struct curl_slist){.data = texts[i], .next = list};
            list = &exchange->headers[i];
        }
    return list;
}

static unsigned set_options(struct exchange *exchange, const struct rcn_http_request *request)
{
    const struct rcn_http *http = exchange->http;
    CURL *easy = exchange->easy;
    unsigned failed = 0;
    failed |= curl_easy_setopt(easy, CURLOPT_URL, exchange->url);
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
    if (http->options.ca_file || http->options.ca_dir) {
        failed |= curl_easy_setopt(easy, CURLOPT_CAINFO, http->options.ca_file);
        failed |= curl_easy_setopt(easy, CURLOPT_CAPATH, http->options.ca_dir);
    }
    if (!request->body) {
        failed |= curl_easy_setopt(easy, CURLOPT_ACCEPT_ENCODING, "");
        failed |= curl_easy_setopt(easy, CURLOPT_BUFFERSIZE, READ_AT_ONCE);
        return failed;
    }
    /* A connection of its own, before and after: see http.h. */
    failed |= curl_easy_setopt(easy, CURLOPT_FRESH_CONNECT, 1L);
    failed |= curl_easy_setopt(easy, CURLOPT_FORBID_REUSE, 1L);
    failed |= curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
    failed |= curl_easy_setopt(easy, CURLOPT_SOCKOPTFUNCTION, begin_create_socket);
    failed |= curl_easy_setopt(easy, CURLOPT_SOCKOPTDATA, exchange);
    failed |= curl_easy_setopt(easy, CURLOPT_CLOSESOCKETFUNCTION, close_create_socket);
    /* Not the exchange: some versions close a connection long after its exchange. */
    failed |= curl_easy_setopt(easy, CURLOPT_CLOSESOCKETDATA, exchange->http);
    failed |= curl_easy_setopt(easy, CURLOPT_POST, 1L);
    failed |= curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)request->body_len);
    failed |= curl_easy_setopt(easy, CURLOPT_COPYPOSTFIELDS, request->body);
    return failed;
}

static void free_exchange(struct exchange *exchange)
{
    if (exchange->easy) {
        curl_multi_remove_handle(exchange->http->multi, exchange->easy);
        curl_easy_cleanup(exchange->easy);
    }
    rcn_buf_release(&exchange->body);
    rcn_http_answer_release(&exchange->answer);
    free(exchange);
}

int rcn_http_start(struct rcn_http *http, const struct rcn_http_request *request,
                   struct rcn_error *err)
{
    const char *company_id = request->company_id;
    int64_t timeout_ms = http->options.timeout_ms;
    assert(request->path[0] == '/');
    if (company_id && !is_sendable(company_id))
        return rcn_error_set(err, RCN_ERROR_FAILED, "invalid company id '%.100s'", company_id);
    struct exchange *exchange = rcn_calloc(1, sizeof *exchange);
    exchange->http = http;
    exchange->answer = (struct rcn_http_answer){.tag = request->tag,
                                                .is_create = request->body != NULL,
                                                .retry_after_ms = -1,
                                                .list_total = -1};
    exchange->timeout_ms = request->timeout_ms > 0 && request->timeout_ms < timeout_ms
                               ? request->timeout_ms
                               : timeout_ms;
    rcn_buf_init(&exchange->body, request->max_body_bytes);
    rcn_buf_add(&exchange->body, "", 0); /* never NULL, even for an empty answer */
    if (company_id)
        snprintf(exchange->company_header, sizeof exchange->company_header, COMPANY_HEADER "%s",
                 company_id);
    int len = snprintf(exchange->url, sizeof exchange->url, "%s%s", http->origin, request->path);
    bool is_set = len > 0 && (size_t)len < sizeof exchange->url;
    exchange->easy = is_set ? curl_easy_init() : NULL;
    exchange->answer.started_ms = rcn_clock_steady_ms();
    if (!exchange->easy || set_options(exchange, request) ||
        curl_multi_add_handle(http->multi, exchange->easy)) {
        free_exchange(exchange);
        return rcn_error_set(err, RCN_ERROR_FAILED, "libcurl cannot start a request");
    }
    exchange->next = http->exchanges;
    http->exchanges = exchange;
    return 0;
}

/* --- the handle --- */

/* Checked now, not at the first handshake: whether the file can be used at all. */
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

struct rcn_http *rcn_http_new(const struct rcn_http_options *options, struct rcn_error *err)
{
    static const char bearer[] = "Authorization: Bearer ";
    static bool is_initialised;
    assert(options->key && options->key->text && options->timeout_ms > 0);
    struct rcn_http *http = rcn_calloc(1, sizeof *http);
    struct rcn_secret *header = &http->key_header;
    http->options = *options;
    header->len = strlen(bearer) + options->key->len;
    header->text = rcn_malloc(header->len + 1);
    snprintf(header->text, header->len + 1, "%s%s", bearer, options->key->text);
    if (rcn_http_normalise_origin(options->origin, http->origin, sizeof http->origin, err) ||
        (options->ca_file && check_ca_file(options->ca_file, err))) {
        rcn_http_free(http);
        return NULL;
    }
    http->is_plain = strncmp(http->origin, "http://", 7) == 0;
    is_initialised = is_initialised || !curl_global_init(CURL_GLOBAL_DEFAULT);
    http->multi = is_initialised ? curl_multi_init() : NULL;
    if (!http->multi) {
        rcn_error_set(err, RCN_ERROR_FAILED, "cannot initialise libcurl");
        rcn_http_free(http);
        return NULL;
    }
    return http;
}

void rcn_http_cancel(struct rcn_http *http, bool only_reads)
{
    for (struct exchange **place = &http->exchanges; *place;) {
        struct exchange *exchange = *place;
        if (only_reads && exchange->answer.is_create) {
            place = &exchange->next;
            continue;
        }
        /* First: libcurl looks in the list for the exchange of a socket that it closes. */
        *place = exchange->next;
        free_exchange(exchange);
    }
}

void rcn_http_free(struct rcn_http *http)
{
    if (!http)
        return;
    rcn_http_cancel(http, false);
    curl_multi_cleanup(http->multi);
    rcn_secret_release(&http->key_header);
    free(http);
}

size_t rcn_http_get_in_flight(const struct rcn_http *http)
{
    size_t count = 0;
    for (const struct exchange *exchange = http->exchanges; exchange; exchange = exchange->next)
        count += exchange->easy != NULL;
    return count;
}

/* The place of the oldest finished exchange, or the list's end. */
static struct exchange **find_finished(struct rcn_http *http)
{
    struct exchange **place = &http->exchanges;
    while (*place && (*place)->easy)
        place = &(*place)->next;
    return place;
}

/* --- the end of an exchange --- */

/* The year 9999, past which libcurl reads on. */
static const int64_t date_most_s = INT64_C(253402300799);

static int64_t clamp(int64_t ms)
{
    if (ms < 0)
        return 0;
    return ms > RCN_HTTP_DELAY_MOST_MS ? RCN_HTTP_DELAY_MOST_MS : ms;
}

/* curl_getdate also takes fragments like `Mon` and bare numbers: a date has a comma or a colon. */
static int64_t parse_date_ms(const char *value)
{
    if (!value || !strchr(value, ':'))
        return -1;
    time_t seconds = curl_getdate(value, NULL);
    return seconds < 0 || (int64_t)seconds > date_most_s ? -1 : (int64_t)seconds * 1000;
}

int64_t rcn_http_parse_age(const char *value)
{
    int64_t seconds = value ? rcn_paging_parse_number(value) : -1;
    return clamp(seconds > RCN_HTTP_DELAY_MOST_MS ? seconds : seconds * 1000);
}

int64_t rcn_http_parse_retry_after(const char *value, const char *date, int64_t wall_ms)
{
    if (value && rcn_paging_parse_number(value) >= 0)
        return rcn_http_parse_age(value);
    int64_t until_ms = parse_date_ms(value);
    int64_t now_ms = parse_date_ms(date);
    return until_ms < 0 ? -1 : clamp(until_ms - (now_ms >= 0 ? now_ms : wall_ms));
}

static const char *get_header(CURL *easy, const char *name)
{
    struct curl_header *header;
    return curl_easy_header(easy, name, 0, CURLH_HEADER, -1, &header) ? NULL : header->value;
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

/* Why it failed, in our words where libcurl's differ from run to run. */
static void describe_failure(struct exchange *exchange, CURLcode code, char *ret, size_t size)
{
    const char *origin = exchange->http->origin;
    const char *detail = exchange->curl_error[0] ? exchange->curl_error : curl_easy_strerror(code);
    char host[ORIGIN_SIZE];
    long system_error = 0;
    long proxy_status = 0;
    /* What a deadline left is any number of milliseconds: `2 s`, not `1.999 s`. */
    int64_t timeout_ms = exchange->timeout_ms;
    timeout_ms = timeout_ms < 1000 ? timeout_ms : (timeout_ms + 50) / 100 * 100;
    snprintf(host, sizeof host, "%.*s", (int)strcspn(origin + strlen("https://"), ":"),
             origin + strlen("https://"));
    /* libcurl names the host that it failed to reach, which is the proxy's when there is one. */
    bool is_about_proxy = !exchange->http->is_plain && host[0] != '[' && exchange->curl_error[0] &&
                          !strstr(exchange->curl_error, host);
    curl_easy_getinfo(exchange->easy, CURLINFO_OS_ERRNO, &system_error);
    curl_easy_getinfo(exchange->easy, CURLINFO_HTTP_CONNECTCODE, &proxy_status);
    if (exchange->limit_passed)
        snprintf(ret, size, "%s", exchange->limit_passed);
    else if (code == CURLE_OPERATION_TIMEDOUT)
        snprintf(ret, size, "no whole answer within %.10g s%s", (double)timeout_ms / 1000,
                 exchange->was_sent ? "" : " (the connection was not ready)");
    else if (proxy_status >= 300 && !exchange->was_sent)
        snprintf(ret, size, "the environment's proxy refused the connection to %s with %ld", origin,
                 proxy_status);
    else if (code == CURLE_COULDNT_RESOLVE_HOST)
        snprintf(ret, size, "cannot resolve the host of %s", origin);
    else if (code == CURLE_COULDNT_CONNECT)
        snprintf(ret, size, "cannot connect to %s%s: %s", origin,
                 is_about_proxy ? " through the environment's proxy" : "",
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

static void fill_answer(struct exchange *exchange, CURLcode code)
{
    struct rcn_http_answer *answer = &exchange->answer;
    CURL *easy = exchange->easy;
    curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &answer->status);
    answer->retry_after_ms = rcn_http_parse_retry_after(
        get_header(easy, "Retry-After"), get_header(easy, "Date"), rcn_clock_wall_ms());
    answer->age_ms = rcn_http_parse_age(get_header(easy, "Age"));
    for (struct curl_header *header = NULL;
         (header = curl_easy_nextheader(easy, CURLH_HEADER, -1, header));) {
        if (rcn_paging_header_says_more(header->name, header->value))
            snprintf(answer->more_header, sizeof answer->more_header, "%s", header->name);
        int64_t total = rcn_paging_header_get_total(header->name, header->value);
        answer->list_total = total > answer->list_total ? total : answer->list_total;
    }
    if (code == CURLE_OK && answer->status >= 200 && exchange->has_head) {
        answer->transfer = RCN_HTTP_ANSWERED;
    } else {
        char raw[2 * CURL_ERROR_SIZE + ORIGIN_SIZE];
        /* Two witnesses: the library's call before it sends, and its count of bytes of requests. */
        long request_bytes = 0;
        curl_off_t body_bytes = 0;
        bool may_be_sent = curl_easy_getinfo(easy, CURLINFO_REQUEST_SIZE, &request_bytes) ||
                           curl_easy_getinfo(easy, CURLINFO_SIZE_UPLOAD_T, &body_bytes) ||
                           exchange->was_sent || request_bytes > 0 || body_bytes > 0;
        answer->transfer = may_be_sent ? RCN_HTTP_LOST : RCN_HTTP_NOT_SENT;
        answer->is_permanent =
            exchange->limit_passed || (is_tls_failure(code) && code != CURLE_SSL_CONNECT_ERROR);
        describe_failure(exchange, code, raw, sizeof raw);
        rcn_redact(raw);
        rcn_escape_visible_into(answer->error, sizeof answer->error, raw);
    }
    answer->body_len = exchange->body.len;
    answer->body = rcn_buf_take(&exchange->body);
}

static void log_exchange(const struct exchange *exchange)
{
    const struct rcn_http *http = exchange->http;
    const struct rcn_http_answer *answer = &exchange->answer;
    const char *company = exchange->company_header;
    const char *path = exchange->url + strlen(http->origin);
    char raw[1536];
    char line[2 * sizeof raw];
    char what[sizeof answer->error + 64];
    if (!http->options.log)
        return;
    if (answer->transfer == RCN_HTTP_ANSWERED)
        snprintf(what, sizeof what, "%ld, %zu bytes", answer->status, answer->body_len);
    else
        snprintf(what, sizeof what, "%s: %s",
                 answer->transfer == RCN_HTTP_NOT_SENT ? "not sent" : "lost", answer->error);
    snprintf(raw, sizeof raw, "%s %.512s%s%.256s%s -> %s, %lld ms",
             answer->is_create ? "POST" : "GET", path, *company ? " (company " : "",
             *company ? company + strlen(COMPANY_HEADER) : "", *company ? ")" : "", what,
             (long long)(answer->ended_ms - answer->started_ms));
    rcn_redact(raw);
    rcn_escape_visible_into(line, sizeof line, raw);
    http->options.log(http->options.log_context, line);
}

static void finish(struct exchange *exchange, CURLcode code)
{
    struct rcn_http *http = exchange->http;
    fill_answer(exchange, code);
    /* Some versions of libcurl close it later. */
    for (size_t i = 0; i < exchange->socket_count; i++)
        if (exchange->sockets[i] != CURL_SOCKET_BAD)
            set_discarding(exchange->sockets[i], exchange->answer.transfer != RCN_HTTP_ANSWERED);
    exchange->socket_count = 0;
    curl_multi_remove_handle(http->multi, exchange->easy);
    curl_easy_cleanup(exchange->easy);
    exchange->easy = NULL;
    struct exchange **place = &http->exchanges;
    while (*place != exchange)
        place = &(*place)->next;
    *place = exchange->next;
    exchange->next = NULL;
    while (*place)
        place = &(*place)->next;
    *place = exchange;
    /* Only now can no byte of the request arrive any more. */
    exchange->answer.ended_ms = rcn_clock_steady_ms();
    log_exchange(exchange);
}

int rcn_http_poll(struct rcn_http *http, int64_t wait_ms, struct rcn_error *err)
{
    int64_t until_ms = rcn_clock_steady_ms() + (wait_ms > POLL_MOST_MS ? POLL_MOST_MS : wait_ms);
    for (;;) {
        int count;
        CURLMcode code = curl_multi_perform(http->multi, &count);
        for (const CURLMsg *message; (message = curl_multi_info_read(http->multi, &count));) {
            char *exchange = NULL;
            if (message->msg == CURLMSG_DONE &&
                !curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &exchange) && exchange)
                finish((struct exchange *)(void *)exchange, message->data.result);
        }
        int64_t left_ms = until_ms - rcn_clock_steady_ms();
        if (code == CURLM_OK && (*find_finished(http) || left_ms <= 0))
            return 0;
        errno = 0;
        if (code == CURLM_OK)
            code = curl_multi_poll(http->multi, NULL, 0, (int)left_ms, &count);
        if (code)
            return rcn_error_set(err, RCN_ERROR_FAILED, "libcurl failed: %s",
                                 curl_multi_strerror(code));
        if (count == 0 && errno == EINTR)
            return 0;
    }
}

bool rcn_http_next_answer(struct rcn_http *http, struct rcn_http_answer *ret)
{
    struct exchange **place = find_finished(http);
    struct exchange *exchange = *place;
    if (!exchange)
        return false;
    *place = exchange->next;
    *ret = exchange->answer;
    exchange->answer.body = NULL;
    free_exchange(exchange);
    return true;
}

void rcn_http_answer_release(struct rcn_http_answer *answer)
{
    free(answer->body);
    answer->body = NULL;
    answer->body_len = 0;
}
