#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/memory.h"

/* What was adopted counts and dies with the arena (the sanitizers look for what does not). */
static void adopts_within_its_limit(void **state)
{
    struct rcn_arena *arena = rcn_arena_new(1000);
    (void)state;
    rcn_arena_adopt(arena, malloc(600), 600);
    assert_true(rcn_arena_get_used(arena) >= 600);
    assert_non_null(rcn_arena_alloc(arena, 100));
    assert_non_null(rcn_arena_alloc_text(arena, 0));
    rcn_arena_free(arena);
}

static void gives_a_text_away(void **state)
{
    struct rcn_buf buf;
    (void)state;
    rcn_buf_init(&buf, 100);
    assert_null(rcn_buf_take(&buf));
    rcn_buf_add_str(&buf, "text");
    char *text = rcn_buf_take(&buf);
    assert_string_equal(text, "text");
    free(text);
    rcn_buf_add_str(&buf, "other");
    assert_string_equal(rcn_buf_get_str(&buf), "other");
    rcn_buf_add_repeat(&buf, 'x', 1000);
    assert_null(rcn_buf_take(&buf));
    rcn_buf_release(&buf);
}

/* Past its limit there is no way on: the process ends with a message, not with a NULL. */
static void ends_the_process_past_its_limit(void **state)
{
    (void)state;
    pid_t child = fork();
    if (child == 0) {
        struct rcn_arena *arena = rcn_arena_new(1000);
        rcn_memory_set_exit_code(3);
        rcn_arena_alloc(arena, 1001);
        _exit(0);
    }
    int status = 0;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(adopts_within_its_limit),
        cmocka_unit_test(gives_a_text_away),
        cmocka_unit_test(ends_the_process_past_its_limit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
