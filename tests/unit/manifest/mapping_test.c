/* Keys: unknown, twice, merged. */
#include "manifest_fixture.h"

static const struct told_row unknown[] = {
    {"near miss explains what is missing", HEAD "- {audienceName: a, segmentID: s}\n",
     "4:21 unknown-key\n"},
    {"synonyms explain it too", HEAD "- {name: a, template: recent-buyers}\n",
     "4:4 unknown-key\n4:13 unknown-key\n"},
    {"nothing near", HEAD "- {audienceName: a, segmentId: s, colour: red}\n", "4:35 unknown-key\n"},
    {"key of the document", HEAD "- {audienceName: a, segmentId: s, companyId: c}\n",
     "4:35 unknown-key\n"},
    {"default at the top",
     "apiVersion: audiencectl/v1\nadAccountId: act_1\naudienceSyncs:\n- {audienceName: a, "
     "segmentId: s}\n",
     "2:1 unknown-key\n"},
    {"near miss of defaults",
     "apiVersion: audiencectl/v1\ndefault: {adAccountId: act_1}\naudienceSyncs:\n"
     "- {audienceName: a, segmentId: s}\n",
     "2:1 unknown-key\n"},
    {"near miss in defaults",
     "apiVersion: audiencectl/v1\ndefaults: {adAccountID: act_1}\naudienceSyncs:\n"
     "- {audienceName: a, segmentId: s}\n",
     "2:12 unknown-key\n"},
    {"not all keys are defaults",
     "apiVersion: audiencectl/v1\ndefaults: {segmentId: s}\naudienceSyncs: []\n",
     "2:12 unknown-key\n"},
    {"free keys at the top only",
     "apiVersion: audiencectl/v1\nx-a: {b: c, null: 1}\naudienceSyncs: []\nignore:\n"
     "- {adAccountId: act_1, x-b: 1}\n",
     "5:24 unknown-key\n"},
    {"a list as key", HEAD "- {audienceName: a, segmentId: s, [b]: c}\n", "4:35 wrong-type\n"},
};

static void tells_unknown_keys(void **state)
{
    (void)state;
    CHECK_TOLD(unknown);
}

static const struct told_row twice[] = {
    {"in an item", HEAD "- {audienceName: a, segmentId: s, audienceName: b}\n",
     "4:35 duplicate-key > 4:4\n"},
    {"at the top", "apiVersion: audiencectl/v1\naudienceSyncs: []\naudienceSyncs: []\n",
     "3:1 duplicate-key > 2:1\n"},
    {"in what is free", "apiVersion: audiencectl/v1\naudienceSyncs: []\nx-a: [{b: 1, b: 2}]\n",
     "3:14 duplicate-key > 3:8\n"},
    {"an unknown one", HEAD "- {audienceName: a, segmentId: s, c: 1, c: 2}\n",
     "4:35 unknown-key\n4:41 duplicate-key > 4:35\n"},
    {"merge key", HEAD "- {<<: {audienceName: a}, <<: {segmentId: s}}\n",
     "4:27 duplicate-key > 4:4\n"},
    {"quotes make no other key", HEAD "- {audienceName: a, segmentId: s, 'segmentId': t}\n",
     "4:35 duplicate-key > 4:21\n"},
    {"once, however often it is used",
     "apiVersion: audiencectl/v1\nx-a: &a {audienceName: a, audienceName: b, adAccountId: act_1}\n"
     "audienceSyncs:\n- {<<: *a, segmentId: s, id: i}\n- {<<: *a, segmentId: s, id: j}\n",
     "2:27 duplicate-key > 2:10\n"},
    {"three times", HEAD "- {audienceName: a, segmentId: s, id: a, id: b, id: c}\n",
     "4:42 duplicate-key > 4:35\n4:49 duplicate-key > 4:35\n"},
};

static void tells_duplicate_keys(void **state)
{
    (void)state;
    CHECK_TOLD(twice);
}

/* So many keys that a map looks for them. */
static void finds_duplicates_among_many(void **state)
{
    (void)state;
    struct rcn_buf text;
    struct fixture fixture;
    rcn_buf_init(&text, 1 << 20);
    rcn_buf_add_str(&text, "apiVersion: audiencectl/v1\naudienceSyncs: []\nx-a:\n");
    for (int i = 0; i < 1000; i++)
        rcn_buf_printf(&text, "  k%d: 1\n", i);
    rcn_buf_add_str(&text, "  k7: 2\n");
    fixture_load(&fixture, rcn_buf_get_str(&text));
    assert_string_equal(rcn_buf_get_str(&fixture.told), "1004:3 duplicate-key > 11:3\n");
    fixture_release(&fixture);
    rcn_buf_release(&text);
}

