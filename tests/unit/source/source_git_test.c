/* The small decisions of the Git source: refs, paths, warnings. What it reads is tested against
 * real repositories and servers in tests/cli/git*.bats. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
/* cmocka.h needs the first four */
#include <cmocka.h>

#include "source/git_repository.h"
#include "source/git_tree.h"
#include "source/source.h"

/* --- refs --- */

static void lists_what_a_ref_may_mean(void **state)
{
    (void)state;
    static const struct {
        const char *ref;
        const char *expected; /* candidates, each with a space after it */
    } rows[] = {
        {"main", "refs/heads/main refs/tags/main refs/remotes/main "},
        {"HEAD", "HEAD refs/heads/HEAD refs/tags/HEAD refs/remotes/HEAD "},
        {"refs/x", "refs/x refs/heads/refs/x refs/tags/refs/x refs/remotes/refs/x "},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char all[4 * RCN_GIT_REF_SIZE] = "";
        char name[RCN_GIT_REF_SIZE];
        for (size_t c = 0; c < RCN_GIT_REF_CANDIDATES; c++)
            if (rcn_git_ref_candidate(rows[i].ref, c, name)) {
                strcat(all, name);
                strcat(all, " ");
            }
        assert_string_equal(all, rows[i].expected);
    }
}

static void checks_refs(void **state)
{
    (void)state;
    struct rcn_error err = RCN_ERROR_INIT;
    char longest[RCN_GIT_REF_MAX + 2];
    memset(longest, 'a', sizeof longest);
    longest[sizeof longest - 1] = '\0';
    assert_int_equal(rcn_git_ref_check(longest, &err), -1);
    longest[RCN_GIT_REF_MAX] = '\0';
    assert_int_equal(rcn_git_ref_check(longest, &err), 0);
    assert_int_equal(rcn_git_ref_check("", &err), -1);
    assert_int_equal(rcn_git_ref_check("a b", &err), -1);
    assert_int_equal(rcn_git_ref_check("a\x1b", &err), -1);
    assert_int_equal(rcn_git_ref_check("feature/ü", &err), 0);
}

static void knows_commit_ids(void **state)
{
    (void)state;
    char hex[RCN_GIT_COMMIT_SIZE];
    assert_true(rcn_git_ref_is_commit("0123456789ABCDEFabcd0123456789ABCDEFabcd", hex));
    assert_string_equal(hex, "0123456789abcdefabcd0123456789abcdefabcd");
    assert_false(rcn_git_ref_is_commit("0123456789abcdefabcd0123456789abcdefabc", hex));
    assert_false(rcn_git_ref_is_commit("0123456789abcdefabcd0123456789abcdefabcg", hex));
    assert_false(rcn_git_ref_is_commit("0123456789abcdefabcd0123456789abcdefabcd0", hex));
}

static void shortens_names(void **state)
{
    (void)state;
    assert_string_equal(rcn_git_ref_short_name("refs/heads/a/b"), "a/b");
    assert_string_equal(rcn_git_ref_short_name("refs/tags/v1"), "v1");
    assert_string_equal(rcn_git_ref_short_name("HEAD"), "HEAD");
    assert_string_equal(rcn_git_ref_short_name("refs/notes/x"), "refs/notes/x");
}

static void explains_a_missing_ref(void **state)
{
    (void)state;
    static const char *const names[] = {"main", "feature"};
    struct rcn_error err = RCN_ERROR_INIT;
    assert_int_equal(rcn_git_ref_fail_missing("featrue", names, 2, &err), -1);
    assert_string_equal(err.message, "no branch, tag or commit 'featrue'");
    assert_string_equal(err.hint, "did you mean 'feature'?");
    rcn_git_ref_fail_missing("3f2c1ab", names, 2, &err);
    assert_string_equal(err.hint, "a commit id needs all of its 40 digits");
    rcn_git_ref_fail_missing("other", names, 0, &err);
    assert_non_null(strstr(err.hint, "a commit id of 40 digits"));
}

/* --- paths --- */

