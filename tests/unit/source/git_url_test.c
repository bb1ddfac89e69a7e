#include "source/git_url.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
/* cmocka.h needs the four above */
#include <cmocka.h>

static const struct {
    const char *text;
    enum rcn_git_transport transport;
    const char *address;
    const char *name;
    const char *host;
    const char *port;
    const char *user;
    const char *password;
} good[] = {
    {"/srv/x", RCN_GIT_LOCAL, "/srv/x", "/srv/x", NULL, NULL, NULL, NULL},
    {".", RCN_GIT_LOCAL, ".", ".", NULL, NULL, NULL, NULL},
    {"./a:b", RCN_GIT_LOCAL, "./a:b", "./a:b", NULL, NULL, NULL, NULL},
    {"/a://b", RCN_GIT_LOCAL, "/a://b", "/a://b", NULL, NULL, NULL, NULL},
    {"file:///srv/a%20b", RCN_GIT_LOCAL, "/srv/a b", "file:///srv/a%20b", NULL, NULL, NULL, NULL},
    {"file://localhost/srv", RCN_GIT_LOCAL, "/srv", "file://localhost/srv", NULL, NULL, NULL, NULL},
    {"https://h/x.git", RCN_GIT_HTTPS, "https://h/x.git", "https://h/x.git", "h", NULL, NULL, NULL},
    {"HTTPS://h:8443/x", RCN_GIT_HTTPS, "https://h:8443/x", "https://h:8443/x", "h", "8443", NULL,
     NULL},
    {"https://me@h/x", RCN_GIT_HTTPS, "https://h/x", "https://h/x", "h", NULL, "me", NULL},
    {"https://me:p%40ss@h/x", RCN_GIT_HTTPS, "https://h/x", "https://h/x", "h", NULL, "me", "p@ss"},
    {"https://a:b@c@h/x", RCN_GIT_HTTPS, "https://h/x", "https://h/x", "h", NULL, "a", "b@c"},
    {"https://:tok@h/x", RCN_GIT_HTTPS, "https://h/x", "https://h/x", "h", NULL, NULL, "tok"},
    {"https://[::1]:8/x", RCN_GIT_HTTPS, "https://[::1]:8/x", "https://[::1]:8/x", "::1", "8", NULL,
     NULL},
    {"ssh://git@h:22/x", RCN_GIT_SSH, "ssh://git@h:22/x", "ssh://git@h:22/x", "h", "22", "git",
     NULL},
    {"ssh://h/~/x", RCN_GIT_SSH, "ssh://h/~/x", "ssh://h/~/x", "h", NULL, NULL, NULL},
    {"git@h:a/b.git", RCN_GIT_SSH, "git@h:a/b.git", "git@h:a/b.git", "h", NULL, "git", NULL},
    {"h:b", RCN_GIT_SSH, "h:b", "h:b", "h", NULL, NULL, NULL},
    {"[git@h:2222]:b", RCN_GIT_SSH, "[git@h:2222]:b", "[git@h:2222]:b", "h", "2222", "git", NULL},
    {"git@[::1]:b", RCN_GIT_SSH, "git@[::1]:b", "git@[::1]:b", "::1", NULL, "git", NULL},
    {"git://h/x", RCN_GIT_DAEMON, "git://h/x", "git://h/x", "h", NULL, NULL, NULL},
};

static void same(const char *got, const char *expected)
{
    if (expected)
        assert_string_equal(got, expected);
    else
        assert_null(got);
}

static void takes_addresses_apart(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        struct rcn_arena *arena = rcn_arena_new(1 << 20);
        struct rcn_git_url url;
        struct rcn_error err = RCN_ERROR_INIT;
        print_message("%s\n", good[i].text);
        assert_int_equal(rcn_git_url_parse(&url, good[i].text, arena, &err), 0);
        assert_int_equal(url.transport, good[i].transport);
        same(url.address, good[i].address);
        same(url.name, good[i].name);
        same(url.host, good[i].host);
        same(url.port, good[i].port);
        same(url.user, good[i].user);
        same(url.password.text, good[i].password);
        rcn_git_url_release(&url);
        rcn_arena_free(arena);
    }
}

static const struct {
    const char *text;
    const char *message;
} bad[] = {
    {"", "the Git URL is empty"},
    {"http://localhost/x", "plain http:// is not read: nothing protects it"},
    {"HTTP://sesame@localhost/x", "plain http:// is not read: nothing protects it"},
    {"ftp://h/x", "the Git URL has an unknown scheme"},
    {"https://h", "the Git URL names a host and no repository"},
    {"https://h/", "the Git URL names a host and no repository"},
    {"https:///x", "the Git URL names no host"},
    {"https://sesame@/x", "the Git URL names no host"},
    {"https://h:sesame/x", "the port in the Git URL is no number"},
    {"https://[::1/x", "the Git URL has a '[' and no ']'"},
    {"https://a:sesame%4@h/x", "the password in the Git URL has a bad '%'"},
    {"https://a:%00sesame@h/x", "the password in the Git URL has a bad '%'"},
    {"https://a%0a:sesame@h/x", "the user in the Git URL is malformed"},
    {"https://h/x?token=sesame", "a Git URL has no '?' and no '#'"},
    {"https://h/x y", "the Git URL has a space or a control in it"},
    {"https://h/x\n", "the Git URL has a space or a control in it"},
    {"ssh://a:sesame@h/x", "a password in this kind of Git URL is not used"},
    {"ssh://h/x'", "the Git URL has a quote in it"},
    {"h:x'y", "the Git URL has a quote in it"},
    {"h:", "the Git URL names a host and no repository"},
    {"file://other/x", "a file:// URL needs an absolute path on this machine"},
    {"file:///x%", "the file:// URL has a bad '%'"},
};

static void refuses_without_telling_a_secret(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct rcn_arena *arena = rcn_arena_new(1 << 20);
        struct rcn_git_url url;
        struct rcn_error err = RCN_ERROR_INIT;
        print_message("%s\n", bad[i].text);
        assert_int_equal(rcn_git_url_parse(&url, bad[i].text, arena, &err), -1);
        assert_string_equal(err.message, bad[i].message);
        assert_null(strstr(err.message, "sesame"));
        assert_null(strstr(err.hint, "sesame"));
        assert_null(url.password.text);
        rcn_arena_free(arena);
    }
}

static void refuses_a_long_one(void **state)
{
    (void)state;
    static char text[RCN_GIT_URL_MAX + 2];
    memset(text, 'a', sizeof text - 1);
    struct rcn_arena *arena = rcn_arena_new(1 << 20);
    struct rcn_git_url url;
    struct rcn_error err = RCN_ERROR_INIT;
    assert_int_equal(rcn_git_url_parse(&url, text, arena, &err), -1);
    text[RCN_GIT_URL_MAX] = '\0';
    assert_int_equal(rcn_git_url_parse(&url, text, arena, &err), 0);
    rcn_arena_free(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(takes_addresses_apart),
        cmocka_unit_test(refuses_without_telling_a_secret),
        cmocka_unit_test(refuses_a_long_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
