#include "git/git_program.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#ifdef __linux__
#include <sys/prctl.h>
#endif

#include "base/arena.h"
#include "base/clock.h"
#include "base/redact.h"
#include "base/time.h"

enum {
    MAX_ENVIRONMENT_BYTES = 16 << 20,
    MAX_LINE = 8192,     /* of standard error or of the trace; the rest of a longer one is lost */
    MAX_MESSAGES = 8192, /* what git says first is kept */
    END_GRACE_MS = 500,  /* git removes its temporary files on SIGTERM */
    REPORT_EVERY_MS = 100,
    TRACE_FD = 3,
    MAX_TRIES = 5,
    MAX_TRIES_UNANSWERED = 2,
    FIRST_BACKOFF_MS = 500,
    MAX_RETRY_AFTER_MS = 5 * 60 * 1000,
    MAX_LIST_BYTES = 256 << 20,
    MAX_FETCH_BYTES = 1 << 20,
};

/* --- how long --- */

int rcn_git_check(const struct rcn_git_access *access, struct rcn_error *err)
{
    if (access->interrupted && access->interrupted(access->interrupted_context))
        return rcn_error_set(err, RCN_ERROR_INTERRUPTED, "interrupted");
    if (access->deadline_ms && rcn_clock_steady_ms() >= access->deadline_ms)
        return rcn_error_set(err, RCN_ERROR_FAILED, "deadline exceeded");
    return 0;
}

int rcn_git_check_idle(const struct rcn_git_access *access, int64_t since_ms, const char *what,
                       struct rcn_error *err)
{
    if (rcn_git_check(access, err))
        return -1;
    if (access->timeout_ms <= 0 || rcn_clock_steady_ms() - since_ms < access->timeout_ms)
        return 0;
    char time[RCN_TIME_SIZE];
    rcn_duration_format(access->timeout_ms, time);
    rcn_error_set(err, RCN_ERROR_FAILED, "%s for %s", what, time);
    return rcn_error_set_hint(err, "--timeout sets a longer time");
}

void rcn_git_report(const struct rcn_git_access *access, const char *phase, unsigned done,
                    unsigned total)
{
    if (access->alive_fd > 0)
        futimens(access->alive_fd, NULL);
    if (access->progress)
        access->progress(access->progress_context, phase, done, total);
}

/* --- the environment --- */

struct environment {
    struct rcn_arena *arena;
    char **variables;
    size_t count;
    unsigned config_count;
};

static bool begins_with_one(const char *variable, const char *const *prefixes)
{
    for (; *prefixes; prefixes++)
        if (strncmp(variable, *prefixes, strlen(*prefixes)) == 0)
            return true;
    return false;
}

/* Removed is what names another repository (in a hook), traces, prompts or changes the output, and
 * our own variables. */
static bool is_dropped(const char *variable)
{
    static const char *const kept[] = {"GIT_ASKPASS=", "GIT_CONFIG_", "GIT_EXEC_PATH=", "GIT_HTTP_",
                                       "GIT_PROXY_",   "GIT_SSH",     "GIT_SSL_",       NULL};
    static const char *const dropped[] = {"GIT_", "SSH_ASKPASS", "AUDIENCECTL_", "SEQUENZY_", NULL};
    return begins_with_one(variable, dropped) && !begins_with_one(variable, kept);
}

static void set(struct environment *self, const char *name, const char *value)
{
    const size_t len = strlen(name);
    size_t i = 0;
    while (i < self->count &&
           (strncmp(self->variables[i], name, len) != 0 || self->variables[i][len] != '='))
        i++;
    self->count += i == self->count;
    self->variables[i] = rcn_arena_printf(self->arena, "%s=%s", name, value);
}

/* As `git -c NAME=VALUE` would, but in no argument. */
static void configure(struct environment *self, const char *name, const char *value)
{
    unsigned number = self->config_count++;
    set(self, rcn_arena_printf(self->arena, "GIT_CONFIG_KEY_%u", number), name);
    set(self, rcn_arena_printf(self->arena, "GIT_CONFIG_VALUE_%u", number), value);
}

