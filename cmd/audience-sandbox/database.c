#include "database.h"

#include <sqlite3.h>
#include <stdlib.h>

#include "base/memory.h"

enum { BUSY_WAIT_MS = 5000 };

struct sbx_database {
    sqlite3 *db;
    struct {
        const char *sql;
        sqlite3_stmt *statement;
    } statements[SBX_DATABASE_STATEMENTS_MAX];
    size_t count;
};

static int fail(struct sbx_database *database, int state, struct rcn_error *err)
{
    if (state == SQLITE_NOMEM)
        rcn_memory_exhausted();
    return rcn_error_set(err, RCN_ERROR_FAILED, "database: %s", sqlite3_errmsg(database->db));
}

int sbx_database_run(struct sbx_database *database, const char *sql, struct rcn_error *err)
{
    int state = sqlite3_exec(database->db, sql, NULL, NULL, NULL);
    return state == SQLITE_OK ? 0 : fail(database, state, err);
}

static int open_file(struct sbx_database *database, const char *path, struct rcn_error *err)
{
    /* Without locks of its own: the store has one. */
    int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX;
    int state = sqlite3_open_v2(path ? path : ":memory:", &database->db, flags, NULL);
    if (state != SQLITE_OK)
        return fail(database, state, err);
    sqlite3_busy_timeout(database->db, BUSY_WAIT_MS);
    return 0;
}

struct sbx_database *sbx_database_new(const char *path, struct rcn_error *err)
{
    struct sbx_database *database = rcn_calloc(1, sizeof *database);
    if (open_file(database, path, err) == 0)
        return database;
    sbx_database_free(database);
    return NULL;
}

void sbx_database_free(struct sbx_database *database)
{
    if (!database)
        return;
    for (size_t i = 0; i < database->count; i++)
        sqlite3_finalize(database->statements[i].statement);
    sqlite3_close(database->db);
    free(database);
}

static int prepare(struct sbx_database *database, const char *sql, sqlite3_stmt **ret)
{
    for (size_t i = 0; i < database->count; i++)
        if (database->statements[i].sql == sql) {
            *ret = database->statements[i].statement;
            return SQLITE_OK;
        }
    if (database->count == SBX_DATABASE_STATEMENTS_MAX)
        return SQLITE_FULL;
    int state = sqlite3_prepare_v2(database->db, sql, -1, ret, NULL);
    if (state != SQLITE_OK)
        return state;
    database->statements[database->count].sql = sql;
    database->statements[database->count++].statement = *ret;
    return SQLITE_OK;
}

void sbx_query_begin(struct sbx_query *query, struct sbx_database *database, const char *sql)
{
    sqlite3_stmt *statement = NULL;
    *query = (struct sbx_query){.database = database, .next = 1};
    query->state = prepare(database, sql, &statement);
    query->statement = statement;
}

void sbx_query_bind_text(struct sbx_query *query, const char *text)
{
    if (query->state == SQLITE_OK)
        query->state = sqlite3_bind_text(query->statement, query->next++, text, -1, SQLITE_STATIC);
}

void sbx_query_bind_number(struct sbx_query *query, int64_t number)
{
    if (query->state == SQLITE_OK)
        query->state = sqlite3_bind_int64(query->statement, query->next++, number);
}

bool sbx_query_step(struct sbx_query *query)
{
    if (query->state == SQLITE_OK || query->state == SQLITE_ROW)
        query->state = sqlite3_step(query->statement);
    return query->state == SQLITE_ROW;
}

const char *sbx_query_get_text(struct sbx_query *query, int column, size_t *ret_len)
{
    const char *text = (const char *)sqlite3_column_text(query->statement, column);
    *ret_len = (size_t)sqlite3_column_bytes(query->statement, column);
    if (!text && sqlite3_column_type(query->statement, column) != SQLITE_NULL)
        query->state = SQLITE_NOMEM;
    return text;
}

int64_t sbx_query_get_number(struct sbx_query *query, int column)
{
    return sqlite3_column_int64(query->statement, column);
}

const char *sbx_query_copy_text(struct sbx_query *query, int column, struct rcn_arena *arena)
{
    size_t len;
    const char *text = sbx_query_get_text(query, column, &len);
    const char *copy = text ? rcn_arena_strndup(arena, text, len) : NULL;
    if (text && !copy)
        query->state = SQLITE_NOMEM;
    return copy;
}

void sbx_query_set_no_memory(struct sbx_query *query)
{
    query->state = SQLITE_NOMEM;
}

int sbx_query_end(struct sbx_query *query, struct rcn_error *err)
{
    int state = query->state;
    int result = state == SQLITE_OK || state == SQLITE_ROW || state == SQLITE_DONE
                     ? 0
                     : fail(query->database, state, err);
    if (query->statement) {
        sqlite3_reset(query->statement);
        sqlite3_clear_bindings(query->statement);
    }
    return result;
}

int sbx_query_run(struct sbx_query *query, struct rcn_error *err)
{
    bool more = true;
    while (more)
        more = sbx_query_step(query);
    return sbx_query_end(query, err);
}
