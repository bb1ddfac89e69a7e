/*
 * What no sync breaks alone: the same identity, pin or segment twice, names that people cannot tell
 * apart.
 *
 * An error ends the run before the next check, so errors are new; a warning of two syncs is new in
 * a later check when one of them, and not both, was settled since.
 */
#include <stdint.h>
#include <string.h>

#include "base/strmap.h"
#include "base/unicode.h"
#include "manifest/decoder.h"
#include "manifest/manifest.h"

/* What was seen of one identity. */
struct group {
    const struct rcn_desired_sync *first;
    const struct rcn_desired_sync *unpinned;
    bool is_reported;
};

/* A segment in one ad account, and who has it under another name than the first. */
struct shared_segment {
    const struct rcn_desired_sync *first;
    const struct rcn_desired_sync *second;
    size_t others;
    struct shared_segment *next;
};

struct checker {
    struct rcn_diags *diags;
    bool is_first;
    struct rcn_arena *arena;       /* keys and what the maps hold */
    struct rcn_strmap *identities; /* struct group, of those whose fold repeats */
    struct rcn_strmap *folds;      /* the first sync of a folded identity */
    struct rcn_strmap *pins;       /* the first sync with that pin */
    struct rcn_strmap *segments;   /* struct shared_segment */
    struct shared_segment *shared; /* those with a second one, in order */
    struct shared_segment **last_shared;
};

static bool is_new_pair(const struct checker *checker, const struct rcn_desired_sync *a,
                        const struct rcn_desired_sync *b)
{
    return checker->is_first || a->is_new != b->is_new;
}

/* The place in the map for what the sync has in common with others in that ad account. */
static void **find(struct checker *checker, struct rcn_strmap *map,
                   const struct rcn_desired_sync *sync, const char *account, const char *text)
{
    size_t len;
    const struct rcn_audience_sync parts = {
        .company_id = sync->sync.company_id, .ad_account_id = account, .audience_name = text};
    const char *key = rcn_identity_get_key(checker->arena, &parts, &len);
    return rcn_strmap_put(map, key, len);
}

/*
 * Several syncs may share an identity if each has a pin. A sync without one is reported against the
 * first; one with a pin against one without, once: that one is the mistake.
 */
static void check_identity(struct checker *checker, struct group *group,
                           const struct rcn_desired_sync *sync)
{
    char name[RCN_QUOTE_SIZE];
    char account[RCN_QUOTE_SIZE];
    const struct rcn_audience_sync *is = &sync->sync;
    const struct rcn_desired_sync *against = !is->id               ? group->first
                                             : !group->is_reported ? group->unpinned
                                                                   : NULL;
    if (!group->first)
        group->first = sync;
    if (!group->unpinned && !is->id)
        group->unpinned = sync;
    if (!against)
        return;
    group->is_reported = true;
    struct rcn_diag *diag = rcn_diags_error(
        checker->diags, "duplicate-sync", sync->location, "duplicate sync '%s' in ad account '%s'",
        rcn_quote(name, is->audience_name),
        rcn_quote(account, is->ad_account_id ? is->ad_account_id : sync->ad_account_name));
    rcn_diag_set_note(checker->diags, diag, against->location, "first defined here");
    rcn_diag_set_hint(checker->diags, diag,
                      "remove one; if both are live, give each its own 'id:'");
}

static struct group *find_group(struct checker *checker, const struct rcn_desired_sync *sync,
                                const char *account)
{
    void **place = find(checker, checker->identities, sync, account, sync->sync.audience_name);
    if (!*place)
        *place = rcn_arena_alloc(checker->arena, sizeof(struct group));
    return *place;
}

/* Nearly all syncs have a name that no other is even similar to, so groups are made only where a
 * folded name repeats. */
static void check_name(struct checker *checker, struct rcn_desired_sync *sync, const char *account)
{
    const char *folded = rcn_unicode_fold(checker->arena, sync->sync.audience_name, false);
    void **place = find(checker, checker->folds, sync, account, folded);
    const struct rcn_desired_sync *first = *place;
    if (!first) {
        *place = sync;
        return;
    }
    struct group *first_group = find_group(checker, first, account);
    if (!first_group->first)
        check_identity(checker, first_group, first);
    struct group *group = find_group(checker, sync, account);
    if (!group->first && is_new_pair(checker, sync, first)) {
        char name[RCN_QUOTE_SIZE];
        char other[RCN_QUOTE_SIZE];
        struct rcn_diag *diag = rcn_diags_warning(
            checker->diags, "similar-name", sync->location,
            "name '%s' differs from '%s' only in case or Unicode form",
            rcn_quote(name, sync->sync.audience_name), rcn_quote(other, first->sync.audience_name));
        rcn_diag_set_note(checker->diags, diag, first->location, "the other one is here");
    }
    check_identity(checker, group, sync);
}

