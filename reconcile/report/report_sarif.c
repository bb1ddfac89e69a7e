#include <stdlib.h>
#include <string.h>

#include "base/escape.h"
#include "base/json.h"
#include "report/plain.h"
#include "report/report_formats.h"
#include "report/view.h"

/*
 * SARIF 2.1.0 (OASIS). GitHub refuses a run of more than 25,000 results. They come by level, errors
 * first, so that the limit takes the least of them. GitHub also refuses a whole file in which one
 * result has no place in a file: what has none becomes a notification of the run.
 */
enum { MAX_FINDINGS = 20000, MAX_RULES = 96 };

static const char *const level_names[] = {[RCN_LEVEL_NONE] = "none",
                                          [RCN_LEVEL_NOTICE] = "note",
                                          [RCN_LEVEL_WARNING] = "warning",
                                          [RCN_LEVEL_ERROR] = "error"};

struct rule {
    const char *id;
    const char *text; /* NULL: the id says it all */
};

struct writer {
    struct rcn_json_writer json;
    struct rcn_buf *out;
    const struct rcn_report *report;
    struct rcn_buf text;
    struct rule rules[MAX_RULES];
    size_t rule_count;
    struct rcn_finding *findings;
    size_t finding_count;
    size_t put_count; /* those after MAX_FINDINGS are only counted */
};

/* SARIF makes links of `[text](target)` in messages (3.11.6): a space keeps the two apart. */
static void add_without_links(struct rcn_buf *out, const char *text)
{
    for (const char *end = strstr(text, "]("); end; end = strstr(text, "](")) {
        rcn_buf_add(out, text, (size_t)(end - text) + 1);
        rcn_buf_add_char(out, ' ');
        text = end + 1;
    }
    rcn_buf_add_str(out, text);
}

/* Writes self->text, harmless text (plain.h), and empties it. */
static void put_text(struct writer *self, const char *key)
{
    struct rcn_buf message;
    rcn_buf_init(&message, RCN_REPORT_MAX_BYTES);
    add_without_links(&message, rcn_buf_get_str(&self->text));
    rcn_json_key(&self->json, key);
    rcn_json_begin_object(&self->json);
    rcn_json_key_string(&self->json, "text", rcn_buf_get_str(&message));
    rcn_json_end_object(&self->json);
    rcn_buf_release(&message);
    rcn_buf_clear(&self->text);
}

static void put_hostile(struct writer *self, const char *key, const char *value)
{
    rcn_escape_visible(&self->text, value);
    rcn_json_key_string(&self->json, key, rcn_buf_get_str(&self->text));
    rcn_buf_clear(&self->text);
}

/* --- rules --- */

static size_t find_rule(const struct writer *self, const char *id)
{
    size_t i = 0;
    while (i < self->rule_count && strcmp(self->rules[i].id, id) != 0)
        i++;
    return i;
}

static void collect_rule(struct writer *self, const char *id, const char *text)
{
    size_t index = find_rule(self, id);
    if (index == self->rule_count && index < MAX_RULES)
        self->rules[self->rule_count++] = (struct rule){.id = id, .text = text};
}

static void collect_rules(struct writer *self)
{
    const struct rcn_diags *diags = self->report->diags;
    bool used[RCN_KIND_COUNT] = {false};
    for (size_t i = 0; i < diags->count; i++)
        collect_rule(self, diags->items[i]->rule, NULL);
    for (size_t i = 0; i < self->finding_count; i++)
        if (self->findings[i].row)
            used[rcn_view_get_kind(self->report, self->findings[i].row)] = true;
    for (size_t kind = 0; kind < RCN_KIND_COUNT; kind++)
        if (used[kind])
            collect_rule(self, rcn_kind_get_words((enum rcn_kind)kind)->name,
                         rcn_kind_get_words((enum rcn_kind)kind)->one);
}

