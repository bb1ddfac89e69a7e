#include "source/git_url.h"

#include <stdbool.h>
#include <string.h>
#include <strings.h>

static const struct {
    const char *prefix;
    enum rcn_git_transport transport;
} schemes[] = {
    {"https://", RCN_GIT_HTTPS},
    {"ssh://", RCN_GIT_SSH},
    {"git://", RCN_GIT_DAEMON},
    {"file://", RCN_GIT_LOCAL},
};

static bool has_prefix(const char *text, const char *prefix)
{
    return strncasecmp(text, prefix, strlen(prefix)) == 0;
}

static int hex_value(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

/* In place. False for a stray %, and for %00, which would cut the text. */
static bool decode_percent(char *text)
{
    char *out = text;
    for (const char *in = text; *in; in++) {
        if (*in != '%') {
            *out++ = *in;
            continue;
        }
        int high = hex_value(in[1]);
        int low = high < 0 ? -1 : hex_value(in[2]);
        if (low < 0 || (high == 0 && low == 0))
            return false;
        *out++ = (char)(high * 16 + low);
        in += 2;
    }
    *out = '\0';
    return true;
}

static bool is_printable(const char *text)
{
    for (; *text; text++)
        if ((unsigned char)*text < 0x21 || *text == 0x7f)
            return false;
    return true;
}

static int no_host(struct rcn_error *err)
{
    return rcn_error_set(err, RCN_ERROR_FAILED, "the Git URL names no host");
}

/* authority: `host`, `host:port`, `[::1]:port`; it is taken apart in place. */
static int parse_host(struct rcn_git_url *url, char *authority, struct rcn_error *err)
{
    char *rest = authority;
    if (*authority == '[') {
        char *end = strchr(authority, ']');
        if (!end)
            return rcn_error_set(err, RCN_ERROR_FAILED, "the Git URL has a '[' and no ']'");
        *end = '\0';
        authority++;
        bool is_ipv6 = strchr(authority, ':') != strrchr(authority, ':');
        rest = is_ipv6 ? end + 1 : authority; /* `[host:port]:path` is scp-like too */
    }
    char *colon = strchr(rest, ':');
    if (colon) {
        *colon = '\0';
        url->port = colon[1] ? colon + 1 : NULL;
    }
    url->host = authority;
    if (!*authority)
        return no_host(err);
    if (url->port && url->port[strspn(url->port, "0123456789")])
        return rcn_error_set(err, RCN_ERROR_FAILED, "the port in the Git URL is no number");
    return 0;
}

static int parse_password(struct rcn_git_url *url, char *password, struct rcn_error *err)
{
    if (url->transport != RCN_GIT_HTTPS) {
        rcn_error_set(err, RCN_ERROR_FAILED, "a password in this kind of Git URL is not used");
        return rcn_error_set_hint(err, "use ssh-agent or --ssh-key");
    }
    if (!decode_percent(password))
        return rcn_error_set(err, RCN_ERROR_FAILED, "the password in the Git URL has a bad '%%'");
    return rcn_secret_init(&url->password, password, "the password in the Git URL", err);
}

/* `user:password` before the @; taken apart in place. */
static int parse_user(struct rcn_git_url *url, char *user, struct rcn_error *err)
{
    char *colon = strchr(user, ':');
    if (colon)
        *colon = '\0';
    /* The user of ssh:// stands in the address, where these would be its end. */
    const char *ends = url->transport == RCN_GIT_SSH ? "/:@%?#" : "";
    if (!decode_percent(user) || !is_printable(user) || strpbrk(user, ends))
        return rcn_error_set(err, RCN_ERROR_FAILED, "the user in the Git URL is malformed");
    url->user = *user ? user : NULL;
    return colon && colon[1] ? parse_password(url, colon + 1, err) : 0;
}

/*
 * The user of an https:// URL is dropped from the name: it is often a token. That of ssh:// is an
 * account such as `git`, needed to reach the right place.
 */
static int set_names(struct rcn_git_url *url, const char *scheme, const char *after_user,
                     struct rcn_arena *arena, struct rcn_error *err)
{
    bool with_user = url->transport == RCN_GIT_SSH && url->user;
    url->address = rcn_arena_printf(arena, "%s%s%s%s", scheme, with_user ? url->user : "",
                                    with_user ? "@" : "", after_user);
    url->name = url->address;
    return url->name ? 0 : rcn_error_no_memory(err);
}

static int parse_remote(struct rcn_git_url *url, const char *scheme, const char *rest,
                        struct rcn_arena *arena, struct rcn_error *err)
{
    size_t authority_len = strcspn(rest, "/");
    char *authority = rcn_arena_strndup(arena, rest, authority_len);
    if (!authority)
        return rcn_error_no_memory(err);
    if (strpbrk(rest, "?#"))
        return rcn_error_set(err, RCN_ERROR_FAILED, "a Git URL has no '?' and no '#'");
    char *at = strrchr(authority, '@');
    size_t host_at = at ? (size_t)(at + 1 - authority) : 0;
    if (at) {
        *at = '\0';
        if (parse_user(url, authority, err))
            return -1;
    }
    if (parse_host(url, authority + host_at, err))
        return -1;
    if (rest[authority_len] == '\0' || rest[authority_len + 1] == '\0')
        return rcn_error_set(err, RCN_ERROR_FAILED, "the Git URL names a host and no repository");
    return set_names(url, scheme, rest + host_at, arena, err);
}

static int parse_file(struct rcn_git_url *url, const char *text, struct rcn_arena *arena,
                      struct rcn_error *err)
{
    const char *path = text + strlen("file://");
    if (has_prefix(path, "localhost/"))
        path += strlen("localhost");
    if (*path != '/')
        return rcn_error_set(err, RCN_ERROR_FAILED,
                             "a file:// URL needs an absolute path on this machine");
    char *decoded = rcn_arena_strdup(arena, path);
    url->name = rcn_arena_strdup(arena, text);
    if (!decoded || !url->name)
        return rcn_error_no_memory(err);
    if (!decode_percent(decoded))
        return rcn_error_set(err, RCN_ERROR_FAILED, "the file:// URL has a bad '%%'");
    url->address = decoded;
    return 0;
}

/* `host:path` with no slash before the colon, as Git itself decides it. */
static bool is_scp_like(const char *text)
{
    size_t until = strcspn(text, ":/");
    if (text[0] == '[' || strstr(text, "@["))
        return strstr(text, "]:") != NULL;
    return text[until] == ':';
}

static int parse_scp(struct rcn_git_url *url, const char *text, struct rcn_arena *arena,
                     struct rcn_error *err)
{
    char *copy = rcn_arena_strdup(arena, text);
    url->address = rcn_arena_strdup(arena, text);
    if (!copy || !url->address)
        return rcn_error_no_memory(err);
    url->name = url->address;
    url->transport = RCN_GIT_SSH;
    char *bracket = strchr(copy, ']');
    char *colon = strchr(bracket ? bracket : copy, ':');
    char *at = strchr(copy, '@');
    if (!colon || !colon[1])
        return rcn_error_set(err, RCN_ERROR_FAILED, "the Git URL names a host and no repository");
    *colon = '\0';
    if (at && at < colon) {
        bool is_inside = copy[0] == '['; /* `[user@host:port]:path` */
        const char *user = copy + (is_inside ? 1 : 0);
        url->user = rcn_arena_strndup(arena, user, (size_t)(at - user));
        if (!url->user)
            return rcn_error_no_memory(err);
        *at = '[';
        copy = is_inside ? at : at + 1;
    }
    return parse_host(url, copy, err);
}

/*
 * The library quotes an ssh path for the server's shell with plain '...', so that a quote in it
 * would end the quoting there.
 */
static int check_text(const struct rcn_git_url *url, const char *text, struct rcn_error *err)
{
    if (url->transport == RCN_GIT_LOCAL)
        return 0;
    if (!is_printable(text))
        return rcn_error_set(err, RCN_ERROR_FAILED, "the Git URL has a space or a control in it");
    if (url->transport == RCN_GIT_SSH && strchr(text, '\''))
        return rcn_error_set(err, RCN_ERROR_FAILED, "the Git URL has a quote in it");
    return 0;
}

static int refuse_scheme(const char *text, struct rcn_error *err)
{
    if (has_prefix(text, "http://")) {
        rcn_error_set(err, RCN_ERROR_FAILED, "plain http:// is not read: nothing protects it");
        return rcn_error_set_hint(err, "use https:// or ssh://");
    }
    rcn_error_set(err, RCN_ERROR_FAILED, "the Git URL has an unknown scheme");
    return rcn_error_set_hint(
        err, "known are https://, ssh://, user@host:path, git://, file:// and a local path");
}

static int parse(struct rcn_git_url *url, const char *text, struct rcn_arena *arena,
                 struct rcn_error *err)
{
    for (size_t i = 0; i < sizeof schemes / sizeof *schemes; i++) {
        const char *prefix = schemes[i].prefix;
        if (!has_prefix(text, prefix))
            continue;
        url->transport = schemes[i].transport;
        if (url->transport == RCN_GIT_LOCAL)
            return parse_file(url, text, arena, err);
        return parse_remote(url, prefix, text + strlen(prefix), arena, err);
    }
    const char *scheme_end = strstr(text, "://");
    if (scheme_end && strcspn(text, "/") > (size_t)(scheme_end - text))
        return refuse_scheme(text, err);
    if (is_scp_like(text))
        return parse_scp(url, text, arena, err);
    url->transport = RCN_GIT_LOCAL;
    url->address = url->name = rcn_arena_strdup(arena, text);
    return url->name ? 0 : rcn_error_no_memory(err);
}

int rcn_git_url_parse(struct rcn_git_url *url, const char *text, struct rcn_arena *arena,
                      struct rcn_error *err)
{
    *url = (struct rcn_git_url){.transport = RCN_GIT_LOCAL};
    if (!*text)
        return rcn_error_set(err, RCN_ERROR_FAILED, "the Git URL is empty");
    if (strlen(text) > RCN_GIT_URL_MAX)
        return rcn_error_set(err, RCN_ERROR_FAILED, "the Git URL is longer than %d bytes",
                             RCN_GIT_URL_MAX);
    if (parse(url, text, arena, err) == 0 && check_text(url, text, err) == 0)
        return 0;
    rcn_git_url_release(url);
    return -1;
}

void rcn_git_url_release(struct rcn_git_url *url)
{
    rcn_secret_release(&url->password);
}
