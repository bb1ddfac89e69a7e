/*
 * server.h: HTTP, by libmicrohttpd. server.c is the only file that sees <microhttpd.h>.
 *
 * Every connection has a thread of its own: a request that is held, dripped or delayed blocks
 * nobody else.
 *
 * Limits: a request body of SBX_SERVER_BODY_MAX (413 beyond), SBX_SERVER_CONNECTIONS_MAX at once.
 */
#ifndef SBX_SANDBOX_SERVER_H
#define SBX_SANDBOX_SERVER_H

#include "service.h"

enum { SBX_SERVER_BODY_MAX = 1 << 20, SBX_SERVER_CONNECTIONS_MAX = 1000 };

struct sbx_server;

/* Takes over the listening socket and answers from now on. service is borrowed. */
struct sbx_server *sbx_server_new(int listen_fd, const struct sbx_service *service,
                                  struct rcn_error *err);
/* Ends every connection. service->stop must have been stopped, or this waits for held ones. */
void sbx_server_free(struct sbx_server *server);

#endif
