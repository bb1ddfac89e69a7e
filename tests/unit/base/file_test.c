#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"

/* Enters a new, empty folder and leaves its name in *state. */
static int enter_folder(void **state)
{
    static char folder[32];
    snprintf(folder, sizeof folder, "/tmp/file_test.XXXXXX");
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

static void write_bytes(const char *path, size_t len)
{
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    for (size_t i = 0; i < len; i++)
        fputc('a' + (int)(i % 26), file);
    assert_int_equal(fclose(file), 0);
}

/* What a file held of so many bytes, behind what was in the buffer. */
static void assert_read(size_t len, size_t before)
{
    struct rcn_buf bytes;
    struct rcn_error err = RCN_ERROR_INIT;
    write_bytes("there", len);
    rcn_buf_init(&bytes, 300000);
    if (before)
        rcn_buf_add_repeat(&bytes, '-', before);
    assert_int_equal(rcn_file_read("there", &bytes, &err), 0);
    assert_int_equal(bytes.len, before + len);
    for (size_t i = 0; i < bytes.len; i++)
        assert_int_equal(bytes.data[i], i < before ? '-' : 'a' + (int)((i - before) % 26));
    assert_int_equal(bytes.data[bytes.len], '\0');
    rcn_buf_release(&bytes);
    unlink("there");
}

static void reads_files_of_any_size(void **state)
{
    static const size_t sizes[] = {0, 1, 255, 256, 65535, 65536, 65537, 131072, 200001};
    (void)state;
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        assert_read(sizes[i], 0);
        assert_read(sizes[i], 3);
        assert_read(sizes[i], 70000);
    }
}

/* Up to the limit a file is read, a byte more is an error: of a file, and of what has no size. */
static void keeps_to_the_limit(void **state)
{
    (void)state;
    for (size_t len = 99999; len <= 100001; len++) {
        struct rcn_error err = RCN_ERROR_INIT;
        struct rcn_buf bytes;
        int ends[2];
        write_bytes("there", len);
        rcn_buf_init(&bytes, 100000);
        assert_int_equal(rcn_file_read("there", &bytes, &err), len > 100000 ? -1 : 0);
        rcn_buf_clear(&bytes);
        int fd = open("there", O_RDONLY | O_CLOEXEC);
        assert_int_equal(rcn_fd_read(fd, "there", &bytes, &err), len > 100000 ? -1 : 0);
        if (len > 100000)
            assert_string_equal(err.message, "'there' is larger than 100000 bytes");
        close(fd);
        rcn_buf_release(&bytes);
        rcn_buf_init(&bytes, len - 99990);
        assert_int_equal(pipe(ends), 0);
        assert_int_equal(write(ends[1], "0123456789", 10), 10);
        close(ends[1]);
        assert_int_equal(rcn_fd_read(ends[0], "pipe", &bytes, &err), len < 100000 ? -1 : 0);
        close(ends[0]);
        rcn_buf_release(&bytes);
        unlink("there");
    }
}

static int put_new(const char *text, bool *ret_is_there)
{
    struct rcn_error err = RCN_ERROR_INIT;
    struct rcn_file_writer *writer = rcn_file_writer_new("there", false, &err);
    assert_non_null(writer);
    int result = rcn_file_writer_commit(writer, text, strlen(text), ret_is_there, &err);
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

static void put(const char *path, const char *text)
{
    struct rcn_error err = RCN_ERROR_INIT;
    struct rcn_file_writer *writer = rcn_file_writer_new(path, false, &err);
    assert_non_null(writer);
    assert_int_equal(rcn_file_writer_commit(writer, text, strlen(text), NULL, &err), 0);
    rcn_file_writer_free(writer);
}

static void a_link_stays_a_link(void **state)
{
    struct stat status;
    (void)state;
    put("there", "old");
    assert_int_equal(symlink("there", "link"), 0);
    put("link", "new");
    assert_int_equal(lstat("link", &status), 0);
    assert_true(S_ISLNK(status.st_mode));
    assert_content("there", "new");
    assert_int_equal(unlink("link"), 0);
}

static void a_mode_stays(void **state)
{
    struct stat status;
    (void)state;
    put("there", "old");
    assert_int_equal(chmod("there", 0640), 0);
    put("there", "new");
    assert_int_equal(stat("there", &status), 0);
    assert_int_equal(status.st_mode & 0777, 0640);
    assert_int_equal(unlink("there"), 0);
    mode_t mask = umask(027);
    put("there", "new");
    umask(mask);
    assert_int_equal(stat("there", &status), 0);
    assert_int_equal(status.st_mode & 0777, 0640);
    assert_int_equal(unlink("there"), 0);
}

/* Not by a file beside it, and not over what others hold open. */
static void what_is_in_dev_is_written_to(void **state)
{
    char path[32];
    char text[8] = "";
    int ends[2];
    (void)state;
    assert_int_equal(pipe(ends), 0);
    snprintf(path, sizeof path, "/dev/fd/%d", ends[1]);
    put(path, "text");
    assert_int_equal(read(ends[0], text, sizeof text), 4);
    assert_string_equal(text, "text");
    close(ends[0]);
    close(ends[1]);

    int fd = open("there", O_RDWR | O_CREAT | O_TRUNC, 0600);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, "a", 1), 1);
    snprintf(path, sizeof path, "/dev/fd/%d", fd);
    put(path, "b");
    close(fd);
    assert_content("there", "ab");
}

static void names_of_one_file(void **state)
{
    (void)state;
    unlink("there");
    assert_true(rcn_file_is_same("there", "./there"));
    assert_true(rcn_file_is_same("./there", ".//there"));
    assert_false(rcn_file_is_same("there", "here"));
    assert_false(rcn_file_is_same("there", "/there"));
    assert_false(rcn_file_is_same("none/there", "nowhere/there"));
    put("there", "x");
    assert_int_equal(symlink("there", "link"), 0);
    assert_true(rcn_file_is_same("link", "./there"));
    assert_false(rcn_file_is_same("there", "none"));
    assert_int_equal(unlink("link"), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(reads_files_of_any_size, enter_folder, leave_folder),
        cmocka_unit_test_setup_teardown(keeps_to_the_limit, enter_folder, leave_folder),
        cmocka_unit_test_setup_teardown(a_new_file_replaces_nothing, enter_folder, leave_folder),
        cmocka_unit_test_setup_teardown(a_link_stays_a_link, enter_folder, leave_folder),
        cmocka_unit_test_setup_teardown(a_mode_stays, enter_folder, leave_folder),
        cmocka_unit_test_setup_teardown(what_is_in_dev_is_written_to, enter_folder, leave_folder),
        cmocka_unit_test_setup_teardown(names_of_one_file, enter_folder, leave_folder),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
