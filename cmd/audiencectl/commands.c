#include "command.h"

#include <stdint.h>
#include <string.h>

#include "base/suggest.h"

static const char *const get_operands[] = {"ad-accounts", "segments", "syncs", NULL};
static const char *const completion_operands[] = {"bash", "zsh", "fish", NULL};

static const struct option_group *const validate_groups[] = {&option_group_validate,
                                                             &option_group_source,
                                                             &option_group_network,
                                                             &option_group_live,
                                                             &option_group_report,
                                                             &option_group_general,
                                                             NULL};
static const struct option_group *const plan_groups[] = {
    &option_group_plan,      &option_group_ledger,
    &option_group_selection, &option_group_source,
    &option_group_live,      &option_group_api,
    &option_group_network,   &option_group_report,
    &option_group_general,   NULL};
static const struct option_group *const apply_groups[] = {
    &option_group_apply,  &option_group_ledger,  &option_group_selection,
    &option_group_source, &option_group_api,     &option_group_network,
    &option_group_report, &option_group_general, NULL};
static const struct option_group *const drift_groups[] = {
    &option_group_drift,     &option_group_ledger,
    &option_group_selection, &option_group_source,
    &option_group_live,      &option_group_api,
    &option_group_network,   &option_group_report,
    &option_group_general,   NULL};
static const struct option_group *const snapshot_groups[] = {
    &option_group_snapshot, &option_group_source,  &option_group_api,
    &option_group_network,  &option_group_general, NULL};
static const struct option_group *const show_groups[] = {&option_group_report,
                                                         &option_group_general, NULL};
static const struct option_group *const export_groups[] = {
    &option_group_export, &option_group_selection, &option_group_source,
    &option_group_live,   &option_group_api,       &option_group_network,
    &option_group_report, &option_group_general,   NULL};
static const struct option_group *const get_groups[] = {&option_group_name,
                                                        &option_group_live,
                                                        &option_group_api,
                                                        &option_group_network,
                                                        &option_group_report,
                                                        &option_group_general,
                                                        NULL};
static const struct option_group *const log_groups[] = {&option_group_ledger,  &option_group_log,
                                                        &option_group_network, &option_group_report,
                                                        &option_group_general, NULL};
static const struct option_group *const plain_groups[] = {&option_group_general, NULL};

const struct command commands[] = {
    {"validate", "[PATH...]", "check manifests, offline",
     "Reports every problem of every manifest in one run. Needs no API key, and no network except "
     "for --git.",
     validate_groups, 0, SIZE_MAX, COMPLETE_FILE, NULL, cmd_validate},
    {"plan", "[PATH...]", "show what apply would do",
     "Compares the manifests with the live syncs. Writes nothing.", plan_groups, 0, SIZE_MAX,
     COMPLETE_FILE, NULL, cmd_plan},
    {"apply", "[PATH...]", "create what is missing, and only that",
     "Creates every missing sync. Never changes or deletes one. On a terminal it asks first; "
     "elsewhere it needs --yes or --plan.",
     apply_groups, 0, SIZE_MAX, COMPLETE_FILE, NULL, cmd_apply},
    {"drift", "[PATH...]", "report every difference",
     "Compares the manifests with the live syncs, in both directions. Writes nothing.",
     drift_groups, 0, SIZE_MAX, COMPLETE_FILE, NULL, cmd_drift},
    {"snapshot", "[PATH...]", "save what is live, for --live",
     "Saves the answers of the API, so that plan, drift, export and get can read them later, "
     "elsewhere and without a key. With PATH... or --git it reads the companies that these "
     "manifests name.",
     snapshot_groups, 0, SIZE_MAX, COMPLETE_FILE, NULL, cmd_snapshot},
    {"show", "FILE", "show a saved plan",
     "Prints a plan that 'plan --out' saved, in any report format.", show_groups, 1, 1,
     COMPLETE_FILE, NULL, cmd_show},
    {"export", "[PATH...]", "write manifests of the live syncs",
     "Writes the live syncs as manifests. A plan of these manifests has nothing to do. PATH... and "
     "the options of manifests are for --unmanaged only.",
     export_groups, 0, SIZE_MAX, COMPLETE_FILE, NULL, cmd_export},
    {"get", "ad-accounts|segments|syncs", "list what the API has",
     "Prints the ad accounts, segments or live syncs as a table.", get_groups, 1, 1,
     COMPLETE_CHOICES, get_operands, cmd_get},
    {"log", "", "list what applies created, from the ledger",
     "Prints the creates that the ledger holds: first those whose outcome is still open, then the "
     "others, newest first. Needs no API key.",
     log_groups, 0, 0, COMPLETE_NOTHING, NULL, cmd_log},
    {"version", "", "print the version", "Prints the version of this program.", plain_groups, 0, 0,
     COMPLETE_NOTHING, NULL, cmd_version},
    {"help", "[COMMAND]", "explain a command", "Prints the commands, or the options of one.",
     plain_groups, 0, 1, COMPLETE_CHOICES, NULL, cmd_help},
    {"completion", "bash|zsh|fish", "print a completion script",
     "Prints a script that completes commands, options and their values.", plain_groups, 1, 1,
     COMPLETE_CHOICES, completion_operands, cmd_completion},
    {0},
};

const struct command *command_find(const char *name)
{
    for (const struct command *command = commands; command->name; command++)
        if (strcmp(command->name, name) == 0)
            return command;
    return NULL;
}

/* The words of similar programs. */
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

void command_set_hint(const char *word, struct rcn_error *err)
{
    const char *names[sizeof commands / sizeof *commands];
    size_t count = 0;
    for (; commands[count].name; count++)
        names[count] = commands[count].name;
    const char *near = NULL;
    for (size_t i = 0; i < sizeof other_words / sizeof *other_words; i++)
        if (strcmp(other_words[i][0], word) == 0)
            near = other_words[i][1];
    if (!near)
        near = rcn_suggest(word, names, count);
    if (near)
        rcn_error_set_hint(err, "did you mean '%s'?", near);
    else
        rcn_error_set_hint(err, "'audiencectl help' lists the commands");
}

bool command_has_group(const struct command *command, const struct option_group *group)
{
    for (const struct option_group *const *item = command->groups; *item; item++)
        if (*item == group)
            return true;
    return false;
}
