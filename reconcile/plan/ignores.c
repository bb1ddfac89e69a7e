#include "plan/ignores.h"

#include <stdlib.h>
#include <string.h>

#include "base/glob.h"
#include "base/memory.h"
#include "base/strmap.h"

/* One entry. Those in one chain, and the array of all, are in the order of the manifests. */
struct link {
    const struct rcn_ignore *ignore;
    struct link *next;
    size_t back_again; /* syncs that count again because it has ended */
    bool is_used;
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

static void put_first(struct rcn_strmap *map, const char *key, struct link *link)
{
    void **place = rcn_strmap_put(map, key, strlen(key));
    link->next = *place;
    *place = link;
}

struct rcn_ignores *rcn_ignores_new(const struct rcn_desired_set *desired, int64_t now_ms)
{
    struct rcn_ignores *ignores = rcn_calloc(1, sizeof *ignores);
    ignores->count = desired->ignore_count;
    ignores->links = rcn_calloc(ignores->count + 1, sizeof *ignores->links);
    ignores->by_name = rcn_strmap_new(ignores->count);
    ignores->by_account = rcn_strmap_new(0);
    ignores->now_ms = now_ms;
    /* Each goes to the head of its chain, so the last is put in first. */
    for (size_t i = ignores->count; i-- > 0;) {
        const struct rcn_ignore *ignore = &desired->ignores[i];
        struct link *link = &ignores->links[i];
        link->ignore = ignore;
        if (!ignore->audience_name) {
            put_first(ignores->by_account, ignore->ad_account_id, link);
        } else if (rcn_glob_is_plain(ignore->audience_name)) {
            put_first(ignores->by_name, ignore->audience_name, link);
        } else {
            link->next = ignores->patterns;
            ignores->patterns = link;
        }
    }
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

static bool covers(const struct rcn_ignore *ignore, const struct rcn_audience_sync *sync)
{
    if (!rcn_text_is_same(ignore->company_id, sync->company_id))
        return false;
    if (ignore->ad_account_id && strcmp(ignore->ad_account_id, sync->ad_account_id) != 0)
        return false;
    return !ignore->audience_name || rcn_glob_matches(ignore->audience_name, sync->audience_name);
}

/* The chains that may hold an entry for the sync. */
static void get_chains(const struct rcn_ignores *ignores, const struct rcn_audience_sync *sync,
                       struct link *ret[CHAIN_COUNT])
{
    const char *name = sync->audience_name;
    const char *account = sync->ad_account_id;
    ret[0] = rcn_strmap_get(ignores->by_name, name, strlen(name));
    ret[1] = rcn_strmap_get(ignores->by_account, account, strlen(account));
    ret[2] = ignores->patterns;
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

const struct rcn_ignore *rcn_ignores_find(struct rcn_ignores *ignores,
                                          const struct rcn_audience_sync *sync,
                                          const struct rcn_ignore **ret_ended)
{
    struct link *chains[CHAIN_COUNT];
    struct link *ended = NULL;
    *ret_ended = NULL;
    if (ignores->count == 0)
        return NULL;
    get_chains(ignores, sync, chains);
    for (struct link *link = take_next(chains); link; link = take_next(chains)) {
        const struct rcn_ignore *ignore = link->ignore;
        if (!covers(ignore, sync))
            continue;
        if (!ignore->until_text || ignores->now_ms < ignore->until_ms)
            return ignore;
        ended = link;
    }
    if (ended) {
        ended->back_again++;
        *ret_ended = ended->ignore;
    }
    return NULL;
}

void rcn_ignores_use(struct rcn_ignores *ignores, const struct rcn_audience_sync *sync)
{
    struct link *chains[CHAIN_COUNT];
    get_chains(ignores, sync, chains);
    for (size_t i = 0; i < CHAIN_COUNT; i++)
        for (struct link *link = chains[i]; link; link = link->next)
            link->is_used = link->is_used || covers(link->ignore, sync);
}

void rcn_ignores_warn(const struct rcn_ignores *ignores, bool warns_of_unused,
                      struct rcn_diags *diags)
{
    for (size_t i = 0; i < ignores->count; i++) {
        const struct link *link = &ignores->links[i];
        const struct rcn_ignore *ignore = link->ignore;
        size_t count = link->back_again;
        if (count) {
            struct rcn_diag *diag = rcn_diags_warning(
                diags, "expired-ignore", ignore->location,
                "this 'ignore' entry ended on %s: %zu %s again", ignore->until_text, count,
                count == 1 ? "difference counts" : "differences count");
            rcn_diag_set_hint(diags, diag, "resolve what it hides, or set a later 'until'");
        } else if (warns_of_unused && !link->is_used) {
            struct rcn_diag *diag = rcn_diags_warning(diags, "unused-ignore", ignore->location,
                                                      "this 'ignore' entry matches no live sync");
            rcn_diag_set_hint(diags, diag, "check the spelling, or remove the entry");
        }
    }
}
