#include "seed.h"

#include <string.h>

#include "base/json.h"
#include "base/sha256.h"
#include "base/suggest.h"
#include "base/time.h"

/* Companies, keys and ids; bodies are built in a buffer. */
enum { ARENA_MAX = 64 << 20, BODY_MAX = 16 << 20 };

/* Two companies, so that choosing one matters; one segment and one account that a manifest can
 * name at once (`act_1234567890` is the documented example); some segments too small to deliver;
 * names that both companies use for things of their own. */
static const char built_in[] =
    "{\"companies\": ["
    "{\"id\": \"comp_123\", \"name\": \"Acme\"},"
    "{\"id\": \"comp_456\", \"name\": \"Globex\", \"role\": \"admin\"}],"
    "\"adAccounts\": ["
    "{\"companyId\": \"comp_123\", \"id\": \"act_1234567890\", \"name\": \"Acme Main Account\"},"
    "{\"companyId\": \"comp_123\", \"id\": \"act_2345678901\", \"name\": \"Acme Outlet\"},"
    "{\"companyId\": \"comp_456\", \"id\": \"act_9876543210\", \"name\": \"Globex Main\"},"
    "{\"companyId\": \"comp_456\", \"id\": \"act_8765432109\", \"name\": \"Acme Outlet\"}],"
    "\"segments\": ["
    "{\"companyId\": \"comp_123\", \"id\": \"seg_vips\", \"name\": \"VIPs\", \"format\": \"v1\","
    " \"filterJoinOperator\": \"and\", \"filters\": [{\"id\": \"f1\", \"field\": \"tag\","
    " \"operator\": \"is\", \"value\": \"vip\"}],"
    " \"subscriberCount\": 1290, \"activeSubscriberCount\": 1240},"
    "{\"companyId\": \"comp_123\", \"id\": \"seg_newsletter\", \"name\": \"Newsletter\","
    " \"format\": \"v1\", \"filterJoinOperator\": \"and\", \"filters\": [],"
    " \"subscriberCount\": 19800, \"activeSubscriberCount\": 18230},"
    "{\"companyId\": \"comp_123\", \"id\": \"seg_lapsed\", \"name\": \"Lapsed customers\","
    " \"format\": \"v1\", \"filterJoinOperator\": \"and\", \"filters\": [],"
    " \"subscriberCount\": 4100, \"activeSubscriberCount\": 3950},"
    "{\"companyId\": \"comp_123\", \"id\": \"seg_trial\", \"name\": \"Trial users\","
    " \"format\": \"v1\", \"filterJoinOperator\": \"and\", \"filters\": [],"
    " \"subscriberCount\": 71, \"activeSubscriberCount\": 64},"
    "{\"companyId\": \"comp_456\", \"id\": \"seg_leads\", \"name\": \"Leads\","
    " \"format\": \"v1\", \"filterJoinOperator\": \"or\", \"filters\": [],"
    " \"subscriberCount\": 800, \"activeSubscriberCount\": 760},"
    "{\"companyId\": \"comp_456\", \"id\": \"seg_partners\", \"name\": \"Partners\","
    " \"format\": \"v1\", \"filterJoinOperator\": \"and\", \"filters\": [],"
    " \"subscriberCount\": 33, \"activeSubscriberCount\": 31},"
    "{\"companyId\": \"comp_456\", \"id\": \"seg_globex_vips\", \"name\": \"VIPs\","
    " \"format\": \"v1\", \"filterJoinOperator\": \"and\", \"filters\": [],"
    " \"subscriberCount\": 210, \"activeSubscriberCount\": 205},"
    "{\"companyId\": \"comp_456\", \"id\": \"seg_globex_lapsed\", \"name\": \"Lapsed customers\","
    " \"format\": \"v1\", \"filterJoinOperator\": \"and\", \"filters\": [],"
    " \"subscriberCount\": 620, \"activeSubscriberCount\": 604}]}";

