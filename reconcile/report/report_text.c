#include <string.h>

#include "base/escape.h"
#include "base/unicode.h"
#include "report/items.h"
#include "report/view.h"

/*
 * Up to MAX_BLOCKS groups of a kind are blocks, as many as apply creates without --max-creates
 * (SPEC 5). More of them become a list of MAX_LINES rows, a line each, and a count: about a screen.
 * What apply would create is always named to the last, because a person has to approve it.
 */
enum { MAX_BLOCKS = 100, MAX_LINES = 20, MAX_UNMANAGED = 10, INDENT = 4, HANGING = 8 };

static const char *const color_codes[] = {
    [RCN_GREY] = "90", [RCN_GREEN] = "32", [RCN_RED] = "31", [RCN_AMBER] = "33", [RCN_BLUE] = "36"};

/* Text of ours in a color (or bold, "1"). */
static void put_colored(struct rcn_view *view, const char *code, const char *text)
{
    if (view->style->color)
        rcn_buf_printf(view->out, "\033[%sm%s\033[0m", code, text);
    else
        rcn_buf_add_str(view->out, text);
}

/*
 * How much of the text, in bytes, fits into so many columns: whole words, or the first one alone. A
 * number stays with what it counts.
 */
static size_t fit_words(const char *text, size_t columns)
{
    size_t fits = 0;
    for (size_t end = 0; text[end];) {
        size_t start = end + strspn(text + end, " ");
        end = start + strcspn(text + start, " ");
        if (fits && rcn_utf8_width(text, end) > columns)
            break;
        if (!text[end] || start + strspn(text + start, "0123456789,") < end)
            fits = end;
    }
    return fits;
}

/*
 * Puts view->text on the line, of which `start` columns are used already, and ends it. What does
 * not fit on a terminal goes on in lines that are indented by `indent`, unless it is too narrow to
 * gain from that.
 */
static void end_line(struct rcn_view *view, size_t start, size_t indent)
{
    size_t width = view->style->width; /* 0: no terminal */
    struct rcn_buf escaped;
    rcn_buf_init(&escaped, RCN_REPORT_MAX_BYTES);
    rcn_escape_visible(&escaped, rcn_view_get_text(view));
    rcn_buf_clear(&view->text);
    const char *text = rcn_buf_get_str(&escaped);
    bool breaks = width > 2 * indent && width > 2 * start;
    for (size_t used = start; breaks; used = indent) {
        size_t fits = fit_words(text, width - used);
        rcn_buf_add(view->out, text, fits);
        text += fits + strspn(text + fits, " ");
        breaks = *text;
        if (breaks)
            rcn_buf_printf(view->out, "\n%*s", (int)indent, "");
    }
    rcn_buf_add_str(view->out, text);
    rcn_buf_add_char(view->out, '\n');
    rcn_buf_release(&escaped);
}

static void put_indented(struct rcn_view *view, size_t indent)
{
    rcn_buf_add_repeat(view->out, ' ', indent);
    end_line(view, indent, HANGING);
}

/* `+ ` in its colour, and view->text. */
static void put_heading(struct rcn_view *view, enum rcn_kind kind)
{
    const char symbol[] = {rcn_kinds[kind].symbol, '\0'};
    put_colored(view, color_codes[kind == RCN_KIND_MISSING ? RCN_GREEN : rcn_kinds[kind].color],
                symbol);
    rcn_buf_add_char(view->out, ' ');
    end_line(view, 2, HANGING);
}

