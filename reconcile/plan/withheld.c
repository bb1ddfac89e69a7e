#include "plan/withheld.h"

#include <string.h>

#include "base/buf.h"
#include "base/suggest.h"
#include "base/time.h"
#include "base/unicode.h"
#include "plan/notes.h"

/*
 * The ids that one row is about, and those that are looked at for the nearest name. If one segment
 * has more unmanaged syncs, the next ones show once these are settled. Comparing names is limited
 * for a plan as a whole, because thousands of rows may each have as many.
 */
enum { MAX_BESIDE = 20, MAX_OTHERS = 100, MAX_COMPARISONS = 200000 };

/* What was known of one identity. */
struct memory {
    const struct rcn_known_sync *sync;
    int64_t intent_until_ms;
    struct memory *next;
};

struct rcn_withholder {
    struct rcn_live_index *index;
    struct rcn_arena *arena;           /* of the plan */
    struct rcn_identity_map *memories; /* struct memory; NULL: nothing is known */
    size_t comparisons;                /* of names, so far */
};

static struct memory *remember(struct rcn_withholder *self, const struct rcn_audience_sync *sync)
{
    void **place = rcn_identity_map_put(self->memories, sync);
    struct memory *memory = rcn_arena_alloc(self->arena, sizeof *memory);
    memory->next = *place;
    *place = memory;
    return memory;
}

struct rcn_withholder *rcn_withholder_new(struct rcn_live_index *index,
                                          const struct rcn_known *known, struct rcn_arena *arena)
{
    struct rcn_withholder *self = rcn_arena_calloc(arena, 1, sizeof *self);
    self->index = index;
    self->arena = arena;
    if (!known || known->sync_count + known->intent_count == 0)
        return self;
    self->memories = rcn_identity_map_new(known->sync_count + known->intent_count);
    for (size_t i = known->sync_count; i-- > 0;) {
        const struct rcn_audience_sync *sync = &known->syncs[i].sync;
        struct rcn_live_entry *entry = sync->predefined_segment_id
                                           ? rcn_live_index_find(index, RCN_LIVE_ID, sync, sync->id)
                                           : NULL;
        if (entry)
            entry->template_id = sync->predefined_segment_id;
        remember(self, sync)->sync = &known->syncs[i];
    }
    for (size_t i = 0; i < known->intent_count; i++)
        remember(self, &known->intents[i].sync)->intent_until_ms = known->intents[i].until_ms;
    return self;
}

void rcn_withholder_free(struct rcn_withholder *self)
{
    rcn_identity_map_free(self->memories);
}

static void withhold(struct rcn_plan_row *row, enum rcn_withheld because)
{
    row->status = RCN_STATUS_WITHHELD;
    row->withheld_because = because;
}

static void add_beside(struct rcn_withholder *self, struct rcn_plan_row *row, const char *id)
{
    if (!row->beside)
        row->beside = rcn_arena_calloc(self->arena, MAX_BESIDE, sizeof *row->beside);
    if (row->beside_count < MAX_BESIDE)
        row->beside[row->beside_count++] = rcn_arena_strdup(self->arena, id);
}

/* `replaces: sync_1` or `replaces: [sync_1, sync_2]`, with the ids that are there already. */
static const char *write_replaces(struct rcn_withholder *self, const struct rcn_plan_row *row)
{
    const struct rcn_desired_sync *desired = row->desired;
    bool is_one = desired->replaces_count + row->beside_count == 1;
    struct rcn_buf text;
    rcn_buf_init(&text, (size_t)1 << 30);
    rcn_buf_add_str(&text, is_one ? "replaces: " : "replaces: [");
    for (size_t i = 0; i < desired->replaces_count; i++)
        rcn_buf_printf(&text, "%s, ", desired->replaces[i]);
    for (size_t i = 0; i < row->beside_count; i++)
        rcn_buf_printf(&text, "%s%s", i ? ", " : "", row->beside[i]);
    rcn_buf_add_str(&text, is_one ? "" : "]");
    const char *copy = rcn_arena_strdup(self->arena, rcn_buf_get_str(&text));
    rcn_buf_release(&text);
    return copy;
}

/* --- an unmanaged sync that it could be --- */

