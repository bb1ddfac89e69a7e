#include <string.h>

#include "base/escape.h"
#include "report/report_formats.h"
#include "report/view.h"
#include "report/words.h"

/*
 * Up to MAX_BLOCKS rows of a kind have a block each: as many as apply creates without being told a
 * number (SPEC 5). More of them become a list of MAX_LINES rows, a line each, and a count: about a
 * screen, so that a long list does not hide the other kinds. What apply would create is named to
 * the last, because somebody has to say yes to it.
 */
enum { MAX_BLOCKS = 100, MAX_LINES = 20, LABEL_COLUMNS = 20 };

enum color { PLAIN, RED, GREEN, YELLOW, CYAN, GREY, BOLD };

struct writer {
    struct rcn_buf *out;
    const struct rcn_report *report;
    const struct rcn_report_style *style;
    struct rcn_buf scratch; /* raw text on its way to being escaped */
    struct rcn_kind_counts counts;
};

static void begin_color(struct writer *self, enum color color)
{
    static const char *const codes[] = {"", "31", "32", "33", "36", "90", "1"};
    if (self->style->color && color != PLAIN)
        rcn_buf_printf(self->out, "\033[%sm", codes[color]);
}

static void end_color(struct writer *self, enum color color)
{
    if (self->style->color && color != PLAIN)
        rcn_buf_add_str(self->out, "\033[0m");
}

static void put(struct writer *self, const char *literal)
{
    rcn_buf_add_str(self->out, literal);
}

static void put_hostile(struct writer *self, const char *text)
{
    rcn_escape_visible(self->out, text);
}

/* Prints what a rcn_view_add_... function left in the scratch. */
static void put_scratch(struct writer *self)
{
    if (self->scratch.failed)
        self->out->failed = true;
    put_hostile(self, rcn_buf_get_str(&self->scratch));
    rcn_buf_clear(&self->scratch);
}

static void put_place(struct writer *self, struct rcn_span span)
{
    if (!span.text)
        return;
    put(self, "at ");
    put_hostile(self, span.text->path);
    if (span.line)
        rcn_buf_printf(self->out, ":%u", span.line);
}

static enum color get_color(enum rcn_kind kind)
{
    switch (rcn_kind_symbol(kind)) {
    case '+':
        return GREEN;
    case '~':
        return YELLOW;
    case '!':
    case 'x':
        return RED;
    case 'o':
        return CYAN;
    default:
        return GREY;
    }
}

/* --- blocks --- */

static void put_label(struct writer *self, const char *label)
{
    rcn_buf_printf(self->out, "    %-*s ", LABEL_COLUMNS, label);
}

/* Escapes text that stands behind `indent` columns; a terminal gets it broken between words. */
static void put_words(struct writer *self, const char *text, size_t indent)
{
    struct rcn_buf escaped;
    rcn_buf_init(&escaped, RCN_REPORT_MAX_BYTES);
    rcn_escape_visible(&escaped, text);
    if (escaped.failed)
        self->out->failed = true;
    rcn_words_add(self->out, rcn_buf_get_str(&escaped), indent, self->style->width);
    rcn_buf_release(&escaped);
}

static void put_line(struct writer *self, const char *label, const char *text)
{
    put_label(self, label);
    put_words(self, text, LABEL_COLUMNS + 5);
}

static void put_field(struct writer *self, const struct rcn_field *field)
{
    put_label(self, field->name);
    put_hostile(self, field->live);
    if (field->desired) {
        put(self, " -> ");
        begin_color(self, YELLOW);
        put_hostile(self, field->desired);
        end_color(self, YELLOW);
    }
    if (field->comment) {
        put(self, " (");
        put_hostile(self, field->comment);
        put(self, ")");
    }
    put(self, "\n");
}

static void put_fields(struct writer *self, const struct rcn_plan_row *row)
{
    struct rcn_field fields[RCN_FIELDS_MAX];
    size_t count = rcn_view_get_fields(self->report, row, fields);
    for (size_t i = 0; i < count; i++)
        put_field(self, &fields[i]);
}

