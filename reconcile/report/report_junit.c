#include <stdlib.h>
#include <string.h>

#include "base/escape.h"
#include "base/memory.h"
#include "base/strmap.h"
#include "base/time.h"
#include "report/plain.h"
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

struct writer {
    struct rcn_view *view;
    const struct rcn_report *report;
    struct rcn_buf name;              /* of the next case, raw */
    const struct rcn_plan_row **rows; /* by company, then in manifest order */
    struct rcn_strmap *names;         /* of test cases: a viewer keeps one test of a name */
    struct rcn_arena *arena;
    size_t count;
    size_t suites;
};

/* Ends the case. Up to its first line feed view->text is the message, all of it the content. */
static void put_verdict(struct rcn_view *view, const char *element, const char *type)
{
    const char *text = rcn_view_get_text(view);
    char *message = rcn_strndup(text, strcspn(text, "\n"));
    rcn_buf_printf(view->out, ">\n      <%s message=\"", element);
    rcn_plain_escape_visible_xml(view->out, message);
    rcn_buf_printf(view->out, "\" type=\"%s\">", type);
    rcn_plain_escape_visible_xml(view->out, text);
    rcn_buf_printf(view->out, "</%s>\n    </testcase>\n", element);
    rcn_buf_clear(&view->text);
    free(message);
}

/*
 * A class is a file, by the same name in every commit; what has no file is ours. The name is in
 * self->name, and gets a number where a case of the class has it already.
 */
static void begin_case(struct writer *self, struct rcn_span span)
{
    const char *class_name = span.text ? rcn_report_get_path(self->report, span) : "audiencectl";
    const char *file = rcn_view_get_file(self->report, span);
    size_t len = self->name.len;
    for (size_t number = 2;; number++) {
        char *key =
            rcn_arena_printf(self->arena, "%s\n%s", class_name, rcn_buf_get_str(&self->name));
        void **place = rcn_strmap_put(self->names, key, strlen(key));
        if (!*place) {
            *place = key;
            break;
        }
        rcn_buf_truncate(&self->name, len);
        rcn_buf_printf(&self->name, " #%zu", number);
    }
    rcn_view_put(self->view, "    <testcase classname=\"%s\" name=\"%s\"", class_name,
                 rcn_buf_get_str(&self->name));
    if (file)
        rcn_view_put(self->view, " file=\"%s\"", file);
    if (file && span.line)
        rcn_view_put(self->view, " line=\"%u\"", span.line);
    rcn_view_put(self->view, " time=\"0\"");
    rcn_buf_clear(&self->name);
}

