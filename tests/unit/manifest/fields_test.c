/* Values of single fields. */
#include "manifest_fixture.h"

#define NAMED(value) HEAD "- {segmentId: s, audienceName: " value "}\n"
#define SYNC(more) HEAD "- {audienceName: a, segmentId: s, " more "}\n"

static const struct told_row names[] = {
    {"plain", NAMED("Sequenzy - Recent buyers"), ""},
    {"empty", NAMED("''"), "4:32 bad-name\n"},
    {"padded in front", NAMED("' a'"), "4:32 bad-name\n"},
    {"padded behind", NAMED("'a '"), "4:32 bad-name\n"},
    {"padded with a no-break space", NAMED("\"a\\_\""), "4:32 bad-name\n"},
    {"padded with an ideographic space",
     NAMED("'\xe3\x80\x80"
           "a'"),
     "4:32 bad-name\n"},
    {"block scalar", HEAD "- segmentId: s\n  audienceName: |\n    a\n", "5:17 bad-name\n"},
    {"stripped block scalar", HEAD "- segmentId: s\n  audienceName: |-\n    a\n", ""},
    {"tab", NAMED("\"a\\tb\""), "4:32 bad-name\n"},
    {"NUL", NAMED("\"a\\0b\""), "4:32 bad-name\n"},
    {"escape", NAMED("\"a\\eb\""), "4:32 bad-name\n"},
    {"line feed", NAMED("\"a\\nb\""), "4:32 bad-name\n"},
    {"bidi override", NAMED("\"a\\u202eb\""), "4:32 bad-name\n"},
    {"zero-width space", NAMED("\"a\\u200bb\""), "4:32 bad-name\n"},
    {"byte order mark", NAMED("\"a\\ufeffb\""), "4:32 bad-name\n"},
    {"joiner between letters", NAMED("\"a\\u200db\""), "4:32 bad-name\n"},
    {"emoji with a joiner", NAMED("\"\\U0001F469\\u200D\\U0001F467\""), ""},
    {"emoji with a selector", NAMED("\"\\u2764\\uFE0F fans\""), ""},
    {"selector alone", NAMED("\"\\uFE0F fans\""), "4:32 bad-name\n"},
    {"Persian joiner", NAMED("\"\\u0645\\u06cc\\u200c\\u062e\\u0648\""), ""},
    {"wide", NAMED("\xe6\x97\xa5\xe6\x9c\xac"), ""},
    {"integer", NAMED("2024"), "4:32 wrong-type\n"},
    {"hexadecimal", NAMED("0x1F"), "4:32 wrong-type\n"},
    {"float", NAMED("1e3"), "4:32 wrong-type\n"},
    {"infinity", NAMED(".inf"), "4:32 wrong-type\n"},
    {"boolean", NAMED("true"), "4:32 wrong-type\n"},
    {"null", NAMED("null"), "4:32 wrong-type\n"},
    {"tilde", NAMED("~"), "4:32 wrong-type\n"},
    {"nothing", NAMED(""), "4:32 wrong-type\n"},
    {"list", NAMED("[a]"), "4:32 wrong-type\n"},
    {"mapping", NAMED("{a: b}"), "4:32 wrong-type\n"},
    {"yes is a string", NAMED("yes"), ""},
    {"date is a string", NAMED("2026-12-31"), ""},
};

static void judges_names(void **state)
{
    (void)state;
    CHECK_TOLD(names);
}

static const struct told_row others[] = {
    {"frequency", SYNC("frequency: dayly"), "4:46 bad-frequency\n"},
    {"frequency in capitals", SYNC("frequency: Daily"), "4:46 bad-frequency\n"},
    {"empty frequency", SYNC("frequency: ''"), "4:46 bad-frequency\n"},
    {"frequency as a number", SYNC("frequency: 1"), "4:46 wrong-type\n"},
    {"quoted frequency", SYNC("frequency: 'weekly'"), ""},
    {"active", SYNC("isActive: TRUE"), ""},
    {"inactive", SYNC("isActive: False"), ""},
    {"yes", SYNC("isActive: yes"), "4:45 wrong-type\n"},
    {"quoted true", SYNC("isActive: 'true'"), "4:45 wrong-type\n"},
    {"one", SYNC("isActive: 1"), "4:45 wrong-type\n"},
    {"null activity", SYNC("isActive: ~"), "4:45 wrong-type\n"},
    {"list of activity", SYNC("isActive: []"), "4:45 wrong-type\n"},
    {"account without act_", SYNC("adAccountId: '12'"), "4:48 bad-ad-account\n"},
    {"account without digits", SYNC("adAccountId: act_"), "4:48 bad-ad-account\n"},
    {"account with letters", SYNC("adAccountId: act_1x"), "4:48 bad-ad-account\n"},
    {"account in capitals", SYNC("adAccountId: ACT_1"), "4:48 bad-ad-account\n"},
    {"account with a space", SYNC("adAccountId: 'act_1 '"), "4:48 bad-ad-account\n"},
    {"account with NUL", SYNC("adAccountId: \"act_1\\0\""), "4:48 bad-ad-account\n"},
    {"account as a number", SYNC("adAccountId: 12"), "4:48 wrong-type\n"},
    {"pin", SYNC("id: sync_1"), ""},
    {"empty pin", SYNC("id: ''"), "4:39 bad-id\n"},
    {"padded pin", SYNC("id: 'a '"), "4:39 bad-id\n"},
    {"null pin", SYNC("id: "), "4:39 wrong-type\n"},
    {"empty segment", HEAD "- {audienceName: a, segmentId: ''}\n", "4:32 bad-id\n"},
    {"null beside a template",
     HEAD "- {audienceName: a, segmentId: ~, predefinedSegmentId: engaged}\n", "4:32 wrong-type\n"},
    {"both segments", HEAD "- {audienceName: a, segmentId: s, predefinedSegmentId: engaged}\n",
     "4:35 segment-choice > 4:21\n"},
    {"neither segment", HEAD "- {audienceName: a}\n", "4:3 segment-choice\n"},
    {"unknown template", HEAD "- {audienceName: a, predefinedSegmentId: recent-byers}\n",
     "?4:42 unknown-template\n"},
    {"empty template", HEAD "- {audienceName: a, predefinedSegmentId: ''}\n", "4:42 bad-id\n"},
    {"no name", HEAD "- {segmentId: s}\n", "4:3 missing-field\n"},
    {"no account",
     "apiVersion: audiencectl/v1\naudienceSyncs:\n- {audienceName: a, segmentId: s}\n",
     "3:3 missing-field\n"},
    {"an item that is null", HEAD "-\n", "4:2 wrong-type\n"},
    {"an item that is a string", HEAD "- a\n", "4:3 wrong-type\n"},
    {"all that is wrong with one item", HEAD "- {frequency: x, isActive: x, id: ''}\n",
     "4:3 missing-field\n4:3 segment-choice\n4:15 bad-frequency\n4:28 wrong-type\n"
     "4:35 bad-id\n"},
};

