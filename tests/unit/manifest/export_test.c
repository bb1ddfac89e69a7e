/* What is written, word for word; that it reads back as the same is tests/cli/export.bats. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "manifest/export.h"

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

struct exported {
    struct rcn_live_company company;
    struct rcn_live_state live;
    struct rcn_export what;
};

/* All syncs are of the company of the first one. */
static void export(struct exported *ret, struct rcn_live_sync *syncs, size_t count,
                   const char *company_name)
{
    ret->company = (struct rcn_live_company){.company_id = syncs->sync.company_id,
                                             .name = company_name,
                                             .syncs = syncs,
                                             .sync_count = count};
    ret->live = (struct rcn_live_state){
        .arena = rcn_arena_new(SIZE_MAX), .companies = &ret->company, .company_count = 1};
    ret->what = rcn_export_all(&ret->live);
    rcn_export_write(&ret->what, &ret->live, NULL, false);
}

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
        struct rcn_live_sync sync = live("s", "a", "daily");
        sync.sync.company_id = rows[i].text;
        struct exported exported;
        export(&exported, &sync, 1, NULL);
        const char *line = strstr(exported.what.files->bytes, "companyId: ") + 11;
        size_t len = strlen(rows[i].expected);
        if (strncmp(line, rows[i].expected, len) != 0 || line[len] != '\n')
            fail_msg("%s is %s", rows[i].text, line);
        rcn_arena_free(exported.live.arena);
    }
}

static void check_refused(struct rcn_live_sync sync, const char *expected)
{
    struct exported exported;
    export(&exported, &sync, 1, NULL);
    const char *refused = exported.what.items->refused;
    assert_string_equal(refused ? refused : "", expected);
    assert_int_equal(exported.what.left_out, *expected != '\0');
    rcn_arena_free(exported.live.arena);
}

static void refuses_what_manifests_refuse(void **state)
{
    static char long_name[65538];
    memset(long_name, 'x', 65536);
    (void)state;
    check_refused(live("s", "a", "weekly"), "");
    check_refused(live("s", "a", NULL), "");
    check_refused(live("s", long_name, NULL), "");
    long_name[0] = '$';
    long_name[1] = '{';
    check_refused(live("s", long_name, NULL), "its audienceName is too long");
    check_refused(live("s", "", NULL), "its audienceName is empty");
    static const char *const padded[] = {" a", "a ", "a\xc2\xa0", "\ta"};
    for (size_t i = 0; i < sizeof padded / sizeof *padded; i++)
        check_refused(live("s", padded[i], NULL),
                      "its audienceName begins or ends with white space");
    check_refused(live("s", "a\tb", NULL),
                  "its audienceName holds a control or invisible character");
    check_refused(live("s", "a\xe2\x80\xae", NULL),
                  "its audienceName holds a control or invisible character");
    check_refused(live("s", "a", "monthly"), "its frequency is none that manifests know");
    struct rcn_live_sync bad = live("s", "a", "daily");
    bad.sync.ad_account_id = "act_";
    check_refused(bad, "its adAccountId is not 'act_' and digits");
    bad = live("s", "a", "daily");
    bad.sync.segment_id = NULL;
    check_refused(bad, "it has no segmentId");
    bad.sync.segment_id = " ";
    check_refused(bad, "its segmentId begins or ends with white space");
    check_refused(live("\n", "a", "daily"), "its id begins or ends with white space");
}

static void writes_a_document(void **state)
{
    struct rcn_live_sync syncs[] = {live("s1", "a", "weekly"), live("s2", "b", "weekly"),
                                    live("s3", "b", NULL), live("s4", "c", "weekly"),
                                    live("s5", "d ", "weekly")};
    struct exported exported;
    (void)state;
    syncs[0].segment_name = "x\n- y";
    syncs[3].sync.is_active = RCN_FALSE;
    export(&exported, syncs, 5, "Acme");
    assert_string_equal(
        exported.what.files->bytes,
        "apiVersion: audiencectl/v1\n"
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
        "    isActive: false\n"
        "  # left out: s5, 'd ': its audienceName begins or ends with white space\n");
    assert_int_equal(exported.what.left_out, 1);
    rcn_arena_free(exported.live.arena);
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
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct rcn_live_sync syncs[4];
        struct exported exported;
        size_t count = 0;
        for (size_t j = 0; j < 4; j++)
            if (rows[i].frequencies[j])
                syncs[count++] = live("s", "a", rows[i].frequencies[j]);
        export(&exported, syncs, count, NULL);
        assert_non_null(strstr(exported.what.files->bytes, rows[i].expected));
        rcn_arena_free(exported.live.arena);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(writes_scalars),
        cmocka_unit_test(refuses_what_manifests_refuse),
        cmocka_unit_test(writes_a_document),
        cmocka_unit_test(chooses_a_default),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
