/*
 * listen.h: the listening socket, on the loopback interface only.
 */
#ifndef SBX_SANDBOX_LISTEN_H
#define SBX_SANDBOX_LISTEN_H

#include "base/error.h"

enum { SBX_LISTEN_HOST_SIZE = 64, SBX_LISTEN_URL_SIZE = 96 };

struct sbx_listen {
    int fd;
    unsigned short port;
    char url[SBX_LISTEN_URL_SIZE]; /* `http://127.0.0.1:8123` */
};

/*
 * Opens `ADDRESS:PORT`, where ADDRESS is in 127.0.0.0/8, `[::1]` or `localhost` and port 0 is any
 * free one. RCN_ERROR_USAGE for any other address, RCN_ERROR_FAILED when the system refuses.
 */
int sbx_listen_open(const char *text, struct sbx_listen *ret, struct rcn_error *err);

#endif
