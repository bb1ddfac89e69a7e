#include <stdlib.h>
#include <string.h>

#include "base/escape.h"
#include "base/memory.h"
#include "base/strmap.h"
#include "base/time.h"
#include "report/markup.h"
#include "report/plain.h"
#include "report/report_formats.h"
#include "report/view.h"

/*
 * JUnit's XML has no owner; this keeps to what the schemas of Jenkins and of Ant (Windy Road)
 * share, and to their order of elements, with the `file` and `line` of a test case that GitLab and
 * pytest have. A suite for the run itself holds its errors; then comes a suite for each company,
 * with a test case for each desired sync.
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
    struct rcn_buf text;      /* harmless text (plain.h) on its way into XML */
    struct rcn_buf name;      /* raw */
    struct entry *entries;    /* rows by company, then in manifest order */
    struct rcn_strmap *names; /* of test cases: a viewer keeps one test of a name */
    struct rcn_arena *arena;
    size_t count;
    size_t suites;
};

static void add_attribute(struct writer *self, const char *name, const char *value)
{
    rcn_buf_printf(self->out, " %s=\"", name);
    rcn_markup_add(self->out, value);
    rcn_buf_add_char(self->out, '"');
}

/* Up to its first line feed the text is the message, all of it the content. */
static void put_verdict(struct writer *self, const char *element, const char *type)
{
    const char *text = rcn_buf_get_str(&self->text);
    char *message = rcn_strndup(text, strcspn(text, "\n"));
    rcn_buf_printf(self->out, ">\n      <%s message=\"", element);
    rcn_markup_add_visible(self->out, message);
    rcn_buf_printf(self->out, "\" type=\"%s\">", type);
    rcn_markup_add_visible(self->out, text);
    rcn_buf_printf(self->out, "</%s>\n    </testcase>\n", element);
    rcn_buf_clear(&self->text);
    free(message);
}

/* Makes the name in self->name one that no case of the class has yet. */
static void make_unique(struct writer *self, const char *class_name)
{
    size_t len = self->name.len;
    for (size_t number = 2;; number++) {
        char *key =
            rcn_arena_printf(self->arena, "%s\n%s", class_name, rcn_buf_get_str(&self->name));
        void **place = rcn_strmap_put(self->names, key, strlen(key));
        if (!*place) {
            *place = key;
            return;
        }
        rcn_buf_truncate(&self->name, len);
        rcn_buf_printf(&self->name, " #%zu", number);
    }
}

/* A class is a file, by the same name in every commit; what has no file is ours. */
static void begin_case(struct writer *self, struct rcn_span span)
{
    const char *class_name = span.text ? rcn_report_get_path(self->report, span) : "audiencectl";
    const char *file = rcn_view_get_file(self->report, span);
    make_unique(self, class_name);
    rcn_buf_add_str(self->out, "    <testcase");
    add_attribute(self, "classname", class_name);
    add_attribute(self, "name", rcn_buf_get_str(&self->name));
    if (file)
        add_attribute(self, "file", file);
    if (file && span.line)
        rcn_buf_printf(self->out, " line=\"%u\"", span.line);
    rcn_buf_add_str(self->out, " time=\"0\"");
    rcn_buf_clear(&self->name);
}

static void add_count_attributes(struct rcn_buf *out, const struct counts *counts)
{
    rcn_buf_printf(out, " tests=\"%zu\" failures=\"%zu\" errors=\"%zu\" skipped=\"%zu\" time=\"0\"",
                   counts->tests, counts->failures, counts->errors, counts->skipped);
}

static void begin_suite(struct writer *self, const char *name, const struct counts *counts)
{
    const struct rcn_source_facts *source = rcn_report_get_source(self->report);
    char time[RCN_TIME_SIZE];
    rcn_time_format(self->report->created_at_ms, time);
    time[strcspn(time, "Z")] = '\0'; /* the schemas know no zone */
    rcn_buf_add_str(self->out, "  <testsuite");
    add_attribute(self, "name", name);
    rcn_buf_printf(self->out,
                   " id=\"%zu\" package=\"audiencectl\" timestamp=\"%s\" hostname=\"localhost\"",
                   self->suites++, time);
    add_count_attributes(self->out, counts);
    rcn_buf_add_str(self->out, ">\n    <properties");
    if (source && source->commit) {
        rcn_buf_add_str(self->out, ">\n      <property name=\"commit\"");
        add_attribute(self, "value", source->commit);
        rcn_buf_add_str(self->out, "/>\n    </properties>\n");
    } else {
        rcn_buf_add_str(self->out, "/>\n");
    }
}

static void end_suite(struct writer *self)
{
    rcn_buf_add_str(self->out, "    <system-out>");
    rcn_markup_add_visible(self->out, rcn_buf_get_str(&self->text));
    rcn_buf_clear(&self->text);
    rcn_buf_add_str(self->out, "</system-out>\n    <system-err/>\n  </testsuite>\n");
}

/* --- the run --- */

static struct counts count_run(const struct rcn_report *report)
{
    bool failed = report->error || (report->results && report->results->problem);
    struct counts counts = {.tests = 1, .errors = failed};
    for (size_t i = 0; i < report->diags->count; i++)
        counts.errors += report->diags->items[i]->severity == RCN_SEVERITY_ERROR;
    counts.tests += counts.errors - failed;
    return counts;
}

