#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/redact.h"
#include "base/suggest.h"
#include "base/time.h"
#include "command.h"
#include "live/pace.h"

enum { SHOWN_WORD = 60 }; /* of what was typed, so much is repeated in a message */

static void append(struct options *options, struct rcn_words *list, const char *item)
{
    if (!list->items)
        list->items = rcn_arena_calloc(options->arena, options->word_count, sizeof *list->items);
    list->items[list->count++] = item;
}

static bool has_word(const char *const *words, const char *word)
{
    while (*words && strcmp(*words, word) != 0)
        words++;
    return *words;
}

static int set_value(struct options *options, const struct option_spec *spec, const char *value,
                     struct rcn_error *err)
{
    static const char *const flags[] = {"0", "false", "no", "off", "1", "true", "yes", "on"};
    const size_t flag_count = sizeof flags / sizeof *flags;
    void *field = (char *)options + spec->offset;
    int64_t *number = field;
    size_t i = 0;
    if (!*value)
        return rcn_error_set(err, RCN_ERROR_USAGE, "its value is empty");
    if (spec->check && spec->check(value, err))
        return -1;
    switch (spec->kind) {
    case OPTION_FLAG: /* in the environment; on the command line a flag has no value */
        while (i < flag_count && strcasecmp(flags[i], value) != 0)
            i++;
        *(bool *)field = i >= flag_count / 2;
        if (i == flag_count)
            return rcn_error_set(err, RCN_ERROR_USAGE, "'%.*s' is neither true nor false",
                                 SHOWN_WORD, value);
        return 0;
    case OPTION_STRING:
        *(const char **)field = value;
        return 0;
    case OPTION_LIST:
        append(options, field, value);
        return 0;
    case OPTION_DURATION:
        if (!rcn_duration_parse(value, number))
            return rcn_error_set(err, RCN_ERROR_USAGE,
                                 "'%.*s' is not a duration such as 30, 500ms, 5m", SHOWN_WORD,
                                 value);
        if (*number < spec->least)
            return rcn_error_set(err, RCN_ERROR_USAGE, "'%.*s' is too short", SHOWN_WORD, value);
        return 0;
    case OPTION_COUNT:
        errno = 0;
        *number = strtoll(value, NULL, 10);
        if (value[strspn(value, "0123456789")] || errno || *number < spec->least)
            return rcn_error_set(err, RCN_ERROR_USAGE,
                                 "'%.*s' is not a whole number of at least %lld", SHOWN_WORD, value,
                                 (long long)spec->least);
        return 0;
    case OPTION_CHOICE:
        *(const char **)field = value;
        if (!has_word(spec->offers, value))
            return rcn_error_set(err, RCN_ERROR_USAGE, "expected %s, got '%.*s'", spec->argument,
                                 SHOWN_WORD, value);
        return 0;
    }
    return 0;
}

/* --- the command line --- */

const struct option_spec *option_find(const struct command *command, const char *word)
{
    size_t len = strcspn(word, "=");
    if (word[0] != '-' || !word[1])
        return NULL;
    for (const struct option_spec *spec = option_specs; spec->commands; spec++)
        if (spec->commands & command->bit &&
            (word[1] == '-'
                 ? strlen(spec->name) + 2 == len && memcmp(spec->name, word + 2, len - 2) == 0
                 : spec->letter == word[1] && !word[2]))
            return spec;
    return NULL;
}

static int fail_unknown(const struct command *command, const char *word, struct rcn_error *err)
{
    char shown[SHOWN_WORD];
    const char *names[OPTIONS_MOST];
    size_t count = 0;
    snprintf(shown, sizeof shown, "%.*s", (int)strcspn(word, "="), word);
    for (const struct command *other = commands; other->name; other++)
        if (option_find(other, word))
            return rcn_error_set(err, RCN_ERROR_USAGE, "option '%s' has no meaning for '%s'", shown,
                                 command->name);
    rcn_error_set(err, RCN_ERROR_USAGE, "unknown option '%s' for '%s'", shown, command->name);
    if (strcmp(shown, "--dry-run") == 0)
        return rcn_error_set_hint(err, "did you mean 'plan'?");
    for (const struct option_spec *spec = option_specs; shown[1] == '-' && spec->commands; spec++)
        if (spec->commands & command->bit)
            names[count++] = spec->name;
    const char *near = rcn_suggest(shown + 2, names, count);
    return near ? rcn_error_set_hint(err, "did you mean '--%s'?", near) : -1;
}