static void put_rules(struct writer *self)
{
    rcn_json_key(&self->json, "rules");
    rcn_json_begin_array(&self->json);
    for (size_t i = 0; i < self->rule_count; i++) {
        const struct rule *rule = &self->rules[i];
        rcn_json_newline(&self->json, 3);
        rcn_json_begin_object(&self->json);
        rcn_json_key_string(&self->json, "id", rule->id);
        rcn_buf_printf(&self->text, rule->text ? "an audience sync %s" : "%s",
                       rule->text ? rule->text : rule->id);
        put_text(self, "shortDescription");
        rcn_json_end_object(&self->json);
    }
    rcn_json_end_array(&self->json);
}

static void put_tool(struct writer *self)
{
    rcn_json_newline(&self->json, 2);
    rcn_json_key(&self->json, "tool");
    rcn_json_begin_object(&self->json);
    rcn_json_key(&self->json, "driver");
    rcn_json_begin_object(&self->json);
    rcn_json_key_string(&self->json, "name", "audiencectl");
    rcn_json_key_string(&self->json, "version", AUDIENCECTL_VERSION);
    put_rules(self);
    rcn_json_end_object(&self->json);
    rcn_json_end_object(&self->json);
}

/* --- results --- */

static void put_uri(struct writer *self, const char *path)
{
    if (path[0] == '/')
        rcn_buf_add_str(&self->text, "file://");
    rcn_view_add_url_path(&self->text, path);
    rcn_json_key_string(&self->json, "uri", rcn_buf_get_str(&self->text));
    rcn_buf_clear(&self->text);
}

static void put_region(struct writer *self, struct rcn_span span)
{
    if (!span.line)
        return;
    rcn_json_key(&self->json, "region");
    rcn_json_begin_object(&self->json);
    rcn_json_key_integer(&self->json, "startLine", span.line);
    if (span.column)
        rcn_json_key_integer(&self->json, "startColumn", span.column);
    rcn_json_end_object(&self->json);
}

static void put_location(struct writer *self, struct rcn_span span)
{
    rcn_json_key(&self->json, "locations");
    rcn_json_begin_array(&self->json);
    rcn_json_begin_object(&self->json);
    rcn_json_key(&self->json, "physicalLocation");
    rcn_json_begin_object(&self->json);
    rcn_json_key(&self->json, "artifactLocation");
    rcn_json_begin_object(&self->json);
    put_uri(self, rcn_view_get_file(self->report, span));
    rcn_json_end_object(&self->json);
    put_region(self, span);
    rcn_json_end_object(&self->json);
    rcn_json_end_object(&self->json);
    rcn_json_end_array(&self->json);
}

static void put_result(struct writer *self, enum rcn_level level, const char *rule,
                       struct rcn_span span)
{
    size_t index = find_rule(self, rule);
    rcn_json_newline(&self->json, 3);
    rcn_json_begin_object(&self->json);
    rcn_json_key_string(&self->json, "ruleId", rule);
    if (index < self->rule_count)
        rcn_json_key_integer(&self->json, "ruleIndex", (long long)index);
    rcn_json_key_string(&self->json, "level", level_names[level]);
    put_text(self, "message");
    put_location(self, span);
    rcn_json_end_object(&self->json);
}

static void put_notification(struct writer *self, enum rcn_level level, const char *rule)
{
    rcn_json_newline(&self->json, 3);
    rcn_json_begin_object(&self->json);
    rcn_json_key_string(&self->json, "level", level_names[level]);
    put_text(self, "message");
    if (rule) {
        rcn_json_key(&self->json, "associatedRule");
        rcn_json_begin_object(&self->json);
        rcn_json_key_string(&self->json, "id", rule);
        rcn_json_end_object(&self->json);
    }
    rcn_json_end_object(&self->json);
}

