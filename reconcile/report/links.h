/*
 * links.h: where a report can be linked to: the CI job that runs, and the commit of the manifests
 * on GitHub or GitLab.
 */
#ifndef RCN_REPORT_LINKS_H
#define RCN_REPORT_LINKS_H

#include "base/arena.h"
#include "model/report.h"

/* The address of the job that runs; NULL: not known. */
const char *rcn_links_find_run(struct rcn_arena *arena);

/*
 * Sets run_url, commit_url and blob_url as far as they are known: from the URL of a Git source, and
 * from the environment of a job of GitHub Actions or GitLab CI. What does not look like an https
 * address is not taken.
 */
void rcn_links_fill(struct rcn_report *report, struct rcn_arena *arena);

#endif
