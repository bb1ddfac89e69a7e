#include <string.h>

#include "base/unicode.h"
#include "command.h"
#include "live/http.h"
#include "live/pace.h"
#include "options.h"
#include "report/report.h"

#define FIELD(name) .offset = offsetof(struct options, name)

const char *const color_names[] = {"auto", "always", "never", NULL};

static const char *const report_choices[] = {"text",        "json",    "markdown", "html",
                                             "csv",         "junit",   "sarif",    "github",
                                             "codequality", "metrics", NULL};

static const char *const fail_on_choices[] = {
    "missing", "drifted", "duplicate", "unhealthy", "gone", "unmanaged", "withheld", "none", NULL};

static int check_label(const char *value, struct rcn_error *err)
{
    const char *sign = strchr(value, '=');
    return sign && sign != value
               ? 0
               : rcn_error_set(err, RCN_ERROR_USAGE, "'%.100s' is not KEY=VALUE", value);
}

static int check_report(const char *value, struct rcn_error *err)
{
    char name[16] = "";
    size_t len = strcspn(value, "=");
    if (len < sizeof name)
        memcpy(name, value, len);
    if (rcn_format_find(name) < 0)
        return rcn_error_set(
            err, RCN_ERROR_USAGE,
            "unknown format '%.*s': expected text, json, markdown, html, csv, junit, sarif, "
            "github, codequality or metrics",
            len < 40 ? (int)len : 40, value);
    if (value[len] && !value[len + 1])
        return rcn_error_set(err, RCN_ERROR_USAGE, "no file is named after '='");
    return 0;
}

