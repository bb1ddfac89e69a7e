#include "options.h"

#include <getopt.h>
#include <stdlib.h>
#include <string.h>

#include "fault.h"

enum { MILLISECONDS_MAX = 3600000, FIRST_CODE = 256 };

static int read_text(const char *text, const char **ret, struct rcn_error *err)
{
    if (!*text)
        return rcn_error_set(err, RCN_ERROR_USAGE, "an argument is empty");
    *ret = text;
    return 0;
}

static int take_listen(struct sbx_options *options, const char *text, struct rcn_error *err)
{
    return read_text(text, &options->listen, err);
}

static int take_db(struct sbx_options *options, const char *text, struct rcn_error *err)
{
    return read_text(text, &options->db, err);
}

static int take_seed(struct sbx_options *options, const char *text, struct rcn_error *err)
{
    return read_text(text, &options->seed, err);
}

static int take_port_file(struct sbx_options *options, const char *text, struct rcn_error *err)
{
    return read_text(text, &options->port_file, err);
}

static int take_key(struct sbx_options *options, const char *text, struct rcn_error *err)
{
    if (options->key_count == SBX_OPTIONS_KEYS_MAX)
        return rcn_error_set(err, RCN_ERROR_USAGE, "more than %d keys", SBX_OPTIONS_KEYS_MAX);
    return read_text(text, &options->keys[options->key_count++], err);
}

static int take_fault(struct sbx_options *options, const char *text, struct rcn_error *err)
{
    if (options->fault_count == SBX_OPTIONS_FAULTS_MAX)
        return rcn_error_set(err, RCN_ERROR_USAGE, "more than %d faults", SBX_OPTIONS_FAULTS_MAX);
    return read_text(text, &options->faults[options->fault_count++], err);
}

static int take_rate(struct sbx_options *options, const char *text, struct rcn_error *err)
{
    return sbx_rate_parse(text, &options->rate, err);
}

static int take_switch(struct sbx_options *options, const char *text, struct rcn_error *err)
{
    return sbx_switches_set(&options->switches, text, err);
}

static int read_number(const char *text, unsigned long long max, unsigned long long *ret,
                       struct rcn_error *err)
{
    size_t digits = strspn(text, "0123456789");
    *ret = digits && digits < 19 ? strtoull(text, NULL, 10) : 0;
    if (!digits || digits > 18 || text[digits] || *ret > max)
        return rcn_error_set(err, RCN_ERROR_USAGE, "'%s' is not a whole number up to %llu", text,
                             max);
    return 0;
}

static int read_milliseconds(const char *text, int64_t *ret, struct rcn_error *err)
{
    unsigned long long number;
    if (read_number(text, MILLISECONDS_MAX, &number, err))
        return -1;
    *ret = (int64_t)number;
    return 0;
}

static int take_latency(struct sbx_options *options, const char *text, struct rcn_error *err)
{
    return read_milliseconds(text, &options->latency_ms, err);
}

static int take_list_lag(struct sbx_options *options, const char *text, struct rcn_error *err)
{
    return read_milliseconds(text, &options->list_lag_ms, err);
}

static int take_list_flicker(struct sbx_options *options, const char *text, struct rcn_error *err)
{
    return read_milliseconds(text, &options->list_flicker_ms, err);
}

static int take_upload(struct sbx_options *options, const char *text, struct rcn_error *err)
{
    static const char *const ends[] = {[SBX_UPLOAD_WELL] = "",
                                       [SBX_UPLOAD_FAIL] = ":fail",
                                       [SBX_UPLOAD_DISCONNECT] = ":disconnect",
                                       [SBX_UPLOAD_NEVER] = ":never"};
    size_t digits = strspn(text, "0123456789");
    char number[32] = "";
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
        if (digits >= sizeof number || strcmp(text + digits, ends[i]) != 0)
            continue;
        memcpy(number, text, digits);
        options->upload = (struct sbx_upload){.is_given = true, .end = (enum sbx_upload_end)i};
        return read_milliseconds(number, &options->upload.after_ms, err);
    }
    return rcn_error_set(err, RCN_ERROR_USAGE,
                         "'--upload %s' is not MS, MS:fail, MS:disconnect or MS:never", text);
}

static int take_random_seed(struct sbx_options *options, const char *text, struct rcn_error *err)
{
    unsigned long long number;
    if (read_number(text, 999999999999999999U, &number, err))
        return -1;
    options->random_seed = number;
    return 0;
}

static int take_help(struct sbx_options *options, const char *text, struct rcn_error *err)
{
    (void)text;
    (void)err;
    options->help = true;
    return 0;
}

static int take_version(struct sbx_options *options, const char *text, struct rcn_error *err)
{
    (void)text;
    (void)err;
    options->version = true;
    return 0;
}

