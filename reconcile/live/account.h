/*
 * account.h: what `GET /account` says of companies (api-contract 1.14, 1.15). Private to
 * live/.
 */
#ifndef RCN_LIVE_ACCOUNT_H
#define RCN_LIVE_ACCOUNT_H

#include <stddef.h>

#include "base/arena.h"
#include "base/error.h"

struct rcn_account_company {
    const char *id;
    const char *name; /* NULL when absent */
};

struct rcn_account {
    struct rcn_account_company *companies;
    size_t company_count;
    const char *current_company_id; /* NULL when absent */
    const char
        *key_type; /* `company`: bound to one; `personal`: reaches all of its user's; or "" */
};

/* Judges a body. -1 and err when it does not say which companies the key reaches. */
int rcn_account_judge(struct rcn_arena *arena, const char *body, size_t len,
                      struct rcn_account *ret, struct rcn_error *err);

/* A body without the person and the key that it is about: what rcn_account_judge reads. As it is
 * when that fails. */
char *rcn_account_reduce(struct rcn_arena *arena, const char *body);

/* NULL when it is not among them. */
const struct rcn_account_company *rcn_account_find(const struct rcn_account *account,
                                                   const char *company_id);

/* RCN_ERROR_REFUSED when the company is not among those of the key (SPEC 4). */
int rcn_account_check_named(const struct rcn_account *account, const char *company_id,
                            struct rcn_error *err);

/* The company that requests without x-company-id are for: NULL when the account names none.
 * RCN_ERROR_REFUSED when the key reaches several (SPEC 4). */
int rcn_account_find_own(const struct rcn_account *account, const struct rcn_account_company **ret,
                         struct rcn_error *err);

#endif
