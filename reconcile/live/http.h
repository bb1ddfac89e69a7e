/*
 * http.h: HTTP exchanges over libcurl's multi interface. Only http.c sees <curl/curl.h>.
 *
 * A *read* (GET) may share connections and HTTP/2. A *create* (POST) is sent over HTTP/1.1 on a
 * fresh connection of its own that is not kept, with no Expect header: libcurl re-sends a request
 * by itself when a reused connection dies without an answer, POST too, and that would be a second
 * create (DESIGN 2). When a create ends without a whole answer its connection is reset, also by the
 * kernel when the process is killed: no byte of it arrives after its end (a proxy that has taken it
 * may still forward it). No redirect is followed, so the key goes to the configured origin only.
 *
 * TLS is 1.2 or later; plain `http://` goes to loopback addresses alone. Proxies are the
 * environment's (HTTPS_PROXY, NO_PROXY); plain http uses none. Nothing is retried and nothing is
 * paced here: that is api.h.
 *
 * Limits: each answer has a maximum of body bytes (after decompression) and 64 KB of headers, each
 * exchange a maximum duration. Exceeding one ends the exchange as RCN_HTTP_LOST.
 *
 * This header is the one way from live/ and apply/ to the network, and rcn_http_poll is the only
 * function there that waits: tests/simulation replaces both. For one thread; the program ignores
 * SIGPIPE.
 */
#ifndef RCN_LIVE_HTTP_H
#define RCN_LIVE_HTTP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/secret.h"

struct rcn_http;

struct rcn_http_options {
    const char *origin;           /* `https://api.sequenzy.com`, checked by rcn_http_new */
    const struct rcn_secret *key; /* borrowed; sent as `Authorization: Bearer` */
    const char *ca_file;          /* PEM; this and ca_dir NULL: the system's certificates */
    const char *ca_dir;           /* hashed, as OpenSSL's SSL_CERT_DIR */
    int64_t timeout_ms;           /* for one exchange, connect included */
    /* One line for each finished exchange, without the key (-v); NULL: no one. */
    void (*log)(void *context, const char *line);
    void *log_context;
};

/* What is known of how far an exchange got. */
enum rcn_http_transfer {
    RCN_HTTP_ANSWERED, /* a whole answer arrived: status and body count */
    RCN_HTTP_NOT_SENT, /* no byte of the request can have left: name, connect or TLS failure */
    RCN_HTTP_LOST,     /* anything else: the server may or may not have taken the request */
};

struct rcn_http_request {
    const char *path;       /* after the origin: `/api/v1/audience-syncs`, with query */
    const char *company_id; /* x-company-id; NULL: not sent */
    const char *body;       /* NULL: a read. JSON: a create. Copied. */
    size_t body_len;
    size_t max_body_bytes; /* of the answer */
    int64_t timeout_ms;    /* shorter than the options' one; 0: that one */
    void *tag;             /* the caller's, comes back with the answer */
};

struct rcn_http_answer {
    enum rcn_http_transfer transfer;
    long status; /* 0 when no status line arrived */
    char *body;  /* NUL-terminated, owned by the answer; "" when empty */
    size_t body_len;
    int64_t retry_after_ms; /* from Retry-After, seconds or HTTP date; -1: absent or unreadable */
    char more_header[32]; /* the header that says that a list goes on: paging that we do not know */
    int64_t list_total;   /* how many items a header says that a list has; -1: none does */
    int64_t age_ms;       /* from Age: how long a cache has held the answer; 0: fresh */
    int64_t started_ms;   /* steady clock */
    int64_t ended_ms;     /* no byte of the request can arrive later */
    char error[256];      /* why not RCN_HTTP_ANSWERED, for people; "" otherwise */
    bool is_permanent;    /* not RCN_HTTP_ANSWERED, and another try would end the same way */
    bool is_create;
    void *tag;
};

/* https, or http to a loopback address; no user, query or fragment; a trailing `/`, `/api/v1` or
 * `/v1` is cut (SPEC 3). -1 with a usage error otherwise. */
int rcn_http_normalise_origin(const char *url, char *ret, size_t size, struct rcn_error *err);

/* NULL and err when the library, the CA file or the options are unusable. */
struct rcn_http *rcn_http_new(const struct rcn_http_options *options, struct rcn_error *err);
/* Aborts what is still in flight. NULL allowed. */
void rcn_http_free(struct rcn_http *http);

/* Starts an exchange now. -1 and err when it could not be started (nothing was sent). */
int rcn_http_start(struct rcn_http *http, const struct rcn_http_request *request,
                   struct rcn_error *err);

/* Lets exchanges go on for at most wait_ms, or until one has finished or a signal arrives; 0 only
 * looks. With nothing in flight it sleeps. -1 and err when the library fails. */
int rcn_http_poll(struct rcn_http *http, int64_t wait_ms, struct rcn_error *err);

/* The next finished exchange, in the order of finishing; false when there is none. */
bool rcn_http_next_answer(struct rcn_http *http, struct rcn_http_answer *ret);
void rcn_http_answer_release(struct rcn_http_answer *answer);

/* Aborts all that is in flight, creates with a reset of their connections (only_reads: not them),
 * and forgets what has finished. */
void rcn_http_cancel(struct rcn_http *http, bool only_reads);

size_t rcn_http_get_in_flight(const struct rcn_http *http);

/* --- values of headers --- */

/* A longer Retry-After or Age is cut to this. */
enum { RCN_HTTP_DELAY_MOST_MS = 3600 * 1000 };

/* Retry-After as seconds or as an HTTP date (api-contract 6.3), in milliseconds from now. A date is
 * relative to `date`, the answer's own Date header (the server's clock), or to wall_ms when that is
 * NULL or unreadable. -1 when value is NULL or neither. */
int64_t rcn_http_parse_retry_after(const char *value, const char *date, int64_t wall_ms);

/* Age: whole seconds, in milliseconds; 0 when value is NULL or no number. */
int64_t rcn_http_parse_age(const char *value);

#endif
