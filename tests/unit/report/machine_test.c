/* The formats for pull requests and CI systems: markdown, github, junit, sarif. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "sample_write.h"

struct row {
    const char *name;
    enum rcn_format format;
    void (*prepare)(struct sample *sample);
    const char *expected;
};

/* A warning, a missing and a drifted row. */
static void shorten(struct sample *sample)
{
    sample_add_warning(sample, "100%, [x](y) & <b>");
    sample->plan.row_count = 2;
    sample->plan.unmanaged_count = 0;
}

static void drift(struct sample *sample)
{
    shorten(sample);
    sample->report.command = "drift";
    sample->report.fail_on = RCN_FAIL_ON_GIVEN | 1U << (RCN_STATUS_DRIFTED - 1);
    sample->text.path = "3f2c1ab:odd name,50%.yaml";
}

/* A drifted sync that fails for its health, one that does not count, and an unmanaged one. */
static void drift_health(struct sample *sample)
{
    sample->report.command = "drift";
    sample->report.fail_on =
        RCN_FAIL_ON_GIVEN | 1U << (RCN_STATUS_UNMANAGED - 1) | RCN_FAIL_ON_UNHEALTHY;
    sample->rows[1].health = RCN_HEALTH_STALE;
    sample->desired[2].sync.id = "sync_one";
    sample->plan.rows = &sample->rows[1];
    sample->plan.row_count = 2;
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
    sample_fail(sample, "GET /audience-syncs: 401");
}