static const struct rcn_secret *find_token(const struct rcn_git_access *access,
                                           const struct rcn_git_url *url)
{
    if (!url || url->transport != RCN_GIT_HTTPS)
        return NULL;
    if (url->password.text)
        return &url->password;
    return access->token && access->token->text ? access->token : NULL;
}

/*
 * The empty helper forgets those of the user for this origin, or one of them could answer first.
 * git runs a helper that begins with `!` by its own shell; the text is constant.
 */
static void add_token(struct environment *self, const struct rcn_git_access *access,
                      const struct rcn_git_url *url)
{
    static const char helper[] =
        "!f() { test \"$1\" = get && printf 'username=%s\\npassword=%s\\n' "
        "\"$AUDIENCECTL_GIT_USER\" \"$AUDIENCECTL_GIT_PASSWORD\"; }; f";
    const struct rcn_secret *token = find_token(access, url);
    if (token) {
        const char *name = rcn_arena_printf(self->arena, "credential.%s.helper", url->origin);
        const char *user = url->user ? url->user : "git";
        configure(self, name, "");
        configure(self, name, helper);
        rcn_redact_add_login(user, token->text);
        set(self, "AUDIENCECTL_GIT_USER", user);
        set(self, "AUDIENCECTL_GIT_PASSWORD", token->text);
    } else if (url && url->transport == RCN_GIT_HTTPS && url->user) {
        configure(self, rcn_arena_printf(self->arena, "credential.%s.username", url->origin),
                  url->user);
    }
}

/* git gives the command to a shell: the path is quoted for it. */
static void add_ssh_key(struct environment *self, const char *key)
{
    const char *ssh = getenv("GIT_SSH_COMMAND");
    struct rcn_buf command;
    rcn_buf_init(&command, 1 << 20);
    rcn_buf_printf(&command, "%s -o BatchMode=yes -o IdentitiesOnly=yes -i '",
                   ssh && *ssh ? ssh : "ssh");
    for (; *key; key++)
        rcn_buf_printf(&command, *key == '\'' ? "'\\''" : "%c", *key);
    rcn_buf_add_char(&command, '\'');
    set(self, "GIT_SSH_COMMAND", rcn_buf_get_str(&command));
    rcn_buf_release(&command);
}

static char **make_environment(const struct rcn_git_access *access, const struct rcn_git_call *call,
                               struct rcn_arena *arena)
{
    enum { OURS = 64 };
    size_t count = 0;
    while (environ[count])
        count++;
    struct environment self = {.arena = arena};
    self.variables = rcn_arena_calloc(arena, count + OURS, sizeof *self.variables);
    for (size_t i = 0; i < count; i++)
        if (!is_dropped(environ[i]))
            self.variables[self.count++] = environ[i];
    const char *given = getenv("GIT_CONFIG_COUNT");
    unsigned long inherited = given ? strtoul(given, NULL, 10) : 0;
    self.config_count = inherited < count ? (unsigned)inherited : 0;
    configure(&self, "core.hooksPath", "/dev/null");
    configure(&self, "core.fsmonitor", "false");
    configure(&self, "gc.auto", "0");
    configure(&self, "maintenance.auto", "false");
    configure(&self, "fetch.unpackLimit", "1"); /* packs, which are counted (git_cache.h) */
    configure(&self, "transfer.unpackLimit", "1");
    add_token(&self, access, call->url);
    if (access->ssh_key_file)
        add_ssh_key(&self, access->ssh_key_file);
    const char *ca_file = access->ca_file ? access->ca_file : getenv("SSL_CERT_FILE");
    if (ca_file && *ca_file && !getenv("GIT_SSL_CAINFO"))
        set(&self, "GIT_SSL_CAINFO", ca_file);
    if (!call->work_tree) /* a path that is no repository keeps git from looking for one */
        set(&self, "GIT_DIR", call->repository ? call->repository : "/dev/null");
    set(&self, "GIT_TERMINAL_PROMPT", "0");
    set(&self, "SSH_ASKPASS_REQUIRE", "never");
    set(&self, "GIT_ALLOW_PROTOCOL", "https:ssh:git:file");
    set(&self, "GIT_OPTIONAL_LOCKS", "0");
    set(&self, "GIT_LITERAL_PATHSPECS", "1");
    set(&self, "GIT_TRACE_CURL", "3");
    set(&self, "GIT_TRACE_CURL_NO_DATA", "1");
    set(&self, "GIT_CONFIG_COUNT", rcn_arena_printf(arena, "%u", self.config_count));
    return self.variables;
}

