#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "sample_report.h"

#include "base/json.h"
#include "base/sha256.h"
#include "document/document.h"

/* The caller frees it. */
static char *write_document(const struct rcn_report *report)
{
    struct rcn_buf out;
    rcn_buf_init(&out, 1 << 20);
    rcn_document_write(report, &out);
    assert_false(out.failed);
    return out.data;
}

struct row {
    const char *name;
    void (*prepare)(struct sample *sample);
    const char *expected; /* all but the digest */
};

static void leave(struct sample *sample)
{
    sample->plan.row_count = 2;
    sample_add_warning(sample, "differs only in case");
}

static void apply(struct sample *sample)
{
    sample_apply(sample, "409: taken");
    sample->plan.rows = &sample->rows[2];
    sample->plan.row_count = 2;
    sample->results.items = &sample->result_items[2];
    sample->plan.unmanaged_count = 0;
}

static void stop(struct sample *sample)
{
    sample_fail(sample, "GET /audience-syncs: 401: Unauthorized");
    sample->error.hint[0] = '\0';
}

static void ignore(struct sample *sample)
{
    sample->rows[1].is_ignored = true;
    sample->plan.rows = &sample->rows[1];
    sample->plan.row_count = 1;
    sample->plan.unmanaged_count = 0;
    sample->live[0] = (struct rcn_live_sync){
        .sync = {.id = "sync_1", .ad_account_id = "act_1234567890", .audience_name = "VIPs"},
        .last_synced_count = -1,
        .segment_is_null = true};
}

