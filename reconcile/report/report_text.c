#include <string.h>

#include "base/escape.h"
#include "report/items.h"
#include "report/report_formats.h"
#include "report/view.h"
#include "report/words.h"

/*
 * Up to MAX_BLOCKS groups of a kind are blocks, as many as apply creates without --max-creates
 * (SPEC 5). More of them become a list of MAX_LINES rows, a line each, and a count: about a screen.
 * What apply would create is always named to the last, because a person has to approve it.
 */
enum { MAX_BLOCKS = 100, MAX_LINES = 20, MAX_UNMANAGED = 10, INDENT = 4, HANGING = 8 };

struct writer {
    struct rcn_buf *out;
    struct rcn_view *view;
    const struct rcn_report *report;
    const struct rcn_report_style *style;
    struct rcn_lines lines;
    struct rcn_buf raw;
};

static const char *const color_codes[] = {
    [RCN_GREY] = "90", [RCN_GREEN] = "32", [RCN_RED] = "31", [RCN_AMBER] = "33", [RCN_BLUE] = "36"};
#define BOLD "1"
#define NO_COLOR ""

static void put_colored(struct writer *self, const char *code, const char *text)
{
    if (self->style->color && *code)
        rcn_buf_printf(self->out, "\033[%sm", code);
    rcn_buf_add_str(self->out, text);
    if (self->style->color && *code)
        rcn_buf_add_str(self->out, "\033[0m");
}

/* Escapes what is in `raw`, empties it, and puts it on the line, which is then broken between words
 * where a terminal needs it. `start` columns are used already. */
static void end_line(struct writer *self, size_t start, size_t indent)
{
    struct rcn_buf escaped;
    rcn_buf_init(&escaped, RCN_REPORT_MAX_BYTES);
    rcn_escape_visible(&escaped, rcn_buf_get_str(&self->raw));
    rcn_buf_clear(&self->raw);
    rcn_words_add(self->out, rcn_buf_get_str(&escaped), start, indent, self->style->width);
    rcn_buf_release(&escaped);
}

static void put_line(struct writer *self, const struct rcn_line *line)
{
    static const char *const codes[] = {
        [RCN_PLAIN] = NO_COLOR, [RCN_CHANGED] = "33", [RCN_ADVICE] = NO_COLOR, [RCN_WRONG] = "31"};
    const char *code = self->style->color ? codes[line->emphasis] : NO_COLOR;
    rcn_buf_add_repeat(self->out, ' ', INDENT);
    if (*code)
        rcn_buf_printf(self->out, "\033[%sm", code);
    rcn_buf_printf(&self->raw, "%s: %s", line->label, line->text);
    end_line(self, INDENT, HANGING);
    if (*code) {
        rcn_buf_truncate(self->out, self->out->len - 1);
        rcn_buf_add_str(self->out, "\033[0m\n");
    }
}

/* `+ ` in its colour. */
static void put_symbol(struct writer *self, enum rcn_kind kind)
{
    const struct rcn_kind_words *words = rcn_kind_get_words(kind);
    const char symbol[] = {words->symbol, '\0'};
    enum rcn_color color = kind == RCN_KIND_MISSING ? RCN_GREEN : words->color;
    put_colored(self, color_codes[color], symbol);
    rcn_buf_add_char(self->out, ' ');
}

static void add_place(struct writer *self, const struct rcn_plan_row *row)
{
    size_t before = self->raw.len;
    rcn_buf_add_str(&self->raw, before ? " at " : "at ");
    size_t start = self->raw.len;
    rcn_view_add_place(&self->raw, self->report, rcn_row_get_span(row));
    if (self->raw.len == start)
        rcn_buf_truncate(&self->raw, before);
}

/* `: sync_1 (1,240 people uploaded)` */
static void add_id(struct writer *self, const struct rcn_result *result)
{
    if (!result || !result->id)
        return;
    rcn_buf_printf(&self->raw, ": %s", result->id);
    rcn_view_add_uploaded(&self->raw, result);
}

static void put_more(struct writer *self, size_t count)
{
    rcn_buf_add_str(&self->raw, "... and ");
    rcn_view_add_number(&self->raw, count);
    rcn_buf_add_str(&self->raw, " more (-v shows all, and so do the reports html, csv and json)");
    rcn_buf_add_repeat(self->out, ' ', INDENT);
    end_line(self, INDENT, HANGING);
}