/* --- the process --- */

enum { OUTPUT, MESSAGES, TRACE, STREAMS, FAILURE = STREAMS, PIPES };

struct line {
    char text[MAX_LINE];
    size_t len;
    bool is_progress;
    bool ends_in_return;
};

struct child {
    const struct rcn_git_access *access;
    struct rcn_git_result *result;
    pid_t pid;
    bool is_over;
    int status;
    int fds[STREAMS]; /* -1: at its end */
    struct line lines[STREAMS];
    int64_t since_ms;    /* steady clock: the last sign of life */
    int64_t reported_ms; /* steady clock */
    unsigned done;
    unsigned total;
};

/* In the child, after fork: only what may be called there. */
static _Noreturn void become_git(int pipes[][2], int input, pid_t parent,
                                 const struct rcn_git_call *call, char *const *arguments,
                                 char **variables)
{
    struct sigaction action = {.sa_handler = SIG_DFL};
    sigset_t none;
    sigemptyset(&none);
    setsid();
#ifdef __linux__
    prctl(PR_SET_PDEATHSIG, SIGTERM);
#endif
    if (getppid() != parent)
        _exit(1);
    for (int i = 1; i < 32; i++)
        sigaction(i, &action, NULL);
    sigprocmask(SIG_SETMASK, &none, NULL);
    /* All are above TRACE_FD, so that none is overwritten before it was copied. */
    if (dup2(input, STDIN_FILENO) >= 0 && dup2(pipes[OUTPUT][1], STDOUT_FILENO) >= 0 &&
        dup2(pipes[MESSAGES][1], STDERR_FILENO) >= 0 && dup2(pipes[TRACE][1], TRACE_FD) >= 0 &&
        (!call->work_tree || chdir(call->work_tree) == 0)) {
        environ = variables;
        execvp("git", arguments);
    }
    int error = errno;
    (void)!write(pipes[FAILURE][1], &error, sizeof error);
    _exit(127);
}

static void close_if_open(int *fd)
{
    if (*fd >= 0)
        close(*fd);
    *fd = -1;
}

/* A pipe whose ends are above TRACE_FD and closed in other children. */
static int open_pipe(int ret[2])
{
    int raw[2];
    if (pipe(raw))
        return -1;
    for (int i = 0; i < 2; i++) {
        ret[i] = fcntl(raw[i], F_DUPFD_CLOEXEC, TRACE_FD + 1);
        close(raw[i]);
    }
    return ret[0] < 0 || ret[1] < 0 ? -1 : 0;
}

static int open_input(const struct rcn_git_call *call)
{
    FILE *file = call->input ? tmpfile() : fopen("/dev/null", "r");
    if (!file)
        return -1;
    bool is_written =
        !call->input_len || (fwrite(call->input, 1, call->input_len, file) == call->input_len &&
                             fflush(file) == 0 && lseek(fileno(file), 0, SEEK_SET) == 0);
    int fd = is_written ? fcntl(fileno(file), F_DUPFD_CLOEXEC, TRACE_FD + 1) : -1;
    fclose(file);
    return fd;
}

static char **make_arguments(const struct rcn_git_call *call, struct rcn_arena *arena)
{
    char *words = call->command ? rcn_arena_printf(arena, "git %s", call->command)
                                : rcn_arena_strdup(arena, "git");
    size_t count = strlen(words);
    for (size_t i = 0; call->arguments && call->arguments[i]; i++)
        count++;
    char **arguments = rcn_arena_calloc(arena, count + 1, sizeof *arguments);
    count = 0;
    while ((arguments[count] = strsep(&words, " ")))
        count++;
    for (size_t i = 0; call->arguments && call->arguments[i]; i++)
        arguments[count++] = rcn_arena_strdup(arena, call->arguments[i]);
    return arguments;
}

