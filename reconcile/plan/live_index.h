/*
 * live_index.h: the live syncs of all companies, found by what they have in common.
 *
 * Each live sync has one entry. Entries with the same key form a chain: in the order of identity
 * and id for the keys of unmanaged ones, in no particular order for the others.
 *
 * The index allocates from an arena of its own and borrows the live state.
 */
#ifndef RCN_PLAN_LIVE_INDEX_H
#define RCN_PLAN_LIVE_INDEX_H

#include <stdbool.h>
#include <stddef.h>

#include "model/live_state.h"

/* What to look for, in a company. The keys from the third on find only what
 * rcn_live_index_list_unmanaged listed: call that first. */
enum rcn_live_key {
    RCN_LIVE_NAME,         /* the identity: ad account and audienceName */
    RCN_LIVE_ID,           /* the id; the ad account is not looked at */
    RCN_LIVE_FOLDED_NAME,  /* ad account, and the name but for case, spaces and normal form */
    RCN_LIVE_SEGMENT,      /* ad account and segmentId */
    RCN_LIVE_TEMPLATE,     /* ad account and the template that it is known to be made from */
    RCN_LIVE_SEGMENT_NAME, /* ad account and the name of the segment */
};
enum { RCN_LIVE_KEY_COUNT = 6 };

struct rcn_live_entry {
    const struct rcn_live_sync *live;
    struct rcn_live_entry *next[RCN_LIVE_KEY_COUNT]; /* of the chain of that key */
    const char *template_id; /* NULL: none is known; to be set before RCN_LIVE_TEMPLATE is used */
    bool is_managed;         /* a row has it */
    bool is_ignored;         /* an `ignore` entry in force covers it */
};

struct rcn_live_index;

struct rcn_live_index *rcn_live_index_new(const struct rcn_live_state *state);
void rcn_live_index_free(struct rcn_live_index *index);

/* The first of the chain in the company (and ad account) of `of`, or NULL, also when text is NULL.
 * The first call for a key builds its look-up. */
struct rcn_live_entry *rcn_live_index_find(struct rcn_live_index *index, enum rcn_live_key key,
                                           const struct rcn_audience_sync *of, const char *text);

/* All entries not marked as managed so far, by identity and id; an array owned by the index. */
struct rcn_live_entry **rcn_live_index_list_unmanaged(struct rcn_live_index *index,
                                                      size_t *ret_count);

#endif
