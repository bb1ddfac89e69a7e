/*
 * run.h: the state of one apply, shared by the files of this room only.
 *
 * An *item* is a row that was planned as missing. Its `seen` is what the latest list shows under
 * its identity; because the identity was absent from the baseline (the list read right before the
 * first create), whatever is seen later has appeared during this run.
 */
#ifndef RCN_APPLY_RUN_H
#define RCN_APPLY_RUN_H

#include "apply/apply.h"
#include "apply/journal.h"
#include "base/strmap.h"

enum item_state {
    ITEM_QUEUED, /* to be sent */
    ITEM_IN_FLIGHT,
    ITEM_WAITING, /* answered 429: sent again once a list read at resend_at_ms does not have it */
    ITEM_DONE,
};

struct item {
    const struct rcn_plan_row *row;
    struct rcn_result *result; /* in the results; NONE while nothing is decided */
    enum item_state state;
    bool was_sent; /* some try may have reached the server */
    unsigned tries;
    int64_t resend_at_ms; /* ITEM_WAITING */
    int64_t ended_ms;     /* steady: end of the latest try that may have reached the server */
    bool has_company;     /* x-company-id goes along */
    struct rcn_journal *journal; /* borrowed; NULL: none */
    bool is_id_certain;          /* result->id was named by an answer */
    size_t entry;                /* in the journal */
    bool has_entry;
    bool was_asked_before;            /* an earlier run left an entry for it, and it is there */
    int64_t entry_at_ms;              /* steady */
    const struct rcn_live_sync *seen; /* the first under the identity in the latest list */
    size_t seen_count;
    const char *seen_ids; /* all of them, for people; arena of the results */
};

struct run {
    struct rcn_api *api;
    const struct rcn_plan *plan;
    const struct rcn_apply_options *options;
    struct rcn_results *results;
    struct rcn_arena *scratch; /* keys; dies with the run */
    struct item *items;
    size_t item_count;
    struct rcn_strmap *by_identity;  /* struct item */
    struct rcn_strmap *baseline_ids; /* company and id of what was there before; any value */
    struct rcn_live_state *baseline;
    struct rcn_live_state *latest; /* the latest whole list; may be the baseline */
    int64_t read_started_ms;       /* steady: when the latest read began */
    /* live syncs that were not there before, have no item's identity, and were named by no answer
     */
    const struct rcn_live_sync **strangers;
    size_t stranger_count;
    struct rcn_journal **journals;
    size_t journal_count;
    /* others of the API, to look at, whose company may be that of some items: where it was named in
     * one run and not in the other, and nobody could say which one the key's is */
    struct rcn_journal **doubtful;
    size_t doubtful_count;
    /* sending */
    bool canary_done; /* the first create since the start (or the last 429) has been answered */
    int64_t held_until_ms; /* after a 429; the list is read then, before anything else is sent */
    bool is_held;
    const char *stop; /* why nothing new is sent; NULL: go on */
    bool has_told_stop;
};

/* run.c */
/* Sets run->stop, once, and results->problem with it. */
void run_stop(struct run *run, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* A copy in the arena of the results; a fixed text when out of memory. */
const char *run_text(struct run *run, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
bool run_is_urgent(const struct run *run);
int run_get_signal(const struct run *run);
/* Tells events->stopping, once. */
void run_tell_stop(struct run *run, const char *why);
/* Tells events->tick how far it is. */
void run_tell_progress(struct run *run);
/*
 * Waits at most until then (steady) or the deadline, while exchanges go on; ends early for a
 * signal.
 */
void run_wait(struct run *run, int64_t until_ms, const char *why);

/* look.c: what the list shows */
/* Reads the list and looks each item up in it. -1 and err: the latest stays what it was. */
int run_read_list(struct run *run, struct rcn_error *err);
/* Looks each item up in run->latest. -1 and err when out of memory. */
int run_look(struct run *run, struct rcn_error *err);
/* Takes run->latest as what was there before the first create. */
int run_index_baseline(struct run *run, struct rcn_error *err);
/* Was a live sync of that id in the baseline? Without memory to say so: true, it proves nothing. */
bool run_was_there(struct run *run, const struct rcn_live_sync *live);
/* Has the live sync the identity of some item? */
bool run_is_item(struct run *run, const struct rcn_live_sync *live);
/* Could it be the item, but for the name: company, ad account, no segment known to differ? */
bool run_could_be(const struct item *item, const struct rcn_live_sync *live);
/* Fills in run->strangers from the latest list. */
int run_list_strangers(struct run *run, struct rcn_error *err);
/*
 * The first stranger that could be this item under another name; NULL: there is none. Several items
 * may get the same one: nobody can say whose it is.
 */
const struct rcn_live_sync *run_find_suspect(struct run *run, const struct item *item);

/* pending.c: what earlier runs left open */
/* Opens and locks the journal of each company that has items. */
int run_open_journals(struct run *run, const struct rcn_live_state *live, struct rcn_error *err);
/* Waits for open entries of the items; those that became something else are DONE, not attempted. */
int run_await_pending(struct run *run, struct rcn_error *err);
/* A line written longer ago than this no longer says when its create went out. */
enum { RUN_ENTRY_FRESH_MS = 1000 };
/*
 * Sees to it that each of the first `needed` items has a fresh intent on disk. When one has not,
 * all count items get one: those behind `needed` are sent soon, and share the fsync.
 */
int run_journal_items(struct run *run, struct item *const *items, size_t needed, size_t count,
                      struct rcn_error *err);

/* settle.c: the last word */
void run_settle(struct run *run);

#endif
