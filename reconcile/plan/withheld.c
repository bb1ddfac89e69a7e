#include "plan/withheld.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/memory.h"
#include "base/strmap.h"
#include "base/suggest.h"
#include "base/time.h"
#include "plan/notes.h"

/*
 * The ids that one row is about, and those that are looked at for the nearest name. Who has more
 * unmanaged syncs of one segment sees the next ones once these are settled. Comparing names is
 * limited for a plan as a whole, because thousands of rows may each have as many.
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
    struct rcn_arena *arena;
    struct rcn_strmap *memories; /* struct memory, by identity; NULL: nothing is known */
    size_t comparisons;          /* of names, so far */
};

static struct memory *remember(struct rcn_withholder *self, const struct rcn_audience_sync *sync)
{
    size_t len;
    const char *key = rcn_identity_get_key(self->arena, sync, &len);
    void **place = rcn_strmap_put(self->memories, key, len);
    struct memory *memory = rcn_arena_alloc(self->arena, sizeof *memory);
    memory->next = *place;
    *place = memory;
    return memory;
}

struct rcn_withholder *rcn_withholder_new(struct rcn_live_index *index,
                                          const struct rcn_known *known)
{
    struct rcn_withholder *self = rcn_calloc(1, sizeof *self);
    self->index = index;
    self->arena = rcn_arena_new(SIZE_MAX);
    if (!known || known->sync_count + known->intent_count == 0)
        return self;
    self->memories = rcn_strmap_new(known->sync_count + known->intent_count);
    for (size_t i = known->sync_count; i-- > 0;)
        remember(self, &known->syncs[i].sync)->sync = &known->syncs[i];
    for (size_t i = 0; i < known->intent_count; i++)
        remember(self, &known->intents[i].sync)->intent_until_ms = known->intents[i].until_ms;
    return self;
}

void rcn_withholder_free(struct rcn_withholder *self)
{
    if (!self)
        return;
    rcn_strmap_free(self->memories);
    rcn_arena_free(self->arena);
    free(self);
}

static const struct memory *recall(struct rcn_withholder *self,
                                   const struct rcn_audience_sync *sync)
{
    size_t len;
    if (!self->memories)
        return NULL;
    const char *key = rcn_identity_get_key(self->arena, sync, &len);
    return rcn_strmap_get(self->memories, key, len);
}

static bool is_replaced(const struct rcn_plan_row *row, const char *id)
{
    for (size_t i = 0; i < row->desired->replaces_count; i++)
        if (strcmp(row->desired->replaces[i], id) == 0)
            return true;
    return false;
}

static void withhold(struct rcn_plan_row *row, enum rcn_withheld because)
{
    row->status = RCN_STATUS_WITHHELD;
    row->withheld_because = because;
}

static void add_beside(struct rcn_arena *arena, struct rcn_plan_row *row, const char *id)
{
    if (!row->beside)
        row->beside = rcn_arena_calloc(arena, MAX_BESIDE, sizeof *row->beside);
    if (row->beside_count < MAX_BESIDE)
        row->beside[row->beside_count++] = id;
}

/* `replaces: sync_1` or `replaces: [sync_1, sync_2]`, with the ids that are there already. */
static const char *write_replaces(struct rcn_arena *arena, const struct rcn_plan_row *row)
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
    const char *copy = rcn_arena_strdup(arena, rcn_buf_get_str(&text));
    rcn_buf_release(&text);
    return copy;
}

/* --- an unmanaged sync that it could be --- */

static void add_way_out(struct rcn_arena *arena, struct rcn_plan_row *row,
                        const struct rcn_live_sync *other, const char *or_else)
{
    const char *name = other->sync.audience_name;
    const char *replaces = write_replaces(arena, row);
    if (rcn_notes_can_declare(name))
        rcn_notes_add(arena, row,
                      "to keep that one, change audienceName to '%s'%s; '%s' creates a second Meta "
                      "audience",
                      name, or_else, replaces);
    else
        rcn_notes_add(arena, row,
                      "a manifest cannot have that name: delete that sync in the dashboard (its "
                      "Meta audience stays)%s; '%s' creates a second Meta audience beside it",
                      or_else, replaces);
}

