#include "call.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

int sbx_call_refuse(struct sbx_call *call, unsigned status, const char *text)
{
    sbx_answer_error(call->answer, call->switches, status, text);
    return 0;
}

int sbx_call_refuse_conflict(struct sbx_call *call, const char *code, const char *text,
                             const char *resolution)
{
    bool friendly = sbx_switches_is(call->switches, SBX_SWITCH_CONFLICT_BODY, "friendly");
    struct sbx_problem problem = {.status = 409,
                                  .shape = friendly ? SBX_SHAPE_FRIENDLY : SBX_SHAPE_DOCUMENTED,
                                  .code = code,
                                  .text = text,
                                  .resolution = resolution};
    sbx_answer_problem(call->answer, call->switches, &problem);
    return 0;
}

int sbx_call_refuse_without_meta(struct sbx_call *call)
{
    return sbx_call_refuse(call, sbx_switches_get_number(call->switches, SBX_SWITCH_META_STATUS),
                           "Meta Ads integration is not connected");
}

bool sbx_call_has_meta(const struct sbx_call *call)
{
    return call->company->meta_connected &&
           !sbx_switches_is(call->switches, SBX_SWITCH_META, "missing");
}

int sbx_call_answer_sync(struct sbx_call *call, unsigned status, const char *id, const char *body)
{
    struct rcn_json_writer writer;
    struct rcn_json *sync = rcn_json_parse(body, strlen(body), call->err);
    if (!sync)
        return -1;
    sbx_answer_begin(call->answer, status, &writer);
    rcn_json_key(&writer, "audienceSync");
    rcn_json_copy(&writer, sync);
    rcn_json_end_object(&writer);
    rcn_json_free(sync);
    snprintf(call->answer->sync_id, sizeof call->answer->sync_id, "%s", id);
    return 0;
}

struct rcn_json *sbx_call_read_body(struct sbx_call *call)
{
    struct rcn_error error = RCN_ERROR_INIT;
    const struct sbx_request *request = call->request;
    struct rcn_json *body =
        rcn_json_parse(request->body_len ? request->body : "", request->body_len, &error);
    if (rcn_json_get_type(body) == RCN_JSON_OBJECT)
        return body;
    sbx_call_refuse(call, 400, body ? "Request body must be a JSON object" : "Invalid JSON body");
    rcn_json_free(body);
    return NULL;
}

bool sbx_is_frequency(const char *text)
{
    return strcmp(text, "hourly") == 0 || strcmp(text, "daily") == 0 || strcmp(text, "weekly") == 0;
}

int sbx_call_refuse_frequency(struct sbx_call *call)
{
    unsigned status = sbx_switches_get_number(call->switches, SBX_SWITCH_BAD_FREQUENCY);
    struct sbx_problem problem = {.status = status,
                                  .shape = status == 422 ? SBX_SHAPE_ISSUES : SBX_SHAPE_DOCUMENTED,
                                  .text = "frequency must be hourly, daily or weekly",
                                  .path = "frequency"};
    sbx_answer_problem(call->answer, call->switches, &problem);
    return 0;
}

const char *sbx_call_format_time(struct sbx_call *call, int64_t wall_ms)
{
    time_t seconds = (time_t)(wall_ms / 1000);
    struct tm parts;
    char date[32];
    gmtime_r(&seconds, &parts);
    if (!strftime(date, sizeof date, "%Y-%m-%dT%H:%M:%S", &parts))
        return NULL;
    return rcn_arena_printf(call->arena, "%s.%03dZ", date, (int)(wall_ms % 1000));
}
