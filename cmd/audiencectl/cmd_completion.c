/*
 * Completion scripts, printed from the same tables that parse and explain the options.
 */
#include <string.h>

#include "base/buf.h"
#include "command.h"
#include "print.h"

enum { SCRIPT_MAX_BYTES = 1 << 20, SHORT_HELP_SIZE = 128 };

static void add_choices(struct rcn_buf *out, const char *const *choices)
{
    for (size_t i = 0; choices[i]; i++)
        rcn_buf_printf(out, "%s%s", i ? " " : "", choices[i]);
}

static void add_command_names(struct rcn_buf *out)
{
    for (const struct command *command = commands; command->name; command++)
        rcn_buf_printf(out, "%s%s", command == commands ? "" : " ", command->name);
}

static void add_operand_choices(struct rcn_buf *out, const struct command *command)
{
    if (command->operand_choices)
        add_choices(out, command->operand_choices);
    else
        add_command_names(out); /* `help` */
}

/* What an option is, for a line of a menu: its help up to the first stop. */
static const char *get_short_help(const struct option_spec *spec, char *ret, size_t size)
{
    size_t len = 0;
    while (spec->help[len] && !strchr(":;", spec->help[len]) &&
           !(spec->help[len] == '.' && strchr(" ", spec->help[len + 1])) && len + 1 < size)
        len++;
    memcpy(ret, spec->help, len);
    ret[len] = '\0';
    return ret;
}

/* Each character of text; those in special get the escape before them. */
static void add_escaped(struct rcn_buf *out, const char *text, const char *special,
                        const char *escape)
{
    for (; *text; text++) {
        if (strchr(special, *text))
            rcn_buf_add_str(out, escape);
        rcn_buf_add_char(out, *text);
    }
}

typedef void visit_option(struct rcn_buf *out, const struct command *command,
                          const struct option_spec *spec);

static void each_option(struct rcn_buf *out, const struct command *command, visit_option *visit)
{
    for (const struct option_group *const *group = command->groups; *group; group++)
        for (const struct option_spec *spec = (*group)->specs; spec->name; spec++)
            visit(out, command, spec);
}

/* --- bash --- */

static void add_bash_name(struct rcn_buf *out, const struct command *command,
                          const struct option_spec *spec)
{
    (void)command;
    rcn_buf_printf(out, "--%s ", spec->name);
    if (spec->letter)
        rcn_buf_printf(out, "-%c ", spec->letter);
}

/* An option means the same for every command that has it, so its values do not depend on one. */
static void add_bash_value(struct rcn_buf *out, const struct command *command,
                           const struct option_spec *spec)
{
    if (spec->kind == OPTION_FLAG)
        return;
    rcn_buf_printf(out, "    %s,--%s", command->name, spec->name);
    if (spec->letter)
        rcn_buf_printf(out, " | %s,-%c", command->name, spec->letter);
    rcn_buf_add_str(out, ")\n        ");
    if (spec->completion == COMPLETE_CHOICES) {
        rcn_buf_add_str(out, "COMPREPLY=($(compgen -W '");
        add_choices(out, spec->choices);
        rcn_buf_add_str(out, "' -- \"$cur\"))\n");
    } else if (spec->completion == COMPLETE_FILE) {
        rcn_buf_add_str(out, "local IFS=$'\\n'\n        COMPREPLY=($(compgen -f -- \"$cur\"))\n");
    } else if (spec->completion == COMPLETE_DIRECTORY) {
        rcn_buf_add_str(out, "local IFS=$'\\n'\n        COMPREPLY=($(compgen -d -- \"$cur\"))\n");
    } else {
        rcn_buf_add_str(out, "COMPREPLY=()\n");
    }
    rcn_buf_add_str(out, "        return\n        ;;\n");
}

static void add_bash_command(struct rcn_buf *out, const struct command *command)
{
    rcn_buf_printf(out, "    %s)\n        options='", command->name);
    each_option(out, command, add_bash_name);
    rcn_buf_add_str(out, "'\n");
    if (command->completion == COMPLETE_CHOICES) {
        rcn_buf_add_str(out, "        operands='");
        add_operand_choices(out, command);
        rcn_buf_add_str(out, "'\n");
    } else if (command->completion == COMPLETE_FILE) {
        rcn_buf_add_str(out, "        files=1\n");
    }
    rcn_buf_add_str(out, "        ;;\n");
}

