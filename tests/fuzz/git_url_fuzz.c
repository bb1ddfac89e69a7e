/*
 * Any text as a Git URL. The address of an https:// one holds no credential, and is itself a URL of
 * the same place.
 */
#include "fuzz.h"
#include "git/git_url.h"

static bool is_same(const char *a, const char *b)
{
    return a == b || (a && b && strcmp(a, b) == 0);
}

static void check(const struct rcn_git_url *url, struct rcn_arena *arena)
{
    struct rcn_error err = RCN_ERROR_INIT;
    struct rcn_git_url again;
    FUZZ_CHECK(url->address && url->name);
    FUZZ_CHECK((url->transport == RCN_GIT_HTTPS) == (url->origin != NULL));
    FUZZ_CHECK(url->origin || (!url->user && !url->password.text));
    if (!url->origin)
        return;
    const char *authority = url->address + strlen("https://");
    FUZZ_CHECK(!memchr(authority, '@', strcspn(authority, "/")));
    FUZZ_CHECK(strncmp(url->address, url->origin, strlen(url->origin)) == 0);
    FUZZ_CHECK(rcn_git_url_parse(&again, url->address, arena, &err) == 0);
    FUZZ_CHECK(again.transport == url->transport && !again.password.text && !again.user);
    FUZZ_CHECK(is_same(again.address, url->address) && is_same(again.origin, url->origin));
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
