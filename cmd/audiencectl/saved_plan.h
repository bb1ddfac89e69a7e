/*
 * saved_plan.h: a saved plan as the input of a command.
 */
#ifndef AUDIENCECTL_SAVED_PLAN_H
#define AUDIENCECTL_SAVED_PLAN_H

#include "job.h"

/* Reads the file into job->saved. */
int saved_plan_read(struct job *job, const char *path);

/*
 * For apply: is it still what it was? Reads the live state of its companies, compares again, and
 * leaves the new plan in job->plan. -1 when it may not be executed (plan_fresh.h).
 */
int saved_plan_refresh(struct job *job);

#endif
