/*
 * runs.h: what schedule.c, run.c and people.c share: the manifests, and the applies of a schedule.
 */
#ifndef SIM_RUNS_H
#define SIM_RUNS_H

#include "model/report.h"
#include "sim.h"

struct manifest {
    struct sim_want wants[SIM_NAMES];
    bool is_named; /* documents name their company */
};

struct apply {
    struct sim_process process;
    struct manifest manifest; /* as it was when the run began */
    unsigned selected;        /* bits of wants; 0: all */
    int64_t settle_ms;
    int64_t timeout_ms;
    int64_t deadline_after_ms; /* 0: none */
    int64_t approval_ms;
    const char *rate;
    bool has_journal;
    bool has_no_preflight;
    bool saves;                      /* `plan --out`: nothing is applied */
    bool uses_saved;                 /* `apply --plan` */
    bool is_patient;                 /* the first signal ends it in order, not at once */
    const char *replaces[SIM_NAMES]; /* as the manifest has it */
    struct rcn_ledger *ledger;
    struct rcn_known known;
    /* what came of it */
    bool is_done;                /* exit 0 */
    bool is_refused;             /* nothing was written */
    bool is_answerable;          /* a person is asked something by name, or nothing is left to do */
    bool is_logged;              /* it has said nothing of a ledger that could not be written */
    char created[SIM_NAMES][24]; /* ids that it reports as created */
    char message[1024];
};

/* --- run.c: one apply, as cmd/audiencectl does it --- */

void run_init(void);
void run_apply(struct sim_process *self);
bool run_has_saved(void);
void run_check_log(struct rcn_ledger *ledger, const struct apply *apply);

/* --- schedule.c --- */

/* Of every apply so far. */
void schedule_check_logs(struct rcn_ledger *ledger);

/* --- people.c: who writes manifests, and works in the dashboard --- */

void people_init(void);
void people_write_manifest(struct manifest *manifest);
void people_change_manifest(struct manifest *manifest);
/* During the run that begins now: the dashboard, and whose the key is. */
void people_choose_hands(const struct manifest *manifest);
void people_set_right(void);

#endif
