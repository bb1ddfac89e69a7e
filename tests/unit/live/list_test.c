#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "live/list.h"
#include "model/live_state.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))
#define ITEM "{\"id\": \"s1\", \"adAccountId\": \"act_1\", \"audienceName\": \"A\"}"
#define ITEM2 "{\"id\": \"s2\", \"adAccountId\": \"act_1\", \"audienceName\": \"B\"}"
#define LIST(items) "{\"success\": true, \"audienceSyncs\": [" items "]}"
#define FIELD(text)                                                                                \
    LIST("{\"id\": \"s1\", \"adAccountId\": \"act_1\", \"audienceName\": \"A\", " text "}")
#define BESIDE(text) "{\"audienceSyncs\": [" ITEM "], " text "}"
#define PAGED(text) BESIDE("\"pagination\": " text)

struct judged {
    struct rcn_arena *arena;
    struct rcn_list list;
    const struct rcn_live_sync *syncs;
    size_t count;
    struct rcn_page page;
    struct rcn_error err;
    int result;
};

/* Judges a body as the next page of what is there. */
static void add(struct judged *judged, const char *body, size_t len)
{
    bool is_repaired;
    char *copy = malloc(len + 1);
    assert_non_null(copy);
    memcpy(copy, body, len);
    copy[len] = '\0';
    struct rcn_json *root = rcn_json_parse_repaired(copy, len, &is_repaired, &judged->err);
    judged->result =
        root ? rcn_list_add_page(&judged->list, root, is_repaired, &judged->page, &judged->err)
             : -1;
    rcn_json_free(root);
    free(copy);
    if (judged->result == 0) {
        judged->syncs = judged->list.rows;
        judged->count = judged->list.count;
    }
}

static struct judged judge(const char *body, size_t len)
{
    struct judged judged = {.arena = rcn_arena_new((size_t)64 << 20), .err = RCN_ERROR_INIT};
    rcn_list_init(&judged.list, &rcn_list_of_syncs, NULL, judged.arena);
    add(&judged, body, len);
    return judged;
}

static void release(struct judged *judged)
{
    rcn_list_release(&judged->list);
    rcn_arena_free(judged->arena);
}

struct good_row {
    const char *body;
    size_t count;
    bool is_paged;
};

static const struct good_row good_rows[] = {
    {LIST(""), 0, false},
    {"{\"audienceSyncs\": []}", 0, false},
    {"{\"success\": null, \"audienceSyncs\": []}", 0, false},
    {"  {\"audienceSyncs\": []}\n", 0, false},
    {LIST(ITEM), 1, false},
    {LIST(ITEM ", " ITEM2), 2, false},
    {FIELD("\"unknown\": {\"next\": [1]}"), 1, false},
    {FIELD("\"frequency\": null, \"isActive\": null, \"lastSyncedCount\": null"), 1, false},
    {FIELD("\"frequency\": \"fortnightly\", \"syncStatus\": \"dreaming\""), 1, false},
    {FIELD("\"lastSyncedCount\": 12.0"), 1, false},
    {FIELD("\"adAccounts\": 5"), 1, false},
    {BESIDE("\"requestId\": \"r1\""), 1, false},
    {BESIDE("\"meta\": {\"requestId\": \"r1\", \"took\": 5}"), 1, false},
    {BESIDE("\"pagination\": null"), 1, false},
    {BESIDE("\"nextCursor\": null, \"hasMore\": false, \"next\": \"\""), 1, false},
    {BESIDE("\"links\": {\"self\": \"/a\", \"next\": null}"), 1, false},
    {BESIDE("\"total\": 1, \"count\": 1"), 1, false},
    {BESIDE("\"pageInfo\": {\"hasNextPage\": false, \"endCursor\": null}"), 1, false},
    {BESIDE("\"links\": [{\"rel\": \"self\", \"href\": \"/a\"}]"), 1, false},
    {BESIDE("\"done\": true, \"isLast\": true, \"last\": \"/a\""), 1, false},
    {BESIDE("\"total\": \"1\", \"totalItems\": null"), 1, false},
    {BESIDE("\"page\": \"1.0\""), 1, false},
    {BESIDE("\"limit\": 100, \"offset\": 0, \"page\": 1, \"totalPages\": 1"), 1, false},
    {BESIDE("\"plan\": {\"limit\": 1, \"next\": \"pro\", \"total\": 500}"), 1, false},
    {BESIDE("\"meta\": {\"usage\": {\"count\": 7, \"next\": \"/b\"}}"), 1, false},
    {BESIDE("\"summary\": [{\"next\": \"/b\"}], \"aVeryLongNameOfAThingThatHoldsNothing\": {}"), 1,
     false},
    {BESIDE("\"totalSubscribers\": 5000, \"moreInfo\": \"/docs\""), 1, false},
    {PAGED("{\"limit\": 1, \"offset\": 0, \"total\": 1, \"hasMore\": false}"), 1, true},
    {PAGED("{\"limit\": 1, \"offset\": 0, \"total\": 9, \"hasMore\": true, \"count\": 1}"), 1,
     true},
    {PAGED("{\"limit\": 50, \"offset\": 0, \"total\": 1, \"hasMore\": false, \"count\": null}"), 1,
     true},
    {PAGED("{\"limit\": 1, \"offset\": 0, \"total\": 9, \"hasMore\": true, \"nextOffset\": 1}"), 1,
     true},
    {PAGED("{\"limit\": 1, \"offset\": 0, \"total\": 1, \"hasMore\": false, \"nextOffset\": null}"),
     1, true},
};

