#include "options.h"

#include <assert.h>
#include <errno.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/suggest.h"
#include "base/time.h"
#include "command.h"

enum {
    OPTIONS_OF_A_COMMAND = 48,
    /* A word of argv and its NUL; longer than any option that exists. */
    SHOWN_WORD = 60,
};

/* One command's groups in one row. getopt_long wants its own array beside ours: same indices. */
struct row {
    const struct option_spec *specs[OPTIONS_OF_A_COMMAND];
    struct option longs[OPTIONS_OF_A_COMMAND + 1];
    char letters[2 * OPTIONS_OF_A_COMMAND + 3];
    size_t count;
};

static void add_spec(struct row *row, const struct option_spec *spec, char **letters)
{
    int has_argument = spec->kind == OPTION_FLAG ? no_argument : required_argument;
    row->specs[row->count] = spec;
    row->longs[row->count].name = spec->name;
    row->longs[row->count].has_arg = has_argument;
    row->count++;
    if (!spec->letter)
        return;
    *(*letters)++ = spec->letter;
    if (has_argument == required_argument)
        *(*letters)++ = ':';
}

static void fill_row(struct row *row, const struct command *command)
{
    memset(row, 0, sizeof *row);
    char *letters = row->letters;
    /* `-`: operands come in order, whatever POSIXLY_CORRECT says. `:`: tell a missing argument. */
    *letters++ = '-';
    *letters++ = ':';
    for (const struct option_group *const *group = command->groups; *group; group++)
        for (const struct option_spec *spec = (*group)->specs; spec->name; spec++)
            if (row->count < OPTIONS_OF_A_COMMAND)
                add_spec(row, spec, &letters);
}

static const struct option_spec *find_letter(const struct row *row, int letter)
{
    for (size_t i = 0; i < row->count; i++)
        if (row->specs[i]->letter && row->specs[i]->letter == letter)
            return row->specs[i];
    return NULL;
}

static void *field_of(struct options *options, const struct option_spec *spec)
{
    return (char *)options + spec->offset;
}

static int append(struct option_list *list, const char *item, struct rcn_error *err)
{
    const char **items = realloc(list->items, (list->count + 1) * sizeof *items);
    if (!items)
        return rcn_error_no_memory(err);
    items[list->count++] = item;
    list->items = items;
    return 0;
}

static int set_duration(const struct option_spec *spec, const char *value, int64_t *field,
                        struct rcn_error *err)
{
    if (!rcn_duration_parse(value, field))
        return rcn_error_set(err, RCN_ERROR_USAGE, "'%.*s' is not a duration such as 30, 500ms, 5m",
                             SHOWN_WORD, value);
    if (*field < spec->least)
        return rcn_error_set(err, RCN_ERROR_USAGE, "'%.*s' is too short", SHOWN_WORD, value);
    return 0;
}

static int set_count(const struct option_spec *spec, const char *value, int64_t *field,
                     struct rcn_error *err)
{
    char *end = NULL;
    errno = 0;
    long long number = strtoll(value, &end, 10);
    bool is_digits = value[strspn(value, "0123456789")] == '\0';
    if (!is_digits || errno || number < spec->least)
        return rcn_error_set(err, RCN_ERROR_USAGE, "'%.*s' is not a whole number of at least %lld",
                             SHOWN_WORD, value, (long long)spec->least);
    *field = number;
    return 0;
}

static int set_choice(const struct option_spec *spec, const char *value, int *field,
                      struct rcn_error *err)
{
    size_t count = 0;
    for (; spec->choices[count]; count++) {
        if (strcmp(spec->choices[count], value) == 0) {
            *field = (int)count;
            return 0;
        }
    }
    rcn_error_set(err, RCN_ERROR_USAGE, "'%.*s' is none of its values", SHOWN_WORD, value);
    const char *near = rcn_suggest(value, spec->choices, count);
    return near ? rcn_error_set_hint(err, "did you mean '%s'?", near)
                : rcn_error_set_hint(err, "it takes %s", spec->argument);
}

/* Environment only: on the command line a flag has no value. */
static int set_flag(const char *value, bool *field, struct rcn_error *err)
{
    static const char *const words[] = {"0", "false", "no", "off", "1", "true", "yes", "on"};
    enum { WORDS = sizeof words / sizeof *words };
    for (size_t i = 0; i < WORDS; i++) {
        if (strcasecmp(words[i], value) == 0) {
            *field = i >= WORDS / 2;
            return 0;
        }
    }
    return rcn_error_set(err, RCN_ERROR_USAGE, "'%.*s' is neither true nor false", SHOWN_WORD,
                         value);
}

static int set_value(struct options *options, const struct option_spec *spec, const char *value,
                     struct rcn_error *err)
{
    void *field = field_of(options, spec);
    if (!*value)
        return rcn_error_set(err, RCN_ERROR_USAGE, "its value is empty");
    if (spec->check && spec->check(value, err))
        return -1;
    switch (spec->kind) {
    case OPTION_FLAG:
        return set_flag(value, field, err);
    case OPTION_STRING:
        *(const char **)field = value;
        return 0;
    case OPTION_LIST:
        return append(field, value, err);
    case OPTION_DURATION:
        return set_duration(spec, value, field, err);
    case OPTION_COUNT:
        return set_count(spec, value, field, err);
    case OPTION_CHOICE:
        return set_choice(spec, value, field, err);
    }
    return 0;
}

