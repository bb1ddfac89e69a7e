#include "git/git_url.h"

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
    const char *address; /* NULL: the text itself */
    const char *origin;
    const char *user;
    const char *password;
} good[] = {
    {"/srv/x", RCN_GIT_PATH, NULL, NULL, NULL, NULL},
    {".", RCN_GIT_PATH, NULL, NULL, NULL, NULL},
    {"./a:b", RCN_GIT_PATH, NULL, NULL, NULL, NULL},
    {"/a://b", RCN_GIT_PATH, NULL, NULL, NULL, NULL},
    {"file:///srv/a%20b", RCN_GIT_FILE, NULL, NULL, NULL, NULL},
    {"https://h/x.git", RCN_GIT_HTTPS, NULL, "https://h", NULL, NULL},
    {"HTTPS://h:8443/x", RCN_GIT_HTTPS, "https://h:8443/x", "https://h:8443", NULL, NULL},
    {"https://me@h/x", RCN_GIT_HTTPS, "https://h/x", "https://h", "me", NULL},
    {"https://me:p%40ss@h/x", RCN_GIT_HTTPS, "https://h/x", "https://h", "me", "p@ss"},
    {"https://a:b@c@h/x", RCN_GIT_HTTPS, "https://h/x", "https://h", "a", "b@c"},
    {"https://:tok@h/x", RCN_GIT_HTTPS, "https://h/x", "https://h", NULL, "tok"},
    {"https://[::1]:8/x", RCN_GIT_HTTPS, NULL, "https://[::1]:8", NULL, NULL},
    {"ssh://git@h:22/x", RCN_GIT_SSH, NULL, NULL, NULL, NULL},
    {"ssh://h/~/x", RCN_GIT_SSH, NULL, NULL, NULL, NULL},
    {"git@h:a/b.git", RCN_GIT_SSH, NULL, NULL, NULL, NULL},
    {"h:b", RCN_GIT_SSH, NULL, NULL, NULL, NULL},
    {"[git@h:2222]:b", RCN_GIT_SSH, NULL, NULL, NULL, NULL},
    {"git@[::1]:b", RCN_GIT_SSH, NULL, NULL, NULL, NULL},
    {"git://h/x", RCN_GIT_DAEMON, NULL, NULL, NULL, NULL},
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
        same(url.address, good[i].address ? good[i].address : good[i].text);
        same(url.name, url.address);
        same(url.origin, good[i].origin);
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
    {"http://localhost/x", "plain http:// is not supported: it is not encrypted"},
    {"HTTP://sesame@localhost/x", "plain http:// is not supported: it is not encrypted"},
    {"ftp://h/x", "the Git URL has an unknown scheme"},
    {"ext::sh -c id", "the Git URL has an unknown scheme"},
    {"https:/a:sesame@h/x", "expected two slashes after 'https:'"},
    {"ssh:/sesame@h/x", "expected two slashes after 'ssh:'"},
    {"https:///x", "the Git URL has no host"},
    {"https://sesame@/x", "the Git URL has no host"},
    {"https://a:sesame%4@h/x", "the user or password in the Git URL has an invalid '%'"},
    {"https://a:%00sesame@h/x", "the user or password in the Git URL has an invalid '%'"},
    {"https://a%0a:sesame@h/x", "the user or password in the Git URL has an invalid '%'"},
    {"https://h/x?token=sesame", "a Git URL has no '?' and no '#'"},
};

static const struct {
    const char *text;
    const char *name;
} masked[] = {
    {"//u:sesame@h/x", "//***@h/x"},
    {"u:sesame@h/x", "***@h/x"},
    {"ssh://u:sesame@h/x", "ssh://***@h/x"},
    {"git@h:a/b", "git@h:a/b"},
};

static void masks_names(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof masked / sizeof *masked; i++) {
        struct rcn_arena *arena = rcn_arena_new(1 << 20);
        struct rcn_git_url url;
        struct rcn_error err = RCN_ERROR_INIT;
        assert_int_equal(rcn_git_url_parse(&url, masked[i].text, arena, &err), 0);
        assert_string_equal(url.name, masked[i].name);
        rcn_arena_free(arena);
    }
}

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
        cmocka_unit_test(masks_names),
        cmocka_unit_test(refuses_a_long_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
