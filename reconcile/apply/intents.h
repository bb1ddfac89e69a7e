/*
 * intents.h: what runs announce before they create.
 *
 * This is the one face of what remembers: the journals of this machine, and the ledger that several
 * machines share. The run announces, learns, closes; it does not know where that is kept. With a
 * ledger the journals are locked and written all the same: the next run in this state folder may
 * use no ledger, or another one.
 *
 * Order of use: open, judge what earlier runs left open, rcn_intents_clear_doubt once the list has
 * been awaited, then announce, end and close.
 */
#ifndef RCN_APPLY_INTENTS_H
#define RCN_APPLY_INTENTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "apply/intent.h"
#include "base/arena.h"
#include "base/error.h"
#include "model/known.h"

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
 * company under another name: a run that could not know the company of its key has kept its journal
 * apart. RCN_ERROR_REFUSED: another run holds one. RCN_ERROR_FAILED: one cannot be kept.
 */
struct rcn_intents *rcn_intents_open(const struct rcn_intents_options *options,
                                     struct rcn_error *err);
/* Writes what is pending, and unlocks. NULL allowed. */
void rcn_intents_free(struct rcn_intents *intents);

/*
 * True when an earlier run may have announced what is not in here: a place where no journal was
 * kept before, a line that cannot be read, no journal at all.
 */
bool rcn_intents_are_in_doubt(const struct rcn_intents *intents);
void rcn_intents_clear_doubt(struct rcn_intents *intents);

/* All intents, closed ones included; pointers stay valid, rcn_intents_announce adds. */
size_t rcn_intents_get_count(const struct rcn_intents *intents);
struct rcn_intent *rcn_intents_get(const struct rcn_intents *intents, size_t index);

/*
 * How many to announce at once where some are needed now. An fsync takes milliseconds and a push a
 * second, and nothing is sent during either. is_trusted: the API does what it is asked for.
 */
enum { RCN_INTENTS_BATCH_MOST = 100 };
size_t rcn_intents_get_batch(const struct rcn_intents *intents, size_t needed, bool is_trusted);

/*
 * Announces count intents: durable when it returns 0, and only then may they be sent. ret[i] is the
 * one of announced[i]. 1: another machine has announced something meanwhile, which is in the list
 * now; nothing was announced: the list of syncs is to be read again and everything judged again.
 * -1 and err: none of them may be sent.
 */
int rcn_intents_announce(struct rcn_intents *intents, struct rcn_intent *announced, size_t count,
                         struct rcn_intent **ret, struct rcn_error *err);

/* The request has ended; at_ms by the wall clock, outcome as in results.h, id or NULL. */
void rcn_intents_end(struct rcn_intent *intent, int64_t at_ms, const char *outcome, const char *id);
/* Evidence about this sync itself has said what became of it. */
void rcn_intents_close(struct rcn_intent *intent);

/* When the identity was live, and as which id, by the ledger; NULL: not known. */
const struct rcn_known_sync *rcn_intents_find_known(const struct rcn_intents *intents,
                                                    const struct rcn_audience_sync *sync);

/*
 * What is open in the journals of the API, for plan and drift: nothing is locked or written, and
 * what cannot be read is left out. Adds to ret->intents, in the arena.
 */
void rcn_intents_read(struct rcn_arena *arena, const char *state_dir, const char *api_url,
                      struct rcn_known *ret);

#endif
