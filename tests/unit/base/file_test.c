#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"

/* Enters a new, empty folder and leaves its name in *state. */
static int enter_folder(void **state)
{
    static char folder[] = "/tmp/file_test.XXXXXX";
    *state = mkdtemp(folder);
    return *state && chdir(folder) == 0 ? 0 : -1;
}

static int leave_folder(void **state)
{
    unlink("there");
    return chdir("/") || rmdir(*state);
}

static void assert_content(const char *path, const char *expected)
{
    struct rcn_buf bytes;
    struct rcn_error err = RCN_ERROR_INIT;
    rcn_buf_init(&bytes, 100);
    assert_int_equal(rcn_file_read(path, &bytes, &err), 0);
    assert_string_equal(rcn_buf_get_str(&bytes), expected);
    rcn_buf_release(&bytes);
}

static int put_new(const char *text, bool *ret_is_there)
{
    struct rcn_error err = RCN_ERROR_INIT;
    struct rcn_file_writer *writer = rcn_file_writer_new("there", &err);
    assert_non_null(writer);
    assert_int_equal(rcn_file_writer_prepare(writer, text, strlen(text), &err), 0);
    int result = rcn_file_writer_commit_new(writer, ret_is_there, &err);
    rcn_file_writer_free(writer);
    return result;
}

static void a_new_file_replaces_nothing(void **state)
{
    bool is_there = false;
    (void)state;
    assert_int_equal(put_new("first", &is_there), 0);
    assert_false(is_there);
    assert_int_equal(put_new("second", &is_there), -1);
    assert_true(is_there);
    assert_content("there", "first");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_new_file_replaces_nothing, enter_folder, leave_folder),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
