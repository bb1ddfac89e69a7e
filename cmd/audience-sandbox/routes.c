#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/clock.h"
#include "base/memory.h"
#include "call.h"
#include "service.h"

struct route {
    const char *method;
    const char *path; /* `*` stands for one segment, the id */
    int (*answer)(struct sbx_call *call);
    enum sbx_switch scope;
    bool without_company;
};

static const struct route routes[] = {
    {"GET", "/audience-syncs", sbx_call_list_syncs, SBX_SWITCH_SCOPE_SYNCS_READ, false},
    {"POST", "/audience-syncs", sbx_call_create_sync, SBX_SWITCH_SCOPE_SYNCS_WRITE, false},
    {"PATCH", "/audience-syncs/*", sbx_call_change_sync, SBX_SWITCH_SCOPE_SYNCS_WRITE, false},
    {"DELETE", "/audience-syncs/*", sbx_call_delete_sync, SBX_SWITCH_SCOPE_SYNCS_WRITE, false},
    {"POST", "/audience-syncs/*/sync", sbx_call_run_sync, SBX_SWITCH_SCOPE_SYNCS_WRITE, false},
    {"GET", "/ad-accounts", sbx_call_list_ad_accounts, SBX_SWITCH_SCOPE_AD_ACCOUNTS, false},
    {"GET", "/segments", sbx_call_list_segments, SBX_SWITCH_SCOPE_SEGMENTS, false},
    {"GET", "/segments/*/count", sbx_call_count_segment, SBX_SWITCH_SCOPE_SEGMENTS, false},
    {"GET", "/account", sbx_call_get_account, SBX_SWITCH_SCOPE_ACCOUNT, true},
};

enum { ROUTE_COUNT = sizeof routes / sizeof *routes };

const char *sbx_route_strip(const char *path)
{
    static const char *const prefixes[] = {"/api/v1", "/v1"};
    for (size_t i = 0; i < sizeof prefixes / sizeof *prefixes; i++) {
        size_t len = strlen(prefixes[i]);
        if (strncmp(path, prefixes[i], len) == 0 && (path[len] == '/' || !path[len]))
            return path + len;
    }
    return NULL;
}

/* --- finding the endpoint --- */

/* Does the path have the pattern? The segment at `*` is returned, still encoded. */
static bool matches(const char *pattern, const char *path, const char **ret_id, size_t *ret_len)
{
    for (; *pattern; pattern++) {
        if (*pattern != '*') {
            if (*pattern != *path++)
                return false;
            continue;
        }
        *ret_id = path;
        *ret_len = strcspn(path, "/");
        if (!*ret_len)
            return false;
        path += *ret_len;
    }
    return !*path;
}

static int hex_digit(char c)
{
    const char *digits = "0123456789abcdef";
    const char *at = c ? strchr(digits, tolower((unsigned char)c)) : NULL;
    return at ? (int)(at - digits) : -1;
}

/* An id of the path without its percent-encoding; `%00` ends it. NULL when out of memory. */
static const char *decode_id(struct rcn_arena *arena, const char *text, size_t len)
{
    char *id = rcn_arena_strndup(arena, text, len);
    if (!id)
        return NULL;
    char *out = id;
    for (const char *in = id; *in; in++) {
        int high = *in == '%' ? hex_digit(in[1]) : -1;
        int low = high >= 0 ? hex_digit(in[2]) : -1;
        if (low < 0) {
            *out++ = *in;
            continue;
        }
        *out++ = (char)(high * 16 + low);
        in += 2;
    }
    *out = '\0';
    return id;
}

static void add_allowed(struct sbx_answer *answer, const char *method)
{
    size_t len = strlen(answer->allow);
    snprintf(answer->allow + len, sizeof answer->allow - len, "%s%s", len ? ", " : "", method);
}

/* 1 with a route; 0 after a 404 or 405; -1 and call->err. */
static int find_route(struct sbx_call *call, const char *path, const struct route **ret)
{
    for (size_t i = 0; i < ROUTE_COUNT; i++) {
        const char *id = NULL;
        size_t len = 0;
        if (!matches(routes[i].path, path, &id, &len))
            continue;
        add_allowed(call->answer, routes[i].method);
        if (strcmp(routes[i].method, call->request->method) != 0)
            continue;
        *ret = &routes[i];
        call->answer->allow[0] = '\0';
        call->id = id ? decode_id(call->arena, id, len) : NULL;
        return 1;
    }
    return sbx_call_refuse(call, call->answer->allow[0] ? 405 : 404,
                           call->answer->allow[0] ? "Method not allowed" : "Not found");
}

/* --- who may do what --- */

static const char *bearer_key(const char *authorization)
{
    static const char scheme[] = "Bearer ";
    if (!authorization || strncasecmp(authorization, scheme, strlen(scheme)) != 0)
        return NULL;
    return authorization + strlen(scheme) + strspn(authorization + strlen(scheme), " ");
}

/* All steps: 1 to go on, 0 after an answer, -1 and call->err. */

