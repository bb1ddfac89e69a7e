#include <stdlib.h>
#include <string.h>

#include "base/escape.h"
#include "base/time.h"
#include "report/plain.h"
#include "report/report_formats.h"
#include "report/view.h"

/*
 * JUnit's XML has no owner; this keeps to what the schemas of Jenkins and of Ant (Windy Road)
 * share, and to their order of elements. A suite for the run itself holds its errors; then comes a
 * suite a company, with a test case for each desired sync.
 */
struct counts {
    size_t tests;
    size_t failures;
    size_t errors;
    size_t skipped;
};

struct entry {
    const struct rcn_plan_row *row;
    size_t order;
};

struct writer {
    struct rcn_buf *out;
    const struct rcn_report *report;
    struct rcn_buf text;   /* harmless text (plain.h) on its way into XML */
    struct entry *entries; /* rows by company, then in manifest order */
    size_t count;
    size_t suites;
};

/* Text from plain.h holds no character that XML 1.0 forbids. */
static void add_xml(struct rcn_buf *out, const char *text)
{
    for (; *text; text++) {
        if (*text == '&')
            rcn_buf_add_str(out, "&amp;");
        else if (*text == '<')
            rcn_buf_add_str(out, "&lt;");
        else if (*text == '>')
            rcn_buf_add_str(out, "&gt;");
        else if (*text == '"')
            rcn_buf_add_str(out, "&quot;");
        else
            rcn_buf_add_char(out, *text);
    }
}

static void add_attribute(struct writer *self, const char *name, const char *value)
{
    struct rcn_buf visible;
    rcn_buf_init(&visible, RCN_REPORT_MAX_BYTES);
    rcn_escape_visible(&visible, value);
    rcn_buf_printf(self->out, " %s=\"", name);
    add_xml(self->out, rcn_buf_get_str(&visible));
    rcn_buf_add_char(self->out, '"');
    if (visible.failed)
        self->out->failed = true;
    rcn_buf_release(&visible);
}

/* Up to its first line feed the text is the message, all of it the content. */
static void put_verdict(struct writer *self, const char *element, const char *type)
{
    if (self->text.failed)
        self->out->failed = true;
    const char *text = rcn_buf_get_str(&self->text);
    size_t first = strcspn(text, "\n");
    struct rcn_buf message;
    rcn_buf_init(&message, RCN_REPORT_MAX_BYTES);
    rcn_buf_add(&message, text, first);
    rcn_buf_printf(self->out, "      <%s message=\"", element);
    add_xml(self->out, rcn_buf_get_str(&message));
    rcn_buf_printf(self->out, "\" type=\"%s\">", type);
    add_xml(self->out, text);
    rcn_buf_printf(self->out, "</%s>\n", element);
    if (message.failed)
        self->out->failed = true;
    rcn_buf_release(&message);
    rcn_buf_clear(&self->text);
}

/* A class is a file, by the same name in every commit; what has no file is ours. */
static void begin_case(struct writer *self, struct rcn_span span, const char *name)
{
    const char *class_name = span.text ? rcn_report_get_path(self->report, span) : "audiencectl";
    rcn_buf_add_str(self->out, "    <testcase");
    add_attribute(self, "classname", class_name);
    add_attribute(self, "name", name);
    rcn_buf_add_str(self->out, " time=\"0\"");
}

static void add_count_attributes(struct rcn_buf *out, const struct counts *counts)
{
    rcn_buf_printf(out, " tests=\"%zu\" failures=\"%zu\" errors=\"%zu\" skipped=\"%zu\" time=\"0\"",
                   counts->tests, counts->failures, counts->errors, counts->skipped);
}

static void put_properties(struct writer *self)
{
    const struct rcn_source_facts *source = rcn_report_get_source(self->report);
    if (!source || !source->commit) {
        rcn_buf_add_str(self->out, "    <properties/>\n");
        return;
    }
    rcn_buf_add_str(self->out, "    <properties>\n      <property name=\"commit\"");
    add_attribute(self, "value", source->commit);
    rcn_buf_add_str(self->out, "/>\n    </properties>\n");
}

static void begin_suite(struct writer *self, const char *name, const struct counts *counts)
{
    char time[RCN_TIME_SIZE];
    rcn_time_format(self->report->created_at_ms, time);
    time[strcspn(time, "Z")] = '\0'; /* the schemas know no zone */
    rcn_buf_add_str(self->out, "  <testsuite");
    add_attribute(self, "name", name);
    rcn_buf_printf(self->out,
                   " id=\"%zu\" package=\"audiencectl\" timestamp=\"%s\" "
                   "hostname=\"localhost\"",
                   self->suites++, time);
    add_count_attributes(self->out, counts);
    rcn_buf_add_str(self->out, ">\n");
    put_properties(self);
}

