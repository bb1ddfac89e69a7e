/*
 * What the command line knows: commands and options. Help, completion, the manual page and the
 * reference in README.md are made from these two tables.
 */
#include <stdint.h>
#include <string.h>

#include "base/unicode.h"
#include "command.h"
#include "live/http.h"
#include "live/pace.h"
#include "report/report.h"

#define FIELD(name) offsetof(struct options, name)

static const char *const color_words[] = {"auto", "always", "never", NULL};
const char *const offer_files[] = {":files", NULL};
const char *const offer_folders[] = {":folders", NULL};

static const char *const fail_on_words[] = {
    "missing", "drifted", "duplicate", "unhealthy", "gone", "unmanaged", "withheld", "none", NULL};
static const char *const get_words[] = {"ad-accounts", "segments", "syncs", NULL};
static const char *const shells[] = {"bash", "zsh", "fish", NULL};

const struct command commands[] = {
    {"validate", "[PATH...]", "check manifests, offline",
     "Reports every problem of every manifest in one run. Needs no API key, and no network except "
     "for --git.",
     VALIDATE, 0, SIZE_MAX, offer_files, cmd_validate},
    {"plan", "[PATH...]", "show what apply would do",
     "Compares the manifests with the live syncs. Writes nothing.", PLAN, 0, SIZE_MAX, offer_files,
     cmd_plan},
    {"apply", "[PATH...]", "create what is missing, and only that",
     "Creates every missing sync. Never changes or deletes one. On a terminal it asks first; "
     "elsewhere it needs --yes or --plan.",
     APPLY, 0, SIZE_MAX, offer_files, cmd_apply},
    {"drift", "[PATH...]", "report every difference",
     "Compares the manifests with the live syncs, in both directions. Writes nothing.", DRIFT, 0,
     SIZE_MAX, offer_files, cmd_drift},
    {"snapshot", "[PATH...]", "save what is live, for --live",
     "Saves the answers of the API, so that plan, drift, export and get can read them later, "
     "elsewhere and without a key. With PATH... or --git it reads the companies that these "
     "manifests name.",
     SNAPSHOT, 0, SIZE_MAX, offer_files, cmd_snapshot},
    {"show", "FILE", "show a saved plan",
     "Prints a plan that 'plan --out' saved, in any report format.", SHOW, 1, 1, offer_files,
     cmd_show},
    {"export", "[PATH...]", "write manifests of the live syncs",
     "Writes the live syncs as manifests. A plan of these manifests has nothing to do. PATH... and "
     "the options of manifests are for --unmanaged only.",
     EXPORT, 0, SIZE_MAX, offer_files, cmd_export},
    {"get", "ad-accounts|segments|syncs", "list what the API has",
     "Prints the ad accounts, segments or live syncs as a table.", GET, 1, 1, get_words, cmd_get},
    {"log", "", "list what applies created, from the ledger",
     "Prints the creates that the ledger holds: first those whose outcome is still open, then the "
     "others, newest first. Needs no API key.",
     LOG, 0, 0, NULL, cmd_log},
    {"version", "", "print the version", "Prints the version of this program.", VERSION, 0, 0, NULL,
     cmd_version},
    {"help", "[COMMAND]", "explain a command", "Prints the commands, or the options of one.", HELP,
     0, 1, NULL, cmd_help},
    {"completion", "bash|zsh|fish", "print a completion script",
     "Prints a script that completes commands, options and their values.", COMPLETION, 1, 1, shells,
     cmd_completion},
    {0},
};

/* --- what a value must be --- */

static int check_label(const char *value, struct rcn_error *err)
{
    const char *sign = strchr(value, '=');
    return sign && sign != value
               ? 0
               : rcn_error_set(err, RCN_ERROR_USAGE, "'%.100s' is not KEY=VALUE", value);
}

/* It becomes an HTTP header. */
static int check_company(const char *value, struct rcn_error *err)
{
    for (const char *c = value; *c; c++)
        if (*c <= ' ' || *c > '~')
            return rcn_error_set(err, RCN_ERROR_USAGE, "invalid company id '%.60s'", value);
    return 0;
}

