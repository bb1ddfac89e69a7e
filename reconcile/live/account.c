#include "live/account.h"

#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/json.h"
#include "live/answer.h"

/* A member that is a string, absent or null. */
static int keep_string(struct rcn_arena *arena, const struct rcn_json *object, const char *key,
                       const char **ret, struct rcn_error *err)
{
    const struct rcn_json *value = rcn_json_get(object, key);
    const char *text = rcn_json_get_string(value);
    enum rcn_json_type type = rcn_json_get_type(value);
    if (!text && type != RCN_JSON_ABSENT && type != RCN_JSON_NULL)
        return rcn_error_set(err, RCN_ERROR_FAILED, "'%s' is %s, not a string", key,
                             rcn_json_type_name(type));
    *ret = text ? rcn_arena_strdup(arena, text) : NULL;
    return 0;
}

static int judge_company(struct rcn_arena *arena, const struct rcn_json *item,
                         struct rcn_account_company *ret, struct rcn_error *err)
{
    if (rcn_json_get_type(item) != RCN_JSON_OBJECT)
        return rcn_error_set(err, RCN_ERROR_FAILED, "it is %s, not an object",
                             rcn_json_type_name(rcn_json_get_type(item)));
    if (keep_string(arena, item, "id", &ret->id, err) ||
        keep_string(arena, item, "name", &ret->name, err))
        return -1;
    return ret->id && *ret->id ? 0 : rcn_error_set(err, RCN_ERROR_FAILED, "it has no id");
}

static int judge_tree(struct rcn_arena *arena, const struct rcn_json *root, struct rcn_account *ret,
                      struct rcn_error *err)
{
    if (rcn_answer_judge(root, err))
        return -1;
    const struct rcn_json *key = rcn_json_get(rcn_json_get(root, "apiKeyPermissions"), "activeKey");
    const char *type = rcn_json_get_member_string(key, "type");
    ret->is_company_key = type && strcmp(type, "company") == 0;
    ret->is_personal_key = type && strcmp(type, "personal") == 0;
    const struct rcn_json *items = rcn_json_get(root, "companies");
    if (rcn_json_get_type(items) != RCN_JSON_ARRAY)
        return rcn_error_set(err, RCN_ERROR_FAILED, "'companies' is %s, not an array",
                             rcn_json_type_name(rcn_json_get_type(items)));
    size_t count = rcn_json_get_count(items);
    ret->companies = rcn_arena_calloc(arena, count, sizeof *ret->companies);
    for (; ret->company_count < count; ret->company_count++)
        if (judge_company(arena, rcn_json_get_at(items, ret->company_count),
                          &ret->companies[ret->company_count], err))
            return rcn_error_wrap(err, "companies[%zu]", ret->company_count);
    return keep_string(arena, root, "currentCompanyId", &ret->current_company_id, err);
}

int rcn_account_judge(struct rcn_arena *arena, const char *body, size_t len,
                      struct rcn_account *ret, struct rcn_error *err)
{
    *ret = (struct rcn_account){0};
    struct rcn_json *root = rcn_json_parse(body, len, err);
    if (!root)
        rcn_answer_explain_unreadable(body, err);
    int result = root ? judge_tree(arena, root, ret, err) : -1;
    rcn_json_free(root);
    return result;
}

const struct rcn_account_company *rcn_account_find(const struct rcn_account *account,
                                                   const char *company_id)
{
    for (size_t i = 0; i < account->company_count; i++)
        if (strcmp(account->companies[i].id, company_id) == 0)
            return &account->companies[i];
    return NULL;
}

/* `what: it reaches 'comp_1' (Acme), 'comp_2' (Beta)`; -1. */
static int refuse(const struct rcn_account *account, const char *what, struct rcn_error *err)
{
    enum { NAMED = 10, MAX_BYTES = 4096 };
    struct rcn_buf names;
    rcn_buf_init(&names, MAX_BYTES);
    for (size_t i = 0; i < account->company_count && i < NAMED; i++) {
        const struct rcn_account_company *company = &account->companies[i];
        rcn_buf_printf(&names, "%s'%.40s'", i > 0 ? ", " : ": it reaches ", company->id);
        if (company->name)
            rcn_buf_printf(&names, " (%.40s)", company->name);
    }
    if (account->company_count > NAMED)
        rcn_buf_printf(&names, " and %zu more", account->company_count - NAMED);
    rcn_error_set(err, RCN_ERROR_REFUSED, "%s%s", what, rcn_buf_get_str(&names));
    rcn_buf_release(&names);
    return -1;
}

int rcn_account_check_named(const struct rcn_account *account, const char *company_id,
                            struct rcn_error *err)
{
    char what[160];
    if (rcn_account_find(account, company_id))
        return 0;
    snprintf(what, sizeof what, "this key does not reach the company '%.100s'", company_id);
    refuse(account, what, err);
    return rcn_error_set_hint(err, "check companyId in the manifests, --company, and whose key "
                                   "it is");
}

int rcn_account_find_own(const struct rcn_account *account, const struct rcn_account_company **ret,
                         struct rcn_error *err)
{
    const char *current = account->current_company_id;
    const struct rcn_account_company *found = current ? rcn_account_find(account, current) : NULL;
    *ret = NULL;
    if (account->company_count == 0)
        return 0;
    if (account->company_count > 1 && !(account->is_company_key && found)) {
        char what[96];
        snprintf(what, sizeof what, "this key reaches %zu companies and none is named",
                 account->company_count);
        refuse(account, what, err);
        return rcn_error_set_hint(err, "name one with --company or companyId in the manifests");
    }
    if (current && !found)
        return rcn_error_set(err, RCN_ERROR_FAILED,
                             "the current company '%.100s' is not among the key's companies",
                             current);
    *ret = found ? found : &account->companies[0];
    return 0;
}
