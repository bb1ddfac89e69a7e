#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/pool.h"

enum { PIECES = 5000 };

/* Sizes of every kind, also of pieces that get a block of their own. */
static size_t get_size(size_t i)
{
    static const size_t sizes[] = {1,   7,   8,   9,    63,   64,   248,  249,   255,
                                   256, 257, 511, 2048, 4095, 4096, 4097, 16384, 140000};
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

static void keeps_pieces_apart(void **state)
{
    static unsigned char *pieces[PIECES];
    struct rcn_pool *pool = rcn_pool_new();
    (void)state;
    for (size_t i = 0; i < PIECES; i++) {
        pieces[i] = rcn_pool_take(pool, get_size(i));
        assert_int_equal((uintptr_t)pieces[i] % 8, 0);
        fill(pieces[i], i);
    }
    for (size_t i = 0; i < PIECES; i++)
        check(pieces[i], i);
    assert_non_null(rcn_pool_take(pool, 0));
    rcn_pool_free(pool);
    rcn_pool_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keeps_pieces_apart),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
