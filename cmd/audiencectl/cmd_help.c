#include <string.h>

#include "base/buf.h"
#include "base/suggest.h"
#include "command.h"
#include "term.h"

enum {
    HELP_MAX_BYTES = 1 << 20,
    HELP_WIDTH = 80,
    OPTION_COLUMN = 30,
    COMMAND_COLUMN = 14,
    COMMANDS = 12,
};

/* Words of text from column `indent` on, broken at HELP_WIDTH and indented. */
static void add_wrapped(struct rcn_buf *out, const char *text, size_t indent)
{
    size_t column = indent;
    while (*text) {
        size_t len = strcspn(text, " ");
        if (column > indent && column + 1 + len > HELP_WIDTH) {
            rcn_buf_printf(out, "\n%*s", (int)indent, "");
            column = indent;
        }
        rcn_buf_printf(out, "%s%.*s", column > indent ? " " : "", (int)len, text);
        column += len + (column > indent);
        text += len + strspn(text + len, " ");
    }
    rcn_buf_add_char(out, '\n');
}

int help_print(const struct command *command)
{
    const char *section = "";
    struct rcn_buf out;
    rcn_buf_init(&out, HELP_MAX_BYTES);
    rcn_buf_printf(&out, "usage: audiencectl %s [OPTION]...%s%s\n\n", command->name,
                   *command->operands ? " " : "", command->operands);
    add_wrapped(&out, command->description, 0);
    for (const struct option_spec *spec = option_specs; spec->commands; spec++) {
        if (!(spec->commands & command->bit))
            continue;
        if (strcmp(section, spec->section) != 0)
            rcn_buf_printf(&out, "\n%s:\n", spec->section);
        section = spec->section;
        size_t start = out.len;
        if (spec->letter)
            rcn_buf_printf(&out, "  -%c, --%s", spec->letter, spec->name);
        else
            rcn_buf_printf(&out, "      --%s", spec->name);
        if (spec->argument)
            rcn_buf_printf(&out, spec->alone ? "[=%s]" : " %s", spec->argument);
        if (out.len - start + 2 > OPTION_COLUMN) {
            rcn_buf_add_char(&out, '\n');
            start = out.len;
        }
        rcn_buf_add_repeat(&out, ' ', OPTION_COLUMN - (out.len - start));
        add_wrapped(&out, spec->help, OPTION_COLUMN);
        if (spec->env)
            rcn_buf_printf(&out, "%*s[$%s]\n", OPTION_COLUMN, "", spec->env);
    }
    return term_print_result(&out);
}

int help_print_overview(void)
{
    struct rcn_buf out;
    rcn_buf_init(&out, HELP_MAX_BYTES);
    rcn_buf_add_str(&out,
                    "usage: audiencectl COMMAND [OPTION]... [OPERAND]...\n\n"
                    "Audience syncs as code: from Sequenzy segments to Meta custom audiences.\n"
                    "Creates what is missing. Never changes or deletes anything.\n\n");
    for (const struct command *command = commands; command->name; command++)
        rcn_buf_printf(&out, "  %-*s%s\n", COMMAND_COLUMN, command->name, command->summary);
    rcn_buf_add_str(&out, "\nexit codes:\n"
                          "  0         done\n"
                          "  1         error, nothing was written\n"
                          "  2         differences (drift, plan --detailed-exitcode)\n"
                          "  3         apply is incomplete\n"
                          "  4         refused, nothing was written\n"
                          "  64        invalid command line\n"
                          "  130, 143  interrupted\n"
                          "\nSee 'audiencectl help COMMAND' and 'man audiencectl'.\n");
    return term_print_result(&out);
}

/* Commands of similar programs, and what they are here. */
static const char *const other_words[][2] = {
    {"diff", "drift"},
    {"preview", "plan"},
    {"status", "get syncs"},
    {"list", "get syncs"},
    {"ls", "get syncs"},
    {"history", "log"},
    {"lint", "validate"},
    {"check", "validate"},
    {"import", "export"},
    {"pull", "export"},
    {"create", "apply"},
    {"sync", "apply"},
    {"deploy", "apply"},
    {"accounts", "get ad-accounts"},
    {"segments", "get segments"},
    {"syncs", "get syncs"},
};

const struct command *command_find(const char *name, struct rcn_error *err)
{
    const char *names[COMMANDS];
    size_t count = 0;
    for (const struct command *command = commands; command->name; command++) {
        if (strcmp(command->name, name) == 0)
            return command;
        names[count++] = command->name;
    }
    const char *near = rcn_suggest(name, names, count);
    for (size_t i = 0; i < sizeof other_words / sizeof *other_words; i++)
        if (strcmp(other_words[i][0], name) == 0)
            near = other_words[i][1];
    if (*name == '-') {
        rcn_error_set(err, RCN_ERROR_USAGE,
                      "options go after the command: audiencectl COMMAND %.60s", name);
        return NULL;
    }
    rcn_error_set(err, RCN_ERROR_USAGE, "unknown command '%.60s'", name);
    if (near)
        rcn_error_set_hint(err, "did you mean '%s'?", near);
    else
        rcn_error_set_hint(err, "'audiencectl help' lists the commands");
    return NULL;
}

int cmd_help(const struct options *options)
{
    struct rcn_error err = RCN_ERROR_INIT;
    if (options->operands.count == 0)
        return help_print_overview();
    const struct command *command = command_find(options->operands.items[0], &err);
    return command ? help_print(command) : term_fail(&err);
}

int cmd_version(const struct options *options)
{
    struct rcn_buf out;
    (void)options;
    rcn_buf_init(&out, HELP_MAX_BYTES);
    rcn_buf_add_str(&out, "audiencectl " AUDIENCECTL_VERSION "\n");
    return term_print_result(&out);
}
