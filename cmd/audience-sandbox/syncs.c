/* The endpoints of audience syncs that exist already; creating them is create.c. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "call.h"

/* --- GET /audience-syncs --- */

/* A query parameter; the fallback when it is absent or no number. */
static int64_t read_parameter(const char *text, int64_t fallback)
{
    size_t digits = text ? strspn(text, "0123456789") : 0;
    return digits && digits < 10 && !text[digits] ? strtoll(text, NULL, 10) : fallback;
}

static enum sbx_store_order list_order(const struct sbx_switches *switches)
{
    if (sbx_switches_is(switches, SBX_SWITCH_LIST_ORDER, "newest"))
        return SBX_STORE_NEWEST_FIRST;
    return sbx_switches_is(switches, SBX_SWITCH_LIST_ORDER, "id") ? SBX_STORE_BY_ID
                                                                  : SBX_STORE_OLDEST_FIRST;
}

static void choose_page(const struct sbx_call *call, struct sbx_sync_page *ret)
{
    int64_t most = sbx_switches_get_number(call->switches, SBX_SWITCH_PAGE_SIZE);
    *ret = (struct sbx_sync_page){.order = list_order(call->switches),
                                  .now_ms = call->now_ms - sbx_flicker_draw(call->flicker),
                                  .limit = -1};
    if (sbx_switches_is(call->switches, SBX_SWITCH_PAGINATION, "none"))
        return;
    ret->limit = most;
    if (!sbx_switches_is(call->switches, SBX_SWITCH_PAGINATION, "offset"))
        return;
    int64_t asked = read_parameter(call->request->limit, most);
    ret->limit = asked > 0 && asked < most ? asked : most;
    ret->offset = read_parameter(call->request->offset, 0);
}

/* The forms that other lists of the API have (api-contract 7). */
static void add_pagination(const struct sbx_call *call, const struct sbx_sync_page *page,
                           int64_t count, int64_t total, struct rcn_json_writer *writer)
{
    if (sbx_switches_is(call->switches, SBX_SWITCH_PAGINATION, "none"))
        return;
    rcn_json_key(writer, "pagination");
    rcn_json_begin_object(writer);
    rcn_json_key_integer(writer, "limit", page->limit);
    if (sbx_switches_is(call->switches, SBX_SWITCH_PAGINATION, "page")) {
        rcn_json_key_integer(writer, "page", 1);
        rcn_json_key_integer(writer, "total", total);
        rcn_json_key_integer(writer, "totalPages",
                             page->limit ? (total + page->limit - 1) / page->limit : 1);
    } else {
        bool has_more = page->offset + count < total;
        bool cursor = sbx_switches_is(call->switches, SBX_SWITCH_PAGINATION, "cursor");
        rcn_json_key_integer(writer, "count", count);
        rcn_json_key_boolean(writer, "hasMore", has_more);
        if (cursor)
            rcn_json_key_string(writer, "nextCursor", has_more ? "cursor_2" : NULL);
        else {
            rcn_json_key_integer(writer, "offset", page->offset);
            rcn_json_key_integer(writer, "total", total);
        }
    }
    rcn_json_end_object(writer);
}

int sbx_call_list_syncs(struct sbx_call *call)
{
    bool hide = false;
    if (!sbx_call_has_meta(call)) {
        if (sbx_switches_is(call->switches, SBX_SWITCH_META_LIST, "errors"))
            return sbx_call_refuse_without_meta(call);
        hide = sbx_switches_is(call->switches, SBX_SWITCH_META_LIST, "empty");
    }
    struct rcn_json_writer writer;
    struct sbx_sync_page page;
    int64_t count = 0;
    int64_t total = 0;
    choose_page(call, &page);
    sbx_answer_begin(call->answer, 200, &writer);
    rcn_json_key(&writer, "audienceSyncs");
    rcn_json_begin_array(&writer);
    if (!hide && (sbx_store_finish_runs(call->store, call->now_ms, call->err) ||
                  sbx_store_list_syncs(call->store, call->company->id, &page, &call->answer->body,
                                       &count, &total, call->err)))
        return -1;
    rcn_json_end_array(&writer);
    add_pagination(call, &page, count, total, &writer);
    rcn_json_end_object(&writer);
    return 0;
}

/* --- one sync --- */

/* 1 when it is there, 0 after a 404, -1 and call->err. */
static int find_sync(struct sbx_call *call, struct sbx_sync *ret)
{
    if (sbx_store_finish_runs(call->store, call->now_ms, call->err) ||
        sbx_store_get_sync(call->store, call->arena, call->company->id, call->id, ret, call->err))
        return -1;
    return ret->id ? 1 : sbx_call_refuse(call, 404, "Audience sync not found");
}

static int answer_again(struct sbx_call *call)
{
    struct sbx_sync sync;
    int found = find_sync(call, &sync);
    return found == 1 ? sbx_call_answer_sync(call, 200, sync.id, sync.body) : found;
}

/* --- PATCH /audience-syncs/{id} --- */

struct change {
    const char *frequency;
    bool has_active;
    bool is_active;
    bool has_others;
};

