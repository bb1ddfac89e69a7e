/*
 * answer.h: what the API's answers say: the frame of a good one, the words of a bad one, the sync
 * of a create, the companies of an account. Pure. All but rcn_create_answer is private to live/.
 *
 * What is quoted of an answer is visible, short, and without secrets (base/redact.h).
 */
#ifndef RCN_LIVE_ANSWER_H
#define RCN_LIVE_ANSWER_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/error.h"
#include "base/json.h"
#include "live/http.h"

/* For a body that is not JSON: if it is an HTML page, or empty, err says so in place of the
 * parser's words. */
void rcn_answer_explain_unreadable(const char *body, struct rcn_error *err);

/* A good answer is one JSON object whose `success` is true or, as the SDKs decode it (api-contract
 * 3), absent or null. Otherwise -1 and RCN_ERROR_FAILED, with the API's own words. */
int rcn_answer_judge(const struct rcn_json *root, struct rcn_error *err);

/* Sets the flaw as the error, with the API's own words after it where the answer has any. -1. */
int rcn_answer_set_flaw(const struct rcn_json *root, const char *flaw, struct rcn_error *err);

/* Why an answer is not what was asked for, in one visible line: `GET /account: 500: database down`.
 * Every form of api-contract 5 is known, the message comes first, then the API's own advice. False
 * when it is not JSON: not the API's, but that of a firewall or a proxy. */
bool rcn_answer_explain(const struct rcn_http_answer *answer, const char *request, char *ret,
                        size_t size);

/* What the answer to a create proves. */
struct rcn_create_answer {
    enum rcn_http_transfer transfer;
    long status;
    int64_t retry_after_ms; /* -1: none */
    int64_t ended_ms;       /* steady clock: no byte of the request can arrive later */
    bool is_success; /* 2xx, a JSON object, `success` not false, an audienceSync with an id and an
                        audienceName */
    const char *id;  /* NULL when not is_success. The rest: NULL when absent */
    const char *audience_name;
    const char *ad_account_id;
    const char *segment_id;
    char problem[512]; /* for people, when not is_success; the API's own advice included */
    void *tag;
    struct rcn_json *root; /* owned: what the texts point into */
};
void rcn_create_answer_release(struct rcn_create_answer *answer);

/* Fills in all but the tag, which stays. */
void rcn_create_judge(struct rcn_create_answer *ret, const struct rcn_http_answer *answer);

/* --- GET /account, and what it says of companies (api-contract 1.14, 1.15) --- */

struct rcn_account_company {
    const char *id;
    const char *name; /* NULL when absent */
};

struct rcn_account {
    struct rcn_account_company *companies;
    size_t company_count;
    const char *current_company_id; /* NULL when absent */
    const char *key_type;           /* `company`: of one; `personal`: of all of its user; or "" */
};

/* Judges a body. -1 and err when it does not say which companies the key reaches. */
int rcn_account_judge(struct rcn_arena *arena, const char *body, size_t len,
                      struct rcn_account *ret, struct rcn_error *err);

/* The body without what identifies the person and the key: only what rcn_account_judge reads.
 * Unchanged when that fails. */
char *rcn_account_reduce(struct rcn_arena *arena, const char *body);

/* NULL and RCN_ERROR_REFUSED when the company is not among those of the key (SPEC 4). */
const struct rcn_account_company *rcn_account_find(const struct rcn_account *account,
                                                   const char *company_id, struct rcn_error *err);

/* The company that requests without x-company-id are for: NULL when the account names none.
 * RCN_ERROR_REFUSED when the key reaches several (SPEC 4). */
int rcn_account_find_own(const struct rcn_account *account, const struct rcn_account_company **ret,
                         struct rcn_error *err);

#endif
