#include "plan/ignores.h"

#include <stdlib.h>
#include <string.h>

#include "base/glob.h"
#include "base/memory.h"

struct entry {
    const struct rcn_ignore *ignore;
    size_t back_again; /* syncs that count again because it has ended */
    bool is_used;
};

struct rcn_ignores {
    struct entry *entries; /* in the order of the manifests */
    size_t count;
    int64_t now_ms;
};

struct rcn_ignores *rcn_ignores_new(const struct rcn_desired_set *desired, int64_t now_ms)
{
    struct rcn_ignores *ignores = rcn_calloc(1, sizeof *ignores);
    ignores->count = desired->ignore_count;
    ignores->entries = rcn_calloc(ignores->count + 1, sizeof *ignores->entries);
    ignores->now_ms = now_ms;
    for (size_t i = 0; i < ignores->count; i++)
        ignores->entries[i].ignore = &desired->ignores[i];
    return ignores;
}

void rcn_ignores_free(struct rcn_ignores *ignores)
{
    free(ignores->entries);
    free(ignores);
}

static bool covers(const struct rcn_ignore *ignore, const struct rcn_audience_sync *sync)
{
    return rcn_text_is_same(ignore->company_id, sync->company_id) &&
           (!ignore->ad_account_id || strcmp(ignore->ad_account_id, sync->ad_account_id) == 0) &&
           (!ignore->audience_name || rcn_glob_matches(ignore->audience_name, sync->audience_name));
}

const struct rcn_ignore *rcn_ignores_find(struct rcn_ignores *ignores,
                                          const struct rcn_audience_sync *sync,
                                          const struct rcn_ignore **ret_ended)
{
    struct entry *ended = NULL;
    *ret_ended = NULL;
    for (size_t i = 0; i < ignores->count; i++) {
        const struct rcn_ignore *ignore = ignores->entries[i].ignore;
        if (!covers(ignore, sync))
            continue;
        if (!ignore->until_text || ignores->now_ms < ignore->until_ms)
            return ignore;
        ended = &ignores->entries[i];
    }
    if (ended) {
        ended->back_again++;
        *ret_ended = ended->ignore;
    }
    return NULL;
}

void rcn_ignores_use(struct rcn_ignores *ignores, const struct rcn_audience_sync *sync)
{
    for (size_t i = 0; i < ignores->count; i++)
        if (!ignores->entries[i].is_used)
            ignores->entries[i].is_used = covers(ignores->entries[i].ignore, sync);
}

void rcn_ignores_warn(const struct rcn_ignores *ignores, bool warns_of_unused,
                      struct rcn_diags *diags)
{
    for (size_t i = 0; i < ignores->count; i++) {
        const struct rcn_ignore *ignore = ignores->entries[i].ignore;
        size_t count = ignores->entries[i].back_again;
        if (count) {
            struct rcn_diag *diag = rcn_diags_warning(
                diags, "expired-ignore", ignore->location,
                "this 'ignore' entry ended on %s: %zu %s again", ignore->until_text, count,
                count == 1 ? "difference counts" : "differences count");
            rcn_diag_set_hint(diags, diag, "resolve what it hides, or set a later 'until'");
        } else if (warns_of_unused && !ignores->entries[i].is_used) {
            struct rcn_diag *diag = rcn_diags_warning(diags, "unused-ignore", ignore->location,
                                                      "this 'ignore' entry matches no live sync");
            rcn_diag_set_hint(diags, diag, "check the spelling, or remove the entry");
        }
    }
}
