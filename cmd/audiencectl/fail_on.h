/*
 * fail_on.h: which differences make `drift` end with exit code 2 (SPEC 3).
 */
#ifndef AUDIENCECTL_FAIL_ON_H
#define AUDIENCECTL_FAIL_ON_H

#include <stdbool.h>

#include "base/error.h"
#include "report/report.h"

/* From names joined by commas, or `none`; NULL is the default. -1 and err for anything else. */
int fail_on_parse(const char *list, struct rcn_fail_on *ret, struct rcn_error *err);

/* True when the plan has any of them (ignored rows are not counted, plan.h). */
bool fail_on_matches(const struct rcn_fail_on *self, const struct rcn_plan_counts *counts);

#endif