static int check_name(const char *value, struct rcn_error *err)
{
    size_t len = strlen(value);
    return rcn_utf8_check(value, len) == len
               ? 0
               : rcn_error_set(err, RCN_ERROR_USAGE, "'%.60s' is not UTF-8", value);
}

static int check_rate(const char *value, struct rcn_error *err)
{
    struct rcn_pace *pace = rcn_pace_new(value, err);
    rcn_pace_free(pace);
    return pace ? 0 : -1;
}

static int check_api_url(const char *value, struct rcn_error *err)
{
    char origin[1024];
    return rcn_http_normalise_origin(value, origin, sizeof origin, err);
}

/* --- the options, in the order of help --- */

enum {
    MANIFESTS = VALIDATE | PLAN | APPLY | DRIFT | SNAPSHOT | EXPORT,
    SELECTION = PLAN | APPLY | DRIFT | EXPORT,
    REPORTS = VALIDATE | PLAN | APPLY | DRIFT | SHOW | EXPORT | GET | LOG,
};

const struct option_spec option_specs[] = {
    {"Validate", VALIDATE, "strict", OPTION_FLAG, NULL, FIELD(strict),
     .help = "Fail on warnings, too."},
    {"Validate", VALIDATE, "require-label", OPTION_LIST, "KEY", FIELD(required_labels),
     .help = "A sync without this label is an error. Repeatable."},

    {"Plan", PLAN, "base", OPTION_STRING, "REF", FIELD(base),
     .help = "With --git: show first what --ref changes compared with this commit, and count what "
             "was pending there already."},
    {"Plan", PLAN, "out", OPTION_STRING, "FILE", FIELD(out), .offers = offer_files,
     .help = "Save the plan to this file, for 'apply --plan FILE'."},
    {"Plan", PLAN, "detailed-exitcode", OPTION_FLAG, NULL, FIELD(detailed_exitcode),
     .help = "Exit with 2 if apply would create something."},

    {"Apply", APPLY, "yes", OPTION_FLAG, NULL, FIELD(yes), .letter = 'y',
     .help = "Create without asking."},
    {"Apply", APPLY, "plan", OPTION_STRING, "FILE", FIELD(plan), .offers = offer_files,
     .help = "Create exactly what this saved plan lists."},
    {"Apply", APPLY, "plan-ttl", OPTION_DURATION, "DURATION", FIELD(plan_ttl_ms), .least = 1,
     .help = "Refuse a saved plan that is older than this. The default is 24h."},
    {"Apply", APPLY, "max-creates", OPTION_COUNT, "COUNT", FIELD(max_creates),
     .help = "Refuse to create more syncs than this. The default is 100 with --yes."},
    {"Apply", APPLY, "settle", OPTION_DURATION, "DURATION", FIELD(settle_ms),
     .help = "How long the list may take to show a create. The default is 15s."},
    {"Apply", APPLY, "wait", OPTION_DURATION, "DURATION", FIELD(wait_ms), .least = 1,
     .alone = "30m",
     .help = "Wait until the first upload of each created sync has ended, at most 30m by default. "
             "Exit with 3 if an upload fails or takes longer."},
    {"Apply", APPLY, "no-journal", OPTION_FLAG, NULL, FIELD(no_journal),
     .help = "Keep no journal of creates and take no lock, for read-only homes."},

    {"Drift", DRIFT, "fail-on", OPTION_STRING, "LIST", FIELD(fail_on), .offers = fail_on_words,
     .help = "Exit with 2 on these differences, joined by commas: missing, drifted, duplicate, "
             "unhealthy, gone, withheld, unmanaged; or none. The default is the first five."},
    {"Drift", DRIFT, "history", OPTION_STRING, "FILE", FIELD(history), .offers = offer_files,
     .help = "Keep the counts of every run in this file, and show their trend in the HTML report."},

    {"Snapshot", SNAPSHOT, "out", OPTION_STRING, "FILE", FIELD(snapshot), .offers = offer_files,
     .help = "Write the snapshot to this file. Other commands read it with --live."},

    {"Export", EXPORT, "dir", OPTION_STRING, "DIR", FIELD(dir), .offers = offer_folders,
     .help = "Write the manifests to this folder. The default is standard output."},
    {"Export", EXPORT, "force", OPTION_FLAG, NULL, FIELD(force),
     .help = "Replace existing files, unless one declares a sync that this export does not write."},
    {"Export", EXPORT, "unmanaged", OPTION_FLAG, NULL, FIELD(unmanaged),
     .help = "Export only syncs that are in no manifest of PATH..., and add them to the files in "
             "--dir as a new document."},
    {"Export", EXPORT, "names", OPTION_FLAG, NULL, FIELD(by_names),
     .help = "Write segments and ad accounts by their names, where these are unique."},

    {"Ledger", PLAN | APPLY | DRIFT | LOG, "ledger", OPTION_STRING, "URL[#BRANCH]", FIELD(ledger),
     .env = "AUDIENCECTL_LEDGER", .offers = offer_folders,
     .help = "The Git branch that all machines share as a record of creates and of what was live. "
             "The default branch is audiencectl-ledger."},

    {"Selection", SELECTION | GET, "ad-account", OPTION_LIST, "ID", FIELD(selection.ad_accounts),
     .help = "Only this ad account: others are not shown, counted or created. Repeatable."},
    {"Selection", SELECTION | GET | LOG, "name", OPTION_LIST, "GLOB", FIELD(selection.names),
     .check = check_name, .help = "Only names that match. Repeatable."},
    {"Selection", SELECTION, "label", OPTION_LIST, "KEY=VALUE", FIELD(selection.labels),
     .check = check_label, .help = "Only syncs with this label. Repeatable: all must match."},

    {"Manifests", MANIFESTS, "git", OPTION_STRING, "URL", FIELD(git), .offers = offer_folders,
     .help = "Read the manifests from a Git repository, a URL or a local path, at one commit."},
    {"Manifests", MANIFESTS, "ref", OPTION_STRING, "REF", FIELD(ref),
     .help = "The branch, tag or commit. The default is the remote's HEAD."},
    {"Manifests", MANIFESTS, "path", OPTION_LIST, "DIR", FIELD(paths),
     .help = "Read only this folder or file of the repository. Repeatable."},
    {"Manifests", MANIFESTS, "no-cache", OPTION_FLAG, NULL, FIELD(no_cache),
     .help = "Keep no copy of the repository between runs."},
    {"Manifests", MANIFESTS, "var", OPTION_LIST, "NAME=VALUE", FIELD(vars),
     .help = "The value of ${NAME} in manifests; AUDIENCECTL_VAR_NAME in the environment also sets "
             "it. Repeatable."},
    {"Manifests", MANIFESTS, "var-file", OPTION_LIST, "FILE", FIELD(var_files),
     .offers = offer_files, .help = "A YAML mapping of names to values. Repeatable."},

    {"Live", (MANIFESTS | GET) & ~(APPLY | SNAPSHOT), "live", OPTION_STRING, "FILE", FIELD(live),
     .env = "AUDIENCECTL_LIVE", .offers = offer_files,
     .help = "Read what is live from a snapshot in place of the API; no key is needed."},
    {"Live", (MANIFESTS | GET) & ~(APPLY | SNAPSHOT), "max-age", OPTION_DURATION, "DURATION",
     FIELD(max_age_ms), .env = "AUDIENCECTL_MAX_AGE", .least = 1,
     .help = "Refuse a snapshot that is older than this. The default is 7d."},

    {"API", USES_API | LOG, "api-url", OPTION_STRING, "URL", FIELD(api_url),
     .env = "SEQUENZY_API_URL", .check = check_api_url,
     .help = "The URL of the API. The default is https://api.sequenzy.com."},
    {"API", USES_API, "api-key-file", OPTION_STRING, "FILE", FIELD(api_key_file),
     .env = "AUDIENCECTL_API_KEY_FILE", .offers = offer_files,
     .help = "The file with the API key. SEQUENZY_API_KEY may hold the key itself."},
    {"API", USES_API, "company", OPTION_STRING, "ID", FIELD(company), .env = "SEQUENZY_COMPANY_ID",
     .check = check_company, .help = "The id of the company, for documents that name none."},
    {"API", LOG, "company", OPTION_STRING, "ID", FIELD(company), .env = "SEQUENZY_COMPANY_ID",
     .check = check_company, .help = "Only this company."},
    {"API", USES_API, "rate", OPTION_STRING, "RATE", FIELD(rate), .env = "AUDIENCECTL_RATE",
     .check = check_rate,
     .help = "Send at most this many requests: COUNT/UNIT joined by commas, or off. The default "
             "is " RCN_PACE_DEFAULT "."},
    {"API", USES_API, "no-preflight", OPTION_FLAG, NULL, FIELD(no_preflight),
     .env = "AUDIENCECTL_NO_PREFLIGHT",
     .help = "Do not check that ad accounts and segments exist before creating."},

    {"Network", MANIFESTS | LOG, "git-token-file", OPTION_STRING, "FILE", FIELD(git_token_file),
     .offers = offer_files,
     .help = "The file with the token for Git over HTTPS. AUDIENCECTL_GIT_TOKEN may hold the token "
             "itself."},
    {"Network", MANIFESTS | LOG, "ssh-key", OPTION_STRING, "FILE", FIELD(ssh_key),
     .offers = offer_files, .help = "The private key for Git over SSH, instead of ssh-agent."},
    {"Network", MANIFESTS | GET | LOG, "ca-file", OPTION_STRING, "FILE", FIELD(ca_file),
     .env = "AUDIENCECTL_CA_FILE", .offers = offer_files,
     .help = "Trust these certificates (PEM) instead of the system's."},
    {"Network", MANIFESTS | GET | LOG, "timeout", OPTION_DURATION, "DURATION", FIELD(timeout_ms),
     .env = "AUDIENCECTL_TIMEOUT", .least = 1,
     .help = "The longest time for one request. The default is 30s."},
    {"Network", MANIFESTS | GET | LOG, "deadline", OPTION_DURATION, "DURATION", FIELD(deadline_ms),
     .env = "AUDIENCECTL_DEADLINE", .least = 1,
     .help = "The longest time for the whole run. The default is none."},

    {"Reports", REPORTS, "report", OPTION_LIST, "FORMAT[=FILE]", FIELD(reports), .letter = 'o',
     .offers = rcn_format_names,
     .help =
         "Write a report: text, json, markdown, html, csv, junit, sarif, github, codequality or "
         "metrics. Without a file it replaces the text on standard output. Repeatable."},
    {"Reports", REPORTS, "report-id", OPTION_STRING, "TEXT", FIELD(report_id),
     .env = "AUDIENCECTL_REPORT_ID",
     .help = "Put this text into the marker of the markdown report, so that a pull request can "
             "have one comment for each TEXT."},

    {"Everywhere", EVERY_COMMAND, "color", OPTION_CHOICE, "auto|always|never", FIELD(color),
     .offers = color_words,
     .help = "Whether to use colour; auto: on terminals, unless NO_COLOR is set or TERM is dumb."},
    {"Everywhere", EVERY_COMMAND, "quiet", OPTION_FLAG, NULL, FIELD(quiet), .letter = 'q',
     .help = "Print only errors, and of the text only the summary line."},
    {"Everywhere", EVERY_COMMAND, "verbose", OPTION_FLAG, NULL, FIELD(verbose), .letter = 'v',
     .help = "Print a line for each HTTP exchange and each skipped file, and long lists in full."},
    {"Everywhere", EVERY_COMMAND, "help", OPTION_FLAG, NULL, FIELD(help), .letter = 'h',
     .help = "Show this help."},
    {0},
};
