/*
 * Makes the lists of commands and options of audiencectl(1) from the tables; prose is in the
 * template.
 */
#include <string.h>

#include "command.h"
#include "page.h"

/* Begins a section of the table: true for its first row. */
static bool is_first(const struct option_spec *spec, unsigned wanted)
{
    for (const struct option_spec *other = option_specs; other < spec; other++)
        if (other->commands & wanted && strcmp(other->section, spec->section) == 0)
            return false;
    return spec->commands & wanted;
}

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
        for (const struct option_spec *spec = option_specs; spec->commands; spec++)
            if (is_first(spec, command->bit))
                rcn_buf_printf(&titles, "%s %s", titles.data[titles.len - 1] == ':' ? "" : ",",
                               spec->section);
        rcn_buf_add_char(&titles, '.');
        page_add_text(out, rcn_buf_get_str(&titles));
        rcn_buf_release(&titles);
    }
    rcn_buf_add_str(out, ".El\n");
}

static void add_options(struct rcn_buf *out)
{
    for (const struct option_spec *spec = option_specs; spec->commands; spec++) {
        if (is_first(spec, EVERY_COMMAND))
            rcn_buf_printf(out, "%s.Ss %s\n.Bl -tag -width Ds\n",
                           spec == option_specs ? "" : ".El\n", spec->section);
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
