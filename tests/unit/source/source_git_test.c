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
#include "source/source.h"

/* --- refs --- */

static void finds_what_a_ref_means(void **state)
{
    (void)state;
    static struct rcn_git_ref all[] = {
        {.name = "HEAD"},
        {.name = "refs/remotes/main"},
        {.name = "refs/tags/main"},
        {.name = "refs/heads/main"},
        {.name = "refs/tags/HEAD"},
        {.name = "refs/heads/refs/x"},
        {.name = "refs/x"},
        {.name = "refs/remotes/r/b"},
        {.name = "refs/tags/refs/y"},
    };
    static const struct rcn_git_refs refs = {.items = all, .count = sizeof all / sizeof *all};
    static const struct {
        const char *ref;
        const char *expected; /* NULL: none */
    } rows[] = {
        {NULL, "HEAD"},
        {"HEAD", "HEAD"},
        {"main", "refs/heads/main"},
        {"refs/tags/main", "refs/tags/main"},
        {"refs/x", "refs/x"},
        {"refs/y", "refs/tags/refs/y"},
        {"r/b", "refs/remotes/r/b"},
        {"x", NULL},
        {"tags/main", NULL},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct rcn_error err = RCN_ERROR_INIT;
        const struct rcn_git_ref *found = rcn_git_refs_find(&refs, rows[i].ref, &err);
        if (rows[i].expected)
            assert_string_equal(found->name, rows[i].expected);
        else
            assert_null(found);
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
    char hex[RCN_GIT_ID_SIZE];
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
    static struct rcn_git_ref all[] = {{.name = "refs/heads/main"}, {.name = "refs/heads/feature"}};
    static const struct rcn_git_refs refs = {.items = all, .count = 2};
    static const struct rcn_git_refs none = {0};
    struct rcn_error err = RCN_ERROR_INIT;
    assert_null(rcn_git_refs_find(&refs, "featrue", &err));
    assert_string_equal(err.message, "no branch, tag or commit 'featrue'");
    assert_string_equal(err.hint, "did you mean 'feature'?");
    assert_null(rcn_git_refs_find(&refs, "3f2c1ab", &err));
    assert_string_equal(err.hint, "a commit id needs all of its 40 digits");
    assert_null(rcn_git_refs_find(&refs, "other", &err));
    assert_non_null(strstr(err.hint, "a commit id of 40 digits"));
    assert_null(rcn_git_refs_find(&refs, NULL, &err));
    assert_string_equal(err.message, "HEAD of the repository is not a commit");
    assert_null(rcn_git_refs_find(&none, "other", &err));
    assert_string_equal(err.message, "the repository is empty: it has no commit");
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
        cmocka_unit_test(finds_what_a_ref_means),
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
