/*
 * store.h: what the service remembers, in a database.
 *
 * Every API object is kept as the JSON text that the API answers, beside the few columns by which
 * it is found: a seed can hold any field, and a list of 100,000 syncs is a concatenation.
 *
 * Durability: with a file, write-ahead log and synchronous=FULL: what was committed is there after
 * a kill -9.
 *
 * Threading: sbx_store_begin takes a lock and begins a transaction, sbx_store_end ends both. All
 * other calls happen between the two, on the same thread.
 *
 * Errors: every function that takes err returns -1 for a database error or lack of memory. Strings
 * that are returned live in the arena that was given.
 */
#ifndef SBX_SANDBOX_STORE_H
#define SBX_SANDBOX_STORE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/error.h"

struct sbx_store;

/* path NULL: in memory. NULL and err when it cannot be opened or is not a database of ours. */
struct sbx_store *sbx_store_new(const char *path, struct rcn_error *err);
void sbx_store_free(struct sbx_store *store);

int sbx_store_begin(struct sbx_store *store, struct rcn_error *err);
/* Without keep: everything since sbx_store_begin is undone. The lock is released either way. */
int sbx_store_end(struct sbx_store *store, bool keep, struct rcn_error *err);

/* Was the data of a seed written and committed? */
bool sbx_store_is_seeded(const struct sbx_store *store);
int sbx_store_set_seeded(struct sbx_store *store, struct rcn_error *err);

/* --- companies and keys --- */

struct sbx_company {
    const char *id;
    const char *name;
    const char *role;
    bool meta_connected;
};

struct sbx_key {
    const char *key;
    const char *name;
    bool personal;
    const char *scopes; /* a JSON array; NULL: full access */
};

int sbx_store_add_company(struct sbx_store *store, const struct sbx_company *company,
                          struct rcn_error *err);
/* from_options: a key of the command line, gone with the next start. */
int sbx_store_add_key(struct sbx_store *store, const struct sbx_key *key, bool from_options,
                      struct rcn_error *err);
/* The key reaches one more company; the first one is its current company. */
int sbx_store_add_reach(struct sbx_store *store, const char *key, const char *company_id,
                        struct rcn_error *err);
/* A key without a reach gets one: a personal key every company, another the first. */
int sbx_store_complete_reach(struct sbx_store *store, struct rcn_error *err);
int sbx_store_drop_option_keys(struct sbx_store *store, struct rcn_error *err);
int sbx_store_count_keys(struct sbx_store *store, int64_t *ret, struct rcn_error *err);

/* ret->key is NULL when there is no such key. */
int sbx_store_get_key(struct sbx_store *store, struct rcn_arena *arena, const char *key,
                      struct sbx_key *ret, struct rcn_error *err);
/* The companies that the key reaches, in its order; key NULL: all. */
int sbx_store_get_companies(struct sbx_store *store, struct rcn_arena *arena, const char *key,
                            struct sbx_company **ret, size_t *ret_count, struct rcn_error *err);

/*
 * Connects or disconnects Meta for one company (NULL: all). Disconnecting marks every sync
 * `disconnected` and, with deactivate, inactive; connecting makes those idle again.
 */
int sbx_store_set_meta(struct sbx_store *store, const char *company_id, bool connected,
                       bool deactivate, struct rcn_error *err);

/* --- ad accounts and segments --- */

int sbx_store_add_ad_account(struct sbx_store *store, const char *company_id, const char *id,
                             const char *body, struct rcn_error *err);
int sbx_store_has_ad_account(struct sbx_store *store, const char *company_id, const char *id,
                             bool *ret, struct rcn_error *err);

struct sbx_segment {
    const char *id; /* NULL: there is none */
    const char *name;
    const char *filters; /* JSON, for comparing */
    int64_t active_count;
};

int sbx_store_add_segment(struct sbx_store *store, const char *company_id,
                          const struct sbx_segment *segment, const char *body,
                          struct rcn_error *err);
