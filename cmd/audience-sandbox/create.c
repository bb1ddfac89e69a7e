/* POST /audience-syncs (api-contract 2.1). */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "call.h"
#include "templates.h"

enum { BODY_MAX = 1 << 20, FREE_ID_TRIES = 100 };

struct wish {
    const char *segment_id;
    const char *template_id;
    const char *ad_account_id;
    const char *audience_name;
    const char *frequency;
    const char *status; /* syncStatus that it is born with */
};

/* A member that must be a non-empty string when it is there; false for anything else, null too. */
static bool read_text(const struct rcn_json *body, const char *key, const char **ret)
{
    const struct rcn_json *value = rcn_json_get(body, key);
    *ret = rcn_json_get_string(value);
    return !value || (*ret && **ret);
}

static int refuse_choice(struct sbx_call *call)
{
    unsigned status = sbx_switches_get_number(call->switches, SBX_SWITCH_SEGMENT_CHOICE);
    struct sbx_problem problem = {.status = status,
                                  .shape = status == 422 ? SBX_SHAPE_ISSUES : SBX_SHAPE_DOCUMENTED,
                                  .text = "Provide either segmentId or predefinedSegmentId",
                                  .path = "segmentId"};
    sbx_answer_problem(call->answer, call->switches, &problem);
    return 0;
}

/* False after an answer has been made. */
static bool read_wish(struct sbx_call *call, const struct rcn_json *body, struct wish *ret)
{
    *ret = (struct wish){.status = "idle"};
    bool ok = read_text(body, "segmentId", &ret->segment_id) &&
              read_text(body, "predefinedSegmentId", &ret->template_id) &&
              read_text(body, "adAccountId", &ret->ad_account_id) &&
              read_text(body, "audienceName", &ret->audience_name);
    if (!ok)
        sbx_call_refuse(call, 400, "Fields must be strings that are not empty");
    else if (!ret->ad_account_id || !ret->audience_name)
        sbx_call_refuse(call, 400, "adAccountId and audienceName are required");
    else if (!ret->segment_id == !ret->template_id)
        refuse_choice(call);
    else if (!read_text(body, "frequency", &ret->frequency) ||
             (ret->frequency && !sbx_is_frequency(ret->frequency)))
        sbx_call_refuse_frequency(call);
    else {
        if (!ret->frequency)
            ret->frequency = "daily";
        return true;
    }
    return false;
}

/* Every step below returns 1 to go on, 0 when an answer has been made, -1 and call->err. */

static int check_ad_account(struct sbx_call *call, struct wish *wish)
{
    bool found;
    if (!sbx_call_has_meta(call))
        return sbx_call_refuse_without_meta(call);
    if (sbx_store_has_ad_account(call->store, call->company->id, wish->ad_account_id, &found,
                                 call->err))
        return -1;
    unsigned status = sbx_switches_get_number(call->switches, SBX_SWITCH_UNKNOWN_AD_ACCOUNT);
    if (found)
        return 1;
    if (status != 200)
        return sbx_call_refuse(call, status, "Ad account not found");
    wish->status = "error";
    return 1;
}

static int check_duplicate(struct sbx_call *call, const struct wish *wish)
{
    bool found = false;
    if (!sbx_switches_is(call->switches, SBX_SWITCH_DUPLICATE, "refuse"))
        return 1;
    if (sbx_store_has_identity(call->store, call->company->id, wish->ad_account_id,
                               wish->audience_name, &found, call->err))
        return -1;
    if (!found)
        return 1;
    return sbx_call_refuse_conflict(call, "SANDBOX_AUDIENCE_SYNC_EXISTS",
                                    "An audience sync with this name exists in the ad account",
                                    "Use another audienceName.");
}

static const char *template_segment_id(struct sbx_call *call, const char *template_id, int number)
{
    if (sbx_switches_is(call->switches, SBX_SWITCH_IDS, "bare")) {
        const char *id = NULL;
        sbx_store_new_id(call->store, call->arena, true, &id, call->err);
        return id;
    }
    char *id = number == 1 ? rcn_arena_printf(call->arena, "seg_%s", template_id)
                           : rcn_arena_printf(call->arena, "seg_%s_%d", template_id, number);
    for (char *c = id; c && *c; c++)
        if (*c == '-')
            *c = '_';
    return id;
}

/* The id of the documented example, `seg_recent_buyers`, unless a segment has it already. */
static int find_free_id(struct sbx_call *call, const char *template_id, const char **ret)
{
    for (int number = 1; number <= FREE_ID_TRIES; number++) {
        struct sbx_segment taken;
        *ret = template_segment_id(call, template_id, number);
        if (sbx_store_get_segment(call->store, call->arena, call->company->id, *ret, &taken,
                                  call->err))
            return -1;
        if (!taken.id)
            return 0;
    }
    return rcn_error_set(call->err, RCN_ERROR_FAILED, "no free id for the template's segment");
}

static int add_template_segment(struct sbx_call *call, const struct sbx_template *template,
                                struct sbx_segment *ret)
{
    *ret = (struct sbx_segment){.name = template->name,
                                .filters = template->filters,
                                .active_count = template->active_count};
    if (find_free_id(call, template->id, &ret->id))
        return -1;
    const char *body = rcn_arena_printf(
        call->arena,
        "{\"id\": \"%s\", \"name\": \"%s\", \"format\": \"v1\", \"filterJoinOperator\": \"and\", "
        "\"filters\": %s, \"subscriberCount\": %lld, \"activeSubscriberCount\": %lld}",
        ret->id, ret->name, ret->filters, (long long)ret->active_count,
        (long long)ret->active_count);
    return sbx_store_add_segment(call->store, call->company->id, ret, body, call->err) ? -1 : 1;
}

