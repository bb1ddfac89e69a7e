#include "server.h"

#include <ctype.h>
#include <microhttpd.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/escape.h"
#include "base/memory.h"

enum {
    HELD_MAX_MS = 600000, /* a client that waits longer than ten minutes waits for ever */
    HEADERS_MAX = 16384,
    BLOCK_SIZE = 65536,
};

struct sbx_server {
    struct MHD_Daemon *daemon;
    const struct sbx_service *service;
    pthread_mutex_t lock;
    unsigned long connections; /* so far */
};

/* One request while it arrives. */
struct arrival {
    struct rcn_buf body;
};

/* A body that is sent in an odd way: cut, endless or dripped. */
struct stream {
    const struct sbx_service *service;
    struct rcn_buf body; /* owned */
    enum sbx_delivery delivery;
    int64_t drip_ms;
    int64_t end_ms; /* of the steady clock: when an endless one gives up */
};

/* --- reading the request --- */

static const char *get_header(struct MHD_Connection *connection, const char *name)
{
    return MHD_lookup_connection_value(connection, MHD_HEADER_KIND, name);
}

static const char *get_parameter(struct MHD_Connection *connection, const char *name)
{
    return MHD_lookup_connection_value(connection, MHD_GET_ARGUMENT_KIND, name);
}

/* Header names become JSON keys that need no escaping; anything else than a usual name is `_`. */
static void copy_name(char *ret, size_t size, const char *name)
{
    static const char usual[] = "abcdefghijklmnopqrstuvwxyz0123456789-";
    size_t len = 0;
    for (; name[len] && len + 1 < size; len++) {
        ret[len] = (char)tolower((unsigned char)name[len]);
        if (!strchr(usual, ret[len]))
            ret[len] = '_';
    }
    ret[len] = '\0';
}

static enum MHD_Result add_header(void *context, enum MHD_ValueKind kind, const char *name,
                                  const char *value)
{
    char key[64];
    char visible[512];
    (void)kind;
    copy_name(key, sizeof key, name);
    rcn_escape_visible_into(visible, sizeof visible, value ? value : "");
    rcn_json_key_string(context, key, strcmp(key, "authorization") == 0 ? "(not kept)" : visible);
    return MHD_YES;
}

/* As a JSON object, for the log. */
static void render_headers(struct MHD_Connection *connection, struct rcn_buf *out)
{
    struct rcn_json_writer writer;
    rcn_json_writer_init(&writer, out);
    rcn_json_begin_object(&writer);
    MHD_get_connection_values(connection, MHD_HEADER_KIND, add_header, &writer);
    rcn_json_end_object(&writer);
}

static void read_request(struct MHD_Connection *connection, const char *url, const char *method,
                         const struct arrival *arrival, struct sbx_request *ret)
{
    *ret = (struct sbx_request){.method = method,
                                .path = url,
                                .authorization = get_header(connection, "Authorization"),
                                .company_id = get_header(connection, "x-company-id"),
                                .limit = get_parameter(connection, "limit"),
                                .offset = get_parameter(connection, "offset"),
                                .body = arrival->body.data,
                                .body_len = arrival->body.len,
                                .body_too_large = arrival->body.failed};
}

static unsigned long get_connection_number(struct MHD_Connection *connection)
{
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
    return info && info->socket_context ? *(unsigned long *)info->socket_context : 0;
}

/* --- sending the answer --- */

static ssize_t read_stream(void *context, uint64_t position, char *block, size_t max)
{
    const struct stream *stream = context;
    size_t end = stream->delivery == SBX_DELIVERY_CUT ? stream->body.len / 2 : stream->body.len;
    size_t left = position < end ? end - (size_t)position : 0;
    size_t len = left < max ? left : max;
    if (stream->delivery == SBX_DELIVERY_DRIP && left) {
        if (!sbx_stop_wait(stream->service->stop, stream->drip_ms, -1))
            return MHD_CONTENT_READER_END_WITH_ERROR;
        len = 1;
    }
    if (len) {
        memcpy(block, stream->body.data + position, len);
        return (ssize_t)len;
    }
    if (stream->delivery != SBX_DELIVERY_ENDLESS || rcn_clock_steady_ms() > stream->end_ms ||
        !sbx_stop_wait(stream->service->stop, 0, -1))
        return MHD_CONTENT_READER_END_WITH_ERROR;
    memset(block, 'x', max);
    return (ssize_t)max;
}