static void add_place(struct rcn_view *view, const struct rcn_plan_row *row)
{
    const struct rcn_span span = rcn_row_get_span(row);
    if (span.text)
        rcn_buf_add_str(&view->text, view->text.len ? " at " : "at ");
    rcn_view_add_place(&view->text, view->report, span);
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
    static const char *const codes[] = {
        [RCN_PLAIN] = "", [RCN_CHANGED] = "33", [RCN_ADVICE] = "", [RCN_WRONG] = "31"};
    size_t most = view->style->verbose ? SIZE_MAX : MAX_LINES;
    /* What apply did with a sync was shown with all its fields before: now the reason counts. */
    bool is_result = rcn_report_get_result(view->report, group->rows[0]);
    rcn_view_add_title(&view->text, group);
    put_heading(view, group->kind);
    for (const struct rcn_line *line = rcn_view_list_group(view, group); line->text; line++) {
        const char *code = view->style->color ? codes[line->emphasis] : "";
        if (is_result && line->emphasis == RCN_PLAIN && strcmp(line->label, "id") != 0)
            continue;
        rcn_buf_add_repeat(view->out, ' ', INDENT);
        if (*code)
            rcn_buf_printf(view->out, "\033[%sm", code);
        rcn_buf_printf(&view->text, "%s: %s", line->label, line->text);
        end_line(view, INDENT, HANGING);
        if (*code) {
            rcn_buf_truncate(view->out, view->out->len - 1);
            rcn_buf_add_str(view->out, "\033[0m\n");
        }
    }
    for (size_t i = 0; group->count > 1 && i < group->count && i < most; i++) {
        rcn_view_add_member(&view->text, view, group->rows[i]);
        rcn_view_add_result_id(&view->text, ": ",
                               rcn_report_get_result(view->report, group->rows[i]));
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
    if (row->status == RCN_STATUS_DUPLICATE) {
        rcn_buf_printf(&view->text, ": live %zu times", row->live_count);
        return;
    }
    for (const struct rcn_line *line = rcn_view_list_group(view, group); line->text; line++) {
        bool is_ignore = strcmp(line->label, "ignored") == 0;
        if (is_ignored ? !is_ignore : line->emphasis != RCN_CHANGED && line->emphasis != RCN_WRONG)
            continue;
        rcn_view_add(&view->text, "%s{%s: |}%s", separator, is_ignored ? NULL : line->label,
                     line->text);
        separator = "; ";
    }
}

/* The groups of a kind that has too many for blocks: a line each. */
static void put_list(struct rcn_view *view, enum rcn_kind kind)
{
    const struct rcn_group *groups = view->by_kind[kind];
    size_t count = view->group_counts[kind];
    bool is_whole = view->style->verbose || kind == RCN_KIND_CREATED ||
                    (kind == RCN_KIND_MISSING && view->leads_to_apply);
    size_t most = is_whole ? count : kind == RCN_KIND_UNMANAGED ? MAX_UNMANAGED : MAX_LINES;
    rcn_view_add_kind_title(&view->text, view, kind);
    put_heading(view, kind);
    for (size_t i = 0; i < count && i < most; i++) {
        const struct rcn_plan_row *row = groups[i].rows[0];
        const struct rcn_result *result = rcn_report_get_result(view->report, row);
        rcn_view_add_member(&view->text, view, row);
        if (groups[i].count > 1)
            rcn_buf_printf(&view->text, " and %zu more", groups[i].count - 1);
        if (kind == RCN_KIND_UNMANAGED)
            rcn_buf_printf(&view->text, ": %s", row->live[0]->sync.id);
        else if (result && result->id)
            rcn_view_add_result_id(&view->text, ": ", result);
        else
            add_essence(view, &groups[i]);
        add_place(view, row);
        put_indented(view, INDENT);
        rcn_view_add(&view->text, "{note: %s|}", result ? result->note : NULL);
        if (!result && row->open_intent_until_ms)
            rcn_view_add_waiting(&view->text, row);
        if (view->text.len)
            put_indented(view, HANGING);
    }
    if (count > most)
        put_more(view, count - most);
    rcn_buf_add_char(view->out, '\n');
}

static void put_kind(struct rcn_view *view, enum rcn_kind kind)
{
    const struct rcn_group *groups = view->by_kind[kind];
    size_t count = view->group_counts[kind];
    bool is_verbose = view->style->verbose;
    bool is_list = kind == RCN_KIND_UNMANAGED || kind == RCN_KIND_CREATED ||
                   kind == RCN_KIND_EXISTS || (kind == RCN_KIND_IGNORED && !is_verbose);
    bool is_unsettled = view->report->results && kind <= RCN_KIND_UNKNOWN;
    if (count && kind == RCN_KIND_NOTED && !is_verbose)
        rcn_view_add(view->out,
                     "= %zu {sync in sync has a note|syncs in sync have notes} (-v shows "
                     "{it|them})\n\n",
                     view->kinds[kind]);
    else if (count && (is_list || (count > MAX_BLOCKS && !is_verbose && !is_unsettled)))
        put_list(view, kind);
    else
        for (size_t i = 0; i < count; i++)
            put_block(view, &groups[i]);
}

/* Two kinds with one symbol, in the order of the plan. */
static void put_two_kinds(struct rcn_view *view, enum rcn_kind one, enum rcn_kind other)
{
    const struct rcn_group *at[] = {view->by_kind[one], view->by_kind[other]};
    size_t counts[] = {view->group_counts[one], view->group_counts[other]};
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
        RCN_KIND_NOTED,         RCN_KIND_IGNORED,    RCN_KIND_UNMANAGED, RCN_KIND_REMOVED,
        RCN_KIND_DUPLICATE,     RCN_KIND_DRIFTED,    RCN_KIND_WITHHELD,  RCN_KIND_MISSING,
        RCN_KIND_CREATED,       RCN_KIND_UNVERIFIED, RCN_KIND_FAILED,    RCN_KIND_UNKNOWN,
        RCN_KIND_NOT_ATTEMPTED, RCN_KIND_EXISTS};
    for (size_t i = 0; i < sizeof order / sizeof *order; i++) {
        bool is_before_apply = order[i] == RCN_KIND_NOTED || order[i] == RCN_KIND_UNMANAGED ||
                               order[i] == RCN_KIND_REMOVED;
        if (order[i] == RCN_KIND_DUPLICATE)
            put_two_kinds(view, RCN_KIND_DUPLICATE, RCN_KIND_UNHEALTHY);
        else if (!is_before_apply || !view->report->results)
            put_kind(view, order[i]);
    }
}

