#include "plan/names.h"

#include <stdlib.h>

#include "base/memory.h"
#include "base/suggest.h"

/* What the two kinds of names differ in. */
struct kind {
    const char *rule;
    const char *what;
    const char *key; /* by which the id is written */
    const char *command;
};
static const struct kind account_kind = {"unknown-ad-account", "ad account", "adAccountId",
                                         "ad-accounts"};
static const struct kind segment_kind = {"unknown-segment", "segment", "segmentId", "segments"};

/* The name of an ad account or segment of the company, by index, and its id. */
static const char *get_name(const struct rcn_live_company *company, const struct kind *kind,
                            size_t index, const char **ret_id)
{
    if (kind == &account_kind) {
        *ret_id = company->ad_accounts[index].id;
        return company->ad_accounts[index].name;
    }
    *ret_id = company->segments[index].id;
    return company->segments[index].name;
}

/* The id, or NULL and a diagnostic. */
static const char *resolve(const struct rcn_live_company *company, const struct kind *kind,
                           const char *name, struct rcn_span span, struct rcn_diags *diags)
{
    enum { MAX_IDS = 10 };
    const bool is_account = kind == &account_kind;
    const size_t entry_count = is_account ? company->ad_account_count : company->segment_count;
    const char *where = company->company_id ? company->company_id : "the key's own company";
    if ((is_account ? company->ad_accounts_status : company->segments_status) != RCN_READ_OK) {
        const char *problem = is_account ? company->ad_accounts_problem : company->segments_problem;
        struct rcn_diag *diag = rcn_diags_add_once(
            diags, RCN_SEVERITY_ERROR, kind->rule, span,
            "the %s '%.200s' cannot be looked up: the %ss of %s were not read: %s", kind->what,
            name, kind->what, where, problem ? problem : "they were not asked for");
        rcn_diag_set_hint(diags, diag, "write '%s', or give the key the right to read %ss",
                          kind->key, kind->what);
        return NULL;
    }
    const char *found = NULL;
    const char *ids = NULL;
    size_t count = 0;
    for (size_t i = 0; i < entry_count; i++) {
        const char *id;
        if (!rcn_text_is_same(get_name(company, kind, i, &id), name))
            continue;
        found = id;
        if (count++ < MAX_IDS)
            ids = ids ? rcn_arena_printf(diags->arena, "%s, %s", ids, id) : id;
    }
    if (count == 1)
        return found;
    if (count > 1) {
        struct rcn_diag *diag = rcn_diags_add_once(
            diags, RCN_SEVERITY_ERROR, kind->rule, span, "%zu %ss are called '%.200s' in %s: %s%s",
            count, kind->what, name, where, ids, count > MAX_IDS ? ", ..." : "");
        rcn_diag_set_hint(diags, diag, "write '%s' with one of these ids", kind->key);
        return NULL;
    }
    struct rcn_diag *diag =
        rcn_diags_add_once(diags, RCN_SEVERITY_ERROR, kind->rule, span,
                           "no %s is called '%.200s' in %s", kind->what, name, where);
    if (!diag)
        return NULL;
    const char **names = rcn_calloc(entry_count, sizeof *names);
    for (size_t i = 0; i < entry_count; i++) {
        const char *id;
        names[count] = get_name(company, kind, i, &id);
        count += names[count] != NULL;
    }
    const char *near = rcn_suggest(name, names, count);
    if (near)
        rcn_diag_set_hint(diags, diag, "did you mean '%s'?", near);
    else
        rcn_diag_set_hint(diags, diag, "'audiencectl get %s' lists those that exist",
                          kind->command);
    free(names);
    return NULL;
}

void rcn_names_resolve(struct rcn_desired_set *set, const struct rcn_live_state *live,
                       struct rcn_diags *diags)
{
    if (!set->needs_ad_accounts && !set->needs_segments)
        return;
    for (size_t i = 0; i < set->count; i++) {
        struct rcn_desired_sync *desired = &set->syncs[i];
        struct rcn_audience_sync *sync = &desired->sync;
        const struct rcn_live_company *company =
            rcn_live_state_find_company(live, sync->company_id);
        if (!company)
            continue;
        if (desired->ad_account_name && !sync->ad_account_id) {
            sync->ad_account_id = resolve(company, &account_kind, desired->ad_account_name,
                                          desired->ad_account_span, diags);
            desired->is_new = true;
        }
        if (desired->segment_name && !sync->segment_id) {
            sync->segment_id = resolve(company, &segment_kind, desired->segment_name,
                                       desired->segment_span, diags);
            desired->is_new = true;
        }
    }
}