/* The rows of a group, a line each. */
static void put_members(struct writer *self, const struct rcn_group *group, size_t most)
{
    for (size_t i = 0; i < group->count && i < most; i++) {
        const struct rcn_result *result = rcn_report_get_result(self->report, group->rows[i]);
        rcn_view_add_member(&self->raw, self->report, group->rows[i]);
        add_id(self, result);
        add_place(self, group->rows[i]);
        rcn_buf_add_repeat(self->out, ' ', INDENT);
        end_line(self, INDENT, HANGING);
    }
    if (group->count > most)
        put_more(self, group->count - most);
}

/* What apply did with a sync was shown with all its fields before: now the reason counts. */
static bool is_shown(const struct rcn_line *line, const struct rcn_result *result)
{
    return !result || line->emphasis != RCN_PLAIN || strcmp(line->label, "id") == 0;
}

static void put_block(struct writer *self, const struct rcn_group *group)
{
    const struct rcn_result *result = rcn_report_get_result(self->report, group->rows[0]);
    put_symbol(self, group->kind);
    rcn_view_add_title(&self->raw, group);
    end_line(self, 2, HANGING);
    rcn_lines_clear(&self->lines);
    rcn_view_add_lines(&self->lines, self->report, group);
    for (size_t i = 0; i < self->lines.count; i++)
        if (is_shown(&self->lines.items[i], result))
            put_line(self, &self->lines.items[i]);
    if (group->count > 1) {
        put_members(self, group, self->style->verbose ? SIZE_MAX : MAX_LINES);
    } else {
        add_place(self, group->rows[0]);
        if (self->raw.len) {
            rcn_buf_add_repeat(self->out, ' ', INDENT);
            end_line(self, INDENT, HANGING);
        }
    }
    rcn_buf_add_char(self->out, '\n');
}

/* What says most of a row in one line, after its name. */
static void add_essence(struct writer *self, const struct rcn_group *group)
{
    const struct rcn_plan_row *row = group->rows[0];
    if (row->status == RCN_STATUS_DUPLICATE) {
        rcn_buf_printf(&self->raw, ": live %zu times", row->live_count);
        return;
    }
    const char *separator = ": ";
    rcn_lines_clear(&self->lines);
    rcn_view_add_lines(&self->lines, self->report, group);
    for (size_t i = 0; i < self->lines.count; i++) {
        const struct rcn_line *line = &self->lines.items[i];
        if (group->kind == RCN_KIND_IGNORED
                ? strcmp(line->label, "ignored") != 0
                : line->emphasis != RCN_CHANGED && line->emphasis != RCN_WRONG)
            continue;
        rcn_buf_add_str(&self->raw, separator);
        if (group->kind != RCN_KIND_IGNORED)
            rcn_buf_printf(&self->raw, "%s: ", line->label);
        rcn_buf_add_str(&self->raw, line->text);
        separator = "; ";
    }
}

/* The groups of a kind that has too many for blocks: a line each. */
static void put_list(struct writer *self, enum rcn_kind kind, const struct rcn_group *groups,
                     size_t count)
{
    bool is_whole = self->style->verbose || kind == RCN_KIND_CREATED ||
                    (kind == RCN_KIND_MISSING && rcn_view_leads_to_apply(self->report));
    size_t most = kind == RCN_KIND_UNMANAGED ? MAX_UNMANAGED : MAX_LINES;
    put_symbol(self, kind);
    rcn_view_add_count(&self->raw, self->view->kinds[kind], "sync", "syncs");
    const struct rcn_kind_words *words = rcn_kind_get_words(kind);
    rcn_buf_printf(&self->raw, " %s", self->view->kinds[kind] == 1 ? words->one : words->many);
    end_line(self, 2, HANGING);
    for (size_t i = 0; i < count && (is_whole || i < most); i++) {
        const struct rcn_plan_row *row = groups[i].rows[0];
        const struct rcn_result *result = rcn_report_get_result(self->report, row);
        rcn_view_add_member(&self->raw, self->report, row);
        if (groups[i].count > 1)
            rcn_buf_printf(&self->raw, " and %zu more", groups[i].count - 1);
        if (kind == RCN_KIND_UNMANAGED)
            rcn_buf_printf(&self->raw, ": %s", row->live[0]->sync.id);
        else if (result && result->id)
            add_id(self, result);
        else
            add_essence(self, &groups[i]);
        add_place(self, row);
        rcn_buf_add_repeat(self->out, ' ', INDENT);
        end_line(self, INDENT, HANGING);
        if (result && result->note) {
            rcn_buf_printf(&self->raw, "note: %s", result->note);
            rcn_buf_add_repeat(self->out, ' ', HANGING);
            end_line(self, HANGING, HANGING);
        }
    }
    if (!is_whole && count > most)
        put_more(self, count - most);
    rcn_buf_add_char(self->out, '\n');
}

