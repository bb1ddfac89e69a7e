#include "store.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

#include "database.h"

/* Written to user_version once the seed is in; also tells a database of ours from another. */
enum { FORMAT = 2 };

struct sbx_store {
    struct sbx_database *database;
    pthread_mutex_t lock;
    bool seeded;
};

static const char schema[] =
    "CREATE TABLE IF NOT EXISTS companies("
    " ord INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, name TEXT NOT NULL, role TEXT NOT NULL,"
    " meta_connected INTEGER NOT NULL);"
    "CREATE TABLE IF NOT EXISTS api_keys("
    " key TEXT PRIMARY KEY, name TEXT NOT NULL, personal INTEGER NOT NULL, scopes TEXT,"
    " from_options INTEGER NOT NULL);"
    "CREATE TABLE IF NOT EXISTS reaches("
    " ord INTEGER PRIMARY KEY, key TEXT NOT NULL, company_id TEXT NOT NULL,"
    " UNIQUE(key, company_id));"
    "CREATE TABLE IF NOT EXISTS ad_accounts("
    " ord INTEGER PRIMARY KEY, company_id TEXT NOT NULL, id TEXT NOT NULL, body TEXT NOT NULL,"
    " UNIQUE(company_id, id));"
    "CREATE TABLE IF NOT EXISTS segments("
    " ord INTEGER PRIMARY KEY, company_id TEXT NOT NULL, id TEXT NOT NULL, name TEXT NOT NULL,"
    " filters TEXT NOT NULL, active_count INTEGER NOT NULL, body TEXT NOT NULL,"
    " UNIQUE(company_id, id));"
    "CREATE TABLE IF NOT EXISTS audience_syncs("
    " ord INTEGER PRIMARY KEY AUTOINCREMENT, company_id TEXT NOT NULL, id TEXT NOT NULL,"
    " ad_account_id TEXT, audience_name TEXT, segment_id TEXT, body TEXT NOT NULL,"
    " visible_at_ms INTEGER NOT NULL, run_ends_at_ms INTEGER, run_end INTEGER);"
    "CREATE INDEX IF NOT EXISTS syncs_by_identity"
    " ON audience_syncs(company_id, ad_account_id, audience_name);"
    "CREATE INDEX IF NOT EXISTS syncs_by_company ON audience_syncs(company_id);"
    "CREATE INDEX IF NOT EXISTS syncs_by_id ON audience_syncs(id);"
    "CREATE INDEX IF NOT EXISTS syncs_that_run ON audience_syncs(run_ends_at_ms)"
    " WHERE run_ends_at_ms IS NOT NULL;";

/* --- opening --- */

static int check_format(struct sbx_store *store, struct rcn_error *err)
{
    struct sbx_query query;
    sbx_query_begin(&query, store->database, "PRAGMA user_version");
    int64_t version = sbx_query_step(&query) ? sbx_query_get_number(&query, 0) : 0;
    if (sbx_query_end(&query, err))
        return -1;
    if (version != 0 && version != FORMAT)
        return rcn_error_set(err, RCN_ERROR_FAILED,
                             "not a database of this version of audience-sandbox");
    store->seeded = version == FORMAT;
    return 0;
}

static int open_database(struct sbx_store *store, const char *path, struct rcn_error *err)
{
    store->database = sbx_database_new(path, err);
    if (!store->database)
        return -1;
    if (check_format(store, err))
        return -1;
    if (path &&
        sbx_database_run(store->database, "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;", err))
        return -1;
    return sbx_database_run(store->database, schema, err);
}

struct sbx_store *sbx_store_new(const char *path, struct rcn_error *err)
{
    struct sbx_store *store = rcn_calloc(1, sizeof *store);
    pthread_mutex_init(&store->lock, NULL);
    if (open_database(store, path, err)) {
        if (path)
            rcn_error_wrap(err, "cannot use '%s'", path);
        sbx_store_free(store);
        return NULL;
    }
    return store;
}

void sbx_store_free(struct sbx_store *store)
{
    if (!store)
        return;
    sbx_database_free(store->database);
    pthread_mutex_destroy(&store->lock);
    free(store);
}

int sbx_store_begin(struct sbx_store *store, struct rcn_error *err)
{
    pthread_mutex_lock(&store->lock);
    if (sbx_database_run(store->database, "BEGIN", err) == 0)
        return 0;
    pthread_mutex_unlock(&store->lock);
    return -1;
}

