/*
 * reader.h: reads lists of the API to their ends, many at the same time. Private to live/.
 */
#ifndef RCN_LIVE_READER_H
#define RCN_LIVE_READER_H

#include "live/api.h"
#include "live/list.h"
#include "model/live_state.h"

enum {
    RCN_READER_MAX_PAGES = 10000,
    RCN_READER_PROBLEM_SIZE = 640,
    RCN_READER_PATH_SIZE = 96, /* the path of a list with limit and offset */
};

struct rcn_reader {
    const struct rcn_list_kind *kind;
    const char *company_id; /* x-company-id; NULL: none */
    struct rcn_list list;
    enum rcn_read_status status; /* RCN_READ_SKIPPED until it ended */
    int64_t age_ms;              /* the oldest of its pages, as Age says */
    int64_t ended_ms;            /* steady clock: the end of its last page */
    char problem[RCN_READER_PROBLEM_SIZE];
    /* paging, reader.c alone */
    size_t pages;
    long long total;
    bool is_second_reading;
    char path[RCN_READER_PATH_SIZE];
};

void rcn_reader_init(struct rcn_reader *reader, const struct rcn_list_kind *kind,
                     const char *company_id, struct rcn_arena *arena);
void rcn_reader_release(struct rcn_reader *reader);

/*
 * Reads each list: one page, or by limit and offset until as many rows are there as `total` says
 * (SPEC 4: else once more from the start, else it has failed). `account`, when not NULL, is done in
 * the first round; the caller releases it. How each list ended is in its status and problem; -1 and
 * err only as rcn_api_read.
 */
int rcn_readers_run(struct rcn_reader *readers, size_t count, struct rcn_api *api,
                    struct rcn_read *account, struct rcn_error *err);

#endif
