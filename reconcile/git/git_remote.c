#include "git/git_remote.h"

#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>

#include "base/clock.h"

enum {
    MAX_TRIES = 5,
    MAX_TRIES_UNANSWERED = 2,
    FIRST_BACKOFF_MS = 500,
    MAX_RETRY_AFTER_MS = 5 * 60 * 1000,
    MAX_LIST_BYTES = 256 << 20,
    MAX_OTHER_BYTES = 1 << 20,
};

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
static int run(const struct rcn_git_access *access, const struct rcn_git_call *call,
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
    int code = run(access, &call, &result, err);
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
                                      .max_output = MAX_OTHER_BYTES};
    struct rcn_git_result result;
    int code = run(access, &call, &result, err);
    rcn_git_result_release(&result);
    return code;
}
