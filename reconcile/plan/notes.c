#include "plan/notes.h"

#include <stdarg.h>
#include <string.h>

enum { MAX_NOTES = 9, MAX_IDS = 10 };

void rcn_notes_add(struct rcn_arena *arena, struct rcn_plan_row *row, const char *format, ...)
{
    if (!row->notes)
        row->notes = rcn_arena_calloc(arena, MAX_NOTES, sizeof *row->notes);
    if (row->note_count == MAX_NOTES)
        return;
    va_list args;
    va_start(args, format);
    row->notes[row->note_count++] = rcn_arena_vprintf(arena, format, args);
    va_end(args);
}

static void add_duplicate(struct rcn_arena *arena, struct rcn_plan_row *row)
{
    const char *list = row->live[0]->sync.id;
    for (size_t i = 1; i < row->live_count && i < MAX_IDS; i++)
        list = rcn_arena_printf(arena, "%s, %s", list, row->live[i]->sync.id);
    if (row->live_count > MAX_IDS)
        list = rcn_arena_printf(arena, "%s and %zu more", list, row->live_count - MAX_IDS);
    rcn_notes_add(arena, row, "%zu live syncs have this name in this ad account: %s",
                  row->live_count, list);
    rcn_notes_add(arena, row,
                  "keep one: write 'id: %s' (or another of them) in the manifest, or delete the "
                  "others in the dashboard; their Meta audiences stay",
                  row->live[0]->sync.id);
}

static void add_change(struct rcn_arena *arena, struct rcn_plan_row *row,
                       const struct rcn_change *change)
{
    const char *field = change->field;
    bool is_segment = strcmp(field, "segmentId") == 0;
    /* Not every live value can be in a manifest: an unknown frequency, or no segment. */
    bool is_writable =
        change->live[0] && (strcmp(field, "frequency") != 0 || rcn_frequency_find(change->live));
    if (is_segment && is_writable)
        rcn_notes_add(arena, row,
                      "the API cannot change the segment of a live sync: write 'segmentId: %s' in "
                      "the manifest to keep it, or declare '%s' under a new audienceName, which "
                      "makes a second Meta audience",
                      change->live, change->desired);
    else if (is_segment)
        rcn_notes_add(arena, row,
                      "the API cannot change the segment of a live sync, and this one has no "
                      "segment: declare '%s' under a new audienceName, which makes a second Meta "
                      "audience",
                      change->desired);
    else if (is_writable)
        rcn_notes_add(arena, row,
                      "set %s to '%s' in the dashboard, or write '%s: %s' in the manifest if the "
                      "live value is right",
                      field, change->desired, field, change->live);
    else
        rcn_notes_add(arena, row,
                      "set %s to '%s' in the dashboard: '%s' is not valid in a manifest", field,
                      change->desired, change->live);
}

/* A template is never a difference (SPEC 4); its one known display name is worth a word. */
static void add_template_doubt(struct rcn_arena *arena, struct rcn_plan_row *row)
{
    const char *template_id = row->desired->sync.predefined_segment_id;
    const char *live_name = row->live[0]->segment_name;
    const char *display_name = template_id ? rcn_template_get_display_name(template_id) : NULL;
    if (display_name && live_name && strcmp(display_name, live_name) != 0)
        rcn_notes_add(arena, row,
                      "the live segment is called '%s', and the template '%s' makes '%s': the API "
                      "does not say whether the segment is the template's",
                      live_name, template_id, display_name);
}

void rcn_notes_write(struct rcn_arena *arena, struct rcn_plan_row *row)
{
    const struct rcn_desired_sync *desired = row->desired;
    if (desired->sync.id && strcmp(desired->sync.id, row->live[0]->sync.id) != 0)
        rcn_notes_add(arena, row,
                      "'id: %s' is not a live sync of this name and ad account: remove the key, or "
                      "write 'id: %s'",
                      desired->sync.id, row->live[0]->sync.id);
    if (desired->replaces_count)
        rcn_notes_add(arena, row, "the sync is live: 'replaces' does nothing now, remove it");
    if (row->status == RCN_STATUS_DUPLICATE) {
        add_duplicate(arena, row);
        return;
    }
    for (size_t i = 0; i < row->change_count; i++)
        add_change(arena, row, &row->changes[i]);
    add_template_doubt(arena, row);
    if (row->live[0]->segment_is_null && desired->sync.segment_id)
        rcn_notes_add(arena, row, "the live sync has no segment any more: '%s' may be deleted",
                      desired->sync.segment_id);
}
