#include "report/view.h"

#include <assert.h>
#include <ctype.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/strmap.h"
#include "base/time.h"
#include "report/items.h"

/* From so many rows on, those with one cause are one group. */
enum { GROUP_LEAST = 3, MAX_LIVE = 20 };

/* --- kinds --- */

const struct rcn_kind_words rcn_kinds[] = {
    [RCN_KIND_CREATED] = {"created", "Created", '+', RCN_GREEN, RCN_LEVEL_NONE, false, false,
                          "was created", "were created"},
    [RCN_KIND_UNVERIFIED] = {"unverified", "Not as asked", 'x', RCN_RED, RCN_LEVEL_ERROR, true,
                             true, "was created, but is not as it should be",
                             "were created, but are not as they should be"},
    [RCN_KIND_FAILED] = {"failed", "Failed", 'x', RCN_RED, RCN_LEVEL_ERROR, true, true,
                         "was not created: the server refused it",
                         "were not created: the server refused them"},
    [RCN_KIND_UNKNOWN] = {"unknown", "Unknown", 'x', RCN_RED, RCN_LEVEL_ERROR, true, true,
                          "may have been created or not: the answer does not say",
                          "may have been created or not: the answers do not say"},
    [RCN_KIND_NOT_ATTEMPTED] = {"not-attempted", "Not attempted", 'x', RCN_AMBER, RCN_LEVEL_ERROR,
                                true, true, "was not attempted: nothing was sent",
                                "were not attempted: nothing was sent"},
    [RCN_KIND_EXISTS] = {"exists", "Exists", '=', RCN_GREEN, RCN_LEVEL_NOTICE, false, true,
                         "exists: this run did not create it",
                         "exist: this run did not create them"},
    [RCN_KIND_MISSING] = {"missing", "Missing", '+', RCN_BLUE, RCN_LEVEL_NOTICE, false, false,
                          "is missing: apply will create it",
                          "are missing: apply will create them"},
    [RCN_KIND_WITHHELD] = {"withheld", "Withheld", 'o', RCN_AMBER, RCN_LEVEL_NOTICE, true, true,
                           "is withheld: apply will not create it",
                           "are withheld: apply will not create them"},
    [RCN_KIND_DRIFTED] = {"drifted", "Drifted", '~', RCN_AMBER, RCN_LEVEL_WARNING, true, true,
                          "has drifted: apply will not change it",
                          "have drifted: apply will not change them"},
    [RCN_KIND_DUPLICATE] = {"duplicate", "Duplicate", '!', RCN_RED, RCN_LEVEL_WARNING, true, false,
                            "is live more than once: apply will not touch it",
                            "are live more than once: apply will not touch them"},
    [RCN_KIND_UNHEALTHY] = {"unhealthy", "Unhealthy", '!', RCN_RED, RCN_LEVEL_WARNING, true, true,
                            "is in sync, but unhealthy", "are in sync, but unhealthy"},
    [RCN_KIND_REMOVED] = {"removed", "Removed", '?', RCN_AMBER, RCN_LEVEL_NOTICE, true, false,
                          "is taken out of the manifests by this change: it stays live, unmanaged",
                          "are taken out of the manifests by this change: they stay live, "
                          "unmanaged"},
    [RCN_KIND_UNMANAGED] = {"unmanaged", "Unmanaged", '?', RCN_GREY, RCN_LEVEL_NOTICE, false, false,
                            "is unmanaged: live, but in no manifest",
                            "are unmanaged: live, but in no manifest"},
    [RCN_KIND_IGNORED] = {"ignored", "Ignored", '-', RCN_GREY, RCN_LEVEL_NONE, false, true,
                          "is ignored: a known difference", "are ignored: known differences"},
    [RCN_KIND_NOTED] = {"in-sync", "In sync, with a note", '=', RCN_GREEN, RCN_LEVEL_NONE, false,
                        true, "is in sync", "are in sync"},
    [RCN_KIND_IN_SYNC] = {"in-sync", "In sync", '=', RCN_GREEN, RCN_LEVEL_NONE, false, false,
                          "is in sync", "are in sync"},
};

enum rcn_kind rcn_view_get_kind(const struct rcn_report *report, const struct rcn_plan_row *row)
{
    static const enum rcn_kind by_outcome[RCN_OUTCOME_COUNT] = {
        [RCN_OUTCOME_NONE] = RCN_KIND_NOT_ATTEMPTED,
        [RCN_OUTCOME_CREATED] = RCN_KIND_CREATED,
        [RCN_OUTCOME_EXISTS] = RCN_KIND_EXISTS,
        [RCN_OUTCOME_FAILED] = RCN_KIND_FAILED,
        [RCN_OUTCOME_UNKNOWN] = RCN_KIND_UNKNOWN,
        [RCN_OUTCOME_NOT_ATTEMPTED] = RCN_KIND_NOT_ATTEMPTED};
    static const enum rcn_kind by_status[RCN_STATUS_COUNT] = {
        [RCN_STATUS_IN_SYNC] = RCN_KIND_IN_SYNC,   [RCN_STATUS_MISSING] = RCN_KIND_MISSING,
        [RCN_STATUS_DRIFTED] = RCN_KIND_DRIFTED,   [RCN_STATUS_DUPLICATE] = RCN_KIND_DUPLICATE,
        [RCN_STATUS_WITHHELD] = RCN_KIND_WITHHELD, [RCN_STATUS_UNMANAGED] = RCN_KIND_UNMANAGED};
    const struct rcn_result *result = rcn_report_get_result(report, row);
    if (row->is_ignored)
        return RCN_KIND_IGNORED;
    if (result && result->outcome == RCN_OUTCOME_CREATED &&
        (result->error || (result->upload && result->upload->status != RCN_UPLOAD_DONE)))
        return RCN_KIND_UNVERIFIED;
    if (result)
        return by_outcome[result->outcome];
    if (row->status == RCN_STATUS_IN_SYNC && row->health)
        return RCN_KIND_UNHEALTHY;
    if (row->status == RCN_STATUS_IN_SYNC && row->note_count)
        return RCN_KIND_NOTED;
    if (row->status == RCN_STATUS_UNMANAGED && row->origin == RCN_ORIGIN_REMOVED)
        return RCN_KIND_REMOVED;
    return by_status[row->status];
}