static const struct row rows[] = {
    {"plan", leave,
     "{\"formatVersion\": \"1.0\", \"generator\": {\"name\": \"audiencectl\", "
     "\"version\": \"" AUDIENCECTL_VERSION "\"},\n"
     " \"command\": \"plan\", \"createdAt\": \"2026-11-22T20:00:00Z\", \"outcome\": "
     "\"differences\", \"exitCode\": 0,\n"
     " \"source\": {\"kind\": \"git\", \"url\": \"https://git.example.com/acme/ads.git\", "
     "\"ref\": \"main\", \"commit\": \"3f2c1ab9e0d4c5b6a7f8091a2b3c4d5e6f708192\", "
     "\"files\": 3, \"skipped\": 1, \"digest\": "
     "\"sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\"},\n"
     " \"live\": {\"apiUrl\": \"https://api.sequenzy.com\", \"companies\": "
     "[{\"companyId\": \"comp_123\", \"name\": \"Acme\", \"syncs\": 7, \"named\": true}], "
     "\"fetchedAt\": \"2026-11-22T20:00:00Z\", \"digest\": "
     "\"sha256:bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb\"},\n"
     " \"summary\": {\"desired\": 6, \"inSync\": 2, \"missing\": 1, \"drifted\": 1, "
     "\"duplicate\": 1, \"withheld\": 1, \"unmanaged\": 1, \"unhealthy\": 1, \"ignored\": "
     "0, \"created\": 0, \"exists\": 0, \"failed\": 0, \"unknown\": 0, \"notAttempted\": "
     "0},\n"
     " \"apply\": {\"requests\": 1, \"ms\": 50, \"people\": 0}, \"selected\": false,\n"
     " \"syncs\": [\n"
     "  {\"status\": \"missing\", \"companyId\": \"comp_123\", \"adAccountId\": "
     "\"act_1234567890\", \"adAccountName\": \"Acme Main\", \"audienceName\": \"Recent "
     "buyers\", \"desired\": {\"predefinedSegmentId\": \"recent-buyers\", \"frequency\": "
     "\"daily\", \"isActive\": true}, \"live\": [], \"changes\": [], \"health\": [], "
     "\"notes\": [], \"location\": {\"file\": \"audiences/vip.yaml\", \"line\": 4, "
     "\"column\": 5}, \"result\": null},\n"
     "  {\"status\": \"drifted\", \"companyId\": \"comp_123\", \"adAccountId\": "
     "\"act_1234567890\", \"adAccountName\": \"Acme Main\", \"audienceName\": \"VIPs\", "
     "\"desired\": {\"segmentId\": \"seg_vips\", \"frequency\": \"hourly\", \"isActive\": "
     "true}, \"live\": [{\"id\": \"sync_vips\", \"segmentId\": \"seg_vips\", "
     "\"segmentName\": \"VIPs\", \"adAccountId\": \"act_1234567890\", \"audienceName\": "
     "\"VIPs\", \"frequency\": \"daily\", \"isActive\": true, \"syncStatus\": \"idle\", "
     "\"lastSyncAt\": \"2026-11-22T06:00:00.000Z\", \"lastSyncedCount\": 1200, "
     "\"createdAt\": \"2026-06-12T10:00:00.000Z\"}], \"changes\": [{\"field\": "
     "\"frequency\", \"live\": \"daily\", \"desired\": \"hourly\"}], \"health\": [], "
     "\"notes\": [\"set frequency to 'hourly' in the dashboard\"], \"location\": "
     "{\"file\": \"audiences/vip.yaml\", \"line\": 7, \"column\": 5}, \"result\": "
     "null}],\n"
     " \"unmanaged\": [\n"
     "  {\"status\": \"unmanaged\", \"companyId\": \"comp_123\", \"adAccountId\": "
     "\"act_1234567890\", \"adAccountName\": \"Acme Main\", \"audienceName\": \"Alien\", "
     "\"desired\": null, \"live\": [{\"id\": \"sync_alien\", \"segmentId\": \"seg_vips\", "
     "\"segmentName\": \"VIPs\", \"adAccountId\": \"act_1234567890\", \"audienceName\": "
     "\"Alien\", \"frequency\": \"daily\", \"isActive\": true, \"syncStatus\": \"idle\", "
     "\"lastSyncAt\": \"2026-11-22T06:00:00.000Z\", \"lastSyncedCount\": 1200, "
     "\"createdAt\": \"2026-06-12T10:00:00.000Z\"}], \"changes\": [], \"health\": [], "
     "\"notes\": [], \"location\": null, \"result\": null}],\n"
     " \"diagnostics\": [\n"
     "  {\"severity\": \"warning\", \"rule\": \"similar-name\", \"message\": \"differs "
     "only in case\", \"location\": {\"file\": \"audiences/vip.yaml\", \"line\": 7, "
     "\"column\": 5}, \"hint\": \"differs only in case\", \"note\": {\"message\": "
     "\"differs only in case\", \"location\": {\"file\": \"audiences/vip.yaml\", "
     "\"line\": 4, \"column\": 5}}}],\n"
     " \"requests\": {\"get\": 4, \"post\": 0, \"retries\": 0, \"waitedMs\": 0}, "},
    {"apply", apply,
     "{\"formatVersion\": \"1.0\", \"generator\": {\"name\": \"audiencectl\", "
     "\"version\": \"" AUDIENCECTL_VERSION "\"},\n"
     " \"command\": \"apply\", \"createdAt\": \"2026-11-22T20:00:00Z\", \"outcome\": "
     "\"incomplete\", \"exitCode\": 3,\n"
     " \"source\": {\"kind\": \"git\", \"url\": \"https://git.example.com/acme/ads.git\", "
     "\"ref\": \"main\", \"commit\": \"3f2c1ab9e0d4c5b6a7f8091a2b3c4d5e6f708192\", "
     "\"files\": 3, \"skipped\": 1, \"digest\": "
     "\"sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\"},\n"
     " \"live\": {\"apiUrl\": \"https://api.sequenzy.com\", \"companies\": "
     "[{\"companyId\": \"comp_123\", \"name\": \"Acme\", \"syncs\": 7, \"named\": true}], "
     "\"fetchedAt\": \"2026-11-22T20:00:00Z\", \"digest\": "
     "\"sha256:bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb\"},\n"
     " \"summary\": {\"desired\": 6, \"inSync\": 0, \"missing\": 6, \"drifted\": 0, "
     "\"duplicate\": 0, \"withheld\": 0, \"unmanaged\": 1, \"unhealthy\": 0, \"ignored\": "
     "0, \"created\": 2, \"exists\": 1, \"failed\": 1, \"unknown\": 1, \"notAttempted\": "
     "1},\n"
     " \"apply\": {\"requests\": 1, \"ms\": 50, \"people\": 0}, \"selected\": false,\n"
     " \"syncs\": [\n"
     "  {\"status\": \"missing\", \"companyId\": \"comp_123\", \"adAccountId\": "
     "\"act_1234567890\", \"adAccountName\": \"Acme Main\", \"audienceName\": \"Twice\", "
     "\"desired\": {\"segmentId\": \"seg_vips\", \"frequency\": \"daily\", \"isActive\": "
     "true}, \"live\": [], \"changes\": [], \"health\": [], \"notes\": [], \"location\": "
     "{\"file\": \"audiences/vip.yaml\", \"line\": 10, \"column\": 5}, \"result\": "
     "{\"outcome\": \"failed\", \"id\": null, \"httpStatus\": 409, \"error\": \"409: "
     "taken\", \"verified\": false}},\n"
     "  {\"status\": \"missing\", \"companyId\": \"comp_123\", \"adAccountId\": "
     "\"act_1234567890\", \"adAccountName\": \"Acme Main\", \"audienceName\": \"Paused\", "
     "\"desired\": {\"segmentId\": \"seg_vips\", \"frequency\": \"daily\", \"isActive\": "
     "false}, \"live\": [], \"changes\": [], \"health\": [], \"notes\": [], \"location\": "
     "{\"file\": \"audiences/vip.yaml\", \"line\": 13, \"column\": 5}, \"result\": "
     "{\"outcome\": \"unknown\", \"id\": null, \"httpStatus\": null, \"error\": \"409: "
     "taken\", \"note\": \"do not run again before 2026-11-22T20:01:00Z\", \"verified\": "
     "false}}],\n"
     " \"unmanaged\": [],\n"
     " \"diagnostics\": [\n"
     "  {\"severity\": \"error\", \"rule\": \"incomplete\", \"message\": \"409: "
     "taken\"}],\n"
     " \"requests\": {\"get\": 4, \"post\": 4, \"retries\": 0, \"waitedMs\": 0}, "},
    {"failed", stop,
     "{\"formatVersion\": \"1.0\", \"generator\": {\"name\": \"audiencectl\", "
     "\"version\": \"" AUDIENCECTL_VERSION "\"},\n"
     " \"command\": \"plan\", \"createdAt\": \"2026-11-22T20:00:00Z\", \"outcome\": "
     "\"error\", \"exitCode\": 1,\n"
     " \"source\": null,\n"
     " \"live\": null,\n"
     " \"summary\": {\"desired\": 6, \"inSync\": 0, \"missing\": 0, \"drifted\": 0, "
     "\"duplicate\": 0, \"withheld\": 0, \"unmanaged\": 0, \"unhealthy\": 0, \"ignored\": "
     "0, \"created\": 0, \"exists\": 0, \"failed\": 0, \"unknown\": 0, \"notAttempted\": "
     "0},\n"
     " \"syncs\": [],\n"
     " \"unmanaged\": [],\n"
     " \"diagnostics\": [\n"
     "  {\"severity\": \"error\", \"rule\": \"failed\", \"message\": \"GET "
     "/audience-syncs: 401: Unauthorized\"}],\n"
     " \"requests\": {\"get\": 4, \"post\": 0, \"retries\": 0, \"waitedMs\": 0}, "},
    {"ignored, and live fields absent", ignore,
     "{\"formatVersion\": \"1.0\", \"generator\": {\"name\": \"audiencectl\", "
     "\"version\": \"" AUDIENCECTL_VERSION "\"},\n"
     " \"command\": \"plan\", \"createdAt\": \"2026-11-22T20:00:00Z\", \"outcome\": "
     "\"differences\", \"exitCode\": 0,\n"
     " \"source\": {\"kind\": \"git\", \"url\": \"https://git.example.com/acme/ads.git\", "
     "\"ref\": \"main\", \"commit\": \"3f2c1ab9e0d4c5b6a7f8091a2b3c4d5e6f708192\", "
     "\"files\": 3, \"skipped\": 1, \"digest\": "
     "\"sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\"},\n"
     " \"live\": {\"apiUrl\": \"https://api.sequenzy.com\", \"companies\": "
     "[{\"companyId\": \"comp_123\", \"name\": \"Acme\", \"syncs\": 7, \"named\": true}], "
     "\"fetchedAt\": \"2026-11-22T20:00:00Z\", \"digest\": "
     "\"sha256:bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb\"},\n"
     " \"summary\": {\"desired\": 6, \"inSync\": 2, \"missing\": 1, \"drifted\": 1, "
     "\"duplicate\": 1, \"withheld\": 1, \"unmanaged\": 1, \"unhealthy\": 1, \"ignored\": "
     "0, \"created\": 0, \"exists\": 0, \"failed\": 0, \"unknown\": 0, \"notAttempted\": "
     "0},\n"
     " \"apply\": {\"requests\": 1, \"ms\": 50, \"people\": 0}, \"selected\": false,\n"
     " \"syncs\": [\n"
     "  {\"status\": \"drifted\", \"companyId\": \"comp_123\", \"adAccountId\": "
     "\"act_1234567890\", \"adAccountName\": \"Acme Main\", \"audienceName\": \"VIPs\", "
     "\"desired\": {\"segmentId\": \"seg_vips\", \"frequency\": \"hourly\", \"isActive\": "
     "true}, \"live\": [{\"id\": \"sync_1\", \"segmentId\": null, \"adAccountId\": "
     "\"act_1234567890\", \"audienceName\": \"VIPs\"}], \"changes\": [{\"field\": "
     "\"frequency\", \"live\": \"daily\", \"desired\": \"hourly\"}], \"health\": [], "
     "\"notes\": [\"set frequency to 'hourly' in the dashboard\"], \"ignored\": "
     "{\"reason\": null}, \"location\": {\"file\": \"audiences/vip.yaml\", \"line\": 7, "
     "\"column\": 5}, \"result\": null}],\n"
     " \"unmanaged\": [],\n"
     " \"diagnostics\": [],\n"
     " \"requests\": {\"get\": 4, \"post\": 0, \"retries\": 0, \"waitedMs\": 0}, "},
};

