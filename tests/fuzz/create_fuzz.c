/*
 * Any bytes as the answer to a create; the first chooses the status, the second how it was
 * transferred. `created` and `failed` are claims that end a create's uncertainty: they must follow
 * from the answer as jansson reads it. The key must not come out in what is told.
 */
#include <jansson.h>

#include "apply/apply.h"
#include "base/redact.h"
#include "fuzz.h"
#include "live/answer.h"

#define KEY_BEGINS "seq_live_5f2"
#define KEY KEY_BEGINS "90129"
#define NAME "Recent buyers"

static void check_created(const struct rcn_create_answer *answer, const char *body, size_t len)
{
    json_t *root = json_loadb(body, len, JSON_REJECT_DUPLICATES, NULL);
    const json_t *success = json_object_get(root, "success");
    const json_t *sync = json_object_get(root, "audienceSync");
    const char *id = json_string_value(json_object_get(sync, "id"));
    FUZZ_CHECK(answer->transfer == RCN_HTTP_ANSWERED);
    FUZZ_CHECK(answer->status >= 200 && answer->status < 300);
    FUZZ_CHECK(!success || json_is_true(success));
    FUZZ_CHECK(id && *id && strcmp(id, answer->id) == 0);
    json_decref(root);
}

/* The beginning of the key stands in the text for itself, or is written with escapes. */
static bool has_other_beginning(const char *text)
{
    for (const char *at = text; (at = strstr(at, KEY_BEGINS)); at++)
        if (strncmp(at, KEY, strlen(KEY)) != 0)
            return true;
    return strchr(text, '\\') != NULL;
}

static void check(const struct rcn_create_answer *answer, const char *body, size_t len)
{
    static const struct rcn_audience_sync asked = {.ad_account_id = "act_1", .audience_name = NAME};
    enum rcn_outcome outcome = rcn_outcome_of_answer(answer, &asked);
    if (answer->is_success)
        check_created(answer, body, len);
    else
        FUZZ_CHECK(answer->problem[0] && !answer->id);
    if (outcome == RCN_OUTCOME_CREATED)
        FUZZ_CHECK(answer->is_success && strcmp(answer->audience_name, NAME) == 0);
    if (outcome == RCN_OUTCOME_FAILED)
        FUZZ_CHECK(answer->transfer == RCN_HTTP_ANSWERED && answer->status / 100 == 4 &&
                   answer->status != 408 && answer->status != 429);
    if (outcome == RCN_OUTCOME_NOT_ATTEMPTED)
        FUZZ_CHECK(answer->transfer == RCN_HTTP_NOT_SENT);
    FUZZ_CHECK(fuzz_is_visible(answer->problem));
    FUZZ_CHECK(!strstr(answer->problem, KEY));
    /* Nor what is left of it where a text was cut. */
    FUZZ_CHECK(has_other_beginning(body) || !strstr(answer->problem, KEY_BEGINS));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const long statuses[] = {0,   200, 201, 204, 206, 301, 400, 401,
                                    403, 404, 408, 409, 422, 429, 500, 503};
    rcn_redact_add_secret(KEY);
    struct rcn_create_answer answer = {.tag = NULL};
    if (size < 2)
        return 0;
    struct rcn_http_answer http = {.status = statuses[data[0] % 16],
                                   .transfer = (enum rcn_http_transfer)(data[1] % 3),
                                   .body = fuzz_copy(data + 2, size - 2),
                                   .body_len = size - 2,
                                   .error = "connection reset",
                                   .is_create = true};
    rcn_create_judge(&answer, &http);
    rcn_http_answer_release(&http);
    char *body = fuzz_copy(data + 2, size - 2);
    check(&answer, body, size - 2);
    free(body);
    rcn_create_answer_release(&answer);
    return 0;
}