/* It becomes an HTTP header. */
static int check_company(const char *value, struct rcn_error *err)
{
    for (const char *c = value; *c; c++)
        if (*c <= ' ' || *c > '~')
            return rcn_error_set(err, RCN_ERROR_USAGE, "'%.60s' is no company id", value);
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

static int check_fail_on(const char *value, struct rcn_error *err)
{
    struct rcn_fail_on fail_on;
    return fail_on_parse(value, &fail_on, err);
}

static const struct option_spec general_specs[] = {
    {.name = "color",
     .kind = OPTION_CHOICE,
     .argument = "auto|always|never",
     FIELD(color),
     .completion = COMPLETE_CHOICES,
     .choices = color_names,
     .help = "Whether to use colour; auto: on terminals, unless NO_COLOR is set or TERM is dumb."},
    {.name = "quiet",
     .letter = 'q',
     .kind = OPTION_FLAG,
     FIELD(quiet),
     .help = "Print only errors, and of the text only the summary line."},
    {.name = "verbose",
     .letter = 'v',
     .kind = OPTION_FLAG,
     FIELD(verbose),
     .help = "Print a line for each HTTP exchange and each skipped file, and long lists in full."},
    {.name = "help", .letter = 'h', .kind = OPTION_FLAG, FIELD(help), .help = "Show this help."},
    {0},
};
const struct option_group option_group_general = {"Everywhere", general_specs};

static const struct option_spec report_specs[] = {
    {.name = "report",
     .letter = 'o',
     .kind = OPTION_LIST,
     .argument = "FORMAT[=FILE]",
     FIELD(reports),
     .completion = COMPLETE_CHOICES,
     .choices = report_choices,
     .check = check_report,
     .help =
         "Write a report: text, json, markdown, html, csv, junit, sarif, github, codequality or "
         "metrics. Without a file it replaces the text on standard output. Repeatable."},
    {.name = "report-id",
     .kind = OPTION_STRING,
     .argument = "TEXT",
     .env = "AUDIENCECTL_REPORT_ID",
     FIELD(report_id),
     .help = "Put this text into the marker of the markdown report, so that a pull request can "
             "have one comment for each TEXT."},
    {0},
};
const struct option_group option_group_report = {"Reports", report_specs};

/* Of several groups. */
#define GIT_ACCESS_SPECS                                                                           \
    {.name = "git-token-file",                                                                     \
     .kind = OPTION_STRING,                                                                        \
     .argument = "FILE",                                                                           \
     FIELD(git_token_file),                                                                        \
     .completion = COMPLETE_FILE,                                                                  \
     .help =                                                                                       \
         "The file with the token for Git over HTTPS. AUDIENCECTL_GIT_TOKEN may hold the token "   \
         "itself."},                                                                               \
    {                                                                                              \
        .name = "ssh-key", .kind = OPTION_STRING, .argument = "FILE", FIELD(ssh_key),              \
        .completion = COMPLETE_FILE,                                                               \
        .help = "The private key for Git over SSH, instead of ssh-agent."                          \
    }

#define API_URL_SPEC                                                                               \
    {                                                                                              \
        .name = "api-url", .kind = OPTION_STRING, .argument = "URL", .env = "SEQUENZY_API_URL",    \
        FIELD(api_url), .check = check_api_url,                                                    \
        .help = "The URL of the API. The default is https://api.sequenzy.com."                     \
    }

static const struct option_spec source_specs[] = {
    {.name = "git",
     .kind = OPTION_STRING,
     .argument = "URL",
     FIELD(git),
     .completion = COMPLETE_DIRECTORY,
     .help = "Read the manifests from a Git repository, a URL or a local path, at one commit."},
    {.name = "ref",
     .kind = OPTION_STRING,
     .argument = "REF",
     FIELD(ref),
     .help = "The branch, tag or commit. The default is the remote's HEAD."},
    {.name = "path",
     .kind = OPTION_LIST,
     .argument = "DIR",
     FIELD(paths),
     .help = "Read only this folder or file of the repository. Repeatable."},
    GIT_ACCESS_SPECS,
    {.name = "no-cache",
     .kind = OPTION_FLAG,
     FIELD(no_cache),
     .help = "Keep no copy of the repository between runs."},
    {.name = "var",
     .kind = OPTION_LIST,
     .argument = "NAME=VALUE",
     FIELD(vars),
     .help = "The value of ${NAME} in manifests; AUDIENCECTL_VAR_NAME in the environment also sets "
             "it. Repeatable."},
    {.name = "var-file",
     .kind = OPTION_LIST,
     .argument = "FILE",
     FIELD(var_files),
     .completion = COMPLETE_FILE,
     .help = "A YAML mapping of names to values. Repeatable."},
    {0},
};
const struct option_group option_group_source = {"Manifests", source_specs};

static const struct option_spec network_specs[] = {
    {.name = "ca-file",
     .kind = OPTION_STRING,
     .argument = "FILE",
     .env = "AUDIENCECTL_CA_FILE",
     FIELD(ca_file),
     .completion = COMPLETE_FILE,
     .help = "Trust these certificates (PEM) instead of the system's."},
    {.name = "timeout",
     .kind = OPTION_DURATION,
     .argument = "DURATION",
     .env = "AUDIENCECTL_TIMEOUT",
     FIELD(timeout_ms),
     .least = 1,
     .help = "The longest time for one request. The default is 30s."},
    {.name = "deadline",
     .kind = OPTION_DURATION,
     .argument = "DURATION",
     .env = "AUDIENCECTL_DEADLINE",
     FIELD(deadline_ms),
     .least = 1,
     .help = "The longest time for the whole run. The default is none."},
    {0},
};
const struct option_group option_group_network = {"Network", network_specs};

static const struct option_spec api_specs[] = {
    API_URL_SPEC,
    {.name = "api-key-file",
     .kind = OPTION_STRING,
     .argument = "FILE",
     .env = "AUDIENCECTL_API_KEY_FILE",
     FIELD(api_key_file),
     .completion = COMPLETE_FILE,
     .help = "The file with the API key. SEQUENZY_API_KEY may hold the key itself."},
    {.name = "company",
     .kind = OPTION_STRING,
     .argument = "ID",
     .env = "SEQUENZY_COMPANY_ID",
     FIELD(company),
     .check = check_company,
     .help = "The id of the company, for documents that name none."},
    {.name = "rate",
     .kind = OPTION_STRING,
     .argument = "RATE",
     .env = "AUDIENCECTL_RATE",
     FIELD(rate),
     .check = check_rate,
     .help = "Send at most this many requests: COUNT/UNIT joined by commas, or off. The default "
             "is " RCN_PACE_DEFAULT "."},
    {.name = "no-preflight",
     .kind = OPTION_FLAG,
     .env = "AUDIENCECTL_NO_PREFLIGHT",
     FIELD(no_preflight),
     .help = "Do not check that ad accounts and segments exist before creating."},
    {0},
};
const struct option_group option_group_api = {"API", api_specs};

static const struct option_spec live_specs[] = {
    {.name = "live",
     .kind = OPTION_STRING,
     .argument = "FILE",
     .env = "AUDIENCECTL_LIVE",
     FIELD(live),
     .completion = COMPLETE_FILE,
     .help = "Read what is live from a snapshot in place of the API; no key is needed."},
    {.name = "max-age",
     .kind = OPTION_DURATION,
     .argument = "DURATION",
     .env = "AUDIENCECTL_MAX_AGE",
     FIELD(max_age_ms),
     .least = 1,
     .help = "Refuse a snapshot that is older than this. The default is 7d."},
    {0},
};
const struct option_group option_group_live = {"Live", live_specs};

static const struct option_spec ledger_specs[] = {
    {.name = "ledger",
     .kind = OPTION_STRING,
     .argument = "URL[#BRANCH]",
     .env = "AUDIENCECTL_LEDGER",
     FIELD(ledger),
     .completion = COMPLETE_DIRECTORY,
     .help = "The Git branch that all machines share as a record of creates and of what was live. "
             "The default branch is audiencectl-ledger."},
    {0},
};
const struct option_group option_group_ledger = {"Ledger", ledger_specs};

static const struct option_spec log_specs[] = {
    {.name = "name",
     .kind = OPTION_LIST,
     .argument = "GLOB",
     FIELD(names),
     .check = check_name,
     .help = "Only audience names that match. Repeatable."},
    {.name = "company",
     .kind = OPTION_STRING,
     .argument = "ID",
     .env = "SEQUENZY_COMPANY_ID",
     FIELD(company),
     .check = check_company,
     .help = "Only this company."},
    API_URL_SPEC,
    GIT_ACCESS_SPECS,
    {0},
};
const struct option_group option_group_log = {"Log", log_specs};

static const struct option_spec snapshot_specs[] = {
    {.name = "out",
     .kind = OPTION_STRING,
     .argument = "FILE",
     FIELD(snapshot),
     .completion = COMPLETE_FILE,
     .help = "Write the snapshot to this file. Other commands read it with --live."},
    {0},
};
const struct option_group option_group_snapshot = {"Snapshot", snapshot_specs};

static const struct option_spec name_specs[] = {
    {.name = "ad-account",
     .kind = OPTION_LIST,
     .argument = "ID",
     FIELD(ad_accounts),
     .help = "Only this ad account, or syncs of it. Repeatable."},
    {.name = "name",
     .kind = OPTION_LIST,
     .argument = "GLOB",
     FIELD(names),
     .check = check_name,
     .help = "Only names that match. Repeatable."},
    {0},
};
const struct option_group option_group_name = {"Selection", name_specs};

static const struct option_spec selection_specs[] = {
    {.name = "ad-account",
     .kind = OPTION_LIST,
     .argument = "ID",
     FIELD(ad_accounts),
     .help = "Show, count and create only syncs of this ad account. Repeatable."},
    {.name = "name",
     .kind = OPTION_LIST,
     .argument = "GLOB",
     FIELD(names),
     .check = check_name,
     .help = "Show, count and create only audience names that match. Repeatable."},
    {.name = "label",
     .kind = OPTION_LIST,
     .argument = "KEY=VALUE",
     FIELD(labels),
     .check = check_label,
     .help = "Show, count and create only syncs with this label. Repeatable: all must match."},
    {0},
};
const struct option_group option_group_selection = {"Selection", selection_specs};

static const struct option_spec validate_specs[] = {
    {.name = "strict", .kind = OPTION_FLAG, FIELD(strict), .help = "Fail on warnings, too."},
    {.name = "require-label",
     .kind = OPTION_LIST,
     .argument = "KEY",
     FIELD(required_labels),
     .help = "A sync without this label is an error. Repeatable."},
    {0},
};
const struct option_group option_group_validate = {"Validate", validate_specs};

static const struct option_spec plan_specs[] = {
    {.name = "base",
     .kind = OPTION_STRING,
     .argument = "REF",
     FIELD(base),
     .help = "With --git: show first what --ref changes beside this commit, and count what was "
             "pending there already."},
    {.name = "out",
     .kind = OPTION_STRING,
     .argument = "FILE",
     FIELD(out),
     .completion = COMPLETE_FILE,
     .help = "Save the plan to this file, for 'apply --plan FILE'."},
    {.name = "detailed-exitcode",
     .kind = OPTION_FLAG,
     FIELD(detailed_exitcode),
     .help = "Exit with 2 if apply would create something."},
    {0},
};
const struct option_group option_group_plan = {"Plan", plan_specs};

static const struct option_spec apply_specs[] = {
    {.name = "yes",
     .letter = 'y',
     .kind = OPTION_FLAG,
     FIELD(yes),
     .help = "Create without asking."},
    {.name = "plan",
     .kind = OPTION_STRING,
     .argument = "FILE",
     FIELD(plan),
     .completion = COMPLETE_FILE,
     .help = "Create exactly what this saved plan lists."},
    {.name = "plan-ttl",
     .kind = OPTION_DURATION,
     .argument = "DURATION",
     FIELD(plan_ttl_ms),
     .least = 1,
     .help = "Refuse a saved plan that is older than this. The default is 24h."},
    {.name = "max-creates",
     .kind = OPTION_COUNT,
     .argument = "COUNT",
     FIELD(max_creates),
     .help = "Refuse to create more syncs than this. The default is 100 with --yes."},
    {.name = "settle",
     .kind = OPTION_DURATION,
     .argument = "DURATION",
     FIELD(settle_ms),
     .help = "How long the list may take to show a create. The default is 15s."},
    {.name = "wait",
     .kind = OPTION_DURATION,
     .argument = "DURATION",
     .alone = "30m",
     FIELD(wait_ms),
     .least = 1,
     .help = "Wait until the first upload of each created sync has ended, at most 30m by default. "
             "Exit with 3 if an upload fails or takes longer."},
    {.name = "no-journal",
     .kind = OPTION_FLAG,
     FIELD(no_journal),
     .help = "Keep no journal of creates and take no lock, for read-only homes."},
    {0},
};
const struct option_group option_group_apply = {"Apply", apply_specs};

static const struct option_spec drift_specs[] = {
    {.name = "fail-on",
     .kind = OPTION_STRING,
     .argument = "LIST",
     FIELD(fail_on),
     .completion = COMPLETE_CHOICES,
     .choices = fail_on_choices,
     .check = check_fail_on,
     .help = "Exit with 2 on these differences, joined by commas: missing, drifted, duplicate, "
             "unhealthy, gone, withheld, unmanaged; or none. The default is the first five."},
    {.name = "history",
     .kind = OPTION_STRING,
     .argument = "FILE",
     FIELD(history),
     .completion = COMPLETE_FILE,
     .help = "Keep the counts of every run in this file, and show their trend in the HTML report."},
    {0},
};
const struct option_group option_group_drift = {"Drift", drift_specs};

static const struct option_spec export_specs[] = {
    {.name = "dir",
     .kind = OPTION_STRING,
     .argument = "DIR",
     FIELD(dir),
     .completion = COMPLETE_DIRECTORY,
     .help = "Write the manifests to this folder. The default is standard output."},
    {.name = "force",
     .kind = OPTION_FLAG,
     FIELD(force),
     .help = "Replace existing files, unless one declares a sync that this export does not write."},
    {.name = "unmanaged",
     .kind = OPTION_FLAG,
     FIELD(unmanaged),
     .help = "Export only syncs that are in no manifest of PATH..., and add them to the files in "
             "--dir as a new document."},
    {.name = "names",
     .kind = OPTION_FLAG,
     FIELD(by_names),
     .help = "Write segments and ad accounts by their names, where these are unique."},
    {0},
};
const struct option_group option_group_export = {"Export", export_specs};
