#include "apply/outcome.h"

#include <string.h>

enum rcn_outcome rcn_outcome_of_answer(const struct rcn_create_answer *answer,
                                       const struct rcn_audience_sync *asked)
{
    if (answer->transfer == RCN_HTTP_NOT_SENT)
        return RCN_OUTCOME_NOT_ATTEMPTED;
    if (answer->transfer == RCN_HTTP_LOST)
        return RCN_OUTCOME_UNKNOWN;
    if (answer->is_success && answer->audience_name &&
        strcmp(answer->audience_name, asked->audience_name) == 0)
        return RCN_OUTCOME_CREATED;
    /* 408 and 429 say nothing certain of whether the request was handled. */
    if (answer->status >= 400 && answer->status < 500 && answer->status != 408 &&
        answer->status != 429)
        return RCN_OUTCOME_FAILED;
    return RCN_OUTCOME_UNKNOWN;
}
