#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/escape.h"
#include "base/json.h"
#include "live/api.h"
#include "live/api_private.h"
#include "live/live_frame.h"

enum { MAX_REQUEST_BYTES = 1 << 20 };

#define CREATE_REQUEST "POST /audience-syncs"

static void free_flight(struct rcn_create_flight *flight)
{
    rcn_create_answer_release(&flight->answer);
    free(flight);
}

void rcn_api_free_flights(struct rcn_api *api)
{
    for (struct rcn_create_flight *flight = api->flights; flight;) {
        struct rcn_create_flight *next = flight->next;
        free_flight(flight);
        flight = next;
    }
    api->flights = NULL;
}

static void write_member(struct rcn_json_writer *writer, const char *key, const char *text)
{
    if (text)
        rcn_json_key_string(writer, key, text);
}

static void write_body(struct rcn_buf *out, const struct rcn_audience_sync *sync)
{
    struct rcn_json_writer writer;
    rcn_json_writer_init(&writer, out);
    rcn_json_begin_object(&writer);
    write_member(&writer, "segmentId", sync->segment_id);
    write_member(&writer, "predefinedSegmentId", sync->predefined_segment_id);
    write_member(&writer, "adAccountId", sync->ad_account_id);
    write_member(&writer, "audienceName", sync->audience_name);
    write_member(&writer, "frequency", sync->frequency);
    rcn_json_end_object(&writer);
}

static int send_create(struct rcn_api *api, const struct rcn_http_request *request,
                       struct rcn_create_flight *flight, struct rcn_error *err)
{
    if (rcn_http_start(api->http, request, err))
        return -1;
    rcn_pace_start(api->pace, rcn_clock_steady_ms());
    api->counts.post++;
    api->creates_in_flight++;
    struct rcn_create_flight **last = &api->flights;
    while (*last)
        last = &(*last)->next;
    *last = flight;
    return 0;
}

int rcn_api_start_create(struct rcn_api *api, const struct rcn_audience_sync *sync,
                         bool with_company, void *tag, struct rcn_error *err)
{
    struct rcn_buf body;
    rcn_buf_init(&body, MAX_REQUEST_BYTES);
    /* Made now, so that nothing can fail between the answer and the caller. */
    struct rcn_create_flight *flight = calloc(1, sizeof *flight);
    int result = -1;
    if (!flight) {
        rcn_error_no_memory(err);
        goto out;
    }
    flight->answer.tag = tag;
    write_body(&body, sync);
    if (body.failed) {
        rcn_error_set(err, RCN_ERROR_FAILED, "the request cannot be written");
        goto out;
    }
    struct rcn_http_request request = {.path = "/api/v1/audience-syncs",
                                       .company_id = with_company ? sync->company_id : NULL,
                                       .body = body.data,
                                       .body_len = body.len,
                                       .max_body_bytes = RCN_API_MAX_CREATE_ANSWER_BYTES,
                                       .tag = flight};
    result = send_create(api, &request, flight, err);
out:
    if (result)
        free(flight);
    rcn_buf_release(&body);
    return result;
}

/* --- the answer --- */

/* A copy of a member of the sync; NULL when it is absent, null or no string. */
static char *copy_member(const struct rcn_json *sync, const char *key, bool *ret_failed)
{
    const char *text = rcn_json_get_member_string(sync, key);
    char *copy = text ? strdup(text) : NULL;
    *ret_failed |= text && !copy;
    return copy;
}

/* What is wrong with a 2xx answer as proof of a create; NULL: nothing. */
static const char *find_flaw(const struct rcn_json *root)
{
    if (rcn_json_get_type(root) != RCN_JSON_OBJECT)
        return "the answer is no JSON object";
    if (rcn_live_frame_denies_success(root))
        return "the answer says that it was no success";
    const struct rcn_json *sync = rcn_json_get(root, "audienceSync");
    if (rcn_json_get_type(sync) != RCN_JSON_OBJECT)
        return "the answer has no audienceSync";
    const char *id = rcn_json_get_member_string(sync, "id");
    if (!id || !*id)
        return "the answer has no id";
    if (!rcn_json_get_member_string(sync, "audienceName"))
        return "the answer has no audienceName";
    return NULL;
}

static void set_problem(const struct rcn_api *api, struct rcn_create_answer *ret, const char *text,
                        const char *detail)
{
    char raw[2 * sizeof ret->problem];
    snprintf(raw, sizeof raw, CREATE_REQUEST ": %ld: %s%s%s", ret->status, text,
             *detail ? ": " : "", detail);
    rcn_api_redact(api, raw);
    rcn_escape_visible_into(ret->problem, sizeof ret->problem, raw);
}

