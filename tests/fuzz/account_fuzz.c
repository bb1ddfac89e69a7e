/*
 * Any bytes as the body of an account. What is taken reaches the companies that it lists and no
 * other one, and a key that reaches several has an own one only when the account says which.
 */
#include "fuzz.h"
#include "live/answer.h"

static void check_own(const struct rcn_account *account)
{
    struct rcn_error err = RCN_ERROR_INIT;
    const struct rcn_account_company *own;
    if (rcn_account_find_own(account, &own, &err))
        return;
    FUZZ_CHECK(account->company_count == 0 || own);
    FUZZ_CHECK(!own || rcn_account_find(account, own->id, &err) == own);
    FUZZ_CHECK(account->company_count < 2 || (strcmp(account->key_type, "company") == 0 &&
                                              strcmp(own->id, account->current_company_id) == 0));
}

static void check_companies(const struct rcn_account *account)
{
    struct rcn_error err = RCN_ERROR_INIT;
    for (size_t i = 0; i < account->company_count; i++) {
        const char *id = account->companies[i].id;
        FUZZ_CHECK(id && *id);
        FUZZ_CHECK(rcn_account_find(account, id, &err));
    }
    if (!rcn_account_find(account, "another company", &err))
        FUZZ_CHECK(err.kind == RCN_ERROR_REFUSED);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct rcn_error err = RCN_ERROR_INIT;
    struct rcn_arena *arena = rcn_arena_new((size_t)64 << 20);
    struct rcn_account account;
    char *body = fuzz_copy(data, size);
    FUZZ_CHECK(arena);
    if (rcn_account_judge(arena, body, size, &account, &err) == 0) {
        check_companies(&account);
        check_own(&account);
    }
    free(body);
    rcn_arena_free(arena);
    return 0;
}