static void end_suite(struct writer *self)
{
    if (self->text.failed)
        self->out->failed = true;
    rcn_buf_add_str(self->out, "    <system-out>");
    add_xml(self->out, rcn_buf_get_str(&self->text));
    rcn_buf_clear(&self->text);
    rcn_buf_add_str(self->out, "</system-out>\n    <system-err/>\n  </testsuite>\n");
}

/* --- the run --- */

static bool has_run_error(const struct rcn_report *report)
{
    return report->error || (report->results && report->results->problem);
}

static struct counts count_run(const struct rcn_report *report)
{
    struct counts counts = {.tests = 1, .errors = has_run_error(report)};
    for (size_t i = 0; i < report->diags->count; i++)
        if (report->diags->items[i]->severity == RCN_SEVERITY_ERROR) {
            counts.tests++;
            counts.errors++;
        }
    return counts;
}

static void put_run_case(struct writer *self)
{
    const struct rcn_report *report = self->report;
    begin_case(self, (struct rcn_span){0}, report->command);
    if (!has_run_error(report)) {
        rcn_buf_add_str(self->out, "/>\n");
        return;
    }
    rcn_buf_add_str(self->out, ">\n");
    if (report->error)
        rcn_plain_add_failure(&self->text, report);
    else
        rcn_escape_visible(&self->text, report->results->problem);
    put_verdict(self, "error",
                report->error ? rcn_error_get_rule(report->error) : RCN_RULE_INCOMPLETE);
    rcn_buf_add_str(self->out, "    </testcase>\n");
}

static void add_diag_place(struct writer *self, const struct rcn_diag *diag)
{
    if (!diag->span.text)
        return;
    rcn_escape_visible(&self->text, diag->span.text->path);
    rcn_buf_printf(&self->text, ":%u: ", diag->span.line);
}

static void put_error_case(struct writer *self, const struct rcn_diag *diag)
{
    begin_case(self, diag->span, diag->rule);
    rcn_buf_add_str(self->out, ">\n");
    add_diag_place(self, diag);
    rcn_plain_add_diag(&self->text, diag);
    put_verdict(self, "error", diag->rule);
    rcn_buf_add_str(self->out, "    </testcase>\n");
}

static void put_run_suite(struct writer *self, const struct counts *counts)
{
    const struct rcn_diags *diags = self->report->diags;
    struct rcn_buf name;
    rcn_buf_init(&name, RCN_REPORT_MAX_BYTES);
    rcn_buf_printf(&name, "audiencectl %s", self->report->command);
    if (name.failed)
        self->out->failed = true;
    begin_suite(self, rcn_buf_get_str(&name), counts);
    rcn_buf_release(&name);
    put_run_case(self);
    for (size_t i = 0; i < diags->count; i++)
        if (diags->items[i]->severity == RCN_SEVERITY_ERROR)
            put_error_case(self, diags->items[i]);
    for (size_t i = 0; i < diags->count; i++) {
        if (diags->items[i]->severity == RCN_SEVERITY_ERROR)
            continue;
        add_diag_place(self, diags->items[i]);
        rcn_buf_add_str(&self->text, "warning: ");
        rcn_plain_add_diag(&self->text, diags->items[i]);
        rcn_buf_add_char(&self->text, '\n');
    }
    end_suite(self);
}

/* --- the syncs --- */

enum verdict { PASSED, SKIPPED, FAILED };

/*
 * With drift a test fails for what makes the run fail, so that a green job has no red test; other
 * differences are skipped tests. Elsewhere it fails for what a person has to look at, and what the
 * next apply creates passes.
 */
static enum verdict judge(const struct rcn_report *report, const struct rcn_plan_row *row)
{
    enum rcn_kind kind = rcn_view_get_kind(report, row);
    if (rcn_view_get_level(report, row) == RCN_LEVEL_ERROR)
        return FAILED;
    if (kind == RCN_KIND_WITHHELD || kind == RCN_KIND_IGNORED)
        return SKIPPED;
    if (report->fail_on)
        return kind == RCN_KIND_IN_SYNC ? PASSED : SKIPPED;
    return kind == RCN_KIND_DRIFTED || kind == RCN_KIND_DUPLICATE ? FAILED : PASSED;
}

static const char *get_company(const struct entry *entry)
{
    const char *company = rcn_row_get_sync(entry->row)->company_id;
    return company ? company : "";
}

