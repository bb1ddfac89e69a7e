#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/pool.h"

enum { PIECES = 5000 };

/* Sizes of every kind: small classes, doubling ones, and pieces that are alone. */
static size_t get_size(size_t i)
{
    static const size_t sizes[] = {1,   7,   8,   9,    63,   64,   248,  249,   255,
                                   256, 257, 511, 2048, 4095, 4096, 4097, 16384, 70000};
    return sizes[i % (sizeof sizes / sizeof *sizes)];
}

static void fill(unsigned char *piece, size_t i)
{
    memset(piece, (int)(i % 251), get_size(i));
}

static void check(const unsigned char *piece, size_t i)
{
    for (size_t at = 0; at < get_size(i); at++)
        assert_int_equal(piece[at], i % 251);
}

/* Each piece keeps its bytes while others come and go. */
static void keeps_pieces_apart(void **state)
{
    static unsigned char *pieces[PIECES];
    struct rcn_pool *pool = rcn_pool_new();
    (void)state;
    assert_non_null(pool);
    for (size_t round = 0; round < 3; round++) {
        for (size_t i = round; i < PIECES; i += round + 1) {
            if (pieces[i])
                check(pieces[i], i);
            rcn_pool_give_back(pool, pieces[i]);
            pieces[i] = rcn_pool_take(pool, get_size(i));
            assert_non_null(pieces[i]);
            assert_int_equal((uintptr_t)pieces[i] % 8, 0);
            fill(pieces[i], i);
        }
    }
    for (size_t i = 0; i < PIECES; i++)
        check(pieces[i], i);
    rcn_pool_free(pool);
}

static void serves_what_was_given_back(void **state)
{
    struct rcn_pool *pool = rcn_pool_new();
    (void)state;
    assert_non_null(pool);
    for (size_t i = 0; i < 15; i++) {
        void *first = rcn_pool_take(pool, get_size(i));
        rcn_pool_give_back(pool, first);
        assert_ptr_equal(rcn_pool_take(pool, get_size(i)), first);
    }
    rcn_pool_give_back(pool, NULL);
    rcn_pool_free(pool);
    rcn_pool_free(NULL);
}

static void refuses_what_cannot_be(void **state)
{
    struct rcn_pool *pool = rcn_pool_new();
    (void)state;
    assert_null(rcn_pool_take(pool, SIZE_MAX));
    assert_null(rcn_pool_take(pool, SIZE_MAX - 8));
    assert_non_null(rcn_pool_take(pool, 0));
    rcn_pool_free(pool);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keeps_pieces_apart),
        cmocka_unit_test(serves_what_was_given_back),
        cmocka_unit_test(refuses_what_cannot_be),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