static void decode_tree(const struct rcn_api *api, const struct rcn_json *root,
                        struct rcn_http_answer *answer, struct rcn_create_answer *ret)
{
    const char *flaw = find_flaw(root);
    if (flaw) {
        char detail[RCN_API_PROBLEM_SIZE];
        rcn_api_redact(api, answer->body);
        rcn_api_describe_error(answer->status, answer->body, answer->body_len, detail,
                               sizeof detail);
        set_problem(api, ret, flaw, detail);
        return;
    }
    const struct rcn_json *sync = rcn_json_get(root, "audienceSync");
    bool failed = false;
    ret->id = copy_member(sync, "id", &failed);
    ret->audience_name = copy_member(sync, "audienceName", &failed);
    ret->ad_account_id = copy_member(sync, "adAccountId", &failed);
    ret->segment_id = copy_member(sync, "segmentId", &failed);
    if (failed) {
        rcn_create_answer_release(ret);
        set_problem(api, ret, "the answer cannot be read: out of memory", "");
        return;
    }
    ret->is_success = true;
}

static void decode_success(const struct rcn_api *api, struct rcn_http_answer *answer,
                           struct rcn_create_answer *ret)
{
    struct rcn_error err = RCN_ERROR_INIT;
    struct rcn_json *root = rcn_json_parse(answer->body, answer->body_len, &err);
    if (root) {
        decode_tree(api, root, answer, ret);
    } else {
        char detail[RCN_API_PROBLEM_SIZE];
        rcn_api_describe_unreadable(answer->body, answer->body_len, &err, detail, sizeof detail);
        set_problem(api, ret, "the answer cannot be read", detail);
    }
    rcn_json_free(root);
}

static void decode(const struct rcn_api *api, struct rcn_http_answer *answer,
                   struct rcn_create_answer *ret)
{
    ret->transfer = answer->transfer;
    ret->status = answer->status;
    ret->retry_after_ms = answer->retry_after_ms;
    ret->ended_ms = answer->ended_ms;
    if (answer->transfer == RCN_HTTP_ANSWERED && answer->status >= 200 && answer->status < 300)
        decode_success(api, answer, ret);
    else
        rcn_api_describe_answer(api, CREATE_REQUEST, answer, ret->problem, sizeof ret->problem);
}

static struct rcn_create_flight *find_flight(const struct rcn_api *api, const void *tag)
{
    struct rcn_create_flight *flight = api->flights;
    while (flight && flight != tag)
        flight = flight->next;
    return flight;
}

void rcn_api_finish_create(struct rcn_api *api, struct rcn_http_answer *http_answer)
{
    struct rcn_create_flight *flight = find_flight(api, http_answer->tag);
    assert(flight);
    decode(api, http_answer, &flight->answer);
    flight->is_finished = true;
    api->creates_in_flight--;
    rcn_http_answer_release(http_answer);
}

int rcn_api_poll(struct rcn_api *api, int64_t wait_ms, struct rcn_error *err)
{
    bool is_idle = rcn_http_get_in_flight(api->http) == 0;
    int64_t paced_ms = is_idle ? rcn_api_get_wait_ms(api) : 0;
    int64_t before_ms = rcn_clock_steady_ms();
    if (rcn_http_poll(api->http, wait_ms, err))
        return -1;
    int64_t waited_ms = rcn_clock_steady_ms() - before_ms;
    api->counts.waited_ms += (uint64_t)(waited_ms < paced_ms ? waited_ms : paced_ms);
    struct rcn_http_answer answer;
    while (rcn_http_next_answer(api->http, &answer)) {
        rcn_api_note_finished(api, &answer);
        rcn_api_finish_create(api, &answer);
    }
    return 0;
}

bool rcn_api_next_create(struct rcn_api *api, struct rcn_create_answer *ret)
{
    for (struct rcn_create_flight **place = &api->flights; *place; place = &(*place)->next) {
        struct rcn_create_flight *flight = *place;
        if (!flight->is_finished)
            continue;
        *place = flight->next;
        *ret = flight->answer;
        free(flight);
        return true;
    }
    return false;
}

void rcn_create_answer_release(struct rcn_create_answer *answer)
{
    free(answer->id);
    free(answer->audience_name);
    free(answer->ad_account_id);
    free(answer->segment_id);
    answer->id = NULL;
    answer->audience_name = NULL;
    answer->ad_account_id = NULL;
    answer->segment_id = NULL;
}

size_t rcn_api_get_creates_in_flight(const struct rcn_api *api)
{
    return api->creates_in_flight;
}
