#include "live/account.h"

#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/fields.h"
#include "base/json.h"
#include "live/answer.h"

static const struct rcn_table company_table = {
    .fields =
        (const struct rcn_field[]){
            RCN_FIELD("id", TEXT, REQUIRED, offsetof(struct rcn_account_company, id)),
            RCN_FIELD("name", TEXT, EITHER, offsetof(struct rcn_account_company, name)),
            {0},
        },
    .size = sizeof(struct rcn_account_company),
};
static const struct rcn_table account_table = {
    .fields =
        (const struct rcn_field[]){
            RCN_FIELD("companies", LIST, REQUIRED, offsetof(struct rcn_account, companies),
                      .count = offsetof(struct rcn_account, company_count),
                      .table = &company_table),
            RCN_FIELD("currentCompanyId", TEXT, EITHER,
                      offsetof(struct rcn_account, current_company_id)),
            {0},
        },
    .size = sizeof(struct rcn_account),
};

static int judge_tree(struct rcn_arena *arena, const struct rcn_json *root, struct rcn_account *ret,
                      struct rcn_error *err)
{
    const char *wrong = NULL;
    if (rcn_answer_judge(root, err))
        return -1;
    const struct rcn_json *key = rcn_json_get(rcn_json_get(root, "apiKeyPermissions"), "activeKey");
    const char *type = rcn_json_get_member_string(key, "type");
    ret->key_type = type ? rcn_arena_strdup(arena, type) : "";
    rcn_fields_read(root, &account_table, ret, arena, &wrong);
    for (size_t i = 0; i < ret->company_count && !wrong; i++)
        if (!*ret->companies[i].id)
            wrong = "id";
    if (wrong)
        return rcn_error_set(err, RCN_ERROR_FAILED, "'%s' is absent or invalid", wrong);
    return 0;
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

char *rcn_account_reduce(struct rcn_arena *arena, const char *body)
{
    struct rcn_error ignored = RCN_ERROR_INIT;
    struct rcn_account account;
    struct rcn_json_writer writer;
    struct rcn_buf out;
    if (rcn_account_judge(arena, body, strlen(body), &account, &ignored))
        return rcn_arena_strdup(arena, body);
    rcn_buf_init(&out, SIZE_MAX / 2);
    rcn_json_writer_init(&writer, &out);
    rcn_json_begin_object(&writer);
    rcn_fields_write(&writer, &account_table, &account);
    rcn_json_key(&writer, "apiKeyPermissions");
    rcn_json_begin_object(&writer);
    rcn_json_key(&writer, "activeKey");
    rcn_json_begin_object(&writer);
    rcn_json_key_string(&writer, "type", account.key_type);
    rcn_json_end_object(&writer);
    rcn_json_end_object(&writer);
    rcn_json_end_object(&writer);
    char *reduced = rcn_arena_strdup(arena, rcn_buf_get_str(&out));
    rcn_buf_release(&out);
    return reduced;
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
    if (account->company_count > 1 && !(found && strcmp(account->key_type, "company") == 0)) {
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
