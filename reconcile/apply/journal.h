/*
 * journal.h: the intents of this machine for one company, in a file.
 *
 * A process can be killed between sending a create and learning its answer. So each create is
 * preceded by a durable line in `<state dir>/<hash of API URL and company>.pending`, and a later
 * run judges every line that is still open. The file is locked while open (journal_file.h).
 *
 * The file is only appended to, and started again once nothing is open. The first line names the
 * API and the company; the second says that a run has waited here once. Without it the place is
 * new, and an earlier run may have died elsewhere. A torn last line was not durable, so its create
 * was never sent: it is ignored. Any other line that cannot be read may have been about anything.
 * Both a new place and such a line leave the journal in doubt until the caller has waited.
 *
 * Format: JSON lines:
 *   {"journal": 1, "apiUrl": URL, "companyId": ID or null}
 *   {"awaited": 1}
 *   {"intent": 3, "at": TIME, "timeoutMs": N, "settleMs": N, "newest": TIME or null, "adAccountId",
 *    "audienceName", "segmentId" or "predefinedSegmentId", "frequency", "run" with a ledger}
 *   {"ended": 3, "at": TIME, "outcome": "created", "failed" or "unknown", "id": ID or null}
 *   {"closed": 3}
 */
#ifndef RCN_APPLY_JOURNAL_H
#define RCN_APPLY_JOURNAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/error.h"
#include "model/audience_sync.h"

/*
 * One create that a run announced before sending it: what a later run needs to judge what became of
 * it, whatever that run's own manifests, selection or plan say (SPEC 5). All strings belong to
 * whoever keeps the intent. A ledger keeps the same (ledger.h).
 */
struct rcn_intent {
    /* What was to be created. company_id NULL: the company of the key, which was not known. id:
     * what the answer named, or NULL. */
    struct rcn_audience_sync sync;
    /* createdAt of the newest sync that was live before, by the server's clock: what is older
     * cannot be its result. NULL: not known. */
    const char *newest;
    int64_t at_ms;      /* wall clock: for people, and never to decide by */
    int64_t timeout_ms; /* of its request */
    int64_t settle_ms;  /* of its run */
    bool is_open;
    bool is_known;               /* a ledger knows what it became: no open line there */
    bool is_earlier;             /* announced by an earlier run */
    struct rcn_journal *journal; /* where it is written; NULL: not in one */
    int64_t number;              /* in the journal */
    const char *run;             /* in a ledger: the id of its run */
    const char *where;           /* of that run, for people */
    int64_t until_ms;            /* wall clock; in a ledger: its run sends nothing after that */
    int64_t over_ms;       /* wall clock; of another machine: nothing can come of it afterwards */
    int64_t good_until_ms; /* steady clock: must not be sent later; 0: no limit */
};

/* Only to be read outside journal.c. */
struct rcn_journal {
    const char *company_id;      /* NULL: the company of the key, which was not known */
    struct rcn_intent **intents; /* closed ones included; the pointers stay valid */
    size_t count;
    bool is_awaited;     /* a run has waited here: none that died elsewhere matters */
    bool has_unreadable; /* a line cannot be read */
    /* From here on of journal.c alone. */
    struct rcn_arena *arena;       /* borrowed, as api_url and company_id */
    struct rcn_journal_file *file; /* NULL: read only */
    const char *api_url;
    int64_t next_number;
    struct rcn_buf pending; /* lines not written yet */
    bool has_owner;         /* the first line, of API and company, exists */
    bool is_read;           /* locked, and what it holds is known: only then may it be changed */
};

/*
 * Opens and locks the journal of (api_url, company_id or NULL), making state_dir if need be. What
 * is read goes into the arena. RCN_ERROR_REFUSED: another process holds it. RCN_ERROR_FAILED: it
 * cannot be read or written.
 */
struct rcn_journal *rcn_journal_new(struct rcn_arena *arena, const char *state_dir,
                                    const char *api_url, const char *company_id,
                                    struct rcn_error *err);
/*
 * The journal in that file, to read only: not locked, nothing is written. *ret is NULL when it is
 * new, or of another API. -1 and err: it cannot be read, and may be of any company.
 */
int rcn_journal_peek(struct rcn_arena *arena, const char *path, const char *api_url,
                     struct rcn_journal **ret, struct rcn_error *err);

/* Writes what is pending and unlocks; begins the file anew when nothing is open. NULL allowed. */
void rcn_journal_free(struct rcn_journal *journal);

/* True when an earlier run may have sent a create that is not known here. */
bool rcn_journal_is_in_doubt(const struct rcn_journal *journal);
/* After the wait: the list shows by now whatever was created. */
void rcn_journal_clear_doubt(struct rcn_journal *journal);
/* Nothing is open, and nothing in doubt. */
bool rcn_journal_is_quiet(const struct rcn_journal *journal);

/* Adds the intent, which is borrowed; it is durable after the next rcn_journal_flush. */
void rcn_journal_add(struct rcn_journal *journal, struct rcn_intent *intent);
/* Makes everything added so far durable. -1 and err: nothing that was added may be sent. */
int rcn_journal_flush(struct rcn_journal *journal, struct rcn_error *err);

/*
 * Of an intent that is in a journal, or in none. Both are written with the next flush or at the
 * end; losing them costs the next run a wait.
 *
 * end: the request has ended; at_ms by the wall clock, outcome as in rcn_outcome_names; id,
 * borrowed, or NULL. close: evidence about this sync itself has said what became of it.
 */
void rcn_intent_end(struct rcn_intent *intent, int64_t at_ms, const char *outcome, const char *id);
void rcn_intent_close(struct rcn_intent *intent);

#endif
