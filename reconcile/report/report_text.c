#include <string.h>

#include "base/escape.h"
#include "report/items.h"
#include "report/view.h"
#include "report/words.h"

/*
 * Up to MAX_BLOCKS groups of a kind are blocks, as many as apply creates without --max-creates
 * (SPEC 5). More of them become a list of MAX_LINES rows, a line each, and a count: about a screen.
 * What apply would create is always named to the last, because a person has to approve it.
 */
enum { MAX_BLOCKS = 100, MAX_LINES = 20, MAX_UNMANAGED = 10, INDENT = 4, HANGING = 8 };

static const char *const color_codes[] = {
    [RCN_GREY] = "90", [RCN_GREEN] = "32", [RCN_RED] = "31", [RCN_AMBER] = "33", [RCN_BLUE] = "36"};
#define BOLD "1"

static void put_colored(struct rcn_view *view, const char *code, const char *text)
{
    if (view->style->color)
        rcn_buf_printf(view->out, "\033[%sm%s\033[0m", code, text);
    else
        rcn_buf_add_str(view->out, text);
}

/* Puts view->text on the line, which is broken between words where a terminal needs it. `start`
 * columns are used already. */
static void end_line(struct rcn_view *view, size_t start, size_t indent)
{
    struct rcn_buf escaped;
    rcn_buf_init(&escaped, RCN_REPORT_MAX_BYTES);
    rcn_escape_visible(&escaped, rcn_view_get_text(view));
    rcn_buf_clear(&view->text);
    rcn_words_add(view->out, rcn_buf_get_str(&escaped), start, indent, view->style->width);
    rcn_buf_release(&escaped);
}

static void put_indented(struct rcn_view *view, size_t indent)
{
    rcn_buf_add_repeat(view->out, ' ', indent);
    end_line(view, indent, HANGING);
}

/* `+ ` in its colour. */
static void put_symbol(struct rcn_view *view, enum rcn_kind kind)
{
    const struct rcn_kind_words *words = &rcn_kinds[kind];
    const char symbol[] = {words->symbol, '\0'};
    put_colored(view, color_codes[kind == RCN_KIND_MISSING ? RCN_GREEN : words->color], symbol);
    rcn_buf_add_char(view->out, ' ');
}

static void put_lines(struct rcn_view *view, const struct rcn_group *group)
{
    static const char *const codes[] = {
        [RCN_CHANGED] = "33", [RCN_ADVICE] = "", [RCN_WRONG] = "31"};
    /* What apply did with a sync was shown with all its fields before: now the reason counts. */
    bool is_result = rcn_report_get_result(view->report, group->rows[0]);
    rcn_view_list_group(view, group);
    for (size_t i = 0; i < view->lines.count; i++) {
        const struct rcn_line *line = &view->lines.items[i];
        const char *code = view->style->color ? codes[line->emphasis] : NULL;
        if (is_result && line->emphasis == RCN_PLAIN && strcmp(line->label, "id") != 0)
            continue;
        rcn_buf_add_repeat(view->out, ' ', INDENT);
        if (code && *code)
            rcn_buf_printf(view->out, "\033[%sm", code);
        rcn_buf_printf(&view->text, "%s: %s", line->label, line->text);
        end_line(view, INDENT, HANGING);
        if (code && *code) {
            rcn_buf_truncate(view->out, view->out->len - 1);
            rcn_buf_add_str(view->out, "\033[0m\n");
        }
    }
}

static void add_place(struct rcn_view *view, const struct rcn_plan_row *row)
{
    const struct rcn_span span = rcn_row_get_span(row);
    if (!span.text)
        return;
    rcn_buf_add_str(&view->text, view->text.len ? " at " : "at ");
    rcn_view_add_place(&view->text, view->report, span);
}

/* `: sync_1 (1,240 people uploaded)` */
static void add_id(struct rcn_view *view, const struct rcn_result *result)
{
    rcn_view_add_result_id(&view->text, ": ", result);
}

static void put_more(struct rcn_view *view, size_t count)
{
    rcn_view_add(&view->text,
                 "... and %zu more (-v shows all, and so do the reports html, csv and json)",
                 count);
    put_indented(view, INDENT);
}

static void put_block(struct rcn_view *view, const struct rcn_group *group)
{
    size_t most = view->style->verbose ? SIZE_MAX : MAX_LINES;
    put_symbol(view, group->kind);
    rcn_view_add_title(&view->text, group);
    end_line(view, 2, HANGING);
    put_lines(view, group);
    for (size_t i = 0; group->count > 1 && i < group->count && i < most; i++) {
        rcn_view_add_member(&view->text, view->report, group->rows[i]);
        add_id(view, rcn_report_get_result(view->report, group->rows[i]));
        add_place(view, group->rows[i]);
        put_indented(view, INDENT);
    }
    if (group->count > most)
        put_more(view, group->count - most);
    if (group->count == 1)
        add_place(view, group->rows[0]);
    if (view->text.len)
        put_indented(view, INDENT);
    rcn_buf_add_char(view->out, '\n');
}

