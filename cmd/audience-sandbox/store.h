/*
 * store.h: what the service remembers, in a database.
 *
 * Every API object is kept as the JSON text that the API answers, beside the few columns by which
 * it is found: a seed can hold any field, and a list of 100,000 syncs is a concatenation.
 *
 * Durability: with a file, write-ahead log and synchronous=FULL: what was committed is there after
 * a kill -9.
 *
 * Threading: rcn_store_begin takes a lock and begins a transaction, rcn_store_end ends both. All
 * other calls happen between the two, on the same thread.
 *
 * Errors: every function that takes err returns -1 for a database error or lack of memory. Strings
 * that are returned live in the arena that was given.
 */
#ifndef RCN_SANDBOX_STORE_H
#define RCN_SANDBOX_STORE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/error.h"

struct rcn_store;

/* path NULL: in memory. NULL and err when it cannot be opened or is not a database of ours. */
struct rcn_store *rcn_store_new(const char *path, struct rcn_error *err);
void rcn_store_free(struct rcn_store *store);

int rcn_store_begin(struct rcn_store *store, struct rcn_error *err);
/* Without keep: everything since rcn_store_begin is undone. The lock is released either way. */
int rcn_store_end(struct rcn_store *store, bool keep, struct rcn_error *err);

/* Was the data of a seed written and committed? */
bool rcn_store_is_seeded(const struct rcn_store *store);
int rcn_store_set_seeded(struct rcn_store *store, struct rcn_error *err);

/* --- companies and keys --- */

struct rcn_company {
    const char *id;
    const char *name;
    const char *role;
    bool meta_connected;
};

struct rcn_key {
    const char *key;
    const char *name;
    bool personal;
    const char *scopes; /* a JSON array; NULL: full access */
};

int rcn_store_add_company(struct rcn_store *store, const struct rcn_company *company,
                          struct rcn_error *err);
/* from_options: a key of the command line, gone with the next start. */
int rcn_store_add_key(struct rcn_store *store, const struct rcn_key *key, bool from_options,
                      struct rcn_error *err);
/* The key reaches one more company; the first one is its current company. */
int rcn_store_add_reach(struct rcn_store *store, const char *key, const char *company_id,
                        struct rcn_error *err);
/* A key without a reach gets one: a personal key every company, another the first. */
int rcn_store_complete_reach(struct rcn_store *store, struct rcn_error *err);
int rcn_store_drop_option_keys(struct rcn_store *store, struct rcn_error *err);
int rcn_store_count_keys(struct rcn_store *store, int64_t *ret, struct rcn_error *err);

/* ret->key is NULL when there is no such key. */
int rcn_store_get_key(struct rcn_store *store, struct rcn_arena *arena, const char *key,
                      struct rcn_key *ret, struct rcn_error *err);
/* The companies that the key reaches, in its order; key NULL: all. */
int rcn_store_get_companies(struct rcn_store *store, struct rcn_arena *arena, const char *key,
                            struct rcn_company **ret, size_t *ret_count, struct rcn_error *err);

/*
 * Connects or disconnects Meta for one company (NULL: all). Disconnecting marks every sync
 * `disconnected` and, with deactivate, inactive; connecting makes those idle again.
 */
int rcn_store_set_meta(struct rcn_store *store, const char *company_id, bool connected,
                       bool deactivate, struct rcn_error *err);

/* --- ad accounts and segments --- */

int rcn_store_add_ad_account(struct rcn_store *store, const char *company_id, const char *id,
                             const char *body, struct rcn_error *err);
int rcn_store_has_ad_account(struct rcn_store *store, const char *company_id, const char *id,
                             bool *ret, struct rcn_error *err);

struct rcn_segment {
    const char *id; /* NULL: there is none */
    const char *name;
    const char *filters; /* JSON, for comparing */
    int64_t active_count;
};

int rcn_store_add_segment(struct rcn_store *store, const char *company_id,
                          const struct rcn_segment *segment, const char *body,
                          struct rcn_error *err);
int rcn_store_get_segment(struct rcn_store *store, struct rcn_arena *arena, const char *company_id,
                          const char *id, struct rcn_segment *ret, struct rcn_error *err);
int rcn_store_get_segment_by_name(struct rcn_store *store, struct rcn_arena *arena,
                                  const char *company_id, const char *name, struct rcn_segment *ret,
                                  struct rcn_error *err);

/* --- audience syncs --- */

struct rcn_sync {
    const char *id;
    const char *ad_account_id; /* NULL where a raw seed item has none; the same below */
    const char *audience_name;
    const char *segment_id;
    const char *body;       /* JSON */
    int64_t visible_at_ms;  /* when lists show it */
    int64_t run_ends_at_ms; /* when the run that goes on will be over; 0: none runs */
};

/* An id that no sync has: `sync_` and random hexadecimal digits. */
int rcn_store_new_id(struct rcn_store *store, struct rcn_arena *arena, const char **ret,
                     struct rcn_error *err);
int rcn_store_add_sync(struct rcn_store *store, const char *company_id, const struct rcn_sync *sync,
                       struct rcn_error *err);
int rcn_store_has_identity(struct rcn_store *store, const char *company_id,
                           const char *ad_account_id, const char *audience_name, bool *ret,
                           struct rcn_error *err);
/* ret->id is NULL when there is none. */
int rcn_store_get_sync(struct rcn_store *store, struct rcn_arena *arena, const char *company_id,
                       const char *id, struct rcn_sync *ret, struct rcn_error *err);
/* frequency NULL and is_active NULL: stays as it is. */
int rcn_store_change_sync(struct rcn_store *store, const char *company_id, const char *id,
                          const char *frequency, const bool *is_active, struct rcn_error *err);
int rcn_store_delete_sync(struct rcn_store *store, const char *company_id, const char *id,
                          struct rcn_error *err);
/* syncStatus becomes `syncing` until ends_at_ms. */
int rcn_store_start_run(struct rcn_store *store, const char *company_id, const char *id,
                        int64_t ends_at_ms, struct rcn_error *err);
/* Runs that are over by now_ms leave their lastSyncAt and lastSyncedCount. */
int rcn_store_finish_runs(struct rcn_store *store, int64_t now_ms, struct rcn_error *err);

/* --- lists: bodies separated by `, `, appended to out --- */

int rcn_store_list_ad_accounts(struct rcn_store *store, const char *company_id, struct rcn_buf *out,
                               struct rcn_error *err);
int rcn_store_list_segments(struct rcn_store *store, const char *company_id, struct rcn_buf *out,
                            struct rcn_error *err);

enum rcn_store_order { RCN_STORE_OLDEST_FIRST, RCN_STORE_NEWEST_FIRST, RCN_STORE_BY_ID };

struct rcn_sync_page {
    enum rcn_store_order order;
    int64_t now_ms; /* what is not visible yet by then is left out */
    int64_t offset;
    int64_t limit; /* -1: all */
};

/* ret_count: how many were appended; ret_total: how many there are on all pages. */
int rcn_store_list_syncs(struct rcn_store *store, const char *company_id,
                         const struct rcn_sync_page *page, struct rcn_buf *out, int64_t *ret_count,
                         int64_t *ret_total, struct rcn_error *err);
/* Every sync of every company, visible or not, with its companyId. */
int rcn_store_list_truth(struct rcn_store *store, struct rcn_buf *out, struct rcn_error *err);

#endif