static void put_run_case(struct writer *self)
{
    const struct rcn_report *report = self->report;
    rcn_buf_add_str(&self->name, report->command);
    begin_case(self, (struct rcn_span){0});
    if (report->error) {
        rcn_plain_add_failure(&self->text, report);
        put_verdict(self, "error", rcn_error_get_rule(report->error));
    } else if (report->results && report->results->problem) {
        rcn_escape_visible(&self->text, report->results->problem);
        put_verdict(self, "error", RCN_RULE_INCOMPLETE);
    } else {
        rcn_buf_add_str(self->out, "/>\n");
    }
}

static void add_diag(struct writer *self, const struct rcn_diag *diag)
{
    rcn_plain_add_place(&self->text, self->report, diag->span);
    rcn_buf_add_str(&self->text, diag->span.text ? ": " : "");
    rcn_buf_add_str(&self->text, diag->severity == RCN_SEVERITY_ERROR ? "" : "warning: ");
    rcn_plain_add_diag(&self->text, self->report, diag);
}

static void put_run_suite(struct writer *self, const struct counts *counts)
{
    const struct rcn_diags *diags = self->report->diags;
    char *name = rcn_arena_printf(self->arena, "audiencectl %s", self->report->command);
    begin_suite(self, name, counts);
    put_run_case(self);
    for (size_t i = 0; i < diags->count; i++) {
        const struct rcn_diag *diag = diags->items[i];
        if (diag->severity != RCN_SEVERITY_ERROR)
            continue;
        rcn_buf_add_str(&self->name, diag->rule);
        if (diag->span.line)
            rcn_buf_printf(&self->name, " in line %u", diag->span.line);
        begin_case(self, diag->span);
        add_diag(self, diag);
        put_verdict(self, "error", diag->rule);
    }
    for (size_t i = 0; i < diags->count; i++) {
        if (diags->items[i]->severity == RCN_SEVERITY_ERROR)
            continue;
        add_diag(self, diags->items[i]);
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
        return kind == RCN_KIND_IN_SYNC || kind == RCN_KIND_NOTED ? PASSED : SKIPPED;
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
    self->entries = rcn_calloc(count + 1, sizeof *self->entries);
    for (size_t i = 0; i < count; i++) {
        const struct rcn_plan_row *row = rcn_view_get_row(self->report, i);
        if (row->desired || rcn_view_is_reported(self->report, row))
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
    enum verdict verdict = judge(self->report, row);
    rcn_view_add_name(&self->name, sync->audience_name);
    rcn_buf_printf(&self->name, " (%s", sync->ad_account_id);
    if (sync->id)
        rcn_buf_printf(&self->name, ", %s", sync->id);
    rcn_buf_add_char(&self->name, ')');
    begin_case(self, span);
    if (verdict == PASSED) {
        rcn_buf_add_str(self->out, "/>\n");
        return;
    }
    rcn_plain_add_row(&self->text, self->report, row);
    if (span.text) {
        rcn_buf_add_str(&self->text, "\nat ");
        rcn_plain_add_place(&self->text, self->report, span);
    }
    put_verdict(self, verdict == SKIPPED ? "skipped" : "failure",
                rcn_kind_get_words(rcn_view_get_kind(self->report, row))->name);
}

static void put_company_suites(struct writer *self)
{
    for (size_t first = 0, end; first < self->count; first = end) {
        const struct entry *entry = &self->entries[first];
        const char *id = get_company(entry);
        const char *name = rcn_view_get_company_name(self->report, rcn_row_get_sync(entry->row));
        for (end = first; end < self->count && !strcmp(get_company(&self->entries[end]), id);)
            end++;
        struct counts counts = count_entries(self, first, end);
        begin_suite(self, name ? name : *id ? id : "audience syncs", &counts);
        for (size_t i = first; i < end; i++)
            put_row_case(self, self->entries[i].row);
        end_suite(self);
    }
}

void rcn_report_junit_write(const struct rcn_report *report, const struct rcn_report_style *style,
                            struct rcn_buf *out)
{
    (void)style;
    struct writer self = {.out = out,
                          .report = report,
                          .names = rcn_strmap_new(0),
                          .arena = rcn_arena_new(RCN_REPORT_MAX_BYTES)};
    struct counts run = count_run(report);
    rcn_buf_init(&self.text, RCN_REPORT_MAX_BYTES);
    rcn_buf_init(&self.name, RCN_REPORT_MAX_BYTES);
    collect(&self);
    struct counts all = count_entries(&self, 0, self.count);
    rcn_buf_printf(out,
                   "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites "
                   "name=\"audiencectl %s\" tests=\"%zu\" failures=\"%zu\" errors=\"%zu\" "
                   "time=\"0\">\n",
                   report->command, all.tests + run.tests, all.failures, run.errors);
    put_run_suite(&self, &run);
    put_company_suites(&self);
    rcn_buf_add_str(out, "</testsuites>\n");
    rcn_buf_release(&self.text);
    rcn_buf_release(&self.name);
    rcn_strmap_free(self.names);
    rcn_arena_free(self.arena);
    free(self.entries);
}
