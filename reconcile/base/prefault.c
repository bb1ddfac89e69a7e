#include "base/prefault.h"

#include <sys/mman.h>

/* Linux 5.14. What other systems have either writes into the memory or is not waited for. */
#ifdef MADV_POPULATE_WRITE

#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>

static struct {
    pthread_once_t once;
    pthread_t thread;
    bool is_started;
    pid_t pid; /* whose thread it is: a forked process has none */
    size_t page_size;
    pthread_mutex_t lock; /* of what follows */
    pthread_cond_t is_asked;
    char *memory; /* NULL: nothing to do */
    size_t size;
    bool is_over;
} helper = {.once = PTHREAD_ONCE_INIT,
            .lock = PTHREAD_MUTEX_INITIALIZER,
            .is_asked = PTHREAD_COND_INITIALIZER};

/* Whole pages only: the rest of one may be somebody else's. */
static void make_ready(char *memory, size_t size)
{
    size_t page = helper.page_size;
    size_t before = (page - (uintptr_t)memory % page) % page;
    /* Refused by an older system, and for memory that is no longer there. */
    if (size >= before + page)
        (void)madvise(memory + before, (size - before) / page * page, MADV_POPULATE_WRITE);
}

static void *help(void *context)
{
    pthread_mutex_lock(&helper.lock);
    while (!helper.is_over) {
        char *memory = helper.memory;
        size_t size = helper.size;
        helper.memory = NULL;
        if (!memory) {
            pthread_cond_wait(&helper.is_asked, &helper.lock);
            continue;
        }
        pthread_mutex_unlock(&helper.lock);
        make_ready(memory, size);
        pthread_mutex_lock(&helper.lock);
    }
    pthread_mutex_unlock(&helper.lock);
    return context;
}

static void tell(char *memory, size_t size, bool is_over)
{
    pthread_mutex_lock(&helper.lock);
    helper.memory = memory;
    helper.size = size;
    helper.is_over = is_over;
    pthread_cond_signal(&helper.is_asked);
    pthread_mutex_unlock(&helper.lock);
}

static bool is_there(void)
{
    return helper.is_started && getpid() == helper.pid;
}

static void stop(void)
{
    if (!is_there())
        return;
    tell(NULL, 0, true);
    pthread_join(helper.thread, NULL);
}

/* A signal that is to end a wait must not go to a thread that has no part in it. */
static void start(void)
{
    sigset_t all;
    sigset_t before;
    helper.pid = getpid();
    helper.page_size = (size_t)sysconf(_SC_PAGESIZE);
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    helper.is_started = pthread_create(&helper.thread, NULL, help, NULL) == 0;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (helper.is_started)
        (void)atexit(stop);
}

void rcn_prefault(void *memory, size_t size)
{
    pthread_once(&helper.once, start);
    if (is_there())
        tell(memory, size, false);
}

#else

void rcn_prefault(void *memory, size_t size)
{
    (void)memory;
    (void)size;
}

#endif
