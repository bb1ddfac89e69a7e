/*
 * audience_sync.h: the one domain type. An audience sync maps a segment of subscribers to a Meta
 * custom audience (api-contract 3). The same type holds what a manifest asks for (desired) and what
 * the API lists (live); fields bear the API's own names. Also the set of all desired ones.
 *
 * Identity is (companyId, adAccountId, audienceName), compared byte for byte: the API has no label
 * and no external id (SPEC 1). All strings are borrowed from the arena of the set they belong to.
 */
#ifndef RCN_MODEL_AUDIENCE_SYNC_H
#define RCN_MODEL_AUDIENCE_SYNC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/span.h"

/* A boolean that the API may leave out. */
enum rcn_tristate { RCN_ABSENT = 0, RCN_FALSE, RCN_TRUE };

struct rcn_audience_sync {
    const char *id;                    /* live: always; desired: the pin, or NULL */
    const char *company_id;            /* NULL until settled (SPEC 4) */
    const char *ad_account_id;         /* NULL only until `adAccount` is looked up */
    const char *audience_name;         /* never NULL */
    const char *segment_id;            /* NULL: unknown (live), or a template is used (desired) */
    const char *predefined_segment_id; /* desired only; it, segment_id or a name is set */
    const char *frequency;       /* desired: never NULL; live: NULL when absent, may be unknown */
    enum rcn_tristate is_active; /* desired: never RCN_ABSENT */
};

struct rcn_desired_sync {
    struct rcn_audience_sync sync;
    const char *segment_name;      /* `segment`: the name whose id is looked up; NULL: none */
    const char *ad_account_name;   /* `adAccount`, likewise */
    const struct rcn_pair *labels; /* shown and selected by, never sent; each key once */
    size_t label_count;
    bool is_new; /* its company, ad account or segment is known only since the last check */
    struct rcn_span location;        /* the item in `audienceSyncs` */
    struct rcn_span id_span;         /* the pin's value, when there is one */
    struct rcn_span segment_span;    /* the value of segmentId, predefinedSegmentId or segment */
    struct rcn_span ad_account_span; /* the value of adAccountId or adAccount, maybe in defaults */
    const char *const *replaces;     /* ids of live syncs that it may exist beside (SPEC 4) */
    size_t replaces_count;
};

/* The value of the label, or NULL. */
const char *rcn_desired_sync_get_label(const struct rcn_desired_sync *sync, const char *key);
/* Does `replaces` name that id? */
bool rcn_desired_sync_replaces(const struct rcn_desired_sync *sync, const char *id);

struct rcn_live_sync {
    struct rcn_audience_sync sync;
    const char *segment_name; /* NULL when absent */
    const char *sync_status;  /* an open string, NULL when absent */
    const char *last_sync_at; /* as sent */
    const char *last_sync_error;
    const char *created_at;
    int64_t last_synced_count; /* people in the most recent run; -1 when absent */
    bool segment_is_null;      /* segmentId is there and null: the segment may have been deleted */
};

/* How often a segment is uploaded again (api-contract 2.1). */
#define RCN_FREQUENCY_DEFAULT "daily"
extern const char *const rcn_frequencies[]; /* hourly, daily, weekly */
enum { RCN_FREQUENCY_COUNT = 3 };

/* The frequency of that name as a static string, or NULL. */
const char *rcn_frequency_find(const char *name);
/* Milliseconds between two runs, or 0 for an unknown frequency. */
int64_t rcn_frequency_get_period_ms(const char *frequency);

/* The six template ids that the vendor names (api-contract 4.3). The list is open: warn, never
 * fail. */
extern const char *const rcn_template_ids[];
enum { RCN_TEMPLATE_COUNT = 6 };
bool rcn_template_is_known(const char *predefined_segment_id);
/* The display name of the template's segment, or NULL: it is known for `recent-buyers` alone. */
const char *rcn_template_get_display_name(const char *predefined_segment_id);

/* `act_` and at least one digit, nothing else (SPEC 2). */
bool rcn_ad_account_id_is_valid(const char *ad_account_id);

/* Texts that may be absent (NULL): both are, or they are equal byte for byte. */
bool rcn_text_is_same(const char *a, const char *b);

/* strcmp-like over (companyId, adAccountId, audienceName); a NULL company sorts first. */
int rcn_identity_compare(const struct rcn_audience_sync *a, const struct rcn_audience_sync *b);
/* By identity, then id: an order of its own, because the API promises none (api-contract 2). */
int rcn_live_sync_compare(const struct rcn_live_sync *a, const struct rcn_live_sync *b);

/* A map from identities to pointers, for look-ups only. It has copies of its keys. */
struct rcn_identity_map;

struct rcn_identity_map *rcn_identity_map_new(size_t expected);
/* NULL is allowed. */
void rcn_identity_map_free(struct rcn_identity_map *map);
/* The place of the value, which is NULL for a new entry; valid until the next put. */
void **rcn_identity_map_put(struct rcn_identity_map *map, const struct rcn_audience_sync *sync);
/* The value, or NULL; map may be NULL. */
void *rcn_identity_map_get(const struct rcn_identity_map *map,
                           const struct rcn_audience_sync *sync);
/* The key for an id of a company in such a map: an identity that no sync has. */
struct rcn_audience_sync rcn_identity_of_id(const char *company_id, const char *id);

/* --- all that is asked for --- */

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

/* What all documents of all texts ask for, in manifest order: texts in the order of the source,
 * documents and items in the order of the text. manifest/ fills it, plan/ compares it. Spans point
 * into the texts of the source, which must live longer. (A set from a saved plan points into
 * itself.) */
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
