/*
 * request_counts.h: how many requests a run sent, for reports.
 */
#ifndef RCN_MODEL_REQUEST_COUNTS_H
#define RCN_MODEL_REQUEST_COUNTS_H

#include <stdint.h>

struct rcn_request_counts {
    uint64_t get;
    uint64_t post;
    uint64_t retries;   /* GETs that were repeats; they are counted in get too */
    uint64_t waited_ms; /* with nothing in flight, for the pace, a hold or a backoff */
};

#endif
