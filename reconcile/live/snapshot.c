#include "live/snapshot.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/json.h"
#include "base/memory.h"
#include "base/sha256.h"
#include "base/time.h"
#include "model/audience_sync.h"

#define VERSION "1.0"
#define KIND "audiencectl snapshot"
#define DIGEST_BEGIN "\"digest\": \"sha256:"
#define DIGEST_END "\"}\n"

struct rcn_snapshot {
    struct rcn_arena *arena;
    const struct rcn_secret *key;
    const char *url;
    const char *own_company_id;
    int64_t taken_ms;
    struct rcn_snapshot_answer *answers;
    size_t count;
    size_t capacity;
};

struct rcn_snapshot *rcn_snapshot_new(const struct rcn_secret *key)
{
    struct rcn_snapshot *snapshot = rcn_calloc(1, sizeof *snapshot);
    snapshot->arena = rcn_arena_new(SIZE_MAX);
    snapshot->key = key;
    return snapshot;
}

void rcn_snapshot_free(struct rcn_snapshot *snapshot)
{
    if (!snapshot)
        return;
    rcn_arena_free(snapshot->arena);
    free(snapshot->answers);
    free(snapshot);
}

static struct rcn_snapshot_answer *find(const struct rcn_snapshot *snapshot, const char *path,
                                        const char *company_id)
{
    for (size_t i = 0; i < snapshot->count; i++)
        if (strcmp(snapshot->answers[i].path, path) == 0 &&
            rcn_text_is_same(snapshot->answers[i].company_id, company_id))
            return &snapshot->answers[i];
    return NULL;
}

/* --- taking one --- */

static void copy_string(struct rcn_json_writer *writer, const struct rcn_json *object,
                        const char *key)
{
    const struct rcn_json *value = rcn_json_get(object, key);
    if (!value)
        return;
    rcn_json_key(writer, key);
    rcn_json_copy(writer, value);
}

/* What account.c reads, without the person and the key that it is about. NULL: not understood. */
static char *reduce_account(const char *body, size_t len)
{
    struct rcn_error ignored = RCN_ERROR_INIT;
    struct rcn_json *root = rcn_json_parse(body, len, &ignored);
    const struct rcn_json *companies = rcn_json_get(root, "companies");
    if (rcn_json_get_type(companies) != RCN_JSON_ARRAY) {
        rcn_json_free(root);
        return NULL;
    }
    struct rcn_buf out;
    struct rcn_json_writer writer;
    rcn_buf_init(&out, 2 * len + 1024); /* escapes can make a text longer */
    rcn_json_writer_init(&writer, &out);
    rcn_json_begin_object(&writer);
    copy_string(&writer, root, "success");
    rcn_json_key(&writer, "companies");
    rcn_json_begin_array(&writer);
    for (size_t i = 0; i < rcn_json_get_count(companies); i++) {
        rcn_json_begin_object(&writer);
        copy_string(&writer, rcn_json_get_at(companies, i), "id");
        copy_string(&writer, rcn_json_get_at(companies, i), "name");
        rcn_json_end_object(&writer);
    }
    rcn_json_end_array(&writer);
    copy_string(&writer, root, "currentCompanyId");
    rcn_json_key(&writer, "apiKeyPermissions");
    rcn_json_begin_object(&writer);
    rcn_json_key(&writer, "activeKey");
    rcn_json_begin_object(&writer);
    copy_string(&writer, rcn_json_get(rcn_json_get(root, "apiKeyPermissions"), "activeKey"),
                "type");
    rcn_json_end_object(&writer);
    rcn_json_end_object(&writer);
    rcn_json_end_object(&writer);
    rcn_json_free(root);
    char *reduced = rcn_buf_take(&out);
    rcn_buf_release(&out);
    return reduced;
}

static struct rcn_snapshot_answer *append(struct rcn_snapshot *snapshot)
{
    if (snapshot->count == snapshot->capacity) {
        snapshot->capacity = 2 * snapshot->capacity + 8;
        snapshot->answers =
            rcn_realloc(snapshot->answers, snapshot->capacity * sizeof *snapshot->answers);
    }
    return &snapshot->answers[snapshot->count++];
}

