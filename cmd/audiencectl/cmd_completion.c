/*
 * Completion: a short script for each shell, which asks `audiencectl __complete WORD...` what may
 * come next. So the scripts know no option, and cannot be older than the program.
 *
 * __complete gets the words after the program's name, the last one unfinished. It prints a line
 * for each offer: the word, a tab, what it is. `:files` and `:folders` ask the shell for paths. An
 * offer for `--name=v` or `html=v` is what comes after the `=`.
 */
#include <string.h>

#include "base/buf.h"
#include "command.h"
#include "term.h"

enum { OFFERS_MAX_BYTES = 1 << 20 };

static const char bash_script[] = //
    "# bash completion for audiencectl\n"
    "_audiencectl() {\n"
    "    local cur=${COMP_WORDS[COMP_CWORD]} words=() count=0 glue='' word IFS=$'\\n'\n"
    "    # readline takes --color=auto apart at the '='\n"
    "    for word in \"${COMP_WORDS[@]:1:COMP_CWORD}\"; do\n"
    "        if [[ $count -gt 0 && ( -n $glue || $word == = ) ]]; then\n"
    "            words[count - 1]+=$word\n"
    "        else\n"
    "            words[count++]=$word\n"
    "        fi\n"
    "        if [[ $word == = ]]; then glue=1; else glue=''; fi\n"
    "    done\n"
    "    [[ $cur == = ]] && cur=''\n"
    "    COMPREPLY=()\n"
    "    while IFS=$'\\t' read -r word _; do\n"
    "        case $word in\n"
    "        :files) compopt -o filenames 2>/dev/null; COMPREPLY+=($(compgen -f -- \"$cur\")) ;;\n"
    "        :folders) compopt -o filenames 2>/dev/null; COMPREPLY+=($(compgen -d -- \"$cur\")) "
    ";;\n"
    "        *) COMPREPLY+=(\"$word\") ;;\n"
    "        esac\n"
    "    done < <(\"${1:-audiencectl}\" __complete \"${words[@]}\" 2>/dev/null)\n"
    "}\n"
    "complete -F _audiencectl audiencectl\n";

static const char zsh_script[] =
    "#compdef audiencectl\n"
    "_audiencectl() {\n"
    "    local line paths=\n"
    "    local -a offers\n"
    "    for line in \"${(@f)$(${(Q)words[1]} __complete \"${(@Q)words[2,CURRENT-1]}\" "
    "\"${(Q)PREFIX}\" 2>/dev/null)}\"; do\n"
    "        case $line in\n"
    "        :files*) paths=_files ;;\n"
    "        :folders*) paths=_directories ;;\n"
    "        ?*) offers+=(\"${${line%%$'\\t'*}//:/\\\\:}:${line#*$'\\t'}\") ;;\n"
    "        esac\n"
    "    done\n"
    "    compset -P '*='\n"
    "    [[ -n $paths ]] && $paths\n"
    "    (( $#offers )) && _describe audiencectl offers\n"
    "}\n"
    "if [ \"$funcstack[1]\" = _audiencectl ]; then\n"
    "    _audiencectl \"$@\"\n"
    "else\n"
    "    compdef _audiencectl audiencectl\n"
    "fi\n";

static const char fish_script[] =
    "# fish completion for audiencectl\n"
    "function __audiencectl_offers\n"
    "    set -l words (commandline -opc)\n"
    "    set -l word (commandline -ct)\n"
    "    set -l start (string match -r '^.*=' -- $word)\n"
    "    set -l program $words[1]\n"
    "    set -e words[1]\n"
    "    for line in ($program __complete $words \"$word\" 2>/dev/null)\n"
    "        switch $line\n"
    "            case ':files*'\n"
    "                string replace -r '^' -- \"$start\" "
    "(__fish_complete_path (string replace -r '^.*=' '' -- $word))\n"
    "            case ':folders*'\n"
    "                string replace -r '^' -- \"$start\" "
    "(__fish_complete_directories (string replace -r '^.*=' '' -- $word))\n"
    "            case '*'\n"
    "                echo -- \"$start$line\"\n"
    "        end\n"
    "    end\n"
    "end\n"
    "complete -c audiencectl -f -a '(__audiencectl_offers)'\n";

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
        char word[64] = "--";
        strncat(word, spec->name, sizeof word - sizeof "--");
        if (spec->commands & command->bit)
            offer(out, word, begin, spec->help);
    }
}

/* The option that the word is, up to its `=` or end; NULL when it is none of the command's. */
static const struct option_spec *find_option(const struct command *command, const char *word)
{
    if (strncmp(word, "--", 2) == 0)
        return option_find(command, word + 2, strcspn(word + 2, "="), '\0');
    return *word == '-' && word[1] && !word[2] ? option_find(command, NULL, 0, word[1]) : NULL;
}

static void offer_next(struct rcn_buf *out, int count, char *const words[])
{
    struct rcn_error unknown = RCN_ERROR_INIT;
    const char *word = count ? words[count - 1] : "";
    if (count <= 1) {
        offer_commands(out, word);
        return;
    }
    const struct command *command = command_find(words[0], &unknown);
    if (!command)
        return;
    const struct option_spec *before = count > 2 ? find_option(command, words[count - 2]) : NULL;
    if (before && before->kind != OPTION_FLAG && !before->alone && !strchr(words[count - 2], '=')) {
        offer_words(out, before->offers, word);
    } else if (strncmp(word, "--", 2) == 0 && strchr(word, '=')) {
        const struct option_spec *spec = find_option(command, word);
        if (spec)
            offer_words(out, spec->offers, strchr(word, '=') + 1);
    } else if (*word == '-') {
        offer_options(out, command, word);
    } else if (command->bit == HELP) {
        offer_commands(out, word);
    } else {
        offer_words(out, command->offers, word);
    }
}

int completion_offer(int count, char *const words[])
{
    struct rcn_buf out;
    rcn_buf_init(&out, OFFERS_MAX_BYTES);
    offer_next(&out, count, words);
    int code = term_print_result(rcn_buf_get_str(&out), out.len);
    rcn_buf_release(&out);
    return code;
}

int cmd_completion(const struct options *options)
{
    const char *shell = options->operands.items[0];
    if (strcmp(shell, "bash") == 0)
        return term_print_result(bash_script, sizeof bash_script - 1);
    if (strcmp(shell, "zsh") == 0)
        return term_print_result(zsh_script, sizeof zsh_script - 1);
    if (strcmp(shell, "fish") == 0)
        return term_print_result(fish_script, sizeof fish_script - 1);
    struct rcn_error err = RCN_ERROR_INIT;
    rcn_error_set(&err, RCN_ERROR_USAGE, "unknown shell '%.60s': expected bash, zsh or fish",
                  shell);
    return term_fail(&err);
}
