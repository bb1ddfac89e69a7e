#include "fault.h"

#include <fnmatch.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

#include "random.h"

enum { METHOD_SIZE = 16, PATH_SIZE = 256, DEFAULT_DRIP_MS = 20, NUMBER_MAX = 3600000 };

enum argument { NO_ARGUMENT, STATUS, STATUS_AND_RETRY, MILLISECONDS, OPTIONAL_MILLISECONDS, WAY };

static const struct kind_info {
    const char *name;
    enum sbx_fault_kind kind;
    enum argument argument;
    const char *help;
} kinds[] = {
    {"reset-before", SBX_FAULT_RESET_BEFORE, NO_ARGUMENT, "TCP reset, no answer"},
    {"reset-after", SBX_FAULT_RESET_AFTER, NO_ARGUMENT, "the same"},
    {"timeout-before", SBX_FAULT_TIMEOUT_BEFORE, NO_ARGUMENT,
     "holds the connection until the client leaves, at most ten minutes"},
    {"timeout-after", SBX_FAULT_TIMEOUT_AFTER, NO_ARGUMENT, "the same"},
    {"status-before", SBX_FAULT_STATUS_BEFORE, STATUS_AND_RETRY,
     ":CODE[:RETRY-AFTER] answers CODE, with the rest as the header Retry-After"},
    {"status-after", SBX_FAULT_STATUS_AFTER, STATUS, ":CODE answers CODE"},
    {"commit-late", SBX_FAULT_COMMIT_LATE, MILLISECONDS, ":MS answers 503, commits MS later"},
    {"cut-after", SBX_FAULT_CUT_AFTER, NO_ARGUMENT, "half of the announced bytes"},
    {"invalid-json-after", SBX_FAULT_INVALID_JSON_AFTER, NO_ARGUMENT, "200, JSON that ends early"},
    {"success-false-before", SBX_FAULT_SUCCESS_FALSE_BEFORE, NO_ARGUMENT, "200 with success false"},
    {"success-false-after", SBX_FAULT_SUCCESS_FALSE_AFTER, NO_ARGUMENT, "the same"},
    {"html-before", SBX_FAULT_HTML_BEFORE, NO_ARGUMENT, "200 with a page of HTML"},
    {"html-after", SBX_FAULT_HTML_AFTER, NO_ARGUMENT, "the same"},
    {"huge-after", SBX_FAULT_HUGE_AFTER, NO_ARGUMENT, "200 with a body that does not end"},
    {"drip", SBX_FAULT_DRIP, OPTIONAL_MILLISECONDS,
     "[:MS] commits; the right answer, a byte every MS (20)"},
    {"rename", SBX_FAULT_RENAME, WAY,
     "[:upper|:squeeze] commits, and answers, under another name: with ` (1)` after it, in "
     "capitals, or with single spaces"},
};

struct rule {
    char method[METHOD_SIZE];
    char path[PATH_SIZE];
    unsigned long nth; /* 0: not this way; the same below */
    unsigned long every;
    double chance;
    struct sbx_fault fault;
    unsigned long matches;
};

struct sbx_fault_rules {
    struct rule *items;
    size_t count;
    uint64_t seed;
    pthread_mutex_t lock;
};

struct sbx_fault_rules *sbx_fault_rules_new(uint64_t seed)
{
    struct sbx_fault_rules *rules = calloc(1, sizeof *rules);
    if (!rules)
        return NULL;
    rules->seed = seed;
    pthread_mutex_init(&rules->lock, NULL);
    return rules;
}

void sbx_fault_rules_free(struct sbx_fault_rules *rules)
{
    if (!rules)
        return;
    pthread_mutex_destroy(&rules->lock);
    free(rules->items);
    free(rules);
}

/* --- reading a rule --- */

/* A whole number of at most NUMBER_MAX, ended by the end of the text or by `end`. */
static const char *read_number(const char *text, char end, long *ret)
{
    size_t digits = strspn(text, "0123456789");
    *ret = digits && digits < 8 ? strtol(text, NULL, 10) : -1;
    if (*ret < 0 || *ret > NUMBER_MAX || (text[digits] && text[digits] != end))
        return NULL;
    return text + digits;
}

static bool read_status(const char *argument, bool with_retry, struct sbx_fault *ret)
{
    const char *rest = read_number(argument, with_retry ? ':' : '\0', &ret->number);
    if (!rest || ret->number < 200 || ret->number > 599)
        return false;
    if (*rest)
        ret->word = rest + 1;
    return !*rest || rest[1];
}

/* argument: what follows the colon, NULL without one. */
static bool read_argument(const struct kind_info *info, const char *argument, struct sbx_fault *ret)
{
    switch (info->argument) {
    case NO_ARGUMENT:
        return !argument;
    case STATUS:
    case STATUS_AND_RETRY:
        return argument && read_status(argument, info->argument == STATUS_AND_RETRY, ret);
    case OPTIONAL_MILLISECONDS:
        ret->number = DEFAULT_DRIP_MS;
        return !argument || read_number(argument, '\0', &ret->number);
    case MILLISECONDS:
        return argument && read_number(argument, '\0', &ret->number);
    case WAY:
        ret->word = argument;
        return !argument || strcmp(argument, "upper") == 0 || strcmp(argument, "squeeze") == 0;
    }
    return false;
}