static int start(struct child *self, const struct rcn_git_call *call, struct rcn_error *err)
{
    int pipes[PIPES][2] = {{-1, -1}, {-1, -1}, {-1, -1}, {-1, -1}};
    int input = open_input(call);
    bool is_ready = input >= 0;
    for (int i = 0; i < PIPES && is_ready; i++)
        is_ready = open_pipe(pipes[i]) == 0;
    int error = is_ready ? 0 : errno;
    if (is_ready) {
        struct rcn_arena *arena = rcn_arena_new(MAX_ENVIRONMENT_BYTES);
        char **arguments = make_arguments(call, arena);
        char **variables = make_environment(self->access, call, arena);
        pid_t parent = getpid();
        self->pid = fork();
        if (self->pid == 0)
            become_git(pipes, input, parent, call, arguments, variables);
        error = self->pid < 0 ? errno : 0;
        rcn_arena_free(arena);
    }
    for (int i = 0; i < PIPES; i++)
        close_if_open(&pipes[i][1]);
    close_if_open(&input);
    if (!error) /* the pipe closes when git runs, and says why it does not */
        while (read(pipes[FAILURE][0], &error, sizeof error) < 0 && errno == EINTR) {
        }
    close_if_open(&pipes[FAILURE][0]);
    for (int i = 0; i < STREAMS; i++)
        self->fds[i] = pipes[i][0];
    if (error && self->pid > 0)
        while (waitpid(self->pid, NULL, 0) < 0 && errno == EINTR) {
        }
    if (error == ENOENT) {
        rcn_error_set(err, RCN_ERROR_FAILED, "the program 'git' is not on the PATH");
        rcn_error_set_hint(err, "install git; without it only local repositories of the usual "
                                "format are read");
        return RCN_GIT_NO_PROGRAM;
    }
    return error ? rcn_error_set(err, RCN_ERROR_FAILED, "cannot start git: %s", strerror(error))
                 : 0;
}

static bool is_over(struct child *self, int options)
{
    if (!self->is_over) {
        pid_t got = waitpid(self->pid, &self->status, options);
        self->is_over = got == self->pid || (got < 0 && errno != EINTR);
        if (self->is_over && got < 0)
            self->status = 255 << 8; /* how it ended is unknown: a failure */
    }
    return self->is_over;
}

static void end_child(struct child *self)
{
    int64_t since_ms = rcn_clock_steady_ms();
    kill(-self->pid, SIGTERM);
    while (!is_over(self, WNOHANG) && rcn_clock_steady_ms() - since_ms < END_GRACE_MS)
        poll(NULL, 0, 5);
    kill(-self->pid, SIGKILL);
    while (!is_over(self, 0)) {
    }
}

/* --- what it says --- */

/* `Receiving objects:  12% (34/270)`; what the server says about itself is not ours to repeat. */
static void read_progress(struct child *self, const char *text)
{
    const char *open = strrchr(text, '(');
    if (!open || strncmp(text, "remote:", strlen("remote:")) == 0)
        return;
    char *slash;
    char *rest;
    unsigned long done = strtoul(open + 1, &slash, 10);
    unsigned long total = *slash == '/' ? strtoul(slash + 1, &rest, 10) : 0;
    if (total && *rest == ')') {
        self->done = (unsigned)done;
        self->total = (unsigned)total;
    }
}

/* Without white space at its end, and without what erases the rest of a terminal's line. */
static void keep_message(struct child *self, char *text)
{
    struct rcn_buf *messages = &self->result->messages;
    char *erase = strstr(text, "\x1b[K");
    if (erase)
        *erase = '\0';
    size_t len = strlen(text);
    while (len && isspace((unsigned char)text[len - 1]))
        text[--len] = '\0';
    rcn_redact(text);
    len = strlen(text);
    if (len && messages->len + len + 3 <= MAX_MESSAGES)
        rcn_buf_printf(messages, "%s%s", messages->len ? " | " : "", text);
}

