/*
 * Makes the lists of commands and options of audiencectl(1) from the tables; prose is in the
 * template.
 */
#include <string.h>

#include "command.h"
#include "page.h"

static void add_commands(struct rcn_buf *out)
{
    rcn_buf_add_str(out, ".Bl -tag -width Ds\n");
    for (const struct command *command = commands; command->name; command++) {
        rcn_buf_printf(out, ".It Cm %s", command->name);
        if (*command->operands)
            rcn_buf_printf(out, " Ar %s", command->operands);
        rcn_buf_add_char(out, '\n');
        page_add_text(out, command->description);
        struct rcn_buf titles;
        rcn_buf_init(&titles, PAGE_MAX_BYTES);
        rcn_buf_add_str(&titles, "Options:");
        for (const struct option_group *const *group = command->groups; *group; group++)
            rcn_buf_printf(&titles, " %s%s", (*group)->title, group[1] ? "," : ".");
        page_add_text(out, rcn_buf_get_str(&titles));
        rcn_buf_release(&titles);
    }
    rcn_buf_add_str(out, ".El\n");
}

static void add_group(struct rcn_buf *out, const struct option_group *group)
{
    rcn_buf_printf(out, ".Ss %s\n.Bl -tag -width Ds\n", group->title);
    for (const struct option_spec *spec = group->specs; spec->name; spec++) {
        rcn_buf_add_str(out, ".It");
        if (spec->letter)
            rcn_buf_printf(out, " Fl %c ,", spec->letter);
        rcn_buf_printf(out, " Fl \\-%s", spec->name);
        if (spec->argument)
            rcn_buf_printf(out, spec->alone ? " Ns Oo Ns = Ns Ar %s Oc" : " Ar %s", spec->argument);
        rcn_buf_add_char(out, '\n');
        page_add_text(out, spec->help);
        if (spec->env)
            rcn_buf_printf(out, "In the environment:\n.Ev %s .\n", spec->env);
    }
    rcn_buf_add_str(out, ".El\n");
}

/* True for the first command that has the group. */
static bool is_new(const struct command *until, const struct option_group *group)
{
    for (const struct command *command = commands; command < until; command++)
        if (command_has_group(command, group))
            return false;
    return true;
}

static void add_options(struct rcn_buf *out)
{
    for (const struct command *command = commands; command->name; command++)
        for (const struct option_group *const *group = command->groups; *group; group++)
            if (is_new(command, *group) && *group != &option_group_general)
                add_group(out, *group);
    add_group(out, &option_group_general);
}

static bool fill(const char *name, struct rcn_buf *out)
{
    if (strcmp(name, "COMMANDS") == 0)
        add_commands(out);
    else if (strcmp(name, "OPTIONS") == 0)
        add_options(out);
    else
        return false;
    return true;
}

int main(int argc, char **argv)
{
    return page_main(argc, argv, fill);
}
