/*
 * list.h: the lists of the API (syncs, ad accounts, segments), read page by page to their ends,
 * many at the same time; every body is judged whole (reading.h). Private to live/.
 *
 * Rows and their strings are arena memory.
 */
#ifndef RCN_LIVE_LIST_H
#define RCN_LIVE_LIST_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/error.h"
#include "base/fields.h"
#include "base/json.h"
#include "base/strmap.h"
#include "live/api.h"
#include "live/paging.h"
#include "model/live_state.h"

/* A kind of list. A row begins with a `const char *` that holds its id. */
struct rcn_list_kind {
    const char *path; /* `/audience-syncs` */
    const char *key;  /* `audienceSyncs` */
    bool is_strict;   /* a duplicate id is an error; otherwise the first one stays */
    struct rcn_table row;
};
extern const struct rcn_list_kind rcn_list_of_syncs;
extern const struct rcn_list_kind rcn_list_of_ad_accounts;
extern const struct rcn_list_kind rcn_list_of_segments;

enum { RCN_LIST_MAX_PAGES = 10000 };

struct rcn_list {
    const struct rcn_list_kind *kind;
    const char *company_id;  /* x-company-id; NULL: none */
    struct rcn_arena *arena; /* borrowed */
    void *rows;
    size_t count;
    enum rcn_read_status status; /* RCN_READ_SKIPPED until it ended */
    const char *problem;         /* for FORBIDDEN and FAILED */
    int64_t age_ms;              /* the oldest of its pages, as Age says */
    int64_t ended_ms;            /* steady clock: the end of its last page */
    /* list.c alone: */
    size_t capacity;
    size_t seen;     /* items judged, those left out as repeats too */
    bool has_repeat; /* the last page was refused for an id that is on an earlier one */
    bool is_marked;  /* the page was repaired: what identifies must hold no mark (base/json.h) */
    struct rcn_strmap *ids; /* id -> row */
    size_t pages;
    long long total;
    bool is_second_reading;
    char path[96]; /* with limit and offset */
};

void rcn_list_init(struct rcn_list *list, const struct rcn_list_kind *kind, const char *company_id,
                   struct rcn_arena *arena);
/* The rows stay with the arena. */
void rcn_list_release(struct rcn_list *list);

/* Judges one page and adds its rows, which have copies of what they need of it. is_repaired: as
 * rcn_json_parse_repaired says. ret_page says how the list goes on. */
int rcn_list_add_page(struct rcn_list *list, const struct rcn_json *root, bool is_repaired,
                      struct rcn_page *ret_page, struct rcn_error *err);

/* Judges the answer to a read of list->path. While the list is RCN_READ_SKIPPED afterwards, it goes
 * on: there is another page, or (SPEC 4) it is read once more from the start, because the number of
 * rows is not `total`. */
void rcn_list_judge(struct rcn_list *list, struct rcn_read *read);

#endif
