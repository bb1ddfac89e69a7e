/*
 * What no sync breaks alone: the same identity, pin or segment twice, names that look alike.
 *
 * An error ends the run before the next check, so errors are new; a warning of two syncs is new in
 * a later check when one of them, and not both, was settled since.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/unicode.h"
#include "manifest/decoder.h"
#include "manifest/manifest.h"

/* What syncs of one ad account (a pin: of one company) may have in common. */
enum trait { BY_NAME, BY_FOLDED_NAME, BY_SEGMENT, BY_PIN };

/* What is kept for the first sync with a name or a segment. */
struct group {
    const struct rcn_desired_sync *other; /* without a pin; or with another name than the first */
    size_t count;                         /* were reported; or have another name */
};

static const char *get_trait(struct rcn_arena *arena, const struct rcn_desired_sync *sync,
                             enum trait trait)
{
    const struct rcn_audience_sync *is = &sync->sync;
    switch (trait) {
    case BY_NAME:
        return is->audience_name;
    case BY_FOLDED_NAME:
        return rcn_unicode_fold(arena, is->audience_name, false);
    case BY_PIN:
        return is->id;
    case BY_SEGMENT:
        break;
    }
    if (is->segment_id)
        return is->segment_id;
    if (sync->segment_name)
        return rcn_arena_printf(arena, "name=%s", sync->segment_name);
    return is->predefined_segment_id
               ? rcn_arena_printf(arena, "template=%s", is->predefined_segment_id)
               : NULL;
}

/* For each sync the index of the first one that has the trait in common, most often its own. True
 * when there is another. */
static bool find_firsts(const struct rcn_desired_set *set, enum trait trait, size_t *ret)
{
    struct rcn_arena *arena = rcn_arena_new(SIZE_MAX);
    struct rcn_identity_map *map = rcn_identity_map_new(trait == BY_PIN ? 0 : set->count);
    bool has_other = false;
    for (size_t i = 0; i < set->count; i++) {
        const struct rcn_desired_sync *sync = &set->syncs[i];
        struct rcn_audience_sync parts = sync->sync;
        parts.audience_name = get_trait(arena, sync, trait);
        ret[i] = i;
        if (!parts.audience_name)
            continue;
        /* One name means one ad account, whatever its id; no id begins with `=`. */
        if (trait == BY_PIN)
            parts.ad_account_id = "";
        else if (!parts.ad_account_id)
            parts.ad_account_id = rcn_arena_printf(arena, "=%s", sync->ad_account_name);
        void **first = rcn_identity_map_put(map, &parts);
        *first = *first ? *first : &ret[i];
        ret[i] = *(const size_t *)*first;
        has_other |= ret[i] != i;
    }
    rcn_identity_map_free(map);
    rcn_arena_free(arena);
    return has_other;
}

/*
 * Several syncs may share an identity if each has a pin. A sync without one is reported against the
 * first; one with a pin against one without, once: that one is the mistake.
 * folds, names: the first sync with a folded name, and with the name itself.
 */
static void check_names(const struct rcn_desired_set *set, const size_t *folds, const size_t *names,
                        bool is_first, struct rcn_diags *diags)
{
    char name[RCN_QUOTE_SIZE];
    char other[RCN_QUOTE_SIZE];
    struct rcn_diag *diag;
    struct group *groups = rcn_calloc(set->count, sizeof *groups);
    for (size_t i = 0; i < set->count; i++) {
        const struct rcn_desired_sync *sync = &set->syncs[i];
        const struct rcn_desired_sync *similar = &set->syncs[folds[i]];
        const struct rcn_audience_sync *is = &sync->sync;
        rcn_quote(name, is->audience_name);
        if (names[i] == i && similar != sync && (is_first || sync->is_new != similar->is_new)) {
            diag = rcn_diags_warning(diags, "similar-name", sync->location,
                                     "name '%s' differs from '%s' only in case or Unicode form",
                                     name, rcn_quote(other, similar->sync.audience_name));
            rcn_diag_set_note(diags, diag, similar->location, "the other one is here");
        }
        struct group *group = &groups[names[i]];
        const struct rcn_desired_sync *against = group->count ? NULL : group->other;
        if (!is->id) {
            against = names[i] == i ? NULL : &set->syncs[names[i]];
            group->other = group->other ? group->other : sync;
        }
        if (!against)
            continue;
        group->count++;
        const char *account = is->ad_account_id ? is->ad_account_id : sync->ad_account_name;
        diag = rcn_diags_error(diags, "duplicate-sync", sync->location,
                               "duplicate sync '%s' in ad account '%s'", name,
                               rcn_quote(other, account));
        rcn_diag_set_note(diags, diag, against->location, "first defined here");
        rcn_diag_set_hint(diags, diag, "remove one; if both are live, give each its own 'id:'");
    }
    free(groups);
}

