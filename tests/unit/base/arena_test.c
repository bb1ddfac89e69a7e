#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/arena.h"
#include "base/buf.h"

/* What was adopted counts and dies with the arena (the sanitizers look for what does not). */
static void adopts_within_its_limit(void **state)
{
    struct rcn_arena *arena = rcn_arena_new(1000);
    char *first = malloc(600);
    char *second = malloc(600);
    (void)state;
    assert_non_null(arena);
    assert_int_equal(rcn_arena_adopt(arena, first, 600), 0);
    assert_int_equal(rcn_arena_adopt(arena, second, 600), -1);
    free(second);
    assert_null(rcn_arena_alloc(arena, 600));
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(adopts_within_its_limit),
        cmocka_unit_test(gives_a_text_away),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
