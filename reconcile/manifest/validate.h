/*
 * validate.h: what no sync breaks alone: the same identity twice, the same pin twice, names that
 * people cannot tell apart.
 */
#ifndef RCN_MANIFEST_VALIDATE_H
#define RCN_MANIFEST_VALIDATE_H

#include <stdbool.h>

#include "manifest/manifest.h"

/*
 * Checks all syncs of the set, in their order (rules duplicate-sync and similar-name). With
 * newly_settled (one flag a sync: its company was settled just now) only pairs of one such and one
 * other are told, because the rest was told before; NULL: all. -1 and err when out of memory.
 */
int rcn_desired_set_validate(const struct rcn_desired_set *set, const bool *newly_settled,
                             struct rcn_diags *diags, struct rcn_error *err);

#endif
