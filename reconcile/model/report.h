/*
 * report.h: what a run of a command has to say, as a value.
 *
 * cmd/ fills it, document/ writes it as the one JSON document and reads it back, report/ makes
 * every other format of it. It is also complete after a failure: then plan or results may be NULL.
 *
 * Ownership: everything in a report is borrowed.
 */
#ifndef RCN_MODEL_REPORT_H
#define RCN_MODEL_REPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/diag.h"
#include "base/error.h"
#include "model/plan.h"

/* --- the results of apply --- */

enum rcn_outcome {
    RCN_OUTCOME_NONE,          /* the row was not planned as missing */
    RCN_OUTCOME_CREATED,       /* proven: by the answer, or confirmed by re-reading the list */
    RCN_OUTCOME_EXISTS,        /* appeared before we sent anything: not created by us */
    RCN_OUTCOME_FAILED,        /* the server refused it */
    RCN_OUTCOME_UNKNOWN,       /* sent, with no proof of the outcome: look before running again */
    RCN_OUTCOME_NOT_ATTEMPTED, /* never sent */
};
enum { RCN_OUTCOME_COUNT = 6 };

/* The first upload of a created sync, for apply --wait. */
enum rcn_upload_status {
    RCN_UPLOAD_NONE,
    RCN_UPLOAD_DONE,
    RCN_UPLOAD_ERROR,
    RCN_UPLOAD_DISCONNECTED, /* Meta must be connected again first */
    RCN_UPLOAD_PENDING,      /* not ended when the wait was over */
};
enum { RCN_UPLOAD_COUNT = 5 };

struct rcn_upload {
    enum rcn_upload_status status;
    int64_t people;       /* uploaded; -1: unknown */
    const char *error;    /* NULL for DONE: why not */
    const char *ended_at; /* as the API gives it; NULL: unknown */
};

struct rcn_result {
    enum rcn_outcome outcome;
    const char *id;     /* of the live sync; NULL when not known */
    size_t http_status; /* 0: no answer, or never sent */
    const char *error;  /* why not created, or what is wrong with it; NULL: nothing */
    const char *note;   /* `confirmed by re-reading`, `do not run again before TIME`; or NULL */
    bool is_verified;   /* the list shows it exactly once, under exactly the name asked for */
    struct rcn_upload *upload; /* NULL: not waited for */
};

/* One create in the log of all applies, or one that is announced and not settled. */
struct rcn_log_entry {
    int64_t at_ms;          /* wall clock of that machine */
    const char *outcome;    /* as in documents: `created`, `failed`, ...; `announced` */
    const char *company_id; /* NULL: the company of the key */
    const char *ad_account_id;
    const char *audience_name;
    const char *id;     /* NULL: not known */
    const char *run;    /* the id of the run */
    const char *who;    /* NULL: nothing says */
    const char *where;  /* a host, or the address of a CI job; NULL: nothing says */
    const char *commit; /* of the manifests; NULL: they came from no commit */
    int64_t until_ms;   /* announced: when nothing can come of it any more; else 0 */
    size_t position;    /* in the ledger: of one second, the later ones come after */
};

/* What became of each sync that was planned as missing. apply/ fills it; it owns its arena, and
 * borrows nothing from the plan. */
struct rcn_results {
    struct rcn_arena *arena;  /* owned */
    struct rcn_result *items; /* one for each row of the plan, same index */
    size_t count;
    size_t by_outcome[RCN_OUTCOME_COUNT];
    size_t by_upload[RCN_UPLOAD_COUNT];
    int64_t uploaded_people; /* of the uploads that are DONE */
    bool is_verified;        /* the final list was read and agrees with every created one */
    const char *problem; /* about the run as a whole: why it stopped early, or could not verify */
    int64_t again_at_ms; /* wall clock: do not run again before; 0: at any time */
};

void rcn_results_free(struct rcn_results *results);

/* `created`, `not-attempted`, ... (SPEC 6), and `done`, ...; NULL for NONE, ended by NULL. */
extern const char *const rcn_outcome_names[];
extern const char *const rcn_upload_status_names[];

/* True when every planned create is there, proven by the list, and no upload that was waited for
   failed or is pending: the only way to exit 0. */