/* What says most of a row in one line, after its name. */
static void add_essence(struct rcn_view *view, const struct rcn_group *group)
{
    const struct rcn_plan_row *row = group->rows[0];
    bool is_ignored = group->kind == RCN_KIND_IGNORED;
    const char *separator = ": ";
    bool is_duplicate = row->status == RCN_STATUS_DUPLICATE;
    if (is_duplicate)
        rcn_buf_printf(&view->text, ": live %zu times", row->live_count);
    rcn_view_list_group(view, group);
    for (size_t i = 0; !is_duplicate && i < view->lines.count; i++) {
        const struct rcn_line *line = &view->lines.items[i];
        bool is_ignore = strcmp(line->label, "ignored") == 0;
        if (is_ignored ? !is_ignore : line->emphasis != RCN_CHANGED && line->emphasis != RCN_WRONG)
            continue;
        rcn_buf_add_str(&view->text, separator);
        if (!is_ignored)
            rcn_buf_printf(&view->text, "%s: ", line->label);
        rcn_buf_add_str(&view->text, line->text);
        separator = "; ";
    }
}

/* The groups of a kind that has too many for blocks: a line each. */
static void put_list(struct rcn_view *view, enum rcn_kind kind, const struct rcn_group *groups,
                     size_t count)
{
    bool is_whole = view->style->verbose || kind == RCN_KIND_CREATED ||
                    (kind == RCN_KIND_MISSING && rcn_view_leads_to_apply(view->report));
    size_t most = kind == RCN_KIND_UNMANAGED ? MAX_UNMANAGED : MAX_LINES;
    put_symbol(view, kind);
    rcn_view_add_kind_title(&view->text, view, kind);
    end_line(view, 2, HANGING);
    for (size_t i = 0; i < count && (is_whole || i < most); i++) {
        const struct rcn_plan_row *row = groups[i].rows[0];
        const struct rcn_result *result = rcn_report_get_result(view->report, row);
        rcn_view_add_member(&view->text, view->report, row);
        if (groups[i].count > 1)
            rcn_buf_printf(&view->text, " and %zu more", groups[i].count - 1);
        if (kind == RCN_KIND_UNMANAGED)
            rcn_buf_printf(&view->text, ": %s", row->live[0]->sync.id);
        else if (result && result->id)
            add_id(view, result);
        else
            add_essence(view, &groups[i]);
        add_place(view, row);
        put_indented(view, INDENT);
        if (result && result->note)
            rcn_buf_printf(&view->text, "note: %s", result->note);
        else if (!result && row->open_intent_until_ms)
            rcn_view_add_waiting(&view->text, row);
        if (view->text.len)
            put_indented(view, HANGING);
    }
    if (!is_whole && count > most)
        put_more(view, count - most);
    rcn_buf_add_char(view->out, '\n');
}

static void put_kind(struct rcn_view *view, enum rcn_kind kind)
{
    size_t count;
    const struct rcn_group *groups = rcn_view_get_groups(view, kind, &count);
    bool is_verbose = view->style->verbose;
    bool is_list = kind == RCN_KIND_UNMANAGED || kind == RCN_KIND_CREATED ||
                   kind == RCN_KIND_EXISTS || (kind == RCN_KIND_IGNORED && !is_verbose);
    bool is_unsettled = view->report->results && kind <= RCN_KIND_UNKNOWN;
    if (count && (is_list || (count > MAX_BLOCKS && !is_verbose && !is_unsettled))) {
        put_list(view, kind, groups, count);
        return;
    }
    for (size_t i = 0; i < count; i++)
        put_block(view, &groups[i]);
}

static void put_noted(struct rcn_view *view)
{
    size_t count = view->kinds[RCN_KIND_NOTED];
    if (!count || view->report->results)
        return;
    if (view->style->verbose) {
        put_kind(view, RCN_KIND_NOTED);
        return;
    }
    rcn_view_add(
        view->out,
        "= %zu {sync in sync has a note|syncs in sync have notes} (-v shows {it|them})\n\n", count);
}

/* Two kinds with one symbol, in the order of the plan. */
static void put_two_kinds(struct rcn_view *view, enum rcn_kind one, enum rcn_kind other)
{
    size_t counts[2];
    const struct rcn_group *at[] = {rcn_view_get_groups(view, one, &counts[0]),
                                    rcn_view_get_groups(view, other, &counts[1])};
    if (!view->style->verbose && (counts[0] > MAX_BLOCKS || counts[1] > MAX_BLOCKS)) {
        put_kind(view, one);
        put_kind(view, other);
        return;
    }
    while (counts[0] || counts[1]) {
        bool is_other = !counts[0] || (counts[1] && at[1]->rows[0] < at[0]->rows[0]);
        put_block(view, at[is_other]++);
        counts[is_other]--;
    }
}

