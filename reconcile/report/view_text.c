#include <ctype.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/time.h"
#include "report/view.h"

/* --- templates --- */

/* A template that is being filled in. */
struct filling {
    struct rcn_buf *out;
    rcn_view_escape *escape; /* NULL: raw texts, and numbers for people */
    size_t number;           /* the last `%zu` */
    va_list *args;
};

/* The first value of a part. */
enum first { NO_VALUE, IS_UNSET, IS_SET };

/* `10,000` */
static void add_number(struct rcn_buf *out, size_t number)
{
    if (number >= 1000) {
        add_number(out, number / 1000);
        rcn_buf_printf(out, ",%03zu", number % 1000);
    } else {
        rcn_buf_printf(out, "%zu", number);
    }
}

/* Nothing for NULL. */
static void add_text(struct filling *self, const char *text, size_t most)
{
    if (!text)
        return;
    char *part = rcn_strndup(text, strnlen(text, most));
    (self->escape ? self->escape : rcn_buf_add_str)(self->out, part);
    free(part);
}

/* Adds the value of the conversion at `format`, and returns what comes after that. */
static const char *fill_value(struct filling *self, const char *format, bool *ret_is_set)
{
    size_t most = SIZE_MAX;
    if (*++format == '.')
        for (most = 0; isdigit((unsigned char)*++format);)
            most = 10 * most + (size_t)(*format - '0');
    if (strchr("udz", *format)) { /* no number of ours is negative */
        bool is_size = *format == 'z';
        size_t number = is_size ? va_arg(*self->args, size_t) : va_arg(*self->args, unsigned);
        self->number = is_size ? number : self->number;
        if (is_size && !self->escape)
            add_number(self->out, number);
        else
            rcn_buf_printf(self->out, "%zu", number);
        *ret_is_set = number;
        return format + (is_size ? 2 : 1);
    }
    if (*format == 'j') { /* %jd */
        char time[RCN_TIME_SIZE];
        int64_t at_ms = va_arg(*self->args, int64_t);
        rcn_time_format(at_ms, time);
        add_text(self, at_ms ? time : NULL, most);
        *ret_is_set = at_ms;
        return format + 2;
    }
    const char *text = va_arg(*self->args, const char *);
    add_text(self, text, most);
    *ret_is_set = text;
    return format + 1;
}

/* Fills the template in up to one of `ends`, and returns the place of that. */
static const char *fill(struct filling *self, const char *format, const char *ends,
                        enum first *ret_first)
{
    *ret_first = NO_VALUE;
    while (*format && !strchr(ends, *format)) {
        if (*format == '%') {
            bool is_set;
            format = fill_value(self, format, &is_set);
            if (*ret_first == NO_VALUE)
                *ret_first = is_set ? IS_SET : IS_UNSET;
        } else if (*format == '{' && format[strcspn(format, "|}")] == '|') {
            enum first first;
            enum first second;
            size_t start = self->out->len;
            format = fill(self, format + 1, "|", &first);
            bool is_first = first == NO_VALUE ? self->number == 1 : first == IS_SET;
            if (!is_first)
                rcn_buf_truncate(self->out, start);
            size_t end = self->out->len;
            format = fill(self, format + 1, "}", &second) + 1;
            if (is_first)
                rcn_buf_truncate(self->out, end);
        } else {
            size_t literal = 1 + strcspn(format + 1, "%{|}");
            rcn_buf_add(self->out, format, literal);
            format += literal;
        }
    }
    return format;
}

static void fill_in(struct rcn_buf *out, rcn_view_escape *escape, size_t number, const char *format,
                    va_list *args)
{
    struct filling self = {out, escape, number, args};
    enum first first;
    (void)fill(&self, format, "", &first);
}

void rcn_view_add(struct rcn_buf *out, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    fill_in(out, NULL, 0, format, &args);
    va_end(args);
}

void rcn_view_add_agreeing(struct rcn_buf *out, size_t number, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    fill_in(out, NULL, number, format, &args);
    va_end(args);
}

bool rcn_view_add_list(struct rcn_buf *out, const char *before, const char *format, ...)
{
    struct rcn_buf list;
    va_list args;
    rcn_buf_init(&list, RCN_REPORT_MAX_BYTES);
    va_start(args, format);
    fill_in(&list, NULL, 0, format, &args);
    va_end(args);
    bool has_parts = list.len;
    if (has_parts)
        rcn_buf_printf(out, "%s%s", before, rcn_buf_get_str(&list) + strlen(", "));
    rcn_buf_release(&list);
    return has_parts;
}

void rcn_view_put(struct rcn_view *view, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    fill_in(view->out, view->escape, 0, format, &args);
    va_end(args);
    rcn_buf_clear(&view->text);
}

/* --- lines --- */

void rcn_view_begin_lines(struct rcn_view *view)
{
    struct rcn_lines *lines = &view->lines;
    rcn_arena_free(lines->arena);
    lines->arena = rcn_arena_new(RCN_REPORT_MAX_BYTES);
    lines->items = rcn_realloc(lines->items, sizeof *lines->items);
    lines->items[0] = (struct rcn_line){0};
    lines->count = 0;
}