/* word: `--name`, `--name=VALUE` or `-n`. value: from the same word, or NULL; then *next may be
 * taken as the value. */
static int take_option(struct options *options, const char *word, const char *value,
                       char *const **next, struct rcn_error *err)
{
    const struct option_spec *spec = option_find(options->command, word);
    if (!spec)
        return fail_unknown(options->command, word, err);
    if (spec->kind == OPTION_FLAG && value)
        return rcn_error_set(err, RCN_ERROR_USAGE, "option '--%s' takes no value", spec->name);
    if (spec->kind == OPTION_FLAG)
        value = "true";
    else if (!value && spec->alone)
        value = spec->alone;
    else if (!value && **next)
        value = *(*next)++;
    if (!value)
        return rcn_error_set(err, RCN_ERROR_USAGE, "option '--%s' needs a value: %s", spec->name,
                             spec->argument);
    options->given[spec - option_specs] = true;
    return set_value(options, spec, value, err) ? rcn_error_wrap(err, "--%s", spec->name) : 0;
}

/* `-qv`, `-o json`, `-ojson`: the first letter with a value takes the rest of the word. */
static int take_letters(struct options *options, const char *letters, char *const **next,
                        struct rcn_error *err)
{
    bool is_last = false;
    for (; *letters && !is_last; letters++) {
        const char name[] = {'-', *letters, '\0'};
        const struct option_spec *spec = option_find(options->command, name);
        is_last = spec && spec->kind != OPTION_FLAG;
        if (take_option(options, name, is_last && letters[1] ? letters + 1 : NULL, next, err))
            return -1;
    }
    return 0;
}

/* Not getopt_long: it takes abbreviations, which a new option would break, and does not say which
 * word was wrong. */
static int take_command_line(struct options *options, char *const *next, struct rcn_error *err)
{
    bool is_ended = false;
    while (*next) {
        const char *word = *next++;
        const char *sign = strchr(word, '=');
        if (is_ended || word[0] != '-' || word[1] == '\0') {
            append(options, &options->operands, word);
        } else if (strcmp(word, "--") == 0) {
            is_ended = true;
        } else if (word[1] == '-') {
            if (take_option(options, word, sign ? sign + 1 : NULL, &next, err))
                return -1;
        } else if (take_letters(options, word + 1, &next, err)) {
            return -1;
        }
    }
    return 0;
}

static int take_environment(struct options *options, struct rcn_error *err)
{
    for (const struct option_spec *spec = option_specs; spec->commands; spec++) {
        const char *value = spec->env ? getenv(spec->env) : NULL;
        if (value && *value && spec->commands & options->command->bit &&
            !options->given[spec - option_specs] && set_value(options, spec, value, err))
            return rcn_error_wrap(err, "%s", spec->env);
    }
    return 0;
}

/* --- what goes together --- */

/* A URL may hold a password, which must not get into every report as the name of a file. */
static int check_path(const char *path, struct rcn_arena *arena, struct rcn_error *err)
{
    char *shown = rcn_arena_strdup(arena, path);
    rcn_redact(shown);
    if ((!strstr(path, "://") && strcmp(shown, path) == 0) || access(path, F_OK) == 0)
        return 0;
    return rcn_error_set(err, RCN_ERROR_USAGE, "'%.*s' is a URL, not a file: read it with '--git'",
                         SHOWN_WORD, shown);
}

/* Refuses what names manifests, and with is_selection what selects syncs. */
static int refuse_source(const struct options *options, bool is_selection, const char *why,
                         struct rcn_error *err)
{
    for (const struct option_spec *spec = option_specs; spec->commands; spec++)
        if (options->given[spec - option_specs] &&
            (strcmp(spec->section, "Manifests") == 0 ||
             (is_selection && strcmp(spec->section, "Selection") == 0)))
            return rcn_error_set(err, RCN_ERROR_USAGE, "option '--%s' %s", spec->name, why);
    if (options->operands.count)
        return rcn_error_set(err, RCN_ERROR_USAGE, "'%.*s' %s", SHOWN_WORD,
                             options->operands.items[0], why);
    return 0;
}

