#include <stdlib.h>

#include "base/escape.h"
#include "base/memory.h"
#include "report/plain.h"
#include "report/view.h"

/*
 * Workflow commands: https://docs.github.com/actions/reference/workflow-commands-for-github-actions
 * GitHub shows ten annotations of each type a step, so the summary comes first, and most of a long
 * list would be lost anyway.
 */
enum { MAX_COMMANDS = 50, MAX_MESSAGE_BYTES = 4000 };

/* Of a property. */
static void escape(struct rcn_buf *out, const char *text)
{
    static const char *const escapes[] = {"%25", "%3A", "%2C"};
    rcn_plain_escape(out, text, "%:,", escapes);
}

/* One command. Its message, lines of harmless text (plain.h), is in view->text. */
static void put(struct rcn_view *view, enum rcn_level level, struct rcn_span span,
                const char *title)
{
    static const char *const commands[] = {"debug", "notice", "warning", "error"};
    static const char *const escapes[] = {"%25", "%0A"};
    const char *file = rcn_view_get_file(view->report, span);
    char *text = rcn_strndup(rcn_view_get_text(view), MAX_MESSAGE_BYTES);
    if (view->text.len > MAX_MESSAGE_BYTES) /* whole characters */
        for (size_t end = MAX_MESSAGE_BYTES; ((unsigned char)view->text.data[end] & 0xc0) == 0x80;)
            text[--end] = '\0';
    rcn_view_put(view, "::%s {file=%s|}{,line=%u|}{,col=%u|}{%.0s,|}title=%s::", commands[level],
                 file, file ? span.line : 0, file && span.line ? span.column : 0, file, title);
    rcn_plain_escape_visible(view->out, text, "%\n", escapes);
    rcn_buf_add_char(view->out, '\n');
    free(text);
}

/* `plan: differences; apply will create 2 syncs; 42 syncs: ...` */
static void put_summary(struct rcn_view *view, size_t wanted)
{
    const struct rcn_source_facts *source = rcn_report_get_source(view->report);
    rcn_buf_printf(&view->text, "%s: %s", view->report->command, view->report->outcome);
    if (source && source->commit) {
        rcn_buf_add_str(&view->text, " at commit ");
        rcn_escape_visible(&view->text, source->commit);
    }
    rcn_view_list_summary(view, false);
    for (size_t i = 0; i < view->lines.count; i++) {
        rcn_buf_add_str(&view->text, "; ");
        rcn_escape_visible(&view->text, view->lines.items[i].text);
    }
    if (wanted > MAX_COMMANDS)
        rcn_view_add(&view->text, "; %zu more annotations were left out", wanted - MAX_COMMANDS);
    put(view, RCN_LEVEL_NOTICE, (struct rcn_span){0}, "audiencectl");
}

void rcn_report_github_write(struct rcn_view *view)
{
    const struct rcn_report *report = view->report;
    size_t count;
    struct rcn_finding *findings = rcn_plain_list(report, &count);
    view->escape = escape;
    size_t left = report->error ? MAX_COMMANDS - 1 : MAX_COMMANDS;
    size_t left_out = report->diags->errors + report->diags->warnings - report->diags->count;
    put_summary(view, count + left_out + (report->error ? 1 : 0));
    if (report->error) {
        rcn_plain_add_lines(view, rcn_view_list_failure(view));
        put(view, RCN_LEVEL_ERROR, (struct rcn_span){0}, "audiencectl");
    }
    for (size_t i = 0; i < count && i < left; i++) {
        const struct rcn_finding *finding = &findings[i];
        const char *title = finding->rule;
        if (finding->row)
            title = rcn_kinds[rcn_view_get_kind(report, finding->row)].title;
        rcn_plain_add_finding(view, finding);
        put(view, finding->level, finding->span, title);
    }
    free(findings);
}