/* A similar one counts although an `ignore` entry covers it, but not with another segment. */
static bool could_be(const struct rcn_plan_row *row, const struct rcn_live_entry *entry,
                     enum rcn_live_key key)
{
    const char *segment_id = row->desired->sync.segment_id;
    const struct rcn_audience_sync *live = &entry->live->sync;
    bool is_other = key == RCN_LIVE_FOLDED_NAME ? !segment_id || !live->segment_id ||
                                                      strcmp(segment_id, live->segment_id) == 0
                                                : !entry->is_ignored;
    return is_other && !rcn_desired_sync_replaces(row->desired, live->id);
}

/*
 * The unmanaged sync that the row could be by this key, whose value is text (NULL: there is none):
 * of several the one with the nearest name, whose id comes first beside the row. *ret_count: how
 * many there are, at most MAX_OTHERS.
 */
static const struct rcn_live_sync *find_other(struct rcn_withholder *self, struct rcn_plan_row *row,
                                              enum rcn_live_key key, const char *text,
                                              size_t *ret_count)
{
    const struct rcn_audience_sync *sync = &row->desired->sync;
    const struct rcn_live_sync *others[MAX_OTHERS];
    const char *names[MAX_OTHERS];
    size_t count = 0;
    size_t nearest = 0;
    const struct rcn_live_entry *entry = rcn_live_index_find(self->index, key, sync, text);
    for (; entry && count < MAX_OTHERS; entry = entry->next[key]) {
        names[count] = entry->live->sync.audience_name;
        others[count] = entry->live;
        count += could_be(row, entry, key);
    }
    *ret_count = count;
    if (count == 0)
        return NULL;
    if (count > 1 && self->comparisons < MAX_COMPARISONS) {
        nearest = rcn_suggest_nearest(sync->audience_name, names, count);
        self->comparisons += count;
    }
    add_beside(self, row, others[nearest]->sync.id);
    for (size_t i = 0; i < count; i++)
        if (i != nearest)
            add_beside(self, row, others[i]->sync.id);
    return others[nearest];
}

/*
 * Similar, or renamed. A live sync does not say which template it was made from. The ledger may
 * know; else only the one known display name of a template's segment helps.
 */
static bool judge_unmanaged(struct rcn_withholder *self, struct rcn_plan_row *row)
{
    const struct rcn_audience_sync *sync = &row->desired->sync;
    const char *template_id = sync->predefined_segment_id;
    const struct {
        enum rcn_live_key key;
        const char *text;
    } looks[] = {
        {RCN_LIVE_FOLDED_NAME, sync->audience_name},
        {RCN_LIVE_SEGMENT, sync->segment_id},
        {RCN_LIVE_TEMPLATE, template_id},
        {RCN_LIVE_SEGMENT_NAME, template_id ? rcn_template_get_display_name(template_id) : NULL},
    };
    const struct rcn_live_sync *other = NULL;
    size_t count;
    size_t at = 0;
    while (at < sizeof looks / sizeof *looks && !other) {
        other = find_other(self, row, looks[at].key, looks[at].text, &count);
        at++;
    }
    if (!other)
        return false;
    const bool is_similar = looks[at - 1].key == RCN_LIVE_FOLDED_NAME;
    withhold(row, is_similar ? RCN_WITHHELD_SIMILAR : RCN_WITHHELD_RENAMED);
    const char *id = other->sync.id;
    const char *name = other->sync.audience_name;
    const char *or_else = is_similar ? "" : ", or cover it with an 'ignore' entry";
    if (is_similar)
        rcn_notes_add(self->arena, row,
                      "not created: the live sync %s is called '%s', the same name but for case, "
                      "spaces or Unicode form",
                      id, name);
    else
        rcn_notes_add(self->arena, row,
                      "not created: the unmanaged sync %s, '%s', has the same segment in this ad "
                      "account%s",
                      id, name,
                      count == 1 ? ""
                                 : rcn_arena_printf(self->arena, " (%zu%s unmanaged ones have)",
                                                    count, count == MAX_OTHERS ? " or more" : ""));
    if (rcn_text_find_fault(name, strlen(name)) == RCN_TEXT_GOOD)
        rcn_notes_add(self->arena, row,
                      "to keep that one, change audienceName to '%s'%s; '%s' creates a second Meta "
                      "audience",
                      name, or_else, write_replaces(self, row));
    else
        rcn_notes_add(self->arena, row,
                      "a manifest cannot have that name: delete that sync in the dashboard (its "
                      "Meta audience stays)%s; '%s' creates a second Meta audience beside it",
                      or_else, write_replaces(self, row));
    return true;
}

