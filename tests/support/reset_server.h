/*
 * reset_server.h: a raw HTTP server for tests, in a process of its own: it answers each request
 * with exactly the bytes that the test's script names, then keeps the connection, closes or resets
 * it, or says nothing more. It counts what arrived, which is how a test proves that a request was
 * sent once.
 *
 * A request takes the first step that fits its target and was not taken yet, over all connections;
 * when all are taken, the last that fits is repeated. Connections are served at the same time.
 */
#ifndef TESTS_RESET_SERVER_H
#define TESTS_RESET_SERVER_H

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#ifdef __linux__
#include <sys/prctl.h>
#endif
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum reset_server_end {
    SERVER_KEEP,  /* the connection stays open for the next request */
    SERVER_CLOSE, /* FIN */
    SERVER_RESET, /* RST */
    SERVER_HANG,  /* nothing more, until the client leaves */
};

struct server_step {
    const char *target; /* `/api/v1/account`; NULL: any */
    const char *bytes;  /* NULL: no answer */
    size_t len;         /* 0: up to the NUL */
    enum reset_server_end end;
    unsigned delay_ms;     /* before the answer */
    unsigned byte_wait_ms; /* after each byte */
    unsigned repeat;       /* the bytes are sent this many times more */
};

enum { SERVER_SEEN_BYTES = 16384, SERVER_STEPS_MOST = 32 };

struct server_seen {
    atomic_uint connections;
    atomic_uint gets;
    atomic_uint posts;
    atomic_uint taken[SERVER_STEPS_MOST]; /* requests that each step answered */
    char last_request[SERVER_SEEN_BYTES]; /* head and body */
};

struct reset_server {
    pid_t pid;
    char url[64];
    struct server_seen *seen; /* shared with the server */
};

static void server_sleep(unsigned ms)
{
    struct timespec left = {.tv_sec = ms / 1000, .tv_nsec = (long)(ms % 1000) * 1000000};
    nanosleep(&left, NULL);
}

/* A failed assertion jumps past server_stop: the server must not outlive its test. */
static void server_die_with_parent(void)
{
#ifdef __linux__
    prctl(PR_SET_PDEATHSIG, SIGKILL);
#endif
}

/* Reads one request, head and body; false when the client has left. */
static bool server_read_request(int fd, char *buffer, size_t size)
{
    size_t len = 0;
    buffer[0] = '\0';
    while (len + 1 < size) {
        ssize_t got = recv(fd, buffer + len, size - 1 - len, 0);
        if (got <= 0)
            return false;
        len += (size_t)got;
        buffer[len] = '\0';
        const char *head_end = strstr(buffer, "\r\n\r\n");
        if (!head_end)
            continue;
        const char *length = strstr(buffer, "Content-Length: ");
        size_t body = length ? strtoul(length + 16, NULL, 10) : 0;
        if (len >= (size_t)(head_end + 4 - buffer) + body)
            return true;
    }
    return false;
}

static bool server_send(int fd, const struct server_step *step)
{
    size_t len = step->len ? step->len : strlen(step->bytes);
    size_t chunk = step->byte_wait_ms ? 1 : len;
    for (unsigned times = 0; times <= step->repeat; times++) {
        for (size_t sent = 0; sent < len; sent += chunk) {
            if (send(fd, step->bytes + sent, chunk, MSG_NOSIGNAL) != (ssize_t)chunk)
                return false;
            if (step->byte_wait_ms)
                server_sleep(step->byte_wait_ms);
        }
    }
    return true;
}

/* False when the connection is over. */
static bool server_run_step(int fd, const struct server_step *step)
{
    char sink[256];
    struct linger reset = {.l_onoff = 1, .l_linger = 0};
    if (step->delay_ms)
        server_sleep(step->delay_ms);
    if (step->bytes && !server_send(fd, step))
        return false;
    if (step->end == SERVER_RESET)
        setsockopt(fd, SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
    while (step->end == SERVER_HANG && recv(fd, sink, sizeof sink, 0) > 0)
        ;
    return step->end == SERVER_KEEP;
}

static bool server_fits(const struct server_step *step, const char *request)
{
    const char *target = strchr(request, ' ');
    size_t len = step->target ? strlen(step->target) : 0;
    return !step->target ||
           (target && strncmp(target + 1, step->target, len) == 0 && target[1 + len] == ' ');
}

/* NULL when no step fits: the connection is closed. */
static const struct server_step *server_take_step(struct server_seen *seen, const char *request,
                                                  const struct server_step *steps, unsigned count)
{
    unsigned last = count;
    for (unsigned i = 0; i < count; i++) {
        unsigned none = 0;
        if (!server_fits(&steps[i], request))
            continue;
        if (atomic_compare_exchange_strong(&seen->taken[i], &none, 1))
            return &steps[i];
        last = i;
    }
    if (last == count)
        return NULL;
    atomic_fetch_add(&seen->taken[last], 1);
    return &steps[last];
}

static void server_serve(int fd, struct server_seen *seen, const struct server_step *steps,
                         unsigned count)
{
    char request[SERVER_SEEN_BYTES];
    while (server_read_request(fd, request, sizeof request)) {
        const struct server_step *step = server_take_step(seen, request, steps, count);
        atomic_fetch_add(strncmp(request, "POST", 4) == 0 ? &seen->posts : &seen->gets, 1);
        memcpy(seen->last_request, request, sizeof request);
        if (!step || !server_run_step(fd, step))
            break;
    }
    close(fd);
}

static void server_run(int listener, struct server_seen *seen, const struct server_step *steps,
                       unsigned count)
{
    signal(SIGCHLD, SIG_IGN);
    for (;;) {
        int fd = accept(listener, NULL, NULL);
        if (fd < 0)
            continue;
        int on = 1;
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        atomic_fetch_add(&seen->connections, 1);
        if (fork() == 0) {
            server_die_with_parent();
            close(listener);
            server_serve(fd, seen, steps, count);
            _exit(0);
        }
        close(fd);
    }
}

/* A listener on a free loopback port, whose URL is written to ret_url. */
static int server_listen(char *ret_url, size_t size)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof address;
    int listener = socket(AF_INET, SOCK_STREAM, 0);
    if (listener < 0 || bind(listener, (struct sockaddr *)&address, len) || listen(listener, 64) ||
        getsockname(listener, (struct sockaddr *)&address, &len))
        abort();
    snprintf(ret_url, size, "http://127.0.0.1:%u", (unsigned)ntohs(address.sin_port));
    return listener;
}

static void server_start(struct reset_server *server, const struct server_step *steps,
                         unsigned count)
{
    server->seen =
        mmap(NULL, sizeof *server->seen, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (server->seen == MAP_FAILED)
        abort();
    int listener = server_listen(server->url, sizeof server->url);
    server->pid = fork();
    if (server->pid < 0)
        abort();
    if (server->pid == 0) {
        server_die_with_parent();
        setpgid(0, 0);
        server_run(listener, server->seen, steps, count);
    }
    setpgid(server->pid, server->pid);
    close(listener);
}

static void server_stop(struct reset_server *server)
{
    kill(-server->pid, SIGKILL);
    waitpid(server->pid, NULL, 0);
    munmap(server->seen, sizeof *server->seen);
}

#endif
