/*
 * database.h: SQLite as the store needs it. database.c is the only file that sees <sqlite3.h>.
 *
 * A query is prepared, bound from the first parameter to the last, stepped and ended. A failure at
 * any step is kept, makes the later ones do nothing, and comes out at the end: callers check once.
 *
 *     rcn_query_begin(&query, database, "SELECT name FROM people WHERE id = ?");
 *     rcn_query_bind_text(&query, id);
 *     if (rcn_query_step(&query))
 *         name = rcn_query_copy_text(&query, 0, arena);
 *     return rcn_query_end(&query, err);
 *
 * Limits: a statement is prepared once for each SQL text and kept; texts are literals, told apart
 * by their address, at most RCN_DATABASE_STATEMENTS_MAX of them.
 *
 * Threading: none; one query at a time.
 */
#ifndef RCN_SANDBOX_DATABASE_H
#define RCN_SANDBOX_DATABASE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/error.h"

enum { RCN_DATABASE_STATEMENTS_MAX = 64 };

struct rcn_database;

/* path NULL: in memory. */
struct rcn_database *rcn_database_new(const char *path, struct rcn_error *err);
void rcn_database_free(struct rcn_database *database);

/* Runs statements without parameters and rows. */
int rcn_database_run(struct rcn_database *database, const char *sql, struct rcn_error *err);

struct rcn_query {
    struct rcn_database *database;
    void *statement; /* owned by the database */
    int next;        /* the parameter that is bound next, from 1 */
    int state;       /* a result code of the library */
};

void rcn_query_begin(struct rcn_query *query, struct rcn_database *database, const char *sql);
/* text must stay until the end; NULL binds NULL. */
void rcn_query_bind_text(struct rcn_query *query, const char *text);
void rcn_query_bind_number(struct rcn_query *query, int64_t number);
/* True when there is a(nother) row. */
bool rcn_query_step(struct rcn_query *query);
/* Columns count from 0. The text is borrowed until the next step; NULL for NULL. */
const char *rcn_query_get_text(struct rcn_query *query, int column, size_t *ret_len);
int64_t rcn_query_get_number(struct rcn_query *query, int column);
/* NULL for NULL and when out of memory, which the end reports. */
const char *rcn_query_copy_text(struct rcn_query *query, int column, struct rcn_arena *arena);
/* Makes the query fail for want of memory. */
void rcn_query_set_no_memory(struct rcn_query *query);
int rcn_query_end(struct rcn_query *query, struct rcn_error *err);

/* Steps to the end and ends. */
int rcn_query_run(struct rcn_query *query, struct rcn_error *err);

#endif