static int64_t parse_retry_after(const char *value)
{
    struct tm date = {0};
    if (isdigit((unsigned char)*value))
        return strtol(value, NULL, 10) * (int64_t)1000;
    if (!strptime(value, "%a, %d %b %Y %H:%M:%S GMT", &date))
        return -1;
    int64_t wait_ms = (int64_t)timegm(&date) * 1000 - rcn_clock_wall_ms();
    return wait_ms > 0 ? wait_ms : 0;
}

/* `12:00:00.123456 http.c:800   <= Recv header: HTTP/1.1 503 Service Unavailable` */
static void read_trace(struct child *self, const char *text)
{
    static const char mark[] = "Recv header: ";
    struct rcn_git_result *result = self->result;
    const char *header = strstr(text, mark);
    if (!header)
        return;
    header += strlen(mark);
    const char *space = strchr(header, ' ');
    if (strncmp(header, "HTTP/", strlen("HTTP/")) == 0 && space) {
        result->http_status = (int)strtol(space, NULL, 10);
        result->retry_after_ms = -1;
    } else if (strncasecmp(header, "Retry-After: ", strlen("Retry-After: ")) == 0) {
        result->retry_after_ms = parse_retry_after(header + strlen("Retry-After: "));
    }
}

/* A \r within a line is progress, which draws over itself; ssh ends its lines in \r\n. */
static void read_lines(struct child *self, int stream, const char *bytes, size_t len)
{
    struct line *line = &self->lines[stream];
    for (size_t i = 0; i < len; i++) {
        char c = bytes[i];
        line->text[line->len] = '\0';
        if (line->ends_in_return && c != '\n') {
            read_progress(self, line->text);
            line->is_progress = true;
            line->len = 0;
        }
        line->ends_in_return = c == '\r';
        if (c == '\n') {
            if (stream == TRACE)
                read_trace(self, line->text);
            else if (!line->is_progress)
                keep_message(self, line->text);
            line->is_progress = false;
            line->len = 0;
        } else if (c && c != '\r' && line->len + 1 < MAX_LINE) {
            line->text[line->len++] = c;
        }
    }
}

static int read_stream(struct child *self, int stream, struct rcn_error *err)
{
    char bytes[16384];
    ssize_t got = read(self->fds[stream], bytes, sizeof bytes);
    if (got < 0 && (errno == EINTR || errno == EAGAIN))
        return 0;
    if (got <= 0) {
        close_if_open(&self->fds[stream]);
        return 0;
    }
    self->since_ms = rcn_clock_steady_ms();
    if (stream != OUTPUT)
        read_lines(self, stream, bytes, (size_t)got);
    else
        rcn_buf_add(&self->result->output, bytes, (size_t)got);
    if (self->result->output.failed)
        return rcn_error_set(err, RCN_ERROR_FAILED, "git prints more than %zu MiB",
                             self->result->output.max >> 20);
    if (self->since_ms - self->reported_ms >= REPORT_EVERY_MS) {
        self->reported_ms = self->since_ms;
        rcn_git_report(self->access, "fetching", self->done, self->total);
    }
    return 0;
}

/*
 * Until git has ended, not until its pipes have: a process that ssh leaves in the background for
 * later connections (ControlPersist) keeps them open.
 */
static int attend(struct child *self, struct rcn_error *err)
{
    for (;;) {
        struct pollfd polled[STREAMS];
        bool is_open = false;
        for (int i = 0; i < STREAMS; i++) {
            polled[i] = (struct pollfd){.fd = self->fds[i], .events = POLLIN};
            is_open |= self->fds[i] >= 0;
        }
        bool was_over = is_over(self, WNOHANG);
        int ready = poll(polled, STREAMS, was_over ? 0 : is_open ? RCN_GIT_SLICE_MS : 1);
        if (ready <= 0 && was_over)
            return 0;
        for (int i = 0; i < STREAMS && ready > 0; i++)
            if (polled[i].revents && read_stream(self, i, err))
                return -1;
        if (rcn_git_check_idle(self->access, self->since_ms, "no data from the Git server", err))
            return -1;
    }
}