/* The built-in data with 24 hexadecimal digits for each id of a company and a segment. */
static void write_with_bare_ids(struct rcn_buf *out)
{
    enum { ID_LEN = 24 };
    char hex[RCN_SHA256_HEX_SIZE];
    for (const char *at = built_in; *at;) {
        size_t len = strcspn(at + 1, "\"");
        bool is_id = strncmp(at, "\"comp_", 6) == 0 || strncmp(at, "\"seg_", 5) == 0;
        if (is_id) {
            rcn_sha256_hex(at + 1, len, hex);
            rcn_buf_printf(out, "\"%.*s", ID_LEN, hex);
            at += 1 + len;
        } else {
            rcn_buf_add_char(out, *at++);
        }
    }
}

struct seed {
    struct sbx_store *store;
    struct rcn_arena *arena;
    struct sbx_company *companies;
    size_t company_count;
    struct rcn_buf body; /* of the item that is being added */
    int64_t now_ms;
    bool bare_ids;
    struct rcn_error *err;
};

/* --- reading members --- */

/* The string at key, or the fallback when it is absent; a NULL fallback makes it required. */
static int read_string(struct seed *seed, const struct rcn_json *item, const char *key,
                       const char *fallback, const char **ret)
{
    const struct rcn_json *value = rcn_json_get(item, key);
    const char *text = value ? rcn_json_get_string(value) : fallback;
    if (text && *text) {
        *ret = text;
        return 0;
    }
    rcn_error_set(seed->err, RCN_ERROR_FAILED,
                  value ? "'%s' must be a string that is not empty" : "'%s' is missing", key);
    return -1;
}

static int read_company_id(struct seed *seed, const struct rcn_json *item, const char **ret)
{
    if (read_string(seed, item, "companyId", seed->companies[0].id, ret))
        return -1;
    for (size_t i = 0; i < seed->company_count; i++)
        if (strcmp(seed->companies[i].id, *ret) == 0)
            return 0;
    return rcn_error_set(seed->err, RCN_ERROR_FAILED, "there is no company '%s'", *ret);
}

static bool is_among(const char *key, const char *const *keys, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(keys[i], key) == 0)
            return true;
    return false;
}

static int check_members(struct seed *seed, const struct rcn_json *item, const char *const *keys,
                         size_t count)
{
    struct rcn_json_member member = {0};
    if (rcn_json_get_type(item) != RCN_JSON_OBJECT)
        return rcn_error_set(seed->err, RCN_ERROR_FAILED, "must be an object");
    while (rcn_json_next(item, &member)) {
        if (is_among(member.key, keys, count))
            continue;
        const char *near = rcn_suggest(member.key, keys, count);
        return rcn_error_set(seed->err, RCN_ERROR_FAILED, "unknown key '%s'%s%s%s", member.key,
                             near ? ", did you mean '" : "", near ? near : "", near ? "'?" : "");
    }
    return 0;
}

/* --- building bodies --- */

/* The writer prints keys as they are. */
static bool is_plain_key(const char *key)
{
    for (; *key; key++)
        if ((unsigned char)*key < 0x20 || *key == '"' || *key == '\\')
            return false;
    return true;
}

/* All members but companyId; the object stays open. */
static int begin_body(struct seed *seed, const struct rcn_json *item,
                      struct rcn_json_writer *writer)
{
    rcn_buf_clear(&seed->body);
    rcn_json_writer_init(writer, &seed->body);
    rcn_json_begin_object(writer);
    for (struct rcn_json_member member = {0}; rcn_json_next(item, &member);) {
        if (strcmp(member.key, "companyId") == 0)
            continue;
        if (!is_plain_key(member.key))
            return rcn_error_set(seed->err, RCN_ERROR_FAILED,
                                 "a key holds a quote, a backslash or a control character");
        rcn_json_key(writer, member.key);
        rcn_json_copy(writer, member.value);
    }
    return 0;
}

static int end_body(struct seed *seed, struct rcn_json_writer *writer)
{
    rcn_json_end_object(writer);
    return seed->body.failed ? rcn_error_set(seed->err, RCN_ERROR_FAILED, "too long or not UTF-8")
                             : 0;
}

/* --- the five kinds of item --- */

