/*
 * audiencectl: audience syncs as code. This file finds the command and runs it, nothing else.
 */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/error.h"
#include "base/redact.h"
#include "base/secret.h"
#include "command.h"
#include "interrupt.h"
#include "term.h"

/* A file opened later must not take the number of a standard stream that was closed. The modes are
 * the wrong ones on purpose: using such a stream stays an error. */
static void fill_standard_streams(void)
{
    static const int modes[] = {O_WRONLY, O_RDONLY, O_RDONLY};
    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
        if (fcntl(fd, F_GETFD) < 0)
            (void)open("/dev/null", modes[fd]);
}

/* Nothing that is printed from now on shows them, not even a mistyped operand. */
static void mask_secrets(void)
{
    static const char *const names[] = {"SEQUENZY_API_KEY", "AUDIENCECTL_GIT_TOKEN"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        const char *value = getenv(names[i]);
        if (value && *value)
            rcn_redact_add_secret(value);
    }
}

static int run(int argc, char *argv[])
{
    struct rcn_error err = RCN_ERROR_INIT;
    struct options options;
    if (argc < 2)
        return help_print_overview() ? EXIT_ERROR : EXIT_USAGE;
    if (strcmp(argv[1], "__complete") == 0)
        return completion_offer(argc - 2, argv + 2);
    const char *word = argv[1];
    if (strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0)
        word = "help";
    else if (strcmp(word, "--version") == 0)
        word = "version";
    const struct command *command = command_find(word, &err);
    if (!command)
        return term_fail(&err);
    int code;
    if (options_parse(command, argv + 2, &options, &err))
        code = term_fail(&err);
    else if (options.help)
        code = help_print(command);
    else
        code = command->run(&options);
    rcn_arena_free(options.arena);
    return code;
}

int main(int argc, char *argv[])
{
    interrupt_install(); /* first: a signal that comes before it leaves no report */
    rcn_secret_forbid_core_dumps();
    fill_standard_streams();
    mask_secrets();
    term_init(NULL, false);
    exit(run(argc, argv));
}