void rcn_snapshot_add(struct rcn_snapshot *snapshot, const char *path, const char *company_id,
                      long status, const char *body, size_t len)
{
    char *reduced =
        strcmp(path, "/account") == 0 && status != 403 ? reduce_account(body, len) : NULL;
    char *copy = reduced ? rcn_arena_strdup(snapshot->arena, reduced)
                         : rcn_arena_strndup(snapshot->arena, body, len);
    struct rcn_snapshot_answer *answer = find(snapshot, path, company_id);
    rcn_secret_redact(snapshot->key, copy);
    if (!answer)
        answer = append(snapshot);
    *answer = (struct rcn_snapshot_answer){
        .path = rcn_arena_strdup(snapshot->arena, path),
        .company_id = company_id ? rcn_arena_strdup(snapshot->arena, company_id) : NULL,
        .status = status,
        .body = copy,
        .body_len = reduced ? strlen(reduced) : len};
    free(reduced);
}

static void write_head(struct rcn_json_writer *writer, const char *api_url,
                       const char *own_company_id, int64_t taken_ms)
{
    char time[RCN_TIME_SIZE];
    rcn_time_format(taken_ms, time);
    rcn_json_key_string(writer, "formatVersion", VERSION);
    rcn_json_key_string(writer, "kind", KIND);
    rcn_json_key(writer, "generator");
    rcn_json_begin_object(writer);
    rcn_json_key_string(writer, "name", "audiencectl");
    rcn_json_key_string(writer, "version", AUDIENCECTL_VERSION);
    rcn_json_end_object(writer);
    rcn_json_key_string(writer, "apiUrl", api_url);
    rcn_json_key_string(writer, "ownCompanyId", own_company_id);
    rcn_json_key_string(writer, "takenAt", time);
}

int rcn_snapshot_write(const struct rcn_snapshot *snapshot, const char *api_url,
                       const char *own_company_id, int64_t taken_ms, struct rcn_buf *out,
                       struct rcn_error *err)
{
    struct rcn_json_writer writer;
    char hex[RCN_SHA256_HEX_SIZE];
    size_t start = out->len;
    rcn_json_writer_init(&writer, out);
    rcn_json_begin_object(&writer);
    write_head(&writer, api_url, own_company_id, taken_ms);
    rcn_json_key(&writer, "answers");
    rcn_json_begin_array(&writer);
    for (size_t i = 0; i < snapshot->count; i++) {
        const struct rcn_snapshot_answer *answer = &snapshot->answers[i];
        rcn_json_newline(&writer, 1);
        rcn_json_begin_object(&writer);
        rcn_json_key_string(&writer, "path", answer->path);
        rcn_json_key_string(&writer, "companyId", answer->company_id);
        rcn_json_key_integer(&writer, "status", answer->status);
        rcn_json_key_string(&writer, "body", answer->body);
        rcn_json_end_object(&writer);
    }
    rcn_json_end_array(&writer);
    rcn_buf_add_str(out, ",\n");
    if (out->failed || rcn_sha256_hex(out->data + start, out->len - start, hex))
        return rcn_error_set(err, RCN_ERROR_FAILED,
                             "an answer of the API cannot be kept: it is not UTF-8, or too long");
    rcn_buf_printf(out, DIGEST_BEGIN "%s" DIGEST_END, hex);
    return 0;
}

/* --- reading one --- */

static int check_digest(const char *bytes, size_t len, struct rcn_error *err)
{
    char hex[RCN_SHA256_HEX_SIZE];
    size_t tail_len = strlen(DIGEST_BEGIN) + sizeof hex - 1 + strlen(DIGEST_END);
    if (len > tail_len && rcn_sha256_hex(bytes, len - tail_len, hex) == 0) {
        char tail[sizeof DIGEST_BEGIN + sizeof hex + sizeof DIGEST_END];
        snprintf(tail, sizeof tail, DIGEST_BEGIN "%s" DIGEST_END, hex);
        if (memcmp(bytes + len - tail_len, tail, tail_len) == 0)
            return 0;
    }
    return rcn_error_set(err, RCN_ERROR_REFUSED, "it was edited: its digest does not match");
}

