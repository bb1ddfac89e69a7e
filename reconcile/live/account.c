#include "live/account.h"

#include <string.h>

#include "base/buf.h"
#include "base/json.h"
#include "live/answer.h"

enum { NAMED_COMPANIES = 10, LIST_MOST = 4096 };

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
    if (!ret->id || !*ret->id)
        return rcn_error_set(err, RCN_ERROR_FAILED, "it has no id");
    return 0;
}

static int judge_companies(struct rcn_arena *arena, const struct rcn_json *items,
                           struct rcn_account *ret, struct rcn_error *err)
{
    if (rcn_json_get_type(items) != RCN_JSON_ARRAY)
        return rcn_error_set(err, RCN_ERROR_FAILED, "'companies' is %s, not an array",
                             rcn_json_type_name(rcn_json_get_type(items)));
    size_t count = rcn_json_get_count(items);
    ret->companies = rcn_arena_calloc(arena, count, sizeof *ret->companies);
    for (; ret->company_count < count; ret->company_count++)
        if (judge_company(arena, rcn_json_get_at(items, ret->company_count),
                          &ret->companies[ret->company_count], err))
            return rcn_error_wrap(err, "companies[%zu]", ret->company_count);
    return 0;
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
    if (judge_companies(arena, rcn_json_get(root, "companies"), ret, err))
        return -1;
    return keep_string(arena, root, "currentCompanyId", &ret->current_company_id, err);
}

int rcn_account_judge(struct rcn_arena *arena, const char *body, size_t len,
                           struct rcn_account *ret, struct rcn_error *err)
{
    *ret = (struct rcn_account){0};
    struct rcn_json *root = rcn_json_parse(body, len, err);
    if (!root)
        return -1;
    int result = judge_tree(arena, root, ret, err);
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

/* `'comp_1' (Acme), 'comp_2' (Beta)` */
static void write_companies(const struct rcn_account *account, struct rcn_buf *out)
{
    rcn_buf_init(out, LIST_MOST);
    for (size_t i = 0; i < account->company_count && i < NAMED_COMPANIES; i++) {
        const struct rcn_account_company *company = &account->companies[i];
        rcn_buf_printf(out, "%s'%.60s'", i > 0 ? ", " : "", company->id);
        if (company->name)
            rcn_buf_printf(out, " (%.60s)", company->name);
    }
    if (account->company_count > NAMED_COMPANIES)
        rcn_buf_printf(out, " and %zu more", account->company_count - NAMED_COMPANIES);
}

int rcn_account_check_named(const struct rcn_account *account, const char *company_id,
                                 struct rcn_error *err)
{
    if (rcn_account_find(account, company_id))
        return 0;
    struct rcn_buf names;
    write_companies(account, &names);
    if (names.len > 0)
        rcn_error_set(err, RCN_ERROR_REFUSED,
                      "this key does not reach the company '%.100s': it reaches %s", company_id,
                      rcn_buf_get_str(&names));
    else
        rcn_error_set(err, RCN_ERROR_REFUSED, "this key does not reach the company '%.100s'",
                      company_id);
    rcn_buf_release(&names);
    return rcn_error_set_hint(err, "check companyId in the manifests, --company, and whose key "
                                   "it is");
}

static int refuse_several(const struct rcn_account *account, struct rcn_error *err)
{
    struct rcn_buf names;
    write_companies(account, &names);
    rcn_error_set(err, RCN_ERROR_REFUSED,
                  "this key reaches %zu companies and none is named: it reaches %s",
                  account->company_count, rcn_buf_get_str(&names));
    rcn_buf_release(&names);
    return rcn_error_set_hint(err, "name one with --company or companyId in the manifests");
}

int rcn_account_find_own(const struct rcn_account *account,
                              const struct rcn_account_company **ret, struct rcn_error *err)
{
    const char *current = account->current_company_id;
    const struct rcn_account_company *found =
        current ? rcn_account_find(account, current) : NULL;
    *ret = NULL;
    if (account->company_count == 0)
        return 0;
    if (account->company_count > 1 && !(account->is_company_key && found))
        return refuse_several(account, err);
    if (current && !found)
        return rcn_error_set(err, RCN_ERROR_FAILED,
                             "the current company '%.100s' is not among the key's companies",
                             current);
    *ret = found ? found : &account->companies[0];
    return 0;
}
