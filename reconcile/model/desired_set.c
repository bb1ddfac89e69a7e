#include "model/desired_set.h"

#include <stdlib.h>
#include <string.h>

bool rcn_desired_set_names(const struct rcn_desired_set *set, const char *company_id)
{
    for (size_t i = 0; i < set->company_count; i++)
        if (strcmp(set->company_ids[i], company_id) == 0)
            return true;
    return false;
}

void rcn_desired_set_free(struct rcn_desired_set *set)
{
    if (!set)
        return;
    free(set->syncs);
    free(set->ignores);
    free(set->skipped);
    rcn_arena_free(set->arena);
    free(set);
}
