#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/clock.h"
#include "live/reading.h"
#include "reset_server.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))
#define ANSWER(status, body) "HTTP/1.1 " status "\r\nConnection: close\r\n\r\n" body
#define STEP(path, status, body)                                                                   \
    {                                                                                              \
        .target = "/api/v1" path, .bytes = ANSWER(status, body), .end = SERVER_CLOSE               \
    }
#define SYNC(id) "{\"id\": \"" id "\", \"adAccountId\": \"act_1\", \"audienceName\": \"" id "\"}"
#define PAGE(items, offset, total, more)                                                           \
    "{\"audienceSyncs\": [" items "], \"pagination\": {\"limit\": 2, \"offset\": " offset          \
    ", \"total\": " total ", \"hasMore\": " more "}}"

#define ACCOUNT_1                                                                                  \
    STEP("/account", "200 OK",                                                                     \
         "{\"success\": true, \"companies\": [{\"id\": \"c1\", \"name\": \"Acme\"}],"              \
         " \"currentCompanyId\": \"c1\"}")
#define ACCOUNT_2                                                                                  \
    STEP("/account", "200 OK",                                                                     \
         "{\"companies\": [{\"id\": \"c1\", \"name\": \"Acme\"}, {\"id\": \"c2\"}],"               \
         " \"currentCompanyId\": \"c1\"}")
#define SYNCS                                                                                      \
    STEP("/audience-syncs", "200 OK", "{\"audienceSyncs\": [" SYNC("s2") "," SYNC("s1") "]}")
#define AD_ACCOUNTS                                                                                \
    STEP("/ad-accounts", "200 OK",                                                                 \
         "{\"adAccounts\": [{\"id\": \"act_2\"}, {\"id\": \"act_1\", \"name\": \"Main\"},"         \
         " {\"id\": \"act_2\"}]}")
#define SEGMENTS                                                                                   \
    STEP(                                                                                          \
        "/segments", "200 OK",                                                                     \
        "{\"segments\": [{\"id\": \"seg_1\", \"name\": \"VIPs\", \"activeSubscriberCount\": 7}]}")

static struct rcn_secret key;

struct fetched {
    struct reset_server server;
    struct rcn_api *api;
    struct rcn_live_state *state;
    struct rcn_error err;
};

static const char *get_digest(struct rcn_live_state *state)
{
    rcn_live_state_set_digest(state);
    return state->digest;
}

static struct fetched fetch(const struct server_step *steps, unsigned count,
                            const struct rcn_live_request *request)
{
    struct fetched fetched = {.err = RCN_ERROR_INIT};
    server_start(&fetched.server, steps, count);
    struct rcn_api_options options = {
        .http = {.origin = fetched.server.url, .key = &key, .timeout_ms = 20000}, .rate = "off"};
    fetched.api = rcn_api_new(&options, &fetched.err);
    assert_non_null(fetched.api);
    fetched.state = rcn_reading_fetch(fetched.api, request, &fetched.err);
    return fetched;
}

static void end(struct fetched *fetched)
{
    rcn_live_state_free(fetched->state);
    rcn_api_free(fetched->api);
    server_stop(&fetched->server);
}

static const struct rcn_live_request all_of_own = {
    .needs_unnamed = true, .wants_syncs = true, .wants_ad_accounts = true, .wants_segments = true};
static const struct rcn_live_request syncs_of_own = {.needs_unnamed = true, .wants_syncs = true};

static const char *const named_1[] = {"c1"};
static const char *const named_2[] = {"c2"};
static const char *const named_9[] = {"c9"};

static struct rcn_live_request name(const char *const *ids, bool needs_unnamed)
{
    return (struct rcn_live_request){.company_ids = ids,
                                     .company_count = 1,
                                     .needs_unnamed = needs_unnamed,
                                     .wants_syncs = true};
}

