#include <stdlib.h>
#include <string.h>

#include "base/escape.h"
#include "report/plain.h"
#include "report/view.h"

/*
 * SARIF 2.1.0 (OASIS). GitHub refuses a run of more than 25,000 results. They come by level, errors
 * first, so that the limit takes the least of them. GitHub also refuses a whole file in which one
 * result has no place in a file: what has none becomes a notification of the run.
 */
enum { MAX_FINDINGS = 20000, MAX_RULES = 96 };

static const char *const level_names[] = {"none", "note", "warning", "error"};

struct writer {
    struct rcn_view *view;
    const char *rules[MAX_RULES];
    size_t rule_count;
    struct rcn_finding *findings;
    size_t finding_count;
    size_t put_count;      /* those after MAX_FINDINGS are only counted */
    const char *separator; /* of the array that is open */
};

/* SARIF makes links of `[text](target)` in messages (3.11.6): a space keeps the two apart. */
static void escape(struct rcn_buf *out, const char *text)
{
    struct rcn_buf apart;
    rcn_buf_init(&apart, RCN_REPORT_MAX_BYTES);
    for (; *text; text++) {
        rcn_buf_add_char(&apart, *text);
        if (text[0] == ']' && text[1] == '(')
            rcn_buf_add_char(&apart, ' ');
    }
    rcn_plain_escape_json(out, rcn_buf_get_str(&apart));
    rcn_buf_release(&apart);
}

/* Up to its opening brace. */
static void begin_element(struct writer *self)
{
    rcn_buf_add_str(self->view->out, self->separator);
    self->separator = ",\n   {";
}

/* --- rules --- */

static size_t find_rule(const struct writer *self, const char *id)
{
    size_t i = 0;
    while (i < self->rule_count && strcmp(self->rules[i], id) != 0)
        i++;
    return i;
}

/* kind: what the rule is about; NULL: the id says it all. */
static void put_rule(struct writer *self, const char *id, const struct rcn_kind_words *kind)
{
    struct rcn_view *view = self->view;
    if (find_rule(self, id) < self->rule_count || self->rule_count == MAX_RULES)
        return;
    self->rules[self->rule_count++] = id;
    begin_element(self);
    rcn_buf_add_str(&view->text, kind ? "an audience sync " : "");
    rcn_view_add_agreeing(&view->text, 1, kind ? kind->sentence : id, (char *)NULL);
    rcn_view_put(view, "\"id\": %s, \"shortDescription\": {\"text\": %s}}", id,
                 rcn_view_get_text(view));
}

static void put_rules(struct writer *self)
{
    const struct rcn_diags *diags = self->view->report->diags;
    bool used[RCN_KIND_COUNT] = {false};
    for (size_t i = 0; i < diags->count; i++)
        put_rule(self, diags->items[i]->rule, NULL);
    for (size_t i = 0; i < self->finding_count; i++)
        if (self->findings[i].row)
            used[rcn_view_get_kind(self->view->report, self->findings[i].row)] = true;
    for (size_t kind = 0; kind < RCN_KIND_COUNT; kind++)
        if (used[kind])
            put_rule(self, rcn_kinds[kind].name, &rcn_kinds[kind]);
}

/* --- results and notifications --- */

/* The message, harmless text (plain.h), is in view->text, here and in the next. */
static void put_notification(struct writer *self, enum rcn_level level, const char *rule)
{
    begin_element(self);
    rcn_view_put(self->view, "\"level\": %s, \"message\": {\"text\": %s}", level_names[level],
                 rcn_view_get_text(self->view));
    if (rule)
        rcn_view_put(self->view, ", \"associatedRule\": {\"id\": %s}", rule);
    rcn_view_put(self->view, "}");
}

