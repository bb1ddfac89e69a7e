#include "base/diag.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

void rcn_diags_init(struct rcn_diags *diags)
{
    *diags = (struct rcn_diags){.arena = rcn_arena_new(SIZE_MAX)};
    diags->items = rcn_arena_calloc(diags->arena, RCN_DIAGS_MAX, sizeof(struct rcn_diag *));
}

void rcn_diags_release(struct rcn_diags *diags)
{
    rcn_arena_free(diags->arena);
    *diags = (struct rcn_diags){0};
}

__attribute__((format(printf, 5, 0))) static struct rcn_diag *
add(struct rcn_diags *diags, enum rcn_severity severity, const char *rule, struct rcn_span span,
    const char *format, va_list args)
{
    *(severity == RCN_SEVERITY_ERROR ? &diags->errors : &diags->warnings) += 1;
    if (diags->count == RCN_DIAGS_MAX)
        return NULL;
    struct rcn_diag *diag = rcn_arena_alloc(diags->arena, sizeof *diag);
    *diag = (struct rcn_diag){.severity = severity,
                              .rule = rule,
                              .message = rcn_arena_vprintf(diags->arena, format, args),
                              .span = span,
                              .order = diags->count};
    diags->items[diags->count++] = diag;
    return diag;
}

struct rcn_diag *rcn_diags_error(struct rcn_diags *diags, const char *rule, struct rcn_span span,
                                 const char *format, ...)
{
    va_list args;
    va_start(args, format);
    struct rcn_diag *diag = add(diags, RCN_SEVERITY_ERROR, rule, span, format, args);
    va_end(args);
    return diag;
}

struct rcn_diag *rcn_diags_warning(struct rcn_diags *diags, const char *rule, struct rcn_span span,
                                   const char *format, ...)
{
    va_list args;
    va_start(args, format);
    struct rcn_diag *diag = add(diags, RCN_SEVERITY_WARNING, rule, span, format, args);
    va_end(args);
    return diag;
}

struct rcn_diag *rcn_diags_add_once(struct rcn_diags *diags, enum rcn_severity severity,
                                    const char *rule, struct rcn_span span, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    const char *message = rcn_arena_vprintf(diags->arena, format, args);
    va_end(args);
    for (size_t i = diags->count; i-- > 0;) {
        const struct rcn_diag *diag = diags->items[i];
        if (diag->span.line == span.line && diag->span.column == span.column &&
            diag->span.text == span.text && strcmp(diag->rule, rule) == 0 &&
            strcmp(diag->message, message) == 0)
            return NULL;
    }
    return severity == RCN_SEVERITY_ERROR ? rcn_diags_error(diags, rule, span, "%s", message)
                                          : rcn_diags_warning(diags, rule, span, "%s", message);
}

void rcn_diag_set_hint(struct rcn_diags *diags, struct rcn_diag *diag, const char *format, ...)
{
    if (!diag)
        return;
    va_list args;
    va_start(args, format);
    diag->hint = rcn_arena_vprintf(diags->arena, format, args);
    va_end(args);
}

void rcn_diag_set_note(struct rcn_diags *diags, struct rcn_diag *diag, struct rcn_span span,
                       const char *format, ...)
{
    if (!diag)
        return;
    va_list args;
    va_start(args, format);
    diag->note = rcn_arena_vprintf(diags->arena, format, args);
    diag->note_span = span;
    va_end(args);
}

static int compare_places(const void *left, const void *right)
{
    const struct rcn_diag *a = *(const struct rcn_diag *const *)left;
    const struct rcn_diag *b = *(const struct rcn_diag *const *)right;
    int order =
        strcmp(a->span.text ? a->span.text->path : "", b->span.text ? b->span.text->path : "");
    if (order)
        return order;
    if (a->span.line != b->span.line)
        return a->span.line < b->span.line ? -1 : 1;
    if (a->span.column != b->span.column)
        return a->span.column < b->span.column ? -1 : 1;
    return a->order < b->order ? -1 : 1;
}

void rcn_diags_sort(struct rcn_diags *diags)
{
    if (diags->count)
        qsort(diags->items, diags->count, sizeof *diags->items, compare_places);
}

const char *rcn_severity_name(enum rcn_severity severity)
{
    return severity == RCN_SEVERITY_ERROR ? "error" : "warning";
}

const char *rcn_span_entry_make_label(struct rcn_arena *arena, const struct rcn_pair *pairs,
                                      size_t count)
{
    const char *label = "";
    for (size_t i = 0; i < count; i++)
        if (pairs[i].value)
            label = rcn_arena_printf(arena, "%s%s%s=%s", label, label[0] ? ", " : "", pairs[i].key,
                                     pairs[i].value);
    return label;
}
