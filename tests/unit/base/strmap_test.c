#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/strmap.h"

enum { KEYS = 20000, KEY_SIZE = 64 };

static char keys[KEYS][KEY_SIZE];

/* Of every length up to 40, with what is alike in front, behind, or both. */
static size_t make_key(size_t i)
{
    size_t pad = i % 33;
    memset(keys[i], 'x', pad);
    snprintf(keys[i] + pad, KEY_SIZE - pad, i % 2 ? "%06zu" : "%zu\t", i);
    return strlen(keys[i]);
}

static void check_all(const struct rcn_strmap *map)
{
    assert_int_equal(rcn_strmap_get_count(map), KEYS);
    for (size_t i = 0; i < KEYS; i++) {
        char copy[KEY_SIZE];
        snprintf(copy, sizeof copy, "%s", keys[i]);
        assert_ptr_equal(rcn_strmap_get(map, copy, strlen(copy)), keys[i]);
        assert_null(rcn_strmap_get(map, copy, strlen(copy) - 1));
        copy[0] = '!';
        assert_null(rcn_strmap_get(map, copy, strlen(copy)));
    }
}

static void finds_every_key(void **state)
{
    struct rcn_strmap *map = rcn_strmap_new(0);
    (void)state;
    assert_non_null(map);
    for (size_t i = 0; i < KEYS; i++) {
        void **place = rcn_strmap_put(map, keys[i], make_key(i));
        assert_non_null(place);
        assert_null(*place);
        *place = keys[i];
    }
    check_all(map);
    assert_ptr_equal(*rcn_strmap_put(map, keys[7], strlen(keys[7])), keys[7]);
    assert_int_equal(rcn_strmap_get_count(map), KEYS);
    rcn_strmap_free(map);
}

/* Keys may hold any bytes, and the empty one is a key. */
static void takes_any_bytes(void **state)
{
    static const char bytes[] = "\0a\0\0b\0\0\0c\0\0\0\0\0\0\0\0d";
    static char value;
    struct rcn_strmap *map = rcn_strmap_new(4);
    (void)state;
    for (size_t len = 0; len < sizeof bytes; len++)
        *rcn_strmap_put(map, bytes, len) = &value + len % 2;
    assert_int_equal(rcn_strmap_get_count(map), sizeof bytes);
    for (size_t len = 0; len < sizeof bytes; len++)
        assert_ptr_equal(rcn_strmap_get(map, bytes, len), &value + len % 2);
    rcn_strmap_free(map);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(finds_every_key),
        cmocka_unit_test(takes_any_bytes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