static int check_key(struct sbx_call *call)
{
    const char *key = bearer_key(call->request->authorization);
    struct sbx_company *companies = NULL;
    if (key && (sbx_store_get_key(call->store, call->arena, key, &call->key, call->err) ||
                sbx_store_get_companies(call->store, call->arena, key, &companies,
                                        &call->company_count, call->err)))
        return -1;
    call->companies = companies;
    if (call->key.key)
        return 1;
    struct sbx_problem problem = {.status = 401, .code = "UNAUTHORIZED", .text = "Unauthorized"};
    sbx_answer_problem(call->answer, call->switches, &problem);
    return 0;
}

static int check_rate(struct sbx_call *call, struct sbx_limiter *limiter)
{
    int64_t wait_ms = 0;
    int result = sbx_limiter_take(limiter, call->key.key, rcn_clock_wall_ms(), &wait_ms);
    if (result < 0)
        rcn_memory_exhausted();
    if (result)
        return 1;
    if (sbx_switches_is(call->switches, SBX_SWITCH_RETRY_AFTER, "on"))
        snprintf(call->answer->retry_after, sizeof call->answer->retry_after, "%lld",
                 (long long)(wait_ms + 999) / 1000);
    return sbx_call_refuse(call, 429, "Rate limit exceeded");
}

static int check_scope(struct sbx_call *call, const struct route *route)
{
    const char *scope = sbx_switches_get(call->switches, route->scope);
    if (strcmp(scope, "none") == 0 || !call->key.scopes)
        return 1;
    struct rcn_json *scopes = rcn_json_parse(call->key.scopes, strlen(call->key.scopes), call->err);
    if (!scopes)
        return -1;
    bool granted = false;
    for (size_t i = 0; i < rcn_json_get_count(scopes); i++)
        granted = granted || strcmp(rcn_json_get_string(rcn_json_get_at(scopes, i)), scope) == 0;
    rcn_json_free(scopes);
    if (granted)
        return 1;
    const char *text =
        rcn_arena_printf(call->arena, "API key is missing required scope: %s", scope);
    struct sbx_problem problem = {.status = 403, .shape = SBX_SHAPE_BARE, .text = text};
    sbx_answer_problem(call->answer, call->switches, &problem);
    return 0;
}

static int choose_company(struct sbx_call *call)
{
    const char *wanted = call->request->company_id;
    if (!wanted && call->key.personal &&
        sbx_switches_is(call->switches, SBX_SWITCH_NO_COMPANY, "403"))
        return sbx_call_refuse(call, 403, "No company selected");
    for (size_t i = 0; i < call->company_count && !call->company; i++)
        if (!wanted || strcmp(call->companies[i].id, wanted) == 0)
            call->company = &call->companies[i];
    if (!call->company)
        return sbx_call_refuse(
            call, 403, wanted ? "Access denied to the requested company" : "No company available");
    snprintf(call->answer->company_id, sizeof call->answer->company_id, "%s", call->company->id);
    return 1;
}

static int answer_call(struct sbx_call *call, struct sbx_limiter *limiter)
{
    const char *path = sbx_route_strip(call->request->path);
    const struct route *route = NULL;
    if (!path)
        return sbx_call_refuse(call, 404, "Not found");
    int next = check_key(call);
    if (next == 1)
        next = check_rate(call, limiter);
    if (next == 1)
        next = find_route(call, path, &route);
    if (next == 1 && call->request->body_too_large)
        next = sbx_call_refuse(call, 413, "Payload too large");
    if (next == 1)
        next = check_scope(call, route);
    if (next == 1 && !route->without_company)
        next = choose_company(call);
    return next == 1 ? route->answer(call) : next;
}

/* One transaction; kept only if the answer says that something was done. */
static int answer_in_transaction(struct sbx_call *call, struct sbx_limiter *limiter)
{
    if (sbx_store_begin(call->store, call->err))
        return -1;
    int result = answer_call(call, limiter);
    struct rcn_error error = RCN_ERROR_INIT;
    if (sbx_store_end(call->store, !result && call->answer->committed, &error) && !result) {
        *call->err = error;
        result = -1;
    }
    if (!result && call->answer->body.failed)
        result = rcn_error_set(call->err, RCN_ERROR_FAILED, "the answer is too long");
    return result;
}

void sbx_routes_answer(const struct sbx_service *service, const struct sbx_request *request,
                       const struct sbx_fault *fault, struct sbx_answer *ret)
{
    struct rcn_error error = RCN_ERROR_INIT;
    struct sbx_call call = {.store = service->store,
                            .switches = service->switches,
                            .list_lag_ms = service->list_lag_ms,
                            .flicker = service->flicker,
                            .upload = &service->upload,
                            .request = request,
                            .fault = fault,
                            .arena = rcn_arena_new(SBX_CALL_ARENA_MAX),
                            .now_ms = rcn_clock_wall_ms(),
                            .answer = ret,
                            .err = &error};
    int result = answer_in_transaction(&call, service->limiter);
    if (result)
        sbx_answer_error(ret, service->switches, 500, error.message);
    rcn_arena_free(call.arena);
}
