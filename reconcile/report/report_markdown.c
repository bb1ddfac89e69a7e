#include <ctype.h>
#include <string.h>

#include "base/escape.h"
#include "base/unicode.h"
#include "report/items.h"
#include "report/report_formats.h"
#include "report/view.h"

/*
 * GitHub takes 65,536 characters in a comment. Entries stop at ENTRIES_END bytes, so that the lines
 * which count what was left out still fit below SPEC 6's 65,000.
 */
enum { ENTRIES_END = 60000, MAX_TEXT = 300, MAX_MEMBERS = 10 };

struct writer {
    struct rcn_buf *out;
    struct rcn_view *view;
    const struct rcn_report *report;
    struct rcn_lines lines;
    struct rcn_buf raw;
    struct rcn_buf entry;
    size_t start;
    size_t end;      /* no entry of the section goes past this length */
    size_t sections; /* still to come */
};

/* --- text --- */

/*
 * A host makes mentions, references, emoji, formulas and links of plain text, escaped or not. Such
 * a text is put in a code span, where nothing is parsed.
 */
static bool is_risky(const char *text)
{
    static const char word[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_+-";
    for (const char *colon = strchr(text, ':'); colon; colon = strchr(colon + 1, ':')) {
        size_t len = strspn(colon + 1, word);
        if (colon[len + 1] == ':' && len > 2) /* an emoji, and not a time */
            return true;
    }
    return strpbrk(text, "@#$`") || strstr(text, "://") || strstr(text, "www.") ||
           strstr(text, "GH-");
}

static void add_code_point(struct rcn_buf *out, const char *text, size_t len, bool is_code)
{
    if (is_code && *text == '`')
        rcn_buf_add_str(out, "\\x60");
    else if (!is_code && *text == '&')
        rcn_buf_add_str(out, "&amp;");
    else if (*text == '<' && !is_code)
        rcn_buf_add_str(out, "&lt;");
    else if ((!is_code && strchr("\\*_[]>|~", *text)) || (is_code && *text == '|'))
        rcn_buf_printf(out, "\\%c", *text);
    else
        rcn_buf_add(out, text, len);
}

/* Hostile text, at most MAX_TEXT characters of it; in_cell: of a table. */
static void add_text(struct rcn_buf *out, const char *text, bool in_cell)
{
    struct rcn_buf visible;
    rcn_buf_init(&visible, RCN_REPORT_MAX_BYTES);
    rcn_escape_visible(&visible, text);
    const char *shown = rcn_buf_get_str(&visible);
    bool is_code = is_risky(shown);
    size_t count = 0;
    if (is_code)
        rcn_buf_add_char(out, '`');
    for (; *shown && count < MAX_TEXT; count++) {
        unsigned code_point;
        size_t len = rcn_utf8_decode(shown, strlen(shown), &code_point);
        if (is_code && *shown == '|' && !in_cell)
            rcn_buf_add_char(out, '|');
        else
            add_code_point(out, shown, len, is_code);
        shown += len;
    }
    rcn_buf_add_str(out, *shown ? "\xe2\x80\xa6" : "");
    rcn_buf_add_str(out, is_code ? "`" : count ? "" : "(empty)");
    rcn_buf_release(&visible);
}

/* The same of what is in `raw`, which becomes empty. */
static void add_raw(struct writer *self, struct rcn_buf *out, bool in_cell)
{
    add_text(out, rcn_buf_get_str(&self->raw), in_cell);
    rcn_buf_clear(&self->raw);
}

static void add_name(struct writer *self, struct rcn_buf *out, const char *name, bool in_cell)
{
    rcn_view_add_name(&self->raw, name);
    rcn_buf_add_str(out, "**");
    add_raw(self, out, in_cell);
    rcn_buf_add_str(out, "**");
}

static void add_place(struct writer *self, struct rcn_buf *out, struct rcn_span span, bool in_cell)
{
    struct rcn_buf url;
    rcn_buf_init(&url, RCN_REPORT_MAX_BYTES);
    bool is_link = rcn_view_add_place_url(&url, self->report, span);
    rcn_view_add_place(&self->raw, self->report, span);
    rcn_buf_add_str(out, is_link ? "[" : "");
    add_raw(self, out, in_cell);
    if (is_link)
        rcn_buf_printf(out, "](%s)", rcn_buf_get_str(&url));
    rcn_buf_release(&url);
}

/* --- sections --- */

/* Takes the entry over when there is room for it; false: no more. */
static bool commit_entry(struct writer *self)
{
    bool fits = self->out->len - self->start + self->entry.len <= self->end;
    if (fits)
        rcn_buf_add_str(self->out, rcn_buf_get_str(&self->entry));
    rcn_buf_clear(&self->entry);
    return fits;
}

/* The most important section gets most of the room, and some of each is shown: shares are as 3, 2,
 * 1. */
static void begin_section(struct writer *self)
{
    size_t used = self->out->len - self->start;
    size_t left = used < ENTRIES_END ? ENTRIES_END - used : 0;
    self->end = used + left * 2 / (self->sections + 1);
    self->sections -= self->sections > 1;
}

static void put_left_out(struct writer *self, size_t count)
{
    if (!count)
        return;
    rcn_buf_add_str(self->out, "\n\xe2\x80\xa6 and ");
    rcn_view_add_number(self->out, count);
    rcn_buf_add_str(self->out, " more: see the html, csv or json report\n");
}

static void put_heading(struct writer *self, size_t count, const char *one, const char *many)
{
    rcn_buf_add_str(self->out, "\n### ");
    rcn_view_add_count(self->out, count, one, many);
    rcn_buf_add_str(self->out, "\n\n");
}

static void put_kind_heading(struct writer *self, enum rcn_kind kind)
{
    const struct rcn_kind_words *words = rcn_kind_get_words(kind);
    size_t count = self->view->kinds[kind];
    rcn_buf_add_str(self->out, "\n### ");
    rcn_view_add_count(self->out, count, "sync", "syncs");
    rcn_buf_printf(self->out, " %s\n\n", count == 1 ? words->one : words->many);
}

/* --- diagnostics --- */

static bool is_in_row(const struct rcn_diag *diag, const struct rcn_plan_row *row)
{
    const struct rcn_span span = rcn_row_get_span(row);
    const struct rcn_desired_sync *sync = row->desired;
    return span.text && diag->span.text && strcmp(diag->span.text->path, span.text->path) == 0 &&
           diag->span.line &&
           (diag->span.line == span.line || diag->span.line == sync->id_span.line ||
            diag->span.line == sync->segment_span.line ||
            diag->span.line == sync->ad_account_span.line);
}

static void add_diag(struct writer *self, const struct rcn_diag *diag)
{
    rcn_lines_clear(&self->lines);
    rcn_view_add_diag(&self->lines, self->report, diag);
    for (size_t i = 0; i < self->lines.count; i++) {
        const struct rcn_line *line = &self->lines.items[i];
        rcn_buf_add_str(&self->entry, i ? "  - " : "- ");
        if (*line->label)
            rcn_buf_printf(&self->entry, "%s: ", line->label);
        add_text(&self->entry, line->text, false);
        if (i == 0) {
            rcn_buf_printf(&self->entry, " (%s)", diag->rule);
            if (diag->span.text) {
                rcn_buf_add_str(&self->entry, " at ");
                add_place(self, &self->entry, diag->span, false);
            }
        }
        rcn_buf_add_char(&self->entry, '\n');
    }
}

static void put_diags(struct writer *self, enum rcn_severity severity, size_t count,
                      const char *one, const char *many)
{
    const struct rcn_diags *diags = self->report->diags;
    size_t shown = 0;
    if (!count)
        return;
    begin_section(self);
    put_heading(self, count, one, many);
    for (size_t i = 0; i < diags->count; i++) {
        if (diags->items[i]->severity != severity)
            continue;
        add_diag(self, diags->items[i]);
        if (!commit_entry(self))
            break;
        shown++;
    }
    put_left_out(self, count - shown);
}

/* --- rows --- */

/* What is known of the row's own place, beside it. */
static void add_row_warnings(struct writer *self, const struct rcn_plan_row *row)
{
    const struct rcn_diags *diags = self->report->diags;
    for (size_t i = 0; i < diags->count; i++) {
        if (!is_in_row(diags->items[i], row))
            continue;
        rcn_buf_add_str(&self->entry, "<br>\xe2\x9a\xa0 ");
        add_text(&self->entry, diags->items[i]->message, true);
    }
}

static void add_table_row(struct writer *self, const struct rcn_plan_row *row)
{
    const struct rcn_audience_sync *sync = rcn_row_get_sync(row);
    const struct rcn_result *result = rcn_report_get_result(self->report, row);
    struct rcn_buf *entry = &self->entry;
    rcn_buf_add_str(entry, "| ");
    add_name(self, entry, sync->audience_name, true);
    if (result && result->id) {
        rcn_buf_add_char(entry, ' ');
        rcn_buf_add_str(&self->raw, result->id);
        rcn_view_add_uploaded(&self->raw, result);
        add_raw(self, entry, true);
    }
    add_row_warnings(self, row);
    rcn_buf_add_str(entry, " | ");
    rcn_view_add_account(&self->raw, row);
    if (rcn_view_has_companies(self->report) && sync->company_id)
        rcn_buf_printf(&self->raw, " of %s", sync->company_id);
    add_raw(self, entry, true);
    rcn_buf_add_str(entry, " | ");
    rcn_buf_add_str(&self->raw, row->segment && row->segment->name ? row->segment->name
                                : sync->segment_id                 ? sync->segment_id
                                                                   : sync->predefined_segment_id);
    add_raw(self, entry, true);
    rcn_buf_add_str(entry, " | ");
    if (row->segment && row->segment->active_subscriber_count >= 0)
        rcn_view_add_number(entry, (size_t)row->segment->active_subscriber_count);
    rcn_buf_printf(entry, " | %s | ", sync->frequency ? sync->frequency : "");
    add_place(self, entry, rcn_row_get_span(row), true);
    rcn_buf_add_str(entry, " |\n");
}

/* What apply creates, or created. */
static void put_table(struct writer *self, enum rcn_kind kind)
{
    size_t count = self->view->kinds[kind];
    size_t shown = 0;
    if (!count)
        return;
    begin_section(self);
    put_kind_heading(self, kind);
    rcn_buf_add_str(self->out,
                    "| Audience | Ad account | Segment | People | Frequency | Manifest |\n"
                    "|---|---|---|--:|---|---|\n");
    for (size_t i = 0; i < self->view->group_count; i++) {
        if (self->view->groups[i].kind != kind)
            continue;
        add_table_row(self, self->view->groups[i].rows[0]);
        if (!commit_entry(self))
            break;
        shown++;
    }
    put_left_out(self, count - shown);
}

/* `in act_1 (Acme Main), at audiences/vip.yaml:14` */
static void add_where(struct writer *self, const struct rcn_plan_row *row)
{
    const struct rcn_audience_sync *sync = rcn_row_get_sync(row);
    const struct rcn_span span = rcn_row_get_span(row);
    rcn_buf_add_str(&self->entry, " in ");
    rcn_view_add_account(&self->raw, row);
    if (rcn_view_has_companies(self->report) && sync->company_id)
        rcn_buf_printf(&self->raw, " of %s", sync->company_id);
    add_raw(self, &self->entry, false);
    if (span.text) {
        rcn_buf_add_str(&self->entry, ", at ");
        add_place(self, &self->entry, span, false);
    }
    rcn_buf_add_char(&self->entry, '\n');
}

/* Of its fields, what differs, what is wrong and what to do. */
static void add_group(struct writer *self, const struct rcn_group *group)
{
    rcn_buf_add_str(&self->entry, "- ");
    if (group->count == 1) {
        add_name(self, &self->entry, rcn_row_get_sync(group->rows[0])->audience_name, false);
        add_where(self, group->rows[0]);
    } else {
        rcn_view_add_count(&self->entry, group->count, "sync", "syncs with one cause:\n");
    }
    rcn_lines_clear(&self->lines);
    rcn_view_add_lines(&self->lines, self->report, group);
    for (size_t i = 0; i < self->lines.count; i++) {
        const struct rcn_line *line = &self->lines.items[i];
        bool is_told = line->emphasis != RCN_PLAIN || strcmp(line->label, "since") == 0 ||
                       strcmp(line->label, "live") == 0 || strcmp(line->label, "ignored") == 0;
        if (!is_told)
            continue;
        rcn_buf_printf(&self->entry, "  - %s: ", line->label);
        add_text(&self->entry, line->text, false);
        rcn_buf_add_char(&self->entry, '\n');
    }
    for (size_t i = 0; group->count > 1 && i < group->count && i < MAX_MEMBERS; i++) {
        rcn_buf_add_str(&self->entry, "  - ");
        add_name(self, &self->entry, rcn_row_get_sync(group->rows[i])->audience_name, false);
        add_where(self, group->rows[i]);
    }
    if (group->count > MAX_MEMBERS)
        rcn_buf_printf(&self->entry, "  - \xe2\x80\xa6 and %zu more\n", group->count - MAX_MEMBERS);
}

static void put_kind(struct writer *self, enum rcn_kind kind)
{
    size_t shown = 0;
    if (!self->view->kinds[kind])
        return;
    begin_section(self);
    put_kind_heading(self, kind);
    for (size_t i = 0; i < self->view->group_count; i++) {
        const struct rcn_group *group = &self->view->groups[i];
        if (group->kind != kind)
            continue;
        add_group(self, group);
        if (!commit_entry(self))
            break;
        shown += group->count;
    }
    put_left_out(self, self->view->kinds[kind] - shown);
}

static size_t count_sections(const struct writer *self)
{
    size_t count = self->report->items ? 1 : 0;
    count += self->report->diags->errors ? 1 : 0;
    count += self->report->diags->warnings ? 1 : 0;
    for (size_t kind = 0; kind < RCN_KIND_IN_SYNC; kind++)
        count += self->view->kinds[kind] ? 1 : 0;
    return count;
}

/* What was pending at the base: folded. From here on the view is of the base. */
static void put_base(struct writer *self)
{
    if (!rcn_view_has_base(self->report))
        return;
    put_kind(self, RCN_KIND_NOTED);
    put_kind(self, RCN_KIND_IGNORED);
    rcn_view_free(self->view);
    self->view = rcn_view_new(self->report, RCN_PART_BASE);
    if (!self->report->plan->base->pending)
        return;
    self->sections = count_sections(self);
    rcn_buf_add_str(self->out, "\n<details><summary>");
    rcn_view_add_pending(self->out, self->report);
    rcn_buf_add_str(self->out, "</summary>\n");
    put_table(self, RCN_KIND_MISSING);
    for (enum rcn_kind kind = RCN_KIND_WITHHELD; kind <= RCN_KIND_UNHEALTHY; kind++)
        put_kind(self, kind);
    rcn_buf_add_str(self->out, "\n</details>\n");
}

/* What the change is not about: folded, with what was read. */
static void put_rest(struct writer *self)
{
    static const enum rcn_kind kinds[] = {RCN_KIND_UNMANAGED, RCN_KIND_IGNORED, RCN_KIND_NOTED};
    rcn_buf_add_str(self->out, "\n<details><summary>What was read, and what needs no one</summary>"
                               "\n\n");
    rcn_lines_clear(&self->lines);
    rcn_view_add_facts(&self->lines, self->report);
    for (size_t i = 0; i < self->lines.count && i < MAX_MEMBERS + 3; i++) {
        rcn_buf_printf(self->out, "- %s: ", self->lines.items[i].label);
        add_text(self->out, self->lines.items[i].text, false);
        rcn_buf_add_char(self->out, '\n');
    }
    if (self->lines.count > MAX_MEMBERS + 3)
        rcn_buf_printf(self->out, "- \xe2\x80\xa6 and %zu more companies\n",
                       self->lines.count - MAX_MEMBERS - 3);
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        put_kind(self, kinds[i]);
    rcn_buf_add_str(self->out, "\n</details>\n");
}

/* --- head --- */

/* Letters and digits: a marker is a comment, and recipes look for it as it is. */
static void add_marker(struct rcn_buf *out, const char *text)
{
    rcn_buf_add_char(out, ':');
    for (; *text; text++) {
        if (isalnum((unsigned char)*text) || strchr("_.", *text))
            rcn_buf_add_char(out, *text);
        else if (out->data[out->len - 1] != '-')
            rcn_buf_add_char(out, '-');
    }
}

static void put_marker(struct writer *self)
{
    const struct rcn_live_facts *live = rcn_report_get_live(self->report);
    rcn_buf_printf(self->out, "<!-- audiencectl:%s", self->report->command);
    if (self->report->report_id)
        add_marker(self->out, self->report->report_id);
    for (size_t i = 0; !self->report->report_id && live && i < live->company_count; i++)
        if (live->companies[i].is_named && live->companies[i].company_id)
            add_marker(self->out, live->companies[i].company_id);
    rcn_buf_add_str(self->out, " -->\n");
}

static void put_links(struct writer *self)
{
    const struct rcn_source_facts *source = rcn_report_get_source(self->report);
    const char *separator = "\n";
    if (source && source->commit) {
        if (self->report->commit_url)
            rcn_buf_printf(self->out, "%s[%.7s](%s)", separator, source->commit,
                           self->report->commit_url);
        else
            /* The whole one is among what was read. */
            rcn_buf_printf(self->out, "%s%.*s", separator, self->report->plan ? 7 : 64,
                           source->commit);
        if (source->ref) {
            rcn_buf_add_str(self->out, " (");
            add_text(self->out, source->ref, false);
            rcn_buf_add_char(self->out, ')');
        }
        separator = " \xc2\xb7 ";
    }
    if (self->report->run_url) {
        rcn_buf_printf(self->out, "%s[run](%s)", separator, self->report->run_url);
        separator = " \xc2\xb7 ";
    }
    rcn_buf_add_str(self->out, *separator == '\n' ? "" : "\n");
}

static void put_head(struct writer *self)
{
    const struct rcn_report *report = self->report;
    put_marker(self);
    rcn_buf_printf(self->out, "## audiencectl %s: ", report->command);
    rcn_view_add_headline(self->out, self->view);
    rcn_buf_add_char(self->out, '\n');
    put_links(self);
    rcn_lines_clear(&self->lines);
    rcn_view_add_failure(&self->lines, report);
    rcn_view_add_summary(&self->lines, report);
    for (size_t i = 0; i < self->lines.count; i++) {
        const struct rcn_line *line = &self->lines.items[i];
        bool is_strong = line->emphasis == RCN_WRONG;
        /* The headline says how many are, or were, created. */
        if (strcmp(line->label, "Apply") == 0 ||
            (strcmp(line->label, "Next") == 0 && !report->results && !strchr(line->text, ',')))
            continue;
        rcn_buf_add_str(self->out, is_strong ? "\n**" : "\n");
        if (*line->label)
            rcn_buf_printf(self->out, "%s: ", line->label);
        add_text(self->out, line->text, false);
        rcn_buf_add_str(self->out, is_strong ? "**\n" : "\n");
    }
}

static void put_items(struct writer *self, const struct rcn_items *items)
{
    size_t columns;
    size_t shown = 0;
    const struct rcn_column *titles = rcn_items_get_columns(items, &columns);
    begin_section(self);
    rcn_buf_add_str(self->out, "\n");
    rcn_items_add_count(self->out, items);
    rcn_buf_add_str(self->out, "\n\n|");
    for (size_t i = 0; i < columns; i++)
        rcn_buf_printf(self->out, " %s |", titles[i].title);
    rcn_buf_add_str(self->out, "\n|");
    for (size_t i = 0; i < columns; i++)
        rcn_buf_add_str(self->out, titles[i].is_number ? "--:|" : "---|");
    rcn_buf_add_char(self->out, '\n');
    for (size_t row = 0; row < items->count; row++, shown++) {
        rcn_buf_add_char(&self->entry, '|');
        for (size_t i = 0; i < columns; i++) {
            rcn_items_add_cell(&self->raw, items, row, i);
            rcn_buf_add_char(&self->entry, ' ');
            if (self->raw.len)
                add_raw(self, &self->entry, true);
            rcn_buf_add_str(&self->entry, " |");
        }
        rcn_buf_add_char(&self->entry, '\n');
        if (!commit_entry(self))
            break;
    }
    put_left_out(self, items->count - shown);
}

void rcn_report_markdown_write(const struct rcn_report *report,
                               const struct rcn_report_style *style, struct rcn_buf *out)
{
    (void)style;
    struct writer self = {.out = out,
                          .report = report,
                          .view = rcn_view_new(report, RCN_PART_CHANGE),
                          .start = out->len};
    self.sections = count_sections(&self);
    rcn_lines_init(&self.lines);
    rcn_buf_init(&self.raw, RCN_REPORT_MAX_BYTES);
    rcn_buf_init(&self.entry, RCN_REPORT_MAX_BYTES);
    put_head(&self);
    put_table(&self, RCN_KIND_CREATED);
    for (enum rcn_kind kind = RCN_KIND_UNVERIFIED; kind <= RCN_KIND_EXISTS; kind++)
        put_kind(&self, kind);
    put_diags(&self, RCN_SEVERITY_ERROR, report->diags->errors, "error", "errors");
    put_table(&self, RCN_KIND_MISSING);
    for (enum rcn_kind kind = RCN_KIND_WITHHELD; kind <= RCN_KIND_REMOVED; kind++)
        put_kind(&self, kind);
    put_base(&self);
    put_diags(&self, RCN_SEVERITY_WARNING, report->diags->warnings, "warning", "warnings");
    if (report->plan)
        put_rest(&self);
    if (report->items)
        put_items(&self, report->items);
    rcn_lines_release(&self.lines);
    rcn_buf_release(&self.raw);
    rcn_buf_release(&self.entry);
    rcn_view_free(self.view);
}