static void stream_free(void *context)
{
    struct stream *stream = context;
    rcn_buf_release(&stream->body);
    free(stream);
}

/* Takes the body over from the answer. */
static struct MHD_Response *new_stream(const struct sbx_service *service, struct sbx_answer *answer)
{
    struct stream *stream = calloc(1, sizeof *stream);
    if (!stream)
        return NULL;
    stream->service = service;
    stream->body = answer->body;
    stream->delivery = answer->delivery;
    stream->drip_ms = answer->drip_ms;
    stream->end_ms = rcn_clock_steady_ms() + HELD_MAX_MS;
    uint64_t size = answer->delivery == SBX_DELIVERY_ENDLESS ? MHD_SIZE_UNKNOWN : answer->body.len;
    struct MHD_Response *response =
        MHD_create_response_from_callback(size, BLOCK_SIZE, read_stream, stream, stream_free);
    if (response)
        rcn_buf_init(&answer->body, 0);
    else
        free(stream);
    return response;
}

static struct MHD_Response *new_whole(struct sbx_answer *answer)
{
    struct MHD_Response *response =
        MHD_create_response_from_buffer(answer->body.len, answer->body.data, MHD_RESPMEM_MUST_FREE);
    if (response)
        rcn_buf_init(&answer->body, 0);
    return response;
}

static enum MHD_Result send_answer(struct MHD_Connection *connection, const char *url,
                                   const struct sbx_service *service, struct sbx_answer *answer)
{
    if (answer->body.failed)
        return MHD_NO;
    struct MHD_Response *response =
        answer->delivery == SBX_DELIVERY_WHOLE ? new_whole(answer) : new_stream(service, answer);
    if (!response)
        return MHD_NO;
    MHD_add_response_header(response, "Content-Type", answer->content_type);
    if (answer->retry_after[0])
        MHD_add_response_header(response, "Retry-After", answer->retry_after);
    if (answer->allow[0])
        MHD_add_response_header(response, "Allow", answer->allow);
    /* To the same path: a client that follows a redirect with a POST does its work twice. */
    if (answer->status / 100 == 3)
        MHD_add_response_header(response, "Location", url);
    enum MHD_Result result = MHD_queue_response(connection, answer->status, response);
    MHD_destroy_response(response);
    return result;
}

/*
 * A reset, not an orderly end. The library shuts a connection down before it closes it, which the
 * peer would see as an end of file; so the socket is closed under its feet, by putting another one
 * in the place of its number.
 */
static void reset_connection(int fd)
{
    struct linger none = {.l_onoff = 1, .l_linger = 0};
    int spare = socket(AF_INET, SOCK_STREAM, 0);
    setsockopt(fd, SOL_SOCKET, SO_LINGER, &none, sizeof none);
    if (spare < 0)
        return;
    dup2(spare, fd);
    close(spare);
}

static enum MHD_Result deliver(struct MHD_Connection *connection, const char *url,
                               const struct sbx_service *service, struct sbx_answer *answer)
{
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
    if (answer->delivery == SBX_DELIVERY_RESET) {
        reset_connection(info->connect_fd);
        return MHD_NO;
    }
    if (answer->delivery == SBX_DELIVERY_NEVER) {
        sbx_stop_wait(service->stop, HELD_MAX_MS, info->connect_fd);
        return MHD_NO;
    }
    return send_answer(connection, url, service, answer);
}

/* --- what the library calls --- */

static enum MHD_Result serve(const struct sbx_service *service, struct MHD_Connection *connection,
                             const char *url, const char *method, const char *version,
                             const struct arrival *arrival)
{
    struct sbx_request request;
    struct sbx_answer answer;
    struct rcn_buf headers;
    rcn_buf_init(&headers, HEADERS_MAX);
    render_headers(connection, &headers);
    struct sbx_log_request logged = {.method = method,
                                     .path = url,
                                     .http_version = version,
                                     .headers = rcn_buf_get_str(&headers),
                                     .connection = get_connection_number(connection)};
    read_request(connection, url, method, arrival, &request);
    sbx_answer_init(&answer);
    sbx_service_handle(service, &request, &logged, &answer);
    enum MHD_Result result = deliver(connection, url, service, &answer);
    sbx_answer_release(&answer);
    rcn_buf_release(&headers);
    return result;
}