static void put_live(struct writer *self, const struct rcn_plan_row *row)
{
    if (row->live_count < 2)
        return;
    for (size_t i = 0; i < row->live_count; i++) {
        if (i == MAX_LINES && !self->style->verbose) {
            rcn_buf_printf(&self->scratch, "... and %zu more", row->live_count - i);
            put_line(self, "live", rcn_buf_get_str(&self->scratch));
            rcn_buf_clear(&self->scratch);
            return;
        }
        put_label(self, "live");
        rcn_view_add_live(&self->scratch, row->live[i]);
        put_scratch(self);
        put(self, "\n");
    }
}

static void put_health(struct writer *self, const struct rcn_plan_row *row)
{
    if (!row->health)
        return;
    put_label(self, "health");
    rcn_view_add_health(&self->scratch, row->health);
    put_scratch(self);
    put(self, "\n");
    put_line(self, "", rcn_health_get_advice(row->health));
}

static void put_title(struct writer *self, const struct rcn_plan_row *row, enum rcn_kind kind)
{
    enum color color = get_color(kind);
    begin_color(self, color);
    rcn_buf_add_char(self->out, rcn_kind_symbol(kind));
    end_color(self, color);
    put(self, " '");
    begin_color(self, BOLD);
    put_hostile(self, rcn_row_get_sync(row)->audience_name);
    end_color(self, BOLD);
    rcn_buf_printf(self->out, "' %s\n", rcn_kind_sentence(kind));
}

static void put_block(struct writer *self, const struct rcn_plan_row *row, enum rcn_kind kind)
{
    struct rcn_span span = rcn_row_get_span(row);
    put_title(self, row, kind);
    put_fields(self, row);
    put_live(self, row);
    put_health(self, row);
    for (size_t i = 0; i < row->note_count; i++)
        put_line(self, "note", row->notes[i]);
    if (row->is_ignored) {
        put_label(self, "known");
        rcn_view_add_ignored(&self->scratch, row);
        put_scratch(self);
        put(self, "\n");
    }
    if (span.text) {
        put(self, "    ");
        put_place(self, span);
        put(self, "\n");
    }
    put(self, "\n");
}

/* An unmanaged sync is nobody's task: two lines say what it is. */
static void put_unmanaged(struct writer *self, const struct rcn_plan_row *row)
{
    put_title(self, row, RCN_KIND_UNMANAGED);
    put(self, "    ");
    put_hostile(self, row->live[0]->sync.ad_account_id);
    if (row->ad_account_name) {
        put(self, " (");
        put_hostile(self, row->ad_account_name);
        put(self, ")");
    }
    put(self, ", ");
    rcn_view_add_live(&self->scratch, row->live[0]);
    put_scratch(self);
    put(self, "\n\n");
}

/* --- lists of rows, a line each --- */

static void put_changes(struct writer *self, const struct rcn_plan_row *row)
{
    for (size_t i = 0; i < row->change_count; i++) {
        const struct rcn_change *change = &row->changes[i];
        rcn_buf_printf(&self->scratch, "%s%s %s -> %s", i ? ", " : ": ", change->field,
                       change->live ? change->live : "(none)",
                       change->desired ? change->desired : "(none)");
    }
}

/* What tells most of such a row, behind its name and place. */
static void put_essence(struct writer *self, const struct rcn_plan_row *row, enum rcn_kind kind)
{
    if (kind == RCN_KIND_DRIFTED) {
        put_changes(self, row);
    } else if (kind == RCN_KIND_DUPLICATE) {
        rcn_buf_printf(&self->scratch, ": %zu live ones", row->live_count);
    } else if (kind == RCN_KIND_UNHEALTHY) {
        rcn_buf_add_str(&self->scratch, ": ");
        rcn_view_add_health(&self->scratch, row->health);
    } else if (kind == RCN_KIND_IGNORED) {
        rcn_buf_add_str(&self->scratch, ": ");
        rcn_view_add_ignored(&self->scratch, row);
    } else if (kind == RCN_KIND_UNMANAGED) {
        rcn_buf_printf(&self->scratch, ": %s", row->live[0]->sync.id);
    }
    put_scratch(self);
}

