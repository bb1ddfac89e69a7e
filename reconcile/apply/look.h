/*
 * look.h: what the list shows, and what it showed before.
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
#include "base/strmap.h"
#include "live/api.h"
#include "model/live_state.h"

/* A live sync in the latest list. Those of one identity form a chain. */
struct sighting {
    const struct rcn_live_sync *live;
    struct sighting *next;
};

struct look {
    struct rcn_api *api;
    struct rcn_live_state *latest;        /* owned; NULL before the first read */
    const struct rcn_live_state *planned; /* what the plan was made from */
    int64_t began_ms;                     /* steady: no list in `latest` is older than this */
    struct rcn_arena *keys;               /* of the two maps of the latest list */
    struct rcn_strmap *by_identity;       /* struct sighting */
    struct rcn_strmap *by_id;             /* struct rcn_live_sync */
    const struct rcn_live_sync **fresh;   /* in the latest list, and not when the plan was made */
    size_t fresh_count;
    struct rcn_arena *planned_keys;
    struct rcn_strmap *planned_ids; /* any value */
};

void look_init(struct look *look, struct rcn_api *api, const struct rcn_live_state *planned);
void look_release(struct look *look);

/*
 * Reads the list of each company, or of `only`, one of the latest. -1 and err: the latest stays
 * what it was; also when a cache has answered with an older one. RCN_ERROR_REFUSED: the company of
 * the key is not the plan's any more.
 */
int look_read(struct look *look, const struct rcn_live_company *only, struct rcn_error *err);

/* The company of that id in the latest list, or NULL. */
const struct rcn_live_company *look_find_company(const struct look *look, const char *company_id);

/* The chain of the identity in the latest list, or NULL. */
const struct sighting *look_find(const struct look *look, const struct rcn_audience_sync *identity);
/* The live sync of that id in the latest list, or NULL. */
const struct rcn_live_sync *look_find_id(const struct look *look, const char *company_id,
                                         const char *id);

/* Was a sync of that id not live when the plan was made? */
bool look_is_fresh(const struct look *look, const struct rcn_live_sync *live);

/* createdAt of the newest live sync of the company; NULL: not known of each of them. */
const char *look_get_newest(const struct look *look, const char *company_id);

/* The key of (company, id), beside those of identities: an ad account id is never empty. */
const char *look_make_id_key(struct rcn_arena *arena, const char *company_id, const char *id,
                             size_t *ret_len);

#endif
