#include "live/create.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/escape.h"
#include "base/json.h"
#include "base/memory.h"
#include "live/answer.h"

#define CREATE_REQUEST "POST /audience-syncs"

static void write_member(struct rcn_json_writer *writer, const char *key, const char *text)
{
    if (text)
        rcn_json_key_string(writer, key, text);
}

void rcn_create_write_body(struct rcn_buf *out, const struct rcn_audience_sync *sync)
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

void rcn_create_answer_release(struct rcn_create_answer *answer)
{
    free(answer->id);
    free(answer->audience_name);
    free(answer->ad_account_id);
    free(answer->segment_id);
    answer->id = answer->audience_name = answer->ad_account_id = answer->segment_id = NULL;
}

/* A copy of a member; NULL when it is absent, null or no string. */
static char *copy_member(const struct rcn_json *object, const char *key)
{
    const char *text = rcn_json_get_member_string(object, key);
    return text ? rcn_strdup(text) : NULL;
}

/* Is it a created sync? -1 and err with what is wrong otherwise. */
static int take_sync(struct rcn_create_answer *ret, const struct rcn_json *root,
                     struct rcn_error *err)
{
    if (rcn_answer_judge(root, err))
        return -1;
    const struct rcn_json *sync = rcn_json_get(root, "audienceSync");
    if (rcn_json_get_type(sync) != RCN_JSON_OBJECT)
        return rcn_answer_set_flaw(root, "the answer has no audienceSync", err);
    const char *id = rcn_json_get_member_string(sync, "id");
    if (!id || !*id)
        return rcn_answer_set_flaw(root, "the answer has no id", err);
    if (!rcn_json_get_member_string(sync, "audienceName"))
        return rcn_answer_set_flaw(root, "the answer has no audienceName", err);
    ret->id = copy_member(sync, "id");
    ret->audience_name = copy_member(sync, "audienceName");
    ret->ad_account_id = copy_member(sync, "adAccountId");
    ret->segment_id = copy_member(sync, "segmentId");
    return 0;
}

void rcn_create_judge(struct rcn_create_answer *ret, const struct rcn_http_answer *answer)
{
    ret->transfer = answer->transfer;
    ret->status = answer->status;
    ret->retry_after_ms = answer->retry_after_ms;
    ret->ended_ms = answer->ended_ms;
    if (answer->transfer != RCN_HTTP_ANSWERED || answer->status < 200 || answer->status >= 300) {
        rcn_answer_explain(answer, CREATE_REQUEST, ret->problem, sizeof ret->problem);
        return;
    }
    struct rcn_error err = RCN_ERROR_INIT;
    struct rcn_json *root = rcn_json_parse(answer->body, answer->body_len, &err);
    if (!root)
        rcn_answer_explain_unreadable(answer->body, &err);
    ret->is_success = root && take_sync(ret, root, &err) == 0;
    if (!ret->is_success) {
        char raw[2 * sizeof err.message];
        snprintf(raw, sizeof raw, CREATE_REQUEST ": %ld: %s%s", ret->status,
                 root ? "" : "the answer cannot be read: ", err.message);
        rcn_escape_visible_into(ret->problem, sizeof ret->problem, raw);
    }
    rcn_json_free(root);
}