static void check_pin(struct checker *checker, struct rcn_desired_sync *sync)
{
    void **place = find(checker, checker->pins, sync, "", sync->sync.id);
    const struct rcn_desired_sync *first = *place;
    if (first) {
        char quoted[RCN_QUOTE_SIZE];
        struct rcn_diag *diag =
            rcn_diags_error(checker->diags, "duplicate-sync", sync->id_span,
                            "id '%s' pins two syncs", rcn_quote(quoted, sync->sync.id));
        rcn_diag_set_note(checker->diags, diag, first->id_span, "first used here");
    }
    *place = sync;
}

/* Two audiences of the same people in one account bid against each other, and one may be a
 * leftover. */
static void check_segment(struct checker *checker, const struct rcn_desired_sync *sync,
                          const char *account)
{
    const char *segment = sync->sync.segment_id;
    if (!segment && sync->segment_name)
        segment = rcn_arena_printf(checker->arena, "name=%s", sync->segment_name);
    if (!segment && sync->sync.predefined_segment_id)
        segment = rcn_arena_printf(checker->arena, "template=%s", sync->sync.predefined_segment_id);
    if (!segment)
        return;
    void **place = find(checker, checker->segments, sync, account, segment);
    struct shared_segment *shared = *place;
    if (!shared) {
        shared = *place = rcn_arena_alloc(checker->arena, sizeof *shared);
        shared->first = sync;
    } else if (strcmp(shared->first->sync.audience_name, sync->sync.audience_name) != 0 &&
               is_new_pair(checker, sync, shared->first)) {
        shared->others++;
        if (shared->second)
            return;
        shared->second = sync;
        *checker->last_shared = shared;
        checker->last_shared = &shared->next;
    }
}

/* One warning a segment, however many have it. */
static void report_shared(struct checker *checker)
{
    char name[RCN_QUOTE_SIZE];
    char other[RCN_QUOTE_SIZE];
    for (const struct shared_segment *it = checker->shared; it; it = it->next) {
        struct rcn_diag *diag =
            rcn_diags_warning(checker->diags, "same-segment", it->second->location,
                              "'%s' has the same segment and ad account as '%s'",
                              rcn_quote(name, it->second->sync.audience_name),
                              rcn_quote(other, it->first->sync.audience_name));
        rcn_diag_set_note(checker->diags, diag, it->first->location, "the other one is here");
        if (it->others > 1)
            rcn_diag_set_hint(checker->diags, diag, "%zu more have it too", it->others - 1);
    }
}

void rcn_manifest_check(struct rcn_desired_set *set, bool is_first, struct rcn_diags *diags)
{
    struct checker checker = {
        .diags = diags,
        .is_first = is_first,
        .arena = rcn_arena_new(SIZE_MAX),
        .identities = rcn_strmap_new(0),
        .folds = rcn_strmap_new(set->count),
        .pins = rcn_strmap_new(0),
        .segments = rcn_strmap_new(set->count),
    };
    checker.last_shared = &checker.shared;
    for (size_t i = 0; i < set->count; i++) {
        struct rcn_desired_sync *sync = &set->syncs[i];
        /* One name means one ad account, whatever its id; no id begins with `=`. */
        const char *account = sync->sync.ad_account_id
                                  ? sync->sync.ad_account_id
                                  : rcn_arena_printf(checker.arena, "=%s", sync->ad_account_name);
        check_name(&checker, sync, account);
        check_segment(&checker, sync, account);
        if (sync->sync.id)
            check_pin(&checker, sync);
    }
    report_shared(&checker);
    for (size_t i = 0; i < set->count; i++)
        set->syncs[i].is_new = false;
    rcn_strmap_free(checker.identities);
    rcn_strmap_free(checker.folds);
    rcn_strmap_free(checker.pins);
    rcn_strmap_free(checker.segments);
    rcn_arena_free(checker.arena);
}

void rcn_manifest_check_new(struct rcn_desired_set *set, struct rcn_diags *diags)
{
    for (size_t i = 0; i < set->count; i++)
        if (set->syncs[i].is_new) {
            rcn_manifest_check(set, false, diags);
            return;
        }
}
