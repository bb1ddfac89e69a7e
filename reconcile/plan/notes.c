#include "plan/notes.h"

#include <stdarg.h>
#include <string.h>

#include "base/characters.h"

/* A duplicate of hundreds is told as well by its first ids. */
enum { MAX_IDS = 10, MAX_NOTES = 8 };

__attribute__((format(printf, 3, 4))) static int
add(struct rcn_arena *arena, struct rcn_plan_row *row, const char *format, ...)
{
    if (!row->notes)
        row->notes = rcn_arena_calloc(arena, MAX_NOTES, sizeof *row->notes);
    if (!row->notes)
        return -1;
    if (row->note_count == MAX_NOTES)
        return 0;
    va_list args;
    va_start(args, format);
    char *note = rcn_arena_vprintf(arena, format, args);
    va_end(args);
    if (!note)
        return -1;
    row->notes[row->note_count++] = note;
    return 0;
}

static const char *list_ids(struct rcn_arena *arena, const struct rcn_plan_row *row)
{
    const char *list = row->live[0]->sync.id;
    for (size_t i = 1; list && i < row->live_count && i < MAX_IDS; i++)
        list = rcn_arena_printf(arena, "%s, %s", list, row->live[i]->sync.id);
    if (list && row->live_count > MAX_IDS)
        list = rcn_arena_printf(arena, "%s and %zu more", list, row->live_count - MAX_IDS);
    return list;
}

static int add_duplicate(struct rcn_arena *arena, struct rcn_plan_row *row)
{
    const char *ids = list_ids(arena, row);
    if (!ids)
        return -1;
    if (add(arena, row, "%zu live syncs have this name in this ad account: %s", row->live_count,
            ids))
        return -1;
    return add(
        arena, row,
        "keep one: write 'id: %s' (or another of them) in the manifest, or delete the others "
        "in the dashboard; their Meta audiences stay",
        row->live[0]->sync.id);
}

/* No manifest can say what the API has there: a frequency of its own, or no segment at all. */
static bool is_writable(const struct rcn_change *change)
{
    if (!change->live || !change->live[0])
        return false;
    return strcmp(change->field, "frequency") != 0 || rcn_frequency_find(change->live);
}

static int add_unwritable_field(struct rcn_arena *arena, struct rcn_plan_row *row,
                                const struct rcn_change *change)
{
    if (strcmp(change->field, "segmentId") == 0)
        return add(arena, row,
                   "the API cannot change the segment of a live sync, and this one has none that a "
                   "manifest could name: declare '%s' under a new audienceName, which makes a "
                   "second Meta audience",
                   change->desired);
    return add(arena, row, "set %s to '%s' in the dashboard: a manifest cannot say '%s'",
               change->field, change->desired, change->live ? change->live : "nothing");
}

static int add_changed_field(struct rcn_arena *arena, struct rcn_plan_row *row,
                             const struct rcn_change *change)
{
    if (!is_writable(change))
        return add_unwritable_field(arena, row, change);
    if (strcmp(change->field, "segmentId") == 0)
        return add(arena, row,
                   "the API cannot change the segment of a live sync: write 'segmentId: %s' in the "
                   "manifest to keep it as it is, or declare '%s' under a new audienceName, which "
                   "makes a second Meta audience",
                   change->live, change->desired);
    return add(arena, row,
               "set %s to '%s' in the dashboard, or write '%s: %s' in the manifest if the live "
               "value is right",
               change->field, change->desired, change->field, change->live);
}

/* A template is never a difference (SPEC 4); its one known display name is worth a word. */
static int add_template_doubt(struct rcn_arena *arena, struct rcn_plan_row *row)
{
    const struct rcn_audience_sync *desired = &row->desired->sync;
    const char *live_name = row->live[0]->segment_name;
    const char *display_name = desired->predefined_segment_id
                                   ? rcn_template_get_display_name(desired->predefined_segment_id)
                                   : NULL;
    if (!display_name || !live_name || strcmp(display_name, live_name) == 0)
        return 0;
    return add(arena, row,
               "the live segment is called '%s', the template '%s' makes '%s': whether it is the "
               "template's cannot be read from the API",
               live_name, desired->predefined_segment_id, display_name);
}

static int add_lost_segment(struct rcn_arena *arena, struct rcn_plan_row *row)
{
    if (!row->live[0]->segment_is_null || !row->desired->sync.segment_id)
        return 0;
    return add(arena, row, "the live sync has no segment any more: '%s' may have been deleted",
               row->desired->sync.segment_id);
}

int rcn_notes_write(struct rcn_arena *arena, struct rcn_plan_row *row)
{
    if (row->status == RCN_STATUS_DUPLICATE)
        return add_duplicate(arena, row);
    for (size_t i = 0; i < row->change_count; i++)
        if (add_changed_field(arena, row, &row->changes[i]))
            return -1;
    if (!row->desired || row->live_count == 0)
        return 0;
    return add_template_doubt(arena, row) || add_lost_segment(arena, row) ? -1 : 0;
}

/* Padded names and names with hidden characters are bad names in a manifest. */
static bool is_declarable(const char *name)
{
    size_t len = strlen(name);
    return len > 0 && !rcn_text_begins_with_space(name, len) &&
           !rcn_text_ends_with_space(name, len) && !rcn_text_find_hidden(name, len);
}

int rcn_notes_add_similar(struct rcn_arena *arena, struct rcn_plan_row *row,
                          const struct rcn_live_sync *similar)
{
    const char *way_out =
        is_declarable(similar->sync.audience_name)
            ? "if it is meant, write that name in the manifest; if not, declare it too, and this "
              "one can be created"
            : "a manifest cannot have that name: if it is not meant, delete it in the dashboard, "
              "and this one can be created; its Meta audience stays";
    return add(arena, row,
               "not created: the live sync %s is called '%s', the same but for case, spaces or "
               "normal form; %s",
               similar->sync.id, similar->sync.audience_name, way_out);
}

int rcn_notes_add_rename(struct rcn_arena *arena, struct rcn_plan_row *row,
                         const struct rcn_live_sync *other)
{
    return add(arena, row,
               "looks like a rename: the unmanaged sync %s, '%s', has the same segment and ad "
               "account; creating this one makes a second Meta audience",
               other->sync.id, other->sync.audience_name);
}

int rcn_notes_add_paused(struct rcn_arena *arena, struct rcn_plan_row *row)
{
    return add(arena, row,
               "not created: 'isActive: false', but a create uploads people at once; to have it "
               "paused, apply it with 'isActive: true', then pause it in the dashboard");
}

int rcn_notes_add_expired(struct rcn_arena *arena, struct rcn_plan_row *row,
                          const struct rcn_ignore *ignore)
{
    const struct rcn_span *at = &ignore->location;
    return add(arena, row, "counts again: the 'ignore' entry at %s:%u ended on %s",
               at->text ? at->text->path : "?", at->line, ignore->until_text);
}
