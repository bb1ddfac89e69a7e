/*
 * report_samples: writes every format of many reports into a directory, as VARIANT.FORMAT, for
 * check_reports.py to read with parsers that are not ours.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sample_write.h"

enum { LONG_NAME = 10240, HISTORY = 40, MANY = 5000 };

struct variant {
    const char *name;
    const char *hostile; /* NULL: friendly names */
    void (*prepare)(struct sample *sample, const char *text);
};

static char long_name[LONG_NAME + 1];

static void plan(struct sample *sample, const char *text)
{
    sample_add_warning(sample, text);
}

static void apply(struct sample *sample, const char *text)
{
    sample_apply(sample, text);
    sample_add_warning(sample, text);
}

static void stop(struct sample *sample, const char *text)
{
    sample_fail(sample, text);
    sample->report.source = &sample->plan.source;
}

static void stop_early(struct sample *sample, const char *text)
{
    sample_fail(sample, text);
    sample->report.desired_count = 0;
    sample->report.requests.get = 0;
}

static void validate(struct sample *sample, const char *text)
{
    struct rcn_span span = {.text = &sample->text, .line = 3};
    sample->report.plan = NULL;
    sample->report.command = "validate";
    sample->report.outcome = "error";
    sample->report.exit_code = 1;
    rcn_diags_error(&sample->diags, "unknown-key", span, "unknown key '%s'", text);
    span.line = 0;
    rcn_diags_error(&sample->diags, "unreadable", span, "%s", text);
    rcn_diags_error(&sample->diags, "no-manifest", (struct rcn_span){0}, "%s", text);
    sample_add_warning(sample, text);
}

static void drift(struct sample *sample, const char *text)
{
    static struct rcn_history_point points[HISTORY];
    static struct rcn_history_row resolved[1];
    static struct rcn_history history;
    for (size_t i = 0; i < HISTORY; i++)
        points[i] = (struct rcn_history_point){
            .at_ms = SAMPLE_NOW_MS - (int64_t)(HISTORY - 1 - i) * 3600000,
            .counts = {.desired = 6, .by_status = {2, i % 3, i, 0, 1, 1}, .unhealthy = i % 2}};
    resolved[0] = (struct rcn_history_row){.company_id = "comp_123",
                                           .ad_account_id = "act_1234567890",
                                           .audience_name = text,
                                           .status = RCN_STATUS_DRIFTED,
                                           .since_ms = SAMPLE_NOW_MS - 86400000};
    history = (struct rcn_history){.points = points,
                                   .count = HISTORY,
                                   .runs = HISTORY,
                                   .previous_at_ms = points[HISTORY - 2].at_ms,
                                   .resolved = resolved,
                                   .resolved_count = 1,
                                   .new_count = 1};
    sample->report.history = &history;
    sample->report.fail_on = RCN_FAIL_ON_GIVEN | 1U << (RCN_STATUS_DRIFTED - 1) |
                             1U << (RCN_STATUS_UNMANAGED - 1) | RCN_FAIL_ON_UNHEALTHY;
    sample->report.command = "drift";
    sample->report.exit_code = 2;
    sample->rows[0].is_new = true;
    sample->rows[0].since_ms = SAMPLE_NOW_MS;
    sample->rows[1].since_ms = SAMPLE_NOW_MS - INT64_C(9) * 86400000;
    sample->rows[2].is_ignored = true;
    sample->rows[2].ignore_reason = text;
    sample->rows[1].health = RCN_HEALTH_STALE; /* drifted, and unhealthy too */
    sample->plan.counts.unhealthy = 2;
    sample->plan.counts.ignored = 1;
    sample->plan.counts.by_status[RCN_STATUS_DUPLICATE] = 0;
}

/* Every text that others wrote, and a second company, so that rows name theirs. */
static void fill(struct sample *sample, const char *text)
{
    static struct rcn_live_company companies[2];
    companies[0] = (struct rcn_live_company){
        .company_id = "comp_123", .name = text, .sync_count = 7, .is_named = true};
    companies[1] = (struct rcn_live_company){
        .company_id = text, .name = text, .sync_count = 7, .is_named = true};
    sample->plan.live.companies = companies;
    sample->plan.live.company_count = 2;
    sample->plan.source.url = text;
    sample->plan.source.ref = text;
    sample->text.path = text;
    for (size_t i = 0; i < SAMPLE_DESIRED; i++) {
        sample->rows[i].ad_account_name = text;
        sample->desired[i].sync.ad_account_id = text;
        if (sample->desired[i].sync.segment_id)
            sample->desired[i].sync.segment_id = text;
    }
    for (size_t i = 0; i < SAMPLE_LIVE; i++) {
        sample->live[i].sync.id = text;
        sample->live[i].sync.segment_id = text;
        sample->live[i].segment_name = text;
        sample->live[i].sync.frequency = text;
        sample->live[i].sync_status = text;
        sample->live[i].last_sync_at = text;
        sample->live[i].created_at = text;
    }
    sample->changes[0].live = text;
    sample->desired[1].sync.company_id = text;
    sample->live[0].sync.company_id = text;
    sample_add_warning(sample, text);
}

static void fill_apply(struct sample *sample, const char *text)
{
    fill(sample, text);
    sample_apply(sample, text);
}

