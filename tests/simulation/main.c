/* Options, workers, and what happens to a failing schedule: it is shrunk and told. */
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/memory.h"
#include "sim.h"

enum {
    WORKERS_MAX = 64,
    BATCH = 4000, /* schedules of one worker process */
    HANG_S = 2,   /* of the processor, for one schedule */
    SHRINK_TRIES_MAX = 20000,
};

struct options {
    uint64_t seed;
    uint64_t count;
    double seconds;
    unsigned jobs;
    bool shows_story;
    bool skips_once_failed;
};

/* What the workers share with the parent. */
struct shared {
    uint64_t next_seed;
    uint64_t seeds[WORKERS_MAX]; /* what each works on */
    struct sim_tally tallies[WORKERS_MAX];
    uint64_t failed_seed;
    bool has_failed;
    char failure[sizeof sim.failure];
    size_t used; /* of the tape that is tried */
};
static struct shared *shared;

static double now_s(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

#ifdef SIM_COVERAGE
void __gcov_dump(void);
#endif

/* A forked process ends: without what exit() would do once more for the parent. */
static _Noreturn void leave(int code)
{
#ifdef SIM_COVERAGE
    __gcov_dump();
#endif
    _exit(code);
}

/* Seeds that once failed, the product or a mutant of it; ended by 0. */
static const struct {
    uint64_t seed;
    const char *found;
} once_failed[] = {
#include "seeds.inc"
    {0, NULL}};

/* A schedule that does not end is ended. How busy the machine is otherwise does not count. */
static void limit_time(void)
{
    setitimer(ITIMER_PROF, &(struct itimerval){.it_value = {.tv_sec = HANG_S}}, NULL);
}

/* --- trying one tape in a process of its own --- */

/* Runs the schedule where a crash or an endless loop does no harm. */
static bool is_broken(struct sim_tape *tape, bool tells)
{
    shared->failure[0] = '\0';
    fflush(stdout);
    pid_t pid = fork();
    if (pid == 0) {
        limit_time();
        setvbuf(stdout, NULL, tells ? _IOLBF : _IOFBF, BUFSIZ);
        sim_schedule(tape, tells);
        snprintf(shared->failure, sizeof shared->failure, "%s", sim.failure);
        shared->used = tape->is_given ? tape->position : tape->count;
        fflush(stdout);
        leave(sim.failure[0] != '\0');
    }
    int status = 0;
    waitpid(pid, &status, 0);
    if (WIFSIGNALED(status))
        snprintf(shared->failure, sizeof shared->failure, "ended by signal %d (%s)",
                 WTERMSIG(status), strsignal(WTERMSIG(status)));
    return shared->failure[0] != '\0';
}

/* The kind of a failure is its text without names and numbers. */
static void get_kind(const char *failure, char ret[64])
{
    size_t len = 0;
    bool is_quoted = false;
    for (; *failure && len < 63; failure++) {
        if (*failure == '\'')
            is_quoted = !is_quoted;
        else if (!is_quoted && (*failure < '0' || *failure > '9'))
            ret[len++] = *failure;
    }
    ret[len] = '\0';
}

static void record_tape(struct sim_tape *tape, uint64_t seed)
{
    struct sim_tape scratch = {0};
    struct sim_tape *values = mmap(NULL, sizeof(uint32_t) << 20, PROT_READ | PROT_WRITE,
                                   MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    scratch.values = (uint32_t *)values;
    scratch.capacity = 1U << 20;
    sim_tape_seed(&scratch, seed);
    is_broken(&scratch, false);
    tape->values = (uint32_t *)values;
    tape->capacity = scratch.capacity;
    tape->count = shared->used;
    if (!shared->used) /* it crashed: everything that was recorded counts */
        for (tape->count = tape->capacity; tape->count && !tape->values[tape->count - 1];)
            tape->count--;
    sim_tape_rewind(tape);
}

static bool still_fails(struct sim_tape *tape, const char *kind, unsigned *tries)
{
    char other[64];
    if (++*tries > SHRINK_TRIES_MAX)
        return false;
    sim_tape_rewind(tape);
    if (!is_broken(tape, false))
        return false;
    get_kind(shared->failure, other);
    return strcmp(kind, other) == 0;
}

static bool zero_block(struct sim_tape *tape, size_t from, size_t len, const char *kind,
                       unsigned *tries)
{
    uint32_t saved[4096];
    bool is_zero = true;
    for (size_t i = from; i < from + len; i++)
        is_zero &= tape->values[i] == 0;
    if (is_zero || len > sizeof saved / sizeof *saved)
        return false;
    memcpy(saved, tape->values + from, len * sizeof *saved);
    memset(tape->values + from, 0, len * sizeof *saved);
    if (still_fails(tape, kind, tries))
        return true;
    memcpy(tape->values + from, saved, len * sizeof *saved);
    return false;
}

/* Later choices move up: what they decide is something else, and may be less. */
static bool delete_block(struct sim_tape *tape, size_t from, size_t len, const char *kind,
                         unsigned *tries)
{
    uint32_t saved[64];
    size_t rest = tape->count - from - len;
    memcpy(saved, tape->values + from, len * sizeof *saved);
    memmove(tape->values + from, tape->values + from + len, rest * sizeof *saved);
    tape->count -= len;
    if (still_fails(tape, kind, tries))
        return true;
    memmove(tape->values + from + len, tape->values + from, rest * sizeof *saved);
    memcpy(tape->values + from, saved, len * sizeof *saved);
    tape->count += len;
    return false;
}

static bool lower_one(struct sim_tape *tape, size_t at, const char *kind, unsigned *tries)
{
    bool has_shrunk = false;
    while (tape->values[at]) {
        uint32_t value = tape->values[at];
        tape->values[at] = value / 2;
        if (!still_fails(tape, kind, tries)) {
            tape->values[at] = value - 1;
            if (value == 1 || !still_fails(tape, kind, tries)) {
                tape->values[at] = value;
                break;
            }
        }
        has_shrunk = true;
    }
    return has_shrunk;
}

static void cut_tail(struct sim_tape *tape, const char *kind, unsigned *tries)
{
    for (size_t cut = tape->count / 2; cut; cut /= 2)
        while (tape->count > cut) {
            tape->count -= cut;
            if (still_fails(tape, kind, tries))
                continue;
            tape->count += cut;
            break;
        }
}

static size_t count_choices(const struct sim_tape *tape)
{
    size_t count = 0;
    for (size_t i = 0; i < tape->count; i++)
        count += tape->values[i] != 0;
    return count;
}

static void shrink(struct sim_tape *tape)
{
    char kind[64];
    unsigned tries = 0;
    bool has_shrunk = true;
    sim_tape_rewind(tape);
    if (!is_broken(tape, false))
        return;
    get_kind(shared->failure, kind);
    cut_tail(tape, kind, &tries);
    while (has_shrunk && tries < SHRINK_TRIES_MAX) {
        has_shrunk = false;
        for (size_t len = tape->count / 2; len; len /= 2)
            for (size_t at = 0; at + len <= tape->count; at += len)
                has_shrunk |= zero_block(tape, at, len, kind, &tries);
        for (size_t len = 16; len; len /= 2)
            for (size_t at = 0; at + len <= tape->count;)
                if (delete_block(tape, at, len, kind, &tries))
                    has_shrunk = true;
                else
                    at += len;
        for (size_t i = 0; i < tape->count; i++)
            has_shrunk |= lower_one(tape, i, kind, &tries);
    }
    cut_tail(tape, kind, &tries);
}

static void explain(uint64_t seed)
{
    struct sim_tape tape = {0};
    record_tape(&tape, seed);
    size_t before = count_choices(&tape);
    shrink(&tape);
    printf("seed %llu, shrunk from %zu choices to %zu:\n", (unsigned long long)seed, before,
           count_choices(&tape));
    sim_tape_rewind(&tape);
    is_broken(&tape, true);
    printf("seed %llu is broken: %s\n", (unsigned long long)seed, shared->failure);
    printf("again: --seed %llu --count 1\n", (unsigned long long)seed);
}

/* --- many schedules --- */

static void work(unsigned worker, const struct options *options, double end_s)
{
    struct sim_tape tape = {0};
    for (unsigned i = 0; i < BATCH && !shared->has_failed; i++) {
        uint64_t index = __atomic_fetch_add(&shared->next_seed, 1, __ATOMIC_RELAXED);
        if (index >= options->count || (options->seconds > 0 && now_s() > end_s)) {
            shared->tallies[worker] = sim_tally;
            leave(1);
        }
        uint64_t seed = options->seed + index;
        shared->seeds[worker] = seed;
        limit_time();
        sim_tape_seed(&tape, seed);
        sim_schedule(&tape, false);
        if (sim.failure[0] && !__atomic_exchange_n(&shared->has_failed, true, __ATOMIC_RELAXED))
            shared->failed_seed = seed;
    }
    shared->tallies[worker] = sim_tally;
    leave(shared->has_failed);
}

static pid_t start_worker(unsigned worker, const struct options *options, double end_s)
{
    fflush(stdout);
    pid_t pid = fork();
    if (pid == 0) {
        sim_tally = shared->tallies[worker];
        work(worker, options, end_s);
    }
    return pid;
}

static void run_workers(const struct options *options)
{
    pid_t pids[WORKERS_MAX] = {0};
    unsigned running = options->jobs;
    double end_s = now_s() + options->seconds;
    for (unsigned i = 0; i < options->jobs; i++)
        pids[i] = start_worker(i, options, end_s);
    while (running) {
        int status = 0;
        pid_t pid = wait(&status);
        unsigned worker = 0;
        while (worker < options->jobs && pids[worker] != pid)
            worker++;
        if (WIFSIGNALED(status) && !shared->has_failed) {
            shared->failed_seed = shared->seeds[worker];
            shared->has_failed = true;
        }
        if (!shared->has_failed && WIFEXITED(status) && WEXITSTATUS(status) == 0)
            pids[worker] = start_worker(worker, options, end_s);
        else
            running--;
    }
}

/* Of the workers that have ended: how busy the machine is otherwise does not count. */
static double get_cpu_s(void)
{
    struct rusage usage;
    getrusage(RUSAGE_CHILDREN, &usage);
    return (double)usage.ru_utime.tv_sec + (double)usage.ru_utime.tv_usec / 1e6 +
           (double)usage.ru_stime.tv_sec + (double)usage.ru_stime.tv_usec / 1e6;
}

static void print_tallies(unsigned jobs)
{
    for (int what = 1; what < SIM_COUNTS; what++) {
        uint64_t sum = 0;
        for (unsigned i = 0; i < jobs; i++)
            sum += shared->tallies[i].counts[what];
        printf("%s%llu %s", what > 1 ? ", " : "  ", (unsigned long long)sum, sim_tally_names[what]);
    }
    putchar('\n');
}

static int run_many(const struct options *options)
{
    double begin_s = now_s();
    run_workers(options);
    double took_s = now_s() - begin_s;
    uint64_t schedules = 0;
    for (unsigned i = 0; i < options->jobs; i++)
        schedules += shared->tallies[i].counts[SIM_SCHEDULES];
    printf("%llu schedules in %.1f s (%.0f a second of a core)\n", (unsigned long long)schedules,
           took_s, (double)schedules / get_cpu_s());
    print_tallies(options->jobs);
    if (!shared->has_failed)
        return 0;
    explain(shared->failed_seed);
    return 1;
}

static int run_once_failed(void)
{
    for (size_t i = 0; once_failed[i].seed; i++) {
        struct sim_tape tape = {0};
        sim_tape_seed(&tape, once_failed[i].seed);
        bool is_bad = is_broken(&tape, false);
        sim_tape_release(&tape);
        if (!is_bad)
            continue;
        printf("a seed that once failed: %s\n", once_failed[i].found);
        explain(once_failed[i].seed);
        return 1;
    }
    return 0;
}

/* --- options --- */

static const char usage[] =
    "usage: simulation [--seed FIRST] [--count N] [--minutes M] [--jobs N] [--new] [--without "
    "W,W]\n"
    "                  [--story]\n"
    "  --seed FIRST   the first seed (1); each seed is one schedule\n"
    "  --count N      how many (1000)\n"
    "  --minutes M    as many as there is time for, from FIRST on\n"
    "  --jobs N       worker processes (as many as there are cores)\n"
    "  --new          leave out the seeds that once failed\n"
    "  --without W,W  leave these troubles out: lag, flicker, rename, double, person, disk, kill,\n"
    "                 pause, signal, rival, place, manifest, saved, company, ledger,\n"
    "                 template, pin, replaces, upload, rewind\n"
    "  --story        tell the schedule FIRST, broken or not\n";

static int read_options(int argc, char **argv, struct options *ret)
{
    static const struct option table[] = {
        {"seed", required_argument, NULL, 's'},    {"count", required_argument, NULL, 'c'},
        {"minutes", required_argument, NULL, 'm'}, {"jobs", required_argument, NULL, 'j'},
        {"new", no_argument, NULL, 'n'},           {"without", required_argument, NULL, 'w'},
        {"story", no_argument, NULL, 't'},         {0}};
    *ret =
        (struct options){.seed = 1, .count = 1000, .jobs = (unsigned)sysconf(_SC_NPROCESSORS_ONLN)};
    for (int code; (code = getopt_long(argc, argv, "", table, NULL)) != -1;) {
        if (code == 's')
            ret->seed = strtoull(optarg, NULL, 10);
        else if (code == 'c')
            ret->count = strtoull(optarg, NULL, 10);
        else if (code == 'm') {
            ret->seconds = 60 * strtod(optarg, NULL);
            ret->count = UINT64_MAX;
        } else if (code == 'j')
            ret->jobs = (unsigned)strtoul(optarg, NULL, 10);
        else if (code == 'n')
            ret->skips_once_failed = true;
        else if (code == 'w')
            sim_without = optarg;
        else if (code == 't')
            ret->shows_story = true;
        else
            return -1;
    }
    return ret->jobs == 0 || ret->jobs > WORKERS_MAX || optind < argc ? -1 : 0;
}

int main(int argc, char **argv)
{
    struct options options;
    if (read_options(argc, argv, &options)) {
        fputs(usage, stderr);
        return 64;
    }
    shared = mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (options.shows_story) {
        struct sim_tape tape = {0};
        sim_tape_seed(&tape, options.seed);
        return is_broken(&tape, true);
    }
    return (!options.skips_once_failed && run_once_failed()) || run_many(&options);
}
