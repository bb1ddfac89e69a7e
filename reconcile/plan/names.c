#include "plan/names.h"

#include <stdint.h>
#include <string.h>

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

/* What is called how in one company, in the order of ids. */
struct directory {
    const struct kind *kind;
    enum rcn_read_status status;
    const char *problem;
    const char *company;
    const char **names;
    const char **ids;
    size_t count;
};

static struct directory new_directory(struct rcn_arena *arena, const struct kind *kind,
                                      const struct rcn_live_company *company)
{
    bool is_account = kind == &account_kind;
    size_t count = is_account ? company->ad_account_count : company->segment_count;
    struct directory directory = {
        .kind = kind,
        .status = is_account ? company->ad_accounts_status : company->segments_status,
        .problem = is_account ? company->ad_accounts_problem : company->segments_problem,
        .company = company->company_id ? company->company_id : "the key's own company",
        .names = rcn_arena_calloc(arena, count, sizeof(char *)),
        .ids = rcn_arena_calloc(arena, count, sizeof(char *))};
    for (size_t i = 0; i < count; i++) {
        const char *name = is_account ? company->ad_accounts[i].name : company->segments[i].name;
        if (!name)
            continue;
        directory.names[directory.count] = name;
        directory.ids[directory.count++] =
            is_account ? company->ad_accounts[i].id : company->segments[i].id;
    }
    return directory;
}

static const char *resolve(const struct directory *directory, const char *name,
                           struct rcn_span span, struct rcn_diags *diags)
{
    enum { MAX_IDS = 10 };
    const struct kind *kind = directory->kind;
    if (directory->status != RCN_READ_OK) {
        struct rcn_diag *diag = rcn_diags_add_once(
            diags, RCN_SEVERITY_ERROR, kind->rule, span,
            "the %s '%.200s' cannot be looked up: the %ss of %s were not read: %s", kind->what,
            name, kind->what, directory->company,
            directory->problem ? directory->problem : "they were not asked for");
        rcn_diag_set_hint(diags, diag, "write '%s', or give the key the right to read %ss",
                          kind->key, kind->what);
        return NULL;
    }
    const char *id = NULL;
    const char *ids = NULL;
    size_t count = 0;
    for (size_t i = 0; i < directory->count; i++) {
        if (strcmp(directory->names[i], name) != 0)
            continue;
        id = directory->ids[i];
        if (count++ < MAX_IDS)
            ids = ids ? rcn_arena_printf(diags->arena, "%s, %s", ids, id) : id;
    }
    if (count == 1)
        return id;
    if (count > 1) {
        struct rcn_diag *diag = rcn_diags_add_once(
            diags, RCN_SEVERITY_ERROR, kind->rule, span, "%zu %ss are called '%.200s' in %s: %s%s",
            count, kind->what, name, directory->company, ids, count > MAX_IDS ? ", ..." : "");
        rcn_diag_set_hint(diags, diag, "write '%s' with one of these ids", kind->key);
        return NULL;
    }
    struct rcn_diag *diag =
        rcn_diags_add_once(diags, RCN_SEVERITY_ERROR, kind->rule, span,
                           "no %s is called '%.200s' in %s", kind->what, name, directory->company);
    const char *near = diag ? rcn_suggest(name, directory->names, directory->count) : NULL;
    if (near)
        rcn_diag_set_hint(diags, diag, "did you mean '%s'?", near);
    else
        rcn_diag_set_hint(diags, diag, "'audiencectl get %s' lists those that exist",
                          kind->command);
    return NULL;
}

void rcn_names_resolve(struct rcn_desired_set *set, const struct rcn_live_state *live,
                       struct rcn_diags *diags)
{
    if (!set->needs_ad_accounts && !set->needs_segments)
        return;
    struct rcn_arena *arena = rcn_arena_new(SIZE_MAX);
    for (size_t c = 0; c < live->company_count; c++) {
        const struct rcn_live_company *company = &live->companies[c];
        struct directory accounts = new_directory(arena, &account_kind, company);
        struct directory segments = new_directory(arena, &segment_kind, company);
        for (size_t i = 0; i < set->count; i++) {
            struct rcn_desired_sync *desired = &set->syncs[i];
            struct rcn_audience_sync *sync = &desired->sync;
            if (!rcn_text_is_same(sync->company_id, company->company_id))
                continue;
            if (desired->ad_account_name && !sync->ad_account_id) {
                sync->ad_account_id =
                    resolve(&accounts, desired->ad_account_name, desired->ad_account_span, diags);
                desired->is_new = true;
            }
            if (desired->segment_name && !sync->segment_id) {
                sync->segment_id =
                    resolve(&segments, desired->segment_name, desired->segment_span, diags);
                desired->is_new = true;
            }
        }
    }
    rcn_arena_free(arena);
}
