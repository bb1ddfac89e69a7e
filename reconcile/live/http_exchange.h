/*
 * http_exchange.h: one exchange with libcurl, from its request to its answer. For http*.c alone.
 */
#ifndef RCN_LIVE_HTTP_EXCHANGE_H
#define RCN_LIVE_HTTP_EXCHANGE_H

#include <curl/curl.h>

#include "base/buf.h"
#include "live/http.h"

enum { RCN_HTTP_ORIGIN_SIZE = 512, RCN_HTTP_HEADER_COUNT = 6 };

struct rcn_http_exchange {
    struct rcn_http_exchange *next;
    struct rcn_http *http;
    CURL *easy;
    struct curl_slist headers[RCN_HTTP_HEADER_COUNT];
    char *company_header;
    char *company_id;
    char *path;
    char *request_body; /* NULL: a read */
    int64_t timeout_ms;
    bool was_sent; /* libcurl came as far as sending the request */
    bool has_head; /* of the last answer, 1xx ones included, to its empty line */
    size_t header_bytes;
    const char *limit_passed; /* static text; NULL: none */
    struct rcn_buf body;
    char curl_error[CURL_ERROR_SIZE];
    struct rcn_http_answer answer;
};

struct rcn_http {
    CURLM *multi;
    char origin[RCN_HTTP_ORIGIN_SIZE];
    bool is_plain; /* http: */
    char *ca_file;
    char *key_header;
    const struct rcn_secret *key;
    int64_t timeout_ms;
    void (*log)(void *context, const char *line);
    void *log_context;
    struct rcn_http_exchange *in_flight;
    size_t in_flight_count;
    struct rcn_http_exchange *finished; /* oldest first */
};

/* An exchange whose easy handle is ready for the multi handle; NULL and err otherwise. */
struct rcn_http_exchange *rcn_http_exchange_new(struct rcn_http *http,
                                                const struct rcn_http_request *request,
                                                struct rcn_error *err);
/* Takes it out of the multi handle too. */
void rcn_http_exchange_free(struct rcn_http_exchange *exchange);

/* `first` and `second` in one string of the heap. NULL when out of memory. */
char *rcn_http_join(const char *first, const char *second);

#endif