static void put_row_line(struct writer *self, const struct rcn_plan_row *row, enum rcn_kind kind)
{
    struct rcn_span span = rcn_row_get_span(row);
    put(self, "    '");
    put_hostile(self, rcn_row_get_sync(row)->audience_name);
    put(self, "' in ");
    put_hostile(self, rcn_row_get_sync(row)->ad_account_id);
    put(self, span.text ? " " : "");
    put_place(self, span);
    put_essence(self, row, kind);
    put(self, "\n");
}

static void put_more(struct writer *self, const char *indent, size_t count)
{
    put(self, indent);
    put(self, "... and ");
    rcn_view_add_number(self->out, count);
    put(self, " more (use -v, or --report html or json, to see all)\n");
}

/* The rows of a kind that has too many for blocks. */
static void put_list(struct writer *self, enum rcn_kind kind)
{
    enum color color = get_color(kind);
    size_t count = self->counts.of[kind];
    bool is_whole = kind == RCN_KIND_MISSING && rcn_view_leads_to_apply(self->report);
    size_t most = is_whole ? count : MAX_LINES;
    size_t shown = 0;
    begin_color(self, color);
    rcn_buf_add_char(self->out, rcn_kind_symbol(kind));
    end_color(self, color);
    put(self, " ");
    begin_color(self, BOLD);
    rcn_buf_printf(self->out, "%s: ", rcn_kind_title(kind));
    rcn_view_add_number(self->out, count);
    end_color(self, BOLD);
    rcn_buf_printf(self->out, count > 1 ? ", each %s\n" : "\n", rcn_kind_sentence(kind));
    for (size_t i = 0; shown < count && shown < most; i++) {
        const struct rcn_plan_row *row = rcn_view_get_row(self->report, i);
        if (rcn_view_get_kind(self->report, row) != kind)
            continue;
        put_row_line(self, row, kind);
        shown++;
    }
    if (shown < count)
        put_more(self, "    ", count - shown);
    put(self, "\n");
}

/* --- all rows --- */

enum shape { NOT_SHOWN, BLOCKS, LIST };

static bool is_outcome(enum rcn_kind kind)
{
    return kind <= RCN_KIND_NOT_ATTEMPTED || kind == RCN_KIND_EXISTS || kind == RCN_KIND_CREATED;
}

static enum shape get_shape(const struct writer *self, enum rcn_kind kind)
{
    size_t count = self->counts.of[kind];
    if (!count || kind == RCN_KIND_IN_SYNC)
        return NOT_SHOWN;
    /* What apply did stands in its lists, and what it has nothing to do with in the counts. */
    if (self->report->results && (kind == RCN_KIND_UNMANAGED || is_outcome(kind)))
        return NOT_SHOWN;
    if (self->style->verbose)
        return BLOCKS;
    return count > MAX_BLOCKS || kind == RCN_KIND_IGNORED ? LIST : BLOCKS;
}

/* In sync, but there is something to say: that its segment is gone, or may be another one. */
static bool is_noted(const struct rcn_plan_row *row, enum rcn_kind kind)
{
    return kind == RCN_KIND_IN_SYNC && row->note_count;
}

static void put_noted_count(struct writer *self)
{
    size_t count = 0;
    for (size_t i = 0; i < rcn_view_get_row_count(self->report); i++) {
        const struct rcn_plan_row *row = rcn_view_get_row(self->report, i);
        count += is_noted(row, rcn_view_get_kind(self->report, row));
    }
    if (!count || self->style->verbose || self->report->results)
        return;
    put(self, "= ");
    rcn_view_add_count(self->out, count, "sync in sync has a note", "syncs in sync have notes");
    put(self, count == 1 ? " (-v shows it)\n\n" : " (-v shows them)\n\n");
}

static void put_rows(struct writer *self)
{
    for (size_t i = 0; i < rcn_view_get_row_count(self->report); i++) {
        const struct rcn_plan_row *row = rcn_view_get_row(self->report, i);
        enum rcn_kind kind = rcn_view_get_kind(self->report, row);
        if (get_shape(self, kind) != BLOCKS && !(is_noted(row, kind) && self->style->verbose))
            continue;
        if (kind == RCN_KIND_UNMANAGED)
            put_unmanaged(self, row);
        else
            put_block(self, row, kind);
    }
    for (size_t kind = 0; kind < RCN_KIND_COUNT; kind++)
        if (get_shape(self, (enum rcn_kind)kind) == LIST)
            put_list(self, (enum rcn_kind)kind);
}