static void get_syncs(struct sample *sample, const char *text)
{
    static const void *pointers[SAMPLE_LIVE];
    static struct rcn_items items = {
        .kind = RCN_ITEMS_SYNCS, .rows = pointers, .count = SAMPLE_LIVE};
    fill(sample, text);
    for (size_t i = 0; i < SAMPLE_LIVE; i++)
        pointers[i] = &sample->live[i];
    sample->report.plan = NULL;
    sample->report.command = "get";
    sample->report.outcome = "listed";
    sample->report.items = &items;
}

static void get_segments(struct sample *sample, const char *text)
{
    static struct rcn_segment segment;
    static const void *pointers[1] = {&segment};
    static struct rcn_items items = {.kind = RCN_ITEMS_SEGMENTS, .rows = pointers, .count = 1};
    segment = (struct rcn_segment){text, text, 120, 80};
    get_syncs(sample, text);
    sample->report.items = &items;
}

static void get_ad_accounts(struct sample *sample, const char *text)
{
    static struct rcn_ad_account account;
    static const void *pointers[1] = {&account};
    static struct rcn_items items = {.kind = RCN_ITEMS_AD_ACCOUNTS, .rows = pointers, .count = 1};
    account = (struct rcn_ad_account){text, text};
    get_syncs(sample, text);
    sample->report.items = &items;
}

/* For the browser: as many rows as a large company has, of two companies and two ad accounts. */
static void drift_many(struct sample *sample, const char *text)
{
    static struct rcn_plan_row rows[MANY];
    static struct rcn_desired_sync desired[MANY];
    static char names[MANY][32];
    static const struct rcn_pair labels[] = {{"owner", "crm"}, {"owner", "agency"}};
    drift(sample, text);
    for (size_t i = 0; i < MANY; i++) {
        size_t model = i % 50 < SAMPLE_DESIRED ? i % 50 : SAMPLE_DESIRED - 1;
        rows[i] = sample->rows[model];
        desired[i] = sample->desired[model];
        snprintf(names[i], sizeof names[i], "Audience %zu", i);
        desired[i].sync.audience_name = names[i];
        desired[i].sync.company_id = i % 7 ? "comp_123" : "comp_456";
        desired[i].sync.ad_account_id = i % 3 ? "act_1234567890" : "act_99";
        desired[i].labels = &labels[i / 50 % 2];
        desired[i].label_count = 1;
        rows[i].desired = &desired[i];
    }
    sample->plan.rows = rows;
    sample->plan.row_count = MANY;
}

static const struct variant variants[] = {
    {"plan", NULL, plan},
    {"plan-hostile", SAMPLE_HOSTILE, fill},
    {"plan-long", long_name, fill},
    {"plan-bytes", "\xff\xfe cut off: \xe2\x80", fill},
    {"apply", NULL, apply},
    {"apply-hostile", SAMPLE_HOSTILE, fill_apply},
    {"apply-long", long_name, fill_apply},
    {"failed", NULL, stop},
    {"failed-early", NULL, stop_early},
    {"failed-hostile", SAMPLE_HOSTILE, stop},
    {"failed-bytes", "\xff\xfe cut off: \xe2\x80", stop},
    {"validate", NULL, validate},
    {"validate-hostile", SAMPLE_HOSTILE, validate},
    {"drift", NULL, drift},
    {"drift-hostile", SAMPLE_HOSTILE, drift},
    {"drift-many", NULL, drift_many},
    {"syncs", NULL, get_syncs},
    {"syncs-hostile", SAMPLE_HOSTILE, get_syncs},
    {"segments-command", "::error::x ##[error]y ##vso[task.x]z ###", get_segments},
    {"validate-command", "::add-mask::x ##[error]y ##vso[task.x]z ###", validate},
    {"segments-hostile", SAMPLE_HOSTILE, get_segments},
    {"ad-accounts-hostile", SAMPLE_HOSTILE, get_ad_accounts},
};

static int write_file(const char *directory, const char *variant, enum rcn_format format,
                      const char *text)
{
    char path[4096];
    snprintf(path, sizeof path, "%s/%s.%s", directory, variant, rcn_format_names[format]);
    FILE *file = fopen(path, "w");
    if (!file || fputs(text, file) < 0 || fclose(file) != 0) {
        perror(path);
        return -1;
    }
    return 0;
}

static int write_variant(const char *directory, const struct variant *variant)
{
    const char *text = variant->hostile ? variant->hostile : "differs only in case";
    for (int format = 0; format < RCN_FORMAT_COUNT; format++) {
        struct sample sample;
        sample_init(&sample, variant->hostile);
        variant->prepare(&sample, text);
        char *report = sample_write(&sample, (enum rcn_format)format, (struct rcn_report_style){0});
        int result =
            report ? write_file(directory, variant->name, (enum rcn_format)format, report) : -1;
        free(report);
        sample_release(&sample);
        if (result != 0)
            return -1;
    }
    return 0;
}

int main(int argc, char **argv)
{
    if (argc != 2) {
        fputs("usage: report_samples DIRECTORY\n", stderr);
        return 64;
    }
    /* Runs of what ends things in one format or another. */
    static const char unit[] = "`]]>--></script>\"'|\n";
    for (size_t i = 0; i < LONG_NAME; i++)
        long_name[i] = i < LONG_NAME / 2 ? unit[i % (sizeof unit - 1)] : '`';
    for (size_t i = 0; i < sizeof variants / sizeof *variants; i++)
        if (write_variant(argv[1], &variants[i]) != 0)
            return 1;
    return 0;
}