static int resolve_template(struct sbx_call *call, const char *id, struct sbx_segment *ret)
{
    const struct sbx_template *template = sbx_template_get(id);
    if (!template)
        return sbx_call_refuse(call,
                               sbx_switches_get_number(call->switches, SBX_SWITCH_UNKNOWN_TEMPLATE),
                               "Unknown predefined segment");
    if (sbx_store_get_segment_by_name(call->store, call->arena, call->company->id, template->name,
                                      ret, call->err))
        return -1;
    if (!ret->id)
        return add_template_segment(call, template, ret);
    if (strcmp(ret->filters, template->filters) == 0)
        return 1;
    const char *text = rcn_arena_printf(
        call->arena, "A segment named \"%s\" with different filters already exists", ret->name);
    return sbx_call_refuse_conflict(call, "SANDBOX_TEMPLATE_NAME_TAKEN", text,
                                    "Sync that segment via segmentId, or rename it.");
}

static int resolve_segment(struct sbx_call *call, const struct wish *wish, struct sbx_segment *ret)
{
    if (wish->template_id)
        return resolve_template(call, wish->template_id, ret);
    if (sbx_store_get_segment(call->store, call->arena, call->company->id, wish->segment_id, ret,
                              call->err))
        return -1;
    if (ret->id)
        return 1;
    return sbx_call_refuse(call,
                           sbx_switches_get_number(call->switches, SBX_SWITCH_UNKNOWN_SEGMENT),
                           "Segment not found");
}

/* Runs of spaces become one, those at the ends go. */
static void squeeze(char *text)
{
    char *out = text;
    for (const char *in = text; *in; in++)
        if (*in != ' ' || (out > text && out[-1] != ' '))
            *out++ = *in;
    if (out > text && out[-1] == ' ')
        out--;
    *out = '\0';
}

static const char *final_name(struct sbx_call *call, const char *name)
{
    if (!call->fault || call->fault->kind != SBX_FAULT_RENAME)
        return rcn_arena_strdup(call->arena, name);
    if (!call->fault->word)
        return rcn_arena_printf(call->arena, "%s (1)", name);
    char *other = rcn_arena_strdup(call->arena, name);
    if (other && strcmp(call->fault->word, "squeeze") == 0)
        squeeze(other);
    else
        for (char *c = other; c && *c; c++)
            *c = (char)toupper((unsigned char)*c);
    return other;
}

/* The object as the documented example has it: born active, idle, never run. */
static void render_sync(struct sbx_call *call, const struct sbx_sync *sync, const struct wish *wish,
                        const struct sbx_segment *segment, struct rcn_buf *out)
{
    bool failed = strcmp(wish->status, "error") == 0;
    struct rcn_json_writer writer;
    rcn_json_writer_init(&writer, out);
    rcn_json_begin_object(&writer);
    rcn_json_key_string(&writer, "id", sync->id);
    rcn_json_key_string(&writer, "segmentId", segment->id);
    rcn_json_key_string(&writer, "segmentName", segment->name);
    rcn_json_key_string(&writer, "adAccountId", sync->ad_account_id);
    rcn_json_key_string(&writer, "audienceName", sync->audience_name);
    rcn_json_key_string(&writer, "frequency", wish->frequency);
    rcn_json_key_boolean(&writer, "isActive", true);
    rcn_json_key_string(&writer, "syncStatus", wish->status);
    rcn_json_key_string(&writer, "lastSyncAt", NULL);
    rcn_json_key_string(&writer, "lastSyncError", failed ? "Ad account not found" : NULL);
    rcn_json_key_integer(&writer, "lastSyncedCount", 0);
    rcn_json_key_string(&writer, "createdAt", sbx_call_format_time(call, call->now_ms));
    rcn_json_end_object(&writer);
}

static int add_sync(struct sbx_call *call, const struct wish *wish,
                    const struct sbx_segment *segment)
{
    bool bare = sbx_switches_is(call->switches, SBX_SWITCH_IDS, "bare");
    struct sbx_sync sync = {.ad_account_id = wish->ad_account_id,
                            .audience_name = final_name(call, wish->audience_name),
                            .segment_id = segment->id,
                            .visible_at_ms = call->now_ms + call->list_lag_ms};
    if (sbx_store_new_id(call->store, call->arena, bare, &sync.id, call->err))
        return -1;
    struct rcn_buf body;
    rcn_buf_init(&body, BODY_MAX);
    render_sync(call, &sync, wish, segment, &body);
    sync.body = body.data;
    int result = body.failed ? rcn_error_set(call->err, RCN_ERROR_FAILED, "too long or not UTF-8")
                             : sbx_store_add_sync(call->store, call->company->id, &sync, call->err);
    if (!result && call->upload->is_given)
        result = sbx_store_start_run(call->store, call->company->id, sync.id,
                                     call->now_ms + call->upload->after_ms, call->upload->end,
                                     call->err);
    if (!result)
        result = sbx_call_answer_sync(
            call, sbx_switches_get_number(call->switches, SBX_SWITCH_CREATE_STATUS), sync.id,
            sync.body);
    call->answer->committed = !result;
    rcn_buf_release(&body);
    return result;
}

int sbx_call_create_sync(struct sbx_call *call)
{
    struct wish wish;
    struct sbx_segment segment = {0};
    struct rcn_json *body = sbx_call_read_body(call);
    int next = body && read_wish(call, body, &wish) ? 1 : 0;
    if (next == 1)
        next = check_ad_account(call, &wish);
    if (next == 1)
        next = check_duplicate(call, &wish);
    if (next == 1)
        next = resolve_segment(call, &wish, &segment);
    if (next == 1)
        next = add_sync(call, &wish, &segment);
    rcn_json_free(body);
    return next;
}
