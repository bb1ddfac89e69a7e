/*
 * options.h: the command line, as data.
 *
 * Each command has a list of option groups (option_tables.c). The command line is read by that one
 * table, and `help`, `completion` and audiencectl(1) (cmd/manual) are made from it, so an option is
 * written down once.
 *
 * Rules (SPEC 3): options may come before, between and after operands; `--` ends them; long ones
 * are written out (no abbreviations, which would break scripts when an option is added). Of an
 * option given twice the last one counts, unless it is repeatable. The environment twin of an
 * option counts when the option is not given; an empty variable is an absent one.
 *
 * Ownership: strings are borrowed from argv and the environment; options_release frees the lists.
 */
#ifndef AUDIENCECTL_OPTIONS_H
#define AUDIENCECTL_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

struct command; /* command.h */

enum color_choice { COLOR_AUTO, COLOR_ALWAYS, COLOR_NEVER };
extern const char *const color_names[]; /* by enum color_choice, ended by NULL */

struct option_list {
    const char **items;
    size_t count;
};

/* Every option of every command. What a command does not know keeps its default. */
struct options {
    const struct command *command;
    struct option_list operands;
    const struct option_spec **given; /* on the command line, in order */
    size_t given_count;

    /* everywhere */
    bool help;
    int color; /* enum color_choice */
    bool quiet;
    bool verbose;
    struct option_list reports; /* FORMAT[=FILE], formats checked */
    const char *report_id;

    /* source */
    const char *git;
    const char *ref;
    const char *base; /* plan: the commit that the change is made on; NULL: none */
    struct option_list paths;
    const char *git_token_file;
    const char *ssh_key;
    bool no_cache;
    struct option_list vars;
    struct option_list var_files;

    /* network */
    const char *ca_file;
    int64_t timeout_ms;  /* 30 s (SPEC 3) */
    int64_t deadline_ms; /* for the whole run; 0: none */

    /* API */
    const char *api_url;
    bool is_api_url_given;
    const char *api_key_file;
    bool is_api_key_file_explicit; /* from the command line, not from the environment */
    const char *company;
    const char *rate;
    bool no_preflight;

    /* selection */
    struct option_list ad_accounts;
    struct option_list names;
    struct option_list labels;          /* KEY=VALUE, checked */
    struct option_list required_labels; /* keys */

    /* in place of the API */
    const char *live;     /* a snapshot; NULL: the API */
    int64_t max_age_ms;   /* of it: 7 d (SPEC 3) */
    const char *snapshot; /* snapshot: where it goes */

    const char *ledger; /* a Git branch, URL#BRANCH; NULL: none */

    bool strict;            /* validate */
    const char *out;        /* plan */
    bool detailed_exitcode; /* plan */

    /* apply */
    bool yes;
    const char *plan;
    int64_t plan_ttl_ms; /* 24 h (SPEC 4) */
    int64_t max_creates; /* -1: not given, so 100 with --yes (SPEC 5) */
    int64_t settle_ms;   /* 15 s (SPEC 5) */
    int64_t wait_ms;     /* for uploads; 0: not at all */
    bool no_journal;

    const char *fail_on; /* drift: a list, checked; NULL: the default */
    const char *history; /* drift */

    const char *dir; /* export */
    bool force;      /* export */
    bool unmanaged;  /* export */
    bool by_names;
};

enum option_kind {
    OPTION_FLAG,     /* bool */
    OPTION_STRING,   /* const char * */
    OPTION_LIST,     /* struct option_list: repeatable */
    OPTION_DURATION, /* int64_t, milliseconds */
    OPTION_COUNT,    /* int64_t */
    OPTION_CHOICE,   /* int: index in `choices` */
};

/* What a shell offers for the argument. */
enum option_completion { COMPLETE_NOTHING, COMPLETE_FILE, COMPLETE_DIRECTORY, COMPLETE_CHOICES };

struct option_spec {
    const char *name; /* without `--`; NULL ends a group */
    char letter;      /* 0: none */
    enum option_kind kind;
    const char *argument; /* `URL`, as help shows it; NULL for flags */
    const char *alone;    /* its value without `=VALUE`, which may then be left out; NULL: none */
    const char *env;      /* the environment twin, or NULL */
    size_t offset;        /* in struct options */
    enum option_completion completion;
    const char *const *choices; /* ended by NULL */
    int64_t least;              /* smallest duration or count */
    /* Further judgement of one value: -1 and err (any kind). NULL: none. */
    int (*check)(const char *value, struct rcn_error *err);
    const char *help; /* one sentence; lines are broken by help */
};

struct option_group {
    const char *title;
    const struct option_spec *specs; /* ended by a NULL name */
};

/* The groups that commands are made of. */
extern const struct option_group option_group_general; /* help, color, quiet, verbose */
extern const struct option_group option_group_report;
extern const struct option_group option_group_source;
extern const struct option_group option_group_network;
extern const struct option_group option_group_api;
extern const struct option_group option_group_live; /* in place of the API */
extern const struct option_group option_group_snapshot;
extern const struct option_group option_group_ledger;
extern const struct option_group option_group_log; /* what it selects, and access to Git */
extern const struct option_group option_group_selection;
extern const struct option_group option_group_name; /* `--name` alone, for get */
extern const struct option_group option_group_validate;
extern const struct option_group option_group_plan;
extern const struct option_group option_group_apply;
extern const struct option_group option_group_drift;
extern const struct option_group option_group_export;

/*
 * Reads the words after the command's name (ended by NULL), then the environment twins. -1 and a
 * usage error, always one line, for what SPEC 3 calls usage. Release in both cases.
 */
int options_parse(const struct command *command, char *const *words, struct options *ret,
                  struct rcn_error *err);
void options_release(struct options *options);

#endif
