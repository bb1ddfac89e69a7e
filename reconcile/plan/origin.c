#include "plan/origin.h"

#include <string.h>

#include "base/buf.h"
#include "base/strmap.h"
#include "plan/notes.h"

/* A sync of a set, in two chains: of its identity, in the order of the manifests, and (pinned) of
 * its pin, which is an identity without an ad account. */
struct link {
    const struct rcn_desired_sync *sync;
    struct link *next;
};

struct index {
    struct rcn_arena *arena;
    struct rcn_strmap *map;
};

static void put(struct index *index, const struct rcn_audience_sync *identity,
                const struct rcn_desired_sync *sync)
{
    size_t len;
    const char *key = rcn_identity_get_key(index->arena, identity, &len);
    void **place = rcn_strmap_put(index->map, key, len);
    struct link *link = rcn_arena_alloc(index->arena, sizeof *link);
    *link = (struct link){.sync = sync, .next = *place};
    *place = link;
}

static const struct link *find(const struct index *index, const struct rcn_audience_sync *identity)
{
    size_t len;
    const char *key = rcn_identity_get_key(index->arena, identity, &len);
    return rcn_strmap_get(index->map, key, len);
}

static struct rcn_audience_sync get_pin(const struct rcn_audience_sync *sync)
{
    return (struct rcn_audience_sync){
        .company_id = sync->company_id, .ad_account_id = "", .audience_name = sync->id};
}

static struct index make_index(const struct rcn_desired_set *set)
{
    struct index index = {.arena = rcn_arena_new(SIZE_MAX), .map = rcn_strmap_new(set->count)};
    /* Each goes to the head of its chain, so the last is put in first. */
    for (size_t i = set->count; i-- > 0;) {
        const struct rcn_desired_sync *sync = &set->syncs[i];
        const struct rcn_audience_sync pin = get_pin(&sync->sync);
        put(&index, &sync->sync, sync);
        if (sync->sync.id)
            put(&index, &pin, sync);
    }
    return index;
}

static void release(struct index *index)
{
    rcn_strmap_free(index->map);
    rcn_arena_free(index->arena);
}

/* The one of the chain with that pin (NULL: without one), or NULL. */
static const struct link *find_pinned(const struct link *chain, const char *id)
{
    while (chain && !rcn_text_is_same(chain->sync->sync.id, id))
        chain = chain->next;
    return chain;
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
    bool is_same = a->label_count == b->label_count;
    for (size_t i = 0; is_same && i < a->label_count; i++)
        is_same =
            rcn_text_is_same(rcn_desired_sync_get_label(b, a->labels[i].key), a->labels[i].value);
    return is_same;
}

static bool has_same_replaces(const struct rcn_desired_sync *a, const struct rcn_desired_sync *b)
{
    bool is_same = a->replaces_count == b->replaces_count;
    for (size_t i = 0; is_same && i < a->replaces_count; i++)
        is_same = strcmp(a->replaces[i], b->replaces[i]) == 0;
    return is_same;
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
    compare_field(&text, "isActive", rcn_tristate_names[a->is_active],
                  rcn_tristate_names[b->is_active]);
    if (!has_same_labels(before, now))
        rcn_buf_printf(&text, "%slabels differ", text.len ? ", " : "");
    if (!has_same_replaces(before, now))
        rcn_buf_printf(&text, "%sreplaces differs", text.len ? ", " : "");
    const char *result = text.len ? rcn_arena_strdup(arena, rcn_buf_get_str(&text)) : NULL;
    rcn_buf_release(&text);
    return result;
}

/* --- rows --- */

static void mark_desired(struct rcn_plan *plan, struct rcn_plan_row *row, const struct index *base)
{
    const struct link *chain = find(base, &row->desired->sync);
    const struct link *same = find_pinned(chain, row->desired->sync.id);
    const struct link *before = same ? same : chain;
    const char *note = before ? describe(plan->arena, before->sync, row->desired) : NULL;
    row->origin = note ? RCN_ORIGIN_CHANGED : before ? RCN_ORIGIN_BASE : RCN_ORIGIN_NEW;
    if (note)
        rcn_notes_add(plan->arena, row, "this change: %s", note);
}

/* No manifest has it here. One has it there by its id, or by its identity without another id. */
static void mark_unmanaged(struct rcn_plan_row *row, const struct index *base)
{
    const struct rcn_audience_sync *live = &row->live[0]->sync;
    const struct rcn_audience_sync pin = get_pin(live);
    bool was_managed = find(base, &pin) || find_pinned(find(base, live), NULL);
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
    release(&index);
    /* Identities that the manifests have there and not here. A selection does not choose among
     * them: then they are not counted. */
    size_t removed = 0;
    index = make_index(desired);
    for (size_t i = 0; i < base->count && !plan->is_selected; i++)
        removed += !find(&index, &base->syncs[i].sync);
    release(&index);
    facts->removed_not_live = removed > facts->removed ? removed - facts->removed : 0;
    plan->base = facts;
}
