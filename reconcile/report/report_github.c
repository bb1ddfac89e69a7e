#include "base/escape.h"
#include "base/unicode.h"
#include "report/plain.h"
#include "report/report_formats.h"
#include "report/view.h"

/*
 * Workflow commands: https://docs.github.com/actions/reference/workflow-commands-for-github-actions
 * GitHub shows ten annotations of each type a step, so most of a long list would be lost anyway.
 */
enum { MAX_COMMANDS = 50, MAX_MESSAGE_BYTES = 4000 };

struct writer {
    struct rcn_buf *out;
    const struct rcn_report *report;
    struct rcn_buf text; /* of one command: lines of harmless text (plain.h) */
    size_t commands;     /* wanted; those behind MAX_COMMANDS are only counted */
};

static const char *const commands[] = {[RCN_LEVEL_NONE] = "debug",
                                       [RCN_LEVEL_NOTICE] = "notice",
                                       [RCN_LEVEL_WARNING] = "warning",
                                       [RCN_LEVEL_ERROR] = "error"};

static void add_data(struct rcn_buf *out, const char *text, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        if (text[i] == '%')
            rcn_buf_add_str(out, "%25");
        else if (text[i] == '\n')
            rcn_buf_add_str(out, "%0A");
        else
            rcn_buf_add_char(out, text[i]);
    }
}

static void add_property(struct writer *self, const char *name, const char *value)
{
    struct rcn_buf visible;
    rcn_buf_init(&visible, RCN_REPORT_MAX_BYTES);
    rcn_escape_visible(&visible, value);
    rcn_buf_printf(self->out, "%s=", name);
    for (const char *c = rcn_buf_get_str(&visible); *c; c++) {
        if (*c == '%' || *c == ':' || *c == ',')
            rcn_buf_printf(self->out, "%%%02X", (unsigned char)*c);
        else
            rcn_buf_add_char(self->out, *c);
    }
    if (visible.failed)
        self->out->failed = true;
    rcn_buf_release(&visible);
}

static void add_place(struct writer *self, struct rcn_span span)
{
    const char *file = rcn_view_get_file(self->report, span);
    if (!file)
        return;
    add_property(self, "file", file);
    if (span.line)
        rcn_buf_printf(self->out, ",line=%u", span.line);
    if (span.line && span.column)
        rcn_buf_printf(self->out, ",col=%u", span.column);
    rcn_buf_add_char(self->out, ',');
}

/* The most bytes of whole characters. */
static size_t cut(const struct rcn_buf *text)
{
    size_t len = MAX_MESSAGE_BYTES;
    if (text->len <= len)
        return text->len;
    while (len && ((unsigned char)text->data[len] & 0xc0) == 0x80)
        len--;
    return len;
}

/* One command with the message in self->text, which it empties. */
static void put(struct writer *self, enum rcn_level level, struct rcn_span span, const char *title)
{
    if (self->text.failed)
        self->out->failed = true;
    if (self->commands++ < MAX_COMMANDS && !self->out->failed) {
        rcn_buf_printf(self->out, "::%s ", commands[level]);
        add_place(self, span);
        add_property(self, "title", title);
        rcn_buf_add_str(self->out, "::");
        add_data(self->out, rcn_buf_get_str(&self->text), cut(&self->text));
        rcn_buf_add_char(self->out, '\n');
    }
    rcn_buf_clear(&self->text);
}

static void put_run_problems(struct writer *self)
{
    const struct rcn_results *results = self->report->results;
    const struct rcn_span nowhere = {0};
    if (self->report->error) {
        rcn_plain_add_failure(&self->text, self->report);
        put(self, RCN_LEVEL_ERROR, nowhere, "audiencectl");
    }
    if (results && results->problem) {
        rcn_escape_visible(&self->text, results->problem);
        put(self, RCN_LEVEL_ERROR, nowhere, "audiencectl");
    }
}