static const struct row rows[] = {
    {"plan in markdown", RCN_FORMAT_MARKDOWN, shorten,
     "<!-- audiencectl:plan:comp_123 -->\n"
     "## audiencectl plan: 1 audience will be created, 1 needs you\n"
     "\n"
     "3f2c1ab (main)\n"
     "\n"
     "Summary: 6 syncs: 2 in sync, 1 missing, 1 drifted, 1 duplicate, 1 withheld; 1 unhealthy, 1 "
     "unmanaged\n"
     "\n"
     "Cost: 1 request, 0 people uploaded, at least 1 s under the rate limit\n"
     "\n"
     "### 1 sync is missing: apply will create it\n"
     "\n"
     "| Audience | Ad account | Segment | People | Frequency | Manifest |\n"
     "|---|---|---|--:|---|---|\n"
     "| **Recent buyers** | act\\_1234567890 (Acme Main) | recent-buyers |  | daily | "
     "audiences/vip.yaml:4 |\n"
     "\n"
     "### 1 sync has drifted: apply will not change it\n"
     "\n"
     "- **VIPs** in act\\_1234567890 (Acme Main), at audiences/vip.yaml:7\n"
     "  - frequency: live daily, manifest hourly\n"
     "  - note: set frequency to 'hourly' in the dashboard\n"
     "\n"
     "### 1 warning\n"
     "\n"
     "- 100%, \\[x\\](y) &amp; &lt;b\\> (similar-name) at audiences/vip.yaml:7\n"
     "  - hint: 100%, \\[x\\](y) &amp; &lt;b\\>\n"
     "  - note: 100%, \\[x\\](y) &amp; &lt;b\\> at audiences/vip.yaml:4\n"
     "\n"
     "<details><summary>What was read, and what needs no action</summary>\n"
     "\n"
     "- Source: `https://git.example.com/acme/ads.git (6 syncs in 3 manifests, 1 other skipped)`\n"
     "- Commit: 3f2c1ab9e0d4c5b6a7f8091a2b3c4d5e6f708192 (main)\n"
     "- API: `https://api.sequenzy.com`\n"
     "- Company: Acme (comp\\_123), 7 live syncs\n"
     "\n"
     "</details>\n"},
    {"apply in markdown", RCN_FORMAT_MARKDOWN, apply,
     "<!-- audiencectl:apply:comp_123 -->\n"
     "## audiencectl apply: 2 created, 1 failed, 1 unknown, 1 not attempted, 1 already existed\n"
     "\n"
     "3f2c1ab (main)\n"
     "\n"
     "Planned: 6 syncs: 6 missing; 1 unmanaged\n"
     "\n"
     "**Problem: 409: taken**\n"
     "\n"
     "Next: fix what failed; run apply again: it creates what the list does not "
     "show, unless a reason above asks for something else first\n"
     "\n"
     "### 1 sync was not created: the server refused it\n"
     "\n"
     "- **Twice** in act\\_1234567890 (Acme Main), at audiences/vip.yaml:10\n"
     "  - reason: 409: taken\n"
     "\n"
     "### 1 sync may have been created or not: the answer does not say\n"
     "\n"
     "- **Paused** in act\\_1234567890 (Acme Main), at audiences/vip.yaml:13\n"
     "  - reason: 409: taken\n"
     "  - note: do not run again before 2026-11-22T20:01:00Z\n"
     "\n"
     "<details><summary>What was read, and what needs no action</summary>\n"
     "\n"
     "- Source: `https://git.example.com/acme/ads.git (6 syncs in 3 manifests, 1 other skipped)`\n"
     "- Commit: 3f2c1ab9e0d4c5b6a7f8091a2b3c4d5e6f708192 (main)\n"
     "- API: `https://api.sequenzy.com`\n"
     "- Company: Acme (comp\\_123), 7 live syncs\n"
     "\n"
     "</details>\n"},
    {"a failure in markdown", RCN_FORMAT_MARKDOWN, stop,
     "<!-- audiencectl:plan -->\n"
     "## audiencectl plan: failed\n"
     "\n"
     "**plan failed: GET /audience-syncs: 401**\n"
     "\n"
     "hint: GET /audience-syncs: 401\n"},
    {"plan for github", RCN_FORMAT_GITHUB, shorten,
     "::notice title=audiencectl::plan: differences at commit "
     "3f2c1ab9e0d4c5b6a7f8091a2b3c4d5e6f708192; apply will create 1 sync; 6 syncs: 2 in sync, 1 "
     "missing, 1 drifted, 1 duplicate, 1 withheld; 1 unhealthy, 1 unmanaged; 1 request, 0 people "
     "uploaded, at least 1 s under the rate limit\n"
     "::warning file=audiences/vip.yaml,line=7,col=5,title=similar-name::100%25, [x](y) & "
     "<b>%0Ahint: 100%25, [x](y) & <b>%0Anote: 100%25, [x](y) & <b> at audiences/vip.yaml:4\n"
     "::warning file=audiences/vip.yaml,line=7,col=5,title=Drifted::'VIPs' has drifted: apply will "
     "not change it%0Aid: sync_vips%0AadAccountId: act_1234567890 (Acme Main)%0AsegmentId: "
     "seg_vips (VIPs)%0Afrequency: live daily, manifest hourly%0AisActive: true%0Anote: set "
     "frequency to 'hourly' in the dashboard\n"
     "::notice file=audiences/vip.yaml,line=4,col=5,title=Missing::'Recent buyers' is missing: "
     "apply will create it%0AadAccountId: act_1234567890 (Acme Main)%0ApredefinedSegmentId: "
     "recent-buyers%0Afrequency: daily%0AisActive: true\n"},
    {"drift for github", RCN_FORMAT_GITHUB, drift,
     "::notice title=audiencectl::drift: differences at commit "
     "3f2c1ab9e0d4c5b6a7f8091a2b3c4d5e6f708192; 6 syncs: 2 in sync, 1 missing, 1 drifted, 1 "
     "duplicate, 1 withheld; 1 unhealthy, 1 unmanaged; fails for 1 drifted\n"
     "::error file=odd name%2C50%25.yaml,line=7,col=5,title=Drifted::'VIPs' has drifted: apply "
     "will not change it%0Aid: sync_vips%0AadAccountId: act_1234567890 (Acme Main)%0AsegmentId: "
     "seg_vips (VIPs)%0Afrequency: live daily, manifest hourly%0AisActive: true%0Anote: set "
     "frequency to 'hourly' in the dashboard\n"
     "::warning file=odd name%2C50%25.yaml,line=7,col=5,title=similar-name::100%25, [x](y) & "
     "<b>%0Ahint: 100%25, [x](y) & <b>%0Anote: 100%25, [x](y) & <b> at odd name,50%25.yaml:4\n"
     "::notice file=odd name%2C50%25.yaml,line=4,col=5,title=Missing::'Recent buyers' is missing: "
     "apply will create it%0AadAccountId: act_1234567890 (Acme Main)%0ApredefinedSegmentId: "
     "recent-buyers%0Afrequency: daily%0AisActive: true\n"},
    {"apply for github", RCN_FORMAT_GITHUB, apply,
     "::notice title=audiencectl::apply: incomplete at commit "
     "3f2c1ab9e0d4c5b6a7f8091a2b3c4d5e6f708192; 6 syncs: 6 missing; 1 unmanaged; 2 created, 1 "
     "failed, 1 unknown, 1 not attempted, 1 already existed; 409: taken; fix what "
     "failed; run apply again: it creates what the list does not show, unless a reason "
     "above asks for something else first\n"
     "::error file=audiences/vip.yaml,line=10,col=5,title=Failed::'Twice' was not created: the "
     "server refused it%0AadAccountId: act_1234567890 (Acme Main)%0AsegmentId: "
     "seg_vips%0Afrequency: daily%0AisActive: true%0Areason: 409: taken\n"
     "::error file=audiences/vip.yaml,line=13,col=5,title=Unknown::'Paused' may have been created "
     "or not: the answer does not say%0AadAccountId: act_1234567890 (Acme Main)%0AsegmentId: "
     "seg_vips%0Afrequency: daily%0AisActive: false%0Areason: 409: taken%0Anote: do not run again "
     "before 2026-11-22T20:01:00Z\n"},
    {"a failure for github", RCN_FORMAT_GITHUB, stop,
     "::notice title=audiencectl::plan: error\n"
     "::error title=audiencectl::plan failed: GET /audience-syncs: 401%0Ahint: GET "
     "/audience-syncs: 401\n"},
    {"plan in junit", RCN_FORMAT_JUNIT, shorten,
     "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
     "<testsuites name=\"audiencectl plan\" tests=\"3\" failures=\"1\" errors=\"0\" time=\"0\">\n"
     "  <testsuite name=\"audiencectl plan\" id=\"0\" package=\"audiencectl\" "
     "timestamp=\"2026-11-22T20:00:00\" hostname=\"localhost\" tests=\"1\" failures=\"0\" "
     "errors=\"0\" skipped=\"0\" time=\"0\">\n"
     "    <properties>\n"
     "      <property name=\"commit\" value=\"3f2c1ab9e0d4c5b6a7f8091a2b3c4d5e6f708192\"/>\n"
     "    </properties>\n"
     "    <testcase classname=\"audiencectl\" name=\"plan\" time=\"0\"/>\n"
     "    <system-out>audiences/vip.yaml:7: warning: 100%, [x](y) &amp; &lt;b&gt;\n"
     "hint: 100%, [x](y) &amp; &lt;b&gt;\n"
     "note: 100%, [x](y) &amp; &lt;b&gt; at audiences/vip.yaml:4\n"
     "</system-out>\n"
     "    <system-err/>\n"
     "  </testsuite>\n"
     "  <testsuite name=\"Acme\" id=\"1\" package=\"audiencectl\" "
     "timestamp=\"2026-11-22T20:00:00\" hostname=\"localhost\" tests=\"2\" failures=\"1\" "
     "errors=\"0\" skipped=\"0\" time=\"0\">\n"
     "    <properties>\n"
     "      <property name=\"commit\" value=\"3f2c1ab9e0d4c5b6a7f8091a2b3c4d5e6f708192\"/>\n"
     "    </properties>\n"
     "    <testcase classname=\"audiences/vip.yaml\" name=\"Recent buyers (act_1234567890)\" "
     "file=\"audiences/vip.yaml\" line=\"4\" time=\"0\"/>\n"
     "    <testcase classname=\"audiences/vip.yaml\" name=\"VIPs (act_1234567890)\" "
     "file=\"audiences/vip.yaml\" line=\"7\" time=\"0\">\n"
     "      <failure message=\"&#39;VIPs&#39; has drifted: apply will not change it\" "
     "type=\"drifted\">&#39;VIPs&#39; has drifted: apply will not change it\n"
     "id: sync_vips\n"
     "adAccountId: act_1234567890 (Acme Main)\n"
     "segmentId: seg_vips (VIPs)\n"
     "frequency: live daily, manifest hourly\n"
     "isActive: true\n"
     "note: set frequency to &#39;hourly&#39; in the dashboard\n"
     "at audiences/vip.yaml:7</failure>\n"
     "    </testcase>\n"
     "    <system-out></system-out>\n"
     "    <system-err/>\n"
     "  </testsuite>\n"
     "</testsuites>\n"},
    {"apply in junit", RCN_FORMAT_JUNIT, apply,
     "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
     "<testsuites name=\"audiencectl apply\" tests=\"3\" failures=\"2\" errors=\"1\" time=\"0\">\n"
     "  <testsuite name=\"audiencectl apply\" id=\"0\" package=\"audiencectl\" "
     "timestamp=\"2026-11-22T20:00:00\" hostname=\"localhost\" tests=\"1\" failures=\"0\" "
     "errors=\"1\" skipped=\"0\" time=\"0\">\n"
     "    <properties>\n"
     "      <property name=\"commit\" value=\"3f2c1ab9e0d4c5b6a7f8091a2b3c4d5e6f708192\"/>\n"
     "    </properties>\n"
     "    <testcase classname=\"audiencectl\" name=\"apply\" time=\"0\">\n"
     "      <error message=\"409: taken\" type=\"incomplete\">409: taken</error>\n"
     "    </testcase>\n"
     "    <system-out></system-out>\n"
     "    <system-err/>\n"
     "  </testsuite>\n"
     "  <testsuite name=\"Acme\" id=\"1\" package=\"audiencectl\" "
     "timestamp=\"2026-11-22T20:00:00\" hostname=\"localhost\" tests=\"2\" failures=\"2\" "
     "errors=\"0\" skipped=\"0\" time=\"0\">\n"
     "    <properties>\n"
     "      <property name=\"commit\" value=\"3f2c1ab9e0d4c5b6a7f8091a2b3c4d5e6f708192\"/>\n"
     "    </properties>\n"
     "    <testcase classname=\"audiences/vip.yaml\" name=\"Twice (act_1234567890)\" "
     "file=\"audiences/vip.yaml\" line=\"10\" time=\"0\">\n"
     "      <failure message=\"&#39;Twice&#39; was not created: the server refused it\" "
     "type=\"failed\">&#39;Twice&#39; was not created: the server refused it\n"
     "adAccountId: act_1234567890 (Acme Main)\n"
     "segmentId: seg_vips\n"
     "frequency: daily\n"
     "isActive: true\n"
     "reason: 409: taken\n"
     "at audiences/vip.yaml:10</failure>\n"
     "    </testcase>\n"
     "    <testcase classname=\"audiences/vip.yaml\" name=\"Paused (act_1234567890)\" "
     "file=\"audiences/vip.yaml\" line=\"13\" time=\"0\">\n"
     "      <failure message=\"&#39;Paused&#39; may have been created or not: the answer does not "
     "say\" type=\"unknown\">&#39;Paused&#39; may have been created or not: the answer does not "
     "say\n"
     "adAccountId: act_1234567890 (Acme Main)\n"
     "segmentId: seg_vips\n"
     "frequency: daily\n"
     "isActive: false\n"
     "reason: 409: taken\n"
     "note: do not run again before 2026-11-22T20:01:00Z\n"
     "at audiences/vip.yaml:13</failure>\n"
     "    </testcase>\n"
     "    <system-out></system-out>\n"
     "    <system-err/>\n"
     "  </testsuite>\n"
     "</testsuites>\n"},
    {"a failure in junit", RCN_FORMAT_JUNIT, stop,
     "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
     "<testsuites name=\"audiencectl plan\" tests=\"1\" failures=\"0\" errors=\"1\" time=\"0\">\n"
     "  <testsuite name=\"audiencectl plan\" id=\"0\" package=\"audiencectl\" "
     "timestamp=\"2026-11-22T20:00:00\" hostname=\"localhost\" tests=\"1\" failures=\"0\" "
     "errors=\"1\" skipped=\"0\" time=\"0\">\n"
     "    <properties/>\n"
     "    <testcase classname=\"audiencectl\" name=\"plan\" time=\"0\">\n"
     "      <error message=\"plan failed: GET /audience-syncs: 401\" type=\"failed\">plan failed: "
     "GET /audience-syncs: 401\n"
     "hint: GET /audience-syncs: 401</error>\n"
     "    </testcase>\n"
     "    <system-out></system-out>\n"
     "    <system-err/>\n"
     "  </testsuite>\n"
     "</testsuites>\n"},
    {"drift in sarif", RCN_FORMAT_SARIF, drift,
     "{\"$schema\": \"https://json.schemastore.org/sarif-2.1.0.json\", \"version\": \"2.1.0\",\n"
     " \"runs\": [{\n"
     "  \"tool\": {\"driver\": {\"name\": \"audiencectl\", \"version\": \"" AUDIENCECTL_VERSION
     "\", \"rules\": [\n"
     "   {\"id\": \"similar-name\", \"shortDescription\": {\"text\": \"similar-name\"}},\n"
     "   {\"id\": \"missing\", \"shortDescription\": {\"text\": \"an audience sync is missing: "
     "apply will create it\"}},\n"
     "   {\"id\": \"drifted\", \"shortDescription\": {\"text\": \"an audience sync has drifted: "
     "apply will not change it\"}}]}},\n"
     "  \"columnKind\": \"unicodeCodePoints\",\n"
     "  \"results\": [\n"
     "   {\"ruleId\": \"drifted\", \"ruleIndex\": 2, \"level\": \"error\", \"message\": {\"text\": "
     "\"'VIPs' has drifted: apply will not change it\\nid: sync_vips\\nadAccountId: act_1234567890 "
     "(Acme Main)\\nsegmentId: seg_vips (VIPs)\\nfrequency: live daily, manifest "
     "hourly\\nisActive: true\\nnote: set frequency to 'hourly' in the dashboard\"}, "
     "\"locations\": [{\"physicalLocation\": {\"artifactLocation\": {\"uri\": "
     "\"odd%20name%2C50%25.yaml\"}, \"region\": {\"startLine\": 7, \"startColumn\": 5}}}]},\n"
     "   {\"ruleId\": \"similar-name\", \"ruleIndex\": 0, \"level\": \"warning\", \"message\": "
     "{\"text\": \"100%, [x] (y) & <b>\\nhint: 100%, [x] (y) & <b>\\nnote: 100%, [x] (y) & <b> at "
     "odd name,50%.yaml:4\"}, \"locations\": [{\"physicalLocation\": {\"artifactLocation\": "
     "{\"uri\": \"odd%20name%2C50%25.yaml\"}, \"region\": {\"startLine\": 7, \"startColumn\": "
     "5}}}]},\n"
     "   {\"ruleId\": \"missing\", \"ruleIndex\": 1, \"level\": \"note\", \"message\": {\"text\": "
     "\"'Recent buyers' is missing: apply will create it\\nadAccountId: act_1234567890 (Acme "
     "Main)\\npredefinedSegmentId: recent-buyers\\nfrequency: daily\\nisActive: true\"}, "
     "\"locations\": [{\"physicalLocation\": {\"artifactLocation\": {\"uri\": "
     "\"odd%20name%2C50%25.yaml\"}, \"region\": {\"startLine\": 4, \"startColumn\": 5}}}]}],\n"
     "  \"invocations\": [{\"executionSuccessful\": true, \"exitCode\": 0, "
     "\"toolExecutionNotifications\": []}], \"properties\": {\"repository\": "
     "\"https://git.example.com/acme/ads.git\", \"commit\": "
     "\"3f2c1ab9e0d4c5b6a7f8091a2b3c4d5e6f708192\"}}]}\n"},
    {"a failure in sarif", RCN_FORMAT_SARIF, stop,
     "{\"$schema\": \"https://json.schemastore.org/sarif-2.1.0.json\", \"version\": \"2.1.0\",\n"
     " \"runs\": [{\n"
     "  \"tool\": {\"driver\": {\"name\": \"audiencectl\", \"version\": \"" AUDIENCECTL_VERSION
     "\", \"rules\": []}},\n"
     "  \"columnKind\": \"unicodeCodePoints\",\n"
     "  \"results\": [],\n"
     "  \"invocations\": [{\"executionSuccessful\": false, \"exitCode\": 1, "
     "\"toolExecutionNotifications\": [\n"
     "   {\"level\": \"error\", \"message\": {\"text\": \"plan failed: GET /audience-syncs: "
     "401\\nhint: GET /audience-syncs: 401\"}}]}]}]}\n"},
};