static bool is_failure(const struct rcn_report *report, const struct rcn_plan_row *row)
{
    unsigned fail_on = report->fail_on;
    if (row->is_ignored)
        return false;
    return rcn_fail_on_has(fail_on, row->status) ||
           (fail_on & RCN_FAIL_ON_UNHEALTHY && row->desired && row->health) ||
           (fail_on & RCN_FAIL_ON_GONE && row->withheld_because == RCN_WITHHELD_GONE);
}

enum rcn_level rcn_view_get_level(const struct rcn_report *report, const struct rcn_plan_row *row)
{
    if (is_failure(report, row))
        return RCN_LEVEL_ERROR;
    return rcn_kinds[rcn_view_get_kind(report, row)].level;
}

bool rcn_view_is_reported(const struct rcn_report *report, const struct rcn_plan_row *row)
{
    enum rcn_level level = rcn_view_get_level(report, row);
    return row->desired ? level != RCN_LEVEL_NONE : level == RCN_LEVEL_ERROR;
}

bool rcn_view_leads_to_apply(const struct rcn_report *report)
{
    return strcmp(report->command, "drift") != 0;
}

bool rcn_view_needs_person(const struct rcn_report *report, enum rcn_kind kind)
{
    return kind == RCN_KIND_MISSING ? !rcn_view_leads_to_apply(report)
                                    : rcn_kinds[kind].needs_person;
}

/* --- text --- */

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

/* A part of the format from its brace on; returns its length. */
static size_t add_words(struct rcn_buf *out, const char *format, size_t number)
{
    size_t end = strcspn(format, "}");
    size_t one = strcspn(format, "|}");
    if (one == end) {
        rcn_buf_add_char(out, *format);
        return 1;
    }
    if (number == 1)
        rcn_buf_add(out, format + 1, one - 1);
    else
        rcn_buf_add(out, format + one + 1, end - one - 1);
    return end + 1;
}

static void add_escaped(struct rcn_buf *out, rcn_view_escape *escape, const char *text, size_t most)
{
    if (!text)
        return;
    char *part = rcn_strndup(text, strnlen(text, most));
    if (escape)
        escape(out, part);
    else
        rcn_buf_add_str(out, part);
    free(part);
}

/* escape: of texts; NULL: none, and numbers are as people write them. */
static void add_format(struct rcn_buf *out, rcn_view_escape *escape, const char *format,
                       va_list args)
{
    size_t number = 0;
    for (size_t literal; *format; format += literal) {
        literal = strcspn(format, "%{");
        rcn_buf_add(out, format, literal);
        format += literal;
        literal = 0;
        if (*format == '{')
            literal = add_words(out, format, number);
        if (*format != '%')
            continue;
        size_t most = SIZE_MAX;
        if (*++format == '.')
            for (most = 0; isdigit((unsigned char)*++format);)
                most = 10 * most + (size_t)(*format - '0');
        literal = *format == 'z' ? 2 : 1; /* %zu */
        if (*format == 's') {
            add_escaped(out, escape, va_arg(args, const char *), most);
        } else if (*format == 'z') {
            number = va_arg(args, size_t);
            if (escape)
                rcn_buf_printf(out, "%zu", number);
            else
                add_number(out, number);
        } else if (*format == 'd') {
            rcn_buf_printf(out, "%d", va_arg(args, int));
        } else {
            assert(*format == 'u');
            rcn_buf_printf(out, "%u", va_arg(args, unsigned));
        }
    }
}

void rcn_view_add(struct rcn_buf *out, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    add_format(out, NULL, format, args);
    va_end(args);
}

/* --- lines --- */

static void clear(struct rcn_lines *lines)
{
    rcn_arena_free(lines->arena);
    lines->arena = rcn_arena_new(RCN_REPORT_MAX_BYTES);
    lines->count = 0;
}

static void end_line(struct rcn_lines *lines, const char *label, enum rcn_emphasis emphasis)
{
    if (!lines->text.len)
        return;
    if (lines->count == lines->capacity) {
        lines->capacity = lines->capacity ? 2 * lines->capacity : 16;
        lines->items = rcn_realloc(lines->items, lines->capacity * sizeof *lines->items);
    }
    const char *text = rcn_buf_get_str(&lines->text);
    struct rcn_buf visible;
    rcn_buf_init(&visible, RCN_REPORT_MAX_BYTES);
    if (strstr(text, "  ")) { /* of a name that is quoted: a browser would show one space */
        rcn_view_add_name(&visible, text);
        text = rcn_buf_get_str(&visible);
    }
    lines->items[lines->count++] =
        (struct rcn_line){label, rcn_arena_strdup(lines->arena, text), emphasis};
    rcn_buf_release(&visible);
    rcn_buf_clear(&lines->text);
}

/* A line whose text is known; nothing for NULL. */
static void add_text(struct rcn_lines *lines, const char *label, const char *text,
                     enum rcn_emphasis emphasis)
{
    if (text)
        rcn_buf_add_str(&lines->text, text);
    end_line(lines, label, emphasis);
}

__attribute__((format(printf, 4, 5))) static void add_line(struct rcn_lines *lines,
                                                           const char *label,
                                                           enum rcn_emphasis emphasis,
                                                           const char *format, ...)
{
    va_list args;
    va_start(args, format);
    add_format(&lines->text, NULL, format, args);
    va_end(args);
    end_line(lines, label, emphasis);
}

/* --- pieces --- */

void rcn_view_add_name(struct rcn_buf *out, const char *name)
{
    for (const char *c = name; *c; c++) {
        bool shows = *c != ' ' || (c != name && c[1] && c[-1] != ' ' && c[1] != ' ');
        if (shows)
            rcn_buf_add_char(out, *c);
        else
            rcn_buf_add_str(out, "\xe2\x90\xa3"); /* OPEN BOX */
    }
}

static void add_quoted(struct rcn_buf *out, const char *name)
{
    rcn_buf_add_char(out, '\'');
    rcn_view_add_name(out, name);
    rcn_buf_add_char(out, '\'');
}

void rcn_view_add_account(struct rcn_buf *out, const struct rcn_plan_row *row)
{
    rcn_view_add(out, row->ad_account_name ? "%s (%s)" : "%s%s",
                 rcn_row_get_sync(row)->ad_account_id, row->ad_account_name);
}