static void put_diags(struct writer *self, enum rcn_severity severity)
{
    const struct rcn_diags *diags = self->report->diags;
    enum rcn_level level = severity == RCN_SEVERITY_ERROR ? RCN_LEVEL_ERROR : RCN_LEVEL_WARNING;
    for (size_t i = 0; i < diags->count; i++) {
        const struct rcn_diag *diag = diags->items[i];
        if (diag->severity != severity)
            continue;
        rcn_plain_add_diag(&self->text, diag);
        put(self, level, diag->span, diag->rule);
    }
    size_t all = severity == RCN_SEVERITY_ERROR ? diags->errors : diags->warnings;
    size_t kept = 0;
    for (size_t i = 0; i < diags->count; i++)
        kept += diags->items[i]->severity == severity;
    self->commands += all > kept ? all - kept : 0;
}

/* An unmanaged sync has no line in a manifest: it is told only when it makes the run fail. */
static bool is_reported(const struct rcn_plan_row *row, enum rcn_level level)
{
    return row->desired || level == RCN_LEVEL_ERROR;
}

static void put_rows(struct writer *self, enum rcn_level level)
{
    for (size_t i = 0; i < rcn_view_get_row_count(self->report); i++) {
        const struct rcn_plan_row *row = rcn_view_get_row(self->report, i);
        enum rcn_kind kind = rcn_view_get_kind(self->report, row);
        if (rcn_view_get_level(self->report, row) != level || !is_reported(row, level))
            continue;
        if (self->commands < MAX_COMMANDS)
            rcn_plain_add_row(&self->text, self->report, row);
        put(self, level, rcn_row_get_span(row), rcn_kind_title(kind));
    }
}

static void add_commit(struct writer *self, const struct rcn_source_facts *source)
{
    struct rcn_buf commit;
    rcn_buf_init(&commit, RCN_REPORT_MAX_BYTES);
    rcn_view_add_commit(&commit, source);
    rcn_buf_add_str(&self->text, " at commit ");
    rcn_escape_visible(&self->text, rcn_buf_get_str(&commit));
    if (commit.failed)
        self->text.failed = true;
    rcn_buf_release(&commit);
}

static void put_summary(struct writer *self)
{
    const struct rcn_span nowhere = {0};
    size_t wanted = self->commands;
    const struct rcn_source_facts *source = rcn_report_get_source(self->report);
    rcn_buf_printf(&self->text, "%s: ", self->report->command);
    rcn_buf_add_str(&self->text, self->report->outcome);
    if (source && source->commit)
        add_commit(self, source);
    if (self->report->plan) {
        rcn_buf_add_str(&self->text, "; ");
        rcn_view_add_summary(&self->text, self->report);
    }
    if (self->report->results) {
        rcn_buf_add_str(&self->text, "; ");
        rcn_view_add_outcomes(&self->text, self->report);
    }
    if (wanted > MAX_COMMANDS) {
        rcn_buf_add_str(&self->text, "; ");
        rcn_view_add_number(&self->text, wanted - MAX_COMMANDS);
        rcn_buf_add_str(&self->text, " more annotations were left out");
    }
    self->commands = 0;
    put(self, RCN_LEVEL_NOTICE, nowhere, "audiencectl");
}

void rcn_report_github_write(const struct rcn_report *report, const struct rcn_report_style *style,
                             struct rcn_buf *out)
{
    (void)style;
    struct writer self = {.out = out, .report = report};
    rcn_buf_init(&self.text, RCN_REPORT_MAX_BYTES);
    put_run_problems(&self);
    put_diags(&self, RCN_SEVERITY_ERROR);
    put_rows(&self, RCN_LEVEL_ERROR);
    put_diags(&self, RCN_SEVERITY_WARNING);
    put_rows(&self, RCN_LEVEL_WARNING);
    put_rows(&self, RCN_LEVEL_NOTICE);
    put_summary(&self);
    rcn_buf_release(&self.text);
}
