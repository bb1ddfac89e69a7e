#include "report/view.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/strmap.h"

/* From so many rows on, those with one cause are one group. */
enum { GROUP_LEAST = 3 };

/* --- the report --- */

size_t rcn_view_get_row_count(const struct rcn_report *report)
{
    return report->plan ? report->plan->row_count + report->plan->unmanaged_count : 0;
}

const struct rcn_plan_row *rcn_view_get_row(const struct rcn_report *report, size_t index)
{
    const struct rcn_plan *plan = report->plan;
    return index < plan->row_count ? &plan->rows[index] : &plan->unmanaged[index - plan->row_count];
}

const char *rcn_view_get_company_name(const struct rcn_report *report,
                                      const struct rcn_audience_sync *sync)
{
    const struct rcn_live_state *live = rcn_report_get_live(report);
    for (size_t i = 0; live && sync->company_id && i < live->company_count; i++)
        if (rcn_text_is_same(live->companies[i].company_id, sync->company_id))
            return live->companies[i].name;
    return NULL;
}

const struct rcn_change *rcn_view_find_change(const struct rcn_plan_row *row, const char *field)
{
    for (size_t i = 0; i < row->change_count; i++)
        if (strcmp(row->changes[i].field, field) == 0)
            return &row->changes[i];
    return NULL;
}

/* --- groups --- */

/* Rows with the same lines besides their fields and, if unhealthy, the same ad account: the places
 * of the first and the last among all rows. */
struct cause {
    size_t first;
    size_t last;
    size_t count;
};

struct member {
    const struct rcn_plan_row *row;
    enum rcn_kind kind;
    struct cause *cause; /* NULL: it has none in common with others */
    size_t next;         /* the place of the next of its cause; 0: none */
};

static struct cause *find_cause(struct rcn_view *view, struct rcn_strmap *causes,
                                const struct member *member, size_t place)
{
    const struct rcn_plan_row *row = member->row;
    const struct rcn_group group = {member->kind, &row, 2};
    struct rcn_buf *key = &view->text;
    if (!rcn_kinds[member->kind].has_cause)
        return NULL;
    rcn_buf_printf(key, "%d %d %s\n", (int)member->kind, (int)row->withheld_because,
                   row->health ? rcn_row_get_sync(row)->ad_account_id : "");
    for (const struct rcn_line *line = rcn_view_list_group(view, &group); line->text; line++)
        rcn_buf_printf(key, "%s: %s%c", line->label, line->text, '\0');
    struct cause *cause = rcn_strmap_get(causes, key->data, key->len);
    if (!cause) {
        const char *kept = rcn_arena_strndup(view->arena, key->data, key->len);
        cause = rcn_arena_alloc(view->arena, sizeof *cause);
        *cause = (struct cause){.first = place, .last = place};
        *rcn_strmap_put(causes, kept, key->len) = cause;
    }
    rcn_buf_clear(key);
    return cause;
}

/* The members of that kind, after those of the kinds before it, as groups. */
static void add_groups(struct rcn_view *view, const struct member *members, size_t count,
                       enum rcn_kind kind, const struct rcn_plan_row **rows)
{
    for (size_t i = 0; i < count; i++) {
        const struct cause *cause = members[i].cause;
        bool is_one = !cause || cause->count < GROUP_LEAST;
        if (members[i].kind != kind || (!is_one && cause->first != i))
            continue;
        view->groups[view->group_count++] =
            (struct rcn_group){kind, rows, is_one ? 1 : cause->count};
        *rows++ = members[i].row;
        for (size_t next = members[i].next; !is_one && next; next = members[next].next)
            *rows++ = members[next].row;
    }
}

void rcn_view_group(struct rcn_view *view, enum rcn_part part)
{
    size_t all = rcn_view_get_row_count(view->report);
    size_t count = 0;
    struct member *members = rcn_calloc(all + 1, sizeof *members);
    struct rcn_strmap *causes = rcn_strmap_new(0);
    rcn_arena_free(view->arena);
    view->arena = rcn_arena_new(SIZE_MAX);
    view->part = part;
    view->groups = rcn_arena_calloc(view->arena, all + 1, sizeof *view->groups);
    view->group_count = 0;
    memset(view->kinds, 0, sizeof view->kinds);
    for (size_t i = 0; i < all; i++) {
        const struct rcn_plan_row *row = rcn_view_get_row(view->report, i);
        struct member *self = &members[count];
        bool is_base = view->has_base && row->origin == RCN_ORIGIN_BASE;
        if (part != RCN_PART_ALL && is_base != (part == RCN_PART_BASE))
            continue;
        *self = (struct member){.row = row, .kind = rcn_view_get_kind(view->report, row)};
        self->cause = find_cause(view, causes, self, count);
        if (self->cause && self->cause->count++) {
            members[self->cause->last].next = count;
            self->cause->last = count;
        }
        view->kinds[self->kind]++;
        count++;
    }
    const struct rcn_plan_row **rows = rcn_arena_calloc(view->arena, all + 1, sizeof *rows);
    for (size_t kind = 0; kind < RCN_KIND_COUNT; rows += view->kinds[kind++]) {
        size_t before = view->group_count;
        view->by_kind[kind] = &view->groups[before];
        add_groups(view, members, count, (enum rcn_kind)kind, rows);
        view->group_counts[kind] = view->group_count - before;
    }
    rcn_strmap_free(causes);
    free(members);
}

struct rcn_view *rcn_view_new(const struct rcn_report *report, const struct rcn_report_style *style,
                              struct rcn_buf *out)
{
    const struct rcn_live_state *live = rcn_report_get_live(report);
    struct rcn_view *view = rcn_calloc(1, sizeof *view);
    *view = (struct rcn_view){.report = report,
                              .style = style,
                              .out = out,
                              .has_base = report->plan && report->plan->base,
                              .has_companies = live && live->company_count > 1,
                              .leads_to_apply = strcmp(report->command, "drift") != 0};
    rcn_buf_init(&view->lines.text, RCN_REPORT_MAX_BYTES);
    rcn_buf_init(&view->text, RCN_REPORT_MAX_BYTES);
    rcn_view_group(view, RCN_PART_CHANGE);
    return view;
}

void rcn_view_free(struct rcn_view *view)
{
    rcn_arena_free(view->lines.arena);
    rcn_buf_release(&view->lines.text);
    free(view->lines.items);
    rcn_buf_release(&view->text);
    rcn_arena_free(view->arena);
    free(view);
}

const char *rcn_view_get_text(const struct rcn_view *view)
{
    return rcn_buf_get_str(&view->text);
}
