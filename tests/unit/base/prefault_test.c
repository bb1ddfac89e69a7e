#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/prefault.h"

enum { MEMORY_BYTES = 8 << 20 };

static unsigned char *map(void)
{
    void *memory =
        mmap(NULL, MEMORY_BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    assert_true(memory != MAP_FAILED);
    return memory;
}

/* What is written while the helper is at the same pages stays. */
static void changes_nothing(void **state)
{
    (void)state;
    for (size_t round = 0; round < 20; round++) {
        unsigned char *memory = map();
        rcn_prefault(memory, MEMORY_BYTES);
        for (size_t i = 0; i < MEMORY_BYTES; i += 64)
            memory[i] = (unsigned char)(i / 64 % 251);
        for (size_t i = 0; i < MEMORY_BYTES; i++)
            assert_int_equal(memory[i], i % 64 ? 0 : i / 64 % 251);
        munmap(memory, MEMORY_BYTES);
    }
}

/* Memory that is gone, or never was, is nobody's loss. */
static void takes_memory_that_is_gone(void **state)
{
    static char few[10];
    unsigned char *memory = map();
    (void)state;
    munmap(memory, MEMORY_BYTES);
    rcn_prefault(memory, MEMORY_BYTES);
    rcn_prefault(NULL, 0);
    rcn_prefault(few, sizeof few);
    rcn_prefault(few, 0);
}

#ifdef MADV_POPULATE_WRITE

static bool is_ready(unsigned char *memory)
{
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    size_t count = MEMORY_BYTES / page;
    unsigned char *pages = calloc(count, 1);
    assert_non_null(pages);
    assert_int_equal(mincore(memory, MEMORY_BYTES, pages), 0);
    bool all = true;
    for (size_t i = 0; i < count; i++)
        all &= pages[i] & 1;
    free(pages);
    return all;
}

static bool system_can(unsigned char *memory)
{
    return madvise(memory, (size_t)sysconf(_SC_PAGESIZE), MADV_POPULATE_WRITE) == 0;
}

/* The pages come without a write of ours. */
static void makes_pages_ready(void **state)
{
    const struct timespec moment = {.tv_nsec = 1000000};
    unsigned char *memory = map();
    (void)state;
    if (!system_can(memory))
        skip();
    assert_false(is_ready(memory));
    rcn_prefault(memory, MEMORY_BYTES);
    for (int tries = 0; tries < 20000 && !is_ready(memory); tries++)
        nanosleep(&moment, NULL);
    assert_true(is_ready(memory));
    munmap(memory, MEMORY_BYTES);
}

#endif

/* Its parent's thread is not there, and whatever it held is held for ever. */
static void forked_process_goes_without(void **state)
{
    unsigned char *memory = map();
    (void)state;
    for (int i = 0; i < 20; i++) {
        rcn_prefault(memory, MEMORY_BYTES);
        pid_t child = fork();
        if (child == 0) {
            alarm(60);
            rcn_prefault(memory, MEMORY_BYTES);
            exit(7); /* through what was registered with atexit */
        }
        int status;
        assert_int_equal(waitpid(child, &status, 0), child);
        assert_true(WIFEXITED(status));
        assert_int_equal(WEXITSTATUS(status), 7);
    }
    munmap(memory, MEMORY_BYTES);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(changes_nothing),
        cmocka_unit_test(takes_memory_that_is_gone),
#ifdef MADV_POPULATE_WRITE
        cmocka_unit_test(makes_pages_ready),
#endif
        cmocka_unit_test(forked_process_goes_without),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
