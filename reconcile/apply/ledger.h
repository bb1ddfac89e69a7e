/*
 * ledger.h: a Git branch as the journal and the memory that all machines share.
 *
 * It holds, for each API and company, the creates that were announced (open), the identities that
 * were seen live (known) and a line for every apply (the log): ledger_text.h. Every change is a
 * commit that the server takes only on top of what the pusher has read: ledger_remote.h.
 *
 * There is no lock. Nothing can fence a POST at this API, and the holder of a lock that was paused
 * wakes up after any deadline. Instead each announced create is the lock of its own sync, and the
 * line that a dead run leaves is judged by the same rules as that of a living one. The protocol:
 *
 *  1. The branch is fetched, then the list is read. In this order, because a run that closes a line
 *     does so when the list shows its create: then our list, read later, shows it too.
 *  2. A create is announced before it is sent: its line is pushed on top of what was fetched, good
 *     until a stated time (RCN_LEDGER_GOOD_MS from before the push, by the steady clock of the
 *     sender). Between the fetch and the push nobody else has announced anything, or the push would
 *     not have been taken.
 *  3. A push that is not taken (the branch has moved): fetch, read the list, judge again, push
 *     again. A push whose outcome is unknown: fetch and see whether the lines are there. Nothing is
 *     sent meanwhile.
 *  4. A sync that another run has announced is not attempted, until that run has closed the line,
 *     or nothing can come of it any more: its stated time, the time-out of its request, its settle
 *     window and five minutes between two clocks are over. Then the list, read after that, decides.
 *  5. At the end the lines are closed with what became of them, and what the list shows is known,
 * in one push. What is unknown stays open. A run that dies before that leaves its lines open: 4.
 *
 * What is known and no longer live was deleted by a person, or the list is behind: either way it is
 * not created (SPEC 4, gone).
 *
 * What no client can exclude: a process that is stopped between its last look at the clock and its
 * send, for longer than all of 4, while another run takes over.
 *
 * A branch that goes back (its sequence number is lower than one that was seen, or it is gone) was
 * rewritten by a person: refused, because lines may be lost with it.
 */
#ifndef RCN_APPLY_LEDGER_H
#define RCN_APPLY_LEDGER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "apply/ledger_remote.h"
#include "apply/ledger_text.h"
#include "base/error.h"
#include "model/audience_sync.h"
#include "model/known.h"
#include "model/live_state.h"

enum {
    /* How long an announcement is good for. A batch of RCN_LEDGER_BATCH creates takes two minutes
     * at 100 a minute at the most, with reads and one 429. */
    RCN_LEDGER_GOOD_MS = 180000,
    RCN_LEDGER_BATCH = 100,
};

struct rcn_ledger;

struct rcn_ledger_run {
    const char *run;    /* an id that no other run has */
    const char *who;    /* may be NULL */
    const char *where;  /* a host, or the address of a CI job */
    const char *commit; /* of the manifests; may be NULL */
};

/* The remote is borrowed. Nothing is read yet. */
struct rcn_ledger *rcn_ledger_new(struct rcn_ledger_remote *remote, const char *api_url,
                                  const struct rcn_ledger_run *run);
void rcn_ledger_free(struct rcn_ledger *self);

/*
 * Fetches the branch: before the list is read (1 above).
 * RCN_ERROR_REFUSED: it went back, or is none of ours, or of a newer version.
 * RCN_ERROR_FAILED: it cannot be read.
 */
int rcn_ledger_fetch(struct rcn_ledger *self, struct rcn_error *err);

/*
 * Reads what was fetched of these companies (an id may be NULL), and of those that may be the same
 * ones: a run that could not know the company of its key has announced for NULL, and one of NULL
 * reads every company of the API. What was read before is replaced.
 * RCN_ERROR_REFUSED: a file is not as we write it.
 */
int rcn_ledger_load(struct rcn_ledger *self, const char *const *company_ids, size_t count,
                    struct rcn_error *err);

/* Both. */
int rcn_ledger_read(struct rcn_ledger *self, const char *const *company_ids, size_t count,
                    struct rcn_error *err);

/*
 * Every create of the companies that were loaded (NULL: all of the API): those that are announced,
 * then those in the log, each newest first. The array is in the arena and borrows from the ledger.
 */
int rcn_ledger_read_log(struct rcn_ledger *self, struct rcn_arena *arena,
                        struct rcn_log_entry **ret, size_t *ret_count, struct rcn_error *err);

/* True when the branch exists: an earlier run wrote it. */
bool rcn_ledger_exists(const struct rcn_ledger *self);

/* The same companies once more, after a push that was not taken. */
int rcn_ledger_read_again(struct rcn_ledger *self, struct rcn_error *err);

/* The open lines of others, by index. */
const struct rcn_ledger_intent *rcn_ledger_get_other(const struct rcn_ledger *self, size_t index);

/* For plan and drift: the open lines of others and the known identities. Valid until the next
 * rcn_ledger_read. */
const struct rcn_known *rcn_ledger_get_known(const struct rcn_ledger *self);

/* The known sync of the identity; NULL: none. */
const struct rcn_known_sync *rcn_ledger_find_known(const struct rcn_ledger *self,
                                                   const struct rcn_audience_sync *sync);

/* What an announcement says, beside the sync. */
struct rcn_ledger_announced {
    const struct rcn_audience_sync *sync;
    const char *newest; /* intent.h; may be NULL */
};

/*
 * Announces creates: adds lines to what was read and pushes. RCN_LEDGER_PUSHED: they may be sent
 * until *ret_until_ms (steady clock). RCN_LEDGER_MOVED: read again and judge again; nothing was
 * announced. Otherwise err. (An outcome that is unknown has been read back here.)
 */
enum rcn_ledger_push rcn_ledger_announce(struct rcn_ledger *self,
                                         const struct rcn_ledger_announced *announced, size_t count,
                                         int64_t timeout_ms, int64_t settle_ms,
                                         int64_t *ret_until_ms, struct rcn_error *err);

/* --- what the end push will say; nothing is sent by these --- */

/* The line of the identity that this run (NULL: ours) announced is settled. That of another run is
 * only closed when it is over; ours of the same identity stays. */
void rcn_ledger_close(struct rcn_ledger *self, const struct rcn_audience_sync *sync,
                      const char *run);
/* It may have become this live sync: stays open. */
void rcn_ledger_set_id(struct rcn_ledger *self, const struct rcn_audience_sync *sync,
                       const char *id);
/* A managed sync is live, in a list of that time (wall clock). desired has the template, which the
 * list does not. */
void rcn_ledger_see(struct rcn_ledger *self, const struct rcn_audience_sync *desired,
                    const struct rcn_audience_sync *live, int64_t seen_at_ms);
/* What became of a create, for the log. */
void rcn_ledger_log(struct rcn_ledger *self, const struct rcn_audience_sync *sync,
                    const char *outcome, const char *id);

/*
 * Pushes all that was said since the last read; fetches and merges when the branch has moved. 0
 * also when there was nothing to say. -1 and err: the lines that were announced stay open.
 */
int rcn_ledger_finish(struct rcn_ledger *self, struct rcn_error *err);

#endif