static void test_everything_of_the_own_company(void **state)
{
    (void)state;
    struct server_step steps[] = {ACCOUNT_1, SYNCS, AD_ACCOUNTS, SEGMENTS};
    struct fetched fetched = fetch(steps, COUNT(steps), &all_of_own);
    assert_non_null(fetched.state);
    assert_int_equal(atomic_load(&fetched.server.seen->gets), 4);
    assert_int_equal(fetched.state->company_count, 1);
    const struct rcn_live_company *company = &fetched.state->companies[0];
    assert_string_equal(company->company_id, "c1");
    assert_string_equal(company->name, "Acme");
    assert_false(company->is_named);
    assert_int_equal(company->sync_count, 2);
    assert_string_equal(company->syncs[0].sync.id, "s2");
    assert_string_equal(company->syncs[0].sync.company_id, "c1");
    assert_int_equal(company->ad_accounts_status, RCN_READ_OK);
    assert_int_equal(company->ad_account_count, 2);
    assert_string_equal(company->ad_accounts[0].id, "act_1");
    assert_int_equal(company->segment_count, 1);
    assert_int_equal(company->segments[0].active_subscriber_count, 7);
    assert_int_equal(company->segments[0].subscriber_count, -1);
    assert_string_equal(rcn_live_state_get_ad_account_name(fetched.state, "c1", "act_1"), "Main");
    assert_null(rcn_live_state_get_ad_account_name(fetched.state, "c1", "act_2"));
    assert_null(rcn_live_state_get_ad_account_name(fetched.state, "c1", "act_3"));
    assert_null(rcn_live_state_get_ad_account_name(fetched.state, NULL, "act_1"));
    assert_null(fetched.state->digest);
    assert_memory_equal(get_digest(fetched.state), "sha256:", 7);
    end(&fetched);
}

/* The order of the list is not the server's promise: the digest does not depend on it. */
static void test_digest(void **state)
{
    (void)state;
    static const struct {
        const char *items;
        bool is_same;
    } rows[] = {
        {SYNC("s1") "," SYNC("s2"), true},
        {SYNC("s1"), false},
        {"", false},
        {SYNC("s1") "," SYNC("s3"), false},
        {SYNC("s1") ", {\"id\": \"s2\", \"adAccountId\": \"act_1\", \"audienceName\": \"s2\","
                    " \"isActive\": true}",
         false},
    };
    struct server_step first[] = {ACCOUNT_1, SYNCS};
    struct fetched reference = fetch(first, COUNT(first), &syncs_of_own);
    assert_non_null(reference.state);
    for (size_t i = 0; i < COUNT(rows); i++) {
        char bytes[1024];
        snprintf(bytes, sizeof bytes, ANSWER("200 OK", "{\"audienceSyncs\": [%s]}"), rows[i].items);
        struct server_step steps[] = {ACCOUNT_1, {.bytes = bytes, .end = SERVER_CLOSE}};
        struct fetched fetched = fetch(steps, COUNT(steps), &syncs_of_own);
        assert_non_null(fetched.state);
        if ((strcmp(get_digest(fetched.state), get_digest(reference.state)) == 0) !=
            rows[i].is_same)
            fail_msg("%s", rows[i].items);
        end(&fetched);
    }
    end(&reference);
}

/* --- companies --- */

struct settle_row {
    const char *title;
    struct server_step account;
    struct rcn_live_request request;
    struct server_step syncs;
    int kind;             /* of the error; -1: none */
    const char *text;     /* part of the message; or the last company's id */
    size_t company_count; /* without an error */
    unsigned gets;
};