static void judges_other_fields(void **state)
{
    (void)state;
    CHECK_TOLD(others);
}

#define IGNORE(item) "apiVersion: audiencectl/v1\nignore:\n- {" item "}\n"

static const struct told_row ignores[] = {
    {"name", IGNORE("audienceName: 'Test *'"), ""},
    {"account", IGNORE("adAccountId: act_1"), ""},
    {"all", IGNORE("adAccountId: act_1, audienceName: ' *', reason: x, until: 2026-12-31"), ""},
    {"neither", IGNORE("reason: x"), "3:3 missing-field\n"},
    {"a bad account is there", IGNORE("adAccountId: x"), "3:17 bad-ad-account\n"},
    {"misspelled", IGNORE("audiencename: x"), "3:4 unknown-key\n"},
    {"key of a sync", IGNORE("adAccountId: act_1, segmentId: s"), "3:24 unknown-key\n"},
    {"no date", IGNORE("adAccountId: act_1, until: soon"), "3:31 bad-date\n"},
    {"no day", IGNORE("adAccountId: act_1, until: 2026-02-30"), "3:31 bad-date\n"},
    {"a year", IGNORE("adAccountId: act_1, until: 2026"), "3:31 wrong-type\n"},
    {"empty glob", IGNORE("audienceName: ''"), "3:18 bad-name\n"},
    {"null reason", IGNORE("adAccountId: act_1, reason: "), "3:32 wrong-type\n"},
    {"no list", "apiVersion: audiencectl/v1\nignore: {}\n", "2:9 wrong-type\n"},
};

static void judges_ignores(void **state)
{
    (void)state;
    CHECK_TOLD(ignores);
}

static void limits_length(void **state)
{
    (void)state;
    for (size_t over = 0; over < 2; over++) {
        struct rcn_buf text;
        struct fixture fixture;
        rcn_buf_init(&text, 1 << 20);
        rcn_buf_add_str(&text, HEAD "- {segmentId: s, audienceName: ");
        rcn_buf_add_repeat(&text, 'n', 65536 + over);
        rcn_buf_add_str(&text, "}\n");
        fixture_load(&fixture, rcn_buf_get_str(&text));
        assert_string_equal(rcn_buf_get_str(&fixture.told), over ? "4:32 limit\n" : "");
        fixture_release(&fixture);
        rcn_buf_release(&text);
    }
}

static void fills_in_defaults(void **state)
{
    (void)state;
    struct fixture fixture;
    fixture_load(&fixture, "apiVersion: audiencectl/v1\ncompanyId: c\n"
                           "defaults: {adAccountId: act_1, frequency: weekly, isActive: false}\n"
                           "audienceSyncs:\n"
                           "- {audienceName: a, segmentId: s}\n"
                           "- {audienceName: b, predefinedSegmentId: engaged, frequency: hourly,\n"
                           "   isActive: true, adAccountId: act_2, id: i}\n");
    assert_string_equal(rcn_buf_get_str(&fixture.told), "");
    assert_int_equal(fixture.set->count, 2);
    const struct rcn_desired_sync *a = &fixture.set->syncs[0];
    const struct rcn_desired_sync *b = &fixture.set->syncs[1];
    assert_string_equal(a->sync.company_id, "c");
    assert_string_equal(a->sync.ad_account_id, "act_1");
    assert_string_equal(a->sync.frequency, "weekly");
    assert_int_equal(a->sync.is_active, RCN_FALSE);
    assert_null(a->sync.id);
    assert_null(a->sync.predefined_segment_id);
    assert_int_equal(a->ad_account_span.line, 3);
    assert_int_equal(a->ad_account_span.column, 25);
    assert_string_equal(b->sync.ad_account_id, "act_2");
    assert_string_equal(b->sync.frequency, "hourly");
    assert_int_equal(b->sync.is_active, RCN_TRUE);
    assert_string_equal(b->sync.id, "i");
    assert_string_equal(b->sync.predefined_segment_id, "engaged");
    assert_null(b->sync.segment_id);
    assert_int_equal(b->location.line, 6);
    assert_int_equal(b->location.column, 3);
    assert_int_equal(b->segment_span.column, 42);
    assert_int_equal(b->id_span.line, 7);
    assert_int_equal(b->id_span.column, 44);
    fixture_release(&fixture);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(judges_names),      cmocka_unit_test(judges_other_fields),
        cmocka_unit_test(judges_ignores),    cmocka_unit_test(limits_length),
        cmocka_unit_test(fills_in_defaults),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