int sbx_store_end(struct sbx_store *store, bool keep, struct rcn_error *err)
{
    struct rcn_error ignored = RCN_ERROR_INIT;
    int result = sbx_database_run(store->database, keep ? "COMMIT" : "ROLLBACK", err);
    if (result && keep)
        sbx_database_run(store->database, "ROLLBACK", &ignored);
    pthread_mutex_unlock(&store->lock);
    return result;
}

bool sbx_store_is_seeded(const struct sbx_store *store)
{
    return store->seeded;
}

int sbx_store_set_seeded(struct sbx_store *store, struct rcn_error *err)
{
    store->seeded = true;
    return sbx_database_run(store->database, "PRAGMA user_version = 2", err);
}

/* --- companies and keys --- */

int sbx_store_add_company(struct sbx_store *store, const struct sbx_company *company,
                          struct rcn_error *err)
{
    struct sbx_query query;
    sbx_query_begin(&query, store->database,
                    "INSERT INTO companies(id, name, role, meta_connected) VALUES(?, ?, ?, ?)");
    sbx_query_bind_text(&query, company->id);
    sbx_query_bind_text(&query, company->name);
    sbx_query_bind_text(&query, company->role);
    sbx_query_bind_number(&query, company->meta_connected);
    return sbx_query_run(&query, err);
}

int sbx_store_add_key(struct sbx_store *store, const struct sbx_key *key, bool from_options,
                      struct rcn_error *err)
{
    struct sbx_query query;
    sbx_query_begin(&query, store->database,
                    "INSERT OR IGNORE INTO api_keys(key, name, personal, scopes, from_options)"
                    " VALUES(?, ?, ?, ?, ?)");
    sbx_query_bind_text(&query, key->key);
    sbx_query_bind_text(&query, key->name);
    sbx_query_bind_number(&query, key->personal);
    sbx_query_bind_text(&query, key->scopes);
    sbx_query_bind_number(&query, from_options);
    return sbx_query_run(&query, err);
}

int sbx_store_add_reach(struct sbx_store *store, const char *key, const char *company_id,
                        struct rcn_error *err)
{
    struct sbx_query query;
    sbx_query_begin(&query, store->database,
                    "INSERT OR IGNORE INTO reaches(key, company_id) VALUES(?, ?)");
    sbx_query_bind_text(&query, key);
    sbx_query_bind_text(&query, company_id);
    return sbx_query_run(&query, err);
}

int sbx_store_complete_reach(struct sbx_store *store, struct rcn_error *err)
{
    return sbx_database_run(store->database,
                            "INSERT INTO reaches(key, company_id)"
                            " SELECT k.key, c.id FROM api_keys k, companies c"
                            " WHERE NOT EXISTS(SELECT 1 FROM reaches r WHERE r.key = k.key)"
                            " AND (k.personal OR c.ord = (SELECT min(ord) FROM companies))"
                            " ORDER BY k.key, c.ord",
                            err);
}

int sbx_store_drop_option_keys(struct sbx_store *store, struct rcn_error *err)
{
    return sbx_database_run(store->database,
                            "DELETE FROM reaches WHERE key IN"
                            " (SELECT key FROM api_keys WHERE from_options);"
                            "DELETE FROM api_keys WHERE from_options;",
                            err);
}

int sbx_store_count_keys(struct sbx_store *store, int64_t *ret, struct rcn_error *err)
{
    struct sbx_query query;
    sbx_query_begin(&query, store->database, "SELECT count(*) FROM api_keys");
    *ret = sbx_query_step(&query) ? sbx_query_get_number(&query, 0) : 0;
    return sbx_query_end(&query, err);
}

int sbx_store_get_key(struct sbx_store *store, struct rcn_arena *arena, const char *key,
                      struct sbx_key *ret, struct rcn_error *err)
{
    struct sbx_query query;
    *ret = (struct sbx_key){0};
    sbx_query_begin(&query, store->database,
                    "SELECT key, name, personal, scopes FROM api_keys WHERE key = ?");
    sbx_query_bind_text(&query, key);
    if (sbx_query_step(&query)) {
        ret->key = sbx_query_copy_text(&query, 0, arena);
        ret->name = sbx_query_copy_text(&query, 1, arena);
        ret->personal = sbx_query_get_number(&query, 2) != 0;
        ret->scopes = sbx_query_copy_text(&query, 3, arena);
    }
    return sbx_query_end(&query, err);
}