static void test_settling(void **state)
{
    (void)state;
    const struct server_step forbidden_list =
        STEP("/audience-syncs", "403 No", "{\"error\": \"Access denied\"}");
    const struct server_step forbidden_account = STEP(
        "/account", "403 No", "{\"error\": \"API key is missing required scope: account:read\"}");
    const struct settle_row rows[] = {
        {"own", ACCOUNT_1, syncs_of_own, SYNCS, -1, "c1", 1, 2},
        {"named", ACCOUNT_1, name(named_1, false), SYNCS, -1, "c1", 1, 2},
        {"named of several", ACCOUNT_2, name(named_2, false), SYNCS, -1, "c2", 1, 2},
        {"several, none named", ACCOUNT_2, syncs_of_own, SYNCS, RCN_ERROR_REFUSED,
         "reaches 2 companies and none is named", 0, 2},
        {"several, one named, one not", ACCOUNT_2, name(named_1, true), SYNCS, RCN_ERROR_REFUSED,
         "none is named", 0, 1},
        {"named and own are one", ACCOUNT_1, name(named_1, true), SYNCS, -1, "c1", 1, 2},
        {"named is not listed", ACCOUNT_1, name(named_9, false), SYNCS, RCN_ERROR_REFUSED, "'c9'",
         0, 2},
        {"named is not listed, its list is forbidden", ACCOUNT_1, name(named_9, false),
         forbidden_list, RCN_ERROR_REFUSED, "'c9'", 0, 2},
        {"forbidden account, named", forbidden_account, name(named_9, false), SYNCS, -1, "c9", 1,
         2},
        {"forbidden account, own", forbidden_account, syncs_of_own, SYNCS, -1, NULL, 1, 2},
        {"forbidden account and list", forbidden_account, syncs_of_own, forbidden_list,
         RCN_ERROR_FAILED, "GET /audience-syncs: 403: Access denied", 0, 2},
        {"account of another form", STEP("/account", "200 OK", "{\"company\": {}}"), syncs_of_own,
         SYNCS, RCN_ERROR_FAILED, "GET /account: 'companies' is absent", 0, 2},
        {"account as HTML", STEP("/account", "200 OK", "<!doctype html>"), syncs_of_own, SYNCS,
         RCN_ERROR_FAILED, "an HTML page", 0, 2},
        {"account 404", STEP("/account", "404 No", "{\"error\": \"Not found\"}"), syncs_of_own,
         SYNCS, RCN_ERROR_FAILED, "GET /account: 404: Not found", 0, 2},
        {"account 401", STEP("/account", "401 No", "{\"error\": \"Unauthorized\"}"), syncs_of_own,
         SYNCS, RCN_ERROR_FAILED, "check the key (SEQUENZY_API_KEY, --api-key-file)", 0, 2},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        const struct settle_row *row = &rows[i];
        struct server_step steps[] = {row->account, row->syncs};
        struct fetched fetched = fetch(steps, COUNT(steps), &row->request);
        int kind = fetched.state ? -1 : (int)fetched.err.kind;
        if (kind != row->kind || atomic_load(&fetched.server.seen->gets) != row->gets)
            fail_msg("%s: %d '%s', %u GETs", row->title, kind, fetched.err.message,
                     atomic_load(&fetched.server.seen->gets));
        if (!fetched.state && !strstr(fetched.err.message, row->text))
            fail_msg("%s: '%s'", row->title, fetched.err.message);
        if (fetched.state) {
            assert_int_equal(fetched.state->company_count, row->company_count);
            const char *id = fetched.state->companies[row->company_count - 1].company_id;
            assert_true(id && row->text ? strcmp(id, row->text) == 0 : id == row->text);
        }
        end(&fetched);
    }
}

static void test_forbidden_account_is_told(void **state)
{
    (void)state;
    struct server_step steps[] = {
        STEP("/account", "403 No",
             "{\"error\": \"API key is missing required scope: account:read\"}"),
        SYNCS};
    struct fetched fetched = fetch(steps, COUNT(steps), &syncs_of_own);
    assert_non_null(fetched.state);
    assert_int_equal(fetched.state->account_status, RCN_READ_FORBIDDEN);
    assert_string_equal(fetched.state->account_problem,
                        "GET /account: 403: this key lacks the scope account:read");
    end(&fetched);
}