static char *copy_text(struct rcn_snapshot *snapshot, const struct rcn_json *object,
                       const char *key)
{
    const char *text = rcn_json_get_member_string(object, key);
    return text ? rcn_arena_strdup(snapshot->arena, text) : NULL;
}

static int take_answer(struct rcn_snapshot *snapshot, const struct rcn_json *item,
                       struct rcn_error *err)
{
    long long status;
    struct rcn_snapshot_answer answer = {.path = copy_text(snapshot, item, "path"),
                                         .company_id = copy_text(snapshot, item, "companyId"),
                                         .body = copy_text(snapshot, item, "body")};
    if (!answer.path || !answer.body ||
        !rcn_json_get_integer(rcn_json_get(item, "status"), &status) || status < 200 ||
        status > 599)
        return rcn_error_set(err, RCN_ERROR_FAILED, "invalid answer '%.60s'",
                             answer.path ? answer.path : "");
    answer.status = (long)status;
    answer.body_len = strlen(answer.body);
    *append(snapshot) = answer;
    return 0;
}

static int take_document(struct rcn_snapshot *snapshot, const struct rcn_json *root,
                         struct rcn_error *err)
{
    const struct rcn_json *answers = rcn_json_get(root, "answers");
    const char *time = rcn_json_get_member_string(root, "takenAt");
    size_t count = rcn_json_get_count(answers);
    snapshot->url = copy_text(snapshot, root, "apiUrl");
    snapshot->own_company_id = copy_text(snapshot, root, "ownCompanyId");
    if (!snapshot->url || !time || !rcn_time_parse(time, &snapshot->taken_ms) ||
        rcn_json_get_type(answers) != RCN_JSON_ARRAY || count > RCN_SNAPSHOT_MAX_ANSWERS)
        return rcn_error_set(err, RCN_ERROR_FAILED, "expected apiUrl, takenAt and answers");
    for (size_t i = 0; i < count; i++)
        if (take_answer(snapshot, rcn_json_get_at(answers, i), err))
            return -1;
    return 0;
}

struct rcn_snapshot *rcn_snapshot_read(const char *bytes, size_t len, struct rcn_error *err)
{
    struct rcn_error ignored = RCN_ERROR_INIT;
    struct rcn_json *root = rcn_json_parse(bytes, len, &ignored);
    const char *kind = rcn_json_get_member_string(root, "kind");
    const char *version = rcn_json_get_member_string(root, "formatVersion");
    struct rcn_snapshot *snapshot = rcn_snapshot_new(NULL);
    int result;
    if (!kind || strcmp(kind, KIND) != 0)
        result = rcn_error_set(err, RCN_ERROR_FAILED, "not a snapshot");
    else if (!version || strcmp(version, VERSION) != 0)
        result = rcn_error_set(err, RCN_ERROR_FAILED, "unknown formatVersion '%.20s', expected %s",
                               version ? version : "", VERSION);
    else
        result = check_digest(bytes, len, err) ? -1 : take_document(snapshot, root, err);
    rcn_json_free(root);
    if (result == 0)
        return snapshot;
    rcn_snapshot_free(snapshot);
    return NULL;
}

const char *rcn_snapshot_get_url(const struct rcn_snapshot *snapshot)
{
    return snapshot->url;
}

int64_t rcn_snapshot_get_taken_ms(const struct rcn_snapshot *snapshot)
{
    return snapshot->taken_ms;
}

const struct rcn_snapshot_answer *rcn_snapshot_find(const struct rcn_snapshot *snapshot,
                                                    const char *path, const char *company_id)
{
    const struct rcn_snapshot_answer *found = find(snapshot, path, company_id);
    if (!found && company_id && rcn_text_is_same(company_id, snapshot->own_company_id))
        found = find(snapshot, path, NULL);
    return found;
}