static void test_documents(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct sample sample;
        print_message("%s\n", rows[i].name);
        sample_init(&sample, NULL);
        rows[i].prepare(&sample);
        char *text = sample_write(&sample, rows[i].format, (struct rcn_report_style){0});
        assert_non_null(text);
        assert_string_equal(text, rows[i].expected);
        free(text);
        sample_release(&sample);
    }
}

/* Which tests are red says the same as the exit code. */
static void test_drift_in_junit(void **state)
{
    static const char *const wanted[] = {
        "tests=\"4\" failures=\"2\"",
        "name=\"VIPs (act_1234567890)\" file=\"audiences/vip.yaml\" line=\"7\" time=\"0\">\n      "
        "<failure ",
        "name=\"Twice (act_1234567890, sync_one)\" file=\"audiences/vip.yaml\" line=\"10\" "
        "time=\"0\">\n      <skipped ",
        "name=\"Alien (act_1234567890, sync_alien)\" time=\"0\">\n      <failure ",
    };
    struct sample sample;
    (void)state;
    sample_init(&sample, NULL);
    drift_health(&sample);
    char *text = sample_write(&sample, RCN_FORMAT_JUNIT, (struct rcn_report_style){0});
    assert_non_null(text);
    for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++)
        if (!strstr(text, wanted[i]))
            fail_msg("without %s:\n%s", wanted[i], text);
    free(text);
    sample_release(&sample);
}