static const struct info {
    const char *name;
    const char *argument; /* NULL: takes none */
    int (*take)(struct sbx_options *options, const char *text, struct rcn_error *err);
    const char *help;
} infos[] = {
    {"listen", "ADDRESS:PORT", take_listen, "loopback only; port 0 is any free one (127.0.0.1:0)"},
    {"port-file", "FILE", take_port_file, "write the port to this file once it listens"},
    {"db", "FILE", take_db,
     "keep the data in this file, safe against kill -9; the default is memory"},
    {"seed", "FILE", take_seed,
     "the data to begin with, see below; ignored if --db has data already"},
    {"api-key", "KEY", take_key,
     "a key to accept (repeatable); without one and without keys in the seed:\n"
     "      " SBX_OPTIONS_DEFAULT_KEY " (first company) and " SBX_OPTIONS_DEFAULT_PERSONAL_KEY
     " (every company)"},
    {"rate", "SPEC", take_rate,
     "the limit for each key: N/s, N/min, N/h joined by commas, or off\n"
     "      (100/min,20/s)" /* api-contract 6.1 */},
    {"latency", "MS", take_latency, "every answer takes that much longer"},
    {"list-lag", "MS", take_list_lag,
     "a create shows in the list that much later" /* api-contract 10, row 14 */},
    {"list-flicker", "MS", take_list_flicker,
     "each read of the list is up to MS late, as if read replicas took turns: a create\n"
     "      that one read shows may be missing from the next, for at most MS"},
    {"upload", "MS[:END]", take_upload,
     "every create uploads, for MS: then lastSyncAt and lastSyncedCount are set, or with\n"
     "      the END fail syncStatus is error, with disconnect it is disconnected, and with\n"
     "      never it stays syncing; without this option nothing is uploaded"},
    {"fault", "RULE", take_fault, "make a request fail, see below (repeatable)"},
    {"random-seed", "N", take_random_seed, "seed of the p= rules and of --list-flicker (0)"},
    {"set", "NAME=VALUE", take_switch, "behave in another plausible way, see below (repeatable)"},
    {"help", NULL, take_help, "print this"},
    {"version", NULL, take_version, "print the version"},
};

enum { OPTION_COUNT = sizeof infos / sizeof *infos };

static void make_table(struct option ret[OPTION_COUNT + 1])
{
    for (int i = 0; i < OPTION_COUNT; i++)
        ret[i] = (struct option){.name = infos[i].name,
                                 .has_arg = infos[i].argument ? required_argument : no_argument,
                                 .val = FIRST_CODE + i};
    ret[OPTION_COUNT] = (struct option){0};
}

static void set_defaults(struct sbx_options *options)
{
    *options = (struct sbx_options){.listen = "127.0.0.1:0"};
    options->rate.limits[0].count = 100;
    options->rate.limits[0].window_ms = 60000;
    options->rate.limits[1].count = 20;
    options->rate.limits[1].window_ms = 1000;
    options->rate.count = 2;
    sbx_switches_init(&options->switches);
}

int sbx_options_read(int argc, char **argv, struct sbx_options *ret, struct rcn_error *err)
{
    struct option table[OPTION_COUNT + 1];
    make_table(table);
    set_defaults(ret);
    opterr = 0;
    for (;;) {
        int code = getopt_long(argc, argv, "+:", table, NULL);
        if (code == -1)
            break;
        if (code == ':')
            return rcn_error_set(err, RCN_ERROR_USAGE, "'%s' needs an argument", argv[optind - 1]);
        if (code < FIRST_CODE)
            return rcn_error_set(err, RCN_ERROR_USAGE, "unknown option '%s', see --help",
                                 argv[optind - 1]);
        if (infos[code - FIRST_CODE].take(ret, optarg, err))
            return -1;
    }
    if (optind < argc)
        return rcn_error_set(err, RCN_ERROR_USAGE, "unexpected argument '%s'", argv[optind]);
    return 0;
}

/* --- help --- */

static const char introduction[] =
    "usage: audience-sandbox [OPTION]...\n"
    "\n"
    "A local stand-in for the part of the Sequenzy API that maps segments to Meta audiences.\n"
    "Prints one line `listening on URL` when it is ready; SIGINT and SIGTERM end it.\n"
    "\n"
    "Options:\n";

static const char endpoint_intro[] =
    "\n"
    "Endpoints, below /api/v1 and /v1, with `Authorization: Bearer KEY`, and x-company-id for\n"
    "personal keys (those that begin with seq_user_):\n";

static const char endpoints[] =
    "  GET, POST /audience-syncs            GET /ad-accounts\n"
    "  PATCH, DELETE /audience-syncs/{id}   GET /segments, /segments/{id}/count\n"
    "  POST /audience-syncs/{id}/sync       GET /account\n";

