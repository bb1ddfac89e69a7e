/*
 * git_program.h: runs git(1), which is our only way to a Git server.
 *
 * git is started without a shell, in a session of its own: it has no terminal, so nothing can ask
 * for a password, and everything that it starts is ended with it: at a signal, at the deadline,
 * when nothing has come from it or from the server for the time-out, and when this process dies.
 *
 * What a user has set up for git works: credential helpers, .netrc, insteadOf, http.extraHeader,
 * ssh's configuration, proxies. The environment is passed on but for our own variables and those of
 * git that do not say how a server is reached: a hook names another repository, others trace or
 * prompt. Only https, ssh, git and file are allowed as transports; hooks are off.
 *
 * A token is given through git's environment, as a credential helper for the URL's origin alone, so
 * it is in no argument and no file, and git sends it neither to another origin nor to a server that
 * does not ask.
 */
#ifndef RCN_GIT_GIT_PROGRAM_H
#define RCN_GIT_GIT_PROGRAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/error.h"
#include "base/secret.h"
#include "git/git_url.h"

/* How servers are reached, and how long git may take. Everything may be zero. */
struct rcn_git_access {
    const struct rcn_secret *token; /* for HTTPS; a password in the URL comes before it */
    const char *ssh_key_file;       /* NULL: what ssh uses by itself */
    const char *ca_file;            /* NULL: SSL_CERT_FILE, or what git uses by itself */
    int64_t timeout_ms;             /* no progress for so long: give up */
    int64_t deadline_ms;            /* steady clock (clock.h); 0: none */
    /* Called now and then while git makes progress; total is 0 where it is not known. */
    void (*progress)(void *context, const char *phase, unsigned done, unsigned total);
    void *progress_context;
    /* Asked several times a second: true once a signal came (RCN_ERROR_INTERRUPTED). */
    bool (*interrupted)(void *context);
    void *interrupted_context;
    int alive_fd; /* a file whose time is set when git makes progress; 0 or negative: none */
};

/* A signal is noticed within this time, whatever is being waited for. */
enum { RCN_GIT_SLICE_MS = 50 };

/* -1 and err when a signal came or the deadline is over. */
int rcn_git_check(const struct rcn_git_access *access, struct rcn_error *err);

/* The same, and -1 when nothing has happened since `since_ms` (steady clock) for the time-out.
 * `what` says what was being waited for. */
int rcn_git_check_idle(const struct rcn_git_access *access, int64_t since_ms, const char *what,
                       struct rcn_error *err);

/* Reports it, to alive_fd too. */
void rcn_git_report(const struct rcn_git_access *access, const char *phase, unsigned done,
                    unsigned total);

struct rcn_git_call {
    const char *command;           /* words with one space between: `fetch --`; NULL: none */
    const char *const *arguments;  /* after those, NULL at the end; NULL: none */
    const char *repository;        /* GIT_DIR; NULL: none, not even the one around us */
    const char *work_tree;         /* where it is started; NULL: here */
    const struct rcn_git_url *url; /* whom the token is for; NULL: git is given none */
    const char *input;             /* its standard input; NULL: empty */
    size_t input_len;
    size_t max_output; /* more is an error */
};

struct rcn_git_result {
    struct rcn_buf output;
    struct rcn_buf messages; /* stderr without progress, masked; ` | ` between lines */
    int http_status;         /* of the last answer over HTTP, a proxy's included; 0: none */
    int64_t retry_after_ms;  /* what that answer asked for; -1: nothing */
};

enum { RCN_GIT_NO_PROGRAM = -2 };

/*
 * Runs git to its end. Returns its exit code; RCN_GIT_NO_PROGRAM and err when there is no git, -1
 * and err when it could not be run, was ended, or died. *ret is to be released in any case.
 */
int rcn_git_run(const struct rcn_git_access *access, const struct rcn_git_call *call,
                struct rcn_git_result *ret, struct rcn_error *err);
void rcn_git_result_release(struct rcn_git_result *result);

/*
 * For an exit code that is not 0: git's own words are the message,
 * and the hint says what the status of the answer means for us. url NULL: no server was asked.
 * Returns -1.
 */
int rcn_git_fail(const struct rcn_git_access *access, const struct rcn_git_url *url,
                 const struct rcn_git_result *result, struct rcn_error *err);

/* --- what is asked of a server --- */

enum { RCN_GIT_ID_SIZE = 41 };

struct rcn_git_ref {
    const char *name; /* `HEAD`, `refs/heads/main`; an annotated tag has its own id */
    const char *id;   /* 40 hex digits */
};

struct rcn_git_refs {
    struct rcn_git_ref *items; /* in the order of the server */
    size_t count;
    const char *head; /* the full name of the branch that HEAD is; NULL: none, or not known */
};

/*
 * Lists the refs; strings are put into arena. This, like a fetch, is tried again like a GET of the
 * API: five times after 408, 429 and 5xx, with the wait that the server asks for; once more where
 * no HTTP answer came. Over SSH nothing is tried again: a refused login looks the same there, and
 * servers block clients that repeat one.
 */
int rcn_git_remote_list(const struct rcn_git_access *access, const struct rcn_git_url *url,
                        struct rcn_arena *arena, struct rcn_git_refs *ret, struct rcn_error *err);

/*
 * Fetches what `source` names, a full ref name or 40 hex digits, into the bare repository, as its
 * ref `target`, without history. Returns 1 and err where git failed and no answer over HTTP says
 * why: the repository here may be damaged.
 */
int rcn_git_remote_fetch(const struct rcn_git_access *access, const struct rcn_git_url *url,
                         const char *repository, const char *source, const char *target,
                         struct rcn_error *err);

#endif
