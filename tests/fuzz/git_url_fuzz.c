/*
 * Any text as a Git URL. The address that is opened, stored and printed holds no credential, and is
 * itself a URL of the same place.
 */
#include "fuzz.h"
#include "source/git_url.h"

static bool is_same(const char *a, const char *b)
{
    return a == b || (a && b && strcmp(a, b) == 0);
}

static void check_no_credential(const struct rcn_git_url *url)
{
    if (url->transport != RCN_GIT_HTTPS && url->transport != RCN_GIT_DAEMON)
        return;
    const char *authority = strstr(url->address, "://");
    FUZZ_CHECK(authority);
    authority += 3;
    FUZZ_CHECK(!memchr(authority, '@', strcspn(authority, "/")));
}

static void check(const struct rcn_git_url *url, struct rcn_arena *arena)
{
    struct rcn_error err = RCN_ERROR_INIT;
    struct rcn_git_url again;
    FUZZ_CHECK(url->address && url->name);
    FUZZ_CHECK((url->transport == RCN_GIT_LOCAL) == !url->host);
    FUZZ_CHECK(!url->host || *url->host);
    check_no_credential(url);
    /* The path of a file:// URL may look like anything once it is decoded. */
    if (url->transport == RCN_GIT_LOCAL)
        return;
    FUZZ_CHECK(rcn_git_url_parse(&again, url->address, arena, &err) == 0);
    FUZZ_CHECK(again.transport == url->transport && !again.password.text);
    FUZZ_CHECK(is_same(again.address, url->address) && is_same(again.name, url->name));
    FUZZ_CHECK(is_same(again.host, url->host) && is_same(again.port, url->port));
    rcn_git_url_release(&again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct rcn_error err = RCN_ERROR_INIT;
    struct rcn_arena *arena = rcn_arena_new((size_t)16 << 20);
    struct rcn_git_url url;
    char *text = fuzz_copy(data, size);
    FUZZ_CHECK(arena);
    if (rcn_git_url_parse(&url, text, arena, &err) == 0)
        check(&url, arena);
    else
        FUZZ_CHECK(!url.password.text);
    rcn_git_url_release(&url);
    rcn_arena_free(arena);
    free(text);
    return 0;
}