static void add_bash(struct rcn_buf *out)
{
    rcn_buf_add_str(out,
                    "# bash completion for audiencectl\n"
                    "_audiencectl() {\n"
                    "    local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD - 1]}\n"
                    "    local command=${COMP_WORDS[1]} options='' operands='' files=''\n"
                    "    COMPREPLY=()\n"
                    "    if [ \"$COMP_CWORD\" -eq 1 ]; then\n"
                    "        COMPREPLY=($(compgen -W '");
    add_command_names(out);
    rcn_buf_add_str(out, "' -- \"$cur\"))\n"
                         "        return\n"
                         "    fi\n"
                         "    # bash takes --option=value apart at the equals sign\n"
                         "    if [ \"$cur\" = = ]; then\n"
                         "        cur=\n"
                         "    elif [ \"$prev\" = = ]; then\n"
                         "        prev=${COMP_WORDS[COMP_CWORD - 2]}\n"
                         "    fi\n"
                         "    case $command,$prev in\n");
    for (const struct command *command = commands; command->name; command++)
        each_option(out, command, add_bash_value);
    rcn_buf_add_str(out, "    esac\n    case $command in\n");
    for (const struct command *command = commands; command->name; command++)
        add_bash_command(out, command);
    rcn_buf_add_str(out, "    esac\n"
                         "    if [ \"${cur#-}\" != \"$cur\" ]; then\n"
                         "        COMPREPLY=($(compgen -W \"$options\" -- \"$cur\"))\n"
                         "    elif [ -n \"$operands\" ]; then\n"
                         "        COMPREPLY=($(compgen -W \"$operands\" -- \"$cur\"))\n"
                         "    elif [ -n \"$files\" ]; then\n"
                         "        local IFS=$'\\n'\n"
                         "        COMPREPLY=($(compgen -f -- \"$cur\"))\n"
                         "    fi\n"
                         "}\n"
                         "complete -o filenames -F _audiencectl audiencectl\n");
}

/* --- zsh --- */

static void add_zsh_text(struct rcn_buf *out, const char *text)
{
    for (; *text; text++) {
        if (*text == '\'')
            rcn_buf_add_str(out, "'\\''");
        else
            add_escaped(out, (const char[]){*text, '\0'}, "[]:\\", "\\");
    }
}

static void add_zsh_action(struct rcn_buf *out, enum option_completion completion)
{
    if (completion == COMPLETE_FILE)
        rcn_buf_add_str(out, "_files");
    else if (completion == COMPLETE_DIRECTORY)
        rcn_buf_add_str(out, "_directories");
    else
        rcn_buf_add_char(out, ' ');
}

static void add_zsh_option(struct rcn_buf *out, const struct command *command,
                           const struct option_spec *spec)
{
    char help[SHORT_HELP_SIZE];
    bool has_value = spec->kind != OPTION_FLAG;
    (void)command;
    rcn_buf_add_str(out, " \\\n            ");
    rcn_buf_add_str(out, spec->kind == OPTION_LIST ? "'*'" : "");
    if (spec->letter)
        rcn_buf_printf(out, "{-%c%s,--%s%s}'[", spec->letter, has_value ? "+" : "", spec->name,
                       has_value ? "=" : "");
    else
        rcn_buf_printf(out, "'--%s%s[", spec->name, has_value ? "=" : "");
    add_zsh_text(out, get_short_help(spec, help, sizeof help));
    rcn_buf_add_char(out, ']');
    if (has_value) {
        rcn_buf_printf(out, ":%s:", spec->name);
        if (spec->completion == COMPLETE_CHOICES) {
            rcn_buf_add_char(out, '(');
            add_choices(out, spec->choices);
            rcn_buf_add_char(out, ')');
        } else {
            add_zsh_action(out, spec->completion);
        }
    }
    rcn_buf_add_char(out, '\'');
}

static void add_zsh_command(struct rcn_buf *out, const struct command *command)
{
    rcn_buf_printf(out, "        %s)\n            _arguments -s -S", command->name);
    each_option(out, command, add_zsh_option);
    if (command->completion == COMPLETE_CHOICES) {
        rcn_buf_add_str(out, " \\\n            '1:operand:(");
        add_operand_choices(out, command);
        rcn_buf_add_str(out, ")'");
    } else if (command->completion != COMPLETE_NOTHING) {
        rcn_buf_add_str(out, " \\\n            '*:operand:_files'");
    }
    rcn_buf_add_str(out, "\n            ;;\n");
}