static void test_good_bodies(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(good_rows); i++) {
        const struct good_row *row = &good_rows[i];
        struct judged judged = judge(row->body, strlen(row->body));
        if (judged.result || judged.count != row->count || judged.page.is_paged != row->is_paged)
            fail_msg("%s: %d, %zu, %s", row->body, judged.result, judged.count, judged.err.message);
        release(&judged);
    }
}

static const struct {
    const char *body;
    const char *message; /* part of it */
} bad_rows[] = {
    /* not one whole JSON value */
    {"", "JSON"},
    {" ", "JSON"},
    {"{", "JSON"},
    {"{\"success\": true, \"audienceSyncs\": [", "JSON"},
    {"{\"success\": true, \"audienceSyncs\": [" ITEM, "JSON"},
    {"{\"success\": true, \"audienceSyncs\": [" ITEM ",", "JSON"},
    {"{\"success\": true, \"audienceSyncs\": [" ITEM "]", "JSON"},
    {LIST(ITEM) "x", "JSON"},
    {LIST(ITEM) LIST(""), "JSON"},
    {LIST(ITEM ","), "JSON"},
    {"\xef\xbb\xbf" LIST(ITEM), "JSON"},
    {"<!doctype html><html></html>", "JSON"},
    {"{'audienceSyncs': []}", "JSON"},
    {LIST(ITEM) "// comment", "JSON"},
    {FIELD("\"lastSyncedCount\": NaN"), "JSON"},
    /* a key that comes twice */
    {"{\"audienceSyncs\": [], \"audienceSyncs\": [" ITEM "]}", "JSON"},
    {"{\"success\": false, \"success\": true, \"audienceSyncs\": []}", "JSON"},
    {FIELD("\"id\": \"s2\""), "JSON"},
    /* not the object that was asked for */
    {"null", "not an object"},
    {"[]", "not an object"},
    {"[" ITEM "]", "not an object"},
    {"\"ok\"", "not an object"},
    {"true", "not an object"},
    {"{}", "'audienceSyncs' is absent"},
    {"{\"success\": true}", "'audienceSyncs' is absent"},
    {"{\"success\": true, \"data\": []}", "'audienceSyncs' is absent"},
    {"{\"success\": true, \"AudienceSyncs\": []}", "'audienceSyncs' is absent"},
    {"{\"data\": {\"audienceSyncs\": []}}", "'audienceSyncs' is absent"},
    {"{\"audienceSyncs\": null}", "'audienceSyncs' is null"},
    {"{\"audienceSyncs\": {}}", "'audienceSyncs' is an object"},
    {"{\"audienceSyncs\": \"\"}", "'audienceSyncs' is a string"},
    {"{\"audienceSyncs\": 0}", "'audienceSyncs' is a number"},
    {"{\"success\": false, \"audienceSyncs\": []}", "'success'"},
    {"{\"success\": \"true\", \"audienceSyncs\": []}", "'success'"},
    {"{\"success\": 1, \"audienceSyncs\": []}", "'success'"},
    {"{\"success\": false, \"error\": \"database down\"}", "'success' is not true: database down"},
    {"{\"error\": \"database down\"}", "'audienceSyncs' is absent: database down"},
    /* items */
    {LIST("null"), "audienceSyncs[0]: it is null"},
    {LIST("[]"), "audienceSyncs[0]: it is an array"},
    {LIST("\"s1\""), "audienceSyncs[0]: it is a string"},
    {LIST(ITEM ", 5"), "audienceSyncs[1]: it is a number"},
    {LIST("{}"), "'id' is absent"},
    {LIST("{\"id\": 5, \"adAccountId\": \"act_1\", \"audienceName\": \"A\"}"), "'id' is a number"},
    {LIST("{\"id\": null, \"adAccountId\": \"act_1\", \"audienceName\": \"A\"}"), "'id' is null"},
    {LIST("{\"id\": \"\", \"adAccountId\": \"act_1\", \"audienceName\": \"A\"}"), "'id' is empty"},
    {LIST("{\"id\": \"s1\", \"audienceName\": \"A\"}"), "'adAccountId' is absent"},
    {LIST("{\"id\": \"s1\", \"adAccountId\": null, \"audienceName\": \"A\"}"), "'adAccountId'"},
    {LIST("{\"id\": \"s1\", \"adAccountId\": \"act_1\"}"), "'audienceName' is absent"},
    {LIST("{\"id\": \"s1\", \"adAccountId\": \"act_1\", \"audienceName\": 5}"), "'audienceName'"},
    {LIST("{\"id\": \"s1\", \"adAccountId\": \"act_1\", \"audienceName\": null}"),
     "'audienceName'"},
    {LIST(ITEM ", " ITEM), "audienceSyncs[1]: duplicate id 's1'"},
    {FIELD("\"segmentId\": 5"), "'segmentId' is a number"},
    {FIELD("\"segmentName\": {}"), "'segmentName'"},
    {FIELD("\"frequency\": []"), "'frequency'"},
    {FIELD("\"isActive\": \"true\""), "'isActive' is a string"},
    {FIELD("\"isActive\": 1"), "'isActive'"},
    {FIELD("\"syncStatus\": false"), "'syncStatus'"},
    {FIELD("\"lastSyncAt\": 1700000000"), "'lastSyncAt'"},
    {FIELD("\"lastSyncError\": {\"message\": \"x\"}"), "'lastSyncError'"},
    {FIELD("\"createdAt\": 5"), "'createdAt'"},
    {FIELD("\"lastSyncedCount\": \"5\""), "'lastSyncedCount'"},
    {FIELD("\"lastSyncedCount\": 1.5"), "'lastSyncedCount'"},
    {FIELD("\"lastSyncedCount\": 1e30"), "'lastSyncedCount'"},
    {FIELD("\"lastSyncedCount\": true"), "'lastSyncedCount'"},
    /* pages that are not understood */
    {PAGED("[]"), "'pagination' without"},
    {PAGED("false"), "'pagination' without"},
    {PAGED("{}"), "'pagination' without"},
    {PAGED("{\"page\": 1, \"limit\": 1, \"total\": 1, \"totalPages\": 1}"), "'pagination' without"},
    {PAGED("{\"limit\": 1, \"offset\": 0, \"hasMore\": false}"), "'pagination' without"},
    {PAGED("{\"limit\": 1, \"offset\": 0, \"total\": null, \"hasMore\": false}"), "without"},
    {PAGED("{\"limit\": 1, \"offset\": 0, \"total\": 1}"), "'pagination' without"},
    {PAGED("{\"limit\": \"1\", \"offset\": 0, \"total\": 1, \"hasMore\": false}"), "without"},
    {PAGED("{\"limit\": 1, \"offset\": 0, \"total\": 1, \"hasMore\": 0}"), "without"},
    {PAGED("{\"limit\": 1, \"offset\": 0.5, \"total\": 1, \"hasMore\": true}"), "without"},
    {PAGED("{\"limit\": 0, \"offset\": 0, \"total\": 1, \"hasMore\": true}"), "invalid"},
    {PAGED("{\"limit\": 1, \"offset\": -1, \"total\": 1, \"hasMore\": true}"), "invalid"},
    {PAGED("{\"limit\": 1, \"offset\": 0, \"total\": -1, \"hasMore\": true}"), "invalid"},
    {PAGED("{\"limit\": 1, \"offset\": 0, \"total\": 1, \"hasMore\": false, \"count\": 2}"),
     "count"},
    {PAGED(
         "{\"limit\": 1, \"offset\": 0, \"total\": 1, \"hasMore\": false, \"nextCursor\": \"x\"}"),
     "a next page"},
    {BESIDE("\"hasMore\": true"), "'hasMore'"},
    {BESIDE("\"has_more\": true"), "'has_more'"},
    {BESIDE("\"nextCursor\": \"abc\""), "'nextCursor'"},
    {BESIDE("\"next_cursor\": 5"), "'next_cursor'"},
    {BESIDE("\"cursor\": \"abc\""), "'cursor'"},
    {BESIDE("\"next\": \"https://api.example/audience-syncs?page=2\""), "'next'"},
    {BESIDE("\"nextOffset\": 100"), "'nextOffset'"},
    {BESIDE("\"page\": 2"), "'page'"},
    {BESIDE("\"page\": 1, \"totalPages\": 2"), "'totalPages'"},
    {BESIDE("\"limit\": 1"), "'limit'"},
    {BESIDE("\"limit\": \"1\""), "'limit'"},
    {BESIDE("\"offset\": 1"), "'offset'"},
    {BESIDE("\"links\": {\"next\": \"/a\"}"), "'next'"},
    {BESIDE("\"_links\": {\"next\": {\"href\": \"/a\"}}"), "'next'"},
    {BESIDE("\"page\": {\"totalPages\": 2}"), "'totalPages'"},
    {BESIDE("\"meta\": {\"page\": {\"last\": false}}"), "'last'"},
    {BESIDE("\"meta\": {\"pagination\": {\"limit\": 1, \"hasMore\": true}}"), "'pagination'"},
    {BESIDE("\"meta\": {\"pagination\": {\"from\": 1, \"to\": 10}}"), "'pagination'"},
    {BESIDE("\"meta\": {\"total\": 2}"), "'total'"},
    {BESIDE("\"pageInfo\": {\"hasNextPage\": true}"), "'hasNextPage'"},
    {BESIDE("\"paging\": {\"cursors\": {\"after\": \"x\"}}"), "'paging'"},
    {BESIDE("\"links\": [{\"rel\": \"self\", \"href\": \"/a\"}, {\"rel\": \"next\", \"href\": "
            "\"/b\"}]"),
     "'links'"},
    {BESIDE("\"next_page_uri\": \"/b\""), "'next_page_uri'"},
    {BESIDE("\"continuationToken\": \"x\""), "'continuationToken'"},
    {BESIDE("\"@odata.nextLink\": \"/b\""), "'@odata.nextLink'"},
    {BESIDE("\"isLast\": false, \"startAt\": 0"), "'isLast'"},
    {BESIDE("\"last\": false"), "'last'"},
    {BESIDE("\"done\": false"), "'done'"},
    {BESIDE("\"total\": \"2\""), "not whole"},
    {BESIDE("\"total\": \"0.5\""), "not whole"},
    {BESIDE("\"offset\": \"+1\""), "'offset'"},
    {BESIDE("\"total\": 2"), "not whole"},
    {BESIDE("\"totalCount\": 0"), "not whole"},
    {BESIDE("\"meta\": {\"total\": 250}"), "not whole"},
};