/* --- lists --- */

static void test_bad_lists_are_errors(void **state)
{
    (void)state;
    static const struct {
        const char *answer;
        const char *message;
    } rows[] = {
        {ANSWER("200 OK", ""), "an empty answer"},
        {ANSWER("204 No Content", ""), "an empty answer"},
        {ANSWER("200 OK", "<html>"), "an HTML page"},
        {ANSWER("200 OK", "{\"audienceSyncs\": ["), "not valid JSON"},
        {ANSWER("200 OK", "{\"success\": false, \"audienceSyncs\": []}"), "'success'"},
        {ANSWER("206 Part", "{\"audienceSyncs\": []}"), "206"},
        {ANSWER("302 Found", ""), "302"},
        {ANSWER("403 No", "{\"error\": \"API key is missing required scopes: a, b\"}"),
         "this key lacks the scopes a, b"},
        {ANSWER("404 No", "{\"error\": \"No active integration\"}"),
         "404: No active integration (is the Meta integration connected"},
        {"HTTP/1.1 200 OK\r\nConnection: close\r\nLink: </x>; rel=\"next\"\r\n\r\n"
         "{\"audienceSyncs\": []}",
         "the header Link"},
        {"HTTP/1.1 200 OK\r\nConnection: close\r\nX-Total-Count: 3\r\n\r\n"
         "{\"audienceSyncs\": []}",
         "it has 0, but a header says 3"},
        {ANSWER("200 OK", "{\"audienceSyncs\": [], \"nextCursor\": \"x\"}"), "'nextCursor'"},
        {ANSWER("200 OK", "{\"audienceSyncs\": [{\"id\": seq_test_key}]}"), "not valid JSON"},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct server_step steps[] = {ACCOUNT_1, {.bytes = rows[i].answer, .end = SERVER_CLOSE}};
        struct fetched fetched = fetch(steps, COUNT(steps), &syncs_of_own);
        if (fetched.state || !strstr(fetched.err.message, rows[i].message) ||
            !strstr(fetched.err.message, "GET /audience-syncs") ||
            strstr(fetched.err.message, "seq_test_key"))
            fail_msg("%s: '%s'", rows[i].answer, fetched.err.message);
        assert_int_equal(fetched.err.kind, RCN_ERROR_FAILED);
        end(&fetched);
    }
}

static void test_supporting_lists_are_data(void **state)
{
    (void)state;
    struct server_step steps[] = {
        ACCOUNT_1, SYNCS,
        STEP("/ad-accounts", "403 No", "{\"error\": \"API key is missing required scope: x:y\"}"),
        STEP("/segments", "200 OK", "{\"segments\": [{\"name\": \"no id\"}]}")};
    struct fetched fetched = fetch(steps, COUNT(steps), &all_of_own);
    assert_non_null(fetched.state);
    const struct rcn_live_company *company = &fetched.state->companies[0];
    assert_int_equal(company->ad_accounts_status, RCN_READ_FORBIDDEN);
    assert_string_equal(company->ad_accounts_problem,
                        "GET /ad-accounts: 403: this key lacks the scope x:y");
    assert_int_equal(company->segments_status, RCN_READ_FAILED);
    assert_string_equal(company->segments_problem, "GET /segments: segments[0]: 'id' is absent");
    assert_int_equal(company->ad_account_count, 0);
    assert_int_equal(company->segment_count, 0);
    end(&fetched);
}

/* --- pages --- */

#define PAGE_STEP(query, body) STEP("/audience-syncs" query, "200 OK", body)

