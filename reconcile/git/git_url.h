/*
 * git_url.h: what the user named as a Git repository.
 *
 * A path is opened in place. Everything else is a URL, which git(1) understands better than we do;
 * only what is decided here is taken apart: the kind, and for https:// the credentials, so that
 * `address` and `name` hold none and neither a process list nor a report can show one. Plain
 * http:// is refused, to any host: nothing would protect the token or the manifests.
 */
#ifndef RCN_GIT_GIT_URL_H
#define RCN_GIT_GIT_URL_H

#include "base/arena.h"
#include "base/error.h"
#include "base/secret.h"

enum rcn_git_transport {
    RCN_GIT_PATH,
    RCN_GIT_FILE,
    RCN_GIT_HTTPS,
    RCN_GIT_SSH, /* ssh://, or the scp-like `user@host:path` */
    RCN_GIT_DAEMON,
};

/* As long as a path may be; no real address is near it. */
enum { RCN_GIT_URL_MAX = 4096 };

struct rcn_git_url {
    enum rcn_git_transport transport;
    const char *address;        /* what git is given: a path, or a URL without a credential */
    const char *name;           /* what people see: the same, masked where it looks like one */
    const char *origin;         /* https:// only: `https://host:port` */
    const char *user;           /* https:// only; NULL: none. May be a token: never print it */
    struct rcn_secret password; /* https:// only; text NULL: none */
};

/* Takes text apart; strings are put into arena. No message quotes text. */
int rcn_git_url_parse(struct rcn_git_url *url, const char *text, struct rcn_arena *arena,
                      struct rcn_error *err);

/* Wipes the password. */
void rcn_git_url_release(struct rcn_git_url *url);

#endif
