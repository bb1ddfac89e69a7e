#include "model/desired_set.h"

#include <stdlib.h>

void rcn_desired_set_free(struct rcn_desired_set *set)
{
    if (!set)
        return;
    free(set->syncs);
    free(set->ignores);
    rcn_arena_free(set->arena);
    free(set);
}