/* --- limits --- */

enum { MANY = 25000, MAX_MARKDOWN = 65000 };

/* MANY rows of each status in turn, each with long hostile texts, and all diagnostics there are. */
static void fill(struct sample *sample, struct rcn_plan_row **ret_rows)
{
    struct rcn_plan_row *many = calloc(MANY, sizeof *many);
    assert_non_null(many);
    for (size_t i = 0; i < MANY; i++)
        many[i] = sample->rows[i % SAMPLE_DESIRED];
    sample->plan.rows = many;
    sample->plan.row_count = MANY;
    for (size_t i = 0; i < RCN_DIAGS_MAX + 500; i++)
        sample_add_warning(sample, i % 2 ? SAMPLE_HOSTILE : "x");
    *ret_rows = many;
}

static size_t count_lines(const char *text, const char *start)
{
    size_t count = 0;
    for (; *text; text += strcspn(text, "\n"), text += *text == '\n')
        count += strncmp(text, start, strlen(start)) == 0;
    return count;
}

/* Of those that begin with a heading. */
static size_t count_lists_with_entries(const char *text)
{
    size_t count = 0;
    for (text = strstr(text, "\n### "); text;) {
        const char *next = strstr(text + 1, "\n### ");
        const char *entry = strpbrk(strchr(text + 1, '\n'), "-|");
        count += entry && (!next || entry < next);
        text = next;
    }
    return count;
}