/* --- what apply did --- */

struct outcome_list {
    const char *title;
    enum rcn_outcome outcome;
    bool is_whole; /* nothing that was created, or may have been, goes unreported */
};

static void put_reason(struct writer *self, const char *label, const char *text)
{
    if (!text)
        return;
    rcn_buf_printf(self->out, "      %s: ", label);
    put_hostile(self, text);
    put(self, "\n");
}

static void put_outcome(struct writer *self, const struct rcn_plan_row *row,
                        const struct rcn_result *result)
{
    enum rcn_kind kind = rcn_view_get_kind(self->report, row);
    enum color color = get_color(kind);
    put(self, "  ");
    begin_color(self, color);
    rcn_buf_add_char(self->out, rcn_kind_symbol(kind));
    end_color(self, color);
    put(self, " '");
    put_hostile(self, rcn_row_get_sync(row)->audience_name);
    put(self, "'");
    if (result->id) {
        put(self, " ");
        put_hostile(self, result->id);
    }
    put(self, " ");
    put_place(self, rcn_row_get_span(row));
    put(self, "\n");
    put_reason(self, "reason", result->error);
    put_reason(self, "note", result->note);
}

static void put_outcome_list(struct writer *self, const struct outcome_list *list)
{
    size_t count = rcn_report_get_outcomes(self->report, list->outcome);
    size_t shown = 0;
    if (!count)
        return;
    put(self, list->title);
    put(self, ": ");
    rcn_view_add_number(self->out, count);
    put(self, "\n");
    for (size_t i = 0; i < self->report->plan->row_count; i++) {
        const struct rcn_plan_row *row = &self->report->plan->rows[i];
        const struct rcn_result *result = rcn_report_get_result(self->report, row);
        if (!result || result->outcome != list->outcome)
            continue;
        if (shown++ == MAX_LINES && !list->is_whole && !self->style->verbose)
            break;
        put_outcome(self, row, result);
    }
    if (shown > MAX_LINES && !list->is_whole && !self->style->verbose) {
        put_more(self, "  ", count - MAX_LINES);
    }
    put(self, "\n");
}

static void put_outcomes(struct writer *self)
{
    static const struct outcome_list lists[] = {
        {"Created", RCN_OUTCOME_CREATED, true},
        {"Already there, appeared since the plan", RCN_OUTCOME_EXISTS, false},
        {"Failed", RCN_OUTCOME_FAILED, true},
        {"Unknown, may have been created or not", RCN_OUTCOME_UNKNOWN, true},
        {"Not attempted", RCN_OUTCOME_NOT_ATTEMPTED, false},
    };
    for (size_t i = 0; i < sizeof lists / sizeof *lists; i++)
        put_outcome_list(self, &lists[i]);
}

/* --- header and summary --- */

static void put_head_line(struct writer *self, const char *label)
{
    rcn_buf_printf(self->out, "%-8s ", label);
    put_scratch(self);
    put(self, "\n");
}

static void put_header(struct writer *self)
{
    const struct rcn_source_facts *source = rcn_report_get_source(self->report);
    const struct rcn_live_facts *live = rcn_report_get_live(self->report);
    if (source) {
        rcn_view_add_source(&self->scratch, self->report);
        put_head_line(self, "Source");
    }
    if (source && source->commit) {
        rcn_view_add_commit(&self->scratch, source);
        put_head_line(self, "Commit");
    }
    if (live) {
        rcn_view_add_api(&self->scratch, self->report);
        put_head_line(self, "API");
    }
    for (size_t i = 0; live && i < live->company_count; i++) {
        rcn_view_add_company(&self->scratch, &live->companies[i]);
        put_head_line(self, "Company");
    }
    if (self->report->plan && self->report->plan->is_selected) {
        rcn_buf_add_str(&self->scratch, "only what --ad-account and --name choose is shown and "
                                        "counted");
        put_head_line(self, "Selected");
    }
    if (source || live)
        put(self, "\n");
}

