#include <stdlib.h>
#include <string.h>

#include "base/escape.h"
#include "base/strmap.h"
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
    struct rcn_strmap *names; /* of test cases: a viewer keeps one test of a name */
    struct rcn_arena *arena;
    size_t suites;
};

static void begin_suite(struct writer *self, const char *name, const struct counts *counts)
{
    const struct rcn_source_facts *source = rcn_report_get_source(self->view->report);
    rcn_view_put(self->view,
                 "  <testsuite name=\"%s\" id=\"%zu\" package=\"audiencectl\" timestamp=\"%.19jd\" "
                 "hostname=\"localhost\" tests=\"%zu\" failures=\"%zu\" errors=\"%zu\" "
                 "skipped=\"%zu\" time=\"0\">\n", /* the schemas know no zone */
                 name, self->suites++, self->view->report->created_at_ms, counts->tests,
                 counts->failures, counts->errors, counts->skipped);
    rcn_view_put(self->view,
                 "    <properties{>\n      <property name=\"commit\" value=\"%s\"/>\n"
                 "    </properties>|/>}\n",
                 source ? source->commit : NULL);
}

/*
 * A class is a file, by the same name in every commit; what has no file is ours. The name is in
 * view->text, and gets a number where a case of the class has it already.
 */
static void begin_case(struct writer *self, struct rcn_span span)
{
    struct rcn_view *view = self->view;
    const char *class_name =
        span.text ? rcn_report_get_path(self->view->report, span) : "audiencectl";
    const char *file = rcn_view_get_file(self->view->report, span);
    size_t len = view->text.len;
    for (size_t number = 2;; number++) {
        char *key = rcn_arena_printf(self->arena, "%s\n%s", class_name, rcn_view_get_text(view));
        void **place = rcn_strmap_put(self->names, key, strlen(key));
        if (!*place) {
            *place = key;
            break;
        }
        rcn_buf_truncate(&view->text, len);
        rcn_buf_printf(&view->text, " #%zu", number);
    }
    rcn_view_put(view,
                 "    <testcase classname=\"%s\" name=\"%s\"{ file=\"%s\"|}{ line=\"%u\"|} "
                 "time=\"0\"",
                 class_name, rcn_view_get_text(view), file, file ? span.line : 0);
}

/* Ends the case. Up to its first line feed view->text is the message, all of it the content; it is
 * visible already. element: NULL: the case passed. */
static void end_case(struct writer *self, const char *element, const char *type)
{
    struct rcn_view *view = self->view;
    const char *text = rcn_view_get_text(view);
    const char *message = rcn_arena_strndup(self->arena, text, strcspn(text, "\n"));
    view->escape = rcn_plain_escape_visible_xml;
    if (element)
        rcn_view_put(view, ">\n      <%s message=\"%s\" type=\"%s\">%s</%s>\n    </testcase>\n",
                     element, message, type, text, element);
    else
        rcn_view_put(view, "/>\n");
    view->escape = rcn_plain_escape_xml;
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
    rcn_plain_add_lines(view, rcn_view_list_diag(view, diag));
}