static int take_option(struct options *options, const struct option_spec *spec, const char *value,
                       struct rcn_error *err)
{
    options->given[options->given_count++] = spec;
    if (set_value(options, spec, value ? value : "true", err) == 0)
        return 0;
    return rcn_error_wrap(err, "--%s", spec->name);
}

static bool is_name_elsewhere(const char *name, size_t len)
{
    for (const struct command *other = commands; other->name; other++)
        for (const struct option_group *const *group = other->groups; *group; group++)
            for (const struct option_spec *spec = (*group)->specs; spec->name; spec++)
                if (strlen(spec->name) == len && memcmp(spec->name, name, len) == 0)
                    return true;
    return false;
}

static void suggest_option(const struct row *row, const char *name, size_t len,
                           struct rcn_error *err)
{
    const char *names[OPTIONS_OF_A_COMMAND];
    char word[SHOWN_WORD];
    if (len >= sizeof word)
        return;
    memcpy(word, name, len);
    word[len] = '\0';
    for (size_t i = 0; i < row->count; i++)
        names[i] = row->specs[i]->name;
    const char *near = rcn_suggest(word, names, row->count);
    if (near)
        rcn_error_set_hint(err, "did you mean '--%s'?", near);
}

static int fail_on_long(const struct options *options, const struct row *row, const char *word,
                        struct rcn_error *err)
{
    const char *name = word + 2;
    size_t len = strcspn(name, "=");
    int shown = len < SHOWN_WORD ? (int)len : SHOWN_WORD;
    for (size_t i = 0; i < row->count; i++)
        if (strlen(row->specs[i]->name) == len && memcmp(row->specs[i]->name, name, len) == 0)
            return rcn_error_set(err, RCN_ERROR_USAGE, "option '--%s' takes no value",
                                 row->specs[i]->name);
    if (is_name_elsewhere(name, len))
        return rcn_error_set(err, RCN_ERROR_USAGE, "option '--%.*s' has no meaning for '%s'", shown,
                             name, options->command->name);
    rcn_error_set(err, RCN_ERROR_USAGE, "unknown option '--%.*s' for '%s'", shown, name,
                  options->command->name);
    suggest_option(row, name, len, err);
    return -1;
}

static bool is_letter_elsewhere(int letter)
{
    for (const struct command *other = commands; other->name; other++)
        for (const struct option_group *const *group = other->groups; *group; group++)
            for (const struct option_spec *spec = (*group)->specs; spec->name; spec++)
                if (spec->letter && spec->letter == letter)
                    return true;
    return false;
}

static int fail_on_letter(const struct options *options, int letter, struct rcn_error *err)
{
    if (is_letter_elsewhere(letter))
        return rcn_error_set(err, RCN_ERROR_USAGE, "option '-%c' has no meaning for '%s'",
                             (char)letter, options->command->name);
    return rcn_error_set(err, RCN_ERROR_USAGE, "unknown option '-%c' for '%s'", (char)letter,
                         options->command->name);
}

/* glibc takes any unambiguous beginning of a long name; a script must not depend on that. */
static bool is_abbreviated(const char *word, const char *name)
{
    size_t len = strlen(name);
    return strncmp(word, "--", 2) == 0 &&
           !(strncmp(word + 2, name, len) == 0 && (word[2 + len] == '\0' || word[2 + len] == '='));
}

static int fail_on_missing_value(const struct row *row, const char *word, struct rcn_error *err)
{
    const struct option_spec *spec = optopt ? find_letter(row, optopt) : NULL;
    if (spec)
        return rcn_error_set(err, RCN_ERROR_USAGE, "option '-%c' needs a value: %s", spec->letter,
                             spec->argument);
    return rcn_error_set(err, RCN_ERROR_USAGE, "option '%.*s' needs a value", SHOWN_WORD, word);
}

static int take_one(struct options *options, const struct row *row, char *const *words, int code,
                    int index, struct rcn_error *err)
{
    /* The word that holds the option is the one before its argument, if that is a word of its own.
     */
    bool is_apart = code == 0 && optarg && optarg == words[optind - 1];
    const char *word = words[is_apart ? optind - 2 : optind - 1];
    if (code == 1)
        return append(&options->operands, optarg, err);
    if (code == ':')
        return fail_on_missing_value(row, word, err);
    if (code == '?' && optopt)
        return fail_on_letter(options, optopt, err);
    if (code == '?' || (code == 0 && is_abbreviated(word, row->specs[index]->name)))
        return fail_on_long(options, row, word, err);
    const struct option_spec *spec = code ? find_letter(row, code) : row->specs[index];
    assert(spec); /* getopt_long answers with what it was given */
    return take_option(options, spec, optarg, err);
}