static void put_summary_line(struct writer *self, const char *label)
{
    begin_color(self, BOLD);
    put(self, label);
    end_color(self, BOLD);
    if (self->scratch.failed)
        self->out->failed = true;
    put_words(self, rcn_buf_get_str(&self->scratch), strlen(label));
    rcn_buf_clear(&self->scratch);
}

static void put_counts(struct writer *self)
{
    rcn_view_add_summary(&self->scratch, self->report);
    put_summary_line(self, self->report->results ? "Planned: " : "Summary: ");
}

static void put_outlook(struct writer *self)
{
    const struct rcn_plan_counts counts = rcn_report_get_counts(self->report);
    if (self->report->error || self->report->diags->errors)
        return;
    rcn_view_add_verdict(&self->scratch, self->report);
    if (self->scratch.len)
        put_summary_line(self, "Verdict: ");
    if (!rcn_view_leads_to_apply(self->report))
        return;
    rcn_view_add_cost(&self->scratch, self->report);
    if (!counts.by_status[RCN_STATUS_MISSING])
        rcn_buf_add_str(&self->scratch, "nothing to create");
    put_summary_line(self, "Next:    ");
}

static void put_apply_summary(struct writer *self)
{
    const struct rcn_results *results = self->report->results;
    rcn_view_add_outcomes(&self->scratch, self->report);
    put_summary_line(self, "Apply:   ");
    if (self->style->quiet)
        return;
    if (results->problem)
        rcn_buf_add_str(&self->scratch, results->problem);
    else if (results->is_verified && results->by_outcome[RCN_OUTCOME_CREATED])
        rcn_buf_add_str(&self->scratch, "verified: the list shows every created sync once");
    if (self->scratch.len)
        put_summary_line(self, "         ");
}

static void put_failure(struct writer *self)
{
    const struct rcn_error *error = self->report->error;
    rcn_view_add_failure(&self->scratch, self->report);
    if (!self->scratch.len)
        return;
    begin_color(self, RED);
    put_scratch(self);
    end_color(self, RED);
    put(self, "\n");
    if (error && error->hint[0]) {
        put(self, "  hint: ");
        put_hostile(self, error->hint);
        put(self, "\n");
    }
}

static void put_plan(struct writer *self)
{
    if (!self->style->quiet) {
        put_header(self);
        put_rows(self);
        put_noted_count(self);
        if (self->report->results)
            put_outcomes(self);
    }
    if (!self->report->results || !self->style->quiet)
        put_counts(self);
    if (self->report->results)
        put_apply_summary(self);
    else if (!self->style->quiet)
        put_outlook(self);
}

static void put_validity(struct writer *self)
{
    const struct rcn_diags *diags = self->report->diags;
    const struct rcn_source_facts *source = rcn_report_get_source(self->report);
    begin_color(self, GREEN);
    put(self, "valid");
    end_color(self, GREEN);
    put(self, ": ");
    if (source)
        rcn_view_add_source(&self->scratch, self->report);
    else
        rcn_view_add_count(&self->scratch, self->report->desired_count, "sync", "syncs");
    if (source && source->commit) {
        rcn_buf_add_str(&self->scratch, " at commit ");
        rcn_view_add_commit(&self->scratch, source);
    }
    if (diags->warnings) {
        rcn_buf_add_str(&self->scratch, ", ");
        rcn_view_add_count(&self->scratch, diags->warnings, "warning", "warnings");
    }
    put_scratch(self);
    put(self, "\n");
}

static void put_items(struct writer *self)
{
    if (self->style->quiet) {
        rcn_report_table_write_count(self->report->items, self->out);
        put(self, "\n");
    } else {
        rcn_report_table_write(self->report->items, self->style->width, self->out);
    }
}

void rcn_report_text_write(const struct rcn_report *report, const struct rcn_report_style *style,
                           struct rcn_buf *out)
{
    struct writer self = {
        .out = out, .report = report, .style = style, .counts = rcn_view_count_kinds(report)};
    rcn_buf_init(&self.scratch, RCN_REPORT_MAX_BYTES);
    if (report->plan)
        put_plan(&self);
    else if (report->items)
        put_items(&self);
    else if (strcmp(report->outcome, "valid") == 0)
        put_validity(&self);
    put_failure(&self);
    rcn_buf_release(&self.scratch);
}
