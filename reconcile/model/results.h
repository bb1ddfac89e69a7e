/*
 * results.h: what became of each sync that was planned as missing. apply/ fills it, reports read
 * it.
 *
 * Ownership: results own their arena; they borrow nothing from the plan.
 */
#ifndef RCN_MODEL_RESULTS_H
#define RCN_MODEL_RESULTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "model/plan.h"

enum rcn_outcome {
    RCN_OUTCOME_NONE,          /* the row was not planned as missing */
    RCN_OUTCOME_CREATED,       /* proven: by the answer, or confirmed by re-reading the list */
    RCN_OUTCOME_EXISTS,        /* appeared before we sent anything: not created by us */
    RCN_OUTCOME_FAILED,        /* the server refused it */
    RCN_OUTCOME_UNKNOWN,       /* sent, and nobody can say: look before running again */
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

/* `created`, `exists`, `failed`, `unknown`, `not-attempted` (SPEC 6); NULL for NONE. The
 * arrays are ended by NULL. */
extern const char *const rcn_outcome_names[];

/* `done`, `error`, `disconnected`, `pending`; NULL for NONE. */
extern const char *const rcn_upload_status_names[];

/* True when every planned create is there, proven by the list, and no upload that was waited for
   failed or is pending: the only way to exit 0. */
bool rcn_results_are_complete(const struct rcn_results *results);

#endif
