/*
 * live_list.h: the rows of one list of the API (syncs, ad accounts, segments), collected page by
 * page; every body is judged whole (live_state.h). Private to live/.
 *
 * Rows and their strings are arena memory. What repeats from row to row (ad account, segment,
 * frequency, status) is kept once.
 */
#ifndef RCN_LIVE_LIVE_LIST_H
#define RCN_LIVE_LIVE_LIST_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/error.h"
#include "base/json.h"
#include "base/strmap.h"
#include "live/live_state.h"

struct rcn_live_list;

enum { RCN_LIVE_LIST_MAX_FIELDS = 12 };

/* A kind of list. A row begins with a `const char *` that holds its id. */
struct rcn_live_list_kind {
    const char *path; /* `/audience-syncs` */
    const char *key;  /* `audienceSyncs` */
    size_t row_size;
    bool is_strict; /* an id that comes twice is an error; otherwise the first one stays */
    const char *fields[RCN_LIVE_LIST_MAX_FIELDS]; /* as the API names and orders them */
    size_t field_count;
    /* values: of the fields, NULL where absent */
    int (*decode)(struct rcn_live_list *list, const struct rcn_json *const *values, void *row,
                  struct rcn_error *err);
};
extern const struct rcn_live_list_kind rcn_live_list_syncs;
extern const struct rcn_live_list_kind rcn_live_list_ad_accounts;
extern const struct rcn_live_list_kind rcn_live_list_segments;

struct rcn_live_list {
    const struct rcn_live_list_kind *kind;
    struct rcn_arena *arena; /* borrowed */
    void *rows;
    size_t count;
    size_t capacity;
    size_t seen;                 /* items judged, those left out as repeats too */
    bool has_repeat;             /* why the last page was refused: an id that was there already */
    struct rcn_strmap *ids;      /* id -> row */
    struct rcn_strmap *interned; /* text -> its copy in the arena */
};

int rcn_live_list_init(struct rcn_live_list *list, const struct rcn_live_list_kind *kind,
                       struct rcn_arena *arena, struct rcn_error *err);
/* Frees the maps; the rows stay with the arena. */
void rcn_live_list_release(struct rcn_live_list *list);

/*
 * Judges one page and adds its rows, which take copies of what they need of it. ret_page says how
 * the list goes on.
 */
int rcn_live_list_add_page(struct rcn_live_list *list, const struct rcn_json *root,
                           struct rcn_list_page *ret_page, struct rcn_error *err);

#endif
