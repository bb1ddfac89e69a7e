/*
 * fail_calls: a library to preload that makes one call fail, the n-th of its kind. torture.py
 * drives it.
 *
 *   FAIL_CALL     the call that fails: `write`, `fsync`, `rename`, ...
 *   FAIL_OBJECTS  names of objects, with colons between them: only calls from them count
 *   FAIL_AT       which one fails; 0: none, they are only counted
 *   FAIL_ONWARD   when set, all later ones fail too
 *   FAIL_ERRNO    what errno is then (a number)
 *   FAIL_LOG      a file that gets `<calls counted> <place of the failed one>` at the end
 *
 * The C library calls its own functions by other names, so a write of stdio does not count.
 */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <link.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { MAX_OBJECTS = 32, MAX_SEGMENTS = 128 };

static struct {
    const char *call;
    long at;
    bool onward;
    int error;
    struct {
        uintptr_t begin;
        uintptr_t end;
        uintptr_t base;
        char name[64];
    } segments[MAX_SEGMENTS];
    size_t segment_count;
} plan;

static atomic_bool is_ready;
static atomic_long counted;
static char failed_place[128];

/* --- whose call it is --- */

static bool is_chosen(const char *name)
{
    const char *objects = getenv("FAIL_OBJECTS");
    size_t len;
    for (const char *at = objects ? objects : ""; *at; at += len + (at[len] == ':')) {
        len = strcspn(at, ":");
        if (len && strncmp(name, at, len) == 0)
            return true;
    }
    return false;
}

static int add_object(struct dl_phdr_info *info, size_t size, void *context)
{
    (void)size;
    (void)context;
    const char *slash = strrchr(info->dlpi_name, '/');
    const char *name = slash ? slash + 1 : info->dlpi_name;
    if (!*name)
        name = "program";
    if (!is_chosen(name))
        return 0;
    for (size_t i = 0; i < info->dlpi_phnum && plan.segment_count < MAX_SEGMENTS; i++) {
        const ElfW(Phdr) *header = &info->dlpi_phdr[i];
        if (header->p_type != PT_LOAD || !(header->p_flags & PF_X))
            continue;
        uintptr_t begin = info->dlpi_addr + header->p_vaddr;
        plan.segments[plan.segment_count].begin = begin;
        plan.segments[plan.segment_count].end = begin + header->p_memsz;
        plan.segments[plan.segment_count].base = info->dlpi_addr;
        snprintf(plan.segments[plan.segment_count++].name, sizeof plan.segments[0].name, "%.63s",
                 name);
    }
    return 0;
}

static long read_number(const char *name)
{
    const char *text = getenv(name);
    return text ? atol(text) : 0;
}

/* Once the loader is done: what runs before main is not ours. */
__attribute__((constructor)) static void prepare(void)
{
    plan.call = getenv("FAIL_CALL");
    plan.at = read_number("FAIL_AT");
    plan.onward = getenv("FAIL_ONWARD") != NULL;
    plan.error = (int)read_number("FAIL_ERRNO");
    dl_iterate_phdr(add_object, NULL);
    if (plan.call)
        is_ready = true;
}

__attribute__((destructor)) static void tell(void)
{
    char line[192];
    const char *path = getenv("FAIL_LOG");
    if (!is_ready || !path)
        return;
    is_ready = false;
    int len = snprintf(line, sizeof line, "%ld %s\n", (long)counted, failed_place);
    long fd = syscall(SYS_openat, AT_FDCWD, path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    syscall(SYS_write, fd, line, (size_t)len);
    syscall(SYS_close, fd);
}

static bool must_fail(const char *call, const void *caller)
{
    uintptr_t place = (uintptr_t)caller;
    if (!is_ready || strcmp(plan.call, call) != 0)
        return false;
    for (size_t i = 0; i < plan.segment_count; i++) {
        if (place < plan.segments[i].begin || place >= plan.segments[i].end)
            continue;
        long number = ++counted;
        bool fails = plan.at && (number == plan.at || (plan.onward && number > plan.at));
        if (fails && number == plan.at)
            snprintf(failed_place, sizeof failed_place, "%s+0x%lx", plan.segments[i].name,
                     (unsigned long)(place - plan.segments[i].base));
        if (fails)
            errno = plan.error;
        return fails;
    }
    return false;
}

#define CALLER __builtin_return_address(0)

/* The function of that name behind this library: the C library's, or the sanitizer's. */
#define LOAD(function)                                                                             \
    static __typeof__(&function) real;                                                             \
    if (!real)                                                                                     \
    *(void **)&real = dlsym(RTLD_NEXT, #function)

/* --- calls that reach the disk --- */

ssize_t write(int fd, const void *bytes, size_t len)
{
    LOAD(write);
    if (!must_fail("write", CALLER))
        return real(fd, bytes, len);
    /* A full disk takes what it still has room for. */
    return errno == ENOSPC && len > 1 ? real(fd, bytes, len / 2) : -1;
}

int fsync(int fd)
{
    LOAD(fsync);
    return must_fail("fsync", CALLER) ? -1 : real(fd);
}

int fdatasync(int fd)
{
    LOAD(fdatasync);
    return must_fail("fsync", CALLER) ? -1 : real(fd);
}

int ftruncate(int fd, off_t len)
{
    LOAD(ftruncate);
    return must_fail("ftruncate", CALLER) ? -1 : real(fd, len);
}

int rename(const char *from, const char *to)
{
    LOAD(rename);
    return must_fail("rename", CALLER) ? -1 : real(from, to);
}

int link(const char *from, const char *to)
{
    LOAD(link);
    return must_fail("rename", CALLER) ? -1 : real(from, to);
}

int mkdir(const char *path, mode_t mode)
{
    LOAD(mkdir);
    return must_fail("mkdir", CALLER) ? -1 : real(path, mode);
}

int flock(int fd, int operation)
{
    LOAD(flock);
    return must_fail("flock", CALLER) ? -1 : real(fd, operation);
}

int fchmod(int fd, mode_t mode)
{
    LOAD(fchmod);
    return must_fail("fchmod", CALLER) ? -1 : real(fd, mode);
}

int fstat(int fd, struct stat *ret)
{
    LOAD(fstat);
    return must_fail("fstat", CALLER) ? -1 : real(fd, ret);
}

ssize_t read(int fd, void *bytes, size_t len)
{
    LOAD(read);
    return must_fail("read", CALLER) ? -1 : real(fd, bytes, len);
}

int open(const char *path, int flags, ...)
{
    LOAD(open);
    va_list args;
    va_start(args, flags);
    mode_t mode = (flags & O_CREAT) ? va_arg(args, mode_t) : 0;
    va_end(args);
    return must_fail("open", CALLER) ? -1 : real(path, flags, mode);
}

int mkstemp(char *name)
{
    LOAD(mkstemp);
    return must_fail("open", CALLER) ? -1 : real(name);
}
