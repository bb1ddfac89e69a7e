#include <ctype.h>
#include <string.h>

#include "base/escape.h"
#include "base/unicode.h"
#include "report/items.h"
#include "report/plain.h"
#include "report/view.h"

/*
 * GitHub takes 65,536 characters in a comment. Entries stop at ENTRIES_END bytes, so that the lines
 * which count what was left out still fit below SPEC 6's 65,000.
 */
enum { ENTRIES_END = 60000, MAX_TEXT = 300, MAX_MEMBERS = 10 };

struct writer {
    struct rcn_view *view;
    const struct rcn_report *report;
    struct rcn_buf *out;
    size_t sections; /* still to come */
    size_t end;      /* no entry of the section goes past this length */
    size_t kept;     /* rows of its entries, and where the last of them ends */
    size_t kept_end;
    bool is_full; /* an entry did not fit */
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

/* Hostile text, at most MAX_TEXT characters of it. */
static void add_text(struct rcn_buf *out, const char *text, const char *special_in_code)
{
    static const char *const code_escapes[] = {"\\x60", "\\|"};
    static const char special[] = "&<\\*_[]>|~";
    static const char *const escapes[] = {"&amp;", "&lt;", "\\\\", "\\*", "\\_",
                                          "\\[",   "\\]",  "\\>",  "\\|", "\\~"};
    struct rcn_buf visible;
    size_t len = 0;
    rcn_buf_init(&visible, RCN_REPORT_MAX_BYTES);
    rcn_escape_visible(&visible, text);
    const char *shown = rcn_buf_get_str(&visible);
    bool is_code = is_risky(shown);
    for (size_t i = 0; shown[len] && i < MAX_TEXT; i++) {
        unsigned code_point;
        len += rcn_utf8_decode(shown + len, strlen(shown + len), &code_point);
    }
    bool is_cut = shown[len];
    rcn_buf_truncate(&visible, len);
    rcn_buf_add_str(out, is_code ? "`" : len ? "" : "(empty)");
    rcn_plain_escape_visible(out, rcn_buf_get_str(&visible), is_code ? special_in_code : special,
                             is_code ? code_escapes : escapes);
    rcn_buf_add_str(out, is_cut ? "\xe2\x80\xa6" : "");
    rcn_buf_add_str(out, is_code ? "`" : "");
    rcn_buf_release(&visible);
}

static void escape(struct rcn_buf *out, const char *text)
{
    add_text(out, text, "`");
}

/* Of a table. */
static void escape_cell(struct rcn_buf *out, const char *text)
{
    add_text(out, text, "`|");
}

static void put_name(struct rcn_view *view, const struct rcn_plan_row *row)
{
    rcn_view_add_name(&view->text, rcn_row_get_sync(row)->audience_name);
    rcn_view_put(view, "**%s**", rcn_view_get_text(view));
}

static void put_place(struct rcn_view *view, struct rcn_span span)
{
    struct rcn_buf url;
    rcn_buf_init(&url, RCN_REPORT_MAX_BYTES);
    bool is_link = rcn_view_add_place_url(&url, view->report, span);
    rcn_view_add_place(&view->text, view->report, span);
    rcn_view_put(view, is_link ? "[%s]" : "%s", rcn_view_get_text(view));
    if (is_link)
        rcn_buf_printf(view->out, "(%s)", rcn_buf_get_str(&url));
    rcn_buf_release(&url);
}

/* --- sections --- */

/* The most important section gets most of the room, and some of each is shown: shares are as 3, 2,
 * 1. */
static void begin_section(struct writer *self)
{
    size_t used = self->out->len;
    size_t left = used < ENTRIES_END ? ENTRIES_END - used : 0;
    self->end = used + left * 2 / (self->sections + 1);
    self->sections -= self->sections > 1;
    self->is_full = false;
    self->kept = 0;
}

static void end_entry(struct writer *self, size_t rows)
{
    self->is_full = self->out->len > self->end;
    if (self->is_full)
        return;
    self->kept += rows;
    self->kept_end = self->out->len;
}

static void end_section(struct writer *self, size_t rows)
{
    rcn_buf_truncate(self->out, self->kept_end);
    rcn_view_add(self->out, "{\n\xe2\x80\xa6 and %zu more: see the html, csv or json report\n|}",
                 rows - self->kept);
}

/* --- diagnostics --- */

static bool is_in_row(const struct rcn_diag *diag, const struct rcn_plan_row *row)
{
    const struct rcn_span span = rcn_row_get_span(row);
    const struct rcn_desired_sync *sync = row->desired;
    uint32_t line = diag->span.line;
    return span.text && diag->span.text && strcmp(diag->span.text->path, span.text->path) == 0 &&
           line &&
           (line == span.line || line == sync->id_span.line || line == sync->segment_span.line ||
            line == sync->ad_account_span.line);
}

static void put_diag(struct rcn_view *view, const struct rcn_diag *diag)
{
    const struct rcn_line *line = rcn_view_list_diag(view, diag);
    rcn_view_put(view, diag->span.text ? "- %s (%s) at " : "- %s (%s)", line->text, diag->rule);
    if (diag->span.text)
        put_place(view, diag->span);
    rcn_view_put(view, "\n");
    while (line->text && (++line)->text)
        rcn_view_put(view, "  - %s: %s\n", line->label, line->text);
}

static void put_diags(struct writer *self, enum rcn_severity severity, size_t count)
{
    const struct rcn_diags *diags = self->report->diags;
    if (!count)
        return;
    begin_section(self);
    rcn_view_add(self->out, "\n### %zu %s{|s}\n\n", count, rcn_severity_name(severity));
    self->kept_end = self->out->len;
    for (size_t i = 0; i < diags->count && !self->is_full; i++) {
        if (diags->items[i]->severity != severity)
            continue;
        put_diag(self->view, diags->items[i]);
        end_entry(self, 1);
    }
    end_section(self, count);
}

/* --- rows --- */

static void put_table_row(struct rcn_view *view, const struct rcn_plan_row *row)
{
    const struct rcn_audience_sync *sync = rcn_row_get_sync(row);
    const struct rcn_diags *diags = view->report->diags;
    const char *segment_id = sync->segment_id ? sync->segment_id : sync->predefined_segment_id;
    view->escape = escape_cell;
    rcn_view_put(view, "| ");
    put_name(view, row);
    rcn_view_add_result_id(&view->text, "", rcn_report_get_result(view->report, row));
    if (view->text.len)
        rcn_view_put(view, " %s", rcn_view_get_text(view));
    for (size_t i = 0; i < diags->count; i++)
        if (is_in_row(diags->items[i], row))
            rcn_view_put(view, "<br>\xe2\x9a\xa0 %s", diags->items[i]->message);
    rcn_view_add_where(&view->text, view, row);
    rcn_view_put(view, " | %s | %s | ", rcn_view_get_text(view),
                 row->segment && row->segment->name ? row->segment->name : segment_id);
    if (row->segment && row->segment->active_subscriber_count >= 0)
        rcn_view_add(view->out, "%zu", (size_t)row->segment->active_subscriber_count);
    rcn_view_add(view->out, " | %s | ", sync->frequency);
    put_place(view, rcn_row_get_span(row));
    rcn_view_put(view, " |\n");
    view->escape = escape;
}

/* `- **VIPs** in act_1 (Acme Main), at audiences/vip.yaml:14` */
static void put_member(struct rcn_view *view, const char *bullet, const struct rcn_plan_row *row)
{
    const struct rcn_span span = rcn_row_get_span(row);
    rcn_buf_add_str(view->out, bullet);
    put_name(view, row);
    rcn_view_add_where(&view->text, view, row);
    rcn_view_put(view, span.text ? " in %s, at " : " in %s", rcn_view_get_text(view));
    if (span.text)
        put_place(view, span);
    rcn_view_put(view, "\n");
}

/* Of its fields, what differs, what is wrong and what to do. */
static void put_group(struct rcn_view *view, const struct rcn_group *group)
{
    bool is_one = group->count == 1;
    if (is_one)
        put_member(view, "- ", group->rows[0]);
    else
        rcn_view_add(view->out, "- %zu syncs with one cause:\n", group->count);
    for (const struct rcn_line *line = rcn_view_list_group(view, group); line->text; line++)
        if (line->emphasis != RCN_PLAIN || strcmp(line->label, "since") == 0 ||
            strcmp(line->label, "live") == 0 || strcmp(line->label, "ignored") == 0)
            rcn_view_put(view, "  - %s: %s\n", line->label, line->text);
    for (size_t i = 0; !is_one && i < group->count && i < MAX_MEMBERS; i++)
        put_member(view, "  - ", group->rows[i]);
    if (group->count > MAX_MEMBERS)
        rcn_view_put(view, "  - \xe2\x80\xa6 and %zu more\n", group->count - MAX_MEMBERS);
}

/* What apply creates, or created, is a table, a row for each; groups of other kinds are lists. */
static void put_kind(struct writer *self, enum rcn_kind kind)
{
    bool is_table = kind == RCN_KIND_CREATED || kind == RCN_KIND_MISSING;
    const struct rcn_group *groups = self->view->by_kind[kind];
    size_t count = self->view->group_counts[kind];
    if (!count)
        return;
    begin_section(self);
    rcn_view_add_kind_title(&self->view->text, self->view, kind);
    rcn_view_put(self->view, "\n### %s\n\n", rcn_view_get_text(self->view));
    if (is_table)
        rcn_view_put(self->view,
                     "| Audience | Ad account | Segment | People | Frequency | Manifest |\n"
                     "|---|---|---|--:|---|---|\n");
    self->kept_end = self->out->len;
    for (size_t i = 0; i < count && !self->is_full; i++) {
        if (is_table)
            put_table_row(self->view, groups[i].rows[0]);
        else
            put_group(self->view, &groups[i]);
        end_entry(self, groups[i].count);
    }
    end_section(self, self->view->kinds[kind]);
}

static void put_kinds(struct writer *self, enum rcn_kind first, enum rcn_kind last)
{
    for (enum rcn_kind kind = first; kind <= last; kind++)
        put_kind(self, kind);
}

static size_t count_sections(const struct writer *self)
{
    const struct rcn_diags *diags = self->report->diags;
    size_t count = (size_t) !!self->report->items + !!diags->errors + !!diags->warnings;
    for (size_t kind = 0; kind < RCN_KIND_IN_SYNC; kind++)
        count += self->view->kinds[kind] != 0;
    return count;
}

/* What was pending at the base: folded. From here on the view is of the base. */
static void put_base(struct writer *self)
{
    if (!self->view->has_base)
        return;
    put_kind(self, RCN_KIND_NOTED);
    put_kind(self, RCN_KIND_IGNORED);
    rcn_view_group(self->view, RCN_PART_BASE);
    if (!self->report->plan->base->pending)
        return;
    self->sections = count_sections(self);
    rcn_view_add_pending(&self->view->text, self->report);
    rcn_view_put(self->view, "\n<details><summary>%s</summary>\n", rcn_view_get_text(self->view));
    put_kinds(self, RCN_KIND_MISSING, RCN_KIND_UNHEALTHY);
    rcn_view_put(self->view, "\n</details>\n");
}

/* What the change is not about: folded, with what was read. */
static void put_rest(struct writer *self)
{
    enum { MAX_FACTS = MAX_MEMBERS + 3 };
    struct rcn_view *view = self->view;
    rcn_view_put(view, "\n<details><summary>What was read, and what needs no action</summary>\n\n");
    const struct rcn_line *line = rcn_view_list_facts(view);
    for (size_t i = 0; i < view->lines.count && i < MAX_FACTS; i++, line++)
        rcn_view_put(view, "- %s: %s\n", line->label, line->text);
    if (view->lines.count > MAX_FACTS)
        rcn_view_put(view, "- \xe2\x80\xa6 and %zu more companies\n",
                     view->lines.count - MAX_FACTS);
    put_kinds(self, RCN_KIND_UNMANAGED, RCN_KIND_NOTED);
    rcn_view_put(view, "\n</details>\n");
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
    const struct rcn_live_state *live = rcn_report_get_live(self->report);
    rcn_buf_printf(self->out, "<!-- audiencectl:%s", self->report->command);
    if (self->report->report_id)
        add_marker(self->out, self->report->report_id);
    for (size_t i = 0; !self->report->report_id && live && i < live->company_count; i++)
        if (live->companies[i].is_named && live->companies[i].company_id)
            add_marker(self->out, live->companies[i].company_id);
    rcn_buf_add_str(self->out, " -->\n");
}

static void put_links(struct rcn_view *view)
{
    const struct rcn_report *report = view->report;
    const struct rcn_source_facts *source = rcn_report_get_source(report);
    bool has_commit = source && source->commit;
    if (has_commit && report->commit_url)
        rcn_buf_printf(view->out, "\n[%.7s](%s)", source->commit, report->commit_url);
    else if (has_commit) /* the whole one is among what was read */
        rcn_buf_printf(view->out, "\n%.*s", report->plan ? 7 : 64, source->commit);
    rcn_view_put(view, "{ (%s)|}", has_commit ? source->ref : NULL);
    if (report->run_url)
        rcn_buf_printf(view->out, "%s[run](%s)", has_commit ? " \xc2\xb7 " : "\n", report->run_url);
    if (has_commit || report->run_url)
        rcn_view_put(view, "\n");
}

static void put_head(struct writer *self)
{
    const struct rcn_report *report = self->report;
    struct rcn_view *view = self->view;
    put_marker(self);
    rcn_buf_printf(self->out, "## audiencectl %s: ", report->command);
    rcn_view_add_headline(self->out, view);
    rcn_buf_add_char(self->out, '\n');
    put_links(view);
    for (const struct rcn_line *line = rcn_view_list_summary(view, true); line->text; line++) {
        const char *strong = line->emphasis == RCN_WRONG ? "**" : "";
        /* The headline says how many are, or were, created. */
        if (strcmp(line->label, "Apply") == 0 ||
            (strcmp(line->label, "Next") == 0 && !report->results && !strchr(line->text, ',')))
            continue;
        rcn_view_add(self->out, "\n%s{%s: |}", strong, *line->label ? line->label : NULL);
        rcn_view_put(view, "%s", line->text);
        rcn_buf_printf(self->out, "%s\n", strong);
    }
}

static void put_items(struct writer *self, const struct rcn_items *items)
{
    struct rcn_view *view = self->view;
    size_t columns;
    const struct rcn_column *titles = rcn_items_get_columns(items, &columns);
    begin_section(self);
    rcn_items_add_count(&view->text, items);
    rcn_view_put(view, "\n%s\n\n|", rcn_view_get_text(view));
    for (size_t i = 0; i < columns; i++)
        rcn_view_put(view, " %s |", titles[i].title);
    rcn_view_put(view, "\n|");
    for (size_t i = 0; i < columns; i++)
        rcn_view_put(view, titles[i].type == RCN_CELL_NUMBER ? "--:|" : "---|");
    rcn_view_put(view, "\n");
    view->escape = escape_cell;
    self->kept_end = self->out->len;
    for (size_t row = 0; row < items->count && !self->is_full; row++) {
        rcn_view_put(view, "|");
        for (size_t i = 0; i < columns; i++) {
            rcn_items_add_cell(&view->text, items, row, i);
            rcn_view_put(view, " {%s|} |", view->text.len ? rcn_view_get_text(view) : NULL);
        }
        rcn_view_put(view, "\n");
        end_entry(self, 1);
    }
    end_section(self, items->count);
}

void rcn_report_markdown_write(struct rcn_view *view)
{
    const struct rcn_report *report = view->report;
    struct writer self = {.view = view, .report = report, .out = view->out};
    view->escape = escape;
    self.sections = count_sections(&self);
    put_head(&self);
    put_kinds(&self, RCN_KIND_CREATED, RCN_KIND_EXISTS);
    put_diags(&self, RCN_SEVERITY_ERROR, report->diags->errors);
    put_kinds(&self, RCN_KIND_MISSING, RCN_KIND_REMOVED);
    put_base(&self);
    put_diags(&self, RCN_SEVERITY_WARNING, report->diags->warnings);
    if (report->plan)
        put_rest(&self);
    if (report->items)
        put_items(&self, report->items);
}
