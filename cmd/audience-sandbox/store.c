#include "store.h"

#include <pthread.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>

/* Written to user_version once the seed is in; also tells a database of ours from another. */
enum { FORMAT = 1, BUSY_WAIT_MS = 5000 };

struct rcn_store {
    sqlite3 *db;
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
    " visible_at_ms INTEGER NOT NULL, run_ends_at_ms INTEGER);"
    "CREATE INDEX IF NOT EXISTS syncs_by_identity"
    " ON audience_syncs(company_id, ad_account_id, audience_name);"
    "CREATE INDEX IF NOT EXISTS syncs_by_company ON audience_syncs(company_id);"
    "CREATE INDEX IF NOT EXISTS syncs_by_id ON audience_syncs(id);"
    "CREATE INDEX IF NOT EXISTS syncs_that_run ON audience_syncs(run_ends_at_ms)"
    " WHERE run_ends_at_ms IS NOT NULL;";

/* --- one statement: prepare, bind in order, step, release; failures are kept to the end --- */

struct query {
    struct rcn_store *store;
    sqlite3_stmt *stmt;
    int next;  /* the parameter that is bound next */
    int state; /* SQLITE_OK, SQLITE_ROW, SQLITE_DONE, or what went wrong */
};

static void query_init(struct query *query, struct rcn_store *store, const char *sql)
{
    *query = (struct query){.store = store, .next = 1};
    query->state = sqlite3_prepare_v2(store->db, sql, -1, &query->stmt, NULL);
}

static void bind_text(struct query *query, const char *text)
{
    if (query->state == SQLITE_OK)
        query->state = sqlite3_bind_text(query->stmt, query->next++, text, -1, SQLITE_STATIC);
}

static void bind_number(struct query *query, int64_t number)
{
    if (query->state == SQLITE_OK)
        query->state = sqlite3_bind_int64(query->stmt, query->next++, number);
}

static bool step(struct query *query)
{
    if (query->state == SQLITE_OK || query->state == SQLITE_ROW)
        query->state = sqlite3_step(query->stmt);
    return query->state == SQLITE_ROW;
}

static const char *column_text(struct query *query, int column)
{
    return (const char *)sqlite3_column_text(query->stmt, column);
}

/* A copy of the column, NULL for NULL. Lack of memory ends the query. */
static const char *column_copy(struct query *query, int column, struct rcn_arena *arena)
{
    const char *text = column_text(query, column);
    const char *copy = text ? rcn_arena_strdup(arena, text) : NULL;
    if (text && !copy)
        query->state = SQLITE_NOMEM;
    return copy;
}

static int64_t column_number(struct query *query, int column)
{
    return sqlite3_column_int64(query->stmt, column);
}

static int database_error(struct rcn_store *store, int state, struct rcn_error *err)
{
    if (state == SQLITE_NOMEM)
        return rcn_error_no_memory(err);
    return rcn_error_set(err, RCN_ERROR_FAILED, "database: %s", sqlite3_errmsg(store->db));
}

static int query_release(struct query *query, struct rcn_error *err)
{
    int state = query->state;
    int result = state == SQLITE_OK || state == SQLITE_ROW || state == SQLITE_DONE
                     ? 0
                     : database_error(query->store, state, err);
    sqlite3_finalize(query->stmt);
    return result;
}

/* For statements without rows. */
static int query_run(struct query *query, struct rcn_error *err)
{
    while (step(query))
        continue;
    return query_release(query, err);
}

static int run_script(struct rcn_store *store, const char *sql, struct rcn_error *err)
{
    int state = sqlite3_exec(store->db, sql, NULL, NULL, NULL);
    return state == SQLITE_OK ? 0 : database_error(store, state, err);
}

/* --- opening --- */

static int check_format(struct rcn_store *store, struct rcn_error *err)
{
    struct query query;
    query_init(&query, store, "PRAGMA user_version");
    int64_t version = step(&query) ? column_number(&query, 0) : 0;
    if (query_release(&query, err))
        return -1;
    if (version != 0 && version != FORMAT)
        return rcn_error_set(err, RCN_ERROR_FAILED, "not a database of audience-sandbox");
    store->seeded = version == FORMAT;
    return 0;
}

static int open_database(struct rcn_store *store, const char *path, struct rcn_error *err)
{
    int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX;
    int state = sqlite3_open_v2(path ? path : ":memory:", &store->db, flags, NULL);
    if (state != SQLITE_OK)
        return database_error(store, state, err);
    sqlite3_busy_timeout(store->db, BUSY_WAIT_MS);
    if (check_format(store, err))
        return -1;
    if (path && run_script(store, "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;", err))
        return -1;
    return run_script(store, schema, err);
}

struct rcn_store *rcn_store_new(const char *path, struct rcn_error *err)
{
    struct rcn_store *store = calloc(1, sizeof *store);
    if (!store) {
        rcn_error_no_memory(err);
        return NULL;
    }
    pthread_mutex_init(&store->lock, NULL);
    if (open_database(store, path, err)) {
        if (path)
            rcn_error_wrap(err, "cannot use '%s'", path);
        rcn_store_free(store);
        return NULL;
    }
    return store;
}

void rcn_store_free(struct rcn_store *store)
{
    if (!store)
        return;
    sqlite3_close(store->db);
    pthread_mutex_destroy(&store->lock);
    free(store);
}

int rcn_store_begin(struct rcn_store *store, struct rcn_error *err)
{
    pthread_mutex_lock(&store->lock);
    if (run_script(store, "BEGIN", err) == 0)
        return 0;
    pthread_mutex_unlock(&store->lock);
    return -1;
}

int rcn_store_end(struct rcn_store *store, bool keep, struct rcn_error *err)
{
    int result = run_script(store, keep ? "COMMIT" : "ROLLBACK", err);
    if (result && keep)
        sqlite3_exec(store->db, "ROLLBACK", NULL, NULL, NULL);
    pthread_mutex_unlock(&store->lock);
    return result;
}

bool rcn_store_is_seeded(const struct rcn_store *store)
{
    return store->seeded;
}

int rcn_store_set_seeded(struct rcn_store *store, struct rcn_error *err)
{
    store->seeded = true;
    return run_script(store, "PRAGMA user_version = 1", err);
}

/* --- companies and keys --- */

int rcn_store_add_company(struct rcn_store *store, const struct rcn_company *company,
                          struct rcn_error *err)
{
    struct query query;
    query_init(&query, store,
               "INSERT INTO companies(id, name, role, meta_connected) VALUES(?, ?, ?, ?)");
    bind_text(&query, company->id);
    bind_text(&query, company->name);
    bind_text(&query, company->role);
    bind_number(&query, company->meta_connected);
    return query_run(&query, err);
}

int rcn_store_add_key(struct rcn_store *store, const struct rcn_key *key, bool from_options,
                      struct rcn_error *err)
{
    struct query query;
    query_init(&query, store,
               "INSERT OR IGNORE INTO api_keys(key, name, personal, scopes, from_options)"
               " VALUES(?, ?, ?, ?, ?)");
    bind_text(&query, key->key);
    bind_text(&query, key->name);
    bind_number(&query, key->personal);
    bind_text(&query, key->scopes);
    bind_number(&query, from_options);
    return query_run(&query, err);
}

int rcn_store_add_reach(struct rcn_store *store, const char *key, const char *company_id,
                        struct rcn_error *err)
{
    struct query query;
    query_init(&query, store, "INSERT OR IGNORE INTO reaches(key, company_id) VALUES(?, ?)");
    bind_text(&query, key);
    bind_text(&query, company_id);
    return query_run(&query, err);
}

int rcn_store_complete_reach(struct rcn_store *store, struct rcn_error *err)
{
    return run_script(store,
                      "INSERT INTO reaches(key, company_id)"
                      " SELECT k.key, c.id FROM api_keys k, companies c"
                      " WHERE NOT EXISTS(SELECT 1 FROM reaches r WHERE r.key = k.key)"
                      " AND (k.personal OR c.ord = (SELECT min(ord) FROM companies))"
                      " ORDER BY k.key, c.ord",
                      err);
}

int rcn_store_drop_option_keys(struct rcn_store *store, struct rcn_error *err)
{
    return run_script(store,
                      "DELETE FROM reaches WHERE key IN"
                      " (SELECT key FROM api_keys WHERE from_options);"
                      "DELETE FROM api_keys WHERE from_options;",
                      err);
}

int rcn_store_count_keys(struct rcn_store *store, int64_t *ret, struct rcn_error *err)
{
    struct query query;
    query_init(&query, store, "SELECT count(*) FROM api_keys");
    *ret = step(&query) ? column_number(&query, 0) : 0;
    return query_release(&query, err);
}

int rcn_store_get_key(struct rcn_store *store, struct rcn_arena *arena, const char *key,
                      struct rcn_key *ret, struct rcn_error *err)
{
    struct query query;
    *ret = (struct rcn_key){0};
    query_init(&query, store, "SELECT key, name, personal, scopes FROM api_keys WHERE key = ?");
    bind_text(&query, key);
    if (step(&query)) {
        ret->key = column_copy(&query, 0, arena);
        ret->name = column_copy(&query, 1, arena);
        ret->personal = column_number(&query, 2) != 0;
        ret->scopes = column_copy(&query, 3, arena);
    }
    return query_release(&query, err);
}

static const char companies_of_key[] =
    "SELECT c.id, c.name, c.role, c.meta_connected, count(*) OVER ()"
    " FROM companies c JOIN reaches r ON r.company_id = c.id WHERE r.key = ? ORDER BY r.ord";
static const char all_companies[] =
    "SELECT id, name, role, meta_connected, count(*) OVER () FROM companies ORDER BY ord";

int rcn_store_get_companies(struct rcn_store *store, struct rcn_arena *arena, const char *key,
                            struct rcn_company **ret, size_t *ret_count, struct rcn_error *err)
{
    struct query query;
    struct rcn_company *companies = NULL;
    size_t count = 0;
    query_init(&query, store, key ? companies_of_key : all_companies);
    if (key)
        bind_text(&query, key);
    while (step(&query)) {
        if (!companies)
            companies =
                rcn_arena_calloc(arena, (size_t)column_number(&query, 4), sizeof *companies);
        if (!companies) {
            query.state = SQLITE_NOMEM;
            break;
        }
        struct rcn_company *company = &companies[count++];
        company->meta_connected = column_number(&query, 3) != 0;
        company->id = column_copy(&query, 0, arena);
        company->name = column_copy(&query, 1, arena);
        company->role = column_copy(&query, 2, arena);
    }
    *ret = companies;
    *ret_count = count;
    return query_release(&query, err);
}

static int set_connected(struct rcn_store *store, const char *company_id, bool connected,
                         struct rcn_error *err)
{
    struct query query;
    query_init(&query, store,
               "UPDATE companies SET meta_connected = ?1 WHERE ?2 IS NULL OR id = ?2");
    bind_number(&query, connected);
    bind_text(&query, company_id);
    return query_run(&query, err);
}

int rcn_store_set_meta(struct rcn_store *store, const char *company_id, bool connected,
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
    struct query query;
    query_init(&query, store,
               connected    ? connect
               : deactivate ? disconnect_and_deactivate
                            : disconnect);
    bind_text(&query, company_id);
    return query_run(&query, err);
}

/* --- ad accounts and segments --- */

int rcn_store_add_ad_account(struct rcn_store *store, const char *company_id, const char *id,
                             const char *body, struct rcn_error *err)
{
    struct query query;
    query_init(&query, store, "INSERT INTO ad_accounts(company_id, id, body) VALUES(?, ?, ?)");
    bind_text(&query, company_id);
    bind_text(&query, id);
    bind_text(&query, body);
    return query_run(&query, err);
}

int rcn_store_has_ad_account(struct rcn_store *store, const char *company_id, const char *id,
                             bool *ret, struct rcn_error *err)
{
    struct query query;
    query_init(&query, store, "SELECT 1 FROM ad_accounts WHERE company_id = ? AND id = ?");
    bind_text(&query, company_id);
    bind_text(&query, id);
    *ret = step(&query);
    return query_release(&query, err);
}

int rcn_store_add_segment(struct rcn_store *store, const char *company_id,
                          const struct rcn_segment *segment, const char *body,
                          struct rcn_error *err)
{
    struct query query;
    query_init(&query, store,
               "INSERT INTO segments(company_id, id, name, filters, active_count, body)"
               " VALUES(?, ?, ?, ?, ?, ?)");
    bind_text(&query, company_id);
    bind_text(&query, segment->id);
    bind_text(&query, segment->name);
    bind_text(&query, segment->filters);
    bind_number(&query, segment->active_count);
    bind_text(&query, body);
    return query_run(&query, err);
}

static int get_segment(struct rcn_store *store, struct rcn_arena *arena, const char *sql,
                       const char *company_id, const char *word, struct rcn_segment *ret,
                       struct rcn_error *err)
{
    struct query query;
    *ret = (struct rcn_segment){0};
    query_init(&query, store, sql);
    bind_text(&query, company_id);
    bind_text(&query, word);
    if (step(&query)) {
        ret->active_count = column_number(&query, 3);
        ret->id = column_copy(&query, 0, arena);
        ret->name = column_copy(&query, 1, arena);
        ret->filters = column_copy(&query, 2, arena);
    }
    return query_release(&query, err);
}

int rcn_store_get_segment(struct rcn_store *store, struct rcn_arena *arena, const char *company_id,
                          const char *id, struct rcn_segment *ret, struct rcn_error *err)
{
    static const char sql[] = "SELECT id, name, filters, active_count FROM segments"
                              " WHERE company_id = ? AND id = ?";
    return get_segment(store, arena, sql, company_id, id, ret, err);
}

int rcn_store_get_segment_by_name(struct rcn_store *store, struct rcn_arena *arena,
                                  const char *company_id, const char *name, struct rcn_segment *ret,
                                  struct rcn_error *err)
{
    static const char sql[] = "SELECT id, name, filters, active_count FROM segments"
                              " WHERE company_id = ? AND name = ? ORDER BY ord LIMIT 1";
    return get_segment(store, arena, sql, company_id, name, ret, err);
}

/* --- audience syncs --- */

int rcn_store_new_id(struct rcn_store *store, struct rcn_arena *arena, const char **ret,
                     struct rcn_error *err)
{
    struct query query;
    *ret = NULL;
    query_init(&query, store, "SELECT 'sync_' || lower(hex(randomblob(8)))");
    if (step(&query))
        *ret = column_copy(&query, 0, arena);
    return query_release(&query, err);
}

int rcn_store_add_sync(struct rcn_store *store, const char *company_id, const struct rcn_sync *sync,
                       struct rcn_error *err)
{
    struct query query;
    query_init(&query, store,
               "INSERT INTO audience_syncs(company_id, id, ad_account_id, audience_name,"
               " segment_id, body, visible_at_ms, run_ends_at_ms)"
               " VALUES(?, ?, ?, ?, ?, ?, ?, nullif(?, 0))");
    bind_text(&query, company_id);
    bind_text(&query, sync->id);
    bind_text(&query, sync->ad_account_id);
    bind_text(&query, sync->audience_name);
    bind_text(&query, sync->segment_id);
    bind_text(&query, sync->body);
    bind_number(&query, sync->visible_at_ms);
    bind_number(&query, sync->run_ends_at_ms);
    return query_run(&query, err);
}

int rcn_store_has_identity(struct rcn_store *store, const char *company_id,
                           const char *ad_account_id, const char *audience_name, bool *ret,
                           struct rcn_error *err)
{
    struct query query;
    query_init(&query, store,
               "SELECT 1 FROM audience_syncs"
               " WHERE company_id = ? AND ad_account_id = ? AND audience_name = ?");
    bind_text(&query, company_id);
    bind_text(&query, ad_account_id);
    bind_text(&query, audience_name);
    *ret = step(&query);
    return query_release(&query, err);
}

int rcn_store_get_sync(struct rcn_store *store, struct rcn_arena *arena, const char *company_id,
                       const char *id, struct rcn_sync *ret, struct rcn_error *err)
{
    struct query query;
    *ret = (struct rcn_sync){0};
    query_init(&query, store,
               "SELECT id, ad_account_id, audience_name, segment_id, body, visible_at_ms,"
               " run_ends_at_ms FROM audience_syncs WHERE company_id = ? AND id = ?");
    bind_text(&query, company_id);
    bind_text(&query, id);
    if (step(&query)) {
        ret->visible_at_ms = column_number(&query, 5);
        ret->run_ends_at_ms = column_number(&query, 6);
        ret->id = column_copy(&query, 0, arena);
        ret->ad_account_id = column_copy(&query, 1, arena);
        ret->audience_name = column_copy(&query, 2, arena);
        ret->segment_id = column_copy(&query, 3, arena);
        ret->body = column_copy(&query, 4, arena);
    }
    return query_release(&query, err);
}

int rcn_store_change_sync(struct rcn_store *store, const char *company_id, const char *id,
                          const char *frequency, const bool *is_active, struct rcn_error *err)
{
    struct query query;
    query_init(&query, store,
               "UPDATE audience_syncs SET body = json_set(body,"
               " '$.frequency', coalesce(?1, json_extract(body, '$.frequency')),"
               " '$.isActive', json(coalesce(?2,"
               "   iif(json_extract(body, '$.isActive'), 'true', 'false'))))"
               " WHERE company_id = ?3 AND id = ?4");
    bind_text(&query, frequency);
    bind_text(&query, !is_active ? NULL : *is_active ? "true" : "false");
    bind_text(&query, company_id);
    bind_text(&query, id);
    return query_run(&query, err);
}

int rcn_store_delete_sync(struct rcn_store *store, const char *company_id, const char *id,
                          struct rcn_error *err)
{
    struct query query;
    query_init(&query, store, "DELETE FROM audience_syncs WHERE company_id = ? AND id = ?");
    bind_text(&query, company_id);
    bind_text(&query, id);
    return query_run(&query, err);
}

int rcn_store_start_run(struct rcn_store *store, const char *company_id, const char *id,
                        int64_t ends_at_ms, struct rcn_error *err)
{
    struct query query;
    query_init(&query, store,
               "UPDATE audience_syncs SET run_ends_at_ms = ?,"
               " body = json_set(body, '$.syncStatus', 'syncing')"
               " WHERE company_id = ? AND id = ?");
    bind_number(&query, ends_at_ms);
    bind_text(&query, company_id);
    bind_text(&query, id);
    return query_run(&query, err);
}

int rcn_store_finish_runs(struct rcn_store *store, int64_t now_ms, struct rcn_error *err)
{
    struct query query;
    query_init(&query, store,
               "UPDATE audience_syncs SET run_ends_at_ms = NULL, body = json_set(body,"
               " '$.syncStatus', 'idle', '$.lastSyncError', NULL, '$.lastSyncAt',"
               " strftime('%Y-%m-%dT%H:%M:%fZ', run_ends_at_ms / 1000.0, 'unixepoch'),"
               " '$.lastSyncedCount', coalesce((SELECT s.active_count FROM segments s"
               "   WHERE s.company_id = audience_syncs.company_id"
               "   AND s.id = audience_syncs.segment_id), 0))"
               " WHERE run_ends_at_ms <= ?");
    bind_number(&query, now_ms);
    return query_run(&query, err);
}

/* --- lists --- */

/* Appends the first column of every row; the count of them goes to ret_count. */
static int append_rows(struct query *query, struct rcn_buf *out, int64_t *ret_count,
                       struct rcn_error *err)
{
    int64_t count = 0;
    while (step(query)) {
        if (count++)
            rcn_buf_add(out, ", ", 2);
        const char *text = column_text(query, 0);
        if (text)
            rcn_buf_add(out, text, (size_t)sqlite3_column_bytes(query->stmt, 0));
        else
            query->state = SQLITE_NOMEM;
    }
    *ret_count = count;
    return query_release(query, err);
}

static int list_bodies(struct rcn_store *store, const char *sql, const char *company_id,
                       struct rcn_buf *out, struct rcn_error *err)
{
    struct query query;
    int64_t count;
    query_init(&query, store, sql);
    bind_text(&query, company_id);
    return append_rows(&query, out, &count, err);
}

int rcn_store_list_ad_accounts(struct rcn_store *store, const char *company_id, struct rcn_buf *out,
                               struct rcn_error *err)
{
    return list_bodies(store, "SELECT body FROM ad_accounts WHERE company_id = ? ORDER BY ord",
                       company_id, out, err);
}

int rcn_store_list_segments(struct rcn_store *store, const char *company_id, struct rcn_buf *out,
                            struct rcn_error *err)
{
    return list_bodies(store, "SELECT body FROM segments WHERE company_id = ? ORDER BY ord",
                       company_id, out, err);
}

static int count_visible(struct rcn_store *store, const char *company_id, int64_t now_ms,
                         int64_t *ret, struct rcn_error *err)
{
    struct query query;
    query_init(&query, store,
               "SELECT count(*) FROM audience_syncs WHERE company_id = ? AND visible_at_ms <= ?");
    bind_text(&query, company_id);
    bind_number(&query, now_ms);
    *ret = step(&query) ? column_number(&query, 0) : 0;
    return query_release(&query, err);
}

int rcn_store_list_syncs(struct rcn_store *store, const char *company_id,
                         const struct rcn_sync_page *page, struct rcn_buf *out, int64_t *ret_count,
                         int64_t *ret_total, struct rcn_error *err)
{
    static const char *const by_order[] = {
        [RCN_STORE_OLDEST_FIRST] = "SELECT body FROM audience_syncs WHERE company_id = ?"
                                   " AND visible_at_ms <= ? ORDER BY ord LIMIT ? OFFSET ?",
        [RCN_STORE_NEWEST_FIRST] = "SELECT body FROM audience_syncs WHERE company_id = ?"
                                   " AND visible_at_ms <= ? ORDER BY ord DESC LIMIT ? OFFSET ?",
        [RCN_STORE_BY_ID] = "SELECT body FROM audience_syncs WHERE company_id = ?"
                            " AND visible_at_ms <= ? ORDER BY id, ord LIMIT ? OFFSET ?",
    };
    if (count_visible(store, company_id, page->now_ms, ret_total, err))
        return -1;
    struct query query;
    query_init(&query, store, by_order[page->order]);
    bind_text(&query, company_id);
    bind_number(&query, page->now_ms);
    bind_number(&query, page->limit);
    bind_number(&query, page->offset);
    return append_rows(&query, out, ret_count, err);
}

int rcn_store_list_truth(struct rcn_store *store, struct rcn_buf *out, struct rcn_error *err)
{
    struct query query;
    int64_t count;
    query_init(&query, store,
               "SELECT json_set(body, '$.companyId', company_id) FROM audience_syncs ORDER BY ord");
    return append_rows(&query, out, &count, err);
}