static void test_bad_bodies(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(bad_rows); i++) {
        struct judged judged = judge(bad_rows[i].body, strlen(bad_rows[i].body));
        if (!judged.result || !strstr(judged.err.message, bad_rows[i].message))
            fail_msg("%s: %d, %s", bad_rows[i].body, judged.result, judged.err.message);
        assert_int_equal(judged.err.kind, RCN_ERROR_FAILED);
        assert_int_equal(judged.count, 0);
        release(&judged);
    }
}

/* Every proper beginning of a good body is refused. */
static void test_every_cut(void **state)
{
    (void)state;
    static const char body[] = FIELD("\"segmentId\": \"seg\", \"isActive\": true, "
                                     "\"lastSyncedCount\": 12, \"lastSyncError\": null");
    for (size_t len = 0; len < sizeof body - 1; len++) {
        struct judged judged = judge(body, len);
        assert_int_equal(judged.result, -1);
        release(&judged);
    }
}

static void test_bytes_behind_a_nul(void **state)
{
    (void)state;
    static const char body[] = LIST(ITEM) "\0" LIST(ITEM2);
    struct judged judged = judge(body, sizeof body - 1);
    assert_int_equal(judged.result, -1);
    release(&judged);
}

static void test_deep_nesting(void **state)
{
    (void)state;
    enum { DEPTH = 200000 };
    static char body[DEPTH + 64];
    int head = snprintf(body, sizeof body, "{\"audienceSyncs\": [], \"x\": ");
    memset(body + head, '[', DEPTH);
    struct judged judged = judge(body, (size_t)head + DEPTH);
    assert_int_equal(judged.result, -1);
    release(&judged);
}

