/*
 * job.h: what a command collects on its way, and the one end that every way comes to.
 *
 * A command is a row of steps. Each returns 0, or something else and job->error when the rest must
 * be left out. Whatever happens, it ends with job_end or job_fail: they print diagnostics and the
 * error, write every report (also of a failed run, SPEC 6), release everything and give the exit
 * code.
 *
 *     struct job job;
 *     if (job_begin(&job, options) || job_build_plan(&job, true) || ...)
 *         return job_fail(&job);
 *     return job_end(&job, "in-sync", EXIT_DONE);
 */
#ifndef AUDIENCECTL_JOB_H
#define AUDIENCECTL_JOB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "apply/ledger.h"
#include "base/diag.h"
#include "base/error.h"
#include "base/secret.h"
#include "command.h"
#include "document/document.h"
#include "live/api.h"
#include "live/reading.h"
#include "manifest/manifest.h"
#include "plan/plan.h"
#include "report/outputs.h"
#include "report/report.h"
#include "source/source.h"
#include "term.h"

struct job {
    const struct options *options;
    int64_t deadline_ms; /* steady clock; 0: none */
    struct rcn_error error;
    bool has_failed;
    struct rcn_diags diags;
    struct rcn_outputs reports;
    struct rcn_report report; /* items (get, log), history and fail_on (drift); else at the end */
    struct rcn_secret key;    /* of the API */
    struct rcn_secret git_token;
    struct rcn_source *source;
    struct rcn_variables *variables;
    struct rcn_desired_set *manifests;
    struct rcn_source_facts facts; /* of the source; kind is NULL when there is none */
    struct rcn_api *api;
    struct rcn_snapshot *snapshot; /* --live: what is read; snapshot: what is kept; else NULL */
    struct rcn_live_state *live;
    struct rcn_ledger_remote *ledger_remote; /* --ledger; NULL: none */
    struct rcn_ledger *ledger;               /* NULL: none, or it cannot be read */
    struct rcn_known known;                  /* from before, for the plan */
    struct rcn_document *saved;              /* a saved plan; NULL: none */
    bool shows_saved;                        /* the report is the saved one's, word for word */
    struct rcn_plan *plan;                   /* built in this run; NULL: none */
    struct rcn_results *results;             /* apply */
    bool *selected;          /* by job_selects: each --ad-account, then each --name */
    bool hides_text;         /* apply: no text on stdout, because the plan was shown to ask */
    bool is_stdout_optional; /* apply: a stdout that is closed changes nothing */
    int write_failure_code;  /* no report written, in place of 0 or 2: 1, or 3 after a create */
};

/* --- begin and end (job.c) --- */

/* Opens report files, starts the clock of --deadline, and takes the API key and the Git token. What
 * the command does not need is not judged. */
int job_begin(struct job *self, const struct options *options);
/* The end. outcome is one of SPEC 6. A signal that came turns both into those of an interrupt. */
int job_end(struct job *self, const char *outcome, int code);
/* The end after a step has failed: outcome and code follow from the error's kind. */
int job_fail(struct job *self);
/* Fails when there are errors among the diagnostics: `WHAT: 2 errors`. */
int job_check_diags(struct job *self, const char *what);
/* A warning about the run and not about a manifest: at once on standard error, unless -q, and among
 * the diagnostics of every report under this rule (static). --strict does not count it. */
void job_warn(struct job *self, const char *rule, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* Prints the diagnostics that have come in since the last time, in order of place. */
void job_print_diags(struct job *self);
/* What a report is written from, so far; outcome and exit code are the caller's. */
void job_fill_report(const struct job *self, struct rcn_report *report);

/* --- manifests (job_read.c) --- */

/* A variable of the environment; NULL when it is empty, too. */
const char *job_getenv(const char *name);
/* `$XDG_x/audiencectl`, or `$HOME/<fallback>/audiencectl`; relative values do not count (the XDG
 * specification says so). NULL when there is no home either. */
const char *job_find_dir(const struct job *self, const char *variable, const char *fallback);
/* How git reaches servers, for manifests and the ledger. */
struct rcn_git_access job_get_git_access(struct job *self);
/* Reads manifests and variables. Problems in them are in diags; they make only job_load fail. */
int job_read(struct job *self);
int job_load(struct job *self);
/* The manifests of a source; variables may be NULL. */
struct rcn_desired_set *job_decode(const struct rcn_source *source, struct rcn_variables *variables,
                                   struct rcn_diags *diags);
/* plan --base: marks the rows of the plan with what the change does to them. Errors in the
 * manifests of the base are one warning, and nothing is marked. Fails only for a signal. */
int job_mark_base(struct job *self);

/* --- the live state, what is known from before, and the plan (job_plan.c) --- */

/* Everything, --company or the key's own: for a command without manifests. */
struct rcn_live_request job_ask_all(const struct job *self);
/* The live state that is asked for, with --live that of the snapshot. RCN_ERROR_REFUSED when that
 * was edited, is too old, or is of another API or company than asked. */
int job_read_live_state(struct job *self, const struct rcn_live_request *request);
/* The live state of every company that the manifests name (where none is named: of --company, else
 * the key's own), with the companies settled and checked again. Ad accounts, and segments when they
 * are wanted, are read too, but not with --no-preflight. */
int job_fetch(struct job *self, bool wants_segments);
/* --ledger: fetches its branch, before the live state is read. When it cannot be read, that is
 * RCN_ERROR_REFUSED for apply and log, else a warning. */
int job_fetch_ledger(struct job *self);
/* What is known from before of the companies that were read, for the plan. */
int job_load_known(struct job *self);
/* Reads a saved plan into job->saved. */
int job_read_saved(struct job *self, const char *path);
/* For commands without a plan: true when --ad-account and --name choose a row with these. Then
 * job_check_selected fails when an --ad-account or a --name has chosen nothing. */
bool job_selects(struct job *self, const char *ad_account, const char *name);
int job_check_selected(struct job *self);
/* Everything is compared, what the options select is in the plan: fails when that is nothing. With
 * a saved plan: what is missing there, if that is still true (plan_fresh.h). */
int job_plan(struct job *self);
/* All of the above: from the manifests to the plan. */
int job_build_plan(struct job *self, bool wants_segments);
/* Would the creates be accepted (preflight.h)? Nothing with --no-preflight. What must stop an apply
 * is only a warning of other commands. */
int job_preflight(struct job *self);

#endif