static bool is_similar(const struct rcn_audience_sync *sync, const struct rcn_live_sync *live)
{
    return !sync->segment_id || !live->sync.segment_id ||
           strcmp(sync->segment_id, live->sync.segment_id) == 0;
}

/* The unmanaged syncs of the chain that `replaces` does not name. A similar one counts although an
 * `ignore` entry covers it, but not with another segment. */
static size_t list_others(const struct rcn_plan_row *row, const struct rcn_live_entry *entry,
                          enum rcn_live_key key, const struct rcn_live_sync *ret[MAX_OTHERS])
{
    size_t count = 0;
    for (; entry && count < MAX_OTHERS; entry = entry->next[key]) {
        const struct rcn_live_sync *live = entry->live;
        bool is_other = key == RCN_LIVE_FOLDED_NAME ? is_similar(&row->desired->sync, live)
                                                    : !entry->is_ignored;
        if (is_other && !is_replaced(row, live->sync.id))
            ret[count++] = live;
    }
    return count;
}

/* The one with the nearest name comes first among the ids of the row. */
static const struct rcn_live_sync *choose_nearest(struct rcn_withholder *self,
                                                  struct rcn_arena *arena, struct rcn_plan_row *row,
                                                  const struct rcn_live_sync *const *others,
                                                  size_t count)
{
    const char *names[MAX_OTHERS];
    size_t nearest = 0;
    for (size_t i = 0; i < count; i++)
        names[i] = others[i]->sync.audience_name;
    if (count > 1 && self->comparisons < MAX_COMPARISONS) {
        nearest = rcn_suggest_nearest(row->desired->sync.audience_name, names, count);
        self->comparisons += count;
    }
    row->beside_count = count < MAX_BESIDE ? count : MAX_BESIDE;
    row->beside = rcn_arena_calloc(arena, row->beside_count, sizeof *row->beside);
    row->beside[0] = others[nearest]->sync.id;
    for (size_t i = 0, at = 1; at < row->beside_count; i++)
        if (i != nearest)
            row->beside[at++] = others[i]->sync.id;
    return others[nearest];
}

static bool judge_similar(struct rcn_withholder *self, struct rcn_arena *arena,
                          struct rcn_plan_row *row)
{
    const enum rcn_live_key key = RCN_LIVE_FOLDED_NAME;
    const struct rcn_audience_sync *sync = &row->desired->sync;
    const struct rcn_live_sync *others[MAX_OTHERS];
    const struct rcn_live_entry *entry = rcn_live_index_find(
        self->index, key, sync->company_id, sync->ad_account_id, sync->audience_name);
    size_t count = list_others(row, entry, key, others);
    if (count == 0)
        return false;
    const struct rcn_live_sync *nearest = choose_nearest(self, arena, row, others, count);
    withhold(row, RCN_WITHHELD_SIMILAR);
    rcn_notes_add(arena, row,
                  "not created: the live sync %s is called '%s', the same name but for case, "
                  "spaces or Unicode form",
                  nearest->sync.id, nearest->sync.audience_name);
    add_way_out(arena, row, nearest, "");
    return true;
}

static bool judge_renamed(struct rcn_withholder *self, struct rcn_arena *arena,
                          struct rcn_plan_row *row)
{
    const struct rcn_audience_sync *sync = &row->desired->sync;
    const enum rcn_live_key key = sync->segment_id ? RCN_LIVE_SEGMENT : RCN_LIVE_SEGMENT_NAME;
    const char *text = sync->segment_id
                           ? sync->segment_id
                           : rcn_template_get_display_name(sync->predefined_segment_id);
    const struct rcn_live_sync *others[MAX_OTHERS];
    const struct rcn_live_entry *entry =
        text ? rcn_live_index_find(self->index, key, sync->company_id, sync->ad_account_id, text)
             : NULL;
    size_t count = list_others(row, entry, key, others);
    if (count == 0)
        return false;
    const struct rcn_live_sync *nearest = choose_nearest(self, arena, row, others, count);
    const char *more = count == 1 ? ""
                                  : rcn_arena_printf(arena, " (%zu%s unmanaged ones have)", count,
                                                     count == MAX_OTHERS ? " or more" : "");
    withhold(row, RCN_WITHHELD_RENAMED);
    rcn_notes_add(arena, row,
                  "not created: the unmanaged sync %s, '%s', has the same segment in this ad "
                  "account%s",
                  nearest->sync.id, nearest->sync.audience_name, more);
    add_way_out(arena, row, nearest, ", or cover it with an 'ignore' entry");
    return true;
}

