#include "manifest/validate.h"

#include <string.h>

#include "base/strmap.h"
#include "base/unicode.h"
#include "manifest/decoder.h"

/* Keys of maps: at most three parts of RCN_VALUE_MAX for each of a million syncs, in practice 100
 * bytes each. */
#define MAX_KEY_BYTES ((size_t)4 << 30)

/*
 * What was seen of one identity or pin. Syncs whose company was settled just now are kept apart
 * from the others, because only pairs across the two are new.
 */
struct group {
    const struct rcn_desired_sync *first[2];
    const struct rcn_desired_sync *unpinned[2];
    bool told;
};

/*
 * Nearly all syncs have a name that no other is even similar to. So one map over folded names holds
 * the first sync of each; groups, and a map of exact identities, are made where a fold repeats.
 */
struct checker {
    const struct rcn_desired_set *set;
    const bool *newly_settled;
    struct rcn_diags *diags;
    struct rcn_arena *arena;       /* keys and groups */
    struct rcn_strmap *folds;      /* the first sync of a folded identity */
    struct rcn_strmap *identities; /* groups of identities whose fold repeats */
    struct rcn_strmap *pins;       /* groups */
};

static struct group *find_group(struct checker *checker, struct rcn_strmap *map, const char *key,
                                size_t len)
{
    void **place = key ? rcn_strmap_put(map, key, len) : NULL;
    if (place && !*place)
        *place = rcn_arena_alloc(checker->arena, sizeof(struct group));
    return place ? *place : NULL;
}

/* Which of the two kinds a sync is, and which it is compared with. */
static size_t get_kind(const struct checker *checker, const struct rcn_desired_sync *sync)
{
    return checker->newly_settled && checker->newly_settled[sync - checker->set->syncs];
}

static size_t get_other_kind(const struct checker *checker, size_t kind)
{
    return checker->newly_settled ? !kind : kind;
}

static void remember(struct group *group, size_t kind, const struct rcn_desired_sync *sync)
{
    if (!group->first[kind])
        group->first[kind] = sync;
    if (!group->unpinned[kind] && !sync->sync.id)
        group->unpinned[kind] = sync;
}

/* --- identities --- */

static void report_identity(struct checker *checker, const struct rcn_desired_sync *sync,
                            const struct rcn_desired_sync *other)
{
    char name[RCN_QUOTE_SIZE];
    char account[RCN_QUOTE_SIZE];
    const char *account_id = sync->sync.ad_account_id;
    struct rcn_diag *diag =
        rcn_diags_error(checker->diags, "duplicate-sync", sync->location,
                        "sync '%s' of ad account '%s' is there twice",
                        rcn_quote(name, sync->sync.audience_name, strlen(sync->sync.audience_name)),
                        rcn_quote(account, account_id, strlen(account_id)));
    rcn_diag_set_note(checker->diags, diag, other->location, "first defined here");
    rcn_diag_set_hint(checker->diags, diag,
                      "remove one; if both are live, give each its own 'id:'");
}

/*
 * Several syncs may share an identity if each has a pin. A sync without one is told against the
 * first; one with a pin is told against one without, once: that one is the mistake.
 */
static void check_identity(struct checker *checker, struct group *group,
                           const struct rcn_desired_sync *sync)
{
    size_t kind = get_kind(checker, sync);
    size_t other = get_other_kind(checker, kind);
    const struct rcn_desired_sync *against = NULL;
    if (!sync->sync.id)
        against = group->first[other];
    else if (!group->told)
        against = group->unpinned[other];
    if (against) {
        group->told = true;
        report_identity(checker, sync, against);
    }
    remember(group, kind, sync);
}

/* --- pins --- */

static const char *make_pin_key(struct rcn_arena *arena, const struct rcn_audience_sync *sync,
                                size_t *ret_len)
{
    const char *company = sync->company_id ? sync->company_id : "";
    *ret_len = strlen(company) + 1 + strlen(sync->id);
    char *key = rcn_arena_printf(arena, "%s\n%s", company, sync->id);
    return key;
}