int rcn_git_run(const struct rcn_git_access *access, const struct rcn_git_call *call,
                struct rcn_git_result *ret, struct rcn_error *err)
{
    struct child child = {.access = access, .result = ret, .fds = {-1, -1, -1}};
    *ret = (struct rcn_git_result){.retry_after_ms = -1};
    rcn_buf_init(&ret->output, call->max_output);
    rcn_buf_init(&ret->messages, MAX_MESSAGES);
    if (rcn_git_check(access, err))
        return -1;
    /* Where SIGCHLD is ignored, it is not known how a child ended. */
    struct sigaction action = {.sa_handler = SIG_DFL};
    sigaction(SIGCHLD, &action, NULL);
    child.since_ms = child.reported_ms = rcn_clock_steady_ms();
    int result = start(&child, call, err);
    if (!result) {
        rcn_git_report(access, "connecting", 0, 0);
        result = attend(&child, err);
        if (result)
            end_child(&child);
    }
    for (int i = 0; i < STREAMS; i++)
        close_if_open(&child.fds[i]);
    if (result)
        return result;
    if (WIFSIGNALED(child.status))
        return rcn_error_set(err, RCN_ERROR_FAILED, "git was ended by signal %d",
                             WTERMSIG(child.status));
    return WEXITSTATUS(child.status);
}

void rcn_git_result_release(struct rcn_git_result *result)
{
    rcn_buf_release(&result->output);
    rcn_buf_release(&result->messages);
}

/* --- what went wrong --- */

static const char *find_hint(const struct rcn_git_access *access, const struct rcn_git_url *url,
                             int status)
{
    static const struct {
        int first;
        int last;
        const char *hint;
    } hints[] = {
        {300, 399,
         "the server redirects; give the URL that it redirects to (often '.git' is missing)"},
        {401, 401,
         "set AUDIENCECTL_GIT_TOKEN, give --git-token-file, or set up git's own "
         "credentials; a repository that does not exist often looks the same"},
        {403, 403, "the credentials may lack the right to read this repository"},
        {404, 404, "check the URL; some servers answer so where the credentials may not read it"},
        {407, 407, "the proxy wants a user and a password; HTTPS_PROXY can hold them"},
        {429, 429, "the server limits requests; try again later"},
        {500, 999, "the server or a proxy has a problem; try again later"},
    };
    if (status == 401 && find_token(access, url))
        return "check the token, its expiry, and the user in the URL";
    for (size_t i = 0; i < sizeof hints / sizeof *hints; i++)
        if (status >= hints[i].first && status <= hints[i].last)
            return hints[i].hint;
    return NULL;
}

int rcn_git_fail(const struct rcn_git_access *access, const struct rcn_git_url *url,
                 const struct rcn_git_result *result, struct rcn_error *err)
{
    const char *hint = find_hint(access, url, result->http_status);
    rcn_error_set(err, RCN_ERROR_FAILED, "git: %s",
                  result->messages.len ? result->messages.data : "no message");
    if (hint)
        rcn_error_set_hint(err, "%s", hint);
    else if (url)
        rcn_error_set_hint(err, "check that `git ls-remote %.200s` works", url->name);
    return -1;
}

/* --- what is asked of a server --- */

static int wait_until(const struct rcn_git_access *access, int64_t until_ms, struct rcn_error *err)
{
    for (int64_t left_ms; (left_ms = until_ms - rcn_clock_steady_ms()) > 0;) {
        if (rcn_git_check(access, err))
            return -1;
        rcn_git_report(access, "waiting to try again", 0, 0);
        poll(NULL, 0, left_ms < RCN_GIT_SLICE_MS ? (int)left_ms : RCN_GIT_SLICE_MS);
    }
    return 0;
}

/* Runs git until it succeeds or may not be tried again: 1 and err, or -1, see rcn_git_remote_fetch.
 */
