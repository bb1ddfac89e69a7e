/*
 * fail_calls: a library to preload that makes one call fail, the n-th of its kind. torture.py
 * drives it. With the sanitizers it stands before them, so that they still see every allocation.
 *
 *   FAIL_CALL     `alloc`, or one of the calls that fail by name: `write`, `fsync`, `rename`, ...
 *   FAIL_OBJECTS  names of objects, with colons between them: only calls from them count
 *   FAIL_SPARED   a range of the program, as BEGIN-END in hexadecimal: calls from there do not
 * count FAIL_AT       which one fails; 0: none, they are only counted FAIL_ONWARD   when set, all
 * later ones fail too FAIL_ERRNO    what errno is then (a number); ENOMEM for allocations FAIL_LOG
 * a file that gets `<calls counted> <place of the failed one>` at the end
 *
 * The C library calls its own functions by other names, so a write of stdio does not count; its
 * allocations do.
 */
#define _GNU_SOURCE
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
    uintptr_t spared_begin;
    uintptr_t spared_end;
} plan;

/* The allocator behind this library: the C library's, or the sanitizer's. */
static struct {
    __typeof__(&malloc) malloc;
    __typeof__(&calloc) calloc;
    __typeof__(&realloc) realloc;
    __typeof__(&free) free;
} next;
static bool is_prepared; /* next is filled in */

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
    *(void **)&next.malloc = dlsym(RTLD_NEXT, "malloc");
    *(void **)&next.calloc = dlsym(RTLD_NEXT, "calloc");
    *(void **)&next.realloc = dlsym(RTLD_NEXT, "realloc");
    *(void **)&next.free = dlsym(RTLD_NEXT, "free");
    is_prepared = true;
    plan.call = getenv("FAIL_CALL");
    plan.at = read_number("FAIL_AT");
    plan.onward = getenv("FAIL_ONWARD") != NULL;
    plan.error = (int)read_number("FAIL_ERRNO");
    const char *spared = getenv("FAIL_SPARED");
    char *rest = NULL;
    plan.spared_begin = spared ? strtoul(spared, &rest, 16) : 0;
    plan.spared_end = rest && *rest == '-' ? strtoul(rest + 1, NULL, 16) : 0;
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
        uintptr_t offset = place - plan.segments[i].base;
        if (strcmp(plan.segments[i].name, "program") == 0 && offset >= plan.spared_begin &&
            offset < plan.spared_end)
            return false;
        long number = ++counted;
        bool fails = plan.at && (number == plan.at || (plan.onward && number > plan.at));
        if (fails && number == plan.at)
            snprintf(failed_place, sizeof failed_place, "%s+0x%lx", plan.segments[i].name,
                     (unsigned long)(place - plan.segments[i].base));
        if (fails)
            errno = plan.error ? plan.error : ENOMEM;
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

/* --- allocations --- */

/*
 * What is allocated before this library is prepared comes from here: the sanitizer behind it is not
 * ready for calls either. It is never given back.
 */
static _Alignas(16) char early[16 << 20];
static atomic_size_t early_used;

struct early_head {
    size_t size;
    size_t padding;
};

static void *take_early(size_t size)
{
    size_t at = atomic_fetch_add(&early_used, sizeof(struct early_head) + (size + 15) / 16 * 16);
    if (at + sizeof(struct early_head) + size > sizeof early)
        return NULL;
    struct early_head *head = (struct early_head *)(void *)(early + at);
    head->size = size;
    return head + 1;
}

static bool is_early(const void *memory)
{
    return (const char *)memory >= early && (const char *)memory < early + sizeof early;
}

static void *move_early(void *memory, size_t size)
{
    const struct early_head *head = (const struct early_head *)memory - 1;
    void *moved = is_prepared ? next.malloc(size) : take_early(size);
    if (moved)
        memcpy(moved, memory, size < head->size ? size : head->size);
    return moved;
}

static void *allocate(size_t size)
{
    return is_prepared ? next.malloc(size) : take_early(size);
}

void *malloc(size_t size)
{
    return must_fail("alloc", CALLER) ? NULL : allocate(size);
}

void *calloc(size_t count, size_t size)
{
    if (must_fail("alloc", CALLER))
        return NULL;
    return is_prepared ? next.calloc(count, size) : take_early(count * size);
}

void *realloc(void *memory, size_t size)
{
    if (must_fail("alloc", CALLER))
        return NULL;
    if (is_early(memory))
        return move_early(memory, size);
    return is_prepared ? next.realloc(memory, size) : take_early(size);
}

void free(void *memory)
{
    if (is_prepared && !is_early(memory))
        next.free(memory);
}

/* Here and not in the C library, so that the caller is known. */
char *strndup(const char *text, size_t most)
{
    if (must_fail("alloc", CALLER))
        return NULL;
    size_t len = strnlen(text, most);
    char *copy = allocate(len + 1);
    if (copy) {
        memcpy(copy, text, len);
        copy[len] = '\0';
    }
    return copy;
}

char *strdup(const char *text)
{
    if (must_fail("alloc", CALLER))
        return NULL;
    size_t size = strlen(text) + 1;
    char *copy = allocate(size);
    return copy ? memcpy(copy, text, size) : NULL;
}

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
