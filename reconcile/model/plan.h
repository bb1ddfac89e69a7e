/*
 * plan.h: what would have to happen, as a value.
 *
 * plan/ builds it by a pure function from desired and live; `plan` prints it, `drift` reports it,
 * `apply` executes it, document/ saves it and reads it back. So a plan carries everything that a
 * report needs to know.
 *
 * Order: rows in manifest order; unmanaged rows by identity, then id.
 *
 * Ownership: a plan owns its arena, but rows point into the desired set and the live state it was
 * built from, which must live longer. (A plan from a file points into itself.)
 */
#ifndef RCN_MODEL_PLAN_H
#define RCN_MODEL_PLAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/error.h"
#include "model/audience_sync.h"
#include "model/live_state.h"

/* A create that was announced and may still show up. */
struct rcn_known_intent {
    struct rcn_audience_sync sync; /* what was to be created; id: what it became, or NULL */
    int64_t until_ms;              /* wall clock: from then on the list shows it, if it ever will */
};

/* An identity that was live at some time. */
struct rcn_known_sync {
    struct rcn_audience_sync sync; /* with its id */
    int64_t seen_at_ms;            /* wall clock, the last time */
};

/* What is known from before, beside what the API lists now: an input of the plan. The journal (this
 * machine) and the ledger (all machines) fill it, from an arena of theirs. */
struct rcn_known {
    const struct rcn_known_intent *intents;
    size_t intent_count;
    const struct rcn_known_sync *syncs;
    size_t sync_count;
};

enum rcn_status {
    RCN_STATUS_IN_SYNC,
    RCN_STATUS_MISSING,
    RCN_STATUS_DRIFTED,
    RCN_STATUS_DUPLICATE,
    RCN_STATUS_WITHHELD,
    RCN_STATUS_UNMANAGED, /* live, in no manifest */
};
enum { RCN_STATUS_COUNT = 6 };

/* Flags beside the status; several may hold at once (SPEC 4). */
enum rcn_health {
    RCN_HEALTH_ERROR = 1 << 0,        /* syncStatus error */
    RCN_HEALTH_DISCONNECTED = 1 << 1, /* syncStatus disconnected */
    RCN_HEALTH_STALE = 1 << 2,        /* active, and no run for over twice its frequency */
};

/* The differences that make a run fail (`drift --fail-on`): bits in the order of the names, which
 * are those of the statuses but in sync, then `unhealthy` and `gone`. */
enum {
    RCN_FAIL_ON_UNHEALTHY = 1 << (RCN_STATUS_COUNT - 1),
    RCN_FAIL_ON_GONE = 1 << RCN_STATUS_COUNT, /* of the withheld ones those that were live */
    RCN_FAIL_ON_GIVEN = 1 << 30,              /* always, with drift */
};
extern const char *const rcn_fail_on_names[]; /* ended by NULL */
bool rcn_fail_on_has(unsigned fail_on, enum rcn_status status);

/* `--fail-on`: names joined by commas, or `none`; NULL is the default. -1 and a usage error. */
int rcn_fail_on_parse(const char *list, unsigned *ret, struct rcn_error *err);

/* Why nothing may be created (SPEC 4, withheld). */
enum rcn_withheld {
    RCN_WITHHELD_NOT,
    RCN_WITHHELD_PAUSED,  /* `isActive: false`: a create would upload at once */
    RCN_WITHHELD_SIMILAR, /* an unmanaged sync's name differs only in case, spaces, normal form */
    RCN_WITHHELD_RENAMED, /* an unmanaged sync has its account and segment under another name */
    RCN_WITHHELD_GONE,    /* its pin, or what is known from before, was live and is not any more */
};
/* `paused`, `similar`, `renamed`, `gone`; NULL for NOT. The array is ended by NULL. */
extern const char *const rcn_withheld_names[];

struct rcn_change {
    const char *field; /* `frequency`, `isActive`, `segmentId` */
    const char *live;
    const char *desired;
};

/* The fields of the live sync that differ. One that the API left out is not compared, and neither
 * is a template: it cannot be proven from a live sync (api-contract 4.4). */
enum { RCN_CHANGES_MAX = 3 };
size_t rcn_changes_find(const struct rcn_audience_sync *desired,
                        const struct rcn_audience_sync *live,
                        struct rcn_change ret[RCN_CHANGES_MAX]);

/* What a change does to a row, compared with another commit (plan --base). */
enum rcn_origin {
    RCN_ORIGIN_NONE, /* there is no base */
    RCN_ORIGIN_BASE, /* as it is there */
    RCN_ORIGIN_NEW,
    RCN_ORIGIN_CHANGED, /* the manifest asks for something else than there */
    RCN_ORIGIN_REMOVED, /* unmanaged only: a manifest has it there */
};

