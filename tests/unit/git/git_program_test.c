#include "git/git_program.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
/* cmocka.h needs the first four */
#include <cmocka.h>

#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"

/* A folder in front of the PATH with a `git` of our own: a script that plays what git may do. */
struct place {
    char directory[64];
    char *path;
    struct rcn_git_result result;
    struct rcn_error err;
};

static int enter(void **state)
{
    struct place *place = calloc(1, sizeof *place);
    strcpy(place->directory, "/tmp/git_program_test.XXXXXX");
    if (!mkdtemp(place->directory))
        return -1;
    place->path = strdup(getenv("PATH"));
    *state = place;
    return 0;
}

static int leave(void **state)
{
    struct place *place = *state;
    char command[256];
    setenv("PATH", place->path, 1);
    snprintf(command, sizeof command, "rm -rf %s", place->directory);
    int failed = system(command);
    rcn_git_result_release(&place->result);
    free(place->path);
    free(place);
    return failed;
}

static void play(struct place *place, const char *script)
{
    char path[128];
    char with[8192];
    snprintf(path, sizeof path, "%s/git", place->directory);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fprintf(file, "#!/bin/sh\n%s\n", script);
    assert_int_equal(fclose(file), 0);
    assert_int_equal(chmod(path, 0700), 0);
    snprintf(with, sizeof with, "%s:%s", place->directory, place->path);
    setenv("PATH", with, 1);
}

static int run(struct place *place, const struct rcn_git_access *access, struct rcn_git_call call)
{
    static const char *const arguments[] = {"one", "two words", NULL};
    rcn_git_result_release(&place->result);
    if (!call.arguments)
        call.arguments = arguments;
    call.max_output = call.max_output ? call.max_output : 1 << 20;
    return rcn_git_run(access, &call, &place->result, &place->err);
}

static void passes_arguments_input_and_output(void **state)
{
    struct place *place = *state;
    const struct rcn_git_access access = {0};
    play(place, "printf '%s|' \"$@\" \"$GIT_DIR\"; cat; exit 3");
    assert_int_equal(run(place, &access, (struct rcn_git_call){.input = "in", .input_len = 2}), 3);
    assert_string_equal(place->result.output.data, "one|two words|/dev/null|in");
    assert_int_equal(run(place, &access, (struct rcn_git_call){.repository = "/r"}), 3);
    assert_string_equal(place->result.output.data, "one|two words|/r|");
    play(place, "printf '%s %s' \"$PWD\" \"${GIT_DIR-unset}\"");
    assert_int_equal(run(place, &access, (struct rcn_git_call){.work_tree = "/"}), 0);
    assert_string_equal(place->result.output.data, "/ unset");
    play(place, "echo 12345678");
    assert_int_equal(run(place, &access, (struct rcn_git_call){.max_output = 4}), -1);
}

static void cleans_the_environment(void **state)
{
    struct place *place = *state;
    const struct rcn_git_access access = {0};
    setenv("GIT_INDEX_FILE", "elsewhere", 1);
    setenv("GIT_TRACE_CURL_NO_SUCH", "1", 1);
    setenv("AUDIENCECTL_ANYTHING", "1", 1);
    setenv("SEQUENZY_API_KEY", "secret-key", 1);
    setenv("GIT_CONFIG_COUNT", "1", 1);
    setenv("GIT_CONFIG_KEY_0", "user.name", 1);
    setenv("GIT_CONFIG_VALUE_0", "kept", 1);
    setenv("SSL_CERT_FILE", "/ca", 1);
    unsetenv("GIT_SSL_CAINFO");
    play(place, "env");
    assert_int_equal(run(place, &access, (struct rcn_git_call){0}), 0);
    const char *environment = place->result.output.data;
    static const char *const absent[] = {"elsewhere", "NO_SUCH", "AUDIENCECTL", "SEQUENZY",
                                         "secret-key"};
    for (size_t i = 0; i < sizeof absent / sizeof *absent; i++)
        assert_null(strstr(environment, absent[i]));
    static const char *const present[] = {
        "GIT_TERMINAL_PROMPT=0\n", "GIT_CONFIG_VALUE_0=kept\n", "GIT_CONFIG_KEY_1=core.hooksPath\n",
        "GIT_SSL_CAINFO=/ca\n", "GIT_ALLOW_PROTOCOL=https:ssh:git:file\n"};
    for (size_t i = 0; i < sizeof present / sizeof *present; i++)
        assert_non_null(strstr(environment, present[i]));
    assert_null(strstr(environment, "GIT_CONFIG_COUNT=1\n"));
    setenv("GIT_SSL_CAINFO", "/own", 1);
    const struct rcn_git_access with_ca = {.ca_file = "/given"};
    assert_int_equal(run(place, &with_ca, (struct rcn_git_call){0}), 0);
    assert_non_null(strstr(place->result.output.data, "GIT_SSL_CAINFO=/own\n"));
    unsetenv("GIT_SSL_CAINFO");
    assert_int_equal(run(place, &with_ca, (struct rcn_git_call){0}), 0);
    assert_non_null(strstr(place->result.output.data, "GIT_SSL_CAINFO=/given\n"));
    unsetenv("SSL_CERT_FILE");
    unsetenv("SEQUENZY_API_KEY");
    unsetenv("GIT_INDEX_FILE");
}