static void add_zsh(struct rcn_buf *out)
{
    rcn_buf_add_str(out, "#compdef audiencectl\n"
                         "_audiencectl() {\n"
                         "    local -a commands\n"
                         "    commands=(\n");
    for (const struct command *command = commands; command->name; command++) {
        rcn_buf_printf(out, "        '%s:", command->name);
        add_zsh_text(out, command->summary);
        rcn_buf_add_str(out, "'\n");
    }
    rcn_buf_add_str(out, "    )\n"
                         "    if (( CURRENT == 2 )); then\n"
                         "        _describe command commands\n"
                         "        return\n"
                         "    fi\n"
                         "    local command=$words[2]\n"
                         "    shift words\n"
                         "    (( CURRENT-- ))\n"
                         "    case $command in\n");
    for (const struct command *command = commands; command->name; command++)
        add_zsh_command(out, command);
    rcn_buf_add_str(out, "    esac\n"
                         "}\n"
                         "if [ \"$funcstack[1]\" = _audiencectl ]; then\n"
                         "    _audiencectl \"$@\"\n"
                         "else\n"
                         "    compdef _audiencectl audiencectl\n"
                         "fi\n");
}

/* --- fish --- */

static void add_fish_option(struct rcn_buf *out, const struct command *command,
                            const struct option_spec *spec)
{
    char help[SHORT_HELP_SIZE];
    rcn_buf_printf(out, "complete -c audiencectl -n '__audiencectl_is %s' -l %s", command->name,
                   spec->name);
    if (spec->letter)
        rcn_buf_printf(out, " -s %c", spec->letter);
    if (spec->kind != OPTION_FLAG)
        rcn_buf_add_str(out, spec->completion == COMPLETE_FILE ? " -r -F" : " -x");
    if (spec->completion == COMPLETE_CHOICES) {
        rcn_buf_add_str(out, " -a '");
        add_choices(out, spec->choices);
        rcn_buf_add_char(out, '\'');
    } else if (spec->completion == COMPLETE_DIRECTORY) {
        rcn_buf_add_str(out, " -a '(__fish_complete_directories)'");
    }
    rcn_buf_add_str(out, " -d '");
    add_escaped(out, get_short_help(spec, help, sizeof help), "'\\", "\\");
    rcn_buf_add_str(out, "'\n");
}

static void add_fish_command(struct rcn_buf *out, const struct command *command)
{
    rcn_buf_printf(out, "complete -c audiencectl -n '__audiencectl_is' -f -a %s -d '",
                   command->name);
    add_escaped(out, command->summary, "'\\", "\\");
    rcn_buf_add_str(out, "'\n");
    if (command->completion != COMPLETE_FILE) {
        rcn_buf_printf(out, "complete -c audiencectl -n '__audiencectl_is %s' -f -a '",
                       command->name);
        if (command->completion == COMPLETE_CHOICES)
            add_operand_choices(out, command);
        rcn_buf_add_str(out, "'\n");
    }
    each_option(out, command, add_fish_option);
}

static void add_fish(struct rcn_buf *out)
{
    rcn_buf_add_str(out,
                    "# fish completion for audiencectl\n"
                    "# true when the command is that one, or not yet there when none is named\n"
                    "function __audiencectl_is\n"
                    "    set -l words (commandline -opc)\n"
                    "    test \"$words[2]\" = \"$argv[1]\"\n"
                    "end\n");
    for (const struct command *command = commands; command->name; command++)
        add_fish_command(out, command);
}

int cmd_completion(const struct options *options)
{
    static const struct {
        const char *shell;
        void (*add)(struct rcn_buf *out);
    } shells[] = {{"bash", add_bash}, {"zsh", add_zsh}, {"fish", add_fish}};
    const char *shell = options->operands.items[0];
    for (size_t i = 0; i < sizeof shells / sizeof *shells; i++) {
        if (strcmp(shells[i].shell, shell) == 0) {
            struct rcn_buf out;
            rcn_buf_init(&out, SCRIPT_MAX_BYTES);
            shells[i].add(&out);
            return print_buf(options, &out);
        }
    }
    struct rcn_error err = RCN_ERROR_INIT;
    rcn_error_set(&err, RCN_ERROR_USAGE, "unknown shell '%.60s': it takes bash, zsh or fish",
                  shell);
    return print_failure(options, &err);
}
