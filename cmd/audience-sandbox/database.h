/*
 * database.h: SQLite as the store needs it. database.c is the only file that sees <sqlite3.h>.
 *
 * A query is prepared, bound from the first parameter to the last, stepped and ended. A failure at
 * any step is kept, makes the later ones do nothing, and comes out at the end: callers check once.
 *
 *     sbx_query_begin(&query, database, "SELECT name FROM people WHERE id = ?");
 *     sbx_query_bind_text(&query, id);
 *     if (sbx_query_step(&query))
 *         name = sbx_query_copy_text(&query, 0, arena);
 *     return sbx_query_end(&query, err);
 *
 * Limits: a statement is prepared once for each SQL text and kept; texts are literals, told apart
 * by their address, at most SBX_DATABASE_STATEMENTS_MAX of them.
 *
 * Threading: none; one query at a time.
 */
#ifndef SBX_SANDBOX_DATABASE_H
#define SBX_SANDBOX_DATABASE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/error.h"

enum { SBX_DATABASE_STATEMENTS_MAX = 64 };

struct sbx_database;

/* path NULL: in memory. */
struct sbx_database *sbx_database_new(const char *path, struct rcn_error *err);
void sbx_database_free(struct sbx_database *database);

/* Runs statements without parameters and rows. */
int sbx_database_run(struct sbx_database *database, const char *sql, struct rcn_error *err);

struct sbx_query {
    struct sbx_database *database;
    void *statement; /* owned by the database */
    int next;        /* the parameter that is bound next, from 1 */
    int state;       /* a result code of the library */
};

void sbx_query_begin(struct sbx_query *query, struct sbx_database *database, const char *sql);
/* text must stay until the end; NULL binds NULL. */
void sbx_query_bind_text(struct sbx_query *query, const char *text);
void sbx_query_bind_number(struct sbx_query *query, int64_t number);
/* True when there is a(nother) row. */
bool sbx_query_step(struct sbx_query *query);
/* Columns count from 0. The text is borrowed until the next step; NULL for NULL. */
const char *sbx_query_get_text(struct sbx_query *query, int column, size_t *ret_len);
int64_t sbx_query_get_number(struct sbx_query *query, int column);
/* NULL for NULL and when out of memory, which the end reports. */
const char *sbx_query_copy_text(struct sbx_query *query, int column, struct rcn_arena *arena);
/* Makes the query fail for want of memory. */
void sbx_query_set_no_memory(struct sbx_query *query);
int sbx_query_end(struct sbx_query *query, struct rcn_error *err);

/* Steps to the end and ends. */
int sbx_query_run(struct sbx_query *query, struct rcn_error *err);

#endif
