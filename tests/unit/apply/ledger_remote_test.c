/* The branch of a ledger in a real bare repository, through real git. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "apply/ledger_remote.h"
#include "git/git_program.h"

struct place {
    char root[64];
    char server[128];
    char caches[2][128];
};

__attribute__((format(printf, 1, 2))) static void run(const char *format, ...)
{
    char command[512];
    va_list args;
    va_start(args, format);
    vsnprintf(command, sizeof command, format, args);
    va_end(args);
    assert_int_equal(system(command), 0); /* NOLINT(cert-env33-c): a fixed command of a test */
}

static int set_up(void **state)
{
    struct place *place = calloc(1, sizeof *place);
    strcpy(place->root, "/tmp/ledger_remote_test.XXXXXX");
    if (!mkdtemp(place->root))
        return -1;
    snprintf(place->server, sizeof place->server, "%s/server.git", place->root);
    snprintf(place->caches[0], sizeof place->caches[0], "%s/a", place->root);
    snprintf(place->caches[1], sizeof place->caches[1], "%s/b", place->root);
    run("git init -q --bare %s", place->server);
    *state = place;
    return 0;
}

static int tear_down(void **state)
{
    struct place *place = *state;
    run("rm -rf %s", place->root);
    free(place);
    return 0;
}

static struct rcn_ledger_remote *open_remote(const struct place *place, int machine)
{
    const struct rcn_git_access access = {.timeout_ms = 20000};
    struct rcn_error err = RCN_ERROR_INIT;
    struct rcn_ledger_remote *remote =
        rcn_ledger_remote_new(place->server, place->caches[machine], &access, &err);
    if (!remote)
        print_error("%s\n", err.message);
    assert_non_null(remote);
    return remote;
}

static void fetch(struct rcn_ledger_remote *remote)
{
    struct rcn_error err = RCN_ERROR_INIT;
    if (rcn_ledger_remote_fetch(remote, &err))
        fail_msg("%s", err.message);
}

static enum rcn_ledger_push push(struct rcn_ledger_remote *remote, const char *path,
                                 const char *bytes, struct rcn_error *err)
{
    const struct rcn_ledger_file file = {.path = path, .text = bytes};
    return rcn_ledger_remote_push(remote, &file, 1, "a change\n\nrun: x\n", err);
}

static void expect_file(struct rcn_ledger_remote *remote, const char *path, const char *text)
{
    struct rcn_error err = RCN_ERROR_INIT;
    const char *is;
    assert_int_equal(rcn_ledger_remote_read(remote, path, &is, &err), 0);
    if (text)
        assert_string_equal(is, text);
    else
        assert_null(is);
}

static void is_a_compare_and_swap(void **state)
{
    const struct place *place = *state;
    struct rcn_error err = RCN_ERROR_INIT;
    struct rcn_ledger_remote *a = open_remote(place, 0);
    struct rcn_ledger_remote *b = open_remote(place, 1);
    fetch(a);
    fetch(b);
    assert_null(rcn_ledger_remote_get_tip(a));
    expect_file(a, "x/open.jsonl", NULL);
    /* Both would make the branch: one of them does. */
    assert_int_equal(push(a, "x/open.jsonl", "of a\n", &err), RCN_LEDGER_PUSHED);
    assert_int_equal(push(b, "x/open.jsonl", "of b\n", &err), RCN_LEDGER_MOVED);
    fetch(b);
    assert_string_equal(rcn_ledger_remote_get_tip(b), rcn_ledger_remote_get_tip(a));
    expect_file(b, "x/open.jsonl", "of a\n");
    assert_int_equal(push(b, "x/log/2026-11.jsonl", "of b\n", &err), RCN_LEDGER_PUSHED);
    /* a has not read that. */
    assert_int_equal(push(a, "x/open.jsonl", "again\n", &err), RCN_LEDGER_MOVED);
    fetch(a);
    expect_file(a, "x/log/2026-11.jsonl", "of b\n");
    expect_file(a, "x/open.jsonl", "of a\n");
    assert_int_equal(push(a, "x/open.jsonl", "", &err), RCN_LEDGER_PUSHED);
    expect_file(a, "x/open.jsonl", "");
    rcn_ledger_remote_free(a);
    rcn_ledger_remote_free(b);
    /* Later runs on this machine know how far the ledger was. */
    a = open_remote(place, 0);
    rcn_ledger_remote_set_reached(a, 12);
    rcn_ledger_remote_set_reached(a, 9);
    rcn_ledger_remote_free(a);
    a = open_remote(place, 0);
    assert_int_equal(rcn_ledger_remote_get_reached(a), 12);
    rcn_ledger_remote_free(a);
}

