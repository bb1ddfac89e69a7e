/*
 * live_state.h: what the API lists now, whole or not at all.
 *
 * live/ fills it from whole, judged answers; plan/ compares it. A list that was not read is not in
 * here at all: a company is here only when its list of syncs was read whole (SPEC 4).
 *
 * Ownership: a state owns its arena and everything in it.
 */
#ifndef RCN_MODEL_LIVE_STATE_H
#define RCN_MODEL_LIVE_STATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "model/audience_sync.h"

/* How many requests a run sent, for reports. */
struct rcn_request_counts {
    uint64_t get;
    uint64_t post;
    uint64_t retries;   /* GETs that were repeats; they are counted in get too */
    uint64_t waited_ms; /* with nothing in flight, for the pace, a hold or a backoff */
};

/* How a supporting read (account, ad accounts, segments) ended. */
enum rcn_read_status {
    RCN_READ_SKIPPED, /* not asked for */
    RCN_READ_OK,
    RCN_READ_FORBIDDEN, /* 403: this key may not read it */
    RCN_READ_FAILED,    /* anything else; `problem` says what */
};

struct rcn_ad_account {
    const char *id;
    const char *name; /* NULL when absent */
};

struct rcn_segment {
    const char *id;
    const char *name;                /* NULL when absent */
    int64_t subscriber_count;        /* -1 when absent */
    int64_t active_subscriber_count; /* -1 when absent */
};

/* Meta delivers to audiences of 100 matched people and more (api-contract, Meta-side facts): of a
   segment with fewer active subscribers it is certain that it is too small, of others unknown. */
enum { RCN_SEGMENT_LEAST_DELIVERABLE = 100 };
bool rcn_segment_is_too_small(const struct rcn_segment *segment);

struct rcn_live_company {
    const char *company_id;      /* settled; NULL when unknown */
    const char *name;            /* NULL when unknown */
    bool is_named;               /* by a document or --company; else it is the key's own */
    bool is_sent;                /* x-company-id is sent for it: named, or a personal key's own */
    int64_t began_ms;            /* steady clock: the list is not older than this (Age) */
    int64_t ended_ms;            /* steady clock: the end of the read of the list */
    struct rcn_arena *arena;     /* owned by the state: of the syncs; NULL: they are in its own */
    struct rcn_live_sync *syncs; /* as listed */
    size_t sync_count;
    enum rcn_read_status ad_accounts_status;
    const char *ad_accounts_problem;    /* for FORBIDDEN and FAILED */
    struct rcn_ad_account *ad_accounts; /* sorted by id */
    size_t ad_account_count;
    enum rcn_read_status segments_status;
    const char *segments_problem;
    struct rcn_segment *segments; /* sorted by id */
    size_t segment_count;
};

struct rcn_live_state {
    struct rcn_arena *arena; /* owned */
    const char *api_url;
    int64_t fetched_at_ms; /* wall clock, when the last list was whole: the `now` of the plan */
    bool is_snapshot;      /* read from a file, taken at fetched_at_ms */
    struct rcn_live_company *companies;
    size_t company_count;
    /* the company of what names none (needs_unnamed); NULL when unknown */
    const char *own_company_id;
    enum rcn_read_status account_status; /* OK, FORBIDDEN, or SKIPPED when asked so */
    const char *account_problem;
    const char *digest; /* NULL until rcn_live_state_set_digest */
};

/* NULL is allowed. */
void rcn_live_state_free(struct rcn_live_state *state);

/* Moves the list of `from`, a company of another state, to `company`, of this one, and frees what
 * was there: the company itself stays the same. */
void rcn_live_company_move_list(struct rcn_live_company *company, struct rcn_live_company *from);

/* The company of that id (NULL: the one without an id), or NULL: its list was not read. */
const struct rcn_live_company *rcn_live_state_find_company(const struct rcn_live_state *state,
                                                           const char *company_id);
/* The sync of that id in that company, or NULL. */
const struct rcn_live_sync *rcn_live_state_find_sync(const struct rcn_live_state *state,
                                                     const char *company_id, const char *id);
/* NULL when the company does not have it, or they were not read. */
const struct rcn_ad_account *
rcn_live_company_find_ad_account(const struct rcn_live_company *company, const char *ad_account_id);
const struct rcn_segment *rcn_live_company_find_segment(const struct rcn_live_company *company,
                                                        const char *segment_id);
/* The name of the ad account in that company (NULL: the one without an id), or NULL. */
const char *rcn_live_state_get_ad_account_name(const struct rcn_live_state *state,
                                               const char *company_id, const char *ad_account_id);

/* Fills in state->digest: `sha256:` and 64 digits, over every company's id and every field of every
 * sync, in an order of its own. Only documents have it, so whoever writes one asks. */
void rcn_live_state_set_digest(struct rcn_live_state *state);

#endif
