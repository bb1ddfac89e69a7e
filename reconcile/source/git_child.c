#include "source/git_child.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>
#ifdef __linux__
#include <sys/prctl.h>
#endif

#include "base/clock.h"
#include "base/file.h"
#include "source/git_wait.h"

/* How long after its time-out a child whose parent does nothing ends by itself. */
enum { ALARM_GRACE_S = 5 };

enum { REPORT_EVERY_MS = 100 };

struct message {
    bool is_outcome;
    char phase[32];
    unsigned done;
    unsigned total;
    struct rcn_git_outcome outcome;
};

struct rcn_git_line {
    int fd;
    int64_t timeout_ms;
    int64_t reported_ms; /* steady clock */
    struct message message;
};

/* --- the child's side --- */

static int send_message(struct rcn_git_line *line)
{
    return rcn_fd_write(line->fd, (const char *)&line->message, sizeof line->message);
}

static void arm_alarm(const struct rcn_git_line *line)
{
    if (line->timeout_ms > 0)
        alarm((unsigned)(line->timeout_ms / 1000) + ALARM_GRACE_S);
}

int rcn_git_line_report(struct rcn_git_line *line, const char *phase, unsigned done, unsigned total)
{
    int64_t now_ms = rcn_clock_steady_ms();
    bool is_new_phase = strncmp(line->message.phase, phase, sizeof line->message.phase - 1) != 0;
    if (!is_new_phase && now_ms - line->reported_ms < REPORT_EVERY_MS)
        return 0;
    line->reported_ms = now_ms;
    arm_alarm(line);
    snprintf(line->message.phase, sizeof line->message.phase, "%s", phase);
    line->message.done = done;
    line->message.total = total;
    return send_message(line);
}

/*
 * The terminal sends its signals to the child too, but the parent decides what they mean. A broken
 * pipe shall be an error of the write that meets it.
 */
static void set_signals(void)
{
    static const int ignored[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGPIPE};
    struct sigaction action = {.sa_handler = SIG_IGN};
    sigemptyset(&action.sa_mask);
    for (size_t i = 0; i < sizeof ignored / sizeof *ignored; i++)
        sigaction(ignored[i], &action, NULL);
    action.sa_handler = SIG_DFL;
    sigaction(SIGALRM, &action, NULL);
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
}

static void die_with_parent(pid_t parent)
{
#ifdef __linux__
    prctl(PR_SET_PDEATHSIG, SIGKILL);
#endif
    if (getppid() != parent)
        _exit(1);
}

/* _exit: what the parent registered with atexit or left in its output buffers is not ours. */
static _Noreturn void run_child(int fd, pid_t parent, const struct rcn_git_options *options,
                                rcn_git_work *work, void *context)
{
    struct rcn_git_line line = {.fd = fd, .timeout_ms = options->timeout_ms};
    set_signals();
    die_with_parent(parent);
    arm_alarm(&line);
    work(context, &line, &line.message.outcome);
    line.message.is_outcome = true;
    _exit(send_message(&line) ? 1 : 0);
}

/* --- the parent's side --- */

/* 1: a whole message is there; 0: not yet; -1: the pipe has ended or failed. */
static int read_some(int fd, struct message *message, size_t *len)
{
    ssize_t got = read(fd, (char *)message + *len, sizeof *message - *len);
    if (got < 0)
        return errno == EINTR || errno == EAGAIN ? 0 : -1;
    if (got == 0)
        return -1;
    *len += (size_t)got;
    if (*len < sizeof *message)
        return 0;
    *len = 0;
    return 1;
}

static void tell(const struct rcn_git_options *options, const struct message *message)
{
    if (options->progress)
        options->progress(options->progress_context, message->phase, message->done, message->total);
}

static int lost(struct rcn_error *err)
{
    return rcn_error_set(err, RCN_ERROR_FAILED, "the process that reads from the server has died");
}

static int wait_for_outcome(int fd, const struct rcn_git_options *options,
                            const struct rcn_git_cache *cache, struct message *message,
                            struct rcn_error *err)
{
    int64_t since_ms = rcn_clock_steady_ms();
    size_t len = 0;
    for (;;) {
        struct pollfd poller = {.fd = fd, .events = POLLIN};
        int ready = poll(&poller, 1, RCN_GIT_SLICE_MS);
        if (ready < 0 && errno != EINTR)
            return rcn_error_set(err, RCN_ERROR_FAILED, "cannot wait for a process: %s",
                                 strerror(errno));
        if (ready <= 0) {
            if (rcn_git_wait_check_idle(options, since_ms, "the server has sent nothing", err))
                return -1;
            continue;
        }
        int state = read_some(fd, message, &len);
        /* Before anything the child says: a signal may be why it says it. */
        if (rcn_git_wait_check(options, err))
            return -1;
        if (state < 0)
            return lost(err);
        if (state == 0)
            continue;
        if (message->is_outcome)
            return 0;
        since_ms = rcn_clock_steady_ms();
        rcn_git_cache_touch(cache);
        tell(options, message);
    }
}

static void end_child(pid_t child)
{
    kill(child, SIGKILL);
    while (waitpid(child, NULL, 0) < 0 && errno == EINTR) {
    }
}

static int cannot_start(struct rcn_error *err)
{
    return rcn_error_set(err, RCN_ERROR_FAILED, "cannot start a process for the fetch: %s",
                         strerror(errno));
}

static int open_pipe(int fds[2])
{
    if (pipe(fds))
        return -1;
    fcntl(fds[0], F_SETFD, FD_CLOEXEC);
    fcntl(fds[1], F_SETFD, FD_CLOEXEC);
    return 0;
}

int rcn_git_child_run(const struct rcn_git_options *options, const struct rcn_git_cache *cache,
                      rcn_git_work *work, void *context, struct rcn_git_outcome *ret,
                      struct rcn_error *err)
{
    int fds[2];
    if (open_pipe(fds))
        return cannot_start(err);
    pid_t parent = getpid();
    pid_t child = fork();
    if (child == 0) {
        close(fds[0]);
        run_child(fds[1], parent, options, work, context);
    }
    close(fds[1]);
    if (child < 0) {
        close(fds[0]);
        return cannot_start(err);
    }
    struct message message = {0};
    int result = wait_for_outcome(fds[0], options, cache, &message, err);
    close(fds[0]);
    end_child(child);
    if (result == 0)
        *ret = message.outcome;
    return result;
}
