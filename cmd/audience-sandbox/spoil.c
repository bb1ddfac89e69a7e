/* What each fault makes of an answer: the second half of faults.h. */
#include <stdio.h>

#include "faults.h"

/* The status line changes, what the request did stays as it was. */
static void answer_status(const struct rcn_fault *fault, const struct rcn_switches *switches,
                          struct rcn_answer *answer)
{
    bool committed = answer->committed;
    unsigned status = fault->kind == RCN_FAULT_COMMIT_LATE ? 503 : (unsigned)fault->number;
    rcn_answer_error(answer, switches, status, rcn_status_text(status));
    answer->committed = committed;
    answer->retry_after[0] = '\0';
    if (fault->word)
        snprintf(answer->retry_after, sizeof answer->retry_after, "%s", fault->word);
}

static void answer_text(struct rcn_answer *answer, const char *content_type, const char *text)
{
    answer->status = 200;
    answer->content_type = content_type;
    rcn_buf_clear(&answer->body);
    rcn_buf_add_str(&answer->body, text);
}

/* Half of the right answer, so that it begins like one. */
static void answer_half(struct rcn_answer *answer)
{
    rcn_buf_truncate(&answer->body, answer->body.len / 2);
}

void rcn_fault_spoil(const struct rcn_fault *fault, const struct rcn_switches *switches,
                     struct rcn_answer *answer)
{
    switch (fault->kind) {
    case RCN_FAULT_NONE:
    case RCN_FAULT_RENAME:
        return;
    case RCN_FAULT_RESET_BEFORE:
    case RCN_FAULT_RESET_AFTER:
        answer->delivery = RCN_DELIVERY_RESET;
        return;
    case RCN_FAULT_TIMEOUT_BEFORE:
    case RCN_FAULT_TIMEOUT_AFTER:
        answer->delivery = RCN_DELIVERY_NEVER;
        return;
    case RCN_FAULT_STATUS_BEFORE:
    case RCN_FAULT_STATUS_AFTER:
    case RCN_FAULT_COMMIT_LATE:
        answer_status(fault, switches, answer);
        return;
    case RCN_FAULT_CUT_AFTER:
        answer->delivery = RCN_DELIVERY_CUT;
        return;
    case RCN_FAULT_INVALID_JSON_AFTER:
        answer_half(answer);
        return;
    case RCN_FAULT_SUCCESS_FALSE_BEFORE:
    case RCN_FAULT_SUCCESS_FALSE_AFTER:
        answer_text(answer, "application/json",
                    "{\"success\": false, \"error\": \"Something went wrong\"}");
        return;
    case RCN_FAULT_HTML_BEFORE:
    case RCN_FAULT_HTML_AFTER:
        answer_text(answer, "text/html",
                    "<!doctype html>\n<html><body><h1>Please wait</h1></body></html>\n");
        return;
    case RCN_FAULT_HUGE_AFTER:
        answer_text(answer, "application/json",
                    "{\"success\": true, \"audienceSync\": {\"id\": \"");
        answer->delivery = RCN_DELIVERY_ENDLESS;
        return;
    case RCN_FAULT_DRIP:
        answer->delivery = RCN_DELIVERY_DRIP;
        answer->drip_ms = fault->number;
        return;
    }
}