static void add_segment_id(struct rcn_buf *out, const struct rcn_plan_row *row, const char *id)
{
    const struct rcn_segment *segment = row->segment;
    const struct rcn_live_sync *live = row->live_count ? row->live[0] : NULL;
    rcn_buf_add_str(out, id ? id : "none");
    if (segment && rcn_text_is_same(segment->id, id)) {
        bool has_size = segment->active_subscriber_count >= 0;
        if (has_size)
            rcn_view_add(out,
                         segment->name ? " (%s, %zu active {subscriber|subscribers})"
                                       : " (%s%zu active {subscriber|subscribers})",
                         segment->name, (size_t)segment->active_subscriber_count);
        else if (segment->name)
            rcn_buf_printf(out, " (%s)", segment->name);
    } else if (live && live->segment_name && rcn_text_is_same(live->sync.segment_id, id)) {
        rcn_buf_printf(out, " (%s)", live->segment_name);
    }
}

void rcn_view_add_segment(struct rcn_buf *out, const struct rcn_plan_row *row)
{
    const struct rcn_audience_sync *sync = rcn_row_get_sync(row);
    if (sync->predefined_segment_id)
        rcn_buf_add_str(out, sync->predefined_segment_id);
    else if (sync->segment_id)
        add_segment_id(out, row, sync->segment_id);
}

static void add_live(struct rcn_buf *out, const struct rcn_live_sync *live)
{
    static const char *const activity[] = {
        [RCN_ABSENT] = NULL, [RCN_FALSE] = "paused", [RCN_TRUE] = "active"};
    const char *segment_id = live->sync.segment_id;
    const struct {
        const char *before;
        const char *text;
        const char *name;
    } parts[] = {{"segment ", segment_id ? segment_id : live->segment_name,
                  segment_id ? live->segment_name : NULL},
                 {"", live->sync.frequency, NULL},
                 {"", activity[live->sync.is_active], NULL},
                 {"", live->sync_status, NULL},
                 {"last upload ", live->last_sync_at, NULL},
                 {"created ", live->created_at, NULL}};
    const char *separator = ": ";
    rcn_buf_add_str(out, live->sync.id);
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        if (!parts[i].text)
            continue;
        rcn_view_add(out, parts[i].name ? "%s%s%s (%s)" : "%s%s%s%s", separator, parts[i].before,
                     parts[i].text, parts[i].name);
        separator = ", ";
    }
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

/* What a person can do about the health of a sync. (About a status, it is in the row's notes.) */
static const char *get_advice(unsigned health)
{
    if (health & RCN_HEALTH_DISCONNECTED)
        return "connect Meta again in the dashboard: nothing is uploaded until then";
    if (health & RCN_HEALTH_ERROR)
        return "its last upload failed: see lastSyncError, or the dashboard";
    return "active, but not run for over twice its frequency: see the dashboard";
}

void rcn_view_add_place(struct rcn_buf *out, const struct rcn_report *report, struct rcn_span span)
{
    if (!span.text)
        return;
    rcn_buf_add_str(out, rcn_report_get_path(report, span));
    if (span.line)
        rcn_buf_printf(out, ":%u", span.line);
    if (span.entry)
        rcn_buf_printf(out, " (%s)", span.entry->label);
}

