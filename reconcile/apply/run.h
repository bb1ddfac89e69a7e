/*
 * run.h: one apply: its items, and what its files share.
 *
 * An *item* is a row that was planned as missing. Its `seen` is what the latest list shows under
 * its identity: the plan's list showed nothing there, so whatever is seen has appeared since.
 *
 * Who changes what: control.c the control, look.c the look, intents.c the intents; the state and
 * the outcome of an item are changed by earlier.c (before anything is sent), send.c, and last by
 * settle.c.
 */
#ifndef RCN_APPLY_RUN_H
#define RCN_APPLY_RUN_H

#include "apply/apply.h"
#include "apply/control.h"
#include "apply/intents.h"
#include "apply/look.h"
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
    bool was_sent;    /* some try may have reached the server */
    bool lost_answer; /* some try that may have reached the server had no answer with an id */
    unsigned tries;
    int64_t resend_at_ms;      /* ITEM_WAITING */
    int64_t ended_ms;          /* steady: end of the latest try that may have reached the server */
    struct rcn_intent *intent; /* NULL: not announced */
    bool was_asked_before;     /* an earlier run announced it, and it is there */
    const struct sighting *seen; /* in the latest list */
    int64_t last_seen_ms;        /* steady: end of the latest read that showed it; 0: none did */
};

struct run {
    struct rcn_api *api;
    const struct rcn_plan *plan;
    const struct rcn_apply_options *options;
    struct rcn_results *results;
    struct rcn_arena *scratch; /* keys; dies with the run */
    struct item *items;
    size_t item_count;
    struct rcn_strmap *by_identity; /* struct item */
    struct rcn_strmap *managed; /* ids that some manifest manages, identities that it asks for */
    struct control control;
    struct look look;
    struct rcn_intents *intents;
    struct rcn_error refused; /* nothing could be announced in the ledger; empty: nothing failed */
    int64_t began_ms; /* steady: the locks were ours; requests of earlier runs ended before */
};

/* --- run.c --- */

/* Reads the list and looks each item up in it. -1 and err: everything stays as it was. */
int run_read_list(struct run *run, const struct rcn_live_company *only, struct rcn_error *err);
size_t run_count_done(const struct run *run);
/* The item of that identity, or NULL. */
struct item *run_find_item(const struct run *run, const struct rcn_audience_sync *identity);

/* Does some manifest speak of the live sync, selected or not? */
bool run_is_managed(struct run *run, const struct rcn_live_sync *live);
/* Is it managed, or what an answer named, or of an identity that some run announced? */
bool run_is_accounted(struct run *run, const struct rcn_live_sync *live);
/* Could it be what was asked for, but for the name: account, no segment known to differ? */
bool run_could_be(const struct rcn_audience_sync *asked, const struct rcn_live_sync *live);
/* Has the manifest said that the live sync is another one (`replaces`)? item may be NULL. */
bool run_is_replaced(const struct item *item, const struct rcn_live_sync *live);
/*
 * A sync that has appeared since the plan, that no one accounts for, and that could be the item
 * under another name; NULL: none. Several items may get the same one.
 */
const struct rcn_live_sync *run_find_stranger(struct run *run, const struct item *item);

/* --- earlier.c --- */

/*
 * Waits for what earlier runs left open, or may have left in another place, before the first
 * create. Items that it decides about are DONE.
 */
int run_await_earlier(struct run *run, struct rcn_error *err);
/* Judges by the latest list what other runs announced, and what is known from before: items that it
 * decides about are DONE, and what the list gave evidence of is closed. */
void run_judge_earlier(struct run *run);

/* --- send.c --- */
void run_send(struct run *run);

/* --- settle.c: the last word --- */
void run_settle(struct run *run);

/* Between two reads that wait for something: 1, 2, 4, 4, ... seconds, from the end of the first. */
enum { RUN_FIRST_PAUSE_MS = 1000, RUN_LAST_PAUSE_MS = 4000 };
int64_t run_grow_pause_ms(int64_t pause_ms);

#endif