int sbx_store_get_segment(struct sbx_store *store, struct rcn_arena *arena, const char *company_id,
                          const char *id, struct sbx_segment *ret, struct rcn_error *err);
int sbx_store_get_segment_by_name(struct sbx_store *store, struct rcn_arena *arena,
                                  const char *company_id, const char *name, struct sbx_segment *ret,
                                  struct rcn_error *err);

/* --- audience syncs --- */

struct sbx_sync {
    const char *id;
    const char *ad_account_id; /* NULL where a raw seed item has none; the same below */
    const char *audience_name;
    const char *segment_id;
    const char *body;      /* JSON */
    int64_t visible_at_ms; /* when lists show it */
};

/* An id that no sync has: `sync_` and random hexadecimal digits, or 24 of these alone. */
int sbx_store_new_id(struct sbx_store *store, struct rcn_arena *arena, bool bare, const char **ret,
                     struct rcn_error *err);
int sbx_store_add_sync(struct sbx_store *store, const char *company_id, const struct sbx_sync *sync,
                       struct rcn_error *err);
int sbx_store_has_identity(struct sbx_store *store, const char *company_id,
                           const char *ad_account_id, const char *audience_name, bool *ret,
                           struct rcn_error *err);
/* ret->id is NULL when there is none. */
int sbx_store_get_sync(struct sbx_store *store, struct rcn_arena *arena, const char *company_id,
                       const char *id, struct sbx_sync *ret, struct rcn_error *err);
/* frequency NULL and is_active NULL: stays as it is. */
int sbx_store_change_sync(struct sbx_store *store, const char *company_id, const char *id,
                          const char *frequency, const bool *is_active, struct rcn_error *err);
int sbx_store_delete_sync(struct sbx_store *store, const char *company_id, const char *id,
                          struct rcn_error *err);
/* What a run comes to. */
enum sbx_upload_end {
    SBX_UPLOAD_WELL,       /* lastSyncAt and lastSyncedCount are set */
    SBX_UPLOAD_FAIL,       /* syncStatus `error`, with a lastSyncError */
    SBX_UPLOAD_DISCONNECT, /* syncStatus `disconnected` */
    SBX_UPLOAD_NEVER,      /* `syncing` for ever */
};
/* --upload: the run that every create begins. */
struct sbx_upload {
    bool is_given; /* false: none begins */
    int64_t after_ms;
    enum sbx_upload_end end;
};

/* syncStatus becomes `syncing` until ends_at_ms. */
int sbx_store_start_run(struct sbx_store *store, const char *company_id, const char *id,
                        int64_t ends_at_ms, enum sbx_upload_end end, struct rcn_error *err);
/* Runs that are over by now_ms leave what they came to. */
int sbx_store_finish_runs(struct sbx_store *store, int64_t now_ms, struct rcn_error *err);

/* --- lists: bodies separated by `, `, appended to out --- */

int sbx_store_list_ad_accounts(struct sbx_store *store, const char *company_id, struct rcn_buf *out,
                               struct rcn_error *err);
int sbx_store_list_segments(struct sbx_store *store, const char *company_id, struct rcn_buf *out,
                            struct rcn_error *err);

enum sbx_store_order { SBX_STORE_OLDEST_FIRST, SBX_STORE_NEWEST_FIRST, SBX_STORE_BY_ID };

struct sbx_sync_page {
    enum sbx_store_order order;
    int64_t now_ms; /* what is not visible yet by then is left out */
    int64_t offset;
    int64_t limit; /* -1: all */
};

/* ret_count: how many were appended; ret_total: how many there are on all pages. */
int sbx_store_list_syncs(struct sbx_store *store, const char *company_id,
                         const struct sbx_sync_page *page, struct rcn_buf *out, int64_t *ret_count,
                         int64_t *ret_total, struct rcn_error *err);
/* Every sync of every company, visible or not, with its companyId. */
int sbx_store_list_truth(struct sbx_store *store, struct rcn_buf *out, struct rcn_error *err);

#endif
