#include "plan/ignores.h"

#include <stdlib.h>
#include <string.h>

#include "base/glob.h"
#include "base/strmap.h"
#include "plan/notes.h"

/* One entry. Those in one chain, and the array of all, are in the order of the manifests. */
struct link {
    const struct rcn_ignore *ignore;
    struct link *next;
    size_t back_again; /* rows that count again because it has ended */
};

/* Each entry is in one of the three. */
struct rcn_ignores {
    struct link *links;
    size_t count;
    int64_t now_ms;
    struct rcn_strmap *by_name;    /* struct link: a name without a pattern */
    struct rcn_strmap *by_account; /* struct link: any name in that ad account */
    struct link *patterns;
};

enum { CHAIN_COUNT = 3 };

static int put_first(struct rcn_strmap *map, const char *key, struct link *link)
{
    void **place = rcn_strmap_put(map, key, strlen(key));
    if (!place)
        return -1;
    link->next = *place;
    *place = link;
    return 0;
}

static int add(struct rcn_ignores *ignores, struct link *link)
{
    const struct rcn_ignore *ignore = link->ignore;
    if (!ignore->audience_name)
        return put_first(ignores->by_account, ignore->ad_account_id, link);
    if (rcn_glob_is_plain(ignore->audience_name))
        return put_first(ignores->by_name, ignore->audience_name, link);
    link->next = ignores->patterns;
    ignores->patterns = link;
    return 0;
}

static int fill(struct rcn_ignores *ignores, const struct rcn_desired_set *desired)
{
    ignores->count = desired->ignore_count;
    ignores->links = calloc(ignores->count + 1, sizeof *ignores->links);
    ignores->by_name = rcn_strmap_new(ignores->count);
    ignores->by_account = rcn_strmap_new(0);
    if (!ignores->links || !ignores->by_name || !ignores->by_account)
        return -1;
    /* Each goes to the head of its chain, so the last is put in first. */
    for (size_t i = ignores->count; i-- > 0;) {
        ignores->links[i].ignore = &desired->ignores[i];
        if (add(ignores, &ignores->links[i]))
            return -1;
    }
    return 0;
}

struct rcn_ignores *rcn_ignores_new(const struct rcn_desired_set *desired, int64_t now_ms,
                                    struct rcn_error *err)
{
    struct rcn_ignores *ignores = calloc(1, sizeof *ignores);
    if (!ignores || fill(ignores, desired)) {
        rcn_ignores_free(ignores);
        rcn_error_no_memory(err);
        return NULL;
    }
    ignores->now_ms = now_ms;
    return ignores;
}

void rcn_ignores_free(struct rcn_ignores *ignores)
{
    if (!ignores)
        return;
    rcn_strmap_free(ignores->by_name);
    rcn_strmap_free(ignores->by_account);
    free(ignores->links);
    free(ignores);
}

static bool fits(const struct rcn_ignore *ignore, const struct rcn_audience_sync *sync)
{
    if (!rcn_text_is_same(ignore->company_id, sync->company_id))
        return false;
    if (ignore->ad_account_id && strcmp(ignore->ad_account_id, sync->ad_account_id) != 0)
        return false;
    return !ignore->audience_name || rcn_glob_matches(ignore->audience_name, sync->audience_name);
}

static bool is_in_force(const struct rcn_ignores *ignores, const struct rcn_ignore *ignore)
{
    return !ignore->until_text || ignores->now_ms < ignore->until_ms;
}

/* The next entry of all chains in the order of the manifests; NULL at the end. */
static struct link *take_next(struct link *chains[CHAIN_COUNT])
{
    struct link **first = NULL;
    for (size_t i = 0; i < CHAIN_COUNT; i++)
        if (chains[i] && (!first || chains[i] < *first))
            first = &chains[i];
    if (!first)
        return NULL;
    struct link *ret = *first;
    *first = ret->next;
    return ret;
}

int rcn_ignores_judge(struct rcn_ignores *ignores, struct rcn_arena *arena,
                      struct rcn_plan_row *row, const struct rcn_audience_sync *sync,
                      struct rcn_error *err)
{
    if (row->status == RCN_STATUS_IN_SYNC && !row->health)
        return 0;
    struct link *chains[CHAIN_COUNT] = {
        rcn_strmap_get(ignores->by_name, sync->audience_name, strlen(sync->audience_name)),
        rcn_strmap_get(ignores->by_account, sync->ad_account_id, strlen(sync->ad_account_id)),
        ignores->patterns};
    struct link *ended = NULL;
    for (struct link *link = take_next(chains); link; link = take_next(chains)) {
        if (!fits(link->ignore, sync))
            continue;
        if (is_in_force(ignores, link->ignore)) {
            row->is_ignored = true;
            row->ignore_reason = link->ignore->reason;
            row->ignore_until = link->ignore->until_text;
            return 0;
        }
        ended = link;
    }
    if (!ended)
        return 0;
    ended->back_again++;
    return rcn_notes_add_expired(arena, row, ended->ignore) ? rcn_error_no_memory(err) : 0;
}

void rcn_ignores_warn_of_ended(const struct rcn_ignores *ignores, struct rcn_diags *diags)
{
    for (size_t i = 0; i < ignores->count; i++) {
        const struct rcn_ignore *ignore = ignores->links[i].ignore;
        size_t count = ignores->links[i].back_again;
        if (!count)
            continue;
        struct rcn_diag *diag =
            rcn_diags_warning(diags, "expired-ignore", ignore->location,
                              "this 'ignore' entry ended on %s: %zu %s again", ignore->until_text,
                              count, count == 1 ? "difference counts" : "differences count");
        rcn_diag_set_hint(diags, diag, "settle what it hides, or set a later 'until'");
    }
}
