/*
 * intents.h: what runs announce before they create.
 *
 * One interface to the journals of this machine and to the ledger that several machines share. The
 * run announces, learns, closes; it does not know where that is kept. With a ledger the journals
 * are locked and written all the same: the next run in this state folder may use no ledger, or
 * another one.
 *
 * Order of use: open, judge what earlier runs left open, rcn_intents_clear_doubt after the wait for
 * the list, announce; end and close are in journal.h.
 */
#ifndef RCN_APPLY_INTENTS_H
#define RCN_APPLY_INTENTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "apply/journal.h"
#include "base/arena.h"
#include "base/error.h"
#include "model/plan.h"

struct rcn_intents;

struct rcn_intents_options {
    const char *state_dir; /* of the journals; NULL: nothing is kept */
    const char *api_url;
    const char *const *company_ids; /* of what may be created, distinct; NULL: the key's own */
    size_t company_count;
    struct rcn_ledger *ledger; /* read already; NULL: none */
};

/*
 * Opens and locks the journal of each company, and those of the same API that may be about the same
 * company: a run that did not know the company of its key kept a journal of its own.
 * RCN_ERROR_REFUSED: another run holds one. RCN_ERROR_FAILED: one cannot be read or written.
 */
struct rcn_intents *rcn_intents_open(const struct rcn_intents_options *options,
                                     struct rcn_error *err);
/* Writes what is pending, and unlocks. NULL allowed. */
void rcn_intents_free(struct rcn_intents *intents);

/*
 * True when an earlier run may have announced a create that is not in here: a place where no
 * journal was kept before, a line that cannot be read, no journal at all.
 */
bool rcn_intents_are_in_doubt(const struct rcn_intents *intents);
void rcn_intents_clear_doubt(struct rcn_intents *intents);

/* All intents, closed ones included; pointers stay valid, rcn_intents_announce adds. */
size_t rcn_intents_get_count(const struct rcn_intents *intents);
struct rcn_intent *rcn_intents_get(const struct rcn_intents *intents, size_t index);

/*
 * Announces count intents, borrowed until the end of the run: durable when it returns 0, and only
 * then may they be sent. 1: another machine has announced something meanwhile, which is among the
 * intents now; nothing was announced: read the list of syncs and judge everything again. -1 and
 * err: none of them may be sent.
 */
int rcn_intents_announce(struct rcn_intents *intents, struct rcn_intent *fresh, size_t count,
                         struct rcn_error *err);

/*
 * What is open in the journals of the API, for plan and drift: nothing is locked or written, and
 * what cannot be read is left out. Adds to ret->intents, in the arena.
 */
void rcn_intents_read(struct rcn_arena *arena, const char *state_dir, const char *api_url,
                      struct rcn_known *ret);

#endif
