/*
 * ci.h: where a report can be linked to: the CI job that runs, and the commit of the manifests on
 * GitHub or GitLab.
 */
#ifndef AUDIENCECTL_CI_H
#define AUDIENCECTL_CI_H

#include "base/arena.h"
#include "model/report.h"

/* The address of the job that runs; NULL: not known. */
const char *ci_find_run(struct rcn_arena *arena);

/*
 * Sets run_url, commit_url and blob_url as far as they are known: from the URL of a Git source, and
 * from the environment of a job of GitHub Actions or GitLab CI. What does not look like an https
 * address is not taken.
 */
void ci_fill(struct rcn_report *report, struct rcn_arena *arena);

#endif
