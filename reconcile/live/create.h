/*
 * create.h: the body of the one write call, and what its answer proves. Private to live/. Pure.
 */
#ifndef RCN_LIVE_CREATE_H
#define RCN_LIVE_CREATE_H

#include "base/buf.h"
#include "live/http.h"
#include "model/audience_sync.h"

struct rcn_create_answer {
    enum rcn_http_transfer transfer;
    long status;
    int64_t retry_after_ms; /* -1: none */
    int64_t ended_ms;       /* steady clock: no byte of the request can arrive later */
    bool is_success; /* 2xx, a JSON object, `success` not false, an audienceSync with an id and an
                        audienceName */
    char *id;        /* owned; NULL when not is_success. The rest: NULL when absent */
    char *audience_name;
    char *ad_account_id;
    char *segment_id;
    char problem[512]; /* for people, when not is_success; the API's own advice included */
    void *tag;
};
void rcn_create_answer_release(struct rcn_create_answer *answer);

/* segmentId or predefinedSegmentId, adAccountId, audienceName, frequency; absent fields absent. */
void rcn_create_write_body(struct rcn_buf *out, const struct rcn_audience_sync *sync);

/* Fills in all but the tag, which stays. */
void rcn_create_judge(struct rcn_create_answer *ret, const struct rcn_http_answer *answer);

#endif
