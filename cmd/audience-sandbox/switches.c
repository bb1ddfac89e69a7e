#include "switches.h"

#include <stdlib.h>
#include <string.h>

#include "base/suggest.h"

enum { VALUES_MAX = 11 };
enum value_form { ONE_OF, NUMBER, COUNT, TEXT };

struct info {
    const char *name;
    enum value_form form;           /* NUMBER and TEXT take any, COUNT any but 0 */
    const char *values[VALUES_MAX]; /* ends with NULL; the first value is the default */
    const char *help;               /* a comment behind it is its place in api-contract */
};

static const struct info infos[SBX_SWITCH_COUNT] = {
    [SBX_SWITCH_DUPLICATE] =
        {"duplicate",
         ONE_OF,
         {"allow", "refuse"},
         "a second sync with the same account and name; refuse: 409" /* 10, row 1 */},
    [SBX_SWITCH_IDEMPOTENCY_KEY] = {"idempotency-key",
                                    ONE_OF,
                                    {"ignore"},
                                    "the header on a create" /* 10, row 2 */},
    [SBX_SWITCH_META] = {"meta",
                         ONE_OF,
                         {"seed", "missing"},
                         "missing: no company has the Meta integration" /* 10, row 3 */},
    [SBX_SWITCH_META_STATUS] = {"meta-status",
                                ONE_OF,
                                {"400", "403", "404", "409"},
                                "create and ad-accounts without the integration" /* 10, row 3 */},
    [SBX_SWITCH_META_LIST] = {"meta-list",
                              ONE_OF,
                              {"answers", "errors", "empty"},
                              "the list of syncs without the integration; empty: [] for syncs and "
                              "ad accounts" /* 10, row 3 */},
    [SBX_SWITCH_DISCONNECTED] = {"disconnected",
                                 ONE_OF,
                                 {"keep-active", "deactivate"},
                                 "isActive after POST /__sandbox/disconnect" /* 10, row 4 */},
    [SBX_SWITCH_SEGMENT_CHOICE] =
        {"segment-choice",
         ONE_OF,
         {"400", "422"},
         "both or neither of segmentId, predefinedSegmentId" /* 10, row 5 */},
    [SBX_SWITCH_BAD_FREQUENCY] = {"bad-frequency",
                                  ONE_OF,
                                  {"400", "422"},
                                  "422 comes with issues" /* 10, row 6 */},
    [SBX_SWITCH_UNKNOWN_SEGMENT] = {"unknown-segment",
                                    ONE_OF,
                                    {"404", "400"},
                                    "create with a segment that does not exist" /* 10, row 7 */},
    [SBX_SWITCH_UNKNOWN_TEMPLATE] = {"unknown-template",
                                     ONE_OF,
                                     {"400", "404"},
                                     "create with a template that does not exist" /* 10, row 7 */},
    [SBX_SWITCH_UNKNOWN_AD_ACCOUNT] = {"unknown-ad-account",
                                       ONE_OF,
                                       {"400", "403", "404", "200"},
                                       "200: created, with syncStatus error" /* 2.5 */},
    [SBX_SWITCH_RUN_PAUSED] = {"run-paused",
                               ONE_OF,
                               {"409", "400"},
                               "run now on a paused sync" /* 10, row 8 */},
    [SBX_SWITCH_RUN_SYNCING] = {"run-syncing",
                                ONE_OF,
                                {"409", "200"},
                                "run now while it is running" /* 10, row 8 */},
    [SBX_SWITCH_RUN_MS] = {"run-ms", NUMBER, {"500"}, "milliseconds that a run takes" /* 2.4 */},
    [SBX_SWITCH_PATCH_EMPTY] = {"patch-empty",
                                ONE_OF,
                                {"400", "200"},
                                "PATCH that changes nothing" /* 10, row 9 */},
    [SBX_SWITCH_PATCH_UNKNOWN] = {"patch-unknown",
                                  ONE_OF,
                                  {"ignore", "400"},
                                  "PATCH with other fields, such as audienceName" /* 10, row 9 */},
    [SBX_SWITCH_DELETE_UNKNOWN] = {"delete-unknown",
                                   ONE_OF,
                                   {"404", "200"},
                                   "DELETE of an id that does not exist" /* 10, row 10 */},
    [SBX_SWITCH_CONFLICT_BODY] =
        {"conflict-body",
         ONE_OF,
         {"friendly", "plain"},
         "body of a 409: AgentFriendlyError, or success and error" /* 10, row 11 */},
    [SBX_SWITCH_RATE_LIMIT] =
        {"rate-limit",
         ONE_OF,
         {"sliding", "fixed", "bucket-20", "bucket-100"},
         "how --rate counts: sliding windows; windows that begin with the "
         "clock's minute and second; one token bucket of the smallest limit "
         "refilled at the pace of the largest; a token bucket for each limit" /* 10, row 12 */},
    [SBX_SWITCH_RETRY_AFTER] = {"retry-after",
                                ONE_OF,
                                {"on", "off"},
                                "the header on 429" /* 10, row 12 */},
    [SBX_SWITCH_SCOPE_SYNCS_READ] = {"scope-syncs-read",
                                     TEXT,
                                     {"none"},
                                     "scope that GET /audience-syncs needs; 403 for a "
                                     "key whose scopes lack it" /* 10, row 15 */},
    [SBX_SWITCH_SCOPE_SYNCS_WRITE] = {"scope-syncs-write",
                                      TEXT,
                                      {"none"},
                                      "the same for create, PATCH, DELETE and run now"},
    [SBX_SWITCH_SCOPE_AD_ACCOUNTS] = {"scope-ad-accounts",
                                      TEXT,
                                      {"none"},
                                      "the same for GET /ad-accounts"},
    [SBX_SWITCH_SCOPE_SEGMENTS] = {"scope-segments", TEXT, {"none"}, "the same for /segments"},
    [SBX_SWITCH_SCOPE_ACCOUNT] = {"scope-account", TEXT, {"none"}, "the same for /account"},
    [SBX_SWITCH_NO_COMPANY] = {"no-company",
                               ONE_OF,
                               {"current", "403"},
                               "personal key without x-company-id" /* 10, row 16 */},
    [SBX_SWITCH_CREATE_STATUS] = {"create-status",
                                  ONE_OF,
                                  {"200", "201"},
                                  "success code of a create" /* 10, row 17 */},
    [SBX_SWITCH_IDS] =
        {"ids",
         ONE_OF,
         {"prefixed", "bare"},
         "bare: ids of 24 characters, for what is built in and for what is created" /* 11, ids */},
    [SBX_SWITCH_LIST_ORDER] = {"list-order",
                               ONE_OF,
                               {"oldest", "newest", "id"},
                               "order of the list; ids are random" /* 2 */},
    [SBX_SWITCH_PAGINATION] = {"pagination",
                               ONE_OF,
                               {"none", "offset", "page", "cursor"},
                               "pages of the list of syncs; limit and offset are honoured for "
                               "offset, the others have one page only" /* 7 */},
    [SBX_SWITCH_PAGE_SIZE] = {"page-size", COUNT, {"100"}, "syncs on a page, at most" /* 7 */},
    [SBX_SWITCH_ERROR_SHAPE] = {"error-shape",
                                ONE_OF,
                                {"natural", "bare", "coded", "friendly", "nested", "issues",
                                 "string", "text", "html", "empty"},
                                "body of every error answer" /* 5 */},
};

