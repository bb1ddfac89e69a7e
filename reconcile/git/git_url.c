#include "git/git_url.h"

#include <ctype.h>
#include <stdbool.h>
#include <string.h>
#include <strings.h>

#include "base/escape.h"
#include "base/redact.h"

static bool has_prefix(const char *text, const char *prefix)
{
    return strncasecmp(text, prefix, strlen(prefix)) == 0;
}

/*
 * The user goes too: it is often a token. git gets both through its environment (git_program.h).
 */
static int parse_https(struct rcn_git_url *url, const char *text, struct rcn_arena *arena,
                       struct rcn_error *err)
{
    const char *rest = text + strlen("https://");
    size_t len = strcspn(rest, "/");
    char *authority = rcn_arena_strndup(arena, rest, len);
    char *at = strrchr(authority, '@');
    const char *host = at ? at + 1 : authority;
    if (!*host || *host == ':')
        return rcn_error_set(err, RCN_ERROR_FAILED, "the Git URL has no host");
    if (strpbrk(rest, "?#"))
        return rcn_error_set(err, RCN_ERROR_FAILED, "a Git URL has no '?' and no '#'");
    url->transport = RCN_GIT_HTTPS;
    url->origin = rcn_arena_printf(arena, "https://%s", host);
    url->address = rcn_arena_printf(arena, "%s%s", url->origin, rest + len);
    if (!at)
        return 0;
    *at = '\0';
    char *colon = strchr(authority, ':');
    if (colon)
        *colon = '\0';
    if (!rcn_unescape_percent(authority) || (colon && !rcn_unescape_percent(colon + 1)))
        return rcn_error_set(err, RCN_ERROR_FAILED,
                             "the user or password in the Git URL has an invalid '%%'");
    url->user = *authority ? authority : NULL;
    if (url->user)
        rcn_redact_add_secret(url->user);
    return colon && colon[1]
               ? rcn_secret_init(&url->password, colon + 1, "the password in the Git URL", err)
               : 0;
}

/* `host:path` with no slash before the colon, as git itself decides it. */
static bool is_scp_like(const char *text)
{
    if (text[0] == '[' || strstr(text, "@["))
        return strstr(text, "]:") != NULL;
    return text[strcspn(text, ":/")] == ':';
}

static int refuse_scheme(const char *text, struct rcn_error *err)
{
    if (has_prefix(text, "http://")) {
        rcn_error_set(err, RCN_ERROR_FAILED, "plain http:// is not supported: it is not encrypted");
        return rcn_error_set_hint(err, "use https:// or ssh://");
    }
    rcn_error_set(err, RCN_ERROR_FAILED, "the Git URL has an unknown scheme");
    return rcn_error_set_hint(
        err, "expected https://, ssh://, user@host:path, git://, file:// or a local path");
}

static int parse(struct rcn_git_url *url, const char *text, struct rcn_arena *arena,
                 struct rcn_error *err)
{
    static const struct {
        const char *prefix;
        enum rcn_git_transport transport;
    } schemes[] = {
        {"ssh://", RCN_GIT_SSH},    {"git+ssh://", RCN_GIT_SSH}, {"ssh+git://", RCN_GIT_SSH},
        {"git://", RCN_GIT_DAEMON}, {"file://", RCN_GIT_FILE},
    };
    static const char *const names[] = {"https:/", "http:/", "ssh:/", "git:/", "file:/"};
    url->address = rcn_arena_strdup(arena, text);
    for (size_t i = 0; i < sizeof schemes / sizeof *schemes; i++)
        if (has_prefix(text, schemes[i].prefix)) {
            url->transport = schemes[i].transport;
            return 0;
        }
    if (has_prefix(text, "https://"))
        return parse_https(url, text, arena, err);
    /* `a://b`, and git's own `helper::address`. */
    size_t colon = 0;
    while (isalnum((unsigned char)text[colon]) || (text[colon] && strchr("+-.", text[colon])))
        colon++;
    if (strncmp(text + colon, "://", 3) == 0 || strncmp(text + colon, "::", 2) == 0)
        return refuse_scheme(text, err);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (has_prefix(text, names[i]))
            return rcn_error_set(err, RCN_ERROR_FAILED, "expected two slashes after '%.*s'",
                                 (int)strlen(names[i]) - 1, names[i]);
    url->transport = is_scp_like(text) ? RCN_GIT_SSH : RCN_GIT_PATH;
    return 0;
}

int rcn_git_url_parse(struct rcn_git_url *url, const char *text, struct rcn_arena *arena,
                      struct rcn_error *err)
{
    *url = (struct rcn_git_url){.transport = RCN_GIT_PATH};
    if (!*text)
        return rcn_error_set(err, RCN_ERROR_FAILED, "the Git URL is empty");
    if (strlen(text) > RCN_GIT_URL_MAX)
        return rcn_error_set(err, RCN_ERROR_FAILED, "the Git URL is longer than %d bytes",
                             RCN_GIT_URL_MAX);
    if (parse(url, text, arena, err)) {
        rcn_git_url_release(url);
        return -1;
    }
    char *name = rcn_arena_strdup(arena, url->address);
    rcn_redact(name);
    url->name = name;
    return 0;
}

void rcn_git_url_release(struct rcn_git_url *url)
{
    rcn_secret_release(&url->password);
}
