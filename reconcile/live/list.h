/*
 * list.h: the rows of one list of the API (syncs, ad accounts, segments), collected page by page;
 * every body is judged whole (reading.h). Private to live/.
 *
 * Rows and their strings are arena memory.
 */
#ifndef RCN_LIVE_LIST_H
#define RCN_LIVE_LIST_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/error.h"
#include "base/json.h"
#include "base/strmap.h"
#include "live/paging.h"

/* A kind of list. A row begins with a `const char *` that holds its id. */
struct rcn_list_kind {
    const char *path; /* `/audience-syncs` */
    const char *key;  /* `audienceSyncs` */
    size_t row_size;
    bool is_strict; /* a duplicate id is an error; otherwise the first one stays */
    const struct rcn_list_field *fields; /* list.c */
};
extern const struct rcn_list_kind rcn_list_of_syncs;
extern const struct rcn_list_kind rcn_list_of_ad_accounts;
extern const struct rcn_list_kind rcn_list_of_segments;

struct rcn_list {
    const struct rcn_list_kind *kind;
    struct rcn_arena *arena; /* borrowed */
    void *rows;
    size_t count;
    size_t capacity;
    size_t seen;     /* items judged, those left out as repeats too */
    bool has_repeat; /* why the last page was refused: an id that was there already */
    bool is_marked;  /* the page was repaired: what identifies must hold no mark (base/json.h) */
    struct rcn_strmap *ids; /* id -> row */
};

void rcn_list_init(struct rcn_list *list, const struct rcn_list_kind *kind,
                   struct rcn_arena *arena);
/* Frees the map; the rows stay with the arena. */
void rcn_list_release(struct rcn_list *list);

/*
 * Judges one page and adds its rows, which take copies of what they need of it. is_repaired: the
 * tree is from rcn_json_parse_repaired, which had something to do. ret_page says how the list goes
 * on.
 */
int rcn_list_add_page(struct rcn_list *list, const struct rcn_json *root, bool is_repaired,
                      struct rcn_page *ret_page, struct rcn_error *err);

#endif
