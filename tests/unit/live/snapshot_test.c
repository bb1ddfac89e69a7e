#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "live/reading.h"
#include "live/snapshot.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))
#define ACCOUNT                                                                                    \
    "{\"success\": true, \"user\": {\"id\": \"user_7\"}, \"companies\": [{\"id\": \"c1\", "        \
    "\"name\": \"Acme\", \"role\": \"owner\"}], \"currentCompanyId\": \"c1\", "                    \
    "\"apiKeyPermissions\": {\"activeKey\": {\"type\": \"company\", \"prefix\": \"seq_live_5\"}}}"
#define SYNCS                                                                                      \
    "{\"audienceSyncs\": [{\"id\": \"s1\", \"adAccountId\": \"act_1\", \"audienceName\": "         \
    "\"A\"}], "                                                                                    \
    "\"pagination\": {\"limit\": 1, \"offset\": 0, \"total\": 2, \"hasMore\": true}}"
#define SYNCS_2                                                                                    \
    "{\"audienceSyncs\": [{\"id\": \"s2\", \"adAccountId\": \"act_1\", \"audienceName\": "         \
    "\"B\"}], "                                                                                    \
    "\"pagination\": {\"limit\": 1, \"offset\": 1, \"total\": 2, \"hasMore\": false}}"

static const int64_t taken_ms = INT64_C(1795860000000); /* whole seconds */

static void add(struct rcn_snapshot *snapshot, const char *path, const char *company, long status,
                const char *body)
{
    rcn_snapshot_add(snapshot, path, company, status, body);
}

static int write(struct rcn_snapshot *snapshot, const char *url, const char *own_company_id,
                 struct rcn_buf *out, struct rcn_error *err)
{
    snapshot->url = url;
    snapshot->own_company_id = own_company_id;
    snapshot->taken_ms = taken_ms;
    return rcn_snapshot_write(snapshot, out, err);
}

/* What `snapshot` keeps of a company that was not named. */
static struct rcn_buf write_one(void)
{
    struct rcn_secret key;
    struct rcn_error err = RCN_ERROR_INIT;
    struct rcn_buf out;
    struct rcn_snapshot *snapshot = rcn_snapshot_new();
    assert_int_equal(rcn_secret_init(&key, "seq_live_5f2", "key", &err), 0);
    add(snapshot, "/account", NULL, 200, ACCOUNT);
    add(snapshot, "/audience-syncs", NULL, 200, "{\"audienceSyncs\": [");
    add(snapshot, "/audience-syncs", NULL, 200, SYNCS);
    add(snapshot, "/audience-syncs?limit=1&offset=1", NULL, 200, SYNCS_2);
    add(snapshot, "/segments", NULL, 403, "{\"error\": \"seq_live_5f2 may not\"}");
    rcn_buf_init(&out, RCN_SNAPSHOT_MAX_BYTES);
    assert_int_equal(write(snapshot, "https://api.example", "c1", &out, &err), 0);
    rcn_snapshot_free(snapshot);
    rcn_secret_release(&key);
    return out;
}

static struct rcn_live_state *fetch(const struct rcn_snapshot *snapshot, const char *company,
                                    struct rcn_error *err)
{
    struct rcn_api_options options = {.replay = snapshot};
    struct rcn_live_request request = {.company_ids = &company,
                                       .company_count = company ? 1 : 0,
                                       .needs_unnamed = !company,
                                       .wants_syncs = true,
                                       .wants_ad_accounts = true,
                                       .wants_segments = true};
    struct rcn_api *api = rcn_api_new(&options, err);
    assert_non_null(api);
    struct rcn_live_state *state = rcn_reading_fetch(api, &request, err);
    assert_int_equal(rcn_api_get_counts(api).get, 0);
    rcn_api_free(api);
    return state;
}

static void test_what_is_kept(void **state)
{
    (void)state;
    struct rcn_buf bytes = write_one();
    static const char *const absent[] = {"seq_live_5", "user_7", "owner", "Bearer"};
    for (size_t i = 0; i < COUNT(absent); i++)
        assert_null(strstr(bytes.data, absent[i]));
    static const char *const present[] = {"\"apiUrl\": \"https://api.example\"",
                                          "\"takenAt\": \"2026-11-28T10:00:00Z\"",
                                          "\\\"type\\\": \\\"company\\\"", "Acme", "*** may not"};
    for (size_t i = 0; i < COUNT(present); i++)
        if (!strstr(bytes.data, present[i]))
            fail_msg("%s is not in %s", present[i], bytes.data);
    rcn_buf_release(&bytes);
}

