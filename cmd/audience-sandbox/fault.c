/* What each fault makes of an answer: fault_rules.c says which request meets it. */
#include <stdio.h>

#include "fault.h"

/* The status line changes, what the request did stays as it was. */
static void answer_status(const struct sbx_fault *fault, const struct sbx_switches *switches,
                          struct sbx_answer *answer)
{
    bool committed = answer->committed;
    unsigned status = fault->kind == SBX_FAULT_COMMIT_LATE ? 503 : (unsigned)fault->number;
    sbx_answer_error(answer, switches, status, sbx_status_text(status));
    answer->committed = committed;
    answer->retry_after[0] = '\0';
    if (fault->word)
        snprintf(answer->retry_after, sizeof answer->retry_after, "%s", fault->word);
}

static void answer_text(struct sbx_answer *answer, const char *content_type, const char *text)
{
    answer->status = 200;
    answer->content_type = content_type;
    rcn_buf_clear(&answer->body);
    rcn_buf_add_str(&answer->body, text);
}

/* Half of the right answer, so that it begins like one. */
static void answer_half(struct sbx_answer *answer)
{
    rcn_buf_truncate(&answer->body, answer->body.len / 2);
}

void sbx_fault_spoil(const struct sbx_fault *fault, const struct sbx_switches *switches,
                     struct sbx_answer *answer)
{
    switch (fault->kind) {
    case SBX_FAULT_NONE:
    case SBX_FAULT_RENAME:
        return;
    case SBX_FAULT_RESET_BEFORE:
    case SBX_FAULT_RESET_AFTER:
        answer->delivery = SBX_DELIVERY_RESET;
        return;
    case SBX_FAULT_TIMEOUT_BEFORE:
    case SBX_FAULT_TIMEOUT_AFTER:
        answer->delivery = SBX_DELIVERY_NEVER;
        return;
    case SBX_FAULT_STATUS_BEFORE:
    case SBX_FAULT_STATUS_AFTER:
    case SBX_FAULT_COMMIT_LATE:
        answer_status(fault, switches, answer);
        return;
    case SBX_FAULT_CUT_AFTER:
        answer->delivery = SBX_DELIVERY_CUT;
        return;
    case SBX_FAULT_INVALID_JSON_AFTER:
        answer_half(answer);
        return;
    case SBX_FAULT_SUCCESS_FALSE_BEFORE:
    case SBX_FAULT_SUCCESS_FALSE_AFTER:
        answer_text(answer, "application/json",
                    "{\"success\": false, \"error\": \"Something went wrong\"}");
        return;
    case SBX_FAULT_HTML_BEFORE:
    case SBX_FAULT_HTML_AFTER:
        answer_text(answer, "text/html",
                    "<!doctype html>\n<html><body><h1>Please wait</h1></body></html>\n");
        return;
    case SBX_FAULT_HUGE_AFTER:
        answer_text(answer, "application/json",
                    "{\"success\": true, \"audienceSync\": {\"id\": \"");
        answer->delivery = SBX_DELIVERY_ENDLESS;
        return;
    case SBX_FAULT_DRIP:
        answer->delivery = SBX_DELIVERY_DRIP;
        answer->drip_ms = fault->number;
        return;
    }
}