struct rcn_base_facts {
    const char *ref;    /* as asked for */
    const char *commit; /* 40 hex digits */
    size_t added;       /* rows by origin */
    size_t changed;
    size_t removed;
    size_t removed_not_live; /* in manifests there, not here, and never live */
    size_t pending; /* as there, and not in sync or unhealthy; unmanaged and ignored do not count */
};

struct rcn_plan_row {
    enum rcn_status status;
    const struct rcn_desired_sync *desired;  /* NULL for unmanaged */
    const struct rcn_live_sync *const *live; /* those with the identity (or the pinned one) */
    size_t live_count;
    struct rcn_change *changes; /* drifted only */
    size_t change_count;
    bool was_missing; /* the saved plan lists it as missing, and it is live as planned now */
    enum rcn_withheld withheld_because; /* withheld only */
    const char **beside;                /* withheld only: the live ids that the reason is about */
    size_t beside_count;
    int64_t open_intent_until_ms; /* missing only: apply waits until then (wall clock) for a create
                                     of an earlier run; 0: none is open */
    unsigned health;              /* of the live ones, or-ed */
    const char **notes;           /* for people, plain text, one line each */
    size_t note_count;
    const char *ad_account_name;       /* NULL: unknown */
    const struct rcn_segment *segment; /* of segmentId, desired or live; NULL: unknown */
    int64_t since_ms; /* since when it has been so (wall clock), as far as the history knows; 0 */
    bool is_new;      /* it was not so in the run before */
    enum rcn_origin origin;
    bool is_ignored;           /* by an `ignore:` entry in force */
    const char *ignore_reason; /* NULL: none given */
    const char *ignore_until;  /* `2026-12-31`; NULL: for ever */
};

struct rcn_plan_counts {
    size_t desired;
    size_t by_status[RCN_STATUS_COUNT];
    size_t unhealthy; /* desired syncs with any health flag */
    size_t ignored;   /* rows of any status; they are not in by_status nor in unhealthy */
};

/* Where the manifests came from, as documents say it (SPEC 6). */
struct rcn_source_facts {
    const char *kind;   /* `files`, `stdin`, `git` */
    const char *url;    /* paths as given, or the Git URL without credentials */
    const char *ref;    /* git only */
    const char *commit; /* git only */
    size_t files;       /* manifests read */
    size_t skipped;     /* files that are no manifests */
    const char *digest;
};

/* Of the creates of the missing rows. */
struct rcn_cost {
    size_t requests;
    int64_t ms; /* the least time that applying takes under the rate limit, its reads counted in; 0
                   when there is nothing to create */
    int64_t people;       /* active subscribers of the segments */
    bool is_people_least; /* some segments' sizes are unknown */
};

struct rcn_plan {
    struct rcn_arena *arena;   /* owned */
    struct rcn_plan_row *rows; /* desired syncs that are selected */
    size_t row_count;
    /* Missing ones that are not selected: checks are about everything (SPEC 3). */
    const struct rcn_desired_sync **left_out;
    size_t left_out_count;
    /* What is live and not selected (id and identity), but not unmanaged either: it belongs to a
       desired sync, or an `ignore` entry covers it. */
    const struct rcn_audience_sync **managed_elsewhere;
    size_t managed_elsewhere_count;
    struct rcn_plan_row *unmanaged; /* live ones that are selected */
    size_t unmanaged_count;
    struct rcn_plan_counts counts;
    bool is_selected; /* --ad-account or --name was given */
    struct rcn_cost cost;
    struct rcn_source_facts source;
    struct rcn_live_state live;        /* as in documents: without lists (sync_count counts) */
    const struct rcn_base_facts *base; /* NULL: none */
};

void rcn_plan_free(struct rcn_plan *plan);

/* Rows that are withheld as gone, without ignored ones. */
size_t rcn_plan_count_gone(const struct rcn_plan *plan);
bool rcn_fail_on_matches(unsigned fail_on, const struct rcn_plan *plan);

/* `in-sync`, `missing`, `drifted`, `duplicate`, `withheld`, `unmanaged` (SPEC 6), ended by NULL. */
extern const char *const rcn_status_names[];
/* `error`, `disconnected`, `stale`: one for each bit, ended by NULL. */
extern const char *const rcn_health_names[];
extern const char *const rcn_tristate_names[]; /* NULL for absent, `false`, `true` */

#endif