static int check_pin(struct checker *checker, const struct rcn_desired_sync *sync)
{
    size_t len;
    const char *key = make_pin_key(checker->arena, &sync->sync, &len);
    struct group *group = find_group(checker, checker->pins, key, len);
    if (!group)
        return -1;
    size_t kind = get_kind(checker, sync);
    const struct rcn_desired_sync *first = group->first[get_other_kind(checker, kind)];
    if (first) {
        char quoted[RCN_QUOTE_SIZE];
        struct rcn_diag *diag = rcn_diags_error(
            checker->diags, "duplicate-sync", sync->id_span, "id '%s' pins two syncs",
            rcn_quote(quoted, sync->sync.id, strlen(sync->sync.id)));
        rcn_diag_set_note(checker->diags, diag, first->id_span, "first used here");
    }
    remember(group, kind, sync);
    return 0;
}

/* --- similar names --- */

static const char *make_fold_key(struct rcn_arena *arena, const struct rcn_audience_sync *sync,
                                 size_t *ret_len)
{
    struct rcn_audience_sync folded = *sync;
    folded.audience_name = rcn_unicode_fold(arena, sync->audience_name, false);
    return folded.audience_name ? rcn_identity_get_key(arena, &folded, ret_len) : NULL;
}

static void report_similar(struct checker *checker, const struct rcn_desired_sync *sync,
                           const struct rcn_desired_sync *first)
{
    char name[RCN_QUOTE_SIZE];
    char other[RCN_QUOTE_SIZE];
    struct rcn_diag *diag = rcn_diags_warning(
        checker->diags, "similar-name", sync->location,
        "name '%s' differs from '%s' only in case or Unicode form",
        rcn_quote(name, sync->sync.audience_name, strlen(sync->sync.audience_name)),
        rcn_quote(other, first->sync.audience_name, strlen(first->sync.audience_name)));
    rcn_diag_set_note(checker->diags, diag, first->location, "the other one is here");
}

static struct group *find_identity(struct checker *checker, const struct rcn_desired_sync *sync)
{
    size_t len = 0;
    const char *key = rcn_identity_get_key(checker->arena, &sync->sync, &len);
    return find_group(checker, checker->identities, key, len);
}

/* A sync whose folded name was there before, first with `first`. */
static int check_repeated(struct checker *checker, const struct rcn_desired_sync *sync,
                          const struct rcn_desired_sync *first)
{
    struct group *first_group = find_identity(checker, first);
    if (!first_group)
        return -1;
    if (!first_group->first[get_kind(checker, first)])
        remember(first_group, get_kind(checker, first), first);
    struct group *group = find_identity(checker, sync);
    if (!group)
        return -1;
    bool is_new = !group->first[0] && !group->first[1];
    bool is_new_pair =
        !checker->newly_settled || get_kind(checker, sync) != get_kind(checker, first);
    if (is_new && is_new_pair)
        report_similar(checker, sync, first);
    check_identity(checker, group, sync);
    return 0;
}

/* --- all --- */

static int check_sync(struct checker *checker, struct rcn_desired_sync *sync)
{
    size_t len = 0;
    const char *key = make_fold_key(checker->arena, &sync->sync, &len);
    void **place = key ? rcn_strmap_put(checker->folds, key, len) : NULL;
    if (!place || (sync->sync.id && check_pin(checker, sync)))
        return -1;
    if (*place)
        return check_repeated(checker, sync, *place);
    *place = sync;
    return 0;
}

static int check_all(struct checker *checker)
{
    if (!checker->arena || !checker->identities || !checker->pins || !checker->folds)
        return -1;
    for (size_t i = 0; i < checker->set->count; i++)
        if (check_sync(checker, &checker->set->syncs[i]))
            return -1;
    return 0;
}

int rcn_desired_set_validate(const struct rcn_desired_set *set, const bool *newly_settled,
                             struct rcn_diags *diags, struct rcn_error *err)
{
    struct checker checker = {
        .set = set,
        .newly_settled = newly_settled,
        .diags = diags,
        .arena = rcn_arena_new(MAX_KEY_BYTES),
        .identities = rcn_strmap_new(0),
        .pins = rcn_strmap_new(0),
        .folds = rcn_strmap_new(set->count),
    };
    int result = check_all(&checker);
    rcn_strmap_free(checker.folds);
    rcn_strmap_free(checker.pins);
    rcn_strmap_free(checker.identities);
    rcn_arena_free(checker.arena);
    return result ? rcn_error_no_memory(err) : 0;
}
