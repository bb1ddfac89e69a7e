/*
 * look.h: what the list shows, and what of it was not there when the plan was made.
 *
 * A list is evidence of what was there when its read began, and a read that a cache has answered
 * began as long ago as the cache says (Age). Each company has a list and an age of its own: the
 * list of one may wait for an hour (Retry-After) after that of another has come.
 */
#ifndef RCN_APPLY_LOOK_H
#define RCN_APPLY_LOOK_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/error.h"
#include "live/api.h"
#include "model/live_state.h"

/* A live sync in the latest list. */
struct sighting {
    const struct rcn_live_sync *live;
    bool is_fresh;               /* it was not live when the plan was made */
    struct sighting *next;       /* of the same identity, in the order of the list */
    struct sighting *next_fresh; /* in the list of all that are fresh */
};

struct look {
    struct rcn_api *api;
    struct rcn_live_state *latest;        /* owned; NULL before the first read */
    const struct rcn_live_state *planned; /* what the plan was made from */
    struct rcn_identity_map *planned_ids; /* any value */
    int64_t began_ms;                     /* steady: no list in `latest` is older than this */
    struct rcn_arena *arena;              /* of the sightings: they die with the latest list */
    struct rcn_identity_map *by_identity; /* struct sighting: the first of each identity */
    struct sighting *fresh;
};

void look_init(struct look *look, struct rcn_api *api, const struct rcn_live_state *planned);
void look_release(struct look *look);

/*
 * Reads the list of each company, or of `only`, one of the latest. checks_account: as in reading.h.
 * -1 and err: the latest stays what it was; also when a cache has answered with an older one.
 * RCN_ERROR_REFUSED: the company of the key is not the plan's any more.
 */
int look_read(struct look *look, const struct rcn_live_company *only, bool checks_account,
              struct rcn_error *err);

/* In the latest list; NULL: none. The sighting is the first of its identity. */
const struct rcn_live_company *look_find_company(const struct look *look, const char *company_id);
const struct sighting *look_find(const struct look *look, const struct rcn_audience_sync *identity);

/* createdAt of the newest live sync of the company, of those that have one; NULL: none has. */
const char *look_get_newest(const struct look *look, const char *company_id);

#endif