static void begin_suite(struct writer *self, const char *name, const struct counts *counts)
{
    const struct rcn_source_facts *source = rcn_report_get_source(self->report);
    char time[RCN_TIME_SIZE];
    rcn_time_format(self->report->created_at_ms, time);
    time[strcspn(time, "Z")] = '\0'; /* the schemas know no zone */
    rcn_view_put(self->view,
                 "  <testsuite name=\"%s\" id=\"%zu\" package=\"audiencectl\" timestamp=\"%s\" "
                 "hostname=\"localhost\" tests=\"%zu\" failures=\"%zu\" errors=\"%zu\" "
                 "skipped=\"%zu\" time=\"0\">\n    <properties",
                 name, self->suites++, time, counts->tests, counts->failures, counts->errors,
                 counts->skipped);
    if (source && source->commit)
        rcn_view_put(self->view,
                     ">\n      <property name=\"commit\" value=\"%s\"/>\n    </properties>\n",
                     source->commit);
    else
        rcn_view_put(self->view, "/>\n");
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

static void add_diag(struct rcn_view *view, const struct rcn_diag *diag)
{
    rcn_plain_add_place(view, diag->span);
    rcn_buf_add_str(&view->text, diag->span.text ? ": " : "");
    rcn_buf_add_str(&view->text, diag->severity == RCN_SEVERITY_ERROR ? "" : "warning: ");
    rcn_plain_add_diag(view, diag);
}

static void put_run_suite(struct writer *self, const struct counts *counts)
{
    const struct rcn_report *report = self->report;
    const struct rcn_diags *diags = report->diags;
    begin_suite(self, rcn_arena_printf(self->arena, "audiencectl %s", report->command), counts);
    rcn_buf_add_str(&self->name, report->command);
    begin_case(self, (struct rcn_span){0});
    if (report->error) {
        rcn_plain_add_failure(self->view);
        put_verdict(self->view, "error", rcn_error_get_rule(report->error));
    } else if (report->results && report->results->problem) {
        rcn_escape_visible(&self->view->text, report->results->problem);
        put_verdict(self->view, "error", RCN_RULE_INCOMPLETE);
    } else {
        rcn_view_put(self->view, "/>\n");
    }
    for (size_t i = 0; i < diags->count; i++) {
        const struct rcn_diag *diag = diags->items[i];
        if (diag->severity != RCN_SEVERITY_ERROR)
            continue;
        rcn_buf_add_str(&self->name, diag->rule);
        if (diag->span.line)
            rcn_buf_printf(&self->name, " in line %u", diag->span.line);
        begin_case(self, diag->span);
        add_diag(self->view, diag);
        put_verdict(self->view, "error", diag->rule);
    }
    rcn_view_put(self->view, "    <system-out>");
    for (size_t i = 0; i < diags->count; i++) {
        if (diags->items[i]->severity == RCN_SEVERITY_ERROR)
            continue;
        add_diag(self->view, diags->items[i]);
        rcn_buf_add_char(&self->view->text, '\n');
    }
    rcn_plain_escape_visible_xml(self->view->out, rcn_view_get_text(self->view));
    rcn_view_put(self->view, "</system-out>\n    <system-err/>\n  </testsuite>\n");
}

/* --- the syncs --- */

/*
 * The element of a case that did not pass; NULL: it passed. With drift a test fails for what makes
 * the run fail, so that a green job has no red test; other differences are skipped tests. Elsewhere
 * it fails for what a person has to look at, and what the next apply creates passes.
 */
static const char *judge(const struct rcn_report *report, const struct rcn_plan_row *row)
{
    static const char skipped[] = "skipped";
    static const char failed[] = "failure";
    enum rcn_kind kind = rcn_view_get_kind(report, row);
    if (rcn_view_get_level(report, row) == RCN_LEVEL_ERROR)
        return failed;
    if (kind == RCN_KIND_WITHHELD || kind == RCN_KIND_IGNORED)
        return skipped;
    if (report->fail_on)
        return kind == RCN_KIND_IN_SYNC || kind == RCN_KIND_NOTED ? NULL : skipped;
    return kind == RCN_KIND_DRIFTED || kind == RCN_KIND_DUPLICATE ? failed : NULL;
}

static const char *get_company(const struct rcn_plan_row *row)
{
    const char *company = rcn_row_get_sync(row)->company_id;
    return company ? company : "";
}

/* Desired rows and unmanaged ones are two arrays, and the second has no place in a manifest. */
static int compare_rows(const void *left, const void *right)
{
    const struct rcn_plan_row *const *a = left;
    const struct rcn_plan_row *const *b = right;
    int order = strcmp(get_company(*a), get_company(*b));
    if (order || !(*a)->desired != !(*b)->desired)
        return order ? order : !(*a)->desired - !(*b)->desired;
    return (*a > *b) - (*a < *b);
}

static struct counts count_rows(const struct writer *self, size_t first, size_t end)
{
    struct counts counts = {.tests = end - first};
    for (size_t i = first; i < end; i++) {
        const char *element = judge(self->report, self->rows[i]);
        counts.failures += element && *element == 'f';
        counts.skipped += element && *element == 's';
    }
    return counts;
}

static void put_row_case(struct writer *self, const struct rcn_plan_row *row)
{
    const struct rcn_audience_sync *sync = rcn_row_get_sync(row);
    const struct rcn_span span = rcn_row_get_span(row);
    const char *element = judge(self->report, row);
    rcn_view_add_name(&self->name, sync->audience_name);
    rcn_buf_printf(&self->name, " (%s%s%s)", sync->ad_account_id, sync->id ? ", " : "",
                   sync->id ? sync->id : "");
    begin_case(self, span);
    if (!element) {
        rcn_view_put(self->view, "/>\n");
        return;
    }
    rcn_plain_add_row(self->view, row);
    if (span.text) {
        rcn_buf_add_str(&self->view->text, "\nat ");
        rcn_plain_add_place(self->view, span);
    }
    put_verdict(self->view, element, rcn_kinds[rcn_view_get_kind(self->report, row)].name);
}

static void put_company_suites(struct writer *self)
{
    for (size_t first = 0, end; first < self->count; first = end) {
        const char *id = get_company(self->rows[first]);
        const char *name =
            rcn_view_get_company_name(self->report, rcn_row_get_sync(self->rows[first]));
        for (end = first; end < self->count && !strcmp(get_company(self->rows[end]), id);)
            end++;
        struct counts counts = count_rows(self, first, end);
        begin_suite(self, name ? name : *id ? id : "audience syncs", &counts);
        for (size_t i = first; i < end; i++)
            put_row_case(self, self->rows[i]);
        rcn_view_put(self->view,
                     "    <system-out></system-out>\n    <system-err/>\n  </testsuite>\n");
    }
}

void rcn_report_junit_write(struct rcn_view *view)
{
    const struct rcn_report *report = view->report;
    size_t all = rcn_view_get_row_count(report);
    struct writer self = {.view = view,
                          .report = report,
                          .rows = rcn_calloc(all + 1, sizeof(*self.rows)),
                          .names = rcn_strmap_new(0),
                          .arena = rcn_arena_new(RCN_REPORT_MAX_BYTES)};
    struct counts run = count_run(report);
    rcn_buf_init(&self.name, RCN_REPORT_MAX_BYTES);
    view->escape = rcn_plain_escape_xml;
    for (size_t i = 0; i < all; i++) {
        const struct rcn_plan_row *row = rcn_view_get_row(report, i);
        if (row->desired || rcn_view_is_reported(report, row))
            self.rows[self.count++] = row;
    }
    qsort(self.rows, self.count, sizeof(*self.rows), compare_rows);
    struct counts syncs = count_rows(&self, 0, self.count);
    rcn_view_put(view,
                 "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"audiencectl %s\" "
                 "tests=\"%zu\" failures=\"%zu\" errors=\"%zu\" time=\"0\">\n",
                 report->command, syncs.tests + run.tests, syncs.failures, run.errors);
    put_run_suite(&self, &run);
    put_company_suites(&self);
    rcn_view_put(view, "</testsuites>\n");
    rcn_buf_release(&self.name);
    rcn_strmap_free(self.names);
    rcn_arena_free(self.arena);
    free(self.rows);
}
