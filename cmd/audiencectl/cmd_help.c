#include <string.h>

#include "base/buf.h"
#include "command.h"
#include "term.h"

enum { HELP_MAX_BYTES = 1 << 20, HELP_WIDTH = 80, OPTION_COLUMN = 30, COMMAND_COLUMN = 14 };

/* Words of text from column on, broken at HELP_WIDTH and indented by indent. */
static void add_wrapped(struct rcn_buf *out, const char *text, size_t column, size_t indent)
{
    while (*text) {
        size_t len = strcspn(text, " ");
        bool is_first = column == indent;
        if (!is_first && column + 1 + len > HELP_WIDTH) {
            rcn_buf_add_char(out, '\n');
            rcn_buf_add_repeat(out, ' ', indent);
            column = indent;
            is_first = true;
        }
        if (!is_first)
            rcn_buf_add_char(out, ' ');
        rcn_buf_add(out, text, len);
        column += len + !is_first;
        text += len;
        text += strspn(text, " ");
    }
    rcn_buf_add_char(out, '\n');
}

static void add_option(struct rcn_buf *out, const struct option_spec *spec)
{
    size_t start = out->len;
    if (spec->letter)
        rcn_buf_printf(out, "  -%c, --%s", spec->letter, spec->name);
    else
        rcn_buf_printf(out, "      --%s", spec->name);
    if (spec->argument)
        rcn_buf_printf(out, spec->alone ? "[=%s]" : " %s", spec->argument);
    size_t used = out->len - start;
    if (used + 2 > OPTION_COLUMN) {
        rcn_buf_add_char(out, '\n');
        used = 0;
    }
    rcn_buf_add_repeat(out, ' ', OPTION_COLUMN - used);
    add_wrapped(out, spec->help, OPTION_COLUMN, OPTION_COLUMN);
    if (spec->env) {
        rcn_buf_add_repeat(out, ' ', OPTION_COLUMN);
        rcn_buf_printf(out, "[$%s]\n", spec->env);
    }
}

static void add_group(struct rcn_buf *out, const struct option_group *group)
{
    rcn_buf_printf(out, "\n%s:\n", group->title);
    for (const struct option_spec *spec = group->specs; spec->name; spec++)
        add_option(out, spec);
}

int help_print(const struct command *command)
{
    struct rcn_buf out;
    rcn_buf_init(&out, HELP_MAX_BYTES);
    rcn_buf_printf(&out, "usage: audiencectl %s [OPTION]...%s%s\n\n", command->name,
                   *command->operands ? " " : "", command->operands);
    add_wrapped(&out, command->description, 0, 0);
    for (const struct option_group *const *group = command->groups; *group; group++)
        add_group(&out, *group);
    int code = term_print_result(rcn_buf_get_str(&out), out.len);
    rcn_buf_release(&out);
    return code;
}

int help_print_overview(void)
{
    struct rcn_buf out;
    rcn_buf_init(&out, HELP_MAX_BYTES);
    rcn_buf_add_str(&out,
                    "usage: audiencectl COMMAND [OPTION]... [OPERAND]...\n\n"
                    "Audience syncs as code: from Sequenzy segments to Meta custom audiences.\n"
                    "Creates what is missing. Never changes or deletes anything.\n\n");
    for (const struct command *command = commands; command->name; command++) {
        rcn_buf_printf(&out, "  %s", command->name);
        rcn_buf_add_repeat(&out, ' ', COMMAND_COLUMN - strlen(command->name));
        rcn_buf_printf(&out, "%s\n", command->summary);
    }
    rcn_buf_add_str(&out, "\nexit codes:\n"
                          "  0         done\n"
                          "  1         error, nothing was written\n"
                          "  2         differences (drift, plan --detailed-exitcode)\n"
                          "  3         apply is incomplete\n"
                          "  4         refused, nothing was written\n"
                          "  64        invalid command line\n"
                          "  130, 143  interrupted\n"
                          "\nSee 'audiencectl help COMMAND' and 'man audiencectl'.\n");
    int code = term_print_result(rcn_buf_get_str(&out), out.len);
    rcn_buf_release(&out);
    return code;
}

int cmd_help(const struct options *options)
{
    if (options->operands.count == 0)
        return help_print_overview();
    const char *name = options->operands.items[0];
    const struct command *command = command_find(name);
    if (command)
        return help_print(command);
    struct rcn_error err = RCN_ERROR_INIT;
    rcn_error_set(&err, RCN_ERROR_USAGE, "unknown command '%.60s'", name);
    command_set_hint(name, &err);
    return term_fail(&err);
}
