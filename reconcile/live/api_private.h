/*
 * api_private.h: what api.c (reads) and api_create.c (the write call) share.
 */
#ifndef RCN_LIVE_API_PRIVATE_H
#define RCN_LIVE_API_PRIVATE_H

#include "live/api.h"
#include "live/http.h"
#include "live/pace.h"

enum { RCN_API_PROBLEM_SIZE = 512, RCN_API_PATH_SIZE = 512 };

/* One create, from its start until the caller takes its answer. */
struct rcn_create_flight {
    struct rcn_create_flight *next;
    bool is_finished;
    struct rcn_create_answer answer;
};

struct rcn_api {
    struct rcn_api_options options;
    struct rcn_http *http;
    struct rcn_pace *pace;
    char url[512];
    struct rcn_request_counts counts;
    struct rcn_create_flight *flights; /* oldest first */
    size_t creates_in_flight;
    int64_t hold_until_ms;
    unsigned holds_in_a_row;
    uint64_t random;
};

/* Gives a finished exchange back to the pace, and a create to its flight. */
void rcn_api_note_finished(struct rcn_api *api, const struct rcn_http_answer *answer);

/* Takes over a create's answer: http_answer is released. */
void rcn_api_finish_create(struct rcn_api *api, struct rcn_http_answer *http_answer);
void rcn_api_free_flights(struct rcn_api *api);

/*
 * `GET /account (company comp_1): 500: database down`: why an answer is not what was asked for. The
 * key is made unreadable in the body itself, because a text that is cut may end inside it.
 */
void rcn_api_describe_answer(const struct rcn_api *api, const char *request,
                             struct rcn_http_answer *answer, char *ret, size_t size);

#endif
