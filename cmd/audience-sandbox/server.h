/*
 * server.h: HTTP, by libmicrohttpd. server.c is the only file that sees <microhttpd.h>.
 *
 * Every connection has a thread of its own: a request that is held, dripped or delayed blocks
 * nobody else.
 *
 * Limits: a request body of RCN_SERVER_BODY_MAX (413 beyond), RCN_SERVER_CONNECTIONS_MAX at once.
 */
#ifndef RCN_SANDBOX_SERVER_H
#define RCN_SANDBOX_SERVER_H

#include "service.h"

enum { RCN_SERVER_BODY_MAX = 1 << 20, RCN_SERVER_CONNECTIONS_MAX = 1000 };

struct rcn_server;

/* Takes over the listening socket and answers from now on. service is borrowed. */
struct rcn_server *rcn_server_new(int listen_fd, const struct rcn_service *service,
                                  struct rcn_error *err);
/* Ends every connection. service->stop must have been stopped, or this waits for held ones. */
void rcn_server_free(struct rcn_server *server);

#endif