static int add_company(struct seed *seed, const struct rcn_json *item)
{
    static const char *const keys[] = {"id", "name", "role", "metaConnected"};
    struct sbx_company company = {0};
    if (check_members(seed, item, keys, sizeof keys / sizeof *keys) ||
        read_string(seed, item, "id", NULL, &company.id) ||
        read_string(seed, item, "name", company.id, &company.name) ||
        read_string(seed, item, "role", "owner", &company.role))
        return -1;
    company.meta_connected = !rcn_json_is_false(rcn_json_get(item, "metaConnected"));
    seed->companies[seed->company_count++] = company;
    return sbx_store_add_company(seed->store, &company, seed->err);
}

static int read_type(struct seed *seed, const struct rcn_json *item, const char *key, bool *ret)
{
    static const char personal_prefix[] = "seq_user_";
    const char *by_prefix =
        strncmp(key, personal_prefix, strlen(personal_prefix)) == 0 ? "personal" : "company";
    const char *type = NULL;
    if (read_string(seed, item, "type", by_prefix, &type))
        return -1;
    *ret = strcmp(type, "personal") == 0;
    if (!*ret && strcmp(type, "company") != 0)
        return rcn_error_set(seed->err, RCN_ERROR_FAILED,
                             "'type' must be 'company' or 'personal', not '%s'", type);
    return 0;
}

/* The scopes as JSON text, NULL for full access. */
static int read_scopes(struct seed *seed, const struct rcn_json *item, const char **ret)
{
    const struct rcn_json *scopes = rcn_json_get(item, "scopes");
    struct rcn_json_writer writer;
    *ret = NULL;
    if (!scopes || rcn_json_get_type(scopes) == RCN_JSON_NULL)
        return 0;
    bool strings = rcn_json_get_type(scopes) == RCN_JSON_ARRAY;
    for (size_t i = 0; strings && i < rcn_json_get_count(scopes); i++)
        strings = rcn_json_get_string(rcn_json_get_at(scopes, i)) != NULL;
    if (!strings)
        return rcn_error_set(seed->err, RCN_ERROR_FAILED, "'%s' must be a list of strings",
                             "scopes");
    rcn_buf_clear(&seed->body);
    rcn_json_writer_init(&writer, &seed->body);
    rcn_json_copy(&writer, scopes);
    *ret = seed->body.data;
    return seed->body.failed ? rcn_error_set(seed->err, RCN_ERROR_FAILED, "too long or not UTF-8")
                             : 0;
}

static int add_reaches(struct seed *seed, const struct rcn_json *item, const char *key)
{
    const struct rcn_json *ids = rcn_json_get(item, "companies");
    if (ids && rcn_json_get_type(ids) != RCN_JSON_ARRAY)
        return rcn_error_set(seed->err, RCN_ERROR_FAILED, "'%s' must be a list of company ids",
                             "companies");
    for (size_t i = 0; i < rcn_json_get_count(ids); i++) {
        const char *id = rcn_json_get_string(rcn_json_get_at(ids, i));
        bool known = false;
        for (size_t j = 0; id && j < seed->company_count; j++)
            known = known || strcmp(seed->companies[j].id, id) == 0;
        if (!known)
            return rcn_error_set(seed->err, RCN_ERROR_FAILED, "there is no company '%s'",
                                 id ? id : "");
        if (sbx_store_add_reach(seed->store, key, id, seed->err))
            return -1;
    }
    return 0;
}

static int add_key(struct seed *seed, const struct rcn_json *item)
{
    static const char *const keys[] = {"key", "type", "companies", "scopes", "name"};
    struct sbx_key key = {0};
    if (check_members(seed, item, keys, sizeof keys / sizeof *keys) ||
        read_string(seed, item, "key", NULL, &key.key) ||
        read_string(seed, item, "name", "Seed key", &key.name) ||
        read_type(seed, item, key.key, &key.personal) || read_scopes(seed, item, &key.scopes) ||
        sbx_store_add_key(seed->store, &key, false, seed->err))
        return -1;
    return add_reaches(seed, item, key.key);
}

static int add_ad_account(struct seed *seed, const struct rcn_json *item)
{
    struct rcn_json_writer writer;
    const char *company_id = NULL;
    const char *id = NULL;
    if (read_company_id(seed, item, &company_id) || read_string(seed, item, "id", NULL, &id) ||
        begin_body(seed, item, &writer) || end_body(seed, &writer))
        return -1;
    return sbx_store_add_ad_account(seed->store, company_id, id, seed->body.data, seed->err);
}