void rcn_view_end_line(struct rcn_view *view, const char *label, enum rcn_emphasis emphasis)
{
    struct rcn_lines *lines = &view->lines;
    if (!lines->text.len)
        return;
    const char *text = rcn_arena_strdup(lines->arena, rcn_buf_get_str(&lines->text));
    rcn_buf_clear(&lines->text);
    if (strstr(text, "  ")) { /* of a name that is quoted: a browser would show one space */
        rcn_view_add_name(&lines->text, text);
        text = rcn_arena_strdup(lines->arena, rcn_buf_get_str(&lines->text));
        rcn_buf_clear(&lines->text);
    }
    lines->items = rcn_realloc(lines->items, (lines->count + 2) * sizeof *lines->items);
    lines->items[lines->count++] = (struct rcn_line){label, text, emphasis};
    lines->items[lines->count] = (struct rcn_line){0};
}

void rcn_view_add_line(struct rcn_view *view, const char *label, enum rcn_emphasis emphasis,
                       const char *format, ...)
{
    va_list args;
    va_start(args, format);
    fill_in(&view->lines.text, NULL, 0, format, &args);
    va_end(args);
    rcn_view_end_line(view, label, emphasis);
}

/* --- pieces --- */

void rcn_view_add_name(struct rcn_buf *out, const char *name)
{
    for (const char *c = name; *c; c++) {
        bool shows = *c != ' ' || (c != name && c[1] && c[-1] != ' ' && c[1] != ' ');
        rcn_buf_add(out, shows ? c : "\xe2\x90\xa3", shows ? 1 : 3); /* OPEN BOX */
    }
}

void rcn_view_add_account(struct rcn_buf *out, const struct rcn_plan_row *row)
{
    rcn_view_add(out, "%s{ (%s)|}", rcn_row_get_sync(row)->ad_account_id, row->ad_account_name);
}

void rcn_view_add_where(struct rcn_buf *out, const struct rcn_view *view,
                        const struct rcn_plan_row *row)
{
    rcn_view_add_account(out, row);
    rcn_view_add(out, "{ of %s|}", view->has_companies ? rcn_row_get_sync(row)->company_id : NULL);
}

void rcn_view_add_segment_id(struct rcn_buf *out, const struct rcn_plan_row *row, const char *id)
{
    const struct rcn_segment *segment = row->segment;
    const struct rcn_live_sync *live = row->live_count ? row->live[0] : NULL;
    rcn_buf_add_str(out, id ? id : "none");
    if (!segment || !rcn_text_is_same(segment->id, id))
        rcn_view_add(out, "{ (%s)|}",
                     live && rcn_text_is_same(live->sync.segment_id, id) ? live->segment_name
                                                                         : NULL);
    else if (segment->active_subscriber_count >= 0)
        rcn_view_add(out, " ({%s, |}%zu active {subscriber|subscribers})", segment->name,
                     (size_t)segment->active_subscriber_count);
    else
        rcn_view_add(out, "{ (%s)|}", segment->name);
}

void rcn_view_add_segment(struct rcn_buf *out, const struct rcn_plan_row *row)
{
    const struct rcn_audience_sync *sync = rcn_row_get_sync(row);
    if (sync->predefined_segment_id)
        rcn_buf_add_str(out, sync->predefined_segment_id);
    else if (sync->segment_id)
        rcn_view_add_segment_id(out, row, sync->segment_id);
}

void rcn_view_add_health(struct rcn_buf *out, unsigned health)
{
    const char *separator = "";
    for (size_t bit = 0; rcn_health_names[bit]; bit++) {
        if (!(health & 1U << bit))
            continue;
        rcn_buf_printf(out, "%s%s", separator, rcn_health_names[bit]);
        separator = ", ";
    }
}

void rcn_view_add_result_id(struct rcn_buf *out, const char *before,
                            const struct rcn_result *result)
{
    const struct rcn_upload *upload = result ? result->upload : NULL;
    if (!result || !result->id)
        return;
    rcn_buf_printf(out, "%s%s", before, result->id);
    if (!upload || upload->status != RCN_UPLOAD_DONE)
        return;
    if (upload->people >= 0)
        rcn_view_add(out, " (%zu {person|people} uploaded)", (size_t)upload->people);
    else
        rcn_buf_add_str(out, " (uploaded)");
}

/* --- places --- */

void rcn_view_add_place(struct rcn_buf *out, const struct rcn_report *report, struct rcn_span span)
{
    if (span.text)
        rcn_view_add(out, "%s{:%u|}{ (%s)|}", rcn_report_get_path(report, span), span.line,
                     span.entry ? span.entry->label : NULL);
}

const char *rcn_view_get_file(const struct rcn_report *report, struct rcn_span span)
{
    return span.text && span.text->path[0] != '<' ? rcn_report_get_path(report, span) : NULL;
}

void rcn_view_add_url_path(struct rcn_buf *out, const char *path)
{
    for (; *path; path++) {
        unsigned char c = (unsigned char)*path;
        bool is_unreserved = c < 0x80 && (isalnum(c) || strchr("-._~/", c));
        rcn_buf_printf(out, is_unreserved ? "%c" : "%%%02X", c);
    }
}

bool rcn_view_add_place_url(struct rcn_buf *out, const struct rcn_report *report,
                            struct rcn_span span)
{
    const char *file = rcn_view_get_file(report, span);
    if (!report->blob_url || !file || file[0] == '/')
        return false;
    rcn_buf_add_str(out, report->blob_url);
    rcn_view_add_url_path(out, file);
    rcn_view_add(out, "{#L%u|}", span.line);
    return true;
}