static void test_fields(void **state)
{
    (void)state;
    static const char body[] = LIST(
        "{\"id\": \"s1\", \"segmentId\": \"seg_1\", \"segmentName\": \"Recent buyers\","
        " \"adAccountId\": \"act_1\", \"audienceName\": \"A \\u00e9\", \"frequency\": \"daily\","
        " \"isActive\": false, \"syncStatus\": \"idle\", \"lastSyncAt\": null,"
        " \"lastSyncError\": \"e\", \"lastSyncedCount\": 0,"
        " \"createdAt\": \"2026-06-12T10:00:00.000Z\"},"
        "{\"id\": \"s2\", \"segmentId\": null, \"adAccountId\": \"act_1\", \"audienceName\": "
        "\"\"}");
    struct judged judged = judge(body, sizeof body - 1);
    assert_int_equal(judged.result, 0);
    assert_int_equal(judged.count, 2);
    const struct rcn_live_sync *first = &judged.syncs[0];
    const struct rcn_live_sync *second = &judged.syncs[1];
    assert_string_equal(first->sync.id, "s1");
    assert_string_equal(first->sync.segment_id, "seg_1");
    assert_string_equal(first->segment_name, "Recent buyers");
    assert_string_equal(first->sync.ad_account_id, "act_1");
    assert_string_equal(first->sync.audience_name, "A \xc3\xa9");
    assert_string_equal(first->sync.frequency, "daily");
    assert_int_equal(first->sync.is_active, RCN_FALSE);
    assert_string_equal(first->sync_status, "idle");
    assert_null(first->last_sync_at);
    assert_string_equal(first->last_sync_error, "e");
    assert_int_equal(first->last_synced_count, 0);
    assert_string_equal(first->created_at, "2026-06-12T10:00:00.000Z");
    assert_false(first->segment_is_null);
    assert_null(first->sync.predefined_segment_id);
    assert_string_equal(second->sync.id, "s2");
    assert_string_equal(second->sync.audience_name, "");
    assert_null(second->sync.segment_id);
    assert_true(second->segment_is_null);
    assert_int_equal(second->sync.is_active, RCN_ABSENT);
    assert_int_equal(second->last_synced_count, -1);
    release(&judged);
}