/* What a template's segment is compared by. */
static const char *filters_text(struct seed *seed, const struct rcn_json *item)
{
    const struct rcn_json *filters = rcn_json_get(item, "filters");
    struct rcn_json_writer writer;
    if (!filters)
        return "[]";
    rcn_buf_clear(&seed->body);
    rcn_json_writer_init(&writer, &seed->body);
    rcn_json_copy(&writer, filters);
    return seed->body.failed ? NULL : rcn_arena_strdup(seed->arena, seed->body.data);
}

static int add_segment(struct seed *seed, const struct rcn_json *item)
{
    struct rcn_json_writer writer;
    struct sbx_segment segment = {0};
    const char *company_id = NULL;
    long long count = 0;
    if (read_company_id(seed, item, &company_id) ||
        read_string(seed, item, "id", NULL, &segment.id) ||
        read_string(seed, item, "name", NULL, &segment.name))
        return -1;
    rcn_json_get_integer(rcn_json_get(item, "activeSubscriberCount"), &count);
    segment.active_count = count;
    segment.filters = filters_text(seed, item);
    if (begin_body(seed, item, &writer) || end_body(seed, &writer))
        return -1;
    return sbx_store_add_segment(seed->store, company_id, &segment, seed->body.data, seed->err);
}

static void default_string(const struct rcn_json *item, struct rcn_json_writer *writer,
                           const char *key, const char *value)
{
    if (!rcn_json_get(item, key))
        rcn_json_key_string(writer, key, value);
}

/* Copied members first, then those of a new sync that are not there. */
static int build_sync(struct seed *seed, const struct rcn_json *item, const char *company_id,
                      const char *id)
{
    const char *segment_id = rcn_json_get_member_string(item, "segmentId");
    struct sbx_segment segment = {0};
    struct rcn_json_writer writer;
    char seconds[RCN_TIME_SIZE];
    if (segment_id && sbx_store_get_segment(seed->store, seed->arena, company_id, segment_id,
                                            &segment, seed->err))
        return -1;
    if (begin_body(seed, item, &writer))
        return -1;
    rcn_time_format(seed->now_ms, seconds);
    default_string(item, &writer, "id", id);
    default_string(item, &writer, "segmentId", NULL);
    default_string(item, &writer, "segmentName", segment.name);
    default_string(item, &writer, "frequency", "daily");
    if (!rcn_json_get(item, "isActive"))
        rcn_json_key_boolean(&writer, "isActive", true);
    default_string(item, &writer, "syncStatus", "idle");
    default_string(item, &writer, "lastSyncAt", NULL);
    default_string(item, &writer, "lastSyncError", NULL);
    if (!rcn_json_get(item, "lastSyncedCount"))
        rcn_json_key_integer(&writer, "lastSyncedCount", 0);
    default_string(item, &writer, "createdAt",
                   rcn_arena_printf(seed->arena, "%.19s.000Z", seconds));
    return end_body(seed, &writer);
}

static int build_raw(struct seed *seed, const struct rcn_json *raw)
{
    struct rcn_json_writer writer;
    rcn_buf_clear(&seed->body);
    rcn_json_writer_init(&writer, &seed->body);
    rcn_json_copy(&writer, raw);
    return seed->body.failed ? rcn_error_set(seed->err, RCN_ERROR_FAILED, "too long or not UTF-8")
                             : 0;
}