static const char companies_of_key[] =
    "SELECT c.id, c.name, c.role, c.meta_connected, count(*) OVER ()"
    " FROM companies c JOIN reaches r ON r.company_id = c.id WHERE r.key = ? ORDER BY r.ord";
static const char all_companies[] =
    "SELECT id, name, role, meta_connected, count(*) OVER () FROM companies ORDER BY ord";

int sbx_store_get_companies(struct sbx_store *store, struct rcn_arena *arena, const char *key,
                            struct sbx_company **ret, size_t *ret_count, struct rcn_error *err)
{
    struct sbx_query query;
    struct sbx_company *companies = NULL;
    size_t count = 0;
    sbx_query_begin(&query, store->database, key ? companies_of_key : all_companies);
    if (key)
        sbx_query_bind_text(&query, key);
    while (sbx_query_step(&query)) {
        if (!companies)
            companies =
                rcn_arena_calloc(arena, (size_t)sbx_query_get_number(&query, 4), sizeof *companies);
        if (!companies) {
            sbx_query_set_no_memory(&query);
            break;
        }
        struct sbx_company *company = &companies[count++];
        company->meta_connected = sbx_query_get_number(&query, 3) != 0;
        company->id = sbx_query_copy_text(&query, 0, arena);
        company->name = sbx_query_copy_text(&query, 1, arena);
        company->role = sbx_query_copy_text(&query, 2, arena);
    }
    *ret = companies;
    *ret_count = count;
    return sbx_query_end(&query, err);
}

static int set_connected(struct sbx_store *store, const char *company_id, bool connected,
                         struct rcn_error *err)
{
    struct sbx_query query;
    sbx_query_begin(&query, store->database,
                    "UPDATE companies SET meta_connected = ?1 WHERE ?2 IS NULL OR id = ?2");
    sbx_query_bind_number(&query, connected);
    sbx_query_bind_text(&query, company_id);
    return sbx_query_run(&query, err);
}

int sbx_store_set_meta(struct sbx_store *store, const char *company_id, bool connected,
                       bool deactivate, struct rcn_error *err)
{
    static const char disconnect[] = "UPDATE audience_syncs SET run_ends_at_ms = NULL,"
                                     " body = json_set(body, '$.syncStatus', 'disconnected')"
                                     " WHERE ?1 IS NULL OR company_id = ?1";
    static const char disconnect_and_deactivate[] =
        "UPDATE audience_syncs SET run_ends_at_ms = NULL,"
        " body = json_set(body, '$.syncStatus', 'disconnected', '$.isActive', json('false'))"
        " WHERE ?1 IS NULL OR company_id = ?1";
    static const char connect[] = "UPDATE audience_syncs"
                                  " SET body = json_set(body, '$.syncStatus', 'idle')"
                                  " WHERE (?1 IS NULL OR company_id = ?1)"
                                  " AND json_extract(body, '$.syncStatus') = 'disconnected'";
    if (set_connected(store, company_id, connected, err))
        return -1;
    struct sbx_query query;
    sbx_query_begin(&query, store->database,
                    connected    ? connect
                    : deactivate ? disconnect_and_deactivate
                                 : disconnect);
    sbx_query_bind_text(&query, company_id);
    return sbx_query_run(&query, err);
}

/* --- ad accounts and segments --- */

int sbx_store_add_ad_account(struct sbx_store *store, const char *company_id, const char *id,
                             const char *body, struct rcn_error *err)
{
    struct sbx_query query;
    sbx_query_begin(&query, store->database,
                    "INSERT INTO ad_accounts(company_id, id, body) VALUES(?, ?, ?)");
    sbx_query_bind_text(&query, company_id);
    sbx_query_bind_text(&query, id);
    sbx_query_bind_text(&query, body);
    return sbx_query_run(&query, err);
}

int sbx_store_has_ad_account(struct sbx_store *store, const char *company_id, const char *id,
                             bool *ret, struct rcn_error *err)
{
    struct sbx_query query;
    sbx_query_begin(&query, store->database,
                    "SELECT 1 FROM ad_accounts WHERE company_id = ? AND id = ?");
    sbx_query_bind_text(&query, company_id);
    sbx_query_bind_text(&query, id);
    *ret = sbx_query_step(&query);
    return sbx_query_end(&query, err);
}