static size_t count_groups(const struct rcn_view *view, enum rcn_kind kind, size_t *ret_first)
{
    size_t count = 0;
    *ret_first = 0;
    for (size_t i = 0; i < view->group_count; i++) {
        if (view->groups[i].kind != kind)
            continue;
        *ret_first = count ? *ret_first : i;
        count++;
    }
    return count;
}

static void put_kind(struct writer *self, enum rcn_kind kind)
{
    size_t first;
    size_t count = count_groups(self->view, kind, &first);
    const struct rcn_group *groups = self->view->groups + first;
    bool is_result = self->report->results && kind <= RCN_KIND_EXISTS;
    if (!count)
        return;
    bool is_list = kind == RCN_KIND_UNMANAGED || kind == RCN_KIND_CREATED ||
                   kind == RCN_KIND_EXISTS || (kind == RCN_KIND_IGNORED && !self->style->verbose);
    if (is_list ||
        (count > MAX_BLOCKS && !self->style->verbose && !(is_result && kind <= RCN_KIND_UNKNOWN))) {
        put_list(self, kind, groups, count);
        return;
    }
    for (size_t i = 0; i < count; i++)
        put_block(self, &groups[i]);
}

static void put_noted(struct writer *self)
{
    size_t count = self->view->kinds[RCN_KIND_NOTED];
    if (!count || self->report->results)
        return;
    if (self->style->verbose) {
        put_kind(self, RCN_KIND_NOTED);
        return;
    }
    rcn_buf_add_str(self->out, "= ");
    rcn_view_add_count(self->out, count, "sync in sync has a note", "syncs in sync have notes");
    rcn_buf_printf(self->out, " (-v shows %s)\n\n", count == 1 ? "it" : "them");
}

/* Two kinds with one symbol, in the order of the plan. */
static void put_two_kinds(struct writer *self, enum rcn_kind one, enum rcn_kind other)
{
    size_t at[2];
    const size_t counts[2] = {count_groups(self->view, one, &at[0]),
                              count_groups(self->view, other, &at[1])};
    const size_t ends[2] = {at[0] + counts[0], at[1] + counts[1]};
    const struct rcn_group *groups = self->view->groups;
    if (!self->style->verbose && (counts[0] > MAX_BLOCKS || counts[1] > MAX_BLOCKS)) {
        put_kind(self, one);
        put_kind(self, other);
        return;
    }
    while (at[0] < ends[0] || at[1] < ends[1]) {
        bool is_other =
            at[0] == ends[0] || (at[1] < ends[1] && groups[at[1]].rows[0] < groups[at[0]].rows[0]);
        put_block(self, &groups[at[is_other]++]);
    }
}

/* A person reads the end of a terminal, so what matters most comes last (SPEC 4). */
static void put_rows(struct writer *self)
{
    static const enum rcn_kind order[] = {
        RCN_KIND_DRIFTED, RCN_KIND_WITHHELD,      RCN_KIND_MISSING,
        RCN_KIND_CREATED, RCN_KIND_UNVERIFIED,    RCN_KIND_FAILED,
        RCN_KIND_UNKNOWN, RCN_KIND_NOT_ATTEMPTED, RCN_KIND_EXISTS};
    put_noted(self);
    put_kind(self, RCN_KIND_IGNORED);
    if (!self->report->results) {
        put_kind(self, RCN_KIND_UNMANAGED);
        put_kind(self, RCN_KIND_REMOVED);
    }
    put_two_kinds(self, RCN_KIND_DUPLICATE, RCN_KIND_UNHEALTHY);
    for (size_t i = 0; i < sizeof order / sizeof *order; i++)
        put_kind(self, order[i]);
}

