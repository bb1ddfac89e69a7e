/*
 * git_login.h: how this product proves itself to a Git server, and how the server must prove itself
 * over SSH. (Over HTTPS libgit2 checks the certificate before anything is sent.)
 *
 * The library asks again after a login was refused; each credential is offered once, then the
 * problem is put into `error` and the connection ends.
 */
#ifndef RCN_SOURCE_GIT_LOGIN_H
#define RCN_SOURCE_GIT_LOGIN_H

#include <stdbool.h>

#include "base/error.h"
#include "source/git_url.h"
#include "source/source.h"

struct git_credential;
struct git_cert;

struct rcn_git_login {
    const struct rcn_git_options *options;
    const struct rcn_git_url *url;
    bool offered;
    bool failed; /* error says why */
    struct rcn_error error;
};

/*
 * What a libgit2 remote asks for: a login for user (NULL: not known) of one of allowed_types, and
 * whether a host key is good (is_valid: it is in known_hosts). Both return what the library's
 * callbacks do.
 */
int rcn_git_login_acquire(struct rcn_git_login *login, const char *user, unsigned allowed_types,
                          struct git_credential **ret);
int rcn_git_login_check_host(struct rcn_git_login *login, const struct git_cert *cert,
                             bool is_valid);

#endif