int sbx_store_add_segment(struct sbx_store *store, const char *company_id,
                          const struct sbx_segment *segment, const char *body,
                          struct rcn_error *err)
{
    struct sbx_query query;
    sbx_query_begin(&query, store->database,
                    "INSERT INTO segments(company_id, id, name, filters, active_count, body)"
                    " VALUES(?, ?, ?, ?, ?, ?)");
    sbx_query_bind_text(&query, company_id);
    sbx_query_bind_text(&query, segment->id);
    sbx_query_bind_text(&query, segment->name);
    sbx_query_bind_text(&query, segment->filters);
    sbx_query_bind_number(&query, segment->active_count);
    sbx_query_bind_text(&query, body);
    return sbx_query_run(&query, err);
}

static int get_segment(struct sbx_store *store, struct rcn_arena *arena, const char *sql,
                       const char *company_id, const char *word, struct sbx_segment *ret,
                       struct rcn_error *err)
{
    struct sbx_query query;
    *ret = (struct sbx_segment){0};
    sbx_query_begin(&query, store->database, sql);
    sbx_query_bind_text(&query, company_id);
    sbx_query_bind_text(&query, word);
    if (sbx_query_step(&query)) {
        ret->active_count = sbx_query_get_number(&query, 3);
        ret->id = sbx_query_copy_text(&query, 0, arena);
        ret->name = sbx_query_copy_text(&query, 1, arena);
        ret->filters = sbx_query_copy_text(&query, 2, arena);
    }
    return sbx_query_end(&query, err);
}

int sbx_store_get_segment(struct sbx_store *store, struct rcn_arena *arena, const char *company_id,
                          const char *id, struct sbx_segment *ret, struct rcn_error *err)
{
    static const char sql[] = "SELECT id, name, filters, active_count FROM segments"
                              " WHERE company_id = ? AND id = ?";
    return get_segment(store, arena, sql, company_id, id, ret, err);
}

int sbx_store_get_segment_by_name(struct sbx_store *store, struct rcn_arena *arena,
                                  const char *company_id, const char *name, struct sbx_segment *ret,
                                  struct rcn_error *err)
{
    static const char sql[] = "SELECT id, name, filters, active_count FROM segments"
                              " WHERE company_id = ? AND name = ? ORDER BY ord LIMIT 1";
    return get_segment(store, arena, sql, company_id, name, ret, err);
}

/* --- audience syncs --- */

int sbx_store_new_id(struct sbx_store *store, struct rcn_arena *arena, bool bare, const char **ret,
                     struct rcn_error *err)
{
    struct sbx_query query;
    *ret = NULL;
    sbx_query_begin(&query, store->database,
                    bare ? "SELECT lower(hex(randomblob(12)))"
                         : "SELECT 'sync_' || lower(hex(randomblob(8)))");
    if (sbx_query_step(&query))
        *ret = sbx_query_copy_text(&query, 0, arena);
    return sbx_query_end(&query, err);
}

int sbx_store_add_sync(struct sbx_store *store, const char *company_id, const struct sbx_sync *sync,
                       struct rcn_error *err)
{
    struct sbx_query query;
    sbx_query_begin(&query, store->database,
                    "INSERT INTO audience_syncs(company_id, id, ad_account_id, audience_name,"
                    " segment_id, body, visible_at_ms) VALUES(?, ?, ?, ?, ?, ?, ?)");
    sbx_query_bind_text(&query, company_id);
    sbx_query_bind_text(&query, sync->id);
    sbx_query_bind_text(&query, sync->ad_account_id);
    sbx_query_bind_text(&query, sync->audience_name);
    sbx_query_bind_text(&query, sync->segment_id);
    sbx_query_bind_text(&query, sync->body);
    sbx_query_bind_number(&query, sync->visible_at_ms);
    return sbx_query_run(&query, err);
}

int sbx_store_has_identity(struct sbx_store *store, const char *company_id,
                           const char *ad_account_id, const char *audience_name, bool *ret,
                           struct rcn_error *err)
{
    struct sbx_query query;
    sbx_query_begin(&query, store->database,
                    "SELECT 1 FROM audience_syncs"
                    " WHERE company_id = ? AND ad_account_id = ? AND audience_name = ?");
    sbx_query_bind_text(&query, company_id);
    sbx_query_bind_text(&query, ad_account_id);
    sbx_query_bind_text(&query, audience_name);
    *ret = sbx_query_step(&query);
    return sbx_query_end(&query, err);
}

