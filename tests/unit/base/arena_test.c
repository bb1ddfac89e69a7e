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

enum { PIECES = 5000 };

/* Sizes of every kind, also of pieces that get a chunk of their own. */
static size_t get_size(size_t i)
{
    static const size_t sizes[] = {0,   1,   8,   9,    63,   64,   248,  249,   255,
                                   256, 257, 511, 2048, 4095, 4096, 4097, 16384, 140000};
    return sizes[i % (sizeof sizes / sizeof *sizes)];
}

static void keeps_pieces_apart(void **state)
{
    static unsigned char *pieces[PIECES];
    struct rcn_arena *arena = rcn_arena_new(SIZE_MAX);
    (void)state;
    for (size_t i = 0; i < PIECES; i++) {
        pieces[i] = rcn_arena_alloc(arena, get_size(i));
        assert_int_equal((uintptr_t)pieces[i] % 8, 0);
        for (size_t at = 0; at < get_size(i); at++)
            assert_int_equal(pieces[i][at], 0);
        memset(pieces[i], (int)(i % 251), get_size(i));
        assert_string_equal(rcn_arena_strdup(arena, "text"), "text");
    }
    for (size_t i = 0; i < PIECES; i++)
        for (size_t at = 0; at < get_size(i); at++)
            assert_int_equal(pieces[i][at], i % 251);
    rcn_arena_free(arena);
    rcn_arena_free(NULL);
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
        cmocka_unit_test(keeps_pieces_apart),
        cmocka_unit_test(gives_a_text_away),
        cmocka_unit_test(ends_the_process_past_its_limit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