/*
 * What was pending at the base, before what the change does: in full with -v. Without it, counted;
 * but what apply would create is named, because a person has to approve it.
 */
static void put_base(struct rcn_view *view)
{
    const struct rcn_base_facts *base = view->report->plan->base;
    bool is_verbose = view->style->verbose;
    if (!base)
        return;
    rcn_view_add_pending(&view->text, view->report);
    rcn_view_put(view, "%s%s\n\n", rcn_view_get_text(view),
                 !base->pending ? ""
                 : is_verbose   ? ":"
                                : " (-v shows all)");
    if (!base->pending)
        return;
    rcn_view_group(view, RCN_PART_BASE);
    size_t creates = view->group_counts[RCN_KIND_MISSING];
    if (is_verbose)
        put_rows(view);
    else if (creates)
        put_list(view, RCN_KIND_MISSING);
    if ((is_verbose || creates) && base->added + base->changed + base->removed)
        rcn_view_put(view, "This change:\n\n");
    rcn_view_group(view, RCN_PART_CHANGE);
}

static void put_facts(struct rcn_view *view)
{
    for (const struct rcn_line *line = rcn_view_list_facts(view); line->text; line++) {
        rcn_buf_printf(view->out, "%-8s ", line->label);
        rcn_buf_add_str(&view->text, line->text);
        end_line(view, 9, 9);
    }
    if (view->lines.count)
        rcn_buf_add_char(view->out, '\n');
}

static void put_summary(struct rcn_view *view)
{
    for (const struct rcn_line *line = rcn_view_list_summary(view, false); line->text; line++) {
        bool is_counts = strcmp(line->label, "Summary") == 0 || strcmp(line->label, "Apply") == 0;
        if (view->style->quiet && !is_counts)
            continue;
        put_colored(view, "1", line->label);
        rcn_buf_printf(view->out, ":%*s", 9 - (int)strlen(line->label), "");
        rcn_buf_add_str(&view->text, line->text);
        end_line(view, 10, 10);
    }
}

static void put_failure(struct rcn_view *view)
{
    if (view->report->error && view->style->no_error)
        return;
    for (const struct rcn_line *line = rcn_view_list_failure(view); line->text; line++) {
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
    const char *separator = "";
    put_colored(view, color_codes[RCN_GREEN], "valid");
    rcn_buf_add_str(view->out, ": ");
    for (const struct rcn_line *line = rcn_view_list_facts(view); line->text; line++) {
        rcn_buf_printf(&view->text, "%s%s", separator, line->text);
        separator = " at commit ";
    }
    if (!view->lines.count)
        rcn_view_add(&view->text, "%zu {sync|syncs}", view->report->desired_count);
    rcn_view_add(&view->text, "{, %zu {warning|warnings}|}", view->report->diags->warnings);
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