int sbx_store_get_sync(struct sbx_store *store, struct rcn_arena *arena, const char *company_id,
                       const char *id, struct sbx_sync *ret, struct rcn_error *err)
{
    struct sbx_query query;
    *ret = (struct sbx_sync){0};
    sbx_query_begin(&query, store->database,
                    "SELECT id, ad_account_id, audience_name, segment_id, body, visible_at_ms"
                    " FROM audience_syncs WHERE company_id = ? AND id = ?");
    sbx_query_bind_text(&query, company_id);
    sbx_query_bind_text(&query, id);
    if (sbx_query_step(&query)) {
        ret->visible_at_ms = sbx_query_get_number(&query, 5);
        ret->id = sbx_query_copy_text(&query, 0, arena);
        ret->ad_account_id = sbx_query_copy_text(&query, 1, arena);
        ret->audience_name = sbx_query_copy_text(&query, 2, arena);
        ret->segment_id = sbx_query_copy_text(&query, 3, arena);
        ret->body = sbx_query_copy_text(&query, 4, arena);
    }
    return sbx_query_end(&query, err);
}

int sbx_store_change_sync(struct sbx_store *store, const char *company_id, const char *id,
                          const char *frequency, const bool *is_active, struct rcn_error *err)
{
    struct sbx_query query;
    sbx_query_begin(&query, store->database,
                    "UPDATE audience_syncs SET body = json_set(body,"
                    " '$.frequency', coalesce(?1, json_extract(body, '$.frequency')),"
                    " '$.isActive', json(coalesce(?2,"
                    "   iif(json_extract(body, '$.isActive'), 'true', 'false'))))"
                    " WHERE company_id = ?3 AND id = ?4");
    sbx_query_bind_text(&query, frequency);
    sbx_query_bind_text(&query, !is_active ? NULL : *is_active ? "true" : "false");
    sbx_query_bind_text(&query, company_id);
    sbx_query_bind_text(&query, id);
    return sbx_query_run(&query, err);
}

int sbx_store_delete_sync(struct sbx_store *store, const char *company_id, const char *id,
                          struct rcn_error *err)
{
    struct sbx_query query;
    sbx_query_begin(&query, store->database,
                    "DELETE FROM audience_syncs WHERE company_id = ? AND id = ?");
    sbx_query_bind_text(&query, company_id);
    sbx_query_bind_text(&query, id);
    return sbx_query_run(&query, err);
}

int sbx_store_start_run(struct sbx_store *store, const char *company_id, const char *id,
                        int64_t ends_at_ms, enum sbx_upload_end end, struct rcn_error *err)
{
    struct sbx_query query;
    sbx_query_begin(&query, store->database,
                    "UPDATE audience_syncs SET run_ends_at_ms = ?, run_end = ?,"
                    " body = json_set(body, '$.syncStatus', 'syncing')"
                    " WHERE company_id = ? AND id = ?");
    sbx_query_bind_number(&query, end == SBX_UPLOAD_NEVER ? INT64_MAX : ends_at_ms);
    sbx_query_bind_number(&query, end);
    sbx_query_bind_text(&query, company_id);
    sbx_query_bind_text(&query, id);
    return sbx_query_run(&query, err);
}

int sbx_store_finish_runs(struct sbx_store *store, int64_t now_ms, struct rcn_error *err)
{
    struct sbx_query query;
    sbx_query_begin(&query, store->database,
                    "UPDATE audience_syncs SET run_ends_at_ms = NULL, body = CASE run_end"
                    " WHEN ?2 THEN json_set(body, '$.syncStatus', 'error',"
                    "   '$.lastSyncError', 'Upload failed')"
                    " WHEN ?3 THEN json_set(body, '$.syncStatus', 'disconnected')"
                    " ELSE json_set(body,"
                    " '$.syncStatus', 'idle', '$.lastSyncError', NULL, '$.lastSyncAt',"
                    " strftime('%Y-%m-%dT%H:%M:%fZ', run_ends_at_ms / 1000.0, 'unixepoch'),"
                    " '$.lastSyncedCount', coalesce((SELECT s.active_count FROM segments s"
                    "   WHERE s.company_id = audience_syncs.company_id"
                    "   AND s.id = audience_syncs.segment_id), 0)) END"
                    " WHERE run_ends_at_ms <= ?1");
    sbx_query_bind_number(&query, now_ms);
    sbx_query_bind_number(&query, SBX_UPLOAD_FAIL);
    sbx_query_bind_number(&query, SBX_UPLOAD_DISCONNECT);
    return sbx_query_run(&query, err);
}

