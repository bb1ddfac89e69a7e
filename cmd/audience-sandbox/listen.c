#include "listen.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { BACKLOG = 1024 };

union address {
    struct sockaddr any;
    struct sockaddr_in v4;
    struct sockaddr_in6 v6;
};

static bool read_port(const char *text, unsigned short *ret)
{
    size_t digits = strspn(text, "0123456789");
    unsigned long port = digits && digits < 6 && !text[digits] ? strtoul(text, NULL, 10) : 65536;
    *ret = (unsigned short)port;
    return port < 65536;
}

static bool is_loopback_v4(const struct in_addr *address)
{
    return ntohl(address->s_addr) >> 24 == 127;
}

/* host without brackets */
static bool read_host(const char *host, unsigned short port, union address *ret)
{
    if (strcmp(host, "::1") == 0) {
        ret->v6 = (struct sockaddr_in6){
            .sin6_family = AF_INET6, .sin6_port = htons(port), .sin6_addr = in6addr_loopback};
        return true;
    }
    ret->v4.sin_family = AF_INET;
    ret->v4.sin_port = htons(port);
    const char *number = strcmp(host, "localhost") == 0 ? "127.0.0.1" : host;
    return inet_pton(AF_INET, number, &ret->v4.sin_addr) == 1 && is_loopback_v4(&ret->v4.sin_addr);
}

static int read_address(const char *text, char host[SBX_LISTEN_HOST_SIZE], union address *ret,
                        struct rcn_error *err)
{
    unsigned short port = 0;
    const char *colon = strrchr(text, ':');
    bool brackets = text[0] == '[' && colon && colon > text && colon[-1] == ']';
    size_t len = colon ? (size_t)(colon - text) : 0;
    if (!colon || len >= SBX_LISTEN_HOST_SIZE || !read_port(colon + 1, &port))
        return rcn_error_set(err, RCN_ERROR_USAGE, "'--listen %s' is not ADDRESS:PORT", text);
    snprintf(host, SBX_LISTEN_HOST_SIZE, "%.*s", (int)(brackets ? len - 2 : len),
             brackets ? text + 1 : text);
    if (!read_host(host, port, ret))
        return rcn_error_set(err, RCN_ERROR_USAGE, "'--listen %s' is not on the loopback interface",
                             text);
    return 0;
}

static int open_socket(const union address *address)
{
    int one = 1;
    socklen_t len = address->any.sa_family == AF_INET ? sizeof address->v4 : sizeof address->v6;
    int fd = socket(address->any.sa_family, SOCK_STREAM, 0);
    if (fd < 0)
        return -1;
    fcntl(fd, F_SETFD, FD_CLOEXEC);
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    if (bind(fd, &address->any, len) == 0 && listen(fd, BACKLOG) == 0)
        return fd;
    int saved = errno;
    close(fd);
    errno = saved;
    return -1;
}

int sbx_listen_open(const char *text, struct sbx_listen *ret, struct rcn_error *err)
{
    char host[SBX_LISTEN_HOST_SIZE];
    union address address = {0};
    if (read_address(text, host, &address, err))
        return -1;
    ret->fd = open_socket(&address);
    socklen_t len = sizeof address;
    if (ret->fd < 0 || getsockname(ret->fd, &address.any, &len))
        return rcn_error_set(err, RCN_ERROR_FAILED, "cannot listen on '%s': %s", text,
                             strerror(errno));
    bool v6 = address.any.sa_family == AF_INET6;
    ret->port = ntohs(v6 ? address.v6.sin6_port : address.v4.sin_port);
    snprintf(ret->url, sizeof ret->url, v6 ? "http://[%s]:%u" : "http://%s:%u", host,
             (unsigned)ret->port);
    return 0;
}