static void lists_what_a_folder_has(void **state)
{
    const struct place *place = *state;
    struct rcn_error err = RCN_ERROR_INIT;
    struct rcn_arena *arena = rcn_arena_new(SIZE_MAX);
    struct rcn_ledger_remote *remote = open_remote(place, 0);
    const char *const *paths;
    fetch(remote);
    assert_int_equal(push(remote, "x/log/2026-11.jsonl", "1\n", &err), RCN_LEDGER_PUSHED);
    assert_int_equal(push(remote, "x/log/2026-10.jsonl", "2\n", &err), RCN_LEDGER_PUSHED);
    assert_int_equal(push(remote, "y/open.jsonl", "3\n", &err), RCN_LEDGER_PUSHED);
    assert_int_equal(rcn_ledger_remote_list(remote, "x/", arena, &paths), 2);
    assert_string_equal(paths[0], "x/log/2026-11.jsonl");
    rcn_ledger_remote_free(remote);
    remote = open_remote(place, 1);
    fetch(remote);
    assert_int_equal(rcn_ledger_remote_list(remote, "x/", arena, &paths), 2);
    assert_string_equal(paths[0], "x/log/2026-10.jsonl");
    assert_string_equal(paths[1], "x/log/2026-11.jsonl");
    rcn_ledger_remote_free(remote);
    rcn_arena_free(arena);
}

/* A file that is lost in the copy must not be taken for one that does not exist. */
static void mends_a_damaged_copy(void **state)
{
    const struct place *place = *state;
    struct rcn_error err = RCN_ERROR_INIT;
    struct rcn_ledger_remote *remote = open_remote(place, 0);
    fetch(remote);
    assert_int_equal(push(remote, "x/open.jsonl", "announced\n", &err), RCN_LEDGER_PUSHED);
    rcn_ledger_remote_free(remote);
    run("cd %s/*.git && export GIT_DIR=. && id=$(git rev-parse "
        "refs/audiencectl/pushed:x/open.jsonl) "
        "&& mv objects/pack/*.pack p && rm -f objects/pack/* && git unpack-objects -q <p && "
        "rm objects/$(echo $id | cut -c 1-2)/$(echo $id | cut -c 3-)",
        place->caches[0]);
    remote = open_remote(place, 0);
    fetch(remote);
    expect_file(remote, "x/open.jsonl", "announced\n");
    rcn_ledger_remote_free(remote);
}

/* Another process of this machine empties the copy at any time. */
static void works_on_in_an_emptied_copy(void **state)
{
    const struct place *place = *state;
    struct rcn_error err = RCN_ERROR_INIT;
    struct rcn_ledger_remote *remote = open_remote(place, 0);
    fetch(remote);
    assert_int_equal(push(remote, "x/log/2026-11.jsonl", "1\n", &err), RCN_LEDGER_PUSHED);
    run("rm -r %s/*.git", place->caches[0]);
    assert_int_equal(push(remote, "x/open.jsonl", "2\n", &err), RCN_LEDGER_PUSHED);
    rcn_ledger_remote_free(remote);
    remote = open_remote(place, 0);
    fetch(remote);
    run("rm -r %s/*.git", place->caches[0]);
    const char *text;
    assert_int_equal(rcn_ledger_remote_read(remote, "x/log/2026-11.jsonl", &text, &err), -1);
    fetch(remote);
    expect_file(remote, "x/log/2026-11.jsonl", "1\n");
    rcn_ledger_remote_free(remote);
}

static void says_who_refuses(void **state)
{
    const struct place *place = *state;
    struct rcn_error err = RCN_ERROR_INIT;
    struct rcn_ledger_remote *remote = open_remote(place, 0);
    fetch(remote);
    run("printf '#!/bin/sh\\necho no ledgers here >&2\\nexit 1\\n' >%s/hooks/pre-receive",
        place->server);
    run("chmod +x %s/hooks/pre-receive", place->server);
    assert_int_equal(push(remote, "x/open.jsonl", "1\n", &err), RCN_LEDGER_REFUSED);
    assert_non_null(strstr(err.message, "no ledgers here"));
    rcn_ledger_remote_free(remote);
}

static void knows_a_branch_that_was_deleted(void **state)
{
    const struct place *place = *state;
    struct rcn_error err = RCN_ERROR_INIT;
    struct rcn_ledger_remote *remote = open_remote(place, 0);
    fetch(remote);
    assert_int_equal(push(remote, "x/open.jsonl", "1\n", &err), RCN_LEDGER_PUSHED);
    run("git --git-dir=%s update-ref -d refs/heads/" RCN_LEDGER_BRANCH, place->server);
    fetch(remote);
    assert_null(rcn_ledger_remote_get_tip(remote));
    rcn_ledger_remote_free(remote);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(is_a_compare_and_swap, set_up, tear_down),
        cmocka_unit_test_setup_teardown(lists_what_a_folder_has, set_up, tear_down),
        cmocka_unit_test_setup_teardown(mends_a_damaged_copy, set_up, tear_down),
        cmocka_unit_test_setup_teardown(works_on_in_an_emptied_copy, set_up, tear_down),
        cmocka_unit_test_setup_teardown(says_who_refuses, set_up, tear_down),
        cmocka_unit_test_setup_teardown(knows_a_branch_that_was_deleted, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