static struct arrival *arrival_new(void)
{
    struct arrival *arrival = calloc(1, sizeof *arrival);
    if (arrival)
        rcn_buf_init(&arrival->body, SBX_SERVER_BODY_MAX);
    return arrival;
}

/* Called first without a body, then for each piece of it, then once more at its end. */
static enum MHD_Result on_request(void *context, struct MHD_Connection *connection, const char *url,
                                  const char *method, const char *version, const char *piece,
                                  size_t *piece_len, void **ret_arrival)
{
    const struct sbx_server *server = context;
    struct arrival *arrival = *ret_arrival;
    if (!arrival) {
        *ret_arrival = arrival_new();
        return *ret_arrival ? MHD_YES : MHD_NO;
    }
    if (*piece_len) {
        rcn_buf_add(&arrival->body, piece, *piece_len);
        *piece_len = 0;
        return MHD_YES;
    }
    return serve(server->service, connection, url, method, version, arrival);
}

static void on_completed(void *context, struct MHD_Connection *connection, void **arrival_place,
                         enum MHD_RequestTerminationCode code)
{
    struct arrival *arrival = *arrival_place;
    (void)context;
    (void)connection;
    (void)code;
    if (!arrival)
        return;
    rcn_buf_release(&arrival->body);
    free(arrival);
    *arrival_place = NULL;
}

/* Numbers the connections, for the log. */
static void on_connection(void *context, struct MHD_Connection *connection, void **number_place,
                          enum MHD_ConnectionNotificationCode code)
{
    struct sbx_server *server = context;
    (void)connection;
    if (code == MHD_CONNECTION_NOTIFY_CLOSED) {
        free(*number_place);
        return;
    }
    unsigned long *number = calloc(1, sizeof *number);
    if (number) {
        pthread_mutex_lock(&server->lock);
        *number = ++server->connections;
        pthread_mutex_unlock(&server->lock);
    }
    *number_place = number;
}

/* Paths stay percent-encoded: an id may hold an encoded slash. */
static size_t keep_encoding(void *context, struct MHD_Connection *connection, char *text)
{
    (void)context;
    (void)connection;
    return strlen(text);
}

static struct MHD_Daemon *start_daemon(int listen_fd, struct sbx_server *server)
{
    return MHD_start_daemon(
        MHD_USE_THREAD_PER_CONNECTION | MHD_USE_INTERNAL_POLLING_THREAD | MHD_USE_POLL, 0, NULL,
        NULL, on_request, server, MHD_OPTION_LISTEN_SOCKET, listen_fd, MHD_OPTION_CONNECTION_LIMIT,
        (unsigned)SBX_SERVER_CONNECTIONS_MAX, MHD_OPTION_NOTIFY_COMPLETED, on_completed, NULL,
        MHD_OPTION_NOTIFY_CONNECTION, on_connection, server, MHD_OPTION_UNESCAPE_CALLBACK,
        keep_encoding, NULL, MHD_OPTION_END);
}

struct sbx_server *sbx_server_new(int listen_fd, const struct sbx_service *service,
                                  struct rcn_error *err)
{
    struct sbx_server *server = rcn_calloc(1, sizeof *server);
    server->service = service;
    pthread_mutex_init(&server->lock, NULL);
    server->daemon = start_daemon(listen_fd, server);
    if (server->daemon)
        return server;
    rcn_error_set(err, RCN_ERROR_FAILED, "cannot start the server");
    sbx_server_free(server);
    return NULL;
}

void sbx_server_free(struct sbx_server *server)
{
    if (!server)
        return;
    if (server->daemon)
        MHD_stop_daemon(server->daemon);
    pthread_mutex_destroy(&server->lock);
    free(server);
}
