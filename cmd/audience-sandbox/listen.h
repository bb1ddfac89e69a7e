/*
 * listen.h: the listening socket, on the loopback interface only.
 */
#ifndef RCN_SANDBOX_LISTEN_H
#define RCN_SANDBOX_LISTEN_H

#include "base/error.h"

enum { RCN_LISTEN_HOST_SIZE = 64, RCN_LISTEN_URL_SIZE = 96 };

struct rcn_listen {
    int fd;
    unsigned short port;
    char url[RCN_LISTEN_URL_SIZE]; /* `http://127.0.0.1:8123` */
};

/*
 * Opens `ADDRESS:PORT`, where ADDRESS is in 127.0.0.0/8, `[::1]` or `localhost` and port 0 is any
 * free one. RCN_ERROR_USAGE for any other address, RCN_ERROR_FAILED when the system refuses.
 */
int rcn_listen_open(const char *text, struct rcn_listen *ret, struct rcn_error *err);

#endif