static int take_command_line(struct options *options, const struct row *row, int count,
                             char *const words[], struct rcn_error *err)
{
    optind = 0; /* glibc: start anew */
    opterr = 0;
    for (;;) {
        int index = 0;
        int code = getopt_long(count, words, row->letters, row->longs, &index);
        if (code == -1)
            break;
        if (take_one(options, row, words, code, index, err))
            return -1;
    }
    for (int i = optind; i < count; i++)
        if (append(&options->operands, words[i], err))
            return -1;
    return 0;
}

bool options_is_given(const struct options *options, const char *name)
{
    for (size_t i = 0; i < options->given_count; i++) {
        assert(options->given[i]);
        if (strcmp(options->given[i]->name, name) == 0)
            return true;
    }
    return false;
}

const struct option_spec *options_find_given(const struct options *options,
                                             const struct option_group *group)
{
    for (const struct option_spec *spec = group->specs; spec->name; spec++)
        if (options_is_given(options, spec->name))
            return spec;
    return NULL;
}

static int take_environment(struct options *options, const struct row *row, struct rcn_error *err)
{
    for (size_t i = 0; i < row->count; i++) {
        const struct option_spec *spec = row->specs[i];
        const char *value = spec->env ? getenv(spec->env) : NULL;
        if (!value || !*value || options_is_given(options, spec->name))
            continue;
        if (set_value(options, spec, value, err))
            return rcn_error_wrap(err, "%s", spec->env);
    }
    return 0;
}

static int check_operands(const struct options *options, struct rcn_error *err)
{
    const struct command *command = options->command;
    if (options->operands.count < command->least_operands)
        return rcn_error_set(err, RCN_ERROR_USAGE, "'%s' needs %s", command->name,
                             command->operands);
    if (options->operands.count > command->most_operands)
        return rcn_error_set(err, RCN_ERROR_USAGE, "'%s' does not take '%.*s'", command->name,
                             SHOWN_WORD, options->operands.items[command->most_operands]);
    return 0;
}

static int check_source(const struct options *options, struct rcn_error *err)
{
    static const char *const needs_git[] = {"ref", "path", "git-token-file", "ssh-key", "no-cache"};
    for (size_t i = 0; i < sizeof needs_git / sizeof *needs_git; i++)
        if (!options->git && options_is_given(options, needs_git[i]))
            return rcn_error_set(err, RCN_ERROR_USAGE,
                                 "option '--%s' has no meaning without '--git'", needs_git[i]);
    if (options->git && options->operands.count)
        return rcn_error_set(err, RCN_ERROR_USAGE,
                             "'%.*s' cannot be read together with '--git': name it with '--path'",
                             SHOWN_WORD, options->operands.items[0]);
    return 0;
}

/* A saved plan says all of that itself (SPEC 4). */
static int check_saved_plan(const struct options *options, struct rcn_error *err)
{
    if (!options->plan && options_is_given(options, "plan-ttl"))
        return rcn_error_set(err, RCN_ERROR_USAGE,
                             "option '--plan-ttl' has no meaning without '--plan'");
    if (!options->plan)
        return 0;
    const struct option_spec *other = options_find_given(options, &option_group_source);
    if (!other)
        other = options_find_given(options, &option_group_selection);
    if (other)
        return rcn_error_set(err, RCN_ERROR_USAGE, "option '--%s' has no meaning with '--plan'",
                             other->name);
    if (options->operands.count)
        return rcn_error_set(err, RCN_ERROR_USAGE, "'%.*s' cannot be read together with '--plan'",
                             SHOWN_WORD, options->operands.items[0]);
    return 0;
}

static void set_defaults(struct options *options, const struct command *command)
{
    *options = (struct options){.command = command,
                                .timeout_ms = 30000,
                                .api_url = "https://api.sequenzy.com",
                                .plan_ttl_ms = INT64_C(24) * 3600 * 1000,
                                .max_creates = -1,
                                .settle_ms = 15000};
}

int options_parse(const struct command *command, int count, char *const arguments[],
                  struct options *ret, struct rcn_error *err)
{
    struct row row;
    set_defaults(ret, command);
    fill_row(&row, command);
    /* A cluster of letters holds at most as many options as it has bytes. */
    size_t most = 1;
    for (int i = 0; i < count; i++)
        most += strlen(arguments[i]);
    ret->given = calloc(most, sizeof *ret->given);
    if (!ret->given)
        return rcn_error_no_memory(err);
    if (take_command_line(ret, &row, count, arguments, err))
        return -1;
    if (ret->help)
        return 0;
    ret->is_api_key_file_explicit = ret->api_key_file != NULL;
    if (take_environment(ret, &row, err) || check_operands(ret, err) || check_source(ret, err))
        return -1;
    return check_saved_plan(ret, err);
}

void options_release(struct options *options)
{
    struct option_list *const lists[] = {
        &options->operands,  &options->reports,     &options->paths, &options->vars,
        &options->var_files, &options->ad_accounts, &options->names};
    for (size_t i = 0; i < sizeof lists / sizeof *lists; i++)
        free(lists[i]->items);
    free(options->given);
    memset(options, 0, sizeof *options);
}
