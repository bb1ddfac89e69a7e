/*
 * live_index.h: the live syncs of all companies, found by identity or by id.
 *
 * Each live sync has one entry; entries of one identity form a chain, in no order that means
 * anything. An entry that some manifest speaks of is marked `is_managed`; what is left over is
 * unmanaged.
 *
 * The index allocates from an arena of its own and borrows the live state.
 */
#ifndef RCN_PLAN_LIVE_INDEX_H
#define RCN_PLAN_LIVE_INDEX_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "model/live_state.h"

struct rcn_live_entry {
    const struct rcn_live_sync *live;
    struct rcn_live_entry *next; /* the same identity; NULL at the end */
    bool is_managed;
};

struct rcn_live_index;

/* NULL and err when out of memory. */
struct rcn_live_index *rcn_live_index_new(const struct rcn_live_state *state,
                                          struct rcn_error *err);
void rcn_live_index_free(struct rcn_live_index *index);

/* The chain of the identity, NULL when nothing live has it. -1 and err when out of memory. */
int rcn_live_index_find(struct rcn_live_index *index, const struct rcn_audience_sync *identity,
                        struct rcn_live_entry **ret, struct rcn_error *err);

/* The entry with that id in that company, or NULL. The first call builds the look-up. */
int rcn_live_index_find_id(struct rcn_live_index *index, const char *company_id, const char *id,
                           struct rcn_live_entry **ret, struct rcn_error *err);

/*
 * All entries not marked so far, by identity and id, as one array owned by the index. To be called
 * once everything is marked; the two look-ups below see these only.
 */
int rcn_live_index_list_unmanaged(struct rcn_live_index *index, struct rcn_live_entry ***ret,
                                  size_t *ret_count, struct rcn_error *err);

/*
 * The unmanaged one whose name is the same but for case, spaces or normal form, in the same ad
 * account and company, with no segment known to differ from the sync's; NULL when there is none.
 */
int rcn_live_index_find_similar(struct rcn_live_index *index, const struct rcn_audience_sync *sync,
                                const struct rcn_live_sync **ret, struct rcn_error *err);

/* The unmanaged one with the same company, ad account and segmentId, or NULL. */
int rcn_live_index_find_segment(struct rcn_live_index *index, const struct rcn_audience_sync *sync,
                                const struct rcn_live_sync **ret, struct rcn_error *err);

#endif
