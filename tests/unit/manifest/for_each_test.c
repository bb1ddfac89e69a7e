/* One document for several entries: what is read, where it is, and what it may cost. */
#include "manifest_fixture.h"

#define FOR_EACH                                                                                   \
    "apiVersion: audiencectl/v1\n"                                                                 \
    "forEach:\n"                                                                                   \
    "- {A: x, N: act_1}\n"                                                                         \
    "- {A: y, N: act_2}\n"                                                                         \
    "defaults: {adAccountId: '${N}'}\n"                                                            \
    "audienceSyncs:\n"

static void reads_the_document_for_each_entry(void **state)
{
    (void)state;
    static const struct {
        const char *name, *account, *entry;
    } expected[] = {{"x a", "act_1", "A=x, N=act_1"},
                    {"x b", "act_1", "A=x, N=act_1"},
                    {"y a", "act_2", "A=y, N=act_2"},
                    {"y b", "act_2", "A=y, N=act_2"}};
    struct fixture fixture;
    fixture_load(&fixture, FOR_EACH "- {audienceName: '${A} a', segmentId: s}\n"
                                    "- {audienceName: '${A} b', segment: 'for ${A}'}\n");
    assert_string_equal(rcn_buf_get_str(&fixture.told), "");
    assert_int_equal(fixture.set->count, 4);
    for (size_t i = 0; i < 4; i++) {
        const struct rcn_desired_sync *desired = &fixture.set->syncs[i];
        assert_string_equal(desired->sync.audience_name, expected[i].name);
        assert_string_equal(desired->sync.ad_account_id, expected[i].account);
        assert_string_equal(desired->location.entry->label, expected[i].entry);
        assert_int_equal(desired->location.line, 7 + i % 2);
        /* What is nothing but a variable is edited where the entry is. */
        assert_int_equal(desired->ad_account_span.line, 3 + i / 2);
    }
    assert_string_equal(fixture.set->syncs[1].segment_name, "for x");
    assert_int_equal(fixture.set->syncs[1].segment_span.line, 8);
    assert_string_equal(fixture.set->syncs[3].segment_span.entry->label, "A=y, N=act_2");
    fixture_release(&fixture);
}

static const struct told_row rows[] = {
    {"an entry wins over what is defined elsewhere",
     FOR_EACH "- {audienceName: '${A}', segmentId: s}\n", ""},
    {"a constant is wrong once", FOR_EACH "- {audienceName: '${A}', segmentId: ' s'}\n",
     "7:37 bad-id\n"},
    {"a value of one entry is wrong there",
     "apiVersion: audiencectl/v1\nforEach: [{N: act_1}, {N: 12}, {N: act_3}]\naudienceSyncs:\n"
     "- {audienceName: a, segmentId: s, adAccountId: '${N}'}\n",
     "2:27 bad-ad-account > 4:48\n"},
    {"twice by two entries",
     "apiVersion: audiencectl/v1\nforEach: [{N: act_1}, {N: act_1}]\naudienceSyncs:\n"
     "- {audienceName: a, segmentId: s, adAccountId: '${N}'}\n",
     "4:3 duplicate-sync > 4:3\n"},
};

static void reports_each_cause_once(void **state)
{
    (void)state;
    CHECK_TOLD(rows);
}

/* A short text must not cost minutes. */
static void limits_what_is_read(void **state)
{
    (void)state;
    struct rcn_buf text;
    struct fixture fixture;
    rcn_buf_init(&text, 1 << 20);
    rcn_buf_add_str(&text, "apiVersion: audiencectl/v1\nforEach:\n");
    for (unsigned i = 0; i < 2000; i++)
        rcn_buf_printf(&text, "- {A: a%u}\n", i);
    rcn_buf_add_str(&text, "defaults: {labels: {a: '${A}'}}\naudienceSyncs:\n- &bad 1\n");
    for (unsigned i = 0; i < 999; i++)
        rcn_buf_add_str(&text, "- *bad\n");
    fixture_load(&fixture, rcn_buf_get_str(&text));
    assert_string_equal(rcn_buf_get_str(&fixture.told), "2005:8 wrong-type\n2005:8 limit\n");
    fixture_release(&fixture);
    rcn_buf_release(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_the_document_for_each_entry),
        cmocka_unit_test(reports_each_cause_once),
        cmocka_unit_test(limits_what_is_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
