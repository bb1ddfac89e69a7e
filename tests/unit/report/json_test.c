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
#include "plan/plan_file.h"

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
     " \"apply\": {\"requests\": 1, \"ms\": 50}, \"selected\": false,\n"
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
     " \"apply\": {\"requests\": 1, \"ms\": 50}, \"selected\": false,\n"
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
     " \"apply\": {\"requests\": 1, \"ms\": 50}, \"selected\": false,\n"
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
    char tail[sizeof RCN_PLAN_FILE_TAIL_START RCN_PLAN_FILE_TAIL_END + RCN_SHA256_HEX_SIZE];
    size_t covered = strlen(text) - (sizeof RCN_PLAN_FILE_TAIL_START RCN_PLAN_FILE_TAIL_END - 1) -
                     (RCN_SHA256_HEX_SIZE - 1);
    assert_int_equal(rcn_sha256_hex(text, covered, hex), 0);
    snprintf(tail, sizeof tail, RCN_PLAN_FILE_TAIL_START "%s" RCN_PLAN_FILE_TAIL_END, hex);
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
        char *text = sample_write(&sample, RCN_FORMAT_JSON, (struct rcn_report_style){0});
        assert_non_null(text);
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
    char *text = sample_write(&sample, RCN_FORMAT_JSON, (struct rcn_report_style){0});
    assert_non_null(text);
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
        char *first = sample_write(&sample, RCN_FORMAT_JSON, (struct rcn_report_style){0});
        assert_non_null(first);
        struct rcn_plan_file *file = rcn_plan_file_new(first, strlen(first), &err);
        if (!file)
            fail_msg("%s", err.message);
        sample.report.plan = file->plan;
        sample.report.diags = &file->diags;
        sample.report.command = file->command;
        sample.report.outcome = file->outcome;
        sample.report.exit_code = file->exit_code;
        sample.report.created_at_ms = file->created_at_ms;
        char *second = sample_write(&sample, RCN_FORMAT_JSON, (struct rcn_report_style){0});
        assert_non_null(second);
        assert_string_equal(first, second);
        free(second);
        rcn_plan_file_free(file);
        free(first);
        sample_release(&sample);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_documents),
        cmocka_unit_test(test_bytes_that_are_no_text),
        cmocka_unit_test(test_round_trip),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
