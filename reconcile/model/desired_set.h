/*
 * desired_set.h: what the manifests ask for.
 *
 * Everything that all documents of all texts ask for, in manifest order: texts in the order of the
 * source, documents and items in the order of the text. manifest/ fills it, plan/ compares it.
 *
 * Ownership: the set owns its arena; spans point into the texts of the source, which must live
 * longer. (A set from a saved plan points into itself.)
 */
#ifndef RCN_MODEL_DESIRED_SET_H
#define RCN_MODEL_DESIRED_SET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/span.h"
#include "model/audience_sync.h"

/* A known difference, for drift (SPEC 2). */
struct rcn_ignore {
    const char *company_id;    /* the document's; NULL until settled */
    const char *ad_account_id; /* NULL: any */
    const char *audience_name; /* a glob; NULL: any. At least one of the two is there */
    const char *reason;        /* NULL: none given */
    const char *until_text;    /* `2026-12-31`; NULL: for ever */
    int64_t until_ms;          /* from this instant (wall clock) on it counts again */
    struct rcn_span location;
};

struct rcn_desired_set {
    struct rcn_arena *arena; /* owned */
    struct rcn_desired_sync *syncs;
    size_t count;
    struct rcn_ignore *ignores;
    size_t ignore_count;
    size_t text_count; /* texts that held at least one manifest document */
    /* Companies that documents name, distinct, in manifest order; also those of documents without
       syncs, whose live syncs are then all unmanaged. */
    const char **company_ids;
    size_t company_count;
    bool needs_company;       /* a document names none, or there is no document */
    bool needs_ad_accounts;   /* an `adAccount` has to be looked up */
    bool needs_segments;      /* a `segment` has to be looked up */
    struct rcn_span *skipped; /* documents that are no manifests, in the texts that were read */
    size_t skipped_count;
};

/* True when a document names that company. */
bool rcn_desired_set_names(const struct rcn_desired_set *set, const char *company_id);

/* NULL is allowed. */
void rcn_desired_set_free(struct rcn_desired_set *set);

#endif