static void put_result(struct writer *self, const struct rcn_finding *finding)
{
    struct rcn_view *view = self->view;
    const char *file = rcn_view_get_file(self->view->report, finding->span);
    const struct rcn_span span = finding->span;
    size_t index = find_rule(self, finding->rule);
    begin_element(self);
    rcn_buf_add_str(view->out, "\"ruleId\": ");
    escape(view->out, finding->rule);
    if (index < self->rule_count)
        rcn_buf_printf(view->out, ", \"ruleIndex\": %zu", index);
    rcn_view_put(view, ", \"level\": %s, \"message\": {\"text\": %s}, \"locations\": ",
                 level_names[finding->level], rcn_view_get_text(view));
    rcn_buf_add_str(&view->text, file[0] == '/' ? "file://" : "");
    rcn_view_add_url_path(&view->text, file);
    rcn_view_put(view, "[{\"physicalLocation\": {\"artifactLocation\": {\"uri\": %s}",
                 rcn_view_get_text(view));
    if (span.line)
        rcn_view_put(view, ", \"region\": {\"startLine\": %u", span.line);
    if (span.line && span.column)
        rcn_view_put(view, ", \"startColumn\": %u", span.column);
    rcn_view_put(view, span.line ? "}}}]}" : "}}]}");
}

static void put_findings(struct writer *self, bool is_without_file)
{
    for (size_t i = 0; i < self->finding_count; i++) {
        const struct rcn_finding *finding = &self->findings[i];
        if (!rcn_view_get_file(self->view->report, finding->span) != is_without_file ||
            self->put_count++ >= MAX_FINDINGS)
            continue;
        rcn_plain_add_finding(self->view, finding);
        if (is_without_file)
            put_notification(self, finding->level, finding->rule);
        else
            put_result(self, finding);
    }
}

static void put_notifications(struct writer *self)
{
    const struct rcn_results *results = self->view->report->results;
    if (self->view->report->error) {
        rcn_plain_add_lines(self->view, rcn_view_list_failure(self->view));
        put_notification(self, RCN_LEVEL_ERROR, NULL);
    }
    if (results && results->problem) {
        rcn_escape_visible(&self->view->text, results->problem);
        put_notification(self, RCN_LEVEL_ERROR, NULL);
    }
    put_findings(self, true);
    if (self->put_count > MAX_FINDINGS) {
        rcn_view_add(&self->view->text, "%zu {result was|results were} left out",
                     self->put_count - MAX_FINDINGS);
        put_notification(self, RCN_LEVEL_WARNING, NULL);
    }
}

void rcn_report_sarif_write(struct rcn_view *view)
{
    static const char first[] = "\n   {";
    const struct rcn_report *report = view->report;
    const struct rcn_source_facts *source = rcn_report_get_source(report);
    struct writer self = {.view = view, .separator = first};
    self.findings = rcn_plain_list(report, &self.finding_count);
    view->escape = escape;
    rcn_view_put(view, "{\"$schema\": \"https://json.schemastore.org/sarif-2.1.0.json\", "
                       "\"version\": \"2.1.0\",\n \"runs\": [{\n  \"tool\": {\"driver\": "
                       "{\"name\": \"audiencectl\", \"version\": \"" AUDIENCECTL_VERSION
                       "\", \"rules\": [");
    put_rules(&self);
    rcn_view_put(view, "]}},\n  \"columnKind\": \"unicodeCodePoints\",\n  \"results\": [");
    self.separator = first;
    put_findings(&self, false);
    /* An error that follows from findings, or from what apply did, is a result of the check. */
    bool was_checked = !report->error || report->diags->errors || report->plan;
    rcn_buf_printf(view->out,
                   "],\n  \"invocations\": [{\"executionSuccessful\": %s, \"exitCode\": %d, "
                   "\"toolExecutionNotifications\": [",
                   was_checked ? "true" : "false", report->exit_code);
    self.separator = first;
    put_notifications(&self);
    rcn_view_put(view, "]}]");
    if (source && source->commit) {
        view->escape = rcn_plain_escape_json;
        rcn_escape_visible(&view->text, source->url ? source->url : "");
        rcn_view_put(view, ", \"properties\": {\"repository\": %s", rcn_view_get_text(view));
        rcn_escape_visible(&view->text, source->commit);
        rcn_view_put(view, ", \"commit\": %s}", rcn_view_get_text(view));
    }
    rcn_view_put(view, "}]}\n");
    free(self.findings);
}