static void check_pins(const struct rcn_desired_set *set, const size_t *firsts,
                       struct rcn_diags *diags)
{
    char quoted[RCN_QUOTE_SIZE];
    for (size_t i = 0; i < set->count; i++) {
        if (firsts[i] == i)
            continue;
        struct rcn_diag *diag =
            rcn_diags_error(diags, "duplicate-sync", set->syncs[i].id_span,
                            "id '%s' pins two syncs", rcn_quote(quoted, set->syncs[i].sync.id));
        rcn_diag_set_note(diags, diag, set->syncs[firsts[i]].id_span, "first used here");
    }
}

/* Two audiences of the same people in one account bid against each other, and one may be a
 * leftover. One warning a segment, however many have it. */
static void check_segments(const struct rcn_desired_set *set, const size_t *firsts, bool is_first,
                           struct rcn_diags *diags)
{
    char name[RCN_QUOTE_SIZE];
    char other[RCN_QUOTE_SIZE];
    struct group *groups = rcn_calloc(set->count, sizeof *groups);
    for (size_t i = 0; i < set->count; i++) {
        const struct rcn_desired_sync *sync = &set->syncs[i];
        const struct rcn_desired_sync *first = &set->syncs[firsts[i]];
        struct group *group = &groups[firsts[i]];
        if (strcmp(first->sync.audience_name, sync->sync.audience_name) == 0 ||
            (!is_first && sync->is_new == first->is_new))
            continue;
        group->other = group->count++ ? group->other : sync;
    }
    for (size_t i = 0; i < set->count; i++) {
        const struct rcn_desired_sync *sync = &set->syncs[i];
        const struct rcn_desired_sync *first = &set->syncs[firsts[i]];
        const struct group *group = &groups[firsts[i]];
        if (group->other != sync)
            continue;
        struct rcn_diag *diag = rcn_diags_warning(
            diags, "same-segment", sync->location,
            "'%s' has the same segment and ad account as '%s'",
            rcn_quote(name, sync->sync.audience_name), rcn_quote(other, first->sync.audience_name));
        rcn_diag_set_note(diags, diag, first->location, "the other one is here");
        if (group->count > 1)
            rcn_diag_set_hint(diags, diag, "%zu more have it too", group->count - 1);
    }
    free(groups);
}

void rcn_manifest_check(struct rcn_desired_set *set, bool is_first, struct rcn_diags *diags)
{
    size_t *firsts = rcn_calloc(set->count + 1, sizeof *firsts);
    size_t *folds = rcn_calloc(set->count + 1, sizeof *folds);
    /* Nearly all syncs have a name that no other is even similar to. */
    if (find_firsts(set, BY_FOLDED_NAME, folds)) {
        find_firsts(set, BY_NAME, firsts);
        check_names(set, folds, firsts, is_first, diags);
    }
    if (find_firsts(set, BY_SEGMENT, firsts))
        check_segments(set, firsts, is_first, diags);
    if (find_firsts(set, BY_PIN, firsts))
        check_pins(set, firsts, diags);
    for (size_t i = 0; i < set->count; i++)
        set->syncs[i].is_new = false;
    free(firsts);
    free(folds);
}

void rcn_manifest_check_new(struct rcn_desired_set *set, struct rcn_diags *diags)
{
    for (size_t i = 0; i < set->count; i++)
        if (set->syncs[i].is_new) {
            rcn_manifest_check(set, false, diags);
            return;
        }
}