static int compare_entries(const void *left, const void *right)
{
    const struct entry *a = left;
    const struct entry *b = right;
    int order = strcmp(get_company(a), get_company(b));
    return order ? order : (a->order > b->order) - (a->order < b->order);
}

static void collect(struct writer *self)
{
    size_t count = rcn_view_get_row_count(self->report);
    if (!count)
        return;
    self->entries = calloc(count, sizeof *self->entries);
    if (!self->entries) {
        self->out->failed = true;
        return;
    }
    for (size_t i = 0; i < count; i++) {
        const struct rcn_plan_row *row = rcn_view_get_row(self->report, i);
        if (row->desired || rcn_view_is_failure(self->report, row))
            self->entries[self->count++] = (struct entry){.row = row, .order = i};
    }
    qsort(self->entries, self->count, sizeof *self->entries, compare_entries);
}

static struct counts count_entries(const struct writer *self, size_t first, size_t end)
{
    struct counts counts = {.tests = end - first};
    for (size_t i = first; i < end; i++) {
        enum verdict verdict = judge(self->report, self->entries[i].row);
        counts.failures += verdict == FAILED;
        counts.skipped += verdict == SKIPPED;
    }
    return counts;
}

static void put_row_case(struct writer *self, const struct rcn_plan_row *row)
{
    const struct rcn_audience_sync *sync = rcn_row_get_sync(row);
    const struct rcn_span span = rcn_row_get_span(row);
    enum rcn_kind kind = rcn_view_get_kind(self->report, row);
    enum verdict verdict = judge(self->report, row);
    struct rcn_buf name;
    rcn_buf_init(&name, RCN_REPORT_MAX_BYTES);
    rcn_buf_printf(&name, "%s (%s", sync->audience_name, sync->ad_account_id);
    /* Only the id tells two of one name apart, and a viewer keeps one test of a name. */
    if (sync->id)
        rcn_buf_printf(&name, ", %s", sync->id);
    rcn_buf_add_char(&name, ')');
    if (name.failed)
        self->out->failed = true;
    begin_case(self, span, rcn_buf_get_str(&name));
    rcn_buf_release(&name);
    if (verdict == PASSED) {
        rcn_buf_add_str(self->out, "/>\n");
        return;
    }
    rcn_buf_add_str(self->out, ">\n");
    rcn_plain_add_row(&self->text, self->report, row);
    if (span.text) {
        rcn_buf_add_str(&self->text, "\nat ");
        rcn_escape_visible(&self->text, span.text->path);
        rcn_buf_printf(&self->text, ":%u", span.line);
    }
    put_verdict(self, verdict == SKIPPED ? "skipped" : "failure", rcn_kind_name(kind));
    rcn_buf_add_str(self->out, "    </testcase>\n");
}

static const char *get_suite_name(const struct rcn_report *report, const struct entry *entry)
{
    const char *name = rcn_view_get_company_name(report, rcn_row_get_sync(entry->row));
    const char *id = get_company(entry);
    if (name)
        return name;
    return *id ? id : "audience syncs";
}

static size_t find_end(const struct writer *self, size_t first)
{
    size_t end = first + 1;
    while (end < self->count &&
           strcmp(get_company(&self->entries[first]), get_company(&self->entries[end])) == 0)
        end++;
    return end;
}

static void put_company_suites(struct writer *self)
{
    for (size_t first = 0; first < self->count;) {
        size_t end = find_end(self, first);
        struct counts counts = count_entries(self, first, end);
        begin_suite(self, get_suite_name(self->report, &self->entries[first]), &counts);
        for (size_t i = first; i < end; i++)
            put_row_case(self, self->entries[i].row);
        end_suite(self);
        first = end;
    }
}

void rcn_report_junit_write(const struct rcn_report *report, const struct rcn_report_style *style,
                            struct rcn_buf *out)
{
    (void)style;
    struct writer self = {.out = out, .report = report};
    struct counts run = count_run(report);
    rcn_buf_init(&self.text, RCN_REPORT_MAX_BYTES);
    collect(&self);
    struct counts all = count_entries(&self, 0, self.count);
    all.tests += run.tests;
    all.errors += run.errors;
    rcn_buf_add_str(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites");
    rcn_buf_printf(out, " name=\"audiencectl %s\"", report->command);
    rcn_buf_printf(out, " tests=\"%zu\" failures=\"%zu\" errors=\"%zu\" time=\"0\">\n", all.tests,
                   all.failures, all.errors);
    put_run_suite(&self, &run);
    put_company_suites(&self);
    rcn_buf_add_str(out, "</testsuites>\n");
    rcn_buf_release(&self.text);
    free(self.entries);
}