void rcn_view_add_url_path(struct rcn_buf *out, const char *path)
{
    for (; *path; path++) {
        unsigned char c = (unsigned char)*path;
        if (c < 0x80 && (isalnum(c) || strchr("-._~/", c)))
            rcn_buf_add_char(out, *path);
        else
            rcn_buf_printf(out, "%%%02X", c);
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
    if (span.line)
        rcn_buf_printf(out, "#L%u", span.line);
    return true;
}

const char *rcn_view_get_file(const struct rcn_report *report, struct rcn_span span)
{
    return span.text && span.text->path[0] != '<' ? rcn_report_get_path(report, span) : NULL;
}

bool rcn_view_has_companies(const struct rcn_report *report)
{
    const struct rcn_live_facts *live = rcn_report_get_live(report);
    return live && live->company_count > 1;
}

const char *rcn_view_get_company_name(const struct rcn_report *report,
                                      const struct rcn_audience_sync *sync)
{
    const struct rcn_live_facts *live = rcn_report_get_live(report);
    for (size_t i = 0; live && sync->company_id && i < live->company_count; i++)
        if (rcn_text_is_same(live->companies[i].company_id, sync->company_id))
            return live->companies[i].name;
    return NULL;
}

/* --- groups --- */

size_t rcn_view_get_row_count(const struct rcn_report *report)
{
    return report->plan ? report->plan->row_count + report->plan->unmanaged_count : 0;
}

const struct rcn_plan_row *rcn_view_get_row(const struct rcn_report *report, size_t index)
{
    const struct rcn_plan *plan = report->plan;
    return index < plan->row_count ? &plan->rows[index] : &plan->unmanaged[index - plan->row_count];
}

/*
 * What the rows of a group have in common: all that is said of them beside their fields, and the ad
 * account of what is unhealthy. Empty: a row by itself.
 */
static void add_cause(struct rcn_buf *key, struct rcn_view *view, const struct rcn_plan_row **row,
                      enum rcn_kind kind)
{
    const struct rcn_group group = {kind, row, 2};
    if (!rcn_kinds[kind].has_cause)
        return;
    rcn_view_list_group(view, &group);
    rcn_buf_printf(key, "%d %d %s\n", kind, (*row)->withheld_because,
                   (*row)->health ? rcn_row_get_sync(*row)->ad_account_id : "");
    for (size_t i = 0; i < view->lines.count; i++)
        rcn_buf_printf(key, "%s: %s%c", view->lines.items[i].label, view->lines.items[i].text,
                       '\0');
}

struct member {
    const struct rcn_plan_row *row;
    enum rcn_kind kind;
    size_t first; /* the first row with its cause; its own index: none before */
    size_t order;
};

static int compare_members(const void *left, const void *right)
{
    const struct member *a = left;
    const struct member *b = right;
    if (a->kind != b->kind)
        return a->kind < b->kind ? -1 : 1;
    if (a->first != b->first)
        return a->first < b->first ? -1 : 1;
    return a->order < b->order ? -1 : a->order > b->order;
}

/* Members of the same cause point to the first of them. Causes of fewer than GROUP_LEAST rows are
 * none. */
static void find_causes(struct rcn_view *view, struct member *members, size_t count)
{
    struct rcn_strmap *causes = rcn_strmap_new(0);
    struct rcn_arena *keys = rcn_arena_new(SIZE_MAX);
    size_t *sizes = rcn_calloc(count + 1, sizeof *sizes);
    struct rcn_buf key;
    rcn_buf_init(&key, RCN_REPORT_MAX_BYTES);
    for (size_t i = 0; i < count; i++) {
        members[i].first = i;
        rcn_buf_clear(&key);
        add_cause(&key, view, &members[i].row, members[i].kind);
        if (!key.len)
            continue;
        struct member *first = rcn_strmap_get(causes, key.data, key.len);
        if (first)
            members[i].first = first->order;
        else
            *rcn_strmap_put(causes, rcn_arena_strndup(keys, key.data, key.len), key.len) =
                &members[i];
        sizes[members[i].first]++;
    }
    for (size_t i = 0; i < count; i++)
        if (sizes[members[i].first] < GROUP_LEAST)
            members[i].first = i;
    rcn_buf_release(&key);
    free(sizes);
    rcn_strmap_free(causes);
    rcn_arena_free(keys);
}

bool rcn_view_has_base(const struct rcn_report *report)
{
    return report->plan && report->plan->base;
}

void rcn_view_add_pending(struct rcn_buf *out, const struct rcn_report *report)
{
    rcn_view_add(out, "%zu {sync was|syncs were} pending before this change",
                 report->plan->base->pending);
}

void rcn_view_group(struct rcn_view *view, enum rcn_part part)
{
    const struct rcn_report *report = view->report;
    size_t all = rcn_view_get_row_count(report);
    size_t count = 0;
    struct member *members = rcn_calloc(all + 1, sizeof *members);
    rcn_arena_free(view->arena);
    view->arena = rcn_arena_new(SIZE_MAX);
    view->part = part;
    view->groups = rcn_arena_calloc(view->arena, all + 1, sizeof *view->groups);
    view->group_count = 0;
    memset(view->kinds, 0, sizeof view->kinds);
    const struct rcn_plan_row **rows = rcn_arena_calloc(view->arena, all + 1, sizeof *rows);
    for (size_t i = 0; i < all; i++) {
        const struct rcn_plan_row *row = rcn_view_get_row(report, i);
        bool is_base = rcn_view_has_base(report) && row->origin == RCN_ORIGIN_BASE;
        if (part != RCN_PART_ALL && is_base != (part == RCN_PART_BASE))
            continue;
        members[count] =
            (struct member){.row = row, .kind = rcn_view_get_kind(report, row), .order = count};
        view->kinds[members[count++].kind]++;
    }
    find_causes(view, members, count);
    qsort(members, count, sizeof *members, compare_members);
    for (size_t i = 0; i < count; i++) {
        struct rcn_group *group = &view->groups[view->group_count];
        rows[i] = members[i].row;
        if (i && members[i].first == members[i - 1].first) {
            group[-1].count++;
        } else {
            *group = (struct rcn_group){members[i].kind, &rows[i], 1};
            view->group_count++;
        }
    }
    free(members);
}

const struct rcn_group *rcn_view_get_groups(const struct rcn_view *view, enum rcn_kind kind,
                                            size_t *ret_count)
{
    size_t first = 0;
    while (first < view->group_count && view->groups[first].kind != kind)
        first++;
    *ret_count = 0;
    while (first + *ret_count < view->group_count && view->groups[first + *ret_count].kind == kind)
        ++*ret_count;
    return &view->groups[first];
}

struct rcn_view *rcn_view_new(const struct rcn_report *report, const struct rcn_report_style *style,
                              struct rcn_buf *out)
{
    struct rcn_view *view = rcn_calloc(1, sizeof *view);
    *view = (struct rcn_view){.report = report, .style = style, .out = out};
    view->lines.arena = rcn_arena_new(RCN_REPORT_MAX_BYTES);
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

void rcn_view_put(struct rcn_view *view, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    add_format(view->out, view->escape, format, args);
    va_end(args);
    rcn_buf_clear(&view->text);
}

/* --- what is said of a group --- */

void rcn_view_add_title(struct rcn_buf *out, const struct rcn_group *group)
{
    const struct rcn_kind_words *words = &rcn_kinds[group->kind];
    const char *because = rcn_withheld_names[group->rows[0]->withheld_because];
    const char *sentence = group->count == 1 ? words->one : words->many;
    if (group->count == 1)
        add_quoted(out, rcn_row_get_sync(group->rows[0])->audience_name);
    else
        rcn_view_add(out, "%zu syncs", group->count);
    if (group->kind == RCN_KIND_WITHHELD && because) /* `is withheld (renamed): ...` */
        rcn_buf_printf(out, " %.*s (%s)%s", (int)strcspn(sentence, ":"), sentence, because,
                       strchr(sentence, ':'));
    else
        rcn_buf_printf(out, " %s", sentence);
}

void rcn_view_add_kind_title(struct rcn_buf *out, const struct rcn_view *view, enum rcn_kind kind)
{
    size_t count = view->kinds[kind];
    rcn_view_add(out, "%zu {sync|syncs} %s", count,
                 count == 1 ? rcn_kinds[kind].one : rcn_kinds[kind].many);
}

void rcn_view_add_member(struct rcn_buf *out, const struct rcn_report *report,
                         const struct rcn_plan_row *row)
{
    const struct rcn_audience_sync *sync = rcn_row_get_sync(row);
    add_quoted(out, sync->audience_name);
    rcn_buf_add_str(out, " in ");
    rcn_view_add_account(out, row);
    if (rcn_view_has_companies(report) && sync->company_id)
        rcn_buf_printf(out, " of %s", sync->company_id);
}

const struct rcn_change *rcn_view_find_change(const struct rcn_plan_row *row, const char *field)
{
    for (size_t i = 0; i < row->change_count; i++)
        if (strcmp(row->changes[i].field, field) == 0)
            return &row->changes[i];
    return NULL;
}

static void add_change(struct rcn_lines *lines, const struct rcn_plan_row *row,
                       const struct rcn_change *change)
{
    bool is_segment = strcmp(change->field, "segmentId") == 0;
    const char *const values[] = {change->live, change->desired};
    for (size_t i = 0; i < 2; i++) {
        rcn_buf_add_str(&lines->text, i ? ", manifest " : "live ");
        if (is_segment)
            add_segment_id(&lines->text, row, values[i]);
        else
            rcn_buf_add_str(&lines->text, values[i] ? values[i] : "none");
    }
    end_line(lines, change->field, RCN_CHANGED);
}

/* The fields of one row, by the API's names. What is not known is not shown. */
static void add_fields(struct rcn_lines *lines, const struct rcn_report *report,
                       const struct rcn_plan_row *row)
{
    const struct rcn_audience_sync *sync = rcn_row_get_sync(row);
    const struct rcn_result *result = rcn_report_get_result(report, row);
    const char *id = row->live_count == 1 ? row->live[0]->sync.id : sync->id;
    const struct {
        const char *name;
        const char *value;
    } settings[] = {{"frequency", sync->frequency},
                    {"isActive", rcn_tristate_names[sync->is_active]}};
    add_text(lines, "id", result ? result->id : id, RCN_PLAIN);
    if (rcn_view_has_companies(report) && sync->company_id) {
        const char *name = rcn_view_get_company_name(report, sync);
        add_line(lines, "companyId", RCN_PLAIN, name ? "%s (%s)" : "%s%s", sync->company_id,
                 name ? name : "");
    }
    rcn_view_add_account(&lines->text, row);
    end_line(lines, "adAccountId", RCN_PLAIN);
    const struct rcn_change *segment = rcn_view_find_change(row, "segmentId");
    if (segment) {
        add_change(lines, row, segment);
    } else {
        rcn_view_add_segment(&lines->text, row);
        end_line(lines, sync->predefined_segment_id ? "predefinedSegmentId" : "segmentId",
                 RCN_PLAIN);
    }
    for (size_t i = 0; i < sizeof settings / sizeof *settings; i++) {
        const struct rcn_change *change = rcn_view_find_change(row, settings[i].name);
        if (change)
            add_change(lines, row, change);
        else
            add_text(lines, settings[i].name, settings[i].value, RCN_PLAIN);
    }
}

static void add_live_syncs(struct rcn_lines *lines, const struct rcn_plan_row *row)
{
    if (row->live_count < 2)
        return;
    for (size_t i = 0; i < row->live_count && i < MAX_LIVE; i++) {
        add_live(&lines->text, row->live[i]);
        end_line(lines, "live", RCN_CHANGED);
    }
    if (row->live_count > MAX_LIVE)
        add_line(lines, "live", RCN_CHANGED, "and %zu more", row->live_count - MAX_LIVE);
}

static void add_health_lines(struct rcn_lines *lines, const struct rcn_plan_row *row, bool is_one)
{
    const struct rcn_live_sync *live = row->live_count ? row->live[0] : NULL;
    if (!row->health)
        return;
    rcn_view_add_health(&lines->text, row->health);
    end_line(lines, "health", RCN_WRONG);
    if (live && row->live_count == 1) {
        add_text(lines, "lastSyncError", live->last_sync_error, RCN_WRONG);
        if (is_one)
            add_text(lines, "lastSyncAt", live->last_sync_at ? live->last_sync_at : "never",
                     RCN_PLAIN);
    }
    add_text(lines, "advice", get_advice(row->health), RCN_ADVICE);
}

static void add_ignored(struct rcn_lines *lines, const struct rcn_plan_row *row)
{
    if (!row->is_ignored)
        return;
    if (row->status != RCN_STATUS_IN_SYNC)
        rcn_buf_add_str(&lines->text, rcn_status_names[row->status]);
    if (row->desired && row->health) {
        rcn_buf_add_str(&lines->text, lines->text.len ? ", " : "");
        rcn_view_add_health(&lines->text, row->health);
    }
    if (row->ignore_until)
        rcn_buf_printf(&lines->text, ", until %s", row->ignore_until);
    if (row->ignore_reason)
        rcn_buf_printf(&lines->text, ": %s", row->ignore_reason);
    end_line(lines, "ignored", RCN_PLAIN);
}

/* `2026-11-13, for 9 days`, or that it is new. */
static void add_since(struct rcn_lines *lines, const struct rcn_report *report,
                      const struct rcn_plan_row *row)
{
    char time[RCN_TIME_SIZE];
    size_t hours = (size_t)((report->created_at_ms - row->since_ms) / 3600000);
    if (!row->since_ms)
        return;
    rcn_time_format(row->since_ms, time);
    if (row->is_new)
        add_text(lines, "since", "now: it was not so in the run before", RCN_PLAIN);
    else if (hours < 48)
        add_line(lines, "since", RCN_PLAIN, "%s, for %zu h", time, hours);
    else
        add_line(lines, "since", RCN_PLAIN, "%.10s, for %zu days", time, hours / 24);
}

void rcn_view_add_uploaded(struct rcn_buf *out, const struct rcn_result *result)
{
    const struct rcn_upload *upload = result ? result->upload : NULL;
    if (!upload || upload->status != RCN_UPLOAD_DONE)
        return;
    if (upload->people >= 0)
        rcn_view_add(out, " (%zu {person|people} uploaded)", (size_t)upload->people);
    else
        rcn_buf_add_str(out, " (uploaded)");
}

static void add_upload(struct rcn_lines *lines, const struct rcn_result *result)
{
    static const char *const words[RCN_UPLOAD_COUNT] = {
        [RCN_UPLOAD_ERROR] = "failed",
        [RCN_UPLOAD_DISCONNECTED] = "Meta is disconnected: connect it again in the dashboard",
        [RCN_UPLOAD_PENDING] = "pending"};
    const struct rcn_upload *upload = result->upload;
    if (!upload || !words[upload->status])
        return;
    if (upload->status == RCN_UPLOAD_DISCONNECTED)
        add_text(lines, "upload", words[upload->status], RCN_WRONG);
    else
        add_line(lines, "upload", RCN_WRONG, "%s: %s", words[upload->status], upload->error);
}

void rcn_view_add_waiting(struct rcn_buf *out, const struct rcn_plan_row *row)
{
    char time[RCN_TIME_SIZE];
    rcn_time_format(row->open_intent_until_ms, time);
    rcn_buf_printf(out,
                   "an earlier run may have created it: apply reads the list until %s, and "
                   "creates it if the list does not show it",
                   time);
}

void rcn_view_list_group(struct rcn_view *view, const struct rcn_group *group)
{
    const struct rcn_report *report = view->report;
    struct rcn_lines *lines = &view->lines;
    clear(lines);
    const struct rcn_plan_row *row = group->rows[0];
    const struct rcn_result *result = rcn_report_get_result(report, row);
    bool is_one = group->count == 1;
    if (is_one && row->status == RCN_STATUS_UNMANAGED && !row->is_ignored) {
        rcn_view_add_account(&lines->text, row);
        end_line(lines, "adAccountId", RCN_PLAIN);
        add_live(&lines->text, row->live[0]);
        end_line(lines, "live", RCN_PLAIN);
    } else if (is_one) {
        add_fields(lines, report, row);
        add_live_syncs(lines, row);
    } else {
        for (size_t i = 0; i < row->change_count; i++)
            add_change(lines, row, &row->changes[i]);
    }
    if (result) {
        add_text(lines, "reason", result->error, RCN_WRONG);
        add_text(lines, "note", result->note, RCN_ADVICE);
        add_upload(lines, result);
    }
    add_health_lines(lines, row, is_one);
    if (!result && row->open_intent_until_ms) {
        rcn_view_add_waiting(&lines->text, row);
        end_line(lines, "waiting", RCN_ADVICE);
    }
    for (size_t i = 0; i < row->note_count; i++)
        add_text(lines, "note", row->notes[i], RCN_ADVICE);
    add_ignored(lines, row);
    if (is_one && row->desired) {
        for (size_t i = 0; i < row->desired->label_count; i++)
            rcn_buf_printf(&lines->text, "%s%s: %s", i ? ", " : "", row->desired->labels[i].key,
                           row->desired->labels[i].value);
        end_line(lines, "labels", RCN_PLAIN);
    }
    if (is_one)
        add_since(lines, report, row);
}

/* --- the run as a whole --- */

static const char *get_verb(const struct rcn_report *report)
{
    static const char *const verbs[] = {[RCN_ERROR_FAILED] = "failed",
                                        [RCN_ERROR_USAGE] = "failed",
                                        [RCN_ERROR_REFUSED] = "was refused",
                                        [RCN_ERROR_INTERRUPTED] = "was interrupted"};
    return verbs[report->error ? report->error->kind : RCN_ERROR_FAILED];
}

/* Rows that need a person, by the counts that earlier runs have too. */
static size_t count_needs(const struct rcn_plan_counts *counts)
{
    return counts->by_status[RCN_STATUS_MISSING] + counts->by_status[RCN_STATUS_DRIFTED] +
           counts->by_status[RCN_STATUS_DUPLICATE] + counts->by_status[RCN_STATUS_WITHHELD] +
           counts->unhealthy;
}

static void add_trend(struct rcn_buf *out, const struct rcn_history *history)
{
    if (!history || history->count < 2)
        return;
    size_t now = count_needs(&history->points[history->count - 1].counts);
    size_t before = count_needs(&history->points[history->count - 2].counts);
    if (now == before)
        rcn_buf_add_str(out, ", as many as in the run before");
    else
        rcn_buf_printf(out, ", %zu %s than in the run before",
                       now > before ? now - before : before - now, now > before ? "more" : "fewer");
}

/* `, 2 missing`: nothing for 0. The separator becomes `, `. */
static void add_counted(struct rcn_buf *out, const char **separator, size_t number,
                        const char *word)
{
    if (!number)
        return;
    rcn_buf_add_str(out, *separator);
    rcn_view_add(out, "%zu %s", number, word);
    *separator = ", ";
}

static void add_outcomes(struct rcn_buf *out, const struct rcn_report *report)
{
    static const struct {
        enum rcn_outcome outcome;
        const char *word;
    } parts[] = {{RCN_OUTCOME_CREATED, "created"},
                 {RCN_OUTCOME_FAILED, "failed"},
                 {RCN_OUTCOME_UNKNOWN, "unknown"},
                 {RCN_OUTCOME_NOT_ATTEMPTED, "not attempted"},
                 {RCN_OUTCOME_EXISTS, "already existed"}};
    const char *separator = "";
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        add_counted(out, &separator, report->results->by_outcome[parts[i].outcome], parts[i].word);
    if (!*separator)
        rcn_buf_add_str(out, "nothing to create");
}

void rcn_view_add_headline(struct rcn_buf *out, const struct rcn_view *view)
{
    const struct rcn_report *report = view->report;
    size_t desired = rcn_report_get_counts(report).desired;
    size_t needs = 0;
    for (size_t kind = 0; kind < RCN_KIND_COUNT; kind++)
        if (rcn_view_needs_person(report, (enum rcn_kind)kind))
            needs += view->kinds[kind];
    if (report->items) {
        rcn_items_add_count(out, report->items);
    } else if (report->error || report->diags->errors) {
        rcn_buf_add_str(out, get_verb(report));
    } else if (!report->plan) {
        rcn_view_add(out, "%zu {audience is|audiences are} valid", desired);
    } else if (report->results) {
        add_outcomes(out, report);
    } else if (rcn_view_leads_to_apply(report)) {
        if (view->kinds[RCN_KIND_MISSING])
            rcn_view_add(out, "%zu {audience|audiences} will be created",
                         view->kinds[RCN_KIND_MISSING]);
        else
            rcn_buf_add_str(out, "nothing to create");
        if (needs)
            rcn_view_add(out, ", %zu {needs|need} you", needs);
    } else if (needs) {
        rcn_view_add(out, "%zu of %zu {audience|audiences} %s you", needs, desired,
                     needs == 1 ? "needs" : "need");
        add_trend(out, report->history);
    } else if (desired) {
        rcn_view_add(out, "%zu {audience is as it|audiences are as they} should be", desired);
    } else {
        rcn_buf_add_str(out, "no audience in the manifests");
    }
    if (rcn_view_has_base(report) && view->part == RCN_PART_CHANGE && !report->error)
        rcn_buf_printf(out, " by this change, %zu pending before", report->plan->base->pending);
}

static void add_change_line(struct rcn_buf *out, const struct rcn_base_facts *base)
{
    const char *separator = "";
    add_counted(out, &separator, base->added, "new");
    add_counted(out, &separator, base->changed, "changed");
    add_counted(out, &separator, base->removed, "removed");
    add_counted(out, &separator, base->removed_not_live, "removed that was not live");
    rcn_buf_printf(out, "%s beside %s (%.7s); %zu pending before", *separator ? "" : "nothing",
                   base->ref, base->commit, base->pending);
}

static void add_live_facts(struct rcn_lines *lines, const struct rcn_report *report,
                           const struct rcn_live_facts *live)
{
    struct rcn_buf *text = &lines->text;
    rcn_buf_add_str(text, live->api_url);
    if (live->is_snapshot) {
        char taken[RCN_TIME_SIZE];
        char age[RCN_TIME_SIZE];
        rcn_time_format(live->fetched_at_ms, taken);
        rcn_age_format(report->created_at_ms - live->fetched_at_ms, age);
        rcn_buf_printf(text, ", as in a snapshot of %s (%s old)", taken, age);
    }
    end_line(lines, "API", RCN_PLAIN);
    for (size_t i = 0; i < live->company_count; i++) {
        const struct rcn_company_facts *company = &live->companies[i];
        const char *id = company->company_id ? company->company_id : "the key's own";
        add_line(lines, "Company", RCN_PLAIN,
                 company->name ? "%s (%s), %zu live {sync|syncs}" : "%s%s, %zu live {sync|syncs}",
                 company->name ? company->name : "", id, company->syncs);
    }
}

void rcn_view_list_facts(struct rcn_view *view)
{
    const struct rcn_report *report = view->report;
    struct rcn_lines *lines = &view->lines;
    clear(lines);
    const struct rcn_source_facts *source = rcn_report_get_source(report);
    const struct rcn_live_facts *live = rcn_report_get_live(report);
    struct rcn_buf *text = &lines->text;
    if (source) {
        size_t planned = report->plan ? report->plan->counts.desired : 0;
        rcn_view_add(text, "%s (%zu {sync|syncs} in %zu {manifest|manifests}",
                     source->url ? source->url : source->kind,
                     report->desired_count ? report->desired_count : planned, source->files);
        if (source->skipped)
            rcn_view_add(text, ", %zu {other|others} skipped", source->skipped);
        add_line(lines, "Source", RCN_PLAIN, ")");
    }
    if (source && source->commit)
        add_line(lines, "Commit", RCN_PLAIN, source->ref ? "%s (%s)" : "%s%s", source->commit,
                 source->ref ? source->ref : "");
    if (live)
        add_live_facts(lines, report, live);
    if (report->plan && report->plan->is_selected)
        add_text(lines, "Selected", "only what --ad-account, --name and --label select", RCN_PLAIN);
}

static void add_counts(struct rcn_buf *out, const struct rcn_report *report)
{
    const struct rcn_plan_counts counts = rcn_report_get_counts(report);
    const size_t *of = counts.by_status;
    const char *separator = ": ";
    rcn_view_add(out, "%zu {sync|syncs}", counts.desired);
    add_counted(out, &separator, of[RCN_STATUS_IN_SYNC], "in sync");
    add_counted(out, &separator, of[RCN_STATUS_MISSING], "missing");
    add_counted(out, &separator, of[RCN_STATUS_DRIFTED], "drifted");
    add_counted(out, &separator, of[RCN_STATUS_DUPLICATE], "duplicate");
    add_counted(out, &separator, of[RCN_STATUS_WITHHELD], "withheld");
    separator = "; ";
    add_counted(out, &separator, counts.unhealthy, "unhealthy");
    add_counted(out, &separator, counts.ignored, "ignored");
    add_counted(out, &separator, of[RCN_STATUS_UNMANAGED], "unmanaged");
}

static void add_next(struct rcn_buf *out, const struct rcn_plan *plan)
{
    size_t missing = plan->counts.by_status[RCN_STATUS_MISSING];
    size_t waiting = 0;
    int64_t until_ms = 0;
    char time[RCN_TIME_SIZE];
    if (!missing) {
        rcn_buf_add_str(out, "nothing to create");
        return;
    }
    for (size_t i = 0; i < plan->row_count; i++) {
        int64_t row_until_ms = plan->rows[i].open_intent_until_ms;
        waiting += row_until_ms != 0;
        until_ms = row_until_ms > until_ms ? row_until_ms : until_ms;
    }
    rcn_time_format(until_ms, time);
    rcn_view_add(out, "apply will create %zu {sync|syncs}", missing);
    if (waiting)
        rcn_view_add(out, ", after waiting for %zu open {intent|intents} until %s", waiting, time);
}

static void add_cost(struct rcn_buf *out, const struct rcn_plan *plan)
{
    char duration[RCN_TIME_SIZE];
    if (!plan->counts.by_status[RCN_STATUS_MISSING])
        return;
    rcn_duration_format(plan->cost.ms, duration);
    rcn_view_add(out, "%zu {request|requests}, ", plan->cost.requests);
    if (!plan->cost.people && plan->cost.is_people_least)
        rcn_buf_add_str(out, "an unknown number of people uploaded");
    else
        rcn_view_add(out, "%s%zu {person|people} uploaded",
                     plan->cost.is_people_least ? "at least " : "", (size_t)plan->cost.people);
    if (plan->cost.ms)
        rcn_buf_printf(out, ", at least %s under the rate limit", duration);
    else
        rcn_buf_add_str(out, ", no wait under the rate limit");
}

/* Of drift: `fails for 2 missing, 1 unhealthy`. */
static void add_verdict(struct rcn_buf *out, const struct rcn_report *report)
{
    unsigned fail_on = report->fail_on;
    const char *separator = "fails for ";
    if (!fail_on || !report->plan)
        return;
    for (unsigned status = 1; status < RCN_STATUS_COUNT; status++)
        if (rcn_fail_on_has(fail_on, (enum rcn_status)status))
            add_counted(out, &separator, report->plan->counts.by_status[status],
                        rcn_status_names[status]);
    if (fail_on & RCN_FAIL_ON_UNHEALTHY)
        add_counted(out, &separator, report->plan->counts.unhealthy, "unhealthy");
    if (fail_on & RCN_FAIL_ON_GONE && !rcn_fail_on_has(fail_on, RCN_STATUS_WITHHELD))
        add_counted(out, &separator, rcn_plan_count_gone(report->plan), "gone");
    if (*separator != ',')
        rcn_buf_add_str(out, "no difference that counts");
}

/* `2 uploads done (1,240 people), 1 upload failed`; nothing without --wait. */
static void add_uploads(struct rcn_buf *out, const struct rcn_results *results)
{
    const char *separator = "";
    static const char *const words[RCN_UPLOAD_COUNT] = {[RCN_UPLOAD_DONE] = "done",
                                                        [RCN_UPLOAD_ERROR] = "failed",
                                                        [RCN_UPLOAD_DISCONNECTED] = "disconnected",
                                                        [RCN_UPLOAD_PENDING] = "pending"};
    for (size_t status = RCN_UPLOAD_DONE; status < RCN_UPLOAD_COUNT; status++) {
        size_t count = results->by_upload[status];
        if (count)
            rcn_view_add(out, "%s%zu {upload|uploads} %s", separator, count, words[status]);
        if (count && status == RCN_UPLOAD_DONE)
            rcn_view_add(out, " (%zu {person|people})", (size_t)results->uploaded_people);
        separator = count ? ", " : separator;
    }
}

static void add_apply_summary(struct rcn_lines *lines, const struct rcn_report *report)
{
    const struct rcn_results *results = report->results;
    add_outcomes(&lines->text, report);
    end_line(lines, "Apply", RCN_PLAIN);
    add_uploads(&lines->text, results);
    end_line(lines, "Uploads", RCN_PLAIN);
    if (results->problem)
        add_text(lines, "Problem", results->problem, RCN_WRONG);
    else if (results->is_verified && results->by_outcome[RCN_OUTCOME_CREATED])
        add_text(lines, "Verified", "the list shows every created sync once", RCN_PLAIN);
    if (rcn_results_are_complete(results))
        return;
    size_t unsettled = results->by_outcome[RCN_OUTCOME_UNKNOWN] +
                       results->by_outcome[RCN_OUTCOME_NOT_ATTEMPTED] +
                       results->by_outcome[RCN_OUTCOME_FAILED];
    if (!unsettled && results->again_at_ms <= report->created_at_ms) {
        add_text(lines, "Next", "see each reason: apply changes nothing that is live", RCN_ADVICE);
        return;
    }
    if (results->by_outcome[RCN_OUTCOME_FAILED])
        rcn_buf_add_str(&lines->text, "mend what failed; ");
    rcn_buf_add_str(&lines->text, "run apply again");
    if (results->again_at_ms > report->created_at_ms) {
        char time[RCN_TIME_SIZE];
        rcn_time_format(results->again_at_ms, time);
        rcn_buf_printf(&lines->text, " in %lld s, not before %s",
                       (long long)((results->again_at_ms - report->created_at_ms + 999) / 1000),
                       time);
    }
    add_line(lines, "Next", RCN_ADVICE,
             ": it creates what the list does not show, unless a reason above asks for "
             "something else first");
}

void rcn_view_list_failure(struct rcn_view *view)
{
    const struct rcn_report *report = view->report;
    struct rcn_lines *lines = &view->lines;
    clear(lines);
    const struct rcn_diags *diags = report->diags;
    if (report->error) {
        add_line(lines, "", RCN_WRONG, "%s %s: %s", report->command, get_verb(report),
                 report->error->message);
        add_text(lines, "hint", report->error->hint, RCN_ADVICE);
    } else if (diags->errors) {
        rcn_view_add(&lines->text, "%s %s: %zu {error|errors}", report->command, get_verb(report),
                     diags->errors);
        if (diags->warnings)
            rcn_view_add(&lines->text, ", %zu {warning|warnings}", diags->warnings);
        end_line(lines, "", RCN_WRONG);
    }
}

void rcn_view_list_summary(struct rcn_view *view, bool with_failure)
{
    const struct rcn_report *report = view->report;
    struct rcn_lines *lines = &view->lines;
    if (with_failure)
        rcn_view_list_failure(view);
    else
        clear(lines);
    bool is_well = !report->error && !report->diags->errors;
    if (!report->plan)
        return;
    if (is_well && !report->results && rcn_view_leads_to_apply(report)) {
        add_next(&lines->text, report->plan);
        end_line(lines, "Next", RCN_PLAIN);
    }
    add_counts(&lines->text, report);
    end_line(lines, report->results ? "Planned" : "Summary", RCN_PLAIN);
    if (rcn_view_has_base(report)) {
        add_change_line(&lines->text, report->plan->base);
        end_line(lines, "Change", RCN_PLAIN);
    }
    if (report->history && report->history->previous_at_ms) {
        char time[RCN_TIME_SIZE];
        rcn_time_format(report->history->previous_at_ms, time);
        add_line(lines, "History", RCN_PLAIN, "%zu new, %zu resolved since the run of %s",
                 report->history->new_count, report->history->resolved_count, time);
    }
    if (report->results) {
        add_apply_summary(lines, report);
        return;
    }
    if (!is_well)
        return;
    add_verdict(&lines->text, report);
    end_line(lines, "Verdict", RCN_PLAIN);
    if (rcn_view_leads_to_apply(report)) {
        add_cost(&lines->text, report->plan);
        end_line(lines, "Cost", RCN_PLAIN);
    }
}

void rcn_view_list_diag(struct rcn_view *view, const struct rcn_diag *diag)
{
    const struct rcn_report *report = view->report;
    struct rcn_lines *lines = &view->lines;
    clear(lines);
    add_text(lines, "", diag->message, RCN_PLAIN);
    add_text(lines, "hint", diag->hint, RCN_ADVICE);
    if (!diag->note)
        return;
    rcn_buf_add_str(&lines->text, diag->note);
    if (diag->note_span.text) {
        rcn_buf_add_str(&lines->text, " at ");
        rcn_view_add_place(&lines->text, report, diag->note_span);
    }
    end_line(lines, "note", RCN_PLAIN);
}