static void test_pages(void **state)
{
    (void)state;
    static const struct {
        const char *title;
        struct server_step steps[6];
        unsigned gets;
        int syncs;        /* -1: an error */
        const char *text; /* part of its message */
    } rows[] = {
        {"two pages",
         {PAGE_STEP("", PAGE(SYNC("s1") "," SYNC("s2"), "0", "3", "true")),
          PAGE_STEP("?limit=2&offset=2", PAGE(SYNC("s3"), "2", "3", "false"))},
         2,
         3,
         ""},
        {"a short page in between",
         {PAGE_STEP("", PAGE(SYNC("s1"), "0", "2", "true")),
          PAGE_STEP("?limit=2&offset=1", PAGE(SYNC("s2"), "1", "2", "false"))},
         2,
         2,
         ""},
        {"a changed list, whole the second time",
         {PAGE_STEP("", PAGE(SYNC("s1") "," SYNC("s2"), "0", "3", "true")),
          PAGE_STEP("?limit=2&offset=2", PAGE(SYNC("s2"), "2", "3", "false")),
          PAGE_STEP("", PAGE(SYNC("s1") "," SYNC("s2"), "0", "3", "true")),
          PAGE_STEP("?limit=2&offset=2", PAGE(SYNC("s3"), "2", "3", "false"))},
         4,
         3,
         ""},
        {"an id on two pages, twice",
         {PAGE_STEP("", PAGE(SYNC("s1") "," SYNC("s2"), "0", "3", "true")),
          PAGE_STEP("?limit=2&offset=2", PAGE(SYNC("s2"), "2", "3", "false"))},
         4,
         -1,
         "an id is on two pages, twice"},
        {"fewer than the total",
         {PAGE_STEP("", PAGE(SYNC("s1"), "0", "2", "false"))},
         2,
         -1,
         "not as many as its total, twice"},
        {"more than the total",
         {PAGE_STEP("", PAGE(SYNC("s1") "," SYNC("s2"), "0", "1", "false"))},
         2,
         -1,
         "not as many as its total"},
        {"all, and yet more",
         {PAGE_STEP("", PAGE(SYNC("s1"), "0", "1", "true"))},
         2,
         -1,
         "not as many as its total"},
        {"a total that grows",
         {PAGE_STEP("", PAGE(SYNC("s1") "," SYNC("s2"), "0", "3", "true")),
          PAGE_STEP("?limit=2&offset=2", PAGE(SYNC("s3"), "2", "4", "true"))},
         4,
         -1,
         "its total changed"},
        {"an empty page with more",
         {PAGE_STEP("", PAGE("", "0", "3", "true"))},
         1,
         -1,
         "the page is empty"},
        {"another offset than asked for",
         {PAGE_STEP("", PAGE(SYNC("s1") "," SYNC("s2"), "0", "3", "true")),
          PAGE_STEP("?limit=2&offset=2", PAGE(SYNC("s3"), "0", "3", "false"))},
         2,
         -1,
         "the page begins at 0 where 2 was asked for"},
        {"a first page that is not the first",
         {PAGE_STEP("", PAGE(SYNC("s1"), "1", "2", "false"))},
         1,
         -1,
         "the page begins at 1 where 0 was asked for"},
        {"a second page without pagination",
         {PAGE_STEP("", PAGE(SYNC("s1") "," SYNC("s2"), "0", "3", "true")),
          PAGE_STEP("?limit=2&offset=2", "{\"audienceSyncs\": [" SYNC("s3") "]}")},
         2,
         -1,
         "has no pagination"},
        {"a second page that fails",
         {PAGE_STEP("", PAGE(SYNC("s1") "," SYNC("s2"), "0", "3", "true")),
          STEP("/audience-syncs?limit=2&offset=2", "400 No", "{\"error\": \"bad offset\"}")},
         2,
         -1,
         "GET /audience-syncs?limit=2&offset=2: 400: bad offset"},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct server_step steps[7] = {ACCOUNT_1};
        unsigned count = 1;
        for (; count <= 6 && rows[i].steps[count - 1].bytes; count++)
            steps[count] = rows[i].steps[count - 1];
        struct fetched fetched = fetch(steps, count, &syncs_of_own);
        int syncs = fetched.state ? (int)fetched.state->companies[0].sync_count : -1;
        unsigned gets = atomic_load(&fetched.server.seen->gets) - 1;
        if (syncs != rows[i].syncs || !strstr(fetched.err.message, rows[i].text) ||
            gets != rows[i].gets)
            fail_msg("%s: %d, %u GETs, '%s'", rows[i].title, syncs, gets, fetched.err.message);
        end(&fetched);
    }
}