static void test_pages_add_up(void **state)
{
    (void)state;
    struct judged judged = judge(LIST(ITEM), strlen(LIST(ITEM)));
    add(&judged, LIST(ITEM2), strlen(LIST(ITEM2)));
    assert_int_equal(judged.result, 0);
    assert_int_equal(judged.count, 2);
    assert_string_equal(judged.syncs[0].sync.id, "s1");
    assert_string_equal(judged.syncs[1].sync.id, "s2");
    add(&judged, LIST(ITEM), strlen(LIST(ITEM)));
    assert_int_equal(judged.result, -1);
    assert_true(judged.list.has_repeat);
    assert_int_equal(judged.count, 2);
    release(&judged);
}

/* A message that was cut in the middle of a character stops nobody; in a name it is another name.
 */
static void test_invalid_characters(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        const char *shown;
    } rows[] = {
        {"cut \\ud83d", "cut \xef\xbf\xbd"},
        {"cut \\ude00!", "cut \xef\xbf\xbd!"},
        {"nul \\u0000.", "nul \xef\xbf\xbd."},
        {"cut \xf0\x9f", "cut \x7f\x7f"},
        {"a\nb", "a\x7f"
                 "b"},
        {"\\\\u0000 \\ud83d\\ude00 \\u00e9 \xff", "\\u0000 \xf0\x9f\x98\x80 \xc3\xa9 \x7f"}};
    for (size_t i = 0; i < COUNT(rows); i++) {
        char body[256];
        snprintf(body, sizeof body, FIELD("\"lastSyncError\": \"%s\""), rows[i].text);
        struct judged judged = judge(body, strlen(body));
        assert_int_equal(judged.result, 0);
        assert_string_equal(judged.syncs[0].last_sync_error, rows[i].shown);
        release(&judged);
        static const char *const identifiers[] = {"id", "adAccountId", "audienceName", "segmentId"};
        for (size_t j = 0; j < COUNT(identifiers); j++) {
            snprintf(body, sizeof body,
                     LIST("{\"id\": \"s1\", \"adAccountId\": \"act_1\", \"audienceName\": \"A\", "
                          "\"segmentId\": \"s\"}"));
            char *place = strstr(body, identifiers[j]) + strlen(identifiers[j]) + 4;
            char rest[256];
            snprintf(rest, sizeof rest, "%s", place);
            snprintf(place, sizeof body - (size_t)(place - body), "%s%s", rows[i].text, rest);
            judged = judge(body, strlen(body));
            assert_int_equal(judged.result, -1);
            assert_non_null(strstr(judged.err.message, "holds an invalid character"));
            release(&judged);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_good_bodies),  cmocka_unit_test(test_bad_bodies),
        cmocka_unit_test(test_every_cut),    cmocka_unit_test(test_bytes_behind_a_nul),
        cmocka_unit_test(test_deep_nesting), cmocka_unit_test(test_fields),
        cmocka_unit_test(test_pages_add_up), cmocka_unit_test(test_invalid_characters),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
