/*
 * run.h: one apply: its items, and what its files share.
 *
 * An *item* is a row that was planned as missing. Its `seen` is what the latest list shows under
 * its identity: the plan's list showed nothing there, so whatever is seen has appeared since. The
 * state and the outcome of an item are changed by earlier.c (before anything is sent), send.c, and
 * last by settle.c.
 *
 * A first signal ends a run in order, within the ten seconds that runners give before they kill:
 * nothing new is sent, every wait ends, creates in flight have RUN_FLIGHT_MS left and one read of
 * the list RCN_API_HURRY_MS.
 */
#ifndef RCN_APPLY_RUN_H
#define RCN_APPLY_RUN_H

#include "apply/apply.h"
#include "apply/intents.h"

/* From the first signal on. */
enum { RUN_FLIGHT_MS = 4000 };

/* A run gives up waiting after more reads than these that a cache has answered. */
enum { RUN_CACHED_READS_MOST = 5 };

/*
 * A list is evidence of what was there when its read began, and a read that a cache has answered
 * began as long ago as the cache says (Age). Each company has a list and an age of its own: the
 * list of one may wait for an hour (Retry-After) after that of another has come.
 */

/* A live sync in the latest list. */
struct sighting {
    const struct rcn_live_sync *live;
    bool is_fresh;               /* it was not live when the plan was made */
    struct sighting *next;       /* of the same identity, in the order of the list */
    struct sighting *next_fresh; /* in the list of all that are fresh */
};

struct look {
    struct rcn_api *api;
    struct rcn_live_state *latest;          /* owned; NULL before the first read */
    const struct rcn_live_state *planned;   /* what the plan was made from */
    struct rcn_identity_map *planned_syncs; /* struct rcn_live_sync, by id and by identity */
    int64_t began_ms;                       /* steady: no list in `latest` is older than this */
    struct rcn_arena *arena;                /* of the sightings: they die with the latest list */
    struct rcn_identity_map *by_identity;   /* struct sighting: the first of each identity */
    struct sighting *fresh;
};

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
    struct rcn_arena *scratch; /* dies with the run */
    struct item *items;
    size_t item_count;
    struct rcn_identity_map *by_identity; /* struct item */
    struct rcn_identity_map *managed; /* ids that some manifest manages, identities it asks for */
    struct look look;
    struct rcn_intents *intents;
    struct rcn_error refused; /* nothing could be announced in the ledger; empty: nothing failed */
    int64_t began_ms;         /* steady: locked since then; requests of earlier runs ended before */
    const char *stop;         /* why nothing new is sent; NULL: go on */
    bool has_told_stop;
    int64_t signal_at_ms;     /* steady: when the first signal was seen; 0: none was */
    int64_t uploads_since_ms; /* steady: since when uploads are waited for; 0: creates are */
};

/* --- look.c: what the list shows, and what was not there when the plan was made --- */

void look_init(struct look *look, struct rcn_api *api, const struct rcn_live_state *planned);
void look_release(struct look *look);

/*
 * Reads the list of each company, or of `only`, one of the latest. checks_account: as in reading.h.
 * -1 and err, and the latest list stays: also when a cache has answered with an older one.
 * RCN_ERROR_REFUSED: the company of the key is not the plan's any more.
 */
int look_read(struct look *look, const struct rcn_live_company *only, bool checks_account,
              struct rcn_error *err);

/* In the latest list; NULL: none. The sighting is the first of its identity. */
const struct rcn_live_company *look_find_company(const struct look *look, const char *company_id);
const struct sighting *look_find(const struct look *look, const struct rcn_audience_sync *identity);
/* In the list that the plan was made from; NULL: none. */
const struct rcn_live_sync *look_find_planned(const struct look *look,
                                              const struct rcn_audience_sync *identity);

/* createdAt of the newest live sync of the company, of those that have one; NULL: none has. */
const char *look_get_newest(const struct look *look, const char *company_id);

/* --- run.c: may it go on, and until when --- */

/* A text that outlives the run. */
const char *run_text(struct run *run, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* Sets run->stop, once. */
void run_stop(struct run *run, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* The first signal, or 0. */
int run_get_signal(struct run *run);
bool run_is_urgent(const struct run *run);
/* No wait may go on: after a signal or the deadline. */
bool run_must_end(struct run *run);
/* Waits until then (steady) or the deadline, while exchanges go on; ends early for a signal. The
 * progress shows whole_ms, the latest end of all the waits for the same thing. */
void run_wait(struct run *run, int64_t until_ms, int64_t whole_ms, const char *why);
/* Waits between two reads: *pause_ms, which grows from RUN_FIRST_PAUSE_MS to RUN_LAST_PAUSE_MS, but
 * not past whole_ms if that is in the future. */
enum { RUN_FIRST_PAUSE_MS = 1000, RUN_LAST_PAUSE_MS = 4000 };
void run_pause(struct run *run, int64_t *pause_ms, int64_t whole_ms, const char *why);
void run_tell_progress(struct run *run);

/* --- run.c: items and the list --- */

/* look_read, and looks each item up. While uploads are waited for, the company that the key has
 * become changes nothing: what is looked for is an id. */
int run_read_list(struct run *run, const struct rcn_live_company *only, struct rcn_error *err);
/* The item of that identity, or NULL. */
struct item *run_find_item(const struct run *run, const struct rcn_audience_sync *identity);

/* Does a manifest manage the live sync, selected or not? */
bool run_is_managed(struct run *run, const struct rcn_live_sync *live);
/* Does `replaces` of the item name that id? item may be NULL. */
bool run_is_replaced(const struct item *item, const char *id);
/* Could it be what was asked for, under another name? It has that account, no segment known to
 * differ, is not replaced, not managed, not named by an answer, and no run announced its identity.
 */
bool run_may_be(struct run *run, const struct rcn_audience_sync *asked, const struct item *item,
                const struct rcn_live_sync *live);
/* The sync that an answer named (asked->id), when the list shows it under another identity that no
 * manifest has: the server renamed it, even if a proxy made a second one with the name asked for.
 * NULL: none. */
const struct rcn_live_sync *run_find_renamed(struct run *run, const struct rcn_audience_sync *asked,
                                             const struct item *item);
/* A live sync that has appeared since the plan and that the item may be (run_may_be); NULL: none.
 * Several items may get the same one. */
const struct rcn_live_sync *run_find_stranger(struct run *run, const struct item *item);

/* --- earlier.c --- */

/*
 * Waits for what earlier runs left open, or may have left in another place, before the first
 * create. Items that it decides about are DONE.
 */
int run_await_earlier(struct run *run, struct rcn_error *err);
/*
 * Judges by the latest list what other runs announced, and what is known from before: items that it
 * decides about are DONE, and what the list gave evidence of is closed. Returns the latest time
 * (steady) that an open intent asks to wait for; 0: none.
 */
int64_t run_judge_earlier(struct run *run);

/* --- send.c --- */
void run_send(struct run *run);

/* --- settle.c: the last word --- */
void run_settle(struct run *run);
/* What the list shows several times. */
void run_report_duplicate(struct run *run, struct item *item);

/* --- uploads.c: until people have arrived (apply --wait) --- */

/*
 * A create only begins an upload. So the list is read, ever more slowly, until the first upload of
 * each created sync has ended: lastSyncAt is set, or syncStatus is `error` or `disconnected`
 * (api-contract 4.2). Sets `upload` in each result, and the counts. Nothing is created, whatever
 * the list shows, and no lock is held: an upload may take longer than a journal may be locked. Ends
 * early at a signal and at the deadline.
 */
void run_await_uploads(struct run *run);

#endif
