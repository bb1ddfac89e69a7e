#include "plan/origin.h"

#include <string.h>

#include "base/buf.h"
#include "base/strmap.h"

/* A set by identity; by identity and pin, for identities that are there more than once; by pin. */
struct index {
    struct rcn_arena *keys;
    struct rcn_strmap *map;
};

/* `i` identity, `p` identity and pin, `d` pin: an identity begins with none of its own. */
static const char *make_key(struct rcn_arena *arena, char kind,
                            const struct rcn_audience_sync *sync, const char *id, size_t *ret_len)
{
    size_t len;
    const char *identity = rcn_identity_get_key(arena, sync, &len);
    const char *text = kind == 'd' ? sync->company_id : NULL;
    struct rcn_buf key;
    rcn_buf_init(&key, SIZE_MAX);
    rcn_buf_add_char(&key, kind);
    if (kind == 'd')
        rcn_buf_add_str(&key, text ? text : "");
    else
        rcn_buf_add(&key, identity, len);
    rcn_buf_add_char(&key, '\0');
    rcn_buf_add_str(&key, id ? id : "");
    *ret_len = key.len;
    const char *copy = rcn_arena_strndup(arena, key.data, key.len);
    rcn_buf_release(&key);
    return copy;
}

static void put(struct index *index, char kind, const struct rcn_desired_sync *sync)
{
    size_t len;
    const char *id = kind == 'i' ? NULL : sync->sync.id;
    const char *key = make_key(index->keys, kind, &sync->sync, id, &len);
    void **place = rcn_strmap_put(index->map, key, len);
    if (!*place)
        memcpy(place, &sync, sizeof sync); /* a map gives out what may be changed */
}

static struct index make_index(const struct rcn_desired_set *set)
{
    struct index index = {.keys = rcn_arena_new(SIZE_MAX), .map = rcn_strmap_new(3 * set->count)};
    for (size_t i = 0; i < set->count; i++) {
        put(&index, 'i', &set->syncs[i]);
        put(&index, 'p', &set->syncs[i]);
        if (set->syncs[i].sync.id)
            put(&index, 'd', &set->syncs[i]);
    }
    return index;
}

static void release(struct index *index)
{
    rcn_strmap_free(index->map);
    rcn_arena_free(index->keys);
}

static const struct rcn_desired_sync *find(const struct index *index, char kind,
                                           const struct rcn_audience_sync *sync, const char *id)
{
    size_t len;
    const char *key = make_key(index->keys, kind, sync, id, &len);
    return rcn_strmap_get(index->map, key, len);
}

/* --- what has changed --- */

static void compare_field(struct rcn_buf *out, const char *field, const char *before,
                          const char *now)
{
    if (!rcn_text_is_same(before, now))
        rcn_buf_printf(out, "%s%s was %s", out->len ? ", " : "", field, before ? before : "absent");
}

static bool has_same_labels(const struct rcn_desired_sync *a, const struct rcn_desired_sync *b)
{
    if (a->label_count != b->label_count)
        return false;
    for (size_t i = 0; i < a->label_count; i++)
        if (!rcn_text_is_same(rcn_desired_sync_get_label(b, a->labels[i].key), a->labels[i].value))
            return false;
    return true;
}

static bool has_same_replaces(const struct rcn_desired_sync *a, const struct rcn_desired_sync *b)
{
    if (a->replaces_count != b->replaces_count)
        return false;
    for (size_t i = 0; i < a->replaces_count; i++)
        if (strcmp(a->replaces[i], b->replaces[i]) != 0)
            return false;
    return true;
}