static int add_sync(struct seed *seed, const struct rcn_json *item)
{
    const struct rcn_json *raw = rcn_json_get(item, "raw");
    const struct rcn_json *source = raw ? raw : item;
    struct sbx_sync sync = {0};
    const char *company_id = NULL;
    const char *new_id = NULL;
    const char *ignored = NULL;
    if (read_company_id(seed, item, &company_id) ||
        sbx_store_new_id(seed->store, seed->arena, seed->bare_ids, &new_id, seed->err))
        return -1;
    if (!raw && (read_string(seed, item, "adAccountId", NULL, &ignored) ||
                 read_string(seed, item, "audienceName", NULL, &ignored)))
        return -1;
    sync.id = rcn_json_get_member_string(source, "id");
    if (!sync.id)
        sync.id = new_id;
    sync.ad_account_id = rcn_json_get_member_string(source, "adAccountId");
    sync.audience_name = rcn_json_get_member_string(source, "audienceName");
    sync.segment_id = rcn_json_get_member_string(source, "segmentId");
    if (raw ? build_raw(seed, raw) : build_sync(seed, item, company_id, sync.id))
        return -1;
    sync.body = seed->body.data;
    return sbx_store_add_sync(seed->store, company_id, &sync, seed->err);
}

/* --- the document --- */

static int add_list(struct seed *seed, const struct rcn_json *document, const char *key,
                    int (*add)(struct seed *seed, const struct rcn_json *item))
{
    const struct rcn_json *list = rcn_json_get(document, key);
    if (list && rcn_json_get_type(list) != RCN_JSON_ARRAY)
        return rcn_error_set(seed->err, RCN_ERROR_FAILED, "'%s' must be a list", key);
    for (size_t i = 0; i < rcn_json_get_count(list); i++) {
        const struct rcn_json *item = rcn_json_get_at(list, i);
        int result = rcn_json_get_type(item) == RCN_JSON_OBJECT
                         ? add(seed, item)
                         : rcn_error_set(seed->err, RCN_ERROR_FAILED, "must be an object");
        if (result)
            return rcn_error_wrap(seed->err, "%s[%zu]", key, i);
    }
    return 0;
}

static int check_any_company(struct seed *seed)
{
    if (seed->company_count)
        return 0;
    return rcn_error_set(seed->err, RCN_ERROR_FAILED, "'companies' is empty");
}

static int apply(struct seed *seed, const struct rcn_json *document, const struct rcn_json *base)
{
    static const char *const keys[] = {"companies", "keys", "adAccounts", "segments",
                                       "audienceSyncs"};
    bool own = rcn_json_get(document, "companies");
    const struct rcn_json *companies = own ? document : base;
    const struct rcn_json *accounts = own || rcn_json_get(document, "adAccounts") ? document : base;
    const struct rcn_json *segments = own || rcn_json_get(document, "segments") ? document : base;
    if (check_members(seed, document, keys, sizeof keys / sizeof *keys))
        return -1;
    seed->companies =
        rcn_arena_calloc(seed->arena, rcn_json_get_count(rcn_json_get(companies, "companies")) + 1,
                         sizeof *seed->companies);
    if (add_list(seed, companies, "companies", add_company) || check_any_company(seed) ||
        add_list(seed, document, "keys", add_key) ||
        add_list(seed, accounts, "adAccounts", add_ad_account) ||
        add_list(seed, segments, "segments", add_segment) ||
        add_list(seed, document, "audienceSyncs", add_sync))
        return -1;
    return sbx_store_set_seeded(seed->store, seed->err);
}

int sbx_seed_apply(struct sbx_store *store, const char *text, size_t len, int64_t now_ms,
                   bool bare_ids, struct rcn_error *err)
{
    struct seed seed = {.store = store, .now_ms = now_ms, .bare_ids = bare_ids, .err = err};
    struct rcn_buf base_text;
    rcn_buf_init(&base_text, 2 * sizeof built_in);
    if (bare_ids)
        write_with_bare_ids(&base_text);
    else
        rcn_buf_add_str(&base_text, built_in);
    struct rcn_json *base = rcn_json_parse(rcn_buf_get_str(&base_text), base_text.len, err);
    struct rcn_json *document = !base  ? NULL
                                : text ? rcn_json_parse(text, len, err)
                                       : rcn_json_parse("{}", 2, err);
    int result = -1;
    rcn_buf_init(&seed.body, BODY_MAX);
    seed.arena = rcn_arena_new(ARENA_MAX);
    if (document)
        result = apply(&seed, document, base);
    rcn_arena_free(seed.arena);
    rcn_buf_release(&seed.body);
    rcn_json_free(document);
    rcn_json_free(base);
    rcn_buf_release(&base_text);
    return result;
}