static void normalizes_paths(void **state)
{
    (void)state;
    static const struct {
        const char *path;
        const char *expected; /* NULL: refused */
    } rows[] = {
        {"a", "a"},
        {"a/b", "a/b"},
        {"./a", "a"},
        {"a/", "a"},
        {"a//b///c", "a/b/c"},
        {".", ""},
        {"./", ""},
        {"a/./b", "a/b"},
        {".hidden", ".hidden"},
        {"..a/b..", "..a/b.."},
        {"...", "..."},
        {"", NULL},
        {"/", NULL},
        {"/a", NULL},
        {"..", NULL},
        {"a/..", NULL},
        {"../a", NULL},
        {"a/../b", NULL},
        {"./../a", NULL},
        {"a/..//", NULL},
    };
    struct rcn_arena *arena = rcn_arena_new(1 << 20);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct rcn_error err = RCN_ERROR_INIT;
        const char *got = rcn_git_path_normalize(rows[i].path, arena, &err);
        if (rows[i].expected) {
            assert_non_null(got);
            assert_string_equal(got, rows[i].expected);
        } else {
            assert_null(got);
            assert_non_null(strstr(err.message, "the path '"));
        }
    }
    rcn_arena_free(arena);
}

static void chooses_like_a_directory(void **state)
{
    (void)state;
    static const struct {
        const char *root;
        const char *path;
        bool expected;
    } rows[] = {
        {"", "a.yaml", true},         {"", "a/b.yml", true},
        {"", "a.txt", false},         {"", ".a/b.yaml", false},
        {"", "a/.b.yaml", false},     {"a", "a/b.yaml", true},
        {"a", "ab/b.yaml", false},    {"a", "b.yaml", false},
        {".a", ".a/b.yaml", true},    {".a", ".a/.b/c.yaml", false},
        {"a/b.txt", "a/b.txt", true}, {"a.yaml", "a.yaml/b.yaml", true},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        assert_int_equal(rcn_git_path_is_chosen(rows[i].path, &rows[i].root, 1), rows[i].expected);
}

/* --- warnings --- */

static void names_only_the_first(void **state)
{
    (void)state;
    static const char *const all[] = {"a", "b", "c", "d", "e", "f", "g"};
    struct rcn_source source = {.arena = rcn_arena_new(1 << 20)};
    struct rcn_source_names names = {0};
    rcn_source_warn_names(&source, &names, "links");
    assert_int_equal(source.warning_count, 0);
    rcn_source_names_add(&names, all[0]);
    rcn_source_warn_names(&source, &names, "links");
    for (size_t i = 1; i < 7; i++)
        rcn_source_names_add(&names, all[i]);
    rcn_source_warn_names(&source, &names, "links");
    assert_int_equal(source.warning_count, 2);
    assert_string_equal(source.warnings[0], "links: 'a'");
    assert_string_equal(source.warnings[1], "links: 'a', 'b', 'c', 'd', 'e' and 2 more");
    rcn_arena_free(source.arena);
}

/* --- the whole --- */

static void refuses_before_it_opens_anything(void **state)
{
    (void)state;
    static const char *const outside[] = {"../x"};
    const struct {
        struct rcn_git_options options;
        const char *message;
    } rows[] = {
        {{.url = ""}, "the Git URL is empty"},
        {{.url = "https://localhost:1/x", .ref = ""}, "the Git ref is empty"},
        {{.url = "https://localhost:1/x", .paths = outside, .path_count = 1},
         "the path '../x' has '..' in it"},
        {{.url = "ssh://localhost:1/x", .access.ssh_key_file = "/nowhere"},
         "cannot read the SSH key '/nowhere'"},
        {{.url = "https://localhost:1/x", .access.ca_file = "/nowhere"},
         "cannot read the CA file '/nowhere'"},
        {{.url = "/nowhere/at/all"}, "cannot read '/nowhere/at/all': this is not a Git repository"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct rcn_diags diags;
        struct rcn_error err = RCN_ERROR_INIT;
        rcn_diags_init(&diags);
        assert_null(rcn_source_new_from_git(&rows[i].options, &diags, &err));
        if (!strstr(err.message, rows[i].message))
            fail_msg("expected '%s', got '%s'", rows[i].message, err.message);
        rcn_diags_release(&diags);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lists_what_a_ref_may_mean),
        cmocka_unit_test(checks_refs),
        cmocka_unit_test(knows_commit_ids),
        cmocka_unit_test(shortens_names),
        cmocka_unit_test(explains_a_missing_ref),
        cmocka_unit_test(normalizes_paths),
        cmocka_unit_test(chooses_like_a_directory),
        cmocka_unit_test(names_only_the_first),
        cmocka_unit_test(refuses_before_it_opens_anything),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
