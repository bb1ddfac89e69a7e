#include "source/git_library.h"

#include <git2.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static int set_options(const char *ca_file)
{
    static const int levels[] = {GIT_CONFIG_LEVEL_PROGRAMDATA, GIT_CONFIG_LEVEL_SYSTEM,
                                 GIT_CONFIG_LEVEL_XDG, GIT_CONFIG_LEVEL_GLOBAL};
    for (size_t i = 0; i < sizeof levels / sizeof *levels; i++)
        if (git_libgit2_opts(GIT_OPT_SET_SEARCH_PATH, levels[i], ""))
            return -1;
    /* Extensions of the repository format that change nothing about how an object is read. */
    static const char *extensions[] = {"worktreeconfig", "partialclone", "preciousobjects",
                                       "relativeworktrees"};
    if (git_libgit2_opts(GIT_OPT_SET_EXTENSIONS, extensions,
                         sizeof extensions / sizeof *extensions) ||
        git_libgit2_opts(GIT_OPT_SET_OWNER_VALIDATION, 0))
        return -1;
    return ca_file ? git_libgit2_opts(GIT_OPT_SET_SSL_CERT_LOCATIONS, ca_file, NULL) : 0;
}

int rcn_git_library_start(const char *ca_file, struct rcn_error *err)
{
    if (git_libgit2_init() < 0)
        return rcn_git_library_fail(err, "cannot start libgit2");
    if (set_options(ca_file) == 0)
        return 0;
    if (ca_file)
        rcn_git_library_fail(err, "cannot use the CA file '%s'", ca_file);
    else
        rcn_git_library_fail(err, "cannot set up libgit2");
    git_libgit2_shutdown();
    return -1;
}

void rcn_git_library_stop(void)
{
    git_libgit2_shutdown();
}

static const char *last_message(void)
{
    const git_error *last = git_error_last();
    return last && last->message && *last->message ? last->message : "unknown error";
}

static bool is_no_memory(void)
{
    const git_error *last = git_error_last();
    return last && last->klass == GIT_ERROR_NOMEMORY;
}

int rcn_git_library_fail(struct rcn_error *err, const char *format, ...)
{
    if (is_no_memory())
        return rcn_error_no_memory(err);
    char what[sizeof err->message / 2];
    va_list args;
    va_start(args, format);
    vsnprintf(what, sizeof what, format, args);
    va_end(args);
    return rcn_error_set(err, RCN_ERROR_FAILED, "%s: %s", what, last_message());
}

bool rcn_git_library_is_remote_error(void)
{
    const git_error *last = git_error_last();
    if (!last)
        return false;
    return last->klass == GIT_ERROR_NET || last->klass == GIT_ERROR_SSL ||
           last->klass == GIT_ERROR_SSH || last->klass == GIT_ERROR_HTTP ||
           last->klass == GIT_ERROR_CALLBACK || last->klass == GIT_ERROR_INDEXER;
}

/* The first row whose `part` is in the library's message decides; message NULL: it stays. */
static const struct {
    const char *part;
    const char *message;
    const char *hint;
} explanations[] = {
    {"expired", "the certificate of the server has expired", "the server needs a new one"},
    {"does not match with the expected CN", "the certificate of the server is for another host",
     "the URL must name the host as the certificate does"},
    {"not correctly signed by the trusted CA",
     "the certificate of the server is not signed by an authority that is trusted here",
     "for a private authority give its certificate with --ca-file"},
    {"certificate is invalid", NULL, "for a private authority give its certificate with --ca-file"},
    {"failed to resolve address", "the host is not known", "check the URL and the network"},
    {"failed to connect", NULL, "check the URL, the port, and whether the server runs"},
    {"authentication that we do not support",
     "the server asks for a kind of login that is not supported",
     "a server that takes a token over HTTPS Basic, or ssh://, is needed"},
    {"status code: 401", "the server refused the login", "check the token"},
    {"status code: 403", "the server refuses access",
     "the token may lack the right to read this repository"},
    {"status code: 404", "there is no such repository",
     "check the URL; some servers say so too when the token may not read it"},
    {"status code", NULL, "the server or a proxy has a problem; try again later"},
    {"redirect", "the server sends to another address, which is not followed",
     "give the address that it sends to; often `.git` is missing at the end"},
    {"invalid content-type", "the server answers, but not as a Git server",
     "check that the URL is that of a repository, not of a web page"},
    {"no content-type", "the server answers, but not as a Git server",
     "check that the URL is that of a repository, not of a web page"},
    {"does not appear to be a git repository", "there is no such repository", "check the path"},
    {"epository not found", "there is no such repository",
     "check the URL; some servers say so too when the key may not read it"},
    {"not exported", "there is no such repository, or it may not be read", "check the URL"},
    {"not our ref", "the commit is not in the repository",
     "it may have been removed by a force push"},
    {"Unable to extract public key", "the SSH key file has a passphrase, or is no private key",
     "a key with a passphrase can be used through ssh-agent: ssh-add it, leave --ssh-key out"},
    {"failed to start SSH session", NULL,
     "the key in known_hosts may be of a kind that the server no longer uses"},
    {"parsing REF pkt-line",
     "the repository on the server is a shallow clone or has SHA-256 object names; neither can be "
     "read",
     "name the repository that it was cloned from"},
};

static const char *hint_for_eof(const struct rcn_git_url *url)
{
    return url->transport == RCN_GIT_SSH ? "check the path, and that the key may read it"
                                         : "check that the repository exists and is exported";
}

int rcn_git_library_explain(const struct rcn_git_url *url, struct rcn_error *err)
{
    if (is_no_memory())
        return rcn_error_no_memory(err);
    const char *text = last_message();
    for (size_t i = 0; i < sizeof explanations / sizeof *explanations; i++) {
        if (!strstr(text, explanations[i].part))
            continue;
        const char *message = explanations[i].message;
        rcn_error_set(err, RCN_ERROR_FAILED, "%s", message ? message : text);
        return rcn_error_set_hint(err, "%s", explanations[i].hint);
    }
    if (strstr(text, "reset by peer"))
        return rcn_error_set(err, RCN_ERROR_FAILED, "the server has closed the connection");
    if (strstr(text, "EOF")) {
        rcn_error_set(err, RCN_ERROR_FAILED, "the server has closed the connection");
        return rcn_error_set_hint(err, "%s", hint_for_eof(url));
    }
    return rcn_error_set(err, RCN_ERROR_FAILED, "%s", text);
}