static void test_read_as_if_fresh(void **state)
{
    (void)state;
    struct rcn_buf bytes = write_one();
    static const char *const companies[] = {NULL, "c1"};
    for (size_t i = 0; i < COUNT(companies); i++) {
        struct rcn_error err = RCN_ERROR_INIT;
        struct rcn_snapshot *snapshot = rcn_snapshot_read(bytes.data, bytes.len, &err);
        assert_non_null(snapshot);
        struct rcn_live_state *live = fetch(snapshot, companies[i], &err);
        if (!live)
            fail_msg("%s", err.message);
        assert_true(live->is_snapshot);
        assert_int_equal(live->fetched_at_ms, taken_ms);
        assert_string_equal(live->api_url, "https://api.example");
        const struct rcn_live_company *company = &live->companies[0];
        assert_string_equal(company->company_id, "c1");
        assert_string_equal(company->name, "Acme");
        assert_int_equal(company->sync_count, 2);
        assert_string_equal(company->syncs[1].sync.id, "s2");
        assert_int_equal(company->segments_status, RCN_READ_FORBIDDEN);
        assert_int_equal(company->ad_accounts_status, RCN_READ_FAILED);
        assert_non_null(strstr(company->ad_accounts_problem, "not in the snapshot"));
        rcn_live_state_free(live);
        rcn_snapshot_free(snapshot);
    }
    rcn_buf_release(&bytes);
}

static void test_another_company(void **state)
{
    (void)state;
    struct rcn_error err = RCN_ERROR_INIT;
    struct rcn_buf bytes = write_one();
    struct rcn_snapshot *snapshot = rcn_snapshot_read(bytes.data, bytes.len, &err);
    assert_null(fetch(snapshot, "c2", &err));
    assert_int_equal(err.kind, RCN_ERROR_REFUSED);
    rcn_snapshot_free(snapshot);
    /* One of a named company says nothing of the key's own. */
    snapshot = rcn_snapshot_new();
    add(snapshot, "/account", NULL, 200, ACCOUNT);
    add(snapshot, "/audience-syncs", "c1", 200, "{\"audienceSyncs\": []}");
    bytes.len = 0;
    assert_int_equal(write(snapshot, "https://api.example", NULL, &bytes, &err), 0);
    rcn_snapshot_free(snapshot);
    snapshot = rcn_snapshot_read(bytes.data, bytes.len, &err);
    assert_non_null(snapshot);
    err = (struct rcn_error)RCN_ERROR_INIT;
    assert_null(fetch(snapshot, NULL, &err));
    assert_int_equal(err.kind, RCN_ERROR_REFUSED);
    assert_non_null(strstr(err.message, "not in the snapshot"));
    rcn_snapshot_free(snapshot);
    rcn_buf_release(&bytes);
}

/* Whatever byte is changed, it is noticed: by the digest, or before. */
static void test_every_edit(void **state)
{
    (void)state;
    struct rcn_buf bytes = write_one();
    for (size_t i = 0; i < bytes.len; i++) {
        struct rcn_error err = RCN_ERROR_INIT;
        char before = bytes.data[i];
        bytes.data[i] = before == '1' ? '2' : '1';
        assert_null(rcn_snapshot_read(bytes.data, bytes.len, &err));
        assert_true(err.message[0]);
        bytes.data[i] = before;
    }
    for (size_t len = 0; len < bytes.len; len++) {
        struct rcn_error err = RCN_ERROR_INIT;
        assert_null(rcn_snapshot_read(bytes.data, len, &err));
    }
    rcn_buf_release(&bytes);
}

static void test_not_a_snapshot(void **state)
{
    (void)state;
    static const struct {
        const char *bytes;
        enum rcn_error_kind kind;
        const char *message;
    } rows[] = {
        {"", RCN_ERROR_FAILED, "not a snapshot"},
        {"{}", RCN_ERROR_FAILED, "not a snapshot"},
        {"{\"formatVersion\": \"2.0\", \"kind\": \"audiencectl snapshot\"}", RCN_ERROR_FAILED,
         "unknown formatVersion '2.0', expected 1.0"},
        {"{\"formatVersion\": \"1.0\", \"kind\": \"audiencectl snapshot\"}", RCN_ERROR_REFUSED,
         "it was edited: its digest does not match"},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct rcn_error err = RCN_ERROR_INIT;
        assert_null(rcn_snapshot_read(rows[i].bytes, strlen(rows[i].bytes), &err));
        assert_int_equal(err.kind, rows[i].kind);
        assert_string_equal(err.message, rows[i].message);
    }
}

static void test_bytes_that_no_document_holds(void **state)
{
    (void)state;
    struct rcn_error err = RCN_ERROR_INIT;
    struct rcn_buf out;
    struct rcn_snapshot *snapshot = rcn_snapshot_new();
    rcn_buf_init(&out, 1000);
    add(snapshot, "/audience-syncs", NULL, 200, "\xff");
    assert_int_equal(write(snapshot, "https://a", NULL, &out, &err), -1);
    assert_non_null(strstr(err.message, "not UTF-8"));
    rcn_snapshot_free(snapshot);
    rcn_buf_release(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_is_kept),    cmocka_unit_test(test_read_as_if_fresh),
        cmocka_unit_test(test_another_company), cmocka_unit_test(test_every_edit),
        cmocka_unit_test(test_not_a_snapshot),  cmocka_unit_test(test_bytes_that_no_document_holds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
