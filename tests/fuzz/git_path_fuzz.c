/*
 * Any text as --path, and as --ref. A path that is taken stays in the tree, and what is chosen
 * below it lies below it.
 */
#include "fuzz.h"
#include "source/git_repository.h"

static bool stays_inside(const char *path)
{
    for (const char *at = path; *at;) {
        size_t len = strcspn(at, "/");
        if (len == 0 || (len <= 2 && strncmp(at, "..", len) == 0))
            return false;
        at += len;
        if (*at && !*++at)
            return false;
    }
    return true;
}

static void check_below(const char *root, struct rcn_arena *arena)
{
    const char *slash = *root ? "/" : "";
    const struct {
        const char *path;
        bool is_chosen;
    } rows[] = {
        {rcn_arena_printf(arena, "%s%sa.yaml", root, slash), true},
        {rcn_arena_printf(arena, "%s%sa/b.yml", root, slash), true},
        {rcn_arena_printf(arena, "%s%s.a.yaml", root, slash), false},
        {rcn_arena_printf(arena, "%s%sa/.b/c.yaml", root, slash), false},
        {rcn_arena_printf(arena, "%s%sa.txt", root, slash), false},
        {rcn_arena_printf(arena, "%sz/a.yaml", root), !*root},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        FUZZ_CHECK(rcn_git_path_is_chosen(rows[i].path, &root, 1) == rows[i].is_chosen);
    FUZZ_CHECK(rcn_git_path_is_chosen(root, &root, 1));
}

static void check_path(const char *text, struct rcn_arena *arena)
{
    struct rcn_error err = RCN_ERROR_INIT;
    const char *path = rcn_git_path_normalize(text, arena, &err);
    if (!path)
        return;
    FUZZ_CHECK(stays_inside(path));
    if (*path)
        FUZZ_CHECK(strcmp(rcn_git_path_normalize(path, arena, &err), path) == 0);
    check_below(path, arena);
}

static void check_ref(const char *text)
{
    struct rcn_error err = RCN_ERROR_INIT;
    static struct rcn_git_ref all[] = {
        {.name = "HEAD"}, {.name = "refs/heads/release/1.0"}, {.name = "refs/tags/v1"}};
    static const struct rcn_git_refs refs = {.items = all, .count = 3};
    char commit[RCN_GIT_ID_SIZE];
    if (rcn_git_ref_check(text, &err))
        return;
    const struct rcn_git_ref *found = rcn_git_refs_find(&refs, text, &err);
    FUZZ_CHECK(found ? strcmp(found->name + strlen(found->name) - strlen(text), text) == 0
                     : err.message[0] != '\0');
    if (rcn_git_ref_is_commit(text, commit))
        FUZZ_CHECK(strlen(commit) == 40 && commit[strspn(commit, "0123456789abcdef")] == '\0');
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct rcn_arena *arena = rcn_arena_new((size_t)16 << 20);
    char *text = fuzz_copy(data, size);
    FUZZ_CHECK(arena);
    check_path(text, arena);
    check_ref(text);
    rcn_arena_free(arena);
    free(text);
    return 0;
}
