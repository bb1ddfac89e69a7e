/*
 * command.h: the command line, as data.
 *
 * A command and an option are each a row of a table (tables.c). The command line is read by them,
 * and `help`, `completion` and audiencectl(1) (cmd/manual) are made from them. To add a command:
 * cmd_<name>.c with `int cmd_<name>(const struct options *)`, its declaration here, and a row.
 *
 * Rules (SPEC 3): options may come before, between and after operands; `--` ends them; long ones
 * are written out (no abbreviations, which would break scripts when an option is added). Of an
 * option given twice the last one counts, unless it is repeatable. The environment twin of an
 * option counts when the option is not given; an empty variable is an absent one.
 *
 * Ownership: strings are borrowed from argv and the environment; the caller frees the arena.
 */
#ifndef AUDIENCECTL_COMMAND_H
#define AUDIENCECTL_COMMAND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/error.h"
#include "plan/plan.h"

/* A command, in the set of those that an option belongs to. */
enum command_bit {
    VALIDATE = 1 << 0,
    PLAN = 1 << 1,
    APPLY = 1 << 2,
    DRIFT = 1 << 3,
    SNAPSHOT = 1 << 4,
    SHOW = 1 << 5,
    EXPORT = 1 << 6,
    GET = 1 << 7,
    LOG = 1 << 8,
    VERSION = 1 << 9,
    HELP = 1 << 10,
    COMPLETION = 1 << 11,
    EVERY_COMMAND = (1 << 12) - 1,
    USES_API = PLAN | APPLY | DRIFT | SNAPSHOT | EXPORT | GET,
};

enum { OPTIONS_MOST = 64 }; /* rows of the table */

/* Every option of every command. What a command does not know keeps its default. */
struct options {
    const struct command *command;
    struct rcn_arena *arena; /* of the lists, and of what a command needs to its end */
    size_t word_count;       /* of the command line: no list is longer */
    struct rcn_words operands;
    bool given[OPTIONS_MOST]; /* on the command line, by row of the table */

    /* everywhere */
    bool help;
    const char *color; /* always, never or auto; NULL: auto */
    bool quiet;
    bool verbose;
    struct rcn_words reports; /* FORMAT[=FILE] */
    const char *report_id;

    /* manifests */
    const char *git;
    const char *ref;
    const char *base; /* plan: the commit that the change is made on; NULL: none */
    struct rcn_words paths;
    const char *git_token_file;
    const char *ssh_key;
    bool no_cache;
    struct rcn_words vars;
    struct rcn_words var_files;

    /* API and network */
    const char *ca_file;
    int64_t timeout_ms;  /* 30 s (SPEC 3) */
    int64_t deadline_ms; /* for the whole run; 0: none */
    const char *api_url;
    bool is_api_url_given;
    const char *api_key_file;
    bool is_api_key_file_explicit; /* from the command line, not from the environment */
    const char *company;
    const char *rate;
    bool no_preflight;
    const char *live;   /* a snapshot in place of the API; NULL: none */
    int64_t max_age_ms; /* of it: 7 d (SPEC 3) */
    const char *ledger; /* a Git branch, URL#BRANCH; NULL: none */

    struct rcn_selection selection;

    /* one command each */
    bool strict;                      /* validate */
    struct rcn_words required_labels; /* validate: keys */
    const char *out;                  /* plan */
    bool detailed_exitcode;           /* plan */
    bool yes;                         /* apply, as all to no_journal */
    const char *plan;
    int64_t plan_ttl_ms; /* 24 h (SPEC 4) */
    int64_t max_creates; /* -1: not given, so 100 with --yes (SPEC 5) */
    int64_t settle_ms;   /* 15 s (SPEC 5) */
    int64_t wait_ms;     /* for uploads; 0: not at all */
    bool no_journal;
    const char *fail_on;  /* drift: a list; NULL: the default */
    const char *history;  /* drift */
    const char *snapshot; /* snapshot: where it goes */
    const char *dir;      /* export, as what follows */
    bool force;
    bool unmanaged;
    bool by_names;
};

enum option_kind {
    OPTION_FLAG,     /* bool */
    OPTION_STRING,   /* const char * */
    OPTION_LIST,     /* struct rcn_words: repeatable */
    OPTION_DURATION, /* int64_t, milliseconds */
    OPTION_COUNT,    /* int64_t */
    OPTION_CHOICE,   /* const char *: one of `offers` */
};

/* A row of the table of options. */
struct option_spec {
    const char *section; /* its title in help; rows of one section follow each other */
    unsigned commands;   /* enum command_bit, joined; 0 ends the table */
    const char *name;    /* without `--` */
    enum option_kind kind;
    const char *argument; /* `URL`, as help shows it; NULL for flags */
    size_t offset;        /* in struct options */
    char letter;          /* 0: none */
    const char *alone;    /* its value without `=VALUE`, which may then be left out; NULL: none */
    const char *env;      /* the environment twin, or NULL */
    /* What a shell offers for the argument, ended by NULL; NULL: nothing. */
    const char *const *offers;
    int64_t least; /* smallest duration or count */
    /* Further judgement of one value: -1 and err (any kind). NULL: none. */
    int (*check)(const char *value, struct rcn_error *err);
    const char *help; /* one sentence; lines are broken by help */
};

extern const struct option_spec option_specs[]; /* tables.c */
extern const char *const offer_files[];         /* `:files`, the shell's own */
extern const char *const offer_folders[];

/* The command's option that a word names: `--name`, `--name=VALUE` or `-n`; or NULL. */
const struct option_spec *option_find(const struct command *command, const char *word);

/*
 * Reads the words after the command's name (ended by NULL), then the environment twins. -1 and a
 * usage error, always one line, for what SPEC 3 calls usage. ret->arena is set in both cases.
 */
int options_parse(const struct command *command, char *const *words, struct options *ret,
                  struct rcn_error *err);

/* --- commands --- */

/* Exit codes: the same on a terminal, in a pipe and for every report format (SPEC 3). */
enum exit_code {
    EXIT_DONE = 0,
    EXIT_ERROR = 1,
    EXIT_DIFFERENCES = 2,
    EXIT_INCOMPLETE = 3,
    EXIT_REFUSED = 4,
    EXIT_USAGE = 64,
    EXIT_SIGNAL = 128, /* plus the signal's number */
};

struct command {
    const char *name;     /* NULL ends the table */
    const char *operands; /* `[PATH...]`; "" when there are none */
    const char *summary;  /* one line, no full stop */
    const char *description;
    enum command_bit bit;
    size_t least_operands;
    size_t most_operands;
    const char *const *offers; /* for operands, as of options; `help` offers commands */
    /* Does it, prints everything, returns the exit code. */
    int (*run)(const struct options *options);
};

extern const struct command commands[]; /* tables.c */

/* The command of that name; NULL and err, with a hint what may have been meant. */
const struct command *command_find(const char *name, struct rcn_error *err);

/* Prints the command's own help, or the list of commands; returns the exit code. */
int help_print(const struct command *command);
int help_print_overview(void);

/* `__complete WORD...`: prints what the last word may become (cmd_completion.c). */
int completion_offer(int count, char *const words[]);

int cmd_validate(const struct options *options);
int cmd_plan(const struct options *options);
int cmd_apply(const struct options *options);
int cmd_drift(const struct options *options);
int cmd_snapshot(const struct options *options);
int cmd_show(const struct options *options);
int cmd_export(const struct options *options);
int cmd_get(const struct options *options);
int cmd_log(const struct options *options);
int cmd_version(const struct options *options);
int cmd_help(const struct options *options);
int cmd_completion(const struct options *options);

#endif
