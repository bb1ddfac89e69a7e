#include "call.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

int rcn_call_refuse(struct rcn_call *call, unsigned status, const char *text)
{
    rcn_answer_error(call->answer, call->switches, status, text);
    return 0;
}

int rcn_call_refuse_conflict(struct rcn_call *call, const char *code, const char *text,
                             const char *resolution)
{
    bool friendly = rcn_switches_is(call->switches, RCN_SWITCH_CONFLICT_BODY, "friendly");
    struct rcn_problem problem = {.status = 409,
                                  .shape = friendly ? RCN_SHAPE_FRIENDLY : RCN_SHAPE_DOCUMENTED,
                                  .code = code,
                                  .text = text,
                                  .resolution = resolution};
    rcn_answer_problem(call->answer, call->switches, &problem);
    return 0;
}

int rcn_call_refuse_without_meta(struct rcn_call *call)
{
    return rcn_call_refuse(call, rcn_switches_get_number(call->switches, RCN_SWITCH_META_STATUS),
                           "Meta Ads integration is not connected");
}

bool rcn_call_has_meta(const struct rcn_call *call)
{
    return call->company->meta_connected &&
           !rcn_switches_is(call->switches, RCN_SWITCH_META, "missing");
}

int rcn_call_answer_sync(struct rcn_call *call, unsigned status, const char *id, const char *body)
{
    struct rcn_json_writer writer;
    struct rcn_json *sync = rcn_json_parse(body, strlen(body), call->err);
    if (!sync)
        return -1;
    rcn_answer_begin(call->answer, status, &writer);
    rcn_json_key(&writer, "audienceSync");
    rcn_json_copy(&writer, sync);
    rcn_json_end_object(&writer);
    rcn_json_free(sync);
    snprintf(call->answer->sync_id, sizeof call->answer->sync_id, "%s", id);
    return 0;
}

struct rcn_json *rcn_call_read_body(struct rcn_call *call)
{
    struct rcn_error error = RCN_ERROR_INIT;
    const struct rcn_request *request = call->request;
    struct rcn_json *body =
        rcn_json_parse(request->body_len ? request->body : "", request->body_len, &error);
    if (rcn_json_get_type(body) == RCN_JSON_OBJECT)
        return body;
    rcn_call_refuse(call, 400, body ? "Request body must be a JSON object" : "Invalid JSON body");
    rcn_json_free(body);
    return NULL;
}

bool rcn_is_frequency(const char *text)
{
    return strcmp(text, "hourly") == 0 || strcmp(text, "daily") == 0 || strcmp(text, "weekly") == 0;
}

int rcn_call_refuse_frequency(struct rcn_call *call)
{
    unsigned status = rcn_switches_get_number(call->switches, RCN_SWITCH_BAD_FREQUENCY);
    struct rcn_problem problem = {.status = status,
                                  .shape = status == 422 ? RCN_SHAPE_ISSUES : RCN_SHAPE_DOCUMENTED,
                                  .text = "frequency must be hourly, daily or weekly",
                                  .path = "frequency"};
    rcn_answer_problem(call->answer, call->switches, &problem);
    return 0;
}

const char *rcn_call_format_time(struct rcn_call *call, int64_t wall_ms)
{
    time_t seconds = (time_t)(wall_ms / 1000);
    struct tm parts;
    char date[32];
    gmtime_r(&seconds, &parts);
    if (!strftime(date, sizeof date, "%Y-%m-%dT%H:%M:%S", &parts))
        return NULL;
    return rcn_arena_printf(call->arena, "%s.%03dZ", date, (int)(wall_ms % 1000));
}
