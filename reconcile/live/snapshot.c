#include "live/snapshot.h"

#include <string.h>

#include "base/clock.h"
#include "base/fields.h"
#include "base/json.h"
#include "base/redact.h"
#include "base/sha256.h"
#include "base/time.h"
#include "base/unicode.h"
#include "live/answer.h"
#include "live/http.h"
#include "model/audience_sync.h"

#define VERSION "1.0"
#define KIND "audiencectl snapshot"

struct rcn_snapshot *rcn_snapshot_new(void)
{
    struct rcn_arena *arena = rcn_arena_new(SIZE_MAX);
    struct rcn_snapshot *snapshot = rcn_arena_alloc(arena, sizeof *snapshot);
    snapshot->arena = arena;
    return snapshot;
}

void rcn_snapshot_free(struct rcn_snapshot *snapshot)
{
    if (snapshot)
        rcn_arena_free(snapshot->arena);
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

void rcn_snapshot_add(struct rcn_snapshot *snapshot, const char *path, const char *company_id,
                      long status, const char *body)
{
    struct rcn_arena *arena = snapshot->arena;
    bool is_account = strcmp(path, "/account") == 0 && status != 403;
    char *copy = is_account ? rcn_account_reduce(arena, body) : rcn_arena_strdup(arena, body);
    struct rcn_snapshot_answer *answer = find(snapshot, path, company_id);
    rcn_redact_secrets(copy);
    if (!answer && snapshot->count == snapshot->capacity) {
        struct rcn_snapshot_answer *before = snapshot->answers;
        snapshot->capacity = 2 * snapshot->capacity + 8;
        snapshot->answers = rcn_arena_calloc(arena, snapshot->capacity, sizeof *before);
        if (snapshot->count > 0)
            memcpy(snapshot->answers, before, snapshot->count * sizeof *before);
    }
    if (!answer)
        answer = &snapshot->answers[snapshot->count++];
    *answer = (struct rcn_snapshot_answer){
        .path = rcn_arena_strdup(arena, path),
        .company_id = company_id ? rcn_arena_strdup(arena, company_id) : NULL,
        .status = status,
        .body = copy};
}

/* --- the document --- */

#define AT(type, member) offsetof(struct type, member)

static const struct rcn_table answer_table =
    RCN_TABLE(rcn_snapshot_answer, RCN_FIELD("path", TEXT, REQUIRED, AT(rcn_snapshot_answer, path)),
              RCN_FIELD("companyId", TEXT, NULLABLE, AT(rcn_snapshot_answer, company_id)),
              RCN_FIELD("status", INTEGER, REQUIRED, AT(rcn_snapshot_answer, status)),
              RCN_FIELD("body", TEXT, REQUIRED, AT(rcn_snapshot_answer, body)));
static const struct rcn_table document_table =
    RCN_TABLE(rcn_snapshot, RCN_FIELD("apiUrl", TEXT, REQUIRED, AT(rcn_snapshot, url)),
              RCN_FIELD("ownCompanyId", TEXT, NULLABLE, AT(rcn_snapshot, own_company_id)),
              RCN_FIELD("takenAt", TIME, REQUIRED, AT(rcn_snapshot, taken_ms)),
              RCN_FIELD("answers", LIST, REQUIRED, AT(rcn_snapshot, answers),
                        .count = AT(rcn_snapshot, count), .table = &answer_table, .rows = 1));

int rcn_snapshot_write(const struct rcn_snapshot *snapshot, struct rcn_buf *out,
                       struct rcn_error *err)
{
    struct rcn_json_writer writer;
    size_t start = out->len;
    for (size_t i = 0; i < snapshot->count; i++) {
        const char *body = snapshot->answers[i].body;
        out->failed |= rcn_utf8_check(body, strlen(body)) != strlen(body);
    }
    rcn_json_writer_init(&writer, out);
    rcn_json_begin_object(&writer);
    rcn_json_key_string(&writer, "formatVersion", VERSION);
    rcn_json_key_string(&writer, "kind", KIND);
    rcn_json_key(&writer, "generator");
    rcn_json_begin_object(&writer);
    rcn_json_key_string(&writer, "name", "audiencectl");
    rcn_json_key_string(&writer, "version", AUDIENCECTL_VERSION);
    rcn_json_end_object(&writer);
    rcn_fields_write(&writer, &document_table, snapshot);
    rcn_buf_add_str(out, ",\n");
    rcn_sha256_seal(out, start);
    if (out->failed)
        return rcn_error_set(err, RCN_ERROR_FAILED,
                             "an answer of the API cannot be kept: it is not UTF-8, or too long");
    return 0;
}

struct rcn_snapshot *rcn_snapshot_read(const char *bytes, size_t len, struct rcn_error *err)
{
    struct rcn_error ignored = RCN_ERROR_INIT;
    struct rcn_json *root = rcn_json_parse(bytes, len, &ignored);
    const char *kind = rcn_json_get_member_string(root, "kind");
    const char *version = rcn_json_get_member_string(root, "formatVersion");
    struct rcn_snapshot *snapshot = rcn_snapshot_new();
    const char *wrong = NULL;
    int result = 0;
    if (!kind || strcmp(kind, KIND) != 0)
        result = rcn_error_set(err, RCN_ERROR_FAILED, "not a snapshot");
    else if (!version || strcmp(version, VERSION) != 0)
        result = rcn_error_set(err, RCN_ERROR_FAILED, "unknown formatVersion '%.20s', expected %s",
                               version ? version : "", VERSION);
    else if (!rcn_sha256_is_sealed(bytes, len))
        result = rcn_error_set(err, RCN_ERROR_REFUSED, "it was edited: its digest does not match");
    else
        rcn_fields_read(root, &document_table, snapshot, snapshot->arena, &wrong);
    for (size_t i = 0; i < snapshot->count && !wrong; i++)
        if (snapshot->answers[i].status < 200 || snapshot->answers[i].status > 599)
            wrong = "status";
    if (wrong)
        result = rcn_error_set(err, RCN_ERROR_FAILED, "invalid '%s'", wrong);
    rcn_json_free(root);
    if (result == 0)
        return snapshot;
    rcn_snapshot_free(snapshot);
    return NULL;
}

const struct rcn_snapshot_answer *rcn_snapshot_find(const struct rcn_snapshot *snapshot,
                                                    const char *path, const char *company_id)
{
    const struct rcn_snapshot_answer *found = find(snapshot, path, company_id);
    if (!found && company_id && rcn_text_is_same(company_id, snapshot->own_company_id))
        found = find(snapshot, path, NULL);
    return found;
}

int rcn_snapshot_check(const struct rcn_snapshot *snapshot, int64_t max_age_ms, const char *api_url,
                       struct rcn_error *err)
{
    enum { CLOCK_SKEW_MS = 300000 };
    char asked[512];
    char age[RCN_TIME_SIZE];
    const char *url = snapshot->url;
    int64_t age_ms = rcn_clock_wall_ms() - snapshot->taken_ms;
    rcn_age_format(age_ms, age);
    if (age_ms > max_age_ms)
        return rcn_error_set(err, RCN_ERROR_REFUSED,
                             "it is %s old, more than --max-age allows: take a new one with "
                             "'audiencectl snapshot --out FILE'",
                             age);
    if (age_ms < -CLOCK_SKEW_MS)
        return rcn_error_set(err, RCN_ERROR_REFUSED, "it was taken in the future: check the clock");
    if (api_url && rcn_http_normalise_origin(api_url, asked, sizeof asked, err))
        return -1;
    if (api_url && strcmp(asked, url) != 0)
        return rcn_error_set(err, RCN_ERROR_REFUSED, "it is of the API %s, not of %s", url, asked);
    return 0;
}
