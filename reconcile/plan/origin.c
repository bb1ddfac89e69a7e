#include "plan/origin.h"

#include <string.h>

#include "plan/notes.h"

/* A sync of a set, in two chains: of its identity, in the order of the manifests, and (pinned) of
 * its pin. */
struct link {
    const struct rcn_desired_sync *sync;
    struct link *next;
};

static void put(struct rcn_identity_map *index, struct rcn_arena *arena,
                struct rcn_audience_sync identity, const struct rcn_desired_sync *sync)
{
    void **place = rcn_identity_map_put(index, &identity);
    struct link *link = rcn_arena_alloc(arena, sizeof *link);
    *link = (struct link){.sync = sync, .next = *place};
    *place = link;
}

static struct rcn_identity_map *make_index(const struct rcn_desired_set *set,
                                           struct rcn_arena *arena)
{
    struct rcn_identity_map *index = rcn_identity_map_new(set->count);
    /* Each goes to the head of its chain, so the last is put in first. */
    for (size_t i = set->count; i-- > 0;) {
        const struct rcn_audience_sync *sync = &set->syncs[i].sync;
        put(index, arena, *sync, &set->syncs[i]);
        if (sync->id)
            put(index, arena, rcn_identity_of_id(sync->company_id, sync->id), &set->syncs[i]);
    }
    return index;
}

/* The one of the chain with that pin (NULL: without one), or NULL. */
static const struct link *find_pinned(const struct link *chain, const char *id)
{
    while (chain && !rcn_text_is_same(chain->sync->sync.id, id))
        chain = chain->next;
    return chain;
}

/* --- what has changed --- */

/* `frequency was daily, labels differ`; NULL: they ask for the same. */
static const char *describe(struct rcn_arena *arena, const struct rcn_desired_sync *before,
                            const struct rcn_desired_sync *now)
{
    const struct rcn_audience_sync *a = &before->sync;
    const struct rcn_audience_sync *b = &now->sync;
    const struct rcn_change fields[] = {
        {"id", a->id, b->id},
        {"segmentId", a->segment_id, b->segment_id},
        {"predefinedSegmentId", a->predefined_segment_id, b->predefined_segment_id},
        {"frequency", a->frequency, b->frequency},
        {"isActive", rcn_tristate_names[a->is_active], rcn_tristate_names[b->is_active]},
    };
    const char *text = NULL;
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++)
        if (!rcn_text_is_same(fields[i].live, fields[i].desired))
            text = rcn_arena_printf(arena, "%s%s%s was %s", text ? text : "", text ? ", " : "",
                                    fields[i].field, fields[i].live ? fields[i].live : "absent");
    bool differ = before->label_count != now->label_count;
    for (size_t i = 0; !differ && i < now->label_count; i++)
        differ = !rcn_text_is_same(rcn_desired_sync_get_label(before, now->labels[i].key),
                                   now->labels[i].value);
    if (differ)
        text = text ? rcn_arena_printf(arena, "%s, labels differ", text) : "labels differ";
    differ = before->replaces_count != now->replaces_count;
    for (size_t i = 0; !differ && i < now->replaces_count; i++)
        differ = strcmp(before->replaces[i], now->replaces[i]) != 0;
    if (differ)
        text = text ? rcn_arena_printf(arena, "%s, replaces differs", text) : "replaces differs";
    return text;
}

/* --- rows --- */

static void mark_desired(struct rcn_plan *plan, struct rcn_plan_row *row,
                         const struct rcn_identity_map *base)
{
    const struct link *chain = rcn_identity_map_get(base, &row->desired->sync);
    const struct link *same = find_pinned(chain, row->desired->sync.id);
    const struct link *before = same ? same : chain;
    const char *note = before ? describe(plan->arena, before->sync, row->desired) : NULL;
    row->origin = note ? RCN_ORIGIN_CHANGED : before ? RCN_ORIGIN_BASE : RCN_ORIGIN_NEW;
    if (note)
        rcn_notes_add(plan->arena, row, "this change: %s", note);
}

/* No manifest has it here. One has it there by its id, or by its identity without another id. */
static void mark_unmanaged(struct rcn_plan_row *row, const struct rcn_identity_map *base)
{
    const struct rcn_audience_sync *live = &row->live[0]->sync;
    const struct rcn_audience_sync pin = rcn_identity_of_id(live->company_id, live->id);
    bool was_managed =
        rcn_identity_map_get(base, &pin) || find_pinned(rcn_identity_map_get(base, live), NULL);
    row->origin = was_managed ? RCN_ORIGIN_REMOVED : RCN_ORIGIN_BASE;
}

static void count_row(struct rcn_base_facts *facts, const struct rcn_plan_row *row)
{
    facts->added += row->origin == RCN_ORIGIN_NEW;
    facts->changed += row->origin == RCN_ORIGIN_CHANGED;
    facts->removed += row->origin == RCN_ORIGIN_REMOVED;
    facts->pending += row->origin == RCN_ORIGIN_BASE && row->desired && !row->is_ignored &&
                      (row->status != RCN_STATUS_IN_SYNC || row->health);
}

void rcn_origin_mark(struct rcn_plan *plan, const struct rcn_desired_set *desired,
                     const struct rcn_desired_set *base, const char *ref, const char *commit)
{
    struct rcn_base_facts *facts = rcn_arena_calloc(plan->arena, 1, sizeof *facts);
    struct rcn_arena *arena = rcn_arena_new(SIZE_MAX);
    struct rcn_identity_map *index = make_index(base, arena);
    facts->ref = rcn_arena_strdup(plan->arena, ref);
    facts->commit = rcn_arena_strdup(plan->arena, commit);
    for (size_t i = 0; i < plan->row_count; i++) {
        mark_desired(plan, &plan->rows[i], index);
        count_row(facts, &plan->rows[i]);
    }
    for (size_t i = 0; i < plan->unmanaged_count; i++) {
        mark_unmanaged(&plan->unmanaged[i], index);
        count_row(facts, &plan->unmanaged[i]);
    }
    rcn_identity_map_free(index);
    /* Identities that the manifests have there and not here. A selection does not choose among
     * them: then they are not counted. */
    size_t removed = 0;
    index = make_index(desired, arena);
    for (size_t i = 0; i < base->count && !plan->is_selected; i++)
        removed += !rcn_identity_map_get(index, &base->syncs[i].sync);
    rcn_identity_map_free(index);
    rcn_arena_free(arena);
    facts->removed_not_live = removed > facts->removed ? removed - facts->removed : 0;
    plan->base = facts;
}