/* Returns where the digest begins. */
static size_t check_digest(const char *text)
{
    char hex[RCN_SHA256_HEX_SIZE];
    char tail[128];
    size_t covered =
        strlen(text) - strlen("\"digest\": \"sha256:\"}\n") - (RCN_SHA256_HEX_SIZE - 1);
    rcn_sha256_hex(text, covered, hex);
    snprintf(tail, sizeof tail, "\"digest\": \"sha256:%s\"}\n", hex);
    assert_string_equal(text + covered, tail);
    return covered;
}

static void test_documents(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct sample sample;
        print_message("%s\n", rows[i].name);
        sample_init(&sample, NULL);
        rows[i].prepare(&sample);
        char *text = write_document(&sample.report);
        text[check_digest(text)] = '\0';
        assert_string_equal(text, rows[i].expected);
        free(text);
        sample_release(&sample);
    }
}

/* Paths are bytes, and an API error that was cut may end inside a character. */
static void test_bytes_that_are_no_text(void **state)
{
    (void)state;
    struct rcn_error err = RCN_ERROR_INIT;
    struct sample sample;
    sample_init(&sample, NULL);
    sample.text.path = "audiences/\xff\xfe.yaml";
    sample_add_warning(&sample, "cut off: \xe2\x80");
    char *text = write_document(&sample.report);
    struct rcn_json *root = rcn_json_parse(text, strlen(text), &err);
    assert_non_null(root);
    const struct rcn_json *diag = rcn_json_get_at(rcn_json_get(root, "diagnostics"), 0);
    assert_string_equal(rcn_json_get_member_string(diag, "message"), "cut off: \\xe2\\x80");
    assert_string_equal(rcn_json_get_member_string(rcn_json_get(diag, "location"), "file"),
                        "audiences/\\xff\\xfe.yaml");
    rcn_json_free(root);
    free(text);
    sample_release(&sample);
}