static void put_run_suite(struct writer *self, const struct counts *counts)
{
    const struct rcn_report *report = self->view->report;
    const struct rcn_diags *diags = report->diags;
    const char *problem = report->results ? report->results->problem : NULL;
    struct rcn_view *view = self->view;
    begin_suite(self, rcn_arena_printf(self->arena, "audiencectl %s", report->command), counts);
    rcn_buf_add_str(&view->text, report->command);
    begin_case(self, (struct rcn_span){0});
    if (report->error)
        rcn_plain_add_lines(view, rcn_view_list_failure(view));
    else if (problem)
        rcn_escape_visible(&view->text, problem);
    end_case(self, report->error || problem ? "error" : NULL,
             report->error ? rcn_error_get_rule(report->error) : RCN_RULE_INCOMPLETE);
    for (size_t i = 0; i < diags->count; i++) {
        const struct rcn_diag *diag = diags->items[i];
        if (diag->severity != RCN_SEVERITY_ERROR)
            continue;
        rcn_view_add(&view->text, "%s{ in line %u|}", diag->rule, diag->span.line);
        begin_case(self, diag->span);
        add_diag(view, diag);
        end_case(self, "error", diag->rule);
    }
    rcn_view_put(view, "    <system-out>");
    for (size_t i = 0; i < diags->count; i++) {
        if (diags->items[i]->severity == RCN_SEVERITY_ERROR)
            continue;
        add_diag(view, diags->items[i]);
        rcn_buf_add_char(&view->text, '\n');
    }
    rcn_plain_escape_visible_xml(view->out, rcn_view_get_text(view));
    rcn_view_put(view, "</system-out>\n    <system-err/>\n  </testsuite>\n");
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

static struct counts count_rows(const struct rcn_report *report, const struct rcn_sorted_row *rows,
                                size_t count)
{
    struct counts counts = {.tests = count};
    for (size_t i = 0; i < count; i++) {
        const char *element = judge(report, rows[i].row);
        counts.failures += element && *element == 'f';
        counts.skipped += element && *element == 's';
    }
    return counts;
}

static void put_row_case(struct writer *self, const struct rcn_plan_row *row)
{
    const struct rcn_audience_sync *sync = rcn_row_get_sync(row);
    const struct rcn_span span = rcn_row_get_span(row);
    const char *element = judge(self->view->report, row);
    struct rcn_buf *text = &self->view->text;
    rcn_view_add_name(text, sync->audience_name);
    rcn_view_add(text, " (%s{, %s|})", sync->ad_account_id, sync->id);
    begin_case(self, span);
    if (element) {
        rcn_plain_add_row(self->view, row);
        rcn_buf_add_str(text, span.text ? "\nat " : "");
        rcn_plain_add_place(self->view, span);
    }
    end_case(self, element, rcn_kinds[rcn_view_get_kind(self->view->report, row)].name);
}

static void put_company_suite(struct writer *self, const struct rcn_sorted_row *rows, size_t count)
{
    const char *id = rows->company_id;
    const char *name = rcn_view_get_company_name(self->view->report, rcn_row_get_sync(rows->row));
    struct counts counts = count_rows(self->view->report, rows, count);
    begin_suite(self, name ? name : *id ? id : "audience syncs", &counts);
    for (size_t i = 0; i < count; i++)
        put_row_case(self, rows[i].row);
    rcn_view_put(self->view, "    <system-out></system-out>\n    <system-err/>\n  </testsuite>\n");
}

void rcn_report_junit_write(struct rcn_view *view)
{
    const struct rcn_report *report = view->report;
    size_t all;
    size_t count = 0;
    struct rcn_sorted_row *rows = rcn_plain_sort_rows(report, true, false, &all);
    struct writer self = {
        .view = view, .names = rcn_strmap_new(0), .arena = rcn_arena_new(RCN_REPORT_MAX_BYTES)};
    for (size_t i = 0; i < all; i++)
        if (rows[i].row->desired || rcn_view_is_reported(report, rows[i].row))
            rows[count++] = rows[i];
    struct counts run = count_run(report);
    struct counts syncs = count_rows(report, rows, count);
    view->escape = rcn_plain_escape_xml;
    rcn_view_put(view,
                 "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"audiencectl %s\" "
                 "tests=\"%zu\" failures=\"%zu\" errors=\"%zu\" time=\"0\">\n",
                 report->command, syncs.tests + run.tests, syncs.failures, run.errors);
    put_run_suite(&self, &run);
    for (size_t first = 0, end; first < count; first = end) {
        end = rcn_plain_find_end(rows, count, first);
        put_company_suite(&self, &rows[first], end - first);
    }
    rcn_view_put(view, "</testsuites>\n");
    rcn_strmap_free(self.names);
    rcn_arena_free(self.arena);
    free(rows);
}