/* A person reads the end of a terminal, so what matters most comes last (SPEC 4). */
static void put_rows(struct rcn_view *view)
{
    static const enum rcn_kind order[] = {
        RCN_KIND_DRIFTED, RCN_KIND_WITHHELD,      RCN_KIND_MISSING,
        RCN_KIND_CREATED, RCN_KIND_UNVERIFIED,    RCN_KIND_FAILED,
        RCN_KIND_UNKNOWN, RCN_KIND_NOT_ATTEMPTED, RCN_KIND_EXISTS};
    put_noted(view);
    put_kind(view, RCN_KIND_IGNORED);
    if (!view->report->results) {
        put_kind(view, RCN_KIND_UNMANAGED);
        put_kind(view, RCN_KIND_REMOVED);
    }
    put_two_kinds(view, RCN_KIND_DUPLICATE, RCN_KIND_UNHEALTHY);
    for (size_t i = 0; i < sizeof order / sizeof *order; i++)
        put_kind(view, order[i]);
}

/*
 * What was pending at the base, before what the change does: in full with -v. Without it, counted;
 * but what apply would create is named, because a person has to approve it.
 */
static void put_base(struct rcn_view *view)
{
    if (!rcn_view_has_base(view->report))
        return;
    bool is_pending = view->report->plan->base->pending;
    size_t creates;
    rcn_view_add_pending(&view->text, view->report);
    rcn_view_put(view, "%s%s\n\n", rcn_view_get_text(view),
                 !is_pending            ? ""
                 : view->style->verbose ? ":"
                                        : " (-v shows all)");
    if (!is_pending)
        return;
    rcn_view_group(view, RCN_PART_BASE);
    const struct rcn_group *groups = rcn_view_get_groups(view, RCN_KIND_MISSING, &creates);
    if (view->style->verbose)
        put_rows(view);
    else if (creates)
        put_list(view, RCN_KIND_MISSING, groups, creates);
    const struct rcn_base_facts *base = view->report->plan->base;
    if ((view->style->verbose || creates) && base->added + base->changed + base->removed)
        rcn_view_put(view, "This change:\n\n");
    rcn_view_group(view, RCN_PART_CHANGE);
}

static void put_facts(struct rcn_view *view)
{
    rcn_view_list_facts(view);
    for (size_t i = 0; i < view->lines.count; i++) {
        rcn_buf_printf(view->out, "%-8s ", view->lines.items[i].label);
        rcn_buf_add_str(&view->text, view->lines.items[i].text);
        end_line(view, 9, 9);
    }
    if (view->lines.count)
        rcn_buf_add_char(view->out, '\n');
}

static void put_summary(struct rcn_view *view)
{
    rcn_view_list_summary(view, false);
    for (size_t i = 0; i < view->lines.count; i++) {
        const struct rcn_line *line = &view->lines.items[i];
        bool is_counts = strcmp(line->label, "Summary") == 0 || strcmp(line->label, "Apply") == 0;
        if (view->style->quiet && !is_counts)
            continue;
        put_colored(view, BOLD, line->label);
        rcn_buf_add_char(view->out, ':');
        rcn_buf_add_repeat(view->out, ' ', 9 - strlen(line->label));
        rcn_buf_add_str(&view->text, line->text);
        end_line(view, 10, 10);
    }
}

static void put_failure(struct rcn_view *view)
{
    if (view->report->error && view->style->no_error)
        return;
    rcn_view_list_failure(view);
    for (size_t i = 0; i < view->lines.count; i++) {
        const struct rcn_line *line = &view->lines.items[i];
        if (*line->label) {
            rcn_buf_printf(&view->text, "  %s: %s", line->label, line->text);
            end_line(view, 0, HANGING);
        } else {
            rcn_view_put(view, view->style->color ? "\033[31m%s\033[0m\n" : "%s\n", line->text);
        }
    }
}

static void put_validity(struct rcn_view *view)
{
    const struct rcn_diags *diags = view->report->diags;
    put_colored(view, color_codes[RCN_GREEN], "valid");
    rcn_buf_add_str(view->out, ": ");
    rcn_view_list_facts(view);
    for (size_t i = 0; i < view->lines.count; i++)
        rcn_buf_printf(&view->text, "%s%s", i ? " at commit " : "", view->lines.items[i].text);
    if (!view->lines.count)
        rcn_view_add(&view->text, "%zu {sync|syncs}", view->report->desired_count);
    if (diags->warnings)
        rcn_view_add(&view->text, ", %zu {warning|warnings}", diags->warnings);
    end_line(view, 7, 7);
}

void rcn_report_text_write(struct rcn_view *view)
{
    const struct rcn_report *report = view->report;
    view->escape = rcn_escape_visible;
    if (report->plan && !view->style->quiet) {
        put_facts(view);
        put_base(view);
        put_rows(view);
    }
    if (report->plan) {
        put_summary(view);
    } else if (report->items && view->style->quiet) {
        rcn_items_add_count(view->out, report->items);
        rcn_buf_add_char(view->out, '\n');
    } else if (report->items) {
        rcn_items_write_text(report->items, view->style->width, view->out);
    } else if (strcmp(report->outcome, "valid") == 0) {
        put_validity(view);
    }
    put_failure(view);
}