/* --- again --- */

static void test_read_again(void **state)
{
    (void)state;
    struct server_step steps[] = {
        ACCOUNT_1, SYNCS, AD_ACCOUNTS, SEGMENTS,
        STEP("/audience-syncs", "200 OK", "{\"audienceSyncs\": [" SYNC("s3") "]}")};
    struct fetched fetched = fetch(steps, COUNT(steps), &all_of_own);
    assert_non_null(fetched.state);
    struct rcn_live_state *again =
        rcn_reading_again(fetched.api, fetched.state, NULL, false, &fetched.err);
    assert_non_null(again);
    assert_int_equal(atomic_load(&fetched.server.seen->gets), 5);
    assert_true(strcmp(get_digest(again), get_digest(fetched.state)) != 0);
    rcn_live_state_free(fetched.state);
    fetched.state = again;
    const struct rcn_live_company *company = &again->companies[0];
    assert_int_equal(again->company_count, 1);
    assert_string_equal(company->company_id, "c1");
    assert_string_equal(company->name, "Acme");
    assert_int_equal(company->sync_count, 1);
    assert_string_equal(company->syncs[0].sync.id, "s3");
    assert_string_equal(again->own_company_id, "c1");
    end(&fetched);
}

#define ACCOUNT_OF(type, current)                                                                  \
    STEP("/account", "200 OK",                                                                     \
         "{\"companies\": [{\"id\": \"" current "\"}], \"currentCompanyId\": \"" current           \
         "\", \"apiKeyPermissions\": {\"activeKey\": {\"type\": \"" type "\"}}}")

/* Without x-company-id the key's company can change between two reads. */
static void test_read_again_of_another_company(void **state)
{
    (void)state;
    static const struct {
        struct server_step again;
        const char *message; /* NULL: it is read */
        unsigned gets;
    } rows[] = {
        {ACCOUNT_OF("company", "c1"), NULL, 4},
        {ACCOUNT_OF("company", "c2"), "was 'c1', but is 'c2' now", 4},
        {STEP("/account", "403 No", "{\"error\": \"no\"}"), "but is 'unknown' now", 4},
        {STEP("/account", "404 No", "no"), "GET /account: 404: no", 4},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct server_step steps[] = {ACCOUNT_OF("company", "c1"), SYNCS, rows[i].again};
        struct fetched fetched = fetch(steps, COUNT(steps), &syncs_of_own);
        assert_non_null(fetched.state);
        assert_false(fetched.state->companies[0].is_sent);
        struct rcn_live_state *again =
            rcn_reading_again(fetched.api, fetched.state, NULL, true, &fetched.err);
        assert_int_equal(again == NULL, rows[i].message != NULL);
        if (rows[i].message)
            assert_non_null(strstr(fetched.err.message, rows[i].message));
        assert_int_equal(atomic_load(&fetched.server.seen->gets), rows[i].gets);
        rcn_live_state_free(again);
        end(&fetched);
    }
}

