/*
 * ledger.h: a Git branch as the journal and the memory that all machines share.
 *
 * It holds, in a folder for each API and company, the creates that were announced (open), the
 * identities that were seen live (known) and a line for every apply (the log). Every change is a
 * commit that the server takes only on top of what the pusher has read: ledger_remote.h. There is
 * no lock: each announced create is the lock of its own sync. The protocol, and why it is safe, is
 * in reconcile/README.md. In short: fetch, read the list, announce what is missing (push), send,
 * read the list until all is settled, push the end. What another run has announced is not attempted
 * until that run has closed the line, or nothing can come of it any more.
 *
 * A folder is named by the host of the API and the company's id: `api.sequenzy.com/comp_123`. In
 * it, every file has one JSON object a line, so that a person can read it in the web view of a Git
 * host, and `git log -p` shows what each run changed:
 *
 *     open.jsonl         creates that were announced and are not settled, by identity
 *     known.jsonl        identities that were seen live and are managed, by identity
 *     log/2026-11.jsonl  a line for every apply that created or tried to, oldest first
 *
 * Nothing in them is a key, the content of a segment, or a person.
 *
 * A branch that goes back (its sequence number is lower than one that this machine has read, or it
 * is gone) was rewritten by a person: refused, because lines may be lost with it.
 */
#ifndef RCN_APPLY_LEDGER_H
#define RCN_APPLY_LEDGER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "apply/journal.h"
#include "apply/ledger_remote.h"
#include "base/error.h"
#include "model/report.h"

/* How long an announcement is valid, and how much more for each create (100 a minute, with reads
 * and a 429). What is not sent by then is announced again. A longer time makes others wait longer
 * for a dead run. */
enum { RCN_LEDGER_GOOD_MS = 30000, RCN_LEDGER_GOOD_EACH_MS = 1500 };

/* Two machines' clocks may differ by this much (SPEC 5, ledger). */
enum { RCN_LEDGER_CLOCK_SKEW_MS = 300000 };

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
 * Fetches the branch: before the list is read.
 * RCN_ERROR_REFUSED: it went back, or is none of ours, or of a newer version.
 * RCN_ERROR_FAILED: it cannot be read.
 */
int rcn_ledger_fetch(struct rcn_ledger *self, struct rcn_error *err);

/*
 * Reads what was fetched of these companies (an id may be NULL), and of those that may be the same
 * ones: a run that could not know the company of its key has announced for NULL, and one of NULL
 * reads every company of the API. Replaces what was read before.
 * RCN_ERROR_REFUSED: a file is not as we write it.
 */
int rcn_ledger_load(struct rcn_ledger *self, const char *const *company_ids, size_t count,
                    struct rcn_error *err);

/* Fetches and loads the same companies once more: after a push that was not taken. */
int rcn_ledger_read_again(struct rcn_ledger *self, struct rcn_error *err);

/*
 * Every create of the companies that were loaded (NULL: all of the API): those that are announced,
 * then those in the log, each newest first. The array is in the arena and borrows from the ledger.
 */
int rcn_ledger_read_log(struct rcn_ledger *self, struct rcn_arena *arena,
                        struct rcn_log_entry **ret, size_t *ret_count, struct rcn_error *err);

/* True when the branch exists: an earlier run wrote it. */
bool rcn_ledger_exists(const struct rcn_ledger *self);

/* The open lines of others, by index; NULL: no more. The same line is the same intent after the
 * next read; one that the branch has no more is not open then. */
struct rcn_intent *rcn_ledger_get_other(const struct rcn_ledger *self, size_t index);

/* For plan and drift: the open lines of others and the known identities. Valid until the next
 * read. */
const struct rcn_known *rcn_ledger_get_known(const struct rcn_ledger *self);

/* The known sync of the identity; NULL: none. */
const struct rcn_known_sync *rcn_ledger_find_known(const struct rcn_ledger *self,
                                                   const struct rcn_audience_sync *sync);

/*
 * Announces creates, at least one, which are borrowed from then on; sync, newest, timeout_ms and
 * settle_ms are set, and the rest of each line is filled in. RCN_LEDGER_PUSHED: they may be sent
 * until good_until_ms. A line stays, with its id, while it is open and its sync not known; one of
 * another run at least until it is over. RCN_LEDGER_MOVED: read again and judge again; nothing was
 * announced. Otherwise err. (An outcome that is unknown has been read back here.)
 */
enum rcn_ledger_push rcn_ledger_announce(struct rcn_ledger *self, struct rcn_intent *fresh,
                                         size_t count, struct rcn_error *err);

/* What this run knows of a managed sync. */
struct rcn_ledger_record {
    const struct rcn_audience_sync *sync; /* desired */
    const struct rcn_audience_sync *live; /* NULL: not live, or more than once */
    int64_t seen_at_ms;                   /* wall clock, of that list */
    const char *outcome;                  /* as in documents; NULL: this run did not try */
    const char *id;                       /* of the outcome, or NULL */
};

/*
 * The end push: what was closed, what is live, what became of each create. Fetches and merges when
 * the branch has moved. 0 also when there is nothing new. -1 and err: the lines stay open.
 */
int rcn_ledger_finish(struct rcn_ledger *self, const struct rcn_ledger_record *records,
                      size_t count, struct rcn_error *err);

#endif