/* --- it was live --- */

static bool judge_pin(struct rcn_withholder *self, struct rcn_plan_row *row)
{
    const struct rcn_audience_sync *sync = &row->desired->sync;
    const char *id = sync->id;
    const struct rcn_live_entry *taken =
        rcn_live_index_find(self->index, RCN_LIVE_NAME, sync, sync->audience_name);
    if (!id || (rcn_desired_sync_replaces(row->desired, id) && !taken))
        return false;
    withhold(row, RCN_WITHHELD_GONE);
    add_beside(self, row, id);
    const struct rcn_live_entry *entry = rcn_live_index_find(self->index, RCN_LIVE_ID, sync, id);
    if (taken)
        rcn_notes_add(self->arena, row,
                      "not created: no live sync has the id '%s', and another item of the "
                      "manifests has the live sync of this name, %s: remove this item",
                      id, taken->live->sync.id);
    else if (entry)
        rcn_notes_add(self->arena, row,
                      "not created: the live sync '%s' is '%s' in ad account %s now: write that "
                      "name and account; to create a second Meta audience, remove the id and write "
                      "'replaces: %s'",
                      id, entry->live->sync.audience_name, entry->live->sync.ad_account_id, id);
    else
        rcn_notes_add(self->arena, row,
                      "not created: no live sync has the id '%s': write the id of the live one; if "
                      "it was deleted and a new one is wanted, write 'replaces: %s' in place of "
                      "the id",
                      id, id);
    return true;
}

static bool judge_known(struct rcn_withholder *self, struct rcn_plan_row *row,
                        const struct memory *memory)
{
    const struct rcn_known_sync *last = NULL;
    for (; memory; memory = memory->next) {
        if (!memory->sync || rcn_desired_sync_replaces(row->desired, memory->sync->sync.id))
            continue;
        add_beside(self, row, memory->sync->sync.id);
        if (!last || memory->sync->seen_at_ms > last->seen_at_ms)
            last = memory->sync;
    }
    if (!last)
        return false;
    char time[RCN_TIME_SIZE];
    rcn_time_format(last->seen_at_ms, time);
    withhold(row, RCN_WITHHELD_GONE);
    const char *id = last->sync.id;
    const struct rcn_live_entry *entry =
        rcn_live_index_find(self->index, RCN_LIVE_ID, &row->desired->sync, id);
    if (entry)
        rcn_notes_add(self->arena, row,
                      "not created: it was live as %s, which is '%s' in ad account %s now: write "
                      "that name and account; '%s' creates a second Meta audience",
                      id, entry->live->sync.audience_name, entry->live->sync.ad_account_id,
                      write_replaces(self, row));
    else
        rcn_notes_add(self->arena, row,
                      "not created: it was live as %s, last seen on %.10s at %.5s UTC: if it was "
                      "deleted and a new one is wanted, write '%s'; else remove it from the "
                      "manifest",
                      id, time, time + strlen("2026-11-28T"), write_replaces(self, row));
    return true;
}

void rcn_withholder_judge(struct rcn_withholder *self, struct rcn_plan_row *row)
{
    const struct memory *memory = rcn_identity_map_get(self->memories, &row->desired->sync);
    row->status = RCN_STATUS_MISSING;
    if (row->desired->sync.is_active == RCN_FALSE) {
        withhold(row, RCN_WITHHELD_PAUSED);
        rcn_notes_add(self->arena, row,
                      "not created: 'isActive: false', and a create uploads people at once; apply "
                      "it with 'isActive: true', then pause it in the dashboard");
        return;
    }
    if (judge_pin(self, row) || judge_unmanaged(self, row) || judge_known(self, row, memory))
        return;
    for (; memory; memory = memory->next)
        if (memory->intent_until_ms > row->open_intent_until_ms)
            row->open_intent_until_ms = memory->intent_until_ms;
}