/* What most rows do not have. */
static void fill_optional_members(struct sample *sample)
{
    static const struct rcn_segment segment = {"seg_vips", "VIPs", 120, 80};
    static const char *beside[] = {"sync_old1", "sync_old2"};
    static const char *const replaces[] = {"sync_old3"};
    static const struct rcn_history_row resolved[] = {{.company_id = "comp_123",
                                                       .ad_account_id = "act_1",
                                                       .audience_name = "Gone",
                                                       .status = RCN_STATUS_DRIFTED,
                                                       .since_ms = SAMPLE_NOW_MS - 86400000},
                                                      {.ad_account_id = "act_1",
                                                       .audience_name = "Well",
                                                       .id = "sync_7",
                                                       .is_unhealthy = true,
                                                       .since_ms = SAMPLE_NOW_MS}};
    static const struct rcn_history history = {.runs = 30,
                                               .previous_at_ms = SAMPLE_NOW_MS - 3600000,
                                               .resolved = resolved,
                                               .resolved_count = 2,
                                               .new_count = 1};
    sample->rows[0].segment = &segment;
    sample->rows[0].open_intent_until_ms = SAMPLE_NOW_MS + 60000;
    sample->desired[0].replaces = replaces;
    sample->desired[0].replaces_count = 1;
    sample->rows[1].changes[1] = (struct rcn_change){"isActive", "false", "true"};
    sample->rows[1].change_count = 2;
    sample->rows[2].is_ignored = true;
    sample->rows[2].ignore_until = "2026-12-31";
    sample->rows[3].withheld_because = RCN_WITHHELD_RENAMED;
    sample->rows[3].beside = beside;
    sample->rows[3].beside_count = 2;
    sample->live[4].segment_is_null = true;
    sample->live[4].sync.segment_id = NULL;
    sample->plan.cost.people = 80;
    sample->plan.cost.is_people_least = true;
    sample->report.fail_on =
        RCN_FAIL_ON_GIVEN | 1U << (RCN_STATUS_UNMANAGED - 1) | RCN_FAIL_ON_UNHEALTHY;
    sample->rows[1].since_ms = SAMPLE_NOW_MS - 86400000;
    sample->rows[2].is_new = true;
    sample->rows[2].since_ms = SAMPLE_NOW_MS;
    sample->report.history = &history;
    rcn_error_set(&sample->error, RCN_ERROR_REFUSED, "the plan ended");
    rcn_error_set_hint(&sample->error, "try again");
    sample->report.error = &sample->error;
}