/* The key's path is a word of the command whatever is in it. */
static void quotes_the_ssh_key(void **state)
{
    struct place *place = *state;
    const struct rcn_git_access access = {.ssh_key_file = "/a b/it's $(x)"};
    play(place, "eval \"set -- $GIT_SSH_COMMAND\"; printf '%s|' \"$@\"");
    assert_int_equal(run(place, &access, (struct rcn_git_call){0}), 0);
    assert_string_equal(place->result.output.data,
                        "ssh|-o|BatchMode=yes|-o|IdentitiesOnly=yes|-i|/a b/it's $(x)|");
    setenv("GIT_SSH_COMMAND", "ssh -F mine", 1);
    assert_int_equal(run(place, &access, (struct rcn_git_call){0}), 0);
    assert_string_equal(place->result.output.data,
                        "ssh|-F|mine|-o|BatchMode=yes|-o|IdentitiesOnly=yes|-i|/a b/it's $(x)|");
    unsetenv("GIT_SSH_COMMAND");
}

static void keeps_messages_without_progress_and_secrets(void **state)
{
    struct place *place = *state;
    const struct rcn_git_access access = {0};
    const struct rcn_git_url url = {.transport = RCN_GIT_HTTPS, .name = "https://h/x"};
    play(place,
         "printf 'Receiving:  50%% (1/2)\\rReceiving: 100%% (2/2), done.\\n"
         "remote: no \\033[K\\nssh: refused\\r\\nfatal: https://u:sesame@h\\n' >&2; exit 128");
    assert_int_equal(run(place, &access, (struct rcn_git_call){0}), 128);
    assert_string_equal(place->result.messages.data,
                        "remote: no | ssh: refused | fatal: https://***@h");
    assert_int_equal(rcn_git_fail(&access, &url, &place->result, &place->err), -1);
    assert_string_equal(place->err.message,
                        "git: remote: no | ssh: refused | fatal: https://***@h");
    assert_non_null(strstr(place->err.hint, "git ls-remote https://h/x"));
    play(place, "i=0; while [ $i -lt 2000 ]; do echo aaaaaaaaaaaaaaaaaaaa; i=$((i + 1)); done >&2");
    assert_int_equal(run(place, &access, (struct rcn_git_call){0}), 0);
    assert_true(place->result.messages.len > 8000 && !place->result.messages.failed);
}

static void note_progress(void *context, const char *phase, unsigned done, unsigned total)
{
    snprintf(context, 64, "%s %u/%u", phase, done, total);
}

static void reports_progress(void **state)
{
    struct place *place = *state;
    char last[64] = "";
    const struct rcn_git_access access = {.progress = note_progress, .progress_context = last};
    play(place, "exit 0");
    assert_int_equal(run(place, &access, (struct rcn_git_call){0}), 0);
    assert_string_equal(last, "connecting 0/0");
    play(place, "printf 'Receiving:  34%% (12/34)\\rremote: (1/2)\\rReceiving' >&2; sleep 0.2; "
                "printf x >&2");
    assert_int_equal(run(place, &access, (struct rcn_git_call){0}), 0);
    assert_string_equal(last, "fetching 12/34");
}

