/*
 * command.h: what a command is.
 *
 * To add one: write cmd_<name>.c with `int cmd_<name>(const struct options *)`, declare it here,
 * and add a row to the table in tables.c. Help, completion and the manual follow from the row.
 */
#ifndef AUDIENCECTL_COMMAND_H
#define AUDIENCECTL_COMMAND_H

#include <stdbool.h>
#include <stddef.h>

#include "model/plan.h"
#include "options.h"

/* Exit codes: the same on a terminal, in a pipe and for every report format (SPEC 3). */
enum exit_code {
    EXIT_DONE = 0,
    EXIT_ERROR = 1,
    EXIT_DIFFERENCES = 2,
    EXIT_INCOMPLETE = 3,
    EXIT_REFUSED = 4,
    EXIT_USAGE = 64,
    EXIT_SIGNAL = 128, /* plus the signal's number */
};

struct command {
    const char *name;     /* NULL ends the table */
    const char *operands; /* `[PATH...]`; "" when there are none */
    const char *summary;  /* one line, no full stop */
    const char *description;
    enum command_bit bit;
    size_t least_operands;
    size_t most_operands;
    const char *const *offers; /* for operands, as of options; `help` offers commands */
    /* Does it, prints everything, returns the exit code. */
    int (*run)(const struct options *options);
};

extern const struct command commands[]; /* tables.c */

/* The command of that name; NULL and err, with a hint what may have been meant. */
const struct command *command_find(const char *name, struct rcn_error *err);

/* Prints the command's own help, or the list of commands; returns the exit code. */
int help_print(const struct command *command);
int help_print_overview(void);

/* `__complete WORD...`: prints what the last word may become (cmd_completion.c). */
int completion_offer(int count, char *const words[]);

/* `--fail-on`: names joined by commas, or `none`; NULL is the default (cmd_drift.c). -1 and err for
 * anything else. */
int fail_on_parse(const char *list, struct rcn_fail_on *ret, struct rcn_error *err);

int cmd_validate(const struct options *options);
int cmd_plan(const struct options *options);
int cmd_apply(const struct options *options);
int cmd_drift(const struct options *options);
int cmd_snapshot(const struct options *options);
int cmd_show(const struct options *options);
int cmd_export(const struct options *options);
int cmd_get(const struct options *options);
int cmd_log(const struct options *options);
int cmd_version(const struct options *options);
int cmd_help(const struct options *options);
int cmd_completion(const struct options *options);

#endif