static void put_findings(struct writer *self, bool is_without_file)
{
    for (size_t i = 0; i < self->finding_count; i++) {
        const struct rcn_finding *finding = &self->findings[i];
        if (!rcn_view_get_file(self->report, finding->span) != is_without_file ||
            self->put_count++ >= MAX_FINDINGS)
            continue;
        rcn_plain_add_finding(&self->text, self->report, finding);
        if (is_without_file)
            put_notification(self, finding->level, finding->rule);
        else
            put_result(self, finding->level, finding->rule, finding->span);
    }
}

static void put_results(struct writer *self)
{
    rcn_json_newline(&self->json, 2);
    rcn_json_key(&self->json, "results");
    rcn_json_begin_array(&self->json);
    put_findings(self, false);
    rcn_json_end_array(&self->json);
}

/* --- the run --- */

static void put_notifications(struct writer *self)
{
    const struct rcn_results *results = self->report->results;
    rcn_json_key(&self->json, "toolExecutionNotifications");
    rcn_json_begin_array(&self->json);
    if (self->report->error) {
        rcn_plain_add_failure(&self->text, self->report);
        put_notification(self, RCN_LEVEL_ERROR, NULL);
    }
    if (results && results->problem) {
        rcn_escape_visible(&self->text, results->problem);
        put_notification(self, RCN_LEVEL_ERROR, NULL);
    }
    put_findings(self, true);
    if (self->put_count > MAX_FINDINGS) {
        rcn_view_add_count(&self->text, self->put_count - MAX_FINDINGS, "result was left out",
                           "results were left out");
        put_notification(self, RCN_LEVEL_WARNING, NULL);
    }
    rcn_json_end_array(&self->json);
}

static void put_invocation(struct writer *self)
{
    const struct rcn_report *report = self->report;
    rcn_json_newline(&self->json, 2);
    rcn_json_key(&self->json, "invocations");
    rcn_json_begin_array(&self->json);
    rcn_json_begin_object(&self->json);
    /* An error that follows from findings, or from what apply did, is a result of the check. */
    bool was_checked = !report->error || report->diags->errors || report->plan;
    rcn_json_key_boolean(&self->json, "executionSuccessful", was_checked);
    rcn_json_key_integer(&self->json, "exitCode", report->exit_code);
    put_notifications(self);
    rcn_json_end_object(&self->json);
    rcn_json_end_array(&self->json);
}

static void put_provenance(struct writer *self)
{
    const struct rcn_source_facts *source = rcn_report_get_source(self->report);
    if (!source || !source->commit)
        return;
    rcn_json_key(&self->json, "properties");
    rcn_json_begin_object(&self->json);
    put_hostile(self, "repository", source->url ? source->url : "");
    put_hostile(self, "commit", source->commit);
    rcn_json_end_object(&self->json);
}

void rcn_report_sarif_write(const struct rcn_report *report, const struct rcn_report_style *style,
                            struct rcn_buf *out)
{
    (void)style;
    struct writer self = {.out = out, .report = report};
    rcn_buf_init(&self.text, RCN_REPORT_MAX_BYTES);
    rcn_json_writer_init(&self.json, out);
    self.findings = rcn_plain_list(report, &self.finding_count);
    collect_rules(&self);
    rcn_json_begin_object(&self.json);
    rcn_json_key_string(&self.json, "$schema", "https://json.schemastore.org/sarif-2.1.0.json");
    rcn_json_key_string(&self.json, "version", "2.1.0");
    rcn_json_newline(&self.json, 1);
    rcn_json_key(&self.json, "runs");
    rcn_json_begin_array(&self.json);
    rcn_json_begin_object(&self.json);
    put_tool(&self);
    rcn_json_newline(&self.json, 2);
    rcn_json_key_string(&self.json, "columnKind", "unicodeCodePoints");
    put_results(&self);
    put_invocation(&self);
    put_provenance(&self);
    rcn_json_end_object(&self.json);
    rcn_json_end_array(&self.json);
    rcn_json_end_object(&self.json);
    rcn_buf_add_char(out, '\n');
    rcn_buf_release(&self.text);
    free(self.findings);
}