/* --- it was live --- */

static bool judge_pin(struct rcn_withholder *self, struct rcn_arena *arena,
                      struct rcn_plan_row *row)
{
    const struct rcn_audience_sync *sync = &row->desired->sync;
    const struct rcn_live_entry *taken = rcn_live_index_find(
        self->index, RCN_LIVE_NAME, sync->company_id, sync->ad_account_id, sync->audience_name);
    if (!sync->id || (is_replaced(row, sync->id) && !taken))
        return false;
    withhold(row, RCN_WITHHELD_GONE);
    add_beside(arena, row, sync->id);
    const struct rcn_live_entry *entry =
        rcn_live_index_find(self->index, RCN_LIVE_ID, sync->company_id, "", sync->id);
    if (taken)
        rcn_notes_add(arena, row,
                      "not created: no live sync has the id '%s', and another item of the "
                      "manifests has the live sync of this name, %s: remove this item",
                      sync->id, taken->live->sync.id);
    else if (entry)
        rcn_notes_add(arena, row,
                      "not created: the live sync '%s' is '%s' in ad account %s now: write that "
                      "name and account; to create a second Meta audience, remove the id and write "
                      "'replaces: %s'",
                      sync->id, entry->live->sync.audience_name, entry->live->sync.ad_account_id,
                      sync->id);
    else
        rcn_notes_add(arena, row,
                      "not created: no live sync has the id '%s': write the id of the live one; if "
                      "it was deleted and a new one is wanted, write 'replaces: %s' in place of "
                      "the id",
                      sync->id, sync->id);
    return true;
}

static bool judge_known(struct rcn_withholder *self, struct rcn_arena *arena,
                        struct rcn_plan_row *row, const struct memory *memory)
{
    const struct rcn_known_sync *last = NULL;
    for (; memory; memory = memory->next) {
        if (!memory->sync || is_replaced(row, memory->sync->sync.id))
            continue;
        add_beside(arena, row, memory->sync->sync.id);
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
        rcn_live_index_find(self->index, RCN_LIVE_ID, row->desired->sync.company_id, "", id);
    if (entry)
        rcn_notes_add(arena, row,
                      "not created: it was live as %s, which is '%s' in ad account %s now: write "
                      "that name and account; '%s' creates a second Meta audience",
                      id, entry->live->sync.audience_name, entry->live->sync.ad_account_id,
                      write_replaces(arena, row));
    else
        rcn_notes_add(arena, row,
                      "not created: it was live as %s, last seen on %.10s at %.5s UTC: if it was "
                      "deleted and a new one is wanted, write '%s'; else remove it from the "
                      "manifest",
                      id, time, time + strlen("2026-11-28T"), write_replaces(arena, row));
    return true;
}

void rcn_withholder_judge(struct rcn_withholder *self, struct rcn_arena *arena,
                          struct rcn_plan_row *row)
{
    const struct memory *memory = recall(self, &row->desired->sync);
    row->status = RCN_STATUS_MISSING;
    if (row->desired->sync.is_active == RCN_FALSE) {
        withhold(row, RCN_WITHHELD_PAUSED);
        rcn_notes_add(arena, row,
                      "not created: 'isActive: false', and a create uploads people at once; apply "
                      "it with 'isActive: true', then pause it in the dashboard");
        return;
    }
    if (judge_pin(self, arena, row) || judge_similar(self, arena, row) ||
        judge_renamed(self, arena, row) || judge_known(self, arena, row, memory))
        return;
    for (; memory; memory = memory->next)
        if (memory->intent_until_ms > row->open_intent_until_ms)
            row->open_intent_until_ms = memory->intent_until_ms;
}
