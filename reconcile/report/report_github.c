#include <stdlib.h>

#include "base/escape.h"
#include "report/plain.h"
#include "report/report_formats.h"
#include "report/view.h"

/*
 * Workflow commands: https://docs.github.com/actions/reference/workflow-commands-for-github-actions
 * GitHub shows ten annotations of each type a step, so the summary comes first, and most of a long
 * list would be lost anyway.
 */
enum { MAX_COMMANDS = 50, MAX_MESSAGE_BYTES = 4000 };

struct writer {
    struct rcn_buf *out;
    const struct rcn_report *report;
    struct rcn_buf text; /* of one command: lines of harmless text (plain.h) */
    size_t left;         /* commands that may still be written */
};

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

/* One command with the message in self->text, which it empties. */
static void put(struct writer *self, enum rcn_level level, struct rcn_span span, const char *title)
{
    static const char *const commands[] = {"debug", "notice", "warning", "error"};
    const char *text = rcn_buf_get_str(&self->text);
    size_t len = self->text.len;
    if (len > MAX_MESSAGE_BYTES)
        for (len = MAX_MESSAGE_BYTES; len && ((unsigned char)text[len] & 0xc0) == 0x80;)
            len--;
    rcn_buf_printf(self->out, "::%s ", commands[level]);
    add_place(self, span);
    add_property(self, "title", title);
    rcn_buf_add_str(self->out, "::");
    for (size_t i = 0; i < len; i++) {
        if (text[i] == '%')
            rcn_buf_add_str(self->out, "%25");
        else if (text[i] == '\n')
            rcn_buf_add_str(self->out, "%0A");
        else
            rcn_buf_add_char(self->out, text[i]);
    }
    rcn_buf_add_char(self->out, '\n');
    rcn_buf_clear(&self->text);
}

/* `plan: differences; apply will create 2 syncs; 42 syncs: ...` */
static void put_summary(struct writer *self, size_t wanted)
{
    const struct rcn_source_facts *source = rcn_report_get_source(self->report);
    struct rcn_lines lines;
    rcn_buf_printf(&self->text, "%s: %s", self->report->command, self->report->outcome);
    if (source && source->commit) {
        rcn_buf_add_str(&self->text, " at commit ");
        rcn_escape_visible(&self->text, source->commit);
    }
    rcn_lines_init(&lines);
    rcn_view_add_summary(&lines, self->report);
    for (size_t i = 0; i < lines.count; i++) {
        rcn_buf_add_str(&self->text, "; ");
        rcn_escape_visible(&self->text, lines.items[i].text);
    }
    rcn_lines_release(&lines);
    if (wanted > MAX_COMMANDS) {
        rcn_buf_add_str(&self->text, "; ");
        rcn_view_add_number(&self->text, wanted - MAX_COMMANDS);
        rcn_buf_add_str(&self->text, " more annotations were left out");
    }
    put(self, RCN_LEVEL_NOTICE, (struct rcn_span){0}, "audiencectl");
}

static void put_failures(struct writer *self)
{
    rcn_plain_add_failure(&self->text, self->report);
    if (self->report->error && self->text.len) {
        put(self, RCN_LEVEL_ERROR, (struct rcn_span){0}, "audiencectl");
        self->left--;
    }
    rcn_buf_clear(&self->text);
}

void rcn_report_github_write(const struct rcn_report *report, const struct rcn_report_style *style,
                             struct rcn_buf *out)
{
    (void)style;
    struct writer self = {.out = out, .report = report, .left = MAX_COMMANDS};
    size_t count;
    struct rcn_finding *findings = rcn_plain_list(report, &count);
    size_t left_out = report->diags->errors + report->diags->warnings - report->diags->count;
    rcn_buf_init(&self.text, RCN_REPORT_MAX_BYTES);
    put_summary(&self, count + left_out + (report->error ? 1 : 0));
    put_failures(&self);
    for (size_t i = 0; i < count && self.left; i++, self.left--) {
        const struct rcn_finding *finding = &findings[i];
        const char *title = finding->rule;
        if (finding->row)
            title = rcn_kind_get_words(rcn_view_get_kind(report, finding->row))->title;
        rcn_plain_add_finding(&self.text, report, finding);
        put(&self, finding->level, finding->span, title);
    }
    free(findings);
    rcn_buf_release(&self.text);
}
