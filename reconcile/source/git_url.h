/*
 * git_url.h: what the user named as a Git repository, and its parts.
 *
 * Four kinds exist (SPEC 7): a local repository (a path or file://), https://, ssh:// or the
 * scp-like `user@host:path`, and git://. Plain http:// is refused, to any host: nothing would
 * protect the token or the manifests.
 *
 * The parts that can hold a credential are taken apart here, once: `address` and `name` never hold
 * one, so whatever is stored or printed later cannot leak it.
 */
#ifndef RCN_SOURCE_GIT_URL_H
#define RCN_SOURCE_GIT_URL_H

#include "base/arena.h"
#include "base/error.h"
#include "base/secret.h"

enum rcn_git_transport { RCN_GIT_LOCAL, RCN_GIT_HTTPS, RCN_GIT_SSH, RCN_GIT_DAEMON };

/* As long as a path may be; no real address is near it. */
enum { RCN_GIT_URL_MAX = 4096 };

struct rcn_git_url {
    enum rcn_git_transport transport;
    const char *address;        /* what the library opens: a path, or a URL without a credential */
    const char *name;           /* what people see, and what names the cache */
    const char *host;           /* NULL for a local one; IPv6 without brackets */
    const char *port;           /* NULL: the usual one */
    const char *user;           /* NULL: none given. May itself be a token: never print it */
    struct rcn_secret password; /* of an https:// URL; text NULL: none */
};

/*
 * Takes text apart; strings are put into arena. The message of an error never quotes text, because
 * it may hold a password.
 */
int rcn_git_url_parse(struct rcn_git_url *url, const char *text, struct rcn_arena *arena,
                      struct rcn_error *err);

/* Wipes the password. */
void rcn_git_url_release(struct rcn_git_url *url);

#endif
