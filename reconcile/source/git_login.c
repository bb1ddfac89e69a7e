#include "source/git_login.h"

#include <git2.h>
#include <openssl/evp.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int fail(struct rcn_git_login *login, const char *hint, const char *message)
{
    rcn_error_set(&login->error, RCN_ERROR_FAILED, "%s", message);
    rcn_error_set_hint(&login->error, "%s", hint);
    login->failed = true;
    return GIT_EUSER;
}

static const struct rcn_secret *find_token(const struct rcn_git_login *login)
{
    if (login->url->password.text)
        return &login->url->password;
    return login->options->token && login->options->token->text ? login->options->token : NULL;
}

static int acquire_token(struct rcn_git_login *login, git_credential **ret, unsigned allowed)
{
    const struct rcn_secret *token = find_token(login);
    if (!token)
        return fail(login,
                    "set AUDIENCECTL_GIT_TOKEN or give --git-token-file; a repository that does "
                    "not exist often looks the same",
                    "the server asks for a login and there is no token");
    if (login->offered)
        return fail(login, "check the token, its expiry and the user in the URL",
                    "the server refused the token");
    if (!(allowed & GIT_CREDENTIAL_USERPASS_PLAINTEXT))
        return fail(login, "a server that takes a token over HTTPS Basic is needed",
                    "the server asks for a kind of login that is not supported");
    login->offered = true;
    const char *user = login->url->user ? login->url->user : "git";
    return git_credential_userpass_plaintext_new(ret, user, token->text);
}

static int fail_key(struct rcn_git_login *login)
{
    if (login->options->ssh_key_file)
        return fail(login,
                    "if the key has a passphrase, load it with ssh-add and leave --ssh-key out; a "
                    "key of type ed25519 works everywhere",
                    "the server did not accept the key, or the key file cannot be used");
    return fail(login,
                "ssh-add -l lists the keys of the agent; a key of type ed25519 works everywhere",
                "the server accepts none of the keys in ssh-agent");
}

static int acquire_key(struct rcn_git_login *login, git_credential **ret, const char *user,
                       unsigned allowed)
{
    const char *key = login->options->ssh_key_file;
    if (!(allowed & GIT_CREDENTIAL_SSH_KEY))
        return fail(login, "only keys are supported", "the server does not take SSH keys");
    if (login->offered)
        return fail_key(login);
    if (!key && !getenv("SSH_AUTH_SOCK"))
        return fail(login, "start ssh-agent and ssh-add a key, or give --ssh-key",
                    "the server asks for an SSH key and there is none");
    login->offered = true;
    /* Not NULL for the passphrase: libssh2 takes its length without looking. */
    return key ? git_credential_ssh_key_new(ret, user, NULL, key, "")
               : git_credential_ssh_key_from_agent(ret, user);
}

/* As ssh does it when nobody names a user. */
static const char *local_user(void)
{
    const struct passwd *entry = getpwuid(getuid());
    return entry && entry->pw_name ? entry->pw_name : "git";
}

int rcn_git_login_acquire(struct rcn_git_login *login, const char *user, unsigned allowed_types,
                          git_credential **ret)
{
    if (login->url->transport == RCN_GIT_HTTPS)
        return acquire_token(login, ret, allowed_types);
    if (allowed_types & GIT_CREDENTIAL_USERNAME)
        return git_credential_username_new(ret, local_user());
    return acquire_key(login, ret, user ? user : "git", allowed_types);
}

enum { FINGERPRINT_SIZE = 64 };

/* As ssh shows it: `SHA256:` and base64 without padding. */
static void format_fingerprint(const git_cert *cert, char ret[FINGERPRINT_SIZE])
{
    snprintf(ret, FINGERPRINT_SIZE, "unknown");
    if (cert->cert_type != GIT_CERT_HOSTKEY_LIBSSH2)
        return;
    const git_cert_hostkey *key = (const git_cert_hostkey *)(const void *)cert;
    if (!(key->type & GIT_CERT_SSH_SHA256))
        return;
    unsigned char text[(sizeof key->hash_sha256 + 2) / 3 * 4 + 1];
    EVP_EncodeBlock(text, key->hash_sha256, sizeof key->hash_sha256);
    snprintf(ret, FINGERPRINT_SIZE, "SHA256:%.*s", (int)strcspn((char *)text, "="), (char *)text);
}

int rcn_git_login_check_host(struct rcn_git_login *login, const git_cert *cert, bool is_valid)
{
    if (is_valid)
        return 0;
    const struct rcn_git_url *target = login->url;
    char fingerprint[FINGERPRINT_SIZE];
    format_fingerprint(cert, fingerprint);
    rcn_error_set(&login->error, RCN_ERROR_FAILED,
                  "the key of the host '%s' (%s) is not the one in ~/.ssh/known_hosts, or none is "
                  "there",
                  target->host, fingerprint);
    rcn_error_set_hint(&login->error,
                       "get it with `ssh-keyscan %s%s%s%s`, compare its fingerprint with the one "
                       "that the owner of the host names, then add it to the file",
                       target->port ? "-p " : "", target->port ? target->port : "",
                       target->port ? " " : "", target->host);
    login->failed = true;
    return GIT_ECERTIFICATE;
}