static int run_again(const struct rcn_git_access *access, const struct rcn_git_call *call,
                     struct rcn_git_result *ret, struct rcn_error *err)
{
    for (int tries = 1;; tries++) {
        int code = rcn_git_run(access, call, ret, err);
        if (code <= 0)
            return code;
        const int status = ret->http_status;
        const bool is_busy = status == 408 || status == 429 || status >= 500;
        const bool is_unanswered = status == 0 && call->url->transport == RCN_GIT_HTTPS;
        const int most = is_busy ? MAX_TRIES : is_unanswered ? MAX_TRIES_UNANSWERED : 1;
        uint32_t random = 0;
        (void)!getrandom(&random, sizeof random, 0);
        int64_t wait_ms = random % ((uint32_t)FIRST_BACKOFF_MS << tries);
        if (is_busy && ret->retry_after_ms >= 0)
            wait_ms = ret->retry_after_ms;
        const int64_t until_ms = rcn_clock_steady_ms() + wait_ms;
        if (tries >= most || wait_ms > MAX_RETRY_AFTER_MS ||
            (access->deadline_ms && until_ms >= access->deadline_ms)) {
            rcn_git_fail(access, call->url, ret, err);
            return status >= 400 ? -1 : 1;
        }
        if (wait_until(access, until_ms, err))
            return -1;
        rcn_git_result_release(ret);
    }
}

/* `<id>\t<name>`, or `ref: <name>\tHEAD` */
static int add_ref(char *line, struct rcn_git_refs *refs, struct rcn_error *err)
{
    static const char symbolic[] = "ref: ";
    char *tab = strchr(line, '\t');
    if (!tab)
        return 0;
    *tab = '\0';
    if (strncmp(line, symbolic, strlen(symbolic)) == 0) {
        if (strcmp(tab + 1, "HEAD") == 0)
            refs->head = line + strlen(symbolic);
        return 0;
    }
    if (strlen(line) != RCN_GIT_ID_SIZE - 1) {
        rcn_error_set(err, RCN_ERROR_FAILED,
                      "the repository uses SHA-256 object names, which are not supported");
        return rcn_error_set_hint(err, "a repository with SHA-1 object names is needed");
    }
    if (!strstr(tab + 1, "^{}"))
        refs->items[refs->count++] = (struct rcn_git_ref){.name = tab + 1, .id = line};
    return 0;
}

int rcn_git_remote_list(const struct rcn_git_access *access, const struct rcn_git_url *url,
                        struct rcn_arena *arena, struct rcn_git_refs *ret, struct rcn_error *err)
{
    /* Version 2 takes a round trip more, for a choice of refs that ls-remote does not make. */
    const char *arguments[] = {url->address, NULL};
    const struct rcn_git_call call = {.command = "-c protocol.version=0 ls-remote --symref --",
                                      .arguments = arguments,
                                      .url = url,
                                      .max_output = MAX_LIST_BYTES};
    struct rcn_git_result result;
    *ret = (struct rcn_git_refs){0};
    int code = run_again(access, &call, &result, err);
    if (!code) {
        char *text = rcn_arena_strndup(arena, rcn_buf_get_str(&result.output), result.output.len);
        size_t lines = 0;
        for (const char *at = text; (at = strchr(at, '\n')); at++)
            lines++;
        ret->items = rcn_arena_calloc(arena, lines + 1, sizeof *ret->items);
        for (char *end; !code && (end = strchr(text, '\n')); text = end + 1) {
            *end = '\0';
            code = add_ref(text, ret, err);
        }
    }
    rcn_git_result_release(&result);
    return code ? -1 : 0;
}

int rcn_git_remote_fetch(const struct rcn_git_access *access, const struct rcn_git_url *url,
                         const char *repository, const char *source, const char *target,
                         struct rcn_error *err)
{
    char spec[2048];
    snprintf(spec, sizeof spec, "+%s:%s", source, target);
    const char *arguments[] = {url->address, spec, NULL};
    const struct rcn_git_call call = {.command = "fetch --progress --depth=1 --no-tags --no-prune "
                                                 "--no-write-fetch-head --no-recurse-submodules --",
                                      .arguments = arguments,
                                      .repository = repository,
                                      .url = url,
                                      .max_output = MAX_FETCH_BYTES};
    struct rcn_git_result result;
    int code = run_again(access, &call, &result, err);
    rcn_git_result_release(&result);
    return code;
}