static const char own_endpoint_intro[] =
    "Of the sandbox itself, without key, rate, latency and faults:\n";

static const char own_endpoints[] =
    "  GET /__sandbox/log                   every request, with what was done\n"
    "  GET /__sandbox/syncs                 every sync of every company, without lag\n"
    "  POST /__sandbox/disconnect, connect  Meta, of the company in x-company-id or of all\n";

static const char fault_intro[] =
    "\n"
    "Faults: --fault 'METHOD PATH nth=N|every=N|p=P KIND'\n"
    "METHOD may be `*`; PATH is without /api/v1, `*` in it stands for one segment. A rule counts\n"
    "the requests that have its METHOD and PATH from 1; the first rule whose turn it is wins.\n"
    "-before: nothing is done, not even later; all others do what was asked.\n";

static const char switch_intro[] =
    "\n"
    "Switches: --set NAME=VALUE, for what is not known of the API. The first value is the\n"
    "default.\n";

static const char seed_intro[] = "\n"
                                 "Seed, a JSON file; every member may be left out:\n";

static const char seed[] =
    "  {\"companies\": [{\"id\": \"comp_1\", \"name\": \"Acme\", \"role\": \"owner\",\n"
    "                  \"metaConnected\": true}],\n"
    "   \"keys\": [{\"key\": \"seq_live_1\", \"type\": \"company\", \"companies\": [\"comp_1\"],\n"
    "             \"scopes\": [\"segments:write\"]}],\n"
    "   \"adAccounts\": [{\"companyId\": \"comp_1\", \"id\": \"act_1\", \"name\": \"Main\"}],\n"
    "   \"segments\": [{\"companyId\": \"comp_1\", \"id\": \"seg_vips\", \"name\": \"VIPs\",\n"
    "                 \"activeSubscriberCount\": 1200}],\n"
    "   \"audienceSyncs\": [{\"companyId\": \"comp_1\", \"segmentId\": \"seg_vips\",\n"
    "                      \"adAccountId\": \"act_1\", \"audienceName\": \"VIPs\"}]}\n";

static const char seed_notes[] =
    "companyId left out is the first company. Without companies, the built-in ones are there, and\n"
    "the built-in ad accounts and segments unless the seed has its own. Items are answered as\n"
    "they stand, other fields included; a sync's missing fields are those of a new one. A sync of\n"
    "the form {\"raw\": ...} is listed as exactly that value. scopes null or left out: full "
    "access.\n"
    "Built in: comp_123 Acme with act_1234567890, act_2345678901 and seg_vips, seg_newsletter,\n"
    "seg_lapsed, seg_trial; comp_456 Globex with act_9876543210, act_8765432109 and\n"
    "seg_leads, seg_partners, seg_globex_vips, seg_globex_lapsed, of which some have the names of\n"
    "Acme's. With --set ids=bare they have other ids: see GET /account and the lists.\n"
    "Templates: recent-buyers, zero-ltv, no-purchase-1y, high-spenders-ecom, non-buyers, engaged\n"
    "(names other than `Recent buyers`, filters and counts are invented).\n";

static void describe_options(struct rcn_buf *out)
{
    for (size_t i = 0; i < OPTION_COUNT; i++)
        rcn_buf_printf(out, "  --%s%s%s\n      %s\n", infos[i].name, infos[i].argument ? " " : "",
                       infos[i].argument ? infos[i].argument : "", infos[i].help);
}

static const struct {
    const char *intro;
    const char *text; /* or what appends it */
    void (*describe)(struct rcn_buf *out);
} parts[] = {
    [SBX_HELP_OPTIONS] = {introduction, NULL, describe_options},
    [SBX_HELP_ENDPOINTS] = {endpoint_intro, endpoints, NULL},
    [SBX_HELP_OWN_ENDPOINTS] = {own_endpoint_intro, own_endpoints, NULL},
    [SBX_HELP_FAULTS] = {fault_intro, NULL, sbx_fault_rules_describe},
    [SBX_HELP_SWITCHES] = {switch_intro, NULL, sbx_switches_describe},
    [SBX_HELP_SEED] = {seed_intro, seed, NULL},
    [SBX_HELP_SEED_NOTES] = {"", seed_notes, NULL},
};

void sbx_options_describe_part(enum sbx_help_part part, struct rcn_buf *out)
{
    if (parts[part].describe)
        parts[part].describe(out);
    else
        rcn_buf_add_str(out, parts[part].text);
}

void sbx_options_describe(struct rcn_buf *out)
{
    for (int part = 0; part < (int)(sizeof parts / sizeof *parts); part++) {
        rcn_buf_add_str(out, parts[part].intro);
        sbx_options_describe_part((enum sbx_help_part)part, out);
    }
}