#define BASES                                                                                      \
    "apiVersion: audiencectl/v1\n"                                                                 \
    "x-a: &a {adAccountId: act_1, frequency: hourly}\n"                                            \
    "x-b: &b {frequency: weekly, segmentId: b}\n"                                                  \
    "x-bad: &bad {frequency: dayly, segmentID: s}\n"                                               \
    "audienceSyncs:\n"

static const struct told_row merged[] = {
    {"told at the definition, once",
     BASES "- {<<: [*a, *bad], audienceName: a, frequency: daily}\n"
           "- {<<: [*bad, *a], audienceName: b}\n- {<<: [*bad, *a], audienceName: c}\n",
     "4:25 bad-frequency > 7:9\n4:32 unknown-key > 6:13\n"},
    {"a value through an alias",
     BASES "- {<<: *a, audienceName: &n 12, segmentId: s}\n"
           "- {<<: *a, audienceName: *n, segmentId: s}\n",
     "6:29 wrong-type\n"},
    {"an alias to what is bad elsewhere",
     "apiVersion: audiencectl/v1\nx-n: &n ' n'\naudienceSyncs:\n"
     "- {adAccountId: act_1, audienceName: *n, segmentId: s}\n",
     "2:9 bad-name > 4:38\n"},
    {"not a mapping", HEAD "- {<<: 12, audienceName: a}\n", "4:8 wrong-type\n"},
    {"a list of no mappings", HEAD "- {<<: [{segmentId: s}, 12], audienceName: a}\n",
     "4:25 wrong-type\n"},
    {"what is missing in an aliased item",
     "apiVersion: audiencectl/v1\nx-a: &a {segmentId: s}\naudienceSyncs: [*a, *a]\n",
     "2:9 missing-field > 3:17\n2:9 missing-field > 3:17\n"},
    {"both segments, one merged",
     BASES "- {<<: [*a, *b], audienceName: a, predefinedSegmentId: "
           "engaged}\n",
     "6:35 segment-choice > 3:29\n"},
    {"a quoted << is a key", HEAD "- {'<<': {segmentId: s}, audienceName: a, segmentId: t}\n",
     "4:4 unknown-key\n"},
};

static void tells_merged_values_where_they_are(void **state)
{
    (void)state;
    CHECK_TOLD(merged);
}

static void merges_by_precedence(void **state)
{
    (void)state;
    struct fixture fixture;
    fixture_load(&fixture, BASES "- {audienceName: 1st, <<: [*a, *b]}\n"
                                 "- {audienceName: 2nd, <<: [*b, *a]}\n"
                                 "- {<<: [*b, *a], audienceName: 3rd, frequency: daily}\n"
                                 "- {<<: {<<: *b, adAccountId: act_2}, audienceName: 4th}\n"
                                 "- {<<: {<<: [*b, *a]}, audienceName: 5th}\n");
    static const char *const frequencies[] = {"hourly", "weekly", "daily", "weekly", "weekly"};
    static const char *const accounts[] = {"act_1", "act_1", "act_1", "act_2", "act_1"};
    assert_string_equal(rcn_buf_get_str(&fixture.told), "");
    assert_int_equal(fixture.set->count, 5);
    for (size_t i = 0; i < 5; i++) {
        const struct rcn_desired_sync *desired = &fixture.set->syncs[i];
        assert_string_equal(desired->sync.frequency, frequencies[i]);
        assert_string_equal(desired->sync.ad_account_id, accounts[i]);
        assert_string_equal(desired->sync.segment_id, "b");
        assert_int_equal(desired->location.line, 6 + i);
        assert_int_equal(desired->segment_span.line, 3);
    }
    fixture_release(&fixture);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tells_unknown_keys),
        cmocka_unit_test(tells_duplicate_keys),
        cmocka_unit_test(finds_duplicates_among_many),
        cmocka_unit_test(tells_merged_values_where_they_are),
        cmocka_unit_test(merges_by_precedence),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
