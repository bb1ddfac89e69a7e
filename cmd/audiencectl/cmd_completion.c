/*
 * Completion: a short script for each shell, which asks `audiencectl __complete WORD...` what may
 * come next. So the scripts know no option, and cannot be older than the program.
 *
 * __complete gets the words after the program's name, the last one unfinished. It prints a line
 * for each offer: the word, a tab, what it is. `:files` and `:folders` ask the shell for paths. An
 * offer for `--name=v` or `html=v` is what comes after the `=`.
 */
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "command.h"
#include "term.h"

enum { OFFERS_MAX_BYTES = 1 << 20 };

/* completion.bash and so on, embedded by CMake. */
extern const char completion_bash[];
extern const char completion_zsh[];
extern const char completion_fish[];

/* text: a sentence or more; what comes before the first stop is shown. */
static void offer(struct rcn_buf *out, const char *word, const char *begin, const char *text)
{
    if (strncmp(word, begin, strlen(begin)) != 0)
        return;
    size_t len = strcspn(text, ".:;");
    rcn_buf_printf(out, "%s\t%.*s\n", word, (int)len, text);
}

static void offer_commands(struct rcn_buf *out, const char *begin)
{
    for (const struct command *command = commands; command->name; command++)
        offer(out, command->name, begin, command->summary);
}

static void offer_words(struct rcn_buf *out, const char *const *words, const char *begin)
{
    if (words && strchr(begin, '=')) /* --report html=FILE */
        words = offer_files;
    for (; words && *words; words++)
        if (**words == ':')
            rcn_buf_printf(out, "%s\n", *words);
        else
            offer(out, *words, begin, "");
}

static void offer_options(struct rcn_buf *out, const struct command *command, const char *begin)
{
    for (const struct option_spec *spec = option_specs; spec->commands; spec++) {
        char word[64];
        snprintf(word, sizeof word, "--%s", spec->name);
        if (spec->commands & command->bit)
            offer(out, word, begin, spec->help);
    }
}

int completion_offer(int count, char *const words[])
{
    struct rcn_error unknown = RCN_ERROR_INIT;
    struct rcn_buf out;
    const char *word = count ? words[count - 1] : "";
    const char *value = strncmp(word, "--", 2) == 0 ? strchr(word, '=') : NULL;
    const struct command *command = count > 1 ? command_find(words[0], &unknown) : NULL;
    const struct option_spec *spec = command ? option_find(command, word) : NULL;
    const struct option_spec *before =
        command && count > 2 ? option_find(command, words[count - 2]) : NULL;
    rcn_buf_init(&out, OFFERS_MAX_BYTES);
    if (before && before->kind != OPTION_FLAG && !before->alone && !strchr(words[count - 2], '='))
        offer_words(&out, before->offers, word);
    else if (command && value)
        offer_words(&out, spec ? spec->offers : NULL, value + 1);
    else if (command && *word == '-')
        offer_options(&out, command, word);
    else if (count <= 1 || (command && command->bit == HELP))
        offer_commands(&out, word);
    else if (command)
        offer_words(&out, command->offers, word);
    return term_print_result(&out);
}

int cmd_completion(const struct options *options)
{
    const char *shell = options->operands.items[0];
    const char *script = strcmp(shell, "bash") == 0  ? completion_bash
                         : strcmp(shell, "zsh") == 0 ? completion_zsh
                                                     : completion_fish;
    struct rcn_buf out;
    rcn_buf_init(&out, OFFERS_MAX_BYTES);
    rcn_buf_add_str(&out, script);
    return term_print_result(&out);
}
