/*
 * manifest.h: texts become desired syncs, or diagnostics.
 *
 * A manifest set is everything that all documents of all texts ask for, in manifest order (texts in
 * the order of the source, documents and items in the order of the text). Loading is offline and
 * reports all problems in one run (SPEC 2): after a bad field it goes on with the next, after a
 * syntax error with the next text; what crosses documents (the same identity twice, similar names)
 * is checked over everything that decoded.
 *
 * When diags->errors is not 0 after loading, the set is for inspection only: nothing may be planned
 * from it.
 *
 * Ownership: the set owns its arena; spans point into the source's texts, which must live longer.
 */
#ifndef RCN_MANIFEST_MANIFEST_H
#define RCN_MANIFEST_MANIFEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/diag.h"
#include "base/error.h"
#include "model/audience_sync.h"
#include "source/source.h"

struct rcn_variables; /* variables.h */

/* Each costs up to 4 requests; a personal key reaches a handful. */
enum { RCN_MANIFEST_MAX_COMPANIES = 100 };

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

struct rcn_manifest_set {
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
    bool needs_company; /* a document names none, or there is no document */
};

/*
 * Decodes every text of the source. variables may be NULL (none are defined). NULL and err only
 * when out of memory.
 */
struct rcn_manifest_set *rcn_manifest_set_load(const struct rcn_source *source,
                                               const struct rcn_variables *variables,
                                               struct rcn_diags *diags, struct rcn_error *err);
void rcn_manifest_set_free(struct rcn_manifest_set *set);

/*
 * Gives every sync and ignore without a company this one (borrowed; NULL leaves them without), then
 * checks again that no identity appears twice unless each has its own pin (SPEC 4). Problems go to
 * diags as `duplicate-sync`; pairs that were reported by loading are not reported again. -1 and err
 * only when out of memory.
 */
int rcn_manifest_set_settle_company(struct rcn_manifest_set *set, const char *company_id,
                                    struct rcn_diags *diags, struct rcn_error *err);

#endif
