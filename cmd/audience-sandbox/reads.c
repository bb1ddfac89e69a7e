/* What a client reads beside the syncs: ad accounts, segments, the account. */
#include <stdio.h>
#include <string.h>

#include "call.h"

int sbx_call_list_ad_accounts(struct sbx_call *call)
{
    bool connected = sbx_call_has_meta(call);
    if (!connected && !sbx_switches_is(call->switches, SBX_SWITCH_META_LIST, "empty"))
        return sbx_call_refuse_without_meta(call);
    struct rcn_json_writer writer;
    sbx_answer_begin(call->answer, 200, &writer);
    rcn_json_key(&writer, "adAccounts");
    rcn_json_begin_array(&writer);
    if (connected &&
        sbx_store_list_ad_accounts(call->store, call->company->id, &call->answer->body, call->err))
        return -1;
    rcn_json_end_array(&writer);
    rcn_json_end_object(&writer);
    return 0;
}

int sbx_call_list_segments(struct sbx_call *call)
{
    struct rcn_json_writer writer;
    sbx_answer_begin(call->answer, 200, &writer);
    rcn_json_key(&writer, "segments");
    rcn_json_begin_array(&writer);
    if (sbx_store_list_segments(call->store, call->company->id, &call->answer->body, call->err))
        return -1;
    rcn_json_end_array(&writer);
    rcn_json_end_object(&writer);
    return 0;
}

int sbx_call_count_segment(struct sbx_call *call)
{
    struct sbx_segment segment;
    if (sbx_store_get_segment(call->store, call->arena, call->company->id, call->id, &segment,
                              call->err))
        return -1;
    if (!segment.id)
        return sbx_call_refuse(call, 404, "Segment not found");
    struct rcn_json_writer writer;
    sbx_answer_begin(call->answer, 200, &writer);
    rcn_json_key_string(&writer, "segmentId", segment.id);
    rcn_json_key_integer(&writer, "count", segment.active_count);
    rcn_json_end_object(&writer);
    return 0;
}

/* --- GET /account (api-contract 1.14, 1.15) --- */

static void add_companies(const struct sbx_call *call, struct rcn_json_writer *writer)
{
    rcn_json_key(writer, "companies");
    rcn_json_begin_array(writer);
    for (size_t i = 0; i < call->company_count; i++) {
        rcn_json_begin_object(writer);
        rcn_json_key_string(writer, "id", call->companies[i].id);
        rcn_json_key_string(writer, "name", call->companies[i].name);
        rcn_json_key_string(writer, "role", call->companies[i].role);
        rcn_json_end_object(writer);
    }
    rcn_json_end_array(writer);
}

static void add_active_key(const struct sbx_call *call, struct rcn_json_writer *writer)
{
    rcn_json_key(writer, "activeKey");
    rcn_json_begin_object(writer);
    rcn_json_key_string(writer, "id", "key_sandbox");
    rcn_json_key_string(writer, "name", call->key.name);
    rcn_json_key_string(writer, "prefix", call->key.personal ? "seq_user_" : "seq_");
    rcn_json_key_string(writer, "type", call->key.personal ? "personal" : "company");
    rcn_json_end_object(writer);
}

static int add_permissions(const struct sbx_call *call, struct rcn_json_writer *writer)
{
    const char *text = call->key.scopes ? call->key.scopes : "null";
    struct rcn_json *scopes = rcn_json_parse(text, strlen(text), call->err);
    if (!scopes)
        return -1;
    rcn_json_key(writer, "apiKeyPermissions");
    rcn_json_begin_object(writer);
    add_active_key(call, writer);
    rcn_json_key_boolean(writer, "fullAccess", !call->key.scopes);
    rcn_json_key_string(writer, "preset", call->key.scopes ? NULL : "full_access");
    rcn_json_key(writer, "scopes");
    rcn_json_copy(writer, scopes);
    rcn_json_key_string(writer, "manageUrl", "https://sequenzy.com/settings/api-keys");
    rcn_json_key(writer, "roleRestrictedScopes");
    rcn_json_begin_array(writer);
    rcn_json_end_array(writer);
    rcn_json_end_object(writer);
    rcn_json_free(scopes);
    return 0;
}

int sbx_call_get_account(struct sbx_call *call)
{
    bool none = call->key.personal && sbx_switches_is(call->switches, SBX_SWITCH_NO_COMPANY, "403");
    bool any = call->company_count && !none;
    struct rcn_json_writer writer;
    sbx_answer_begin(call->answer, 200, &writer);
    rcn_json_key(&writer, "user");
    rcn_json_begin_object(&writer);
    rcn_json_key_string(&writer, "id", "user_sandbox");
    rcn_json_end_object(&writer);
    add_companies(call, &writer);
    rcn_json_key_string(&writer, "currentCompanyId", any ? call->companies[0].id : NULL);
    if (add_permissions(call, &writer))
        return -1;
    rcn_json_end_object(&writer);
    return 0;
}