static void reads_the_status_of_answers(void **state)
{
    struct place *place = *state;
    const struct rcn_git_access access = {0};
    const struct rcn_git_url url = {.transport = RCN_GIT_HTTPS, .name = "https://h/x"};
    static const struct {
        const char *header;
        int status;
        int64_t retry_after_ms;
        const char *hint; /* a part of it */
    } rows[] = {
        {"HTTP/1.1 200 OK", 200, -1, "git ls-remote"},
        {"HTTP/2 401", 401, -1, "AUDIENCECTL_GIT_TOKEN"},
        {"HTTP/1.1 403 Forbidden", 403, -1, "right to read"},
        {"HTTP/1.1 404 Not Found", 404, -1, "check the URL"},
        {"HTTP/1.1 407 Proxy", 407, -1, "HTTPS_PROXY"},
        {"HTTP/1.1 301 Moved", 301, -1, "redirects"},
        {"HTTP/1.1 429 x\n1 <= Recv header: retry-after: 7", 429, 7000, "limits requests"},
        {"HTTP/1.1 503 x\n1 <= Recv header: Retry-After: x", 503, -1, "try again later"},
        {"HTTP/1.1 503 x\n1 <= Recv header: Retry-After: Thu, 01 Jan 2026 00:00:00 GMT", 503, 0,
         "try again later"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char script[512];
        snprintf(script, sizeof script, "cat >&3 <<'E'\n12:00 http.c:1 <= Recv header: %s\nE\n",
                 rows[i].header);
        play(place, script);
        assert_int_equal(run(place, &access, (struct rcn_git_call){0}), 0);
        assert_int_equal(place->result.http_status, rows[i].status);
        assert_int_equal(place->result.retry_after_ms, rows[i].retry_after_ms);
        rcn_git_fail(&access, &url, &place->result, &place->err);
        if (!strstr(place->err.hint, rows[i].hint))
            fail_msg("%s: %s", rows[i].header, place->err.hint);
    }
}

static bool yes(void *context)
{
    (void)context;
    return true;
}

static void is_ended(void **state)
{
    struct place *place = *state;
    int64_t now_ms = rcn_clock_steady_ms();
    /* A process of the group that does not end by itself, and a message before it. */
    play(place, "echo started; trap '' TERM; sleep 60 & wait; sleep 60");
    const struct rcn_git_access idle = {.timeout_ms = 300};
    assert_int_equal(run(place, &idle, (struct rcn_git_call){0}), -1);
    assert_non_null(strstr(place->err.message, "no data from the Git server for"));
    const struct rcn_git_access late = {.deadline_ms = rcn_clock_steady_ms() + 300};
    assert_int_equal(run(place, &late, (struct rcn_git_call){0}), -1);
    assert_string_equal(place->err.message, "deadline exceeded");
    assert_true(rcn_clock_steady_ms() - now_ms < 5000);
    const struct rcn_git_access signalled = {.interrupted = yes};
    assert_int_equal(run(place, &signalled, (struct rcn_git_call){0}), -1);
    assert_int_equal(place->err.kind, RCN_ERROR_INTERRUPTED);
    const struct rcn_git_access none = {0};
    play(place, "kill -9 $$");
    assert_int_equal(run(place, &none, (struct rcn_git_call){0}), -1);
    assert_string_equal(place->err.message, "git was ended by signal 9");
    /* What keeps the pipes open after git has ended is not waited for. */
    now_ms = rcn_clock_steady_ms();
    play(place, "echo answer; (trap '' HUP; sleep 3) & exit 0");
    assert_int_equal(run(place, &none, (struct rcn_git_call){0}), 0);
    assert_string_equal(place->result.output.data, "answer\n");
    assert_true(rcn_clock_steady_ms() - now_ms < 2000);
}

static void says_when_there_is_no_git(void **state)
{
    struct place *place = *state;
    const struct rcn_git_access access = {0};
    setenv("PATH", "/nowhere", 1);
    assert_int_equal(run(place, &access, (struct rcn_git_call){0}), RCN_GIT_NO_PROGRAM);
    assert_string_equal(place->err.message, "the program 'git' is not on the PATH");
}

#define IN_PLACE(test) cmocka_unit_test_setup_teardown(test, enter, leave)

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_PLACE(passes_arguments_input_and_output),
        IN_PLACE(cleans_the_environment),
        IN_PLACE(quotes_the_ssh_key),
        IN_PLACE(keeps_messages_without_progress_and_secrets),
        IN_PLACE(reports_progress),
        IN_PLACE(reads_the_status_of_answers),
        IN_PLACE(is_ended),
        IN_PLACE(says_when_there_is_no_git),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
