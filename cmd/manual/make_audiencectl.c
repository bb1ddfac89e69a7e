/*
 * Makes audiencectl(1) from the tables of commands and options.
 */
#include <string.h>

#include "command.h"
#include "page.h"

/* --- SYNOPSIS and COMMANDS --- */

/* `[PATH...]`, `FILE`, `a|b` as mdoc. */
static void add_operands(struct rcn_buf *out, const char *operands)
{
    if (!*operands)
        return;
    size_t len = strlen(operands);
    bool is_optional = operands[0] == '[';
    bool is_many = strstr(operands, "...") != NULL;
    rcn_buf_add_str(out, is_optional ? " Op Ar " : " Ar ");
    if (!is_optional) {
        rcn_buf_add_str(out, operands);
        return;
    }
    rcn_buf_add(out, operands + 1, len - 2 - (is_many ? 3 : 0));
    if (is_many)
        rcn_buf_add_str(out, " ...");
}

static void add_synopsis(struct rcn_buf *out)
{
    for (const struct command *command = commands; command->name; command++) {
        rcn_buf_printf(out, ".Nm\n.Cm %s\n.Op Ar option ...\n", command->name);
        struct rcn_buf operands;
        rcn_buf_init(&operands, PAGE_MAX_BYTES);
        add_operands(&operands, command->operands);
        if (operands.len)
            rcn_buf_printf(out, ".%s\n", operands.data + 1);
        rcn_buf_release(&operands);
    }
}

static void add_commands(struct rcn_buf *out)
{
    rcn_buf_add_str(out, ".Bl -tag -width Ds\n");
    for (const struct command *command = commands; command->name; command++) {
        rcn_buf_printf(out, ".It Cm %s", command->name);
        add_operands(out, command->operands);
        rcn_buf_add_char(out, '\n');
        page_add_text(out, command->description);
        rcn_buf_add_str(out, "Options:");
        for (const struct option_group *const *group = command->groups; *group; group++)
            rcn_buf_printf(out, "%s %s", group == command->groups ? "" : ",", (*group)->title);
        rcn_buf_add_str(out, ".\n");
    }
    rcn_buf_add_str(out, ".El\n");
}

/* --- OPTIONS --- */

static void add_option(struct rcn_buf *out, const struct option_spec *spec)
{
    rcn_buf_add_str(out, ".It");
    if (spec->letter)
        rcn_buf_printf(out, " Fl %c ,", spec->letter);
    rcn_buf_printf(out, " Fl \\-%s", spec->name);
    if (spec->argument)
        rcn_buf_printf(out, " Ar %s", spec->argument);
    rcn_buf_add_char(out, '\n');
    page_add_text(out, spec->help);
    if (spec->env)
        rcn_buf_printf(out, "In the environment:\n.Ev %s .\n", spec->env);
}

static void add_group(struct rcn_buf *out, const struct option_group *group)
{
    const char *before = "For";
    rcn_buf_printf(out, ".Ss %s\n", group->title);
    for (const struct command *command = commands; command->name; command++) {
        if (!command_has_group(command, group))
            continue;
        rcn_buf_printf(out, "%s\n.Cm %s", before, command->name);
        before = " ,";
    }
    rcn_buf_add_str(out, " .\n.Bl -tag -width Ds\n");
    for (const struct option_spec *spec = group->specs; spec->name; spec++)
        add_option(out, spec);
    rcn_buf_add_str(out, ".El\n");
}

/* True when the group is not one of an earlier command's. */
static bool is_new(const struct command *until, const struct option_group *group)
{
    for (const struct command *command = commands; command < until; command++)
        if (command_has_group(command, group))
            return false;
    return true;
}

static bool is_shared(const struct option_group *group)
{
    size_t count = 0;
    for (const struct command *command = commands; command->name; command++)
        count += command_has_group(command, group);
    return count > 1;
}

static void add_groups(struct rcn_buf *out, bool are_shared)
{
    for (const struct command *command = commands; command->name; command++)
        for (const struct option_group *const *group = command->groups; *group; group++)
            if (is_new(command, *group) && is_shared(*group) == are_shared &&
                *group != &option_group_general)
                add_group(out, *group);
}

/* Those of one command first, those of every command last. */
static void add_options(struct rcn_buf *out)
{
    add_groups(out, false);
    add_groups(out, true);
    add_group(out, &option_group_general);
}

/* --- ENVIRONMENT --- */

static void add_twins(struct rcn_buf *out)
{
    for (const struct command *command = commands; command->name; command++)
        for (const struct option_group *const *group = command->groups; *group; group++)
            for (const struct option_spec *spec = (*group)->specs; spec->name; spec++)
                if (spec->env && is_new(command, *group))
                    rcn_buf_printf(out, ".It Ev %s\nStands in for\n.Fl \\-%s .\n", spec->env,
                                   spec->name);
}

static bool fill(const char *name, struct rcn_buf *out)
{
    static const struct {
        const char *name;
        void (*add)(struct rcn_buf *out);
    } parts[] = {{"SYNOPSIS", add_synopsis},
                 {"COMMANDS", add_commands},
                 {"OPTIONS", add_options},
                 {"ENVIRONMENT", add_twins}};
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        if (strcmp(parts[i].name, name) != 0)
            continue;
        parts[i].add(out);
        return true;
    }
    return false;
}

int main(int argc, char **argv)
{
    return page_main(argc, argv, fill);
}