bool rcn_results_are_complete(const struct rcn_results *results);

/* --- the report --- */

enum rcn_item_kind {
    RCN_ITEMS_NONE,
    RCN_ITEMS_AD_ACCOUNTS,
    RCN_ITEMS_SEGMENTS,
    RCN_ITEMS_SYNCS,
    RCN_ITEMS_LOG,
};

/* The rows of `get` and `log`: by the kind of type rcn_ad_account, rcn_segment, rcn_live_sync or
 * rcn_log_entry. Borrowed from the live state and the ledger. */
struct rcn_items {
    enum rcn_item_kind kind;
    const void **rows;
    size_t count;
};

/* A run of `drift --history`: its counts. */
struct rcn_history_point {
    int64_t at_ms;
    struct rcn_plan_counts counts;
};

/* A row that was not in sync. */
struct rcn_history_row {
    const char *company_id; /* NULL: unknown */
    const char *ad_account_id;
    const char *audience_name;
    const char *id; /* of the live sync, or the pin; NULL: none */
    enum rcn_status status;
    bool is_unhealthy;
    int64_t since_ms;
};

/* What earlier runs say of this one; only runs of the same API, companies and selection. */
struct rcn_history {
    const struct rcn_history_point *points; /* oldest first, this run included; NULL: not kept */
    size_t count;
    size_t runs;                            /* this one included */
    int64_t previous_at_ms;                 /* the run before; 0: none */
    const struct rcn_history_row *resolved; /* in the run before, and not so any more */
    size_t resolved_count;
    size_t new_count; /* rows with is_new */
};

struct rcn_report {
    const char *command; /* `plan` */
    const char *outcome; /* SPEC 6: `valid`, `in-sync`, `differences`, `applied`, `error`, ... */
    int exit_code;
    int64_t created_at_ms;                 /* wall clock */
    const struct rcn_plan *plan;           /* NULL: none was made */
    const struct rcn_results *results;     /* apply only; NULL: nothing was started */
    const struct rcn_diags *diags;         /* sorted; never NULL */
    const struct rcn_source_facts *source; /* known although there is no plan, or NULL */
    size_t desired_count;                  /* syncs in the manifests, for validate */
    struct rcn_request_counts requests;
    const struct rcn_error *error;     /* why the command failed, or NULL */
    const struct rcn_items *items;     /* get and log only */
    const struct rcn_history *history; /* drift only; NULL: none */
    unsigned fail_on;       /* drift only, by plan.h; 0: no difference makes the run fail */
    const char *report_id;  /* distinguishes comments of one command (--report-id); NULL: none */
    const char *run_url;    /* of the CI job; NULL: unknown, as the two that follow */
    const char *commit_url; /* the commit of the manifests */
    const char *blob_url;   /* what a path in that commit is added to */
};

/* The facts that are known although a plan may be missing; NULL: none. */
const struct rcn_source_facts *rcn_report_get_source(const struct rcn_report *report);
const struct rcn_live_state *rcn_report_get_live(const struct rcn_report *report);
/* All zero but `desired` when there is no plan. */
struct rcn_plan_counts rcn_report_get_counts(const struct rcn_report *report);

/* What became of the row; NULL when it was not planned as missing, or nothing was started. */
const struct rcn_result *rcn_report_get_result(const struct rcn_report *report,
                                               const struct rcn_plan_row *row);
/* The desired sync, or the live one when no manifest has it. */
const struct rcn_audience_sync *rcn_row_get_sync(const struct rcn_plan_row *row);
/* The place of the row in a manifest; its text is NULL when it has none. */
struct rcn_span rcn_row_get_span(const struct rcn_plan_row *row);

/* The path as it is in a checkout: without the commit that a Git source puts before it. The span
   must have a text. */
const char *rcn_report_get_path(const struct rcn_report *report, struct rcn_span span);

/* The rule that an error of the run is reported under: `failed`, `refused`, ... */
const char *rcn_error_get_rule(const struct rcn_error *error);
/* The rule of `problem` in rcn_results. */
#define RCN_RULE_INCOMPLETE "incomplete"

#endif