static void test_limits(void **state)
{
    (void)state;
    char *long_name = malloc(10001);
    assert_non_null(long_name);
    memset(long_name, '`', 10000);
    long_name[10000] = '\0';
    const char *names[] = {NULL, SAMPLE_HOSTILE, long_name};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        struct sample sample;
        struct rcn_plan_row *many;
        sample_init(&sample, names[i]);
        fill(&sample, &many);

        char *text = sample_write(&sample, RCN_FORMAT_MARKDOWN, (struct rcn_report_style){0});
        assert_non_null(text);
        assert_in_range(strlen(text), MAX_MARKDOWN / 2, MAX_MARKDOWN);
        assert_int_equal(count_lines(text, "### "), 7);
        /* Rows of one cause are one entry: only what has none of its own is cut. */
        assert_in_range(count_lines(text, "… and "), 3, 6);
        assert_non_null(strstr(text, "syncs are missing: apply will create them"));
        assert_in_range(count_lists_with_entries(text), 5, 7);
        assert_int_equal(count_lines(text, "<details>"), count_lines(text, "</details>"));
        free(text);

        text = sample_write(&sample, RCN_FORMAT_GITHUB, (struct rcn_report_style){0});
        assert_non_null(text);
        assert_int_equal(count_lines(text, "::"), 51);
        assert_non_null(strstr(text, " more annotations were left out\n"));
        free(text);

        free(many);
        sample_release(&sample);
    }
    free(long_name);
}

static void test_sarif_limit(void **state)
{
    (void)state;
    struct sample sample;
    struct rcn_plan_row *many;
    sample_init(&sample, NULL);
    fill(&sample, &many);
    char *text = sample_write(&sample, RCN_FORMAT_SARIF, (struct rcn_report_style){0});
    assert_non_null(text);
    assert_int_equal(count_lines(text, "   {\"ruleId\""), 20000);
    assert_non_null(strstr(text, " results were left out"));
    free(text);
    free(many);
    sample_release(&sample);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_documents),
        cmocka_unit_test(test_drift_in_junit),
        cmocka_unit_test(test_limits),
        cmocka_unit_test(test_sarif_limit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