/* What was pending at the base, before what the change does: counted, or in full with -v. */
static void put_base(struct writer *self)
{
    if (!rcn_view_has_base(self->report))
        return;
    rcn_view_add_pending(self->out, self->report);
    if (!self->report->plan->base->pending || !self->style->verbose) {
        rcn_buf_add_str(self->out, self->report->plan->base->pending ? " (-v shows all)" : "");
        rcn_buf_add_str(self->out, "\n\n");
        return;
    }
    struct rcn_view *change = self->view;
    rcn_buf_add_str(self->out, ":\n\n");
    self->view = rcn_view_new(self->report, RCN_PART_BASE);
    put_rows(self);
    rcn_view_free(self->view);
    self->view = change;
    rcn_buf_add_str(self->out, "This change:\n\n");
}

static void put_facts(struct writer *self)
{
    rcn_lines_clear(&self->lines);
    rcn_view_add_facts(&self->lines, self->report);
    for (size_t i = 0; i < self->lines.count; i++) {
        rcn_buf_printf(self->out, "%-8s ", self->lines.items[i].label);
        rcn_buf_add_str(&self->raw, self->lines.items[i].text);
        end_line(self, 9, 9);
    }
    if (self->lines.count)
        rcn_buf_add_char(self->out, '\n');
}

static void put_summary(struct writer *self)
{
    rcn_lines_clear(&self->lines);
    rcn_view_add_summary(&self->lines, self->report);
    for (size_t i = 0; i < self->lines.count; i++) {
        const struct rcn_line *line = &self->lines.items[i];
        bool is_counts = strcmp(line->label, "Summary") == 0 || strcmp(line->label, "Apply") == 0;
        if (self->style->quiet && !is_counts)
            continue;
        put_colored(self, BOLD, line->label);
        rcn_buf_add_char(self->out, ':');
        rcn_buf_add_repeat(self->out, ' ', 9 - strlen(line->label));
        rcn_buf_add_str(&self->raw, line->text);
        end_line(self, 10, 10);
    }
}

static void put_failure(struct writer *self)
{
    if (self->report->error && self->style->no_error)
        return;
    rcn_lines_clear(&self->lines);
    rcn_view_add_failure(&self->lines, self->report);
    for (size_t i = 0; i < self->lines.count; i++) {
        const struct rcn_line *line = &self->lines.items[i];
        if (*line->label) {
            rcn_buf_printf(&self->raw, "  %s: %s", line->label, line->text);
            end_line(self, 0, HANGING);
            continue;
        }
        struct rcn_buf escaped;
        rcn_buf_init(&escaped, RCN_REPORT_MAX_BYTES);
        rcn_escape_visible(&escaped, line->text);
        put_colored(self, color_codes[RCN_RED], rcn_buf_get_str(&escaped));
        rcn_buf_add_char(self->out, '\n');
        rcn_buf_release(&escaped);
    }
}

static void put_validity(struct writer *self)
{
    const struct rcn_diags *diags = self->report->diags;
    put_colored(self, color_codes[RCN_GREEN], "valid");
    rcn_buf_add_str(self->out, ": ");
    rcn_lines_clear(&self->lines);
    rcn_view_add_facts(&self->lines, self->report);
    for (size_t i = 0; i < self->lines.count; i++)
        rcn_buf_printf(&self->raw, "%s%s", i ? " at commit " : "", self->lines.items[i].text);
    if (!self->lines.count)
        rcn_view_add_count(&self->raw, self->report->desired_count, "sync", "syncs");
    if (diags->warnings) {
        rcn_buf_add_str(&self->raw, ", ");
        rcn_view_add_count(&self->raw, diags->warnings, "warning", "warnings");
    }
    end_line(self, 7, 7);
}

void rcn_report_text_write(const struct rcn_report *report, const struct rcn_report_style *style,
                           struct rcn_buf *out)
{
    struct writer self = {.out = out,
                          .view = rcn_view_new(report, RCN_PART_CHANGE),
                          .report = report,
                          .style = style};
    rcn_lines_init(&self.lines);
    rcn_buf_init(&self.raw, RCN_REPORT_MAX_BYTES);
    if (report->plan && !style->quiet) {
        put_facts(&self);
        put_base(&self);
        put_rows(&self);
    }
    if (report->plan) {
        put_summary(&self);
    } else if (report->items && style->quiet) {
        rcn_items_add_count(out, report->items);
        rcn_buf_add_char(out, '\n');
    } else if (report->items) {
        rcn_items_write_text(report->items, style->width, out);
    } else if (strcmp(report->outcome, "valid") == 0) {
        put_validity(&self);
    }
    put_failure(&self);
    rcn_buf_release(&self.raw);
    rcn_lines_release(&self.lines);
    rcn_view_free(self.view);
}