/* --- lists --- */

/* Appends the first column of every row; the count of them goes to ret_count. */
static int append_rows(struct sbx_query *query, struct rcn_buf *out, int64_t *ret_count,
                       struct rcn_error *err)
{
    int64_t count = 0;
    while (sbx_query_step(query)) {
        size_t len;
        const char *text = sbx_query_get_text(query, 0, &len);
        if (count++)
            rcn_buf_add(out, ", ", 2);
        rcn_buf_add(out, text ? text : "null", text ? len : strlen("null"));
    }
    *ret_count = count;
    return sbx_query_end(query, err);
}

static int list_bodies(struct sbx_store *store, const char *sql, const char *company_id,
                       struct rcn_buf *out, struct rcn_error *err)
{
    struct sbx_query query;
    int64_t count;
    sbx_query_begin(&query, store->database, sql);
    sbx_query_bind_text(&query, company_id);
    return append_rows(&query, out, &count, err);
}

int sbx_store_list_ad_accounts(struct sbx_store *store, const char *company_id, struct rcn_buf *out,
                               struct rcn_error *err)
{
    return list_bodies(store, "SELECT body FROM ad_accounts WHERE company_id = ? ORDER BY ord",
                       company_id, out, err);
}

int sbx_store_list_segments(struct sbx_store *store, const char *company_id, struct rcn_buf *out,
                            struct rcn_error *err)
{
    return list_bodies(store, "SELECT body FROM segments WHERE company_id = ? ORDER BY ord",
                       company_id, out, err);
}

static int count_visible(struct sbx_store *store, const char *company_id, int64_t now_ms,
                         int64_t *ret, struct rcn_error *err)
{
    struct sbx_query query;
    sbx_query_begin(
        &query, store->database,
        "SELECT count(*) FROM audience_syncs WHERE company_id = ? AND visible_at_ms <= ?");
    sbx_query_bind_text(&query, company_id);
    sbx_query_bind_number(&query, now_ms);
    *ret = sbx_query_step(&query) ? sbx_query_get_number(&query, 0) : 0;
    return sbx_query_end(&query, err);
}

int sbx_store_list_syncs(struct sbx_store *store, const char *company_id,
                         const struct sbx_sync_page *page, struct rcn_buf *out, int64_t *ret_count,
                         int64_t *ret_total, struct rcn_error *err)
{
    static const char *const by_order[] = {
        [SBX_STORE_OLDEST_FIRST] = "SELECT body FROM audience_syncs WHERE company_id = ?"
                                   " AND visible_at_ms <= ? ORDER BY ord LIMIT ? OFFSET ?",
        [SBX_STORE_NEWEST_FIRST] = "SELECT body FROM audience_syncs WHERE company_id = ?"
                                   " AND visible_at_ms <= ? ORDER BY ord DESC LIMIT ? OFFSET ?",
        [SBX_STORE_BY_ID] = "SELECT body FROM audience_syncs WHERE company_id = ?"
                            " AND visible_at_ms <= ? ORDER BY id, ord LIMIT ? OFFSET ?",
    };
    if (count_visible(store, company_id, page->now_ms, ret_total, err))
        return -1;
    struct sbx_query query;
    sbx_query_begin(&query, store->database, by_order[page->order]);
    sbx_query_bind_text(&query, company_id);
    sbx_query_bind_number(&query, page->now_ms);
    sbx_query_bind_number(&query, page->limit);
    sbx_query_bind_number(&query, page->offset);
    return append_rows(&query, out, ret_count, err);
}

int sbx_store_list_truth(struct sbx_store *store, struct rcn_buf *out, struct rcn_error *err)
{
    struct sbx_query query;
    int64_t count;
    sbx_query_begin(
        &query, store->database,
        "SELECT json_set(body, '$.companyId', company_id) FROM audience_syncs ORDER BY ord");
    return append_rows(&query, out, &count, err);
}
