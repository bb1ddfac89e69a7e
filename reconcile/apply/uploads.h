/*
 * uploads.h: waits until people have arrived (apply --wait).
 *
 * A create only begins an upload: the API answers before it has run. So the list is read, ever more
 * slowly, until the first upload of each created sync has ended: lastSyncAt is set, or syncStatus
 * is `error` or `disconnected` (api-contract 4.2). Nothing is created here, whatever the list
 * shows, and no lock is held: an upload may take as long as the journal must not.
 */
#ifndef RCN_APPLY_UPLOADS_H
#define RCN_APPLY_UPLOADS_H

#include "apply/run.h"

/* From one read to the next: doubled each time. */
enum { UPLOADS_FIRST_PAUSE_MS = 1000, UPLOADS_LAST_PAUSE_MS = 60000 };

/*
 * Sets `upload` in the result of every created sync, and the counts of the results. Ends early at a
 * signal and at the deadline of the run.
 */
void uploads_await(struct run *run);

#endif