void sbx_switches_init(struct sbx_switches *switches)
{
    for (size_t i = 0; i < SBX_SWITCH_COUNT; i++)
        switches->values[i] = infos[i].values[0];
}

static int unknown_name(const char *name, struct rcn_error *err)
{
    const char *names[SBX_SWITCH_COUNT];
    for (size_t i = 0; i < SBX_SWITCH_COUNT; i++)
        names[i] = infos[i].name;
    const char *near = rcn_suggest(name, names, SBX_SWITCH_COUNT);
    if (near)
        return rcn_error_set(err, RCN_ERROR_USAGE, "unknown switch '%s', did you mean '%s'?", name,
                             near);
    return rcn_error_set(err, RCN_ERROR_USAGE, "unknown switch '%s', see --help", name);
}

static const char *known_value(const struct info *info, const char *value)
{
    size_t digits = strspn(value, "0123456789");
    if (info->form == TEXT && *value)
        return value;
    bool is_number = digits && digits < 9 && !value[digits];
    if (info->form == NUMBER && is_number)
        return value;
    if (info->form == COUNT && is_number && strtol(value, NULL, 10) > 0)
        return value;
    for (size_t i = 0; info->form == ONE_OF && info->values[i]; i++)
        if (strcmp(info->values[i], value) == 0)
            return info->values[i];
    return NULL;
}

static void join_values(const struct info *info, struct rcn_buf *out)
{
    rcn_buf_add_str(out, info->values[0]);
    for (size_t i = 1; info->values[i]; i++)
        rcn_buf_printf(out, " | %s", info->values[i]);
    if (info->form == NUMBER || info->form == COUNT)
        rcn_buf_add_str(out, " | a number");
    if (info->form == TEXT)
        rcn_buf_add_str(out, " | a scope");
}

static int bad_value(const struct info *info, const char *value, struct rcn_error *err)
{
    struct rcn_buf values;
    rcn_buf_init(&values, 512);
    join_values(info, &values);
    rcn_error_set(err, RCN_ERROR_USAGE, "switch '%s' does not take '%s', only %s", info->name,
                  value, rcn_buf_get_str(&values));
    rcn_buf_release(&values);
    return -1;
}

int sbx_switches_set(struct sbx_switches *switches, const char *text, struct rcn_error *err)
{
    const char *equals = strchr(text, '=');
    if (!equals)
        return rcn_error_set(err, RCN_ERROR_USAGE, "'--set %s' is not NAME=VALUE", text);
    size_t len = (size_t)(equals - text);
    for (size_t i = 0; i < SBX_SWITCH_COUNT; i++) {
        if (strlen(infos[i].name) != len || strncmp(infos[i].name, text, len) != 0)
            continue;
        const char *value = known_value(&infos[i], equals + 1);
        if (!value)
            return bad_value(&infos[i], equals + 1, err);
        switches->values[i] = value;
        return 0;
    }
    char name[64] = "";
    strncat(name, text, len < sizeof name ? len : sizeof name - 1);
    return unknown_name(name, err);
}

const char *sbx_switches_get(const struct sbx_switches *switches, enum sbx_switch which)
{
    return switches->values[which];
}

bool sbx_switches_is(const struct sbx_switches *switches, enum sbx_switch which, const char *value)
{
    return strcmp(switches->values[which], value) == 0;
}

unsigned sbx_switches_get_number(const struct sbx_switches *switches, enum sbx_switch which)
{
    return (unsigned)strtoul(switches->values[which], NULL, 10);
}

void sbx_switches_describe(struct rcn_buf *out)
{
    for (size_t i = 0; i < SBX_SWITCH_COUNT; i++) {
        rcn_buf_printf(out, "  %s = ", infos[i].name);
        join_values(&infos[i], out);
        rcn_buf_printf(out, "\n      %s\n", infos[i].help);
    }
}