/* `frequency was daily, labels differ`; NULL: they ask for the same. */
static const char *describe(struct rcn_arena *arena, const struct rcn_desired_sync *before,
                            const struct rcn_desired_sync *now)
{
    const struct rcn_audience_sync *a = &before->sync;
    const struct rcn_audience_sync *b = &now->sync;
    struct rcn_buf text;
    rcn_buf_init(&text, SIZE_MAX);
    compare_field(&text, "id", a->id, b->id);
    compare_field(&text, "segmentId", a->segment_id, b->segment_id);
    compare_field(&text, "predefinedSegmentId", a->predefined_segment_id, b->predefined_segment_id);
    compare_field(&text, "frequency", a->frequency, b->frequency);
    compare_field(&text, "isActive", rcn_tristate_name(a->is_active),
                  rcn_tristate_name(b->is_active));
    if (!has_same_labels(before, now))
        rcn_buf_printf(&text, "%slabels differ", text.len ? ", " : "");
    if (!has_same_replaces(before, now))
        rcn_buf_printf(&text, "%sreplaces differs", text.len ? ", " : "");
    const char *result =
        text.len ? rcn_arena_printf(arena, "this change: %s", rcn_buf_get_str(&text)) : NULL;
    rcn_buf_release(&text);
    return result;
}

static void add_note(struct rcn_plan *plan, struct rcn_plan_row *row, const char *note)
{
    const char **notes = rcn_arena_calloc(plan->arena, row->note_count + 1, sizeof *notes);
    for (size_t i = 0; i < row->note_count; i++)
        notes[i] = row->notes[i];
    notes[row->note_count++] = note;
    row->notes = notes;
}

/* --- rows --- */

static void mark_desired(struct rcn_plan *plan, struct rcn_plan_row *row, const struct index *base)
{
    const struct rcn_audience_sync *sync = &row->desired->sync;
    const struct rcn_desired_sync *before = find(base, 'p', sync, sync->id);
    if (!before)
        before = find(base, 'i', sync, NULL);
    const char *note = before ? describe(plan->arena, before, row->desired) : NULL;
    row->origin = note ? RCN_ORIGIN_CHANGED : before ? RCN_ORIGIN_BASE : RCN_ORIGIN_NEW;
    if (note)
        add_note(plan, row, note);
}

/* No manifest has it here. One has it there by its id, or by its identity without another id. */
static void mark_unmanaged(struct rcn_plan_row *row, const struct index *base)
{
    const struct rcn_audience_sync *live = &row->live[0]->sync;
    bool was_managed = find(base, 'd', live, live->id) || find(base, 'p', live, NULL);
    row->origin = was_managed ? RCN_ORIGIN_REMOVED : RCN_ORIGIN_BASE;
}

static bool is_pending(const struct rcn_plan_row *row)
{
    return row->origin == RCN_ORIGIN_BASE && row->desired && !row->is_ignored &&
           (row->status != RCN_STATUS_IN_SYNC || row->health);
}

static void count_row(struct rcn_base_facts *facts, const struct rcn_plan_row *row)
{
    facts->added += row->origin == RCN_ORIGIN_NEW;
    facts->changed += row->origin == RCN_ORIGIN_CHANGED;
    facts->removed += row->origin == RCN_ORIGIN_REMOVED;
    facts->pending += is_pending(row);
}

/* Identities that the manifests have there and not here. (A selection does not choose among them:
 * then they are not counted.) */
static size_t count_removed(const struct rcn_desired_set *desired,
                            const struct rcn_desired_set *base)
{
    size_t count = 0;
    struct index now = make_index(desired);
    for (size_t i = 0; i < base->count; i++)
        count += !find(&now, 'i', &base->syncs[i].sync, NULL);
    release(&now);
    return count;
}

void rcn_origin_mark(struct rcn_plan *plan, const struct rcn_desired_set *desired,
                     const struct rcn_desired_set *base, const char *ref, const char *commit)
{
    struct rcn_base_facts *facts = rcn_arena_calloc(plan->arena, 1, sizeof *facts);
    struct index index = make_index(base);
    facts->ref = rcn_arena_strdup(plan->arena, ref);
    facts->commit = rcn_arena_strdup(plan->arena, commit);
    for (size_t i = 0; i < plan->row_count; i++) {
        mark_desired(plan, &plan->rows[i], &index);
        count_row(facts, &plan->rows[i]);
    }
    for (size_t i = 0; i < plan->unmanaged_count; i++) {
        mark_unmanaged(&plan->unmanaged[i], &index);
        count_row(facts, &plan->unmanaged[i]);
    }
    size_t removed = plan->is_selected ? 0 : count_removed(desired, base);
    facts->removed_not_live = removed > facts->removed ? removed - facts->removed : 0;
    plan->base = facts;
    release(&index);
}