static bool read_kind(const char *text, struct sbx_fault *ret)
{
    size_t len = strcspn(text, ":");
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        if (strlen(kinds[i].name) != len || strncmp(kinds[i].name, text, len) != 0)
            continue;
        ret->kind = kinds[i].kind;
        ret->text = text;
        return read_argument(&kinds[i], text[len] ? text + len + 1 : NULL, ret);
    }
    return false;
}

static bool read_turn(const char *text, struct rule *ret)
{
    long number = 0;
    if (strncmp(text, "nth=", 4) == 0 && read_number(text + 4, '\0', &number) && number > 0) {
        ret->nth = (unsigned long)number;
        return true;
    }
    if (strncmp(text, "every=", 6) == 0 && read_number(text + 6, '\0', &number) && number > 0) {
        ret->every = (unsigned long)number;
        return true;
    }
    char *end = NULL;
    if (strncmp(text, "p=", 2) == 0)
        ret->chance = strtod(text + 2, &end);
    return end && end > text + 2 && !*end && ret->chance > 0 && ret->chance <= 1;
}

/* A rule for a method that nobody sends would never fire, unnoticed. */
static bool is_method(const char *text)
{
    static const char *const methods[] = {"*", "GET", "POST", "PATCH", "DELETE"};
    for (size_t i = 0; i < sizeof methods / sizeof *methods; i++)
        if (strcmp(text, methods[i]) == 0)
            return true;
    return false;
}

/* Paths are compared without what the API's URL begins with; a rule may have it. */
static void cut_prefix(char *path)
{
    static const char *const prefixes[] = {"/api/v1/", "/v1/"};
    for (size_t i = 0; i < sizeof prefixes / sizeof *prefixes; i++) {
        size_t len = strlen(prefixes[i]) - 1;
        if (strncmp(path, prefixes[i], len + 1) == 0)
            memmove(path, path + len, strlen(path + len) + 1);
    }
}

static bool read_rule(const char *text, struct rule *ret)
{
    char turn[32];
    int kind_at = 0;
    *ret = (struct rule){0};
    if (sscanf(text, "%15s %255s %31s %n", ret->method, ret->path, turn, &kind_at) != 3)
        return false;
    cut_prefix(ret->path);
    return kind_at && is_method(ret->method) && ret->path[0] == '/' && read_turn(turn, ret) &&
           read_kind(text + kind_at, &ret->fault);
}

int sbx_fault_rules_add(struct sbx_fault_rules *rules, const char *text, struct rcn_error *err)
{
    struct rule rule;
    if (!read_rule(text, &rule))
        return rcn_error_set(err, RCN_ERROR_USAGE,
                             "'--fault %s' is not 'METHOD PATH nth=N|every=N|p=P KIND', see --help",
                             text);
    rules->items = rcn_realloc(rules->items, (rules->count + 1) * sizeof *rules->items);
    rules->items[rules->count++] = rule;
    return 0;
}

void sbx_fault_rules_describe(struct rcn_buf *out)
{
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        rcn_buf_printf(out, "  %-21s %s\n", kinds[i].name, kinds[i].help);
}

/* --- picking --- */

static bool matches(const struct rule *rule, const char *method, const char *path)
{
    return (strcmp(rule->method, "*") == 0 || strcmp(rule->method, method) == 0) &&
           fnmatch(rule->path, path, FNM_PATHNAME | FNM_NOESCAPE) == 0;
}

static bool is_its_turn(const struct sbx_fault_rules *rules, size_t index)
{
    const struct rule *rule = &rules->items[index];
    if (rule->nth)
        return rule->matches == rule->nth;
    if (rule->every)
        return rule->matches % rule->every == 0;
    uint64_t random = sbx_mix(sbx_mix(rules->seed ^ ((uint64_t)index << 48)) + rule->matches);
    return (double)(random >> 11) / 9007199254740992.0 < rule->chance;
}

struct sbx_fault sbx_fault_rules_pick(struct sbx_fault_rules *rules, const char *method,
                                      const char *path)
{
    struct sbx_fault fault = {0};
    pthread_mutex_lock(&rules->lock);
    for (size_t i = 0; i < rules->count; i++) {
        if (!matches(&rules->items[i], method, path))
            continue;
        rules->items[i].matches++;
        if (!fault.kind && is_its_turn(rules, i))
            fault = rules->items[i].fault;
    }
    pthread_mutex_unlock(&rules->lock);
    return fault;
}

bool sbx_fault_commits(const struct sbx_fault *fault)
{
    switch (fault->kind) {
    case SBX_FAULT_RESET_BEFORE:
    case SBX_FAULT_TIMEOUT_BEFORE:
    case SBX_FAULT_STATUS_BEFORE:
    case SBX_FAULT_SUCCESS_FALSE_BEFORE:
    case SBX_FAULT_HTML_BEFORE:
    case SBX_FAULT_COMMIT_LATE:
        return false;
    default:
        return true;
    }
}