/* What a saved plan is read back to is written to the same bytes: nothing was lost. */
static void test_round_trip(void **state)
{
    (void)state;
    static const char *const names[] = {NULL, "K\xc3\xa4ufer \xe2\x80\xae \"x\" \\ '",
                                        SAMPLE_HOSTILE};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        struct rcn_error err = RCN_ERROR_INIT;
        struct sample sample;
        sample_init(&sample, names[i]);
        sample_add_warning(&sample, "differs only in case");
        sample.plan.is_selected = i == 1;
        fill_optional_members(&sample);
        char *first = write_document(&sample.report);
        struct rcn_document *file = rcn_document_new(first, strlen(first), &err);
        if (!file)
            fail_msg("%s", err.message);
        char *second = write_document(&file->report);
        assert_string_equal(first, second);
        free(second);
        rcn_document_free(file);
        free(first);
        sample_release(&sample);
    }
}

static void expect_refused(const char *bytes, size_t len)
{
    struct rcn_error err = RCN_ERROR_INIT;
    assert_null(rcn_document_new(bytes, len, &err));
    assert_int_equal(err.kind, RCN_ERROR_REFUSED);
}

/* One byte changed, or the end cut off, anywhere: refused, and never a crash. */
static void test_edits(void **state)
{
    (void)state;
    struct sample sample;
    sample_init(&sample, NULL);
    char *text = write_document(&sample.report);
    size_t len = strlen(text);
    for (size_t i = 0; i < len; i++) {
        char old = text[i];
        text[i] = old == '1' ? '2' : '1';
        expect_refused(text, len);
        text[i] = old;
        /* The copy ends where the document is cut, for the sanitizers. */
        char *cut = malloc(i + 1);
        assert_non_null(cut);
        memcpy(cut, text, i);
        expect_refused(cut, i);
        free(cut);
    }
    free(text);
    sample_release(&sample);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_documents),
        cmocka_unit_test(test_bytes_that_are_no_text),
        cmocka_unit_test(test_round_trip),
        cmocka_unit_test(test_edits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
