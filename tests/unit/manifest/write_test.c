/* What is written, word for word; that it reads back as the same is tests/cli/export.bats. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "manifest/write.h"

static void writes_scalars(void **state)
{
    static const struct {
        const char *text;
        const char *expected;
    } rows[] = {
        {"VIPs", "VIPs"},
        {"Sequenzy - VIPs (50 %)", "Sequenzy - VIPs (50 %)"},
        {"caf\xc3\xa9 \xe2\x9d\xa4\xef\xb8\x8f", "caf\xc3\xa9 \xe2\x9d\xa4\xef\xb8\x8f"},
        {"2024", "\"2024\""},
        {"0x1F", "\"0x1F\""},
        {"1e3", "\"1e3\""},
        {"2024 sale", "2024 sale"},
        {"null", "\"null\""},
        {"~", "\"~\""},
        {"True", "\"True\""},
        {"yes", "\"yes\""},
        {"Off", "\"Off\""},
        {"y", "\"y\""},
        {"yes please", "yes please"},
        {"2024-01-01", "\"2024-01-01\""},
        {"2024-01-01T10:00:00Z", "\"2024-01-01T10:00:00Z\""},
        {"12:30", "\"12:30\""},
        {"1_000", "\"1_000\""},
        {"0b11", "\"0b11\""},
        {"30 days", "30 days"},
        {"- x", "\"- x\""},
        {"-", "\"-\""},
        {"# x", "\"# x\""},
        {"a #x", "\"a #x\""},
        {"a#x", "a#x"},
        {"a: b", "\"a: b\""},
        {"a:b", "a:b"},
        {"a:", "\"a:\""},
        {"*a", "\"*a\""},
        {"&a", "\"&a\""},
        {"!a", "\"!a\""},
        {"[a", "\"[a\""},
        {"{a", "\"{a\""},
        {"'a'", "\"'a'\""},
        {"say \"a\\b\"", "say \"a\\b\""},
        {"\"a\\b\"", "\"\\\"a\\\\b\\\"\""},
        {"@a", "\"@a\""},
        {"<<", "\"<<\""},
        {"${X}", "$${X}"},
        {"$${X}", "$$${X}"},
        {"a: ${X}${", "\"a: $${X}$${\""},
        {" padded", "\" padded\""},
        {"a\tb\nc", "\"a\\x09b\\x0ac\""},
        {"", "\"\""},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct rcn_buf out;
        rcn_buf_init(&out, 1000);
        rcn_manifest_write_text(&out, rows[i].text);
        assert_false(out.failed);
        assert_string_equal(rcn_buf_get_str(&out), rows[i].expected);
        rcn_buf_release(&out);
    }
}

static struct rcn_live_sync live(const char *id, const char *name, const char *frequency)
{
    return (struct rcn_live_sync){.sync = {.id = id,
                                           .company_id = "comp_1",
                                           .ad_account_id = "act_1",
                                           .audience_name = name,
                                           .segment_id = "seg_1",
                                           .frequency = frequency,
                                           .is_active = RCN_TRUE}};
}

static void refuses_what_manifests_refuse(void **state)
{
    static char long_name[65538];
    memset(long_name, 'x', 65536);
    struct rcn_live_sync good = live("s", "a", "weekly");
    (void)state;
    assert_null(rcn_manifest_refuses(&good));
    good.sync.frequency = NULL;
    assert_null(rcn_manifest_refuses(&good));
    good.sync.audience_name = long_name;
    assert_null(rcn_manifest_refuses(&good));
    long_name[0] = '$';
    long_name[1] = '{';
    assert_string_equal(rcn_manifest_refuses(&good), "its audienceName is too long");
    static const char *const names[] = {"", " a", "a ", "a\xc2\xa0", "a\tb", "a\xe2\x80\xae"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        good.sync.audience_name = names[i];
        assert_non_null(rcn_manifest_refuses(&good));
    }
    struct rcn_live_sync bad = live("s", "a", "monthly");
    assert_string_equal(rcn_manifest_refuses(&bad), "its frequency is none that manifests know");
    bad = live("s", "a", "daily");
    bad.sync.ad_account_id = "act_";
    assert_non_null(rcn_manifest_refuses(&bad));
    bad = live("s", "a", "daily");
    bad.sync.segment_id = NULL;
    assert_string_equal(rcn_manifest_refuses(&bad), "it has no segmentId");
    bad.sync.segment_id = " ";
    assert_string_equal(rcn_manifest_refuses(&bad),
                        "its segmentId begins or ends with white space");
    bad = live("\n", "a", "daily");
    assert_string_equal(rcn_manifest_refuses(&bad), "its id begins or ends with white space");
}

static void writes_a_document(void **state)
{
    struct rcn_live_sync syncs[] = {live("s1", "a", "weekly"), live("s2", "b", "weekly"),
                                    live("s3", "b", NULL), live("s4", "c", "weekly")};
    const struct rcn_live_sync *order[] = {&syncs[0], &syncs[1], &syncs[2], &syncs[3]};
    const bool is_shared[] = {false, true, true, false};
    struct rcn_buf out;
    (void)state;
    syncs[0].segment_name = "x\n- y";
    syncs[3].sync.is_active = RCN_FALSE;
    rcn_buf_init(&out, 10000);
    rcn_manifest_write(&out, &(struct rcn_written_document){.company_id = "comp_1",
                                                            .company_name = "Acme",
                                                            .ad_account_id = "act_1",
                                                            .syncs = order,
                                                            .is_shared = is_shared,
                                                            .count = 4});
    assert_string_equal(rcn_buf_get_str(&out), "apiVersion: audiencectl/v1\n"
                                               "companyId: comp_1 # Acme\n"
                                               "defaults:\n"
                                               "  adAccountId: act_1\n"
                                               "  frequency: weekly\n"
                                               "audienceSyncs:\n"
                                               "  - audienceName: a\n"
                                               "    segmentId: seg_1 # x\\n- y\n"
                                               "  - audienceName: b\n"
                                               "    segmentId: seg_1\n"
                                               "    id: s2 # one of several with this name\n"
                                               "  - audienceName: b\n"
                                               "    segmentId: seg_1\n"
                                               "    frequency: daily\n"
                                               "    id: s3 # one of several with this name\n"
                                               "  - audienceName: c\n"
                                               "    segmentId: seg_1\n"
                                               "    isActive: false\n");
    rcn_buf_release(&out);
}

/* The default of a document is what most have: not what one of two has. */
static void chooses_a_default(void **state)
{
    static const struct {
        const char *frequencies[4];
        const char *expected;
    } rows[] = {
        {{"hourly"}, "  frequency: daily\n"},
        {{"hourly", "weekly"}, "  frequency: daily\n"},
        {{"hourly", "hourly"}, "  frequency: hourly\n"},
        {{"hourly", "hourly", "daily"}, "  frequency: hourly\n"},
        {{"hourly", "hourly", NULL, "daily"}, "  frequency: hourly\n"},
        {{"hourly", "hourly", "daily", "weekly"}, "  frequency: daily\n"},
    };
    static const bool none_is_shared[4];
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct rcn_live_sync syncs[4];
        const struct rcn_live_sync *order[4];
        size_t count = 0;
        struct rcn_buf out;
        for (size_t j = 0; j < 4; j++) {
            if (!rows[i].frequencies[j])
                continue;
            syncs[count] = live("s", "a", rows[i].frequencies[j]);
            order[count] = &syncs[count];
            count++;
        }
        rcn_buf_init(&out, 10000);
        rcn_manifest_write(&out, &(struct rcn_written_document){.ad_account_id = "act_1",
                                                                .syncs = order,
                                                                .is_shared = none_is_shared,
                                                                .count = count});
        assert_non_null(strstr(rcn_buf_get_str(&out), rows[i].expected));
        rcn_buf_release(&out);
    }
}

static void fails_with_its_buffer(void **state)
{
    struct rcn_live_sync sync = live("s1", "a", "weekly");
    const struct rcn_live_sync *order[] = {&sync};
    struct rcn_buf out;
    (void)state;
    rcn_buf_init(&out, 60);
    rcn_manifest_write(&out, &(struct rcn_written_document){.ad_account_id = "act_1",
                                                            .syncs = order,
                                                            .is_shared = (const bool[]){false},
                                                            .count = 1});
    assert_true(out.failed);
    rcn_buf_release(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(writes_scalars),        cmocka_unit_test(refuses_what_manifests_refuse),
        cmocka_unit_test(writes_a_document),     cmocka_unit_test(chooses_a_default),
        cmocka_unit_test(fails_with_its_buffer),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