/* A personal key's settled company is named from then on, so /account need not be read again. */
static void test_personal_key_names_its_company(void **state)
{
    (void)state;
    struct server_step steps[] = {ACCOUNT_OF("personal", "c1"), SYNCS};
    struct fetched fetched = fetch(steps, COUNT(steps), &syncs_of_own);
    assert_non_null(fetched.state);
    assert_true(fetched.state->companies[0].is_sent);
    assert_false(fetched.state->companies[0].is_named);
    assert_null(strstr(fetched.server.seen->last_request, "x-company-id"));
    struct rcn_live_state *again =
        rcn_reading_again(fetched.api, fetched.state, NULL, true, &fetched.err);
    assert_non_null(again);
    assert_int_equal(atomic_load(&fetched.server.seen->gets), 3);
    assert_non_null(strstr(fetched.server.seen->last_request, "x-company-id: c1\r\n"));
    rcn_live_state_free(again);
    end(&fetched);
}

/* The named company and the key's own are one, and nothing but the list says so. */
static void test_company_is_not_read_twice(void **state)
{
    (void)state;
    struct server_step steps[] = {STEP("/account", "403 No", "{\"error\": \"no\"}"), SYNCS};
    struct rcn_live_request request = name(named_1, true);
    struct fetched fetched = fetch(steps, COUNT(steps), &request);
    assert_non_null(fetched.state);
    assert_int_equal(fetched.state->company_count, 1);
    assert_string_equal(fetched.state->companies[0].company_id, "c1");
    assert_string_equal(fetched.state->own_company_id, "c1");
    end(&fetched);
}

static void test_age_of_the_list(void **state)
{
    (void)state;
    struct server_step steps[] = {
        ACCOUNT_1,
        {.target = "/api/v1/audience-syncs",
         .bytes = "HTTP/1.1 200 OK\r\nAge: 7\r\nConnection: close\r\n\r\n{\"audienceSyncs\": []}",
         .end = SERVER_CLOSE}};
    int64_t before_ms = rcn_clock_steady_ms();
    struct fetched fetched = fetch(steps, COUNT(steps), &syncs_of_own);
    assert_non_null(fetched.state);
    const struct rcn_live_company *company = &fetched.state->companies[0];
    int64_t now_ms = rcn_clock_steady_ms();
    assert_in_range(company->began_ms + 7000, before_ms, now_ms);
    assert_in_range(company->ended_ms, before_ms, now_ms);
    end(&fetched);
}

/* A firewall's page is not the API saying that the key may not. */
static void test_forbidden_by_a_firewall(void **state)
{
    (void)state;
    struct server_step account[] = {STEP("/account", "403 No", "<html>blocked"), SYNCS};
    struct fetched fetched = fetch(account, COUNT(account), &syncs_of_own);
    assert_null(fetched.state);
    assert_non_null(strstr(fetched.err.message, "403: an HTML page"));
    end(&fetched);
    struct server_step segments[] = {ACCOUNT_1, SYNCS, AD_ACCOUNTS,
                                     STEP("/segments", "403 No", "<html>blocked")};
    fetched = fetch(segments, COUNT(segments), &all_of_own);
    assert_non_null(fetched.state);
    assert_int_equal(fetched.state->companies[0].segments_status, RCN_READ_FAILED);
    end(&fetched);
}

static int set_up(void **state)
{
    (void)state;
    struct rcn_error err = RCN_ERROR_INIT;
    return rcn_secret_init(&key, "seq_test_key", "key", &err);
}

static int tear_down(void **state)
{
    (void)state;
    rcn_secret_release(&key);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_everything_of_the_own_company),
        cmocka_unit_test(test_digest),
        cmocka_unit_test(test_settling),
        cmocka_unit_test(test_forbidden_account_is_told),
        cmocka_unit_test(test_bad_lists_are_errors),
        cmocka_unit_test(test_supporting_lists_are_data),
        cmocka_unit_test(test_pages),
        cmocka_unit_test(test_read_again),
        cmocka_unit_test(test_read_again_of_another_company),
        cmocka_unit_test(test_personal_key_names_its_company),
        cmocka_unit_test(test_company_is_not_read_twice),
        cmocka_unit_test(test_age_of_the_list),
        cmocka_unit_test(test_forbidden_by_a_firewall),
    };
    signal(SIGPIPE, SIG_IGN);
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
