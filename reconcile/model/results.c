#include "model/results.h"

#include <stdlib.h>

const char *const rcn_outcome_names[] = {NULL,      "created",       "exists", "failed",
                                         "unknown", "not-attempted", NULL};
const char *const rcn_upload_status_names[] = {NULL,           "done",    "error",
                                               "disconnected", "pending", NULL};

void rcn_results_free(struct rcn_results *results)
{
    if (!results)
        return;
    rcn_arena_free(results->arena);
    free(results);
}

bool rcn_results_are_complete(const struct rcn_results *results)
{
    return results->is_verified && results->by_outcome[RCN_OUTCOME_FAILED] == 0 &&
           results->by_outcome[RCN_OUTCOME_UNKNOWN] == 0 &&
           results->by_outcome[RCN_OUTCOME_NOT_ATTEMPTED] == 0 &&
           results->by_upload[RCN_UPLOAD_ERROR] == 0 &&
           results->by_upload[RCN_UPLOAD_DISCONNECTED] == 0 &&
           results->by_upload[RCN_UPLOAD_PENDING] == 0;
}
