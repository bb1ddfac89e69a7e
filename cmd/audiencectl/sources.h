/*
 * sources.h: from options to manifests: where they are read from, with which variables.
 */
#ifndef AUDIENCECTL_SOURCES_H
#define AUDIENCECTL_SOURCES_H

#include <stdint.h>

#include "base/diag.h"
#include "base/error.h"
#include "base/secret.h"
#include "manifest/manifest.h"
#include "manifest/variables.h"
#include "options.h"
#include "plan/plan.h"
#include "progress.h"
#include "source/source.h"

struct sources {
    struct rcn_secret git_token;
    struct rcn_source *source;
    struct rcn_variables *variables;
    struct rcn_desired_set *manifests;
    struct rcn_source_facts facts; /* points into the source */
};

/*
 * Takes the Git token out of the environment, so that no child inherits it, or from its file. The
 * struct must be zeroed before.
 */
int sources_take_token(struct sources *self, const struct options *options, struct rcn_error *err);

/*
 * Reads everything offline (or from Git). Problems in the user's text go to diags. -1 and err for
 * what stops everything. Diagnostics point into what is read here: release after printing them.
 */
int sources_load(struct sources *self, const struct options *options, int64_t deadline_ms,
                 struct progress *progress, struct rcn_diags *diags, struct rcn_error *err);

void sources_release(struct sources *self);

#endif