static int check_together(const struct options *options, struct rcn_error *err)
{
    const struct command *command = options->command;
    const struct rcn_words *operands = &options->operands;
    bool uses_git = options->git || options->ledger;
    const struct {
        const char *name;
        const char *needed;
        bool is_there;
    } needs[] = {
        {"--ref", "--git", options->git},        {"--base", "--git", options->git},
        {"--path", "--git", options->git},       {"--no-cache", "--git", options->git},
        {"--git-token-file", "--git", uses_git}, {"--ssh-key", "--git", uses_git},
        {"--plan-ttl", "--plan", options->plan}, {"--unmanaged", "--dir", options->dir},
        {"--force", "--dir", options->dir},
    };
    const struct {
        bool is_wrong;
        const char *message;
    } rules[] = {
        {command->bit == SNAPSHOT && !options->snapshot, "'snapshot' needs '--out FILE'"},
        {command->bit == LOG && !options->ledger, "'log' needs '--ledger URL'"},
        {options->dir && strcmp(options->dir, "-") == 0,
         "--dir needs a folder; without it the manifests go to standard output"},
        {options->force && options->unmanaged,
         "'--force' has no meaning with '--unmanaged', which only adds"},
        {options->live && options->out, "'--out' has no meaning with '--live': a plan of a "
                                        "snapshot can be shown, but not applied"},
    };
    if (operands->count < command->least_operands)
        return rcn_error_set(err, RCN_ERROR_USAGE, "'%s' needs %s", command->name,
                             command->operands);
    if (operands->count > command->most_operands)
        return rcn_error_set(err, RCN_ERROR_USAGE, "'%s' does not take '%.*s'", command->name,
                             SHOWN_WORD, operands->items[command->most_operands]);
    /* `get` and `completion` take one of their words. */
    if (operands->count && command->offers && *command->offers[0] != ':' &&
        !has_word(command->offers, operands->items[0]))
        return rcn_error_set(err, RCN_ERROR_USAGE, "'%s' needs %s, got '%.*s'", command->name,
                             command->operands, SHOWN_WORD, operands->items[0]);
    for (size_t i = 0; i < sizeof needs / sizeof *needs; i++) {
        const struct option_spec *spec = option_find(command, needs[i].name);
        if (spec && options->given[spec - option_specs] && !needs[i].is_there)
            return rcn_error_set(err, RCN_ERROR_USAGE, "option '%s' needs '%s'", needs[i].name,
                                 needs[i].needed);
    }
    for (size_t i = 0; i < operands->count; i++)
        if (check_path(operands->items[i], options->arena, err))
            return -1;
    if (options->git && operands->count)
        return rcn_error_set(err, RCN_ERROR_USAGE,
                             "'%.*s' cannot be read together with '--git': name it with '--path'",
                             SHOWN_WORD, operands->items[0]);
    for (size_t i = 0; i < sizeof rules / sizeof *rules; i++)
        if (rules[i].is_wrong)
            return rcn_error_set(err, RCN_ERROR_USAGE, "%s", rules[i].message);
    if (command->bit == EXPORT && !options->unmanaged)
        return refuse_source(options, false,
                             "needs '--unmanaged': 'export' reads manifests only to see what they "
                             "leave out",
                             err);
    /* A saved plan says all of that itself (SPEC 4). */
    return options->plan ? refuse_source(options, true, "cannot be used with '--plan'", err) : 0;
}

int options_parse(const struct command *command, char *const *words, struct options *ret,
                  struct rcn_error *err)
{
    static const char default_api_url[] = "https://api.sequenzy.com";
    *ret = (struct options){.command = command,
                            .arena = rcn_arena_new(SIZE_MAX),
                            .timeout_ms = 30000,
                            .api_url = default_api_url,
                            .rate = RCN_PACE_DEFAULT,
                            .max_age_ms = INT64_C(7) * 24 * 3600 * 1000,
                            .plan_ttl_ms = INT64_C(24) * 3600 * 1000,
                            .max_creates = -1,
                            .settle_ms = 15000};
    while (words[ret->word_count])
        ret->word_count++;
    if (take_command_line(ret, words, err))
        return -1;
    if (ret->help)
        return 0;
    ret->is_api_key_file_explicit = ret->api_key_file != NULL;
    if (take_environment(ret, err))
        return -1;
    ret->is_api_url_given = ret->api_url != default_api_url;
    return check_together(ret, err);
}