/* 1 to go on, 0 after an answer. */
static int check_change(struct sbx_call *call, const struct rcn_json *body, struct change *ret)
{
    for (struct rcn_json_member member = {0}; rcn_json_next(body, &member);) {
        const char *text = rcn_json_get_string(member.value);
        if (strcmp(member.key, "frequency") == 0) {
            ret->frequency = text ? text : "";
        } else if (strcmp(member.key, "isActive") == 0) {
            if (rcn_json_get_type(member.value) != RCN_JSON_BOOLEAN)
                return sbx_call_refuse(call, 400, "isActive must be a boolean");
            ret->has_active = true;
            ret->is_active = rcn_json_is_true(member.value);
        } else {
            ret->has_others = true;
        }
    }
    if (ret->frequency && !sbx_is_frequency(ret->frequency))
        return sbx_call_refuse_frequency(call);
    if (ret->has_others && sbx_switches_is(call->switches, SBX_SWITCH_PATCH_UNKNOWN, "400"))
        return sbx_call_refuse(call, 400, "Only frequency and isActive can be changed");
    if (!ret->frequency && !ret->has_active &&
        sbx_switches_is(call->switches, SBX_SWITCH_PATCH_EMPTY, "400"))
        return sbx_call_refuse(call, 400, "Nothing to change");
    return 1;
}

static int change_sync(struct sbx_call *call, const struct rcn_json *body)
{
    struct change change = {0};
    int next = check_change(call, body, &change);
    if (next != 1)
        return next;
    if (sbx_store_change_sync(call->store, call->company->id, call->id, change.frequency,
                              change.has_active ? &change.is_active : NULL, call->err))
        return -1;
    call->answer->committed = true;
    return answer_again(call);
}

int sbx_call_change_sync(struct sbx_call *call)
{
    struct sbx_sync sync;
    int found = find_sync(call, &sync);
    if (found != 1)
        return found;
    struct rcn_json *body = sbx_call_read_body(call);
    int result = body ? change_sync(call, body) : 0;
    rcn_json_free(body);
    return result;
}

/* --- DELETE /audience-syncs/{id} --- */

int sbx_call_delete_sync(struct sbx_call *call)
{
    struct sbx_sync sync;
    int found = find_sync(call, &sync);
    if (found < 0 || (!found && !sbx_switches_is(call->switches, SBX_SWITCH_DELETE_UNKNOWN, "200")))
        return found;
    if (sbx_store_delete_sync(call->store, call->company->id, call->id, call->err))
        return -1;
    struct rcn_json_writer writer;
    sbx_answer_begin(call->answer, 200, &writer);
    rcn_json_end_object(&writer);
    call->answer->committed = found == 1;
    if (found == 1)
        snprintf(call->answer->sync_id, sizeof call->answer->sync_id, "%s", sync.id);
    return 0;
}

/* --- POST /audience-syncs/{id}/sync --- */

static int refuse_run(struct sbx_call *call, enum sbx_switch which, const char *code,
                      const char *text, const char *resolution)
{
    if (sbx_switches_get_number(call->switches, which) == 409)
        return sbx_call_refuse_conflict(call, code, text, resolution);
    return sbx_call_refuse(call, 400, text);
}

/* 1 to go on, 0 after an answer. */
static int check_run(struct sbx_call *call, const struct rcn_json *sync)
{
    const char *status = rcn_json_get_member_string(sync, "syncStatus");
    if (!rcn_json_is_true(rcn_json_get(sync, "isActive")))
        return refuse_run(call, SBX_SWITCH_RUN_PAUSED, "SANDBOX_AUDIENCE_SYNC_PAUSED",
                          "Audience sync is paused", "Resume it, then run it.");
    if (!sbx_call_has_meta(call) || (status && strcmp(status, "disconnected") == 0))
        return sbx_call_refuse_without_meta(call);
    if (status && strcmp(status, "syncing") == 0 &&
        sbx_switches_is(call->switches, SBX_SWITCH_RUN_SYNCING, "409"))
        return refuse_run(call, SBX_SWITCH_RUN_SYNCING, "SANDBOX_AUDIENCE_SYNC_RUNNING",
                          "Audience sync is already running", "Wait until it is idle.");
    return 1;
}

static int run_sync(struct sbx_call *call, const struct sbx_sync *sync)
{
    struct rcn_json *body = rcn_json_parse(sync->body, strlen(sync->body), call->err);
    if (!body)
        return -1;
    int next = check_run(call, body);
    rcn_json_free(body);
    if (next != 1)
        return next;
    int64_t ends_at_ms = call->now_ms + sbx_switches_get_number(call->switches, SBX_SWITCH_RUN_MS);
    if (sbx_store_start_run(call->store, call->company->id, sync->id, ends_at_ms, SBX_UPLOAD_WELL,
                            call->err))
        return -1;
    struct rcn_json_writer writer;
    sbx_answer_begin(call->answer, 200, &writer);
    rcn_json_key_boolean(&writer, "queued", true);
    rcn_json_end_object(&writer);
    call->answer->committed = true;
    snprintf(call->answer->sync_id, sizeof call->answer->sync_id, "%s", sync->id);
    return 0;
}

int sbx_call_run_sync(struct sbx_call *call)
{
    struct sbx_sync sync;
    int found = find_sync(call, &sync);
    return found == 1 ? run_sync(call, &sync) : found;
}
